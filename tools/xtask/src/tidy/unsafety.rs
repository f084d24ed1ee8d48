//! `unsafe` lives in engine/rt alone. A test that counts allocations must say `unsafe` to become
//! the allocator; nothing else may.

use super::Findings;
use super::scan::has_word;
use super::source::Tree;

const ROOM: &str = "engine/rt";

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust().filter(|file| file.room() != ROOM) {
        let allocator = file.scan.code.contains("GlobalAlloc");
        for (line, code) in file.code_lines() {
            let shim = allocator && file.is_test_line(line);
            if has_word(code, "unsafe") && !shim {
                findings.add(&file.path, line + 1, "`unsafe` outside engine/rt");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_is_found_outside_its_room() {
        let text = "//! unsafe\n#![forbid(unsafe_code)]\nfn a() { unsafe { b() } }\n";
        let shim = "//! H\nunsafe impl GlobalAlloc for Counting {}\n";
        let tree = Tree::of(&[
            ("engine/rt/src/a.rs", text),
            ("engine/log/src/a.rs", text),
            ("engine/log/tests/allocations.rs", shim),
            ("engine/log/src/shim.rs", shim),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let found: Vec<(&str, usize)> =
            findings.0.iter().map(|finding| (finding.path.as_str(), finding.line)).collect();
        assert_eq!(found, [("engine/log/src/a.rs", 3), ("engine/log/src/shim.rs", 2)]);
    }
}
