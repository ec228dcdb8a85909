package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Small programs with right contracts, in the subset that people write: all are proved. */
class RightContractsTest {
    @TempDir
    Path cache;

    @TestFactory
    Stream<DynamicTest> everyRightContractIsProved() throws IOException {
        return ContractCase.proved("right-contracts.txt", 35, cache);
    }
}
