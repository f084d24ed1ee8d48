//! A JSON value as a YAML document. Kept true: every YAML reader gets back the same value; a text
//! that could be taken for something else stands in quotes.

use serde_json::Value;

/// The document, with a line end.
pub(crate) fn document(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Array(items) if !items.is_empty() => block(value, 0, &mut out),
        Value::Object(map) if !map.is_empty() => block(value, 0, &mut out),
        plain => {
            out.push_str(&scalar(plain));
            out.push('\n');
        }
    }
    out
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    }
}

/// Lines at a depth, the first of them without its indentation (it stands where it belongs).
fn block(value: &Value, depth: usize, out: &mut String) {
    let indent = " ".repeat(depth);
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(&indent);
                }
                out.push_str("- ");
                nested(item, depth + 2, out);
            }
        }
        Value::Object(map) => {
            for (i, (name, item)) in map.iter().enumerate() {
                if i > 0 {
                    out.push_str(&indent);
                }
                out.push_str(&text(name));
                out.push(':');
                if is_block(item) {
                    out.push('\n');
                    out.push_str(&" ".repeat(depth + 2));
                    block(item, depth + 2, out);
                } else {
                    out.push(' ');
                    out.push_str(&scalar(item));
                    out.push('\n');
                }
            }
        }
        _ => unreachable!("only lists and maps are blocks"),
    }
}

fn nested(item: &Value, depth: usize, out: &mut String) {
    if is_block(item) {
        block(item, depth, out);
    } else {
        out.push_str(&scalar(item));
        out.push('\n');
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(string) => text(string),
        Value::Array(_) => "[]".into(),
        Value::Object(_) => "{}".into(),
        plain => plain.to_string(),
    }
}

/// A text as it is where it cannot be anything else, or in JSON's quotes, which YAML understands.
fn text(string: &str) -> String {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let plain = string.starts_with(|c: char| c.is_ascii_alphabetic())
        && string.chars().all(letters)
        && !WORDS.iter().any(|word| string.eq_ignore_ascii_case(word));
    if plain { string.to_string() } else { Value::String(string.into()).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_of_every_depth() {
        let value = json!([
            { "topic": "orders", "partitions": [{ "at": 0, "isr": [1, 2] }, { "at": 1, "isr": [] }]
            },
            { "topic": "no", "id": null, "note": "a: b\n#", "empty": {}, "number": "12" },
        ]);
        let expect = "\
- partitions:
    - at: 0
      isr:
        - 1
        - 2
    - at: 1
      isr: []
  topic: orders
- empty: {}
  id: null
  note: \"a: b\\n#\"
  number: \"12\"
  topic: \"no\"
";
        assert_eq!(document(&value), expect);
        assert_eq!(document(&json!([])), "[]\n");
        assert_eq!(document(&json!("x y")), "\"x y\"\n");
    }
}
