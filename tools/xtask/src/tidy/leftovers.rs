//! Nothing unfinished lies about: no `todo!`, no debug print, no note to oneself.

use super::Findings;
use super::scan::has_word;
use super::source::Tree;

/// In code: what must not be called.
const CALLS: &[&str] = &["todo!", "dbg!", "unimplemented!"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let notes = [["FIX", "ME"].concat(), ["X", "XX"].concat(), ["TO", "DO"].concat()];
    for file in tree.rust() {
        for (line, code) in file.code_lines() {
            for call in CALLS.iter().filter(|call| has_call(code, call)) {
                findings.add(&file.path, line + 1, format!("`{call}` is left over"));
            }
        }
        for (line, text) in file.text.lines().enumerate() {
            for note in notes.iter().filter(|note| has_word(text, note)) {
                findings.add(&file.path, line + 1, format!("{note}: finish it, or file an issue"));
            }
        }
        for (line, text) in &file.scan.strings {
            if text == &["not built", "yet"].join(" ") {
                findings.add(&file.path, line + 1, "a body that is missing");
            }
        }
    }
}

fn has_call(code: &str, call: &str) -> bool {
    code.match_indices(call)
        .any(|(at, _)| !code[..at].chars().next_back().is_some_and(super::scan::is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_found() {
        let marks = [["X", "XX"].concat(), ["FIX", "ME"].concat()];
        let text =
            format!("//! H\n  todo!()\n// {}: later\n\"todo!\"\n// {}\n", marks[0], marks[1]);
        let tree = Tree::of(&[("engine/log/src/a.rs", &text)]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let lines: Vec<usize> = findings.0.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 3, 5]);
    }
}
