//! Looking up which topics patterns stand for, a turn's worth at a time.
//!
//! Kept true: all of it is volatile, what was found becomes a record; no decision looks at more
//! names than its share, however many there are and whatever the patterns; what is left over is
//! looked at as soon as others had their turns.

use std::collections::BTreeMap;
use std::rc::Rc;

use engine_base::limits::PATTERN_TURN_COST;
use engine_base::{Mono, Refusal};
use replication_machine::Now;

use super::pattern::{self, Compiled};
use super::records;
use super::state::{Consumer, Counts, Resolved};
use super::turn::Patterns;
use super::watch::Watch;
use crate::cluster::Cluster;
use crate::turn::Turn;

/// How long patterns are not looked through again at least: Kafka's ten seconds.
const REST_MS: i64 = 10_000;

/// What a name costs beside its bytes.
const NAME_COST: usize = 16;

/// A pattern on its way through the names of all topics.
#[derive(Debug)]
struct Look {
    name: Rc<str>,
    compiled: Compiled,
    /// The cluster's version when it began.
    version: i64,
    /// The first name that it has not looked at.
    from: Option<Rc<str>>,
    found: Vec<Rc<str>>,
}

impl Look {
    /// Looks at a turn's worth of names. Whether it is through with them.
    fn go_on(&mut self, cluster: &dyn Cluster) -> bool {
        let mut left = Some(PATTERN_TURN_COST);
        let mut stopped = None;
        cluster.topics_from(self.from.as_deref(), &mut |name| {
            let Some(rest) = left else {
                stopped = Some(Rc::from(name));
                return false;
            };
            // The first one is looked at, whatever it costs.
            left = rest.checked_sub(self.compiled.bytes * (name.len() + NAME_COST));
            if self.compiled.is_match(name) {
                self.found.push(name.into());
            }
            true
        });
        self.from = stopped;
        self.from.is_none()
    }
}

/// What a group knows of the looking up of its patterns.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    on: Option<Look>,
    /// Patterns that were looked through: at which version, and whether with a record, which may
    /// have been lost.
    through: BTreeMap<Rc<str>, (i64, bool)>,
    /// Patterns that were looked up before are being looked up again, one after the other.
    round: bool,
    /// When patterns were last looked through, in milliseconds since 1970.
    last_ms: Option<i64>,
    /// Topics came since, but it was too early to look through patterns again.
    unresolved: bool,
    /// When to go on.
    pub(crate) at: Option<Mono>,
}

impl Looks {
    /// Patterns may be looked through again.
    fn has_rested(&self, now: Now) -> bool {
        let since = self.last_ms.map(|at| now.wall.0.saturating_sub(at));
        since.is_none_or(|since| !(0..REST_MS).contains(&since))
    }

    /// Patterns are to be looked through again, and may be.
    pub(crate) fn may_go_on(&self, now: Now) -> bool {
        self.unresolved && (self.on.is_some() || self.round || self.has_rested(now))
    }
}

impl Turn<'_> {
    /// Somebody reads these patterns: looks up what nobody looked up yet, and all of them again if
    /// topics came since and the last time is long enough ago; one pattern, or a part of its names.
    pub(crate) fn look_up(
        &mut self,
        group: &Consumer,
        watch: &mut Watch,
        readers: &Counts,
        newest: &str,
    ) -> Result<Patterns, Refusal> {
        // Refused before anything is looked up.
        let is_new = !newest.is_empty() && !group.patterns.contains_key(newest);
        let newest = is_new.then(|| Ok((newest, pattern::compile(newest)?))).transpose()?;
        // What was found and is not there was lost with its record.
        watch
            .looks
            .through
            .retain(|name, (_, is_record)| readers.contains_key(name) && !*is_record);
        Ok(self.look_on(group, watch, readers, newest))
    }

    /// The next step of what [`Turn::look_up`] began.
    pub(crate) fn look_on(
        &mut self,
        group: &Consumer,
        watch: &mut Watch,
        readers: &Counts,
        newest: Option<(&str, Compiled)>,
    ) -> Patterns {
        let (now, version) = (self.now, self.cluster.version().cast_signed());
        let looks = &mut watch.looks;
        let mut changed = Patterns::new();
        looks.on.take_if(|look| !readers.contains_key(&look.name));
        let rested = looks.has_rested(now);
        let may = |name: &Rc<str>, looks: &Looks| {
            looks.round || rested || !group.patterns.contains_key(name)
        };
        if looks.on.is_none() {
            let first = newest.as_ref().and_then(|(name, _)| readers.get_key_value(*name));
            let first = first.map(|(name, _)| name);
            let mut names = first.into_iter().chain(readers.keys());
            let next = names.find(|name| is_stale(name, group, looks, version) && may(name, looks));
            if let Some(name) = next {
                looks.round |= group.patterns.contains_key(name);
                looks.last_ms = Some(now.wall.0);
                let at_hand = newest.filter(|(newest, _)| **newest == **name);
                match at_hand.map_or_else(|| pattern::compile(name), |(_, it)| Ok(it)) {
                    Ok(compiled) => {
                        let (name, from, found) = (name.clone(), None, Vec::new());
                        looks.on = Some(Look { name, compiled, version, from, found });
                    }
                    // Of a record that another version wrote.
                    Err(_) => _ = looks.through.insert(name.clone(), (version, false)),
                }
            }
        }
        if let Some(look) = looks.on.take_if(|look| look.go_on(self.cluster)) {
            let topics: Rc<[Rc<str>]> = look.found.into();
            let is_record = group.patterns.get(&look.name).is_none_or(|of| of.topics != topics);
            looks.through.insert(look.name.clone(), (look.version, is_record));
            if is_record {
                let resolved = Resolved { topics, version: look.version, at_ms: now.wall.0 };
                self.records.push(records::pattern(&self.group, &look.name, &resolved));
                changed.insert(look.name, Some(resolved));
            }
        }
        let stale = readers.keys().filter(|name| is_stale(name, group, looks, version));
        let stale: Vec<&Rc<str>> = stale.collect();
        let more = looks.on.is_some() || stale.iter().any(|name| may(name, looks));
        looks.unresolved = looks.on.is_some() || !stale.is_empty();
        looks.round &= looks.unresolved;
        looks.at = more.then_some(now.mono);
        changed
    }
}

/// Whether a pattern was not looked through since topics came.
fn is_stale(name: &Rc<str>, group: &Consumer, looks: &Looks, version: i64) -> bool {
    let known = group.patterns.get(name).is_some_and(|known| known.version == version);
    let through = looks.through.get(name).is_some_and(|(at, _)| *at == version);
    !known && !through
}

#[cfg(test)]
#[path = "look_test.rs"]
mod look_test;
