//! How a finding of `debug dump-log` is printed: a line for people, an object for programs.
//! Kept true: both say the same facts under the same names.

use engine_log::{Fact, Finding};
use serde_json::{Map, Value, json};

use crate::bytes_json::{base64, put_bytes};
use crate::moment;

/// One line: what it is, then `name value` pairs, indented by its depth. What is not there is left
/// out; a checksum that does not hold and other trouble stand in capitals.
pub(crate) fn line(found: &Finding) -> String {
    let mut line = "  ".repeat(found.depth);
    line.push_str(found.what);
    let mut separator = " ";
    for (name, fact) in &found.facts {
        let Some(words) = words(name, fact) else { continue };
        line.push_str(separator);
        line.push_str(&words);
        separator = ", ";
    }
    line
}

fn words(name: &str, fact: &Fact) -> Option<String> {
    let shown = match fact {
        Fact::Absent | Fact::Moment(None) => return None,
        Fact::Flag(holds) if name == "crc_ok" => {
            return Some(if *holds { "crc ok".into() } else { "CRC DOES NOT HOLD".into() });
        }
        Fact::Flag(false) => return None,
        Fact::Flag(true) => return Some(name.replace('_', " ")),
        Fact::Words(text) if name == "trouble" => return Some(format!("TROUBLE: {text}")),
        Fact::Words(text) => text.clone(),
        Fact::Number(number) => number.to_string(),
        Fact::Numbers(numbers) if numbers.is_empty() => return None,
        Fact::Numbers(numbers) => {
            numbers.iter().map(ToString::to_string).collect::<Vec<String>>().join("+")
        }
        Fact::Moment(Some(ms)) => moment::show(*ms),
        Fact::Bytes(bytes) => quoted(bytes.as_deref()),
        Fact::Headers(headers) if headers.is_empty() => return None,
        Fact::Headers(headers) => {
            let each = headers.iter().map(|(name, value)| {
                format!("{}={}", String::from_utf8_lossy(name), quoted(value.as_deref()))
            });
            each.collect::<Vec<String>>().join(" ")
        }
    };
    Some(format!("{} {shown}", name.replace('_', " ")))
}

fn quoted(bytes: Option<&[u8]>) -> String {
    match bytes.map(|bytes| (bytes, std::str::from_utf8(bytes))) {
        None => "null".into(),
        Some((_, Ok(text))) => format!("{text:?}"),
        Some((bytes, Err(_))) => format!("base64:{}", base64(bytes)),
    }
}

/// One object; `kind` says what it is, `depth` how deep it lies in the one before.
pub(crate) fn json(found: &Finding) -> Value {
    let mut object = Value::Object(Map::new());
    object["kind"] = json!(found.what);
    object["depth"] = json!(found.depth);
    for (name, fact) in &found.facts {
        object[*name] = match fact {
            Fact::Absent | Fact::Moment(None) => Value::Null,
            Fact::Number(number) => number_json(*number),
            Fact::Numbers(numbers) => numbers.iter().map(|n| number_json(*n)).collect(),
            Fact::Moment(Some(ms)) => json!(ms),
            Fact::Words(text) => json!(text),
            Fact::Flag(flag) => json!(flag),
            Fact::Headers(headers) => headers
                .iter()
                .map(|(name, value)| {
                    let mut header = json!({});
                    put_bytes(&mut header, "name", Some(name));
                    put_bytes(&mut header, "value", value.as_deref());
                    header
                })
                .collect(),
            Fact::Bytes(bytes) => {
                put_bytes(&mut object, name, bytes.as_deref());
                continue;
            }
        };
    }
    object
}

/// Whole up to 64 bits, which is all that a file holds.
fn number_json(number: i128) -> Value {
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => json!(number),
        (_, Ok(number)) => json!(number),
        _ => json!(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_and_an_object_say_the_same() {
        let found = Finding {
            depth: 1,
            what: "record",
            facts: vec![
                ("offset", Fact::Number(7)),
                ("timestamp", Fact::Moment(Some(1_772_368_200_000))),
                ("producer_id", Fact::Absent),
                ("key", Fact::Bytes(None)),
                ("value", Fact::Bytes(Some(vec![0xff]))),
                ("headers", Fact::Headers(vec![(b"h".to_vec(), Some(b"a\"b".to_vec()))])),
                ("members", Fact::Numbers(vec![1, 2])),
                ("control", Fact::Flag(false)),
                ("crc_ok", Fact::Flag(false)),
                ("trouble", Fact::Words("torn".into())),
            ],
        };
        assert_eq!(
            line(&found),
            "  record offset 7, timestamp 2026-03-01T12:30:00.000Z, key null, value base64:/w==, \
             headers h=\"a\\\"b\", members 1+2, CRC DOES NOT HOLD, TROUBLE: torn"
        );
        assert_eq!(
            json(&found),
            json!({
                "kind": "record", "depth": 1, "offset": 7, "timestamp": 1_772_368_200_000_i64,
                "producer_id": null, "key": null, "value_base64": "/w==",
                "headers": [{ "name": "h", "value": "a\"b" }], "members": [1, 2],
                "control": false, "crc_ok": false, "trouble": "torn",
            })
        );
        assert_eq!(number_json(u64::MAX.into()), json!(u64::MAX));
    }
}
