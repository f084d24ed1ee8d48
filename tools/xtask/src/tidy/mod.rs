//! `cargo xtask tidy`: the rules of docs/STYLE.md and docs/ARCHITECTURE.md that a program can hold.
//!
//! Kept true: one file per rule, each with a test that shows it catches what it forbids; the rules
//! only read. The tree itself is a test too (`cargo test -p xtask`), so no commit can be untidy by
//! oversight.

mod absence;
mod arrows;
mod async_rooms;
mod docs;
mod file_names;
mod functions;
mod heads;
mod hosts;
mod leftovers;
mod lines;
mod manifests;
mod map;
mod names;
mod scan;
mod sizes;
mod source;
mod test_regions;
mod unsafety;
mod uses;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use source::Tree;

pub(crate) const HELP: &str = "
cargo xtask tidy [--sizes]

Checks heads, sizes, names, arrows between crates and the absence rules. Prints one line per
finding, `path:line: what is wrong`, and ends non-zero when there is any. --sizes lists the longest
files.
";

/// One thing that is not as the house wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// From 1; 0 where the whole file is meant.
    line: usize,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// What a rule writes its findings to.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, path: &str, line: usize, what: impl Into<String>) {
        self.0.push(Finding { path: path.to_owned(), line, what: what.into() });
    }
}

/// The rules, in the order in which their findings are printed.
const RULES: &[fn(&Tree, &mut Findings)] = &[
    map::check,
    manifests::check,
    arrows::check,
    docs::check,
    heads::check,
    sizes::check,
    functions::check,
    lines::check,
    names::check,
    leftovers::check,
    hosts::check,
    unsafety::check,
    absence::check,
    async_rooms::check,
    file_names::check,
];

fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Findings::default();
    for rule in RULES {
        rule(tree, &mut findings);
    }
    findings.0
}

/// The paths of the Rust files that people write, from the root.
pub(crate) fn rust_files(root: &Path) -> Result<Vec<String>> {
    let tree = Tree::load(root)?;
    let written = tree.rust().filter(|file| !file.is_generated());
    Ok(written.map(|file| file.path.clone()).collect())
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let tree = Tree::load(&crate::tree::root()?)?;
    match arguments {
        [] => {}
        [word] if word == "--sizes" => print!("{}", sizes::longest(&tree, 20)),
        _ => bail!("tidy takes no argument but --sizes"),
    }
    let findings = findings(&tree);
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("tidy: {} files, {}", tree.files.len(), sizes::summary(&tree));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        let tree = Tree::load(&crate::tree::root().unwrap()).unwrap();
        assert!(tree.files.len() > 30, "the tree was not found");
        let findings = findings(&tree);
        let text: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(text.is_empty(), "not tidy:\n{}", text.join("\n"));
    }
}
