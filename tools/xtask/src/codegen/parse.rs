//! Reads one description (`net/wire/messages/*.txt`; the language is told in its README).
//!
//! Kept true: whatever is not understood is an error with file and line; nothing is guessed.

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::model::{Api, Field, Kind, Message, Shape, Versions};

/// One line that says something.
struct Line<'a> {
    number: usize,
    indent: usize,
    text: &'a str,
    doc: &'a str,
}

/// Reads the description of one API.
pub(crate) fn api(text: &str) -> Result<Api> {
    let doc = text.lines().next().and_then(|line| line.strip_prefix("# "));
    let doc = doc.ok_or_else(|| anyhow!("the first line must be `# what the API is for`"))?;
    let lines = lines(text)?;
    let mut head = lines.iter();
    let mut next = |word: &str| -> Result<&str> {
        let line = head.next().ok_or_else(|| anyhow!("no line `{word}`"))?;
        let rest = line.text.strip_prefix(word).filter(|_| line.indent == 0);
        rest.map(str::trim).ok_or_else(|| anyhow!("line {}: expected `{word}`", line.number))
    };
    let (key, name) = next("api")?.split_once(' ').context("`api` needs a key and a name")?;
    let versions = range(next("versions")?, None)?;
    let flexible = match next("flexible")? {
        "none" => None,
        text => Some(range(text, Some(i16::MAX))?.min),
    };
    ensure!(lines.len() > 3 && lines[3].text == "request", "expected `request` after `flexible`");
    let middle = lines.iter().position(|line| line.indent == 0 && line.text == "response");
    let middle = middle.ok_or_else(|| anyhow!("no line `response`"))?;
    let request = message(&format!("{name}Request"), versions, &lines[4..middle])?;
    let response = message(&format!("{name}Response"), versions, &lines[middle + 1..])?;
    for shape in &request.shapes {
        let twice = response.shape(&shape.name).is_some();
        ensure!(!twice, "struct {} is in the request and in the response", shape.name);
    }
    Ok(Api {
        key: key.parse().context("the API's key")?,
        name: name.to_owned(),
        doc: doc.to_owned(),
        versions,
        flexible,
        request,
        response,
    })
}

fn lines(text: &str) -> Result<Vec<Line<'_>>> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let (said, doc) = line.split_once('#').unwrap_or((line, ""));
        if said.trim().is_empty() {
            continue;
        }
        let spaces = said.len() - said.trim_start().len();
        let number = index + 1;
        ensure!(spaces % 4 == 0 && !said.contains('\t'), "line {number}: indent by four spaces");
        found.push(Line { number, indent: spaces / 4, text: said.trim(), doc: doc.trim() });
    }
    Ok(found)
}

fn message(name: &str, versions: Versions, lines: &[Line<'_>]) -> Result<Message> {
    let mut shapes = vec![Shape { name: name.to_owned(), versions, fields: Vec::new() }];
    // The struct whose fields stand at each indent: the message's own at 1.
    let mut open = vec![0];
    for line in lines {
        let place = || format!("line {}", line.number);
        ensure!(line.indent >= 1 && line.indent <= open.len(), "{}: indented too far", place());
        open.truncate(line.indent);
        let shape = open[line.indent - 1];
        let field = field(line, versions).with_context(place)?;
        if let Some(used) = field.kind.struct_name() {
            let known = shapes.iter().position(|shape| shape.name == used);
            let index = known.unwrap_or(shapes.len());
            if known.is_none() {
                let fields = Vec::new();
                shapes.push(Shape { name: used.to_owned(), versions, fields });
            }
            open.push(index);
        }
        let twice = shapes[shape].fields.iter().any(|other| other.name == field.name);
        ensure!(!twice, "{}: {} is there already", place(), field.name);
        shapes[shape].fields.push(field);
    }
    for shape in &shapes[1..] {
        ensure!(!shape.fields.is_empty(), "struct {} has no fields", shape.name);
    }
    settle(&mut shapes)?;
    Ok(Message { shapes })
}

/// Narrows every struct to the versions in which it is used, and its fields to those.
fn settle(shapes: &mut [Shape]) -> Result<()> {
    let mut used: Vec<Option<Versions>> = vec![None; shapes.len()];
    used[0] = Some(shapes[0].versions);
    // A struct may be told before all its users are: go round until nothing widens.
    loop {
        let before = used.clone();
        for (index, shape) in shapes.iter().enumerate() {
            let Some(within) = used[index] else { continue };
            for field in &shape.fields {
                let Some(name) = field.kind.struct_name() else { continue };
                let Some(target) = shapes.iter().position(|shape| shape.name == name) else {
                    bail!("struct {name} is not there");
                };
                let Some(here) = field.versions.clip(within) else { continue };
                used[target] = Some(used[target].map_or(here, |known| known.hull(here)));
            }
        }
        if before == used {
            break;
        }
    }
    for (shape, used) in shapes.iter_mut().zip(used) {
        shape.versions = used.ok_or_else(|| anyhow!("struct {} is never used", shape.name))?;
        for field in &mut shape.fields {
            let clipped = field.versions.clip(shape.versions);
            field.versions =
                clipped.ok_or_else(|| anyhow!("{}.{} is never there", shape.name, field.name))?;
            field.nullable = field.nullable.and_then(|null| null.clip(field.versions));
        }
    }
    Ok(())
}

/// `name type[?versions] [versions] [tag N] [= default]`
fn field(line: &Line<'_>, all: Versions) -> Result<Field> {
    let (said, default) = match line.text.split_once('=') {
        Some((said, default)) => (said, Some(default.trim().to_owned())),
        None => (line.text, None),
    };
    let mut words = said.split_whitespace().peekable();
    let name = words.next().context("no name")?.to_owned();
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    ensure!(name.chars().all(good), "a field's name is in snake case: {name}");
    let (kind, null) = match words.next().context("no type")?.split_once('?') {
        Some((kind, null)) => (kind, Some(null)),
        None => (said.split_whitespace().nth(1).unwrap_or_default(), None),
    };
    let mut versions = all;
    if let Some(word) = words.next_if(|word| *word != "tag") {
        versions = range(word, Some(all.max))?;
        ensure!(all.covers(versions), "versions {word} are not all described");
    }
    let nullable = match null {
        None => None,
        Some("") => Some(versions),
        Some(text) => Some(range(text, Some(all.max))?),
    };
    let mut tag = None;
    if words.next_if_eq(&"tag").is_some() {
        tag = Some(words.next().context("`tag` needs a number")?.parse()?);
    }
    ensure!(words.next().is_none(), "too many words");
    let kind = kind_of(kind)?;
    let scalar = !matches!(
        kind,
        Kind::String | Kind::Bytes | Kind::Records | Kind::Struct(_) | Kind::Array(_)
    );
    ensure!(!(scalar && nullable.is_some()), "a number is never null");
    ensure!(scalar || default.is_none(), "only numbers and flags have defaults of their own");
    Ok(Field { name, kind, versions, nullable, tag, default, doc: line.doc.to_owned() })
}

fn kind_of(text: &str) -> Result<Kind> {
    if let Some(element) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return Ok(Kind::Array(Box::new(kind_of(element)?)));
    }
    Ok(match text {
        "bool" => Kind::Bool,
        "int8" => Kind::Int8,
        "int16" => Kind::Int16,
        "uint16" => Kind::Uint16,
        "int32" => Kind::Int32,
        "int64" => Kind::Int64,
        "float64" => Kind::Float64,
        "uuid" => Kind::Uuid,
        "string" => Kind::String,
        "bytes" => Kind::Bytes,
        "records" => Kind::Records,
        name if name.starts_with(|c: char| c.is_ascii_uppercase()) => Kind::Struct(name.to_owned()),
        other => bail!("no such type: {other}"),
    })
}

/// `3`, `3-13`, `3+` (the last only where an end is known).
fn range(text: &str, end: Option<i16>) -> Result<Versions> {
    let (min, max) = if let Some(min) = text.strip_suffix('+') {
        (min.parse()?, end.context("`+` needs an end")?)
    } else if let Some((min, max)) = text.split_once('-') {
        (min.parse()?, max.parse()?)
    } else {
        (text.parse()?, text.parse()?)
    };
    ensure!(0 <= min && min <= max, "not a range of versions: {text}");
    Ok(Versions { min, max })
}

#[cfg(test)]
#[path = "parse_test.rs"]
mod parse_test;
