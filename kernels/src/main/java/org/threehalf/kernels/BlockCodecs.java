package org.threehalf.kernels;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.threehalf.kernels.format.BlockCodec;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;
import org.threehalf.kernels.reference.RowPacking;
import org.threehalf.kernels.reference.TrellisCoding;

/** The codec of each format, by the reference kernels. */
public final class BlockCodecs {
    private static final Map<Format, BlockCodec> CODECS = new EnumMap<>(Format.class);

    static {
        for (Format format : Format.values()) {
            CODECS.put(
                    format,
                    format.traits().windowed() ? new WindowCodec(format.traits()) : new CodeCodec(format.traits()));
        }
    }

    private BlockCodecs() {}

    /** The codec of a format. */
    public static BlockCodec of(Format format) {
        return CODECS.get(format);
    }

    /** Blocks of two halves of codes, each of which is an index into its input's table (REQ-PCK-001). */
    private record CodeCodec(int evenBits, int oddBits, byte[] even, byte[] odd) implements BlockCodec {

        CodeCodec(FormatTraits traits) {
            this(
                    traits.evenBits(),
                    traits.oddBits(),
                    traits.even().toArray(),
                    traits.odd().toArray());
        }

        @Override
        public void pack(byte[] codes, int blocks, byte[] packed) {
            RowPacking.pack(evenBits, oddBits, codes, blocks, packed);
        }

        @Override
        public void unpack(byte[] packed, int blocks, byte[] codes) {
            RowPacking.unpack(evenBits, oddBits, packed, blocks, codes);
        }

        @Override
        public void integers(byte[] codes, byte[] integers) {
            for (int k = 0; k < codes.length; k++) {
                integers[k] = (k % 2 == 0 ? even : odd)[codes[k] & 0xff];
            }
        }
    }

    /** Blocks that are strings of codes, whose windows are the indexes (REQ-FMT-009, REQ-PCK-009). */
    private static final class WindowCodec implements BlockCodec {
        private final int evenBits;
        private final int oddBits;
        private final int blockBytes;
        private final byte[] table;
        /**
         * Where each input's window begins: the byte of its first bit, the byte behind that one (the string goes
         * round), and the bit in it.
         */
        private final int[] low = new int[Format.BLOCK];

        private final int[] high = new int[Format.BLOCK];
        private final int[] shift = new int[Format.BLOCK];

        WindowCodec(FormatTraits traits) {
            evenBits = traits.evenBits();
            oddBits = traits.oddBits();
            blockBytes = 4 * traits.pairBits();
            table = traits.even().toArray();
            for (int i = 0; i < Format.BLOCK; i++) {
                int bit = traits.pairBits() * (i / 2) + evenBits * (i % 2);
                low[i] = bit / 8;
                high[i] = (bit / 8 + 1) % blockBytes;
                shift[i] = bit % 8;
            }
        }

        @Override
        public void pack(byte[] codes, int blocks, byte[] packed) {
            for (int b = 0; b < blocks; b++) {
                TrellisCoding.pack(evenBits, oddBits, codes, Format.BLOCK * b, packed, blockBytes * b);
            }
        }

        @Override
        public void unpack(byte[] packed, int blocks, byte[] codes) {
            for (int b = 0; b < blocks; b++) {
                TrellisCoding.unpack(evenBits, oddBits, packed, blockBytes * b, codes, Format.BLOCK * b);
            }
        }

        @Override
        public void integers(byte[] codes, byte[] integers) {
            int blocks = Format.blocks(codes.length);
            byte[] whole = Arrays.copyOf(codes, blocks * Format.BLOCK);
            byte[] results = new byte[whole.length];
            for (int b = 0; b < blocks; b++) {
                TrellisCoding.integers(evenBits, oddBits, whole, Format.BLOCK * b, table, results);
            }
            System.arraycopy(results, 0, integers, 0, codes.length);
        }

        /**
         * A window is eight bits of the string in a row: cut out at once, without the codes between, wherever all codes
         * of a block are below K.
         */
        @Override
        public void packedIntegers(byte[] packed, byte[] integers) {
            int whole = integers.length / Format.BLOCK;
            for (int b = 0; b < whole; b++) {
                int at = blockBytes * b;
                for (int i = 0; i < Format.BLOCK; i++) {
                    int bits = packed[at + low[i]] & 0xff | (packed[at + high[i]] & 0xff) << 8;
                    integers[Format.BLOCK * b + i] = table[bits >> shift[i] & 0xff];
                }
            }
            int rest = integers.length - Format.BLOCK * whole;
            if (rest > 0) {
                byte[] last = new byte[rest];
                BlockCodec.super.packedIntegers(
                        Arrays.copyOfRange(packed, blockBytes * whole, blockBytes * (whole + 1)), last);
                System.arraycopy(last, 0, integers, Format.BLOCK * whole, rest);
            }
        }
    }
}
