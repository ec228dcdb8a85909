package org.threehalf.backends.spi.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.decoder.BatchDecoder.Feed;
import org.threehalf.backends.spi.decoder.DecoderCases.Model;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.TransformerOperations;

class BatchDecoderTest {
    private static final int CAPACITY = 24;

    /** A text that is being fed: its tokens, its slot, and how far it is. */
    private static final class Text {
        private final int[] tokens;
        private final int slot;
        private int position;

        private Text(int[] tokens, int slot) {
            this.tokens = tokens;
            this.slot = slot;
        }
    }

    /** The logits after each token of a text that has the decoder to itself. */
    private static float[][] alone(Model model, int[] tokens) {
        float[][] logits = new float[tokens.length][model.weights().config().vocabulary()];
        try (PlainBackend backend = new PlainBackend(1);
                Decoder decoder = backend.decoder(model.weights(), CAPACITY)) {
            decoder.forward(tokens, 0, logits);
        }
        return logits;
    }

    /**
     * Many texts come, share beginnings, take free slots and go, a random number of tokens of a random choice of them
     * at a time. Each feed's logits are held against those of the text alone.
     *
     * @return the first difference, or null
     */
    private static @Nullable String difference(Model model, BatchDecoder decoder, Random random, int texts) {
        int vocabulary = model.weights().config().vocabulary();
        int[] beginning = random.ints(8, 0, vocabulary).toArray();
        int[][] held = new int[decoder.slots()][0];
        List<Text> running = new ArrayList<>();
        int begun = 0;
        while (begun < texts || !running.isEmpty()) {
            while (begun < texts && running.size() < decoder.slots()) {
                running.add(begin(decoder, random, beginning, vocabulary, held, running));
                begun++;
            }
            Collections.shuffle(running, random);
            List<Text> chosen = running.subList(0, 1 + random.nextInt(running.size()));
            List<Feed> feeds = new ArrayList<>();
            for (Text text : chosen) {
                int count = 1 + random.nextInt(text.tokens.length - text.position);
                feeds.add(new Feed(
                        text.slot,
                        Arrays.copyOfRange(text.tokens, text.position, text.position + count),
                        text.position,
                        new float[1 + random.nextInt(count)][vocabulary]));
            }
            decoder.forward(feeds);
            for (int i = 0; i < feeds.size(); i++) {
                Text text = chosen.get(i);
                Feed feed = feeds.get(i);
                text.position += feed.tokens().length;
                held[text.slot] = Arrays.copyOf(text.tokens, text.position);
                float[][] right = alone(model, held[text.slot]);
                for (int j = 1; j <= feed.logits().length; j++) {
                    if (Arrays.mismatch(right[text.position - j], feed.logits()[feed.logits().length - j]) >= 0) {
                        return "%s, slot %d, position %d".formatted(model.name(), text.slot, text.position - j);
                    }
                }
            }
            running.removeIf(text -> text.position == text.tokens.length);
        }
        return null;
    }

    /**
     * A text in a free slot; it takes over what another slot, or its own, holds of its beginning, but for its last
     * token.
     */
    private static Text begin(
            BatchDecoder decoder, Random random, int[] beginning, int vocabulary, int[][] held, List<Text> running) {
        int[] free = java.util.stream.IntStream.range(0, decoder.slots())
                .filter(slot -> running.stream().noneMatch(text -> text.slot == slot))
                .toArray();
        int slot = free[random.nextInt(free.length)];
        int[] tokens = random.ints(1 + random.nextInt(CAPACITY), 0, vocabulary).toArray();
        System.arraycopy(beginning, 0, tokens, 0, Math.min(tokens.length, random.nextInt(beginning.length + 1)));
        int source = random.nextInt(decoder.slots());
        int different = Arrays.mismatch(tokens, held[source]);
        int common = Math.min(different < 0 ? tokens.length : different, tokens.length - 1);
        Text text = new Text(tokens, slot);
        decoder.copy(source, slot, common);
        text.position = common;
        held[slot] = Arrays.copyOf(tokens, common);
        return text;
    }

    /**
     * REQ-DEC-006: alone, or among others, in every slot, with and without a beginning taken over, on 1 to 8 threads.
     */
    @Property(tries = 60)
    void whoElseIsThereChangesNoBit(
            @ForAll @IntRange(min = 1, max = 32) int slots,
            @ForAll @IntRange(min = 1, max = 8) int threads,
            @ForAll long seed) {
        try (Arena arena = Arena.ofShared();
                PlainBackend backend = new PlainBackend(threads)) {
            for (Model model : DecoderCases.all(arena)) {
                try (BatchDecoder decoder = backend.batchDecoder(model.weights(), CAPACITY, slots)) {
                    assertNull(difference(model, decoder, new Random(seed), slots + 4));
                }
            }
        }
    }

    /** What can go wrong in a decoder with slots. */
    private enum Fault {
        /** A slot that a new text gets still holds the one before. */
        STALE_SLOT,
        /** A beginning is taken over from the slot beside the right one. */
        FOREIGN_PREFIX,
        /** A token also sees the position behind it. */
        MASK_ONE_FURTHER,
        /** A token does not see itself. */
        MASK_ONE_SHORTER,
        /** Two feeds change their slots. */
        SLOTS_SWAPPED,
        /** A token stands a position later. */
        ROTATED_ONE_FURTHER
    }

    private static final class Faulty extends ForwardingBatchDecoder {
        private final Fault fault;

        private Faulty(BatchDecoder right, Fault fault) {
            super(right);
            this.fault = fault;
        }

        @Override
        public void forward(List<Feed> feeds) {
            if (fault == Fault.SLOTS_SWAPPED) {
                for (int i = 0; i < feeds.size(); i++) {
                    for (int j = i + 1; j < feeds.size(); j++) {
                        if (interchangeable(feeds.get(i), feeds.get(j))) {
                            List<Feed> swapped = new ArrayList<>(feeds);
                            swapped.set(i, in(feeds.get(j).slot(), feeds.get(i)));
                            swapped.set(j, in(feeds.get(i).slot(), feeds.get(j)));
                            right.forward(swapped);
                            return;
                        }
                    }
                }
            }
            right.forward(feeds);
        }

        /**
         * After the start of a text, so that the slots hold something; as long, so that the slots are as full
         * afterwards.
         */
        private static boolean interchangeable(Feed a, Feed b) {
            return a.position() > 0 && a.position() == b.position() && a.tokens().length == b.tokens().length;
        }

        private static Feed in(int slot, Feed feed) {
            return new Feed(slot, feed.tokens(), feed.position(), feed.logits());
        }

        @Override
        public void copy(int from, int to, int positions) {
            switch (fault) {
                case STALE_SLOT -> {
                    if (right.fed(to) < positions) {
                        right.copy(from, to, positions);
                    } else {
                        right.copy(to, to, positions);
                    }
                }
                case FOREIGN_PREFIX -> {
                    int beside = (from + 1) % right.slots();
                    right.copy(right.fed(beside) >= positions ? beside : from, to, positions);
                }
                default -> right.copy(from, to, positions);
            }
        }
    }

    private static TransformerOperations faulty(TransformerOperations right, Fault fault) {
        return (TransformerOperations) Proxy.newProxyInstance(
                TransformerOperations.class.getClassLoader(),
                new Class<?>[] {TransformerOperations.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("attend")) {
                        shiftMask(method, arguments, fault);
                    }
                    if (method.getName().equals("rotate") && fault == Fault.ROTATED_ONE_FURTHER) {
                        // The table of the token behind it, where there is one.
                        int pairs = (int) arguments[6];
                        if ((int) arguments[5] + 2 * pairs <= ((float[]) arguments[3]).length) {
                            arguments[5] = (int) arguments[5] + pairs;
                        }
                    }
                    try {
                        return method.invoke(right, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void shiftMask(Method method, Object[] arguments, Fault fault) {
        assertEquals(1, method.getParameterCount());
        AttentionHeads heads = (AttentionHeads) arguments[0];
        if (fault == Fault.MASK_ONE_FURTHER && heads.last() + 1 < CAPACITY) {
            arguments[0] = until(heads, heads.last() + 1);
        }
        if (fault == Fault.MASK_ONE_SHORTER && heads.last() > heads.first()) {
            arguments[0] = until(heads, heads.last() - 1);
        }
    }

    private static AttentionHeads until(AttentionHeads h, int last) {
        return new AttentionHeads(
                h.query(),
                h.queryFrom(),
                h.count(),
                h.keys(),
                h.values(),
                h.size(),
                h.first(),
                last,
                h.scale(),
                h.cap(),
                h.output(),
                h.outputFrom());
    }

    /** REQ-DEC-006: seeded faults, each seen by the same comparison that the property makes. */
    @Test
    void faultsOfSlotsAreSeen() {
        try (Arena arena = Arena.ofShared();
                PlainBackend backend = new PlainBackend(2)) {
            Model model = DecoderCases.all(arena).getFirst();
            for (Fault fault : Fault.values()) {
                try (BatchDecoder decoder = new HostDecoder(
                        backend,
                        faulty(backend.operations(), fault),
                        backend.workers(),
                        model.weights(),
                        CAPACITY,
                        6)) {
                    assertNotEquals(
                            null, difference(model, new Faulty(decoder, fault), new Random(7), 60), fault::name);
                }
            }
        }
    }

    /** REQ-DEC-006: more tokens than go through the layers together. */
    @Test
    void longPromptsBesideEachOther() {
        try (Arena arena = Arena.ofShared();
                PlainBackend backend = new PlainBackend(3)) {
            Model model = DecoderCases.all(arena).getFirst();
            int vocabulary = model.weights().config().vocabulary();
            int[][] texts = new int[3][];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = new Random(i).ints(100 + 30 * i, 0, vocabulary).toArray();
            }
            try (BatchDecoder decoder = backend.batchDecoder(model.weights(), 200, 3)) {
                List<Feed> feeds = new ArrayList<>();
                for (int i = 0; i < texts.length; i++) {
                    feeds.add(new Feed(i, texts[i], 0, new float[2 + i][vocabulary]));
                }
                decoder.forward(feeds);
                for (int i = 0; i < texts.length; i++) {
                    float[][] right = new float[2 + i][vocabulary];
                    try (Decoder single = backend.decoder(model.weights(), 200)) {
                        single.forward(texts[i], 0, right);
                    }
                    assertTrue(Arrays.deepEquals(right, feeds.get(i).logits()), "text " + i);
                    assertEquals(texts[i].length, decoder.fed(i));
                }
            }
        }
    }

    @Test
    void refusals() {
        try (Arena arena = Arena.ofShared();
                PlainBackend backend = new PlainBackend(1)) {
            Model model = DecoderCases.all(arena).getFirst();
            assertThrows(IllegalArgumentException.class, () -> backend.batchDecoder(model.weights(), 8, 0));
            assertThrows(IllegalArgumentException.class, () -> backend.batchDecoder(model.weights(), 0, 1));
            try (BatchDecoder decoder = backend.batchDecoder(model.weights(), 8, 2)) {
                Feed feed = new Feed(0, new int[] {1}, 0, new float[0][]);
                assertMessage("nothing to feed", () -> decoder.forward(List.of()));
                assertMessage(
                        "slot 2: there are 2",
                        () -> decoder.forward(List.of(new Feed(2, new int[] {1}, 0, new float[0][]))));
                assertMessage(
                        "slot -1", () -> decoder.forward(List.of(new Feed(-1, new int[] {1}, 0, new float[0][]))));
                assertMessage("slot 0 is fed twice", () -> decoder.forward(List.of(feed, feed)));
                assertMessage(
                        "only 0 positions",
                        () -> decoder.forward(List.of(feed, new Feed(1, new int[] {1}, 1, new float[0][]))));
                assertEquals(0, decoder.fed(0), "nothing is fed where a feed is refused");
                decoder.forward(List.of(feed));
                assertMessage("2 positions of slot 0: 1 were fed", () -> decoder.copy(0, 1, 2));
                decoder.copy(0, 1, 1);
                assertEquals(1, decoder.fed(1));
                decoder.release(0);
                assertEquals(0, decoder.fed(0));
                assertEquals(1, decoder.fed(1));
            }
        }
    }

    private static void assertMessage(String part, org.junit.jupiter.api.function.Executable action) {
        String message = assertThrows(IllegalArgumentException.class, action).getMessage();
        assertTrue(message.contains(part), message);
    }
}
