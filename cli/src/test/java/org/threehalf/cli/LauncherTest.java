package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code threehalf}, with stand-ins for the JDK: which it takes, what it passes on, and what it says when
 * something is missing.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

    @TempDir
    Path folder;

    private Path root = Path.of("");
    private Path tools = Path.of("");

    @BeforeEach
    void makeCheckout() throws IOException {
        root = Files.createDirectories(folder.resolve("a checkout"));
        Scripts.copy("threehalf", root);
        Files.createDirectories(root.resolve("cli/target"));
        Files.writeString(root.resolve("pom.xml"), "");
        Files.writeString(folder.resolve("some.jar"), "");
        Files.writeString(
                root.resolve("cli/target/classpath"), folder.resolve("some.jar").toString());
        // A PATH of just what the script calls, without java, javac and mvn.
        tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of(
                "bash",
                "env",
                "dirname",
                "readlink",
                "sed",
                "find",
                "head",
                "tail",
                "cat",
                "grep",
                "mkdir",
                "ln",
                "mv",
                "rm",
                "sleep",
                "cksum")) {
            for (Path at : List.of(Path.of("/usr/bin", tool), Path.of("/bin", tool))) {
                if (Files.exists(at) && !Files.exists(tools.resolve(tool))) {
                    Scripts.executable(tools.resolve(tool), "exec " + at + " \"$@\"");
                }
            }
        }
    }

    /** A JDK of a version whose java prints its name and arguments, warns as Java does, and ends with 7. */
    private Path jdk(String version) throws IOException {
        Path home = folder.resolve("jdk-" + version);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        Scripts.executable(home.resolve("bin/javac"), "exit 1");
        Scripts.executable(
                home.resolve("bin/java"),
                "echo 'WARNING: Using incubator modules: jdk.incubator.vector' >&2; echo 'second line' >&2; printf '<%s>\\n' \"$0\" \"$@\"; exit 7");
        return home;
    }

    private CommandLines run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        return run(root.resolve("threehalf"), environment, arguments);
    }

    private CommandLines run(Path script, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        builder.environment().clear();
        builder.environment().putAll(new TreeMap<>(Map.of("PATH", tools.toString(), "HOME", folder.toString())));
        builder.environment().putAll(environment);
        Process process = builder.redirectOutput(out.toFile()).start();
        // Through a pipe: its end is the end of the script's filter, which may outlive Java by a moment.
        Files.write(err, process.getErrorStream().readAllBytes());
        int code = process.waitFor();
        return new CommandLines(code, Files.readString(out), Files.readString(err));
    }

    @Test
    void aColonInThePathIsTold() throws Exception {
        Path odd = folder.resolve("a:b");
        Scripts.copy("threehalf", odd);
        CommandLines run = run(odd.resolve("threehalf"), Map.of());
        assertEquals(2, run.code());
        assertTrue(run.err().contains("whose name has a ':'"), run::err);
    }

    @Test
    void passesEverythingOnAndTakesTheWarningAway() throws Exception {
        Path home = jdk("25.0.1");
        CommandLines run = run(
                Map.of("JAVA_HOME", home.toString(), "THREEHALF_NO_BUILD", "1", "JAVA_OPTS", "-Xmx3g -Dx=1"),
                "quantize",
                "a file",
                "");
        assertEquals(7, run.code(), run::err);
        assertEquals("second line\n", run.err());
        List<String> words = run.out().lines().toList();
        assertEquals("<" + home.resolve("bin/java") + ">", words.getFirst());
        assertEquals(
                List.of(
                        "<-Xmx3g>",
                        "<-Dx=1>",
                        "<--add-modules>",
                        "<jdk.incubator.vector>",
                        "<--enable-native-access=ALL-UNNAMED>"),
                words.subList(1, 6));
        assertTrue(words.contains("<-Dthreehalf.root=" + root + ">"), run.out());
        assertTrue(
                words.contains("<" + root.resolve("cli/target/classes") + ":" + folder.resolve("some.jar") + ">"),
                run.out());
        assertEquals(
                List.of("<org.threehalf.cli.ThreeHalf>", "<quantize>", "<a file>", "<>"),
                words.subList(words.size() - 4, words.size()));
    }

    @Test
    void aClusterHasAModuleAndOptionsOfItsOwn() throws Exception {
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("25").toString(), "THREEHALF_NO_BUILD", "1");
        CommandLines unbuilt = run(environment, "cluster", "quantize");
        assertEquals(2, unbuilt.code());
        assertTrue(unbuilt.err().contains("'mvn -Pcluster -pl cluster -am process-classes'"), unbuilt.err());
        Files.createDirectories(root.resolve("cluster/target"));
        Files.writeString(
                root.resolve("cluster/target/classpath"),
                folder.resolve("some.jar").toString());
        CommandLines built = run(environment, "cluster", "quantize");
        assertEquals(7, built.code(), built::err);
        assertTrue(built.out().contains("<@" + root.resolve("cluster/spark.options") + ">\n"), built.out());
        assertTrue(
                built.out()
                        .contains(
                                "<" + root.resolve("cluster/target/classes") + ":" + folder.resolve("some.jar") + ">"),
                built.out());
        assertTrue(!run(environment, "quantize").out().contains("spark"));
    }

    @Test
    void aDownloadSaysWhereSparkMustBe() throws Exception {
        Path download = Files.createDirectories(folder.resolve("a download"));
        Scripts.copy("threehalf", download.resolve("bin"));
        Files.createDirectories(download.resolve("lib"));
        Files.writeString(download.resolve("sbom.cdx.json"), "{}");
        Path script = download.resolve("bin/threehalf");
        Path home = jdk("25");
        CommandLines none = run(script, Map.of("JAVA_HOME", home.toString()), "cluster", "quantize");
        assertEquals(2, none.code());
        assertTrue(none.err().startsWith("threehalf cluster: not in this download"), none.err());
        Files.writeString(download.resolve("lib/threehalf-cluster-1.jar"), "");
        CommandLines without = run(script, Map.of("JAVA_HOME", home.toString()), "cluster", "quantize");
        assertEquals(2, without.code());
        assertTrue(without.err().contains("set SPARK_HOME to its folder (now: not set)"), without.err());
        Path spark = Files.createDirectories(folder.resolve("spark/jars")).getParent();
        Files.writeString(spark.resolve("jars/spark-core_2.13-4.2.0.jar"), "");
        CommandLines with = run(
                script, Map.of("JAVA_HOME", home.toString(), "SPARK_HOME", spark.toString()), "cluster", "quantize");
        assertEquals(7, with.code(), with::err);
        assertTrue(
                with.out().contains("<" + spark + "/jars/*:" + download.resolve("lib/threehalf-cluster-1.jar") + ">"),
                with.out());
    }

    @Test
    void passesOverAnOlderJavaHomeAndFollowsLinksOnThePath() throws Exception {
        Path old = jdk("17.0.9");
        Path recent = jdk("26");
        Files.createSymbolicLink(folder.resolve("link"), recent.resolve("bin/javac"));
        Files.createSymbolicLink(tools.resolve("javac"), folder.resolve("link"));
        CommandLines run = run(Map.of("JAVA_HOME", old.toString(), "THREEHALF_NO_BUILD", "1"), "inspect");
        assertEquals(
                "<" + recent.resolve("bin/java") + ">",
                run.out().lines().findFirst().orElse(""));
    }

    /**
     * A closed standard input is an empty one: Java would give its number to the next file that it opens, and read
     * that.
     */
    @Test
    void aClosedStandardInputIsEmpty() throws Exception {
        Path home = jdk("25");
        Scripts.executable(home.resolve("bin/java"), "cat && echo 'read to its end'");
        Path closed = folder.resolve("closed");
        Scripts.executable(closed, "exec \"" + root.resolve("threehalf") + "\" chat <&-");
        CommandLines run = run(closed, Map.of("JAVA_HOME", home.toString(), "THREEHALF_NO_BUILD", "1"));
        assertEquals("read to its end\n", run.out(), run::err);
    }

    @Test
    void startsThroughALinkToTheScript() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("th"), root.resolve("threehalf"));
        CommandLines run = run(link, Map.of("JAVA_HOME", jdk("25").toString(), "THREEHALF_NO_BUILD", "1"), "x");
        assertTrue(run.out().contains("<-Dthreehalf.root=" + root + ">"), run.out());
    }

    @Test
    void withoutANewEnoughJdkTheFirstLineSaysWhatToInstall() throws Exception {
        Path script = root.resolve("threehalf");
        Files.writeString(script, Files.readString(script).replace("needed=25", "needed=99"));
        CommandLines run = run(Map.of("JAVA_HOME", jdk("25").toString()), "inspect");
        assertEquals(2, run.code());
        assertTrue(run.err().startsWith("threehalf: needs a JDK 99 or later, and found none: install one"), run.err());
        assertEquals("", run.out());
    }

    @Test
    void withoutABuildAndWithoutMavenItSaysWhatToInstall() throws Exception {
        Path home = jdk("25");
        Files.delete(root.resolve("cli/target/classpath"));
        CommandLines run = run(Map.of("JAVA_HOME", home.toString()), "inspect");
        assertEquals(2, run.code());
        assertTrue(
                run.err().startsWith("threehalf: the build is missing, and there is no mvn on PATH: install Maven"),
                run.err());
        CommandLines unbuilt = run(Map.of("JAVA_HOME", home.toString(), "THREEHALF_NO_BUILD", "1"), "inspect");
        assertEquals(2, unbuilt.code());
        assertTrue(unbuilt.err().startsWith("threehalf: not built"), unbuilt.err());
    }

    @Test
    void aFailedBuildShowsMavensErrors() throws Exception {
        Files.delete(root.resolve("cli/target/classpath"));
        Scripts.executable(
                tools.resolve("mvn"), "echo '[INFO] much'; echo '[ERROR] Foo.java: cannot find symbol'; exit 1");
        CommandLines run = run(Map.of("JAVA_HOME", jdk("25").toString()), "inspect");
        assertEquals(2, run.code());
        assertTrue(
                run.err()
                        .contains(
                                "[ERROR] Foo.java: cannot find symbol\nthreehalf: the build failed; all of it is in "),
                run.err());
    }

    /**
     * A build's class path names the places where it was made; a checkout that was moved or copied since runs its own
     * classes, whatever lies at the old place.
     */
    @Test
    void aMovedCheckoutRunsItsOwnClasses() throws Exception {
        Path old = folder.resolve("old kernels/backends");
        for (String module : List.of("kernels", "backends/cpu")) {
            Files.createDirectories(old.resolve(module).resolve("target/classes"));
            Files.createDirectories(root.resolve(module).resolve("target/classes"));
        }
        Files.writeString(
                root.resolve("cli/target/classpath"),
                "%s/backends/cpu/target/classes:%s:%s/kernels/target/classes"
                        .formatted(old, folder.resolve("some.jar"), old));
        CommandLines run = run(Map.of("JAVA_HOME", jdk("25").toString(), "THREEHALF_NO_BUILD", "1"), "x");
        String expected = "<%1$s/cli/target/classes:%1$s/backends/cpu/target/classes:%2$s:%1$s/kernels/target/classes>"
                .formatted(root, folder.resolve("some.jar"));
        assertTrue(run.out().contains(expected), run.out() + run.err());
    }

    @Test
    void librariesThatAreGoneAreSaid() throws Exception {
        Files.delete(folder.resolve("some.jar"));
        CommandLines run = run(Map.of("JAVA_HOME", jdk("25").toString(), "THREEHALF_NO_BUILD", "1"), "x");
        assertEquals(2, run.code());
        assertTrue(run.err().startsWith("threehalf: not built, or built with libraries that are gone"), run.err());
    }

    @Test
    void startsWithoutAHomeAndInAPlainLocale() throws Exception {
        Path home = jdk("25");
        Scripts.executable(home.resolve("bin/java"), "printf '%s %s' \"$LC_ALL\" \"${HOME-none}\"");
        Map<String, String> environment =
                new TreeMap<>(Map.of("JAVA_HOME", home.toString(), "THREEHALF_NO_BUILD", "1", "HOME", ""));
        assertEquals("C.UTF-8 none", withoutHome(environment).out());
        environment.put("LC_ALL", "POSIX");
        assertEquals("C.UTF-8 none", withoutHome(environment).out());
        // Somebody's own choice is left alone.
        environment.put("LC_ALL", "de_DE.ISO-8859-1");
        assertEquals("de_DE.ISO-8859-1 none", withoutHome(environment).out());
    }

    private CommandLines withoutHome(Map<String, String> environment) throws IOException, InterruptedException {
        Path script = Scripts.executable(
                folder.resolve("without-home"), "unset HOME; exec '" + root.resolve("threehalf") + "' x");
        return run(script, environment);
    }

    /** Launchers that find the build old at once: one builds, the others wait and run what it built. */
    @Test
    void oneOfSeveralLaunchersBuilds() throws Exception {
        Path home = jdk("25");
        Files.delete(root.resolve("cli/target/classpath"));
        Path builds = folder.resolve("builds");
        Scripts.executable(
                tools.resolve("mvn"),
                "echo build >> '%s'; sleep 1; echo '%s' > '%s'"
                        .formatted(builds, folder.resolve("some.jar"), root.resolve("cli/target/classpath")));
        Path two = Scripts.executable(
                folder.resolve("two"),
                "'%1$s' a & '%1$s' b; first=$?; wait $!; exit $((first + $?))".formatted(root.resolve("threehalf")));
        CommandLines run = run(two, Map.of("JAVA_HOME", home.toString()));
        assertEquals(14, run.code(), run.err());
        assertEquals(List.of("build"), Files.readAllLines(builds));
        assertTrue(Files.notExists(root.resolve("target/launcher.lock"), java.nio.file.LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void aLockWhoseHolderIsGoneIsTakenOver() throws Exception {
        Path home = jdk("25");
        Files.delete(root.resolve("cli/target/classpath"));
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.createDirectories(root.resolve("target"));
        Files.createSymbolicLink(root.resolve("target/launcher.lock"), Path.of(Long.toString(gone.pid())));
        Scripts.executable(
                tools.resolve("mvn"),
                "echo '%s' > '%s'".formatted(folder.resolve("some.jar"), root.resolve("cli/target/classpath")));
        CommandLines run = run(Map.of("JAVA_HOME", home.toString()), "x");
        assertEquals(7, run.code(), run.err());
    }

    private Path download() throws IOException {
        Path download = Files.createDirectories(folder.resolve("a download"));
        Files.createDirectories(download.resolve("lib"));
        Scripts.copy("threehalf", download.resolve("bin"));
        for (String name : List.of("lib/b.jar", "lib/a.jar", "sbom.cdx.json")) {
            Files.writeString(download.resolve(name), "");
        }
        return download;
    }

    /** An unpacked download: the same script, in bin/, with the jars of lib/ and no Maven. */
    @Test
    void aDownloadRunsItsJars() throws Exception {
        Path download = download();
        CommandLines run = run(
                download.resolve("bin/threehalf"), Map.of("JAVA_HOME", jdk("25").toString()), "x");
        assertEquals(7, run.code(), run.err());
        assertTrue(run.out().contains("<%1$s/lib/a.jar:%1$s/lib/b.jar>".formatted(download)), run.out());
        assertTrue(run.out().contains("<-Dthreehalf.root=" + download + ">"), run.out());
    }

    /** The value of an option that a run of Java got. */
    private static Optional<String> after(String option, String out) {
        return out.lines()
                .filter(line -> line.startsWith("<" + option))
                .map(line -> line.substring(1 + option.length(), line.length() - 1))
                .findFirst();
    }

    /** Puts a start where the launcher asks for one; its checksum is that of an empty file. */
    private static Path keep(String asked) throws IOException {
        Path kept = Path.of(asked + ".4294967295-0.aot");
        Files.createDirectories(kept.getParent());
        Files.setPosixFilePermissions(kept.getParent(), PosixFilePermissions.fromString("rwx------"));
        return Files.writeString(kept, "");
    }

    /** A start of Java's is asked for where there is none, and taken, without the Vector API, where there is one. */
    @Test
    void aDownloadTakesAStartThatWasKept() throws Exception {
        Path script = download().resolve("bin/threehalf");
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("25").toString());
        String out = run(script, environment, "generate", "-p", "x").out();
        String asked = after("-Dthreehalf.start=", out).orElseThrow();
        assertEquals(folder.resolve(".cache/threehalf/start"), Path.of(asked).getParent());
        assertTrue(out.contains("<jdk.incubator.vector>"), out);
        assertTrue(!out.contains("AOTCache"), out);

        Path kept = keep(asked);
        for (String command : List.of("generate", "chat", "tokenize", "inspect")) {
            String taken = run(script, environment, command, "-p", "x").out();
            assertEquals(Optional.of(kept.toString()), after("-XX:AOTCache=", taken));
            assertEquals(Optional.of(kept.toString()), after("-Dthreehalf.start.taken=", taken));
            assertTrue(!taken.contains("jdk.incubator.vector"), taken);
        }
        // A folder whose group is that of the folder above it is private all the same.
        new ProcessBuilder("chmod", "g+s", kept.getParent().toString()).start().waitFor();
        assertTrue(run(script, environment, "generate").out().contains("AOTCache"));
        // Another JDK, or other jars, are another start.
        Map<String, String> other = Map.of("JAVA_HOME", jdk("25.0.2").toString());
        assertNotEquals(
                Optional.of(asked),
                after("-Dthreehalf.start=", run(script, other, "generate").out()));
        Files.writeString(folder.resolve("a download/sbom.cdx.json"), "{}");
        assertNotEquals(
                Optional.of(asked),
                after("-Dthreehalf.start=", run(script, environment, "generate").out()));
    }

    @Test
    void aStartIsNotTakenWhereItMustNotBe() throws Exception {
        Path script = download().resolve("bin/threehalf");
        Map<String, String> environment =
                new TreeMap<>(Map.of("JAVA_HOME", jdk("25").toString()));
        String asked = after(
                        "-Dthreehalf.start=",
                        run(script, environment, "generate").out())
                .orElseThrow();
        Path kept = keep(asked);
        for (List<String> arguments : List.of(
                List.of("generate", "--backend", "simd"),
                List.of("generate", "-p", "x", "--backend=simd"),
                List.of("generate", "@options"),
                List.of("backends"),
                List.of("doctor"),
                List.of("quantize", "a", "b"))) {
            String out =
                    run(script, environment, arguments.toArray(String[]::new)).out();
            assertTrue(out.contains("<jdk.incubator.vector>") && !out.contains("threehalf.start"), out);
        }
        for (Map.Entry<String, String> variable : Map.of(
                        "THREEHALF_CACHE", "off",
                        "JAVA_OPTS", "-Xmx1g",
                        "JDK_JAVA_OPTIONS", "-Xshare:off",
                        "JAVA_TOOL_OPTIONS", "-Xshare:auto",
                        "_JAVA_OPTIONS", "-Xmx1g",
                        "XDG_CACHE_HOME", folder + "/a:b")
                .entrySet()) {
            Map<String, String> changed = new TreeMap<>(environment);
            changed.put(variable.getKey(), variable.getValue());
            String out = run(script, changed, "generate").out();
            assertTrue(out.contains("<jdk.incubator.vector>") && !out.contains("threehalf.start"), out);
        }
        // Others may put something there, or a link is in its place: it is not believed.
        Files.setPosixFilePermissions(kept.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTrue(!run(script, environment, "generate").out().contains("AOTCache"));
        Files.setPosixFilePermissions(kept.getParent(), PosixFilePermissions.fromString("rwx------"));
        // Damaged: it is not what its name says, and is asked for anew.
        Files.writeString(kept, "x");
        String damaged = run(script, environment, "generate").out();
        assertTrue(!damaged.contains("AOTCache"), damaged);
        assertEquals(Optional.of(asked), after("-Dthreehalf.start=", damaged));
        Files.writeString(kept, "");
        Files.move(kept, folder.resolve("elsewhere"));
        Files.createSymbolicLink(kept, folder.resolve("elsewhere"));
        assertTrue(!run(script, environment, "generate").out().contains("AOTCache"));
        // A checkout has folders of classes, which Java keeps nothing of.
        environment.put("THREEHALF_NO_BUILD", "1");
        assertTrue(!run(environment, "generate").out().contains("threehalf.start"));
    }
}
