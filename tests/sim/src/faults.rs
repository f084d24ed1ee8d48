//! What goes wrong with a disk, besides crashes: any operation may fail, when it completes or at
//! once when it is handed over, with an I/O error or for want of space.

use std::path::Path;

use engine_rt::sim::{Disk, DiskOp, FailRule};

use crate::chance::Chance;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// What a failing operation's fault says.
pub fn is_injected(detail: &str) -> bool {
    detail.contains("os error 5)") || detail.contains("os error 28)") || detail.contains("no space")
}

/// Some time from now on an operation fails, or a few of them, in one shard or anywhere.
pub fn inject(disk: &Disk, chance: &mut Chance, shard: Option<&Path>, skip_max: u64) {
    let no_space = chance.once_in(4);
    let op = if no_space {
        chance.pick(&[DiskOp::Allocate, DiskOp::Create, DiskOp::CreateDir, DiskOp::Write])
    } else {
        chance.pick(&[
            DiskOp::Write,
            DiskOp::Write,
            DiskOp::Write,
            DiskOp::Flush,
            DiskOp::Flush,
            DiskOp::FlushDir,
            DiskOp::Rename,
            DiskOp::Remove,
            DiskOp::SetLen,
            DiskOp::Allocate,
            DiskOp::Create,
            DiskOp::Open,
            DiskOp::Read,
        ])
    };
    // What is rare is not left out by waiting for too much of it.
    let common = matches!(op, DiskOp::Write | DiskOp::Read | DiskOp::Flush);
    let skip = chance.below(if common { skip_max } else { skip_max / 12 + 1 });
    let kinds = ["/journal/", "/logs/", ".side", ".log", "/checkpoint", ""];
    let kind = chance.pick(&kinds);
    let path_contains = match shard.map(Path::to_string_lossy) {
        // What ends like this lies deeper.
        Some(shard) if kind.starts_with('.') => shard.into_owned(),
        Some(shard) => format!("{shard}{kind}"),
        None => kind.into(),
    };
    let rule = FailRule {
        op: Some(op),
        path_contains,
        skip,
        times: if no_space { 1 + chance.below(20) } else { chance.pick(&[1, 1, 3]) },
        errno: if no_space { ENOSPC } else { EIO },
    };
    if chance.once_in(3) { disk.fail_at_once(rule) } else { disk.fail(rule) }
}

/// The next checkpoints find no space, as on a full disk: a start goes on without one, in the chain
/// of earlier lives. No error: everything that is promised holds.
pub fn refuse_checkpoints(disk: &Disk, times: u64) {
    let (op, path_contains) = (Some(DiskOp::Allocate), "/checkpoint".into());
    disk.fail(FailRule { op, path_contains, skip: 0, times, errno: ENOSPC });
}
