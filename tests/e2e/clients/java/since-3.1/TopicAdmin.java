// What the admin client says in these words since Kafka 3.1.

import java.util.Collection;
import java.util.Collections;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;

final class TopicAdmin {
    static TopicDescription describe(AdminClient admin, String topic) throws Exception {
        return admin.describeTopics(Collections.singleton(topic)).allTopicNames().get().get(topic);
    }

    static void setConfig(AdminClient admin, String topic, String key, String value)
            throws Exception {
        ConfigResource of = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Collection<AlterConfigOp> set = Collections.singleton(
            new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET));
        admin.incrementalAlterConfigs(Collections.singletonMap(of, set)).all().get();
    }
}
