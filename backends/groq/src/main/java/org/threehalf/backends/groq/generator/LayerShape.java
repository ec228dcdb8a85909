package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.LayerProgram;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.backends.spi.decoder.Step.Cache;
import org.threehalf.backends.spi.decoder.Step.Rotate;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.kernels.format.Format;

/**
 * All that the module of a transformer layer depends on; layers that agree in it share one module.
 *
 * @param program what the layer does
 * @param formats the formats of the program's matrices
 * @param capacity positions of the cache, a multiple of 16
 */
public record LayerShape(LayerProgram program, Map<TensorRole, Format> formats, int capacity) {

    /**
     * A tensor that the layer's function takes.
     *
     * @param name its name; unique in the layer
     * @param type its type
     */
    public record Argument(String name, TensorType type) {}

    /**
     * Checks what the generator needs.
     *
     * @throws IllegalArgumentException if ε is no normal number, the capacity no multiple of 16, or a matrix without a
     *     format or outside of its format's limits
     */
    public LayerShape {
        Map<TensorRole, Format> copy = new EnumMap<>(TensorRole.class);
        copy.putAll(formats);
        formats = Collections.unmodifiableMap(copy);
        DecoderConfig config = program.config();
        if (!(config.normEpsilon() >= Float.MIN_NORMAL)) {
            throw new IllegalArgumentException(
                    "an epsilon of %s: it must be a normal number".formatted(config.normEpsilon()));
        }
        if (capacity < FloatEmitter.LANES || capacity % FloatEmitter.LANES != 0) {
            throw new IllegalArgumentException(
                    "a capacity of %,d positions: it must be a multiple of %d".formatted(capacity, FloatEmitter.LANES));
        }
        for (TensorRole matrix : program.matrices()) {
            Format format = formats.get(matrix);
            if (format == null) {
                throw new IllegalArgumentException("no format for the matrix " + matrix.label());
            }
            format.requireShape(matrix.rows(config), matrix.columns(config));
        }
    }

    /**
     * The shape of a model's layer.
     *
     * @param capacity positions of the cache; rounded up to a multiple of 16
     * @throws IllegalArgumentException if a matrix of the layer is not quantised
     */
    public static LayerShape of(DecoderConfig config, LayerWeights layer, int capacity) {
        LayerProgram program = LayerProgram.of(config, layer);
        Map<TensorRole, Format> formats = new EnumMap<>(TensorRole.class);
        for (TensorRole matrix : program.matrices()) {
            if (!(layer.matrix(matrix) instanceof Weights.Quantized(var packed))) {
                throw new IllegalArgumentException(
                        "the layer's matrix %s is not quantised; this generator takes formats of spec/FORMAT.md alone"
                                .formatted(matrix));
            }
            formats.put(matrix, packed.format());
        }
        return new LayerShape(program, formats, whole(capacity));
    }

    /**
     * The shape of a Llama's layers, all matrices in one format.
     *
     * @param capacity positions of the cache; rounded up to a multiple of 16
     * @throws IllegalArgumentException if the model is no Llama
     */
    public static LayerShape of(ModelShape model, Format format, int capacity) {
        LayerProgram program = model.llamaLayer();
        Map<TensorRole, Format> formats = new EnumMap<>(TensorRole.class);
        program.matrices().forEach(matrix -> formats.put(matrix, format));
        return new LayerShape(program, formats, whole(capacity));
    }

    private static int whole(int capacity) {
        return (capacity + FloatEmitter.LANES - 1) / FloatEmitter.LANES * FloatEmitter.LANES;
    }

    /** The model's numbers. */
    public DecoderConfig config() {
        return program.config();
    }

    /** Rotated pairs of a head, 0 where nothing is rotated. */
    public int pairs() {
        return program.steps().stream()
                .mapToInt(step -> step instanceof Rotate rotate ? rotate.pairs() : 0)
                .max()
                .orElse(0);
    }

    /** A matrix's format. */
    private Format format(TensorRole matrix) {
        Format format = formats.get(matrix);
        if (format == null) {
            throw new IllegalArgumentException("the layer has no matrix " + matrix.label());
        }
        return format;
    }

    /** The product of a matrix with one token. */
    ProductGenerator.Shape product(TensorRole matrix) {
        return new ProductGenerator.Shape(format(matrix), matrix.rows(config()), matrix.columns(config()), 1);
    }

    /** A matrix's shape and format. */
    public ModelModules.MatrixShape matrix(TensorRole matrix) {
        return new ModelModules.MatrixShape(format(matrix), matrix.rows(config()), matrix.columns(config()));
    }

    /** The name of a vector among the arguments, and the beginning of those of a matrix's. */
    public static String name(TensorRole role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    /** The name of a cache among the arguments. */
    public static String name(Cache cache) {
        return cache.name().toLowerCase(Locale.ROOT);
    }

    /**
     * What the layer's function takes, in order: what the token brings, the cache, and the tensors in the order in
     * which the program uses them.
     */
    public List<Argument> arguments() {
        DecoderConfig config = config();
        int pairs = pairs();
        List<Argument> arguments = new ArrayList<>();
        arguments.add(new Argument("x", TensorType.of(Type.F32, config.dim())));
        arguments.add(new Argument("position", TensorType.of(Type.I64, 1)));
        if (pairs > 0) {
            arguments.add(new Argument("cosines", TensorType.of(Type.F32, pairs)));
            arguments.add(new Argument("sines", TensorType.of(Type.F32, pairs)));
        }
        for (Cache cache : Cache.values()) {
            arguments.add(new Argument(
                    name(cache), TensorType.of(Type.F32, config.keyValueHeads(), capacity, config.headSize())));
        }
        for (TensorRole role : program.tensors()) {
            String name = name(role);
            if (!role.isMatrix()) {
                arguments.add(new Argument(name, TensorType.of(Type.F32, role.columns(config))));
                continue;
            }
            List<TensorType> types = product(role).matrix();
            arguments.add(new Argument(name + "_codes", types.getFirst()));
            if (types.size() == 3) {
                arguments.add(new Argument(name + "_subscales", types.get(1)));
            }
            arguments.add(new Argument(name + "_scales", types.getLast()));
        }
        return arguments;
    }

    /**
     * What it returns, in order: the stream after the layer, the token's rotated key and its value, and the bits of the
     * largest magnitude that was quantised.
     */
    public List<Argument> results() {
        TensorType cached = TensorType.of(Type.F32, config().keyValueHeads(), config().headSize());
        return List.of(
                new Argument("x", TensorType.of(Type.F32, config().dim())),
                new Argument("key", cached),
                new Argument("value", cached),
                new Argument("largest", TensorType.of(Type.I32, 1)));
    }
}
