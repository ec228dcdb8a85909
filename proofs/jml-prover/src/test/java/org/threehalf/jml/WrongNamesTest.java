package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small programs with false contracts, each refused for its own reason: what a name means by Java's rules of scope,
 * what is a comment and what a literal, and what runs unseen.
 */
class WrongNamesTest {
    @TempDir
    Path cache;

    @TestFactory
    Stream<DynamicTest> everyWrongContractIsRefusedForItsReason() throws IOException {
        return ContractCase.refused("wrong-names.txt", 83, cache);
    }
}
