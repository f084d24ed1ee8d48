//! Random WriteTxnMarkers messages, and their JSON.
//!
//! Generated from `net/wire/messages/write_txn_markers.txt`.

use net_wire::messages::write_txn_markers as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::WriteTxnMarkersRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.markers = dice.field("markers", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("markers".to_owned(), self.markers.json(v));
        Value::Object(it)
    }
}

impl Sample for m::WritableTxnMarker {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.producer_id = dice.field("producer_id", v);
        it.producer_epoch = dice.field("producer_epoch", v);
        it.transaction_result = dice.field("transaction_result", v);
        it.topics = dice.field("topics", v);
        it.coordinator_epoch = dice.field("coordinator_epoch", v);
        if v >= 2 {
            it.transaction_version = dice.field("transaction_version", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("producerEpoch".to_owned(), self.producer_epoch.json(v));
        it.insert("transactionResult".to_owned(), self.transaction_result.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        it.insert("coordinatorEpoch".to_owned(), self.coordinator_epoch.json(v));
        if v >= 2 {
            it.insert("transactionVersion".to_owned(), self.transaction_version.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::WritableTxnMarkerTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.partition_indexes = dice.field("partition_indexes", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("partitionIndexes".to_owned(), self.partition_indexes.json(v));
        Value::Object(it)
    }
}

impl Sample for m::WriteTxnMarkersResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.markers = dice.field("markers", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("markers".to_owned(), self.markers.json(v));
        Value::Object(it)
    }
}

impl Sample for m::WritableTxnMarkerResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.producer_id = dice.field("producer_id", v);
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::WritableTxnMarkerTopicResult {
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

impl Sample for m::WritableTxnMarkerPartitionResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.error_code = dice.field("error_code", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        Value::Object(it)
    }
}
