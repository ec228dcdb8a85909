package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small programs with false contracts, each refused for its own reason: loops, labels, switches, exceptions and their
 * handlers.
 */
class WrongControlFlowTest {
    @TempDir
    Path cache;

    @Test
    void everyWrongContractIsRefusedForItsReason() throws IOException, InterruptedException {
        List<ContractCase> cases = ContractCase.of("wrong-control-flow.txt");
        assertTrue(cases.size() >= 33, cases.size() + " cases");
        assertEquals("", ContractCase.believed(cases, cache));
    }
}
