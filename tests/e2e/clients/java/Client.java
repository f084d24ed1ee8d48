// Kafka's Java client as tests/e2e/src/client_trial.rs wants it: BOOTSTRAP VERB ARGUMENTS, results
// as JSON lines on standard output. Compiled against several versions of the library; what differs
// between them is in TopicAdmin, of which each has its own.

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public final class Client {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final List<String> CODECS =
        Arrays.asList("none", "gzip", "snappy", "lz4", "zstd");
    private static final PrintStream OUT = new PrintStream(System.out, true);

    public static void main(String[] words) throws Exception {
        String bootstrap = words[0];
        String[] rest = Arrays.copyOfRange(words, 2, words.length);
        switch (words[1]) {
            case "codecs":
                say("\"codecs\":[" + quoted(CODECS) + "]");
                break;
            case "produce":
                produce(bootstrap, rest[0], rest[1], Integer.parseInt(rest[2]), rest[3]);
                break;
            case "read":
                read(bootstrap, rest[0], Integer.parseInt(rest[1]), settingsFrom(rest, 2));
                break;
            case "member":
                member(bootstrap, rest[0], rest[1], settingsFrom(rest, 2));
                break;
            case "times":
                times(bootstrap, rest[0], Long.parseLong(rest[1]));
                break;
            case "admin":
                new AdminSteps(bootstrap, rest[0]).run();
                break;
            case "transactions":
                transactions(bootstrap, rest[0]);
                break;
            default:
                throw new IllegalArgumentException(words[1]);
        }
    }

    static void say(String fields) {
        OUT.println("{" + fields + "}");
    }

    static String quoted(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    static String quoted(Collection<String> texts) {
        return texts.stream().map(Client::quoted).collect(Collectors.joining(","));
    }

    private static Properties settingsFrom(String[] words, int first) {
        Properties settings = new Properties();
        for (int at = first; at < words.length; at++) {
            String[] pair = words[at].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        return settings;
    }

    static KafkaProducer<String, String> producer(String bootstrap, String... pairs) {
        Properties settings = settingsFrom(pairs, 0);
        settings.put("bootstrap.servers", bootstrap);
        StringSerializer text = new StringSerializer();
        return new KafkaProducer<>(settings, text, text);
    }

    static KafkaConsumer<String, String> consumer(String bootstrap, Properties settings) {
        settings.put("bootstrap.servers", bootstrap);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        StringDeserializer text = new StringDeserializer();
        return new KafkaConsumer<>(settings, text, text);
    }

    private static void produce(String bootstrap, String topic, String codec, int count,
            String prefix) throws Exception {
        char[] filling = new char[100];
        Arrays.fill(filling, 'x');
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                producer(bootstrap, "compression.type=" + codec)) {
            for (int i = 0; i < count; i++) {
                String key = prefix + "-" + i;
                ProducerRecord<String, String> record =
                    new ProducerRecord<>(topic, key, key + ":" + new String(filling));
                record.headers().add("by", prefix.getBytes(StandardCharsets.UTF_8));
                sent.add(producer.send(record));
            }
            producer.flush();
            for (Future<RecordMetadata> one : sent) {
                if (!one.get().hasOffset()) {
                    throw new IllegalStateException("acknowledged without an offset");
                }
            }
        }
        say("\"produced\":" + sent.size());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
        List<TopicPartition> all = new ArrayList<>();
        for (PartitionInfo one : consumer.partitionsFor(topic)) {
            all.add(new TopicPartition(topic, one.partition()));
        }
        return all;
    }

    private static void read(String bootstrap, String topic, int count, Properties settings) {
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, settings)) {
            consumer.assign(partitions(consumer, topic));
            consumer.seekToBeginning(consumer.assignment());
            for (int seen = 0; seen < count;) {
                for (ConsumerRecord<String, String> record : consumer.poll(SHORT)) {
                    tell(record);
                    seen++;
                }
            }
        }
    }

    private static void tell(ConsumerRecord<String, String> record) {
        List<String> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            String value = new String(header.value(), StandardCharsets.UTF_8);
            headers.add(quoted(header.key()) + ":" + quoted(value));
        }
        say("\"partition\":" + record.partition() + ",\"offset\":" + record.offset()
            + ",\"key\":" + quoted(record.key()) + ",\"value\":" + quoted(record.value())
            + ",\"headers\":{" + String.join(",", headers) + "},\"timestamp\":"
            + record.timestamp());
    }

    /** Leaves in order when standard input ends. */
    private static void member(String bootstrap, String topic, String group, Properties settings) {
        AtomicBoolean leave = new AtomicBoolean();
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (IOException error) {
                throw new IllegalStateException(error);
            }
            leave.set(true);
        });
        watch.setDaemon(true);
        watch.start();
        settings.put("group.id", group);
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, settings)) {
            consumer.subscribe(Collections.singleton(topic), new Shares());
            while (!leave.get()) {
                ConsumerRecords<String, String> records = consumer.poll(SHORT);
                records.forEach(Client::tell);
                if (!records.isEmpty()) {
                    consumer.commitSync();
                    List<String> done = new ArrayList<>();
                    for (TopicPartition one : consumer.assignment()) {
                        done.add("\"" + one.partition() + "\":" + consumer.position(one));
                    }
                    say("\"committed\":{" + String.join(",", done) + "}");
                }
            }
        }
    }

    private static final class Shares implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            tell("assigned", partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            tell("revoked", partitions);
        }

        private static void tell(String what, Collection<TopicPartition> partitions) {
            say("\"" + what + "\":" + partitions.stream().map(TopicPartition::partition)
                .sorted().collect(Collectors.toList()));
        }
    }

    private static void times(String bootstrap, String topic, long timestamp) {
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, new Properties())) {
            // The client warns of answers for partitions that it was not assigned.
            consumer.assign(partitions(consumer, topic));
            Map<TopicPartition, Long> asked = new HashMap<>();
            for (TopicPartition one : consumer.assignment()) {
                asked.put(one, timestamp);
            }
            Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(asked);
            for (TopicPartition one : asked.keySet()) {
                OffsetAndTimestamp at = found.get(one);
                say("\"partition\":" + one.partition() + ",\"offset\":"
                    + (at == null ? "null" : at.offset()));
            }
        }
    }

    /** How long a transactional producer waits for its id, and what it is told. */
    private static void transactions(String bootstrap, String topic) {
        try (KafkaProducer<String, String> producer =
                producer(bootstrap, "transactional.id=some-transaction")) {
            // Connected, and with its classes loaded: what is measured is the refusal.
            producer.partitionsFor(topic);
            long start = System.nanoTime();
            String error = null;
            try {
                producer.initTransactions();
            } catch (RuntimeException refused) {
                error = refused.toString();
            }
            long took = (System.nanoTime() - start) / 1_000_000;
            say("\"error\":" + quoted(error) + ",\"ms\":" + took);
        }
    }
}
