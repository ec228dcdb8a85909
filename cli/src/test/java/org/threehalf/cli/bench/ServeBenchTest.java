package org.threehalf.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.cli.bench.CompletionClient.Answer;
import org.threehalf.cli.bench.ServeBench.Round;

/**
 * {@code bench --serve}: its rows follow from its answers, and a server that does not answer as it must gives no row.
 * No figure itself is judged here.
 */
@Timeout(120)
class ServeBenchTest {
    private static final Pattern ROW =
            Pattern.compile("(?m)^ *(\\d+) +(\\d+) +(\\d+) +([\\d.]+) +([\\d.]+|-) +([\\d.]+) +([\\d.]+) +([\\d.]+)$");
    private static final String MODEL = Path.of(
                    System.getProperty("threehalf.root", "."),
                    "inference/src/test/resources/org/threehalf/inference/decoder/llama3.gguf")
            .toString();

    private record Run(int exit, String out, String err) {
        static Run of(String... arguments) {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            int exit = ThreeHalf.commandLine()
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(err))
                    .execute(arguments);
            return new Run(exit, out.toString(), err.toString());
        }

        List<MatchResult> rows() {
            return ROW.matcher(out).results().toList();
        }
    }

    /**
     * Every number of clients has a row, every client an answer, and the multiple of one client is the quotient of the
     * rates.
     */
    @Test
    void everyClientIsAnswered() throws Exception {
        // A process of its own, in a language that writes 1.5 as 1,5: figures are alike in all.
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Duser.language=de",
                        "-Duser.country=DE",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ThreeHalf.class.getName(),
                        "bench",
                        "--serve",
                        MODEL,
                        "--backend",
                        "reference",
                        "--clients",
                        "1,3",
                        "--prompt-tokens",
                        "8",
                        "--tokens",
                        "6",
                        "--threads",
                        "1",
                        "--quick",
                        "--memory",
                        "16",
                        "--millis",
                        "1")
                .redirectErrorStream(true)
                .start();
        String out = process.inputReader(StandardCharsets.UTF_8).readAllAsString();
        Run run = new Run(process.waitFor(), out, out);
        assertEquals(0, run.exit(), run.err());
        List<MatchResult> rows = run.rows();
        assertEquals(2, rows.size(), run.out());
        double one = Double.parseDouble(rows.getFirst().group(4));
        for (int i = 0; i < 2; i++) {
            MatchResult row = rows.get(i);
            int clients = i == 0 ? 1 : 3;
            assertEquals(clients, Integer.parseInt(row.group(1)));
            assertEquals(clients, Integer.parseInt(row.group(2)), "an answer each");
            int tokens = Integer.parseInt(row.group(3));
            assertTrue(tokens >= 1 && tokens <= 6 * clients, run.out());
            double rate = Double.parseDouble(row.group(4));
            // Of printed figures, of which each is rounded.
            double rounded = (0.05 / one + 0.05 / rate) * rate / one + 0.0051;
            assertEquals(rate / one, Double.parseDouble(row.group(5)), rounded, run.out());
            assertTrue(
                    Double.parseDouble(row.group(6)) <= Double.parseDouble(row.group(7)),
                    "the median of waits is no more than the longest");
        }
        assertTrue(
                run.out()
                        .contains(
                                "backend reference, 1 threads; prompts of 8 tokens, answers of 6, greedy; best of 1 rounds"),
                run.out());
        assertTrue(run.out().contains("generate, without a server: prompt "), run.out());
    }

    @Test
    void aRoundsFigures() {
        // Three answers of 5, 9 and 2 tokens: first texts after 10, 30 and 20 ms, ends after 50, 70 and 30 ms; the
        // round took 0.08 s.
        Round round = new Round(3, List.of(answer(5, 10, 50), answer(9, 30, 70), answer(2, 20, 30)), 0.08);
        assertEquals(16, round.tokens());
        assertEquals(200, round.rate(), 1e-9);
        assertEquals(20, round.waitMillis(0.5), 1e-9);
        assertEquals(30, round.waitMillis(1), 1e-9);
        // 4 tokens after the first in 40 ms, 8 in 40 ms, 1 in 10 ms: 100, 200 and 100 a second.
        assertEquals(100, round.answerRate(), 1e-9);
    }

    private static Answer answer(int tokens, long firstMillis, long endMillis) {
        long begun = 1_000;
        return new Answer(8, tokens, begun, begun + firstMillis * 1_000_000, begun + endMillis * 1_000_000);
    }

    /** A server of a fixed body: what it lacks is told, and nothing is measured. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500 | no room for you | status 500: no room for you",
                "200 | data: {\"choices\": [{\"text\": \"a\"}]} | without its usage",
                "200 | data: {\"choices\": [], \"usage\": {\"prompt_tokens\": 4, \"completion_tokens\": 6}} | without a text",
                "200 | data: {\"choices\": [{\"text\": \"a\"}], \"usage\": {\"completion_tokens\": \"6\"}} | without its usage",
                "200 | nothing of events | without a text"
            })
    void anotherServersFaultsAreTold(int status, String body, String message) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] bytes = (body + "\n\n").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
            IOException told =
                    assertThrows(IOException.class, () -> new CompletionClient(uri).ask(new int[] {1, 2}, 6));
            assertTrue(String.valueOf(told.getMessage()).contains(message), told.getMessage());
            Run run = Run.of(
                    "bench",
                    "--serve",
                    MODEL,
                    "--url",
                    uri.toString(),
                    "--clients",
                    "1",
                    "--prompt-tokens",
                    "8",
                    "--tokens",
                    "6",
                    "--quick");
            assertTrue(run.exit() != 0, run.out());
            assertTrue(run.err().contains(message), run.err());
            assertEquals(List.of(), run.rows());
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--clients 2;are of --serve",
                "--serve nowhere.gguf;nowhere.gguf",
                "--serve MODEL --clients 0;each from 1 to 1,024",
                "--serve MODEL --clients 1025;each from 1 to 1,024",
                "--serve MODEL --tokens 1;--tokens: at least 2",
                "--serve MODEL --prompt-tokens 3;--prompt-tokens: at least 4",
                "--serve MODEL --threads 1,2;one number of threads",
                "--serve MODEL --json x.json;are of kernels"
            })
    void wrongArgumentsAreRefused(String arguments, String message) {
        Run run = Run.of(("bench " + arguments.replace("MODEL", MODEL)).split(" "));
        assertTrue(run.exit() != 0, run.out());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(List.of(), run.rows());
    }

    @Test
    void exitCodesOfUsage() {
        assertEquals(
                ThreeHalf.USAGE, Run.of("bench", "--url", "http://127.0.0.1:1").exit());
    }
}
