//! Random DescribeCluster messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_cluster.txt`.

use net_wire::messages::describe_cluster as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeClusterRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.include_cluster_authorized_operations =
            dice.field("include_cluster_authorized_operations", v);
        if v >= 1 {
            it.endpoint_type = dice.field("endpoint_type", v);
        }
        if v >= 2 {
            it.include_fenced_brokers = dice.field("include_fenced_brokers", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert(
            "includeClusterAuthorizedOperations".to_owned(),
            self.include_cluster_authorized_operations.json(v),
        );
        if v >= 1 {
            it.insert("endpointType".to_owned(), self.endpoint_type.json(v));
        }
        if v >= 2 {
            it.insert("includeFencedBrokers".to_owned(), self.include_fenced_brokers.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::DescribeClusterResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        if v >= 1 {
            it.endpoint_type = dice.field("endpoint_type", v);
        }
        it.cluster_id = dice.field("cluster_id", v);
        it.controller_id = dice.field("controller_id", v);
        it.brokers = dice.field("brokers", v);
        it.cluster_authorized_operations = dice.field("cluster_authorized_operations", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        if v >= 1 {
            it.insert("endpointType".to_owned(), self.endpoint_type.json(v));
        }
        it.insert("clusterId".to_owned(), self.cluster_id.json(v));
        it.insert("controllerId".to_owned(), self.controller_id.json(v));
        it.insert("brokers".to_owned(), self.brokers.json(v));
        it.insert(
            "clusterAuthorizedOperations".to_owned(),
            self.cluster_authorized_operations.json(v),
        );
        Value::Object(it)
    }
}

impl Sample for m::DescribeClusterBroker {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.broker_id = dice.field("broker_id", v);
        it.host = dice.field("host", v);
        it.port = dice.field("port", v);
        it.rack = dice.nullable("rack", true, v);
        if v >= 2 {
            it.is_fenced = dice.field("is_fenced", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("brokerId".to_owned(), self.broker_id.json(v));
        it.insert("host".to_owned(), self.host.json(v));
        it.insert("port".to_owned(), self.port.json(v));
        it.insert("rack".to_owned(), self.rack.json(v));
        if v >= 2 {
            it.insert("isFenced".to_owned(), self.is_fenced.json(v));
        }
        Value::Object(it)
    }
}
