package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small programs with false contracts, each refused for its own reason: pure and model methods as functions, measures,
 * sums, and preconditions that nothing meets.
 */
class WrongFunctionsTest {
    @TempDir
    Path cache;

    @TestFactory
    Stream<DynamicTest> everyWrongContractIsRefusedForItsReason() throws IOException {
        return ContractCase.refused("wrong-functions.txt", 64, cache);
    }
}
