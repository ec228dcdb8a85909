package org.threehalf.conformance.exchange;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.Level;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.WholeFile;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a program was asked, for whoever judges it. It is kept beside the exchanged folder, not in it, and its SHA-256
 * can be kept elsewhere.
 *
 * @param levels the levels
 * @param seeds of the random cases
 * @param only the id of the only case, or null for all
 * @param vectors name and SHA-256 of each file of golden vectors
 * @param computations the lines of {@code cases.jsonl}
 */
public record Asked(
        Set<Level> levels, List<Long> seeds, @Nullable String only, List<String> vectors, int computations) {
    /** The value of the member {@code schema}. */
    public static final String SCHEMA = "threehalf-asked/1";

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Takes copies. */
    public Asked {
        levels = new TreeSet<>(levels);
        seeds = List.copyOf(seeds);
        vectors = List.copyOf(vectors);
    }

    /**
     * What options ask for.
     *
     * @throws IllegalArgumentException if that is no case that can be exchanged
     */
    static Asked of(Options options, Cases cases) {
        int computations =
                cases.cases().stream().mapToInt(c -> Entry.of(c).size()).sum();
        if (computations == 0) {
            throw new IllegalArgumentException(
                    options.only() != null && cases.cases().isEmpty()
                            ? "there is no case '%s'; -v lists all".formatted(options.only())
                            : "no case of %s is exchanged: level L3 needs a model's weights, which are not"
                                    .formatted(
                                            options.only() != null
                                                    ? options.only()
                                                    : "these levels ("
                                                            + String.join(
                                                                    ", ",
                                                                    new TreeSet<>(options.levels())
                                                                            .stream()
                                                                                    .map(Level::name)
                                                                                    .toList())
                                                            + ")"));
        }
        return new Asked(
                options.levels(),
                options.seeds(),
                options.only(),
                cases.files().stream().map(f -> f.name() + " " + f.sha256()).toList(),
                computations);
    }

    /** Where it is kept for a folder. */
    public static Path beside(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        return absolute.resolveSibling(absolute.getFileName() + ".asked.json");
    }

    /** Writes it. */
    public void write(Path file) throws IOException {
        ObjectNode json = MAPPER.createObjectNode().put("schema", SCHEMA).put("computations", computations);
        ArrayNode names = json.putArray("levels");
        levels.forEach(level -> names.add(level.name()));
        ArrayNode numbers = json.putArray("seeds");
        seeds.forEach(numbers::add);
        ArrayNode files = json.putArray("vectors");
        vectors.forEach(files::add);
        if (only != null) {
            json.put("case", only);
        }
        WholeFile.write(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    /**
     * Reads it.
     *
     * @param sha256 what the file's SHA-256 must be, or null to believe the file
     * @throws IOException if it is missing, malformed or another
     */
    public static Asked read(Path file, @Nullable String sha256) throws IOException {
        try {
            String found = Sha256.of(file);
            if (sha256 != null && !sha256.equalsIgnoreCase(found)) {
                throw new IOException(
                        "%s has the SHA-256 %s, not %s: it is not what was asked".formatted(file, found, sha256));
            }
            JsonNode json = MAPPER.readTree(Files.readString(file));
            if (!SCHEMA.equals(text(json.path("schema")))) {
                throw new IllegalArgumentException(
                        "the schema %s is not known; this program reads %s".formatted(json.path("schema"), SCHEMA));
            }
            Set<Level> levels = new TreeSet<>();
            list(json, "levels").forEach(level -> levels.add(Level.ofName(text(level))));
            List<Long> seeds = new ArrayList<>();
            list(json, "seeds").forEach(seed -> seeds.add(number(seed)));
            List<String> vectors = new ArrayList<>();
            list(json, "vectors").forEach(v -> vectors.add(text(v)));
            return new Asked(
                    levels,
                    seeds,
                    json.has("case") ? text(json.path("case")) : null,
                    vectors,
                    Math.toIntExact(number(json.path("computations"))));
        } catch (NoSuchFileException missing) {
            throw new IOException(
                    "%s is missing: 'conformance export' writes it beside its folder; with --asked it can be elsewhere"
                            .formatted(file),
                    missing);
        } catch (JacksonException | IllegalArgumentException | ArithmeticException malformed) {
            throw new IOException(
                    "%s is not what 'conformance export' writes: %s".formatted(file, malformed.getMessage()),
                    malformed);
        }
    }

    /**
     * The options that ask for the same.
     *
     * @param folder of the golden vectors
     * @throws IOException if the golden vectors or the cases are others by now
     */
    public Options options(Path folder, java.util.function.Consumer<org.threehalf.conformance.CaseResult> listener)
            throws IOException {
        Options options = new Options(vectors.isEmpty() ? null : folder, seeds, null, null, 2, levels, only, listener);
        if (!equals(of(options, Cases.exchanged(options)))) {
            throw new IOException("the golden vectors or the cases are not those that were exported; export again");
        }
        return options;
    }

    private static JsonNode list(JsonNode json, String name) {
        if (!json.path(name).isArray()) {
            throw new IllegalArgumentException("'%s' must be a list".formatted(name));
        }
        return json.path(name);
    }

    private static String text(JsonNode node) {
        if (!node.isString()) {
            throw new IllegalArgumentException("%s must be a text".formatted(node));
        }
        return node.stringValue();
    }

    private static long number(JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw new IllegalArgumentException("%s must be a whole number".formatted(node));
        }
        return node.longValue();
    }
}
