package org.threehalf.backends.cuda;

import java.nio.file.Path;
import org.threehalf.conformance.CheckList;

/** What was checked without a GPU and what was not, for the evidence: {@code target/results/cuda.json}. */
final class Checks {
    private static final CheckList LIST = new CheckList("CUDA", Path.of("target", "results", "cuda.json"));

    static {
        LIST.notChecked(
                "kernels on a GPU", "not run on a GPU: none was at hand; scripts/check-gpu does it where there is one");
    }

    private Checks() {}

    /** A check that was passed. */
    static void passed(String check, Object detail) {
        LIST.passed(check, detail.toString());
    }

    /** A check that could not be made here. */
    static void notChecked(String check, String reason) {
        LIST.notChecked(check, reason);
    }
}
