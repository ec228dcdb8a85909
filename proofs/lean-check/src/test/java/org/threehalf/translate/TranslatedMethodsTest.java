package org.threehalf.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranslatedMethodsTest {
    private static TranslatedMethods methods;
    /** What Lean prints by right rules, and what a Lean prints in which no wrong rule shows. */
    private static String right;

    private static String blind;

    @BeforeAll
    static void translate(@TempDir Path folder) throws IOException {
        Path root = Path.of(System.getProperty("threehalf.root", "../.."));
        methods = TranslatedMethods.of(Files.readString(root.resolve("lean/ThreeHalf/Java/Semantics.lean")), folder);
        right = methods.expected("Right");
        blind = methods.wrong().stream().map(methods::expected).collect(Collectors.joining());
    }

    @Test
    void theCorpusIsOfTheSizeThatIsClaimed() {
        assertTrue(methods.methods() >= 35, "methods: " + methods.methods());
        assertTrue(methods.calls() >= 10_000, "calls: " + methods.calls());
        assertTrue(methods.exceptions() >= 1_000, "exceptions: " + methods.exceptions());
        assertTrue(methods.wrong().size() >= 18, "wrong rules: " + methods.wrong());
        for (String ending : List.of(" arithmetic", " index", " negativeSize", " thrown")) {
            assertTrue(right.contains(ending), ending);
        }
    }

    @Test
    void resultsOfRightRulesMustBeJavas() {
        TranslatedMethods.Result all = methods.compared(right).getFirst();
        assertTrue(all.passed(), all.difference());
        assertEquals("that %d translated methods give what Java gives".formatted(methods.methods()), all.what());
        TranslatedMethods.Result one = methods.compared(
                        right.replaceFirst("@ Right left (\\S+) \\S+", "@ Right left $1 77"))
                .getFirst();
        assertFalse(one.passed());
        assertEquals("left(0 1) is 0 in Java, 77 in Lean", one.difference());
    }

    @Test
    void aMethodThatLeanDoesNotRunFails() {
        String without =
                right.lines().filter(l -> !l.startsWith("@ Right left ")).collect(Collectors.joining("\n"));
        TranslatedMethods.Result missing = methods.compared(without).getFirst();
        assertFalse(missing.passed());
        assertTrue(missing.difference().startsWith("Lean gives no results of left, Java "), missing.difference());
        assertTrue(methods.compared("").stream().noneMatch(TranslatedMethods.Result::passed));
    }

    @Test
    void aWrongRuleThatDoesNotShowFails() {
        List<TranslatedMethods.Result> results = methods.compared(right + blind);
        assertTrue(results.getFirst().passed());
        for (TranslatedMethods.Result result : results.subList(1, results.size())) {
            assertFalse(result.passed(), result.what());
            assertTrue(result.difference().matches("no result of [1-9] methods differs"), result.toString());
        }
        assertTrue(methods.compared(right + blind.replaceAll("(@ \\S+ \\S+) \\S+", "$1 other")).stream()
                .allMatch(TranslatedMethods.Result::passed));
    }

    @Test
    void eachWrongRuleTranslatesOtherwise() {
        for (String wrong : methods.wrong()) {
            assertFalse(methods.expected(wrong).isEmpty(), wrong);
            assertTrue(methods.lean().contains("\nnamespace %s\n".formatted(wrong)), wrong);
        }
    }

    @Test
    void aModelOfAnotherFormIsRefused(@TempDir Path folder) {
        IOException refused =
                assertThrows(IOException.class, () -> TranslatedMethods.of("namespace ThreeHalf.Java\n", folder));
        assertTrue(refused.getMessage().contains("Semantics.lean"), refused.getMessage());
    }
}
