package main

import (
	"context"
	"fmt"

	"bobbin/e2e/speech"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func partitionsOf(ctx context.Context, asker *kadm.Client, topic string) int {
	listed, err := asker.ListTopics(ctx, topic)
	speech.Must(err)
	return len(listed[topic].Partitions)
}

func retention(ctx context.Context, asker *kadm.Client, topic string) string {
	described, err := asker.DescribeTopicConfigs(ctx, topic)
	speech.Must(err)
	config, err := described.On(topic, nil)
	speech.Must(err)
	speech.Must(config.Err)
	for _, entry := range config.Configs {
		if entry.Key == "retention.ms" {
			return entry.MaybeValue()
		}
	}
	return ""
}

func admin(bootstrap string, arguments []string) {
	topic, group := arguments[0]+"-topic", arguments[0]+"-group"
	asker := kadm.NewClient(client(bootstrap))
	defer asker.Close()
	ctx, cancel := within()
	defer cancel()
	_, err := asker.CreateTopic(ctx, speech.Partitions, 1, nil, topic)
	speech.Must(err)
	speech.Done("create_topic")
	listed, err := asker.ListTopics(ctx)
	speech.Must(err)
	speech.Check(listed.Has(topic), "not listed")
	speech.Done("list_topics")
	speech.Check(partitionsOf(ctx, asker, topic) == speech.Partitions, "%v", listed[topic])
	speech.Done("describe_topic")
	speech.Check(retention(ctx, asker, topic) == speech.RetentionOld, "another default")
	speech.Done("describe_config")
	value := speech.RetentionNew
	change := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &value}}
	altered, err := asker.AlterTopicConfigs(ctx, change, topic)
	speech.Must(err)
	_, err = altered.On(topic, func(one *kadm.AlterConfigsResponse) error { return one.Err })
	speech.Must(err)
	speech.Until("the new value", func() bool { return retention(ctx, asker, topic) == value })
	speech.Done("alter_config")
	added, err := asker.UpdatePartitions(ctx, speech.PartitionsMore, topic)
	speech.Must(err)
	speech.Must(added.Error())
	speech.Until("partitions", func() bool {
		return partitionsOf(ctx, asker, topic) == speech.PartitionsMore
	})
	speech.Done("create_partitions")
	groups(ctx, bootstrap, asker, topic, group)
	below := kadm.Offsets{}
	below.AddOffset(topic, 0, 5, -1)
	deleted, err := asker.DeleteRecords(ctx, below)
	speech.Must(err)
	left, err := deleted.On(topic, 0, nil)
	speech.Must(err)
	speech.Must(left.Err)
	speech.Check(left.LowWatermark == 5, "%v", left)
	speech.Done("delete_records")
	_, err = asker.DeleteGroup(ctx, group)
	speech.Must(err)
	speech.Done("delete_group")
	_, err = asker.DeleteTopic(ctx, topic)
	speech.Must(err)
	// The library answers from what it knew a moment ago.
	speech.Until("a deleted topic is not listed", func() bool {
		listed, err := asker.ListTopics(ctx)
		speech.Must(err)
		return !listed.Has(topic)
	})
	speech.Done("delete_topic")
}

func groups(ctx context.Context, bootstrap string, asker *kadm.Client, topic, group string) {
	producer := client(bootstrap, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for number := range speech.Records {
		record := &kgo.Record{Topic: topic, Partition: 0, Value: []byte(fmt.Sprint(number))}
		speech.Must(producer.ProduceSync(ctx, record).FirstErr())
	}
	producer.Close()
	consumer := client(bootstrap, kgo.ConsumeTopics(topic), kgo.ConsumerGroup(group))
	for got := 0; got < speech.Records; {
		fetches := consumer.PollFetches(ctx)
		noError(fetches)
		got += fetches.NumRecords()
	}
	speech.Must(consumer.CommitUncommittedOffsets(ctx))
	listed, err := asker.ListGroups(ctx)
	speech.Must(err)
	_, known := listed[group]
	speech.Check(known, "%v", listed)
	speech.Done("list_groups")
	described, err := asker.DescribeGroups(ctx, group)
	speech.Must(err)
	found := described[group]
	speech.Must(found.Err)
	speech.Check(found.State == "Stable" && len(found.Members) == 1, "%v", found)
	speech.Done("describe_group")
	consumer.Close()
	offsets, err := asker.FetchOffsets(ctx, group)
	speech.Must(err)
	at, _ := offsets.Lookup(topic, 0)
	speech.Check(at.Err == nil && at.At == speech.Records, "%v", at)
	speech.Done("group_offsets")
}
