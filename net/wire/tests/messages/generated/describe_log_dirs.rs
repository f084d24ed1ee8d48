//! Random DescribeLogDirs messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_log_dirs.txt`.

use net_wire::messages::describe_log_dirs as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeLogDirsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topics = dice.nullable("topics", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribableLogDirTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic = dice.field("topic", v);
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topic".to_owned(), self.topic.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeLogDirsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        if v >= 3 {
            it.error_code = dice.field("error_code", v);
        }
        it.results = dice.field("results", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        if v >= 3 {
            it.insert("errorCode".to_owned(), self.error_code.json(v));
        }
        it.insert("results".to_owned(), self.results.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeLogDirsResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.log_dir = dice.field("log_dir", v);
        it.topics = dice.field("topics", v);
        if v >= 4 {
            it.total_bytes = dice.field("total_bytes", v);
        }
        if v >= 4 {
            it.usable_bytes = dice.field("usable_bytes", v);
        }
        if v >= 5 {
            it.is_cordoned = dice.field("is_cordoned", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("logDir".to_owned(), self.log_dir.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        if v >= 4 {
            it.insert("totalBytes".to_owned(), self.total_bytes.json(v));
        }
        if v >= 4 {
            it.insert("usableBytes".to_owned(), self.usable_bytes.json(v));
        }
        if v >= 5 {
            it.insert("isCordoned".to_owned(), self.is_cordoned.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::DescribeLogDirsTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeLogDirsPartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.partition_size = dice.field("partition_size", v);
        it.offset_lag = dice.field("offset_lag", v);
        it.is_future_key = dice.field("is_future_key", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("partitionSize".to_owned(), self.partition_size.json(v));
        it.insert("offsetLag".to_owned(), self.offset_lag.json(v));
        it.insert("isFutureKey".to_owned(), self.is_future_key.json(v));
        Value::Object(it)
    }
}
