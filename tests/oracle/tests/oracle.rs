//! Both brokers, asked the same. `cargo xtask oracle` sets Kafka up.

use anyhow::Result;
use tests_e2e::Folder;

#[test]
#[ignore = "needs Kafka's jars and the release binary: cargo xtask oracle"]
fn bobbin_answers_as_kafka_does() -> Result<()> {
    let folder = Folder::new("oracle")?;
    let lines = tests_oracle::compare_brokers(&folder)?;
    for line in &lines {
        println!("{line}");
    }
    assert!(lines.is_empty(), "{} differences that nobody has explained", lines.len());
    folder.done()
}
