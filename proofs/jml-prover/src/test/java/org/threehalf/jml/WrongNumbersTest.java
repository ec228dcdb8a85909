package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small programs with false contracts, each refused for its own reason: integers that wrap around, conversions, and
 * floating point.
 */
class WrongNumbersTest {
    @TempDir
    Path cache;

    @TestFactory
    Stream<DynamicTest> everyWrongContractIsRefusedForItsReason() throws IOException {
        return ContractCase.refused("wrong-numbers.txt", 58, cache);
    }
}
