//! What a started broker says of itself. Kept true: the banner names only what exists, and every
//! command in it works as it is copied.

use std::path::Path;

use super::size;

/// What the banner tells.
pub(crate) struct Banner<'a> {
    /// The name this program was called by, so that the commands run as they are copied.
    pub(crate) program: &'a str,
    /// Data directories.
    pub(crate) data_dirs: Vec<&'a Path>,
    /// What was found there, in words.
    pub(crate) found: String,
    /// The cluster's id.
    pub(crate) cluster: String,
    /// This node's id.
    pub(crate) node_id: i32,
    /// Cores that serve.
    pub(crate) cores: u16,
    /// Memory to use, in bytes.
    pub(crate) memory_bytes: u64,
    /// The driver under it, in words.
    pub(crate) driver: String,
    /// Where it listens.
    pub(crate) listeners: Vec<String>,
    /// Where a client on this machine reaches it.
    pub(crate) reach: String,
    /// Whether topics are created on first use.
    pub(crate) creates_topics: bool,
}

/// Where the command line looks for a broker when nobody says.
const DEFAULT_REACH: &str = "127.0.0.1:9092";

impl Banner<'_> {
    /// The text, with a line end behind every line.
    pub(crate) fn text(&self) -> String {
        let dirs: Vec<String> = self.data_dirs.iter().map(|d| d.display().to_string()).collect();
        let at =
            if self.reach == DEFAULT_REACH { String::new() } else { format!(" -b {}", self.reach) };
        let (program, reach) = (self.program, &self.reach);
        let topics = if self.creates_topics { " (topics appear on first use, too)" } else { "" };
        [
            format!("Bobbin {}", env!("CARGO_PKG_VERSION")),
            format!("  data       {} ({})", dirs.join(", "), self.found),
            format!("  cluster    {}, node {}", self.cluster, self.node_id),
            format!(
                "  cores      {}, memory {}, {}",
                self.cores,
                size::show(self.memory_bytes),
                self.driver
            ),
            format!("  listeners  {}", self.listeners.join(", ")),
            String::new(),
            format!("Try it{topics}:"),
            format!("  {program} topic create demo -p 3{at}"),
            format!("  echo hello | {program} produce demo{at}"),
            format!("  {program} consume demo -o start -e{at} -f '%t[%p]@%o %v\\n'"),
            format!("  kcat -b {reach} -C -t demo -e"),
            String::new(),
        ]
        .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_name_the_port_that_is_served() {
        let banner = |reach: &str| {
            Banner {
                program: "bobbin",
                data_dirs: vec![Path::new("/d")],
                found: "formatted now".into(),
                cluster: "abc".into(),
                node_id: 0,
                cores: 1,
                memory_bytes: 1 << 30,
                driver: "io_uring".into(),
                listeners: vec![reach.to_string()],
                reach: reach.to_string(),
                creates_topics: true,
            }
            .text()
        };
        let usual = banner("127.0.0.1:9092");
        assert!(usual.contains("  bobbin topic create demo -p 3\n"), "{usual}");
        assert!(usual.contains("kcat -b 127.0.0.1:9092 -C"), "{usual}");
        let other = banner("127.0.0.1:1234");
        assert!(other.contains("bobbin produce demo -b 127.0.0.1:1234\n"), "{other}");
        assert!(other.contains("1 GiB"), "{other}");
    }
}
