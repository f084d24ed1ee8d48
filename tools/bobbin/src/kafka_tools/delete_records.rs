//! `kafka-delete-records`.

use std::path::Path;

use engine_base::TopicPartition;
use net_client::{Admin, Client};
use serde_json::Value;

use super::chosen;
use super::options::{Given, Spec, Takes};
use crate::command::with_chosen;
use crate::failure::Failure;
use crate::files;
use crate::output::Out;

pub(super) const SPECS: &[Spec] = &[(
    "offset-json-file",
    Takes::Value,
    "REQUIRED: {\"partitions\": [{\"topic\": \"t\", \"partition\": 0, \"offset\": 1}], \
     \"version\": 1}; offset -1: all records",
)];

pub(super) fn run(given: &Given) -> Result<(), Failure> {
    let text = files::read_config(Path::new(given.required("offset-json-file")?))?;
    let wanted = read(&text)?;
    with_chosen(
        chosen(given, &[], false)?,
        |client, _| async move { delete(&client, &wanted).await },
    )
}

fn read(text: &str) -> Result<Vec<(TopicPartition, i64)>, Failure> {
    let wrong = |why: &str| Failure::failed(format!("The input string is not a valid JSON: {why}"));
    let file: Value = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
    if file.get("version").is_some_and(|version| version != 1) {
        let version = &file["version"];
        return Err(Failure::failed(format!("Not supported version field value {version}")));
    }
    let partitions = file["partitions"].as_array();
    let partitions = partitions.ok_or_else(|| Failure::failed("Missing partitions field"))?;
    let mut wanted: Vec<(TopicPartition, i64)> = Vec::new();
    for one in partitions {
        let topic = one["topic"].as_str();
        let partition = one["partition"].as_i64().and_then(|p| i32::try_from(p).ok());
        let (Some(topic), Some(partition), Some(offset)) =
            (topic, partition, one["offset"].as_i64())
        else {
            return Err(wrong("a partition needs topic, partition and offset"));
        };
        let place = TopicPartition { topic: topic.to_string(), partition };
        if wanted.iter().any(|(known, _)| *known == place) {
            let what = "Offset json file contains duplicate topic partitions";
            return Err(Failure::failed(format!("{what}: {topic}-{partition}")));
        }
        wanted.push((place, offset));
    }
    Ok(wanted)
}

async fn delete(client: &Client, wanted: &[(TopicPartition, i64)]) -> Result<(), Failure> {
    let admin = Admin::new(client);
    let mut out = Out::new();
    out.line("Executing records delete operation")?;
    out.line("Records delete operation completed:")?;
    for (place, offset) in wanted {
        let name = format!("{}-{}", place.topic, place.partition);
        // As the original: each partition's outcome is told, and the tool ends well.
        match admin.delete_records(place, *offset).await {
            Ok(start) => out.line(&format!("partition: {name}\tlow_watermark: {start}"))?,
            Err(error) => out.line(&format!("partition: {name}\terror: {}", error.what))?,
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_originals() {
        let text = r#"{"partitions":[{"topic":"t","partition":1,"offset":-1}],"version":1}"#;
        let place = TopicPartition { topic: "t".into(), partition: 1 };
        assert_eq!(read(text).expect("understood"), [(place, -1)]);
        for text in [
            "{",
            "{}",
            r#"{"partitions":[{"topic":"t"}]}"#,
            r#"{"partitions":[],"version":2}"#,
            r#"{"partitions":[{"topic":"t","partition":0,"offset":1},
                {"topic":"t","partition":0,"offset":2}]}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
