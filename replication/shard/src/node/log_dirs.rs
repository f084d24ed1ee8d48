//! What lies in the data directories, as an operator asks for it.
//!
//! Kept true: every open shard of a directory is counted with it; a directory whose shards have all
//! stopped says so.

use std::path::PathBuf;

use engine_base::{Refusal, ShardIndex};
use engine_rt::DiskSpace;

use crate::node::Node;
use crate::partition::Partition;
use crate::shard::Shard;
use crate::start::Seat;

/// A data directory.
#[derive(Clone, Debug)]
pub struct LogDir {
    /// Where it is.
    pub path: PathBuf,
    /// The shards in it, by index.
    pub shards: Vec<ShardIndex>,
    /// Room on its file system; `None` where that cannot be asked.
    pub space: Option<DiskSpace>,
    /// Nothing in it is served any more.
    pub is_stopped: bool,
}

impl LogDir {
    /// Whether this shard lies in it.
    pub fn keeps(&self, shard: ShardIndex) -> bool {
        self.shards.contains(&shard)
    }
}

impl Node {
    /// The data directories, in the order in which they were given.
    pub async fn log_dirs(&self) -> Vec<LogDir> {
        let mut dirs = self.log_dirs_without_space();
        for dir in &mut dirs {
            dir.space = self.0.core.disk_space(&dir.path).await.ok();
        }
        dirs
    }

    fn log_dirs_without_space(&self) -> Vec<LogDir> {
        let seat = |index: &ShardIndex| self.0.seats.iter().nth(usize::from(index.0));
        let serves = |seat: &Seat| seat.shard().is_some_and(|shard| !Shard::is_stopped(shard));
        let directories = self.0.directories.borrow();
        let dirs = directories.iter().map(|directory| {
            let shards: Vec<ShardIndex> =
                directory.meta.shards.iter().map(|(index, _)| *index).collect();
            let is_stopped = !shards.iter().filter_map(seat).any(serves);
            LogDir { path: directory.path.clone(), shards, space: None, is_stopped }
        });
        dirs.collect()
    }

    /// Bytes of this node's replica: its segments, with what is still in memory.
    pub fn replica_bytes(&self, partition: Partition) -> Result<u64, Refusal> {
        self.shard(partition).with(partition, |replica| replica.log().size_bytes())
    }
}
