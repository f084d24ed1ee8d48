//! The tree works on any machine: no path of one machine, no registry's host name.

use super::Findings;
use super::source::Tree;

/// Files in which cargo and go write where packages are from: Go's are named after a host.
const EXEMPT: &[&str] = &["Cargo.lock", "go.mod", "go.sum"];

/// Written in two halves so that this file does not hold them.
const FORBIDDEN: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("npmjs", ".org"),
    ("npmjs", ".com"),
    ("maven", ".org"),
    ("maven.apache", ".org"),
    ("golang", ".org"),
    ("debian", ".org"),
];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let forbidden: Vec<String> = FORBIDDEN.iter().map(|(a, b)| format!("{a}{b}")).collect();
    let exempt = |path: &str| EXEMPT.contains(&path.rsplit('/').next().unwrap_or_default());
    for file in tree.files.iter().filter(|file| !exempt(&file.path)) {
        for (line, text) in file.text.lines().enumerate() {
            for place in forbidden.iter().filter(|place| names(text, place)) {
                findings.add(&file.path, line + 1, format!("names `{place}`: not every machine's"));
            }
        }
    }
}

/// A path must begin where it is written: `target/work/x` is not a path of a machine.
fn names(text: &str, place: &str) -> bool {
    text.match_indices(place).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !place.starts_with('/')
            || !before.is_some_and(|c| c.is_alphanumeric() || "._}-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_and_registries_are_found() {
        let text =
            format!("a {}{}x\nb target{}{}x\nc {}{}\n", "/wo", "rk/", "/wo", "rk/", "pypi", ".org");
        let locks = [("Cargo.lock", &*text), ("tests/x/go.sum", &*text)];
        let tree = Tree::of(&[&[("README.md", &*text)][..], &locks[..]].concat());
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let lines: Vec<usize> = findings.0.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 3]);
    }
}
