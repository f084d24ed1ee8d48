//! `kafka-console-producer`: lines to records, with keys and headers in front of the value if that
//! is asked for. Kept true: a line that cannot be read ends it with the line's number, unless
//! `ignore.error` says otherwise.

use std::path::Path;

use super::options::{Given, Spec, Takes};
use super::{chosen, read_properties};
use crate::client_options;
use crate::command::produce;
use crate::command::with_chosen;
use crate::failure::Failure;
use crate::files;
use crate::input::find;
use crate::output::note;
use crate::reading::{Headers, Read};

pub(super) const SPECS: &[Spec] = &[
    ("batch-size", Takes::Value, "records in one batch at most (taken as batch.num.messages)"),
    ("command-property", Takes::Value, "a producer property, name=value; may be repeated"),
    ("compression-codec", Takes::Maybe, "none, gzip (if it is left out), snappy, lz4 or zstd"),
    ("line-reader", Takes::Value, "only LineMessageReader, the default"),
    ("max-block-ms", Takes::Value, "taken and without effect"),
    ("max-memory-bytes", Takes::Value, "taken and without effect"),
    ("max-partition-memory-bytes", Takes::Value, "bytes of a batch (batch.size)"),
    ("message-send-max-retries", Takes::Value, "taken and without effect: time is the limit"),
    ("metadata-expiry-ms", Takes::Value, "taken and without effect"),
    ("producer-property", Takes::Value, "as --command-property"),
    ("producer.config", Takes::Value, "as --command-config"),
    ("property", Takes::Value, "as --reader-property"),
    ("reader-config", Takes::Value, "a file with reader properties"),
    (
        "reader-property",
        Takes::Value,
        "parse.key, key.separator, parse.headers, headers.delimiter, headers.separator, \
         headers.key.separator, null.marker, ignore.error; name=value",
    ),
    ("request-required-acks", Takes::Value, "all, -1, 1 or 0"),
    ("request-timeout-ms", Takes::Value, "ms that an answer is waited for"),
    ("retry-backoff-ms", Takes::Value, "taken and without effect"),
    ("socket-buffer-size", Takes::Value, "taken and without effect"),
    ("sync", Takes::Nothing, "taken: the end waits for every answer anyway"),
    ("timeout", Takes::Value, "ms that a record waits for others"),
    ("topic", Takes::Value, "REQUIRED: the topic"),
];

const NOT_BOTH: &[(&str, &str)] = &[
    ("command-property", "producer-property"),
    ("command-config", "producer.config"),
    ("reader-property", "property"),
];

pub(super) fn run(given: &Given) -> Result<(), Failure> {
    given.not_both(NOT_BOTH)?;
    let topic = given.required("topic")?.to_string();
    let reader = given.one("line-reader").unwrap_or("LineMessageReader");
    if !reader.ends_with("LineMessageReader") {
        return Err(Failure::usage(format!("--line-reader {reader}: there is LineMessageReader")));
    }
    let mut lines = Lines::default();
    for path in given.all("reader-config") {
        for (name, value) in read_properties(&files::read_config(Path::new(path))?) {
            lines.put(&name, &value)?;
        }
    }
    if given.has("property") {
        note(
            "Warning: --property is deprecated and will be removed in a future version. Use \
             --reader-property instead.",
        );
    }
    for text in given.all("property").into_iter().chain(given.all("reader-property")) {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        lines.put(name, value)?;
    }
    let mut chosen = chosen(given, &["producer-property", "command-property"], true)?;
    if given.has("compression-codec") {
        let name = given.one("compression-codec").unwrap_or("gzip");
        chosen.producer.codec = client_options::codec(name)?;
    }
    if let Some(acks) = given.one("request-required-acks") {
        chosen.producer.acks = client_options::acks(acks)?;
    }
    if let Some(ms) = given.number("timeout")? {
        chosen.producer.linger = std::time::Duration::from_millis(ms);
    }
    if let Some(ms) = given.number("request-timeout-ms")? {
        chosen.client.request_timeout = std::time::Duration::from_millis(ms);
    }
    if let Some(bytes) = given.number("max-partition-memory-bytes")? {
        chosen.producer.batch_bytes = bytes;
    }
    if let Some(records) = given.number::<usize>("batch-size")? {
        chosen.producer.batch_records = records.max(1);
    }
    with_chosen(chosen, |client, chosen| async move {
        produce::produce(&client, &produce::Order::of_lines(topic, lines), chosen.producer).await
    })
}

/// How a line is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    parse_key: bool,
    key_separator: String,
    parse_headers: bool,
    headers_delimiter: String,
    headers_separator: String,
    headers_key_separator: String,
    null_marker: Option<String>,
    ignore_error: bool,
}

impl Default for Lines {
    fn default() -> Lines {
        Lines {
            parse_key: false,
            key_separator: "\t".into(),
            parse_headers: false,
            headers_delimiter: "\t".into(),
            headers_separator: ",".into(),
            headers_key_separator: ":".into(),
            null_marker: None,
            ignore_error: false,
        }
    }
}

impl Lines {
    fn put(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let yes = value.trim().eq_ignore_ascii_case("true");
        let text = value.to_string();
        match name.trim() {
            "parse.key" => self.parse_key = yes,
            "key.separator" => self.key_separator = text,
            "parse.headers" => self.parse_headers = yes,
            "headers.delimiter" => self.headers_delimiter = text,
            "headers.separator" => self.headers_separator = text,
            "headers.key.separator" => self.headers_key_separator = text,
            "null.marker" => self.null_marker = Some(text),
            "ignore.error" => self.ignore_error = yes,
            other => note(&format!("WARN: {other} is without effect here")),
        }
        let separators = [
            &self.key_separator,
            &self.headers_delimiter,
            &self.headers_separator,
            &self.headers_key_separator,
        ];
        match separators.iter().any(|separator| separator.is_empty()) {
            true => Err(Failure::usage(format!("{name} must not be empty"))),
            false => Ok(()),
        }
    }

    /// Reads a line, the `number`th.
    pub(crate) fn read(&self, line: &[u8], number: u64) -> Result<Read, String> {
        let mut read = Read::default();
        let mut rest = line;
        if self.parse_headers {
            let headers =
                self.cut(&mut rest, &self.headers_delimiter, "headers delimiter", number)?;
            if let Some(headers) = headers.filter(|headers| !self.is_null(headers)) {
                read.headers = self.headers(headers, number)?;
            }
        }
        if self.parse_key {
            let key = self.cut(&mut rest, &self.key_separator, "key separator", number)?;
            read.key = key.filter(|key| !self.is_null(key)).map(<[u8]>::to_vec);
        }
        read.value = Some(rest).filter(|rest| !self.is_null(rest)).map(<[u8]>::to_vec);
        Ok(read)
    }

    fn is_null(&self, bytes: &[u8]) -> bool {
        self.null_marker.as_ref().is_some_and(|marker| marker.as_bytes() == bytes)
    }

    /// What stands before the separator; nothing where it is missing and that is no error.
    fn cut<'a>(
        &self,
        rest: &mut &'a [u8],
        separator: &str,
        what: &str,
        number: u64,
    ) -> Result<Option<&'a [u8]>, String> {
        match find(rest, separator.as_bytes()) {
            Some(at) => {
                let (before, after) = rest.split_at(at);
                *rest = &after[separator.len()..];
                Ok(Some(before))
            }
            None if self.ignore_error => Ok(None),
            None => {
                let line = String::from_utf8_lossy(rest);
                Err(format!("No {what} found on line number {number}: '{line}'"))
            }
        }
    }

    fn headers(&self, headers: &[u8], number: u64) -> Result<Headers, String> {
        let text = String::from_utf8_lossy(headers);
        let each = text.split(self.headers_separator.as_str());
        each.map(|pair| match pair.split_once(self.headers_key_separator.as_str()) {
            Some((name, value)) => {
                let value = Some(value.as_bytes()).filter(|value| !self.is_null(value));
                Ok((name.to_string(), value.map(<[u8]>::to_vec)))
            }
            None if self.ignore_error => Ok((pair.to_string(), None)),
            None => Err(format!(
                "No header key separator found in pair '{pair}' on line number {number}"
            )),
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(properties: &[(&str, &str)], line: &str) -> Result<Read, String> {
        let mut lines = Lines::default();
        for (name, value) in properties {
            lines.put(name, value).expect("a property");
        }
        lines.read(line.as_bytes(), 1)
    }

    #[test]
    fn lines_with_keys_and_headers() {
        let plain = read(&[], "a\tb").expect("a value");
        assert_eq!((plain.key, plain.value), (None, Some(b"a\tb".to_vec())));
        let all = [("parse.key", "true"), ("parse.headers", "true"), ("null.marker", "NULL")];
        let full = read(&all, "h1:1,h2:NULL\tk\tNULL").expect("a record");
        assert_eq!(full.headers, [("h1".into(), Some(b"1".to_vec())), ("h2".into(), None)]);
        assert_eq!((full.key, full.value), (Some(b"k".to_vec()), None));
        let key = [("parse.key", "true"), ("key.separator", "=>")];
        let split = read(&key, "k=>v").expect("a record");
        assert_eq!((split.key, split.value), (Some(b"k".to_vec()), Some(b"v".to_vec())));
        let missing = read(&key, "kv").expect_err("no separator");
        assert_eq!(missing, "No key separator found on line number 1: 'kv'");
        let ignored = [key[0], key[1], ("ignore.error", "true")];
        assert_eq!(read(&ignored, "kv").expect("a value").value, Some(b"kv".to_vec()));
        assert!(Lines::default().put("key.separator", "").is_err());
    }
}
