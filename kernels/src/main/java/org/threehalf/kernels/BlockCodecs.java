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
            CODECS.put(format, format.traits().windowed() ? new WindowCodec(format.traits()) : new CodeCodec(format.traits()));
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
            this(traits.evenBits(), traits.oddBits(), traits.even().toArray(), traits.odd().toArray());
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
    private record WindowCodec(int evenBits, int oddBits, byte[] table) implements BlockCodec {

        WindowCodec(FormatTraits traits) {
            this(traits.evenBits(), traits.oddBits(), traits.even().toArray());
        }

        @Override
        public void pack(byte[] codes, int blocks, byte[] packed) {
            for (int b = 0; b < blocks; b++) {
                TrellisCoding.pack(evenBits, oddBits, codes, Format.BLOCK * b, packed, 4 * (evenBits + oddBits) * b);
            }
        }

        @Override
        public void unpack(byte[] packed, int blocks, byte[] codes) {
            for (int b = 0; b < blocks; b++) {
                TrellisCoding.unpack(evenBits, oddBits, packed, 4 * (evenBits + oddBits) * b, codes, Format.BLOCK * b);
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
    }
}
