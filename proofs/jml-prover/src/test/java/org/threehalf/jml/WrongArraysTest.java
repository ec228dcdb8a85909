package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small programs with false contracts, each refused for its own reason: the order of evaluation, aliases, frames,
 * copies and null.
 */
class WrongArraysTest {
    @TempDir
    Path cache;

    @TestFactory
    Stream<DynamicTest> everyWrongContractIsRefusedForItsReason() throws IOException {
        return ContractCase.refused("wrong-arrays.txt", 49, cache);
    }
}
