//! Only engine/rt reads a clock, starts a thread, opens a file or a socket, and only it holds state
//! of a thread or of the process. Tools, bench and tests are outside the house.

use super::Findings;
use super::source::{Source, Tree};
use super::uses::paths;

const ROOM: &str = "engine/rt";
const OUTSIDE: &[&str] = &["tools/", "bench/", "tests/"];

/// Paths of the standard library, each with what it would be.
const PATHS: &[(&str, &str)] = &[
    ("std::fs", "a file"),
    ("std::thread", "a thread"),
    ("std::process::Command", "a process"),
    ("std::net::Tcp", "a socket"),
    ("std::net::Udp", "a socket"),
    ("std::net::ToSocketAddrs", "a name looked up"),
    ("std::os::unix::net", "a socket"),
    ("std::os::fd", "a descriptor"),
    ("std::time::Instant", "a clock"),
    ("std::time::SystemTime", "a clock"),
    ("Instant::now", "a clock"),
    ("SystemTime::now", "a clock"),
];

/// State that belongs to no value.
const STATE: &[&str] = &["thread_local!", "static mut "];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust().filter(|file| file.room() != ROOM && !outside(file)) {
        for (line, path) in paths(&file.scan.code) {
            let known = PATHS.iter().find(|(start, _)| path.starts_with(start));
            if let Some((_, what)) = known.filter(|_| !file.is_test_line(line)) {
                let what = format!("`{path}`: {what} outside engine/rt");
                findings.add(&file.path, line + 1, what);
            }
        }
        for (line, code) in file.code_lines() {
            for state in STATE.iter().filter(|state| code.contains(**state)) {
                findings.add(&file.path, line + 1, format!("`{state}` outside engine/rt"));
            }
        }
    }
}

fn outside(file: &Source) -> bool {
    OUTSIDE.iter().any(|room| file.path.starts_with(room))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let mut findings = Findings::default();
        check(&Tree::of(&[(path, text)]), &mut findings);
        findings.0.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn clocks_files_threads_sockets_and_statics_are_found() {
        let text = "//! H
use std::{fmt, fs};
use std::net::SocketAddr;
fn a() { std::thread::spawn(b); }
fn b() { Instant::now(); }
// std::fs::read
static mut N: u8 = 0;
thread_local! { }
";
        assert_eq!(lines("engine/log/src/a.rs", text), [2, 4, 5, 7, 8]);
        assert!(lines("engine/rt/src/a.rs", text).is_empty());
        assert!(lines("tools/bobbin/src/a.rs", text).is_empty());
    }

    #[test]
    fn tests_may_read_files_but_hold_no_hidden_state() {
        let text = "//! H\n#[cfg(test)]\nmod t { use std::fs; }\n";
        assert!(lines("engine/log/src/a.rs", text).is_empty());
        assert_eq!(lines("engine/log/src/a_test.rs", "//! H\nthread_local! {}\n"), [2]);
    }
}
