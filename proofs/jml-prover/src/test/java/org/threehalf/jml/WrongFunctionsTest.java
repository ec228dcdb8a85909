package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small programs with false contracts, each refused for its own reason: pure and model methods as functions, measures,
 * sums, and preconditions that nothing meets.
 */
class WrongFunctionsTest {
    @TempDir
    Path cache;

    @Test
    void everyWrongContractIsRefusedForItsReason() throws IOException, InterruptedException {
        List<ContractCase> cases = ContractCase.of("wrong-functions.txt");
        assertTrue(cases.size() >= 55, cases.size() + " cases");
        assertEquals("", ContractCase.believed(cases, cache));
    }
}
