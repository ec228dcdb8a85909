package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The corpus of small methods with right and wrong contracts: arrays and loops. */
class CorpusArraysTest {
    @TempDir
    Path cache;

    @TestFactory
    Stream<DynamicTest> everyRightContractIsProvedAndEveryWrongOneIsNot() throws IOException, InterruptedException {
        return Corpus.tests(cache, 10, "Arrays", "Loops");
    }
}
