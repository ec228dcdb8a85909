package org.threehalf.backends.groq;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.threehalf.backends.groq.generator.OperationGenerator;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.groq.toolchain.Compiler;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.HostDecoder;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.RowScales;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.ScalarOperations;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The generated modules on what a {@link Compiler} compiles for: one module for each shape of a matrix, one for each
 * length of a token.
 *
 * <p>It computes by MLIR what an LPU does: quantising a token, and products. What a host does ahead of time (quantising
 * and packing weights) is left to the reference kernels.
 */
final class MlirBackend implements Backend {

    /**
     * Tokens a call of {@code gemm}. A call with fewer is filled up with tokens of zeros, whose outputs are dropped.
     */
    static final int BATCH = 8;
    /** A product's buffers besides the matrix: the tokens' codes and scales, the sums, the outputs. */
    private static final int TOKEN_BUFFERS = 4;

    private record Shape(Format format, int rows, int columns, int tokens) {}

    private final String name;
    private final Compiler compiler;
    private final ProductGenerator generator;
    private final MlirOperations operations;
    private final Map<Shape, Compiler.Function> products = new HashMap<>();
    private final Map<Integer, Compiler.Function> quantizers = new HashMap<>();

    /**
     * A backend.
     *
     * @param name the provider's name
     * @param compiler compiles the modules; closed with the backend
     * @param generator generates them
     */
    MlirBackend(String name, Compiler compiler, ProductGenerator generator) {
        this.name = name;
        this.compiler = compiler;
        this.generator = generator;
        this.operations = new MlirOperations(compiler, new OperationGenerator());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public QuantizedToken quantize(float[] activations) {
        for (int k = 0; k < activations.length; k++) {
            if (!(Math.abs(activations[k]) <= Format.MAX_ACTIVATION)) {
                throw new IllegalArgumentException(
                        "activation %d is %s: it must be finite and at most 2^56 in magnitude"
                                .formatted(k, activations[k]));
            }
        }
        if (activations.length == 0) {
            return new QuantizedToken(0, new byte[0]);
        }
        Compiler.Function quantize = quantizers.computeIfAbsent(
                activations.length,
                columns -> compiler.function(generator.quantizer(columns).print(), "quantize", 1, 2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment codes = arena.allocate(activations.length);
            MemorySegment scale = arena.allocate(ValueLayout.JAVA_FLOAT);
            quantize.call(arena.allocateFrom(ValueLayout.JAVA_FLOAT, activations), codes, scale);
            return new QuantizedToken(scale.get(ValueLayout.JAVA_FLOAT, 0), codes.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Override
    public DeviceMatrix load(PackedMatrix matrix) {
        return new MlirMatrix(matrix, RowScales.of(matrix).segment());
    }

    /** The product for a matrix's shape, compiled when it is first asked for. */
    private Compiler.Function product(PackedMatrix matrix, int tokens) {
        return products.computeIfAbsent(new Shape(matrix.format(), matrix.rows(), matrix.columns(), tokens), shape -> {
            String module = generator
                    .product(shape.format(), shape.rows(), shape.columns(), shape.tokens())
                    .print();
            return compiler.function(
                    module,
                    ProductGenerator.functionName(tokens),
                    (shape.format().hasSubscales() ? 3 : 2) + 2,
                    2);
        });
    }

    @Override
    public void close() {
        compiler.close();
    }

    /** The segment itself, or a copy of it where it is on the heap or its address does not suit a binary32. */
    static MemorySegment offHeap(MemorySegment segment, Arena arena) {
        if (segment.isNative() && segment.address() % Float.BYTES == 0) {
            return segment;
        }
        return arena.allocate(segment.byteSize(), Float.BYTES).copyFrom(segment);
    }

    @Override
    public TransformerOperations operations() {
        return operations;
    }

    /**
     * The layers too are generated modules, unless a layer has a matrix that is not quantised, or the model rotated
     * ones: those are rotated on the host.
     */
    @Override
    public Decoder decoder(DecoderWeights weights, int capacity) {
        return MlirDecoder.takes(weights)
                ? new MlirDecoder(this, compiler, weights, capacity)
                : new HostDecoder(this, new ScalarOperations(), workers(), weights, capacity, 1);
    }

    /** A matrix whose segments are read where they lie, if they can be. */
    private final class MlirMatrix implements DeviceMatrix {

        private final PackedMatrix shape;
        private final MemorySegment[] operands;
        private final Arena arena = Arena.ofShared();

        MlirMatrix(PackedMatrix matrix, MemorySegment scales) {
            shape = matrix;
            operands = matrix.format().hasSubscales()
                    ? new MemorySegment[] {
                        offHeap(matrix.byteCodes(arena), arena),
                        offHeap(matrix.subscales(), arena),
                        offHeap(scales, arena)
                    }
                    : new MemorySegment[] {offHeap(matrix.byteCodes(arena), arena), offHeap(scales, arena)};
        }

        @Override
        public void sums(QuantizedToken token, int[] sums) {
            require(token, sums.length);
            multiply(
                    1,
                    List.of(token),
                    (allSums, y) -> MemorySegment.copy(allSums, ValueLayout.JAVA_INT, 0, sums, 0, sums.length));
        }

        @Override
        public void gemv(QuantizedToken token, float[] y) {
            require(token, y.length);
            multiply(
                    1,
                    List.of(token),
                    (sums, outputs) -> MemorySegment.copy(outputs, ValueLayout.JAVA_FLOAT, 0, y, 0, y.length));
        }

        @Override
        public void gemm(List<QuantizedToken> tokens, float[][] y) {
            if (y.length != tokens.size()) {
                throw new IllegalArgumentException("%d outputs for %d tokens".formatted(y.length, tokens.size()));
            }
            for (int t = 0; t < y.length; t++) {
                require(tokens.get(t), y[t].length);
            }
            for (int from = 0; from < y.length; from += BATCH) {
                int first = from;
                List<QuantizedToken> batch = tokens.subList(from, Math.min(from + BATCH, y.length));
                multiply(BATCH, batch, (sums, outputs) -> {
                    for (int t = 0; t < batch.size(); t++) {
                        long offset = (long) t * shape.rows() * Float.BYTES;
                        MemorySegment.copy(outputs, ValueLayout.JAVA_FLOAT, offset, y[first + t], 0, shape.rows());
                    }
                });
            }
        }

        private void require(QuantizedToken token, int outputs) {
            if (token.columns() != shape.columns() || outputs != shape.rows()) {
                throw new IllegalArgumentException("a matrix of %d x %d with a token of %d activations and %d outputs"
                        .formatted(shape.rows(), shape.columns(), token.columns(), outputs));
            }
        }

        private interface Results {
            void take(MemorySegment sums, MemorySegment outputs);
        }

        private void multiply(int capacity, List<QuantizedToken> tokens, Results results) {
            try (Arena call = Arena.ofConfined()) {
                MemorySegment codes = call.allocate((long) capacity * shape.columns());
                MemorySegment scales = call.allocate(ValueLayout.JAVA_FLOAT, capacity);
                for (int t = 0; t < tokens.size(); t++) {
                    QuantizedToken token = tokens.get(t);
                    MemorySegment.copy(
                            token.codes(),
                            0,
                            codes,
                            ValueLayout.JAVA_BYTE,
                            (long) t * shape.columns(),
                            shape.columns());
                    scales.setAtIndex(ValueLayout.JAVA_FLOAT, t, token.scale());
                }
                MemorySegment sums = call.allocate(ValueLayout.JAVA_INT, (long) capacity * shape.rows());
                MemorySegment outputs = call.allocate(ValueLayout.JAVA_FLOAT, (long) capacity * shape.rows());
                MemorySegment[] buffers = java.util.Arrays.copyOf(operands, operands.length + TOKEN_BUFFERS);
                buffers[operands.length] = codes;
                buffers[operands.length + 1] = scales;
                buffers[operands.length + 2] = sums;
                buffers[operands.length + 3] = outputs;
                product(shape, capacity).call(buffers);
                results.take(sums, outputs);
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
