package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.conformance.mistakes.Mistake;
import org.threehalf.conformance.mistakes.SteppedBackend;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.Verdict;

/** Random and extreme cases, judged by the oracle (REQ-CNF-004, REQ-DOT-002). */
class GeneratedCasesTest {
    /** Of a published seed, made once. */
    private static final Map<Long, List<VectorCase>> MADE = new ConcurrentHashMap<>();

    private static List<VectorCase> random(long seed) {
        return MADE.computeIfAbsent(seed, GeneratedCases::random);
    }

    private static List<String> failures(Backend backend, List<VectorCase> cases) {
        return cases.stream()
                .map(c -> ConformanceSuite.run(backend, c))
                .filter(r -> r.verdict() == Verdict.FAILED)
                .map(r -> r.id() + " " + r.failure())
                .toList();
    }

    @Test
    void theReferenceBackendPassesRandomCasesOfBothSeeds() {
        Backend reference = BackendProvider.named("reference").open();
        Set<String> ids = new HashSet<>();
        for (long seed : GeneratedCases.SEEDS) {
            List<VectorCase> cases = random(seed);
            assertEquals(525, cases.size());
            cases.forEach(c -> assertTrue(ids.add(c.header().id()), c.header().id()));
            assertEquals(List.of(), failures(reference, cases));
        }
    }

    @Test
    void aSeedGivesTheSameCasesTwiceAndAnotherOthers() {
        List<List<Part>> first =
                GeneratedCases.random(1).stream().map(CaseArrays::expected).toList();
        assertEquals(
                first,
                GeneratedCases.random(1).stream().map(CaseArrays::expected).toList());
        assertNotEquals(
                first,
                GeneratedCases.random(2).stream().map(CaseArrays::expected).toList());
    }

    /** A seeded fault for each norm: a decoder that takes a layer norm for another one fails the case (REQ-OPS-012). */
    @Test
    void aNormWithoutItsMeanAndBiasShows() {
        List<VectorCase> cases = random(35).stream()
                .filter(c -> c.header().id().contains("decoder/layer-norms"))
                .toList();
        assertEquals(1, cases.size());
        assertEquals(List.of(), failures(new SteppedBackend(), cases));
        List<UnaryOperator<DecoderWeights>> faults = List.of(
                w -> new DecoderWeights(w.config(), w.embedding(), w.layers(), w.outputNorm(), w.output()),
                w -> w.with(
                        w.embedding(),
                        w.layers().stream()
                                .map(layer -> layer.withVector(TensorRole.ATTENTION_NORM_BIAS, null))
                                .toList(),
                        w.output()),
                w -> w.with(
                        w.embedding(),
                        w.layers().stream()
                                .map(layer -> layer.withVector(TensorRole.FEED_FORWARD_NORM_BIAS, null))
                                .toList(),
                        w.output()));
        for (UnaryOperator<DecoderWeights> fault : faults) {
            Backend wrong = new SteppedBackend() {
                @Override
                public Decoder decoder(DecoderWeights weights, int capacity) {
                    return super.decoder(fault.apply(weights), capacity);
                }
            };
            assertEquals(1, failures(wrong, cases).size());
        }
    }

    /** Every term that a device may fuse shows in a case, and every kind of size past a tile is there. */
    @Test
    void theReferenceBackendPassesTheWideCases() {
        List<VectorCase> wide = WideCases.all(true);
        assertEquals(
                wide.size(), wide.stream().map(c -> c.header().id()).distinct().count());
        assertEquals(List.of(), failures(BackendProvider.named("reference").open(), wide));
        List<String> ids = wide.stream().map(c -> c.header().id()).toList();
        for (String id : List.of(
                "wide/gemm/G35/3x4133x17",
                "wide/gemv/G4/2x28672x1",
                "wide/gemm/INT8/65x65x33",
                "wide/gemm/U3/3x200x129",
                "wide/attend/9-1033/16",
                "wide/attend/0-64/256",
                "wide/rms-norm/1025-1",
                "wide/refuse/scale-minus-zero-of-row-64-of-67-INT8",
                "wide/refuse/activation-nan-at-0-of-67",
                "wide/gemm/T4/1031x6x2",
                "wide/gemm/INT8/2x70x260",
                "wide/quantize-weight/G35/half-way",
                "wide/decoder/long",
                "wide/rotate-split/128-pairs",
                "wide/attend/exp-bits")) {
            assertTrue(ids.contains(id), id);
        }
        assertTrue(ids.containsAll(
                WideCases.all(false).stream().map(c -> c.header().id()).toList()));
        for (int n : FusedCases.LENGTHS) {
            BitSet shown = new BitSet();
            wide.stream()
                    .filter(c -> c.header().id().startsWith("wide/dot-product/%d-fused-".formatted(n)))
                    .map(VectorCase.Operation.class::cast)
                    .forEach(c -> shown.or(
                            FusedCases.shown(c.input("a").floats(), c.input("b").floats())));
            assertEquals(n - 16, shown.cardinality(), "n = " + n);
        }
    }

    @Test
    void theExtremesReachTheLargestSumOfEachFormat() {
        List<VectorCase> extremes = GeneratedCases.extremes();
        assertEquals(List.of(), failures(BackendProvider.named("reference").open(), extremes));
        for (VectorCase extreme : extremes) {
            VectorCase.Product product = (VectorCase.Product) extreme;
            Format format = product.format();
            assertEquals(format.maxColumns(), product.columns());
            assertEquals(format.maxColumns() > 1 << 17 ? 1 : 2, product.sums().length);
            assertEquals(product.sums()[0][0], Math.abs(product.sums()[product.sums().length - 1][0]));
            if (format == Format.G4) {
                assertEquals(127 * 465 * 36_000, product.sums()[0][0]);
            }
        }
    }

    /** REQ-ROT-003: the decoder with rotated matrices, and decoders that do not rotate, or do it without the 1/8. */
    @Test
    void aDecoderThatDoesNotRotateIsFound() {
        List<VectorCase> rotated = TransformerCases.of(35).stream()
                .filter(one -> one.header().id().endsWith("decoder/rotated"))
                .toList();
        assertEquals(1, rotated.size());
        assertEquals(List.of(), failures(BackendProvider.named("reference").open(), rotated));
        List<Mistake> mistakes = Mistake.all().stream()
                .filter(mistake -> mistake.name().startsWith("rotation: "))
                .toList();
        assertEquals(2, mistakes.size());
        for (Mistake mistake : mistakes) {
            assertEquals(1, failures(mistake.backend().get(), rotated).size(), mistake.name());
        }
    }
}
