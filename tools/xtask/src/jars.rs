//! Java libraries through Maven, and small Java programs compiled against them.
//!
//! Kept true: everything lies in the place below target/ that the caller names; a second run
//! fetches and compiles nothing unless what was asked for has changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;
use crate::process::program;

/// What `pom` names, fetched into `place`/libs unless it lies there. Properties are `-DNAME=VALUE`.
pub(crate) fn fetch(root: &Path, pom: &str, properties: &[String], place: &str) -> Result<()> {
    let place = root.join(place);
    let done = place.join("libs.complete");
    let mut wanted = fs::read_to_string(root.join(pom)).with_context(|| pom.to_owned())?;
    wanted.extend(properties.iter().map(String::as_str));
    if fs::read_to_string(&done).is_ok_and(|fetched| fetched == wanted) {
        return Ok(());
    }
    let libs = place.join("libs");
    if libs.exists() {
        fs::remove_dir_all(&libs).context("removing the libraries of an earlier list")?;
    }
    let into = format!("-DoutputDirectory={}", libs.display());
    let copy = ["-q", "-B", "-f", pom, "dependency:copy-dependencies", &into];
    process::run(program(root, "mvn", &copy).args(properties))?;
    fs::write(done, wanted).context("marking the libraries as fetched")
}

/// Compiles sources against `place`/libs into `place`/classes, unless that was done.
pub(crate) fn compile(root: &Path, sources: &[PathBuf], place: &str) -> Result<()> {
    let done = root.join(place).join("classes.complete");
    let mut wanted = fs::read_to_string(root.join(place).join("libs.complete"))?;
    for source in sources {
        let path = root.join(source);
        wanted += &fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    }
    if fs::read_to_string(&done).is_ok_and(|compiled| compiled == wanted) {
        return Ok(());
    }
    let (classes, libs) = (format!("{place}/classes"), format!("{place}/libs/*"));
    let mut javac = program(root, "javac", &["-nowarn", "-d", &classes, "-cp", &libs]);
    process::run(javac.args(sources))?;
    fs::write(done, wanted).context("marking the classes as compiled")
}
