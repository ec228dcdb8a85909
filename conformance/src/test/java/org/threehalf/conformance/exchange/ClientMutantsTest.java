package org.threehalf.conformance.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.Installation;
import org.threehalf.conformance.Level;

/**
 * Mutants of the client in C: what the exchanged cases let pass is explained in {@code client-survivors.txt}. A build tries a few of each function; {@code -Dclient.mutants=1}
 * tries all, {@code -Dclient.mutants=N} every N-th.
 */
class ClientMutantsTest {
    private static final Path C = Installation.SPEC.resolveSibling("conformance").resolve("clients").resolve("c").resolve("client.c");
    private static final int EVERY = Integer.getInteger("client.mutants", 45);

    @TempDir
    Path temporary = Path.of("");

    private static boolean compiles() {
        try {
            return new ProcessBuilder("cc", "--version").redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each line: the mutant's id, a bar, why it gives the right bits, or why no case can show it. */
    private static Map<String, String> explained() throws IOException {
        Map<String, String> explained = new TreeMap<>();
        try (var in = ClientMutantsTest.class.getResourceAsStream("client-survivors.txt")) {
            for (String line : new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList()) {
                String[] parts = line.split(" \\| ", 2);
                assertEquals(2, parts.length, line);
                explained.put(parts[0].strip(), parts[1].strip());
            }
        }
        return explained;
    }

    @Test
    void theCasesKillTheMutantsOfTheClient() throws IOException, InterruptedException {
        Assumptions.assumeTrue(compiles(), "the machine has no C compiler");
        Path exchange = temporary.resolve("exchange");
        new ExchangeFolder(exchange).export(new Options(Installation.VECTORS, List.of(35L), null, null, 2, Set.of(Level.L0, Level.L1, Level.L2), null, result -> {}));
        ClientMutants mutants = new ClientMutants(Files.readString(C), "cc", exchange, Files.createDirectory(temporary.resolve("work")));
        Set<String> ids = new java.util.TreeSet<>(mutants.all().stream().map(ClientMutants.Mutant::id).toList());
        Map<String, String> explained = explained();
        assertTrue(ids.size() >= 300, "mutants: " + ids.size());
        assertTrue(ids.containsAll(explained.keySet()), () -> "explained, but no mutant: " + explained.keySet().stream().filter(e -> !ids.contains(e)).toList());
        int[] number = new int[1];
        List<String> wrong = new ArrayList<>();
        int judged = mutants.judged(m -> number[0]++ % EVERY == 0, 2, (id, killed) -> {
            if (killed == explained.containsKey(id)) {
                wrong.add((killed ? "explained, and killed: " : "survives: ") + id);
            }
        }).size();
        assertEquals(List.of(), wrong, judged + " judged");
        assertTrue(judged > 5, "judged: " + judged);
    }
}
