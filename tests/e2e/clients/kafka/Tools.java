// Runs Kafka's programs by their main classes. BOOTSTRAP main CLASS ARGUMENTS runs one. BOOTSTRAP
// tools runs command line tools, one after the other in one JVM: each line of standard input is
// {"class", "arguments", "input"}; the answer is {"exit", "out", "err"}: what the tool, alone in a
// process, would have ended with and printed.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;

public final class Tools {
    /** The tool has ended its process. */
    private static final class Ended extends Error { }

    private static Integer status;
    private static final List<Runnable> HOOKS = new ArrayList<>();

    public static void main(String[] words) throws Exception {
        if (words[1].equals("main")) {
            start(words[2], Arrays.copyOfRange(words, 3, words.length));
            return;
        }
        Exit.Procedure end = (code, message) -> {
            if (status == null) {
                status = code;
                // A tool that catches everything would catch its own end, and tell of it.
                PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
                System.setOut(nowhere);
                System.setErr(nowhere);
            }
            throw new Ended();
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        PrintStream answers = System.out;
        ObjectMapper json = new ObjectMapper();
        BufferedReader asked =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = asked.readLine(); line != null; line = asked.readLine()) {
            answers.println(json.writeValueAsString(run(json.readTree(line))));
            answers.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    private static void start(String name, String[] arguments) throws Exception {
        Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) arguments);
    }

    private static Map<String, Object> run(JsonNode asked) throws Exception {
        List<String> arguments = new ArrayList<>();
        asked.get("arguments").forEach(one -> arguments.add(one.asText()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setIn(new ByteArrayInputStream(
            asked.get("input").asText().getBytes(StandardCharsets.UTF_8)));
        System.setOut(new PrintStream(out, true, "UTF-8"));
        PrintStream errors = System.err;
        System.setErr(new PrintStream(err, true, "UTF-8"));
        status = null;
        HOOKS.clear();
        try {
            start(asked.get("class").asText(), arguments.toArray(new String[0]));
        } catch (InvocationTargetException thrown) {
            if (!(thrown.getCause() instanceof Ended)) {
                thrown.getCause().printStackTrace();
                status = 1;
            }
        }
        for (Runnable hook : HOOKS) {
            hook.run();
        }
        System.out.flush();
        System.setErr(errors);
        return Map.of("exit", status == null ? 0 : status,
            "out", out.toString("UTF-8"), "err", err.toString("UTF-8"));
    }
}
