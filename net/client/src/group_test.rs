//! A group's coordinator for tests, as simple as the protocol allows: whoever joins begins a new
//! generation at once, the first member leads; refusals on order. And the member against it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

use engine_base::TopicPartition;
use net_wire::Reader;
use net_wire::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use net_wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use net_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember,
};
use net_wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
};
use net_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchResponse, OffsetFetchResponseGroup,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use net_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};

use crate::broker_test::{Broker, Fault, TOPIC, encode};
use crate::client_test::world;
use crate::{Beat, Client, Code, ErrorKind, Groups, Member, MemberOptions};

/// The coordinator's state.
#[derive(Default)]
pub(crate) struct Group {
    generation: i32,
    /// Metadata and assignment, by member.
    members: BTreeMap<String, (Vec<u8>, Vec<u8>)>,
    given_ids: u32,
    pub(crate) offsets: BTreeMap<TopicPartition, i64>,
    /// Refusals to come: the API's key and the code.
    pub(crate) refusals: VecDeque<(i16, i16)>,
    /// Keys of the requests that came.
    pub(crate) asked: Vec<i16>,
}

impl Group {
    fn refusal(&mut self, key: i16) -> i16 {
        match self.refusals.front() {
            Some((of, code)) if *of == key => {
                let code = *code;
                self.refusals.pop_front();
                code
            }
            _ => 0,
        }
    }

    pub(crate) fn respond(
        &mut self,
        key: i16,
        version: i16,
        id: i32,
        reader: &mut Reader<'_>,
        address: SocketAddr,
    ) -> Vec<u8> {
        self.asked.push(key);
        let code = self.refusal(key);
        match key {
            8 => {
                let asked = OffsetCommitRequest::decode(reader, version).expect("a request");
                encode::<OffsetCommitRequest>(&self.commit(&asked, code), version, id, &[])
            }
            9 => {
                OffsetFetchRequest::decode(reader, version).expect("a request");
                encode::<OffsetFetchRequest>(&self.committed(code), version, id, &[])
            }
            10 => {
                FindCoordinatorRequest::decode(reader, version).expect("a request");
                let found = Coordinator {
                    key: "g".into(),
                    host: address.ip().to_string(),
                    port: i32::from(address.port()),
                    error_code: code,
                    ..Coordinator::default()
                };
                let response = FindCoordinatorResponse {
                    coordinators: [found].into(),
                    ..FindCoordinatorResponse::default()
                };
                encode::<FindCoordinatorRequest>(&response, version, id, &[])
            }
            11 => {
                let asked = JoinGroupRequest::decode(reader, version).expect("a request");
                encode::<JoinGroupRequest>(&self.join(&asked, code), version, id, &[])
            }
            12 => {
                let asked = HeartbeatRequest::decode(reader, version).expect("a request");
                let code = self.judge(&asked.member_id, asked.generation_id, code);
                let response = HeartbeatResponse { error_code: code, ..Default::default() };
                encode::<HeartbeatRequest>(&response, version, id, &[])
            }
            13 => {
                let asked = LeaveGroupRequest::decode(reader, version).expect("a request");
                for member in &asked.members {
                    assert!(self.members.remove(&member.member_id).is_some(), "a member leaves");
                }
                encode::<LeaveGroupRequest>(&LeaveGroupResponse::default(), version, id, &[])
            }
            14 => {
                let asked = SyncGroupRequest::decode(reader, version).expect("a request");
                encode::<SyncGroupRequest>(&self.sync(&asked, code), version, id, &[])
            }
            other => panic!("the client asked for API {other}"),
        }
    }

    fn judge(&self, member: &str, generation: i32, code: i16) -> i16 {
        if code != 0 {
            code
        } else if !self.members.contains_key(member) {
            Code::UNKNOWN_MEMBER_ID.0
        } else if generation != self.generation {
            Code::REBALANCE_IN_PROGRESS.0
        } else {
            0
        }
    }

    fn join(&mut self, asked: &JoinGroupRequest, code: i16) -> JoinGroupResponse {
        if code != 0 {
            return JoinGroupResponse { error_code: code, ..JoinGroupResponse::default() };
        }
        let mut id = asked.member_id.clone();
        if id.is_empty() {
            self.given_ids += 1;
            id = format!("member-{}", self.given_ids);
            return JoinGroupResponse {
                error_code: Code::MEMBER_ID_REQUIRED.0,
                member_id: id,
                ..JoinGroupResponse::default()
            };
        }
        self.generation += 1;
        let protocol = asked.protocols.first().expect("a protocol");
        self.members.insert(id.clone(), (protocol.metadata.to_vec(), Vec::new()));
        let leader = self.members.keys().next().expect("a member").clone();
        let member =
            |(id, (metadata, _)): (&String, &(Vec<u8>, Vec<u8>))| JoinGroupResponseMember {
                member_id: id.clone(),
                metadata: metadata.iter().copied().collect(),
                ..JoinGroupResponseMember::default()
            };
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: Some(asked.protocol_type.clone()),
            protocol_name: Some(protocol.name.clone()),
            members: match leader == id {
                true => self.members.iter().map(member).collect(),
                false => Default::default(),
            },
            leader,
            member_id: id,
            ..JoinGroupResponse::default()
        }
    }

    fn sync(&mut self, asked: &SyncGroupRequest, code: i16) -> SyncGroupResponse {
        let code = self.judge(&asked.member_id, asked.generation_id, code);
        if code != 0 {
            return SyncGroupResponse { error_code: code, ..SyncGroupResponse::default() };
        }
        for given in &asked.assignments {
            let member = self.members.get_mut(&given.member_id).expect("a member");
            member.1 = given.assignment.to_vec();
        }
        let assignment = self.members[&asked.member_id].1.iter().copied().collect();
        SyncGroupResponse { assignment, ..SyncGroupResponse::default() }
    }

    fn commit(&mut self, asked: &OffsetCommitRequest, code: i16) -> OffsetCommitResponse {
        let generation = asked.generation_id_or_member_epoch;
        let outside = generation == -1 && asked.member_id.is_empty();
        let code = match outside {
            true => code,
            // While partitions are given out anew the old generation may still commit.
            false => self.judge(&asked.member_id, self.generation, code),
        };
        let topics = asked.topics.iter().map(|topic| OffsetCommitResponseTopic {
            name: topic.name.clone(),
            partitions: topic
                .partitions
                .iter()
                .map(|p| {
                    if code == 0 {
                        let place = TopicPartition {
                            topic: topic.name.clone(),
                            partition: p.partition_index,
                        };
                        self.offsets.insert(place, p.committed_offset);
                    }
                    OffsetCommitResponsePartition {
                        partition_index: p.partition_index,
                        error_code: code,
                    }
                })
                .collect(),
            ..OffsetCommitResponseTopic::default()
        });
        OffsetCommitResponse { topics: topics.collect(), ..OffsetCommitResponse::default() }
    }

    fn committed(&self, code: i16) -> OffsetFetchResponse {
        let part = |(place, offset): (&TopicPartition, &i64)| OffsetFetchResponsePartitions {
            partition_index: place.partition,
            committed_offset: *offset,
            ..OffsetFetchResponsePartitions::default()
        };
        OffsetFetchResponse {
            groups: [OffsetFetchResponseGroup {
                group_id: "g".into(),
                topics: [OffsetFetchResponseTopics {
                    name: TOPIC.into(),
                    partitions: self.offsets.iter().map(part).collect(),
                    ..OffsetFetchResponseTopics::default()
                }]
                .into(),
                error_code: code,
            }]
            .into(),
            ..OffsetFetchResponse::default()
        }
    }
}

fn member_options() -> MemberOptions {
    MemberOptions {
        group: "g".into(),
        topics: vec![TOPIC.into()],
        instance: None,
        session_timeout: std::time::Duration::from_secs(10),
        rebalance_timeout: std::time::Duration::from_secs(10),
    }
}

fn member(client: &Client) -> Member {
    Member::new(client, member_options())
}

fn place(partition: i32) -> TopicPartition {
    TopicPartition { topic: TOPIC.into(), partition }
}

#[test]
fn a_member_joins_reads_commits_and_leaves() {
    world(1, |client: Client, broker: Rc<Broker>| async move {
        let mut member = member(&client);
        assert_eq!(member.join().await.expect("partitions"), [place(0), place(1)]);
        assert!(member.leads() && member.id() == "member-1" && member.generation() == 1);
        assert_eq!(member.heartbeat().await.expect("an answer"), Beat::Fine);
        member.commit(&[(place(0), 5), (place(1), 7)]).await.expect("committed");
        let found = Groups::new(&client).committed("g").await.expect("offsets");
        let found: Vec<(i32, i64)> = found.iter().map(|c| (c.place.partition, c.offset)).collect();
        assert_eq!(found, [(0, 5), (1, 7)]);
        member.leave().await.expect("gone");
        assert!(broker.group.borrow().members.is_empty());
    });
}

#[test]
fn two_members_share_and_the_first_is_told_to_join_again() {
    world(2, |client: Client, _broker: Rc<Broker>| async move {
        let (mut first, mut second) = (member(&client), member(&client));
        assert_eq!(first.join().await.expect("partitions").len(), 2);
        // The leader has not said yet who gets what.
        assert_eq!(second.join().await.expect("partitions"), []);
        assert_eq!(first.heartbeat().await.expect("an answer"), Beat::Rebalance);
        first.commit(&[(place(0), 3)]).await.expect("its last commit counts");
        assert_eq!(first.join().await.expect("partitions"), [place(0)]);
        assert_eq!(second.heartbeat().await.expect("an answer"), Beat::Rebalance);
        assert_eq!(second.join().await.expect("partitions"), []);
        assert_eq!(first.join().await.expect("partitions"), [place(0)]);
    });
}

#[test]
fn a_coordinator_that_moves_or_loads_is_found_again_and_a_member_that_is_given_up_joins_anew() {
    world(3, |client: Client, broker: Rc<Broker>| async move {
        let mut member = member(&client);
        // Not available, loading, unknown member, rebalance while syncing: all pass.
        broker.group.borrow_mut().refusals = [(10, 15), (11, 14), (11, 25), (14, 27)].into();
        assert_eq!(member.join().await.expect("partitions").len(), 2);
        let asked = broker.group.borrow().asked.clone();
        assert_eq!(asked.iter().filter(|key| **key == 14).count(), 2, "{asked:?}");

        broker.group.borrow_mut().refusals = [(8, 16), (10, 15)].into();
        member.commit(&[(place(0), 9)]).await.expect("committed where the group is now");
        assert_eq!(broker.group.borrow().offsets[&place(0)], 9);

        broker.group.borrow_mut().members.clear();
        let lost = member.commit(&[(place(0), 99)]).await.expect_err("it is no member");
        assert_eq!(lost.kind, ErrorKind::Refused(Code::UNKNOWN_MEMBER_ID));
        assert_eq!(broker.group.borrow().offsets[&place(0)], 9, "nothing moved");
        assert_eq!(member.heartbeat().await.expect("an answer"), Beat::GivenUp);
        assert_eq!(member.join().await.expect("partitions").len(), 2, "as somebody new");
        assert_eq!(member.id(), "member-2");
    });
}

#[test]
fn a_refusal_that_does_not_pass_is_an_error_with_its_next_step() {
    world(4, |client: Client, broker: Rc<Broker>| async move {
        let mut member = member(&client);
        broker.group.borrow_mut().refusals = [(11, 23)].into();
        let error = member.join().await.expect_err("another assignor");
        assert!(error.what.contains("INCONSISTENT_GROUP_PROTOCOL"), "{error}");
        assert!(error.next.is_some_and(|next| next.contains("bobbin group describe g")));
        broker.group.borrow_mut().refusals = [(8, 25)].into();
        let answers = Groups::new(&client).commit("g", &[(place(0), 1)]).await.expect("answers");
        let error = answers[0].as_ref().expect_err("it has members");
        assert!(error.what.contains("members that read"), "{error}");
    });
}

#[test]
fn a_broker_without_groups_is_told_at_once() {
    // It looks for a coordinator for ever, as a broker does whose groups are not built.
    world(5, |client: Client, broker: Rc<Broker>| async move {
        broker.ceilings.borrow_mut().extend([(11, -1), (14, -1), (8, -1)]);
        broker.group.borrow_mut().refusals = std::iter::repeat_n((10, 15), 1000).collect();
        let begun = client.core().now();
        let error = member(&client).join().await.expect_err("no groups");
        assert_eq!(error.kind, ErrorKind::NotServed);
        let lacks = "10.0.0.1:9092: this broker keeps no consumer groups that we could join: it \
                     does not serve JoinGroup, SyncGroup, OffsetCommit in";
        assert!(error.what.starts_with(lacks), "{error}");
        let groups = Groups::new(&client);
        let error = groups.commit("g", &[(place(0), 1)]).await.expect_err("no commits");
        assert_eq!(error.kind, ErrorKind::NotServed);
        assert!(error.what.contains("does not serve OffsetCommit"), "{error}");
        assert_eq!(broker.group.borrow().asked, [], "nobody was asked to find it");
        assert!(client.core().now() - begun < std::time::Duration::from_secs(1));
    });
}

#[test]
fn a_leader_sees_that_its_topic_has_more_partitions() {
    world(6, |client: Client, broker: Rc<Broker>| async move {
        let mut member = member(&client);
        assert!(!member.must_give_anew().await.expect("an answer"), "it gave nothing out");
        assert_eq!(member.join().await.expect("partitions").len(), 2);
        assert!(!member.must_give_anew().await.expect("an answer"));
        broker.logs.borrow_mut().push(Vec::new());
        assert!(member.must_give_anew().await.expect("an answer"));
        assert_eq!(member.join().await.expect("partitions"), [place(0), place(1), place(2)]);
        assert!(!member.must_give_anew().await.expect("an answer"), "they are given out");
        // Of two, the one that leads looks.
        let mut second = self::member(&client);
        assert_eq!(second.join().await.expect("partitions"), []);
        broker.logs.borrow_mut().push(Vec::new());
        assert!(!second.must_give_anew().await.expect("an answer"));
    });
}

#[test]
fn a_broker_that_is_away_for_a_moment_is_waited_for_before_joining() {
    world(7, |client: Client, broker: Rc<Broker>| async move {
        // The first two connections break while they are opened.
        broker.faults.borrow_mut().extend([(0, Fault::Close), (1, Fault::Close)]);
        let mut member = member(&client);
        assert_eq!(member.join().await.expect("partitions").len(), 2);
    });
}
