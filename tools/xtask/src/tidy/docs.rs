//! What a newcomer and an operator look for is there, and the changelog has a place for what comes.

use super::Findings;
use super::source::Tree;

const WANTED: &[&str] =
    &["README.md", "docs/ARCHITECTURE.md", "docs/STYLE.md", "docs/CHANGELOG.md", ".ci/run"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for path in WANTED {
        match tree.file(path) {
            None => findings.add(path, 0, "is missing"),
            Some(file) if file.text.trim().is_empty() => findings.add(path, 0, "is empty"),
            Some(_) => {}
        }
    }
    if let Some(changelog) = tree.file("docs/CHANGELOG.md")
        && !changelog.text.contains("## Unreleased")
    {
        findings.add(&changelog.path, 0, "has no `## Unreleased`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_empty_documents_are_found() {
        let tree = Tree::of(&[
            ("README.md", "# B\n"),
            ("docs/ARCHITECTURE.md", "\n"),
            ("docs/CHANGELOG.md", "# Changes\n"),
            (".ci/run", "x\n"),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let found: Vec<String> = findings.0.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "docs/ARCHITECTURE.md: is empty",
                "docs/STYLE.md: is missing",
                "docs/CHANGELOG.md: has no `## Unreleased`"
            ]
        );
    }
}
