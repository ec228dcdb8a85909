package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import org.threehalf.kernels.format.Format;

/**
 * All modules of a model: products with one token and with several, the quantiser for each length, and each kind of
 * layer.
 */
public final class ModelModules {

    /** What kinds of modules there are. */
    public enum Kind {
        /** The product of a matrix with one token. */
        GEMV,
        /** The product of a matrix with several tokens. */
        GEMM,
        /** Quantising a token. */
        QUANTIZE,
        /** A transformer layer. */
        LAYER
    }

    /**
     * A matrix's shape.
     *
     * @param rows N
     * @param columns K
     */
    public record MatrixShape(Format format, int rows, int columns) {}

    private ModelModules() {}

    /**
     * Names and texts of modules, each once for all that agree in shape. A text is made when it is asked for: a layer's
     * has megabytes.
     *
     * @param layers the kinds of layers
     * @param more matrices outside of the layers
     * @param kinds which modules are wanted
     * @param tokens T of gemm, at least 2
     */
    public static SequencedMap<String, Supplier<String>> of(
            List<LayerShape> layers, List<MatrixShape> more, Set<Kind> kinds, int tokens) {
        Set<MatrixShape> matrices = new LinkedHashSet<>();
        for (LayerShape layer : layers) {
            layer.program().matrices().forEach(matrix -> matrices.add(layer.matrix(matrix)));
        }
        matrices.addAll(more);
        ProductGenerator products = new ProductGenerator();
        SequencedMap<String, Supplier<String>> modules = new LinkedHashMap<>();
        for (MatrixShape m : matrices) {
            String shape = "%s-%dx%d".formatted(m.format().name().toLowerCase(Locale.ROOT), m.rows(), m.columns());
            if (kinds.contains(Kind.GEMV)) {
                modules.put(
                        "gemv-" + shape,
                        () -> products.product(m.format(), m.rows(), m.columns(), 1)
                                .print());
            }
            if (kinds.contains(Kind.GEMM)) {
                modules.put(
                        "gemm-%d-%s".formatted(tokens, shape),
                        () -> products.product(m.format(), m.rows(), m.columns(), tokens)
                                .print());
            }
            if (kinds.contains(Kind.QUANTIZE)) {
                modules.put(
                        "quantize-" + m.columns(),
                        () -> products.quantizer(m.columns()).print());
            }
        }
        List<LayerShape> distinct = new ArrayList<>(new LinkedHashSet<>(layers));
        for (int i = 0; i < distinct.size() && kinds.contains(Kind.LAYER); i++) {
            LayerShape layer = distinct.get(i);
            modules.put("layer-" + i, () -> new LayerGenerator().layer(layer).print());
        }
        return modules;
    }
}
