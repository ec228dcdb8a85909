package org.threehalf.proofs.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small programs with false contracts in the wider part of the subset: labels, tables, switches that fall through, try, sums, loops that say nothing of what they write. */
class WrongSubsetContractsTest {
    @TempDir
    Path cache;

    @Test
    void everyWrongContractIsRefusedForItsReason() throws IOException, InterruptedException {
        List<ContractCase> cases = ContractCase.of("wrong-subset-contracts.txt");
        assertTrue(cases.size() >= 35, cases.size() + " cases");
        assertEquals("", ContractCase.believed(cases, cache));
    }
}
