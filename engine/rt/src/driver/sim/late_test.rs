//! What a dead process left under way, and operations that fail at once.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::{Core, Create, File, Open, Slice, Sync};

async fn open(core: &Core, path: &str) -> File {
    let how = Open { write: true, create: Create::Yes, direct: false };
    core.open(Path::new(path), how).await.unwrap()
}

fn rule(op: DiskOp, errno: i32) -> FailRule {
    FailRule { op: Some(op), path_contains: "/f".into(), skip: 0, times: 1, errno }
}

/// A disk whose process died with two writes to /f and one to /g under way, all files locked.
fn killed(seed: u64) -> Disk {
    let world = World::new(seed, SimOptions::default());
    let disk = Disk::new(1 << 20, 512);
    let core = world.core(&disk);
    let files = world.block_on(&core.clone(), async move {
        let (f, g, h) = (open(&core, "/f").await, open(&core, "/g").await, open(&core, "/h").await);
        for file in [&f, &g, &h] {
            assert!(file.try_lock().unwrap());
        }
        for (file, at) in [(&f, 0), (&f, 512), (&g, 0)] {
            drop(file.write_at(Slice::copy_of(&core, &[1; 512]), at, Sync::No));
        }
        core.submitted().await;
        (f, g, h)
    });
    let dead = disk.kill_late(seed);
    drop(files);
    dead
}

#[test]
fn a_lock_is_held_until_the_last_operation_of_its_descriptor_has_landed() {
    let mut orders = BTreeSet::new();
    for seed in 0..60 {
        let disk = killed(seed);
        assert_eq!(disk.late(), 3);
        // A copy has its own.
        let other = disk.snapshot();
        let world = World::new(seed, SimOptions::default());
        let core = world.core(&disk);
        let seen = world.block_on(&core.clone(), async move {
            let (f, g, h) =
                (open(&core, "/f").await, open(&core, "/g").await, open(&core, "/h").await);
            assert!(h.try_lock().unwrap(), "nothing is under way on it");
            let mut order = Vec::new();
            for _ in 0..100_000 {
                for (name, file, len) in [("f", &f, 1024), ("g", &g, 512)] {
                    if !order.contains(&name) && file.try_lock().unwrap() {
                        assert_eq!(file.len().await.unwrap(), len, "all of it has landed");
                        order.push(name);
                    }
                }
                if order.len() == 2 {
                    return order;
                }
                core.sleep(Duration::from_micros(20)).await;
            }
            panic!("a lock that is never free");
        });
        orders.insert(seen.unwrap());
        assert_eq!((disk.late(), other.late()), (0, 3));
        // Killed again, with a lock of its own and nothing under way on it.
        assert_eq!(disk.kill_late(1).late(), 0);
    }
    assert_eq!(orders.len(), 2, "they land in any order");
}

#[test]
fn what_has_not_landed_when_the_power_goes_is_in_doubt() {
    let disk = killed(5);
    let world = World::new(5, SimOptions::default());
    let _core = world.core(&disk);
    let lens: BTreeSet<u64> = (0..100)
        .flat_map(|seed| disk.crash(seed, Crash::Power).files())
        .filter_map(|(path, len)| (path == Path::new("/f")).then_some(len))
        .collect();
    assert!(lens.contains(&0) && lens.contains(&1024), "{lens:?}");
    assert!(disk.crash(1, Crash::Kill).files().contains(&("/f".into(), 1024)));
}

#[test]
fn an_operation_that_fails_at_once_is_answered_in_the_turn_that_hands_it_over() {
    let world = World::new(1, SimOptions::default());
    let disk = Disk::new(1 << 20, 512);
    let core = world.core(&disk);
    let disk_of_task = disk.clone();
    let done = world.block_on(&core.clone(), async move {
        let file = open(&core, "/f").await;
        disk_of_task.fail_at_once(rule(DiskOp::Write, libc::EIO));
        let write = file.write_at(Slice::copy_of(&core, &[1; 512]), 0, Sync::No);
        core.submitted().await;
        let failed = core.timeout(Duration::from_nanos(1), write).await;
        assert_eq!(failed.unwrap().unwrap_err().raw_os_error(), Some(libc::EIO));
        assert_eq!(file.len().await.unwrap(), 0, "nothing of it was done");
    });
    done.unwrap();
}

#[test]
fn a_flush_after_a_failed_one_does_not_cover_what_that_was_to_cover() {
    let world = World::new(1, SimOptions::default());
    let disk = Disk::new(1 << 20, 512);
    let core = world.core(&disk);
    let disk_of_task = disk.clone();
    let done = world.block_on(&core.clone(), async move {
        let file = open(&core, "/f").await;
        core.sync_dir(Path::new("/")).await.unwrap();
        file.write_at(Slice::copy_of(&core, &[1; 512]), 0, Sync::No).await.unwrap();
        disk_of_task.fail(rule(DiskOp::Flush, libc::EIO));
        file.sync_data().await.unwrap_err();
        file.write_at(Slice::copy_of(&core, &[1; 512]), 512, Sync::No).await.unwrap();
        file.sync_data().await.unwrap();
    });
    done.unwrap();
    let found: BTreeSet<Vec<u8>> = (0..100)
        .map(|seed| disk.crash(seed, Crash::Power).contents(Path::new("/f")).unwrap())
        .collect();
    assert!(found.iter().all(|bytes| bytes.len() == 1024 && bytes[512..] == [1; 512]));
    assert!(found.iter().any(|bytes| bytes[..512] == [0; 512]), "the first may be lost");
}
