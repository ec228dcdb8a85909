package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.threehalf.repository.Problem;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code spec/theorems.json}: the definitions that each requirement is about. A theorem that names a requirement has to
 * speak of one of them in its statement, as Lean elaborated it, and the theorems of a requirement have to speak of all
 * of them together. So {@code theorem x : True} serves nothing. What a statement speaks of is the audit's word: not
 * what could be anything with the statement as true as before. And what the theorem supposes has to be possible.
 *
 * @param about the definitions by requirement
 * @param undecided by theorem, the definitions of which no stand-in was found that its statement tells them from: these
 *     alone count by what the audit finds without one
 */
record TheoremTable(Map<String, SortedSet<String>> about, Map<String, SortedSet<String>> undecided) {
    /** The value of the member {@code schema}. */
    static final String SCHEMA = "threehalf-theorems/1";

    private static final String FILE = "spec/theorems.json";

    /** Reads the table of the repository at this root; an empty one if there is none. */
    static TheoremTable read(Path root) throws IOException {
        Path file = root.resolve(FILE);
        Map<String, SortedSet<String>> about = new TreeMap<>();
        Map<String, SortedSet<String>> undecided = new TreeMap<>();
        if (Files.exists(file)) {
            JsonNode table = new JsonMapper().readTree(Files.readString(file));
            if (!table.path("schema").asString("").equals(SCHEMA)) {
                throw new IOException("%s: its schema is not %s".formatted(file, SCHEMA));
            }
            fill(about, table.path("requirements"));
            fill(undecided, table.path("undecided"));
        }
        return new TheoremTable(about, undecided);
    }

    private static void fill(Map<String, SortedSet<String>> map, JsonNode lists) {
        lists.properties().forEach(e -> {
            SortedSet<String> names = new TreeSet<>();
            e.getValue().forEach(n -> names.add(n.asString()));
            map.put(e.getKey(), names);
        });
    }

    /** What the audit has to find a stand-in of, for each theorem that names a requirement. */
    SortedMap<String, SortedSet<String>> asked(List<Theorem> theorems) {
        SortedMap<String, SortedSet<String>> asked = new TreeMap<>();
        for (Theorem theorem : theorems) {
            if (!theorem.requirements().isEmpty()) {
                SortedSet<String> names = asked.computeIfAbsent(theorem.name(), n -> new TreeSet<>());
                theorem.requirements().forEach(id -> names.addAll(about.getOrDefault(id, new TreeSet<>())));
                names.removeAll(undecided.getOrDefault(theorem.name(), new TreeSet<>()));
            }
        }
        return asked;
    }

    /**
     * What statements speak of: what they were shown to tell from a stand-in, and of what is undecided what the audit
     * found nothing against.
     *
     * @param uses what the audit found nothing against, by theorem
     * @param told what it shows to be told from a stand-in
     */
    Map<String, List<String>> spoken(Map<String, List<String>> uses, Map<String, Set<String>> told) {
        Map<String, List<String>> spoken = new TreeMap<>();
        uses.forEach((name, used) -> spoken.put(
                name,
                used.stream()
                        .filter(n -> told.getOrDefault(name, Set.of()).contains(n)
                                || undecided.getOrDefault(name, new TreeSet<>()).contains(n))
                        .toList()));
        return spoken;
    }

    /** What stands in the list of the undecided and is not, or is no pair of a theorem and what it speaks of. */
    List<Problem> stale(Map<String, List<String>> uses, Map<String, Set<String>> told) {
        List<Problem> problems = new ArrayList<>();
        undecided.forEach((name, names) -> names.stream()
                .filter(n -> !uses.getOrDefault(name, List.of()).contains(n)
                        || told.getOrDefault(name, Set.of()).contains(n))
                .forEach(n -> problems.add(new Problem(
                        "%s lists %s of %s as undecided, which it is not".formatted(FILE, n, name),
                        "take it out of the list"))));
        return problems;
    }

    /** All definitions that some requirement is about. */
    SortedSet<String> subjects() {
        SortedSet<String> all = new TreeSet<>();
        about.values().forEach(all::addAll);
        return all;
    }

    /**
     * What comes of comparing the theorems' claims with their statements.
     *
     * @param hollow the theorems that name a requirement which their statement does not speak of
     * @param problems what to report
     */
    record Result(Set<String> hollow, List<Problem> problems) {}

    /**
     * Compares.
     *
     * @param theorems the theorems with the requirements that they name
     * @param uses the project's constants that each audited statement says something of, by the theorem's name
     * @param possible the theorems whose hypotheses were shown to be possible
     */
    Result check(List<Theorem> theorems, Map<String, List<String>> uses, Set<String> possible) {
        List<Problem> problems = new ArrayList<>();
        Set<String> hollow = new LinkedHashSet<>();
        Map<String, Set<String>> left = new TreeMap<>();
        about.forEach((id, names) -> left.put(id, new TreeSet<>(names)));
        for (Theorem theorem : theorems) {
            List<String> used = uses.getOrDefault(theorem.name(), List.of());
            if (uses.containsKey(theorem.name())
                    && !theorem.requirements().isEmpty()
                    && !possible.contains(theorem.name())) {
                hollow.add(theorem.name());
                problems.add(new Problem(
                        "%s (%s:%d) names %s, and nothing shows that what it supposes can be"
                                .formatted(theorem.name(), theorem.file(), theorem.line(), theorem.requirements()),
                        "prove a theorem %s_possible: that there are values for all its binders for which its hypotheses hold (lean/README.md)"
                                .formatted(
                                        theorem.name().substring(theorem.name().lastIndexOf('.') + 1))));
            }
            for (String id : theorem.requirements()) {
                Set<String> names = about.get(id);
                if (names == null) {
                    hollow.add(theorem.name());
                    problems.add(new Problem(
                            "%s (%s:%d) names %s, of which %s says no definitions"
                                    .formatted(theorem.name(), theorem.file(), theorem.line(), id, FILE),
                            "add what the requirement is about, or take the id out of the theorem's comment"));
                } else if (used.stream().noneMatch(names::contains)) {
                    hollow.add(theorem.name());
                    problems.add(
                            new Problem(
                                    "%s (%s:%d) names %s, but its statement speaks of none of %s"
                                            .formatted(theorem.name(), theorem.file(), theorem.line(), id, names),
                                    "state it about the definitions that the requirement is about, or take the id out of its comment"));
                } else {
                    if (possible.contains(theorem.name())) {
                        left.get(id).removeAll(used);
                    }
                }
            }
        }
        left.forEach((id, names) -> {
            if (!names.isEmpty()) {
                problems.add(new Problem(
                        "no theorem that names %s speaks of %s".formatted(id, names), "prove one, or correct " + FILE));
            }
        });
        return new Result(hollow, problems);
    }
}
