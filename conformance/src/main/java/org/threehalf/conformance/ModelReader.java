package org.threehalf.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens a quantised model (section 7 of {@code spec/FORMAT.md}); keeps this module free of any one reader. */
@FunctionalInterface
public interface ModelReader {

    /**
     * Opens a file.
     *
     * @throws IOException if it cannot be read or is not a quantised model; the message says what and where
     */
    OpenModel open(Path file) throws IOException;

    /** An open model. */
    interface OpenModel extends AutoCloseable {
        /** Its matrices, in the file's order. Their memory may be read from any thread until {@link #close}. */
        List<NamedMatrix> matrices();

        /**
         * The model as a decoder with the tokens of {@link WholeModel#TEXT}, or null if it cannot be run.
         *
         * @throws IOException if the file is no model that can be run; the message says why
         */
        default @Nullable WholeModel whole() throws IOException {
            return null;
        }

        @Override
        void close();
    }
}
