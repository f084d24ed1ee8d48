//! What an administrator asks of a cluster: topics, configs, the cluster itself, deleting records.
//!
//! Kept true: every topic asked about has its own answer, in the order asked; one topic's refusal
//! hides nothing of the others.

use std::time::Duration;

use engine_base::{TopicPartition, Uuid};
use net_wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use net_wire::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreatableTopicResult,
    CreateTopicsRequest,
};
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use net_wire::messages::describe_cluster::DescribeClusterRequest;
use net_wire::messages::metadata::MetadataResponseTopic;

use crate::address::Address;
use crate::client::{Client, NodeInfo, unknown_topic};
use crate::code::Code;
use crate::coordinator::unsaid;
use crate::error::{ClientError, ErrorKind};

/// How long the broker may take to carry an order out.
const ORDER_TIME: Duration = Duration::from_secs(30);

/// A topic to be created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Its partitions; none: the broker's default.
    pub partitions: Option<i32>,
    /// Replicas of each; none: the broker's default.
    pub replicas: Option<i16>,
    /// Its configs.
    pub configs: Vec<(String, String)>,
    /// The nodes of each partition, in order; empty: the broker places them.
    pub assignments: Vec<Vec<i32>>,
}

/// A topic that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its name.
    pub name: String,
    /// Its id, zero where the broker gives none.
    pub id: Uuid,
    /// Its partitions, -1 where the broker does not say.
    pub partitions: i32,
    /// Replicas of each, -1 where the broker does not say.
    pub replicas: i16,
}

/// A topic as the cluster has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicInfo {
    /// Its name.
    pub name: String,
    /// Its id, zero where the broker gives none.
    pub id: Uuid,
    /// Whether it is the cluster's own.
    pub internal: bool,
    /// Its partitions, in their order.
    pub partitions: Vec<PartitionInfo>,
}

/// A partition as the cluster has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionInfo {
    /// Its number.
    pub index: i32,
    /// The node that leads it, -1 for none.
    pub leader: i32,
    /// The leader's epoch, -1 where the broker does not say.
    pub leader_epoch: i32,
    /// The nodes that keep it.
    pub replicas: Vec<i32>,
    /// Those of them that are in sync.
    pub in_sync: Vec<i32>,
}

/// The cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterInfo {
    /// Its id.
    pub id: String,
    /// The node that clients send orders to.
    pub controller: i32,
    /// Its nodes, by id.
    pub nodes: Vec<NodeInfo>,
}

/// Orders and questions about a cluster.
pub struct Admin {
    pub(crate) client: Client,
}

impl Admin {
    /// Over `client`.
    pub fn new(client: &Client) -> Admin {
        Admin { client: client.clone() }
    }

    /// Creates topics, or only asks whether that could be done.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
        validate_only: bool,
    ) -> Result<Vec<Result<CreatedTopic, ClientError>>, ClientError> {
        let wanted = |topic: &NewTopic| CreatableTopic {
            name: topic.name.clone(),
            num_partitions: topic.partitions.unwrap_or(-1),
            replication_factor: topic.replicas.unwrap_or(-1),
            assignments: (0..)
                .zip(&topic.assignments)
                .map(|(partition_index, nodes)| CreatableReplicaAssignment {
                    partition_index,
                    broker_ids: nodes.iter().copied().collect(),
                })
                .collect(),
            configs: topic
                .configs
                .iter()
                .map(|(name, value)| CreatableTopicConfig {
                    name: name.clone(),
                    value: Some(value.clone()),
                })
                .collect(),
        };
        let request = CreateTopicsRequest {
            topics: topics.iter().map(wanted).collect(),
            timeout_ms: ORDER_TIME.as_millis() as i32,
            validate_only,
        };
        let answer = self.client.ask(&request).await?.response;
        let mut answers = Vec::new();
        for topic in topics {
            let found = answer.topics.iter().find(|t| t.name == topic.name);
            answers.push(match found {
                None => Err(unsaid("CreateTopics", &topic.name)),
                Some(t) if t.error_code != 0 => Err(not_created(t)),
                Some(t) => Ok(CreatedTopic {
                    name: t.name.clone(),
                    id: t.topic_id,
                    partitions: t.num_partitions,
                    replicas: t.replication_factor,
                }),
            });
        }
        Ok(answers)
    }

    /// Deletes topics.
    pub async fn delete_topics(
        &self,
        topics: &[String],
    ) -> Result<Vec<Result<(), ClientError>>, ClientError> {
        // Up to version 5 names stand alone, from 6 on in states; the encoder writes what fits.
        let request = DeleteTopicsRequest {
            topics: topics
                .iter()
                .map(|name| DeleteTopicState { name: Some(name.clone()), topic_id: Uuid::ZERO })
                .collect(),
            topic_names: topics.iter().cloned().collect(),
            timeout_ms: ORDER_TIME.as_millis() as i32,
        };
        let answer = self.client.ask(&request).await?.response;
        let outcome = |name: &String| {
            self.client.forget_topic(name);
            let found = answer.responses.iter().find(|r| r.name.as_ref() == Some(name));
            match found {
                None => Err(unsaid("DeleteTopics", name)),
                Some(r) if r.error_code == 0 => Ok(()),
                Some(r) => match Code(r.error_code) {
                    code @ Code::UNKNOWN_TOPIC_OR_PARTITION => {
                        Err(refused_as(code, format!("there is no topic {name}")))
                    }
                    code => {
                        let message = r.error_message.as_deref();
                        Err(ClientError::refused(code, format!("topic {name}"), message))
                    }
                },
            }
        };
        Ok(topics.iter().map(outcome).collect())
    }

    /// Every topic, by name.
    pub async fn list_topics(&self) -> Result<Vec<TopicInfo>, ClientError> {
        let answer = self.client.metadata(None, false).await?;
        let mut topics: Vec<TopicInfo> =
            answer.topics.iter().filter(|t| t.error_code == 0).map(topic_info).collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// These topics.
    pub async fn describe_topics(
        &self,
        topics: &[String],
    ) -> Result<Vec<Result<TopicInfo, ClientError>>, ClientError> {
        let answer = self.client.metadata(Some(topics), false).await?;
        let outcome = |name: &String| {
            let found = answer.topics.iter().find(|t| t.name.as_ref() == Some(name));
            match found {
                None => Err(unsaid("Metadata", name)),
                // While a leader is found the rest is known all the same.
                Some(t) if t.error_code == 0 || t.error_code == Code::LEADER_NOT_AVAILABLE.0 => {
                    Ok(topic_info(t))
                }
                Some(t) => Err(unknown_topic(name, Code(t.error_code))),
            }
        };
        Ok(topics.iter().map(outcome).collect())
    }

    /// Gives topics more partitions: each its new number of them; an answer for each.
    pub async fn create_partitions(
        &self,
        topics: &[(String, i32)],
        validate_only: bool,
    ) -> Result<Vec<Result<(), ClientError>>, ClientError> {
        let wanted = |(name, count): &(String, i32)| CreatePartitionsTopic {
            name: name.clone(),
            count: *count,
            assignments: None,
        };
        let request = CreatePartitionsRequest {
            topics: topics.iter().map(wanted).collect(),
            timeout_ms: ORDER_TIME.as_millis() as i32,
            validate_only,
        };
        let answer = self.client.ask(&request).await?.response;
        let outcome = |(name, _): &(String, i32)| {
            self.client.forget_topic(name);
            match answer.results.iter().find(|r| r.name == *name) {
                None => Err(unsaid("CreatePartitions", name)),
                Some(r) if r.error_code == 0 => Ok(()),
                Some(r) => match Code(r.error_code) {
                    code @ Code::UNKNOWN_TOPIC_OR_PARTITION => Err(unknown_topic(name, code)),
                    code => {
                        let message = r.error_message.as_deref();
                        Err(ClientError::refused(code, format!("topic {name}"), message))
                    }
                },
            }
        };
        Ok(topics.iter().map(outcome).collect())
    }

    /// The cluster. Brokers older than DescribeCluster are asked for metadata instead.
    pub async fn describe_cluster(&self) -> Result<ClusterInfo, ClientError> {
        match self.client.ask(&DescribeClusterRequest::default()).await {
            Ok(answer) if answer.response.error_code == 0 => {
                let response = answer.response;
                let node = |b: &net_wire::messages::describe_cluster::DescribeClusterBroker| {
                    let port = u16::try_from(b.port).unwrap_or(0);
                    let address = Address::new(b.host.clone(), port);
                    NodeInfo { id: b.broker_id, address, rack: b.rack.clone() }
                };
                let mut nodes: Vec<NodeInfo> = response.brokers.iter().map(node).collect();
                nodes.sort_by_key(|node| node.id);
                let controller = response.controller_id;
                Ok(ClusterInfo { id: response.cluster_id, controller, nodes })
            }
            Ok(answer) => Err(ClientError::refused(
                Code(answer.response.error_code),
                "DescribeCluster",
                answer.response.error_message.as_deref(),
            )),
            Err(error) if error.kind == ErrorKind::NotServed => {
                let response = self.client.metadata(Some(&[]), false).await?;
                Ok(ClusterInfo {
                    id: response.cluster_id.clone().unwrap_or_default(),
                    controller: response.controller_id,
                    nodes: NodeInfo::all_of(&response),
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes the records of a partition before `offset` (-1: all of them); the new start.
    pub async fn delete_records(
        &self,
        place: &TopicPartition,
        offset: i64,
    ) -> Result<i64, ClientError> {
        let leader = self.client.leader_of(&place.topic, place.partition).await?;
        let request = DeleteRecordsRequest {
            topics: [DeleteRecordsTopic {
                name: place.topic.clone(),
                partitions: [DeleteRecordsPartition { partition_index: place.partition, offset }]
                    .into(),
            }]
            .into(),
            timeout_ms: ORDER_TIME.as_millis() as i32,
        };
        let answer = self.client.broker(leader).await?.call(&request).await?.response;
        let part = answer.topics.first().and_then(|t| t.partitions.first());
        match part {
            None => Err(unsaid("DeleteRecords", &place.to_string())),
            Some(part) if part.error_code == 0 => Ok(part.low_watermark),
            Some(part) => {
                let subject = format!("DeleteRecords of {place} before {offset}");
                Err(ClientError::refused(Code(part.error_code), subject, None))
            }
        }
    }
}

fn refused_as(code: Code, what: String) -> ClientError {
    ClientError::new(ErrorKind::Refused(code), what).next("bobbin topic list shows what there is")
}

fn not_created(topic: &CreatableTopicResult) -> ClientError {
    let name = &topic.name;
    let code = Code(topic.error_code);
    if code == Code::TOPIC_ALREADY_EXISTS {
        return ClientError::new(ErrorKind::Refused(code), format!("topic {name} exists already"))
            .next("--if-not-exists takes that for success");
    }
    ClientError::refused(code, format!("topic {name}"), topic.error_message.as_deref())
}

fn topic_info(topic: &MetadataResponseTopic) -> TopicInfo {
    let mut partitions: Vec<PartitionInfo> = topic
        .partitions
        .iter()
        .map(|p| PartitionInfo {
            index: p.partition_index,
            leader: p.leader_id,
            leader_epoch: p.leader_epoch,
            replicas: p.replica_nodes.to_vec(),
            in_sync: p.isr_nodes.to_vec(),
        })
        .collect();
    partitions.sort_by_key(|p| p.index);
    TopicInfo {
        name: topic.name.clone().unwrap_or_default(),
        id: topic.topic_id,
        internal: topic.is_internal,
        partitions,
    }
}
