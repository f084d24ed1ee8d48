//! `bobbin topic alter` and `bobbin topic add-partitions`: configs and partitions of topics that
//! are there. Kept true: each topic has its own outcome, and one that fails hides none of the rest.

use net_client::{Admin, Client, ConfigChange, ConfigOf};
use serde_json::json;

use crate::command::first_of;
use crate::failure::Failure;
use crate::listing::Listing;
use crate::output::Shape;

pub(super) async fn alter(
    client: &Client,
    topics: &[String],
    changes: &crate::command::config::Changes,
    shape: Shape,
) -> Result<(), Failure> {
    let admin = Admin::new(client);
    let mut listing = Listing::new(&["TOPIC", "CONFIG", "CHANGE", "VALUE", "STATUS"]);
    let status = if changes.dry_run { "could be done" } else { "done" };
    let mut failures = Vec::new();
    for topic in topics {
        let done =
            admin.alter_configs(ConfigOf::Topic, topic, &changes.list, changes.dry_run).await;
        if let Err(error) = done {
            failures.push(error.into());
            continue;
        }
        for (name, change) in &changes.list {
            let (word, value) = in_words(change);
            let cells = vec![
                topic.clone(),
                name.clone(),
                word.to_string(),
                value.unwrap_or("-").to_string(),
                status.to_string(),
            ];
            let value = json!({
                "topic": topic, "config": name, "change": word, "value": value, "status": status,
            });
            listing.push(cells, value);
        }
    }
    listing.print(shape)?;
    first_of(failures)
}

/// What a change does, and the value it does it with.
pub(crate) fn in_words(change: &ConfigChange) -> (&'static str, Option<&str>) {
    match change {
        ConfigChange::Set(value) => ("set", Some(value)),
        ConfigChange::Delete => ("delete", None),
        ConfigChange::Append(value) => ("append", Some(value)),
        ConfigChange::Subtract(value) => ("subtract", Some(value)),
    }
}

/// How many partitions are wanted: so many more, or so many altogether.
pub(super) struct Wish {
    pub(super) more: Option<i32>,
    pub(super) total: Option<i32>,
    pub(super) dry_run: bool,
}

pub(super) async fn add_partitions(
    client: &Client,
    topics: &[String],
    wish: Wish,
    shape: Shape,
) -> Result<(), Failure> {
    if let Some(more) = wish.more.filter(|more| *more < 1) {
        return Err(Failure::usage(format!("--num {more}: it is at least 1")));
    }
    let admin = Admin::new(client);
    let mut failures = Vec::new();
    let mut wanted = Vec::new();
    let mut before = Vec::new();
    for (topic, found) in topics.iter().zip(admin.describe_topics(topics).await?) {
        match found {
            Ok(found) => {
                let now = i32::try_from(found.partitions.len()).unwrap_or(i32::MAX);
                let total = wish.total.unwrap_or(now.saturating_add(wish.more.unwrap_or(0)));
                wanted.push((topic.clone(), total));
                before.push(now);
            }
            Err(error) => failures.push(error.into()),
        }
    }
    let mut listing = Listing::new(&["TOPIC", "BEFORE", "PARTITIONS", "STATUS"]);
    let status = if wish.dry_run { "could be done" } else { "done" };
    let answers = match wanted.is_empty() {
        true => Vec::new(),
        false => admin.create_partitions(&wanted, wish.dry_run).await?,
    };
    for (((topic, total), now), answer) in wanted.iter().zip(before).zip(answers) {
        if let Err(error) = answer {
            failures.push(error.into());
            continue;
        }
        let cells = vec![topic.clone(), now.to_string(), total.to_string(), status.to_string()];
        let value = json!({ "topic": topic, "before": now, "partitions": total, "status": status });
        listing.push(cells, value);
    }
    listing.print(shape)?;
    first_of(failures)
}
