package org.threehalf.backends.groq;

import java.nio.file.Path;
import org.threehalf.conformance.CheckList;

/** What was checked of the modules for LPUs and what was not, for the evidence: {@code target/results/groq.json}. */
public final class Checks {
    private static final CheckList LIST = new CheckList("Groq by MLIR", Path.of("target", "results", "groq.json"));

    static {
        LIST.notChecked("modules on an LPU", "not run: no LPU was at hand");
    }

    private Checks() {}

    /** A check that was passed. */
    public static void passed(String check, String detail) {
        LIST.passed(check, detail);
    }

    /** A check that could not be made here. */
    public static void notChecked(String check, String reason) {
        LIST.notChecked(check, reason);
    }
}
