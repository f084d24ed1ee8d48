// What the admin client of every version can do, step by step; each step checks what it sees. One
// that the broker does not serve is not printed.

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

// listConsumerGroups is on its way out, and the only word that every version has.
@SuppressWarnings({"deprecation", "removal"})
final class AdminSteps {
    private final String bootstrap;
    private final String topic;
    private final String group;
    private final AdminClient admin;

    AdminSteps(String bootstrap, String prefix) {
        this.bootstrap = bootstrap;
        topic = prefix + "-topic";
        group = prefix + "-group";
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        admin = AdminClient.create(settings);
    }

    void run() throws Exception {
        step("create_topic", () -> admin.createTopics(
            Collections.singleton(new NewTopic(topic, 3, (short) 1))).all().get() == null);
        step("list_topics", () -> admin.listTopics().names().get().contains(topic));
        step("describe_topic", () -> partitions() == 3);
        step("describe_config", () -> retention().equals("604800000"));
        step("alter_config", () -> {
            TopicAdmin.setConfig(admin, topic, "retention.ms", "3600000");
            return retention().equals("3600000");
        });
        step("create_partitions", () -> {
            admin.createPartitions(
                Collections.singletonMap(topic, NewPartitions.increaseTo(6))).all().get();
            return partitions() == 6;
        });
        writeAndCommit();
        step("list_groups", () -> admin.listConsumerGroups().all().get().stream()
            .map(one -> one.groupId()).collect(Collectors.toList()).contains(group));
        step("describe_group", () -> admin.describeConsumerGroups(Collections.singleton(group))
            .all().get().get(group).members().isEmpty());
        step("group_offsets", () -> admin.listConsumerGroupOffsets(group)
            .partitionsToOffsetAndMetadata().get().get(place()).offset() == 7);
        step("delete_records", () -> admin.deleteRecords(
            Collections.singletonMap(place(), RecordsToDelete.beforeOffset(4)))
            .lowWatermarks().get(place()).get().lowWatermark() == 4);
        step("delete_group", () -> {
            admin.deleteConsumerGroups(Collections.singleton(group)).all().get();
            return admin.listConsumerGroups().all().get().stream()
                .noneMatch(one -> one.groupId().equals(group));
        });
        step("delete_topic", () -> {
            admin.deleteTopics(Collections.singleton(topic)).all().get();
            try {
                partitions();
                return false;
            } catch (ExecutionException error) {
                return error.getCause() instanceof UnknownTopicOrPartitionException;
            }
        });
        admin.close();
    }

    private static void step(String name, Callable<Boolean> did) throws Exception {
        String error = null;
        boolean ok = false;
        try {
            ok = did.call();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof UnsupportedVersionException) {
                return;
            }
            error = failed.getCause().toString();
        }
        String why = error == null ? "" : ",\"error\":" + Client.quoted(error);
        Client.say("\"step\":\"" + name + "\",\"ok\":" + ok + why);
    }

    private TopicPartition place() {
        return new TopicPartition(topic, 1);
    }

    private int partitions() throws Exception {
        return TopicAdmin.describe(admin, topic).partitions().size();
    }

    private String retention() throws Exception {
        ConfigResource of = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(Collections.singleton(of)).all().get().get(of)
            .get("retention.ms").value();
    }

    /** Ten records in one partition, and a group that stands at the seventh. */
    private void writeAndCommit() throws Exception {
        try (KafkaProducer<String, String> producer = Client.producer(bootstrap)) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(topic, 1, null, "v" + i)).get();
            }
        }
        Properties settings = new Properties();
        settings.put("group.id", group);
        try (KafkaConsumer<String, String> consumer = Client.consumer(bootstrap, settings)) {
            Map<TopicPartition, OffsetAndMetadata> at = new HashMap<>();
            at.put(place(), new OffsetAndMetadata(7));
            consumer.assign(Arrays.asList(place()));
            consumer.commitSync(at);
        }
    }
}
