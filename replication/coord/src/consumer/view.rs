//! A consumer group as ListGroups and ConsumerGroupDescribe tell it.
//!
//! Kept true: nothing here changes anything; topics that are no more are not told of.

use std::rc::Rc;

use super::records::share_of;
use super::state::{Consumer, Member, Share};
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
        // What it is to give up is its own until it did.
        let mut assigned = share_of(&member.current.assigned);
        for (topic, partitions) in share_of(&member.current.revoking) {
            assigned.entry(topic).or_default().extend(partitions);
        }
        DescribedConsumer {
            member_id: id.clone(),
            instance_id: said.instance_id.clone(),
            rack_id: said.rack_id.clone(),
            member_epoch: member.current.epoch,
            client_id: said.client_id.clone(),
            client_host: said.client_host.clone(),
            topics: said.topics.to_vec(),
            regex: Some(said.regex.clone()),
            assignment: named(&assigned, cluster),
            target: named(&group.target(id), cluster),
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

fn named(share: &Share, cluster: &dyn Cluster) -> Vec<DescribedTopic> {
    let known = share.iter().filter_map(|(topic_id, of)| {
        let topic = cluster.name_of(*topic_id)?;
        Some(DescribedTopic {
            topic_id: *topic_id,
            topic,
            partitions: of.iter().copied().collect(),
        })
    });
    known.collect()
}
