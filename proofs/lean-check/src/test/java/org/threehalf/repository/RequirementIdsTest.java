package org.threehalf.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class RequirementIdsTest {
    private static final String A = "REQ-" + "ABC-00";

    @Test
    void findsIdsAndWritesRangesOut() {
        assertEquals(List.of(A + 1, A + 2, A + 3, A + 7), ids("(" + A + "7, " + A + "1 to " + A + "3)"));
        assertEquals(List.of(A + 2, A + 3, A + 4), ids(A + "2 to 004"));
    }

    @Test
    void aRangeAcrossTwoSectionsIsTwoIds() {
        assertEquals(List.of(A + 1, "REQ-" + "XYZ-003"), ids(A + "1 to REQ-" + "XYZ-003"));
    }

    @Test
    void placeholdersAreNoIds() {
        assertEquals(List.of(), ids("REQ-" + "FMT-… REQ-" + "XXX-NNN REQ-" + "ABC-0012"));
    }

    private static List<String> ids(String text) {
        return List.copyOf(RequirementIds.namedIn(text));
    }
}
