//! The ids of logs that were deleted, kept as ranges: ids are given out in order, so there are at
//! most as many ranges as living logs and one more.

use std::collections::BTreeMap;

use engine_base::LogId;

/// A set of log ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogIdSet {
    /// First to one past the last.
    ranges: BTreeMap<u64, u64>,
}

impl LogIdSet {
    /// Whether the id is in the set.
    pub fn contains(&self, id: LogId) -> bool {
        self.ranges.range(..=id.0).next_back().is_some_and(|(_, &end)| id.0 < end)
    }

    /// Puts an id in; false if it was there already.
    pub fn insert(&mut self, id: LogId) -> bool {
        if self.contains(id) {
            return false;
        }
        let mut first = id.0;
        let mut end = id.0 + 1;
        if let Some((&before, &before_end)) = self.ranges.range(..first).next_back()
            && before_end == first
        {
            first = before;
        }
        if let Some(after_end) = self.ranges.remove(&end) {
            end = after_end;
        }
        self.ranges.insert(first, end);
        true
    }

    /// The ranges, first to one past the last.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.ranges.iter().map(|(&first, &end)| (first, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_join_into_ranges_in_any_order() {
        let mut set = LogIdSet::default();
        for id in [5, 9, 7, 6, 8, 1] {
            assert!(!set.contains(LogId(id)));
            assert!(set.insert(LogId(id)));
            assert!(set.contains(LogId(id)));
        }
        assert!(!set.insert(LogId(7)));
        assert_eq!(set.ranges().collect::<Vec<_>>(), [(1, 2), (5, 10)]);
        assert!(!set.contains(LogId(0)) && !set.contains(LogId(2)) && !set.contains(LogId(10)));
    }
}
