package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 */
record TheoremTable(Map<String, SortedSet<String>> about) {
    /** The value of the member {@code schema}. */
    static final String SCHEMA = "threehalf-theorems/1";

    private static final String FILE = "spec/theorems.json";

    /** Reads the table of the repository at this root; an empty one if there is none. */
    static TheoremTable read(Path root) throws IOException {
        Path file = root.resolve(FILE);
        Map<String, SortedSet<String>> about = new TreeMap<>();
        if (Files.exists(file)) {
            JsonNode table = new JsonMapper().readTree(Files.readString(file));
            if (!table.path("schema").asString("").equals(SCHEMA)) {
                throw new IOException("%s: its schema is not %s".formatted(file, SCHEMA));
            }
            table.path("requirements").properties().forEach(e -> {
                SortedSet<String> names = new TreeSet<>();
                e.getValue().forEach(n -> names.add(n.asString()));
                about.put(e.getKey(), names);
            });
        }
        return new TheoremTable(about);
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
