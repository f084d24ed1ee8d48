//! One Fetch request to one broker, and the records that came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use engine_base::settings::TimestampType;
use engine_base::{TopicPartition, Uuid};
use engine_record::{BadBatch, BatchView, RecordReader, Rope};
use net_wire::List;
use net_wire::messages::fetch::{
    FetchPartition, FetchRequest, FetchTopic, FetchableTopicResponse, PartitionData,
};

use crate::client::Client;
use crate::code::Code;
use crate::error::{ClientError, ErrorKind};
use crate::options::ConsumerOptions;
use crate::record::Record;

/// The first version that names topics by id.
const IDS_FROM: i16 = 13;

/// The most that the records of one batch may unpack to, in bytes.
const BATCH_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What is asked of a partition.
#[derive(Clone, Debug)]
pub(crate) struct Want {
    pub(crate) place: TopicPartition,
    pub(crate) offset: i64,
    pub(crate) epoch: i32,
}

/// What a fetch brought from a partition.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Where from.
    pub place: TopicPartition,
    /// The records, none before the offset asked for. Markers of transactions are left out.
    pub records: Vec<Record>,
    /// Where reading goes on.
    pub next: i64,
    /// One past the last record that everybody may see.
    pub high_watermark: i64,
    /// The first record kept; -1 if the broker does not say.
    pub log_start: i64,
    /// Producers' transactions that ended in an abort, by the first offset of each.
    aborted: Vec<(i64, i64)>,
    /// Markers and transactional records, by offset, while `read_committed` needs them.
    marks: BTreeMap<i64, Mark>,
}

/// What `read_committed` must know of an offset.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// A record of a transaction of this producer.
    InTransaction(i64),
    /// The end of a transaction of this producer.
    End(i64),
}

impl Fetched {
    /// Leaves out the records of aborted transactions. `open` carries those that go on beyond this
    /// fetch, as Java's `CompletedFetch` does.
    pub(crate) fn drop_aborted(&mut self, open: &mut BTreeSet<i64>) {
        let mut begins = std::mem::take(&mut self.aborted);
        begins.sort_unstable();
        let mut begins = begins.into_iter().peekable();
        let mut hidden = BTreeSet::new();
        for (offset, mark) in std::mem::take(&mut self.marks) {
            while let Some((_, producer)) = begins.next_if(|(first, _)| *first <= offset) {
                open.insert(producer);
            }
            match mark {
                Mark::End(producer) => drop(open.remove(&producer)),
                Mark::InTransaction(producer) if open.contains(&producer) => {
                    hidden.insert(offset);
                }
                Mark::InTransaction(_) => {}
            }
        }
        self.records.retain(|record| !hidden.contains(&record.offset));
    }
}

/// Asks the broker that leads these partitions; the answers are in the order of `wants`.
pub(crate) async fn fetch(
    client: &Client,
    leader: i32,
    options: &ConsumerOptions,
    wants: &[Want],
) -> Result<Vec<Result<Fetched, ClientError>>, ClientError> {
    let connection = client.broker_for_fetches(leader).await?;
    let mut by_topic: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, want) in wants.iter().enumerate() {
        by_topic.entry(&want.place.topic).or_default().push(i);
    }
    let ids: BTreeMap<&str, Uuid> = by_topic.keys().map(|n| (*n, client.topic_id(n))).collect();
    let ceiling = if ids.values().any(Uuid::is_zero) { IDS_FROM - 1 } else { i16::MAX };
    let bytes = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let topic = |(name, places): (&&str, &Vec<usize>)| FetchTopic {
        topic: name.to_string(),
        topic_id: ids[name],
        partitions: places
            .iter()
            .map(|i| FetchPartition {
                partition: wants[*i].place.partition,
                current_leader_epoch: wants[*i].epoch,
                fetch_offset: wants[*i].offset,
                partition_max_bytes: bytes(options.partition_bytes_max),
                ..FetchPartition::default()
            })
            .collect(),
    };
    let request = FetchRequest {
        max_wait_ms: i32::try_from(options.wait.as_millis()).unwrap_or(i32::MAX),
        min_bytes: bytes(options.bytes_min),
        max_bytes: bytes(options.bytes_max),
        isolation_level: i8::from(options.read_committed),
        topics: by_topic.iter().map(topic).collect(),
        ..FetchRequest::default()
    };
    let pending = connection.begin(&request, ceiling, &[])?.more_time(options.wait);
    let answer = pending.answer().await?;
    let subject = format!("{}: Fetch", connection.address());
    if answer.response.error_code != 0 {
        return Err(ClientError::refused(Code(answer.response.error_code), subject, None));
    }
    let by_id = answer.version >= IDS_FROM;
    let responses = &answer.response.responses;
    Ok(wants
        .iter()
        .map(|want| {
            let id = ids[want.place.topic.as_str()];
            let same = |t: &&FetchableTopicResponse| match by_id {
                true => t.topic_id == id,
                false => t.topic == want.place.topic,
            };
            match find(responses, same, want.place.partition) {
                Some(part) => read(&subject, want, part, &answer.frame, options),
                None => Err(ClientError::new(
                    ErrorKind::Malformed,
                    format!("{subject}: the answer says nothing of {}", want.place),
                )),
            }
        })
        .collect())
}

fn find(
    responses: &List<FetchableTopicResponse>,
    same: impl Fn(&&FetchableTopicResponse) -> bool,
    partition: i32,
) -> Option<&PartitionData> {
    let mut topics = responses.iter().filter(same);
    topics.find_map(|t| t.partitions.iter().find(|p| p.partition_index == partition))
}

/// Reads what the answer has for one partition.
fn read(
    subject: &str,
    want: &Want,
    part: &PartitionData,
    frame: &[u8],
    options: &ConsumerOptions,
) -> Result<Fetched, ClientError> {
    let place = &want.place;
    if part.error_code != 0 {
        let error = ClientError::refused(
            Code(part.error_code),
            format!("{subject} of {place} from offset {}", want.offset),
            None,
        );
        return Err(match Code(part.error_code) {
            Code::OFFSET_OUT_OF_RANGE => {
                error.next("read from -o start, or see bobbin topic describe for what is kept")
            }
            Code::CORRUPT_MESSAGE => error.next(
                "the broker's log names the file; stop it and run bobbin debug verify DIR, or read \
                 on behind the damage with -o OFFSET",
            ),
            _ => error,
        });
    }
    let aborted = part.aborted_transactions.as_ref();
    let mut fetched = Fetched {
        place: place.clone(),
        records: Vec::new(),
        next: want.offset,
        high_watermark: part.high_watermark,
        log_start: part.log_start_offset,
        aborted: aborted
            .map(|list| list.iter().map(|a| (a.first_offset, a.producer_id)).collect())
            .unwrap_or_default(),
        marks: BTreeMap::new(),
    };
    let Some(range) = part.records else { return Ok(fetched) };
    let topic: Rc<str> = Rc::from(place.topic.as_str());
    let slices = [&frame[range.start..range.end()]];
    let rope = Rope::new(&slices);
    let mut at = 0;
    while at < rope.len() {
        let next = fetched.next;
        let broken = |why: &dyn std::fmt::Display| {
            let what = format!("{subject} of {place} at offset {next}: {why}");
            Err(ClientError::new(ErrorKind::Malformed, what)
                .next("read beyond it with -o OFFSET; look at the broker's disk and its log"))
        };
        let view = match BatchView::parse(rope, at) {
            Ok(view) => view,
            // The broker may cut the last batch where the answer is full.
            Err(BadBatch::Cut { .. }) if at > 0 => break,
            Err(why) => return broken(&why),
        };
        if options.check_crcs
            && let Err(why) = view.verify_crc()
        {
            return broken(&why);
        }
        at += view.header().total_bytes();
        if let Err(why) = take_batch(view, want, &topic, options.read_committed, &mut fetched) {
            return broken(&why);
        }
        fetched.next = fetched.next.max(view.header().last_offset() + 1);
    }
    Ok(fetched)
}

fn take_batch(
    view: BatchView<'_>,
    want: &Want,
    topic: &Rc<str>,
    read_committed: bool,
    fetched: &mut Fetched,
) -> Result<(), engine_record::BadRecords> {
    let header = *view.header();
    if header.is_control() {
        if read_committed {
            fetched.marks.insert(header.base_offset, Mark::End(header.producer_id));
        }
        return Ok(());
    }
    let mut reader = RecordReader::new(view, BATCH_BYTES_MAX)?;
    while let Some(record) = reader.next_record() {
        let record = record?;
        if record.offset < want.offset {
            continue;
        }
        if read_committed && header.is_transactional() {
            fetched.marks.insert(record.offset, Mark::InTransaction(header.producer_id));
        }
        let headers = record.headers();
        fetched.records.push(Record {
            topic: topic.clone(),
            partition: want.place.partition,
            offset: record.offset,
            timestamp: record.timestamp,
            log_append_time: header.timestamp_type() == TimestampType::LogAppendTime,
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: headers
                .map(|h| (String::from_utf8_lossy(h.key).into_owned(), h.value.map(<[u8]>::to_vec)))
                .collect(),
            leader_epoch: header.leader_epoch,
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(offset: i64) -> Record {
        Record {
            topic: "t".into(),
            partition: 0,
            offset,
            timestamp: 0,
            log_append_time: false,
            key: None,
            value: None,
            headers: Vec::new(),
            leader_epoch: 0,
            producer_id: -1,
            producer_epoch: -1,
        }
    }

    /// What is left of records 0 to 9 under these marks and aborted transactions.
    fn left(aborted: &[(i64, i64)], marks: &[(i64, Mark)], open: &mut BTreeSet<i64>) -> Vec<i64> {
        let ends = marks.iter().filter(|(_, mark)| matches!(mark, Mark::End(_)));
        let ends: Vec<i64> = ends.map(|(offset, _)| *offset).collect();
        let mut fetched = Fetched {
            place: TopicPartition { topic: "t".into(), partition: 0 },
            records: (0..10).filter(|offset| !ends.contains(offset)).map(record).collect(),
            next: 10,
            high_watermark: 10,
            log_start: 0,
            aborted: aborted.to_vec(),
            marks: marks.iter().copied().collect(),
        };
        fetched.drop_aborted(open);
        fetched.records.iter().map(|record| record.offset).collect()
    }

    #[test]
    fn records_of_aborted_transactions_are_left_out() {
        use Mark::{End, InTransaction};
        // Producer 7 aborts 2 and 4, then commits 6; producer 8 commits 3; the rest is plain.
        let marks = [
            (2, InTransaction(7)),
            (3, InTransaction(8)),
            (4, InTransaction(7)),
            (5, End(7)),
            (6, InTransaction(7)),
            (7, End(7)),
            (8, End(8)),
        ];
        let mut open = BTreeSet::new();
        assert_eq!(left(&[(2, 7)], &marks, &mut open), [0, 1, 3, 6, 9]);
        assert!(open.is_empty());
        // The abort's marker lies beyond this fetch: the next one goes on leaving out.
        let marks = [(8, InTransaction(7)), (9, InTransaction(7))];
        assert_eq!(left(&[(8, 7)], &marks, &mut open), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(open, BTreeSet::from([7]));
        let marks = [(0, InTransaction(7)), (1, End(7)), (2, InTransaction(7))];
        assert_eq!(left(&[], &marks, &mut open), [2, 3, 4, 5, 6, 7, 8, 9]);
    }
}
