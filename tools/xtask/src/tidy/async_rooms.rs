//! Waiting belongs to few rooms: the pure ones (ids, records, grammar, machines) are plain
//! functions.

use super::Findings;
use super::scan::has_word;
use super::source::Tree;

/// Rooms where `async` is allowed; the outside (tools, bench, tests) is free.
const ROOMS: &[&str] = &[
    "engine/rt",
    "engine/log",
    "replication/shard",
    "net/rpc",
    "net/server",
    "net/client",
    "net/http",
];
const OUTSIDE: &[&str] = &["tools/", "bench/", "tests/"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust() {
        if ROOMS.contains(&file.room()) || OUTSIDE.iter().any(|room| file.path.starts_with(room)) {
            continue;
        }
        for (line, code) in file.code_lines() {
            if has_word(code, "async") || code.contains(".await") {
                findings.add(&file.path, line + 1, "`async` in a room of plain functions");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_in_a_pure_room_is_found() {
        let text = "//! async\nasync fn a() { b().await }\n";
        let tree = Tree::of(&[("net/wire/src/a.rs", text), ("net/server/src/a.rs", text)]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        assert_eq!(findings.0.len(), 1);
        assert_eq!((findings.0[0].path.as_str(), findings.0[0].line), ("net/wire/src/a.rs", 2));
    }
}
