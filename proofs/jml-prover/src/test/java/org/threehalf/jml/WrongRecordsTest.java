package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small programs with false contracts, each refused for its own reason: components, accessors and constructors of
 * records, and {@code this}.
 */
class WrongRecordsTest {
    @TempDir
    Path cache;

    @TestFactory
    Stream<DynamicTest> everyWrongContractIsRefusedForItsReason() throws IOException {
        return ContractCase.refused("wrong-records.txt", 40, cache);
    }
}
