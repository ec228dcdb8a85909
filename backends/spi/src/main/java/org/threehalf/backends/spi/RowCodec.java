package org.threehalf.backends.spi;

import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;

/**
 * What is done with rows ahead of time: quantising, packing, unpacking. Conformance judges it; nothing that runs a
 * model asks a device for it.
 */
public interface RowCodec {
    /** The reference kernels on the host. */
    RowCodec REFERENCE = new RowCodec() {};

    /** Quantises a row of weights (REQ-QNT-005 to REQ-QNT-012). */
    default QuantizedRow quantize(Format format, float[] weights) {
        return QuantizedRow.quantize(format, weights);
    }

    /** A row's packed codes (REQ-PCK-001 to REQ-PCK-005). */
    default byte[] packCodes(QuantizedRow row) {
        return row.packedCodes();
    }

    /** A row's packed sub-scales (REQ-PCK-006). */
    default byte[] packSubscales(QuantizedRow row) {
        return row.packedSubscales();
    }

    /** A row from its packed bytes (REQ-PCK-008). */
    default QuantizedRow unpack(Format format, int columns, float scale, byte[] codes, byte[] subscales) {
        return QuantizedRow.unpack(format, columns, scale, codes, subscales);
    }

    /** A row's binary32 weights (REQ-FMT-006). */
    default float[] dequantize(QuantizedRow row) {
        return row.dequantize();
    }
}
