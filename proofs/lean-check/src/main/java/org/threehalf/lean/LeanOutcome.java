package org.threehalf.lean;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;

/**
 * What the check of the Lean project came to.
 *
 * @param verdict of all of it, audit and emission included
 * @param reason why it did not run, or empty
 * @param checker who checked: {@code lake}, or the npm build
 * @param version the checker's version
 * @param commit the commit that the checker was built from
 * @param integrity the hash that pins the checker's archive, or empty where the toolchain manager answers for it
 * @param sources each file of the project
 * @param axioms the axioms that each audited theorem rests on, by its full name
 * @param statements what Lean prints for each audited theorem, by its full name
 * @param seeded faults that the checks were tried on
 * @param emitted the folder of the vectors that Lean emitted, or null if it emitted none
 * @param problems what to report as failures
 * @param environment what varies between runs: seconds and cache hits by file
 */
public record LeanOutcome(
        Verdict verdict,
        String reason,
        String checker,
        String version,
        String commit,
        String integrity,
        List<Source> sources,
        Map<String, List<String>> axioms,
        Map<String, String> statements,
        List<Seeded> seeded,
        @Nullable Path emitted,
        List<Problem> problems,
        Map<String, String> environment) {

    /** The axioms that a theorem may rest on (SOUNDNESS.md, section 0). */
    public static final Set<String> AXIOMS = Set.of("propext", "Quot.sound", "Classical.choice");

    /**
     * A source file.
     *
     * @param file relative to the repository's root
     * @param sha256 of its bytes, lower-case hexadecimal
     * @param verdict whether Lean accepted it
     */
    public record Source(String file, String sha256, Verdict verdict) {}

    /**
     * A fault that was seeded to see whether a check catches it.
     *
     * @param what the fault
     * @param by what must catch it
     * @param verdict passed if it did
     */
    public record Seeded(String what, String by, Verdict verdict) {}

    /** The check did not run. */
    public static LeanOutcome notChecked(String reason) {
        return new LeanOutcome(
                Verdict.NOT_CHECKED,
                reason,
                "",
                "",
                "",
                "",
                List.of(),
                Map.of(),
                Map.of(),
                List.of(),
                null,
                List.of(),
                Map.of());
    }
}
