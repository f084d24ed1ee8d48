//! How far long work is, on a terminal: a bar where the end is known, else a count.
//! Kept true: nothing is drawn where nobody looks: only if stderr is a terminal and stdout is none,
//! so that it never stands between what is printed.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar, or nothing.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Counts records, of so many if that is known.
    pub(crate) fn of_records(all: Option<u64>) -> Progress {
        Progress::new(all, "{human_pos} of {human_len} records", "{human_pos} records", stdout())
    }

    /// Counts bytes of input, of so many if that is known.
    pub(crate) fn of_bytes(all: Option<u64>, wanted: bool) -> Progress {
        let hidden = !wanted;
        Progress::new(all, "{binary_bytes} of {binary_total_bytes}", "{binary_bytes}", hidden)
    }

    fn new(all: Option<u64>, known: &str, unknown: &str, hidden: bool) -> Progress {
        let target = match !hidden && std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr_with_hz(4),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(all, target);
        let template = match all {
            Some(_) => format!("[{{bar:30}}] {known}, {{eta}} left"),
            None => format!("{unknown}, {{elapsed}}"),
        };
        let style = ProgressStyle::with_template(&template);
        bar.set_style(
            style.expect("because the templates are ours and tested").progress_chars("=> "),
        );
        Progress(bar)
    }

    /// So far.
    pub(crate) fn at(&mut self, position: u64) {
        self.0.set_position(position);
    }

    /// The work is over: the bar goes.
    pub(crate) fn done(self) {
        self.0.finish_and_clear();
    }
}

/// Whether records go to a terminal, where a bar would stand between them.
fn stdout() -> bool {
    std::io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_understood_and_nothing_is_drawn_without_a_terminal() {
        for all in [None, Some(10)] {
            for mut progress in [Progress::of_records(all), Progress::of_bytes(all, true)] {
                progress.at(5);
                assert!(std::io::stderr().is_terminal() || progress.0.is_hidden());
                progress.done();
            }
        }
    }
}
