//! Random ConsumerGroupDescribe messages, and their JSON.
//!
//! Generated from `net/wire/messages/consumer_group_describe.txt`.

use net_wire::messages::consumer_group_describe as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ConsumerGroupDescribeRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_ids = dice.field("group_ids", v);
        it.include_authorized_operations = dice.field("include_authorized_operations", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupIds".to_owned(), self.group_ids.json(v));
        it.insert(
            "includeAuthorizedOperations".to_owned(),
            self.include_authorized_operations.json(v),
        );
        Value::Object(it)
    }
}

impl Sample for m::ConsumerGroupDescribeResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.groups = dice.field("groups", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("groups".to_owned(), self.groups.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribedGroup {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.group_id = dice.field("group_id", v);
        it.group_state = dice.field("group_state", v);
        it.group_epoch = dice.field("group_epoch", v);
        it.assignment_epoch = dice.field("assignment_epoch", v);
        it.assignor_name = dice.field("assignor_name", v);
        it.members = dice.field("members", v);
        it.authorized_operations = dice.field("authorized_operations", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert("groupState".to_owned(), self.group_state.json(v));
        it.insert("groupEpoch".to_owned(), self.group_epoch.json(v));
        it.insert("assignmentEpoch".to_owned(), self.assignment_epoch.json(v));
        it.insert("assignorName".to_owned(), self.assignor_name.json(v));
        it.insert("members".to_owned(), self.members.json(v));
        it.insert("authorizedOperations".to_owned(), self.authorized_operations.json(v));
        Value::Object(it)
    }
}

impl Sample for m::Member {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.member_id = dice.field("member_id", v);
        it.instance_id = dice.nullable("instance_id", true, v);
        it.rack_id = dice.nullable("rack_id", true, v);
        it.member_epoch = dice.field("member_epoch", v);
        it.client_id = dice.field("client_id", v);
        it.client_host = dice.field("client_host", v);
        it.subscribed_topic_names = dice.field("subscribed_topic_names", v);
        it.subscribed_topic_regex = dice.nullable("subscribed_topic_regex", true, v);
        it.assignment = dice.field("assignment", v);
        it.target_assignment = dice.field("target_assignment", v);
        if v >= 1 {
            it.member_type = dice.field("member_type", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("memberId".to_owned(), self.member_id.json(v));
        it.insert("instanceId".to_owned(), self.instance_id.json(v));
        it.insert("rackId".to_owned(), self.rack_id.json(v));
        it.insert("memberEpoch".to_owned(), self.member_epoch.json(v));
        it.insert("clientId".to_owned(), self.client_id.json(v));
        it.insert("clientHost".to_owned(), self.client_host.json(v));
        it.insert("subscribedTopicNames".to_owned(), self.subscribed_topic_names.json(v));
        it.insert("subscribedTopicRegex".to_owned(), self.subscribed_topic_regex.json(v));
        it.insert("assignment".to_owned(), self.assignment.json(v));
        it.insert("targetAssignment".to_owned(), self.target_assignment.json(v));
        if v >= 1 {
            it.insert("memberType".to_owned(), self.member_type.json(v));
        }
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

impl Sample for m::TopicPartitions {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic_id = dice.field("topic_id", v);
        it.topic_name = dice.field("topic_name", v);
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicId".to_owned(), self.topic_id.json(v));
        it.insert("topicName".to_owned(), self.topic_name.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}
