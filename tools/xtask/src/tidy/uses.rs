//! The paths that a file's code names: `use` trees flattened, and paths written in place.

use super::scan::is_word;
use super::test_regions::line_of;

/// Line (from 0) and path of each, in scanned code.
pub(super) fn paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = code[at..].find(is_word).map(|ahead| at + ahead) {
        let line = line_of(code, start);
        let word_end = end_of_path(code, start);
        if &code[start..word_end] == "use" {
            let end = code[word_end..].find(';').map_or(code.len(), |ahead| word_end + ahead);
            for path in flatten(code[word_end..end].trim()) {
                found.push((line, path));
            }
            at = end;
        } else {
            if code[start..word_end].contains("::") {
                found.push((line, code[start..word_end].to_owned()));
            }
            at = word_end;
        }
    }
    found
}

fn end_of_path(code: &str, start: usize) -> usize {
    let mut end = start;
    loop {
        let name = code[end..].find(|c| !is_word(c)).unwrap_or(code.len() - end);
        end += name;
        let continues =
            code[end..].strip_prefix("::").is_some_and(|rest| rest.starts_with(is_word));
        if name == 0 || !continues {
            return end;
        }
        end += 2;
    }
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn flatten(tree: &str) -> Vec<String> {
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        return vec![path.strip_suffix("::self").unwrap_or(path).to_owned()];
    };
    let prefix = tree[..open].trim();
    let inside = tree[open + 1..].trim_end().strip_suffix('}').unwrap_or(&tree[open + 1..]);
    let mut found = Vec::new();
    for branch in split_outside_braces(inside) {
        for path in flatten(branch.trim()) {
            let whole = format!("{prefix}{path}");
            found.push(whole.strip_suffix("::self").unwrap_or(&whole).to_owned());
        }
    }
    found
}

fn split_outside_braces(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_trees_are_flattened_and_paths_found_in_place() {
        let code =
            "use std::{fs::{self, File}, net};\npub use a::b as c;\nx = std::thread::spawn(y);";
        let found = paths(code);
        let text: Vec<&str> = found.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(text, ["std::fs", "std::fs::File", "std::net", "a::b", "std::thread::spawn"]);
        assert_eq!(found[4].0, 2);
    }
}
