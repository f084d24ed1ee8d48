//! `bobbin produce`: lines to records.
//! Kept true: it ends well only if every record was answered for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use engine_rt::sync::Queue;
use engine_rt::{Class, Core};
use net_client::{Client, ClientError, Delivery, NewRecord, Producer, ProducerOptions};
use serde_json::{Value, json};

use super::with_writer;
use crate::cli::ProduceArgs;
use crate::client_options;
use crate::failure::Failure;
use crate::input::{Cut, Cutter, Input, find};
use crate::kafka_tools::Lines;
use crate::layout::{self, Layout};
use crate::listing::{self, known};
use crate::output::Shape;
use crate::progress::Progress;
use crate::reading::{Read, Reading};

/// Records whose answers are still to come, at most.
const UNANSWERED_MAX: usize = 100_000;

/// Names and values, in order.
type Headers = Vec<(String, Option<Vec<u8>>)>;

/// What the command line asks for, understood.
pub(crate) struct Order {
    topic: String,
    file: Option<PathBuf>,
    form: Form,
    key_delimiter: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    partition: Option<i32>,
    headers: Headers,
    null: bool,
    quiet: bool,
    shape: Shape,
}

/// How records stand in the input.
enum Form {
    /// One behind the other, with this between them; empty: there is but one.
    Delimited(Vec<u8>),
    /// Laid out in the words of `-f`.
    Laid(Reading),
    /// Lines, as Kafka's console producer reads them.
    Lines(Lines),
}

/// Runs the command.
pub(crate) fn run(args: ProduceArgs) -> Result<(), Failure> {
    let order = Order {
        form: form(&args)?,
        key_delimiter: args
            .key_delimiter
            .as_deref()
            .map(|text| bytes_of("--key-delimiter", text))
            .transpose()?,
        key: args.key.map(String::into_bytes),
        headers: headers(&args.header)?,
        topic: args.topic,
        file: args.file,
        partition: args.partition,
        null: args.null,
        quiet: args.quiet,
        shape: args.shape.output,
    };
    let acks = args.acks.as_deref().map(client_options::acks).transpose()?;
    let codec = args.compression.as_deref().map(client_options::codec).transpose()?;
    with_writer(&args.broker, |client, chosen| async move {
        let mut options = chosen.producer;
        options.acks = acks.unwrap_or(options.acks);
        options.codec = codec.unwrap_or(options.codec);
        produce(&client, &order, options).await
    })
}

fn form(args: &ProduceArgs) -> Result<Form, Failure> {
    if let Some(format) = &args.format {
        let read = Layout::parse(format).and_then(|layout| Reading::of(&layout));
        let read = read.map_err(|why| {
            Failure::usage(format!("--format: {why}")).next("as in -f '%k\\t%v\\n'")
        });
        return Ok(Form::Laid(read?));
    }
    match args.delimiter.as_deref() {
        Some("") => Ok(Form::Delimited(Vec::new())),
        text => Ok(Form::Delimited(bytes_of("--delimiter", text.unwrap_or("\\n"))?)),
    }
}

fn bytes_of(flag: &str, text: &str) -> Result<Vec<u8>, Failure> {
    let bytes = layout::unescape(text).map_err(|why| Failure::usage(format!("{flag}: {why}")))?;
    if bytes.is_empty() {
        return Err(Failure::usage(format!("{flag} needs at least one byte")));
    }
    Ok(bytes)
}

fn headers(texts: &[String]) -> Result<Headers, Failure> {
    texts
        .iter()
        .map(|text| match text.split_once('=') {
            Some((name, value)) => Ok((name.to_string(), Some(value.as_bytes().to_vec()))),
            None => Err(Failure::usage(format!("--header {text}: it needs a value"))
                .next(format!("write --header {text}=VALUE"))),
        })
        .collect()
}

/// What became of the records so far.
#[derive(Default)]
struct Tally {
    records: u64,
    /// The lowest and the highest offset, by partition.
    partitions: BTreeMap<i32, (i64, i64, u64)>,
    failed: u64,
    first_failure: Option<ClientError>,
}

/// Sends everything that the input has, and tells what became of it.
pub(crate) async fn produce(
    client: &Client,
    order: &Order,
    options: ProducerOptions,
) -> Result<(), Failure> {
    let core = client.core().clone();
    // A topic that cannot be written to is told before anything is read.
    client.partitions_of(&order.topic).await?;
    let producer = Producer::new(client, options);
    let tally = Rc::new(RefCell::new(Tally::default()));
    let deliveries = Queue::new(UNANSWERED_MAX);
    let collected = collect(&core, deliveries.clone(), tally.clone());
    let sent = send_all(&core, order, &producer, &deliveries, &tally).await;
    producer.flush().await;
    deliveries.close();
    collected.await;
    producer.close().await;
    let tally = tally.borrow();
    if !order.quiet && tally.records > 0 {
        report(order, &tally)?;
    }
    sent?;
    match &tally.first_failure {
        None => Ok(()),
        Some(error) => {
            let mut failure = Failure::from(error.clone());
            failure.what = format!("{} records were not taken: {}", tally.failed, failure.what);
            Err(failure)
        }
    }
}

async fn send_all(
    core: &Core,
    order: &Order,
    producer: &Producer,
    deliveries: &Queue<Delivery>,
    tally: &Rc<RefCell<Tally>>,
) -> Result<(), Failure> {
    let mut input = Input::open(core, order.file.as_deref()).await?;
    // On a terminal that somebody types into there is nothing to draw.
    let mut progress = Progress::of_bytes(input.size().await, order.file.is_some());
    let mut cutter = order.cutter();
    let (mut number, mut position) = (0, 0);
    loop {
        let bytes = input.read().await?;
        let found = match &bytes {
            Some(bytes) => cutter.take(bytes),
            None => cutter.rest(),
        };
        for record in found.records {
            // After a failure nothing more is sent: a later record must not overtake an earlier
            // one.
            if tally.borrow().first_failure.is_some() {
                return Ok(());
            }
            number += 1;
            let delivery = match &record {
                Cut::Line(line) => match &order.form {
                    Form::Lines(lines) => {
                        let read = lines.read(line, number).map_err(Failure::failed)?;
                        producer.send(&order.topic, order.of(&read)).await?
                    }
                    _ => producer.send(&order.topic, order.record(line, number)?).await?,
                },
                Cut::Read(read) => producer.send(&order.topic, order.of(read)).await?,
            };
            if deliveries.push(delivery).await.is_err() {
                return Ok(());
            }
        }
        if let Some(why) = found.misfit {
            return Err(misfit(&why, number + 1));
        }
        position += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        progress.at(position);
        if bytes.is_none() {
            progress.done();
            return Ok(());
        }
    }
}

impl Order {
    /// Lines of standard input to a topic, without a word when all went well.
    pub(crate) fn of_lines(topic: String, lines: Lines) -> Order {
        Order {
            topic,
            file: None,
            form: Form::Lines(lines),
            key_delimiter: None,
            key: None,
            partition: None,
            headers: Vec::new(),
            null: false,
            quiet: true,
            shape: Shape::Text,
        }
    }

    fn cutter(&self) -> Cutter<'_> {
        match &self.form {
            Form::Lines(_) => Cutter::at(b"\n".to_vec()),
            Form::Delimited(delimiter) => Cutter::at(delimiter.clone()),
            Form::Laid(reading) => Cutter::laid(reading),
        }
    }

    /// A record that was laid out; the command line says what the input does not.
    fn of<'a>(&'a self, read: &'a Read) -> NewRecord<'a> {
        let present = |bytes: &&[u8]| !(self.null && bytes.is_empty());
        NewRecord {
            partition: read.partition.or(self.partition),
            timestamp: read.timestamp,
            key: read.key.as_deref().or(self.key.as_deref()).filter(present),
            value: read.value.as_deref().filter(present),
            headers: if read.headers.is_empty() { &self.headers } else { &read.headers },
        }
    }

    /// A record of the input, which is its `number`th, from 1.
    fn record<'a>(&'a self, line: &'a [u8], number: u64) -> Result<NewRecord<'a>, Failure> {
        let (key, value) = match &self.key_delimiter {
            None => (self.key.as_deref(), line),
            Some(delimiter) => match find(line, delimiter) {
                Some(at) => (Some(&line[..at]), &line[at + delimiter.len()..]),
                None => return Err(self.no_key(line, number)),
            },
        };
        let present = |bytes: &&[u8]| !(self.null && bytes.is_empty());
        Ok(NewRecord {
            partition: self.partition,
            timestamp: None,
            key: key.filter(present),
            value: Some(value).filter(present),
            headers: &self.headers,
        })
    }
}

impl Order {
    fn no_key(&self, line: &[u8], number: u64) -> Failure {
        let shown = String::from_utf8_lossy(&line[..line.len().min(80)]).into_owned();
        let sent = sent_before(number);
        Failure::failed(format!(
            "record {number} of the input has no key: the key delimiter is not in \"{shown}\"; \
             {sent}, it and what follows was not"
        ))
        .next(format!("mend record {number} and send the input from there, or leave out -K"))
    }
}

fn misfit(why: &str, number: u64) -> Failure {
    let what = format!(
        "record {number} of the input does not fit the format: {why}; {}, it and what follows was \
         not",
        sent_before(number)
    );
    Failure::failed(what).next(format!("mend record {number} and send the input from there"))
}

fn sent_before(number: u64) -> String {
    match number - 1 {
        0 => String::from("nothing was sent"),
        1 => String::from("the record before it was sent"),
        n => format!("the {n} records before it were sent"),
    }
}

/// Takes the answers in the order of the records.
fn collect(
    core: &Core,
    deliveries: Queue<Delivery>,
    tally: Rc<RefCell<Tally>>,
) -> engine_rt::Task<()> {
    core.spawn(Class::Net, "produce answers", async move {
        while let Some(delivery) = deliveries.pop().await {
            let Ok(outcome) = delivery.await else { continue };
            let mut tally = tally.borrow_mut();
            match outcome {
                Ok(done) => {
                    tally.records += 1;
                    let seen = (done.offset, done.offset, 0);
                    let range = tally.partitions.entry(done.partition).or_insert(seen);
                    range.0 = range.0.min(done.offset);
                    range.1 = range.1.max(done.offset);
                    range.2 += 1;
                }
                Err(error) => {
                    tally.failed += 1;
                    tally.first_failure.get_or_insert(error);
                }
            }
        }
    })
}

fn report(order: &Order, tally: &Tally) -> Result<(), Failure> {
    let partitions = tally.partitions.iter().map(|(partition, (first, last, records))| {
        json!({
            "partition": partition, "records": records,
            "first": known(*first), "last": known(*last),
        })
    });
    let value = json!({
        "topic": order.topic, "records": tally.records,
        "partitions": partitions.collect::<Vec<Value>>(),
    });
    listing::document(order.shape, &value, |out, _| {
        let places =
            tally.partitions.iter().map(|(partition, (first, last, _))| match (first, last) {
                (-1, _) => format!("{partition}"),
                (first, last) if first == last => format!("{partition}@{first}"),
                (first, last) => format!("{partition}@{first}-{last}"),
            });
        let places: Vec<String> = places.collect();
        let word = if tally.records == 1 { "record" } else { "records" };
        out.line(&format!(
            "{} {word} to {} (partition@offset: {})",
            tally.records,
            order.topic,
            places.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(key_delimiter: Option<&str>, null: bool) -> Order {
        Order {
            topic: "t".into(),
            file: None,
            form: Form::Delimited(b"\n".to_vec()),
            key_delimiter: key_delimiter.map(|d| d.as_bytes().to_vec()),
            key: None,
            partition: None,
            headers: Vec::new(),
            null,
            quiet: true,
            shape: Shape::Text,
        }
    }

    #[test]
    fn a_line_is_a_value_or_a_key_and_a_value() {
        let plain = order(None, false);
        let record = plain.record(b"a:b", 1).expect("a value");
        assert_eq!((record.key, record.value), (None, Some(&b"a:b"[..])));
        let keyed = order(Some(":"), false);
        let record = keyed.record(b"a:b:c", 1).expect("a pair");
        assert_eq!((record.key, record.value), (Some(&b"a"[..]), Some(&b"b:c"[..])));
        let record = keyed.record(b":", 1).expect("empty, not null");
        assert_eq!((record.key, record.value), (Some(&b""[..]), Some(&b""[..])));
        let Err(failure) = keyed.record(b"ab", 3) else { panic!("it has no key") };
        assert!(failure.what.contains("record 3 of the input has no key"), "{}", failure.what);
        assert!(failure.what.contains("the 2 records before it were sent"), "{}", failure.what);
        assert!(failure.next.is_some_and(|next| next.contains("from there")));
        let nulls = order(Some("::"), true);
        let record = nulls.record(b"a::", 1).expect("a tombstone");
        assert_eq!((record.key, record.value), (Some(&b"a"[..]), None));
    }

    #[test]
    fn delimiters_take_escapes() {
        assert_eq!(bytes_of("-K", "\\t").expect("a tab"), b"\t");
        assert_eq!(bytes_of("-K", "%%").expect("as it is"), b"%%");
        assert!(bytes_of("-K", "").is_err());
        assert!(bytes_of("-K", "\\q").is_err());
    }
}
