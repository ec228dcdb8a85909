package org.threehalf.evidence.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;
import org.threehalf.repository.SourceTree;

/** Compares the committed golden vectors with those that the Lean definitions emit now, byte for byte. */
public final class VectorComparison {
    private static final int SHOWN = 80;

    private VectorComparison() {}

    /**
     * A file of vectors.
     *
     * @param file its name below {@code spec/vectors}
     * @param committed SHA-256 of the committed file, or empty if there is none
     * @param emitted SHA-256 of the emitted file, or empty if there is none
     * @param verdict whether they are the same bytes
     * @param problem what to report if they are not
     */
    public record Result(
            String file,
            String committed,
            String emitted,
            Verdict verdict,
            @Nullable Problem problem) {}

    /**
     * Compares the JSON files of two folders.
     *
     * @param committed the folder in the repository
     * @param emitted the folder that Lean wrote, or null if it did not run
     */
    public static List<Result> compare(Path committed, @Nullable Path emitted) throws IOException {
        SortedSet<String> names = new TreeSet<>();
        SourceTree.files(committed, ".json").forEach(f -> names.add(SourceTree.name(committed, f)));
        if (emitted != null) {
            SourceTree.files(emitted, ".json").forEach(f -> names.add(SourceTree.name(emitted, f)));
        }
        List<Result> results = new ArrayList<>();
        for (String name : names) {
            results.add(compare(name, committed.resolve(name), emitted == null ? null : emitted.resolve(name)));
        }
        return results;
    }

    private static Result compare(String name, Path committed, @Nullable Path emitted) throws IOException {
        String before = Files.exists(committed) ? Sha256.of(committed) : "";
        if (emitted == null) {
            return new Result(name, before, "", Verdict.NOT_CHECKED, null);
        }
        String now = Files.exists(emitted) ? Sha256.of(emitted) : "";
        if (before.equals(now)) {
            return new Result(name, before, now, Verdict.PASSED, null);
        }
        String what = before.isEmpty()
                ? "spec/vectors/%s is missing: Lean emits it".formatted(name)
                : now.isEmpty()
                        ? "spec/vectors/%s is not emitted by Lean any more".formatted(name)
                        : difference(name, committed, emitted);
        return new Result(
                name,
                before,
                now,
                Verdict.FAILED,
                new Problem(
                        what,
                        "if the Lean definitions changed on purpose, commit the emitted file; if not, the file or the definitions were damaged"));
    }

    private static String difference(String name, Path committed, Path emitted) throws IOException {
        long at = Files.mismatch(committed, emitted);
        byte[] before = Files.readAllBytes(committed);
        byte[] now = Files.readAllBytes(emitted);
        int line = 1;
        for (int i = 0; i < at; i++) {
            line += before[i] == '\n' ? 1 : 0;
        }
        return "spec/vectors/%s differs from what Lean emits, first at line %d (byte %d): committed «%s», emitted «%s»"
                .formatted(name, line, at, around(before, (int) at), around(now, (int) at));
    }

    /** The rest of the line from a little before the position on. */
    private static String around(byte[] bytes, int at) {
        int from = Math.min(at, bytes.length);
        while (from > 0 && from > at - SHOWN / 2 && bytes[from - 1] != '\n') {
            from--;
        }
        int to = Math.min(at, bytes.length);
        while (to < bytes.length && to < from + SHOWN && bytes[to] != '\n') {
            to++;
        }
        return new String(bytes, from, to - from, StandardCharsets.UTF_8).replace("\r", "\\r");
    }
}
