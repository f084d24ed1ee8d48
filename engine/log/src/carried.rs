//! The batches of a carried tail: a remainder in the journal, or a tail in a checkpoint.
//!
//! Kept true: they follow each other without gaps, only the first may be cut, and one that is not
//! whole or not the one that is due ends the walk with what it contradicts.

use engine_base::{Epoch, Offset};
use engine_record::{BatchView, Rope};

use crate::entry::Cut;
use crate::log_state::Contradiction;

/// A batch of a carried tail: its place, its epoch if its header is there, its bytes from
/// `cut.skip` on.
type CarriedBatch<'a> = (Cut, Option<Epoch>, &'a [u8]);

/// The batches of a carried tail, whose first may be cut.
pub(crate) fn carried_batches<'a>(
    cut: &Cut,
    bytes: &'a [u8],
) -> impl Iterator<Item = Result<CarriedBatch<'a>, Contradiction>> {
    let mut rest = bytes;
    let mut next = cut.first;
    let mut head = (cut.skip > 0).then_some(*cut);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let found = match head.take() {
            Some(cut) => Ok((cut, None, (cut.length - cut.skip) as usize)),
            None => parse_carried(next, rest),
        };
        let (cut, epoch, length) = match found {
            Ok(found) => found,
            Err(why) => {
                rest = &[];
                return Some(Err(why));
            }
        };
        let Some((bytes, behind)) = rest.split_at_checked(length) else {
            rest = &[];
            return Some(Err(format!("a carried batch at {next} is cut short")));
        };
        rest = behind;
        next = cut.last + 1;
        Some(Ok((cut, epoch, bytes)))
    })
}

fn parse_carried(next: Offset, bytes: &[u8]) -> Result<(Cut, Option<Epoch>, usize), Contradiction> {
    let pieces = [bytes];
    let view = BatchView::parse(Rope::new(&pieces), 0).map_err(|why| why.to_string())?;
    let header = view.header();
    let length = header.total_bytes();
    if header.base_offset != next {
        return Err(format!("a carried batch {} where {next} was due", header.base_offset));
    }
    let cut = Cut {
        first: next,
        last: header.last_offset(),
        max_timestamp: header.max_timestamp,
        length: u32::try_from(length).expect("batches are below 4 GiB"),
        skip: 0,
    };
    Ok((cut, Some(header.leader_epoch), length))
}
