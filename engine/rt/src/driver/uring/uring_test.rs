//! The real driver on real files and sockets.

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::{Class, Core, CoreConfig, Create, Listen, Open, Slice, Sync, run};

fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("bobbin-rt-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

const NEW: Open = Open { write: true, create: Create::New, direct: false };

#[test]
fn a_file_keeps_what_was_written() {
    for direct in [false, true] {
        let dir = scratch(&format!("file-{direct}"));
        let path = dir.join("f");
        let config = CoreConfig::default();
        let seen = run(config, |core: Core| async move {
            let file = core.open(&path, Open { direct, ..NEW }).await.unwrap();
            assert!(file.try_lock().unwrap());
            let other = core.open(&path, Open { create: Create::No, ..NEW }).await.unwrap();
            assert!(!other.try_lock().unwrap(), "another descriptor does not get the lock");
            file.allocate(0, 1 << 20).await.unwrap();
            let mut buf = core.buf(1 << 20);
            for i in 0..(1 << 20) / 4 {
                buf.append(&u32::to_le_bytes(i));
            }
            let whole = buf.share(0..1 << 20);
            file.write_at(whole.clone(), 0, Sync::Dsync).await.unwrap();
            file.sync_data().await.unwrap();
            let (read, back) = file.read_at(core.buf(1 << 20), 4096, (1 << 20) - 4096).await;
            assert_eq!(read.unwrap(), (1 << 20) - 4096);
            assert!(back.filled() == &whole[4096..]);
            let (read, back) = file.read_at(back, 1 << 20, 4096).await;
            assert_eq!(read.unwrap(), 0, "nothing lies behind the end");
            drop(back);
            file.set_len(4096).await.unwrap();
            file.len().await.unwrap()
        });
        assert_eq!(seen.unwrap(), 4096);
        std::fs::remove_dir_all(dir).unwrap();
    }
}

#[test]
fn names_are_made_listed_renamed_and_removed() {
    let dir = scratch("names");
    let inside = dir.clone();
    run(CoreConfig::default(), |core: Core| async move {
        let deep = inside.join("a/b");
        core.create_dir_all(&deep).await.unwrap();
        drop(core.open(&deep.join("one"), NEW).await.unwrap());
        core.rename(&deep.join("one"), &deep.join("two")).await.unwrap();
        core.sync_dir(&deep).await.unwrap();
        core.sync_file_system(&deep).await.unwrap();
        let names = core.list_dir(&deep).await.unwrap();
        assert_eq!(names.iter().map(|e| &e.name[..]).collect::<Vec<_>>(), ["two"]);
        core.remove_file(&deep.join("two")).await.unwrap();
        assert!(!core.exists(&deep.join("two")).await.unwrap());
        assert!(core.disk_space(&deep).await.unwrap().total > 0);
        assert!(!core.boot_id().await.unwrap().is_empty());
        let missing = core.open(&deep.join("none"), Open::default()).await;
        assert_eq!(missing.err().unwrap().kind(), std::io::ErrorKind::NotFound);
    })
    .unwrap();
    std::fs::remove_dir_all(dir).unwrap();
}

async fn echo(core: Core, stream: crate::Stream) {
    loop {
        let (received, mut buf) = stream.recv(core.buf(4096)).await;
        match received {
            Ok(0) | Err(_) => return,
            Ok(n) => {
                // In two slices, so that vectored sends are tried as well.
                let slices = vec![buf.share(0..n / 2), buf.share(n / 2..n)];
                stream.send(slices).await.0.unwrap();
            }
        }
    }
}

#[test]
fn many_connections_are_echoed() {
    for plain_ring in [false, true] {
        let config = CoreConfig { plain_ring, ..CoreConfig::default() };
        let done = Rc::new(Cell::new(0));
        let count = Rc::clone(&done);
        let workers = run(config, |core: Core| async move {
            let addr = "127.0.0.1:0".parse().unwrap();
            let listener = core.listen(addr, Listen::default()).unwrap();
            let addr = listener.local_addr();
            assert!(core.listen(addr, Listen::default()).is_err(), "the address is taken");
            let inner = core.clone();
            core.spawn(Class::Net, "accept", async move {
                while let Ok((stream, _)) = listener.accept().await {
                    inner.spawn(Class::Net, "echo", echo(inner.clone(), stream));
                }
            });
            let mut clients = Vec::new();
            for i in 0..100u32 {
                let (core, count, spawner) = (core.clone(), Rc::clone(&count), core.clone());
                let work = async move {
                    let stream = core.connect(addr).await.unwrap();
                    for round in 0..20u32 {
                        let word = Slice::of_vec(vec![(i + round) as u8; 3000]);
                        stream.send(vec![word.clone()]).await.0.unwrap();
                        let mut buf = core.buf(4096);
                        while buf.len() < word.len() {
                            let (got, back) = stream.recv(buf).await;
                            assert!(got.unwrap() > 0);
                            buf = back;
                        }
                        assert!(buf.filled() == &word[..]);
                        count.set(count.get() + 1);
                    }
                    stream.shutdown();
                };
                clients.push(spawner.spawn(Class::Net, "client", work));
            }
            for client in clients {
                client.await;
            }
            core.stats().kernel_workers
        });
        assert_eq!(workers.unwrap(), 0);
        assert_eq!(done.get(), 2000);
    }
}

#[test]
fn timers_wake_and_dropped_operations_give_their_memory_back() {
    run(CoreConfig::default(), |core: Core| async move {
        let before = core.now();
        core.sleep(Duration::from_millis(20)).await;
        assert!(core.now().since(before) >= Duration::from_millis(20));
        let listener = core.listen("127.0.0.1:0".parse().unwrap(), Listen::default()).unwrap();
        let client = core.connect(listener.local_addr()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let lent = core.stats().pool_lent_bytes;
        let nothing = core.timeout(Duration::from_millis(5), server.recv(core.buf(65536))).await;
        assert!(nothing.is_err());
        core.sleep(Duration::from_millis(5)).await;
        assert_eq!(
            core.stats().pool_lent_bytes,
            lent,
            "the cancelled receive gave its buffer back"
        );
        assert_eq!(core.stats().operations_running, 0);
        drop(client);
        let (end, _) = server.recv(core.buf(4096)).await;
        assert_eq!(end.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn another_thread_wakes_a_sleeping_core() {
    let answer = run(CoreConfig::default(), |core: Core| async move {
        let (sent, received) = std::sync::mpsc::channel();
        let mut first = true;
        let waiting = std::future::poll_fn(move |cx| {
            if std::mem::replace(&mut first, false) {
                let (waker, sent) = (cx.waker().clone(), sent.clone());
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(30));
                    sent.send(7).unwrap();
                    waker.wake();
                });
                return std::task::Poll::Pending;
            }
            match received.try_recv() {
                Ok(seven) => std::task::Poll::Ready(seven),
                Err(_) => std::task::Poll::Pending,
            }
        });
        core.timeout(Duration::from_secs(5), waiting).await.unwrap()
    });
    assert_eq!(answer.unwrap(), 7);
}

#[test]
fn a_signal_is_an_event() {
    let before = std::time::Instant::now();
    run(CoreConfig::default(), |core: Core| async move {
        let signal = core.signal();
        // SAFETY: sends a signal to this process, which the driver's handler takes.
        unsafe { libc::raise(libc::SIGTERM) };
        core.timeout(Duration::from_secs(5), signal).await.unwrap();
    })
    .unwrap();
    assert!(before.elapsed() < Duration::from_secs(1));
}
