//! What the rules need to know of a Cargo.toml, and the rule that every crate takes the workspace's
//! lints, edition and Rust version, and is named after its path.

use super::Findings;
use super::source::{Source, Tree};

/// Crates whose lints table is their own: one is the room of `unsafe`, the others print.
const OWN_LINTS: &[&str] = &["engine/rt", "tools/xtask", "tests/e2e", "tests/oracle", "bench/load"];
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];
/// Crates whose name is what a person types.
const SHORT_NAMES: &[(&str, &str)] = &[("tools/bobbin", "bobbin"), ("tools/xtask", "xtask")];

/// A crate: its folder and the lines of its manifest.
pub(super) struct Manifest<'a> {
    pub(super) folder: &'a str,
    pub(super) file: &'a Source,
}

impl Manifest<'_> {
    /// Section, line number (from 1) and line, for every line that is not blank or a comment.
    pub(super) fn lines(&self) -> Vec<(String, usize, &str)> {
        let (mut section, mut found) = (String::new(), Vec::new());
        for (index, line) in self.file.text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with('[') {
                section = line.trim_matches(['[', ']']).to_owned();
            } else if !line.is_empty() && !line.starts_with('#') {
                found.push((section.clone(), index + 1, line));
            }
        }
        found
    }

    pub(super) fn has(&self, section: &str, line: &str) -> bool {
        self.lines().iter().any(|(s, _, l)| s == section && *l == line)
    }

    fn has_section(&self, section: &str) -> bool {
        self.lines().iter().any(|(s, _, _)| s == section)
    }
}

/// The crates of our workspace, sorted by folder. One that is a workspace of its own, such as a
/// client program of tests/e2e, is none of ours.
pub(super) fn manifests(tree: &Tree) -> Vec<Manifest<'_>> {
    let crates = tree.files.iter().filter_map(|file| {
        file.path.strip_suffix("/Cargo.toml").map(|folder| Manifest { folder, file })
    });
    crates.filter(|of| !of.file.text.lines().any(|line| line == "[workspace]")).collect()
}

/// A crate's name by its folder: the path with dashes.
pub(super) fn name_of(folder: &str) -> String {
    let short = SHORT_NAMES.iter().find(|(path, _)| *path == folder);
    short.map_or_else(|| folder.replace('/', "-"), |(_, name)| (*name).to_owned())
}

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for manifest in manifests(tree) {
        let path = &manifest.file.path;
        for key in INHERITED {
            if !manifest.has("package", &format!("{key}.workspace = true")) {
                findings.add(path, 0, format!("does not say `{key}.workspace = true`"));
            }
        }
        let name = format!("name = \"{}\"", name_of(manifest.folder));
        if !manifest.has("package", &name) {
            findings.add(path, 0, format!("a crate is named after its path: {name}"));
        }
        let own = OWN_LINTS.contains(&manifest.folder) && manifest.has_section("lints.clippy");
        if !own && !manifest.has("lints", "workspace = true") {
            findings.add(path, 0, "does not take the workspace's lints");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_on_its_own_terms_is_found() {
        let good = "[package]\nname = \"engine-log\"\nversion.workspace = true
edition.workspace = true
rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true
[lints]\nworkspace = true\n";
        let bad = good
            .replace("engine-log", "log")
            .replace("edition.workspace = true", "edition = \"2021\"");
        let bad = bad.replace("[lints]\nworkspace = true\n", "");
        let count = |text: &str| {
            let mut findings = Findings::default();
            check(&Tree::of(&[("engine/log/Cargo.toml", text)]), &mut findings);
            findings.0.len()
        };
        assert_eq!(count(good), 0);
        assert_eq!(count(&bad), 3);
        assert_eq!(count(&format!("[workspace]\n{bad}")), 0);
    }
}
