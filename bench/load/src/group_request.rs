//! What members of groups ask, as bytes: JoinGroup version 3, SyncGroup and Heartbeat version 2,
//! ConsumerGroupHeartbeat version 0 (Kafka's protocol guide).

use std::ops::Range;

use crate::request::{header, length, put_string, sealed};

const JOIN_GROUP: i16 = 11;
const HEARTBEAT: i16 = 12;
const SYNC_GROUP: i16 = 14;
const CONSUMER_GROUP_HEARTBEAT: i16 = 68;
/// Milliseconds that a member may be silent, and that it may take to join.
const PATIENCE_MS: i32 = 30_000;

/// A member in a new generation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Joined {
    pub(crate) error: i16,
    pub(crate) generation: i32,
    pub(crate) member: String,
    /// For the leader: everybody.
    pub(crate) members: Vec<String>,
}

/// What a consumer group's member heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) error: i16,
    pub(crate) member: String,
    pub(crate) epoch: i32,
    /// The topic's id and the partitions, where the broker told them.
    pub(crate) share: Option<(Vec<u8>, Vec<i32>)>,
}

/// A join of a consumer that reads one topic; an empty id is a new member's.
pub(crate) fn join(group: &str, member: &str, topic: &str) -> Vec<u8> {
    let mut frame = header(JOIN_GROUP, 3);
    put_string(&mut frame, group);
    frame.extend(PATIENCE_MS.to_be_bytes());
    frame.extend(PATIENCE_MS.to_be_bytes());
    put_string(&mut frame, member);
    put_string(&mut frame, "consumer");
    frame.extend(1_i32.to_be_bytes());
    put_string(&mut frame, "range");
    let mut subscription = vec![0, 0, 0, 0, 0, 1];
    put_string(&mut subscription, topic);
    subscription.extend((-1_i32).to_be_bytes());
    put_bytes(&mut frame, &subscription);
    sealed(frame)
}

/// The answer to a join, without its length.
pub(crate) fn join_answer(answer: &[u8]) -> Option<Joined> {
    let mut fields = Fields(answer.get(8..)?);
    let (error, generation) = (fields.i16()?, fields.i32()?);
    fields.text()?;
    fields.text()?;
    let member = fields.text()?;
    let mut members = Vec::new();
    for _ in 0..fields.i32()? {
        members.push(fields.text()?);
        let metadata = usize::try_from(fields.i32()?).ok()?;
        fields.take(metadata)?;
    }
    Some(Joined { error, generation, member, members })
}

/// A sync; the leader's has everybody's share.
pub(crate) fn sync(
    group: &str,
    generation: i32,
    member: &str,
    shares: &[(&str, Vec<u8>)],
) -> Vec<u8> {
    let mut frame = header(SYNC_GROUP, 2);
    put_string(&mut frame, group);
    frame.extend(generation.to_be_bytes());
    put_string(&mut frame, member);
    frame.extend(length(shares.len()));
    for (member, share) in shares {
        put_string(&mut frame, member);
        put_bytes(&mut frame, share);
    }
    sealed(frame)
}

/// The error code of an answer to a sync, and how many bytes its share has.
pub(crate) fn sync_answer(answer: &[u8]) -> Option<(i16, usize)> {
    let mut fields = Fields(answer.get(8..)?);
    Some((fields.i16()?, usize::try_from(fields.i32()?).ok()?))
}

/// A share as consumers write it down.
pub(crate) fn assignment(topic: &str, partitions: Range<usize>) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 0, 0, 1];
    put_string(&mut bytes, topic);
    bytes.extend(length(partitions.len()));
    partitions.for_each(|partition| bytes.extend(length(partition)));
    bytes.extend((-1_i32).to_be_bytes());
    bytes
}

/// A heartbeat of the classic protocol.
pub(crate) fn heartbeat(group: &str, generation: i32, member: &str) -> Vec<u8> {
    let mut frame = header(HEARTBEAT, 2);
    put_string(&mut frame, group);
    frame.extend(generation.to_be_bytes());
    put_string(&mut frame, member);
    sealed(frame)
}

/// The error code of its answer.
pub(crate) fn heartbeat_answer(answer: &[u8]) -> Option<i16> {
    Fields(answer.get(8..)?).i16()
}

/// A heartbeat of the consumer protocol; epoch 0 joins, and says everything. Later ones say what is
/// `owned` where it changed, the topic's id and the partitions: one that says everything is told
/// its whole share each time.
pub(crate) fn consumer_heartbeat(
    group: &str,
    heard: &Heard,
    topic: &str,
    owned: Option<(&[u8], &[i32])>,
) -> Vec<u8> {
    let mut frame = header(CONSUMER_GROUP_HEARTBEAT, 0);
    frame.push(0);
    put_compact(&mut frame, group);
    put_compact(&mut frame, &heard.member);
    frame.extend(heard.epoch.to_be_bytes());
    // Neither an instance nor a rack.
    frame.extend([0, 0]);
    if heard.epoch == 0 {
        frame.extend(PATIENCE_MS.to_be_bytes());
        frame.push(2);
        put_compact(&mut frame, topic);
    } else {
        frame.extend((-1_i32).to_be_bytes());
        frame.push(0);
    }
    frame.push(0);
    match owned {
        None => frame.push(u8::from(heard.epoch == 0)),
        Some((id, partitions)) => {
            frame.push(2);
            frame.extend(id);
            put_count(&mut frame, partitions.len() + 1);
            partitions.iter().for_each(|partition| frame.extend(partition.to_be_bytes()));
            frame.push(0);
        }
    }
    frame.push(0);
    sealed(frame)
}

/// The answer to it.
pub(crate) fn consumer_heartbeat_answer(answer: &[u8]) -> Option<Heard> {
    let mut fields = Fields(answer.get(9..)?);
    let error = fields.i16()?;
    fields.compact()?;
    let (member, epoch) = (fields.compact()?, fields.i32()?);
    fields.i32()?;
    if fields.take(1)? != [1] {
        return Some(Heard { error, member, epoch, share: None });
    }
    let (mut id, mut partitions) = (Vec::new(), Vec::new());
    for _ in 1..fields.count()? {
        id = fields.take(16)?.to_vec();
        for _ in 1..fields.count()? {
            partitions.push(fields.i32()?);
        }
        fields.take(1)?;
    }
    Some(Heard { error, member, epoch, share: Some((id, partitions)) })
}

fn put_bytes(frame: &mut Vec<u8>, bytes: &[u8]) {
    frame.extend(length(bytes.len()));
    frame.extend(bytes);
}

fn put_compact(frame: &mut Vec<u8>, text: &str) {
    put_count(frame, text.len() + 1);
    frame.extend(text.as_bytes());
}

fn put_count(frame: &mut Vec<u8>, mut count: usize) {
    while count >= 0x80 {
        frame.push((count & 0x7f) as u8 | 0x80);
        count >>= 7;
    }
    frame.push(count as u8);
}

/// Reads fields one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn count(&mut self) -> Option<usize> {
        let mut count = 0;
        for shift in (0..28).step_by(7) {
            let byte = *self.take(1)?.first()?;
            count |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(count);
            }
        }
        None
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.i16()?).unwrap_or(0);
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn compact(&mut self) -> Option<String> {
        let length = self.count()?.saturating_sub(1);
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let joined = [
            &[0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 1, b'r', 0, 1, b'a', 0, 1, b'b'][..],
            &[0, 0, 0, 1, 0, 1, b'a', 0, 0, 0, 2, 1, 2],
        ];
        let joined = join_answer(&joined.concat()).unwrap();
        assert_eq!((joined.error, joined.generation, &*joined.member), (0, 7, "b"));
        assert_eq!(joined.members, ["a"]);
        assert_eq!(sync_answer(&[0, 0, 0, 5, 0, 0, 0, 0, 0, 27, 0, 0, 0, 3]), Some((27, 3)));
        let heard = [
            &[0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 2, b'm', 0, 0, 0, 4, 0, 0, 19, 136, 1, 2][..],
            &[9; 16],
            &[3, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0],
        ];
        let heard = consumer_heartbeat_answer(&heard.concat()).unwrap();
        assert_eq!((heard.error, &*heard.member, heard.epoch), (0, "m", 4));
        assert_eq!(heard.share, Some((vec![9; 16], vec![1, 6])));
    }

    #[test]
    fn a_share_names_its_partitions() {
        let share = assignment("t", 3..5);
        assert_eq!(
            share[6..],
            [0, 1, b't', 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 255, 255, 255, 255]
        );
    }
}
