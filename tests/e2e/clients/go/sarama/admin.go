package main

import (
	"context"
	"fmt"

	"bobbin/e2e/speech"

	"github.com/IBM/sarama"
)

func partitionsOf(asker sarama.ClusterAdmin, topic string) int {
	described, err := asker.DescribeTopics([]string{topic})
	speech.Must(err)
	speech.Check(described[0].Err == sarama.ErrNoError, "%v", described[0].Err)
	return len(described[0].Partitions)
}

func retention(asker sarama.ClusterAdmin, topic string) string {
	wanted := sarama.ConfigResource{
		Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"},
	}
	entries, err := asker.DescribeConfig(wanted)
	speech.Must(err)
	speech.Check(len(entries) == 1, "%v", entries)
	return entries[0].Value
}

func listed(asker sarama.ClusterAdmin, topic string) bool {
	topics, err := asker.ListTopics()
	speech.Must(err)
	_, known := topics[topic]
	return known
}

func admin(bootstrap string, arguments []string) {
	topic, group := arguments[0]+"-topic", arguments[0]+"-group"
	asker, err := sarama.NewClusterAdmin([]string{bootstrap}, config())
	speech.Must(err)
	detail := &sarama.TopicDetail{NumPartitions: speech.Partitions, ReplicationFactor: 1}
	speech.Must(asker.CreateTopic(topic, detail, false))
	speech.Done("create_topic")
	speech.Check(listed(asker, topic), "not listed")
	speech.Done("list_topics")
	speech.Check(partitionsOf(asker, topic) == speech.Partitions, "not %d", speech.Partitions)
	speech.Done("describe_topic")
	speech.Check(retention(asker, topic) == speech.RetentionOld, "another default")
	speech.Done("describe_config")
	value := speech.RetentionNew
	change := map[string]sarama.IncrementalAlterConfigsEntry{
		"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value},
	}
	speech.Must(asker.IncrementalAlterConfig(sarama.TopicResource, topic, change, false))
	speech.Until("the new value", func() bool { return retention(asker, topic) == value })
	speech.Done("alter_config")
	speech.Must(asker.CreatePartitions(topic, speech.PartitionsMore, nil, false))
	speech.Until("partitions", func() bool {
		return partitionsOf(asker, topic) == speech.PartitionsMore
	})
	speech.Done("create_partitions")
	groups(bootstrap, asker, topic, group)
	speech.Must(asker.DeleteRecords(topic, map[int32]int64{0: 5}))
	low, err := lowest(bootstrap, topic)
	speech.Must(err)
	speech.Check(low == 5, "the log begins at %d", low)
	speech.Done("delete_records")
	speech.Must(asker.DeleteConsumerGroup(group))
	speech.Done("delete_group")
	speech.Must(asker.DeleteTopic(topic))
	speech.Check(!listed(asker, topic), "a deleted topic is listed")
	speech.Done("delete_topic")
	speech.Must(asker.Close())
}

func lowest(bootstrap, topic string) (int64, error) {
	asker, err := sarama.NewClient([]string{bootstrap}, config())
	speech.Must(err)
	defer func() { speech.Must(asker.Close()) }()
	return asker.GetOffset(topic, 0, sarama.OffsetOldest)
}

func fill(bootstrap, topic string) {
	settings := config()
	settings.Producer.Return.Successes = true
	settings.Producer.Partitioner = sarama.NewManualPartitioner
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, settings)
	speech.Must(err)
	for number := range speech.Records {
		value := sarama.StringEncoder(fmt.Sprint(number))
		_, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: value})
		speech.Must(err)
	}
	speech.Must(producer.Close())
}

// counter marks what comes and tells when all of it is there.
type counter struct {
	left int
	all  chan struct{}
}

func (c *counter) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (c *counter) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (c *counter) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		s.MarkMessage(message, "")
		if c.left--; c.left == 0 {
			s.Commit()
			close(c.all)
		}
	}
	return nil
}

func groups(bootstrap string, asker sarama.ClusterAdmin, topic, group string) {
	fill(bootstrap, topic)
	consumer, err := sarama.NewConsumerGroup([]string{bootstrap}, group, consumerConfig())
	speech.Must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	counts := &counter{left: speech.Records, all: make(chan struct{})}
	go func() { ended <- consumer.Consume(ctx, []string{topic}, counts) }()
	<-counts.all
	known, err := asker.ListConsumerGroups()
	speech.Must(err)
	_, there := known[group]
	speech.Check(there, "%v", known)
	speech.Done("list_groups")
	described, err := asker.DescribeConsumerGroups([]string{group})
	speech.Must(err)
	found := described[0]
	speech.Check(found.State == "Stable" && len(found.Members) == 1, "%v", found)
	speech.Done("describe_group")
	cancel()
	speech.Must(<-ended)
	speech.Must(consumer.Close())
	offsets, err := asker.ListConsumerGroupOffsets(group, map[string][]int32{topic: {0}})
	speech.Must(err)
	at := offsets.GetBlock(topic, 0)
	speech.Check(at != nil && at.Offset == speech.Records, "%v", at)
	speech.Done("group_offsets")
}
