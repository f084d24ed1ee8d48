//! A function does one thing: at most 70 lines from `fn` to its closing brace.

use super::Findings;
use super::scan::{block_end, is_word};
use super::source::Tree;
use super::test_regions::line_of;

/// Lines of a function in product code, at most.
const PRODUCT_LINES_MAX: usize = 70;
/// Lines of a test or of what only tests call, at most: a scenario may be told to its end.
const TEST_LINES_MAX: usize = 140;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust().filter(|file| !file.is_generated()) {
        for (name, first, lines) in functions(&file.scan.code) {
            let test = file.is_test_line(first);
            let most = if test { TEST_LINES_MAX } else { PRODUCT_LINES_MAX };
            if lines > most {
                let what = format!("fn {name} has {lines} lines; at most {most}");
                findings.add(&file.path, first + 1, what);
            }
        }
    }
}

/// Name, first line (from 0) and number of lines of each function with a body.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let name: String = code[at + 3..].chars().take_while(|&c| is_word(c)).collect();
        let Some(end) = block_end(code, at).filter(|_| !name.is_empty()) else { continue };
        let first = line_of(code, at);
        found.push((name, first, line_of(code, end) - first + 1));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_function_is_found() {
        let body = "    x();\n".repeat(PRODUCT_LINES_MAX - 1);
        let text = format!("//! H\nfn short() {{\n}}\nfn long(f: fn (u8)) {{\n{body}}}\n");
        let tree = Tree::of(&[("engine/log/src/a.rs", &text)]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        assert_eq!(findings.0.len(), 1);
        assert_eq!(findings.0[0].line, 4);
        assert!(findings.0[0].what.starts_with("fn long has 71 lines"));
    }

    #[test]
    fn a_declaration_is_no_function() {
        assert_eq!(functions("trait A { fn a(); fn b() { } }").len(), 1);
    }
}
