package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreeHalfTest {

    @TempDir
    Path folder;

    @Test
    void listsItsCommands() throws IOException {
        CommandLines help = CommandLines.run("--help");
        assertEquals(0, help.code());
        assertTrue(ThreeHalf.commandLine()
                .getSubcommands()
                .keySet()
                .containsAll(Set.of("quantize", "inspect", "conformance")));
        for (String command : ThreeHalf.commandLine().getSubcommands().keySet()) {
            assertTrue(help.out().contains("\n  " + command + " "), help.out());
            CommandLines own = CommandLines.run(command, "--help");
            assertEquals(0, own.code(), own::err);
            assertTrue(own.out().startsWith("Usage: threehalf " + command), own.out());
            for (String part : ThreeHalf.commandLine()
                    .getSubcommands()
                    .get(command)
                    .getSubcommands()
                    .keySet()) {
                CommandLines partsOwn = CommandLines.run(command, part, "--help");
                assertEquals(0, partsOwn.code(), partsOwn::err);
                assertTrue(partsOwn.out().startsWith("Usage: threehalf " + command + " " + part + " "), partsOwn.out());
            }
        }
        CommandLines version = CommandLines.run("--version");
        assertTrue(version.out().startsWith("threehalf %s\nJava ".formatted(builtVersion())), version.out());
        assertEquals(
                version.out(),
                CommandLines.run("conformance", "export", "--version").out());
    }

    /** The first version in the parent's pom is the project's. */
    private static String builtVersion() throws IOException {
        Matcher version = Pattern.compile("<version>([^<]+)</version>")
                .matcher(Files.readString(Path.of(System.getProperty("threehalf.root"), "pom.xml")));
        assertTrue(version.find());
        return version.group(1);
    }

    @Test
    void wrongArgumentsAreTwo() {
        assertEquals(2, CommandLines.run().code());
        assertTrue(CommandLines.run().err().startsWith("a command is missing"));
        assertEquals(2, CommandLines.run("quantise").code());
        assertEquals(2, CommandLines.run("inspect").code());
    }

    @Test
    void badFilesAreOneLine() throws IOException {
        CommandLines missing = CommandLines.run("inspect", folder.resolve("none.gguf"));
        assertEquals(2, missing.code());
        assertEquals(
                "threehalf inspect: %s: there is no such file or folder%n".formatted(folder.resolve("none.gguf")),
                missing.err());
        Path text = Files.writeString(folder.resolve("text.gguf"), "This is a text, and not a model of any kind.");
        CommandLines bad = CommandLines.run("inspect", text);
        assertEquals(1, bad.code());
        assertEquals(
                "threehalf inspect: text.gguf: no GGUF file: it starts with 0x54686973, not with \"GGUF\"%n"
                        .formatted(),
                bad.err());
        assertEquals("", bad.out());
    }
}
