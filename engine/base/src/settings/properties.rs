//! Java's `.properties` format, as Kafka's configuration files are written (the documentation of
//! `java.util.Properties.load`).
//!
//! Kept true: every text is a properties file but for a broken `\u` escape; nothing is looked up or
//! replaced in values.

/// A line that is no line of a properties file: a `\u` without four hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadEscape {
    /// The line on which its entry begins, from 1.
    pub line: usize,
}

/// One entry of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// What stands before the separator.
    pub name: String,
    /// What stands behind it.
    pub value: String,
}

/// The entries of a file, in order; of two with one name the later one holds, and both are here.
pub fn parse(text: &str) -> Result<Vec<Property>, BadEscape> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut entries = Vec::new();
    let mut lines = natural_lines(text).enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim_start_matches(BLANKS);
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = line.to_owned();
        while ends_in_odd_backslashes(&logical) {
            logical.pop();
            let Some((_, more)) = lines.next() else { break };
            logical.push_str(more.trim_start_matches(BLANKS));
        }
        let (name, value) = split(&logical);
        let bad = BadEscape { line: at + 1 };
        let (name, value) = (unescape(name).ok_or(bad)?, unescape(value).ok_or(bad)?);
        entries.push(Property { line: at + 1, name, value });
    }
    Ok(entries)
}

const BLANKS: [char; 3] = [' ', '\t', '\u{c}'];

/// Lines end in a line feed, a carriage return, or one of each.
fn natural_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let behind = &text[end..];
        rest = Some(behind.strip_prefix("\r\n").unwrap_or(&behind[1..]));
        Some(&text[..end])
    })
}

fn ends_in_odd_backslashes(line: &str) -> bool {
    (line.len() - line.trim_end_matches('\\').len()) % 2 == 1
}

/// The name ends at the first blank, `=` or `:` that is not escaped; one `=` or `:` and the blanks
/// around it are the separator.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|letter| {
        let ends = !escaped && (BLANKS.contains(&letter) || letter == '=' || letter == ':');
        escaped = !escaped && letter == '\\';
        ends
    });
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start_matches(BLANKS);
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (name, rest.trim_start_matches(BLANKS))
}

/// `\t \n \r \f` and `\uXXXX` are what they name; any other letter behind a `\` is itself.
fn unescape(text: &str) -> Option<String> {
    let mut units = Vec::with_capacity(text.len());
    let mut letters = text.chars();
    let mut buffer = [0; 2];
    while let Some(letter) = letters.next() {
        let plain = match letter {
            '\\' => match letters.next() {
                None => break,
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some('u') => {
                    let digits = letters.as_str().get(..4)?;
                    // No sign, which the number's own parser would take.
                    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                        return None;
                    }
                    // A letter beyond 16 bits is written as two escapes, joined below.
                    units.push(u16::from_str_radix(digits, 16).ok()?);
                    letters = letters.as_str()[4..].chars();
                    continue;
                }
                Some(other) => other,
            },
            other => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
#[path = "properties_test.rs"]
mod properties_test;
