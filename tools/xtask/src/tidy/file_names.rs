//! Only engine/log knows the names of the files of a shard.

use super::Findings;
use super::source::Tree;

const ROOM: &str = "engine/log";
/// Rooms of the product; the outside may look at anything.
const HOUSE: &[&str] = &["engine/", "replication/", "net/", "tools/bobbin/"];
/// Endings of the files that engine/log writes.
const ENDINGS: &[&str] =
    &[".log", ".seg", ".segment", ".index", ".idx", ".side", ".sidecar", ".journal"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust().filter(|file| file.room() != ROOM) {
        if !HOUSE.iter().any(|room| file.path.starts_with(room)) {
            continue;
        }
        for (line, text) in &file.scan.strings {
            let name = ENDINGS.iter().find(|ending| text.ends_with(**ending));
            if let Some(ending) = name.filter(|_| !file.is_test_line(*line)) {
                let what = format!("`{ending}`: file names of a shard belong to engine/log");
                findings.add(&file.path, line + 1, what);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_name_outside_the_log_is_found() {
        let text = "//! H\nfn a() { format!(\"{base:020}.log\") }\n";
        let tree = Tree::of(&[
            ("engine/log/src/a.rs", text),
            ("net/server/src/a.rs", text),
            ("net/server/src/a_test.rs", text),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        assert_eq!(findings.0.len(), 1);
        assert_eq!(findings.0[0].path, "net/server/src/a.rs");
    }
}
