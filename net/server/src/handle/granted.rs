//! What a request as a whole was granted: the memory of its answer, and that of its large frame.
//!
//! Kept true: whoever waits for as long as its client likes gives both back before, so that nobody
//! else waits for that client; the answer's memory is granted again before the answer is made.

use std::cell::RefCell;

use crate::budget::{Budget, Grant};

/// The grants of one request, shared by its handler and by who sends its answer.
pub(crate) struct Granted {
    answers: Budget,
    /// Its frame, where that is a large one.
    frame: RefCell<Option<Grant>>,
    answer: RefCell<Option<Grant>>,
}

impl Granted {
    /// A request whose frame was granted this.
    pub(crate) fn new(answers: &Budget, frame: Option<Grant>) -> Granted {
        let (frame, answer) = (RefCell::new(frame), RefCell::new(None));
        Granted { answers: answers.clone(), frame, answer }
    }

    /// Waits for the memory of the answer, in bytes; whatever was granted for it before is given
    /// back first. Who holds bytes of another budget must not wait here.
    pub(crate) async fn take(&self, bytes: usize) {
        self.answer.take();
        let grant = self.answers.take(bytes).await;
        self.answer.replace(Some(grant));
    }

    /// Gives everything back: the client decides when this request goes on.
    pub(crate) fn rest(&self) {
        self.answer.take();
        self.frame.take();
    }

    /// What the answer was granted, for who keeps it until it is sent.
    pub(crate) fn end(&self) -> Option<Grant> {
        self.answer.take()
    }
}
