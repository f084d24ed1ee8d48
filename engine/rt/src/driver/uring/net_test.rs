//! Sockets through the ring: an echo with many connections, and connections given up.

use std::net::SocketAddr;
use std::time::Duration;

use crate::{Class, Core, CoreConfig, Listen, Share, Slice, Stream, run};

fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn echo(core: Core, stream: Stream) {
    let mut buf = core.buf(4096);
    let mut slices = Vec::new();
    loop {
        let (received, back) = stream.recv(buf).await;
        buf = back;
        match received {
            Ok(count) if count > 0 => {}
            _ => return,
        }
        let middle = buf.len() / 2;
        slices.push(buf.share(0..middle));
        slices.push(buf.share(middle..buf.len()));
        let (sent, back) = stream.send(slices).await;
        slices = back;
        slices.clear();
        if sent.is_err() {
            return;
        }
        buf.clear();
    }
}

fn serve(core: &Core) -> SocketAddr {
    let listener = core.listen(any_port(), Listen::default()).unwrap();
    let addr = listener.local_addr();
    let core2 = core.clone();
    drop(core.spawn(Class::Net, "accept", async move {
        loop {
            let (stream, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, stream.peer_addr());
            drop(core2.spawn(Class::Net, "echo", echo(core2.clone(), stream)));
        }
    }));
    addr
}

async fn receive(core: &Core, stream: &Stream, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = core.buf(16 << 10);
    while all.len() < count {
        let (received, back) = stream.recv(buf).await;
        buf = back;
        assert!(received.unwrap() > 0, "the peer is not done");
        all.extend_from_slice(buf.filled());
        buf.clear();
    }
    all
}

#[test]
fn a_hundred_connections_echo() {
    for plain_ring in [false, true] {
        let config = CoreConfig { plain_ring, ring_entries: 64, ..CoreConfig::default() };
        run(config, |core| async move {
            let addr = serve(&core);
            let mut clients = Vec::new();
            for id in 0..100u8 {
                let core2 = core.clone();
                clients.push(core.spawn(Class::Produce, "client", async move {
                    let stream = core2.connect(addr).await.unwrap();
                    for round in 0..20u8 {
                        let data = vec![id ^ round; 100 + usize::from(round) * 500];
                        let slice = Slice::of_vec(data.clone());
                        stream.send(vec![slice]).await.0.unwrap();
                        assert_eq!(receive(&core2, &stream, data.len()).await, data);
                    }
                }));
            }
            for client in clients {
                client.await;
            }
            let stats = core.stats();
            assert_eq!(stats.sent_bytes, stats.received_bytes);
            println!("{}: {stats:?}", core.ring_flags());
        })
        .unwrap();
    }
}

async fn receive_lent(stream: &Stream, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < count {
        let buf = stream.recv_lent(count).await.unwrap().expect("the peer is not done");
        assert!(!buf.is_empty());
        all.extend_from_slice(buf.filled());
    }
    all
}

/// More receives than a group has buffers, all answered at once: who finds it empty asks again.
#[test]
fn lent_memory_is_enough_for_everybody_and_none_waits() {
    for plain_ring in [false, true] {
        let config = CoreConfig { plain_ring, ..CoreConfig::default() };
        run(config, |core| async move {
            for len in [10, 5_000, 300_000] {
                lend_to_three_hundred(&core, len).await;
            }
        })
        .unwrap();
    }
}

async fn lend_to_three_hundred(core: &Core, len: usize) {
    const PAIRS: usize = 300;
    let listener = core.listen(any_port(), Listen::default()).unwrap();
    let mut clients = Vec::new();
    let mut tasks = Vec::new();
    let before = core.stats().pool_lent_bytes;
    for id in 0..PAIRS {
        clients.push(core.connect(listener.local_addr()).await.unwrap());
        let (server, _) = listener.accept().await.unwrap();
        tasks.push(core.spawn(Class::Net, "receive", async move {
            for round in 0..3 {
                let data = receive_lent(&server, len).await;
                assert!(data == vec![(id + round) as u8; len]);
            }
            assert!(server.recv_lent(len).await.unwrap().is_none(), "the end");
        }));
    }
    core.sleep(Duration::from_millis(5)).await;
    // The rings of the groups hold 64 x 4 KiB, 32 x 32 KiB and 16 x 128 KiB, and a page each.
    let lent = core.stats().pool_lent_bytes - before;
    assert!(lent <= (64 * 4 + 32 * 32 + 16 * 128 + 3 * 4) << 10, "{lent} for idle connections");
    for round in 0..3 {
        for (id, client) in clients.iter().enumerate() {
            let data = Slice::of_vec(vec![(id + round) as u8; len]);
            client.send(vec![data]).await.0.unwrap();
        }
    }
    drop(clients);
    for task in tasks {
        task.await;
    }
}

#[test]
fn lent_memory_comes_home_from_receives_given_up() {
    run(CoreConfig::default(), |core| async move {
        let listener = core.listen(any_port(), Listen::default()).unwrap();
        let client = core.connect(listener.local_addr()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let early = core.timeout(Duration::from_millis(2), server.recv_lent(1)).await;
        assert!(early.is_err(), "nothing came");
        core.sleep(Duration::from_millis(5)).await;
        let before = core.stats();
        for _ in 0..200 {
            // Bytes are there: the kernel picks a buffer, and nobody waits for it any more.
            client.send(vec![Slice::of_vec(vec![1; 100])]).await.0.unwrap();
            drop(core.timeout(Duration::ZERO, server.recv_lent(1)).await);
        }
        core.sleep(Duration::from_millis(5)).await;
        let after = core.stats();
        assert_eq!(after.pool_lent_bytes, before.pool_lent_bytes);
        assert_eq!(after.operations_running, before.operations_running);
    })
    .unwrap();
}

#[test]
fn megabytes_in_thousands_of_slices_go_out_whole() {
    run(CoreConfig::default(), |core| async move {
        let listener = core.listen(any_port(), Listen::default()).unwrap();
        let client = core.connect(listener.local_addr()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let data =
            Slice::of_vec((0..8_000_000u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect());
        let mut slices: Vec<Slice> =
            (0..4000).map(|n| data.slice(n * 2000..(n + 1) * 2000)).collect();
        slices.insert(0, Slice::empty());
        slices.push(Slice::empty());
        let sent = core.spawn(Class::Net, "send", async move {
            let (sent, slices) = client.send(slices).await;
            assert_eq!(slices.len(), 4002);
            client.send(Vec::new()).await.0.unwrap();
            sent.unwrap();
        });
        assert!(receive(&core, &server, data.len()).await == data[..]);
        sent.await;
        let (end, _) = server.recv(core.buf(1)).await;
        assert_eq!(end.unwrap(), 0, "the last handle closed the connection");
    })
    .unwrap();
}

#[test]
fn connections_given_up_are_closed() {
    run(CoreConfig::default(), |core| async move {
        let listener = core.listen(any_port(), Listen::default()).unwrap();
        let lent = core.stats().pool_lent_bytes;
        let early = core.timeout(Duration::from_millis(2), listener.accept()).await;
        assert!(early.is_err(), "nobody comes");
        let client = core.connect(listener.local_addr()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let early = core.timeout(Duration::from_millis(2), server.recv(core.buf(4096))).await;
        assert!(early.is_err(), "nothing comes");
        drop(server);
        let (end, _) = client.recv(core.buf(4096)).await;
        assert_eq!(end.unwrap(), 0, "the receive under way did not keep it open");
        while core.stats().operations_running > 0 {
            core.yield_now().await;
        }
        assert_eq!(core.stats().pool_lent_bytes, lent);
    })
    .unwrap();
}

#[test]
fn shutdown_ends_a_receive_under_way() {
    run(CoreConfig::default(), |core| async move {
        let listener = core.listen(any_port(), Listen::default()).unwrap();
        let client = core.connect(listener.local_addr()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let (core2, server2) = (core.clone(), server.clone());
        let receiving =
            core.spawn(Class::Net, "receive", async move { server2.recv(core2.buf(4096)).await.0 });
        core.sleep(Duration::from_millis(2)).await;
        server.shutdown();
        assert_eq!(receiving.await.unwrap(), 0);
        assert_eq!(client.recv(core.buf(1)).await.0.unwrap(), 0);
        let (sent, _) = server.send(vec![Slice::copy_of(&core, b"late")]).await;
        assert_eq!(sent.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    })
    .unwrap();
}

#[test]
fn a_taken_address_is_refused_and_a_shared_one_is_not() {
    run(CoreConfig::default(), |core| async move {
        let listen = |addr, share| core.listen(addr, Listen { share, ..Listen::default() });
        let alone = listen(any_port(), Share::Alone).unwrap();
        for share in [Share::Alone, Share::First, Share::Joined] {
            let taken = listen(alone.local_addr(), share);
            assert_eq!(taken.err().map(|e| e.kind()), Some(std::io::ErrorKind::AddrInUse));
        }
        let first = listen(any_port(), Share::First).unwrap();
        let second = listen(first.local_addr(), Share::Joined).unwrap();
        assert_eq!(first.local_addr(), second.local_addr());
        for share in [Share::Alone, Share::First] {
            assert!(listen(first.local_addr(), share).is_err());
        }
        let closed = alone.local_addr();
        drop(alone);
        core.sleep(Duration::from_millis(5)).await;
        let refused = core.connect(closed).await;
        assert_eq!(refused.err().map(|e| e.kind()), Some(std::io::ErrorKind::ConnectionRefused));
    })
    .unwrap();
}

#[test]
fn version_six_addresses_work_where_the_machine_has_them() {
    run(CoreConfig::default(), |core| async move {
        let Ok(listener) = core.listen("[::1]:0".parse().unwrap(), Listen::default()) else {
            return;
        };
        let client = core.connect(listener.local_addr()).await.unwrap();
        let (server, peer) = listener.accept().await.unwrap();
        assert!(peer.is_ipv6());
        client.send(vec![Slice::copy_of(&core, b"six")]).await.0.unwrap();
        assert_eq!(receive(&core, &server, 3).await, b"six");
    })
    .unwrap();
}
