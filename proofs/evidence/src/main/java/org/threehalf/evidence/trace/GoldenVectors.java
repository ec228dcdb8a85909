package org.threehalf.evidence.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.threehalf.repository.RequirementIds;
import org.threehalf.repository.SourceTree;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the ids of the golden vectors: what case serves what requirement. */
public final class GoldenVectors {
    private static final JsonMapper JSON = new JsonMapper();
    /** Tests of this project compare its files with the machine and the kernels; no backend is asked. */
    private static final String NOT_ASKED = "spec/vectors/inference/";

    private GoldenVectors() {}

    /**
     * The cases of {@code spec/vectors/*.json}, in the order of files and of the cases in them; not those of its folder
     * {@code inference}.
     */
    public static List<GoldenCase> read(Path root) throws IOException {
        List<GoldenCase> cases = new ArrayList<>();
        for (Path file : SourceTree.files(root.resolve("spec/vectors"), ".json")) {
            String name = SourceTree.name(root, file);
            if (name.startsWith(NOT_ASKED)) {
                continue;
            }
            try {
                for (JsonNode golden : JSON.readTree(file).path("cases")) {
                    String ids = golden.path("requirements").toString();
                    cases.add(new GoldenCase(golden.path("id").asString("?"), name, RequirementIds.namedIn(ids)));
                }
            } catch (JacksonException e) {
                throw new IOException("%s is not JSON: %s".formatted(name, e.getOriginalMessage()), e);
            }
        }
        return cases;
    }
}
