//! A fetch session (KIP-227): the partitions that a client reads, so that it need not name them
//! each time.
//!
//! Kept true: a partition that rests is watched and costs nothing until it moves; it rests only if
//! its reader stands at its end and was told where that is. One that moved, was refused or has
//! something left is due, and the due ones are read and answered in turns, as by Kafka: each in the
//! place in which it came, until it is given something and goes to the back. A partition is
//! answered only if there is something new to tell of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use engine_base::Offset;
use net_wire::messages::fetch::{FetchRequest, FetchTopic};
use replication_shard::{Node, Watch};

use crate::handle::Pace;
use crate::handle::fetch_round::{Asked, Read, Round, TopicKey};
use crate::serve::Server;

/// Partitions at rest that are looked at in passing by each fetch, for what moves without an event:
/// the log start that retention moves.
const LOOKED_AT_PER_FETCH: usize = 4;

/// A partition of a session.
struct Member {
    topic: Rc<TopicKey>,
    read: Read,
    /// High watermark and log start as they were told; `None` if they have to be told again.
    told: Option<(Offset, Offset)>,
    is_due: bool,
    /// Those with lower ones are read before it.
    turn: u64,
    /// Its place in the fetch that is going on.
    in_round: Option<usize>,
}

/// The partitions that a client reads.
pub(crate) struct FetchSession {
    node: Node,
    members: Vec<Option<Member>>,
    free: Vec<usize>,
    slots: BTreeMap<Rc<TopicKey>, BTreeMap<i32, usize>>,
    count: usize,
    /// Those to be read next, in no order.
    due: Vec<usize>,
    /// The turn of who comes next or goes to the back.
    next_turn: u64,
    /// Over the members, each at its slot.
    watch: Watch,
    /// The slot that is looked at in passing next.
    look: usize,
}

impl FetchSession {
    /// A session over what a full fetch has read.
    pub(crate) fn of(node: &Node, round: &mut Round) -> FetchSession {
        let mut session = FetchSession {
            node: node.clone(),
            members: Vec::new(),
            free: Vec::new(),
            slots: BTreeMap::new(),
            count: 0,
            due: Vec::new(),
            next_turn: 0,
            watch: node.watch(&[]),
            look: 0,
        };
        for asked in &mut round.partitions {
            asked.slot = Some(session.put(&asked.topic, asked.read));
        }
        session.due.clear();
        // Nobody goes to the back yet.
        session.take_in(round);
        session
    }

    /// How many are to be read next, as far as is known yet.
    pub(crate) fn due_count(&self) -> usize {
        self.due.len()
    }

    /// How many partitions it has.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Takes in what an incremental request changes.
    pub(crate) fn update(&mut self, request: &FetchRequest, by_id: bool) {
        self.take_moved();
        for topic in &request.topics {
            let key = key_of(topic, by_id);
            for asked in &topic.partitions {
                self.put(&key, Read::of(asked));
            }
        }
        for topic in &request.forgotten_topics_data {
            let key = match by_id {
                true => TopicKey::Id(topic.topic_id),
                false => TopicKey::Name(topic.topic.clone()),
            };
            for index in &topic.partitions {
                self.forget(&key, *index);
            }
        }
        if !request.forgotten_topics_data.is_empty() {
            self.due.retain(|slot| self.members[*slot].is_some());
        }
    }

    fn take_moved(&mut self) {
        for slot in self.watch.take_moved() {
            self.mark_due(slot);
        }
    }

    /// Puts a partition in, or what is asked of one that is there.
    fn put(&mut self, topic: &Rc<TopicKey>, read: Read) -> usize {
        if !self.slots.contains_key(topic) {
            self.slots.insert(topic.clone(), BTreeMap::new());
        }
        let of_topic = self.slots.get_mut(topic).expect("because it was put in");
        if let Some(&slot) = of_topic.get(&read.index) {
            let member = self.members[slot].as_mut().expect("because it is listed");
            member.read = read;
            self.mark_due(slot);
            return slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.members.push(None);
            self.members.len() - 1
        });
        of_topic.insert(read.index, slot);
        let (topic, turn) = (topic.clone(), self.turn());
        let member = Member { topic, read, told: None, is_due: false, turn, in_round: None };
        self.members[slot] = Some(member);
        self.count += 1;
        self.mark_due(slot);
        slot
    }

    fn turn(&mut self) -> u64 {
        self.next_turn += 1;
        self.next_turn
    }

    fn forget(&mut self, topic: &TopicKey, index: i32) {
        let Some(of_topic) = self.slots.get_mut(topic) else { return };
        let Some(slot) = of_topic.remove(&index) else { return };
        if of_topic.is_empty() {
            self.slots.remove(topic);
        }
        self.members[slot] = None;
        self.watch.forget(slot);
        self.free.push(slot);
        self.count -= 1;
    }

    fn mark_due(&mut self, slot: usize) {
        // A move of one that was forgotten since concerns nobody.
        let Some(member) = self.members.get_mut(slot).and_then(Option::as_mut) else { return };
        if !std::mem::replace(&mut member.is_due, true) {
            self.due.push(slot);
        }
    }

    /// Puts all that is due into a fetch.
    pub(crate) fn begin(&mut self, round: &mut Round) {
        self.take_moved();
        self.look_in_passing();
        let mut due = std::mem::take(&mut self.due);
        due.sort_unstable_by_key(|slot| self.turn_of(Some(*slot)));
        for slot in due.drain(..) {
            let asked = self.ask(slot, round.partitions.len());
            round.put(asked);
        }
        self.due = due;
    }

    fn turn_of(&self, slot: Option<usize>) -> u64 {
        let member = slot.and_then(|slot| self.members[slot].as_ref());
        member.map_or(0, |member| member.turn)
    }

    /// What is read of a member, at this place of a fetch. Where its partition is, is looked up
    /// anew: it may have come, gone or come back as another one.
    fn ask(&mut self, slot: usize, at: usize) -> Asked {
        let member = self.members[slot].as_mut().expect("because it is due");
        member.in_round = Some(at);
        let partition = member.topic.partition(&self.node, member.read.index);
        let mut asked = Asked::new(member.topic.clone(), member.read, partition);
        asked.slot = Some(slot);
        asked
    }

    fn look_in_passing(&mut self) {
        for _ in 0..LOOKED_AT_PER_FETCH.min(self.members.len()) {
            self.look = (self.look + 1) % self.members.len();
            let Some(member) = &self.members[self.look] else { continue };
            let partition = member.topic.partition(&self.node, member.read.index);
            let position = partition.and_then(|partition| self.node.position(partition));
            let now = position.map(|at| (at.high_watermark, at.log_start)).ok();
            if !member.is_due && now != member.told {
                self.mark_due(self.look);
            }
        }
    }

    /// Waits until a partition moves or the fetch's time is over, then reads those that moved and
    /// no others.
    pub(crate) async fn read_news(&mut self, round: &mut Round, server: &Server) {
        if !std::mem::replace(&mut round.is_watched, true) {
            round.partitions.iter().for_each(|asked| self.watch_read(asked));
        }
        round.rest(server, &mut self.watch).await;
        let mut pace = Pace::default();
        for slot in self.watch.take_moved() {
            pace.step(&server.core).await;
            let Some(member) = self.members.get(slot).and_then(Option::as_ref) else { continue };
            let at = member.in_round.unwrap_or(round.partitions.len());
            if at == round.partitions.len() {
                let asked = self.ask(slot, at);
                round.put(asked);
            }
            round.read_at(server, at).await;
            self.watch_read(&round.partitions[at]);
        }
    }

    /// Watches what was read from where it was seen to end.
    fn watch_read(&mut self, asked: &Asked) {
        if let (Some(slot), Some((partition, found))) = (asked.slot, asked.found()) {
            self.node.watch_at(&mut self.watch, slot, partition, found.high_watermark);
        }
    }

    /// Takes in what a fetch has read, puts it in the order in which it is told, and sends those
    /// that were given something to the back.
    pub(crate) fn settle(&mut self, round: &mut Round) {
        // Those that moved meanwhile stand at the end.
        round.partitions.sort_by_key(|asked| self.turn_of(asked.slot));
        round.put_unknown_last();
        self.take_in(round);
        for asked in &round.partitions {
            if asked.found().is_some_and(|(_, found)| !found.slices.is_empty()) {
                let turn = self.turn();
                let slot = asked.slot.expect("because all of an incremental fetch is a session's");
                self.members[slot].as_mut().expect("because it was read").turn = turn;
            }
        }
    }

    /// Takes in what a fetch has read, and says which of it is told.
    fn take_in(&mut self, round: &mut Round) {
        for asked in &mut round.partitions {
            let Some(slot) = asked.slot else { continue };
            let Some(member) = self.members[slot].as_mut() else { continue };
            member.in_round = None;
            let Some((partition, found)) = asked.found() else {
                member.told = None;
                member.is_due = true;
                self.due.push(slot);
                continue;
            };
            let (end, is_empty) = (found.high_watermark, found.slices.is_empty());
            let now = Some((end, found.log_start));
            asked.is_told = !is_empty || member.told != now;
            member.told = now;
            // What was empty before its end had no room in the answer.
            member.is_due = !is_empty || member.read.offset < end;
            match member.is_due {
                true => self.due.push(slot),
                false => self.node.watch_at(&mut self.watch, slot, partition, end),
            }
        }
    }
}

/// How a request names its topic.
fn key_of(topic: &FetchTopic, by_id: bool) -> Rc<TopicKey> {
    Rc::new(match by_id {
        true => TopicKey::Id(topic.topic_id),
        false => TopicKey::Name(topic.topic.clone()),
    })
}
