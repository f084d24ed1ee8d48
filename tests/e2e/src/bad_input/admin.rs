//! Topics that cannot be created, configs that cannot be set, quotas that are used up.

use std::time::Duration;

use anyhow::{Result, ensure};
use net_wire::List;
use net_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, OpData, RequestEntityData, RequestEntryData,
};
use net_wire::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
    CreateTopicsResponse,
};
use net_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use net_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};

use super::{Case, Scene, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(30, "topics that cannot be created", cannot_be_created),
        case(30, "a look at a topic that could be created leaves none", leaves_none),
        case(31, "configs that are secret, fixed, unknown or no values", cannot_be_set),
        case(35, "more topics than a quota allows", beyond_the_quota),
    ]
}

fn topic(name: &str, partitions: i32, factor: i16) -> CreatableTopic {
    CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: factor,
        ..Default::default()
    }
}

fn with_config(key: &str, value: Option<&str>) -> CreatableTopic {
    let config = CreatableTopicConfig { name: key.to_owned(), value: value.map(str::to_owned) };
    CreatableTopic { configs: List::from([config]), ..topic("row-30", 1, 1) }
}

fn assigned(brokers: &[i32]) -> CreatableTopic {
    let broker_ids = brokers.iter().copied().collect();
    let assignment = CreatableReplicaAssignment { partition_index: 0, broker_ids };
    CreatableTopic { assignments: List::from([assignment]), ..topic("row-30", -1, -1) }
}

fn create(
    scene: &Scene,
    topics: Vec<CreatableTopic>,
    validate_only: bool,
) -> Result<CreateTopicsResponse> {
    let topics = topics.into_iter().collect();
    let request = CreateTopicsRequest { topics, timeout_ms: 10_000, validate_only };
    scene.peer()?.ask(&request, 7)
}

fn is_there(scene: &Scene, name: &str) -> Result<bool> {
    let topic = MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() };
    let topics = Some(List::from([topic]));
    let request =
        MetadataRequest { topics, allow_auto_topic_creation: false, ..Default::default() };
    Ok(scene.peer()?.ask(&request, 12)?.topics[0].error_code == 0)
}

fn cannot_be_created(scene: &Scene) -> Result<()> {
    let cases = [
        (topic("row-30", 0, 1), 37),
        (topic("row-30", -7, 1), 37),
        (topic("row-30", 1_000_000_000, 1), 44),
        (topic("row-30", i32::MAX, 1), 44),
        (topic("row-30", 1, 2), 38),
        (topic("row-30", 1, 0), 38),
        (topic("row-30", 1, i16::MAX), 38),
        (assigned(&[7]), 39),
        (assigned(&[0, 0]), 39),
        (assigned(&[]), 39),
        (CreatableTopic { num_partitions: 3, ..assigned(&[0]) }, 42),
        (topic(&scene.topic, 1, 1), 36),
        (with_config("no.such", Some("1")), 40),
        (with_config("retention.ms", Some("soon")), 40),
        (with_config("retention.ms", None), 40),
    ];
    for (asked, code) in cases {
        let told = format!("{asked:?}");
        for validate_only in [true, false] {
            let answer = create(scene, vec![asked.clone()], validate_only)?;
            let said = answer.topics[0].error_code;
            ensure!(said == code, "{told}: error {said}, not {code}");
        }
        ensure!(!is_there(scene, "row-30")?, "{told}: it is there");
    }
    let twice = create(scene, vec![topic("row-30", 1, 1), topic("row-30", 2, 1)], false)?;
    ensure!(twice.topics.iter().all(|one| one.error_code == 42), "twice in one request: {twice:?}");
    ensure!(!is_there(scene, "row-30")?, "one of the two is there");
    Ok(())
}

fn leaves_none(scene: &Scene) -> Result<()> {
    let answer = create(scene, vec![topic("row-30", 3, 1)], true)?;
    ensure!(answer.topics[0].error_code == 0, "{answer:?}");
    ensure!(!is_there(scene, "row-30")?, "it is there");
    Ok(())
}

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

fn cannot_be_set(scene: &Scene) -> Result<()> {
    let topic = scene.topic.as_str();
    // Kafka calls what is fixed at the start an invalid request, not an invalid config.
    let cases = [
        (TOPIC, topic, "no.such", "1", 40),
        (TOPIC, topic, "retention.ms", "soon", 40),
        (TOPIC, topic, "remote.storage.enable", "true", 40),
        (TOPIC, "nobody", "retention.ms", "1", 3),
        (TOPIC, "a b", "retention.ms", "1", 17),
        (BROKER, "0", "no.such", "1", 40),
        (BROKER, "0", "node.id", "7", 42),
        (BROKER, "0", "log.dirs", "/", 42),
        (BROKER, "", "listeners", "PLAINTEXT://0.0.0.0:1", 42),
        (BROKER, "0", "ssl.keystore.password", "secret-31", 42),
        (BROKER, "0", "listener.name.plaintext.ssl.key.password", "secret-31", 40),
        (BROKER, "0", "sasl.jaas.config", "secret-31", 40),
        (BROKER, "7", "log.retention.ms", "1000", 42),
        (99, "x", "y", "z", 42),
    ];
    for (resource_type, name, key, value, code) in cases {
        let config = AlterableConfig {
            name: key.to_owned(),
            config_operation: 0,
            value: Some(value.to_owned()),
        };
        let resource = AlterConfigsResource {
            resource_type,
            resource_name: name.to_owned(),
            configs: List::from([config]),
        };
        let resources = List::from([resource]);
        let request = IncrementalAlterConfigsRequest { resources, validate_only: false };
        let answer = scene.peer()?.ask(&request, 1)?;
        let said = &answer.responses[0];
        ensure!(said.error_code == code, "{key}={value}: {said:?}");
        let words = said.error_message.clone().unwrap_or_default();
        ensure!(!words.contains("secret-31"), "a secret is repeated: {words}");
    }
    for name in ["", "0"] {
        let resource = DescribeConfigsResource {
            resource_type: BROKER,
            resource_name: name.to_owned(),
            configuration_keys: None,
        };
        let request =
            DescribeConfigsRequest { resources: List::from([resource]), ..Default::default() };
        let answer = scene.peer()?.ask(&request, 4)?;
        let changed =
            answer.results[0].configs.iter().find(|row| matches!(row.config_source, 2 | 3));
        ensure!(changed.is_none(), "something was set: {changed:?}");
    }
    Ok(())
}

fn quota(scene: &Scene, rate: Option<f64>) -> Result<()> {
    let entity = RequestEntityData { entity_type: "client-id".to_owned(), entity_name: None };
    let op = OpData {
        key: "controller_mutation_rate".to_owned(),
        value: rate.unwrap_or_default(),
        remove: rate.is_none(),
    };
    let entry = RequestEntryData { entity: List::from([entity]), ops: List::from([op]) };
    let entries = List::from([entry]);
    let request = AlterClientQuotasRequest { entries, validate_only: false };
    let answer = scene.peer()?.ask(&request, 1)?;
    ensure!(answer.entries[0].error_code == 0, "{answer:?}");
    Ok(())
}

fn beyond_the_quota(scene: &Scene) -> Result<()> {
    quota(scene, Some(1.0))?;
    let played = (|| {
        // Eleven seconds' worth, one request beyond it, and nothing more.
        let first = create(scene, vec![topic("row-35-a", 13, 1), topic("row-35-b", 1, 1)], false)?;
        let codes: Vec<i16> = first.topics.iter().map(|topic| topic.error_code).collect();
        ensure!(codes == [0, 89], "{codes:?}");
        ensure!((1..=2000).contains(&first.throttle_time_ms), "{}", first.throttle_time_ms);
        ensure!(!is_there(scene, "row-35-b")?, "what was refused is there");
        // Somebody who does as told is served, on the same connection as on another.
        std::thread::sleep(Duration::from_millis(first.throttle_time_ms.unsigned_abs().into()));
        let again = create(scene, vec![topic("row-35-b", 1, 1)], false)?;
        ensure!(again.topics[0].error_code == 0, "{again:?}");
        Ok(())
    })();
    quota(scene, None)?;
    played
}
