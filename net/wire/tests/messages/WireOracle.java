// Kafka's own message classes, asked over a pipe: makes random messages from Kafka's schemas, reads
// what Bobbin wrote, and tells both as JSON and as bytes. Driven by oracle.rs beside it.
//
// A question:  length (4), operation (1), api key (2), response? (1), version (2), argument (rest)
//   'm' make a random message; the argument is a seed (8)      -> JSON, raw bytes, canonical bytes
//   'r' read the message that the argument is                  -> JSON, canonical bytes
//   'f' the facts of an API and a version                      -> JSON
// An answer:   0 or 1 for an error (1), count of parts (4), and each part: length (4), bytes

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;

public final class WireOracle {
    private final Random random = new Random();

    public static void main(String[] arguments) throws Exception {
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 16));
        WireOracle oracle = new WireOracle();
        while (true) {
            byte[] question;
            try {
                question = new byte[in.readInt()];
            } catch (EOFException end) {
                return;
            }
            in.readFully(question);
            byte[][] parts;
            int status = 0;
            try {
                parts = oracle.answer(ByteBuffer.wrap(question));
            } catch (Throwable refused) {
                StringWriter text = new StringWriter();
                refused.printStackTrace(new PrintWriter(text));
                parts = new byte[][] {utf8(text.toString())};
                status = 1;
            }
            out.writeByte(status);
            out.writeInt(parts.length);
            for (byte[] part : parts) {
                out.writeInt(part.length);
                out.write(part);
            }
            out.flush();
        }
    }

    private byte[][] answer(ByteBuffer question) throws Exception {
        byte operation = question.get();
        ApiMessageType api = ApiMessageType.fromApiKey(question.getShort());
        boolean response = question.get() != 0;
        short version = question.getShort();
        if (operation == 'f') {
            return new byte[][] {utf8(facts(api, version).toString())};
        }
        ByteBuffer raw;
        if (operation == 'm') {
            random.setSeed(question.getLong());
            Schema schema = (response ? api.responseSchemas() : api.requestSchemas())[version];
            Struct struct = structure(schema);
            raw = ByteBuffer.allocate(struct.sizeOf());
            struct.writeTo(raw);
            raw.flip();
        } else {
            raw = question.slice();
        }
        ApiMessage message = response ? api.newResponse() : api.newRequest();
        ByteBuffer reading = raw.duplicate();
        message.read(new ByteBufferAccessor(reading), version);
        if (reading.hasRemaining()) {
            throw new IllegalStateException(reading.remaining() + " bytes were not read");
        }
        byte[] json = utf8(json(message, version).toString());
        byte[] canonical = write(message, version);
        if (operation == 'r') {
            return new byte[][] {json, canonical};
        }
        byte[] made = new byte[raw.remaining()];
        raw.duplicate().get(made);
        return new byte[][] {json, made, canonical};
    }

    private static ObjectNode facts(ApiMessageType api, short version) {
        ObjectNode facts = new ObjectNode(JsonNodeFactory.instance);
        facts.put("name", api.name);
        facts.put("min", api.lowestSupportedVersion());
        facts.put("max", api.highestSupportedVersion(false));
        facts.put("requestHeader", api.requestHeaderVersion(version));
        facts.put("responseHeader", api.responseHeaderVersion(version));
        return facts;
    }

    private static JsonNode json(ApiMessage message, short version) throws Exception {
        Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
        return (JsonNode) converter
            .getMethod("write", message.getClass(), short.class, boolean.class)
            .invoke(null, message, version, false);
    }

    private static byte[] write(ApiMessage message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Struct structure(Schema schema) {
        Struct struct = new Struct(schema);
        for (BoundField field : schema.fields()) {
            struct.set(field, value(field.def.type));
        }
        return struct;
    }

    private Object value(Type type) {
        if (type.isNullable() && random.nextInt(4) == 0) {
            return null;
        }
        if (type.isArray()) {
            Type element = type.arrayElementType().orElseThrow();
            boolean small = element instanceof Schema;
            Object[] values = new Object[random.nextInt(small || random.nextInt(20) > 0 ? 4 : 300)];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(element);
            }
            return values;
        }
        if (type instanceof TaggedFields) {
            TreeMap<Integer, Object> values = new TreeMap<>();
            for (Map.Entry<Integer, Field> field : ((TaggedFields) type).fields().entrySet()) {
                if (random.nextBoolean()) {
                    values.put(field.getKey(), value(field.getValue().type));
                }
            }
            return values;
        }
        if (type instanceof Schema) {
            return structure((Schema) type);
        }
        switch (type.toString()) {
            case "BOOLEAN": return random.nextBoolean();
            case "INT8": return (byte) number();
            case "INT16": return (short) number();
            case "UINT16": return (int) number() & 0xffff;
            case "INT32": return (int) number();
            case "INT64": return number();
            case "FLOAT64": return random.nextInt() / 4.0;
            case "UUID": return random.nextInt(4) == 0 ? Uuid.ZERO_UUID
                : new Uuid(random.nextLong(), random.nextLong());
            case "STRING": case "COMPACT_STRING":
            case "NULLABLE_STRING": case "COMPACT_NULLABLE_STRING": return text();
            case "BYTES": case "COMPACT_BYTES":
            case "NULLABLE_BYTES": case "COMPACT_NULLABLE_BYTES": return ByteBuffer.wrap(bytes());
            case "RECORDS": case "COMPACT_RECORDS":
            case "NULLABLE_RECORDS": case "COMPACT_NULLABLE_RECORDS":
                return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes()));
            default: throw new IllegalStateException("no such type: " + type);
        }
    }

    private long number() {
        switch (random.nextInt(8)) {
            case 0: return 0;
            case 1: return -1;
            case 2: return Long.MAX_VALUE;
            case 3: return Long.MIN_VALUE;
            case 4: return Integer.MIN_VALUE;
            case 5: return random.nextInt(300) - 150;
            default: return random.nextLong();
        }
    }

    private String text() {
        String letters = "abcdefghijklmnopqrstuvwxyz.-_0123456789 \"\\\n\u00e4\u20ac\ud83d\ude00";
        int[] letter = letters.codePoints().toArray();
        int length = random.nextInt(random.nextInt(20) == 0 ? 400 : 12);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(letter[random.nextInt(letter.length)]);
        }
        return text.toString();
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 20_000 : 20)];
        random.nextBytes(bytes);
        return bytes;
    }
}
