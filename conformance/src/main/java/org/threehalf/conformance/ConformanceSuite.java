package org.threehalf.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.Backend.DeviceMatrix;
import org.threehalf.conformance.CaseResult.Body;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.PackedRow;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/** Judges a backend by golden vectors (REQ-CNF-001 to REQ-CNF-003). */
public final class ConformanceSuite {

    private final Backend backend;

    /** A suite for an open backend. */
    public ConformanceSuite(Backend backend) {
        this.backend = backend;
    }

    /** Runs a case. What the backend throws is the case's failure. */
    public CaseResult run(VectorCase vectorCase) {
        Format format = vectorCase.format();
        VectorCase.Header header = vectorCase.header();
        return new CaseResult(
                header.id(),
                header.kind(),
                format == null ? null : format.name(),
                header.requirements(),
                header.flags(),
                "",
                CaseResult.failureOf(() -> judge(vectorCase)));
    }

    private void judge(VectorCase vectorCase) throws Mismatch {
        switch (vectorCase) {
            case VectorCase.QuantizeActivation c -> {
                QuantizedToken token = backend.quantize(c.activations().clone());
                Bits.require("scale", c.expected().scale(), token.scale());
                Bits.requireSigned("codes", c.expected().codes(), token.codes());
            }
            case VectorCase.QuantizeWeight c -> {
                QuantizedRow row = backend.quantize(c.format(), c.weights().clone());
                Bits.require("scale", c.scale(), row.scale());
                Bits.requireUnsigned("sub-scales", c.subscales(), row.subscales());
                Bits.requireUnsigned("codes", c.codes(), row.codes());
            }
            case VectorCase.Pack c -> {
                QuantizedRow row = new QuantizedRow(c.format(), 1, c.codes().clone(), c.subscales().clone());
                Bits.requireUnsigned("packed codes", c.packedCodes(), backend.packCodes(row));
                Bits.requireUnsigned("packed sub-scales", c.packedSubscales(), backend.packSubscales(row));
                QuantizedRow back = backend.unpack(c.format(), c.codes().length, 1, c.packedCodes().clone(), c.packedSubscales().clone());
                Bits.requireUnsigned("unpacked codes", c.codes(), back.codes());
                Bits.requireUnsigned("unpacked sub-scales", c.subscales(), back.subscales());
            }
            case VectorCase.Dequantize c -> Bits.require(
                    "values", c.expected(), backend.dequantize(new QuantizedRow(c.format(), c.scale(), c.codes().clone(), c.subscales().clone())));
            case VectorCase.Output c -> Bits.require("y", c.expected(), backend.output(c.sum(), c.rowScale(), c.activationScale()));
            case VectorCase.Dot c -> withMatrix(c.format(), c.columns(), List.of(c.row()), device -> {
                int[] sums = Bits.poisonedInts(1);
                device.sums(new QuantizedToken(1, c.activations().clone()), sums);
                Bits.require("sum", new int[] {c.expected()}, sums);
            });
            case VectorCase.Product c -> withMatrix(c.format(), c.columns(), c.rows(), device -> judgeProduct(c, device));
            case VectorCase.RefuseActivation c -> requireRefusal(() -> backend.quantize(c.activations().clone()));
            case VectorCase.RefuseWeight c -> requireRefusal(() -> backend.quantize(c.format(), c.weights().clone()));
            case VectorCase.RefuseMatrix c -> requireRefusal(() -> withMatrix(c.format(), c.columns(), c.rows(), device -> {}));
        }
    }

    private static void judgeProduct(VectorCase.Product c, DeviceMatrix device) throws Mismatch {
        int rows = c.rows().size();
        List<QuantizedToken> tokens = c.tokens().stream().map(token -> new QuantizedToken(token.scale(), token.codes().clone())).toList();
        float[][] y = new float[tokens.size()][];
        for (int t = 0; t < y.length; t++) {
            int[] sums = Bits.poisonedInts(rows);
            device.sums(tokens.get(t), sums);
            Bits.require("sums[%d]".formatted(t), c.sums()[t], sums);
            y[t] = Bits.poisonedFloats(rows);
            if (!c.together()) {
                device.gemv(tokens.get(t), y[t]);
            }
        }
        if (c.together()) {
            device.gemm(tokens, y);
        }
        for (int t = 0; t < y.length; t++) {
            Bits.require("y[%d]".formatted(t), c.outputs()[t], y[t]);
        }
    }

    private static void requireRefusal(Body body) throws Mismatch {
        try {
            body.run();
        } catch (IllegalArgumentException refused) {
            return;
        }
        throw new Mismatch("accepted what must be refused: an IllegalArgumentException is expected");
    }

    private interface MatrixBody {
        void run(DeviceMatrix device) throws Mismatch;
    }

    private void withMatrix(Format format, int columns, List<PackedRow> rows, MatrixBody body) throws Mismatch {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = new PackedMatrix(
                    format,
                    rows.size(),
                    columns,
                    concatenated(arena, rows.stream().map(PackedRow::codes).toList()),
                    concatenated(arena, rows.stream().map(PackedRow::subscales).toList()),
                    concatenated(arena, rows.stream().map(row -> littleEndian(row.scale())).toList()));
            try (DeviceMatrix device = backend.load(matrix)) {
                body.run(device);
            }
        }
    }

    private static MemorySegment concatenated(Arena arena, List<byte[]> parts) {
        MemorySegment all = arena.allocate(parts.stream().mapToLong(part -> part.length).sum(), Float.BYTES);
        long at = 0;
        for (byte[] part : parts) {
            MemorySegment.copy(part, 0, all, ValueLayout.JAVA_BYTE, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static byte[] littleEndian(float scale) {
        return ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(Float.floatToRawIntBits(scale)).array();
    }
}
