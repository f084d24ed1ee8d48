//! The world: the same twice, time that flies, a loopback that splits.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::{Class, Core, Create, Listen, Open, Slice, Stream, Sync};

fn addr() -> SocketAddr {
    "10.0.0.1:9092".parse().unwrap()
}

/// Receives exactly `count` bytes.
async fn receive(core: &Core, stream: &Stream, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = core.buf(4096);
    while all.len() < count {
        let (received, back) = stream.recv(buf).await;
        buf = back;
        assert!(received.unwrap() > 0, "the peer is not done");
        all.extend_from_slice(buf.filled());
        buf.clear();
    }
    all
}

async fn serve_echo(core: Core) {
    let listener = core.listen(addr(), Listen::default()).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        core.spawn(Class::Net, "echo", async move {
            while let Ok(Some(mut buf)) = stream.recv_lent(4096).await {
                let echo = buf.share(0..buf.len());
                let (sent, slices) = stream.send(vec![echo]).await;
                drop(slices);
                if sent.is_err() {
                    return;
                }
            }
        });
    }
}

/// A busy little world; says what a bystander saw.
fn busy(seed: u64) -> (u64, Vec<u64>) {
    let world = World::new(seed, SimOptions::default());
    let disk = Disk::new(16 << 20, 4096);
    let server = world.core(&disk);
    let client = world.core(&disk);
    drop(server.spawn(Class::Net, "server", serve_echo(server.clone())));
    let seen = Rc::new(RefCell::new(Vec::new()));
    let seen2 = Rc::clone(&seen);
    let client2 = client.clone();
    world
        .block_on(&client, async move {
            let core = client2;
            core.sleep(Duration::from_millis(5)).await;
            let mut tasks = Vec::new();
            for id in 0..5u8 {
                let (core2, seen) = (core.clone(), Rc::clone(&seen2));
                tasks.push(core.spawn(Class::Net, "client", async move {
                    let stream = core2.connect(addr()).await.unwrap();
                    let how = Open { write: true, create: Create::Yes, direct: true };
                    let path = format!("/file-{id}");
                    let file = core2.open(Path::new(&path), how).await.unwrap();
                    for round in 0..10u8 {
                        let len = 100 + (core2.random() % 10_000) as usize;
                        let data = Slice::copy_of(&core2, &vec![id ^ round; len]);
                        let (sent, _) = stream.send(vec![data.clone(), data.clone()]).await;
                        sent.unwrap();
                        let echo = receive(&core2, &stream, 2 * len).await;
                        assert!(echo.iter().all(|&b| b == id ^ round));
                        let block = Slice::copy_of(&core2, &[round; 4096]);
                        file.write_at(block, u64::from(round) * 4096, Sync::Dsync).await.unwrap();
                        seen.borrow_mut().push(core2.now().0);
                    }
                }));
            }
            for task in tasks {
                task.await;
            }
        })
        .unwrap();
    (world.trace_hash(), seen.take())
}

#[test]
fn two_runs_of_one_seed_are_the_same() {
    let first = busy(11);
    assert_eq!(first, busy(11));
    assert_ne!(first, busy(12));
}

#[test]
fn time_is_virtual_and_timers_fire_in_order() {
    let world = World::new(1, SimOptions::default());
    let core = world.core(&Disk::new(1 << 20, 512));
    let core2 = core.clone();
    let order = world
        .block_on(&core, async move {
            let order = Rc::new(RefCell::new(Vec::new()));
            let mut tasks = Vec::new();
            for hours in [5u64, 1, 3, 1, 2] {
                let (core3, order) = (core2.clone(), Rc::clone(&order));
                tasks.push(core2.spawn(Class::Housekeeping, "sleeper", async move {
                    core3.sleep(Duration::from_secs(3600 * hours)).await;
                    order.borrow_mut().push(hours);
                }));
            }
            let early = core2.timeout(Duration::from_secs(1), core2.sleep(Duration::from_secs(2)));
            assert!(early.await.is_err());
            for task in tasks {
                task.await;
            }
            assert!(core2.wall().0 > 1_750_000_000_000 + 5 * 3_600_000 - 1);
            order.take()
        })
        .unwrap();
    assert_eq!(order, [1, 1, 2, 3, 5]);
    assert!(world.time() >= Duration::from_secs(5 * 3600));
}

#[test]
fn waiting_for_nothing_is_noticed() {
    let world = World::new(1, SimOptions::default());
    let core = world.core(&Disk::new(1 << 20, 512));
    let stuck = world.block_on(&core, std::future::pending::<()>());
    assert_eq!(stuck, Err(Stuck::Idle));
    world.run_for(Duration::from_secs(3)).unwrap();
    assert!(world.time() >= Duration::from_secs(3));
}

#[test]
fn a_killed_core_resets_its_connections_and_its_tasks_are_gone() {
    let world = World::new(3, SimOptions::default());
    let disk = Disk::new(1 << 20, 512);
    let (server, client) = (world.core(&disk), world.core(&disk));
    let alive = Rc::new(Cell::new(0));
    let (server2, alive2) = (server.clone(), Rc::clone(&alive));
    drop(server.spawn(Class::Net, "server", async move {
        serve_echo(server2).await;
        alive2.set(1);
    }));
    let (client2, world2, server2) = (client.clone(), world.clone(), server.clone());
    world
        .block_on(&client, async move {
            client2.sleep(Duration::from_millis(1)).await;
            let stream = client2.connect(addr()).await.unwrap();
            stream.send(vec![Slice::copy_of(&client2, b"ping")]).await.0.unwrap();
            assert_eq!(receive(&client2, &stream, 4).await, b"ping");
            world2.kill(&server2);
            let (received, _) = stream.recv(client2.buf(4096)).await;
            assert!(received.is_err(), "the connection is reset");
            assert!(client2.connect(addr()).await.is_err(), "nobody listens");
        })
        .unwrap();
    assert_eq!(Rc::strong_count(&alive), 1, "the server's future was dropped");
}

#[test]
fn a_slow_reader_holds_the_sender_back() {
    let world = World::new(5, SimOptions { net_window_bytes: 10_000, ..SimOptions::default() });
    let disk = Disk::new(1 << 20, 512);
    let (server, client) = (world.core(&disk), world.core(&disk));
    let sent = Rc::new(Cell::new(false));
    let (server2, client2, sent2) = (server.clone(), client.clone(), Rc::clone(&sent));
    let received = server.spawn(Class::Net, "server", async move {
        let listener = server2.listen(addr(), Listen::default()).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        server2.sleep(Duration::from_secs(10)).await;
        assert!(!sent2.get(), "the window is full");
        receive(&server2, &stream, 100_000).await
    });
    drop(client.spawn(Class::Net, "client", async move {
        client2.sleep(Duration::from_millis(1)).await;
        let stream = client2.connect(addr()).await.unwrap();
        let data: Vec<u8> = (0..100_000u32).map(|n| n.to_le_bytes()[0]).collect();
        stream.send(vec![Slice::of_vec(data)]).await.0.unwrap();
        sent.set(true);
        client2.sleep(Duration::from_secs(100)).await;
    }));
    let received = world.block_on(&server, received).unwrap();
    assert!(received.iter().zip(0..).all(|(&got, n): (&u8, u32)| got == n.to_le_bytes()[0]));
}

#[test]
fn a_dropped_accept_takes_no_connection_with_it() {
    let world = World::new(9, SimOptions::default());
    let disk = Disk::new(1 << 20, 512);
    let core = world.core(&disk);
    let core2 = core.clone();
    world
        .block_on(&core, async move {
            let listener = core2.listen(addr(), Listen::default()).unwrap();
            assert!(core2.listen(addr(), Listen::default()).is_err(), "taken");
            let early = core2.timeout(Duration::from_millis(1), listener.accept()).await;
            assert!(early.is_err());
            let client = core2.connect(addr()).await.unwrap();
            let (server, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, server.peer_addr());
            client.shutdown();
            let (received, _) = server.recv(core2.buf(1)).await;
            assert_eq!(received.unwrap(), 0);
        })
        .unwrap();
}

#[test]
fn terminate_reaches_who_waits_and_who_asks_later() {
    let world = World::new(2, SimOptions::default());
    let core = world.core(&Disk::new(1 << 20, 512));
    let (core2, world2) = (core.clone(), world.clone());
    world
        .block_on(&core, async move {
            let waiting = core2.spawn(Class::Control, "signal", core2.signal());
            core2.sleep(Duration::from_secs(1)).await;
            assert!(!waiting.is_finished());
            world2.terminate();
            waiting.await;
            core2.signal().await;
        })
        .unwrap();
}

#[test]
fn small_worlds_are_cheap() {
    let start = std::time::Instant::now();
    for seed in 0..200 {
        let world = World::new(seed, SimOptions::default());
        let disk = Disk::new(16 << 20, 512);
        let core = world.core(&disk);
        let core2 = core.clone();
        world
            .block_on(&core, async move {
                let how = Open { write: true, create: Create::Yes, direct: true };
                let file = core2.open(Path::new("/journal"), how).await.unwrap();
                for block in 0..50u64 {
                    let data = Slice::copy_of(&core2, &[3; 4096]);
                    file.write_at(data, block * 4096, Sync::Dsync).await.unwrap();
                }
            })
            .unwrap();
        disk.crash(seed, Crash::Power);
    }
    let each = start.elapsed() / 200;
    assert!(each < Duration::from_millis(20), "one small world took {each:?}");
    println!("one small world: {each:?}");
}

#[test]
fn a_receive_that_waits_holds_no_memory() {
    let world = World::new(7, SimOptions::default());
    let disk = Disk::new(1 << 20, 4096);
    let core = world.core(&disk);
    let core2 = core.clone();
    world
        .block_on(&core, async move {
            let listener = core2.listen(addr(), Listen::default()).unwrap();
            let client = core2.connect(addr()).await.unwrap();
            let (server, _) = listener.accept().await.unwrap();
            let waiting = core2.spawn(Class::Net, "receive", async move {
                let buf = server.recv_lent(5_000).await.unwrap().expect("bytes");
                (buf.capacity(), buf.len())
            });
            core2.sleep(Duration::from_millis(5)).await;
            assert_eq!(core2.stats().pool_lent_bytes, 0);
            client.send(vec![Slice::of_vec(vec![1; 1])]).await.0.unwrap();
            assert_eq!(waiting.await, (32 << 10, 1), "the size that its wish rounds up to");
        })
        .unwrap();
}
