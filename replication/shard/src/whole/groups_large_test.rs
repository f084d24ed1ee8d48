//! Groups that grow until what is decided about them at once no longer fits into the journal: the
//! newcomer is told that the group is full, and nobody else notices. The journal is a small one,
//! so that some hundreds of members are many.

use std::collections::BTreeMap;
use std::time::Duration;

use engine_base::{Refusal, Uuid};
use engine_rt::{Class, Core};

use super::groups_test::{coordinator, grouped};
use super::world_test::*;
use crate::Coordinator;
use crate::groups::{
    ConsumerHeartbeat, GroupAnswer, GroupCommand, Join, JoinRefused, Joined, Leave, LeavingMember,
    Sync,
};

/// Far more than there is room for.
const MANY: u64 = 4_000;

fn id_of(n: u64) -> Uuid {
    Uuid::from_random(u128::from(n) << 64 | u128::from(n))
}

async fn beat(
    coordinator: &Coordinator,
    member_id: &str,
    member_epoch: i32,
    n: u64,
) -> Result<i32, Refusal> {
    let joins = member_epoch == 0;
    let beat = GroupCommand::ConsumerHeartbeat(ConsumerHeartbeat {
        group: "modern".into(),
        member_id: member_id.to_owned(),
        fresh_id: id_of(n),
        member_epoch,
        instance_id: None,
        rack_id: None,
        rebalance_ms: if joins { 60_000 } else { -1 },
        topics: joins.then(|| vec!["t".to_owned()]),
        regex: None,
        assignor: None,
        owned: Some(Vec::new()),
        client_id: "c".into(),
        client_host: "/127.0.0.1".into(),
        brings_id: false,
    });
    match coordinator.ask(beat).await? {
        GroupAnswer::ConsumerHeartbeat(told) => told.map(|told| told.member_epoch),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_consumer_group_that_is_too_large_refuses_the_newcomer_alone() {
    Scene::new(71).with_node(grouped(), |core, node| async move {
        create(&node, "t", 3).await;
        let coordinator = coordinator(&core, &node).await;
        let mut epochs = BTreeMap::new();
        let mut refused = None;
        for n in 0..MANY {
            match beat(&coordinator, "", 0, n).await {
                Ok(epoch) => _ = epochs.insert(id_of(n).to_string(), epoch),
                Err(why) => {
                    refused = Some(why);
                    break;
                }
            }
        }
        assert_eq!(refused, Some(Refusal::GroupMaxSize), "{} joined", epochs.len());
        assert!(epochs.len() > 200, "{} joined", epochs.len());
        // Everybody else goes on, to one epoch.
        for _ in 0..10 {
            core.sleep(Duration::from_secs(1)).await;
            for (id, epoch) in &mut epochs {
                *epoch = beat(&coordinator, id, *epoch, 0).await.expect("a member stays");
            }
        }
        let newest = *epochs.values().max().expect("there are members");
        assert!(epochs.values().all(|epoch| *epoch == newest), "all came to one epoch");
        // Who leaves makes room.
        let (id, _) = epochs.pop_first().expect("there are members");
        assert_eq!(beat(&coordinator, &id, -1, 0).await, Ok(-1));
        beat(&coordinator, "", 0, MANY).await.expect("there is room again");
        assert_eq!(beat(&coordinator, "", 0, MANY + 1).await, Err(Refusal::GroupMaxSize));
    });
}

fn join_of(coordinator: &Coordinator, core: &Core, n: u64) -> engine_rt::Task<JoinAnswer> {
    let join = GroupCommand::Join(Join {
        group: "classic".into(),
        member_id: String::new(),
        fresh_id: id_of(n),
        instance_id: None,
        client_id: "c".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), vec![7; 2_000])],
        session_ms: 60_000,
        rebalance_ms: 60_000,
        requires_known_member: false,
        skips_assignment: false,
        reason: None,
    });
    let asked = coordinator.ask(join);
    core.spawn(Class::Net, "a join", async move {
        match asked.await {
            Ok(GroupAnswer::Join(told)) => told,
            other => panic!("{other:?}"),
        }
    })
}

type JoinAnswer = Result<Joined, JoinRefused>;

async fn sync(
    coordinator: &Coordinator,
    joined: &Joined,
    assignments: Vec<(String, Vec<u8>)>,
) -> Result<(), Refusal> {
    let sync = GroupCommand::Sync(Sync {
        group: "classic".into(),
        member_id: joined.member_id.to_string(),
        instance_id: None,
        generation: joined.generation,
        protocol_type: None,
        protocol_name: None,
        assignments,
    });
    match coordinator.ask(sync).await? {
        GroupAnswer::Sync(told) => told.map(|_| ()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_classic_group_that_is_too_large_refuses_the_newcomer_alone() {
    Scene::new(72).with_node(grouped(), |core, node| async move {
        create(&node, "t", 3).await;
        let coordinator = coordinator(&core, &node).await;
        let joins: Vec<_> = (0..100).map(|n| join_of(&coordinator, &core, n)).collect();
        let (mut joined, mut refused) = (Vec::new(), 0);
        for join in joins {
            match join.await {
                Ok(told) => joined.push(told),
                Err(told) => {
                    assert_eq!(told.why, Refusal::GroupMaxSize);
                    refused += 1;
                }
            }
        }
        assert!(joined.len() > 10 && refused > 0, "{} joined, {refused} not", joined.len());
        let leader = joined.iter().find(|one| *one.leader == *one.member_id).expect("a leader");
        let all: Vec<_> =
            joined.iter().map(|one| (one.member_id.to_string(), vec![1; 20])).collect();
        assert_eq!(sync(&coordinator, leader, all).await, Ok(()));
        for one in &joined {
            assert_eq!(sync(&coordinator, one, Vec::new()).await, Ok(()));
        }
        // Full is full, also for one that comes later; who leaves makes room.
        let late = join_of(&coordinator, &core, 200).await;
        assert!(late.is_err_and(|told| told.why == Refusal::GroupMaxSize));
        let leaving = |one: &Joined| LeavingMember {
            member_id: one.member_id.to_string(),
            instance_id: None,
            reason: None,
        };
        let leave =
            Leave { group: "classic".into(), members: joined.iter().map(leaving).collect() };
        let left = coordinator.ask(GroupCommand::Leave(leave)).await;
        assert!(matches!(left, Ok(GroupAnswer::Leave(Ok(_)))), "{left:?}");
        assert!(join_of(&coordinator, &core, 201).await.is_ok());
    });
}
