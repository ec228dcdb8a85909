package org.threehalf.backends.spi.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.decoder.Step.Add;
import org.threehalf.backends.spi.decoder.Step.Attend;
import org.threehalf.backends.spi.decoder.Step.Cache;
import org.threehalf.backends.spi.decoder.Step.Gate;
import org.threehalf.backends.spi.decoder.Step.Multiply;
import org.threehalf.backends.spi.decoder.Step.Norm;
import org.threehalf.backends.spi.decoder.Step.SoftCap;
import org.threehalf.backends.spi.decoder.Step.Store;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.product.ReferenceKernel;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.ElementwiseOperations;
import org.threehalf.kernels.transformer.Normalization;
import org.threehalf.kernels.transformer.ScalarOperations;

class LayerProgramTest {

    /** The plain model, whose layers have no optional part. */
    private static DecoderWeights model(Arena arena) {
        return DecoderCases.all(arena).get(1).weights();
    }

    private static void assertRefused(String why, DecoderConfig config, Step... steps) {
        String message = assertThrows(IllegalArgumentException.class, () -> new LayerProgram(config, List.of(steps)))
                .getMessage();
        assertTrue(message.contains(why), message);
    }

    /** Seeded faults: programs that read what nobody wrote, or whose shapes do not fit. */
    @Test
    void wrongProgramsAreRefused() {
        try (Arena arena = Arena.ofShared()) {
            DecoderConfig c = model(arena).config();
            Buffer stream = Buffer.stream(c);
            Buffer normed = new Buffer("normed", c.dim());
            Buffer query = new Buffer("query", c.queryWidth());
            Buffer key = new Buffer("key", c.keyValueWidth());
            Step norm = new Norm(TensorRole.ATTENTION_NORM, stream, normed, 1);
            assertRefused("step 0", c, new Multiply(TensorRole.QUERY, normed, query));
            assertRefused("buffer normed was not written before", c, new Add(stream, normed));
            assertRefused("shapes", c, norm, new Multiply(TensorRole.DOWN, normed, query));
            assertRefused("shapes", c, norm, new Multiply(TensorRole.ATTENTION_NORM, normed, query));
            assertRefused(
                    "shapes", c, norm, new Multiply(TensorRole.QUERY, normed, new Buffer("query", c.queryWidth() + 1)));
            assertRefused("shapes", c, new Norm(TensorRole.ATTENTION_NORM, stream, normed, 2));
            assertRefused("shapes", c, new Step.Centre(stream, query));
            assertRefused("buffer normed was not written before", c, new Step.Centre(normed, normed));
            assertRefused("shapes", c, norm, new Add(stream, stream));
            assertRefused("shapes", c, new SoftCap(stream, 0));
            assertRefused("shapes", c, new Step.Scale(stream, Float.NaN));
            assertRefused(
                    "shapes", c, norm, new Multiply(TensorRole.QUERY, normed, query), new Store(query, Cache.KEYS));
            assertRefused(
                    "not put into the cache",
                    c,
                    norm,
                    new Multiply(TensorRole.QUERY, normed, query),
                    new Multiply(TensorRole.KEY, normed, key),
                    new Store(key, Cache.KEYS),
                    new Attend(query, new Buffer("attended", c.queryWidth()), 0, false));
            assertRefused(
                    "two buffers are called key",
                    c,
                    norm,
                    new Multiply(TensorRole.KEY, normed, key),
                    new Norm(TensorRole.ATTENTION_NORM, stream, new Buffer("key", c.dim()), 1));
        }
    }

    /**
     * REQ-DEC-002: the tensors that a layer's program names are those that the layer has, each once, and what shares
     * its input is known.
     */
    @Test
    void programsOfLayers() {
        try (Arena arena = Arena.ofShared()) {
            for (DecoderCases.Model model : DecoderCases.all(arena)) {
                for (LayerWeights layer : model.weights().layers()) {
                    LayerProgram program = LayerProgram.of(model.weights().config(), layer);
                    assertEquals(
                            TensorRole.ofLayer().stream().filter(layer::has).toList(),
                            program.tensors().stream().sorted().toList());
                    assertEquals(
                            List.of(
                                    List.of(TensorRole.QUERY, TensorRole.KEY, TensorRole.VALUE),
                                            List.of(TensorRole.ATTENTION_OUTPUT),
                                    List.of(TensorRole.GATE, TensorRole.UP), List.of(TensorRole.DOWN)),
                            program.sharedInputs());
                    assertEquals(program, LayerProgram.of(model.weights().config(), layer));
                }
                DecoderWeights w = model.weights();
                assertEquals(
                        List.of(TensorRole.OUTPUT_NORM, TensorRole.OUTPUT),
                        LayerProgram.logits(w).tensors());
                assertEquals(
                        List.of(TensorRole.OUTPUT_NORM, TensorRole.OUTPUT_NORM_BIAS, TensorRole.OUTPUT),
                        LayerProgram.logits(new DecoderWeights(
                                        w.config(),
                                        w.embedding(),
                                        w.layers(),
                                        w.outputNorm(),
                                        w.output(),
                                        w.outputNorm()))
                                .tensors());
            }
        }
    }

    /**
     * Attention and feed-forward block beside each other, both fed by one norm: an architecture that no model here has.
     */
    private static LayerProgram parallel(DecoderConfig c) {
        Buffer stream = Buffer.stream(c);
        Buffer normed = new Buffer("normed", c.dim());
        Buffer query = new Buffer("query", c.queryWidth());
        Buffer key = new Buffer("key", c.keyValueWidth());
        Buffer value = new Buffer("value", c.keyValueWidth());
        Buffer attended = new Buffer("attended", c.queryWidth());
        Buffer gate = new Buffer("gate", c.ffn());
        Buffer up = new Buffer("up", c.ffn());
        Buffer first = new Buffer("first", c.dim());
        Buffer second = new Buffer("second", c.dim());
        return new LayerProgram(
                c,
                List.of(
                        new Norm(TensorRole.ATTENTION_NORM, stream, normed, 1),
                        new Multiply(TensorRole.QUERY, normed, query),
                        new Multiply(TensorRole.KEY, normed, key),
                        new Multiply(TensorRole.VALUE, normed, value),
                        new Multiply(TensorRole.GATE, normed, gate),
                        new Multiply(TensorRole.UP, normed, up),
                        new Gate(c.activation(), gate, up),
                        new Multiply(TensorRole.DOWN, gate, second),
                        new Store(key, Cache.KEYS),
                        new Store(value, Cache.VALUES),
                        new Attend(query, attended, 0, false),
                        new Multiply(TensorRole.ATTENTION_OUTPUT, attended, first),
                        new Add(stream, first),
                        new Add(stream, second)));
    }

    private static float[] product(LayerWeights layer, TensorRole role, float[] x) {
        float[] y = new float[layer.matrix(role).rows()];
        switch (layer.matrix(role)) {
            case Weights.Quantized(var matrix) -> ReferenceKernel.gemv(matrix, QuantizedToken.of(x), y);
            case Weights.Real(var matrix) ->
                new ScalarOperations().products(matrix, 0, y.length, new float[][] {x}, new float[][] {y});
        }
        return y;
    }

    /**
     * The host runs a program that it has never seen, at position 0, where a head attends to its own value alone; the
     * sequential program gives something else.
     */
    @Test
    void anotherArchitectureIsAnotherProgram() {
        try (Arena arena = Arena.ofShared();
                PlainBackend backend = new PlainBackend(2)) {
            DecoderWeights weights = model(arena);
            DecoderConfig c = weights.config();
            LayerWeights layer = weights.layers().getFirst();
            float[] x = new float[c.dim()];
            weights.embed(3, x);
            float[] normed = new float[c.dim()];
            Normalization.rms(x, 0, layer.vector(TensorRole.ATTENTION_NORM), c.normEpsilon(), normed, 0);
            float[] value = product(layer, TensorRole.VALUE, normed);
            float[] attended = new float[c.queryWidth()];
            for (int head = 0; head < c.heads(); head++) {
                System.arraycopy(
                        value,
                        head / (c.heads() / c.keyValueHeads()) * c.headSize(),
                        attended,
                        head * c.headSize(),
                        c.headSize());
            }
            float[] gated = product(layer, TensorRole.GATE, normed);
            ElementwiseOperations.gate(c.activation(), gated, product(layer, TensorRole.UP, normed));
            float[] expected = x.clone();
            ElementwiseOperations.add(expected, product(layer, TensorRole.ATTENTION_OUTPUT, attended));
            ElementwiseOperations.add(expected, product(layer, TensorRole.DOWN, gated));

            List<float[]> results = new ArrayList<>();
            for (LayerProgram program : List.of(parallel(c), LayerProgram.of(c, layer))) {
                try (KeyValueCache cache = new KeyValueCache(c, 1, 4);
                        HostProgram host = new HostProgram(
                                backend,
                                new ScalarOperations(),
                                WorkerPool.CALLER,
                                program,
                                layer,
                                0,
                                layer.rotary())) {
                    HostBuffers buffers = HostBuffers.of(program.buffers(), 1);
                    System.arraycopy(x, 0, buffers.rows(Buffer.stream(c))[0], 0, x.length);
                    int[] positions = {0};
                    host.run(
                            buffers,
                            new HostRows(
                                    new KeyValueCache[] {cache},
                                    positions,
                                    new RotaryTables(List.of(layer), positions)));
                    results.add(buffers.rows(Buffer.stream(c))[0].clone());
                }
            }
            assertArrayEquals(expected, results.get(0));
            assertFalse(Arrays.equals(expected, results.get(1)));
            assertEquals(0, backend.loaded());
        }
    }

    /** A layer has what every layer has, and nothing that belongs to none. */
    @Test
    void layersThatLackAPartAreRefused() {
        try (Arena arena = Arena.ofShared()) {
            LayerWeights layer = model(arena).layers().getFirst();
            Map<TensorRole, Weights> fewer = new EnumMap<>(layer.matrices());
            fewer.remove(TensorRole.UP);
            assertTrue(assertThrows(
                            IllegalArgumentException.class,
                            () -> new LayerWeights(fewer, layer.vectors(), 0, layer.frequencies()))
                    .getMessage()
                    .startsWith("up: a layer must have it"));
            float[] norm = new float[layer.vector(TensorRole.ATTENTION_NORM).length];
            LayerWeights normed = layer.withVector(TensorRole.QUERY_NORM, norm);
            assertTrue(assertThrows(
                            IllegalArgumentException.class, () -> normed.withVector(TensorRole.QUERY_ROW_NORM, norm))
                    .getMessage()
                    .contains("one of them at most"));
            LayerWeights layerNormed = layer.withVector(TensorRole.FEED_FORWARD_NORM_BIAS, norm);
            assertEquals(
                    "feed-forward norm's bias: the layer has no feed-forward norm",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> layerNormed.withVector(TensorRole.FEED_FORWARD_NORM, null))
                            .getMessage());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new LayerWeights(layer.matrices(), layer.vectors(), 0, layer.frequencies())
                            .vector(TensorRole.QUERY_BIAS));
            Map<TensorRole, Weights> more = new EnumMap<>(layer.matrices());
            more.put(TensorRole.OUTPUT, layer.matrix(TensorRole.UP));
            assertTrue(assertThrows(
                            IllegalArgumentException.class,
                            () -> new LayerWeights(more, layer.vectors(), 0, layer.frequencies()))
                    .getMessage()
                    .startsWith("output: a layer has none"));
        }
    }
}
