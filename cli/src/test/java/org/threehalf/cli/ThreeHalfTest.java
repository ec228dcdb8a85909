package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    /** Digits of other scripts, hexadecimal and suffixed numbers are slips of the keyboard. */
    @Test
    void numbersAreDecimal() {
        for (String wrong : List.of("\u0663", "0x10", "1_000", "1e3", "99999999999", "", " 3", "1d", "3.")) {
            CommandLines run = CommandLines.run("inspect", "--width", wrong, folder.resolve("none.gguf"));
            assertEquals(2, run.code(), wrong);
            assertTrue(run.err().contains("--width': '" + wrong + "' is not an int"), run.err());
        }
        for (String wrong : List.of("0x1p3", "1d", "1f", "\u0661", "1e", ".", "--1", "nan(1)")) {
            CommandLines run = CommandLines.run("generate", "-m", "none.gguf", "-p", "a", "-t", wrong);
            assertEquals(2, run.code(), wrong);
            assertTrue(run.err().contains("'" + wrong + "' is not a float"), run.err());
        }
        assertTrue(CommandLines.run("inspect", "--width", "+12", folder.resolve("none.gguf"))
                .err()
                .contains("there is no such file"));
        for (String right : List.of("0.5", ".5", "1.", "1e-3", "0")) {
            CommandLines run = CommandLines.run("generate", "-m", folder.resolve("none"), "-p", "a", "-t", right);
            assertTrue(run.err().contains("there is no such file"), run.err());
        }
    }

    @Test
    void badFilesAreOneLine() throws IOException {
        CommandLines missing = CommandLines.run("inspect", folder.resolve("none.gguf"));
        assertEquals(2, missing.code());
        assertEquals(
                "threehalf inspect: %s: there is no such file or folder%n".formatted(folder.resolve("none.gguf")),
                missing.err());
        CommandLines address = CommandLines.run("inspect", "https://example.org/m.gguf");
        assertEquals(2, address.code());
        assertTrue(address.err().contains("nothing is downloaded: give a path"), address.err());
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
