package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.threehalf.backends.groq.mlir.Arith;
import org.threehalf.backends.groq.mlir.Block;
import org.threehalf.backends.groq.mlir.MlirModule;
import org.threehalf.backends.groq.mlir.Tensor;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.groq.mlir.Value;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation;

/**
 * The operations of a layer one by one, each as a module with the function {@value #FUNCTION}: what a layer is made of,
 * for conformance at level L2.
 */
public final class OperationGenerator {

    /** The function's name. */
    public static final String FUNCTION = "operation";

    private final FloatEmitter floats;

    /** The generator whose steps are right. */
    public OperationGenerator() {
        this(new FloatEmitter());
    }

    /** A generator with other steps: for tests. */
    OperationGenerator(FloatEmitter floats) {
        this.floats = floats;
    }

    private static String module(
            List<TensorType> inputs, TensorType result, BiFunction<Block, List<Value>, Value> body) {
        MlirModule module = new MlirModule(Map.of());
        module.function(FUNCTION, inputs, List.of(result), (at, v) -> List.of(body.apply(at, v)));
        return module.print();
    }

    private static TensorType vector(long n) {
        return TensorType.of(Type.F32, n);
    }

    /** dot: [n], [n] → [1] (REQ-OPS-003). */
    public String dot(int n) {
        return module(List.of(vector(n), vector(n)), vector(1), (at, v) -> floats.dot(at, v.get(0), v.get(1)));
    }

    /** rmsnorm: x [n], w [n] → [n] (REQ-OPS-009). */
    public String rmsNorm(int n, float epsilon) {
        return module(List.of(vector(n), vector(n)), vector(n), (at, v) -> {
            Value rows = Tensor.expandShape(at, v.get(0), new long[] {1, n});
            return Tensor.collapseShape(at, floats.rmsNorm(at, rows, v.get(1), epsilon), 2);
        });
    }

    /** act(g) · u: [n], [n] → [n] (REQ-OPS-010, REQ-OPS-013). */
    public String gate(Activation activation, int n) {
        return module(
                List.of(vector(n), vector(n)),
                vector(n),
                (at, v) -> FloatEmitter.elementwise(
                        at, v.get(0), v.get(1), (block, g, u) -> floats.gated(block, activation, g, u)));
    }

    /** x + d: [n], [n] → [n] (REQ-OPS-010). */
    public String add(int n) {
        return module(
                List.of(vector(n), vector(n)),
                vector(n),
                (at, v) -> FloatEmitter.elementwise(at, v.get(0), v.get(1), Arith::addf));
    }

    /** softcap: [n] → [n] (REQ-OPS-008). */
    public String softCap(int n, float cap) {
        return module(List.of(vector(n)), vector(n), (at, v) -> floats.softCapped(at, v.getFirst(), cap));
    }

    /** A head's rotation: its rotated part [2·pairs], cosines [pairs], sines [pairs] → [2·pairs] (REQ-ROP-005). */
    public String rotate(Rotation.Layout layout, int pairs) {
        return module(List.of(vector(2L * pairs), vector(pairs), vector(pairs)), vector(2L * pairs), (at, v) -> {
            Value heads = Tensor.expandShape(at, v.get(0), new long[] {1, 2L * pairs});
            return Tensor.collapseShape(at, floats.rotated(at, layout, heads, pairs, v.get(1), v.get(2)), 2);
        });
    }

    /**
     * A head's attention: query [n], keys and values [capacity, n], first and last position [2] {@code i64}, and, of a
     * head with one, its sink [1] → [n] (REQ-ATT-004 to REQ-ATT-006).
     *
     * @param capacity a multiple of 16; values must be finite everywhere
     */
    public String attend(int n, int capacity, float scale, float cap, boolean sink) {
        TensorType cache = TensorType.of(Type.F32, 1, capacity, n);
        List<TensorType> inputs = new ArrayList<>(List.of(vector(n), cache, cache, TensorType.of(Type.I64, 2)));
        if (sink) {
            inputs.add(vector(1));
        }
        return module(inputs, vector(n), (at, v) -> {
            Value query = Tensor.expandShape(at, v.get(0), new long[] {1, n});
            Value first =
                    Arith.indexCast(at, Tensor.extract(at, v.get(3), List.of(FloatEmitter.index(at, 0))), Type.INDEX);
            Value last =
                    Arith.indexCast(at, Tensor.extract(at, v.get(3), List.of(FloatEmitter.index(at, 1))), Type.INDEX);
            Value output = new AttentionEmitter(floats, 1, scale, cap)
                    .attend(at, query, v.get(1), v.get(2), first, last, sink ? v.get(4) : null);
            return Tensor.collapseShape(at, output, 2);
        });
    }
}
