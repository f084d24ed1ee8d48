//! A row of the table: a key, what may be set, and what follows from it.

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Set on a topic.
    Topic,
    /// Set on a node.
    Broker,
    /// Set on a group.
    Group,
    /// Set on a subscription to clients' metrics.
    ClientMetrics,
}

/// The type of a value, as DescribeConfigs names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A text.
    String,
    /// 32 bits.
    Int,
    /// 16 bits.
    Short,
    /// 64 bits.
    Long,
    /// A binary floating-point number of 64 bits.
    Double,
    /// Texts separated by commas.
    List,
    /// The name of a Java class.
    Class,
    /// A text that is never shown.
    Password,
}

impl Kind {
    /// The number in a DescribeConfigs response (Kafka's `ConfigType`).
    pub fn id(self) -> i8 {
        match self {
            Kind::Boolean => 1,
            Kind::String => 2,
            Kind::Int => 3,
            Kind::Short => 4,
            Kind::Long => 5,
            Kind::Double => 6,
            Kind::List => 7,
            Kind::Class => 8,
            Kind::Password => 9,
        }
    }

    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "BOOLEAN",
            Kind::String => "STRING",
            Kind::Int => "INT",
            Kind::Short => "SHORT",
            Kind::Long => "LONG",
            Kind::Double => "DOUBLE",
            Kind::List => "LIST",
            Kind::Class => "CLASS",
            Kind::Password => "PASSWORD",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Kind> {
        let all = [
            Kind::Boolean,
            Kind::String,
            Kind::Int,
            Kind::Short,
            Kind::Long,
            Kind::Double,
            Kind::List,
            Kind::Class,
            Kind::Password,
        ];
        all.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// How much a key matters to an operator, by Kafka's own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// Most will want to look at it.
    High,
    /// Some will.
    Medium,
    /// Few will.
    Low,
}

/// What Bobbin does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What was set is done.
    Honoured,
    /// Accepted, shown, and said to be without effect.
    WithoutEffect,
    /// Only the default is accepted: anything else would promise what is not kept.
    Refused,
}

/// A bound of a number: as written in the table, for messages, and as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound {
    pub(super) text: &'static str,
    pub(super) number: f64,
}

/// What values a key takes, beyond its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    /// Whatever the type takes.
    Any,
    /// A number within bounds, or exactly `or`.
    Range { min: Option<Bound>, max: Option<Bound>, or: Option<&'static str> },
    /// One of these words.
    OneOf { words: Vec<&'static str>, any_case: bool },
    /// A list of these words.
    ListOf { words: Vec<&'static str>, may_be_empty: bool },
    /// A list in which no item is empty and none comes twice.
    Distinct { may_be_empty: bool },
    /// A text of at least one letter.
    NonEmpty,
    /// `*`, or a list of `partition:broker`.
    ThrottledReplicas,
    /// `earliest`, `latest` or `by_duration:` and a duration as ISO 8601 writes it.
    OffsetReset,
    /// What a client must be: a list of `property=regular expression`.
    ClientPatterns,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Whose it is.
    pub scope: Scope,
    /// The type of its values.
    pub kind: Kind,
    /// What holds when nothing is set; `None` is Kafka's null.
    pub default: Option<&'static str>,
    /// How much it matters.
    pub importance: Importance,
    /// Whether it can be set only before a node starts.
    pub read_only: bool,
    /// Whether its value is never shown.
    pub sensitive: bool,
    /// Whether DescribeConfigs leaves it out: an internal key, or one that Kafka has retired.
    pub hidden: bool,
    /// For the key of a topic or a group: the broker's keys that give its default, the first that
    /// is set.
    pub synonyms: Vec<&'static str>,
    /// What Bobbin does with it.
    pub effect: Effect,
    /// Why, where it is not simply honoured; may be empty.
    pub note: &'static str,
    /// What it means, in a sentence.
    pub documentation: &'static str,
    pub(super) rule: Rule,
}

impl Key {
    /// What values it takes beyond its type, for people; empty for whatever the type takes.
    pub fn allowed(&self) -> String {
        match &self.rule {
            Rule::Any => String::new(),
            Rule::Range { min, max, or } => {
                let min = min.map_or("", |bound| bound.text);
                let max = max.map_or("", |bound| bound.text);
                let or = or.map_or(String::new(), |or| format!(" or {or}"));
                format!("[{min},...,{max}]{or}").replace(",]", "]").replace("[,", "[")
            }
            Rule::OneOf { words, .. } | Rule::ListOf { words, .. } => {
                format!("[{}]", words.join(", "))
            }
            Rule::Distinct { may_be_empty: true } => "distinct items".into(),
            Rule::Distinct { may_be_empty: false } => "at least one item, distinct".into(),
            Rule::NonEmpty => "non-empty string".into(),
            Rule::ThrottledReplicas => "* or partition:broker,...".into(),
            Rule::OffsetReset => "earliest, latest or by_duration:<PnDTnHnMn.nS>".into(),
            Rule::ClientPatterns => "property=regular expression,...".into(),
        }
    }
}
