package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small programs with right contracts, in the subset that people write: all are proved. */
class RightContractsTest {
    @TempDir
    Path cache;

    @Test
    void everyRightContractIsProved() throws IOException, InterruptedException {
        List<ContractCase> cases = ContractCase.of("right-contracts.txt");
        assertTrue(cases.size() >= 26, cases.size() + " cases");
        List<String> refused = new ArrayList<>();
        for (ContractCase c : cases) {
            List<String> failures = c.failures(cache);
            if (!failures.isEmpty()) {
                refused.add(c.name() + ": " + failures);
            }
        }
        assertEquals("", String.join("\n", refused));
    }
}
