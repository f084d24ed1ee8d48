//! The `write` functions.
//!
//! Kept true: a tagged field that holds its default is not written, as Kafka does; tags are written
//! in their order.

use std::fmt::Write;

use super::decode::{flexible_part, mentions_version, straight_code};
use super::model::{Field, Kind, Shape};
use super::rust::{Context, number, rust_name};

/// `fn write` of `shape`.
pub(crate) fn function(out: &mut String, context: &Context<'_>, shape: &Shape) {
    let mut steps = Vec::new();
    for field in shape.fields.iter().filter(|field| field.tag.is_none()) {
        let line = value(context, shape, field) + ";";
        steps.push((field.versions.condition(shape.versions), line));
    }
    if context.flex(shape) != "false" {
        let guard = (context.flex(shape) == "flex").then(|| "flex".to_owned());
        steps.push((guard, tags(context, shape)));
    }
    let body = context.let_flex(shape) + &straight_code(&steps);
    let v = if mentions_version(&body) { "v" } else { "_v" };
    let _ = writeln!(out, "pub(crate) fn write(&self, w: &mut Writer, {v}: i16) {{\n{body}}}\n");
}

fn value(context: &Context<'_>, shape: &Shape, field: &Field) -> String {
    let flex = context.flex(shape);
    let null = context.may_be_null(shape, field);
    let optional = field.nullable.is_some();
    let it = format!("self.{}", rust_name(field));
    match &field.kind {
        Kind::Bool => format!("w.bool({it})"),
        Kind::Int8 => format!("w.int8({it})"),
        Kind::Int16 => format!("w.int16({it})"),
        Kind::Uint16 => format!("w.uint16({it})"),
        Kind::Int32 => format!("w.int32({it})"),
        Kind::Int64 => format!("w.int64({it})"),
        Kind::Float64 => format!("w.float64({it})"),
        Kind::Uuid => format!("w.uuid({it})"),
        Kind::String if optional => format!("w.string_or_null({flex}, {null}, {it}.as_deref())"),
        Kind::String => format!("w.string({flex}, &{it})"),
        Kind::Bytes if optional => format!("w.bytes_or_null({flex}, {null}, {it}.as_ref())"),
        Kind::Bytes => format!("w.bytes({flex}, &{it})"),
        Kind::Records if optional => format!("w.records_or_null({flex}, {null}, {it})"),
        Kind::Records => format!("w.records({flex}, {it})"),
        Kind::Struct(name) if optional => {
            format!("w.struct_or_null({null}, {it}.as_ref(), v, {name}::write)")
        }
        Kind::Struct(_) => format!("{it}.write(w, v)"),
        Kind::Array(element) => {
            let write = match &**element {
                Kind::Struct(name) => format!("{name}::write"),
                Kind::Int8 => "|it, w, _| w.int8(*it)".to_owned(),
                Kind::Int16 => "|it, w, _| w.int16(*it)".to_owned(),
                Kind::Int32 => "|it, w, _| w.int32(*it)".to_owned(),
                Kind::Int64 => "|it, w, _| w.int64(*it)".to_owned(),
                Kind::Uuid => "|it, w, _| w.uuid(*it)".to_owned(),
                Kind::String => match context.flexible(shape) {
                    Ok(flex) => format!("|it, w, _| w.string({flex}, it)"),
                    Err(when) => format!("|it, w, v| w.string({when}, it)"),
                },
                other => unreachable!("arrays of {other:?} are not in the protocol"),
            };
            if optional {
                format!("w.array_or_null({flex}, {null}, {it}.as_ref(), v, {write})")
            } else {
                format!("w.array({flex}, &{it}, v, {write})")
            }
        }
    }
}

fn tags(context: &Context<'_>, shape: &Shape) -> String {
    let mut tagged: Vec<&Field> = shape.fields.iter().filter(|f| f.tag.is_some()).collect();
    tagged.sort_by_key(|field| field.tag);
    if tagged.is_empty() {
        return "w.no_tags();".to_owned();
    }
    let mut out = "let mut tags = Tags::none();\n".to_owned();
    for field in tagged {
        let mut condition = differs(field, "");
        if let Some(guard) = field.versions.condition(flexible_part(context, shape)) {
            condition = format!("{guard} && {condition}");
        }
        let tag = field.tag.unwrap_or_default();
        let value = value(context, shape, field).replace("flex,", "true,");
        let _ = writeln!(out, "if {condition} {{ tags.field({tag}, |w| {value}); }}");
    }
    out + "w.tags(tags);"
}

/// Rust's condition for "is not the default"; `path` goes before the name of a struct.
pub(crate) fn differs(field: &Field, path: &str) -> String {
    let it = format!("self.{}", rust_name(field));
    if field.nullable.is_some() {
        return format!("{it}.is_some()");
    }
    match &field.kind {
        Kind::Bool if field.default.as_deref() == Some("true") => format!("!{it}"),
        Kind::Bool => it,
        Kind::Int8 | Kind::Int16 | Kind::Uint16 | Kind::Int32 | Kind::Int64 => {
            let default = field.default.as_deref().unwrap_or("0");
            format!("{it} != {}", number(default, &field.kind))
        }
        Kind::Float64 => format!("{it} != 0.0"),
        Kind::Uuid => format!("!{it}.is_zero()"),
        Kind::String | Kind::Bytes | Kind::Array(_) => format!("!{it}.is_empty()"),
        Kind::Struct(name) => format!("{it} != {path}{name}::default()"),
        Kind::Records => unreachable!("records are never tagged"),
    }
}
