package org.threehalf.kernels.quantize;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/**
 * What a matrix's inputs look like: H = Σ x·xᵀ over calibration vectors x of K numbers. A row w that becomes ŵ changes
 * the matrix's outputs on these inputs by (w − ŵ)·H·(w − ŵ)ᵀ in all, squared and summed.
 *
 * <p>Sums are binary64, each entry's in the order of the vectors, so the number of threads changes no bit. Memory:
 * {@link #BYTES_AN_ENTRY}·K² bytes. Not safe for use by several threads at once.
 */
public final class Hessian {
    /** Memory over K²: a triangle of binary64. */
    public static final int BYTES_AN_ENTRY = 4;

    private final int size;
    private final double[][] sums;
    /** All of them, of the same arrays. */
    private final HessianRows all;

    /** H = 0 for inputs of {@code size} numbers. */
    public Hessian(int size) {
        this(new HessianRows(0, size));
    }

    private Hessian(HessianRows all) {
        this.all = all;
        this.size = all.count();
        this.sums = new double[size][];
        for (int i = 0; i < size; i++) {
            sums[i] = all.row(i);
        }
    }

    /** K. */
    public int size() {
        return size;
    }

    /**
     * Joins rows that were summed apart.
     *
     * @param size K
     * @param parts all rows once, in any order; their entries become this object's own
     * @throws IllegalArgumentException if a row is missing, or there twice
     */
    public static Hessian of(int size, List<HessianRows> parts) {
        double[][] sums = new double[size][];
        for (HessianRows part : parts) {
            for (int i = part.first(); i < part.first() + part.count(); i++) {
                if (i >= size || sums[i] != null) {
                    throw new IllegalArgumentException("row %d of %d is there twice, or is none".formatted(i, size));
                }
                sums[i] = part.row(i);
            }
        }
        for (int i = 0; i < size; i++) {
            if (sums[i] == null) {
                throw new IllegalArgumentException("row %d of %d is missing".formatted(i, size));
            }
        }
        return new Hessian(new HessianRows(0, sums));
    }

    /**
     * Adds x·xᵀ for each vector.
     *
     * @param inputs K numbers each
     */
    public void add(double[][] inputs) {
        all.add(inputs);
    }

    /**
     * Vectors as a device takes them.
     *
     * @param tokens K activations each
     * @return s · a of each
     */
    public static double[][] inputs(List<QuantizedToken> tokens) {
        return tokens.stream()
                .map(token -> {
                    double[] values = new double[token.columns()];
                    for (int k = 0; k < values.length; k++) {
                        values[k] = (double) token.scale() * token.codes()[k];
                    }
                    return values;
                })
                .toArray(double[][]::new);
    }

    /** H_ij. */
    public double get(int i, int j) {
        return i >= j ? sums[i][j] : sums[j][i];
    }

    /**
     * H with its mean diagonal entry brought to 1 and {@code damping} added to every diagonal entry, decomposed. A
     * Hessian of no inputs, or of zeros alone, counts as the identity.
     *
     * @param damping λ &gt; 0; it keeps directions that no calibration vector had from being free
     * @throws IllegalArgumentException if the damping is no positive number or the inputs were not finite
     */
    public DampedHessian damped(double damping) {
        return damped(damping, new int[0]);
    }

    private DampedHessian damped(double damping, int[] blocks) {
        if (!(damping > 0) || damping == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("a damping of " + damping + ": it must be a positive number");
        }
        int[] inputs = IntStream.range(0, size).map(i -> input(blocks, i)).toArray();
        double trace = 0;
        for (int input : inputs) {
            trace += sums[input][input];
        }
        if (!Double.isFinite(trace)) {
            throw new IllegalArgumentException(
                    "the calibration inputs hold numbers that are not finite, or too large to be squared");
        }
        double factor = trace == 0 ? 0 : size / trace;
        double[][] rows = new double[size][];
        IntStream.range(0, size).parallel().forEach(i -> {
            double[] row = new double[i + 1];
            for (int k = 0; k <= i; k++) {
                row[k] = get(inputs[i], inputs[k]) * factor;
            }
            row[i] += damping;
            rows[i] = row;
        });
        return new DampedHessian(rows, blocks);
    }

    /**
     * As {@link #damped(double)}, with the blocks of 64 inputs taken by descending energy (the sum of their diagonal
     * entries): those that matter most are rounded first, and the errors that are left fall on those that matter least.
     * A last block that is not whole stays last.
     */
    public DampedHessian dampedByEnergy(double damping) {
        int whole = size / Format.BLOCK;
        double[] energies = new double[whole];
        for (int i = 0; i < whole * Format.BLOCK; i++) {
            energies[i / Format.BLOCK] += sums[i][i];
        }
        int[] blocks = IntStream.range(0, whole)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer b) -> -energies[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        return damped(damping, blocks);
    }

    private static int input(int[] blocks, int position) {
        int block = position / Format.BLOCK;
        return block < blocks.length ? blocks[block] * Format.BLOCK + position % Format.BLOCK : position;
    }

    /**
     * The identity: every input as large as any other, and none like another. For matrices whose inputs are not known.
     */
    public static DampedHessian identity(int size) {
        return new Hessian(size).damped(1);
    }
}
