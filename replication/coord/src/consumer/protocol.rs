//! What consumers of the classic protocol write into JoinGroup and SyncGroup: Kafka's
//! ConsumerProtocolSubscription and ConsumerProtocolAssignment, versions 0 to 3.
//!
//! Kept true: reading allocates nothing that the bytes at hand do not hold; a newer version is read
//! as the newest one known, whose fields it begins with.

use std::rc::Rc;

use engine_base::Uuid;
use replication_machine::BadRecord;

use super::state::Owned;
use crate::bytes::{Reader, Writer};
use crate::cluster::Cluster;

/// The newest version.
const VERSION_MAX: i16 = 3;

/// Partitions by topic's name.
pub(crate) type Places = Vec<(Rc<str>, Vec<i32>)>;

/// What a classic member says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) topics: Vec<Rc<str>>,
    /// Partitions by topic; nothing before v1.
    pub(crate) owned: Places,
    /// From v3 on.
    pub(crate) rack_id: Option<Rc<str>>,
}

fn version(bytes: &mut Reader<'_>) -> Result<i16, BadRecord> {
    match bytes.i16()? {
        ..0 => Err(BadRecord::Broken("a negative version".into())),
        version => Ok(version.min(VERSION_MAX)),
    }
}

fn topics(bytes: &mut Reader<'_>) -> Result<Places, BadRecord> {
    let mut topics = Vec::new();
    for _ in 0..bytes.list()? {
        let name = bytes.text()?.into();
        let mut partitions = Vec::new();
        for _ in 0..bytes.list()? {
            partitions.push(bytes.i32()?);
        }
        topics.push((name, partitions));
    }
    Ok(topics)
}

/// Reads what a member says of itself.
pub(crate) fn subscription(bytes: &[u8]) -> Result<Words, BadRecord> {
    let mut bytes = Reader::new(bytes);
    let version = version(&mut bytes)?;
    let mut words = Words { topics: Vec::new(), owned: Vec::new(), rack_id: None };
    for _ in 0..bytes.list()? {
        words.topics.push(bytes.text()?.into());
    }
    _ = bytes.nullable_bytes()?;
    if version >= 1 {
        words.owned = topics(&mut bytes)?;
    }
    if version >= 2 {
        // The generation that it owned them in.
        _ = bytes.i32()?;
    }
    if version >= 3 {
        words.rack_id = bytes.nullable_text()?.map(Rc::from);
    }
    Ok(words)
}

/// Reads an assignment: partitions by topic. Empty bytes are none.
pub(crate) fn assignment(bytes: &[u8]) -> Result<Places, BadRecord> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let mut bytes = Reader::new(bytes);
    version(&mut bytes)?;
    topics(&mut bytes)
}

/// Writes an assignment in the version of a member's own words. Topics that are no more are left
/// out.
pub(crate) fn write_assignment<'a>(
    words: &[u8],
    places: impl Iterator<Item = (Uuid, Vec<i32>)> + 'a,
    cluster: &dyn Cluster,
) -> Rc<[u8]> {
    let version = version(&mut Reader::new(words)).unwrap_or(0);
    let named: Places = places.filter_map(|(id, of)| Some((cluster.name_of(id)?, of))).collect();
    let mut bytes = Writer::new(version);
    bytes.list(named.len());
    for (name, partitions) in named {
        bytes.text(&name).list(partitions.len());
        partitions.iter().for_each(|partition| _ = bytes.i32(*partition));
    }
    // No user data.
    bytes.i32(-1);
    bytes.0.into()
}

/// Places by id, of topics that are there.
pub(crate) fn by_id(
    places: &[(Rc<str>, Vec<i32>)],
    cluster: &dyn Cluster,
) -> Vec<(Uuid, Vec<i32>)> {
    let known = places.iter().filter_map(|(name, of)| Some((cluster.topic(name)?, of)));
    let there = known.map(|(topic, of)| {
        let of = of.iter().copied().filter(|at| (0..topic.partitions).contains(at));
        (topic.id, of.collect())
    });
    there.collect()
}

/// Places that are given in this epoch, without those that `taken` has.
pub(crate) fn given(
    places: &[(Uuid, Vec<i32>)],
    epoch: i32,
    taken: impl Fn(Uuid, i32) -> bool,
) -> Owned {
    let mut owned = Owned::new();
    for (topic, partitions) in places {
        for partition in partitions.iter().filter(|at| !taken(*topic, **at)) {
            owned.entry(*topic).or_default().insert(*partition, epoch);
        }
    }
    owned
}
