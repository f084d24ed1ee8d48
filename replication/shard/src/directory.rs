//! The node's data directories: whose they are, and formatting fresh ones.
//!
//! Kept true: a directory that is not ours, or that another process has, is refused and stays as it
//! was; formatting that was cut short is begun again, never half used; one process at a time.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine_base::{Fault, FaultKind, NodeId, ShardIndex, Uuid};
use engine_rt::{Core, Create, File, Open, Slice, Sync};

use crate::directory_meta::{DirectoryMeta, META_BYTES_MAX};
use crate::options::{Format, NodeOptions};

/// Says whose a directory is. Its presence ends the formatting.
const META: &str = "bobbin.meta";
/// The same while the directory is being formatted.
const FORMATTING: &str = "bobbin.formatting";
/// Held by the process that has the directory.
const LOCK: &str = "bobbin.lock";
/// Kafka's own file of that kind.
const KAFKA_META: &str = "meta.properties";

/// A data directory that this process has.
pub(crate) struct Directory {
    pub(crate) path: PathBuf,
    pub(crate) meta: DirectoryMeta,
    /// Keeps others out for as long as it is open.
    pub(crate) lock: File,
}

impl Directory {
    /// Lets others in again.
    pub(crate) fn release(self) {
        drop(self.lock);
    }

    /// The directory of one of its shards.
    pub(crate) fn shard(&self, index: ShardIndex) -> PathBuf {
        shard_path(&self.path, index)
    }
}

fn shard_path(dir: &Path, index: ShardIndex) -> PathBuf {
    dir.join(format!("shard-{}", index.0))
}

/// What a look at a directory found.
pub(crate) enum Found {
    Formatted(DirectoryMeta),
    /// Formatting was begun with this plan and not finished.
    Unfinished(Option<DirectoryMeta>),
    Fresh,
}

fn refused(path: &Path, why: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Refused, path.display().to_string(), why)
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
    move |error| refused(path, format!("cannot be used: {error}"))
}

fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
    move |error| Fault::new(FaultKind::WriteFailed, path.display().to_string(), error.to_string())
}

/// Takes all data directories of the node, formatting them if that is asked and they are fresh.
/// Says whether it formatted.
pub(crate) async fn take(
    core: &Core,
    options: &NodeOptions,
) -> Result<(Vec<Directory>, bool), Fault> {
    if options.data_dirs.is_empty() {
        return Err(refused(Path::new("data directories"), "none is given"));
    }
    let mut looks = Vec::new();
    for path in &options.data_dirs {
        looks.push(look(core, path, options.format).await?);
    }
    let (mut formatted, mut fresh) = (Vec::new(), Vec::new());
    for (path, (found, lock)) in options.data_dirs.iter().zip(looks) {
        let path = path.clone();
        match found {
            Found::Formatted(meta) => formatted.push(Directory { path, meta, lock }),
            Found::Unfinished(plan) => fresh.push((path, plan, lock)),
            Found::Fresh => fresh.push((path, None, lock)),
        }
    }
    if formatted.is_empty() {
        let paths = fresh.into_iter().map(|(path, _, lock)| (path, lock)).collect();
        return Ok((format(core, options, paths).await?, true));
    }
    for (path, plan, lock) in fresh {
        // The last step of formatting was reached: every shard is there.
        let first = &formatted[0];
        match plan {
            Some(meta) if meta.incarnation == first.meta.incarnation => {
                finish(core, &path).await?;
                formatted.push(Directory { path, meta, lock });
            }
            _ => {
                let other = first.path.display();
                let why = format!("is empty, but {other} holds data: give both or neither");
                return Err(refused(&path, why));
            }
        }
    }
    check(options, &formatted)?;
    Ok((formatted, false))
}

/// Whether a directory has been formatted, or begun to be. One that is missing or empty has not;
/// one that holds anything else is refused. Writes nothing.
pub async fn is_formatted(core: &Core, path: &Path) -> Result<bool, Fault> {
    if !core.exists(path).await.map_err(unusable(path))? {
        return Ok(false);
    }
    let names = core.list_dir(path).await.map_err(unusable(path))?;
    let has = |name: &str| names.iter().any(|entry| entry.name == name);
    if has(META) || has(FORMATTING) {
        return Ok(true);
    }
    if has(KAFKA_META) {
        let why = "is a data directory of Apache Kafka (it has meta.properties), which Bobbin does \
                   not read; it was left as it is";
        return Err(refused(path, why));
    }
    // What a look at the device leaves behind when it is cut short is nobody's.
    let harmless =
        |name: &str| [LOCK, "lost+found"].contains(&name) || name.starts_with(".direct-io-");
    match names.iter().find(|entry| !harmless(&entry.name)) {
        Some(other) => {
            let name = &other.name;
            let why = format!("is not empty (it has {name}) and not a Bobbin data directory");
            Err(refused(path, why))
        }
        None => Ok(false),
    }
}

/// Looks at one directory and takes its lock; writes nothing but the lock's file, and that only
/// into a directory that is ours or fresh.
pub(crate) async fn look(core: &Core, path: &Path, format: Format) -> Result<(Found, File), Fault> {
    if !is_formatted(core, path).await? {
        if format == Format::Never {
            let there = core.exists(path).await.map_err(unusable(path))?;
            return Err(refused(path, if there { "is not formatted" } else { "does not exist" }));
        }
        core.create_dir_all(path).await.map_err(unusable(path))?;
    }
    let lock = lock(core, path).await?;
    // Another process may have formatted it before we had the lock.
    if core.exists(&path.join(META)).await.map_err(unusable(path))? {
        let meta = read_meta(core, &path.join(META)).await?;
        return Ok((Found::Formatted(meta), lock));
    }
    if core.exists(&path.join(FORMATTING)).await.map_err(unusable(path))? {
        let plan = read_meta(core, &path.join(FORMATTING)).await.ok();
        return Ok((Found::Unfinished(plan), lock));
    }
    Ok((Found::Fresh, lock))
}

/// Takes the directory. A process that is just being killed has it a moment longer: whoever
/// restarts it at once gets it then.
async fn lock(core: &Core, dir: &Path) -> Result<File, Fault> {
    let how = Open { write: true, create: Create::Yes, direct: false };
    let file = core.open(&dir.join(LOCK), how).await.map_err(unusable(dir))?;
    let give_up = core.now() + LOCK_TIME;
    while !file.try_lock().map_err(unusable(dir))? {
        if core.now() >= give_up {
            return Err(refused(dir, "is in use by another process"));
        }
        core.sleep(LOCK_PAUSE).await;
    }
    Ok(file)
}

/// How long a taken directory is tried again, and how often.
const LOCK_TIME: Duration = Duration::from_millis(1000);
const LOCK_PAUSE: Duration = Duration::from_millis(10);

async fn read_meta(core: &Core, path: &Path) -> Result<DirectoryMeta, Fault> {
    let how = Open { write: false, create: Create::No, direct: false };
    let file = core.open(path, how).await.map_err(unusable(path))?;
    let length = file.len().await.map_err(unusable(path))?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > META_BYTES_MAX {
        return Err(refused(path, "is too long to be what it should be"));
    }
    let buf = core.buf(length.max(1));
    let (read, buf) = file.read_at(buf, 0, length).await;
    read.map_err(|error| {
        Fault::new(FaultKind::ReadFailed, path.display().to_string(), error.to_string())
    })?;
    DirectoryMeta::decode(buf.filled()).map_err(|why| refused(path, why))
}

/// Whether these directories are those of one node, of this node, and complete enough to say so.
fn check(options: &NodeOptions, directories: &[Directory]) -> Result<(), Fault> {
    let first = &directories[0];
    let mut seen = BTreeSet::new();
    for Directory { path, meta, .. } in directories {
        let theirs = (meta.cluster, meta.node, meta.incarnation, meta.shard_count);
        let ours = &first.meta;
        if theirs != (ours.cluster, ours.node, ours.incarnation, ours.shard_count) {
            let other = first.path.display();
            return Err(refused(path, format!("belongs to another node than {other}")));
        }
        if meta.node != options.node_id {
            let (has, asked) = (meta.node, options.node_id);
            return Err(refused(path, format!("belongs to node {has}, but this is node {asked}")));
        }
        if let Some(cluster) = options.cluster.filter(|cluster| *cluster != meta.cluster) {
            let has = meta.cluster;
            return Err(refused(path, format!("belongs to cluster {has}, not to {cluster}")));
        }
        if !seen.insert(meta.directory) {
            return Err(refused(path, "is given twice, or is a copy of another one"));
        }
    }
    Ok(())
}

/// Formats fresh directories. The plan is written first and renamed last, so that a crash in
/// between is seen; what such a crash left behind is removed.
async fn format(
    core: &Core,
    options: &NodeOptions,
    paths: Vec<(PathBuf, File)>,
) -> Result<Vec<Directory>, Fault> {
    let id = || Uuid::from_random(u128::from(core.random()) << 64 | u128::from(core.random()));
    let count = usize::from(options.cores).max(paths.len()).max(1);
    let shard_count = u16::try_from(count)
        .map_err(|_| refused(&paths[0].0, "has more shards than a node can have"))?;
    let (cluster, incarnation) = (options.cluster.unwrap_or_else(id), id());
    let node: NodeId = options.node_id;
    let mut directories = Vec::new();
    for (at, (path, lock)) in paths.iter().enumerate() {
        let mine = (0..shard_count).filter(|shard| usize::from(*shard) % paths.len() == at);
        let shards = mine.map(|shard| (ShardIndex(shard), id())).collect();
        let meta =
            DirectoryMeta { cluster, node, incarnation, directory: id(), shard_count, shards };
        directories.push(Directory { path: path.clone(), meta, lock: lock.clone() });
    }
    for Directory { path, meta, .. } in &directories {
        remove_leftovers(core, path).await.map_err(unwritten(path))?;
        write_plan(core, path, meta).await.map_err(unwritten(path))?;
    }
    for directory in &directories {
        for (index, shard) in &directory.meta.shards {
            let path = directory.shard(*index);
            core.create_dir_all(&path).await.map_err(unwritten(&path))?;
            engine_log::format(core, &path, *shard, &options.store).await?;
        }
    }
    for directory in &directories {
        finish(core, &directory.path).await?;
    }
    Ok(directories)
}

async fn write_plan(core: &Core, dir: &Path, meta: &DirectoryMeta) -> io::Result<()> {
    let how = Open { write: true, create: Create::Yes, direct: false };
    let file = core.open(&dir.join(FORMATTING), how).await?;
    file.set_len(0).await?;
    file.write_at(Slice::of_vec(meta.encode()), 0, Sync::No).await?;
    file.sync_all().await?;
    core.sync_dir(dir).await?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => core.sync_dir(parent).await,
        _ => Ok(()),
    }
}

/// The last step: from now on the directory counts as formatted.
async fn finish(core: &Core, dir: &Path) -> Result<(), Fault> {
    core.sync_dir(dir).await.map_err(unwritten(dir))?;
    core.rename(&dir.join(FORMATTING), &dir.join(META)).await.map_err(unwritten(dir))?;
    core.sync_dir(dir).await.map_err(unwritten(dir))
}

/// Removes the shards of a formatting that was cut short. Nothing was ever served from them.
async fn remove_leftovers(core: &Core, dir: &Path) -> io::Result<()> {
    let mut open = Vec::new();
    for entry in core.list_dir(dir).await? {
        if entry.is_dir && entry.name.starts_with("shard-") {
            open.push(dir.join(&entry.name));
        }
    }
    // Directories are removed after everything in them: the deepest was found last.
    let mut emptied = Vec::new();
    while let Some(path) = open.pop() {
        for entry in core.list_dir(&path).await? {
            let name = path.join(&entry.name);
            if entry.is_dir {
                open.push(name);
            } else {
                core.remove_file(&name).await?;
            }
        }
        emptied.push(path);
    }
    for path in emptied.into_iter().rev() {
        core.remove_dir(&path).await?;
    }
    Ok(())
}
