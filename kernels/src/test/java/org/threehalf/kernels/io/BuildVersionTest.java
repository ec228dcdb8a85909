package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BuildVersionTest {
    @Test
    void isWhatTheBuildWroteDown() {
        String number = BuildVersion.number();
        assertTrue(number.matches("\\d+\\.\\d+\\.\\d+(-[\\w.]+)?"), number);
    }
}
