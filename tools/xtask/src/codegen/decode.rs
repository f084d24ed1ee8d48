//! The `read` functions, and the least bytes that an element takes on the wire.
//!
//! Kept true: an array is bounded by the bytes that remain divided by `least_bytes`, so that must
//! never be more than the smallest element that can be written.

use std::fmt::Write;

use super::model::{Field, Kind, Shape, Versions};
use super::rust::{Context, rust_name};

/// `fn read` of `shape`.
pub(crate) fn function(out: &mut String, context: &Context<'_>, shape: &Shape) {
    let mut steps = Vec::new();
    for field in shape.fields.iter().filter(|field| field.tag.is_none()) {
        let line = format!("it.{} = {};", rust_name(field), value(context, shape, field));
        steps.push((field.versions.condition(shape.versions), line));
    }
    if context.flex(shape) != "false" {
        let guard = (context.flex(shape) == "flex").then(|| "flex".to_owned());
        steps.push((guard, tags(context, shape)));
    }
    let body = context.let_flex(shape) + "let mut it = Self::default();\n" + &straight_code(&steps);
    let v = if mentions_version(&body) { "v" } else { "_v" };
    let _ = writeln!(
        out,
        "pub(crate) fn read(r: &mut Reader<'_>, {v}: i16) -> Result<Self, WireError> {{\n\
         {body}Ok(it)\n}}\n"
    );
}

/// The lines in their order, each under its condition; neighbours share one.
pub(crate) fn straight_code(steps: &[(Option<String>, String)]) -> String {
    let mut out = String::new();
    for group in steps.chunk_by(|one, next| one.0 == next.0) {
        let lines: Vec<&str> = group.iter().map(|(_, line)| line.as_str()).collect();
        let _ = match &group[0].0 {
            None => writeln!(out, "{}", lines.join("\n")),
            Some(condition) => writeln!(out, "if {condition} {{\n{}\n}}", lines.join("\n")),
        };
    }
    out
}

/// Whether generated code uses `v`.
pub(crate) fn mentions_version(code: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "v")
}

fn value(context: &Context<'_>, shape: &Shape, field: &Field) -> String {
    let flex = context.flex(shape);
    let null = context.may_be_null(shape, field);
    let optional = field.nullable.is_some();
    match &field.kind {
        Kind::Bool => "r.bool()?".to_owned(),
        Kind::Int8 => "r.int8()?".to_owned(),
        Kind::Int16 => "r.int16()?".to_owned(),
        Kind::Uint16 => "r.uint16()?".to_owned(),
        Kind::Int32 => "r.int32()?".to_owned(),
        Kind::Int64 => "r.int64()?".to_owned(),
        Kind::Float64 => "r.float64()?".to_owned(),
        Kind::Uuid => "r.uuid()?".to_owned(),
        Kind::String if optional => format!("r.string_or_null({flex}, {null})?"),
        Kind::String => format!("r.string({flex})?"),
        Kind::Bytes if optional => format!("r.bytes_or_null({flex}, {null})?"),
        Kind::Bytes => format!("r.bytes({flex})?"),
        Kind::Records if optional => format!("r.records_or_null({flex}, {null})?"),
        Kind::Records => format!("r.records({flex})?"),
        Kind::Struct(name) if optional => format!("r.struct_or_null({null}, v, {name}::read)?"),
        Kind::Struct(name) => format!("{name}::read(r, v)?"),
        Kind::Array(element) => {
            let (least, read) = element_reader(context, shape, element);
            if optional {
                format!("r.array_or_null({flex}, {null}, {least}, v, {read})?")
            } else {
                format!("r.array({flex}, {least}, v, {read})?")
            }
        }
    }
}

/// The least bytes of an element, and a function that reads one.
fn element_reader(context: &Context<'_>, shape: &Shape, kind: &Kind) -> (String, String) {
    if let Kind::Struct(name) = kind {
        let known = context.message.shape(name).expect("because the parser has checked it");
        let least = match steps(context, known).as_slice() {
            [(_, only)] => only.to_string(),
            _ => format!("{name}::least_bytes(v)"),
        };
        return (least, format!("{name}::read"));
    }
    let (least, read) = match kind {
        Kind::Int8 => (1, "int8".to_owned()),
        Kind::Int16 => (2, "int16".to_owned()),
        Kind::Int32 => (4, "int32".to_owned()),
        Kind::Int64 => (8, "int64".to_owned()),
        Kind::Uuid => (16, "uuid".to_owned()),
        Kind::String => {
            return match context.flexible(shape) {
                Ok(true) => ("1".to_owned(), "|r, _| r.string(true)".to_owned()),
                Ok(false) => ("2".to_owned(), "|r, _| r.string(false)".to_owned()),
                Err(when) => {
                    ("if flex { 1 } else { 2 }".to_owned(), format!("|r, v| r.string({when})"))
                }
            };
        }
        other => unreachable!("arrays of {other:?} are not in the protocol"),
    };
    (least.to_string(), format!("|r, _| r.{read}()"))
}

fn tags(context: &Context<'_>, shape: &Shape) -> String {
    let mut arms = String::new();
    for field in &shape.fields {
        let Some(tag) = field.tag else { continue };
        let value = value(context, shape, field).replace("flex,", "true,");
        let guard =
            field.versions.condition(flexible_part(context, shape)).map(|c| format!(" if {c}"));
        let guard = guard.unwrap_or_default();
        let _ = writeln!(arms, "{tag}{guard} => it.{} = {value},", rust_name(field));
    }
    if arms.is_empty() {
        return "r.skip_tags()?;".to_owned();
    }
    format!(
        "for _ in 0..r.tag_count()? {{\nlet tag = r.tag()?;\nmatch tag.number {{\n\
         {arms}_ => r.unknown_tag()?,\n}}\nr.end_tag(tag)?;\n}}"
    )
}

/// The versions of `shape` in which it has a tagged section.
pub(crate) fn flexible_part(context: &Context<'_>, shape: &Shape) -> Versions {
    let first = context.api.flexible.unwrap_or(i16::MAX);
    let flexible = Versions { min: first, max: i16::MAX };
    shape.versions.clip(flexible).unwrap_or(shape.versions)
}

/// `fn least_bytes` of a struct that is an array's element, where it depends on the version.
pub(crate) fn least_bytes(out: &mut String, context: &Context<'_>, shape: &Shape) {
    let steps = steps(context, shape);
    if steps.len() < 2 {
        return;
    }
    out.push_str("/// The fewest bytes one takes on the wire.\n");
    out.push_str("fn least_bytes(v: i16) -> usize { match v {\n");
    let mut first = shape.versions.min;
    for (index, (last, bytes)) in steps.iter().enumerate() {
        let _ = match index + 1 {
            end if end == steps.len() => writeln!(out, "_ => {bytes},"),
            1 => writeln!(out, "..={last} => {bytes},"),
            _ if first == *last => writeln!(out, "{last} => {bytes},"),
            _ => writeln!(out, "{first}..={last} => {bytes},"),
        };
        first = last + 1;
    }
    out.push_str("} }\n");
}

/// The least bytes as steps: up to this version, that many.
fn steps(context: &Context<'_>, shape: &Shape) -> Vec<(i16, usize)> {
    let mut steps: Vec<(i16, usize)> = Vec::new();
    for version in shape.versions.min..=shape.versions.max {
        // An element of no bytes would make every count possible.
        let bytes = least(context, shape, version).max(1);
        match steps.last_mut() {
            Some((last, same)) if *same == bytes => *last = version,
            _ => steps.push((version, bytes)),
        }
    }
    steps
}

fn least(context: &Context<'_>, shape: &Shape, version: i16) -> usize {
    let one = Versions { min: version, max: version };
    let flexible = context.api.flexible.is_some_and(|first| version >= first);
    let mut bytes = usize::from(flexible);
    for field in &shape.fields {
        if field.tag.is_some() || field.versions.clip(one).is_none() {
            continue;
        }
        let null = field.nullable.is_some_and(|null| null.clip(one).is_some());
        bytes += match &field.kind {
            Kind::Bool | Kind::Int8 => 1,
            Kind::Int16 | Kind::Uint16 => 2,
            Kind::Int32 => 4,
            Kind::Int64 | Kind::Float64 => 8,
            Kind::Uuid => 16,
            Kind::String if !flexible => 2,
            Kind::Bytes | Kind::Records | Kind::Array(_) if !flexible => 4,
            Kind::String | Kind::Bytes | Kind::Records | Kind::Array(_) => 1,
            Kind::Struct(_) if null => 1,
            Kind::Struct(name) => {
                let inner = context.message.shape(name);
                least(context, inner.expect("because the parser has checked it"), version)
            }
        };
    }
    bytes
}
