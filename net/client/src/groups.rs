//! What an administrator asks of groups: which there are, who is in them, where they stand, and
//! moving or removing that.
//!
//! Kept true: every group and every partition asked about has its own answer; groups of Kafka's
//! classic protocol and of its newer consumer protocol (KIP-848) are told in the same words.

use std::collections::BTreeMap;

use engine_base::TopicPartition;
use net_wire::List;
use net_wire::messages::consumer_group_describe::{self, ConsumerGroupDescribeRequest};
use net_wire::messages::delete_groups::DeleteGroupsRequest;
use net_wire::messages::describe_groups::{self, DescribeGroupsRequest};
use net_wire::messages::list_groups::ListGroupsRequest;
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use net_wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use net_wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestGroup};

use crate::client::Client;
use crate::code::Code;
use crate::consumer_protocol::{self, assigned};
use crate::coordinator::{Coordinator, unsaid};
use crate::error::{ClientError, ErrorKind};

/// The last versions of OffsetFetch and OffsetCommit that name topics by their names.
pub(crate) const OFFSETS_BY_NAME: i16 = 9;

/// A group as a listing has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedGroup {
    /// Its id.
    pub id: String,
    /// `consumer` for consumers; empty for a group that never had members.
    pub protocol_type: String,
    /// `Stable`, `Empty`, ...; empty where the broker is too old to say.
    pub state: String,
    /// `Classic`, `Consumer`, ...; empty where the broker is too old to say.
    pub kind: String,
    /// The node that coordinates it.
    pub coordinator: i32,
}

/// A group with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInfo {
    /// Its id.
    pub id: String,
    /// `Stable`, `Empty`, `PreparingRebalance`, ...
    pub state: String,
    /// `Classic` or `Consumer`.
    pub kind: &'static str,
    /// `consumer` for consumers.
    pub protocol_type: String,
    /// Who decides which member gets what.
    pub assignor: String,
    /// Where it is coordinated.
    pub coordinator: Coordinator,
    /// Epoch of the group and of its assignment, where its protocol has them.
    pub epochs: Option<(i32, i32)>,
    /// Its members.
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// The id that the coordinator gave it.
    pub id: String,
    /// The name it keeps over restarts, if it has one.
    pub instance: Option<String>,
    /// What the client calls itself.
    pub client_id: String,
    /// Where it connects from.
    pub host: String,
    /// The topics it wants, as far as it tells.
    pub topics: Vec<String>,
    /// The partitions it reads; none where they cannot be read (no group of consumers).
    pub assigned: Option<Vec<TopicPartition>>,
    /// The partitions it is to read, where its protocol says so.
    pub target: Option<Vec<TopicPartition>>,
    /// Its epoch, where its protocol has them.
    pub epoch: Option<i32>,
}

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Of which partition.
    pub place: TopicPartition,
    /// The offset of the next record to read.
    pub offset: i64,
    /// The leader's epoch of the last record that was read, -1 if unknown.
    pub leader_epoch: i32,
    /// What the committer noted with it.
    pub note: String,
}

/// The states that groups can be in, in Kafka's words.
pub const GROUP_STATES: [&str; 7] = [
    "Empty",
    "CompletingRebalance",
    "Dead",
    "Stable",
    "PreparingRebalance",
    "Reconciling",
    "Assigning",
];

/// Questions and orders about groups.
pub struct Groups {
    client: Client,
}

impl Groups {
    /// Over `client`.
    pub fn new(client: &Client) -> Groups {
        Groups { client: client.clone() }
    }

    /// Every group of every node, by id.
    pub async fn list(
        &self,
        states: &[String],
        kinds: &[String],
    ) -> Result<Vec<ListedGroup>, ClientError> {
        let request = ListGroupsRequest {
            states_filter: states.iter().cloned().collect(),
            types_filter: kinds.iter().cloned().collect(),
        };
        let mut all = Vec::new();
        for node in self.client.node_ids().await? {
            let answer = self.client.broker(node).await?.call(&request).await?.response;
            if answer.error_code != 0 {
                let subject = format!("ListGroups of node {node}");
                return Err(ClientError::refused(Code(answer.error_code), subject, None));
            }
            all.extend(answer.groups.into_iter().map(|g| ListedGroup {
                id: g.group_id,
                protocol_type: g.protocol_type,
                state: g.group_state,
                kind: g.group_type,
                coordinator: node,
            }));
        }
        // Brokers too old to filter answer with everything.
        let same = |a: &String, b: &str| a.eq_ignore_ascii_case(b);
        all.retain(|g: &ListedGroup| {
            (states.is_empty() || g.state.is_empty() || states.iter().any(|s| same(s, &g.state)))
                && (kinds.is_empty() || g.kind.is_empty() || kinds.iter().any(|k| same(k, &g.kind)))
        });
        all.sort();
        all.dedup_by(|a, b| a.id == b.id);
        Ok(all)
    }

    /// A group with its members, whichever of the two protocols it has.
    pub async fn describe(&self, group: &str) -> Result<GroupInfo, ClientError> {
        let coordinator = self.client.coordinator(group).await?;
        let request = ConsumerGroupDescribeRequest {
            group_ids: [group.to_string()].into(),
            ..Default::default()
        };
        let asked = self.client.ask_coordinator(group, &request, i16::MAX, |answer| {
            Code(answer.groups.first().map_or(0, |g| g.error_code))
        });
        match asked.await {
            Ok(answer) => {
                let Some(found) = answer.response.groups.into_iter().next() else {
                    return Err(unsaid("ConsumerGroupDescribe", group));
                };
                match Code(found.error_code) {
                    Code::NONE => return Ok(newer(found, coordinator)),
                    // It has the classic protocol, or is not there.
                    Code::GROUP_ID_NOT_FOUND | Code::UNSUPPORTED_VERSION => {}
                    code => {
                        let message = found.error_message.as_deref();
                        return Err(refused(code, group, message));
                    }
                }
            }
            Err(error) if error.kind == ErrorKind::NotServed => {}
            Err(error) => return Err(error),
        }
        let request =
            DescribeGroupsRequest { groups: [group.to_string()].into(), ..Default::default() };
        let answer = self.client.ask_coordinator(group, &request, i16::MAX, |answer| {
            Code(answer.groups.first().map_or(0, |g| g.error_code))
        });
        let Some(found) = answer.await?.response.groups.into_iter().next() else {
            return Err(unsaid("DescribeGroups", group));
        };
        match Code(found.error_code) {
            // Before version 6 a group that is not there is dead.
            Code::NONE if found.group_state == "Dead" => {
                Err(refused(Code::GROUP_ID_NOT_FOUND, group, None))
            }
            Code::NONE => Ok(classic(found, coordinator)),
            code => Err(refused(code, group, found.error_message.as_deref())),
        }
    }

    /// All offsets that the group has committed, by topic and partition.
    pub async fn committed(&self, group: &str) -> Result<Vec<Committed>, ClientError> {
        let request = OffsetFetchRequest {
            group_id: group.to_string(),
            topics: None,
            groups: [OffsetFetchRequestGroup {
                group_id: group.to_string(),
                member_epoch: -1,
                ..OffsetFetchRequestGroup::default()
            }]
            .into(),
            require_stable: false,
        };
        let answer = self.client.ask_coordinator(group, &request, OFFSETS_BY_NAME, |answer| {
            let of_group = answer.groups.first().map(|g| g.error_code);
            Code(of_group.unwrap_or(answer.error_code))
        });
        let answer = answer.await?.response;
        let code = answer.groups.first().map_or(answer.error_code, |g| g.error_code);
        if code != 0 {
            return Err(refused(Code(code), group, None));
        }
        let mut all = Vec::new();
        let mut keep = |topic: &str, partition, offset, leader_epoch, note: &Option<String>| {
            if offset >= 0 {
                let place = TopicPartition { topic: topic.to_string(), partition };
                let note = note.clone().unwrap_or_default();
                all.push(Committed { place, offset, leader_epoch, note });
            }
        };
        for topic in &answer.topics {
            for p in &topic.partitions {
                let epoch = p.committed_leader_epoch;
                keep(&topic.name, p.partition_index, p.committed_offset, epoch, &p.metadata);
            }
        }
        for topic in answer.groups.iter().flat_map(|g| &g.topics) {
            for p in &topic.partitions {
                let epoch = p.committed_leader_epoch;
                keep(&topic.name, p.partition_index, p.committed_offset, epoch, &p.metadata);
            }
        }
        all.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(all)
    }

    /// Commits offsets from outside of the group, which must have no members; an answer for each.
    pub async fn commit(
        &self,
        group: &str,
        offsets: &[(TopicPartition, i64)],
    ) -> Result<Vec<Result<(), ClientError>>, ClientError> {
        let request = commit_request(group, -1, "", None, offsets);
        let answer = self.client.ask_coordinator(group, &request, OFFSETS_BY_NAME, |answer| {
            let first = answer.topics.first().and_then(|t| t.partitions.first());
            Code(first.map_or(0, |p| p.error_code))
        });
        let answer = answer.await?.response;
        let outcome = |place: &TopicPartition| {
            let topic = answer.topics.iter().find(|t| t.name == place.topic);
            let part = topic
                .and_then(|t| t.partitions.iter().find(|p| p.partition_index == place.partition));
            match part.map(|part| Code(part.error_code)) {
                None => Err(unsaid("OffsetCommit", &place.to_string())),
                Some(Code::NONE) => Ok(()),
                Some(code @ (Code::UNKNOWN_MEMBER_ID | Code::REBALANCE_IN_PROGRESS)) => {
                    Err(in_use(code, group))
                }
                Some(code) => {
                    Err(ClientError::refused(code, format!("group {group}, {place}"), None))
                }
            }
        };
        Ok(offsets.iter().map(|(place, _)| outcome(place)).collect())
    }

    /// Deletes groups with their offsets; an answer for each.
    pub async fn delete(&self, groups: &[String]) -> Vec<Result<(), ClientError>> {
        let mut answers = Vec::new();
        for group in groups {
            answers.push(self.delete_one(group).await);
        }
        answers
    }

    async fn delete_one(&self, group: &str) -> Result<(), ClientError> {
        let request = DeleteGroupsRequest { groups_names: [group.to_string()].into() };
        let answer = self.client.ask_coordinator(group, &request, i16::MAX, |answer| {
            Code(answer.results.first().map_or(0, |r| r.error_code))
        });
        match answer.await?.response.results.first().map(|r| Code(r.error_code)) {
            None => Err(unsaid("DeleteGroups", group)),
            Some(Code::NONE) => Ok(()),
            Some(code @ Code::NON_EMPTY_GROUP) => Err(in_use(code, group)),
            Some(code) => Err(refused(code, group, None)),
        }
    }

    /// Deletes the offsets of partitions; an answer for each.
    pub async fn delete_offsets(
        &self,
        group: &str,
        places: &[TopicPartition],
    ) -> Result<Vec<Result<(), ClientError>>, ClientError> {
        let mut topics: BTreeMap<&str, List<OffsetDeleteRequestPartition>> = BTreeMap::new();
        for place in places {
            let part = OffsetDeleteRequestPartition { partition_index: place.partition };
            topics.entry(&place.topic).or_default().push(part);
        }
        let topics = topics.into_iter().map(|(name, partitions)| OffsetDeleteRequestTopic {
            name: name.to_string(),
            partitions,
        });
        let request = OffsetDeleteRequest { group_id: group.to_string(), topics: topics.collect() };
        let answer = self
            .client
            .ask_coordinator(group, &request, i16::MAX, |answer| Code(answer.error_code));
        let answer = answer.await?.response;
        match Code(answer.error_code) {
            Code::NONE => {}
            code @ Code::NON_EMPTY_GROUP => return Err(in_use(code, group)),
            code => return Err(refused(code, group, None)),
        }
        let outcome = |place: &TopicPartition| {
            let topic = answer.topics.iter().find(|t| t.name == place.topic);
            let part = topic
                .and_then(|t| t.partitions.iter().find(|p| p.partition_index == place.partition));
            match part.map(|part| Code(part.error_code)) {
                None => Err(unsaid("OffsetDelete", &place.to_string())),
                Some(Code::NONE) => Ok(()),
                Some(code) => {
                    let no = ClientError::refused(code, format!("group {group}, {place}"), None);
                    Err(match code {
                        Code::GROUP_SUBSCRIBED_TO_TOPIC => {
                            no.next("members of it read this topic: stop them first")
                        }
                        _ => no,
                    })
                }
            }
        };
        Ok(places.iter().map(outcome).collect())
    }
}

/// A commit of a member, or from outside with generation -1 and no id.
pub(crate) fn commit_request(
    group: &str,
    generation: i32,
    member: &str,
    instance: Option<&str>,
    offsets: &[(TopicPartition, i64)],
) -> OffsetCommitRequest {
    let mut topics: BTreeMap<&str, List<OffsetCommitRequestPartition>> = BTreeMap::new();
    for (place, offset) in offsets {
        topics.entry(&place.topic).or_default().push(OffsetCommitRequestPartition {
            partition_index: place.partition,
            committed_offset: *offset,
            committed_leader_epoch: -1,
            committed_metadata: Some(String::new()),
        });
    }
    let topics = topics.into_iter().map(|(name, partitions)| OffsetCommitRequestTopic {
        name: name.to_string(),
        partitions,
        ..OffsetCommitRequestTopic::default()
    });
    OffsetCommitRequest {
        group_id: group.to_string(),
        generation_id_or_member_epoch: generation,
        member_id: member.to_string(),
        group_instance_id: instance.map(String::from),
        retention_time_ms: -1,
        topics: topics.collect(),
    }
}

fn refused(code: Code, group: &str, message: Option<&str>) -> ClientError {
    if code == Code::GROUP_ID_NOT_FOUND {
        return ClientError::new(ErrorKind::Refused(code), format!("there is no group {group}"))
            .next("bobbin group list shows what there is");
    }
    ClientError::refused(code, format!("group {group}"), message)
}

fn in_use(code: Code, group: &str) -> ClientError {
    let what = format!("group {group} has members that read");
    ClientError::new(ErrorKind::Refused(code), what).next(format!(
        "stop them first: bobbin group describe {group} shows who they are (one with an \
             instance id counts until its session is over)"
    ))
}

fn newer(found: consumer_group_describe::DescribedGroup, coordinator: Coordinator) -> GroupInfo {
    let places = |assignment: &consumer_group_describe::Assignment| {
        let each = assignment.topic_partitions.iter().flat_map(|t| {
            let topic = &t.topic_name;
            t.partitions.iter().map(|p| TopicPartition { topic: topic.clone(), partition: *p })
        });
        each.collect::<Vec<TopicPartition>>()
    };
    let member = |m: &consumer_group_describe::Member| GroupMember {
        id: m.member_id.clone(),
        instance: m.instance_id.clone(),
        client_id: m.client_id.clone(),
        host: m.client_host.clone(),
        topics: m.subscribed_topic_names.to_vec(),
        assigned: Some(places(&m.assignment)),
        target: Some(places(&m.target_assignment)),
        epoch: Some(m.member_epoch),
    };
    GroupInfo {
        members: found.members.iter().map(member).collect(),
        id: found.group_id,
        state: found.group_state,
        kind: "Consumer",
        protocol_type: consumer_protocol::PROTOCOL_TYPE.into(),
        assignor: found.assignor_name,
        coordinator,
        epochs: Some((found.group_epoch, found.assignment_epoch)),
    }
}

fn classic(found: describe_groups::DescribedGroup, coordinator: Coordinator) -> GroupInfo {
    let consumers = found.protocol_type == consumer_protocol::PROTOCOL_TYPE;
    let member = |m: &describe_groups::DescribedGroupMember| {
        let metadata = m.member_metadata.to_vec();
        let topics = consumer_protocol::subscribed(&metadata).filter(|_| consumers);
        GroupMember {
            id: m.member_id.clone(),
            instance: m.group_instance_id.clone(),
            client_id: m.client_id.clone(),
            host: m.client_host.clone(),
            topics: topics.unwrap_or_default(),
            assigned: assigned(&m.member_assignment.to_vec()).filter(|_| consumers),
            target: None,
            epoch: None,
        }
    };
    GroupInfo {
        members: found.members.iter().map(member).collect(),
        id: found.group_id,
        state: found.group_state,
        kind: "Classic",
        protocol_type: found.protocol_type,
        assignor: found.protocol_data,
        coordinator,
        epochs: None,
    }
}
