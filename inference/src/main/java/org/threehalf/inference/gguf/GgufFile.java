package org.threehalf.inference.gguf;

import java.lang.foreign.Arena;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * An open GGUF file, or several that hold one model, or what else was read as one (see
 * {@code org.threehalf.inference.huggingface}). Its values and tensors are views of the mapping: once the file is
 * closed, reading them is an {@link IllegalStateException}. Safe for use by several threads.
 */
public final class GgufFile implements AutoCloseable {

    private final String name;
    private final int version;
    private final long bytes;
    private final GgufMetadata metadata;
    private final SequencedMap<String, GgufTensor> tensors;
    private final List<Arena> arenas;

    /**
     * Of what was read elsewhere, as a GGUF file would have it.
     *
     * @param name for messages
     * @param bytes what is stored, all in all
     * @param arenas own what the metadata and the tensors are views of; closed with this
     */
    public static GgufFile of(
            String name, long bytes, GgufMetadata metadata, List<GgufTensor> tensors, List<Arena> arenas) {
        return new GgufFile(name, 3, bytes, metadata, tensors, arenas);
    }

    /** Closes the arenas when it is closed. */
    GgufFile(
            String name, int version, long bytes, GgufMetadata metadata, List<GgufTensor> tensors, List<Arena> arenas) {
        this.name = name;
        this.version = version;
        this.bytes = bytes;
        this.metadata = metadata;
        SequencedMap<String, GgufTensor> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        this.tensors = Collections.unmodifiableSequencedMap(byName);
        this.arenas = List.copyOf(arenas);
    }

    /** The file's name, for messages. */
    public String name() {
        return name;
    }

    /** The version of GGUF: 2 or 3. */
    public int version() {
        return version;
    }

    /** The file's size in bytes; of a model in several files, of all of them. */
    public long bytes() {
        return bytes;
    }

    /** Its metadata. */
    public GgufMetadata metadata() {
        return metadata;
    }

    /** Its tensors, in the order of the file's list. */
    public Collection<GgufTensor> tensors() {
        return tensors.sequencedValues();
    }

    /** The tensor of a name, if there is one. */
    public Optional<GgufTensor> findTensor(String tensor) {
        return Optional.ofNullable(tensors.get(tensor));
    }

    /**
     * The tensor of a name.
     *
     * @throws ModelFormatException if there is none
     */
    public GgufTensor tensor(String tensor) throws ModelFormatException {
        return findTensor(tensor)
                .orElseThrow(() -> new ModelFormatException("%s: tensor %s is missing".formatted(name, tensor)));
    }

    /** The mappings, which whoever joins this file with others takes over. */
    List<Arena> arenas() {
        return arenas;
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        arenas.forEach(Arena::close);
    }
}
