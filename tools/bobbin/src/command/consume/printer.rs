//! How records are printed. Kept true: what was printed and flushed is counted; a list that was
//! begun is ended.

use net_client::Record;
use serde_json::{Value, json};

use crate::bytes_json::put_bytes;
use crate::failure::Failure;
use crate::kafka_tools::Format;
use crate::layout::Layout;
use crate::output::{Out, Shape};

/// The way of it.
pub(crate) enum Style {
    /// In the words of `-f`.
    Layout(Layout),
    /// As Kafka's console consumer.
    Console(Format),
    /// For programs: an array, a YAML list, or a document for each line.
    Shape(Shape),
}

/// Prints records one after the other.
pub(crate) struct Printer {
    style: Style,
    out: Out,
    printed: u64,
}

impl Printer {
    pub(crate) fn new(style: Style) -> Printer {
        Printer { style, out: Out::new(), printed: 0 }
    }

    /// Records so far.
    pub(crate) fn printed(&self) -> u64 {
        self.printed
    }

    pub(crate) fn print(&mut self, record: &Record) -> Result<(), Failure> {
        self.printed += 1;
        match &self.style {
            // A record is printed when it comes, not when the list is whole: json is one document
            // for each line here, as it is with kcat and rpk.
            Style::Shape(Shape::Yaml) => {
                self.out.item(Shape::Yaml, self.printed - 1, &record_json(record))
            }
            Style::Shape(_) => self.out.json_line(&record_json(record)),
            Style::Console(format) => {
                let mut bytes = Vec::new();
                format.write(record, &mut bytes)?;
                self.out.bytes(&bytes)
            }
            Style::Layout(layout) => {
                let mut bytes = Vec::new();
                layout.lay_out(record, self.printed, &mut bytes);
                self.out.bytes(&bytes)
            }
        }
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush()
    }

    /// The last word.
    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        if let Style::Shape(Shape::Yaml) = self.style {
            self.out.items_end(Shape::Yaml, self.printed)?;
        }
        self.out.flush()
    }
}

/// A record as JSON: texts as texts, other bytes as `..._base64`.
pub(crate) fn record_json(record: &Record) -> Value {
    let mut object = json!({
        "topic": *record.topic, "partition": record.partition, "offset": record.offset,
        "timestamp": record.timestamp,
    });
    put_bytes(&mut object, "key", record.key.as_deref());
    put_bytes(&mut object, "value", record.value.as_deref());
    let headers = record.headers.iter().map(|(name, value)| {
        let mut header = json!({ "name": name });
        put_bytes(&mut header, "value", value.as_deref());
        header
    });
    object["headers"] = Value::Array(headers.collect());
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_told_from_text() {
        let record = Record {
            topic: "t".into(),
            partition: 0,
            offset: 1,
            timestamp: 2,
            log_append_time: false,
            key: None,
            value: Some(vec![0xff, 0xfe]),
            headers: vec![("h".into(), Some(b"x".to_vec()))],
            leader_epoch: 0,
            producer_id: -1,
            producer_epoch: -1,
        };
        assert_eq!(
            record_json(&record),
            json!({
                "topic": "t", "partition": 0, "offset": 1, "timestamp": 2, "key": null,
                "value_base64": "//4=", "headers": [{ "name": "h", "value": "x" }],
            })
        );
    }
}
