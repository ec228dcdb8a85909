package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Results that are lost are an error, and end the run. */
class ResultWriterTest {

    /** Takes so many bytes, then the disk is full. */
    private static final class Full extends OutputStream {
        private int left;

        private Full(int left) {
            this.left = left;
        }

        @Override
        public void write(int b) throws IOException {
            if (left-- <= 0) {
                throw new IOException("No space left on device");
            }
        }
    }

    @Test
    void whatIsWrittenArrives() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ResultWriter writer = new ResultWriter(bytes, StandardCharsets.UTF_8);
        writer.print("é");
        writer.flush();
        assertEquals("é", bytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void lossesAreThrown() {
        ResultWriter writer = new ResultWriter(new Full(2), StandardCharsets.UTF_8);
        writer.print("abc");
        assertTrue(assertThrows(ResultWriter.LostException.class, writer::flush)
                .getMessage()
                .contains("No space left on device"));
        assertThrows(ResultWriter.LostException.class, writer::flush);
    }

    /**
     * Every command that prints, to a disk that is full at once; one that prints as it goes, to one that is full later.
     */
    @Test
    void commandsEndWithTheirOwnCode() {
        assertStops(0, "inspect", Models.tiny("llama2"));
        assertStops(0, "plan", "--arch", "llama-8b");
        assertStops(0, "generate", "-m", Models.tiny("gemma3"), "-p", "x", "-n", 3, "-t", 0);
        String err =
                assertStops(3, "generate", "-m", Models.tiny("gemma3"), "-p", "x", "-n", 120, "-t", 0.9, "--seed", 1);
        assertTrue(!err.contains("generated"), err);
    }

    private static String assertStops(int room, Object... arguments) {
        StringWriter err = new StringWriter();
        String[] words = java.util.Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        int code = ThreeHalf.commandLine()
                .setOut(new ResultWriter(new Full(room), StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true))
                .execute(words);
        assertEquals(ThreeHalf.STOPPED, code, err.toString());
        assertTrue(err.toString().contains("No space left on device"), err.toString());
        return err.toString();
    }
}
