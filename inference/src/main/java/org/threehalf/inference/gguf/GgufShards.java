package org.threehalf.inference.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A model in several GGUF files ({@code split.…} in their metadata, {@code -00001-of-00003} in their names): read as
 * one, whichever of them is named. The first one's metadata is the model's; every file has some of its tensors, and
 * says nothing else.
 */
final class GgufShards {
    private static final String COUNT = "split.count";
    private static final String NUMBER = "split.no";
    private static final String TENSORS = "split.tensors.count";
    /** What is of a file and not of the model. */
    private static final Set<String> OF_ONE = Set.of(NUMBER, GgufReader.ALIGNMENT);

    private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
    /** More parts than any model has. */
    private static final int MAX_PARTS = 65_535;

    private GgufShards() {}

    /**
     * How many files hold the model: 1 for a file that says nothing.
     *
     * @throws ModelFormatException if the file's name says that there are several and its metadata does not (a part of
     *     a model is none), or its number is none of theirs
     */
    static int count(GgufFile file) throws ModelFormatException {
        int count = said(file);
        Matcher name = NAME.matcher(file.name());
        if (name.matches()) {
            int given = Integer.parseInt(name.group(2));
            int of = Integer.parseInt(name.group(3));
            if (given < 1 || given > of) {
                throw new ModelFormatException(
                        "%s: it is called file %d of %d that hold a model: its number must be one from 1 on"
                                .formatted(file.name(), given, of));
            }
        }
        if (count <= 1 && name.matches() && Integer.parseInt(name.group(3)) > 1) {
            throw new ModelFormatException(
                    "%s: it is called one of %d files that hold a model, and its metadata says that it is all of it (%s %s): give it another name if that is so"
                            .formatted(
                                    file.name(),
                                    Integer.parseInt(name.group(3)),
                                    COUNT,
                                    file.metadata().contains(COUNT) ? "is " + count : "is missing"));
        }
        if (count <= 1 && file.metadata().contains(NUMBER) && file.metadata().integer(NUMBER, 0, MAX_PARTS) != 0) {
            throw new ModelFormatException("%s: metadata %s is %d, and %s %s"
                    .formatted(
                            file.name(),
                            NUMBER,
                            file.metadata().integer(NUMBER),
                            COUNT,
                            file.metadata().contains(COUNT) ? "is " + count : "is missing"));
        }
        return count;
    }

    private static int said(GgufFile file) throws ModelFormatException {
        return file.metadata().contains(COUNT) ? file.metadata().integer(COUNT, 0, MAX_PARTS) : 1;
    }

    /** The files that a file's name says there are, in their order; a name that says nothing is one file's. */
    static List<Path> files(Path path) {
        Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
        int count = name.matches() ? Integer.parseInt(name.group(3)) : 1;
        if (count <= 1) {
            return List.of(path);
        }
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> path.resolveSibling("%s-%05d-of-%05d.gguf".formatted(name.group(1), i, count)))
                .toList();
    }

    /**
     * Opens all files of a model.
     *
     * @param path any of them
     * @param one that one, open; closed here if the others cannot be opened
     * @throws ModelFormatException if a file is missing or does not belong to the others; says which
     */
    static GgufFile open(Path path, GgufFile one) throws IOException {
        List<GgufFile> parts = new ArrayList<>(List.of(one));
        try {
            int count = count(one);
            Matcher name = NAME.matcher(one.name());
            if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
                throw new ModelFormatException(
                        "%s: one of %d files that hold a model (metadata %s): it must be called …-00001-of-%05d.gguf for the others to be found"
                                .formatted(one.name(), count, COUNT, count));
            }
            int given = Integer.parseInt(name.group(2));
            List<Path> files = files(path);
            List<GgufFile> inOrder = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                if (i == given) {
                    inOrder.add(one);
                    continue;
                }
                Path other = files.get(i - 1);
                if (!Files.exists(other)) {
                    throw new ModelFormatException("%s: file %d of %d that hold the model is missing: %s"
                            .formatted(one.name(), i, count, other.getFileName()));
                }
                GgufFile part = GgufReader.openOne(other);
                parts.add(part);
                inOrder.add(part);
            }
            return joined(inOrder);
        } catch (IOException | RuntimeException | Error failed) {
            parts.forEach(GgufFile::close);
            throw failed;
        }
    }

    /**
     * Refuses a file whose metadata is not the first one's: what it says would be passed over in silence. Most have
     * none but of their place among the files.
     */
    private static void requireSame(GgufFile first, GgufFile part) throws ModelFormatException {
        for (Map.Entry<String, GgufValue> entry : part.metadata().entries().entrySet()) {
            String key = entry.getKey();
            GgufValue value = first.metadata().entries().get(key);
            if (OF_ONE.contains(key)
                    || value != null
                            && value.type() == entry.getValue().type()
                            && value.bytes().mismatch(entry.getValue().bytes()) < 0) {
                continue;
            }
            throw new ModelFormatException("%s: metadata %s is %s, and %s in %s, whose metadata is the model's"
                    .formatted(
                            part.name(),
                            key,
                            entry.getValue().summary(60),
                            value == null ? "missing" : value.summary(60),
                            first.name()));
        }
    }

    private static GgufFile joined(List<GgufFile> parts) throws ModelFormatException {
        List<GgufTensor> tensors = new ArrayList<>();
        List<Arena> arenas = new ArrayList<>();
        Set<String> names = new HashSet<>();
        long bytes = 0;
        for (int i = 0; i < parts.size(); i++) {
            GgufFile part = parts.get(i);
            if (said(part) != parts.size() || part.metadata().integer(NUMBER, 0, MAX_PARTS) != i) {
                throw new ModelFormatException("%s: it says that it is file %d of %d, and is called %d of %d"
                        .formatted(
                                part.name(),
                                part.metadata().integer(NUMBER, 0, MAX_PARTS) + 1,
                                said(part),
                                i + 1,
                                parts.size()));
            }
            requireSame(parts.getFirst(), part);
            for (GgufTensor tensor : part.tensors()) {
                if (!names.add(tensor.name())) {
                    throw new ModelFormatException("%s: tensor %s is in another of the model's files too"
                            .formatted(part.name(), tensor.name()));
                }
                tensors.add(tensor);
            }
            arenas.addAll(part.arenas());
            bytes += part.bytes();
        }
        GgufFile first = parts.getFirst();
        if (first.metadata().contains(TENSORS) && first.metadata().integer(TENSORS) != tensors.size()) {
            throw new ModelFormatException("%s: metadata %s is %,d, and the %d files have %,d tensors"
                    .formatted(first.name(), TENSORS, first.metadata().integer(TENSORS), parts.size(), tensors.size()));
        }
        SequencedMap<String, GgufValue> metadata =
                new LinkedHashMap<>(first.metadata().entries());
        List.of(COUNT, NUMBER, TENSORS).forEach(metadata::remove);
        return new GgufFile(
                first.name(), first.version(), bytes, new GgufMetadata(first.name(), metadata), tensors, arenas);
    }
}
