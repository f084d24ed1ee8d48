//! A member of a classic consumer group: joins, is given partitions or gives them (the range
//! assignor), says that it lives, commits, leaves.
//!
//! Kept true: what it commits carries its generation, so that a member which was given up cannot
//! move the offsets of those that took over; a static member (one with an instance id) does not
//! leave, it comes back; the leader remembers how many partitions it gave out, and can tell that
//! the topics have others now.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine_base::TopicPartition;
use net_wire::Message;
use net_wire::api::Described;
use net_wire::messages::find_coordinator::FindCoordinatorRequest;
use net_wire::messages::heartbeat::HeartbeatRequest;
use net_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use net_wire::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use net_wire::messages::offset_commit::{OffsetCommitRequest, OffsetCommitResponse};
use net_wire::messages::offset_fetch::OffsetFetchRequest;
use net_wire::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};

use crate::client::Client;
use crate::code::Code;
use crate::consumer_protocol::{
    PROTOCOL_TYPE, RANGE, Subscriber, assigned, assignment, range, subscribed, subscription,
};
use crate::coordinator::may_settle;
use crate::error::{ClientError, ErrorKind};
use crate::groups::{OFFSETS_BY_NAME, commit_request};

/// Offsets with their topics by name.
const COMMIT_BY_NAME: i16 = 9;

/// Pause before a coordinator that is not ready is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// How long joining may go on without a word from the coordinator that it goes on.
const JOIN_PATIENCE: Duration = Duration::from_secs(30);

/// What a member asks for, each in at most this version.
const NEEDED: [(&Described, i16); 7] = [
    (FindCoordinatorRequest::API, i16::MAX),
    (JoinGroupRequest::API, i16::MAX),
    (SyncGroupRequest::API, i16::MAX),
    (HeartbeatRequest::API, i16::MAX),
    (LeaveGroupRequest::API, i16::MAX),
    (OffsetCommitRequest::API, COMMIT_BY_NAME),
    (OffsetFetchRequest::API, OFFSETS_BY_NAME),
];

/// How a member joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberOptions {
    /// The group.
    pub group: String,
    /// The topics it wants.
    pub topics: Vec<String>,
    /// A name that it keeps over restarts: it then gets its partitions back without a rebalance.
    pub instance: Option<String>,
    /// After so long without a word it is given up.
    pub session_timeout: Duration,
    /// How long the others wait for it to join again.
    pub rebalance_timeout: Duration,
}

/// What a heartbeat was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Go on.
    Fine,
    /// The partitions are given out anew: commit, and join again.
    Rebalance,
    /// The coordinator has given it up: its partitions are others' now, and it must join as
    /// somebody new.
    GivenUp,
}

/// A member of a group.
pub struct Member {
    client: Client,
    options: MemberOptions,
    id: String,
    generation: i32,
    leads: bool,
    /// The leader's: how many partitions each topic had that its group has subscribed to, none for
    /// a topic that is not there.
    gave: BTreeMap<String, Option<i32>>,
}

impl Member {
    /// A member that has not joined yet.
    pub fn new(client: &Client, options: MemberOptions) -> Member {
        Member {
            client: client.clone(),
            options,
            id: String::new(),
            generation: -1,
            leads: false,
            gave: BTreeMap::new(),
        }
    }

    /// Its id, empty before it has joined.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The generation of its group that it belongs to, -1 before it has joined.
    pub fn generation(&self) -> i32 {
        self.generation
    }

    /// Whether it gives the partitions out in this generation.
    pub fn leads(&self) -> bool {
        self.leads
    }

    /// Joins, or joins again, and waits for its partitions.
    pub async fn join(&mut self) -> Result<Vec<TopicPartition>, ClientError> {
        let mut patience = self.client.core().now() + JOIN_PATIENCE;
        loop {
            let joined = match self.ask_to_join().await {
                Ok(joined) => joined,
                Err(error) => {
                    self.pause_or(error, patience).await?;
                    continue;
                }
            };
            match Code(joined.error_code) {
                // Others may have taken their time to join.
                Code::NONE => patience = self.client.core().now() + JOIN_PATIENCE,
                Code::MEMBER_ID_REQUIRED if self.client.core().now() < patience => {
                    self.id = joined.member_id;
                    continue;
                }
                code => {
                    self.recover(code, "JoinGroup", patience).await?;
                    continue;
                }
            }
            self.id.clone_from(&joined.member_id);
            self.generation = joined.generation_id;
            self.leads = joined.leader == joined.member_id;
            let given = match self.leads {
                true => self.give(&joined).await?,
                false => BTreeMap::new(),
            };
            match self.sync(&joined, given).await {
                Ok(Ok(places)) => return Ok(places),
                Ok(Err(code)) => self.recover(code, "SyncGroup", patience).await?,
                Err(error) => self.pause_or(error, patience).await?,
            }
        }
    }

    async fn pause_or(
        &self,
        error: ClientError,
        patience: engine_base::Mono,
    ) -> Result<(), ClientError> {
        if !error.is_retriable() || self.client.core().now() >= patience {
            return Err(error);
        }
        self.client.core().sleep(ASK_AGAIN).await;
        Ok(())
    }

    /// What a refusal of JoinGroup or SyncGroup asks for before the next try, if there is one.
    async fn recover(
        &mut self,
        code: Code,
        api: &str,
        patience: engine_base::Mono,
    ) -> Result<(), ClientError> {
        let again = match code {
            Code::UNKNOWN_MEMBER_ID | Code::ILLEGAL_GENERATION => {
                self.forget();
                true
            }
            Code::REBALANCE_IN_PROGRESS => true,
            code => may_settle(code),
        };
        let subject = format!("group {}: {api}", self.options.group);
        let error = ClientError::refused(code, subject, None);
        if !again || self.client.core().now() >= patience {
            return Err(explained(error, &self.options));
        }
        if code != Code::REBALANCE_IN_PROGRESS {
            self.client.core().sleep(ASK_AGAIN).await;
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.id.clear();
        self.generation = -1;
        self.leads = false;
        self.gave.clear();
    }

    async fn ask_to_join(&self) -> Result<JoinGroupResponse, ClientError> {
        let MemberOptions { group, topics, instance, session_timeout, rebalance_timeout } =
            &self.options;
        let protocol = JoinGroupRequestProtocol {
            name: RANGE.into(),
            metadata: subscription(topics).into_iter().collect(),
        };
        let request = JoinGroupRequest {
            group_id: group.clone(),
            session_timeout_ms: millis(*session_timeout),
            rebalance_timeout_ms: millis(*rebalance_timeout),
            member_id: self.id.clone(),
            group_instance_id: instance.clone(),
            protocol_type: PROTOCOL_TYPE.into(),
            protocols: [protocol].into(),
            reason: None,
        };
        self.client.keeps_groups(&NEEDED).await?;
        let line = self.client.line_to_coordinator(group).await?;
        let pending = line.begin(&request, i16::MAX, &[])?;
        // It is answered when the others have joined too, or were given up.
        Ok(pending.more_time(*rebalance_timeout).answer().await?.response)
    }

    /// The leader's work: who gets what.
    async fn give(
        &mut self,
        joined: &JoinGroupResponse,
    ) -> Result<BTreeMap<String, Vec<TopicPartition>>, ClientError> {
        let mut members = Vec::new();
        let mut wanted = BTreeSet::new();
        for member in &joined.members {
            let Some(topics) = subscribed(&member.metadata.to_vec()) else {
                let what = format!(
                    "group {}: what member {} subscribes to cannot be read",
                    self.options.group, member.member_id
                );
                return Err(ClientError::new(ErrorKind::Malformed, what));
            };
            wanted.extend(topics.iter().cloned());
            let instance = member.group_instance_id.clone();
            members.push(Subscriber { id: member.member_id.clone(), instance, topics });
        }
        self.gave.clear();
        for topic in wanted {
            // What others ask for may not be there (yet).
            let count = match self.client.partitions_of(&topic).await {
                Ok(count) => Some(count),
                Err(error) if matches!(error.kind, ErrorKind::Refused(_)) => None,
                Err(error) => return Err(error),
            };
            self.gave.insert(topic, count);
        }
        // A static leader that came back finds the assignment as it was.
        if joined.skip_assignment {
            return Ok(BTreeMap::new());
        }
        let there = self.gave.iter().filter_map(|(topic, count)| Some((topic.clone(), (*count)?)));
        Ok(range(&members, &there.collect()))
    }

    /// Whether the topics of the group have other partitions than it gave out, by what the cluster
    /// says now: then it is to join again, and everybody's are given out anew. Never true of a
    /// member that does not lead: its leader looks.
    pub async fn must_give_anew(&self) -> Result<bool, ClientError> {
        if !self.leads || self.gave.is_empty() {
            return Ok(false);
        }
        let names: Vec<String> = self.gave.keys().cloned().collect();
        let answer = self.client.metadata(Some(&names), false).await?;
        let mut others = false;
        for topic in &answer.topics {
            let Some((name, gave)) =
                topic.name.as_ref().and_then(|name| self.gave.get_key_value(name))
            else {
                continue;
            };
            let now = match Code(topic.error_code) {
                Code::NONE => i32::try_from(topic.partitions.len()).ok(),
                Code::UNKNOWN_TOPIC_OR_PARTITION => None,
                // Not known just now: the next look tells.
                _ => continue,
            };
            if now != *gave {
                self.client.forget_topic(name);
                others = true;
            }
        }
        Ok(others)
    }

    async fn sync(
        &self,
        joined: &JoinGroupResponse,
        given: BTreeMap<String, Vec<TopicPartition>>,
    ) -> Result<Result<Vec<TopicPartition>, Code>, ClientError> {
        let request = SyncGroupRequest {
            group_id: self.options.group.clone(),
            generation_id: joined.generation_id,
            member_id: joined.member_id.clone(),
            group_instance_id: self.options.instance.clone(),
            protocol_type: Some(PROTOCOL_TYPE.into()),
            protocol_name: joined.protocol_name.clone(),
            assignments: given
                .into_iter()
                .map(|(member_id, places)| SyncGroupRequestAssignment {
                    member_id,
                    assignment: assignment(&places).into_iter().collect(),
                })
                .collect(),
        };
        let line = self.client.line_to_coordinator(&self.options.group).await?;
        let pending = line.begin(&request, i16::MAX, &[])?;
        let answer = pending.more_time(self.options.rebalance_timeout).answer().await?.response;
        if answer.error_code != 0 {
            return Ok(Err(Code(answer.error_code)));
        }
        match assigned(&answer.assignment.to_vec()) {
            Some(places) => Ok(Ok(places)),
            None => {
                let what = format!("group {}: the assignment cannot be read", self.options.group);
                Err(ClientError::new(ErrorKind::Malformed, what))
            }
        }
    }

    /// Says that it lives.
    pub async fn heartbeat(&mut self) -> Result<Beat, ClientError> {
        let request = HeartbeatRequest {
            group_id: self.options.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.options.instance.clone(),
        };
        let line = self.client.line_to_coordinator(&self.options.group).await?;
        let answer = line.call(&request).await?.response;
        match Code(answer.error_code) {
            Code::NONE => Ok(Beat::Fine),
            Code::REBALANCE_IN_PROGRESS => Ok(Beat::Rebalance),
            Code::UNKNOWN_MEMBER_ID | Code::ILLEGAL_GENERATION => {
                self.forget();
                Ok(Beat::GivenUp)
            }
            // The next heartbeat finds it, or the session runs out.
            code if may_settle(code) => Ok(Beat::Fine),
            code => {
                let subject = format!("group {}: Heartbeat", self.options.group);
                Err(explained(ClientError::refused(code, subject, None), &self.options))
            }
        }
    }

    /// Commits where it stands, the offsets of the next records to read. While the partitions are
    /// given out anew its old generation may still commit.
    pub async fn commit(&self, offsets: &[(TopicPartition, i64)]) -> Result<(), ClientError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let MemberOptions { group, instance, .. } = &self.options;
        let request =
            commit_request(group, self.generation, &self.id, instance.as_deref(), offsets);
        let first = |answer: &OffsetCommitResponse| {
            let codes = answer.topics.iter().flat_map(|t| t.partitions.iter());
            Code(codes.map(|p| p.error_code).find(|code| *code != 0).unwrap_or(0))
        };
        let answer = self.client.ask_coordinator(group, &request, COMMIT_BY_NAME, first).await?;
        match first(&answer.response) {
            Code::NONE => Ok(()),
            code => {
                let subject = format!("group {group}: the commit of {} partitions", offsets.len());
                Err(explained(ClientError::refused(code, subject, None), &self.options))
            }
        }
    }

    /// Leaves, so that the others need not wait for its session to run out. A static member is
    /// expected back and says nothing.
    pub async fn leave(self) -> Result<(), ClientError> {
        if self.id.is_empty() || self.options.instance.is_some() {
            return Ok(());
        }
        // Up to version 2 one member stands alone, from 3 on there is a list.
        let request = LeaveGroupRequest {
            group_id: self.options.group.clone(),
            member_id: self.id.clone(),
            members: [MemberIdentity { member_id: self.id.clone(), ..MemberIdentity::default() }]
                .into(),
        };
        let line = self.client.line_to_coordinator(&self.options.group).await?;
        let code = Code(line.call(&request).await?.response.error_code);
        if code == Code::NONE || code == Code::UNKNOWN_MEMBER_ID {
            return Ok(());
        }
        let subject = format!("group {}: LeaveGroup", self.options.group);
        Err(ClientError::refused(code, subject, None))
    }
}

fn millis(time: Duration) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(i32::MAX)
}

/// What to do about a refusal, where we know.
fn explained(error: ClientError, options: &MemberOptions) -> ClientError {
    let ErrorKind::Refused(code) = error.kind else { return error };
    let group = &options.group;
    match code.name() {
        Some("INCONSISTENT_GROUP_PROTOCOL") => error.next(format!(
            "its members assign partitions in another way than \"range\": bobbin group describe \
             {group} shows how"
        )),
        Some("FENCED_INSTANCE_ID") => error.next(format!(
            "another process has joined as {}: give each its own --instance",
            options.instance.as_deref().unwrap_or_default()
        )),
        Some("INVALID_SESSION_TIMEOUT") => error.next(
            "choose -X session.timeout.ms between the broker's group.min.session.timeout.ms and \
             group.max.session.timeout.ms",
        ),
        _ => error,
    }
}
