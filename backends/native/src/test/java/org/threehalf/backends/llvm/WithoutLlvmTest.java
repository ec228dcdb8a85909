package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.BackendProvider;

/**
 * LLVM is optional: where it is missing, the backend says so and why, twice if asked twice, and all others are there. A
 * Java of its own, without the libraries.
 */
class WithoutLlvmTest {

    private static final String UNAVAILABLE =
            "LLVM's libraries cannot be loaded (org.bytedeco:llvm has them for linux-x86_64, linux-arm64, macosx-x86_64, macosx-arm64, windows-x86_64): ";

    /** Run in the other Java. */
    public static void main(String[] arguments) {
        BackendProvider provider = BackendProvider.named("native");
        Availability first = provider.availability();
        Availability second = provider.availability();
        System.out.println(first.available() + " " + first.detail());
        System.out.println(first.equals(second));
        System.out.println(
                assertThrows(IllegalStateException.class, provider::open).getMessage());
        System.out.println(BackendProvider.named("lut").availability().available());
    }

    private static List<String> linesWithout(Predicate<String> missing, String access) throws Exception {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(missing.negate())
                .collect(Collectors.joining(File.pathSeparator));
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        access,
                        "-cp",
                        classPath,
                        WithoutLlvmTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertEquals(0, java.waitFor(), lines.toString());
        return lines;
    }

    private static void requireReason(List<String> lines, String reason) {
        assertTrue(lines.getFirst().startsWith("false " + reason), lines.toString());
        assertEquals(
                List.of("true", lines.getFirst().substring("false ".length()), "true"), lines.subList(1, lines.size()));
    }

    @Test
    void librariesAreMissing() throws Exception {
        requireReason(
                linesWithout(entry -> entry.contains("linux-x86_64"), "--enable-native-access=ALL-UNNAMED"),
                UNAVAILABLE + "java.lang.UnsatisfiedLinkError: no jniLLVM");
    }

    @Test
    void allOfLlvmIsMissing() throws Exception {
        requireReason(
                linesWithout(entry -> entry.contains("bytedeco"), "--enable-native-access=ALL-UNNAMED"),
                UNAVAILABLE + "java.lang.NoClassDefFoundError: org/bytedeco/llvm");
    }

    @Test
    void nativeAccessIsNotAllowed() throws Exception {
        requireReason(
                linesWithout(entry -> false, "--illegal-native-access=deny"),
                "calling native code is not allowed: start java with --enable-native-access=ALL-UNNAMED");
    }
}
