//! Where things are: the tree, what was built, and a folder per test below target/.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A test's own folder. It stays to be looked at unless the test says that it is done.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// An empty folder with the test's name.
    ///
    /// # Errors
    /// When an old one cannot be removed or the new one cannot be made.
    pub fn new(test: &str) -> Result<Folder> {
        let path = root()?.join("target/e2e/run").join(test);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
        }
        fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Folder { path })
    }

    /// A path inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The test has passed: removes the folder.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn done(self) -> Result<()> {
        let path = &self.path;
        fs::remove_dir_all(path).with_context(|| format!("removing {}", path.display()))
    }
}

/// The root of the tree.
///
/// # Errors
/// When the current folder is not inside it.
pub fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("there is no current folder")?;
    let found = here.ancestors().find(|folder| folder.join("tests/e2e/Cargo.toml").is_file());
    Ok(found.context("not inside Bobbin's tree")?.to_path_buf())
}

/// The lines to copy below a heading of README.md.
///
/// # Errors
/// When README.md or the heading is not there.
pub fn readme_lines(heading: &str) -> Result<Vec<String>> {
    let text = fs::read_to_string(root()?.join("README.md")).context("reading README.md")?;
    let (_, below) = text.split_once(heading).with_context(|| format!("no {heading}"))?;
    let section = below.split("\n## ").next().unwrap_or_default();
    Ok(section.lines().filter_map(|line| line.strip_prefix("    ")).map(String::from).collect())
}

/// The release binary, or what `BOBBIN_BIN` names.
///
/// # Errors
/// When it has not been built.
pub fn binary() -> Result<PathBuf> {
    let path = match std::env::var_os("BOBBIN_BIN") {
        Some(path) => PathBuf::from(path),
        None => root()?.join("target/release/bobbin"),
    };
    anyhow::ensure!(path.is_file(), "{} is not there: cargo xtask e2e builds it", path.display());
    Ok(path)
}

/// The Python scripts of these tests.
///
/// # Errors
/// When the current folder is not inside the tree.
pub fn scripts() -> Result<PathBuf> {
    Ok(root()?.join("tests/e2e/py"))
}

/// The folder of the pinned Python packages.
///
/// # Errors
/// When they have not been fetched.
pub fn python_packages() -> Result<PathBuf> {
    let path = match std::env::var_os("BOBBIN_E2E_PYTHON") {
        Some(path) => PathBuf::from(path),
        None => root()?.join("target/e2e/python"),
    };
    let there = Path::new(&path).join("confluent_kafka").is_dir();
    anyhow::ensure!(there, "no clients in {}: cargo xtask e2e --setup", path.display());
    Ok(path)
}

/// The command that runs a Java class with what xtask fetched and compiled into a place of
/// target/e2e/java. Its libraries log warnings and errors to stderr.
///
/// # Errors
/// When nothing was compiled there.
pub fn java(place: &str, class: &str) -> Result<Vec<OsString>> {
    let place = root()?.join("target/e2e/java").join(place);
    let there = place.join("classes").is_dir();
    anyhow::ensure!(there, "no classes in {}: cargo xtask e2e --setup", place.display());
    let path = format!("{0}/classes:{0}/libs/*", place.display());
    let quick = ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"];
    let log = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", &path, class];
    Ok(["java"].iter().chain(&quick).chain(&log).map(OsString::from).collect())
}

/// Names of the variables that tell these tests something. To the binary each would be a property
/// of its configuration, which it does not have.
pub fn variables_of_ours() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.starts_with("BOBBIN_")).collect()
}
