//! The producer ids that this node gives out, from blocks that the cluster reserved for it.
//!
//! Kept true: an id leaves only out of a block whose reservation is committed, and once; what a
//! node did not give out of its block is forgotten with it, never given out again.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use engine_base::Refusal;
use engine_rt::sync::Notify;
use engine_rt::{Class, Core};
use replication_control::{Answer, Command};

use crate::metadata::Metadata;

/// A handle to the ids. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ProducerIds(Rc<Inner>);

struct Inner {
    core: Core,
    metadata: Metadata,
    /// What is left of the block.
    block: RefCell<Range<i64>>,
    /// A reservation is on its way: whoever finds the block empty waits for it.
    reserving: Cell<bool>,
    /// How the last one ended.
    refused: RefCell<Option<Refusal>>,
    reserved: Notify,
}

impl ProducerIds {
    /// No block yet.
    pub(crate) fn new(core: &Core, metadata: &Metadata) -> ProducerIds {
        ProducerIds(Rc::new(Inner {
            core: core.clone(),
            metadata: metadata.clone(),
            block: RefCell::new(0..0),
            reserving: Cell::new(false),
            refused: RefCell::new(None),
            reserved: Notify::new(),
        }))
    }

    /// An id that nobody was given before.
    pub(crate) async fn next(&self) -> Result<i64, Refusal> {
        loop {
            if let Some(id) = self.0.block.borrow_mut().next() {
                return Ok(id);
            }
            let reserved = self.0.reserved.notified();
            if !self.0.reserving.replace(true) {
                // A task of its own: whoever asked may go away, those behind still wait for it.
                let ids = self.clone();
                let reserve = async move { ids.reserve().await };
                self.0.core.spawn(Class::Control, "producer ids", reserve);
            }
            reserved.await;
            if let Some(why) = &*self.0.refused.borrow() {
                return Err(why.clone());
            }
        }
    }

    async fn reserve(&self) {
        let refused = match self.0.metadata.ask(Command::ReserveProducerIds).await {
            Ok(Answer::ProducerIds(block)) => {
                assert!(self.0.block.borrow().is_empty(), "one reservation at a time");
                *self.0.block.borrow_mut() = block;
                None
            }
            Ok(other) => unreachable!("a reservation is not answered with {other:?}"),
            Err(why) => Some(why),
        };
        *self.0.refused.borrow_mut() = refused;
        self.0.reserving.set(false);
        self.0.reserved.notify_all();
    }
}
