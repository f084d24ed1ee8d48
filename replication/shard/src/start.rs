//! A node's start, step by step: directories, stores, metadata, replicas, epochs, then service.
//!
//! Kept true: nothing is served before a new epoch of every replica is durable; a shard that cannot
//! be opened takes only its own replicas down, unless it keeps the metadata; refusals leave
//! everything as it was.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use engine_base::settings::TopicSettings;
use engine_base::{Fault, FaultKind, LogId, NodeId, Refusal, ShardIndex, Uuid};
use engine_log::{LogOptions, Recovered, Seq, Store};
use engine_rt::{Class, Core, Task};
use replication_control::{Answer, Cluster, Command, METADATA_LOG, NodeFacts};
use replication_machine::Driver;

use crate::directory::{self, Directory};
use crate::disk::DiskPlace;
use crate::host::{self, Home, WAITING_MAX};
use crate::inbox::Inbox;
use crate::metadata::{self, Metadata};
use crate::options::NodeOptions;
use crate::partition::Partition;
use crate::replica::{Audience, recover};
use crate::report::{ShardReport, StartReport};
use crate::shard::{SMALL_ENTRY_BYTES, Shard};

/// A place for a shard: open, or stopped by the fault that kept it from opening.
pub(crate) enum Seat {
    Open(Shard),
    Stopped(Fault),
}

/// Everything that a started node consists of.
pub(crate) struct Started {
    pub(crate) directories: Vec<Directory>,
    pub(crate) seats: Vec<Seat>,
    pub(crate) tasks: Vec<Task<()>>,
    pub(crate) metadata: Metadata,
    pub(crate) audience: Audience,
    pub(crate) report: StartReport,
}

type Opened = Result<(Store, Recovered), Fault>;

/// Starts a node. See [`crate::Node::start`].
pub(crate) async fn start(core: &Core, options: &NodeOptions) -> Result<Started, Fault> {
    let begun = core.now();
    let (directories, formatted) = directory::take(core, options).await?;
    let audience = Audience::default();
    let mut seats = Vec::new();
    let mut reports = Vec::new();
    let mut recovered = Vec::new();
    for (index, place, opened) in open_stores(core, options, &directories).await? {
        let mut report = ShardReport {
            shard: index,
            place,
            logs: 0,
            set_aside: Vec::new(),
            recovery: None,
            fault: None,
        };
        match opened {
            Ok((store, found)) => {
                report.recovery = Some(found.report.clone());
                let shard = shard_over(core, options, &report, store, &audience);
                seats.push(Seat::Open(shard));
                recovered.push(Some(found));
            }
            Err(fault) => {
                report.fault = Some(fault.clone());
                seats.push(Seat::Stopped(fault));
                recovered.push(None);
            }
        }
        reports.push(report);
    }
    let home = match &seats[0] {
        Seat::Open(shard) => shard.clone(),
        Seat::Stopped(fault) => return Err(fault.clone()),
    };
    let meta = directories[0].meta.clone();
    let (home_partition, stood, driver) = open_metadata(&home, options, meta.cluster).await?;
    let mut due = vec![(home.clone(), stood)];
    for ((seat, found), report) in seats.iter().zip(&recovered).zip(&mut reports) {
        let (Seat::Open(shard), Some(found)) = (seat, found) else { continue };
        let sorted = recover::sort(driver.borrow().machine(), options.node_id, shard.index, found);
        if let Some(seq) = serve(shard, sorted, report).await? {
            due.push((shard.clone(), seq));
        }
    }
    let open: Vec<Shard> = seats.iter().filter_map(Seat::shard).cloned().collect();
    let mut tasks: Vec<Task<()>> = open.iter().flat_map(Shard::start).collect();
    for (shard, seq) in due {
        // A store that fails now stops its own replicas; without the metadata there is no node.
        if shard.durable(seq).await.is_err() && shard.index == home.index {
            return Err(first_fault(&shard));
        }
    }
    let seen = recovered.iter().flatten().flat_map(|found| &found.logs).map(|log| log.id).max();
    let metadata = Metadata::new(metadata_home(&home, home_partition), open, driver);
    metadata.publish().await;
    tasks.push(metadata.start());
    introduce(&metadata, options, &meta, seen).await?;
    let report = StartReport {
        cluster: meta.cluster,
        incarnation: meta.incarnation,
        formatted,
        shards: reports,
        took: core.now() - begun,
    };
    Ok(Started { directories, seats, tasks, metadata, audience, report })
}

fn metadata_home(home: &Shard, partition: Partition) -> Home {
    Home {
        core: home.core.clone(),
        shard: home.clone(),
        partition,
        log: home.store.log(METADATA_LOG).expect("because it was opened"),
        name: metadata::NAME,
        snapshot_records: None,
    }
}

fn shard_over(
    core: &Core,
    options: &NodeOptions,
    report: &ShardReport,
    store: Store,
    audience: &Audience,
) -> Shard {
    let inbox = Inbox::new(options.inbox_commands_max, options.inbox_bytes_max);
    let disk = DiskPlace {
        place: PathBuf::from(&report.place),
        reserve_bytes: options.store.disk_reserve_bytes,
        housekeeping_ms: options.store.housekeeping_ms,
    };
    let (index, node) = (report.shard, options.node_id);
    Shard::new(core, index, node, store, disk, inbox, audience.clone())
}

impl Seat {
    pub(crate) fn shard(&self) -> Option<&Shard> {
        match self {
            Seat::Open(shard) => Some(shard),
            Seat::Stopped(_) => None,
        }
    }
}

fn first_fault(shard: &Shard) -> Fault {
    let fault = shard.faults().into_iter().next();
    fault.unwrap_or_else(|| Fault::new(FaultKind::WriteFailed, "shard", "its store stopped"))
}

/// Opens every shard at the same time; in the order of their indexes, those that no directory has
/// included. A refusal is one of the whole node.
async fn open_stores(
    core: &Core,
    options: &NodeOptions,
    directories: &[Directory],
) -> Result<Vec<(ShardIndex, String, Opened)>, Fault> {
    let mut opening = Vec::new();
    for index in (0..directories[0].meta.shard_count).map(ShardIndex) {
        let owner = directories.iter().find_map(|directory| {
            let mut shards = directory.meta.shards.iter();
            shards.find(|(shard, _)| *shard == index).map(|(_, id)| (directory, *id))
        });
        let Some((directory, id)) = owner else {
            let fault = Fault::new(
                FaultKind::Missing,
                format!("shard {}", index.0),
                "the directory that keeps it was not given",
            );
            opening.push((index, String::new(), Err(fault)));
            continue;
        };
        let (path, store, core) = (directory.shard(index), options.store.clone(), core.clone());
        let place = path.display().to_string();
        let task = core.clone().spawn(Class::Control, "open shard", async move {
            let (store, found) = Store::open(&core, &path, store).await?;
            if found.shard != id {
                let (place, shard) = (path.display().to_string(), found.shard);
                let why = format!("holds shard {shard} where {id} should be");
                return Err(Fault::new(FaultKind::Refused, place, why));
            }
            Ok((store, found))
        });
        opening.push((index, place, Ok(task)));
    }
    let mut stores = Vec::with_capacity(opening.len());
    for (index, place, task) in opening {
        let opened = match task {
            Ok(task) => task.await,
            Err(fault) => Err(fault),
        };
        match opened {
            Err(fault) if fault.kind == FaultKind::Refused => return Err(fault),
            opened => stores.push((index, place, opened)),
        }
    }
    Ok(stores)
}

/// The metadata's replica and a machine that has replayed its log.
async fn open_metadata(
    home: &Shard,
    options: &NodeOptions,
    cluster: Uuid,
) -> Result<(Partition, Seq, RefCell<Driver<Cluster>>), Fault> {
    let settings = TopicSettings {
        write_caching: false,
        retention_ms: None,
        retention_bytes: None,
        ..TopicSettings::default()
    };
    let log = match home.store.log(METADATA_LOG) {
        Some(log) => log,
        None => {
            let create = || home.store.create_log(METADATA_LOG, metadata_options());
            let made = home.when_room(SMALL_ENTRY_BYTES, create).await;
            made.map_err(|why| no_metadata(home, &why))?.0
        }
    };
    let machine = Cluster::new(Rc::new(options.broker.clone()), options.node_id);
    let driver = RefCell::new(Driver::new(machine, WAITING_MAX));
    host::replay(&home.core, metadata::NAME, &log, log.end(), &driver).await?;
    let known = driver.borrow().machine().image().cluster;
    if !known.is_zero() && known != cluster {
        let why = format!("its metadata is of cluster {known}, not of {cluster}");
        return Err(Fault::new(FaultKind::Refused, "data directory", why));
    }
    let served = home.when_room(SMALL_ENTRY_BYTES, || home.serve_log(&log, &settings)).await;
    let (partition, stood) = served.map_err(|why| no_metadata(home, &why))?;
    log.set_options(metadata_options());
    Ok((partition, stood, driver))
}

/// The metadata keeps everything, and is written below the disk reserve too: its deletes make room.
fn metadata_options() -> LogOptions {
    LogOptions { delete: false, below_reserve: true, ..LogOptions::default() }
}

fn no_metadata(home: &Shard, why: &Refusal) -> Fault {
    home.store.failed().unwrap_or_else(|| {
        Fault::new(FaultKind::WriteFailed, "metadata log", format!("cannot be written: {why:?}"))
    })
}

/// Serves, deletes and sets aside what one shard recovered. Every replica stands in the same block.
async fn serve(
    shard: &Shard,
    sorted: recover::Sorted,
    report: &mut ShardReport,
) -> Result<Option<Seq>, Fault> {
    for (id, settings) in sorted.serve {
        let log = shard.store.log(id).expect("because recovery listed it");
        shard.owe_stand(log, settings);
    }
    sorted.delete.into_iter().for_each(|id| shard.owe_delete(id));
    // A store that failed says so through its progress.
    let due = shard.follow_owed().await.unwrap_or(None);
    report.logs = shard.replica_count();
    for id in sorted.set_aside {
        // On a full disk it waits for the next start: nobody serves it.
        if shard.store.set_aside(id).await? {
            report.set_aside.push(id);
        }
    }
    Ok(due)
}

/// Tells the metadata what it must know of this node before it serves.
async fn introduce(
    metadata: &Metadata,
    options: &NodeOptions,
    meta: &crate::directory_meta::DirectoryMeta,
    seen: Option<LogId>,
) -> Result<(), Fault> {
    let facts = NodeFacts {
        id: options.node_id,
        incarnation: meta.incarnation,
        endpoints: options.endpoints.clone(),
        rack: options.rack.clone(),
        shards: meta.shard_count,
    };
    let next = seen.map_or(0, |log| log.0.saturating_add(1));
    let commands =
        [Command::Found(meta.cluster), Command::UseLogIds { next }, Command::Join(facts)];
    for command in commands {
        match metadata.ask(command).await {
            Ok(Answer::Done) => {}
            Ok(other) => unreachable!("this command is answered with done, not {other:?}"),
            // A full disk must not keep a node from serving what it has.
            Err(Refusal::StorageFull) if knows(metadata, options.node_id) => {}
            Err(why) => {
                let why = format!("cannot be written: {why:?}");
                return Err(Fault::new(FaultKind::WriteFailed, "metadata log", why));
            }
        }
    }
    Ok(())
}

fn knows(metadata: &Metadata, node: NodeId) -> bool {
    metadata.image().nodes.contains_key(&node)
}
