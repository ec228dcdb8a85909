package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.oracle.DecoderOracle;
import org.threehalf.conformance.vectors.InferenceVectors;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorFormatException;

/**
 * Operations and whole decoders by Lean's definitions, on the reference kernels and by the oracle: three readings of
 * {@code spec/INFERENCE.md} that give the same bits (REQ-OPS-003, REQ-OPS-008 to REQ-OPS-011, REQ-ROP-005, REQ-ATT-001
 * to REQ-ATT-005, REQ-DEC-001 to REQ-DEC-003, REQ-DEC-005).
 */
class InferenceCasesTest {
    private static final Path FOLDER = Installation.VECTORS.resolve("inference");

    @TempDir
    Path folder;

    private static List<VectorCase> cases(String file) {
        return InferenceVectors.read(FOLDER.resolve(file + ".json"));
    }

    /** Operations one by one; decoders fed at once and token by token. */
    @ParameterizedTest
    @CsvSource({"operations, 12", "decoders, 6"})
    void theReferenceGivesLeansBits(String file, int least) {
        List<VectorCase> cases = cases(file);
        assertTrue(cases.size() >= least, "only " + cases.size());
        Backend backend = BackendProvider.named("reference").open();
        for (VectorCase vectorCase : cases) {
            assertNull(
                    ConformanceSuite.run(backend, vectorCase).failure(),
                    vectorCase.header().id());
        }
    }

    @Test
    void theOracleGivesLeansLogits() {
        for (VectorCase vectorCase : cases("decoders")) {
            VectorCase.DecoderRun run = (VectorCase.DecoderRun) vectorCase;
            DecoderOracle oracle = new DecoderOracle(run.weights());
            for (int t = 0; t < run.tokens().length; t++) {
                assertArrayEquals(
                        run.logits()[t],
                        oracle.feed(run.tokens()[t]),
                        run.header().id() + ", token " + t);
            }
        }
    }

    @Test
    void everyOperationOfADeviceHasACase() {
        Set<String> kinds =
                cases("operations").stream().map(c -> c.header().kind()).collect(Collectors.toSet());
        assertEquals(
                Set.of(
                        "dot-product",
                        "rms-norm",
                        "gated-silu",
                        "gated-gelu",
                        "residual",
                        "soft-cap",
                        "rotate-split",
                        "rotate-interleaved",
                        "attend"),
                kinds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"operations", "decoders"})
    void theFilesFollowTheirSchema(String file) throws IOException {
        assertEquals(
                List.of(),
                Schemas.complaints("inference-vectors.schema.json", Files.readString(FOLDER.resolve(file + ".json"))));
    }

    /** A last bit that is flipped in a case's result is a failure of this case. */
    @ParameterizedTest
    @ValueSource(strings = {"operations", "decoders"})
    void aFlippedBitIsFound(String file) throws IOException {
        String text = Files.readString(FOLDER.resolve(file + ".json"));
        Path flipped = Files.writeString(
                folder.resolve("flipped.json"),
                text.lines()
                        .map(line -> {
                            int at = line.lastIndexOf("\"y\":\"") + 12;
                            return at < 12
                                    ? line
                                    : line.substring(0, at)
                                            + Integer.toHexString(Character.digit(line.charAt(at), 16) ^ 1)
                                            + line.substring(at + 1);
                        })
                        .collect(Collectors.joining("\n")));
        Set<String> missed = new HashSet<>();
        Backend backend = BackendProvider.named("reference").open();
        for (VectorCase vectorCase : InferenceVectors.read(flipped)) {
            if (ConformanceSuite.run(backend, vectorCase).failure() == null) {
                missed.add(vectorCase.header().id());
            }
        }
        assertEquals(Set.of(), missed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            threehalf-inference-vectors/1 | threehalf-vectors/1 | #/schema
            "count":                      | "count":1           | #/count: there are
            "operation":"residual"        | "operation":"sum"   | the operation 'sum' is not known
            "flags":["fused"]             | "flags":["none"]    | the flag 'none' is not explained
            "first":14                    | "first":-1          | an integer from 0
            """)
    void whatIsMalformedIsRefused(String right, String wrong, String message) throws IOException {
        String text = Files.readString(FOLDER.resolve("operations.json"));
        assertTrue(text.contains(right), right);
        Path file = Files.writeString(folder.resolve("wrong.json"), text.replace(right, wrong));
        VectorFormatException refused = assertThrows(VectorFormatException.class, () -> InferenceVectors.read(file));
        assertNotNull(refused.getMessage());
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }
}
