//! Doing many things of one request at once, so that their flushes are one.
//!
//! Kept true: they begin in their order and are answered in it; so many are under way and no more.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// How many are under way at once: each has its future and perhaps a timer.
const AT_ONCE: usize = 500;

struct Work<F: Future> {
    work: Pin<Box<F>>,
    done: Option<F::Output>,
}

/// Does everything; gives the results in the same order.
pub(crate) async fn together<F: Future>(works: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let (mut works, mut all) = (works.into_iter(), Vec::new());
    loop {
        let begin = |work| Work { work: Box::pin(work), done: None };
        let mut begun: Vec<Work<F>> = works.by_ref().take(AT_ONCE).map(begin).collect();
        if begun.is_empty() {
            return all;
        }
        poll_fn(|context| {
            let mut is_done = true;
            for Work { work, done } in begun.iter_mut().filter(|work| work.done.is_none()) {
                match work.as_mut().poll(context) {
                    Poll::Ready(value) => *done = Some(value),
                    Poll::Pending => is_done = false,
                }
            }
            if is_done { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        all.extend(begun.into_iter().map(|work| work.done.expect("because all of them are done")));
    }
}
