//! The workspace's list of members is a map of the house: complete, and in reading order.

use super::Findings;
use super::manifests::manifests;
use super::source::Tree;

/// The rooms in reading order; a crate that is not here has no place yet.
const ORDER: &[&str] = &[
    "engine/base",
    "engine/record",
    "engine/rt",
    "engine/log",
    "replication/raft",
    "replication/machine",
    "replication/coord",
    "replication/control",
    "replication/shard",
    "net/wire",
    "net/rpc",
    "net/server",
    "net/client",
    "net/http",
    "bench/load",
    "bench/micro",
    "tools/bobbin",
    "tools/xtask",
    "tests/sim",
    "tests/e2e",
    "tests/oracle",
    "tests/fuzz",
];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let path = "Cargo.toml";
    let Some(workspace) = tree.file(path) else {
        findings.add(path, 0, "is missing");
        return;
    };
    let members = members(&workspace.text);
    let mut last = 0;
    for (line, member) in &members {
        match ORDER.iter().position(|room| room == member) {
            None => findings.add(path, *line, format!("`{member}` is not a room of the house")),
            Some(place) if place < last => {
                findings.add(path, *line, format!("`{member}` is out of reading order"));
            }
            Some(place) => last = place,
        }
    }
    for manifest in manifests(tree) {
        if !members.iter().any(|(_, member)| *member == manifest.folder) {
            findings.add(&manifest.file.path, 0, "is not on the workspace's map");
        }
    }
}

/// Line number (from 1) and path of each member.
fn members(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate().skip_while(|(_, line)| !line.starts_with("members"));
    lines
        .skip(1)
        .take_while(|(_, line)| !line.starts_with(']'))
        .map(|(index, line)| (index + 1, line.trim().trim_matches([',', '"'])))
        .filter(|(_, line)| !line.starts_with('#') && !line.is_empty())
        .map(|(line, member)| (line, member.trim_matches('"')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_misplaced_member_is_found() {
        let text =
            "[workspace]\nmembers = [\n    \"net/wire\",\n    \"engine/log\",\n    \"lib/x\",\n]\n";
        let tree = Tree::of(&[
            ("Cargo.toml", text),
            ("net/wire/Cargo.toml", ""),
            ("net/rpc/Cargo.toml", ""),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let found: Vec<(&str, usize)> =
            findings.0.iter().map(|finding| (finding.path.as_str(), finding.line)).collect();
        assert_eq!(found, [("Cargo.toml", 4), ("Cargo.toml", 5), ("net/rpc/Cargo.toml", 0)]);
    }
}
