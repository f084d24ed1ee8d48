//! `kafka-console-consumer`. Kept true: what it prints is what Kafka's DefaultMessageFormatter
//! prints; without `--group` it commits nothing.

use std::path::Path;
use std::time::Duration;

use net_client::{Admin, Record};

use super::filter::Filter;
use super::options::{Given, Spec, Takes};
use super::{chosen_with, properties, read_properties};
use crate::cli::ConsumeArgs;
use crate::command::consume::{self, Job, Printer, Style};
use crate::command::with_chosen;
use crate::failure::Failure;
use crate::files;
use crate::offsets::{Place, Span};
use crate::output::note;

pub(super) const SPECS: &[Spec] = &[
    ("command-property", Takes::Value, "a consumer property, name=value; may be repeated"),
    ("consumer-property", Takes::Value, "as --command-property"),
    ("consumer.config", Takes::Value, "as --command-config"),
    ("enable-systest-events", Takes::Nothing, "taken and without effect"),
    ("formatter", Takes::Value, "DefaultMessageFormatter or NoOpMessageFormatter"),
    ("formatter-config", Takes::Value, "a file with formatter properties"),
    (
        "formatter-property",
        Takes::Value,
        "print.timestamp, print.key, print.offset, print.epoch, print.partition, print.headers, \
         print.value, key.separator, line.separator, headers.separator, null.literal, \
         key.deserializer, value.deserializer; name=value",
    ),
    ("from-beginning", Takes::Nothing, "from the first record on, if the group never was there"),
    ("group", Takes::Value, "the consumer group"),
    ("include", Takes::Value, "topics, as a regular expression"),
    ("isolation-level", Takes::Value, "read_committed or read_uncommitted"),
    ("key-deserializer", Takes::Value, "of a key: a class of Kafka's, by its name"),
    ("max-messages", Takes::Value, "end after so many records"),
    ("offset", Takes::Value, "where to begin, with --partition: a number, earliest or latest"),
    ("partition", Takes::Value, "only this partition"),
    ("property", Takes::Value, "as --formatter-property"),
    ("skip-message-on-error", Takes::Nothing, "leave out what cannot be printed"),
    ("timeout-ms", Takes::Value, "end when no record came for so long"),
    ("topic", Takes::Value, "the topic"),
    ("value-deserializer", Takes::Value, "of a value: a class of Kafka's, by its name"),
];

const NOT_BOTH: &[(&str, &str)] = &[
    ("command-property", "consumer-property"),
    ("command-config", "consumer.config"),
    ("formatter-property", "property"),
];

pub(super) fn run(given: &Given) -> Result<(), Failure> {
    given.not_both(NOT_BOTH)?;
    let format = format(given)?;
    let (topic, include) = (given.one("topic"), given.one("include"));
    let filter = include.map(|text| Filter::of(Some(text))).transpose()?;
    if topic.is_some() == filter.is_some() {
        return Err(Failure::usage("Exactly one of --include/--topic is required. "));
    }
    let partition: Option<i32> = given.number("partition")?;
    if given.has("offset") && partition.is_none() {
        return Err(Failure::usage("The partition is required when offset is specified."));
    }
    if given.has("from-beginning") && given.has("offset") {
        return Err(Failure::usage(
            "Options from-beginning and offset cannot be specified together.",
        ));
    }
    let mut properties = properties(given, &["consumer-property", "command-property"])?;
    let group = group(given, &mut properties)?;
    let from_start = from_start(given, &mut properties)?;
    let from = match given.one("offset").map(str::to_ascii_lowercase).as_deref() {
        Some("earliest") => Place::Start,
        None if from_start => Place::Start,
        Some("latest") | None => Place::End,
        Some(text) => match text.parse() {
            Ok(offset @ 0..) => Place::Exact(offset),
            _ => {
                return Err(Failure::usage(format!(
                    "The provided offset value '{text}' is incorrect. Valid values are 'earliest', \
                     'latest', or a non-negative long."
                )));
            }
        },
    };
    let mut chosen = chosen_with(given, properties, false)?;
    match given.one("isolation-level") {
        Some("read_committed") => chosen.consumer.read_committed = true,
        Some("read_uncommitted") | None => {}
        Some(other) => return Err(Failure::usage(format!("--isolation-level {other}"))),
    }
    let mut args = ConsumeArgs {
        topics: topic.map(String::from).into_iter().collect(),
        partition: partition.into_iter().collect(),
        group,
        count: given.number::<i64>("max-messages")?.and_then(|n| u64::try_from(n).ok()),
        ..ConsumeArgs::default()
    };
    let idle = given.number::<u64>("timeout-ms")?.map(Duration::from_millis);
    with_chosen(chosen, |client, chosen| async move {
        if let Some(filter) = filter {
            let topics = Admin::new(&client).list_topics().await?;
            let matching = topics.into_iter().filter(|t| !t.internal && filter.allows(&t.name));
            args.topics = matching.map(|topic| topic.name).collect();
        }
        let job = Job { args, span: Span { from, to: None }, idle };
        let printer = Printer::new(Style::Console(format));
        let (printed, ended) = consume::run_job(&client, &job, &chosen, printer).await;
        note(&format!("Processed a total of {printed} messages"));
        ended
    })
}

/// Takes a property out of those of the client: all its values.
fn take(properties: &mut Vec<(String, String)>, name: &str) -> Vec<String> {
    let (found, rest) = std::mem::take(properties).into_iter().partition(|(of, _)| of == name);
    *properties = rest;
    let found: Vec<(String, String)> = found;
    found.into_iter().map(|(_, value)| value).collect()
}

/// The group, which may be named in several places, but not as several.
fn group(given: &Given, properties: &mut Vec<(String, String)>) -> Result<Option<String>, Failure> {
    let mut named = take(properties, "group.id");
    named.extend(given.one("group").map(String::from));
    named.sort();
    named.dedup();
    if named.len() > 1 {
        return Err(Failure::usage(format!(
            "The group ids provided in different places (directly using '--group', via a \
             property, or via a file) do not match. Detected group ids: '{}'",
            named.join("', '")
        )));
    }
    let group = named.pop().filter(|group| !group.is_empty());
    if group.is_some() && given.has("partition") {
        return Err(Failure::usage("Options group and partition cannot be specified together."));
    }
    // Without a group there is nothing to commit.
    let commits = take(properties, "enable.auto.commit").pop();
    if group.is_some() && commits.is_some_and(|text| text.eq_ignore_ascii_case("false")) {
        let what = "enable.auto.commit=false: a member of a group commits what it has printed";
        return Err(Failure::usage(what).next("leave the group out to commit nothing"));
    }
    Ok(group)
}

/// Whether what nobody has committed is read from its first record on.
fn from_start(given: &Given, properties: &mut Vec<(String, String)>) -> Result<bool, Failure> {
    let asked = given.has("from-beginning");
    match take(properties, "auto.offset.reset").pop().as_deref() {
        None => Ok(asked),
        Some("earliest") => Ok(true),
        Some("latest") if !asked => Ok(false),
        Some(other @ ("latest" | "none")) if asked => Err(Failure::usage(format!(
            "Can't simultaneously specify --from-beginning and 'auto.offset.reset={other}', \
             please remove one option"
        ))),
        Some(other) => Err(Failure::usage(format!("auto.offset.reset={other} is not there here"))
            .next("give earliest or latest")),
    }
}

/// How a key or a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// As it is.
    Bytes,
    /// A big-endian number of so many bytes.
    Number(usize),
}

impl Shown {
    fn of(class: &str) -> Result<Shown, Failure> {
        match class.rsplit('.').next().unwrap_or_default() {
            "StringDeserializer" | "ByteArrayDeserializer" | "BytesDeserializer" => {
                Ok(Shown::Bytes)
            }
            "ShortDeserializer" => Ok(Shown::Number(2)),
            "IntegerDeserializer" => Ok(Shown::Number(4)),
            "LongDeserializer" => Ok(Shown::Number(8)),
            _ => Err(Failure::usage(format!("{class}: there is no such deserializer here")).next(
                "StringDeserializer, ByteArrayDeserializer, BytesDeserializer, ShortDeserializer, \
                 IntegerDeserializer, LongDeserializer",
            )),
        }
    }

    fn write(self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Shown::Bytes => out.extend_from_slice(bytes),
            Shown::Number(size) if bytes.len() == size => {
                let number = bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
                let shift = 64 - 8 * size;
                let number = ((number << shift) as i64) >> shift;
                out.extend(number.to_string().bytes());
            }
            Shown::Number(size) => {
                let length = bytes.len();
                return Err(Failure::failed(format!(
                    "Error processing message, terminating consumer process: {length} bytes where \
                     a number of {size} bytes was expected"
                )));
            }
        }
        Ok(())
    }
}

/// What DefaultMessageFormatter prints of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    nothing: bool,
    timestamp: bool,
    key: bool,
    offset: bool,
    epoch: bool,
    partition: bool,
    headers: bool,
    value: bool,
    key_separator: String,
    line_separator: String,
    headers_separator: String,
    null_literal: String,
    key_shown: Shown,
    value_shown: Shown,
    skip_errors: bool,
}

impl Default for Format {
    fn default() -> Format {
        Format {
            nothing: false,
            timestamp: false,
            key: false,
            offset: false,
            epoch: false,
            partition: false,
            headers: false,
            value: true,
            key_separator: "\t".into(),
            line_separator: "\n".into(),
            headers_separator: ",".into(),
            null_literal: "null".into(),
            key_shown: Shown::Bytes,
            value_shown: Shown::Bytes,
            skip_errors: false,
        }
    }
}

fn format(given: &Given) -> Result<Format, Failure> {
    let mut format =
        Format { skip_errors: given.has("skip-message-on-error"), ..Format::default() };
    match given.one("formatter").and_then(|class| class.rsplit('.').next()) {
        None | Some("DefaultMessageFormatter") => {}
        Some("NoOpMessageFormatter") => format.nothing = true,
        Some(other) => {
            return Err(Failure::usage(format!("--formatter {other}: there is no such here"))
                .next("DefaultMessageFormatter or NoOpMessageFormatter"));
        }
    }
    for path in given.all("formatter-config") {
        for (name, value) in read_properties(&files::read_config(Path::new(path))?) {
            format.put(&name, &value)?;
        }
    }
    if given.has("property") {
        note(
            "Option --property is deprecated and will be removed in a future version. Use \
             --formatter-property instead.",
        );
    }
    for text in given.all("property").into_iter().chain(given.all("formatter-property")) {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        format.put(name, value)?;
    }
    if let Some(class) = given.one("key-deserializer") {
        format.key_shown = Shown::of(class)?;
    }
    if let Some(class) = given.one("value-deserializer") {
        format.value_shown = Shown::of(class)?;
    }
    Ok(format)
}

impl Format {
    fn put(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let yes = value.trim().eq_ignore_ascii_case("true");
        match name.trim() {
            "print.timestamp" => self.timestamp = yes,
            "print.key" => self.key = yes,
            "print.offset" => self.offset = yes,
            "print.epoch" => self.epoch = yes,
            "print.partition" => self.partition = yes,
            "print.headers" => self.headers = yes,
            "print.value" => self.value = yes,
            "key.separator" => self.key_separator = value.into(),
            "line.separator" => self.line_separator = value.into(),
            "headers.separator" => self.headers_separator = value.into(),
            "null.literal" => self.null_literal = value.into(),
            "key.deserializer" => self.key_shown = Shown::of(value)?,
            "value.deserializer" => self.value_shown = Shown::of(value)?,
            other => note(&format!("WARN: {other} is without effect here")),
        }
        Ok(())
    }

    /// Appends the record as it is printed; nothing of it where it cannot be and is left out.
    pub(crate) fn write(&self, record: &Record, out: &mut Vec<u8>) -> Result<(), Failure> {
        if self.nothing {
            return Ok(());
        }
        let before = out.len();
        match self.columns(record, out) {
            Err(_) if self.skip_errors => {
                out.truncate(before);
                Ok(())
            }
            done => done,
        }
    }

    fn columns(&self, record: &Record, out: &mut Vec<u8>) -> Result<(), Failure> {
        let mut columns: Vec<Vec<u8>> = Vec::new();
        if self.timestamp {
            let kind = if record.log_append_time { "LogAppendTime" } else { "CreateTime" };
            columns.push(match record.timestamp {
                -1 => b"NO_TIMESTAMP".to_vec(),
                ms => format!("{kind}:{ms}").into_bytes(),
            });
        }
        if self.partition {
            columns.push(format!("Partition:{}", record.partition).into_bytes());
        }
        if self.offset {
            columns.push(format!("Offset:{}", record.offset).into_bytes());
        }
        if self.epoch {
            columns.push(format!("Epoch:{}", record.leader_epoch).into_bytes());
        }
        if self.headers {
            columns.push(self.header_list(record));
        }
        if self.key {
            columns.push(self.shown(self.key_shown, record.key.as_deref())?);
        }
        if self.value {
            columns.push(self.shown(self.value_shown, record.value.as_deref())?);
        }
        for (i, column) in columns.iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(self.key_separator.as_bytes());
            }
            out.extend_from_slice(column);
        }
        if !columns.is_empty() {
            out.extend_from_slice(self.line_separator.as_bytes());
        }
        Ok(())
    }

    fn shown(&self, how: Shown, bytes: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
        let mut column = Vec::new();
        match bytes {
            Some(bytes) => how.write(bytes, &mut column)?,
            None => column.extend_from_slice(self.null_literal.as_bytes()),
        }
        Ok(column)
    }

    fn header_list(&self, record: &Record) -> Vec<u8> {
        if record.headers.is_empty() {
            return b"NO_HEADERS".to_vec();
        }
        let mut column = Vec::new();
        for (i, (name, value)) in record.headers.iter().enumerate() {
            if i > 0 {
                column.extend_from_slice(self.headers_separator.as_bytes());
            }
            column.extend_from_slice(name.as_bytes());
            column.push(b':');
            column.extend_from_slice(value.as_deref().unwrap_or(self.null_literal.as_bytes()));
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(properties: &[(&str, &str)], key: Option<&[u8]>, headers: bool) -> String {
        let mut format = Format::default();
        for (name, value) in properties {
            format.put(name, value).expect("a property");
        }
        let record = Record {
            topic: "t".into(),
            partition: 2,
            offset: 7,
            timestamp: 5,
            log_append_time: false,
            key: key.map(<[u8]>::to_vec),
            value: Some(b"v".to_vec()),
            headers: match headers {
                true => vec![("a".into(), Some(b"1".to_vec())), ("b".into(), None)],
                false => Vec::new(),
            },
            leader_epoch: 3,
            producer_id: -1,
            producer_epoch: -1,
        };
        let mut out = Vec::new();
        format.write(&record, &mut out).expect("printed");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn columns_are_the_originals() {
        assert_eq!(shown(&[], None, false), "v\n");
        let all = [
            ("print.timestamp", "true"),
            ("print.partition", "true"),
            ("print.offset", "true"),
            ("print.epoch", "true"),
            ("print.headers", "true"),
            ("print.key", "true"),
        ];
        let line = "CreateTime:5\tPartition:2\tOffset:7\tEpoch:3\tNO_HEADERS\tnull\tv\n";
        assert_eq!(shown(&all, None, false), line);
        let some = [
            ("print.headers", "true"),
            ("print.key", "true"),
            ("print.value", "false"),
            ("key.separator", "|"),
            ("key.deserializer", "org.apache.kafka.common.serialization.IntegerDeserializer"),
        ];
        let key: Option<&[u8]> = Some(&[0xff, 0xff, 0xff, 0xfe]);
        assert_eq!(shown(&some, key, true), "a:1,b:null|-2\n");
        assert!(Shown::of("x.AvroDeserializer").is_err());
    }
}
