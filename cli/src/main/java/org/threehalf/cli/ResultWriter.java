package org.threehalf.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * The standard output of the command line: a result that cannot be written is an error. {@link #flush} throws where
 * {@link PrintWriter} would remember in silence, so a command that prints as it goes ends when its reader has gone or
 * the disk is full.
 */
final class ResultWriter extends PrintWriter {

    /** Results were lost. */
    static final class LostException extends UncheckedIOException {
        private static final long serialVersionUID = 1;

        private LostException(IOException cause) {
            super(
                    "the standard output cannot be written: %s; what is not there was lost"
                            .formatted(cause.getMessage()),
                    cause);
        }
    }

    /** Remembers why writing failed. */
    private static final class Remembering extends FilterOutputStream {
        private @Nullable IOException failure;

        private Remembering(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            try {
                out.write(b);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    private final Remembering stream;

    /**
     * Writes to a stream.
     *
     * @param out where to; errors of {@code write} must not be kept from the caller, as a {@link java.io.PrintStream}
     *     keeps them
     * @param charset the encoding
     */
    ResultWriter(OutputStream out, Charset charset) {
        this(new Remembering(out), charset);
    }

    private ResultWriter(Remembering stream, Charset charset) {
        super(new OutputStreamWriter(stream, charset));
        this.stream = stream;
    }

    /**
     * Writes out what is held back.
     *
     * @throws LostException if anything, now or before, could not be written
     */
    @Override
    public void flush() {
        super.flush();
        if (stream.failure != null) {
            throw new LostException(stream.failure);
        }
    }
}
