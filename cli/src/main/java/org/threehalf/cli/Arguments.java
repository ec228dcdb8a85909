package org.threehalf.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The command line as it was typed. */
final class Arguments {
    /** The bytes of this process's command line, each argument ended by a 0. */
    static final Path ON_LINUX = Path.of("/proc/self/cmdline");

    private Arguments() {}

    /**
     * Why the arguments are not what was typed. Java puts U+FFFD in the place of bytes that are no text and says
     * nothing: a prompt would be another one, a file would not be found.
     *
     * @param arguments what Java made of them
     * @param bytes where their bytes are, a file that need not exist
     */
    static Optional<String> wrong(String[] arguments, Path bytes) {
        if (Arrays.stream(arguments).noneMatch(argument -> argument.indexOf('\ufffd') >= 0)) {
            return Optional.empty();
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(bytes)));
            return Optional.empty();
        } catch (CharacterCodingException noText) {
            return Optional.of(
                    "an argument is no text in UTF-8: write the prompt in UTF-8, or give the file a name in UTF-8");
        } catch (IOException unknown) {
            // Elsewhere the bytes cannot be had.
            return Optional.empty();
        }
    }
}
