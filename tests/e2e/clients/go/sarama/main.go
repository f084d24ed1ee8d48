// sarama as package speech wants it; defaults but where a line says why.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"regexp"
	"time"

	"bobbin/e2e/speech"

	"github.com/IBM/sarama"
)

const patience = 60 * time.Second

var codecs = map[string]sarama.CompressionCodec{
	"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
	"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD,
}

// The library's log has no levels. These lines tell of ordinary life, every other is passed on.
var ordinary = regexp.MustCompile(`^(Initializing new client|Successfully initialized new client` +
	`|Closing Client|Connected to broker|Closed connection to broker [^ ]+$` +
	`|Completed ApiVersionsRequest` +
	`|client/(brokers registered|metadata fetching|coordinator requesting|coordinator coordinator for [^ ]+ is #)` +
	`|producer/broker/\d+ (starting up|input chan closed|shut down|state change to \[open\])` +
	`|producer/leader/.* selected broker|Producer shutting down` +
	`|consumer/broker/\d+ (added subscription|accumulated \d+ new subscriptions|closed dead)` +
	`|consumergroup/[^ ]+ loop check partition number goroutine will exit` +
	`|consumergroup/session/[^ ]+ (heartbeat loop stopped|released))`)

type warnings struct{ to *log.Logger }

func (w warnings) line(text string) {
	if !ordinary.MatchString(text) {
		w.to.Print(text)
	}
}

func (w warnings) Print(v ...any)                 { w.line(fmt.Sprint(v...)) }
func (w warnings) Printf(format string, v ...any) { w.line(fmt.Sprintf(format, v...)) }
func (w warnings) Println(v ...any)               { w.line(fmt.Sprintln(v...)) }

func config() *sarama.Config {
	made := sarama.NewConfig()
	// The library wants to be told: its default speaks as of Kafka 2.8 and no later.
	made.Version = sarama.MaxVersion
	// The library warns where it stays "sarama".
	made.ClientID = "bobbin-e2e"
	return made
}

func produce(bootstrap string, arguments []string) {
	topic, prefix := arguments[0], arguments[3]
	settings := config()
	settings.Producer.Compression = codecs[arguments[1]]
	settings.Producer.RequiredAcks = sarama.WaitForAll
	// Its synchronous producer wants this.
	settings.Producer.Return.Successes = true
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, settings)
	speech.Must(err)
	var messages []*sarama.ProducerMessage
	for number := range int(speech.Number(arguments[2])) {
		key, value := speech.Body(prefix, number)
		messages = append(messages, &sarama.ProducerMessage{
			Topic: topic, Key: sarama.StringEncoder(key), Value: sarama.StringEncoder(value),
			Headers: []sarama.RecordHeader{{Key: []byte("by"), Value: []byte(prefix)}},
		})
	}
	speech.Must(producer.SendMessages(messages))
	speech.Must(producer.Close())
	speech.Say(speech.Line{"produced": len(messages)})
}

func say(message *sarama.ConsumerMessage) {
	headers := map[string]string{}
	for _, header := range message.Headers {
		headers[string(header.Key)] = string(header.Value)
	}
	speech.Record(message.Partition, message.Offset, message.Key, message.Value, headers,
		message.Timestamp)
}

func read(bootstrap string, arguments []string) {
	topic := arguments[0]
	consumer, err := sarama.NewConsumer([]string{bootstrap}, config())
	speech.Must(err)
	partitions, err := consumer.Partitions(topic)
	speech.Must(err)
	messages := make(chan *sarama.ConsumerMessage)
	for _, partition := range partitions {
		one, err := consumer.ConsumePartition(topic, partition, sarama.OffsetOldest)
		speech.Must(err)
		go func() {
			for message := range one.Messages() {
				messages <- message
			}
		}()
	}
	for left := speech.Number(arguments[1]); left > 0; left-- {
		select {
		case message := <-messages:
			say(message)
		case <-time.After(patience):
			speech.Check(false, "%d did not come", left)
		}
	}
	// Messages that wait keep Close waiting; the end of the process is what is wanted.
}

// handler says what its session has and gets, and commits after each batch that is at hand.
type handler struct{ topic string }

func (h handler) Setup(session sarama.ConsumerGroupSession) error {
	speech.Say(speech.Line{"assigned": append([]int32{}, session.Claims()[h.topic]...)})
	return nil
}

func (h handler) Cleanup(session sarama.ConsumerGroupSession) error {
	speech.Say(speech.Line{"revoked": append([]int32{}, session.Claims()[h.topic]...)})
	return nil
}

func (h handler) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		say(message)
		s.MarkMessage(message, "")
		if len(claim.Messages()) == 0 {
			s.Commit()
			speech.Say(speech.Line{"committed": map[int32]int64{message.Partition: message.Offset + 1}})
		}
	}
	return nil
}

func consumerConfig() *sarama.Config {
	settings := config()
	settings.Consumer.Offsets.Initial = sarama.OffsetOldest
	// Errors are taken, not only logged.
	settings.Consumer.Return.Errors = true
	return settings
}

func member(bootstrap string, arguments []string) {
	topic := arguments[0]
	closed := speech.StdinClosed()
	settings := consumerConfig()
	settings.Consumer.Offsets.AutoCommit.Enable = false
	settings.Consumer.Group.Session.Timeout = speech.Session
	settings.Consumer.Group.Heartbeat.Interval = speech.Heartbeat
	group, err := sarama.NewConsumerGroup([]string{bootstrap}, arguments[1], settings)
	speech.Must(err)
	go func() {
		for err := range group.Errors() {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-closed
		cancel()
	}()
	for ctx.Err() == nil {
		err := group.Consume(ctx, []string{topic}, handler{topic})
		speech.Check(err == nil || errors.Is(err, context.Canceled), "%w", err)
	}
	speech.Must(group.Close())
}

func times(bootstrap string, arguments []string) {
	topic := arguments[0]
	asker, err := sarama.NewClient([]string{bootstrap}, config())
	speech.Must(err)
	partitions, err := asker.Partitions(topic)
	speech.Must(err)
	for _, partition := range partitions {
		offset, err := asker.GetOffset(topic, partition, speech.Number(arguments[1]))
		speech.Must(err)
		speech.Say(speech.Line{"partition": partition, "offset": offset})
	}
	speech.Must(asker.Close())
}

func main() {
	sarama.Logger = warnings{log.New(os.Stderr, "sarama: ", 0)}
	speech.Run(speech.Verbs{
		"produce": produce, "read": read, "member": member, "times": times, "admin": admin,
		"codecs": func(string, []string) {
			speech.Say(speech.Line{"codecs": []string{"none", "gzip", "snappy", "lz4", "zstd"}})
		},
	})
}
