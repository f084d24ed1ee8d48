//! Where the broker's properties come from, and which source wins: what `--dev` presumes, then the
//! file, then the environment, then flags. Kept true: every value remembers the source it came
//! from, so that a refusal can name it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use engine_base::settings::properties;

use crate::cli::StartArgs;
use crate::failure::Failure;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// What `--dev` presumes.
    Dev,
    /// A file, and the line where the format tells it.
    File(PathBuf, Option<usize>),
    /// An environment variable.
    Environment(String),
    /// A flag, as it was written.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Dev => f.write_str("--dev"),
            Origin::File(path, Some(line)) => write!(f, "{}, line {line}", path.display()),
            Origin::File(path, None) => write!(f, "{}", path.display()),
            Origin::Environment(name) => f.write_str(name),
            Origin::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// As it was given.
    pub(crate) value: String,
    /// Where it came from.
    pub(crate) origin: Origin,
}

impl Setting {
    /// The place of this value for a sentence: its source and its key.
    pub(crate) fn at(&self, key: &str) -> String {
        match &self.origin {
            Origin::Flag(flag) if flag.starts_with("-X") => flag.clone(),
            origin => format!("{origin}: {key}"),
        }
    }
}

/// Properties by Kafka's names, the strongest source's value of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    settings: BTreeMap<String, Setting>,
}

/// Environment variables under our prefix that are for other commands or are no properties.
const NOT_PROPERTIES: [&str; 3] = ["BOBBIN_BROKERS", CONFIG_VARIABLE, DEV_VARIABLE];

/// Stands for `--config`.
pub(crate) const CONFIG_VARIABLE: &str = "BOBBIN_CONFIG";

/// Stands for `--dev`, if it is `true`.
pub(crate) const DEV_VARIABLE: &str = "BOBBIN_DEV";

/// Short names that flags and the environment share, with the property that each stands for.
const SHORT: [(&str, &str); 4] = [
    ("data", "log.dirs"),
    ("listen", "listeners"),
    ("advertise", "advertised.listeners"),
    ("log", "log.level"),
];

impl Sources {
    /// Reads every source in turn. `file` is the text of `--config`, read by the caller.
    pub(crate) fn gather(
        args: &StartArgs,
        file: Option<(&Path, &str)>,
        environment: &[(String, String)],
    ) -> Result<Sources, Failure> {
        let mut sources = Sources::default();
        if args.dev {
            for (key, value) in [("cores", "1"), ("memory", "1GiB")] {
                sources.put(key, value, Origin::Dev);
            }
        }
        if let Some((path, text)) = file {
            sources.take_file(path, text)?;
        }
        sources.take_environment(environment)?;
        sources.take_flags(args)?;
        Ok(sources)
    }

    /// The value of a property.
    pub(crate) fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    /// Every property that some source gave, in the order of names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.settings.iter().map(|(key, setting)| (key.as_str(), setting))
    }

    fn put(&mut self, key: &str, value: &str, origin: Origin) {
        // A later `log.dir` must not lose to an earlier, otherwise stronger `log.dirs`.
        match key {
            "log.dir" => drop(self.settings.remove("log.dirs")),
            "log.dirs" => drop(self.settings.remove("log.dir")),
            "broker.id" => drop(self.settings.remove("node.id")),
            "node.id" => drop(self.settings.remove("broker.id")),
            _ => {}
        }
        let setting = Setting { value: value.to_string(), origin };
        self.settings.insert(key.to_string(), setting);
    }

    fn take_file(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        if path.extension().is_some_and(|end| end == "toml") {
            for (key, value) in toml_properties(path, text)? {
                self.put(&key, &value, Origin::File(path.to_path_buf(), None));
            }
            return Ok(());
        }
        let properties = properties::parse(text).map_err(|error| {
            Failure::usage(format!("{}, line {}: a broken \\u escape", path.display(), error.line))
                .next("write \\u and four hexadecimal digits, or \\\\u for the letters themselves")
        })?;
        // Within one file the last of two equal keys wins, as in Java's Properties; of `log.dir`
        // and
        // `log.dirs`, and of `broker.id` and `node.id`, Kafka takes the second name wherever it
        // stands.
        let has = |name: &str| properties.iter().any(|p| p.name == name);
        for property in &properties {
            let shadowed = (property.name == "log.dir" && has("log.dirs"))
                || (property.name == "broker.id" && has("node.id"));
            if !shadowed {
                let origin = Origin::File(path.to_path_buf(), Some(property.line));
                self.put(&property.name, &property.value, origin);
            }
        }
        Ok(())
    }

    fn take_environment(&mut self, environment: &[(String, String)]) -> Result<(), Failure> {
        for (name, value) in environment {
            let Some(rest) = name.strip_prefix("BOBBIN_") else { continue };
            if NOT_PROPERTIES.contains(&name.as_str()) {
                continue;
            }
            let key = rest.to_ascii_lowercase().replace('_', ".");
            let key = SHORT.iter().find(|(short, _)| *short == key).map_or(key.as_str(), |s| s.1);
            self.put(key, value, Origin::Environment(name.clone()));
        }
        Ok(())
    }

    fn take_flags(&mut self, args: &StartArgs) -> Result<(), Failure> {
        for text in &args.set {
            let Some((key, value)) = text.split_once('=') else {
                return Err(Failure::usage(format!("-X {text}: it needs a value"))
                    .next(format!("write -X {text}=VALUE")));
            };
            self.put(key.trim(), value.trim(), Origin::Flag(format!("-X {key}")));
        }
        let data = args.data.as_ref().map(|data| data.display().to_string());
        let listen = (!args.listen.is_empty()).then(|| args.listen.join(","));
        let advertise = (!args.advertise.is_empty()).then(|| args.advertise.join(","));
        let flags = [
            ("log.dirs", "--data", data),
            ("listeners", "--listen", listen),
            ("advertised.listeners", "--advertise", advertise),
            ("cores", "--cores", args.cores.clone()),
            ("memory", "--memory", args.memory.clone()),
            ("log.level", "--log", args.log.clone()),
            ("allow.plaintext", "--allow-plaintext", args.allow_plaintext.then(|| "true".into())),
        ];
        for (key, flag, value) in flags {
            if let Some(value) = value {
                self.put(key, &value, Origin::Flag(flag.to_string()));
            }
        }
        Ok(())
    }
}

/// Flattens TOML: a table's name and a key's join with a dot, an array's members with commas.
fn toml_properties(path: &Path, text: &str) -> Result<Vec<(String, String)>, Failure> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        Failure::usage(format!("{}, line {line}: {}", path.display(), error.message()))
    })?;
    let mut found = Vec::new();
    flatten(path, "", &table, &mut found)?;
    Ok(found)
}

fn flatten(
    path: &Path,
    prefix: &str,
    table: &toml::Table,
    found: &mut Vec<(String, String)>,
) -> Result<(), Failure> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(path, &key, inner, found)?,
            toml::Value::Array(items) => {
                let texts: Result<Vec<String>, Failure> =
                    items.iter().map(|item| scalar(path, &key, item)).collect();
                found.push((key, texts?.join(",")));
            }
            value => {
                let text = scalar(path, &key, value)?;
                found.push((key, text));
            }
        }
    }
    Ok(())
}

fn scalar(path: &Path, key: &str, value: &toml::Value) -> Result<String, Failure> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Boolean(yes) => Ok(yes.to_string()),
        toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
            Err(Failure::usage(format!(
                "{}: {key} is a {}, which no property is",
                path.display(),
                value.type_str()
            )))
        }
    }
}

#[cfg(test)]
#[path = "sources_test.rs"]
mod sources_test;
