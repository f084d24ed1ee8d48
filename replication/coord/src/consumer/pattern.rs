//! Patterns of topics: RE2's syntax, as Kafka reads it, over a whole name.
//!
//! Kept true: a pattern costs a bounded amount of memory to compile and time linear in a name to
//! match; where RE2 and the `regex` crate read the same text differently, it is read as RE2 does.

use std::collections::BTreeSet;
use std::rc::Rc;

use engine_base::Refusal;
use engine_base::limits::{PATTERN_BYTES_MAX, PATTERN_DEPTH_MAX};
use regex::{Regex, RegexBuilder};

use crate::cluster::Cluster;

/// The pattern, compiled.
pub(crate) fn compile(pattern: &str) -> Result<Regex, Refusal> {
    let no = |why: &str| {
        Refusal::InvalidRegularExpression(format!(
            "SubscribedTopicRegex `{pattern}` is not a valid regular expression: {why}."
        ))
    };
    let translated = translate(pattern).map_err(no)?;
    let mut builder = RegexBuilder::new(&format!("^(?:{translated})$"));
    builder.size_limit(PATTERN_BYTES_MAX).nest_limit(PATTERN_DEPTH_MAX);
    builder.build().map_err(|why| {
        let why = why.to_string();
        no(why.lines().last().unwrap_or_default().trim_start_matches("error: "))
    })
}

/// The topics whose whole names match, sorted.
pub(crate) fn topics(pattern: &Regex, cluster: &dyn Cluster) -> Rc<[Rc<str>]> {
    let mut found = BTreeSet::new();
    cluster.each_topic(&mut |name| {
        if pattern.is_match(name) {
            found.insert(Rc::from(name));
        }
    });
    found.into_iter().collect()
}

/// RE2's words in those of the `regex` crate.
fn translate(pattern: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    // Inside a class, where `[` and `&&` stand for themselves.
    let mut in_class = false;
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix(r"\Q") {
            let (literal, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
            out.push_str(&regex::escape(literal));
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix("(?").filter(|_| !in_class) {
            let flags = after.chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-');
            // A name begins with `P<` or `<`; flags of RE2 are these four.
            let named = after.starts_with("P<") || after.starts_with('<');
            if !named && flags.into_iter().any(|flag| !"imsU-".contains(flag)) {
                return Err("invalid or unsupported Perl syntax");
            }
        }
        let taken = match first {
            '\\' => first.len_utf8() + rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(taken);
        match token {
            "[" if !in_class => {
                in_class = true;
                out.push('[');
                rest = after;
                // A `]` right behind the begin of a class stands for itself.
                for begin in ["^", "]"] {
                    if let Some(after) = rest.strip_prefix(begin) {
                        out.push_str(if begin == "]" { r"\]" } else { begin });
                        rest = after;
                    }
                }
                continue;
            }
            "[" if !after.starts_with(':') => out.push_str(r"\["),
            "&" | "~" if in_class => {
                out.push('\\');
                out.push_str(token);
            }
            "]" if in_class && !ends_named_class(&out) => {
                in_class = false;
                out.push(']');
            }
            _ => out.push_str(token),
        }
        rest = after;
    }
    Ok(out)
}

/// Whether the text so far is within `[:name:`, whose `]` does not end the class around it.
fn ends_named_class(out: &str) -> bool {
    let begin = out.rfind("[:");
    begin.is_some_and(|at| out.len() > at + 2 && out.ends_with(':') && !out[at..].contains(']'))
}

#[cfg(test)]
#[path = "pattern_test.rs"]
mod pattern_test;
