//! A client's bytes as JSON. Kept true: nothing is lost: a text is a text, bytes that are none are
//! base64 under a name of their own, null is null.

use serde_json::{Value, json};

use crate::layout::write_base64;

/// Sets `name` to a text or null, or `name_base64` to bytes that are no UTF-8.
pub(crate) fn put_bytes(object: &mut Value, name: &str, bytes: Option<&[u8]>) {
    match bytes.map(std::str::from_utf8) {
        None => object[name] = Value::Null,
        Some(Ok(text)) => object[name] = json!(text),
        Some(Err(_)) => object[format!("{name}_base64")] = json!(base64(bytes.unwrap_or_default())),
    }
}

/// Bytes as base64 with its padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    write_base64(bytes, true, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
