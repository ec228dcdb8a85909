package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The corpus of small methods with right and wrong contracts: floating point. */
class CorpusFloatsTest {
    @TempDir
    Path cache;

    @Test
    void everyRightContractIsProvedAndEveryWrongOneIsNot() throws IOException, InterruptedException {
        Corpus.check(cache, 14, "Floats");
    }
}
