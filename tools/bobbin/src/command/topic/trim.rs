//! `bobbin topic trim`: deletes the records before a place. Kept true: the place is looked up in
//! each partition first, so what `--dry-run` tells is what would go; an offset that a partition has
//! not come to yet is refused before anything goes, because it is more likely a slip than a wish.

use net_client::{Admin, Client};
use serde_json::json;

use crate::command::first_of;
use crate::command::places::{Located, locate_all, partitions_of};
use crate::failure::Failure;
use crate::listing::Listing;
use crate::offsets::{self, Place};
use crate::output::Shape;

pub(super) struct Order {
    pub(super) topic: String,
    pub(super) before: String,
    pub(super) partitions: Vec<i32>,
    pub(super) dry_run: bool,
}

pub(super) async fn trim(client: &Client, order: &Order, shape: Shape) -> Result<(), Failure> {
    let now = client.core().wall().0;
    let place = offsets::place(&order.before, now).ok_or_else(|| {
        Failure::usage(format!("--before {}: it is no place in a partition", order.before))
            .next("give N, -N (the last N stay), end or @TIME, as in --before @-7d")
    })?;
    let partitions = partitions_of(client, &order.topic, &order.partitions).await?;
    let located = locate_all(client, &partitions, place, false).await?;
    if let Place::Exact(at) = place
        && let Some(short) = located.iter().find(|found| at > found.end)
    {
        let (index, end) = (short.place.partition, short.end);
        let what = format!("partition {index} ends at {end}: it has no records up to {at}");
        return Err(Failure::failed(what)
            .next("name partitions with -p, or say --before end to delete all there is"));
    }
    let admin = Admin::new(client);
    let mut listing = Listing::new(&["PARTITION", "START", "NEW START", "DELETED", "STATUS"]);
    let mut failures = Vec::new();
    for Located { place, start, offset, .. } in located {
        let (after, status) = if offset <= start {
            (start, "nothing to do")
        } else if order.dry_run {
            (offset, "would be done")
        } else {
            match admin.delete_records(&place, offset).await {
                Ok(after) => (after, "done"),
                Err(error) => {
                    failures.push(error.into());
                    continue;
                }
            }
        };
        let cells = vec![
            place.partition.to_string(),
            start.to_string(),
            after.to_string(),
            (after - start).to_string(),
            status.to_string(),
        ];
        let value = json!({
            "topic": place.topic, "partition": place.partition, "start": start,
            "new_start": after, "deleted": after - start, "status": status,
        });
        listing.push(cells, value);
    }
    listing.print(shape)?;
    first_of(failures)
}
