package org.threehalf.conformance.exchange;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.Answer;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Judged;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorFile;
import org.threehalf.kernels.format.Format;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder of cases as files: {@code exchange.json} says what is in it, {@code in/} goes to a program, {@code out/} comes from it
 * (section 4 of {@code spec/CONFORMANCE.md}, REQ-CNF-007).
 *
 * <p>The folder holds no right results: {@link #check} makes the cases again from the golden vectors and the seeds, so that a changed
 * input cannot make a wrong result pass.
 */
public final class ExchangeFolder {

    /** The value of the member {@code schema} of {@code exchange.json}. */
    public static final String SCHEMA = "threehalf-exchange/1";

    /** What every report of exchanged files says of the cases that are left out ({@link Entry#exchanged}). */
    private static final String NOT_EXCHANGED = "; whole decoders are NOT CHECKED: their weights are not exchanged";
    private static final String INDEX = "exchange.json";
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Path folder;

    /** The folder of a path, whether or not it is there. */
    public ExchangeFolder(Path folder) {
        this.folder = folder;
    }

    /** What a program reads: {@code cases.jsonl} and a folder for each of its lines. */
    public Path in() {
        return folder.resolve("in");
    }

    /** Where a program writes. */
    public Path out() {
        return folder.resolve("out");
    }

    /**
     * Writes the cases.
     *
     * @return the number of lines in {@code cases.jsonl}
     * @throws IOException if the folder exists and is not empty, or cannot be written
     */
    public int export(Options options) throws IOException {
        if (Files.exists(folder)) {
            try (var listing = Files.list(folder)) {
                if (listing.findAny().isPresent()) {
                    throw new IOException(folder + " is not empty: name a new folder, so that no results of an earlier run are judged");
                }
            }
        }
        Cases cases = Cases.of(options);
        Path parent = folder.toAbsolutePath().normalize().getParent();
        Files.createDirectories(parent);
        Path temporary = Files.createTempDirectory(parent, ".exchange");
        try {
            int lines = new ExchangeFolder(temporary).write(options, cases);
            Files.deleteIfExists(folder);
            Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
            return lines;
        } finally {
            delete(temporary);
        }
    }

    /** Deletes a folder with all that is in it; nothing happens if it is not there. */
    public static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (var walk = Files.walk(tree)) {
                for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private int write(Options options, Cases cases) throws IOException {
        Files.createDirectories(in());
        Files.createDirectories(out());
        StringBuilder lines = new StringBuilder();
        int number = 0;
        for (VectorCase vectorCase : cases.cases()) {
            for (Entry entry : Entry.of(vectorCase)) {
                Path place = Files.createDirectories(in().resolve(name(number)));
                for (Part part : entry.in()) {
                    Files.write(place.resolve(Entry.file(part)), part.bytes());
                }
                lines.append(MAPPER.writeValueAsString(line(number, vectorCase, entry))).append('\n');
                number++;
            }
        }
        Files.writeString(in().resolve("cases.jsonl"), lines);
        ObjectNode index = MAPPER.createObjectNode().put("schema", SCHEMA).put("lines", number);
        ArrayNode vectors = index.putArray("vectors");
        cases.files().forEach(file -> vectors.addObject().put("file", file.name()).put("sha256", file.sha256()));
        ArrayNode seeds = index.putArray("seeds");
        options.seeds().forEach(seeds::add);
        ArrayNode levels = index.putArray("levels");
        new TreeSet<>(options.levels()).forEach(level -> levels.add(level.name()));
        if (options.only() != null) {
            index.put("case", options.only());
        }
        Files.writeString(folder.resolve(INDEX), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(index) + "\n");
        return number;
    }

    private static String name(int number) {
        return "%06d".formatted(number);
    }

    private static ObjectNode line(int number, VectorCase vectorCase, Entry entry) {
        ObjectNode line = MAPPER.createObjectNode().put("folder", name(number)).put("operation", entry.operation());
        Format format = entry.format();
        if (format != null) {
            line.put("format", format.name());
        }
        line.put("rows", entry.rows()).put("columns", entry.columns()).put("tokens", entry.tokens());
        ArrayNode in = line.putArray("in");
        entry.in().forEach(part -> in.add(Entry.file(part)));
        return line.put("id", vectorCase.header().id());
    }

    /**
     * Judges what a program wrote.
     *
     * @param backend how the report calls the device
     * @param detail what the report says of it
     * @param vectors the folder of golden vectors, which must be those that were exported
     * @param listener told of each result as it comes
     * @throws IOException if the folder was not exported by this version, or the vectors are others
     */
    public Run check(String backend, String detail, Path vectors, Consumer<CaseResult> listener) throws IOException {
        JsonNode index = index();
        List<Long> seeds = new ArrayList<>();
        index.path("seeds").forEach(seed -> seeds.add(seed.longValue()));
        Set<Level> levels = new TreeSet<>();
        index.path("levels").forEach(level -> levels.add(Level.ofName(level.stringValue())));
        @Nullable String only = index.has("case") ? index.get("case").stringValue() : null;
        boolean golden = !index.path("vectors").isEmpty();
        Options options = new Options(golden ? vectors : null, seeds, null, null, 2, levels, only, listener);
        Cases cases = Cases.of(options);
        requireVectors(index, cases.files());
        List<Judged> judged = new ArrayList<>();
        int number = 0;
        for (VectorCase vectorCase : cases.cases().stream().filter(Entry::exchanged).toList()) {
            List<Entry> entries = Entry.of(vectorCase);
            Judged one = Judged.of(vectorCase, answer(number, entries));
            number += entries.size();
            judged.add(one);
            listener.accept(one.result());
        }
        List<CaseResult> results = judged.stream().map(Judged::result).toList();
        return new Run(ConformanceRunner.report(backend, detail + NOT_EXCHANGED, options, cases, results), judged);
    }

    private JsonNode index() throws IOException {
        Path file = folder.resolve(INDEX);
        try {
            JsonNode index = MAPPER.readTree(Files.readString(file));
            if (!SCHEMA.equals(index.path("schema").asString())) {
                throw new IOException("%s: the schema '%s' is not known; this program reads '%s'".formatted(file, index.path("schema").asString(), SCHEMA));
            }
            return index;
        } catch (NoSuchFileException missing) {
            throw new IOException(file + " is missing: 'conformance export' makes such a folder", missing);
        } catch (JacksonException malformed) {
            throw new IOException(file + ": " + malformed.getOriginalMessage(), malformed);
        }
    }

    private void requireVectors(JsonNode index, List<VectorFile> files) throws IOException {
        List<String> exported = new ArrayList<>();
        index.path("vectors").forEach(file -> exported.add(file.path("file").asString() + " " + file.path("sha256").asString()));
        List<String> here = files.stream().map(file -> file.name() + " " + file.sha256()).toList();
        if (!exported.equals(here)) {
            throw new IOException(folder.resolve(INDEX) + ": the golden vectors are not those that were exported; export again");
        }
    }

    private Answer answer(int number, List<Entry> entries) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Path place = out().resolve(name(number + i));
            Path refused = place.resolve("refused");
            if (Files.exists(refused)) {
                return new Answer.Refused(shortText(refused));
            }
            List<Part> shapes = entries.get(i).out();
            if (shapes == null) {
                // Something must have come out for the input to count as accepted; a program that did nothing is broken.
                boolean anything = Files.isDirectory(place) && nonEmpty(place);
                return anything ? new Answer.Values(List.of()) : new Answer.Broken(place + " holds neither a result nor a file 'refused'");
            }
            for (Part shape : shapes) {
                Path file = place.resolve(Entry.file(shape));
                if (!Files.isRegularFile(file)) {
                    return new Answer.Broken(file + " is missing");
                }
                long bytes = Files.size(file);
                if (bytes != shape.bytes().length) {
                    return new Answer.Broken("%s holds %,d bytes; %s of shape %s takes %,d".formatted(
                            file, bytes, shape.type(), shape.shape(), shape.bytes().length));
                }
                parts.add(new Part(shape.name(), shape.type(), shape.shape(), Files.readAllBytes(file)));
            }
        }
        return new Answer.Values(parts);
    }

    private static boolean nonEmpty(Path place) throws IOException {
        try (var listing = Files.list(place)) {
            return listing.findAny().isPresent();
        }
    }

    private static String shortText(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(200), StandardCharsets.UTF_8).strip();
        }
    }
}
