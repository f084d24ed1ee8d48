//! Where to begin and where to stop reading, in kcat's and rpk's words.
//! Kept true: a text has one meaning or is refused.
//!
//! `start`, `end`, `12` (that offset), `-10` (ten before the end), `+10` (ten after the start),
//! `@TIME` (see `moment`); a range is `FROM:TO`, with TO exclusive: `start:end`, `10:20`,
//! `@-2h:-1h`, `:end`. kcat's `beginning`, `s@TIME`, `e@TIME` and Kafka's `earliest`, `latest` too.

use crate::moment::{self, Ms};

/// A place in a partition, before it is looked up there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The first record kept.
    Start,
    /// Behind the last record that may be read.
    End,
    /// That offset.
    Exact(i64),
    /// So many after the start.
    AfterStart(i64),
    /// So many before the end.
    BeforeEnd(i64),
    /// The first record with this timestamp or a later one.
    Time(Ms),
}

/// What part of a partition to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first offset.
    pub(crate) from: Place,
    /// One past the last offset; none: go on for ever.
    pub(crate) to: Option<Place>,
}

/// Reads a place or a range; the error says what would have been understood.
pub(crate) fn parse(text: &str, now: Ms) -> Result<Span, String> {
    if let Some(place) = place(text, now) {
        return Ok(Span { from: place, to: None });
    }
    if let Some(time) = text.strip_prefix("e@").and_then(|t| moment::parse(t, now)) {
        return Ok(Span { from: Place::Start, to: Some(Place::Time(time)) });
    }
    // A time may itself contain colons: take the last split that both sides understand.
    for (at, _) in text.match_indices(':').rev() {
        let (from, to) = (&text[..at], &text[at + 1..]);
        let begin = if from.is_empty() { Some(Place::Start) } else { place(from, now) };
        let end = if from.starts_with('@') && !to.starts_with('@') && to != "end" {
            moment::parse(to, now).map(Place::Time)
        } else {
            place(to, now)
        };
        match (begin, end) {
            (Some(from), Some(end)) => return Ok(Span { from, to: Some(end) }),
            (Some(from), None) if to.is_empty() => return Ok(Span { from, to: None }),
            _ => {}
        }
    }
    Err(format!(
        "\"{text}\" is no offset: give start, end, a number, -N before the end, +N after the \
         start, @TIME (@-1h, @2026-03-01T12:00:00Z), or FROM:TO"
    ))
}

/// Reads one place.
pub(crate) fn place(text: &str, now: Ms) -> Option<Place> {
    match text {
        "start" | "beginning" | "earliest" => return Some(Place::Start),
        "end" | "latest" => return Some(Place::End),
        _ => {}
    }
    if let Some(time) = text.strip_prefix('@').or_else(|| text.strip_prefix("s@")) {
        return moment::parse(time, now).map(Place::Time);
    }
    let count = |digits: &str| -> Option<i64> {
        if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    match text.as_bytes().first()? {
        b'-' => count(&text[1..]).map(Place::BeforeEnd),
        b'+' => count(&text[1..]).map(Place::AfterStart),
        _ => count(text).map(Place::Exact),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Ms = 1_772_368_200_000;

    #[test]
    fn every_form_has_one_meaning() {
        let from = |from| Some(Span { from, to: None });
        let range = |from, to| Some(Span { from, to: Some(to) });
        let hours_ago = |h: i64| Place::Time(NOW - h * 3_600_000);
        let cases = [
            ("start", from(Place::Start)),
            ("beginning", from(Place::Start)),
            ("end", from(Place::End)),
            ("0", from(Place::Exact(0))),
            ("12", from(Place::Exact(12))),
            ("-10", from(Place::BeforeEnd(10))),
            ("+10", from(Place::AfterStart(10))),
            ("@-1h", from(hours_ago(1))),
            ("s@1772368200000", from(hours_ago(0))),
            ("e@1772368200000", range(Place::Start, hours_ago(0))),
            ("@2026-03-01T12:30:00Z", from(hours_ago(0))),
            (":end", range(Place::Start, Place::End)),
            ("start:end", range(Place::Start, Place::End)),
            ("10:20", range(Place::Exact(10), Place::Exact(20))),
            ("10:", from(Place::Exact(10))),
            ("@-2h:-1h", range(hours_ago(2), hours_ago(1))),
            ("@-2h:end", range(hours_ago(2), Place::End)),
            ("@2026-03-01T11:30:00Z:2026-03-01T12:30:00Z", range(hours_ago(1), hours_ago(0))),
            ("@2026-03-01T11:30:00Z:", from(hours_ago(1))),
            ("strat", None),
            ("", None),
            ("-", None),
            ("--1", None),
            ("1.5", None),
            ("@", None),
            ("@soon", None),
            ("10:soon", None),
            ("99999999999999999999", None),
        ];
        for (text, expect) in cases {
            assert_eq!(parse(text, NOW).ok(), expect, "{text}");
        }
    }
}
