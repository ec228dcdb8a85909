package org.threehalf.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.threehalf.kernels.io.WholeFile;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Which case killed each mistake, as a result file that the evidence takes in (proofs/evidence/README.md). */
public final class KillList {
    private final String suite;
    private final ArrayNode mutants = JsonMapper.shared().createArrayNode();
    private final List<String> survivors = new ArrayList<>();

    /** An empty list for a suite of seeded faults. */
    public KillList(String suite) {
        this.suite = suite;
    }

    /** Adds a mistake and the first case that failed with it. */
    public void add(String mistake, Optional<CaseResult> killer) {
        ArrayNode killedBy = mutants.addObject().put("id", mistake).putArray("killedBy");
        killer.ifPresentOrElse(result -> killedBy.add(result.id()), () -> survivors.add(mistake));
    }

    /** The mistakes that nothing killed. */
    public List<String> survivors() {
        return List.copyOf(survivors);
    }

    /** How many were added. */
    public int size() {
        return mutants.size();
    }

    /** Writes {@code conformance/target/results/FILE}. */
    public void write(String file) throws IOException {
        ObjectNode root = JsonMapper.shared()
                .createObjectNode()
                .put("schema", "threehalf-mutation-results/1")
                .put("suite", suite);
        root.set("mutants", mutants);
        WholeFile.write(Path.of("target", "results", file), root.toPrettyString() + "\n");
    }
}
