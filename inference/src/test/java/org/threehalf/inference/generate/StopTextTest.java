package org.threehalf.inference.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class StopTextTest {

    /** However a text is cut, what is shown is the text up to the first string. */
    @Property
    void theTextUpToTheFirstString(
            @ForAll @Size(max = 8) List<@CharRange(from = 'a', to = 'c') @StringLength(max = 4) String> parts,
            @ForAll @Size(max = 3)
                    List<@CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 4) String> stops) {
        String whole = String.join("", parts);
        // Where two strings could be the first, the one that is whole first ends the text: it may begin later. So the
        // whole text is searched character by character.
        StopText byCharacter = new StopText(stops);
        StringBuilder right = new StringBuilder();
        for (char c : whole.toCharArray()) {
            right.append(byCharacter.append(String.valueOf(c)));
        }
        right.append(byCharacter.end());
        int first = stops.stream()
                .mapToInt(whole::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(whole.length());
        StopText stop = new StopText(stops);
        StringBuilder shown = new StringBuilder();
        for (String part : parts) {
            shown.append(stop.append(part));
            assertTrue(whole.startsWith(shown.toString()));
        }
        shown.append(stop.end());
        assertEquals(stops.stream().anyMatch(whole::contains), stop.stopped());
        assertEquals(byCharacter.stopped(), stop.stopped());
        assertTrue(shown.length() >= first, "nothing is lost before the first string");
        for (String s : stops) {
            assertFalse(shown.toString().contains(s), shown + " contains " + s);
        }
    }

    @Test
    void whatCouldBecomeAStringIsHeldBack() {
        StopText stop = new StopText(List.of("END", ""));
        assertEquals("a", stop.append("aE"));
        assertEquals("EENO", stop.append("ENO"));
        assertEquals("", stop.append("EN"));
        assertEquals("EN", stop.end());
    }
}
