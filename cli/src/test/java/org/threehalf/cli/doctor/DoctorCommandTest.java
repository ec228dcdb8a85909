package org.threehalf.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.cli.ThreeHalf;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the doctor says is what the backends, PATH and the folders say. */
class DoctorCommandTest {

    @TempDir
    Path folder;

    private static String run(String... arguments) {
        StringWriter out = new StringWriter();
        assertEquals(0, ThreeHalf.commandLine().setOut(new PrintWriter(out)).execute(arguments));
        return out.toString();
    }

    private Diagnosis diagnose(List<String> preferred, Map<String, String> environment) {
        return Diagnosis.here(preferred, name -> Optional.ofNullable(environment.get(name)));
    }

    @Test
    void jsonHoldsWhatTheBackendsSay() {
        JsonNode root = JsonMapper.shared().readTree(run("doctor", "--json"));
        assertEquals("threehalf-doctor/1", root.get("schema").asString());
        assertEquals(
                Runtime.getRuntime().availableProcessors(),
                root.get("machine").get("processors").asInt());
        List<JsonNode> backends = root.get("backends").valueStream().toList();
        assertEquals(
                BackendProvider.all().stream().map(BackendProvider::name).toList(),
                backends.stream().map(node -> node.get("name").asString()).toList());
        for (JsonNode backend : backends) {
            assertEquals(
                    BackendProvider.named(backend.get("name").asString())
                            .availability()
                            .available(),
                    backend.get("there").asBoolean(),
                    backend.toString());
            assertFalse(backend.get("detail").asString().isEmpty());
        }
    }

    @Test
    void textNamesTheChosenBackendAndEveryBackend() {
        String text = run("doctor");
        for (String heading : List.of("Machine", "A run takes", "Backends", "Tools", "Kept between runs")) {
            assertTrue(text.contains(heading), text);
        }
        BackendProvider.all()
                .forEach(provider -> assertTrue(text.contains("  " + provider.name() + " "), provider.name()));
    }

    /**
     * A preferred backend that cannot be used is passed over with its own reason; those behind the chosen one are not
     * spoken of.
     */
    @Test
    void whyNotABetterOneIsTheBackendsOwnReason() {
        String property = "threehalf.groq.compiler";
        System.setProperty(property, folder.resolve("none").toString());
        try {
            Diagnosis found = diagnose(List.of("groq", "reference", "lut"), Map.of());
            assertEquals("reference", found.chosen().name());
            assertTrue(found.chosen().there());
            assertEquals(
                    List.of(new Diagnosis.Finding(
                            "groq",
                            false,
                            BackendProvider.named("groq").availability().detail())),
                    found.passedOver());
            assertFalse(diagnose(List.of("groq"), Map.of()).chosen().there());
        } finally {
            System.clearProperty(property);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void toolsAreThoseOnThePath() throws Exception {
        Path lake = folder.resolve("lake");
        Files.writeString(lake, "");
        assertEquals(List.of(false), tool(Map.of("PATH", folder.toString()), "lake"));
        assertTrue(lake.toFile().setExecutable(true));
        assertEquals(List.of(true), tool(Map.of("PATH", "/nowhere:" + folder), "lake"));
        assertEquals(List.of(false), tool(Map.of(), "lake"));
        Path openJml = Files.createDirectories(folder.resolve("home")).resolve("openjml");
        Files.writeString(openJml, "");
        assertTrue(openJml.toFile().setExecutable(true));
        assertEquals(
                List.of(true),
                tool(Map.of("OPENJML_HOME", folder.resolve("home").toString()), "openjml"));
    }

    private List<Boolean> tool(Map<String, String> environment, String name) {
        return diagnose(List.of("reference"), environment).tools().stream()
                .filter(tool -> tool.name().equals(name))
                .map(Diagnosis.Finding::there)
                .toList();
    }

    @Test
    void cachesAreCounted() throws Exception {
        Path prover = Files.createDirectories(folder.resolve("threehalf/prover/deep"));
        Files.write(prover.resolve("a"), new byte[1000]);
        Files.write(prover.resolveSibling("b"), new byte[24]);
        Files.createDirectories(folder.resolve("threehalf/another"));
        List<Diagnosis.Cache> caches = diagnose(List.of("reference"), Map.of("XDG_CACHE_HOME", folder.toString()))
                .caches();
        assertTrue(
                caches.contains(new Diagnosis.Cache("prover verdicts", folder.resolve("threehalf/prover"), 2, 1024)),
                caches.toString());
        assertTrue(
                caches.contains(new Diagnosis.Cache("another", folder.resolve("threehalf/another"), 0, 0)),
                caches.toString());
        assertTrue(
                caches.stream()
                        .anyMatch(
                                cache -> cache.folder().equals(folder.resolve("threehalf/lean")) && cache.files() == 0),
                caches.toString());
    }

    @Test
    void theProcessorsNameAndFeaturesComeFromTheSystem() throws Exception {
        Path cpuinfo = folder.resolve("cpuinfo");
        Files.writeString(
                cpuinfo,
                "model name\t: A Processor: 3\nflags\t\t: fpu avx2 fma avx512_vnni\n\nmodel name\t: A Processor: 3\n");
        assertEquals("A Processor: 3", Machine.here(cpuinfo).processor());
        assertEquals(
                List.of("avx2", "fma", "avx512_vnni"), Machine.here(cpuinfo).features());
        Files.writeString(cpuinfo, "Features : fp asimd asimddp\n");
        assertEquals(List.of("asimd", "asimddp"), Machine.here(cpuinfo).features());
        Machine unknown = Machine.here(folder.resolve("none"));
        assertEquals(System.getProperty("os.arch"), unknown.processor());
        assertEquals(List.of(), unknown.features());
        assertTrue(unknown.memory() > 0 && unknown.largestHeap() > 0);
    }
}
