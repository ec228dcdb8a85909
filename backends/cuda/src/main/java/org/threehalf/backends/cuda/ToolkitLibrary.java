package org.threehalf.backends.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Libraries of the CUDA toolkit, which a user installs with it or names by a property. */
final class ToolkitLibrary {
    private ToolkitLibrary() {}

    /**
     * Why a library cannot be used, and what to do; null if it can.
     *
     * @param library its file name
     * @param named how messages call it
     * @param property the system property that may name its file
     * @param wheel the PyPI package that has it
     */
    @SuppressWarnings("restricted") // Looking whether a library is there means loading it.
    static @Nullable String missing(String library, String named, String property, String wheel) {
        String configured = System.getProperty(property);
        if (configured != null) {
            return Files.isRegularFile(Path.of(configured))
                    ? null
                    : "-D%s=%s names no file".formatted(property, configured);
        }
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(library, arena);
            return null;
        } catch (IllegalArgumentException notFound) {
            return "%s was not found: install the CUDA 12 toolkit, or `pip install %s` and name the file by -D%s=PATH"
                    .formatted(named, wheel, property);
        }
    }
}
