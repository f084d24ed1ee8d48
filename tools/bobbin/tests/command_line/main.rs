//! The binary as a person uses it: a broker on a free port and a directory of its own, and the
//! commands against it. Kept true: every broker and every directory is gone when its test ends.

#![expect(
    clippy::disallowed_methods,
    reason = "a test starts processes, looks at its own directory and at the clock"
)]

mod commands;
mod directories;
mod kafka_tools;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bobbin");

/// A directory under the build's own that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        // What an earlier run of the same number left behind.
        let _ = std::fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Broker {
    child: Child,
    address: String,
    banner: String,
}

impl Broker {
    /// Starts `bobbin start --dev` and reads its banner to the end.
    fn start(folder: &Folder, more: &[&str]) -> Broker {
        let mut command = Command::new(PROGRAM);
        command.args(["start", "--dev", "--listen", "127.0.0.1:0", "--log", "error", "--data"]);
        command.arg(&folder.0).args(more);
        Broker::run_as(command)
    }

    fn run_as(mut command: Command) -> Broker {
        command.stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary was built");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut banner = String::new();
        let mut address = String::new();
        for line in &mut lines {
            let line = line.expect("text");
            if let Some(listeners) = line.trim_start().strip_prefix("listeners") {
                address = listeners.trim().to_string();
            }
            banner.push_str(&line);
            banner.push('\n');
            if line.contains("kcat") {
                break;
            }
        }
        assert!(!address.is_empty(), "no banner came:\n{banner}");
        Broker { child, address, banner }
    }

    /// Runs a command against this broker.
    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        run(arguments, &self.address, input)
    }

    /// As `run`, for a command that ends well; its standard output.
    fn ok(&self, arguments: &[&str], input: &[u8]) -> String {
        let output = self.run(arguments, input);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} failed: {errors}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(arguments, b"")).expect("JSON")
    }

    /// SIGTERM, and how long it took to leave, in milliseconds.
    fn stop(&mut self) -> u128 {
        let pid = self.child.id().to_string();
        let begun = std::time::Instant::now();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        assert!(told.success());
        let left = self.child.wait().expect("a child");
        assert!(left.success(), "a broker that was told to stop leaves well: {left}");
        begun.elapsed().as_millis()
    }

    fn kill(&mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(arguments: &[&str], address: &str, input: &[u8]) -> Output {
    // A command that hangs ends the test with exit code 124.
    let mut command = Command::new("timeout");
    command.args(["60", PROGRAM]).args(arguments).env("BOBBIN_BROKERS", address);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary was built");
    let mut stdin = child.stdin.take().expect("piped");
    // A command that fails early does not read its input.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("a child")
}

fn fails(output: &Output, exit: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{said}");
    assert!(said.contains(words), "expected {words:?} in: {said}");
}
