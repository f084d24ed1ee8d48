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
        it.include_cluster_authorized_operations = Sample::random(dice, v);
        if v >= 1 {
            it.endpoint_type = Sample::random(dice, v);
        }
        if v >= 2 {
            it.include_fenced_brokers = Sample::random(dice, v);
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
        it.throttle_time_ms = Sample::random(dice, v);
        it.error_code = Sample::random(dice, v);
        it.error_message = dice.nullable(true, v);
        if v >= 1 {
            it.endpoint_type = Sample::random(dice, v);
        }
        it.cluster_id = Sample::random(dice, v);
        it.controller_id = Sample::random(dice, v);
        it.brokers = Sample::random(dice, v);
        it.cluster_authorized_operations = Sample::random(dice, v);
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
        it.broker_id = Sample::random(dice, v);
        it.host = Sample::random(dice, v);
        it.port = Sample::random(dice, v);
        it.rack = dice.nullable(true, v);
        if v >= 2 {
            it.is_fenced = Sample::random(dice, v);
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
