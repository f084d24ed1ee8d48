//! Patterns of topics: RE2's syntax, as Kafka reads it, over a whole name.
//!
//! Kept true: a pattern costs a bounded amount of memory and time to compile, and time linear in a
//! name and in its own size to match; where RE2 and the `regex` crate read the same text
//! differently, it is read as RE2 does.

use engine_base::Refusal;
use engine_base::limits::{
    PATTERN_BYTES_MAX, PATTERN_DEPTH_MAX, PATTERN_TEXT_BYTES_MAX, PATTERN_UNICODE_BYTES_MAX,
};
use regex::bytes::{Regex, RegexBuilder};

/// The least that a pattern is taken to be compiled to, in bytes.
const BYTES_MIN: usize = 1024;

/// A pattern, compiled.
#[derive(Debug)]
pub(crate) struct Compiled {
    regex: Regex,
    /// About as many bytes it takes, and as much time for each byte of a name at worst.
    pub(crate) bytes: usize,
}

impl Compiled {
    /// Whether a whole name matches.
    pub(crate) fn is_match(&self, name: &str) -> bool {
        self.regex.is_match(name.as_bytes())
    }
}

/// The pattern, compiled.
pub(crate) fn compile(pattern: &str) -> Result<Compiled, Refusal> {
    build(pattern).map_err(|why| {
        Refusal::InvalidRegularExpression(format!(
            "SubscribedTopicRegex `{pattern}` is not a valid regular expression: {why}."
        ))
    })
}

/// Whether a member may subscribe to what matches this pattern; if not, why.
///
/// # Errors
/// What is wrong with it, in words.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    build(pattern).map(drop)
}

fn build(pattern: &str) -> Result<Compiled, String> {
    // Names are ASCII, so all that does not name more is read as of bytes, as RE2's `\w` is too.
    let unicode = !pattern.is_ascii() || [r"\p", r"\P", r"\x"].iter().any(|e| pattern.contains(e));
    let longest = if unicode { PATTERN_UNICODE_BYTES_MAX } else { PATTERN_TEXT_BYTES_MAX };
    if pattern.len() > longest {
        return Err(format!("pattern too large, {longest} bytes are the most"));
    }
    let translated = translate(pattern)?;
    let mut builder = RegexBuilder::new(&format!("^(?:{translated})$"));
    builder.unicode(unicode).nest_limit(PATTERN_DEPTH_MAX);
    let least = if unicode { 32 * BYTES_MIN } else { BYTES_MIN };
    let mut bytes = pattern.len().next_power_of_two().max(least);
    loop {
        match builder.size_limit(bytes).build() {
            Ok(regex) => return Ok(Compiled { regex, bytes }),
            Err(regex::Error::CompiledTooBig(_)) if bytes < PATTERN_BYTES_MAX => bytes *= 2,
            Err(why) => {
                let why = why.to_string();
                let last = why.lines().last().unwrap_or_default();
                return Err(last.trim_start_matches("error: ").to_owned());
            }
        }
    }
}

/// The names of classes in classes.
const NAMED: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// RE2's most repetitions.
const REPEATED_MAX: u32 = 1_000;

/// RE2's words in those of the `regex` crate.
fn translate(pattern: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    // The last thing was a repetition: another one would repeat that.
    let mut repeats = false;
    while let Some(first) = rest.chars().next() {
        let (taken, again) = match first {
            '\\' if rest.starts_with(r"\Q") => (quoted(rest, &mut out), false),
            '\\' => (escape(rest, &mut out)?, false),
            '[' => (class(rest, &mut out)?, false),
            '{' => match repetition(rest)? {
                Some(bytes) => {
                    out.push_str(&rest[..bytes]);
                    (bytes, true)
                }
                None => {
                    out.push_str(r"\{");
                    (1, false)
                }
            },
            '*' | '+' | '?' => {
                out.push(first);
                (1, true)
            }
            _ => {
                check_group(rest)?;
                out.push(first);
                (first.len_utf8(), false)
            }
        };
        if again && repeats {
            return Err("invalid nested repetition operator");
        }
        rest = &rest[taken..];
        repeats = again;
        if again && rest.starts_with('?') {
            // As few as can be: no repetition of its own.
            out.push('?');
            rest = &rest[1..];
        }
    }
    Ok(out)
}

/// `\Q` to `\E` or the end, word by word.
fn quoted(rest: &str, out: &mut String) -> usize {
    let literal = &rest[2..];
    let length = literal.find(r"\E").unwrap_or(literal.len());
    out.push_str(&regex::escape(&literal[..length]));
    (2 + length + 2).min(rest.len())
}

/// A backslash and what it stands for. Octal numbers are the `regex` crate's hexadecimal ones.
fn escape(rest: &str, out: &mut String) -> Result<usize, &'static str> {
    let Some(letter) = rest[1..].chars().next() else { return Err("trailing \\") };
    let octal = |c: &char| matches!(c, '0'..='7');
    let digits: String = rest[1..].chars().take(3).take_while(octal).collect();
    if letter == '0' || digits.len() > 1 {
        let code = u32::from_str_radix(&digits, 8).expect("because these are octal digits");
        out.push_str(&format!("\\x{{{code:x}}}"));
        return Ok(1 + digits.len());
    }
    if matches!(letter, 'u' | 'U' | '<' | '>') {
        return Err("invalid escape sequence");
    }
    let mut length = 1 + letter.len_utf8();
    if matches!(letter, 'p' | 'P' | 'x') && rest[length..].starts_with('{') {
        // What is in these braces is the escape's own.
        length += rest[length..].find('}').ok_or("invalid escape sequence")? + 1;
    }
    out.push_str(&rest[..length]);
    Ok(length)
}

/// The length of `{n}`, `{n,}` or `{n,m}`; anything else stands for itself.
fn repetition(rest: &str) -> Result<Option<usize>, &'static str> {
    let Some((inner, _)) = rest[1..].split_once('}') else { return Ok(None) };
    let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(least) || !(most.is_empty() || is_number(most)) {
        return Ok(None);
    }
    let fits = |text: &str| text.is_empty() || text.parse().is_ok_and(|n: u32| n <= REPEATED_MAX);
    if !fits(least) || !fits(most) {
        return Err("invalid repeat count");
    }
    Ok(Some(inner.len() + 2))
}

/// `(?` begins a group with a name, or with flags that RE2 has.
fn check_group(rest: &str) -> Result<(), &'static str> {
    let Some(after) = rest.strip_prefix("(?") else { return Ok(()) };
    let named = after.starts_with("P<") || after.starts_with('<');
    let flags = after.chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-');
    if !named && flags.into_iter().any(|flag| !"imsU-".contains(flag)) {
        return Err("invalid or unsupported Perl syntax");
    }
    Ok(())
}

/// A class, in which `[`, `&&`, `~~` and `--` mean nothing more.
fn class(rest: &str, out: &mut String) -> Result<usize, &'static str> {
    out.push('[');
    let mut at = 1;
    for begin in ['^', ']'] {
        // A `]` right behind the begin of a class stands for itself.
        if rest[at..].starts_with(begin) {
            if begin == ']' {
                out.push('\\');
            }
            out.push(begin);
            at += 1;
        }
    }
    while let Some(first) = rest[at..].chars().next() {
        if let Some(name) = rest[at..].strip_prefix("[:").and_then(|name| name.split_once(":]")) {
            if !NAMED.contains(&name.0.trim_start_matches('^')) {
                return Err("invalid character class range");
            }
            let length = name.0.len() + 4;
            out.push_str(&rest[at..at + length]);
            at += length;
            continue;
        }
        match first {
            '\\' if rest[at..].starts_with(r"\Q") => return Err("invalid escape sequence"),
            '\\' => at += escape(&rest[at..], out)?,
            ']' => {
                out.push(']');
                return Ok(at + 1);
            }
            _ => {
                let plain = matches!(first, '[' | '&' | '~') || rest[at..].starts_with("--");
                if plain {
                    out.push('\\');
                }
                out.push(first);
                at += first.len_utf8();
            }
        }
    }
    Err("missing closing ]")
}

#[cfg(test)]
#[path = "pattern_test.rs"]
mod pattern_test;
