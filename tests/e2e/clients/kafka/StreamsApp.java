// A Kafka Streams application that is killed and goes on: BOOTSTRAP streams STATE_FOLDER. It counts
// in how many lines each word stands ("lines" to "counts", over a repartition topic and a
// changelog), and joins "left" and "right" within five seconds ("joined", over windowed
// changelogs). Both are such that records which come twice change nothing. Prints its states; stops
// when standard input ends.

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.StreamJoined;

public final class StreamsApp {
    public static void main(String[] words) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", words[0]);
        settings.put("state.dir", words[2]);
        settings.put("application.id", "app");
        settings.put("default.key.serde", Serdes.StringSerde.class.getName());
        settings.put("default.value.serde", Serdes.StringSerde.class.getName());
        // The defaults are 30 s and 45 s, which is how long the test would have to wait.
        settings.put("commit.interval.ms", "500");
        settings.put("repartition.purge.interval.ms", "1000");
        settings.put("session.timeout.ms", "6000");
        KafkaStreams streams = new KafkaStreams(topology().build(), settings);
        streams.setStateListener((now, before) ->
            System.out.println("{\"state\":\"" + now + "\"}"));
        streams.start();
        while (System.in.read() >= 0) { }
        streams.close(Duration.ofSeconds(30));
    }

    private static StreamsBuilder topology() {
        Serde<String> text = Serdes.String();
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> lines = builder.stream("lines");
        lines.flatMap(StreamsApp::words)
            .groupByKey(Grouped.with("words", text, text))
            .aggregate(() -> "", (word, line, seen) -> with(line, seen),
                Materialized.as("seen"))
            .toStream()
            .mapValues(seen -> String.valueOf(seen.split(" ").length))
            .to("counts");
        KStream<String, String> left = builder.stream("left");
        KStream<String, String> right = builder.stream("right");
        JoinWindows near =
            JoinWindows.ofTimeDifferenceAndGrace(Duration.ofSeconds(5), Duration.ofDays(1));
        left.join(right, (l, r) -> l + "/" + r, near,
                StreamJoined.with(text, text, text).withName("near").withStoreName("near"))
            .to("joined");
        return builder;
    }

    /** Each word with the line's name. */
    private static List<KeyValue<String, String>> words(String name, String line) {
        List<KeyValue<String, String>> found = new ArrayList<>();
        for (String word : line.split(" ")) {
            found.add(KeyValue.pair(word, name));
        }
        return found;
    }

    private static String with(String line, String seen) {
        TreeSet<String> all = new TreeSet<>(Arrays.asList(seen.split(" ")));
        all.remove("");
        all.add(line);
        return String.join(" ", all);
    }
}
