// franz-go as package speech wants it; defaults but where a line says why.
package main

import (
	"context"
	"os"
	"time"

	"bobbin/e2e/speech"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 60 * time.Second

var codecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

func client(bootstrap string, more ...kgo.Opt) *kgo.Client {
	log := kgo.BasicLogger(os.Stderr, kgo.LogLevelWarn, nil)
	options := append([]kgo.Opt{kgo.SeedBrokers(bootstrap), kgo.WithLogger(log)}, more...)
	made, err := kgo.NewClient(options...)
	speech.Must(err)
	return made
}

func within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

func produce(bootstrap string, arguments []string) {
	topic, codec, prefix := arguments[0], codecs[arguments[1]], arguments[3]
	producer := client(bootstrap, kgo.ProducerBatchCompression(codec), kgo.DefaultProduceTopic(topic))
	defer producer.Close()
	ctx, cancel := within()
	defer cancel()
	var records []*kgo.Record
	for number := range int(speech.Number(arguments[2])) {
		key, value := speech.Body(prefix, number)
		headers := []kgo.RecordHeader{{Key: "by", Value: []byte(prefix)}}
		records = append(records, &kgo.Record{Key: []byte(key), Value: []byte(value), Headers: headers})
	}
	results := producer.ProduceSync(ctx, records...)
	speech.Must(results.FirstErr())
	speech.Say(speech.Line{"produced": len(results)})
}

func say(record *kgo.Record) {
	headers := map[string]string{}
	for _, header := range record.Headers {
		headers[header.Key] = string(header.Value)
	}
	speech.Record(record.Partition, record.Offset, record.Key, record.Value, headers, record.Timestamp)
}

func noError(fetches kgo.Fetches) {
	fetches.EachError(func(topic string, partition int32, err error) {
		speech.Check(false, "%s %d: %w", topic, partition, err)
	})
}

func read(bootstrap string, arguments []string) {
	consumer := client(bootstrap, kgo.ConsumeTopics(arguments[0]))
	defer consumer.Close()
	ctx, cancel := within()
	defer cancel()
	for left := int(speech.Number(arguments[1])); left > 0; {
		fetches := consumer.PollRecords(ctx, left)
		noError(fetches)
		fetches.EachRecord(say)
		left -= fetches.NumRecords()
	}
}

func teller(word, topic string) func(context.Context, *kgo.Client, map[string][]int32) {
	return func(_ context.Context, _ *kgo.Client, told map[string][]int32) {
		partitions := append([]int32{}, told[topic]...)
		speech.Say(speech.Line{word: partitions})
	}
}

func member(bootstrap string, arguments []string) {
	topic, group := arguments[0], arguments[1]
	closed := speech.StdinClosed()
	consumer := client(bootstrap,
		kgo.ConsumeTopics(topic), kgo.ConsumerGroup(group), kgo.DisableAutoCommit(),
		kgo.SessionTimeout(speech.Session), kgo.HeartbeatInterval(speech.Heartbeat),
		// What is polled is said and committed before its partition may go.
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(teller("assigned", topic)),
		kgo.OnPartitionsRevoked(teller("revoked", topic)),
		kgo.OnPartitionsLost(teller("revoked", topic)))
	defer consumer.CloseAllowingRebalance()
	for {
		select {
		case <-closed:
			return
		default:
		}
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		fetches := consumer.PollFetches(ctx)
		cancel()
		fetches.EachError(func(_ string, partition int32, err error) {
			speech.Check(err == context.DeadlineExceeded, "%d: %w", partition, err)
		})
		if fetches.NumRecords() > 0 {
			fetches.EachRecord(say)
			commit(consumer, fetches)
		}
		consumer.AllowRebalance()
	}
}

func commit(consumer *kgo.Client, fetches kgo.Fetches) {
	ctx, cancel := within()
	defer cancel()
	speech.Must(consumer.CommitRecords(ctx, fetches.Records()...))
	committed := map[int32]int64{}
	fetches.EachRecord(func(record *kgo.Record) { committed[record.Partition] = record.Offset + 1 })
	speech.Say(speech.Line{"committed": committed})
}

func times(bootstrap string, arguments []string) {
	asker := client(bootstrap)
	defer asker.Close()
	ctx, cancel := within()
	defer cancel()
	admin := kadm.NewClient(asker)
	found, err := admin.ListOffsetsAfterMilli(ctx, speech.Number(arguments[1]), arguments[0])
	speech.Must(err)
	ends, err := admin.ListEndOffsets(ctx, arguments[0])
	speech.Must(err)
	found.Each(func(at kadm.ListedOffset) {
		speech.Must(at.Err)
		end, _ := ends.Lookup(at.Topic, at.Partition)
		// Where no record is as late, the library answers the end.
		if at.Timestamp == -1 && at.Offset == end.Offset {
			at.Offset = -1
		}
		speech.Say(speech.Line{"partition": at.Partition, "offset": at.Offset})
	})
}

func main() {
	speech.Run(speech.Verbs{
		"produce": produce, "read": read, "member": member, "times": times, "admin": admin,
		"codecs": func(string, []string) {
			speech.Say(speech.Line{"codecs": []string{"none", "gzip", "snappy", "lz4", "zstd"}})
		},
	})
}
