package org.threehalf.inference.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CancellationException;

/**
 * Joins neighbouring parts of a text, pair by pair: the pair of the lowest rank first, of equal ranks the leftmost
 * (byte-pair encoding: Sennrich et al., Neural Machine Translation of Rare Words with Subword Units, 2016). A text of n
 * characters takes n log n steps; a thread that is interrupted meanwhile ends with a {@link CancellationException}.
 */
final class PairMerging {

    /** Ranks pairs of neighbours. */
    @FunctionalInterface
    interface Ranking {
        /** Of two parts that are not joined. */
        double NONE = Double.NaN;

        /**
         * The rank at which two parts are joined.
         *
         * @param from where the left one begins
         * @param middle where it ends and the right one begins
         * @param to where that ends
         * @return lower ones first, or {@link #NONE}
         */
        double of(int from, int middle, int to);
    }

    /**
     * Two neighbours that can be joined. {@code leftLength} and {@code rightLength} tell whether either has changed
     * since.
     */
    private record Pair(int left, int right, int leftLength, int rightLength, double rank) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            int byRank = Double.compare(rank, other.rank);
            return byRank != 0 ? byRank : Integer.compare(left, other.left);
        }
    }

    private final Ranking ranking;
    /** Part i has {@code length[i]} chars from {@code from[i]}, 0 once it has gone into another. */
    private final int[] from;

    private final int[] length;
    private final int[] previous;
    private final int[] next;
    private final PriorityQueue<Pair> pairs = new PriorityQueue<>();
    private int steps;

    private PairMerging(String text, Ranking ranking) {
        this.ranking = ranking;
        int count = text.codePointCount(0, text.length());
        from = new int[count];
        length = new int[count];
        previous = new int[count];
        next = new int[count];
        int at = 0;
        for (int i = 0; i < count; i++) {
            from[i] = at;
            length[i] = Character.charCount(text.codePointAt(at));
            at += length[i];
            previous[i] = i - 1;
            next[i] = i + 1 < count ? i + 1 : -1;
        }
        for (int i = 0; i + 1 < count; i++) {
            offer(i, i + 1);
        }
    }

    /**
     * The parts that are left when nothing can be joined any more.
     *
     * @param text each of its code points is a part at first
     */
    static List<String> parts(String text, Ranking ranking) {
        PairMerging merging = new PairMerging(text, ranking);
        merging.join();
        List<String> parts = new ArrayList<>();
        for (int i = text.isEmpty() ? -1 : 0; i >= 0; i = merging.next[i]) {
            parts.add(text.substring(merging.from[i], merging.from[i] + merging.length[i]));
        }
        return parts;
    }

    private void offer(int left, int right) {
        if ((++steps & 0xfff) == 0 && Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the text is wanted no more");
        }
        if (left >= 0 && right >= 0) {
            double rank = ranking.of(from[left], from[right], from[right] + length[right]);
            if (!Double.isNaN(rank)) {
                pairs.add(new Pair(left, right, length[left], length[right], rank));
            }
        }
    }

    private void join() {
        for (Pair pair = pairs.poll(); pair != null; pair = pairs.poll()) {
            int left = pair.left;
            int right = pair.right;
            if (length[left] == pair.leftLength && length[right] == pair.rightLength) {
                length[left] += length[right];
                length[right] = 0;
                next[left] = next[right];
                if (next[right] >= 0) {
                    previous[next[right]] = left;
                }
                offer(previous[left], left);
                offer(left, next[left]);
            }
        }
    }
}
