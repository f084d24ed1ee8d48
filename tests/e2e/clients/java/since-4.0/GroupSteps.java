// What groups can do beside sharing, step by step: BOOTSTRAP pattern | static-classic |
// static-consumer. Prints what each step saw.

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;

public final class GroupSteps {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final long PATIENCE_MS = 60_000;

    private final String bootstrap;
    private final AdminClient admin;

    private GroupSteps(String bootstrap) {
        this.bootstrap = bootstrap;
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        admin = AdminClient.create(settings);
    }

    public static void main(String[] words) throws Exception {
        GroupSteps steps = new GroupSteps(words[0]);
        if (words[1].equals("pattern")) {
            steps.pattern();
        } else {
            steps.stays(words[1].substring("static-".length()));
        }
        steps.admin.close();
    }

    /** The broker matches a pattern, in the words of RE2, with topics as they come. */
    private void pattern() throws Exception {
        create("pat-1");
        create("other");
        write("pat-1", 50);
        write("other", 50);
        try (KafkaConsumer<String, String> member = member("patterns", "consumer", null)) {
            member.subscribe(new SubscriptionPattern("pat-[0-9]+"));
            say("what is there", read(member, 50));
            create("pat-2");
            write("pat-2", 30);
            say("a topic that came later", read(member, 30));
            admin.createPartitions(
                Collections.singletonMap("pat-2", NewPartitions.increaseTo(4))).all().get();
            while (member.assignment().size() < 6) {
                member.poll(SHORT);
            }
            say("partitions", member.assignment().size());
        }
        try (KafkaConsumer<String, String> member = member("broken", "consumer", null)) {
            member.subscribe(new SubscriptionPattern("pat-("));
            read(member, 1);
        } catch (InvalidRegularExpression refused) {
            say("a broken pattern is refused", 1);
        }
    }

    /** A static member keeps its place while it is away, and nobody else may take its name. */
    private void stays(String protocol) throws Exception {
        String group = "static-" + protocol;
        create(group);
        write(group, 50);
        try (KafkaConsumer<String, String> member = member(group, protocol, "one")) {
            member.subscribe(Set.of(group));
            say("what is there", read(member, 50));
        }
        ConsumerGroupDescription away = describe(group);
        say("members while it is away", away.members().size());
        say("it has its name", away.members().stream()
            .filter(one -> one.groupInstanceId().orElse("").equals("one")).count());
        write(group, 20);
        try (KafkaConsumer<String, String> member = member(group, protocol, "one")) {
            member.subscribe(Set.of(group));
            say("what came meanwhile", read(member, 20));
            if (protocol.equals("consumer")) {
                twin(group, member);
            }
        }
        admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(
            List.of(new MemberToRemove("one")))).all().get();
        say("members once it is removed", describe(group).members().size());
    }

    private void twin(String group, KafkaConsumer<String, String> member) throws Exception {
        try (KafkaConsumer<String, String> twin = member(group, "consumer", "one")) {
            twin.subscribe(Set.of(group));
            read(twin, 1);
        } catch (UnreleasedInstanceIdException refused) {
            say("a twin is refused", 1);
        }
        write(group, 10);
        say("the first one goes on", read(member, 10));
    }

    private KafkaConsumer<String, String> member(String group, String protocol, String instance) {
        Properties settings = new Properties();
        settings.put("group.id", group);
        settings.put("group.protocol", protocol);
        settings.put("metadata.max.age.ms", "2000");
        if (instance != null) {
            settings.put("group.instance.id", instance);
        }
        return Client.consumer(bootstrap, settings);
    }

    /** Reads so many records and commits them. */
    private static int read(KafkaConsumer<String, String> member, int wanted) {
        long end = System.currentTimeMillis() + PATIENCE_MS;
        int count = 0;
        while (count < wanted && System.currentTimeMillis() < end) {
            count += member.poll(SHORT).count();
        }
        member.commitSync();
        return count;
    }

    private void create(String topic) throws Exception {
        admin.createTopics(Set.of(new NewTopic(topic, 2, (short) 1))).all().get();
    }

    private void write(String topic, int count) throws Exception {
        try (KafkaProducer<String, String> producer = Client.producer(bootstrap)) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i));
            }
        }
    }

    private ConsumerGroupDescription describe(String group) throws Exception {
        return admin.describeConsumerGroups(Set.of(group)).all().get().get(group);
    }

    private static void say(String what, long saw) {
        Client.say("\"step\":" + Client.quoted(what) + ",\"saw\":" + saw);
    }
}
