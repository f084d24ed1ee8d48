//! What a description says, resolved: every field knows the exact versions it is in.
//!
//! Kept true: a field's versions lie within its struct's, a struct's within its message's.

/// An inclusive range of versions; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) min: i16,
    pub(crate) max: i16,
}

impl Versions {
    /// The part of `self` that is in `other` too.
    pub(crate) fn clip(self, other: Versions) -> Option<Versions> {
        let both = Versions { min: self.min.max(other.min), max: self.max.min(other.max) };
        (both.min <= both.max).then_some(both)
    }

    /// The smallest range that holds both.
    pub(crate) fn hull(self, other: Versions) -> Versions {
        Versions { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    pub(crate) fn covers(self, other: Versions) -> bool {
        self.min <= other.min && other.max <= self.max
    }

    /// As a person writes it: `3`, `3-13`.
    pub(crate) fn text(self) -> String {
        if self.min == self.max {
            self.min.to_string()
        } else {
            format!("{}-{}", self.min, self.max)
        }
    }

    /// A Rust condition on `v` that holds exactly in `self`, given that `v` is within `known`.
    /// `None` where it always holds.
    pub(crate) fn condition(self, known: Versions) -> Option<String> {
        let low = self.min > known.min;
        let high = self.max < known.max;
        match (low, high) {
            (false, false) => None,
            (true, false) => Some(format!("v >= {}", self.min)),
            (false, true) => Some(format!("v <= {}", self.max)),
            (true, true) if self.min == self.max => Some(format!("v == {}", self.min)),
            (true, true) => Some(format!("({}..={}).contains(&v)", self.min, self.max)),
        }
    }
}

/// A field's type, nullability aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Int64,
    Float64,
    Uuid,
    String,
    Bytes,
    Records,
    Struct(String),
    Array(Box<Kind>),
}

impl Kind {
    /// The name of the struct it is, or is an array of.
    pub(crate) fn struct_name(&self) -> Option<&str> {
        match self {
            Kind::Struct(name) => Some(name),
            Kind::Array(element) => element.struct_name(),
            Kind::Bool
            | Kind::Int8
            | Kind::Int16
            | Kind::Uint16
            | Kind::Int32
            | Kind::Int64
            | Kind::Float64
            | Kind::Uuid
            | Kind::String
            | Kind::Bytes
            | Kind::Records => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// In snake case; Kafka's name is the same words in camel case.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) versions: Versions,
    /// Where null may stand for the value.
    pub(crate) nullable: Option<Versions>,
    pub(crate) tag: Option<u32>,
    /// As written, where it is not the type's own default (0, false, empty, null).
    pub(crate) default: Option<String>,
    pub(crate) doc: String,
}

impl Field {
    /// Kafka's name for it.
    pub(crate) fn kafka_name(&self) -> String {
        camel(&self.name)
    }
}

/// A struct of a message, or the message itself.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    /// Every version in which something refers to it.
    pub(crate) versions: Versions,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The message itself first, then its structs as they were met.
    pub(crate) shapes: Vec<Shape>,
}

impl Message {
    pub(crate) fn root(&self) -> &Shape {
        &self.shapes[0]
    }

    pub(crate) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.iter().find(|shape| shape.name == name)
    }
}

/// One API: what is asked and what is answered.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) key: i16,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) versions: Versions,
    /// The first version with compact lengths and tagged fields.
    pub(crate) flexible: Option<i16>,
    pub(crate) request: Message,
    pub(crate) response: Message,
}

impl Api {
    /// The module's name: the API's in snake case.
    pub(crate) fn module(&self) -> String {
        let mut module = String::new();
        for letter in self.name.chars() {
            if letter.is_ascii_uppercase() && !module.is_empty() {
                module.push('_');
            }
            module.push(letter.to_ascii_lowercase());
        }
        module
    }
}

/// `replica_id` to `ReplicaId`.
pub(crate) fn camel(snake: &str) -> String {
    let mut name = String::new();
    let mut up = true;
    for letter in snake.chars() {
        if letter == '_' {
            up = true;
        } else if up {
            name.push(letter.to_ascii_uppercase());
            up = false;
        } else {
            name.push(letter);
        }
    }
    name
}
