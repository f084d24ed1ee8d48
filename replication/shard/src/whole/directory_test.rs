//! Data directories: what is refused, and that it stays as it was.

use std::path::{Path, PathBuf};

use engine_base::{FaultKind, LogId, NodeId, Uuid};
use engine_rt::sim::{Disk, DiskOp, FailRule};

use super::world_test::*;
use crate::{Format, Node, NodeOptions};

/// A start that must be refused with these words, and must not touch the disk.
fn refused(scene: &mut Scene, options: NodeOptions, words: &str) {
    let before = contents(&scene.disk);
    let fault = scene.try_start(options).expect_err(words);
    assert_eq!(fault.kind, FaultKind::Refused, "{fault}");
    assert!(fault.to_string().contains(words), "{fault} does not say {words:?}");
    assert_eq!(contents(&scene.disk), before, "{words}: it must stay as it was");
}

fn contents(disk: &Disk) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |path: PathBuf| (disk.contents(&path).expect("it is listed"), path);
    let files = disk.files().into_iter().map(|(path, _)| path);
    // The lock's own file is all that a refused start may leave in a directory of ours.
    let files = files.filter(|path| !path.ends_with("bobbin.lock"));
    files.map(read).map(|(bytes, path)| (path, bytes)).collect()
}

fn dirs(paths: &[&str]) -> NodeOptions {
    NodeOptions { data_dirs: paths.iter().map(PathBuf::from).collect(), ..options() }
}

#[test]
fn a_directory_that_is_not_ours_is_refused_and_untouched() {
    let mut scene = Scene::new(30);
    refused(&mut scene, dirs(&[]), "none is given");
    let never = NodeOptions { format: Format::Never, ..options() };
    refused(&mut scene, never.clone(), "does not exist");
    scene.disk.make_dir(Path::new("/data"));
    refused(&mut scene, never, "is not formatted");
    scene.disk.put(Path::new("/data/holiday.jpg"), b"jpeg");
    refused(&mut scene, options(), "holiday.jpg");
    scene.disk.put(Path::new("/data/meta.properties"), b"version=1\nnode.id=0\n");
    refused(&mut scene, options(), "Apache Kafka");
}

#[test]
fn a_directory_of_another_node_cluster_or_format_is_refused() {
    let mut scene = Scene::new(31);
    scene.with_node(options(), |_, node| async move { node.close().await }).expect("formatted");
    refused(&mut scene, NodeOptions { node_id: NodeId(1), ..options() }, "belongs to node 0");
    let other = NodeOptions { cluster: Some(Uuid([1; 16])), ..options() };
    refused(&mut scene, other, "belongs to cluster");
    refused(&mut scene, dirs(&["/data", "/other"]), "give both or neither");
    let meta = Path::new("/data/bobbin.meta");
    let bytes = scene.disk.contents(meta).expect("formatted");
    let text = String::from_utf8(bytes.clone()).expect("text");
    scene.disk.put(meta, text.replace("format 4", "format 9").as_bytes());
    refused(&mut scene, options(), "format 9");
    scene.disk.put(meta, text.replace("node 0", "node 1").as_bytes());
    refused(&mut scene, options(), "checksum");
    scene.disk.put(meta, b"");
    refused(&mut scene, options(), "does not begin");
    scene.disk.put(meta, &bytes);
    assert_eq!(scene.try_start(options()), Ok(()));
}

#[test]
fn one_process_at_a_time() {
    let mut scene = Scene::new(32);
    scene.with_node(options(), |core, node| async move {
        let fault = Node::start(&core, options()).await.map(|_| ()).expect_err("in use");
        assert_eq!(fault.kind, FaultKind::Refused);
        assert!(fault.to_string().contains("in use by another process"), "{fault}");
        create(&node, "t", 1).await;
        node.close().await.expect("a clean end");
        let again = Node::start(&core, options()).await.expect("it let go");
        again.close().await.expect("a clean end");
    });
}

#[test]
fn an_unwritable_directory_is_refused() {
    let mut scene = Scene::new(33);
    scene.disk.make_dir(Path::new("/data"));
    scene.disk.fail(FailRule {
        op: None,
        path_contains: "/data".into(),
        skip: 0,
        times: u64::MAX,
        errno: 30, // EROFS
    });
    let fault = scene.try_start(options()).expect_err("read-only");
    assert_eq!(fault.kind, FaultKind::Refused, "{fault}");
}

#[test]
fn two_directories_share_the_shards_and_one_may_be_lost() {
    let mut scene = Scene::new(34);
    scene.with_node(dirs(&["/a", "/b"]), |_, node| async move {
        let places: Vec<_> = node.report().shards.iter().map(|s| s.place.clone()).collect();
        assert_eq!(places, ["/a/shard-0", "/b/shard-1"]);
        create(&node, "t", 2).await;
        for index in 0..2 {
            produce(&node, partition(&node, "t", index), &["x"]).await.expect("acknowledged");
        }
        node.close().await.expect("a clean end");
    });
    refused(&mut scene, dirs(&["/a", "/a"]), "in use");
    // The second device is dead: its replicas are out of service, the others go on.
    scene.disk.fail(FailRule {
        op: Some(DiskOp::Read),
        path_contains: "/b/shard-1".into(),
        skip: 0,
        times: u64::MAX,
        errno: 5,
    });
    scene.with_node(dirs(&["/a", "/b"]), |_, node| async move {
        assert!(node.report().shards[1].fault.is_some());
        assert_eq!(node.faults().len(), 1);
        let served: Vec<_> = (0..2).map(|index| node.partition("t", index).is_ok()).collect();
        assert_eq!(served.iter().filter(|ok| **ok).count(), 1, "{served:?}");
        for index in 0..2 {
            match node.partition("t", index) {
                Ok(p) => _ = produce(&node, p, &["y"]).await.expect("acknowledged"),
                Err(why) => assert_eq!(why, engine_base::Refusal::StorageStopped),
            }
        }
        // New topics go where there is a place, or are refused by their partitions; nothing panics.
        create(&node, "u", 4).await;
    });
    scene.disk.heal();
    // And with its directory not given at all.
    scene.with_node(dirs(&["/a"]), |_, node| async move {
        assert!(node.report().shards[1].fault.is_some());
    });
    scene.with_node(dirs(&["/a", "/b"]), |_, node| async move {
        let mut lengths = Vec::new();
        for index in 0..2 {
            lengths.push(read_all(&node, partition(&node, "t", index)).await.len());
        }
        lengths.sort_unstable();
        assert_eq!(lengths, [1, 2]);
        for index in 0..4 {
            produce(&node, partition(&node, "u", index), &["z"]).await.expect("made up for");
        }
    });
}

/// The metadata of one life, the logs of a longer one: as if an old backup of the first device had
/// been put back. Nothing is deleted by guessing, and no id is used again.
#[test]
fn logs_that_the_metadata_does_not_know_are_set_aside() {
    let mut scene = Scene::new(35);
    scene.with_node(dirs(&["/a", "/b"]), |_, node| async move {
        create(&node, "known", 2).await;
        node.close().await.expect("a clean end");
    });
    let old = contents(&scene.disk);
    scene.with_node(dirs(&["/a", "/b"]), |_, node| async move {
        create(&node, "later", 2).await;
        for index in 0..2 {
            produce(&node, partition(&node, "later", index), &["x"]).await.expect("acknowledged");
        }
        node.close().await.expect("a clean end");
    });
    for (path, _) in scene.disk.files() {
        if path.starts_with("/a") {
            scene.disk.remove(&path);
        }
    }
    for (path, bytes) in old {
        if path.starts_with("/a") {
            scene.disk.put(&path, &bytes);
        }
    }
    scene.with_node(dirs(&["/a", "/b"]), |_, node| async move {
        let aside: Vec<LogId> =
            node.report().shards.iter().flat_map(|shard| shard.set_aside.clone()).collect();
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert!(node.image().topic("later").is_none());
        create(&node, "new", 2).await;
        for index in 0..2 {
            let p = partition(&node, "new", index);
            assert!(p.log() > aside[0], "the id of a log that was seen is not used again");
            assert_eq!(read_all(&node, p).await, Vec::<String>::new());
        }
    });
}

/// Rot in the metadata's own log: the node does not start, says where, and cuts nothing, so that
/// the bytes can be mended.
#[test]
fn rot_in_the_metadata_keeps_a_node_from_starting_and_nothing_is_cut() {
    let mut scene = Scene::new(33);
    scene.with_node(options(), |_, node| async move {
        for i in 0..40 {
            create(&node, &format!("topic-{i}"), 200).await;
        }
        node.close().await.expect("a clean end");
    });
    let is_metadata = |path: &Path| {
        let text = path.to_string_lossy();
        text.contains("/shard-0/logs/0000000000000000/") && text.ends_with(".log")
    };
    let files = scene.disk.files();
    let logs: Vec<PathBuf> =
        files.iter().map(|(path, _)| path.clone()).filter(|path| is_metadata(path)).collect();
    assert_eq!(logs.len(), 1, "{files:?}");
    let sound = scene.disk.contents(&logs[0]).expect("a file");
    assert!(sound.len() > 100_000, "most of it is in its segment: {}", sound.len());
    for at in [70, 4096 + 17, sound.len() / 2] {
        let mut rotten = scene.disk.contents(&logs[0]).expect("a file");
        rotten[at] ^= 0x40;
        scene.disk.put(&logs[0], &rotten);
        let fault = scene.try_start(options()).expect_err("it must not guess");
        assert_eq!(fault.kind, FaultKind::Rot, "{fault}");
        let told = fault.to_string();
        assert!(told.contains(&logs[0].display().to_string()), "{told}");
        let offset = fault.position.expect("where in the file");
        let run = usize::try_from(offset).expect("small");
        assert!(run <= at && at < run + (1 << 20), "{told} for {at}");
        // What is behind the batches is space that was allocated ahead.
        let written = rotten.iter().rposition(|byte| *byte != 0).expect("bytes") + 1;
        let mut left = scene.disk.contents(&logs[0]).expect("a file");
        assert!(left.starts_with(&rotten[..written]), "nothing is cut, {at}: {}", left.len());
        left[at] ^= 0x40;
        scene.disk.put(&logs[0], &left);
    }
    scene.with_node(options(), |_, node| async move {
        assert_eq!(node.image().topic_count(), 40, "everything is there once the bytes are");
    });
}
