package org.threehalf.backends.groq.generator;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.groq.mlir.AffineMap;
import org.threehalf.backends.groq.mlir.Arith;
import org.threehalf.backends.groq.mlir.Arith.FloatPredicate;
import org.threehalf.backends.groq.mlir.Arith.IntegerOperation;
import org.threehalf.backends.groq.mlir.Block;
import org.threehalf.backends.groq.mlir.Linalg;
import org.threehalf.backends.groq.mlir.Linalg.Iterator;
import org.threehalf.backends.groq.mlir.Linalg.Operand;
import org.threehalf.backends.groq.mlir.Scf;
import org.threehalf.backends.groq.mlir.Tensor;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.groq.mlir.Value;

/**
 * Attention of one token over a cache (REQ-ATT-003 to REQ-ATT-006).
 *
 * @param floats the operations it is made of
 * @param keyValueHeads H_kv
 * @param scale c
 * @param cap the cap of the scores, 0 for none
 */
record AttentionEmitter(FloatEmitter floats, int keyValueHeads, float scale, float cap) {

    /**
     * The outputs [H, n] of the heads. Values of the cache must be finite, those of positions that are not seen too:
     * they are multiplied by 0.
     *
     * @param query [H, n]
     * @param keys [H_kv, capacity, n], the capacity a multiple of 16
     * @param values likewise
     * @param first the first position seen, an {@code index}
     * @param last the last one
     * @param sinks [H], null where the layer has none
     */
    Value attend(Block at, Value query, Value keys, Value values, Value first, Value last, @Nullable Value sinks) {
        long group = query.tensor().shape().getFirst() / keyValueHeads;
        long n = query.tensor().shape().getLast();
        long capacity = keys.tensor().shape().get(1);
        long[] heads = {keyValueHeads, group};
        Value one = FloatEmitter.index(at, 1);
        Value end = Arith.addi(at, last, one);
        long width = FloatEmitter.chunks(n) * FloatEmitter.LANES;
        Value grouped = Tensor.expandShape(
                at, FloatEmitter.padded(at, query), new long[] {keyValueHeads, group}, new long[] {width});

        TensorType scoreType = TensorType.of(Type.F32, keyValueHeads, group, capacity);
        Value noScores = Linalg.fill(at, "", scoreType, Arith.constant(at, Float.NEGATIVE_INFINITY));
        // With sinks the largest of the scores begins with them.
        Value sunk = sinks == null ? null : Tensor.expandShape(at, sinks, heads);
        Value noMaximum = sunk == null
                ? Linalg.fill(at, "", TensorType.of(Type.F32, heads), Arith.constant(at, Float.NEGATIVE_INFINITY))
                : sunk;
        List<Value> scored = Scf.loop(at, first, end, one, List.of(noScores, noMaximum), (block, t, carried) -> {
            Value dots = floats.sums(
                    block,
                    heads,
                    FloatEmitter.index(block, 0),
                    FloatEmitter.index(block, FloatEmitter.chunks(n)),
                    (body, h, k) -> {
                        Value q = Tensor.extract(body, grouped, List.of(h.get(0), h.get(1), k));
                        return Arith.mulf(body, q, element(body, keys, h.getFirst(), t, k, n));
                    });
            List<Operand> operand = List.of(new Operand(dots, AffineMap.identity(2)));
            Value scores = Linalg.map(block, "", dots.tensor(), operand, (body, e) -> {
                Value score = Arith.mulf(body, e.getFirst(), Arith.constant(body, scale));
                return cap > 0 ? floats.softCap(body, score, cap) : score;
            });
            Value all = Tensor.insertSliceAt(
                    block, scores, carried.get(0), 2, t, new long[] {keyValueHeads, group, 1}, 0, 1);
            Operand largestSoFar = new Operand(carried.get(1), AffineMap.identity(2));
            List<Operand> candidates = List.of(new Operand(scores, AffineMap.identity(2)));
            Value maximum = Linalg.generic(
                    block,
                    "",
                    List.of(Iterator.PARALLEL, Iterator.PARALLEL),
                    candidates,
                    largestSoFar,
                    (body, e) -> Arith.select(
                            body, Arith.cmpf(body, FloatPredicate.OGT, e.get(0), e.get(1)), e.get(0), e.get(1)));
            return List.of(all, maximum);
        });

        // Positions that are not seen have the score −∞, hence the weight 0: their terms change no sum (REQ-OPS-002).
        List<Operand> operands = List.of(
                new Operand(scored.get(0), AffineMap.identity(3)), new Operand(scored.get(1), AffineMap.of(3, 0, 1)));
        Value weights = Linalg.map(
                at, "", scoreType, operands, (block, e) -> floats.exp(block, Arith.subf(block, e.get(0), e.get(1))));
        Value lanes = FloatEmitter.index(at, FloatEmitter.LANES);
        Value from = Arith.of(at, IntegerOperation.DIVUI, first, lanes);
        Value to = Arith.addi(at, Arith.of(at, IntegerOperation.DIVUI, last, lanes), one);
        Value total = floats.sums(
                at, heads, from, to, (block, h, t) -> Tensor.extract(block, weights, List.of(h.get(0), h.get(1), t)));
        if (sunk != null) {
            List<Operand> parts = List.of(
                    new Operand(total, AffineMap.identity(2)),
                    new Operand(sunk, AffineMap.identity(2)),
                    new Operand(scored.get(1), AffineMap.identity(2)));
            total = Linalg.map(
                    at,
                    "",
                    sunk.tensor(),
                    parts,
                    (block, e) ->
                            Arith.addf(block, e.get(0), floats.exp(block, Arith.subf(block, e.get(1), e.get(2)))));
        }
        Value sums = floats.sums(at, new long[] {keyValueHeads, group, n}, from, to, (block, h, t) -> {
            Value weight = Tensor.extract(block, weights, List.of(h.get(0), h.get(1), t));
            return Arith.mulf(block, weight, Tensor.extract(block, values, List.of(h.get(0), t, h.get(2))));
        });
        List<Operand> quotients =
                List.of(new Operand(sums, AffineMap.identity(3)), new Operand(total, AffineMap.of(3, 0, 1)));
        Value outputs =
                Linalg.map(at, "", sums.tensor(), quotients, (block, e) -> Arith.divf(block, e.get(0), e.get(1)));
        return Tensor.collapseShape(at, outputs, 2, 1);
    }

    /** An element of the cache; behind the head's n elements, where the query has zeros, the last one. */
    private static Value element(Block block, Value cache, Value head, Value t, Value k, long n) {
        if (n % FloatEmitter.LANES == 0) {
            return Tensor.extract(block, cache, List.of(head, t, k));
        }
        Value last = FloatEmitter.index(block, n - 1);
        return Tensor.extract(block, cache, List.of(head, t, Arith.of(block, IntegerOperation.MINSI, k, last)));
    }
}
