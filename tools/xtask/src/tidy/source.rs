//! The tree as the rules see it: every text file with its path, and Rust files scanned once.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::scan::{Scan, scan};
use super::test_regions::test_lines;

/// Folders that are not ours to judge: what builds leave behind, and git's own.
const SKIPPED: &[&str] = &["target", ".git", "node_modules", "__pycache__"];

/// All text files of the tree, sorted by path.
pub(super) struct Tree {
    pub(super) files: Vec<Source>,
}

/// A file of the tree.
pub(super) struct Source {
    /// From the root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
    /// For Rust files: the code without what comments and literals say.
    pub(super) scan: Scan,
    /// For Rust files, by line from 0: inside something that only tests compile.
    test_lines: Vec<bool>,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Source {
        let scanned = if path.ends_with(".rs") { scan(text) } else { Scan::default() };
        let test_lines = test_lines(&scanned.code);
        Source { path: path.to_owned(), text: text.to_owned(), scan: scanned, test_lines }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Written by `cargo xtask codegen`, not by a person.
    pub(super) fn is_generated(&self) -> bool {
        self.path.contains("/generated/") || self.path.ends_with("/generated.rs")
    }

    /// The whole file is compiled for tests only.
    pub(super) fn is_test(&self) -> bool {
        let folder = |name: &str| self.path.split('/').rev().skip(1).any(|part| part == name);
        self.path.ends_with("_test.rs") || folder("tests")
    }

    /// Line `line` (from 0) is compiled for tests only.
    pub(super) fn is_test_line(&self, line: usize) -> bool {
        self.is_test() || self.test_lines.get(line).copied().unwrap_or(false)
    }

    /// The file's room: its first two path components, such as `engine/log`; the first alone at the
    /// top.
    pub(super) fn room(&self) -> &str {
        match self.path.match_indices('/').nth(1) {
            Some((end, _)) => &self.path[..end],
            None => self.path.split('/').next().unwrap_or_default(),
        }
    }

    /// The file's code by line, from 0, with comments and literals blanked.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.scan.code.lines().enumerate()
    }
}

impl Tree {
    /// Reads every text file below `root`.
    pub(super) fn load(root: &Path) -> Result<Tree> {
        let mut files = Vec::new();
        walk(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Tree { files })
    }

    /// A tree made of the given paths and texts.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Tree {
        Tree { files: files.iter().map(|(path, text)| Source::new(path, text)).collect() }
    }

    pub(super) fn rust(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|file| file.is_rust())
    }

    pub(super) fn file(&self, path: &str) -> Option<&Source> {
        self.files.iter().find(|file| file.path == path)
    }
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<Source>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("reading {}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().with_context(|| path.clone())?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).with_context(|| format!("reading {path}"))?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(Source::new(&path, &text));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_tests_and_generated_files_are_known_by_their_paths() {
        let product = Source::new("engine/log/src/journal/ring.rs", "//! R\n");
        assert_eq!(product.room(), "engine/log");
        assert!(!product.is_test() && !product.is_generated());
        assert!(Source::new("engine/log/src/ring_test.rs", "").is_test());
        assert!(Source::new("tests/e2e/src/lib.rs", "").is_test());
        assert!(Source::new("engine/log/tests/rot.rs", "").is_test());
        assert!(Source::new("net/wire/src/generated/fetch.rs", "").is_generated());
        assert_eq!(Source::new("README.md", "").room(), "README.md");
    }
}
