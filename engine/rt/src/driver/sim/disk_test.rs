//! The memory disk: what survives what.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::{Core, Create, File, Open, Slice, Sync};

const MIB: u64 = 1 << 20;

fn world() -> (World, Disk, Core) {
    let world = World::new(7, SimOptions::default());
    let disk = Disk::new(64 * MIB, 512);
    disk.make_dir(Path::new("/d"));
    let core = world.core(&disk);
    (world, disk, core)
}

async fn create(core: &Core, path: &str) -> File {
    let how = Open { write: true, create: Create::Yes, direct: false };
    core.open(Path::new(path), how).await.unwrap()
}

fn bytes(core: &Core, byte: u8, len: usize) -> Slice {
    Slice::copy_of(core, &vec![byte; len])
}

fn contents(disk: &Disk, path: &str) -> Option<Vec<u8>> {
    disk.contents(Path::new(path)).ok()
}

#[test]
fn what_was_written_is_read() {
    let (world, disk, core) = world();
    let core2 = core.clone();
    world
        .block_on(&core, async move {
            let file = create(&core2, "/d/f").await;
            file.write_at(bytes(&core2, 1, 5000), 0, Sync::No).await.unwrap();
            file.write_at(bytes(&core2, 2, 10), 4090, Sync::No).await.unwrap();
            let (count, buf) = file.read_at(core2.buf(8192), 4085, 8192).await;
            assert_eq!(count.unwrap(), 5000 - 4085);
            assert_eq!(
                buf.filled()[..20],
                [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1]
            );
            file.set_len(4092).await.unwrap();
            file.set_len(4100).await.unwrap();
            let (count, buf) = file.read_at(core2.buf(8192), 4090, 100).await;
            assert_eq!(count.unwrap(), 10);
            assert_eq!(buf.filled(), [2, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
            assert_eq!(file.len().await.unwrap(), 4100);
        })
        .unwrap();
    assert_eq!(disk.files(), vec![(Path::new("/d/f").to_owned(), 4100)]);
}

#[test]
fn power_loss_keeps_what_was_flushed_and_any_part_of_the_rest() {
    let (world, disk, core) = world();
    let core2 = core.clone();
    world
        .block_on(&core, async move {
            let file = create(&core2, "/d/f").await;
            file.write_at(bytes(&core2, 1, 4096), 0, Sync::No).await.unwrap();
            file.sync_all().await.unwrap();
            core2.sync_dir(Path::new("/d")).await.unwrap();
            file.write_at(bytes(&core2, 2, 2048), 1024, Sync::No).await.unwrap();
        })
        .unwrap();
    let mut seen = BTreeSet::new();
    for seed in 0..400 {
        let found = contents(&disk.crash(seed, Crash::Power), "/d/f").unwrap();
        assert_eq!(found.len(), 4096);
        assert!(found[..1024].iter().chain(&found[3072..]).all(|&b| b == 1), "flushed bytes stay");
        for sector in found.chunks(512) {
            assert!(sector.iter().all(|b| *b == sector[0]), "a sector is whole");
        }
        seen.insert(found.chunks(512).map(|sector| sector[0]).collect::<Vec<u8>>());
    }
    assert_eq!(seen.len(), 16, "every combination of the four sectors comes up");
    let killed = disk.crash(1, Crash::Kill);
    assert_eq!(contents(&killed, "/d/f").unwrap()[1024..3072], [2; 2048]);
    let lost =
        (0..50).any(|seed| contents(&killed.crash(seed, Crash::Power), "/d/f").unwrap()[1024] == 1);
    assert!(lost, "the death of a process flushes nothing");
}

#[test]
fn dsync_writes_survive_and_older_unflushed_ones_do_not_come_back_over_them() {
    let (world, disk, core) = world();
    let core2 = core.clone();
    world
        .block_on(&core, async move {
            let file = create(&core2, "/d/f").await;
            core2.sync_dir(Path::new("/d")).await.unwrap();
            file.write_at(bytes(&core2, 1, 4096), 0, Sync::No).await.unwrap();
            file.write_at(bytes(&core2, 2, 4096), 0, Sync::Dsync).await.unwrap();
        })
        .unwrap();
    for seed in 0..100 {
        let found = contents(&disk.crash(seed, Crash::Power), "/d/f").unwrap();
        assert_eq!(found, vec![2; 4096]);
    }
}

#[test]
fn a_flush_covers_only_what_had_completed_when_it_began() {
    let mut overtaken = 0;
    for seed in 0..30 {
        let world = World::new(seed, SimOptions::default());
        let disk = Disk::new(MIB, 512);
        let core = world.core(&disk);
        let core2 = core.clone();
        let late_was_first = world
            .block_on(&core, async move {
                let file = create(&core2, "/f").await;
                core2.sync_dir(Path::new("/")).await.unwrap();
                file.write_at(bytes(&core2, 1, 512), 0, Sync::No).await.unwrap();
                let late = file.write_at(bytes(&core2, 2, 512), 512, Sync::No);
                let late = core2.spawn(crate::Class::Produce, "late", late);
                file.sync_data().await.unwrap();
                let late_was_first = late.is_finished();
                late.await.unwrap();
                late_was_first
            })
            .unwrap();
        let mut late_lost = false;
        for seed in 0..50 {
            let found = contents(&disk.crash(seed, Crash::Power), "/f").unwrap();
            assert_eq!(found[..512], [1; 512]);
            late_lost |= found.len() == 512 || found[512] == 0;
        }
        assert!(late_lost, "it was under way when the flush began");
        overtaken += u32::from(late_was_first);
    }
    assert!(overtaken > 0, "sometimes it completed before the flush, and was not covered");
}

#[test]
fn names_are_lost_without_their_directory_flushed() {
    let (world, disk, core) = world();
    let core2 = core.clone();
    world
        .block_on(&core, async move {
            let old = create(&core2, "/d/old").await;
            old.write_at(bytes(&core2, 1, 512), 0, Sync::Dsync).await.unwrap();
            core2.sync_dir(Path::new("/d")).await.unwrap();
            let new = create(&core2, "/d/temp").await;
            new.write_at(bytes(&core2, 2, 512), 0, Sync::Dsync).await.unwrap();
            core2.rename(Path::new("/d/temp"), Path::new("/d/old")).await.unwrap();
        })
        .unwrap();
    let mut seen = BTreeSet::new();
    for seed in 0..200 {
        let found = disk.crash(seed, Crash::Power);
        let old = contents(&found, "/d/old").unwrap();
        assert!(old == vec![1; 512] || old == vec![2; 512], "a rename is atomic");
        seen.insert((old[0], contents(&found, "/d/temp").is_some()));
    }
    assert_eq!(seen, BTreeSet::from([(1, false), (1, true), (2, false)]));
    let killed = disk.crash(0, Crash::Kill);
    assert_eq!(contents(&killed, "/d/old").unwrap(), vec![2; 512]);
}

#[test]
fn a_frozen_disk_stops_the_world_and_what_was_handed_over_is_in_doubt() {
    let (world, disk, core) = world();
    disk.freeze_after(3);
    let core2 = core.clone();
    let stuck = world.block_on(&core, async move {
        let file = create(&core2, "/d/f").await;
        core2.sync_dir(Path::new("/d")).await.unwrap();
        file.write_at(bytes(&core2, 1, 512), 0, Sync::Dsync).await.unwrap();
        file.write_at(bytes(&core2, 2, 512), 512, Sync::Dsync).await.unwrap();
        unreachable!("the fourth operation never completes");
    });
    assert_eq!(stuck, Err::<(), Stuck>(Stuck::Frozen));
    assert_eq!(disk.writes(), 4);
    let lengths: BTreeSet<usize> = (0..100)
        .map(|seed| contents(&disk.crash(seed, Crash::Power), "/d/f").unwrap().len())
        .collect();
    assert_eq!(lengths, BTreeSet::from([512, 1024]));
    assert_eq!(contents(&disk.crash(0, Crash::Kill), "/d/f").unwrap().len(), 1024);
}

#[test]
fn errors_come_when_declared() {
    let (world, disk, core) = world();
    let core2 = core.clone();
    let rule = |op, path: &str, skip, errno| FailRule {
        op: Some(op),
        path_contains: path.to_owned(),
        skip,
        times: 1,
        errno,
    };
    disk.fail(rule(DiskOp::Write, "/f", 1, libc::EIO));
    disk.fail(rule(DiskOp::Read, "", 0, libc::EIO));
    disk.fail(rule(DiskOp::Flush, "/f", 0, libc::EIO));
    world
        .block_on(&core, async move {
            let file = create(&core2, "/d/f").await;
            let code = |result: std::io::Result<()>| result.unwrap_err().raw_os_error().unwrap();
            file.write_at(bytes(&core2, 1, 512), 0, Sync::No).await.unwrap();
            let failed = file.write_at(bytes(&core2, 2, 2048), 0, Sync::No).await;
            assert_eq!(code(failed), libc::EIO);
            let (count, buf) = file.read_at(core2.buf(4096), 0, 512).await;
            assert_eq!(count.unwrap_err().raw_os_error(), Some(libc::EIO));
            assert_eq!(code(file.sync_all().await), libc::EIO);
            let (count, buf) = file.read_at(buf, 0, 512).await;
            assert_eq!(count.unwrap(), 512);
            assert!(buf.filled()[0] == 1 || buf.filled()[0] == 2);
            file.sync_all().await.unwrap();
        })
        .unwrap();
}

#[test]
fn a_full_disk_says_so_and_has_room_again_after_a_removal() {
    let (world, disk, core) = world();
    disk.set_capacity(64 << 10);
    let core2 = core.clone();
    world
        .block_on(&core, async move {
            let full = create(&core2, "/d/full").await;
            full.allocate(0, 40 << 10).await.unwrap();
            let file = create(&core2, "/d/f").await;
            let failed = file.write_at(bytes(&core2, 1, 32 << 10), 0, Sync::No).await;
            assert_eq!(failed.unwrap_err().raw_os_error(), Some(libc::ENOSPC));
            assert_eq!(core2.disk_space(Path::new("/d")).await.unwrap().free, 24 << 10);
            full.write_at(bytes(&core2, 1, 40 << 10), 0, Sync::No).await.unwrap();
            full.set_len(10 << 10).await.unwrap();
            file.write_at(bytes(&core2, 1, 32 << 10), 0, Sync::No).await.unwrap();
            core2.remove_file(Path::new("/d/full")).await.unwrap();
            assert_eq!(core2.disk_space(Path::new("/d")).await.unwrap().free, 32 << 10);
        })
        .unwrap();
    assert_eq!(disk.used(), 32 << 10);
    assert!(disk.crash(3, Crash::Power).used() <= 44 << 10);
}

#[test]
fn rot_stays() {
    let (world, disk, core) = world();
    disk.put(Path::new("/d/f"), &[7; 1000]);
    assert!(disk.rot(Path::new("/d/f"), 999, Rot::Flip(1)));
    assert!(!disk.rot(Path::new("/d/f"), 1000, Rot::Flip(1)));
    assert!(disk.rot(Path::new("/d/f"), 10, Rot::Zero(5)));
    assert!(disk.rot(Path::new("/d/f"), 10, Rot::Swap(20, 2)));
    let found = contents(&disk.crash(1, Crash::Power), "/d/f").unwrap();
    assert_eq!(found[999], 5);
    assert_eq!(found[10..22], [7, 7, 0, 0, 0, 7, 7, 7, 7, 7, 0, 0]);
    drop((world, core));
}

#[test]
fn locks_hold_until_the_last_operation_is_over() {
    let (world, disk, core) = world();
    let other = world.core(&disk);
    let (core2, other2) = (core.clone(), other.clone());
    world
        .block_on(&core, async move {
            let file = create(&core2, "/d/f").await;
            assert!(file.try_lock().unwrap());
            let same = create(&other2, "/d/f").await;
            assert!(!same.try_lock().unwrap());
            drop(file.write_at(bytes(&core2, 1, 512), 0, Sync::No));
            drop(file);
            assert!(!same.try_lock().unwrap(), "the write still has the descriptor");
            core2.sleep(std::time::Duration::from_millis(1)).await;
            assert!(same.try_lock().unwrap());
        })
        .unwrap();
    assert_eq!(contents(&disk, "/d/f").unwrap().len(), 512, "a dropped future stops nothing");
}

#[test]
fn direct_files_want_whole_sectors() {
    let (world, _disk, core) = world();
    let core2 = core.clone();
    world
        .block_on(&core, async move {
            let how = Open { write: true, create: Create::New, direct: true };
            let file = core2.open(Path::new("/d/f"), how).await.unwrap();
            file.write_at(bytes(&core2, 1, 1024), 512, Sync::Dsync).await.unwrap();
            let odd = file.write_at(bytes(&core2, 1, 100), 0, Sync::Dsync).await;
            assert_eq!(odd.unwrap_err().raw_os_error(), Some(libc::EINVAL));
            let again = core2.open(Path::new("/d/f"), how).await;
            assert_eq!(again.err().and_then(|e| e.raw_os_error()), Some(libc::EEXIST));
            let entries = core2.list_dir(Path::new("/d")).await.unwrap();
            assert_eq!(entries.len(), 1);
            assert_eq!((entries[0].name.as_str(), entries[0].len), ("f", 1536));
        })
        .unwrap();
}
