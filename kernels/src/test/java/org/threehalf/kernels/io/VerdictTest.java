package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void wordsOfResultsAreRead() {
        for (Verdict v : Verdict.values()) {
            assertEquals(v, Verdict.read(v.name(), Verdict.NOT_CHECKED));
        }
        assertEquals(Verdict.PASSED, Verdict.of(true));
        assertEquals(Verdict.FAILED, Verdict.of(false));
    }

    @Test
    void aWordThatIsNotKnownIsNoPass() {
        assertEquals(Verdict.FAILED, Verdict.read("passed", Verdict.FAILED));
        assertEquals(Verdict.NOT_CHECKED, Verdict.read("", Verdict.NOT_CHECKED));
        assertThrows(IllegalArgumentException.class, () -> Verdict.read("OK", Verdict.PASSED));
    }
}
