//! Options as Kafka's tools take them: `--name`, `--name value`, `--name=value`, and a name cut
//! short where only one begins so. Kept true: what a tool does not know is refused by its name, and
//! so is what would have no effect beside the others.

use std::collections::BTreeMap;

use crate::failure::Failure;

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// None.
    Nothing,
    /// One.
    Value,
    /// One, or none.
    Maybe,
}

/// An option: name, value, what it is for.
pub(crate) type Spec = (&'static str, Takes, &'static str);

/// An option, and the actions that it goes with.
pub(crate) type Only = (&'static str, &'static [&'static str]);

/// The options that were given.
#[derive(Debug, Default)]
pub(crate) struct Given {
    by_name: BTreeMap<&'static str, Vec<Option<String>>>,
    in_order: Vec<(&'static str, Option<String>)>,
}

impl Given {
    /// Understands a tool's arguments.
    pub(crate) fn read(specs: &[Spec], arguments: &[String]) -> Result<Given, Failure> {
        let mut given = Given::default();
        let mut arguments = arguments.iter().peekable();
        while let Some(argument) = arguments.next() {
            let Some(text) = argument.strip_prefix("--") else {
                return Err(Failure::usage(format!("{argument} is not a recognized option")));
            };
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (text, None),
            };
            let (name, takes, _) = find(specs, name)?;
            let next_is_value = arguments.peek().is_some_and(|next| !next.starts_with("--"));
            let value = match (takes, value) {
                (Takes::Nothing, None) => None,
                (Takes::Nothing, Some(_)) => {
                    return Err(Failure::usage(format!("Option {name} takes no argument")));
                }
                (Takes::Value | Takes::Maybe, Some(value)) => Some(value),
                (Takes::Value, None) => match arguments.next() {
                    Some(value) => Some(value.clone()),
                    None => {
                        return Err(Failure::usage(format!("Option {name} requires an argument")));
                    }
                },
                (Takes::Maybe, None) if next_is_value => arguments.next().cloned(),
                (Takes::Maybe, None) => None,
            };
            given.in_order.push((name, value.clone()));
            given.by_name.entry(name).or_default().push(value);
        }
        Ok(given)
    }

    /// Every option with its value, as they were given.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &(&'static str, Option<String>)> {
        self.in_order.iter()
    }

    /// Whether it was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Its value, the last one if it was given more than once.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.by_name.get(name)?.last()?.as_deref()
    }

    /// All its values.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.by_name.get(name).into_iter().flatten().filter_map(Option::as_deref).collect()
    }

    /// Its value, which must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Failure> {
        let missing = || Failure::usage(format!("Missing required argument \"[{name}]\""));
        self.one(name).ok_or_else(missing)
    }

    /// Its value as a number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        let read = |text: &str| {
            text.parse().map_err(|_| {
                Failure::usage(format!("Cannot parse argument '{text}' of option {name}"))
            })
        };
        self.one(name).map(read).transpose()
    }

    /// The one of these actions that was given.
    pub(crate) fn action(&self, actions: &[&'static str]) -> Result<&'static str, Failure> {
        let given: Vec<&'static str> =
            actions.iter().copied().filter(|action| self.has(action)).collect();
        match given[..] {
            [action] => Ok(action),
            _ => {
                let names: Vec<String> = actions.iter().map(|a| format!("--{a}")).collect();
                let what = "Command must include exactly one action";
                Err(Failure::usage(format!("{what}: {}", names.join(", "))))
            }
        }
    }

    /// Refuses what does not go with the action.
    pub(crate) fn goes_with(&self, action: &str, rules: &[Only]) -> Result<(), Failure> {
        let wrong = rules.iter().find(|(name, with)| self.has(name) && !with.contains(&action));
        wrong.map_or(Ok(()), |(name, _)| Err(cannot_both(name, action)))
    }

    /// Refuses both of a pair.
    pub(crate) fn not_both(&self, pairs: &[(&str, &str)]) -> Result<(), Failure> {
        let wrong = pairs.iter().find(|(one, other)| self.has(one) && self.has(other));
        wrong.map_or(Ok(()), |(one, other)| Err(cannot_both(one, other)))
    }
}

/// Kafka's tools' words about two options that exclude each other.
fn cannot_both(one: &str, other: &str) -> Failure {
    Failure::usage(format!("Option \"[{one}]\" can't be used with option \"[{other}]\""))
}

fn find(specs: &[Spec], name: &str) -> Result<Spec, Failure> {
    let unknown = || Failure::usage(format!("{name} is not a recognized option"));
    if let Some(spec) = specs.iter().find(|(known, ..)| *known == name) {
        return Ok(*spec);
    }
    let mut begin = specs.iter().filter(|(known, ..)| !name.is_empty() && known.starts_with(name));
    match (begin.next(), begin.next()) {
        (Some(spec), None) => Ok(*spec),
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECS: [Spec; 4] = [
        ("topic", Takes::Value, ""),
        ("topic-id", Takes::Value, ""),
        ("list", Takes::Nothing, ""),
        ("state", Takes::Maybe, ""),
    ];

    fn read(line: &str) -> Result<Given, Failure> {
        let words: Vec<String> = line.split_whitespace().map(String::from).collect();
        Given::read(&SPECS, &words)
    }

    #[test]
    fn options_are_read_as_kafkas_tools_read_them() {
        let given = read("--topic a --topic=b --li --state").expect("understood");
        assert_eq!((given.one("topic"), given.all("topic")), (Some("b"), vec!["a", "b"]));
        assert!(given.has("list") && given.has("state") && given.one("state").is_none());
        assert!(read("--state --list").expect("understood").has("list"), "an option is no value");
        assert_eq!(read("--state Stable --list").expect("understood").one("state"), Some("Stable"));
        assert_eq!(given.action(&["list", "state-x"]).expect("one"), "list");
        for line in ["--bogus", "topic", "--list=1", "--topic", "--topi x", "--"] {
            assert!(read(line).is_err(), "{line}");
        }
        assert!(read("").expect("nothing").action(&["list"]).is_err());
    }

    #[test]
    fn what_would_have_no_effect_is_refused() {
        let given = read("--list --state --topic a").expect("understood");
        let refused = |done: Result<(), Failure>| done.expect_err("refused").what;
        assert!(given.goes_with("list", &[("state", &["list"]), ("topic-id", &[])]).is_ok());
        let rules: &[Only] = &[("state", &["list"]), ("topic", &["describe", "delete"])];
        let words = "Option \"[topic]\" can't be used with option \"[list]\"";
        assert_eq!(refused(given.goes_with("list", rules)), words);
        assert!(given.not_both(&[("topic", "topic-id"), ("list", "topic-id")]).is_ok());
        assert_eq!(refused(given.not_both(&[("topic", "list")])), words);
    }
}
