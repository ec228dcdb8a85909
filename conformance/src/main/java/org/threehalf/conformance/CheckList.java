package org.threehalf.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.kernels.io.WholeFile;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a module's tests checked and what they could not, as a result file that the evidence takes in
 * (proofs/evidence/README.md, Result files).
 *
 * <p>A check that fails fails its test and is not in the list. The file is written anew with each entry, so that it is
 * there however the tests end. Safe for use by several threads.
 */
public final class CheckList {
    /** The value of the member {@code schema}. */
    public static final String SCHEMA = "threehalf-check-results/1";

    private record Entry(Verdict verdict, String detail) {}

    private final String suite;
    private final Path file;
    private final Map<String, Entry> entries = new TreeMap<>();

    /**
     * An empty list.
     *
     * @param suite what is checked
     * @param file {@code target/results/NAME.json} of the module
     */
    public CheckList(String suite, Path file) {
        this.suite = suite;
        this.file = file;
    }

    /**
     * Adds a check that was passed.
     *
     * @param check what was checked
     * @param detail how far; no times
     */
    public void passed(String check, String detail) {
        add(check, new Entry(Verdict.PASSED, detail));
    }

    /**
     * Adds a check that could not be made here; nothing if it was made elsewhere.
     *
     * @param check what would be checked
     * @param reason why it was not, and what it needs
     */
    public synchronized void notChecked(String check, String reason) {
        if (!entries.containsKey(check)) {
            add(check, new Entry(Verdict.NOT_CHECKED, reason));
        }
    }

    private synchronized void add(String check, Entry entry) {
        entries.put(check, entry);
        ObjectNode root =
                JsonMapper.shared().createObjectNode().put("schema", SCHEMA).put("suite", suite);
        ArrayNode checks = root.putArray("checks");
        entries.forEach((id, e) -> checks.addObject()
                .put("id", id)
                .put("verdict", e.verdict.name())
                .put("detail", e.detail));
        try {
            WholeFile.write(file, root.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
