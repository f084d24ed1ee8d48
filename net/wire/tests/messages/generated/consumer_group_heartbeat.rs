//! Random ConsumerGroupHeartbeat messages, and their JSON.
//!
//! Generated from `net/wire/messages/consumer_group_heartbeat.txt`.

use net_wire::messages::consumer_group_heartbeat as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ConsumerGroupHeartbeatRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_id = dice.field("group_id", v);
        it.member_id = dice.field("member_id", v);
        it.member_epoch = dice.field("member_epoch", v);
        it.instance_id = dice.nullable("instance_id", true, v);
        it.rack_id = dice.nullable("rack_id", true, v);
        it.rebalance_timeout_ms = dice.field("rebalance_timeout_ms", v);
        it.subscribed_topic_names = dice.nullable("subscribed_topic_names", true, v);
        if v >= 1 {
            it.subscribed_topic_regex = dice.nullable("subscribed_topic_regex", true, v);
        }
        it.server_assignor = dice.nullable("server_assignor", true, v);
        it.topic_partitions = dice.nullable("topic_partitions", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert("memberId".to_owned(), self.member_id.json(v));
        it.insert("memberEpoch".to_owned(), self.member_epoch.json(v));
        it.insert("instanceId".to_owned(), self.instance_id.json(v));
        it.insert("rackId".to_owned(), self.rack_id.json(v));
        it.insert("rebalanceTimeoutMs".to_owned(), self.rebalance_timeout_ms.json(v));
        it.insert("subscribedTopicNames".to_owned(), self.subscribed_topic_names.json(v));
        if v >= 1 {
            it.insert("subscribedTopicRegex".to_owned(), self.subscribed_topic_regex.json(v));
        }
        it.insert("serverAssignor".to_owned(), self.server_assignor.json(v));
        it.insert("topicPartitions".to_owned(), self.topic_partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::RequestTopicPartitions {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic_id = dice.field("topic_id", v);
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicId".to_owned(), self.topic_id.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ConsumerGroupHeartbeatResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.member_id = dice.nullable("member_id", true, v);
        it.member_epoch = dice.field("member_epoch", v);
        it.heartbeat_interval_ms = dice.field("heartbeat_interval_ms", v);
        it.assignment = dice.nullable("assignment", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("memberId".to_owned(), self.member_id.json(v));
        it.insert("memberEpoch".to_owned(), self.member_epoch.json(v));
        it.insert("heartbeatIntervalMs".to_owned(), self.heartbeat_interval_ms.json(v));
        it.insert("assignment".to_owned(), self.assignment.json(v));
        Value::Object(it)
    }
}

impl Sample for m::Assignment {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic_partitions = dice.field("topic_partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicPartitions".to_owned(), self.topic_partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ResponseTopicPartitions {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic_id = dice.field("topic_id", v);
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicId".to_owned(), self.topic_id.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}
