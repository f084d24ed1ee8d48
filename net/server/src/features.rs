//! The features of the cluster, as ApiVersions tells and UpdateFeatures judges them.
//!
//! Kept true: a feature is told only if what it stands for is served, and each has one level, so
//! that nothing can be switched to what is not built.

use net_wire::api;
use net_wire::messages::consumer_group_heartbeat;

/// A feature and the one level that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    /// Kafka's name.
    pub(crate) name: &'static str,
    /// Its level.
    pub(crate) level: i16,
    /// The least level that is told as supported: 0 where a cluster of Kafka may be without it.
    pub(crate) floor: i16,
}

/// Kafka 4.3's level: what `kafka-features describe` tells as 4.3-IV0.
const METADATA_VERSION: Feature = Feature { name: "metadata.version", level: 30, floor: 30 };

/// The consumer groups of KIP-848.
const GROUP_VERSION: Feature = Feature { name: "group.version", level: 1, floor: 0 };

/// Every feature of this cluster.
pub(crate) fn all() -> impl Iterator<Item = Feature> {
    let groups = api::find(consumer_group_heartbeat::KEY);
    let groups = groups.is_some_and(|api| api.served.is_some());
    [METADATA_VERSION].into_iter().chain(groups.then_some(GROUP_VERSION))
}

/// Why a feature cannot be brought to this level, in the words of a Kafka 4.3.1 controller. What
/// `None` allows is so already.
pub(crate) fn refuse(name: &str, level: i16, upgrade_type: i8, node: i32) -> Option<String> {
    let invalid =
        |why: String| Some(format!("Invalid update version {level} for feature {name}. {why}"));
    if !(1..=3).contains(&upgrade_type) {
        return invalid("The controller does not support the given upgrade type.".into());
    }
    if level < 0 {
        return invalid("A feature version cannot be less than 0.".into());
    }
    let Some(known) = all().find(|feature| feature.name == name) else {
        return invalid(format!("Local controller {node} does not support this feature."));
    };
    if known.level != level {
        let only = known.level;
        return invalid(format!("Local controller {node} only supports versions {only}-{only}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_level_that_is_so_can_be_asked_for() {
        for feature in all() {
            assert_eq!(refuse(feature.name, feature.level, 1, 0), None);
            for other in [feature.level - 1, feature.level + 1, -1] {
                assert!(refuse(feature.name, other, 1, 0).is_some(), "{feature:?} {other}");
            }
        }
        assert!(refuse("transaction.version", 2, 1, 0).is_some(), "there are no transactions");
        assert!(refuse("metadata.version", 30, 0, 0).is_some());
        assert!(refuse("metadata.version", 30, 4, 0).is_some());
    }
}
