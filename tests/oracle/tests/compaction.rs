//! Both brokers compact the same records. `cargo xtask oracle` sets Kafka up.

use anyhow::Result;
use tests_e2e::Folder;

#[test]
#[ignore = "needs Kafka's jars and the release binary: cargo xtask oracle"]
fn bobbin_compacts_as_kafka_does() -> Result<()> {
    let folder = Folder::new("oracle-compaction")?;
    let lines = tests_oracle::compare_compaction(&folder)?;
    for line in &lines {
        println!("{line}");
    }
    assert!(lines.is_empty(), "{} differences", lines.len());
    folder.done()
}
