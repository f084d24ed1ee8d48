//! A consumer group as ListGroups and ConsumerGroupDescribe tell it.
//!
//! Kept true: nothing here changes anything; topics that are no more are not told of.

use std::rc::Rc;

use engine_base::Uuid;

use super::state::{Consumer, Member};
use crate::cluster::Cluster;
use crate::describe::{ConsumerState, DescribedConsumer, DescribedConsumerGroup, DescribedTopic};

/// A group's state.
pub(crate) fn state_of(group: &Consumer) -> ConsumerState {
    let settled = |member: &Member| member.current.is_reconciled_to(group.target_epoch);
    if group.members.is_empty() {
        ConsumerState::Empty
    } else if group.epoch > group.target_epoch {
        ConsumerState::Assigning
    } else if group.members.values().all(settled) {
        ConsumerState::Stable
    } else {
        ConsumerState::Reconciling
    }
}

/// A whole group. `default`: the assignor of groups whose members wish for none.
pub(crate) fn described(
    group: &Consumer,
    cluster: &dyn Cluster,
    default: &str,
) -> DescribedConsumerGroup {
    let most = group.assignors.iter().max_by_key(|(_, count)| **count);
    let members = group.members.iter().map(|(id, member)| {
        let said = &member.subscription;
        let assigned = member.current.assigned.iter();
        let assigned = assigned.map(|(topic, of)| (*topic, of.keys().copied().collect()));
        let target = group.target(id);
        let target = target.iter().map(|(topic, of)| (*topic, of.iter().copied().collect()));
        DescribedConsumer {
            member_id: id.clone(),
            instance_id: said.instance_id.clone(),
            rack_id: said.rack_id.clone(),
            member_epoch: member.current.epoch,
            client_id: said.client_id.clone(),
            client_host: said.client_host.clone(),
            topics: said.topics.to_vec(),
            regex: Some(said.regex.clone()),
            assignment: named(assigned, cluster),
            target: named(target, cluster),
            classic: member.is_classic(),
        }
    });
    DescribedConsumerGroup {
        state: state_of(group),
        group_epoch: group.epoch,
        assignment_epoch: group.target_epoch,
        assignor: most.map_or_else(|| Rc::from(default), |(name, _)| name.clone()),
        members: members.collect(),
    }
}

fn named(
    places: impl Iterator<Item = (Uuid, Vec<i32>)>,
    cluster: &dyn Cluster,
) -> Vec<DescribedTopic> {
    let known = places.filter_map(|(topic_id, partitions)| {
        let topic = cluster.name_of(topic_id)?;
        Some(DescribedTopic { topic_id, topic, partitions })
    });
    known.collect()
}
