//! Writes what the tests of net/wire need of each message: a random one, and its JSON as Kafka's
//! converters write it.
//!
//! Kept true: this looks at the fields by their names in the description and not at the generated
//! `read` and `write`, so that two fields that were swapped there are found.

use std::fmt::Write;

use super::encode::differs;
use super::model::{Api, Field, Kind, Shape};
use super::rust::{Context, rust_name};

/// The samples of one API, before rustfmt.
pub(crate) fn module(api: &Api) -> String {
    let mut out = String::new();
    let module = api.module();
    let _ = writeln!(out, "//! Random {} messages, and their JSON.\n//!", api.name);
    let _ = writeln!(out, "//! Generated from `net/wire/messages/{module}.txt`.\n");
    let _ =
        writeln!(out, "use net_wire::messages::{module} as m;\nuse serde_json::{{Map, Value}};\n");
    let _ = writeln!(out, "use crate::dice::Dice;\nuse crate::sample::Sample;\n");
    for message in [&api.request, &api.response] {
        let context = Context { api, message };
        for shape in &message.shapes {
            sample(&mut out, &context, shape);
        }
    }
    out
}

fn sample(out: &mut String, context: &Context<'_>, shape: &Shape) {
    let mut random = String::new();
    let mut json = String::new();
    for field in &shape.fields {
        let condition = field.versions.condition(shape.versions);
        let name = rust_name(field);
        let null = context.may_be_null(shape, field);
        let make = match field.nullable {
            Some(_) => format!("it.{name} = dice.nullable({name:?}, {null}, v);"),
            None => format!("it.{name} = dice.field({name:?}, v);"),
        };
        let key = format!("{:?}.to_owned()", json_name(field));
        let mut show = format!("it.insert({key}, self.{name}.json(v));");
        if field.kind == Kind::Records {
            // Of records Kafka shows the size, so that a null is another member.
            let size = "\"recordsSizeInBytes\".to_owned()";
            let key = format!("if self.{name}.is_some() {{ {size} }} else {{ {key} }}");
            show = format!("let key = {key};\nit.insert(key, self.{name}.json(v));");
        }
        if field.tag.is_some() {
            let told = differs(field, "m::");
            let when = condition.as_ref().map(|when| format!("{when} && {told}"));
            show = guarded(Some(&when.unwrap_or(told)), &show);
        } else {
            show = guarded(condition.as_ref(), &show);
        }
        random.push_str(&guarded(condition.as_ref(), &make));
        json.push_str(&show);
    }
    let mut records = String::new();
    for field in shape.fields.iter().filter(|field| has_records(context, &field.kind)) {
        let _ = writeln!(records, "self.{}.records(found);", rust_name(field));
    }
    if !records.is_empty() {
        let head = "fn records(&self, found: &mut Vec<net_wire::FrameRange>)";
        records = format!("\n{head} {{\n{records}}}\n");
    }
    let _ = writeln!(
        out,
        "impl Sample for m::{name} {{\n\
         fn random(dice: &mut Dice, v: i16) -> Self {{\n\
         let mut it = Self::default();\n{random}it\n}}\n\n\
         fn json(&self, v: i16) -> Value {{\n\
         let mut it = Map::new();\n{json}Value::Object(it)\n}}\n{records}}}\n",
        name = shape.name,
    );
}

fn guarded(condition: Option<&String>, line: &str) -> String {
    match condition {
        None => format!("{line}\n"),
        Some(condition) => format!("if {condition} {{ {line} }}\n"),
    }
}

fn has_records(context: &Context<'_>, kind: &Kind) -> bool {
    let inner = kind.struct_name().and_then(|name| context.message.shape(name));
    *kind == Kind::Records
        || inner
            .is_some_and(|shape| shape.fields.iter().any(|field| has_records(context, &field.kind)))
}

/// Kafka's JSON name: camel case.
fn json_name(field: &Field) -> String {
    let camel = field.kafka_name();
    camel[..1].to_ascii_lowercase() + &camel[1..]
}

/// The list of all messages, before rustfmt.
pub(crate) fn list(apis: &[Api]) -> String {
    let mut out = String::from("//! Every message that is described.\n//!\n//! Generated.\n\n");
    out.push_str("#![allow(clippy::field_reassign_with_default)]\n\n");
    for api in apis {
        let _ = writeln!(out, "mod {};", api.module());
    }
    out.push_str("\nuse net_wire::messages as m;\n\nuse crate::sample::Case;\n\n");
    out.push_str("/// Every message that is described.\npub(crate) const CASES: &[Case] = &[\n");
    for api in apis {
        for (message, response) in [(&api.request, false), (&api.response, true)] {
            let name = &message.root().name;
            let _ = writeln!(out, "    Case::of::<m::{}::{name}>({response}),", api.module());
        }
    }
    out.push_str("];\n");
    out
}
