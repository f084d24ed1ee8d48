//! The Java programs of tests/e2e, set up in target/e2e/java: each version of Kafka's client with
//! what is compiled against it, and Kafka's tools, Streams and Connect.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::jars;

/// Versions of kafka-clients, and the folders of what not all of them have.
const VERSIONS: &[(&str, &[&str])] = &[
    ("4.3.1", &["since-3.1", "since-4.0"]),
    ("3.9.1", &["since-3.1"]),
    ("2.1.1", &["before-2.3"]),
];
const SOURCES: &str = "tests/e2e/clients/java";
/// What comes with Kafka beside its client.
const KAFKA: (&str, &str) = ("tests/e2e/clients/kafka", "target/e2e/java/kafka");

/// Fetches and compiles what is not there yet.
pub(crate) fn set_up(root: &Path) -> Result<()> {
    for (version, folders) in VERSIONS {
        let place = format!("target/e2e/java/{version}");
        let version = format!("-Dkafka={version}");
        jars::fetch(root, &format!("{SOURCES}/pom.xml"), &[version], &place)?;
        let mut sources = sources(root, SOURCES)?;
        for folder in *folders {
            sources.extend(self::sources(root, &format!("{SOURCES}/{folder}"))?);
        }
        jars::compile(root, &sources, &place).context("compiling the Java client")?;
    }
    let (folder, place) = KAFKA;
    jars::fetch(root, &format!("{folder}/pom.xml"), &[], place)?;
    jars::compile(root, &sources(root, folder)?, place).context("compiling for Kafka's tools")
}

/// The Java files of a folder, in the order of their names.
fn sources(root: &Path, folder: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(folder)).with_context(|| folder.to_owned())? {
        let path = Path::new(folder).join(entry.context("reading a folder")?.file_name());
        if path.extension().is_some_and(|extension| extension == "java") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
