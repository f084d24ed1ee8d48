//! A real process, killed with segment writes in flight: the next life waits for its locks, not for
//! ever, and finds every record that was told to be durable.

#![expect(clippy::disallowed_methods, reason = "the parent of a process that it kills is no core")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use engine_rt::{CoreConfig, Open, run};

use super::store_test::{batch, durable, options, read_all};
use super::*;
use crate::{lock, names};

const LOG: LogId = LogId(7);
/// Tells the child where its shard is.
const CHILD: &str = "BOBBIN_TEST_KILLED_CHILD";
const NAME: &str = "store::store_kill_test::a_killed_process_lets_its_files_go";
const LIVES: u64 = 6;
/// What a life at most waits for: the bound of the locks, with the start around it.
const BOUND: Duration = Duration::from_secs(15);

/// A directory of its own, removed at the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A child that is dead and reaped when this goes.
struct Life(Child);

impl Drop for Life {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn begin_life(dir: &Path) -> Life {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", NAME, "--nocapture"]).env(CHILD, dir);
    Life(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// What the killed one does: appends large batches, so that destages are always under way, and
/// notes how far it is durable.
async fn live(core: &Core, dir: &Path) {
    let began = core.now();
    let (store, _) = Store::open(core, &dir.join("shard"), options()).await.unwrap();
    let log = store.log(LOG).unwrap();
    for n in 0.. {
        assert!(core.now().since(began) < Duration::from_secs(30), "nobody killed it");
        let bytes = batch(1, &[n as u8; 12_000], core.wall().0);
        store.room(bytes.len()).await.unwrap();
        let Ok(seq) = log.append(&[&bytes], log.end(), 1) else { continue };
        if n % 16 == 0 {
            durable(&store, seq).await;
            std::fs::write(dir.join("durable.new"), log.end().to_string()).unwrap();
            std::fs::rename(dir.join("durable.new"), dir.join("durable")).unwrap();
        }
    }
}

fn told_durable(dir: &Path) -> i64 {
    std::fs::read_to_string(dir.join("durable")).map_or(0, |end| end.parse().unwrap())
}

/// Opens every file of the dead life and takes its lock; says how long the last one took.
async fn locks_come_free(core: &Core, dir: &Path) -> Duration {
    let began = core.now();
    let mut dirs = vec![names::log_dir(dir, LOG), dir.join(names::JOURNAL)];
    while let Some(dir) = dirs.pop() {
        for entry in core.list_dir(&dir).await.unwrap() {
            let file = core.open(&dir.join(&entry.name), Open::default()).await.unwrap();
            lock::take(core, &file, began + BOUND, "it was killed").await.unwrap();
        }
    }
    core.now().since(began)
}

#[test]
fn a_killed_process_lets_its_files_go() {
    if let Some(dir) = env::var_os(CHILD).map(PathBuf::from) {
        run(CoreConfig::default(), |core| async move { live(&core, &dir).await }).unwrap();
        return;
    }
    let dir = env::temp_dir().join(format!("engine-log-kill-{}", std::process::id()));
    let scratch = Scratch(dir.clone());
    std::fs::create_dir_all(&scratch.0).unwrap();
    run(CoreConfig::default(), |core| async move {
        format(&core, &dir.join("shard"), Uuid([1; 16]), &options()).await.unwrap();
        let (store, _) = Store::open(&core, &dir.join("shard"), options()).await.unwrap();
        let kept = LogOptions { delete: false, segment_bytes: 8 << 20, ..LogOptions::default() };
        durable(&store, store.create_log(LOG, kept).unwrap().1).await;
        store.close().await.unwrap();
    })
    .unwrap();
    let mut told = 0;
    for round in 0..LIVES {
        let life = begin_life(&scratch.0);
        for _ in 0..2000 {
            thread::sleep(Duration::from_millis(10));
            if told_durable(&scratch.0) > told + 64 {
                break;
            }
        }
        // Somewhere in the midst of what comes next.
        thread::sleep(Duration::from_micros(1700 * round));
        drop(life);
        let before = told;
        told = told_durable(&scratch.0);
        assert!(told > before + 64, "it came to something: {told}");
        let dir = scratch.0.join("shard");
        // Every other life meets the locks itself.
        let look_first = round % 2 == 0;
        let (took, end) = run(CoreConfig::default(), move |core| async move {
            let began = core.now();
            if look_first {
                let free = locks_come_free(&core, &dir).await;
                println!("life {round}: all locks were free after {} us", free.as_micros());
            }
            let (store, recovered) = Store::open(&core, &dir, options()).await.unwrap();
            let took = core.now().since(began);
            assert_eq!(recovered.report.faults, vec![]);
            let log = store.log(LOG).unwrap();
            assert_eq!(read_all(&log).await.len() as i64, log.end(), "nothing rots");
            let bytes = batch(1, &[1; 12_000], core.wall().0);
            store.room(bytes.len()).await.unwrap();
            durable(&store, log.append(&[&bytes], log.end(), 1).unwrap()).await;
            store.close().await.unwrap();
            (took, log.end())
        })
        .unwrap();
        println!("life {round}: {told} told, {end} found, open after {} us", took.as_micros());
        assert!(end > told && took < BOUND, "{told} told, {end} found, {took:?}");
    }
}
