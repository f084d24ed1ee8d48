//! Files through the ring: bytes, flushes, space, names, and futures dropped on the way.

use std::path::{Path, PathBuf};

use crate::{Class, Core, CoreConfig, Create, File, Open, Slice, Sync, run};

/// A directory of its own, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let dir = std::env::temp_dir().join(format!("engine-rt-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Scratch(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

async fn create(core: &Core, path: &Path, direct: bool) -> File {
    core.open(path, Open { write: true, create: Create::New, direct }).await.unwrap()
}

#[test]
fn bytes_written_are_read_back_in_every_way() {
    let scratch = Scratch::new("bytes");
    let dir = scratch.0.clone();
    run(CoreConfig::default(), |core| async move {
        for direct in [false, true] {
            if direct && core.direct_io_works(&dir).await.is_err() {
                continue;
            }
            let path = dir.join(format!("file-{direct}"));
            let file = create(&core, &path, direct).await;
            file.allocate(0, 4 << 20).await.unwrap();
            assert_eq!(file.len().await.unwrap(), 4 << 20);
            let mut buf = core.buf(2 << 20);
            for n in 0..(2 << 20) / 8u64 {
                buf.append(&n.to_le_bytes());
            }
            let all = buf.share(0..buf.len());
            file.write_at(all.clone(), 4096, Sync::Dsync).await.unwrap();
            file.write_at(all.slice(0..8192), 3 << 20, Sync::No).await.unwrap();
            file.sync_data().await.unwrap();
            file.sync_all().await.unwrap();
            let (count, back) = file.read_at(core.buf(2 << 20), 4096, 2 << 20).await;
            assert_eq!(count.unwrap(), 2 << 20);
            assert!(back.filled() == &all[..]);
            file.set_len((3 << 20) + 8192).await.unwrap();
            let (count, back) = file.read_at(core.buf(64 << 10), 3 << 20, 64 << 10).await;
            assert_eq!(count.unwrap(), 8192, "short at the end of the file");
            assert!(back.filled() == &all[..8192]);
            let (count, _) = file.read_at(back, 16 << 20, 4096).await;
            assert_eq!(count.unwrap(), 0);
        }
    })
    .unwrap();
}

#[test]
fn names_come_and_go() {
    let scratch = Scratch::new("names");
    let dir = scratch.0.clone();
    run(CoreConfig::default(), |core| async move {
        let deep = dir.join("a/b");
        core.create_dir_all(&deep).await.unwrap();
        drop(create(&core, &deep.join("two"), false).await);
        let one = create(&core, &deep.join("one"), false).await;
        one.write_at(Slice::copy_of(&core, b"bytes"), 0, Sync::No).await.unwrap();
        core.sync_dir(&deep).await.unwrap();
        one.sync_file_system().await.unwrap();
        let names = core.list_dir(&deep).await.unwrap();
        let names: Vec<_> = names.iter().map(|e| (e.name.as_str(), e.is_dir, e.len)).collect();
        assert_eq!(names, [("one", false, 5), ("two", false, 0)]);
        core.rename(&deep.join("one"), &deep.join("two")).await.unwrap();
        assert!(!core.exists(&deep.join("one")).await.unwrap());
        assert!(core.exists(&deep.join("two")).await.unwrap());
        core.remove_file(&deep.join("two")).await.unwrap();
        core.remove_dir(&deep).await.unwrap();
        let missing = core.open(&deep.join("two"), Open::default()).await;
        assert_eq!(missing.err().map(|e| e.kind()), Some(std::io::ErrorKind::NotFound));
        let space = core.disk_space(&dir).await.unwrap();
        assert!(space.free <= space.total && space.total > 0);
        assert!(core.boot_id().await.unwrap().len() > 30);
        assert_eq!(core.list_dir(&dir).await.unwrap().len(), 1);
    })
    .unwrap();
}

#[test]
fn a_lock_is_taken_once() {
    let scratch = Scratch::new("lock");
    let dir = scratch.0.clone();
    run(CoreConfig::default(), |core| async move {
        let path = dir.join("lock");
        let first = create(&core, &path, false).await;
        assert!(first.try_lock().unwrap());
        let how = Open { write: true, create: Create::No, direct: false };
        let second = core.open(&path, how).await.unwrap();
        assert!(!second.try_lock().unwrap());
        drop(first);
        while !second.try_lock().unwrap() {
            core.sleep(std::time::Duration::from_millis(1)).await;
        }
    })
    .unwrap();
}

#[test]
fn dropped_futures_stop_nothing_and_the_memory_comes_back() {
    let scratch = Scratch::new("dropped");
    let dir = scratch.0.clone();
    run(CoreConfig::default(), |core| async move {
        let file = create(&core, &dir.join("file"), false).await;
        let lent = core.stats().pool_lent_bytes;
        for n in 0..100u8 {
            let data = Slice::copy_of(&core, &[n; 4096]);
            drop(file.write_at(data, u64::from(n) * 4096, Sync::Dsync));
            let read = file.read_at(core.buf(4096), 0, 4096);
            // Polled once, so that it is started, and dropped then.
            let _ = crate::sync::race(read, core.yield_now()).await;
        }
        drop(file);
        while core.stats().operations_running > 0 {
            core.sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(core.stats().pool_lent_bytes, lent, "every buffer came home");
        let how = Open::default();
        let file = core.open(&dir.join("file"), how).await.unwrap();
        let (count, buf) = file.read_at(core.buf(512 << 10), 0, 512 << 10).await;
        assert_eq!(count.unwrap(), 100 * 4096);
        for n in 0..100u8 {
            assert!(buf.filled()[usize::from(n) * 4096..][..4096].iter().all(|&b| b == n));
        }
    })
    .unwrap();
}

#[test]
fn a_core_that_ends_waits_for_its_writes() {
    let scratch = Scratch::new("ends");
    let dir = scratch.0.clone();
    let path = dir.join("file");
    let path2 = path.clone();
    run(CoreConfig::default(), |core| async move {
        let file = create(&core, &path2, false).await;
        for n in 0..50u8 {
            drop(file.write_at(Slice::copy_of(&core, &[n; 9000]), u64::from(n) * 9000, Sync::No));
        }
        core.spawn(Class::Housekeeping, "for ever", std::future::pending::<()>());
        core.submitted().await;
    })
    .unwrap();
    assert_eq!(std::fs::read(&path).unwrap().len(), 50 * 9000);
}

#[test]
fn more_operations_than_the_ring_has_entries() {
    let scratch = Scratch::new("many");
    let dir = scratch.0.clone();
    let config = CoreConfig { ring_entries: 8, ..CoreConfig::default() };
    run(config, |core| async move {
        let file = create(&core, &dir.join("file"), false).await;
        let data = Slice::copy_of(&core, &[7; 4096]);
        let writes: Vec<_> =
            (0..500u64).map(|n| file.write_at(data.clone(), n * 4096, Sync::No)).collect();
        core.submitted().await;
        for write in writes {
            write.await.unwrap();
        }
        assert_eq!(file.len().await.unwrap(), 500 * 4096);
    })
    .unwrap();
}

#[test]
fn flushed_writes_into_written_blocks_need_no_kernel_worker() {
    let scratch = Scratch::new("workers");
    let dir = scratch.0.clone();
    // In a process of its own the count would be exact; here other tests run beside.
    let (before, after) = run(CoreConfig::default(), |core| async move {
        let direct = core.direct_io_works(&dir).await.is_ok();
        let file = create(&core, &dir.join("file"), direct).await;
        file.write_at(Slice::copy_of(&core, &[0; 1 << 20]), 0, Sync::Dsync).await.unwrap();
        let before = core.stats().kernel_workers;
        for n in 0..200u64 {
            let data = Slice::copy_of(&core, &[7; 4096]);
            file.write_at(data, (n % 256) * 4096, Sync::Dsync).await.unwrap();
        }
        (before, core.stats().kernel_workers)
    })
    .unwrap();
    println!("kernel workers: {before} before, {after} after 200 flushed writes");
}

#[test]
fn secrets_differ() {
    run(CoreConfig::default(), |core| async move {
        assert_ne!(core.secret().unwrap(), core.secret().unwrap());
    })
    .unwrap();
}
