//! The answer to a produce, on its way. A slot in a slab instead of an allocation per command.
//!
//! Kept true: every command that was handed in is answered exactly once; dropping the future gives
//! up the answer, never the batch. A slot is used again only when both sides are done with it.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use engine_base::Refusal;

use crate::command::ProduceAnswer;

type Outcome = Result<ProduceAnswer, Refusal>;

/// Names a slot while its answer is due. Given back by [`Answers::send`], so it cannot be used
/// twice.
#[derive(Debug)]
pub(crate) struct AnswerSlot(u32);

enum Slot {
    Free,
    /// Nobody has answered yet.
    Due(Option<Waker>),
    /// Nobody waits any more.
    GivenUp,
    /// Answered, not yet taken.
    Sent(Outcome),
}

#[derive(Default)]
struct Slab {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

/// The answers that one shard owes.
#[derive(Clone, Default)]
pub(crate) struct Answers(Rc<RefCell<Slab>>);

impl Answers {
    /// A slot for an answer, and the future of it.
    pub(crate) fn expect(&self) -> (AnswerSlot, Produced) {
        let mut slab = self.0.borrow_mut();
        let slot = slab.free.pop().unwrap_or_else(|| {
            slab.slots.push(Slot::Free);
            u32::try_from(slab.slots.len() - 1).expect("because memory bounds their number")
        });
        let place = &mut slab.slots[slot as usize];
        assert!(matches!(place, Slot::Free), "a slot is given out when it is free");
        *place = Slot::Due(None);
        (AnswerSlot(slot), Produced { answers: self.clone(), slot: Some(slot) })
    }

    /// Sends an answer.
    pub(crate) fn send(&self, slot: AnswerSlot, outcome: Outcome) {
        let mut slab = self.0.borrow_mut();
        let place = &mut slab.slots[slot.0 as usize];
        match std::mem::replace(place, Slot::Free) {
            Slot::Due(waker) => {
                *place = Slot::Sent(outcome);
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
            Slot::GivenUp => slab.free.push(slot.0),
            Slot::Free | Slot::Sent(_) => unreachable!("an answer is sent once"),
        }
    }

    /// How many answers are due or not yet taken.
    #[cfg(test)]
    pub(crate) fn open(&self) -> usize {
        let slab = self.0.borrow();
        slab.slots.len() - slab.free.len()
    }
}

/// Resolves when the batch is acknowledged as its `acks` and its topic's durability class say.
#[must_use = "the batch is written anyway, but its fate is lost"]
pub struct Produced {
    answers: Answers,
    slot: Option<u32>,
}

impl Future for Produced {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let slot = self.slot.expect("because nobody asks again after the answer");
        let answers = self.answers.clone();
        let mut slab = answers.0.borrow_mut();
        let place = &mut slab.slots[slot as usize];
        match place {
            Slot::Due(Some(known)) if known.will_wake(context.waker()) => Poll::Pending,
            Slot::Due(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            Slot::Sent(_) => {
                let Slot::Sent(outcome) = std::mem::replace(place, Slot::Free) else {
                    unreachable!("because it was just seen");
                };
                slab.free.push(slot);
                self.slot = None;
                Poll::Ready(outcome)
            }
            Slot::Free | Slot::GivenUp => {
                unreachable!("the slot is ours until the answer is taken")
            }
        }
    }
}

impl Drop for Produced {
    fn drop(&mut self) {
        let Some(slot) = self.slot else { return };
        let mut slab = self.answers.0.borrow_mut();
        let place = &mut slab.slots[slot as usize];
        match place {
            Slot::Due(_) => *place = Slot::GivenUp,
            Slot::Sent(_) => {
                *place = Slot::Free;
                slab.free.push(slot);
            }
            Slot::Free | Slot::GivenUp => {
                unreachable!("the slot is ours until the answer is taken")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: ProduceAnswer =
        ProduceAnswer { base_offset: 3, log_append_time: -1, log_start: 0 };

    fn poll(produced: &mut Produced) -> Poll<Outcome> {
        Pin::new(produced).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn an_answer_is_taken_once_and_its_slot_used_again() {
        let answers = Answers::default();
        let (slot, mut produced) = answers.expect();
        assert!(poll(&mut produced).is_pending());
        answers.send(slot, Ok(ANSWER));
        assert_eq!(poll(&mut produced), Poll::Ready(Ok(ANSWER)));
        drop(produced);
        assert_eq!(answers.open(), 0);
        let (slot, early) = answers.expect();
        let (other, mut kept) = answers.expect();
        drop(early);
        assert_eq!(answers.open(), 2, "the answer is still due");
        answers.send(slot, Ok(ANSWER));
        answers.send(other, Err(Refusal::Stopping));
        assert_eq!(answers.open(), 1);
        assert_eq!(poll(&mut kept), Poll::Ready(Err(Refusal::Stopping)));
        assert_eq!(answers.open(), 0);
        let (slot, unread) = answers.expect();
        answers.send(slot, Ok(ANSWER));
        drop(unread);
        assert_eq!(answers.open(), 0);
        assert_eq!(answers.0.borrow().slots.len(), 2, "slots are used again");
    }
}
