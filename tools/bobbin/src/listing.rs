//! Lists of things, each with its cells for people and its value for programs, and single
//! documents. Kept true: every command prints every shape; nothing found is `[]` in all of those
//! that programs read.

use serde_json::Value;

use crate::failure::Failure;
use crate::output::{Out, Shape};
use crate::yaml;

/// A table whose rows are also values.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    head: Vec<&'static str>,
    /// Columns that are shown when nobody asks for more.
    narrow: usize,
    rows: Vec<Vec<String>>,
    values: Vec<Value>,
}

impl Listing {
    /// A table with these columns.
    pub(crate) fn new(head: &[&'static str]) -> Listing {
        Listing { head: head.to_vec(), narrow: head.len(), ..Listing::default() }
    }

    /// Columns behind those, for `-o wide`.
    #[must_use]
    pub(crate) fn wide(mut self, more: &[&'static str]) -> Listing {
        self.head.extend(more);
        self
    }

    /// A thing: a cell for each column, and its value.
    pub(crate) fn push(&mut self, cells: Vec<String>, value: Value) {
        assert_eq!(cells.len(), self.head.len(), "a cell for each of {:?}", self.head);
        self.rows.push(cells);
        self.values.push(value);
    }

    /// Prints it; as text nothing at all if there is nothing.
    pub(crate) fn print(&self, shape: Shape) -> Result<(), Failure> {
        values(shape, &self.values, |out, wide| self.table(out, wide))
    }

    /// Its rows with their head, if there are any.
    pub(crate) fn table(&self, out: &mut Out, wide: bool) -> Result<(), Failure> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let columns = if wide { self.head.len() } else { self.narrow };
        let rows: Vec<Vec<String>> = self.rows.iter().map(|row| row[..columns].to_vec()).collect();
        out.table(&self.head[..columns], &rows)
    }

    /// The values.
    pub(crate) fn values(&self) -> Vec<Value> {
        self.values.clone()
    }
}

/// Prints several things; `text` for people, told whether it may be wide.
pub(crate) fn values(
    shape: Shape,
    values: &[Value],
    text: impl FnOnce(&mut Out, bool) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut out = Out::new();
    match shape {
        Shape::Text | Shape::Wide => text(&mut out, shape == Shape::Wide)?,
        Shape::Json => out.json(&Value::Array(values.to_vec()))?,
        Shape::Yaml => out.bytes(yaml::document(&Value::Array(values.to_vec())).as_bytes())?,
        Shape::Jsonl => values.iter().try_for_each(|value| out.json_line(value))?,
    }
    out.flush()
}

/// Prints one thing.
pub(crate) fn document(
    shape: Shape,
    value: &Value,
    text: impl FnOnce(&mut Out, bool) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut out = Out::new();
    match shape {
        Shape::Text | Shape::Wide => text(&mut out, shape == Shape::Wide)?,
        Shape::Json => out.json(value)?,
        Shape::Yaml => out.bytes(yaml::document(value).as_bytes())?,
        Shape::Jsonl => out.json_line(value)?,
    }
    out.flush()
}

/// A number that is not there when it is below 0, for people.
pub(crate) fn shown(number: impl Into<i64>) -> String {
    let number = number.into();
    if number < 0 { "-".into() } else { number.to_string() }
}

/// A number that is not there when it is below 0, for programs.
pub(crate) fn known(number: impl Into<i64>) -> Value {
    let number = number.into();
    if number < 0 { Value::Null } else { Value::from(number) }
}

/// A text that may be missing, for people.
pub(crate) fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or("-").to_string()
}
