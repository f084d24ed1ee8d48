//! What AlterConfigs and IncrementalAlterConfigs share: whose configs are meant, and what is said
//! of them.
//!
//! Kept true: every resource asked for is answered, in that order; one that is wrong leaves the
//! others as they are. Codes and words are Kafka's (4.3.1).

use std::collections::BTreeSet;

use engine_base::Refusal;
use replication_shard::{ConfigChanges, ConfigResource, ConfigTarget, TopicRef};

use crate::handle::configs::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC, this_node};
use crate::refusal::{Code, code, words};
use crate::serve::Server;

/// A resource as it was asked for.
pub(crate) struct Asked {
    pub(crate) resource_type: i8,
    pub(crate) name: String,
    /// The keys that are named, in their order.
    pub(crate) keys: Vec<String>,
    /// Those that come with no value and need one.
    pub(crate) nulls: Vec<String>,
    /// What becomes of them, or why nothing can.
    pub(crate) changes: Result<ConfigChanges, Said>,
}

/// What is said of a resource: a code and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: Code,
    pub(crate) message: Option<String>,
}

impl Said {
    fn refused(refusal: &Refusal) -> Said {
        Said { code: code(refusal), message: Some(words(refusal)) }
    }

    pub(crate) fn invalid_request(why: impl Into<String>) -> Said {
        Said::refused(&Refusal::InvalidRequest(why.into()))
    }
}

/// Changes the configs of these resources; gives type, name and what is said of each.
pub(crate) async fn alter(
    server: &Server,
    asked: Vec<Asked>,
    validate_only: bool,
    with_loggers: bool,
) -> Vec<(i8, String, Said)> {
    let mut seen = BTreeSet::new();
    let key = |one: &Asked| (one.resource_type, one.name.clone());
    let twice: BTreeSet<(i8, String)> =
        asked.iter().filter(|one| !seen.insert(key(one))).map(key).collect();
    let mut answers = Vec::with_capacity(asked.len());
    let (mut places, mut resources) = (Vec::new(), Vec::new());
    for one in asked {
        let name = (one.resource_type, one.name.clone());
        let judged = match twice.contains(&name) {
            true => Err(Said::invalid_request("Each resource must appear at most once.")),
            false => judge(server, one, with_loggers),
        };
        let said = match judged {
            Ok(Some(resource)) => {
                places.push(answers.len());
                resources.push(resource);
                Said { code: Code::NONE, message: None }
            }
            Ok(None) => Said { code: Code::NONE, message: None },
            Err(said) => said,
        };
        answers.push((name.0, name.1, said));
    }
    if resources.is_empty() {
        return answers;
    }
    let verdicts = server.node.alter_configs(resources, validate_only).await;
    assert_eq!(verdicts.len(), places.len(), "a verdict for each resource");
    for (at, verdict) in places.into_iter().zip(verdicts) {
        let (resource_type, name, said) = &mut answers[at];
        if let Err(refusal) = verdict {
            *said = Said::refused(&refusal);
            if (*resource_type, &refusal) == (TOPIC, &Refusal::UnknownTopicOrPartition) {
                said.message = Some(format!("The topic '{name}' does not exist."));
            }
        }
    }
    answers
}

/// What the cluster is to be asked for a resource; `None` is nothing, and that is fine.
fn judge(
    server: &Server,
    asked: Asked,
    with_loggers: bool,
) -> Result<Option<(ConfigResource, ConfigChanges)>, Said> {
    let mut seen = BTreeSet::new();
    if !asked.keys.iter().all(|key| seen.insert(key)) {
        return Err(Said::invalid_request("Error due to duplicate config keys"));
    }
    if !asked.nulls.is_empty() {
        let why = format!("Null value not supported for : {}", asked.nulls.join(", "));
        return Err(Said::invalid_request(why));
    }
    let this = server.node.options().node_id;
    let name = asked.name;
    let resource = match asked.resource_type {
        TOPIC => ConfigResource::Topic(TopicRef::Name(name)),
        BROKER if name.is_empty() => ConfigResource::Of(ConfigTarget::Cluster),
        BROKER => {
            let expected = format!("Unexpected broker id, expected {this}, but received {name}");
            this_node(server, &name, expected).map_err(|why| Said::refused(&why))?;
            ConfigResource::Of(ConfigTarget::Node(this))
        }
        BROKER_LOGGER if with_loggers => {
            let expected = format!("Unexpected node id. Expected {this}, but received {name}");
            this_node(server, &name, expected).map_err(|why| Said::refused(&why))?;
            // There are no loggers whose levels could be set.
            return match asked.keys.first() {
                None => Ok(None),
                Some(logger) => {
                    let why = format!("Logger {logger} does not exist!");
                    Err(Said::refused(&Refusal::InvalidConfig(why)))
                }
            };
        }
        CLIENT_METRICS => ConfigResource::Of(ConfigTarget::ClientMetrics(name)),
        GROUP => ConfigResource::Of(ConfigTarget::Group(name)),
        other => return Err(Said::invalid_request(format!("Unknown resource type {other}"))),
    };
    asked.changes.map(|changes| Some((resource, changes)))
}
