package org.threehalf.backends.groq.lpu;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.threehalf.backends.groq.WithMlir;
import org.threehalf.backends.groq.toolchain.Compiler;

/**
 * Stand-ins for the vendor's programs. The runner's {@link #main} compiles the "program", which the stand-in compiler
 * left as MLIR, for this processor, and calls it on the files it is given.
 */
public final class StandIns {

    private StandIns() {}

    /** A shell script. */
    static Path script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A compiler that keeps the module as its program. */
    public static Path compiler(Path folder) throws IOException {
        return script(folder.resolve("groq-compiler"), "[ \"$2\" = -o ] && cp \"$1\" \"$3\"");
    }

    /** A runner that calls {@link #main}. */
    public static Path runner(Path folder) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return script(
                folder.resolve("threehalf-groq-run"),
                "exec '%s' --enable-native-access=ALL-UNNAMED -cp '%s' %s \"$@\""
                        .formatted(java, System.getProperty("java.class.path"), StandIns.class.getName()));
    }

    /** PROGRAM FUNCTION ARGUMENTS RESULTS. */
    public static void main(String[] words) throws IOException {
        String module = Files.readString(Path.of(words[0]));
        Matcher type = Pattern.compile("sym_name = \"" + words[1] + "\", function_type = \\((.*?)\\) -> \\((.*?)\\)}")
                .matcher(module);
        if (!type.find()) {
            throw new IllegalArgumentException("no function " + words[1]);
        }
        Path in = Path.of(words[2]);
        try (Arena arena = Arena.ofConfined();
                Compiler compiler = WithMlir.compiler();
                Stream<Path> files = Files.list(in)) {
            List<MemorySegment> buffers = new ArrayList<>();
            int arguments = (int) files.count();
            for (int i = 0; i < arguments; i++) {
                byte[] bytes = Files.readAllBytes(in.resolve(i + ".bin"));
                buffers.add(arena.allocate(bytes.length, 8).copyFrom(MemorySegment.ofArray(bytes)));
            }
            String[] results = type.group(2).split(", ");
            for (String result : results) {
                buffers.add(arena.allocate(bytes(result), 8));
            }
            compiler.function(module, words[1], arguments, results.length).call(buffers.toArray(MemorySegment[]::new));
            for (int i = 0; i < results.length; i++) {
                MemorySegment result = buffers.get(arguments + i);
                Files.write(
                        Path.of(words[3]).resolve(i + ".bin"), result.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
            }
        }
    }

    /** Bytes of a {@code tensor<1x700xf32>}. */
    private static long bytes(String type) {
        String[] parts = type.substring("tensor<".length(), type.length() - 1).split("x");
        long bytes = Integer.parseInt(parts[parts.length - 1].substring(1)) / 8;
        for (int i = 0; i < parts.length - 1; i++) {
            bytes *= Long.parseLong(parts[i]);
        }
        return bytes;
    }
}
