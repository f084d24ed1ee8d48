//! Every Rust file opens with `//!`: what it keeps true.

use super::Findings;
use super::source::Tree;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    // A child file of tests is introduced by the file that it stands beside.
    for file in tree.rust().filter(|file| !file.path.ends_with("_test.rs")) {
        let head = file.text.lines().next().unwrap_or_default();
        if head.strip_prefix("//!").is_none_or(|words| words.trim().len() < 10) {
            findings.add(&file.path, 1, "opens without `//!` that says what the file keeps true");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_head_is_found() {
        let tree = Tree::of(&[
            ("engine/base/src/a.rs", "//! Ids that are never used twice.\n"),
            ("engine/base/src/b.rs", "use x;\n"),
            ("engine/base/src/c.rs", "//!\n"),
            ("engine/base/src/c_test.rs", "use x;\n"),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let paths: Vec<&str> = findings.0.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["engine/base/src/b.rs", "engine/base/src/c.rs"]);
    }
}
