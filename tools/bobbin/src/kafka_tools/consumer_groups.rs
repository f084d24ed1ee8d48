//! `kafka-consumer-groups`: list, describe, delete, delete offsets; `reset` has the rest.

use net_client::{Client, GROUP_STATES, GroupMember, Groups};

use super::options::{Given, Only, Spec, Takes};
use super::{chosen, reset, said};
use crate::command::group::standing::{Row, Standing};
use crate::command::places;
use crate::command::with_chosen;
use crate::failure::{Exit, Failure};
use crate::output::{Out, note};

pub(super) const SPECS: &[Spec] = &[
    ("all-groups", Takes::Nothing, "all groups"),
    ("all-topics", Takes::Nothing, "reset: all topics of the group"),
    ("by-duration", Takes::Value, "reset: back by PnDTnHnMnS"),
    ("delete", Takes::Nothing, "delete groups"),
    ("delete-offsets", Takes::Nothing, "delete the offsets of topics"),
    ("describe", Takes::Nothing, "show groups"),
    ("dry-run", Takes::Nothing, "reset: only tell"),
    ("execute", Takes::Nothing, "reset: do it"),
    ("export", Takes::Nothing, "reset: print as CSV"),
    ("from-file", Takes::Value, "reset: to what a CSV file says"),
    ("group", Takes::Value, "the group; may be repeated"),
    ("list", Takes::Nothing, "list groups"),
    ("members", Takes::Nothing, "describe: members"),
    ("offsets", Takes::Nothing, "describe: offsets (the default)"),
    ("reset-offsets", Takes::Nothing, "move the offsets of a group without members"),
    ("shift-by", Takes::Value, "reset: by so many, forward or back"),
    ("state", Takes::Maybe, "describe: state; list: with states, or only some"),
    ("timeout", Takes::Value, "ms that an answer is waited for"),
    ("to-current", Takes::Nothing, "reset: to where it stands"),
    ("to-datetime", Takes::Value, "reset: to YYYY-MM-DDTHH:mm:SS.sss"),
    ("to-earliest", Takes::Nothing, "reset: to the start"),
    ("to-latest", Takes::Nothing, "reset: to the end"),
    ("to-offset", Takes::Value, "reset: to an offset"),
    ("topic", Takes::Value, "topic, or topic:0,1; may be repeated"),
    ("type", Takes::Maybe, "list: with protocols, or only some"),
    ("validate-regex", Takes::Value, "whether members may subscribe to a pattern; asks no broker"),
    ("verbose", Takes::Nothing, "describe: more columns"),
];

/// What goes with which action, as in the original.
const ONLY: &[Only] = &[
    ("group", &["describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"]),
    ("topic", &["reset-offsets", "delete-offsets"]),
    ("members", &["describe"]),
    ("offsets", &["describe"]),
    ("verbose", &["describe"]),
    ("state", &["describe", "list"]),
    ("type", &["list"]),
];
const NOT_BOTH: &[(&str, &str)] = &[
    ("group", "all-groups"),
    ("members", "offsets"),
    ("members", "state"),
    ("offsets", "state"),
    ("execute", "dry-run"),
];

/// What groups can be of, as `--type` takes it in small letters, too.
const KINDS: &[&str] = &["Consumer", "Classic"];

pub(super) fn run(given: &Given) -> Result<(), Failure> {
    let actions =
        ["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"];
    let action = given.action(&actions)?;
    if action == "validate-regex" {
        return validate(given.one(action).unwrap_or_default());
    }
    given.goes_with(action, ONLY).map_err(|failure| match action {
        "delete" if given.has("topic") => failure.next("--delete-offsets deletes those of topics"),
        _ => failure,
    })?;
    given.not_both(NOT_BOTH)?;
    let groups: Vec<String> = given.all("group").into_iter().map(String::from).collect();
    let all = given.has("all-groups");
    if action != "list" && groups.is_empty() && !all {
        let what = "must have one of the following: --all-groups, --group";
        return Err(Failure::usage(format!("Option [{action}] {what}")));
    }
    let mut chosen = chosen(given, &[], false)?;
    if let Some(ms) = given.number("timeout")? {
        chosen.client.request_timeout = std::time::Duration::from_millis(ms);
    }
    let topics: Vec<String> = given.all("topic").into_iter().map(String::from).collect();
    match action {
        "list" => {
            let list = List::of(given)?;
            with_chosen(chosen, |client, _| async move { list.print(&client).await })
        }
        "describe" => {
            if given.one("state").is_some() {
                let what = "Option [describe] does not take a value for [state]";
                return Err(Failure::usage(what));
            }
            let look = match (given.has("members"), given.has("state")) {
                (true, _) => Look::Members,
                (false, true) => Look::State,
                (false, false) => Look::Offsets,
            };
            let verbose = given.has("verbose");
            with_chosen(chosen, |client, _| async move {
                describe(&client, &pick(&client, groups, all).await?, look, verbose).await
            })
        }
        "delete" => with_chosen(chosen, |client, _| async move {
            delete(&client, &pick(&client, groups, all).await?).await
        }),
        "delete-offsets" => {
            if topics.is_empty() {
                let what = "Option [delete-offsets] takes the following option: --topic";
                return Err(Failure::usage(what));
            }
            with_chosen(chosen, |client, _| async move {
                let groups = pick(&client, groups, all).await?;
                let mut done = Ok(());
                for group in groups {
                    done = done.and(delete_offsets(&client, &group, &topics).await);
                }
                done
            })
        }
        _ => {
            let order = reset::Order::read(given, topics)?;
            with_chosen(chosen, |client, _| async move {
                let groups = pick(&client, groups, all).await?;
                reset::reset(&client, &groups, &order).await
            })
        }
    }
}

/// As the coordinator judges it, which reads RE2's syntax; 0 either way, as by Kafka's tool.
fn validate(pattern: &str) -> Result<(), Failure> {
    let told = match replication_shard::groups::check_pattern(pattern) {
        Ok(()) => "valid".to_owned(),
        Err(why) => format!("invalid: {why}"),
    };
    let mut out = Out::new();
    out.line(&format!("The regular expression `{pattern}` is {told}."))?;
    out.flush()
}

async fn pick(client: &Client, named: Vec<String>, all: bool) -> Result<Vec<String>, Failure> {
    if !all {
        return Ok(named);
    }
    let listed = Groups::new(client).list(&[], &[]).await?;
    let consumers = listed.into_iter().filter(|g| matches!(&g.protocol_type[..], "consumer" | ""));
    Ok(consumers.map(|g| g.id).collect())
}

struct List {
    states: Vec<String>,
    kinds: Vec<String>,
    with_state: bool,
    with_kind: bool,
}

impl List {
    fn of(given: &Given) -> Result<List, Failure> {
        let words = |name: &str, known: &[&str]| -> Result<Vec<String>, Failure> {
            let text = given.one(name).unwrap_or_default();
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            let word = |word: &str| {
                let found = known.iter().find(|known| known.eq_ignore_ascii_case(word));
                found.map(|known| known.to_string()).ok_or_else(|| {
                    let known = known.join(", ");
                    Failure::usage(format!("Invalid {name} list '{text}'. Valid are: {known}"))
                })
            };
            words.map(word).collect()
        };
        Ok(List {
            states: words("state", &GROUP_STATES)?,
            kinds: words("type", KINDS)?,
            with_state: given.has("state"),
            with_kind: given.has("type"),
        })
    }

    async fn print(&self, client: &Client) -> Result<(), Failure> {
        let mut groups = Groups::new(client).list(&self.states, &self.kinds).await?;
        groups.retain(|g| matches!(&g.protocol_type[..], "consumer" | ""));
        let mut out = Out::new();
        let longest = groups.iter().map(|g| g.id.chars().count()).max().unwrap_or(0);
        let width = longest.max(15) + 10;
        let row = |id: &str, kind: &str, state: &str| {
            let mut line = format!("{id:<width$}");
            if self.with_kind {
                line.push_str(&format!(" {kind:<20}"));
            }
            if self.with_state {
                line.push_str(&format!(" {state:<20}"));
            }
            line
        };
        let is_table = self.with_state || self.with_kind;
        if is_table {
            out.line(&row("GROUP", "TYPE", "STATE"))?;
        }
        for g in &groups {
            match is_table {
                true => out.line(&row(&g.id, &capital(&g.kind), &g.state))?,
                false => out.line(&g.id)?,
            }
        }
        out.flush()
    }
}

/// `classic` as the original prints it.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[derive(Clone, Copy)]
enum Look {
    Offsets,
    Members,
    State,
}

async fn describe(
    client: &Client,
    groups: &[String],
    look: Look,
    verbose: bool,
) -> Result<(), Failure> {
    let mut out = Out::new();
    for group in groups {
        let standing = Standing::without_ages(client, group).await.map_err(|failure| {
            let what = match failure.exit {
                Exit::NotFound => format!("Consumer group '{group}' does not exist."),
                _ => format!("Executing consumer group command failed due to {}", failure.what),
            };
            Failure { what: format!("Error: {what}"), ..failure }
        })?;
        let info = &standing.info;
        match info.state.as_str() {
            "Empty" => {
                out.flush()?;
                note(&format!("\nConsumer group '{group}' has no active members."));
            }
            "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
                out.flush()?;
                note(&format!("\nWarning: Consumer group '{group}' is rebalancing."));
            }
            _ => {}
        }
        match look {
            Look::Offsets => offsets(&mut out, &standing, verbose)?,
            Look::Members => members(&mut out, &standing, verbose)?,
            Look::State => state(&mut out, &standing, verbose)?,
        }
    }
    out.flush()
}

/// Columns of at least these widths, wider where a cell is.
fn table(out: &mut Out, widths: &[usize], rows: &[Vec<String>]) -> Result<(), Failure> {
    let mut widths = widths.to_vec();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            // The last column runs free.
            *width = if *width == 0 { 0 } else { (*width).max(cell.chars().count()) };
        }
    }
    out.line("")?;
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
        out.line(&line.join(" "))?;
    }
    Ok(())
}

fn words(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| cell.to_string()).collect()
}

fn offsets(out: &mut Out, standing: &Standing, verbose: bool) -> Result<(), Failure> {
    if standing.rows.is_empty() {
        return Ok(());
    }
    let info = &standing.info;
    let mut head = words(&["GROUP", "TOPIC", "PARTITION"]);
    let mut widths = vec![15, 15, 10];
    if verbose {
        head.push("LEADER-EPOCH".into());
        widths.push(15);
    }
    head.extend(words(&["CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST"]));
    head.push("CLIENT-ID".into());
    widths.extend([15, 15, 15, 15, 15, 0]);
    let number = |n: Option<i64>| n.map_or_else(|| "-".to_string(), |n| n.to_string());
    let row = |r: &Row| {
        let member = r.member.map(|i| &info.members[i]);
        let of = |word: fn(&GroupMember) -> &str| member.map_or("-", word).to_string();
        let mut cells = vec![info.id.clone(), r.place.topic.clone(), r.place.partition.to_string()];
        if verbose {
            cells.push(number(r.leader_epoch.map(i64::from)));
        }
        cells.extend([
            number(r.committed),
            number(r.bounds.map(|b| b.1)),
            number(r.committed.zip(r.bounds).map(|(at, (_, end))| end - at)),
            of(|m| &m.id),
            of(|m| &m.host),
            of(|m| &m.client_id),
        ]);
        cells
    };
    let mut rows = vec![head];
    rows.extend(standing.rows.iter().map(row));
    table(out, &widths, &rows)
}

fn members(out: &mut Out, standing: &Standing, verbose: bool) -> Result<(), Failure> {
    let info = &standing.info;
    let statics = info.members.iter().any(|m| m.instance.is_some());
    let mut head = words(&["GROUP", "CONSUMER-ID"]);
    let mut widths = vec![15, 15];
    if statics {
        head.push("GROUP-INSTANCE-ID".into());
        widths.push(17);
    }
    head.extend(words(&["HOST", "CLIENT-ID", "#PARTITIONS"]));
    widths.extend([15, 15, 15]);
    if verbose {
        let more = ["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"];
        head.extend(words(&more));
        widths.extend([15, 20, 15, 20]);
    }
    let mut rows = vec![head];
    for m in &info.members {
        let mut cells = vec![info.id.clone(), m.id.clone()];
        if statics {
            cells.push(m.instance.clone().unwrap_or_else(|| "-".into()));
        }
        let count = m.assigned.as_ref().map_or(0, Vec::len);
        cells.extend([m.host.clone(), m.client_id.clone(), count.to_string()]);
        if verbose {
            let epoch = |epoch: Option<i32>| epoch.map_or("-".to_string(), |e| e.to_string());
            let target_epoch = m.target.as_ref().and(info.epochs).map(|(_, assigned)| assigned);
            cells.extend([
                epoch(m.epoch),
                assignment(m.assigned.as_deref()),
                epoch(target_epoch),
                assignment(m.target.as_deref()),
            ]);
        }
        rows.push(cells);
    }
    table(out, &widths, &rows)
}

/// `orders:0,1;audit:3`.
fn assignment(places: Option<&[engine_base::TopicPartition]>) -> String {
    let mut topics: std::collections::BTreeMap<&str, Vec<String>> = Default::default();
    for place in places.unwrap_or_default() {
        topics.entry(&place.topic).or_default().push(place.partition.to_string());
    }
    let each = topics.iter().map(|(topic, numbers)| format!("{topic}:{}", numbers.join(",")));
    match each.collect::<Vec<String>>().join(";") {
        text if text.is_empty() => "-".into(),
        text => text,
    }
}

fn state(out: &mut Out, standing: &Standing, verbose: bool) -> Result<(), Failure> {
    let info = &standing.info;
    let at = &info.coordinator;
    let assignor = if info.assignor.is_empty() { "-" } else { &info.assignor };
    let mut cells = vec![
        info.id.clone(),
        format!("{}  ({})", at.address, at.node),
        assignor.to_string(),
        info.state.clone(),
    ];
    let mut head = words(&["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE"]);
    let mut widths = vec![15, 25, 20, 20];
    if verbose {
        head.extend(words(&["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"]));
        widths.extend([15, 25]);
        let epoch = |epoch: Option<i32>| epoch.map_or("-".to_string(), |e| e.to_string());
        cells.extend([epoch(info.epochs.map(|e| e.0)), epoch(info.epochs.map(|e| e.1))]);
    }
    head.push("#MEMBERS".into());
    widths.push(0);
    cells.push(info.members.len().to_string());
    table(out, &widths, &[head, cells])
}

async fn delete(client: &Client, groups: &[String]) -> Result<(), Failure> {
    let answers = Groups::new(client).delete(groups).await;
    let mut out = Out::new();
    let done: Vec<String> = groups
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| answer.is_ok())
        .map(|(group, _)| format!("'{group}'"))
        .collect();
    if done.len() == groups.len() {
        let names = done.join(", ");
        out.line(&format!("Deletion of requested consumer groups ({names}) was successful."))?;
        return out.flush();
    }
    out.line("\nError: Deletion of some consumer groups failed:")?;
    for (group, answer) in groups.iter().zip(&answers) {
        if let Err(error) = answer {
            let why = said(error);
            out.line(&format!("* Group '{group}' could not be deleted due to: {why}"))?;
        }
    }
    if !done.is_empty() {
        let names = done.join(", ");
        out.line(&format!("\nThese consumer groups were deleted successfully: {names}"))?;
    }
    out.flush()
}

async fn delete_offsets(client: &Client, group: &str, topics: &[String]) -> Result<(), Failure> {
    let places = places::named(client, topics).await?;
    let mut out = Out::new();
    let answers = match Groups::new(client).delete_offsets(group, &places).await {
        Ok(answers) => answers,
        Err(error) => {
            let what = format!("Error: Encountered some global error: {}", said(&error));
            return Err(Failure::failed(what));
        }
    };
    if answers.iter().all(Result::is_ok) {
        out.line(&format!("Request succeeded for deleting offsets from group {group}."))?;
    } else {
        out.line("Error: Encountered some partition-level error, see the follow-up details.")?;
    }
    out.line(&format!("\n{:<15} {:<10} {:<15}", "TOPIC", "PARTITION", "STATUS"))?;
    for (place, answer) in places.iter().zip(answers) {
        let status =
            answer.map_or_else(|e| format!("Error: {}", said(&e)), |()| "Successful".into());
        out.line(&format!("{:<15} {:<10} {status:<15}", place.topic, place.partition))?;
    }
    out.flush()
}
