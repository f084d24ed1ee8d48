//! Lines of code are at most 100 columns, without a tab or a blank at the end.

use super::Findings;
use super::source::Tree;

const COLUMNS_MAX: usize = 100;
const ENDINGS: &[&str] = &[".rs", ".py", ".sh", ".java"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in &tree.files {
        let code = ENDINGS.iter().any(|ending| file.path.ends_with(ending));
        if !code || file.is_generated() {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX {
                let what = format!("{columns} columns; at most {COLUMNS_MAX}");
                findings.add(&file.path, index + 1, what);
            }
            if line.contains('\t') || line.ends_with(' ') {
                findings.add(&file.path, index + 1, "a tab, or a blank at the end");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_tabs_and_trailing_blanks_are_found() {
        let text = format!("//! Head\n{}\nx \n\ty\nz\n", "x".repeat(101));
        let tree = Tree::of(&[("a/b/src/a.rs", &text), ("docs/a.md", &text)]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let lines: Vec<usize> = findings.0.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 3, 4]);
    }
}
