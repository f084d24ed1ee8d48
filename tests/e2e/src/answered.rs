//! What brokers say of the connections that ended, gathered over a whole run: which software was
//! answered which versions of which APIs.
//!
//! Kept true: nothing is gathered unless `BOBBIN_E2E_ANSWERED` names a file for it; a line there is
//! the name of the test's folder, a tab, and what the broker's log said.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Between who left and what it was answered, in a line of the broker's log.
const MARK: &str = " was answered ";

fn file() -> Option<PathBuf> {
    std::env::var_os("BOBBIN_E2E_ANSWERED").map(PathBuf::from)
}

/// Whether anything is gathered.
pub fn is_gathered() -> bool {
    file().is_some()
}

/// Adds the lines of a broker's output that tell of connections.
///
/// # Panics
/// When they cannot be written.
pub fn gather(output: &Path, printed: &str) {
    let Some(file) = file() else { return };
    let folder = output.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let mut text = String::new();
    for line in printed.lines() {
        if let Some((_, left)) = line.split_once(" left: ")
            && left.contains(MARK)
        {
            text.push_str(&format!("{folder}\t{left}\n"));
        }
    }
    let opened = OpenOptions::new().create(true).append(true).open(&file);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("because target/e2e is ours to write");
}
