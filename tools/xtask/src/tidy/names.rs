//! Names say what is inside. Words that would fit anything are no names for files and modules.

use super::Findings;
use super::scan::is_word;
use super::source::Tree;

const BANNED: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "impl", "impls",
    "types", "v2", "ng",
];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in &tree.files {
        for part in file.path.split('/') {
            let stem = part.split('.').next().unwrap_or_default();
            if let Some(word) = banned_word(stem) {
                findings.add(&file.path, 0, format!("`{word}` in a name says nothing"));
            }
        }
        for (line, code) in file.code_lines() {
            let Some(name) = module_name(code) else { continue };
            if let Some(word) = banned_word(name) {
                findings.add(&file.path, line + 1, format!("`{word}` in a name says nothing"));
            }
        }
    }
}

fn banned_word(name: &str) -> Option<&'static str> {
    let words = |banned: &&&str| name.split(['_', '-']).any(|word| word == **banned);
    BANNED.iter().find(words).copied()
}

/// The name that a line declares with `mod NAME`.
fn module_name(code: &str) -> Option<&str> {
    let (before, after) = code.split_once("mod ")?;
    let end = after.find(|c: char| !is_word(c)).unwrap_or(after.len());
    let declares = before.trim().is_empty() || before.trim_start().starts_with("pub");
    declares.then_some(&after[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_words_are_found_in_files_folders_and_modules() {
        let tree = Tree::of(&[
            ("engine/log/src/segment_util.rs", "//! H\n"),
            ("engine/common/src/lib.rs", "//! H\n"),
            ("engine/log/src/lib.rs", "//! H\npub(crate) mod types {}\nmod ring;\n"),
            ("engine/log/src/implicit.rs", "//! H\n// mod misc;\n"),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let lines: Vec<usize> = findings.0.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [0, 0, 2]);
    }
}
