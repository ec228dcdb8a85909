package org.threehalf.inference.calibrate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.format.Format;

/**
 * What one format is chosen for: a tensor that holds a weight matrix (or several: a stack of experts, a fused one), or
 * the same matrix of all experts of a layer where each is a tensor of its own.
 *
 * @param kind the tensor's name without its layer: {@code attn_q}, {@code token_embd}
 * @param layer the layer's number, −1 for what belongs to none
 * @param tensors at least one, in the file's order
 */
public record MatrixGroup(String kind, int layer, List<GgufTensor> tensors) {
    /** The formats that are chosen among, by bits a weight. */
    public static final List<Format> FORMATS = List.of(Format.T3, Format.T35, Format.T4, Format.G4, Format.INT8);

    private static final Pattern NAME = Pattern.compile("(?:blk\\.(\\d{1,6})\\.)?(.*?)(?:\\.\\d+)?\\.weight");

    /** With a copy of the list. */
    public MatrixGroup {
        tensors = List.copyOf(tensors);
    }

    /**
     * The groups of a model, in the order of their first tensors.
     *
     * @param source an open GGUF file
     * @throws ModelFormatException as {@link QuantizedModelWriter#formats} says, for a matrix that no format takes
     */
    public static List<MatrixGroup> of(GgufFile source) throws ModelFormatException {
        Map<String, List<GgufTensor>> groups = new LinkedHashMap<>();
        for (String name : QuantizedModelWriter.formats(source, FormatChoice.uniform(Format.INT8))
                .keySet()) {
            groups.computeIfAbsent(layer(name) + " " + kind(name), key -> new ArrayList<>())
                    .add(source.tensor(name));
        }
        return groups.values().stream()
                .map(tensors -> new MatrixGroup(
                        kind(tensors.getFirst().name()),
                        layer(tensors.getFirst().name()),
                        tensors))
                .toList();
    }

    private static String kind(String tensor) {
        Matcher matcher = NAME.matcher(tensor);
        return matcher.matches() ? matcher.group(2) : tensor;
    }

    private static int layer(String tensor) {
        Matcher matcher = NAME.matcher(tensor);
        return matcher.matches() && matcher.group(1) != null ? Integer.parseInt(matcher.group(1)) : -1;
    }

    /** Those of {@link #FORMATS} that take its columns (REQ-FMT-003). */
    List<Format> formats() {
        return FORMATS.stream()
                .filter(format -> tensors.stream().allMatch(tensor -> tensor.columns() <= format.maxColumns()))
                .toList();
    }

    /** How many weights. */
    public long weights() {
        return tensors.stream()
                .mapToLong(tensor -> tensor.rows() * tensor.columns())
                .sum();
    }

    /** Everything stored for it in a format, in bytes (REQ-FMT-008). */
    public long bytes(Format format) {
        return tensors.stream()
                .mapToLong(tensor -> format.matrixBytes((int) tensor.rows(), (int) tensor.columns()))
                .sum();
    }

    /** Whether one of its tensors has a name. */
    boolean has(String tensor) {
        return tensors.stream().anyMatch(each -> each.name().equals(tensor));
    }
}
