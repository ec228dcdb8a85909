package org.threehalf.conformance.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.Installation;

/**
 * Mutants of the client in C: those that the exchanged cases let pass stand in {@code client-survivors.txt}, with
 * reasons. A build tries a few of each function; {@code -Dclient.mutants=1} tries all, {@code -Dclient.mutants=N} every
 * N-th, and with {@code -Dclient.functions=attend,block} those of these functions alone.
 */
class ClientMutantsTest {
    private static final int EVERY = Integer.getInteger("client.mutants", 149);
    /** Of these functions alone, where some are named. */
    private static final Set<String> FUNCTIONS =
            Set.of(System.getProperty("client.functions", "").split(",", -1));

    @TempDir
    Path temporary = Path.of("");

    /** Each line: the mutant's id, a bar, why it gives the right bits, or why no case can show it. */
    private static Map<String, String> explained() throws IOException {
        Map<String, String> explained = new TreeMap<>();
        try (InputStream in =
                Objects.requireNonNull(ClientMutantsTest.class.getResourceAsStream("client-survivors.txt"))) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(line -> {
                        String[] parts = line.split(" \\| ", 2);
                        assertEquals(2, parts.length, line);
                        explained.put(parts[0].strip(), parts[1].strip());
                    });
        }
        return explained;
    }

    private static boolean named(ClientMutants.Mutant mutant) {
        return FUNCTIONS.contains("") || FUNCTIONS.contains(mutant.function());
    }

    @Test
    void theCasesKillTheMutantsOfTheClient() throws IOException, InterruptedException {
        String compiler = ClientRuns.first("C compiler", Stream.of("cc", "gcc", "clang"), "--version");
        Path exchange = temporary.resolve("exchange");
        new ExchangeFolder(exchange).export(Options.withoutModel(Installation.VECTORS));
        ClientMutants mutants = new ClientMutants(
                Files.readString(ClientRuns.C), compiler, exchange, Files.createDirectory(temporary.resolve("work")));
        Set<String> ids = new TreeSet<>(
                mutants.all().stream().map(ClientMutants.Mutant::id).toList());
        Map<String, String> explained = explained();
        assertTrue(ids.size() >= 300, "mutants: " + ids.size());
        assertEquals(
                List.of(),
                explained.keySet().stream().filter(id -> !ids.contains(id)).toList(),
                "explained, but no mutant");
        int[] number = new int[1];
        List<String> wrong = new ArrayList<>();
        int judged = mutants.judged(m -> number[0]++ % EVERY == 0 && named(m), 2, (id, killed) -> {
                    if (killed == explained.containsKey(id)) {
                        wrong.add((killed ? "explained, and killed: " : "survives: ") + id);
                    }
                })
                .size();
        assertEquals(List.of(), wrong, judged + " judged");
        assertTrue(judged > 5, "judged: " + judged);
    }
}
