//! Which names a topic can have, as Kafka 4.3.1 decides it, and which two names collide.
//!
//! Kept true: a name that passes is ASCII, fits into a file name and is at most 249 bytes.

use engine_base::limits::TOPIC_NAME_BYTES_MAX;

/// Why `name` cannot be a topic's name, in Kafka's words; `None` if it can.
pub fn refuse_name(name: &str) -> Option<String> {
    let why = match name {
        "" => "the empty string is not allowed".to_owned(),
        "." | ".." => format!("'{name}' is not allowed"),
        // Kafka counts UTF-16 units here; only ASCII passes the next rule, where both are the same.
        _ if name.len() > TOPIC_NAME_BYTES_MAX => format!(
            "the length of '{name}' is longer than the max allowed length {TOPIC_NAME_BYTES_MAX}"
        ),
        _ if !name.bytes().all(is_legal) => format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' \
             and '-'"
        ),
        _ => return None,
    };
    Some(format!("Topic name is invalid: {why}"))
}

fn is_legal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Kafka's metric names turn `.` into `_`, so two topics that differ only there collide: the name
/// both have in common, for names that can collide at all.
pub(crate) fn collision_name(name: &str) -> Option<String> {
    name.contains(['.', '_']).then(|| name.replace('.', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_refused_in_the_words_of_kafka() {
        assert_eq!(refuse_name("a-Z_0.9"), None);
        assert_eq!(refuse_name(&"a".repeat(249)), None);
        assert!(refuse_name(&"a".repeat(250)).is_some_and(|why| why.contains("max allowed")));
        for bad in ["", ".", "..", "a b", "ä", "a/b", "a\0"] {
            assert!(refuse_name(bad).is_some(), "{bad:?}");
        }
        assert_eq!(refuse_name("."), Some("Topic name is invalid: '.' is not allowed".to_owned()));
    }

    #[test]
    fn dots_and_underscores_collide() {
        assert_eq!(collision_name("a.b_c"), collision_name("a_b.c"));
        assert_eq!(collision_name("abc"), None);
        assert_ne!(collision_name("a-b"), collision_name("a_b"));
    }
}
