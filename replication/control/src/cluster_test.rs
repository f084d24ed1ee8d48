//! The cluster's rules, and the property that every replay equals the live state.

use std::collections::BTreeSet;

use engine_base::Refusal;
use engine_base::settings::ConfigChange;
use replication_machine::Harness;

use super::*;
use crate::facts::Endpoint;

fn broker() -> Rc<BrokerConfig> {
    Rc::new(BrokerConfig::default())
}

fn node(id: i32, shards: u16) -> NodeFacts {
    NodeFacts {
        id: NodeId(id),
        incarnation: Uuid([7; 16]),
        endpoints: vec![Endpoint { listener: "P".into(), host: "h".into(), port: 1 }],
        rack: None,
        shards,
    }
}

fn cluster(nodes: i32, shards: u16) -> Harness<Cluster> {
    let mut h = Harness::new(Cluster::new(broker(), NodeId(0)));
    assert_eq!(h.ask(Command::Found(Uuid([9; 16]))), Ok(Answer::Done));
    for id in 0..nodes {
        assert_eq!(h.ask(Command::Join(node(id, shards))), Ok(Answer::Done));
    }
    h
}

fn create(h: &mut Harness<Cluster>, topics: Vec<NewTopic>) -> Vec<Result<CreatedTopic, Refusal>> {
    ask_create(h, topics, false)
}

fn ask_create(
    h: &mut Harness<Cluster>,
    topics: Vec<NewTopic>,
    validate_only: bool,
) -> Vec<Result<CreatedTopic, Refusal>> {
    let mut id = h.log().len() as u128 * 1_000 + 1;
    let topics = topics
        .into_iter()
        .map(|topic| {
            id += 1;
            (Uuid(id.to_be_bytes()), topic)
        })
        .collect();
    match h.ask(Command::CreateTopics { topics, validate_only, stopped: BTreeSet::new() }) {
        Ok(Answer::Created(answers)) => answers,
        other => panic!("{other:?}"),
    }
}

fn delete(h: &mut Harness<Cluster>, topics: &[&str]) -> Vec<Result<DeletedTopic, Refusal>> {
    let topics = topics.iter().map(|name| TopicRef::Name((*name).into())).collect();
    match h.ask(Command::DeleteTopics(topics)) {
        Ok(Answer::Deleted(answers)) => answers,
        other => panic!("{other:?}"),
    }
}

fn topic(name: &str, partitions: i32, factor: i16) -> NewTopic {
    NewTopic { partitions, replication_factor: factor, ..NewTopic::named(name) }
}

fn manual(assignments: &[(i32, &[i32])]) -> NewTopic {
    let nodes = |ids: &[i32]| ids.iter().map(|id| NodeId(*id)).collect();
    let assignments = assignments.iter().map(|(p, ids)| (*p, nodes(ids))).collect();
    NewTopic { assignments, ..NewTopic::named("m") }
}

fn refusal(h: &mut Harness<Cluster>, topic: NewTopic) -> Refusal {
    create(h, vec![topic]).remove(0).expect_err("must be refused")
}

#[test]
fn a_cluster_keeps_its_first_id_and_an_unchanged_node_writes_nothing() {
    let mut h = cluster(1, 2);
    let records = h.log().len();
    assert_eq!(h.ask(Command::Found(Uuid([1; 16]))), Ok(Answer::Done));
    assert_eq!(h.ask(Command::Join(node(0, 2))), Ok(Answer::Done));
    assert_eq!(h.log().len(), records);
    assert_eq!(h.machine().image().cluster, Uuid([9; 16]));
}

#[test]
fn defaults_fill_in_and_partitions_spread_over_the_shards() {
    let mut h = cluster(1, 3);
    let created = create(&mut h, vec![NewTopic::named("a"), topic("b", 7, 1)]);
    assert_eq!(created[0].as_ref().map(|t| (t.partitions, t.replication_factor)), Ok((1, 1)));
    let image = h.machine().image().clone();
    let facts = image.topic("b").expect("was created");
    assert!(Rc::ptr_eq(facts, image.topic_by_id(facts.id).expect("by id too")));
    let mut per_shard = [0; 3];
    for partition in &facts.partitions {
        per_shard[usize::from(partition.replicas[0].shard.0)] += 1;
    }
    per_shard
        [usize::from(image.topic("a").expect("was created").partitions[0].replicas[0].shard.0)] +=
        1;
    per_shard.sort_unstable();
    assert_eq!(per_shard, [2, 3, 3]);
    h.check_replay(Cluster::new(broker(), NodeId(0)));
}

/// The least loaded shard takes the next partition, whatever was deleted meanwhile; a shard that
/// has stopped takes none, and a node without any other has nothing to offer.
#[test]
fn nothing_is_placed_on_a_stopped_shard() {
    let mut h = cluster(2, 2);
    let place = |node: i32, shard| Placement { node: NodeId(node), shard: ShardIndex(shard) };
    let mut ask = |topic: NewTopic, stopped: &[Placement]| {
        let name = topic.name.clone();
        let topics = vec![(Uuid((h.log().len() as u128 + 1).to_be_bytes()), topic)];
        let stopped = stopped.iter().copied().collect();
        let command = Command::CreateTopics { topics, validate_only: false, stopped };
        let Ok(Answer::Created(mut answers)) = h.ask(command) else { panic!("not created") };
        answers.remove(0).map(|_| {
            let image = h.machine().image().clone();
            let facts = image.topic(&name).expect("was created").partitions.clone();
            facts.into_iter().flat_map(|p| p.replicas).collect::<Vec<Placement>>()
        })
    };
    let all = ask(topic("a", 4, 1), &[]).expect("created");
    assert_eq!(all, [place(0, 0), place(0, 1), place(1, 0), place(1, 1)], "each has one");
    let gone = [place(0, 1), place(1, 0)];
    let six = ask(topic("b", 6, 1), &gone).expect("created");
    assert!(six.iter().all(|place| !gone.contains(place)), "{six:?}");
    let two = ask(topic("c", 2, 1), &[]).expect("created");
    assert_eq!(two, gone, "they have the fewest once they are back");
    let node = [place(0, 0), place(0, 1)];
    let none = ask(topic("d", 1, 2), &node);
    assert!(matches!(none, Err(Refusal::InvalidReplicationFactor(_))), "{none:?}");
    assert_eq!(ask(manual(&[(0, &[1])]), &node).map(|places| places[0].node), Ok(NodeId(1)));
    let there = NewTopic { name: "n".into(), ..manual(&[(0, &[0])]) };
    let none = ask(there, &node);
    assert!(matches!(none, Err(Refusal::InvalidReplicaAssignment(_))), "{none:?}");
    h.check_replay(Cluster::new(broker(), NodeId(0)));
}

/// What a Kafka 4.3.1 node with one broker answered to the same requests.
#[test]
fn what_kafka_refuses_is_refused_in_its_words() {
    let mut h = cluster(1, 1);
    assert!(create(&mut h, vec![NewTopic::named("ok_1")])[0].is_ok());
    let config = |key: &str, value: Option<&str>| NewTopic {
        configs: vec![(key.into(), value.map(str::to_owned))],
        ..NewTopic::named("c")
    };
    let cases = [
        (
            NewTopic::named("__cluster_metadata"),
            Refusal::InvalidRequest(
                "Creation of internal topic __cluster_metadata is prohibited.".into(),
            ),
        ),
        (
            NewTopic::named("ok.1"),
            Refusal::InvalidTopic("Topic 'ok.1' collides with existing topic: ok_1".into()),
        ),
        (topic("ok_1", 0, 1), Refusal::TopicExists("Topic 'ok_1' already exists.".into())),
        (
            topic("p", 0, 2),
            Refusal::InvalidPartitions(
                "Number of partitions was set to an invalid non-positive value.".into(),
            ),
        ),
        (
            topic("p", 1, 0),
            Refusal::InvalidReplicationFactor(
                "Replication factor must be larger than 0, or -1 to use the default value.".into(),
            ),
        ),
        (
            topic("p", 1, 2),
            Refusal::InvalidReplicationFactor(
                "Unable to replicate the partition 2 time(s): The target replication factor of 2 \
                 cannot be reached because only 1 broker(s) are registered or some brokers have \
                 all their log directories cordoned."
                    .into(),
            ),
        ),
        (
            topic("p", 1_000_000_000, 1),
            Refusal::PolicyViolation("Excessively large number of partitions per request.".into()),
        ),
        (
            topic("p", 10_000, 1),
            Refusal::PolicyViolation("Unable to perform excessively large batch operation.".into()),
        ),
        (
            NewTopic { partitions: 1, ..manual(&[(0, &[0])]) },
            Refusal::InvalidRequest(
                "A manual partition assignment was specified, but numPartitions was not set to -1."
                    .into(),
            ),
        ),
        (
            NewTopic { replication_factor: 1, partitions: 1, ..manual(&[(0, &[0])]) },
            Refusal::InvalidRequest(
                "A manual partition assignment was specified, but replication factor was not set \
                 to -1."
                    .into(),
            ),
        ),
        (
            config("nope", Some("1")),
            Refusal::InvalidConfig("Unknown topic config name: nope".into()),
        ),
        (
            config("retention.ms", None),
            Refusal::InvalidConfig(
                "Null value not supported for topic configs: retention.ms".into(),
            ),
        ),
    ];
    for (asked, expected) in cases {
        assert_eq!(refusal(&mut h, asked), expected);
    }
    let wrong = [
        (
            manual(&[(0, &[0]), (0, &[0])]),
            "Found multiple manual partition assignments for partition 0",
        ),
        (
            manual(&[(0, &[0]), (2, &[0])]),
            "partitions should be a consecutive 0-based integer sequence",
        ),
        (
            manual(&[(-1, &[0]), (0, &[0])]),
            "partitions should be a consecutive 0-based integer sequence",
        ),
        (manual(&[(0, &[])]), "The manual partition assignment includes an empty replica list."),
        (
            manual(&[(0, &[7])]),
            "The manual partition assignment includes broker 7, but no such broker is registered.",
        ),
        (
            manual(&[(0, &[0, 0])]),
            "The manual partition assignment includes the broker 0 more than once.",
        ),
    ];
    for (asked, why) in wrong {
        assert_eq!(refusal(&mut h, asked), Refusal::InvalidReplicaAssignment(why.into()));
    }
    assert_eq!(h.machine().image().topic_count(), 1, "what is refused changes nothing");
}

#[test]
fn two_names_that_collide_only_with_each_other_are_both_created_as_kafka_does() {
    let mut h = cluster(1, 1);
    let answers = create(&mut h, vec![NewTopic::named("x_y"), NewTopic::named("x.y")]);
    assert!(answers.iter().all(Result::is_ok));
}

#[test]
fn a_name_given_twice_is_refused_each_time_and_the_others_are_created() {
    let mut h = cluster(1, 1);
    let names = ["dup", "other", "dup"].map(NewTopic::named).to_vec();
    let answers = create(&mut h, names);
    let no = Err(Refusal::InvalidRequest("Duplicate topic name.".into()));
    assert_eq!((&answers[0], &answers[2]), (&no, &no));
    assert!(answers[1].is_ok());
    assert_eq!(h.machine().image().topic_count(), 1);
}

#[test]
fn validate_only_answers_alike_and_changes_nothing() {
    let mut h = cluster(1, 1);
    let (records, hash) = (h.log().len(), h.machine().state_hash());
    let answers = ask_create(&mut h, vec![topic("v", 3, -1), topic("w", 0, -1)], true);
    assert_eq!(answers[0].as_ref().map(|t| t.partitions), Ok(3));
    assert!(answers[1].is_err());
    assert_eq!((h.log().len(), h.machine().state_hash()), (records, hash));
}

#[test]
fn a_manual_assignment_is_followed() {
    let mut h = cluster(2, 2);
    assert!(create(&mut h, vec![manual(&[(1, &[1, 0]), (0, &[0, 1])])])[0].is_ok());
    let image = h.machine().image();
    let partitions = &image.topic("m").expect("was created").partitions;
    let nodes = |p: usize| partitions[p].replicas.iter().map(|r| r.node.0).collect::<Vec<_>>();
    assert_eq!((nodes(0), nodes(1)), (vec![0, 1], vec![1, 0]));
}

#[test]
fn log_ids_are_never_used_twice_and_deletes_are_remembered() {
    let mut h = cluster(1, 1);
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        assert!(create(&mut h, vec![topic("t", 3, 1)])[0].is_ok());
        let topic = h.machine().image().topic("t").expect("was created").clone();
        for partition in &topic.partitions {
            assert!(seen.insert(partition.log), "{} is given out twice", partition.log);
            assert!(!h.machine().was_deleted(partition.log));
            assert_eq!(h.machine().topic_of(partition.log), Some(&topic));
        }
        assert!(delete(&mut h, &["t"])[0].is_ok());
        assert!(topic.partitions.iter().all(|p| h.machine().was_deleted(p.log)));
    }
    assert!(!seen.contains(&METADATA_LOG));
    assert_eq!(h.ask(Command::UseLogIds { next: 1_000 }), Ok(Answer::Done));
    assert!(create(&mut h, vec![topic("t", 1, 1)])[0].is_ok());
    assert_eq!(h.machine().image().topic("t").expect("created").partitions[0].log, LogId(1_000));
    assert!(!h.machine().was_deleted(LogId(999)), "skipped is not deleted");
    h.check_replay(Cluster::new(broker(), NodeId(0)));
}

#[test]
fn a_block_of_producer_ids_is_given_out_once_and_not_after_a_replay_either() {
    let mut h = cluster(1, 1);
    let ask = |h: &mut Harness<Cluster>| match h.ask(Command::ReserveProducerIds) {
        Ok(Answer::ProducerIds(block)) => block,
        other => panic!("{other:?}"),
    };
    assert_eq!([ask(&mut h), ask(&mut h)], [0..1000, 1000..2000]);
    let mut again = h.check_replay(Cluster::new(broker(), NodeId(0)));
    let now = Now::default();
    let decision = again.decide(Ticket(0), Command::ReserveProducerIds, now);
    assert_eq!(decision.answers, [(Ticket(0), Answer::ProducerIds(2000..3000))]);
    let bytes = Record::ProducerIdsUsed { next: 2000 }.encode();
    let repeated = again.apply(&RecordView::of_value(&bytes, h.log().len() as i64));
    assert!(matches!(repeated, Err(BadRecord::Broken(_))), "{repeated:?}");
}

#[test]
fn deletes_answer_as_kafka_does() {
    let mut h = cluster(1, 1);
    create(&mut h, vec![NewTopic::named("a"), NewTopic::named("b")]);
    let answers = delete(&mut h, &["a", "nope", "b", "b"]);
    assert_eq!(answers[0].as_ref().map(|d| d.name.as_str()), Ok("a"));
    assert_eq!(answers[1], Err(Refusal::UnknownTopicOrPartition));
    let no = Err(Refusal::InvalidRequest("Duplicate topic name.".into()));
    assert_eq!((&answers[2], &answers[3]), (&no, &no));
    let by_id = |id| Command::DeleteTopics(vec![TopicRef::Id(id)]);
    assert_eq!(
        h.ask(by_id(Uuid([1; 16]))),
        Ok(Answer::Deleted(vec![Err(Refusal::UnknownTopicId)]))
    );
    let id = h.machine().image().topic("b").expect("is still there").id;
    let both = vec![TopicRef::Id(id), TopicRef::Name("b".into())];
    let Ok(Answer::Deleted(answers)) = h.ask(Command::DeleteTopics(both)) else { panic!() };
    assert!(answers[0].is_ok() && answers[1].is_err());
    assert_eq!(h.machine().image().topic_count(), 0);
}

#[test]
fn a_topic_is_configured_as_a_whole_or_not_at_all() {
    let mut h = cluster(1, 1);
    create(&mut h, vec![topic("t", 1, 1)]);
    let mut set = |changes: &[(&str, Option<&str>)]| {
        let before = h.log().len();
        let answer = h.ask(configure(ConfigResource::Topic(TopicRef::Name("t".into())), changes));
        let Ok(Answer::Configured(answers)) = answer else { panic!("{answer:?}") };
        let [answer] = &answers[..] else { panic!("{answers:?}") };
        let facts = h.machine().image().topic("t").expect("is there").clone();
        (answer.is_ok(), h.log().len() - before, facts.settings.clone(), facts.configs.clone())
    };
    let (ok, records, settings, _) =
        set(&[("write.caching", Some("true")), ("retention.ms", Some("5"))]);
    assert_eq!((ok, records, settings.write_caching), (true, 2, true));
    let (ok, records, settings, _) = set(&[("write.caching", None), ("retention.ms", Some("x"))]);
    assert_eq!((ok, records, settings.write_caching), (false, 0, true));
    let (ok, records, ..) = set(&[("write.caching", Some("true"))]);
    assert_eq!((ok, records), (true, 0), "what changes nothing writes nothing");
    let (ok, records, settings, configs) = set(&[("write.caching", None), ("segment.ms", None)]);
    assert_eq!((ok, records, settings.write_caching), (true, 1, false));
    assert_eq!(configs.into_iter().collect::<Vec<_>>(), [("retention.ms".into(), "5".into())]);
    h.check_replay(Cluster::new(broker(), NodeId(0)));
}

fn configure(resource: ConfigResource, changes: &[(&str, Option<&str>)]) -> Command {
    let change = |value: &Option<&str>| match value {
        Some(value) => ConfigChange::Set((*value).to_owned()),
        None => ConfigChange::Delete,
    };
    let changes = changes.iter().map(|(key, value)| ((*key).to_owned(), change(value))).collect();
    let resources = vec![(resource, ConfigChanges::Some(changes))];
    Command::AlterConfigs { resources, validate_only: false }
}

/// What is set on all nodes lies below what is set on one, and both below the topic's own; another
/// node's is nothing to this one.
#[test]
fn a_nodes_configs_reach_the_topics_settings() {
    let mut h = cluster(2, 1);
    create(&mut h, vec![topic("t", 1, 1), topic("u", 1, 1)]);
    let mut set = |target: Option<ConfigTarget>, value: Option<&str>| {
        let (resource, key) = match target {
            Some(target) => (ConfigResource::Of(target), "log.retention.ms"),
            None => (ConfigResource::Topic(TopicRef::Name("t".into())), "retention.ms"),
        };
        let answer = h.ask(configure(resource, &[(key, value)]));
        assert_eq!(answer, Ok(Answer::Configured(vec![Ok(())])));
        let image = h.machine().image().clone();
        let of = |name| image.topic(name).expect("is there").settings.retention_ms;
        h.check_replay(Cluster::new(broker(), NodeId(0)));
        (of("t"), of("u"))
    };
    let week = Some(604_800_000);
    assert_eq!(set(Some(ConfigTarget::Cluster), Some("5")), (Some(5), Some(5)));
    assert_eq!(set(Some(ConfigTarget::Node(NodeId(1))), Some("6")), (Some(5), Some(5)));
    assert_eq!(set(Some(ConfigTarget::Node(NodeId(0))), Some("7")), (Some(7), Some(7)));
    assert_eq!(set(None, Some("8")), (Some(8), Some(7)));
    assert_eq!(set(Some(ConfigTarget::Node(NodeId(0))), None), (Some(8), Some(5)));
    assert_eq!(set(None, None), (Some(5), Some(5)));
    assert_eq!(set(Some(ConfigTarget::Cluster), None), (week, week));
}

/// A request whose records would not fit together is refused where they stop fitting.
#[test]
fn the_records_of_one_request_are_bounded() {
    let mut h = cluster(1, 1);
    let group = |name: &str, bytes: usize| {
        let target = ConfigTarget::ClientMetrics(name.to_owned());
        let change = ("metrics".to_owned(), ConfigChange::Set("m".repeat(bytes)));
        (ConfigResource::Of(target), ConfigChanges::Some(vec![change]))
    };
    let resources = vec![group("a", 400_000), group("b", 400_000), group("c", 100_000)];
    let Ok(Answer::Configured(answers)) =
        h.ask(Command::AlterConfigs { resources, validate_only: false })
    else {
        panic!("it is answered")
    };
    assert!(matches!(answers[..], [Ok(()), Err(Refusal::PolicyViolation(_)), Ok(())]));
    let named = h.machine().image().configs.targets().map(|(target, _)| target.clone());
    let expected = ["a", "c"].map(|name| ConfigTarget::ClientMetrics(name.into()));
    assert_eq!(named.collect::<Vec<_>>(), expected);
}

#[test]
fn records_that_contradict_the_state_are_broken() {
    let mut h = cluster(1, 1);
    create(&mut h, vec![topic("t", 1, 1)]);
    let facts = h.machine().image().topic("t").expect("was created").clone();
    let again = |id, name: &str, log| Record::TopicCreated {
        id,
        name: name.into(),
        partitions: vec![PartitionFacts { log: LogId(log), replicas: vec![] }],
        configs: vec![],
    };
    let bad = [
        Record::Cluster { id: Uuid([1; 16]) },
        again(facts.id, "u", 50),
        again(Uuid([1; 16]), "t", 50),
        again(Uuid([1; 16]), "u", facts.partitions[0].log.0),
        Record::TopicDeleted { id: Uuid([1; 16]), logs: vec![] },
        Record::TopicDeleted { id: facts.id, logs: vec![LogId(77)] },
        Record::TopicConfig { id: Uuid([1; 16]), key: "k".into(), value: None },
        Record::PartitionsCreated { id: Uuid([1; 16]), partitions: vec![] },
        Record::PartitionsCreated { id: facts.id, partitions: facts.partitions.clone() },
    ];
    for record in bad {
        let mut fresh = h.check_replay(Cluster::new(broker(), NodeId(0)));
        let (bytes, at) = (record.encode(), h.log().len() as i64);
        let applied = fresh.apply(&RecordView::of_value(&bytes, at));
        assert!(matches!(applied, Err(BadRecord::Broken(_))));
    }
}

/// A small generator: the same on every machine (Marsaglia, "Xorshift RNGs", 2003).
struct Choices(u64);

impl Choices {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Any history, with commands in flight together and appends refused now and then.
#[test]
fn replay_equals_live_after_any_history() {
    for seed in 1..=200u64 {
        let mut choices = Choices(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut h = cluster(1 + (seed % 3) as i32, 1 + (seed % 4) as u16);
        let mut id = 0u128;
        for _ in 0..60 {
            match choices.below(9) {
                0..=2 => {
                    let mut topics = Vec::new();
                    for _ in 0..=choices.below(3) {
                        id += 1;
                        let name = ["a.b", "a_b", "c", "d", "e"][choices.below(5) as usize];
                        let partitions = choices.below(6) as i32 - 1;
                        topics.push((Uuid(id.to_be_bytes()), topic(name, partitions, -1)));
                    }
                    h.offer(Command::CreateTopics {
                        topics,
                        validate_only: choices.below(5) == 0,
                        stopped: BTreeSet::new(),
                    });
                }
                3 => {
                    let name = ["a.b", "a_b", "c", "d", "e"][choices.below(5) as usize];
                    h.offer(Command::DeleteTopics(vec![TopicRef::Name(name.into())]));
                }
                4 => {
                    let shards = 1 + choices.below(5) as u16;
                    h.offer(Command::Join(node(choices.below(3) as i32, shards)));
                }
                5 if choices.below(2) == 0 => {
                    let value = ["1", "2", "no"][choices.below(3) as usize];
                    let value = (choices.below(3) > 0).then_some(value);
                    let topic = ConfigResource::Topic(TopicRef::Name("c".into()));
                    let metrics = ConfigTarget::ClientMetrics("m".into());
                    let quota = QuotaChange {
                        entity: vec![("user".into(), Some("u".into()))],
                        values: vec![("request_percentage".into(), value.map(|_| 0.5))],
                    };
                    h.offer(match choices.below(5) {
                        4 => Command::AlterQuotas { changes: vec![quota], validate_only: false },
                        0 => configure(ConfigResource::Of(metrics), &[("metrics", value)]),
                        1 => configure(
                            ConfigResource::Of(ConfigTarget::Cluster),
                            &[("log.retention.ms", value)],
                        ),
                        _ => configure(topic, &[("retention.ms", value)]),
                    });
                }
                5 => {
                    h.offer(Command::UseLogIds { next: choices.below(200) });
                }
                6 if choices.below(2) == 0 => _ = h.offer(Command::ReserveProducerIds),
                6 => _ = h.reject_one(&Refusal::StorageFull),
                8 => {
                    let name = ["a.b", "c", "d"][choices.below(3) as usize].into();
                    let count = choices.below(9) as i32;
                    h.offer(Command::CreatePartitions {
                        topics: vec![MorePartitions { name, count, assignments: None }],
                        validate_only: choices.below(5) == 0,
                        stopped: BTreeSet::new(),
                    });
                }
                _ => _ = h.commit_one(),
            }
        }
        h.settle();
        h.check_replay(Cluster::new(broker(), NodeId(0)));
    }
}
