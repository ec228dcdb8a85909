package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.threehalf.repository.Problem;

class TheoremTableTest {
    private static final TheoremTable TABLE = new TheoremTable(Map.of("REQ-A-1", names("T.sum", "T.row")), Map.of());

    private static final Set<String> ALL = Set.of("T.a", "T.b", "T.c");

    @Test
    void aTheoremOfWhichNothingShowsThatItsHypothesesCanHoldIsHollow() {
        TheoremTable.Result result = TABLE.check(
                List.of(theorem("T.a", "REQ-A-1"), theorem("T.b", "REQ-A-1")),
                Map.of("T.a", List.of("T.sum", "T.row"), "T.b", List.of("T.row")),
                Set.of("T.a"));
        assertEquals(Set.of("T.b"), result.hollow());
        assertProblem("T.b (F.lean:1) names [REQ-A-1], and nothing shows that what it supposes can be", result);
    }

    @Test
    void whatIsNotToldFromAStandInCountsIfItIsListed() {
        TheoremTable listed = new TheoremTable(TABLE.about(), Map.of("T.b", names("T.row", "T.gone")));
        Map<String, List<String>> uses = Map.of("T.a", List.of("T.sum", "T.row"), "T.b", List.of("T.sum", "T.row"));
        Map<String, Set<String>> told = Map.of("T.a", Set.of("T.sum"));
        assertEquals(Map.of("T.a", List.of("T.sum"), "T.b", List.of("T.row")), listed.spoken(uses, told));
        assertEquals(
                List.of("spec/theorems.json lists T.gone of T.b as undecided, which it is not"),
                listed.stale(uses, told).stream().map(Problem::what).toList());
        assertEquals(
                Map.of("T.a", names("T.sum", "T.row"), "T.b", names("T.sum")),
                listed.asked(List.of(theorem("T.a", "REQ-A-1"), theorem("T.b", "REQ-A-1"))));
    }

    @Test
    void theoremsThatSpeakOfAllAreWhatIsAskedFor() {
        TheoremTable.Result result = TABLE.check(
                List.of(theorem("T.a", "REQ-A-1"), theorem("T.b", "REQ-A-1")),
                Map.of("T.a", List.of("T.sum"), "T.b", List.of("T.row", "T.x")),
                ALL);
        assertEquals(List.of(), result.problems());
        assertEquals(Set.of(), result.hollow());
    }

    @Test
    void aTheoremThatSpeaksOfNoneIsHollow() {
        TheoremTable.Result result = TABLE.check(
                List.of(theorem("T.a", "REQ-A-1"), theorem("T.b", "REQ-A-1")),
                Map.of("T.a", List.of("T.sum", "T.row"), "T.b", List.of("T.x")),
                ALL);
        assertEquals(Set.of("T.b"), result.hollow());
        assertProblem("T.b (F.lean:1) names REQ-A-1, but its statement speaks of none of", result);
    }

    @Test
    void aTheoremThatTheAuditDidNotSeeIsHollow() {
        assertEquals(
                Set.of("T.b"),
                TABLE.check(
                                List.of(theorem("T.a", "REQ-A-1"), theorem("T.b", "REQ-A-1")),
                                Map.of("T.a", List.of("T.sum", "T.row")),
                                ALL)
                        .hollow());
    }

    @Test
    void aDefinitionThatNoTheoremSpeaksOfIsAProblem() {
        assertProblem(
                "no theorem that names REQ-A-1 speaks of [T.row]",
                TABLE.check(List.of(theorem("T.a", "REQ-A-1")), Map.of("T.a", List.of("T.sum")), ALL));
    }

    @Test
    void aRequirementThatTheTableDoesNotHaveIsAProblem() {
        TheoremTable.Result result = TABLE.check(
                List.of(theorem("T.a", "REQ-A-1"), theorem("T.c", "REQ-B-1")),
                Map.of("T.a", List.of("T.sum", "T.row"), "T.c", List.of("T.sum")),
                ALL);
        assertEquals(Set.of("T.c"), result.hollow());
        assertProblem("T.c (F.lean:1) names REQ-B-1, of which spec/theorems.json says no definitions", result);
    }

    /** The table itself: by its schema, and with the requirements that the theorems name and no others. */
    @Test
    void theTableFitsItsSchemaAndTheTheorems() throws IOException {
        Path root = Path.of(System.getProperty("threehalf.root", ".."));
        String schema = Files.readString(root.resolve("spec/schema/theorems.schema.json"));
        assertEquals(
                List.of(),
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(schema, InputFormat.JSON)
                        .validate(Files.readString(root.resolve("spec/theorems.json")), InputFormat.JSON));
        SortedSet<String> named = new TreeSet<>();
        LeanSources.read(root).forEach(t -> named.addAll(t.requirements()));
        assertEquals(named, new TreeSet<>(TheoremTable.read(root).about().keySet()));
    }

    private static void assertProblem(String part, TheoremTable.Result result) {
        List<String> whats = result.problems().stream().map(Problem::what).toList();
        assertEquals(1, whats.size(), whats.toString());
        assertTrue(whats.getFirst().contains(part), whats.toString());
    }

    private static Theorem theorem(String name, String id) {
        return new Theorem(name, "F.lean", 1, "", names(id), "");
    }

    private static SortedSet<String> names(String... names) {
        return new TreeSet<>(List.of(names));
    }
}
