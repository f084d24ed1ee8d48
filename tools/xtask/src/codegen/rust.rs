//! Writes one API's Rust: plain structs, and for each a `read` and a `write` of straight code.
//!
//! Kept true: the output depends on the description alone; `rustfmt` gives it its final form.

use std::fmt::Write;

use super::model::{Api, Field, Kind, Message, Shape};
use super::{decode, encode};

/// What the generated functions of one API share.
pub(crate) struct Context<'a> {
    pub(crate) api: &'a Api,
    pub(crate) message: &'a Message,
}

impl Context<'_> {
    /// Whether versions of `shape` are flexible: `Ok` where it never changes, else the condition.
    pub(crate) fn flexible(&self, shape: &Shape) -> Result<bool, String> {
        match self.api.flexible {
            None => Ok(false),
            Some(first) if first <= shape.versions.min => Ok(true),
            Some(first) if first > shape.versions.max => Ok(false),
            Some(first) => Err(format!("v >= {first}")),
        }
    }

    /// The word that says so inside the generated functions.
    pub(crate) fn flex(&self, shape: &Shape) -> &'static str {
        match self.flexible(shape) {
            Ok(true) => "true",
            Ok(false) => "false",
            Err(_) => "flex",
        }
    }

    /// `let flex = ...;` where the functions of `shape` need it.
    pub(crate) fn let_flex(&self, shape: &Shape) -> String {
        match self.flexible(shape) {
            Ok(_) => String::new(),
            Err(condition) => format!("let flex = {condition};\n"),
        }
    }

    /// Rust's expression for "null may stand here" given a version of `shape`.
    pub(crate) fn may_be_null(&self, shape: &Shape, field: &Field) -> String {
        let known = field.versions.clip(shape.versions).unwrap_or(shape.versions);
        match field.nullable {
            None => "false".to_owned(),
            Some(null) => null.condition(known).unwrap_or_else(|| "true".to_owned()),
        }
    }
}

/// The whole file for `api`, before rustfmt.
pub(crate) fn module(api: &Api) -> String {
    let mut out = String::new();
    let module = api.module();
    let _ = writeln!(out, "//! {}\n//!", api.doc);
    let _ = writeln!(out, "//! Generated from `net/wire/messages/{module}.txt`:");
    let _ = writeln!(out, "//! change that and run `cargo xtask codegen`.\n");
    out.push_str(&uses(api));
    let flexible = api.flexible.map_or("i16::MAX".to_owned(), |first| first.to_string());
    let _ = writeln!(
        out,
        "/// What this API is called and which versions are described.\n\
         pub const API: Described = Described {{ key: KEY, name: {:?}, \
         versions: Versions {{ min: {}, max: {} }}, flexible: {flexible} }};\n\
         /// The API's number on the wire.\npub const KEY: i16 = {};\n",
        api.name, api.versions.min, api.versions.max, api.key
    );
    for message in [&api.request, &api.response] {
        let context = Context { api, message };
        for (index, shape) in message.shapes.iter().enumerate() {
            structure(&mut out, &context, shape, index == 0);
        }
    }
    let (request, response) = (&api.request.root().name, &api.response.root().name);
    for name in [request, response] {
        let _ = writeln!(out, "message!({name});");
    }
    let _ = writeln!(out, "impl Request for {request} {{ type Response = {response};");
    let throttled = |field: &Field| rust_name(field) == THROTTLE_FIELD;
    if api.response.root().fields.iter().any(throttled) {
        let _ = writeln!(
            out,
            "\nfn throttled(response: &mut {response}, ms: i32) {{ \
             response.{THROTTLE_FIELD} = ms; }}"
        );
    }
    out.push_str("}\n");
    out
}

/// How long a client is told to wait, in responses that can say so.
const THROTTLE_FIELD: &str = "throttle_time_ms";

/// Only what is used, so that nothing warns.
fn uses(api: &Api) -> String {
    let fields = || {
        [&api.request, &api.response].into_iter().flat_map(|m| &m.shapes).flat_map(|s| &s.fields)
    };
    let has = |wanted: &Kind| {
        fields().any(|field| match &field.kind {
            Kind::Array(element) => **element == *wanted,
            kind => kind == wanted,
        })
    };
    let mut out = String::new();
    if has(&Kind::Uuid) {
        out.push_str("use engine_base::Uuid;\n\n");
    }
    out.push_str("use crate::api::{Described, Versions};\n");
    let mut names = vec!["Reader", "Request", "WireError", "Writer", "message"];
    let mut more = |name, used: bool| {
        if used {
            names.push(name);
        }
    };
    more("Bytes", has(&Kind::Bytes));
    more("FrameRange", has(&Kind::Records));
    more("List", fields().any(|field| matches!(field.kind, Kind::Array(_))));
    more("Tags", fields().any(|field| field.tag.is_some()));
    names.sort_unstable();
    let _ = writeln!(out, "use crate::codec::{{{}}};\n", names.join(", "));
    out
}

fn structure(out: &mut String, context: &Context<'_>, shape: &Shape, root: bool) {
    let own_default = shape.fields.iter().any(|field| field.default.is_some());
    let default = if own_default { "" } else { ", Default" };
    if root {
        let _ = writeln!(out, "/// {}", context.api.doc);
    } else {
        let _ = writeln!(out, "/// In versions {}.", shape.versions.text());
    }
    let _ = writeln!(out, "#[derive(Clone, Debug, PartialEq{default})]");
    let _ = writeln!(out, "pub struct {} {{", shape.name);
    for field in &shape.fields {
        doc(out, shape, field);
        let _ = writeln!(out, "pub {}: {},", rust_name(field), rust_type(field));
    }
    out.push_str("}\n\n");
    if own_default {
        let _ = writeln!(out, "impl Default for {} {{ fn default() -> Self {{ Self {{", shape.name);
        for field in &shape.fields {
            let value = field.default.as_deref().unwrap_or("Default::default()");
            let _ = writeln!(out, "{}: {},", rust_name(field), number(value, &field.kind));
        }
        out.push_str("} } }\n\n");
    }
    let _ = writeln!(out, "impl {} {{", shape.name);
    decode::function(out, context, shape);
    encode::function(out, context, shape);
    let element = Kind::Array(Box::new(Kind::Struct(shape.name.clone())));
    let mut fields = context.message.shapes.iter().flat_map(|shape| &shape.fields);
    if fields.any(|field| field.kind == element) {
        decode::least_bytes(out, context, shape);
    }
    out.push_str("}\n\n");
}

fn doc(out: &mut String, shape: &Shape, field: &Field) {
    let mut facts = vec![format!("`{}`", field.kafka_name())];
    if field.versions == shape.versions {
        facts.push("always there".to_owned());
    } else {
        facts.push(format!("versions {}", field.versions.text()));
    }
    match field.nullable {
        Some(null) if null == field.versions => facts.push("may be null".to_owned()),
        Some(null) => facts.push(format!("may be null in {}", null.text())),
        None => {}
    }
    if let Some(tag) = field.tag {
        facts.push(format!("tag {tag}"));
    }
    if let Some(default) = &field.default {
        facts.push(format!("default {default}"));
    }
    let _ = writeln!(out, "/// {}.", facts.join(", "));
    if let Some(first) = field.doc.chars().next() {
        let rest = &field.doc[first.len_utf8()..];
        let _ = writeln!(out, "/// {}{rest}.", first.to_uppercase());
    }
}

/// The field's name in Rust.
pub(crate) fn rust_name(field: &Field) -> String {
    match field.name.as_str() {
        "match" | "type" => format!("r#{}", field.name),
        name => name.to_owned(),
    }
}

fn rust_type(field: &Field) -> String {
    let plain = kind_type(&field.kind);
    if field.nullable.is_some() { format!("Option<{plain}>") } else { plain }
}

fn kind_type(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Int8 => "i8".to_owned(),
        Kind::Int16 => "i16".to_owned(),
        Kind::Uint16 => "u16".to_owned(),
        Kind::Int32 => "i32".to_owned(),
        Kind::Int64 => "i64".to_owned(),
        Kind::Float64 => "f64".to_owned(),
        Kind::Uuid => "Uuid".to_owned(),
        Kind::String => "String".to_owned(),
        Kind::Bytes => "Bytes".to_owned(),
        Kind::Records => "FrameRange".to_owned(),
        Kind::Struct(name) => name.clone(),
        Kind::Array(element) => format!("List<{}>", kind_type(element)),
    }
}

/// A default as Rust writes it: the ends of a type by their names.
pub(crate) fn number(text: &str, kind: &Kind) -> String {
    match (text, kind) {
        ("2147483647", Kind::Int32) => "i32::MAX".to_owned(),
        ("-2147483648", Kind::Int32) => "i32::MIN".to_owned(),
        ("9223372036854775807", Kind::Int64) => "i64::MAX".to_owned(),
        _ => text.to_owned(),
    }
}
