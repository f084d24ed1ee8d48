//! CPU time as the kernel counts it: of a process with all its threads (the kernel's io_uring
//! workers of the process are among them), and of the whole machine.

use anyhow::{Context, Result};

/// The kernel's unit in /proc for user space (USER_HZ), per second.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU seconds that a process has used in user and kernel mode.
pub(crate) fn of_process(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
    parse_process(&text).with_context(|| format!("{path} is not as expected"))
}

/// CPU seconds during which any core of the machine was not idle.
pub(crate) fn of_machine() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/stat").context("/proc/stat")?;
    parse_machine(&text).context("/proc/stat is not as expected")
}

fn parse_process(text: &str) -> Option<f64> {
    // The name may hold blanks and brackets; the fields begin after the last bracket.
    let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
    let user: f64 = fields.get(11)?.parse().ok()?;
    let system: f64 = fields.get(12)?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

fn parse_machine(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let fields: Vec<f64> =
        line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    // user nice system idle iowait irq softirq steal
    let busy: f64 = fields.iter().take(3).chain(fields.get(5..7)?).sum();
    Some(busy / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_the_right_ones() {
        let text = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 13 14";
        assert_eq!(parse_process(text), Some(3.0));
        assert_eq!(parse_machine("cpu  100 0 100 9999 9999 50 50 0 0 0\n"), Some(3.0));
        assert!(of_process(std::process::id()).is_ok() && of_machine().is_ok());
    }
}
