// What the admin client said in these words before Kafka 2.3: configs are altered as a whole.

import java.util.Collections;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;

final class TopicAdmin {
    static TopicDescription describe(AdminClient admin, String topic) throws Exception {
        return admin.describeTopics(Collections.singleton(topic)).all().get().get(topic);
    }

    static void setConfig(AdminClient admin, String topic, String key, String value)
            throws Exception {
        ConfigResource of = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config whole = new Config(Collections.singleton(new ConfigEntry(key, value)));
        admin.alterConfigs(Collections.singletonMap(of, whole)).all().get();
    }
}
