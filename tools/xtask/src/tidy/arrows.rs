//! Arrows point down only. Which crate may use which is docs/ARCHITECTURE.md's table of rooms, here
//! as a table too; what comes from outside is named as well, so that a new dependency is a
//! decision. Dev-dependencies may be anything: tests look where they want.

use super::Findings;
use super::manifests::{manifests, name_of};
use super::source::Tree;

/// A room, the rooms it may use, and the outside crates it may use.
struct Room {
    folder: &'static str,
    ours: &'static [&'static str],
    others: &'static [&'static str],
}

const ENGINE: &[&str] = &["engine-base", "engine-record", "engine-rt", "engine-log"];

const ROOMS: &[Room] = &[
    Room { folder: "engine/base", ours: &[], others: &[] },
    Room {
        folder: "engine/record",
        ours: &["engine-base"],
        others: &["crc32c", "flate2", "lz4_flex", "snap", "zstd"],
    },
    Room {
        folder: "engine/rt",
        ours: &["engine-base"],
        others: &["io-uring", "affinity", "libc", "loom"],
    },
    Room {
        folder: "engine/log",
        ours: &["engine-base", "engine-record", "engine-rt"],
        others: &["crc32c"],
    },
    Room { folder: "replication/raft", ours: &["engine-base"], others: &[] },
    Room { folder: "replication/machine", ours: &["engine-base", "engine-record"], others: &[] },
    Room { folder: "replication/coord", ours: PURE, others: &["regex"] },
    Room { folder: "replication/control", ours: PURE, others: &[] },
    Room {
        folder: "replication/shard",
        ours: &[
            ENGINE[0],
            ENGINE[1],
            ENGINE[2],
            ENGINE[3],
            "replication-raft",
            "replication-machine",
            "replication-coord",
            "replication-control",
        ],
        others: &[],
    },
    Room { folder: "net/wire", ours: &["engine-base", "engine-record"], others: &[] },
    Room {
        folder: "net/rpc",
        ours: &[ENGINE[0], ENGINE[1], ENGINE[2], "replication-raft", "replication-shard"],
        others: &[],
    },
    Room {
        folder: "net/server",
        ours: &[ENGINE[0], ENGINE[1], ENGINE[2], "net-wire", "replication-shard"],
        others: &[],
    },
    Room {
        folder: "net/client",
        ours: &[ENGINE[0], ENGINE[1], ENGINE[2], "net-wire"],
        others: &[],
    },
];

/// What the pure rooms of replication may use.
const PURE: &[&str] = &["engine-base", "engine-record", "replication-machine"];

/// Rooms that may look at anything, and at which nothing looks.
const OUTSIDE: &[&str] = &["tools/", "bench/", "tests/"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let manifests = manifests(tree);
    let ours: Vec<String> = manifests.iter().map(|manifest| name_of(manifest.folder)).collect();
    for manifest in &manifests {
        if OUTSIDE.iter().any(|room| manifest.folder.starts_with(room)) {
            continue;
        }
        let path = &manifest.file.path;
        let Some(room) = ROOMS.iter().find(|room| room.folder == manifest.folder) else {
            findings.add(path, 0, "has no row in the table of arrows");
            continue;
        };
        for (section, line, text) in manifest.lines() {
            let Some(name) = dependency(&section, text) else { continue };
            if ours.contains(&name) && !room.ours.contains(&name.as_str()) {
                findings.add(path, line, format!("{} may not use {name}", room.folder));
            } else if !ours.contains(&name) && !room.others.contains(&name.as_str()) {
                let what = format!("{name} comes from outside: say so in tidy's table of arrows");
                findings.add(path, line, what);
            }
        }
    }
}

/// The crate that a line of a manifest depends on, for users and not for tests.
fn dependency(section: &str, line: &str) -> Option<String> {
    let section = section.rsplit_once("'.").map_or(section, |(_, kind)| kind);
    match section {
        "dependencies" | "build-dependencies" => {
            let end = line.find(['.', ' ', '='])?;
            Some(line[..end].to_owned())
        }
        _ => {
            let table = section.strip_prefix("dependencies.")?;
            line.contains('=').then(|| table.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_points_up_is_found() {
        let log = "[dependencies]\nengine-base.workspace = true\nnet-wire.workspace = true
serde = \"1\"\n[dev-dependencies]\nproptest = \"1\"
[target.'cfg(unix)'.dependencies]\nnix = \"1\"\n";
        let tree = Tree::of(&[
            ("engine/base/Cargo.toml", "[dependencies]\n"),
            ("engine/log/Cargo.toml", log),
            ("net/odd/Cargo.toml", ""),
            ("net/wire/Cargo.toml", "[dependencies.engine-base]\nworkspace = true\n"),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let found: Vec<(&str, usize)> =
            findings.0.iter().map(|finding| (finding.path.as_str(), finding.line)).collect();
        assert_eq!(
            found,
            [
                ("engine/log/Cargo.toml", 3),
                ("engine/log/Cargo.toml", 4),
                ("engine/log/Cargo.toml", 8),
                ("net/odd/Cargo.toml", 0)
            ]
        );
    }
}
