package org.threehalf.conformance.exchange;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ExpertWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Rotary;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.Rotation;

/**
 * A small decoder as arrays: its numbers, and its tensors under the names of section 10 of {@code spec/INFERENCE.md}
 * (section 4 of {@code spec/CONFORMANCE.md}, REQ-CNF-007).
 */
final class DecoderParts {
    /** What {@code format} holds of a matrix that is not quantised. */
    private static final String REAL = "F32";

    private final List<Part> parts = new ArrayList<>();

    private DecoderParts() {}

    /** The arrays of a decoder and of the tokens that it is fed. */
    static List<Part> of(DecoderWeights weights, int[] tokens) {
        DecoderParts all = new DecoderParts();
        all.parts.add(Part.i32("tokens", tokens));
        all.numbers(weights.config(), weights.layers().size());
        all.matrix(TensorRole.EMBEDDING.ggufName(), weights.embedding());
        all.parts.add(Part.f32(TensorRole.OUTPUT_NORM.ggufName(), weights.outputNorm()));
        if (weights.outputNormBias() != null) {
            all.parts.add(Part.f32(TensorRole.OUTPUT_NORM_BIAS.ggufName(), weights.outputNormBias()));
        }
        if (weights.output() != weights.embedding()) {
            all.matrix(TensorRole.OUTPUT.ggufName(), weights.output());
        }
        for (int i = 0; i < weights.layers().size(); i++) {
            all.layer(i, weights.layers().get(i));
        }
        return List.copyOf(all.parts);
    }

    private void numbers(DecoderConfig config, int layers) {
        parts.add(Part.i32(
                "numbers",
                layers,
                config.heads(),
                config.keyValueHeads(),
                config.headSize(),
                config.rotation() == Rotation.Layout.INTERLEAVED ? 1 : 0,
                switch (config.activation()) {
                    case SILU -> 0;
                    case GELU -> 1;
                    case CLAMPED_SWIGLU -> 2;
                },
                config.experts().count(),
                config.experts().used(),
                config.experts().renormalised() ? 1 : 0));
        parts.add(Part.f32(
                "factors",
                config.normEpsilon(),
                config.embeddingScale(),
                config.attentionScale(),
                config.attentionCap(),
                config.residualScale(),
                config.logitScale(),
                config.logitCap()));
    }

    private void layer(int i, LayerWeights layer) {
        Rotary rotary = layer.rotary();
        if (rotary.longer() != null) {
            throw new IllegalArgumentException(
                    "layer " + i + " has two sets of frequencies: take the model 'within' a" + " context first");
        }
        parts.add(Part.i32("blk." + i + ".window", layer.window()));
        parts.add(Part.f32("blk." + i + ".frequencies", rotary.frequencies()));
        parts.add(Part.f32("blk." + i + ".magnitude", rotary.magnitude()));
        layer.vectors().forEach((role, vector) -> parts.add(Part.f32(role.ggufName(i), vector)));
        layer.matrices().forEach((role, matrix) -> matrix(role.ggufName(i), matrix));
        for (int e = 0; e < layer.experts().size(); e++) {
            ExpertWeights expert = layer.experts().get(e);
            for (TensorRole role : List.of(TensorRole.GATE, TensorRole.UP, TensorRole.DOWN)) {
                matrix(role.ggufName(i).replace(".weight", "." + e + ".weight"), expert.matrix(role));
                float[] bias = expert.biases().get(role);
                if (bias != null) {
                    parts.add(Part.f32(role.ggufName(i).replace(".weight", "." + e + ".bias"), bias));
                }
            }
        }
    }

    private void matrix(String name, Weights weights) {
        switch (weights) {
            case Weights.Real(FloatMatrix real) -> {
                header(name, REAL, real.rows(), real.columns(), false);
                float[][] rows = new float[real.rows()][real.columns()];
                for (int row = 0; row < rows.length; row++) {
                    real.read(row, rows[row]);
                }
                parts.add(Part.f32(name + ".values", rows));
            }
            case Weights.Quantized(PackedMatrix packed) -> {
                header(name, packed.format().name(), packed.rows(), packed.columns(), packed.rotated());
                parts.add(Part.u8(name + ".packedCodes", bytes(packed.codes())));
                parts.add(Part.u8(name + ".packedSubscales", bytes(packed.subscales())));
                float[] scales = new float[packed.rows()];
                for (int row = 0; row < scales.length; row++) {
                    scales[row] = packed.scale(row);
                }
                parts.add(Part.f32(name + ".scales", scales));
            }
        }
    }

    private void header(String name, String format, int rows, int columns, boolean rotated) {
        parts.add(Part.u8(name + ".format", format.getBytes(StandardCharsets.US_ASCII)));
        parts.add(Part.i32(name + ".shape", rows, columns, rotated ? 1 : 0));
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }
}
