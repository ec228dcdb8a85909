package org.threehalf.cluster;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.calibrate.CalibratedModel;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.quantize.DampedHessian;
import org.threehalf.kernels.quantize.Hessian;
import org.threehalf.kernels.quantize.HessianRows;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * The steps of a calibration that a cluster's tasks do: sums over inputs, some rows of each a task, and quantising
 * rows. The activations, which need the layers before as quantised, and the decomposition of the sums are the driver's.
 */
final class ClusterSteps implements CalibratedModel.Steps, AutoCloseable {
    private final Parts parts;
    private final Quantizing rows;
    private final Cutting sums;
    private final List<Inputs> open = new ArrayList<>();
    private @Nullable DampedHessian last;
    private SharedFolder.@Nullable Whole part;

    /** Has tasks quantise rows. */
    @FunctionalInterface
    interface Quantizing {
        PartMatrices quantize(RowRange rows, boolean rotated, SharedFolder.Whole hessian, IntConsumer rowDone)
                throws IOException;
    }

    /** How many tasks sum a Hessian's rows. */
    @FunctionalInterface
    interface Cutting {
        int tasks(int size);
    }

    ClusterSteps(Parts parts, Quantizing rows, Cutting sums) {
        this.parts = parts;
        this.rows = rows;
        this.sums = sums;
    }

    @Override
    public MatrixQuantizer.Error quantize(
            GgufTensor tensor, int first, PackedMatrix target, DampedHessian hessian, IntConsumer rowDone) {
        return spread(() -> {
            SharedFolder.Whole written = part;
            if (last != hessian || written == null) {
                if (written != null) {
                    parts.folder().remove(written);
                }
                written = Hessians.write(parts.folder(), hessian);
                part = written;
                last = hessian;
            }
            RowRange range = new RowRange(tensor.name(), target.format(), first, target.rows(), target.columns());
            return rows.quantize(range, target.rotated(), written, rowDone).fill(tensor.name(), first, target);
        });
    }

    @Override
    public CalibratedModel.InputSum inputs(int size) {
        return new Inputs(size);
    }

    /** Ends what was begun and not summed. */
    @Override
    public void close() throws IOException {
        for (Inputs inputs : open) {
            if (inputs.tokens != null) {
                inputs.tokens.close();
            }
        }
    }

    private interface Spread<T> {
        T run() throws IOException;
    }

    private static <T> T spread(Spread<T> work) {
        try {
            return work.run();
        } catch (Problem problem) {
            throw new UncheckedIOException(problem.forCommand());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private final class Inputs implements CalibratedModel.InputSum {
        private final int size;
        private SharedFolder.@Nullable Part tokens;
        private @Nullable DataOutputStream out;
        private int count;

        private Inputs(int size) {
            this.size = size;
        }

        @Override
        public void add(List<QuantizedToken> added) {
            spread(() -> {
                DataOutputStream to = out;
                if (to == null) {
                    SharedFolder.Part begun = parts.folder().begin("tokens", Node.DRIVER);
                    to = new DataOutputStream(new BufferedOutputStream(begun, SumInputs.BUFFER));
                    tokens = begun;
                    out = to;
                    open.add(this);
                }
                for (QuantizedToken token : added) {
                    to.writeFloat(token.scale());
                    to.write(token.codes());
                }
                count = Math.addExact(count, added.size());
                return count;
            });
        }

        @Override
        public Hessian sum() {
            return spread(() -> {
                if (tokens == null || out == null) {
                    return new Hessian(size);
                }
                out.flush();
                SharedFolder.Whole all = tokens.whole();
                open.remove(this);
                List<SumInputs.Rows> cut = SumInputs.Rows.cut(size, sums.tasks(size));
                HessianRows[] summed = new HessianRows[cut.size()];
                parts.cluster()
                        .run(
                                "sums over %,d inputs of %,d".formatted(count, size),
                                cut.stream()
                                        .map(rows -> new SumInputs(parts.folder(), all, count, size, rows))
                                        .toList(),
                                (number, written) -> {
                                    summed[number] = SumInputs.read(parts.folder(), written, cut.get(number));
                                    parts.folder().remove(written);
                                });
                parts.folder().remove(all);
                return Hessian.of(size, List.of(summed));
            });
        }
    }
}
