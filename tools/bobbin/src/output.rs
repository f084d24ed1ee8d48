//! Everything the binary prints goes through here: results on stdout, words about them on stderr.
//! Kept true: a reader that goes away ends the command quietly, never with a panic; nothing is ever
//! coloured, so `NO_COLOR` has nothing to forbid.

use std::io::{self, Write};

use serde_json::Value;

use crate::failure::{Exit, Failure};
use crate::yaml;

/// How lists and single facts are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shape {
    /// Aligned columns for people.
    #[default]
    Text,
    /// The same with more of them.
    Wide,
    /// One JSON document with stable names.
    Json,
    /// The same document as YAML.
    Yaml,
    /// A JSON document for each thing, one on a line.
    Jsonl,
}

/// A buffered stdout whose errors are failures of the command.
pub(crate) struct Out {
    buffer: Vec<u8>,
}

/// Output held back before it is written, in bytes.
const HELD_BYTES_MAX: usize = 64 * 1024;

impl Out {
    /// An empty buffer in front of stdout.
    pub(crate) fn new() -> Out {
        Out { buffer: Vec::new() }
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= HELD_BYTES_MAX { self.flush() } else { Ok(()) }
    }

    /// A line of text.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.bytes(line.as_bytes())?;
        self.bytes(b"\n")
    }

    /// A JSON document, indented, with a line end.
    pub(crate) fn json(&mut self, value: &Value) -> Result<(), Failure> {
        self.line(&format!("{value:#}"))
    }

    /// A JSON document on one line.
    pub(crate) fn json_line(&mut self, value: &Value) -> Result<(), Failure> {
        self.line(&value.to_string())
    }

    /// The next item of a list that is too long to be held, in a shape for programs; `before`
    /// items have been written.
    pub(crate) fn item(&mut self, shape: Shape, before: u64, value: &Value) -> Result<(), Failure> {
        match shape {
            Shape::Json => {
                self.bytes(if before == 0 { b"[\n" } else { b",\n" })?;
                self.bytes(value.to_string().as_bytes())
            }
            Shape::Yaml => {
                self.bytes(yaml::document(&Value::Array(vec![value.clone()])).as_bytes())
            }
            Shape::Text | Shape::Wide | Shape::Jsonl => self.json_line(value),
        }
    }

    /// The end of such a list; it had `items`.
    pub(crate) fn items_end(&mut self, shape: Shape, items: u64) -> Result<(), Failure> {
        match (shape, items) {
            (Shape::Json, 0) | (Shape::Yaml, 0) => self.line("[]"),
            (Shape::Json, _) => self.line("\n]"),
            _ => Ok(()),
        }
    }

    /// Columns as wide as their widest cell, two spaces apart; the last one runs free.
    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) -> Result<(), Failure> {
        let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        self.table_row(head.iter().copied(), &widths)?;
        rows.iter().try_for_each(|row| self.table_row(row.iter().map(String::as_str), &widths))
    }

    fn table_row<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a str>,
        widths: &[usize],
    ) -> Result<(), Failure> {
        let mut line = String::new();
        for (cell, width) in cells.zip(widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        self.line(line.trim_end())
    }

    /// Hands everything held back to the kernel.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(&self.buffer).and_then(|()| stdout.flush());
        self.buffer.clear();
        written.map_err(stdout_failure)
    }
}

fn stdout_failure(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::pipe(),
        _ => Failure::failed(format!("could not write to standard output: {error}")),
    }
}

/// A word about the work, on stderr. If nobody can read it, so be it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// The last word of a failed command.
pub(crate) fn report(failure: &Failure) {
    if failure.exit != Exit::Pipe {
        note(&failure.to_string());
    }
}
