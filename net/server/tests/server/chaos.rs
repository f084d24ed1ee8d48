//! Clients of every kind at once: good ones, broken ones, ones that leave in the middle. Nothing
//! falls over, nothing stays held, and who comes next is served.

use std::rc::Rc;
use std::time::Duration;

use engine_rt::Class;
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::delete_topics::DeleteTopicsRequest;
use net_wire::messages::describe_configs::DescribeConfigsRequest;
use net_wire::messages::fetch::FetchRequest;
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use net_wire::messages::produce::ProduceRequest;
use net_wire::{List, Request};

use crate::peer::Peer;
use crate::scene::{Scene, batch, fetch_request, play_with, produce_request};

const CLIENTS: u64 = 8;
const ACTS: u64 = 25;

/// Random numbers of one test, from its world.
struct Dice(Scene);

impl Dice {
    fn below(&self, most: u64) -> u64 {
        self.0.core.random() % most
    }

    fn index(&self, most: usize) -> usize {
        usize::try_from(self.below(most as u64)).expect("below a small number")
    }

    fn topic(&self) -> String {
        format!("t{}", self.below(5))
    }
}

#[test]
fn whoever_comes_and_goes_the_next_one_is_served() {
    for seed in 0..25 {
        let little = |options: &mut net_server::ServerOptions| {
            options.in_flight_requests_max = 5;
            options.in_flight_bytes_max = 20_000;
            options.large_frames_bytes_max = 200_000;
            options.answers_bytes_max = 50_000;
            options.batches_bytes_max = 50_000;
        };
        play_with(seed, little, |scene| async move {
            let mut clients = Vec::new();
            for _ in 0..CLIENTS {
                let dice = Rc::new(Dice(scene.clone()));
                clients.push(scene.core.spawn(Class::Net, "client", async move {
                    for _ in 0..ACTS {
                        connection(&dice).await;
                    }
                }));
            }
            for client in clients {
                client.await;
            }
            // Long enough for every wait and limit to end.
            scene.core.sleep(Duration::from_secs(45)).await;
            let counts = scene.counts();
            assert_eq!((counts.connections, counts.bytes_held), (0, 0), "seed {seed}");
            scene.create("after", 1, &[]).await;
            scene.produce("after", 0, &["all", "this"]).await;
            let answer = scene.peer().await.ask(&fetch_request("after", 0, 0), 12).await;
            assert_eq!(answer.responses[0].partitions[0].high_watermark, 2);
        });
    }
}

/// A connection that asks for a few things, and may break off at any time.
async fn connection(dice: &Dice) {
    let mut peer = dice.0.peer().await;
    for _ in 0..dice.below(6) {
        let mut bytes = request(dice, &mut peer);
        match dice.below(8) {
            0 => {
                let at = dice.index(bytes.len() - 4) + 4;
                bytes[at] ^= 1 << dice.below(8);
            }
            1 => bytes.truncate(dice.index(bytes.len())),
            2 => bytes.extend(request(dice, &mut peer)),
            _ => (),
        }
        peer.send(&bytes).await;
        if dice.below(3) > 0 {
            let patience = Duration::from_millis(dice.below(400));
            // Whether an answer comes, or the end, or nothing: all may be.
            let _ = dice.0.core.timeout(patience, peer.receive()).await;
        }
    }
    if dice.below(4) == 0 {
        let noise: Vec<u8> = (0..dice.index(600)).map(|_| dice.index(256) as u8).collect();
        peer.send(&noise).await;
    }
}

fn request(dice: &Dice, peer: &mut Peer) -> Vec<u8> {
    match dice.below(9) {
        0 | 1 => produce(dice, peer),
        2 | 3 => {
            let wait = [0, 50, 1000][dice.index(3)];
            let min_bytes = [0, 1, 100_000][dice.index(3)];
            let fetch = fetch_request(&dice.topic(), 0, dice.below(3) as i64);
            framed(peer, &FetchRequest { max_wait_ms: wait, min_bytes, ..fetch }, 12)
        }
        4 => {
            let topic = MetadataRequestTopic { name: Some(dice.topic()), ..Default::default() };
            let topics = if dice.below(3) == 0 { None } else { Some(List::from([topic])) };
            let allow_auto_topic_creation = dice.below(2) == 0;
            let request =
                MetadataRequest { topics, allow_auto_topic_creation, ..Default::default() };
            framed(peer, &request, 9)
        }
        5 => {
            let topic_names = List::from([dice.topic()]);
            framed(peer, &DeleteTopicsRequest { topic_names, ..Default::default() }, 5)
        }
        6 => {
            let partition = ListOffsetsPartition {
                partition_index: 0,
                current_leader_epoch: -1,
                timestamp: dice.below(9) as i64 - 7,
            };
            let partitions = List::from([partition]);
            let topics = List::from([ListOffsetsTopic { name: dice.topic(), partitions }]);
            framed(peer, &ListOffsetsRequest { replica_id: -1, topics, ..Default::default() }, 11)
        }
        7 => {
            let offset = dice.below(4) as i64 - 1;
            let partitions = List::from([DeleteRecordsPartition { partition_index: 0, offset }]);
            let topics = List::from([DeleteRecordsTopic { name: dice.topic(), partitions }]);
            framed(peer, &DeleteRecordsRequest { topics, timeout_ms: 1000 }, 2)
        }
        _ => framed(peer, &DescribeConfigsRequest::default(), 4),
    }
}

fn produce(dice: &Dice, peer: &mut Peer) -> Vec<u8> {
    let size = [10, 1000, 30_000, 300_000][dice.index(4)];
    let batch = batch(&[&"v".repeat(size)]);
    let acks = [-1, 0, 1][dice.index(3)];
    let request = ProduceRequest { acks, ..produce_request(&dice.topic(), 0, batch.len()) };
    peer.frame(&request, 9, &[&batch])
}

fn framed<R: Request>(peer: &mut Peer, request: &R, version: i16) -> Vec<u8> {
    peer.frame(request, version, &[])
}
