package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.threehalf.jml.frontend.Lookup;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.mutation.HollowBodies;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;
import org.threehalf.jml.syntax.WhichZero;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.WholeFile;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Checks the contracts of Java files by the built-in prover and, where it is installed, by OpenJML. */
public final class ContractCheck {
    /** What reports call the built-in prover. */
    public static final String PROVER = "built-in prover";

    private static final JsonMapper JSON = new JsonMapper();

    private ContractCheck() {}

    /** Where earlier verdicts are remembered: {@code -Dprover.cache}, else {@code ~/.cache/threehalf/prover}. */
    public static Path cache() {
        String folder = System.getProperty("prover.cache", "");
        return folder.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "threehalf", "prover")
                : Path.of(folder);
    }

    /** The Java files with JML below a folder, in the order of their names. */
    public static List<Path> filesWithJml(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java") && Files.isRegularFile(f))
                    .sorted()
                    .toList()) {
                if (SourceReader.hasJml(new SourceReader.Source(file.toString(), Files.readString(file)))) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    /**
     * Reads files.
     *
     * @param root what their names are relative to, where they lie below it
     */
    public static List<SourceReader.Source> sources(List<Path> files, Path root) throws IOException {
        List<SourceReader.Source> sources = new ArrayList<>();
        for (Path f : files) {
            sources.add(new SourceReader.Source(name(f, root), Files.readString(f)));
        }
        return sources;
    }

    /**
     * Proves the contracts of some files.
     *
     * @param files whose contracts are proved
     * @param beside files whose contracts are believed where those of {@code files} use them
     * @param root what names of files are relative to
     * @param lookup where other classes that they use are looked up; of these only names and types count
     * @param untried names of methods to be left out
     */
    public static ContractReport check(
            List<Path> files,
            List<Path> beside,
            Path root,
            Lookup lookup,
            Set<String> untried,
            Consumer<ContractReport.Method> finished)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        List<String> errors = new ArrayList<>();
        List<ContractReport.Method> methods = List.of();
        try (Verifier verifier = new Verifier(new Z3Prover(cache(), false))) {
            Set<String> names = names(files, root);
            Program program = SourceReader.read(together(files, beside, root), lookup);
            untried.stream()
                    .filter(name -> program.methods().values().stream()
                            .noneMatch(m -> Verifier.name(m, program).equals(name)))
                    .forEach(name -> errors.add("open-clauses.txt lists a method that is not there: " + name));
            methods = verifier.verify(
                    program,
                    m -> names.contains(m.file()) && !untried.contains(Verifier.name(m, program)),
                    errors,
                    finished);
            if (errors.isEmpty() && methods.stream().noneMatch(ContractReport.Method::contract)) {
                errors.add("no method with a contract in " + String.join(", ", names) + ": nothing was proved");
            }
        } catch (UnsupportedSyntaxException e) {
            errors.add(String.valueOf(e.getMessage()));
        }
        OpenJml.Outcome openJml = OpenJml.run(files, lookup.sourcePath());
        return new ContractReport(
                Z3Prover.version(), beside(methods, openJml), openJml, errors, (System.nanoTime() - start) / 1_000_000);
    }

    /**
     * The report, with what proved contracts leave open: an error for each method that claims a requirement by a
     * contract that is proved of a gutted body too ({@link HollowBodies#hollow}), and a note of others whose whole body
     * could go; and an error for each clause that holds only because -0 equals +0 ({@link WhichZero}). Nothing is asked
     * where something failed already.
     *
     * @param report of {@link #check}, with the same files and lookup
     */
    public static ContractReport withHollow(
            ContractReport report, List<Path> files, List<Path> beside, Path root, Lookup lookup)
            throws IOException, InterruptedException {
        if (!report.passed()) {
            return report;
        }
        List<SourceReader.Source> sources = together(files, beside, root);
        Set<String> names = names(files, root);
        Program program = SourceReader.read(sources, lookup);
        Set<String> promising = program.methods().values().stream()
                .filter(m ->
                        m.spec().cases().stream().anyMatch(c -> !c.ensures().isEmpty()))
                .map(m -> HollowBodies.in(m.file(), m.shortName()))
                .collect(Collectors.toSet());
        HollowBodies.Findings hollow = HollowBodies.hollow(sources, names, promising, lookup, cache());
        ContractReport more = report.with(hollow.claiming());
        if (!hollow.others().isEmpty()) {
            more = more.noting(
                    "little is said, and no requirement named, by the contracts that hold of a gutted body too: "
                            + String.join(", ", hollow.others()));
        }
        return withZeros(more, program, names, hollow.requirements());
    }

    /** The report with what becomes of it where {@code ==} tells +0 from -0 ({@link WhichZero}). */
    private static ContractReport withZeros(
            ContractReport report, Program program, Set<String> files, Set<String> requirements)
            throws InterruptedException {
        Predicate<MethodModel> claims = m -> requirements.contains(HollowBodies.in(m.file(), m.shortName()));
        Program strict = WhichZero.of(program, claims);
        if (strict == null) {
            return report;
        }
        List<String> errors = new ArrayList<>();
        SortedSet<String> unknown = new TreeSet<>();
        Predicate<MethodModel> asked = m -> files.contains(m.file())
                && report.methods().stream().anyMatch(r -> r.name().equals(Verifier.name(m, program)) && r.proved())
                && !m.equals(program.method(m.key()));
        Set<String> claiming = strict.methods().values().stream()
                .filter(claims)
                .map(m -> Verifier.name(m, strict))
                .collect(Collectors.toSet());
        try (Verifier verifier = new Verifier(new Z3Prover(cache(), false))) {
            for (ContractReport.Method m : verifier.verify(strict, asked, errors, x -> {})) {
                for (ContractReport.Clause c : m.clauses()) {
                    if (c.verdict() == Verdict.REFUTED
                            || c.verdict() != Verdict.PROVED && claiming.contains(m.name())) {
                        errors.add(
                                "%s:%d: %s: %s `%s` %s only because -0 equals +0%s: say which zero by bits (Float.floatToIntBits), or by <= and >= where either will do"
                                        .formatted(
                                                m.file(),
                                                c.line(),
                                                m.name(),
                                                c.kind(),
                                                c.text(),
                                                c.verdict() == Verdict.REFUTED
                                                        ? "holds"
                                                        : "names a requirement and may hold",
                                                c.counterexample().isEmpty() ? "" : ", as with " + c.counterexample()));
                    } else if (c.verdict() != Verdict.PROVED) {
                        unknown.add(m.name());
                    }
                }
            }
        }
        ContractReport more = report.with(errors);
        return unknown.isEmpty()
                ? more
                : more.noting("which zero comes out is not known of " + String.join(", ", unknown));
    }

    /** Sources that are read together, each once. */
    private static List<SourceReader.Source> together(List<Path> files, List<Path> beside, Path root)
            throws IOException {
        Set<Path> read = new LinkedHashSet<>();
        files.forEach(f -> read.add(f.toAbsolutePath().normalize()));
        beside.forEach(f -> read.add(f.toAbsolutePath().normalize()));
        return sources(List.copyOf(read), root);
    }

    private static Set<String> names(List<Path> files, Path root) {
        Set<String> names = new LinkedHashSet<>();
        files.forEach(f -> names.add(name(f, root)));
        return names;
    }

    /** One name for one file, however it is written. */
    private static String name(Path file, Path root) {
        Path absolute = file.toAbsolutePath().normalize();
        return absolute.startsWith(root) ? root.relativize(absolute).toString() : absolute.toString();
    }

    /** The methods with OpenJML's verdicts beside. */
    static List<ContractReport.Method> beside(List<ContractReport.Method> methods, OpenJml.Outcome openJml) {
        if (!openJml.ran()) {
            return methods;
        }
        return methods.stream()
                .map(m -> {
                    List<Verdict> found = of(m.name(), openJml.verdicts());
                    return m.with(found.size() == 1 ? found.getFirst() : Verdict.NOT_CHECKED);
                })
                .toList();
    }

    /** What OpenJML says of a method, by the built-in prover's name of it. */
    static <T> List<T> of(String method, Map<String, T> said) {
        return said.entrySet().stream()
                .filter(e -> sameMethod(e.getKey(), method))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** {@code org.x.C.m(org.x.D)} and {@code C.m(D)}. */
    private static boolean sameMethod(String full, String name) {
        int parameters = full.indexOf('(');
        String simple = parameters < 0
                ? full
                : full.substring(0, parameters) + Verifier.simpleTypes(full.substring(parameters));
        return full.equals(name) || simple.equals(name) || simple.endsWith("." + name);
    }

    /**
     * Writes the result file that the evidence takes in (README.md, Result files). It holds no times, so that it is the
     * same in every run.
     */
    public static void write(ContractReport report, Path root, Path file) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("schema", "threehalf-contract-results/1");
        ArrayNode checkers = json.putArray("checkers");
        report.checkers()
                .forEach((name, version) ->
                        checkers.addObject().put("name", name).put("version", version));
        ArrayNode sources = json.putArray("sources");
        for (String name : report.methods().stream()
                .map(ContractReport.Method::file)
                .distinct()
                .sorted()
                .toList()) {
            sources.addObject().put("file", name).put("sha256", Sha256.of(Files.readString(root.resolve(name))));
        }
        ArrayNode methods = json.putArray("methods");
        for (ContractReport.Method m : report.methods()) {
            ObjectNode method = methods.addObject();
            method.put("file", m.file().replace('\\', '/'));
            method.put("line", m.line());
            method.put("name", m.name());
            method.put("openJml", m.openJml().name());
            ArrayNode assumptions = method.putArray("assumptions");
            m.assumptions().forEach(assumptions::add);
            ArrayNode clauses = method.putArray("clauses");
            for (ContractReport.Clause c : m.clauses()) {
                ObjectNode clause = clauses.addObject();
                clause.put("kind", c.kind().toString());
                clause.put("line", c.line());
                clause.put("text", c.text());
                clause.put("verdict", c.verdict().toString());
                clause.put("checker", PROVER);
                clause.put("conditions", c.conditions());
                if (!c.open().isEmpty()) {
                    clause.put("open", c.open());
                }
                if (!c.failure().isEmpty()) {
                    clause.put("failure", c.failure());
                }
                if (!c.counterexample().isEmpty()) {
                    ObjectNode example = clause.putObject("counterexample");
                    c.counterexample().forEach(example::put);
                }
            }
        }
        ArrayNode problems = json.putArray("problems");
        report.problems().forEach(problems::add);
        writeJson(json, file);
    }

    /**
     * Writes a result file whole, laid out for readers.
     *
     * @throws IOException if it cannot be written; then nothing is left of it
     */
    public static void writeJson(ObjectNode json, Path file) throws IOException {
        WholeFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }
}
