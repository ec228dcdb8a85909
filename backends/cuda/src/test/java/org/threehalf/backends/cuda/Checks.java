package org.threehalf.backends.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was checked without a GPU and what was not, for the evidence: {@code target/cuda/checks.json}, a list of {@code {"check", "verdict", "detail"}}
 * with verdicts {@code PASSED} and {@code NOT CHECKED}. A failed check fails its test and is not in the list.
 */
final class Checks {
    private static final Path FILE = Path.of("target", "cuda", "checks.json");
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final List<Map<String, Object>> DONE = new ArrayList<>();

    private Checks() {}

    /** A check that was passed. */
    static void passed(String check, Object detail) {
        add(check, "PASSED", detail);
    }

    /** A check that could not be made here. */
    static void notChecked(String check, String reason) {
        add(check, "NOT CHECKED", reason);
    }

    private static synchronized void add(String check, String verdict, Object detail) {
        if (DONE.isEmpty()) {
            DONE.add(entry("kernels on a GPU", "NOT CHECKED", "not run on a GPU: none was at hand; README.md says how to"));
        }
        DONE.add(entry(check, verdict, detail));
        try {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, MAPPER.writeValueAsString(Map.of("schema", "threehalf-cuda-checks/1", "checks", DONE)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> entry(String check, String verdict, Object detail) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("check", check);
        entry.put("verdict", verdict);
        entry.put("detail", detail);
        return entry;
    }
}
