//! Producers that count wrongly, and batches that are more than they seem.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use engine_record::{BatchBuilder, Codec};
use net_wire::List;
use net_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use net_wire::messages::init_producer_id::InitProducerIdRequest;
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use net_wire::messages::produce::PartitionProduceResponse;

use super::{Case, Scene, case, produce_request};
use crate::raw_batch::RawBatch;

/// What looking into a packed batch may take beside the batch itself.
const UNPACK_BYTES_MAX: u64 = 16 << 20;
/// What a bomb unpacks to, for codecs that pack it into less than a batch may have.
const BOMB_BYTES: usize = 200 << 20;
const CPU_MAX: Duration = Duration::from_millis(100);

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(14, "producers whose sequence is negative", |scene| {
            for producer in [(5, 0, -1), (5, 0, -2), (5, 3, i32::MIN)] {
                let got = scene.produce(&by(producer).bytes())?;
                ensure!(got == 87, "producer {producer:?}: {got}");
            }
            Ok(())
        }),
        case(16, "little that unpacks to very much", |scene| {
            created(scene, "bombed", "compact")?;
            created(scene, "stored", "delete")?;
            for codec in [Codec::Gzip, Codec::Lz4, Codec::Zstd] {
                let mut batch = BatchBuilder::new();
                let time = 1_700_000_000_000 + codec as i64;
                batch.append(time, Some(b"key"), Some(&vec![0; BOMB_BYTES]), &[]);
                let batch = batch.finish(codec);
                ensure!(batch.len() < 1 << 20, "{}: {} bytes", codec.name(), batch.len());
                exploded(scene, codec.name(), &batch)?;
                stored_exploded(scene, codec, &batch)?;
            }
            // Snappy packs by 21 at most, but may say that it is more.
            let mut lies = RawBatch::of(&["x"]);
            lies.attributes = Codec::Snappy as i16;
            lies.records[0].1 = vec![0xff; 1000];
            exploded(scene, "snappy", &lies.bytes())
        }),
        case(17, "zstd before there was zstd", |scene| {
            let mut batch = BatchBuilder::new();
            batch.append(1_700_000_000_000, Some(b"key"), Some(b"value"), &[]);
            let batch = batch.finish(Codec::Zstd);
            for (version, code) in [(3, 76), (6, 76), (7, 0)] {
                let got = produced(scene, &scene.topic, version, &batch)?.error_code;
                ensure!(got == code, "version {version}: {got}, not {code}");
            }
            Ok(())
        }),
        case(18, "records without keys for a compacted topic", |scene| {
            created(scene, "keyed", "compact")?;
            let mut batch = RawBatch::of(&["a", "b", "c"]);
            batch.records[1].0 = Some(b"key".to_vec());
            let answer = produced(scene, "keyed", 9, &batch.bytes())?;
            ensure!(answer.error_code == 87, "{answer:?}");
            let wrong: Vec<i32> = answer.record_errors.iter().map(|one| one.batch_index).collect();
            ensure!(wrong == [0, 2], "records {wrong:?} are named");
            batch.records.iter_mut().for_each(|record| record.0 = Some(b"key".to_vec()));
            let answer = produced(scene, "keyed", 9, &batch.bytes())?;
            ensure!(answer.error_code == 0 && answer.base_offset == 0, "{answer:?}");
            Ok(())
        }),
        case(21, "batches that come again, too early, and too late", sequences),
    ]
}

/// A batch of one record by a producer: its id, its epoch, the first sequence.
fn by(producer: (i64, i16, i32)) -> RawBatch {
    RawBatch { producer, ..RawBatch::of(&["x"]) }
}

fn sequences(scene: &Scene) -> Result<()> {
    let ask = |producer| produced(scene, &scene.topic, 9, &by(producer).bytes());
    let id = new_id(scene)?;
    let first = ask((id, 0, 0))?;
    ensure!(first.error_code == 0, "the first: {first:?}");
    let again = ask((id, 0, 0))?;
    let told = (again.error_code, again.base_offset);
    ensure!(told == (0, first.base_offset), "what comes again has its offset: {again:?}");
    ensure!(ask((id, 0, 5))?.error_code == 45, "a gap");
    let second = ask((id, 0, 1))?;
    let told = (second.error_code, second.base_offset);
    ensure!(told == (0, first.base_offset + 1), "nothing came between: {second:?}");
    ensure!(ask((id, 1, 7))?.error_code == 45, "a newer epoch begins at 0");
    ensure!(ask((id, 1, 0))?.error_code == 0, "a newer epoch");
    ensure!(ask((id, 0, 2))?.error_code == 47, "an older epoch");
    let nobody = new_id(scene)?;
    ensure!(ask((nobody, 0, 40))?.error_code == 0, "a nobody may begin anywhere");
    ensure!(ask((nobody, 0, 42))?.error_code == 45, "and goes on from there");
    Ok(())
}

fn new_id(scene: &Scene) -> Result<i64> {
    let request = InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: 60_000,
        producer_id: -1,
        producer_epoch: -1,
    };
    let answer = scene.peer()?.ask(&request, 4)?;
    ensure!(answer.error_code == 0, "no producer id: {}", answer.error_code);
    Ok(answer.producer_id)
}

/// A topic; where it is a compacted one, records are looked into, for their keys.
fn created(scene: &Scene, name: &str, policy: &str) -> Result<()> {
    let config =
        CreatableTopicConfig { name: "cleanup.policy".to_owned(), value: Some(policy.to_owned()) };
    let request = CreateTopicsRequest {
        topics: List::from([CreatableTopic {
            name: name.to_owned(),
            num_partitions: 1,
            replication_factor: 1,
            configs: List::from([config]),
            ..Default::default()
        }]),
        timeout_ms: 10_000,
        validate_only: false,
    };
    let code = scene.peer()?.ask(&request, 5)?.topics[0].error_code;
    ensure!(code == 0, "creating {name}: {code}");
    Ok(())
}

fn produced(
    scene: &Scene,
    topic: &str,
    version: i16,
    batch: &[u8],
) -> Result<PartitionProduceResponse> {
    let request = produce_request(topic, -1, batch);
    let answer = scene.peer()?.ask_with(&request, version, &[batch])?;
    Ok(answer.responses[0].partition_responses[0].clone())
}

/// A batch that unpacks to too much is refused soon, and nothing that large was ever held.
fn exploded(scene: &Scene, what: &str, batch: &[u8]) -> Result<()> {
    harmlessly(scene, what, batch.len(), || {
        let answer = produced(scene, "bombed", 9, batch)?;
        ensure!(answer.error_code == 87, "{what}: {answer:?}");
        Ok(())
    })
}

/// One that nobody looked into when it was stored is passed over when its time is asked for.
fn stored_exploded(scene: &Scene, codec: Codec, batch: &[u8]) -> Result<()> {
    let (what, answer) = (codec.name(), produced(scene, "stored", 9, batch)?);
    ensure!(answer.error_code == 0, "{what} is not stored: {answer:?}");
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: List::from([ListOffsetsTopic {
            name: "stored".to_owned(),
            partitions: List::from([ListOffsetsPartition {
                partition_index: 0,
                current_leader_epoch: -1,
                timestamp: 1_700_000_000_000 + codec as i64,
            }]),
        }]),
        ..Default::default()
    };
    harmlessly(scene, &format!("{what}, by time"), batch.len(), || {
        let answer = scene.peer()?.ask(&request, 7)?;
        let found = &answer.topics[0].partitions[0];
        ensure!((found.error_code, found.offset) == (0, -1), "{what}: {found:?}");
        Ok(())
    })
}

/// Does something with a bomb of `bytes`, in little memory and time.
fn harmlessly(
    scene: &Scene,
    what: &str,
    bytes: usize,
    act: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let before = scene.process.as_ref().map(|process| process.begin()).transpose()?;
    let started = Instant::now();
    act()?;
    if let (Some(process), Some(before)) = (&scene.process, before) {
        let used = process.since(&before)?;
        println!("      {what}: {:?}, {used:?}", started.elapsed());
        let most = UNPACK_BYTES_MAX + bytes as u64;
        ensure!(used.bytes <= most, "{what}: {} bytes more than before", used.bytes);
        ensure!(used.cpu <= CPU_MAX, "{what}: {:?} of processor time", used.cpu);
    }
    Ok(())
}
