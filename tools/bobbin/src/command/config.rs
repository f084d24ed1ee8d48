//! `bobbin config`: configs of topics, brokers and groups, seen and changed. Kept true: the changes
//! of one command are done together or not at all.

use net_client::Config;
use net_client::{Admin, Client, ConfigChange, ConfigOf};
use serde_json::{Value, json};

use super::topic::change_in_words;
use super::with_client;
use crate::cli::{ChangeArgs, ConfigCommand, Kind};
use crate::failure::{Exit, Failure};
use crate::listing::{Listing, or_dash};
use crate::output::Shape;

/// The name on the command line of what holds for all brokers.
const ALL_BROKERS: &str = "default";

/// Where values come from, in DescribeConfigs' numbers.
const SOURCES: [(i8, &str); 8] = [
    (1, "topic"),
    (2, "broker"),
    (3, "cluster"),
    (4, "static"),
    (5, "default"),
    (6, "logger"),
    (7, "client-metrics"),
    (8, "group"),
];

/// Changes as the command line asks for them.
pub(crate) struct Changes {
    /// In their order.
    pub(crate) list: Vec<(String, ConfigChange)>,
    /// Whether only to ask.
    pub(crate) dry_run: bool,
}

/// Runs the command.
pub(crate) fn run(command: ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Get { kind, name, configs, all, shape, broker } => {
            with_client(&broker, |client, _| async move {
                get(&client, kind, &name, &configs, all, shape.output).await
            })
        }
        ConfigCommand::Set { kind, name, values, changes, shape, broker } => {
            let changes = self::changes(&changes, &values)?;
            with_client(&broker, |client, _| async move {
                set(&client, kind, &name, &changes, shape.output).await
            })
        }
    }
}

/// Understands changes; `values` are more to set. There must be one at least, and one of a kind.
pub(crate) fn changes(args: &ChangeArgs, values: &[String]) -> Result<Changes, Failure> {
    let pair = |text: &String| match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_string(), value.trim().to_string()))
        }
        _ => Err(Failure::usage(format!("{text}: it needs a name and a value"))
            .next("write CONFIG=VALUE, as in retention.ms=86400000")),
    };
    let mut list = Vec::new();
    for text in values.iter().chain(&args.config) {
        let (name, value) = pair(text)?;
        list.push((name, ConfigChange::Set(value)));
    }
    list.extend(args.delete.iter().map(|name| (name.clone(), ConfigChange::Delete)));
    for text in &args.append {
        let (name, value) = pair(text)?;
        list.push((name, ConfigChange::Append(value)));
    }
    for text in &args.subtract {
        let (name, value) = pair(text)?;
        list.push((name, ConfigChange::Subtract(value)));
    }
    if list.is_empty() {
        return Err(Failure::usage("nothing is to be changed")
            .next("give CONFIG=VALUE, --delete CONFIG, --append or --subtract CONFIG=VALUE"));
    }
    for (i, (name, _)) in list.iter().enumerate() {
        if list[..i].iter().any(|(known, _)| known == name) {
            return Err(Failure::usage(format!("{name} is to be changed twice")));
        }
    }
    Ok(Changes { list, dry_run: args.dry_run })
}

/// The resource that is meant.
fn resource(kind: Kind, name: &str) -> Result<(ConfigOf, String), Failure> {
    match kind {
        Kind::Topic => Ok((ConfigOf::Topic, name.to_string())),
        Kind::Group => Ok((ConfigOf::Group, name.to_string())),
        Kind::Broker if name == ALL_BROKERS => Ok((ConfigOf::Node, String::new())),
        Kind::Broker if name.parse::<i32>().is_ok() => Ok((ConfigOf::Node, name.to_string())),
        Kind::Broker => Err(Failure::usage(format!("broker {name}: it is no broker id"))
            .next("give a number (bobbin cluster info shows them), or default for all brokers")),
    }
}

fn source_name(source: i8) -> String {
    let known = SOURCES.iter().find(|(number, _)| *number == source);
    known.map_or_else(|| source.to_string(), |(_, name)| name.to_string())
}

async fn get(
    client: &Client,
    kind: Kind,
    name: &str,
    only: &[String],
    all: bool,
    shape: Shape,
) -> Result<(), Failure> {
    let (of, resource) = resource(kind, name)?;
    let mut configs = Admin::new(client).describe_configs(of, &resource).await?;
    configs.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(missing) = only.iter().find(|key| !configs.iter().any(|c| c.name == **key)) {
        return Err(Failure::new(Exit::NotFound, format!("{name} has no config {missing}"))
            .next("-a shows every config that it has"));
    }
    // What was set: on the topic or group itself; on a broker also by its start.
    let was_set = |c: &Config| match of {
        ConfigOf::Topic => c.source == 1,
        ConfigOf::Group => c.source == 8,
        ConfigOf::ClientMetrics => c.source == 7,
        ConfigOf::Node => matches!(c.source, 2..=4),
    };
    let asked = |c: &Config| match only.is_empty() {
        true => all || was_set(c),
        false => only.contains(&c.name),
    };
    let mut listing = Listing::new(&["CONFIG", "VALUE", "SOURCE"]).wide(&["READ ONLY", "COULD BE"]);
    for c in configs.iter().filter(|c| asked(c)) {
        let value = match c.sensitive {
            true => "(secret)".to_string(),
            false => or_dash(c.value.as_deref()),
        };
        let synonyms: Vec<String> = c
            .synonyms
            .iter()
            .map(|(name, value, source)| {
                let value = value.as_deref().unwrap_or("null");
                format!("{}:{name}={value}", source_name(*source))
            })
            .collect();
        let source = source_name(c.source);
        let cells = vec![
            c.name.clone(),
            value,
            source.clone(),
            c.read_only.to_string(),
            or_dash(Some(&synonyms.join(" "))),
        ];
        let synonyms: Vec<Value> = c
            .synonyms
            .iter()
            .map(|(name, value, source)| {
                json!({ "config": name, "value": value, "source": source_name(*source) })
            })
            .collect();
        let value = json!({
            "config": c.name, "value": c.value, "source": source, "read_only": c.read_only,
            "secret": c.sensitive, "synonyms": synonyms,
        });
        listing.push(cells, value);
    }
    listing.print(shape)
}

async fn set(
    client: &Client,
    kind: Kind,
    name: &str,
    changes: &Changes,
    shape: Shape,
) -> Result<(), Failure> {
    let (of, resource) = resource(kind, name)?;
    Admin::new(client).alter_configs(of, &resource, &changes.list, changes.dry_run).await?;
    let status = if changes.dry_run { "could be done" } else { "done" };
    let mut listing = Listing::new(&["CONFIG", "CHANGE", "VALUE", "STATUS"]);
    for (config, change) in &changes.list {
        let (word, value) = change_in_words(change);
        let cells = vec![
            config.clone(),
            word.to_string(),
            value.unwrap_or("-").to_string(),
            status.to_string(),
        ];
        let value = json!({ "config": config, "change": word, "value": value, "status": status });
        listing.push(cells, value);
    }
    listing.print(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_understood_or_refused() {
        let args = ChangeArgs {
            config: vec!["a=1=2".into()],
            delete: vec!["b".into()],
            append: vec!["c=x".into()],
            ..ChangeArgs::default()
        };
        let understood = changes(&args, &["d=".into()]).expect("changes").list;
        let expect = [
            ("d".to_string(), ConfigChange::Set(String::new())),
            ("a".to_string(), ConfigChange::Set("1=2".into())),
            ("b".to_string(), ConfigChange::Delete),
            ("c".to_string(), ConfigChange::Append("x".into())),
        ];
        assert_eq!(understood, expect);
        assert!(changes(&ChangeArgs::default(), &[]).is_err(), "nothing to do");
        assert!(changes(&args, &["b=1".into()]).is_err(), "twice");
        assert!(changes(&ChangeArgs::default(), &["=1".into()]).is_err());
    }

    #[test]
    fn brokers_are_numbers_or_all() {
        let of = |name: &str| resource(Kind::Broker, name).ok();
        assert_eq!(of("3"), Some((ConfigOf::Node, "3".into())));
        assert_eq!(of("default"), Some((ConfigOf::Node, String::new())));
        assert_eq!(of("three"), None);
    }
}
