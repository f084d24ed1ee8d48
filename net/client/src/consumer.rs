//! A consumer: partitions are assigned by hand, each with the offset to begin at; a fetch is kept
//! under way to every leader of theirs.
//!
//! Kept true: records of a partition come in the order of their offsets, each once, none before the
//! offset asked for; a partition is in at most one fetch at a time; checksums are checked.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Mono, TopicPartition};
use engine_rt::Class;
use engine_rt::sync::{Either, Queue, race};

use crate::client::Client;
use crate::code::Code;
use crate::error::{ClientError, ErrorKind};
use crate::fetch_call::{self, Fetched, Want};
use crate::options::ConsumerOptions;

/// Pause before a partition is tried again after an error that passes.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Answers that may wait to be taken.
const ANSWERS_MAX: usize = 64;

/// What a poll brings.
pub type Polled = Result<Vec<Fetched>, ClientError>;

/// A consumer of partitions that were assigned by hand.
pub struct Consumer {
    shared: Rc<Shared>,
}

struct Shared {
    client: Client,
    options: ConsumerOptions,
    places: RefCell<BTreeMap<TopicPartition, Place>>,
    answers: Queue<Polled>,
    /// When a fetch last succeeded, or the consumer began.
    well: Cell<Mono>,
}

/// Where a partition stands.
struct Place {
    next: i64,
    under_way: bool,
    not_before: Mono,
    /// Producers whose transaction is known to be aborted, while we are inside it.
    aborted: BTreeSet<i64>,
}

impl Consumer {
    /// A consumer without partitions.
    pub fn new(client: &Client, options: ConsumerOptions) -> Consumer {
        let shared = Shared {
            client: client.clone(),
            options,
            places: RefCell::default(),
            answers: Queue::new(ANSWERS_MAX),
            well: Cell::new(client.core().now()),
        };
        Consumer { shared: Rc::new(shared) }
    }

    /// Reads the partition from `offset` on.
    pub fn assign(&self, topic: &str, partition: i32, offset: i64) {
        let key = TopicPartition { topic: topic.to_string(), partition };
        let place = Place {
            next: offset,
            under_way: false,
            not_before: Mono::default(),
            aborted: BTreeSet::new(),
        };
        self.shared.places.borrow_mut().insert(key, place);
    }

    /// Reads the partition no more.
    pub fn unassign(&self, topic: &str, partition: i32) {
        let key = TopicPartition { topic: topic.to_string(), partition };
        self.shared.places.borrow_mut().remove(&key);
    }

    /// How many partitions are read.
    pub fn assigned(&self) -> usize {
        self.shared.places.borrow().len()
    }

    /// Waits for the next answer of any leader. It may hold no records: the offsets in it still
    /// tell how far the partition has been read.
    pub async fn poll(&self) -> Polled {
        loop {
            let wake = self.shared.clone().start_fetches().await;
            let core = self.shared.client.core().clone();
            let popped = match wake {
                None => self.shared.answers.pop().await,
                Some(at) => {
                    let popped = self.shared.answers.pop();
                    match race(popped, core.sleep_until(at)).await {
                        Either::Left(popped) => popped,
                        Either::Right(()) => continue,
                    }
                }
            };
            return popped.expect("because a consumer's queue is never closed");
        }
    }
}

impl Shared {
    /// Starts a fetch to every leader that has partitions of ours without one. Returns when to look
    /// again for partitions that wait before they are tried again.
    async fn start_fetches(self: Rc<Self>) -> Option<Mono> {
        let core = self.client.core().clone();
        let now = core.now();
        let mut idle = Vec::new();
        let mut again: Option<Mono> = None;
        for (place, state) in self.places.borrow().iter() {
            if state.under_way {
                continue;
            }
            if state.not_before > now {
                again = Some(again.map_or(state.not_before, |a| a.min(state.not_before)));
                continue;
            }
            idle.push((place.clone(), state.next));
        }
        let mut groups: BTreeMap<i32, Vec<Want>> = BTreeMap::new();
        for (place, offset) in idle {
            match self.client.leader_and_epoch(&place.topic, place.partition).await {
                Ok((leader, epoch)) => {
                    groups.entry(leader).or_default().push(Want { place, offset, epoch });
                }
                Err(error) => {
                    again = Some(core.now() + RETRY_PAUSE);
                    self.put_off(&place);
                    if !self.may_pass(&error) {
                        // A full queue means that the caller has errors enough to read.
                        let _ = self.answers.try_push(Err(error));
                    }
                }
            }
        }
        for (leader, wants) in groups {
            let mut places = self.places.borrow_mut();
            for want in &wants {
                if let Some(place) = places.get_mut(&want.place) {
                    place.under_way = true;
                }
            }
            drop(places);
            let shared = self.clone();
            let fetch = async move { shared.fetch(leader, wants).await };
            core.spawn(Class::Net, "client fetch", fetch);
        }
        again
    }

    /// Whether it is worth trying again: the error may pass, and has not been there for too long.
    fn may_pass(&self, error: &ClientError) -> bool {
        let since = self.client.core().now() - self.well.get();
        error.is_retriable() && since < self.options.patience
    }

    fn put_off(&self, place: &TopicPartition) {
        let now = self.client.core().now();
        if let Some(state) = self.places.borrow_mut().get_mut(place) {
            state.under_way = false;
            state.not_before = now + RETRY_PAUSE;
        }
    }

    async fn fetch(self: Rc<Self>, leader: i32, wants: Vec<Want>) {
        let answer = fetch_call::fetch(&self.client, leader, &self.options, &wants).await;
        let polled = match answer {
            Ok(parts) => self.settle(&wants, parts),
            Err(error) => {
                for want in &wants {
                    self.client.forget_topic(&want.place.topic);
                    self.put_off(&want.place);
                }
                if self.may_pass(&error) { Ok(Vec::new()) } else { Err(error) }
            }
        };
        // Waits if the caller is slow; its turn comes when answers are taken.
        let _ = self.answers.push(polled).await;
    }

    /// Moves the partitions on and keeps what the caller is to see.
    fn settle(&self, wants: &[Want], parts: Vec<Result<Fetched, ClientError>>) -> Polled {
        let mut seen = Vec::new();
        let mut failure = None;
        for (want, part) in wants.iter().zip(parts) {
            match part {
                Ok(mut fetched) => {
                    let mut places = self.places.borrow_mut();
                    let Some(state) = places.get_mut(&want.place) else { continue };
                    state.under_way = false;
                    // Assigned anew while the fetch was under way: what it brought is not asked
                    // for.
                    if state.next != want.offset {
                        continue;
                    }
                    if self.options.read_committed {
                        fetched.drop_aborted(&mut state.aborted);
                    }
                    state.next = fetched.next;
                    self.well.set(self.client.core().now());
                    seen.push(fetched);
                }
                Err(error) => {
                    self.client.forget_topic(&want.place.topic);
                    self.put_off(&want.place);
                    // Stored bytes do not mend while somebody waits for them.
                    let rotten = error.kind == ErrorKind::Refused(Code::CORRUPT_MESSAGE);
                    if rotten || !self.may_pass(&error) {
                        failure = failure.or(Some(error));
                    }
                }
            }
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(seen),
        }
    }
}
