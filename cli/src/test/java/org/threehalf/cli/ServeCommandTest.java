package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code serve}, as a process of its own: it ends with a signal. */
@Timeout(120)
class ServeCommandTest {

    private static Process start(String... options) throws IOException {
        java.util.List<String> command = new java.util.ArrayList<>(java.util.List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ThreeHalf.class.getName(),
                "serve"));
        command.addAll(java.util.List.of(options));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** From the command to an answer, and to the end by a signal; the chat template is the model's. */
    @Test
    void answersUntilItIsStopped() throws Exception {
        Process process = start(
                "-m",
                Models.tiny("llama3").toString(),
                "--port",
                "0",
                "--backend",
                "reference",
                "--slots",
                "2",
                "--context",
                "128",
                "--name",
                "tiny",
                "--chat-template",
                "chatml");
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            StringBuilder said = new StringBuilder();
            Matcher matcher = null;
            for (String line = out.readLine(); line != null && matcher == null; line = out.readLine()) {
                said.append(line).append('\n');
                Matcher here = Pattern.compile(
                                "tiny on (http://127\\.0\\.0\\.1:\\d+)/ \\(backend reference, 2 slots of 128 positions, fingerprint fp_[0-9a-f]{16}\\)")
                        .matcher(line);
                if (here.matches()) {
                    matcher = here;
                    break;
                }
            }
            assertTrue(matcher != null, said.toString());
            URI uri = URI.create(matcher.group(1) + "/v1/chat/completions");
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .header("Content-Type", "application/json")
                    .POST(
                            HttpRequest.BodyPublishers.ofString(
                                    "{\"model\": \"tiny\", \"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"max_tokens\": 3, \"temperature\": 0}"))
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("\"completion_tokens\":3"), answer.body());
            // The handle's: the process's own would close the streams.
            process.toHandle().destroy();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertTrue(out.readAllAsString().contains("stopped"));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void whatItCannotBeginWith() throws Exception {
        String model = Models.tiny("llama3").toString();
        assertRefused("--port 70000", "serve", "-m", model, "--port", 70_000);
        assertRefused("--slots 0", "serve", "-m", model, "--slots", 0);
        assertRefused("--queue 0", "serve", "-m", model, "--queue", 0);
        assertRefused("--timeout 0", "serve", "-m", model, "--timeout", 0);
        assertRefused("it is blank", "serve", "-m", model, "--api-key", " ");
        assertRefused("no such file", "serve", "-m", "nowhere.gguf");
        assertRefused("no such file, and no template of that name", "serve", "-m", model, "--chat-template", "nowhere");
        assertRefused("fewer --slots", "serve", "-m", model, "--slots", 1_000, "--context", 1 << 20);
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertRefused(
                    "cannot listen on 127.0.0.1, port " + taken.getLocalPort(),
                    "serve",
                    "-m",
                    model,
                    "--backend",
                    "reference",
                    "--port",
                    taken.getLocalPort());
        }
    }

    private static void assertRefused(String part, Object... arguments) {
        CommandLines run = CommandLines.run(arguments);
        assertEquals(2, run.code(), run.err());
        assertTrue(run.err().contains(part), run.err());
    }
}
