//! Brings comments that are too wide back below 100 columns: what rustfmt leaves alone. Words that
//! do not fit go to the front of the next line of the same comment, or to a new one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const COLUMNS_MAX: usize = 100;

/// Rewrites the file if a comment in it is too wide; tells whether it did.
pub(crate) fn wrap_file(path: &Path) -> Result<bool> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let wrapped = wrap(&text);
    if wrapped == text {
        return Ok(false);
    }
    fs::write(path, wrapped).with_context(|| path.display().to_string())?;
    Ok(true)
}

fn wrap(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut at = 0;
    while at < lines.len() {
        if let Some((head, rest)) = cut(&lines[at]) {
            let prefix = prefix(&lines[at]).to_owned();
            lines[at] = head;
            match lines.get(at + 1).and_then(|next| continuation(next, &prefix)) {
                Some(words) => lines[at + 1] = format!("{prefix}{rest} {words}"),
                None => lines.insert(at + 1, format!("{prefix}{rest}")),
            }
        }
        at += 1;
    }
    let mut wrapped = lines.join("\n");
    if text.ends_with('\n') {
        wrapped.push('\n');
    }
    wrapped
}

/// Indentation and marks of a comment line, `    /// `; empty for other lines.
fn prefix(line: &str) -> &str {
    let code = line.trim_start();
    let marks = ["//! ", "/// ", "// "].into_iter().find(|marks| code.starts_with(marks));
    marks.map_or("", |marks| &line[..line.len() - code.len() + marks.len()])
}

/// A comment line that is too wide, cut at the last blank that fits.
fn cut(line: &str) -> Option<(String, String)> {
    let prefix = prefix(line);
    let body = &line[prefix.len()..];
    let table = body.trim_start().starts_with('|');
    if prefix.is_empty() || table || line.chars().count() <= COLUMNS_MAX {
        return None;
    }
    let fits = line.char_indices().nth(COLUMNS_MAX).map_or(line.len(), |(at, _)| at);
    let at = line[..=fits].rfind(' ').filter(|&at| at > prefix.len())?;
    Some((line[..at].trim_end().to_owned(), line[at + 1..].to_owned()))
}

/// The words of a line that goes on with the prose of the line before.
fn continuation<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    let body = &line[prefix(line).len()..];
    let prose = body.starts_with(|c: char| c.is_alphanumeric() || "`(\"".contains(c));
    (prefix(line) == wanted && prose && !body.starts_with("```")).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_do_not_fit_move_down() {
        let wide = format!("    /// {}", "word ".repeat(20).trim_end());
        let text = format!("{wide}\n    /// more\n    fn a() {{}}\n");
        let wrapped = wrap(&text);
        assert_eq!(wrapped.lines().nth(1), Some("    /// word word more"));
        assert!(wrapped.lines().all(|line| line.len() <= COLUMNS_MAX));
        assert_eq!(wrapped.split_whitespace().filter(|word| *word == "word").count(), 20);
    }

    #[test]
    fn a_list_and_code_are_left_where_they_are() {
        let text = format!(
            "// {}\n// - item\nlet a = \"{}\";\n",
            "word ".repeat(21).trim(),
            "x ".repeat(60)
        );
        let wrapped = wrap(&text);
        assert_eq!(wrapped.lines().nth(2), Some("// - item"));
        assert_eq!(wrapped.lines().count(), 4);
    }
}
