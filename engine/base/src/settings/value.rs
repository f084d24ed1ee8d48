//! A text judged by its key, with the words Kafka uses when it says no.

use super::key::{Key, Kind, Rule};
use super::table::lookup;

/// A value that its key takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a boolean key.
    Bool(bool),
    /// Of an int, a short or a long.
    Int(i64),
    /// Of a double.
    Double(f64),
    /// Of a string, a class or a password.
    Text(String),
    /// Of a list.
    List(Vec<String>),
}

/// The value of `text` for the key of this name, or why it has none.
pub fn parse(name: &str, text: &str) -> Result<Value, String> {
    let key = lookup(name).ok_or_else(|| format!("Unknown configuration: {name}"))?;
    key.parse(text)
}

/// Whether `text` is a value for the key of this name; if not, why.
pub fn validate(name: &str, text: &str) -> Result<(), String> {
    parse(name, text).map(|_| ())
}

impl Key {
    /// The value of `text`, or why it has none: Kafka's words.
    ///
    /// Like Kafka, blanks around a value and around a list's items are nothing.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let trimmed = text.trim();
        let no = |why: &str| {
            let shown = if self.sensitive { "[hidden]" } else { text };
            Err(format!("Invalid value {shown} for configuration {}: {why}", self.name))
        };
        let number = |low: i64, high: i64| {
            let number = trimmed.parse::<i64>().ok().filter(|n| (low..=high).contains(n));
            number.ok_or_else(|| format!("Not a number of type {}", self.kind.name()))
        };
        let value = match self.kind {
            Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            Kind::Boolean => Err("Expected value to be either true or false".to_owned()),
            Kind::Short => number(i16::MIN.into(), i16::MAX.into()).map(Value::Int),
            Kind::Int => number(i32::MIN.into(), i32::MAX.into()).map(Value::Int),
            Kind::Long => number(i64::MIN, i64::MAX).map(Value::Int),
            Kind::Double => {
                // Java's literals may end in a letter for their type.
                let digits = trimmed.trim_end_matches(['d', 'D', 'f', 'F']);
                let number = digits.parse().map(Value::Double);
                number.map_err(|_| "Not a number of type DOUBLE".to_owned())
            }
            Kind::List => Ok(Value::List(items(trimmed))),
            Kind::String | Kind::Class | Kind::Password => Ok(Value::Text(trimmed.to_owned())),
        };
        match value {
            Ok(value) => self.judge(value, trimmed),
            Err(why) => no(&why),
        }
    }

    /// A text that was set, as Kafka shows it.
    pub(super) fn shown(&self, text: &str) -> String {
        self.parse(text).map_or_else(|_| text.to_owned(), |value| value.shown())
    }

    /// Whether the rule of the key takes a value of its type.
    fn judge(&self, value: Value, trimmed: &str) -> Result<Value, String> {
        let name = self.name;
        let no = |shown: &str, why: String| {
            Err(format!("Invalid value {shown} for configuration {name}: {why}"))
        };
        match (&self.rule, &value) {
            (Rule::Any, _) => {}
            (Rule::Range { .. }, Value::Int(n)) => {
                if let Some(why) = self.out_of_range(*n as f64, trimmed) {
                    return no(trimmed, why);
                }
            }
            (Rule::Range { .. }, Value::Double(n)) => {
                if let Some(why) = self.out_of_range(*n, trimmed) {
                    return no(trimmed, why);
                }
            }
            (Rule::NonEmpty, Value::Text(text)) => {
                if text.is_empty() {
                    return no("", "String must be non-empty".into());
                }
            }
            (Rule::OneOf { words, any_case }, Value::Text(text)) => {
                let is = |word: &&str| word == text || *any_case && word.eq_ignore_ascii_case(text);
                if !words.iter().any(is) {
                    return no(text, format!("String must be one of: {}", words.join(", ")));
                }
            }
            (Rule::ListOf { words, may_be_empty }, Value::List(list)) => {
                self.check_items(list, *may_be_empty)?;
                if let Some(item) = list.iter().find(|item| !words.contains(&item.as_str())) {
                    return no(item, format!("String must be one of: {}", words.join(", ")));
                }
            }
            (Rule::Distinct { may_be_empty }, Value::List(list)) => {
                self.check_items(list, *may_be_empty)?;
                for (i, item) in list.iter().enumerate() {
                    if list[..i].contains(item) {
                        return Err(format!(
                            "Configuration '{name}' values must not be duplicated."
                        ));
                    }
                }
            }
            (Rule::ThrottledReplicas, Value::List(list)) => {
                if !throttled_replicas(list) {
                    let why = format!(
                        "{name} must be the literal '*' or a list of replicas in the following \
                         format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."
                    );
                    return no(&format!("[{}]", list.join(", ")), why);
                }
            }
            (Rule::OffsetReset, Value::Text(text)) if offset_reset(text) => {}
            (Rule::OffsetReset, Value::Text(text)) => {
                let why = format!(
                    "Invalid value `{text}` for configuration {name}. The value must be either \
                     'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'."
                );
                return no(text, why);
            }
            (Rule::ClientPatterns, Value::List(list)) => check_patterns(list)?,
            (rule, value) => unreachable!("the table gives {name} {rule:?} for {value:?}"),
        }
        Ok(value)
    }

    fn out_of_range(&self, n: f64, text: &str) -> Option<String> {
        let Rule::Range { min, max, or } = &self.rule else { return None };
        // NaN is neither below nor above: Kafka takes it, and so do we.
        let low = min.filter(|bound| n < bound.number);
        let high = max.filter(|bound| n > bound.number);
        match (low.or(high), or) {
            (None, _) => None,
            (Some(_), Some(or)) if *or == text => None,
            (Some(_), Some(or)) => {
                let text = |bound: &Option<super::key::Bound>| bound.map_or("", |b| b.text);
                let (min, max) = (text(min), text(max));
                Some(format!("Value must be between {min} and {max} or equal to {or}"))
            }
            (Some(bound), None) if low.is_some() => {
                Some(format!("Value must be at least {}", bound.text))
            }
            (Some(bound), None) => Some(format!("Value must be no more than {}", bound.text)),
        }
    }

    fn check_items(&self, list: &[String], may_be_empty: bool) -> Result<(), String> {
        let name = self.name;
        if list.is_empty() && !may_be_empty {
            return Err(format!("Configuration '{name}' must not be empty."));
        }
        if list.iter().any(String::is_empty) {
            return Err(format!("Configuration '{name}' values must not be empty."));
        }
        Ok(())
    }
}

/// The items of a list: nothing is an empty list, `a,,b` has an empty item.
fn items(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    text.split(',').map(|item| item.trim().to_owned()).collect()
}

impl Value {
    /// As Kafka shows it: without the blanks around it, numbers in their shortest form.
    pub fn shown(&self) -> String {
        match self {
            Value::Bool(truth) => truth.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Double(n) => java_double(*n),
            Value::Text(text) => text.clone(),
            Value::List(items) => items.join(","),
        }
    }
}

/// A number as Java's `Double.toString` writes it.
fn java_double(n: f64) -> String {
    match n.abs() {
        size if n.is_finite() && size != 0.0 && !(1e-3..1e7).contains(&size) => {
            let text = format!("{n:E}");
            match text.split_once('E') {
                Some((digits, power)) if !digits.contains('.') => format!("{digits}.0E{power}"),
                _ => text,
            }
        }
        _ if n.is_infinite() => if n > 0.0 { "Infinity" } else { "-Infinity" }.into(),
        _ => format!("{n:?}"),
    }
}

/// Whether a group may begin there: `by_duration` takes what Java's `Duration.parse` takes, if it
/// is not negative.
fn offset_reset(text: &str) -> bool {
    match text.strip_prefix("by_duration:") {
        None => matches!(text, "earliest" | "latest"),
        Some(duration) => is_duration(duration),
    }
}

/// Days, then behind a `T` hours, minutes and seconds, each at most once and one at least; only
/// seconds have a fraction, of nine digits at most.
fn is_duration(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let Some(rest) = upper.strip_prefix('P') else { return false };
    let (days, time) = match rest.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    let whole = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        is_number && digits.parse::<i64>().is_ok_and(|n| n <= i64::MAX / 86_400)
    };
    let has_days = !days.is_empty();
    if has_days && !days.strip_suffix('D').is_some_and(whole) {
        return false;
    }
    let Some(mut time) = time else { return has_days };
    if time.is_empty() {
        return false;
    }
    for unit in ['H', 'M'] {
        if let Some((digits, later)) = time.split_once(unit) {
            if !whole(digits) {
                return false;
            }
            time = later;
        }
    }
    let seconds = |text: &str| match text.split_once('.') {
        None => whole(text),
        Some((digits, fraction)) => {
            whole(digits) && fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit())
        }
    };
    time.is_empty() || time.strip_suffix('S').is_some_and(seconds)
}

/// Properties that a client can be matched by (KIP-714).
const CLIENT_PROPERTIES: [&str; 6] = [
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

fn check_patterns(list: &[String]) -> Result<(), String> {
    match list.iter().find(|item| !client_pattern(item)) {
        Some(item) => Err(format!("Illegal client matching pattern: {item}")),
        None => Ok(()),
    }
}

fn client_pattern(item: &str) -> bool {
    let Some((property, pattern)) = item.split_once('=') else { return false };
    let known = CLIENT_PROPERTIES.contains(&property.trim());
    known && !pattern.is_empty() && !pattern.contains('=') && closes_what_it_opens(pattern)
}

/// Whether each bracket of a regular expression has its other half. Nothing here matches with it:
/// the rest of its grammar is not judged.
fn closes_what_it_opens(pattern: &str) -> bool {
    let (mut depth, mut in_class) = (0i32, false);
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.next().is_none() => return false,
            ']' => in_class = false,
            '[' => in_class = true,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && !in_class
}

fn throttled_replicas(list: &[String]) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_replica = |item: &String| {
        item.split_once(':').is_some_and(|(partition, broker)| number(partition) && number(broker))
    };
    matches!(list, [one] if one == "*") || list.iter().all(is_replica)
}
