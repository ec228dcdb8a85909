package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.repository.Problem;
import org.threehalf.repository.SourceTree;

/**
 * The Lean sources, and what must hold of them before Lean sees them.
 *
 * @param folder the folder {@code lean/}
 * @param modules the library's modules by name, each after all that it imports
 * @param scripts the programs that look at the library: {@code Gate} at its sources, {@code Audit} and {@code Emit} at
 *     what was compiled, {@code Mutants} at its definitions
 * @param subjects the definitions that requirements are about, by {@code spec/theorems.json}
 * @param serving the theorems that name a requirement, as the text has them
 * @param asked of each of these, the definitions that the audit has to find a stand-in of
 * @param problems what is wrong with the sources as text
 */
public record LeanProject(
        Path folder,
        Map<String, Module> modules,
        SortedMap<String, Module> scripts,
        SortedSet<String> subjects,
        SortedSet<String> serving,
        SortedMap<String, SortedSet<String>> asked,
        List<Problem> problems) {
    /** The library's name: its root module, and the first part of every other module's name. */
    public static final String LIBRARY = "ThreeHalf";

    private static final Pattern MODULE_FILE =
            Pattern.compile("(?:[A-Za-z][A-Za-z0-9_]*/)*[A-Za-z][A-Za-z0-9_]*\\.lean");
    private static final Pattern HEADER = Pattern.compile(
            "\\s+|--[^\\n]*|/-(?s:.*?)-/|module\\b|(?:public\\s+)?import\\s+(?:all\\s+)?([\\p{L}_][\\p{L}\\p{N}_.'!?]*)");
    /** What the library is compiled with: no warnings, and no names that are bound because nobody defined them. */
    static final String LAKE_OPTIONS = "leanOptions = { warningAsError = true, autoImplicit = false }";

    private static final Pattern LAKE = Pattern.compile(
            "\\s*|(?:name|version|description) = \"[^\"\\\\]*\"|defaultTargets = \\[\"ThreeHalf\"]|\\[\\[lean_lib]]|leanOptions = \\{ warningAsError = true, autoImplicit = false }");
    /** Parses the sources before anything of them is run. */
    static final String GATE = "Gate";
    /** Replays and lists the compiled constants. */
    static final String AUDIT = "Audit";
    /** Writes the golden vectors. */
    static final String EMIT = "Emit";

    /** Changes definitions and looks for a theorem that breaks. */
    static final String MUTANTS = "Mutants";

    private static final List<String> SCRIPTS = List.of(GATE, AUDIT, EMIT, MUTANTS);

    /**
     * A source file.
     *
     * @param name the module's name
     * @param path its file
     * @param file the file's name relative to the repository's root
     * @param imports the names of the modules that it imports, in its order
     * @param sha256 of its bytes, lower-case hexadecimal
     */
    public record Module(String name, Path path, String file, Set<String> imports, String sha256) {}

    /** Reads {@code lean/**.lean} below the repository's root. */
    public static LeanProject read(Path root) throws IOException {
        Path folder = root.resolve("lean");
        List<Problem> problems = new ArrayList<>();
        SortedMap<String, Module> library = new TreeMap<>();
        SortedMap<String, Module> scripts = new TreeMap<>();
        for (Path path : SourceTree.files(folder, ".lean")) {
            String name = SourceTree.name(folder, path);
            if (name.startsWith(".lake/")) {
                continue;
            }
            Module module = module(root, folder, path);
            if (!MODULE_FILE.matcher(name).matches()) {
                // A.B.lean would be read as the module that lies in A/B.lean, and one of the two be checked by nothing.
                problems.add(new Problem(
                        module.file() + " is no name of a module's file",
                        "letters, digits and underscores, and one .lean at the end"));
                continue;
            }
            if (module.name().equals(LIBRARY) || module.name().startsWith(LIBRARY + ".")) {
                library.put(module.name(), module);
            } else if (SCRIPTS.contains(module.name())) {
                scripts.put(module.name(), module);
            } else {
                problems.add(new Problem(
                        module.file() + " belongs to nothing that is checked",
                        "move it below lean/%s, or take it out".formatted(LIBRARY)));
            }
        }
        problems.addAll(imports(library, scripts));
        problems.addAll(lakefile(folder));
        return new LeanProject(
                folder,
                ordered(library, problems),
                scripts,
                TheoremTable.read(root).subjects(),
                serving(root),
                TheoremTable.read(root).asked(LeanSources.read(root)),
                List.copyOf(problems));
    }

    private static SortedSet<String> serving(Path root) throws IOException {
        return LeanSources.read(root).stream()
                .filter(t -> !t.requirements().isEmpty())
                .map(Theorem::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The sources of the library and the scripts. */
    public List<Module> sources() {
        List<Module> all = new ArrayList<>(modules.values());
        all.addAll(scripts.values());
        all.sort(java.util.Comparator.comparing(Module::file));
        return all;
    }

    private static Module module(Path root, Path folder, Path path) throws IOException {
        String source = Files.readString(path);
        Set<String> imports = new LinkedHashSet<>();
        Matcher matcher = HEADER.matcher(source);
        int from = 0;
        while (from < source.length() && matcher.region(from, source.length()).lookingAt()) {
            if (matcher.group(1) != null) {
                imports.add(matcher.group(1));
            }
            from = matcher.end();
        }
        String name = SourceTree.name(folder, path);
        return new Module(
                name.substring(0, name.length() - ".lean".length()).replace('/', '.'),
                path,
                SourceTree.name(root, path),
                imports,
                Sha256.of(Files.readAllBytes(path)));
    }

    /**
     * Lake could be told to leave the kernel's check out, or to build from somewhere else: it may be told what is known
     * here.
     */
    private static List<Problem> lakefile(Path folder) throws IOException {
        Path file = folder.resolve("lakefile.toml");
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        List<Problem> problems = new ArrayList<>(lines.stream()
                .filter(l -> !LAKE.matcher(l).matches())
                .map(l -> new Problem(
                        "lean/lakefile.toml says '%s', which is none of what it may say".formatted(l), "take it out"))
                .toList());
        if (!lines.isEmpty() && lines.stream().noneMatch(LAKE_OPTIONS::equals)) {
            problems.add(new Problem(
                    "lean/lakefile.toml does not say '%s'".formatted(LAKE_OPTIONS),
                    "with Lean's own options a misspelt name in a statement stands for anything"));
        }
        return problems;
    }

    private static List<Problem> imports(SortedMap<String, Module> library, SortedMap<String, Module> scripts) {
        List<Problem> problems = new ArrayList<>();
        if (!library.containsKey(LIBRARY)) {
            problems.add(new Problem(
                    "lean/%s.lean is missing".formatted(LIBRARY), "it must import every module of the library"));
            return problems;
        }
        Set<String> reached = new LinkedHashSet<>();
        reach(LIBRARY, library, reached);
        for (Module module : library.values()) {
            if (!reached.contains(module.name())) {
                problems.add(new Problem(
                        "%s is imported by nothing that lean/%s.lean imports".formatted(module.file(), LIBRARY),
                        "import it there"));
            }
        }
        for (String name : SCRIPTS) {
            if (!scripts.containsKey(name)) {
                problems.add(new Problem("lean/%s.lean is missing".formatted(name), "the check runs it"));
            }
        }
        return problems;
    }

    private static void reach(String name, Map<String, Module> library, Set<String> reached) {
        Module module = library.get(name);
        if (module != null && reached.add(name)) {
            module.imports().forEach(i -> reach(i, library, reached));
        }
    }

    private static Map<String, Module> ordered(SortedMap<String, Module> library, List<Problem> problems) {
        Map<String, Module> ordered = new LinkedHashMap<>();
        library.keySet().forEach(name -> visit(name, library, new LinkedHashSet<>(), ordered, problems));
        return ordered;
    }

    private static void visit(
            String name,
            Map<String, Module> library,
            Set<String> path,
            Map<String, Module> ordered,
            List<Problem> problems) {
        Module module = library.get(name);
        if (module == null || ordered.containsKey(name)) {
            return;
        }
        if (!path.add(name)) {
            Problem cycle = new Problem(
                    "%s imports itself by way of %s".formatted(module.file(), String.join(", ", path)),
                    "take one of these imports out");
            if (problems.stream().noneMatch(p -> p.what().contains("imports itself"))) {
                problems.add(cycle);
            }
            return;
        }
        module.imports().forEach(i -> visit(i, library, path, ordered, problems));
        path.remove(name);
        ordered.put(name, module);
    }
}
