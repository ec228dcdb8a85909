package org.threehalf.conformance.exchange;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.Answer;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Judged;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.oracle.Oracle;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.Printable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder of cases as files: {@code in/} goes to a program, {@code out/} comes from it (section 4 of
 * {@code spec/CONFORMANCE.md}, REQ-CNF-007).
 *
 * <p>The folder holds neither right results nor what was asked: {@link #check(String, String, Options)} is told by
 * whoever judges, and makes the cases again from the golden vectors and the seeds. So neither a changed input nor
 * anything else that a program writes into the folder can choose what it is judged by.
 */
public final class ExchangeFolder {

    private static final String REFUSED = "refused";
    /** A refusal is a word on why, no data. */
    private static final int LONGEST_REFUSAL = 1 << 16;

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Path folder;

    /** The folder of a path, whether or not it is there. */
    public ExchangeFolder(Path folder) {
        this.folder = folder;
    }

    /** What a program reads: {@code cases.jsonl}, a folder for each of its lines, and {@code formats.json}. */
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
     * @return what was asked, to be kept where the program does not write
     * @throws IllegalArgumentException if no case that can be exchanged is chosen
     * @throws IOException if the folder exists and is not empty, or cannot be written
     */
    public Asked export(Options options) throws IOException {
        return export(options, null);
    }

    /** As {@link #export(Options)}, with the options' cases, where they were made before. */
    Asked export(Options options, @Nullable Cases made) throws IOException {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            // A pipe would have its reader wait for a writer.
            if (!Files.isDirectory(folder)) {
                throw new IOException(Printable.line(folder.toString()) + " is no folder: name a new one");
            }
            try (var listing = Files.list(folder)) {
                if (listing.findAny().isPresent()) {
                    throw new IOException(folder
                            + " is not empty: name a new folder, so that no results of an earlier run are judged");
                }
            }
        }
        Cases cases = made == null ? Cases.exchanged(options) : made;
        Asked asked = Asked.of(options, cases);
        try {
            Path parent = folder.toAbsolutePath().normalize().getParent();
            Files.createDirectories(parent);
            Path temporary = Files.createTempDirectory(parent, ".exchange");
            try {
                new ExchangeFolder(temporary).write(cases);
                Files.deleteIfExists(folder);
                Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
                return asked;
            } finally {
                FolderTree.delete(temporary);
            }
        } catch (IOException failed) {
            throw new FileNotWrittenException(folder, failed);
        }
    }

    private void write(Cases cases) throws IOException {
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
                lines.append(MAPPER.writeValueAsString(line(number, vectorCase, entry)))
                        .append('\n');
                number++;
            }
        }
        Files.write(in().resolve("formats.json"), Oracle.formatsJson());
        Files.writeString(in().resolve("cases.jsonl"), lines);
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
     * @param options what was asked, as {@link #export} was told; its listener is told of each result as it comes
     * @throws IllegalArgumentException if no case that can be exchanged is chosen
     * @throws IOException if {@code out/} cannot be read, or holds what belongs to no case
     */
    public Run check(String backend, String detail, Options options) throws IOException {
        return check(backend, detail, options, Cases.exchanged(options));
    }

    /** As {@link #check(String, String, Options)}, with the options' cases, made before and not by who is judged. */
    Run check(String backend, String detail, Options options, Cases cases) throws IOException {
        Asked asked = Asked.of(options, cases);
        strangers(asked.computations());
        List<Judged> judged = new ArrayList<>();
        int number = 0;
        for (VectorCase vectorCase : cases.cases()) {
            List<Entry> entries = Entry.of(vectorCase);
            Judged one = Judged.of(vectorCase, answer(number, entries));
            number += entries.size();
            judged.add(one);
            options.listener().accept(one.result());
        }
        List<CaseResult> results = judged.stream().map(Judged::result).toList();
        return new Run(ConformanceRunner.report(backend, detail, options, cases, results), judged);
    }

    /** What lies in {@code out/} beside the folders of the computations was not asked for. */
    private void strangers(int computations) throws IOException {
        if (!Files.isDirectory(out(), LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(out() + " is no folder: 'conformance export' makes it");
        }
        try (var listing = Files.list(out())) {
            for (Path place : listing.sorted().toList()) {
                String name = place.getFileName().toString();
                if (!name.matches("[0-9]{6}")
                        || Integer.parseInt(name) >= computations
                        || !Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                    throw new IOException(
                            "%s belongs to no case: out/ holds a folder for each line of cases.jsonl and nothing else"
                                    .formatted(Printable.line(place.toString())));
                }
            }
        }
    }

    private Answer answer(int number, List<Entry> entries) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Path place = out().resolve(name(number + i));
            Set<String> files = new TreeSet<>();
            if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                try (var listing = Files.list(place)) {
                    listing.forEach(file -> files.add(file.getFileName().toString()));
                }
            }
            List<Part> shapes = entries.get(i).out();
            if (files.contains(REFUSED)) {
                return refusal(place, files);
            }
            if (shapes == null) {
                // Something must have come out for the input to count as accepted; a program that did nothing is
                // broken.
                return files.isEmpty()
                        ? new Answer.Broken(place + " holds neither a result nor a file 'refused'")
                        : new Answer.Values(List.of());
            }
            for (Part shape : shapes) {
                Path file = place.resolve(Entry.file(shape));
                if (!files.remove(Entry.file(shape))) {
                    return new Answer.Broken(file + " is missing");
                }
                int bytes = shape.bytes().length;
                byte[] content = content(file, bytes);
                if (content == null) {
                    return new Answer.Broken(file + " is no file of its own: a link, a pipe or a folder");
                }
                if (content.length != bytes) {
                    return new Answer.Broken("%s holds %s bytes; %s of shape %s takes %,d"
                            .formatted(
                                    file,
                                    content.length > bytes ? "more" : "%,d".formatted(content.length),
                                    shape.type(),
                                    shape.shape(),
                                    bytes));
                }
                parts.add(new Part(shape.name(), shape.type(), shape.shape(), content));
            }
            if (!files.isEmpty()) {
                return new Answer.Broken("%s holds %s, which was not asked for"
                        .formatted(place, Printable.line(String.join(", ", files))));
            }
        }
        return new Answer.Values(parts);
    }

    /** A refusal stands alone and says why. */
    private static Answer refusal(Path place, Set<String> files) throws IOException {
        Path refused = place.resolve(REFUSED);
        if (files.size() > 1) {
            return new Answer.Broken("%s holds results beside the file 'refused'".formatted(place));
        }
        byte[] content = content(refused, LONGEST_REFUSAL);
        if (content == null) {
            return new Answer.Broken(refused + " is no file of its own: a link, a pipe or a folder");
        }
        String why = Printable.line(new String(content, 0, Math.min(content.length, 200), StandardCharsets.UTF_8)
                .strip()
                .replaceAll("\\s", " "));
        return why.isEmpty() || content.length > LONGEST_REFUSAL
                ? new Answer.Broken(refused + " must hold a word on why")
                : new Answer.Refused(why);
    }

    /**
     * A regular file's bytes, at most one more than asked for; null if it is another thing, whose reading might never
     * end.
     */
    private static byte @Nullable [] content(Path file, int bytes) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(bytes + 1);
        }
    }
}
