package org.threehalf.conformance;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.conformance.CaseResult.Failure;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.transformer.MostLikelyToken;

/**
 * Level L3: a whole model's logits over a fixed text, position by position, and the tokens that it generates after it
 * (REQ-CNF-005, REQ-DEC-005).
 *
 * <p>What is right is what the reference backend gives when the text is fed at once; it is computed once and shared by
 * all that are judged. The judged backend is fed token by token for the logits, and generates greedily.
 */
public final class ModelSuite {

    /** Tokens that are generated. */
    private static final int GENERATED = 8;

    private final String name;
    private final WholeModel model;
    private final float[][] logits;
    private final int[] generated;

    /**
     * Computes what is right.
     *
     * @param name the first part of the cases' ids
     * @param model the model
     * @param reference the backend that others are compared with
     */
    public ModelSuite(String name, WholeModel model, Backend reference) {
        this.name = name;
        this.model = model;
        try (Decoder decoder = reference.decoder(model.weights(), model.text().length + GENERATED)) {
            logits = fresh(model.text().length);
            decoder.forward(model.text(), 0, logits);
            generated = generate(decoder, logits[logits.length - 1]);
        }
    }

    private float[][] fresh(int count) {
        int vocabulary = model.weights().config().vocabulary();
        return Stream.generate(() -> Bits.poisonedFloats(vocabulary))
                .limit(count)
                .toArray(float[][]::new);
    }

    /** The cases of a backend, in the order of the positions. */
    void run(Backend backend, BiPredicate<String, Level> selected, Consumer<CaseResult> results) {
        List<String> positions = IntStream.range(0, logits.length)
                .mapToObj(i -> "%s/logits/%03d".formatted(name, i))
                .toList();
        String tokens = name + "/tokens";
        if (positions.stream().noneMatch(id -> selected.test(id, Level.L3)) && !selected.test(tokens, Level.L3)) {
            return;
        }
        float[][] given = fresh(logits.length);
        int[][] drawn = new int[1][];
        Failure broken = CaseResult.failureOf(() -> {
            try (Decoder decoder = backend.decoder(model.weights(), model.text().length + GENERATED)) {
                for (int i = 0; i < given.length; i++) {
                    decoder.forward(new int[] {model.text()[i]}, i, new float[][] {given[i]});
                }
                drawn[0] = generate(decoder, given[given.length - 1]);
            }
            return null;
        });
        for (int i = 0; i < positions.size(); i++) {
            if (selected.test(positions.get(i), Level.L3)) {
                Failure failure = broken != null
                        ? broken
                        : difference(Part.f32("logits", logits[i]), Part.f32("logits", given[i]));
                results.accept(result(
                        positions.get(i),
                        "logits",
                        "SHA-256 " + sha256(logits[i]),
                        failure,
                        "REQ-DEC-001",
                        "REQ-DEC-002",
                        "REQ-DEC-003",
                        "REQ-DEC-005"));
            }
        }
        if (selected.test(tokens, Level.L3)) {
            Failure failure =
                    broken != null ? broken : difference(Part.i32("tokens", generated), Part.i32("tokens", drawn[0]));
            results.accept(result(
                    tokens,
                    "generated-tokens",
                    "greedy: " + Arrays.toString(generated),
                    failure,
                    "REQ-DEC-005",
                    "REQ-SMP-002"));
        }
    }

    private static @Nullable Failure difference(Part right, Part given) {
        return ConformanceSuite.difference(List.of(right), List.of(given));
    }

    private static CaseResult result(
            String id, String kind, String note, @Nullable Failure failure, String... requirements) {
        SequencedMap<String, String> flags = new LinkedHashMap<>(
                Map.of("WholeModel", "a whole model, fed token by token, against the reference fed at once"));
        return new CaseResult(id, Level.L3, kind, null, List.of(requirements), flags, note, failure);
    }

    /** Greedy tokens after the text, whose last logits are given (REQ-SMP-002). */
    private int[] generate(Decoder decoder, float[] last) {
        int[] tokens = new int[GENERATED];
        float[] current = last;
        for (int i = 0; i < GENERATED; i++) {
            tokens[i] = MostLikelyToken.of(current);
            if (i + 1 < GENERATED) {
                current = fresh(1)[0];
                decoder.forward(new int[] {tokens[i]}, model.text().length + i, new float[][] {current});
            }
        }
        return tokens;
    }

    private static String sha256(float[] values) {
        return Sha256.of(Part.f32("logits", values).bytes());
    }
}
