package org.threehalf.cluster;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.quantize.Hessian;
import org.threehalf.kernels.quantize.HessianRows;

/**
 * Sums some rows of the Hessian of a matrix's inputs: over all tokens, in their order, so that each entry has the bits
 * that a single process gives it.
 *
 * @param parts where tokens and sums lie
 * @param tokens a part: the scale of each token, binary32, and its K codes
 * @param count how many tokens
 * @param size K
 * @param rows which rows
 */
record SumInputs(SharedFolder parts, SharedFolder.Whole tokens, int count, int size, Rows rows)
        implements Work<SharedFolder.Whole> {
    private static final long serialVersionUID = 1;
    /** Tokens that are taken at once: bounds what of them is in memory. */
    private static final int GROUP = 64;

    static final int BUFFER = 1 << 16;
    /** Entries of a task at most: 64 MiB. */
    private static final long MOST_ENTRIES = 1L << 23;

    /**
     * Rows of the lower triangle.
     *
     * @param first the first one's number
     * @param count how many
     */
    record Rows(int first, int count) implements Serializable {
        private static final long serialVersionUID = 1;

        /**
         * Cuts a triangle into parts of about as many entries each, at least {@code parts} where there are as many
         * rows.
         */
        static List<Rows> cut(int size, int parts) {
            double entries = size * (size + 1.0) / 2;
            int count = (int) Math.min(size, Math.max(parts, Math.ceil(entries / MOST_ENTRIES)));
            List<Rows> cut = new ArrayList<>();
            int from = 0;
            for (int i = 1; i <= count; i++) {
                // The rows up to n have about n²/2 entries; each part has one row at least.
                int to = i == count ? size : (int) Math.round(size * Math.sqrt((double) i / count));
                to = Math.max(from + 1, Math.min(to, size - (count - i)));
                cut.add(new Rows(from, to - from));
                from = to;
            }
            return cut;
        }
    }

    @Override
    public SharedFolder.Whole run(Node node) throws IOException {
        HessianRows sums = new HessianRows(rows.first(), rows.count());
        try (SharedFolder.Reading whole = parts.read(tokens, node.host());
                DataInputStream in = new DataInputStream(new BufferedInputStream(whole, BUFFER))) {
            List<QuantizedToken> group = new ArrayList<>();
            for (int t = 0; t < count; t++) {
                float scale = in.readFloat();
                byte[] codes = new byte[size];
                in.readFully(codes);
                group.add(new QuantizedToken(scale, codes));
                if (group.size() == GROUP || t == count - 1) {
                    sums.add(Hessian.inputs(group));
                    group.clear();
                }
            }
            whole.requireWhole();
        } catch (IllegalArgumentException changed) {
            // Codes that nobody wrote: the part was changed while it was read.
            throw parts.changed(tokens, node.host());
        }
        try (SharedFolder.Part part = parts.begin("sums", node.host())) {
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(part, BUFFER));
            sums.write(out);
            out.flush();
            return part.whole();
        }
    }

    /** Reads what a task has summed. */
    static HessianRows read(SharedFolder parts, SharedFolder.Whole part, Rows rows) throws IOException {
        try (SharedFolder.Reading whole = parts.read(part, Node.DRIVER);
                DataInputStream in = new DataInputStream(new BufferedInputStream(whole, BUFFER))) {
            HessianRows sums = HessianRows.read(in, rows.first(), rows.count());
            whole.requireWhole();
            return sums;
        }
    }
}
