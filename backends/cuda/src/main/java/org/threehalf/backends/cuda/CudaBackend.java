package org.threehalf.backends.cuda;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.HostDecoder;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.ScalarOperations;
import org.threehalf.kernels.transformer.TransformerOperations;

/** The backend on any {@link CudaDevice}. */
final class CudaBackend implements Backend {
    private final String name;
    private final CudaDevice device;
    private final Scratch activations;
    private final Scratch codes;
    private final Scratch scales;
    private final Scratch results;

    /**
     * A backend that owns the device.
     *
     * @param name the provider's name
     */
    CudaBackend(String name, CudaDevice device) {
        this.name = name;
        this.device = device;
        this.activations = new Scratch(device, "activations");
        this.codes = new Scratch(device, "quantised activations");
        this.scales = new Scratch(device, "scales of activations");
        this.results = new Scratch(device, "results");
    }

    @Override
    public String name() {
        return name;
    }

    /** The device. */
    CudaDevice device() {
        return device;
    }

    @Override
    public QuantizedToken quantize(float[] activations) {
        int columns = activations.length;
        if (columns == 0) {
            return QuantizedToken.of(activations);
        }
        DeviceMemory x = this.activations.atLeast((long) columns * Float.BYTES);
        DeviceMemory quantized = codes.atLeast(TokenLayout.bytes(columns));
        DeviceMemory scale = scales.atLeast(2 * Float.BYTES);
        int[] refused = {-1};
        device.upload(MemorySegment.ofArray(activations), x, 0);
        device.upload(MemorySegment.ofArray(refused), scale, Float.BYTES);
        device.launch(Launch.of("quantize", 1, 1, 256)
                .pointer(x)
                .int32(columns)
                .int32(Format.blocks(columns))
                .pointer(quantized)
                .pointer(scale)
                .pointer(scale, Float.BYTES));
        device.download(scale, Float.BYTES, MemorySegment.ofArray(refused));
        if (refused[0] != -1) {
            throw new IllegalArgumentException("activation %d is %s: it must be finite and at most 2^56 in magnitude"
                    .formatted(refused[0], activations[refused[0]]));
        }
        float[] tokenScale = new float[1];
        byte[] arranged = new byte[Math.toIntExact(TokenLayout.bytes(columns))];
        device.download(scale, 0, MemorySegment.ofArray(tokenScale));
        device.download(quantized, 0, MemorySegment.ofArray(arranged));
        return new QuantizedToken(tokenScale[0], TokenLayout.restored(arranged, columns));
    }

    @Override
    public float output(int sum, float rowScale, float activationScale) {
        DeviceMemory y = results.atLeast(Float.BYTES);
        device.launch(Launch.of("output", 1, 1, 32)
                .int32(sum)
                .float32(rowScale)
                .float32(activationScale)
                .pointer(y));
        float[] result = new float[1];
        device.download(y, 0, MemorySegment.ofArray(result));
        return result[0];
    }

    @Override
    public CudaMatrix load(PackedMatrix matrix) {
        return new CudaMatrix(this, new ResidentMatrix(device, matrix));
    }

    @Override
    public TransformerOperations operations() {
        return new CudaOperations(device);
    }

    /**
     * On the device; a model with rotated matrices has all but its products on the host, which rotates, and so has one
     * with experts, whose step is not there.
     */
    @Override
    public Decoder decoder(DecoderWeights weights, int capacity) {
        return weights.anyRotated() || weights.hasExperts()
                ? new HostDecoder(this, new ScalarOperations(), workers(), weights, capacity, 1)
                : new CudaDecoder(device, weights, capacity);
    }

    /** Uploads tokens one after the other; {@link #codes} and {@link #scales} hold them until the next upload. */
    private void upload(List<QuantizedToken> tokens) {
        long tokenBytes = TokenLayout.bytes(tokens.getFirst().columns());
        DeviceMemory toCodes = codes.atLeast(tokens.size() * tokenBytes);
        DeviceMemory toScales = scales.atLeast((long) tokens.size() * Float.BYTES);
        float[] all = new float[tokens.size()];
        for (int t = 0; t < all.length; t++) {
            all[t] = tokens.get(t).scale();
            device.upload(
                    MemorySegment.ofArray(TokenLayout.arranged(tokens.get(t).codes())), toCodes, t * tokenBytes);
        }
        device.upload(MemorySegment.ofArray(all), toScales, 0);
    }

    /** I of one token, to host memory. */
    void product(ResidentMatrix matrix, QuantizedToken token, int[] sums) {
        upload(List.of(token));
        DeviceMemory to = results.atLeast((long) matrix.rows() * Integer.BYTES);
        matrix.sums(codes.atLeast(0), scales.atLeast(0), to);
        device.download(to, 0, MemorySegment.ofArray(sums));
    }

    /** y of several tokens, to host memory. */
    void product(ResidentMatrix matrix, List<QuantizedToken> tokens, List<float[]> y) {
        upload(tokens);
        long rowBytes = (long) matrix.rows() * Float.BYTES;
        DeviceMemory to = results.atLeast(tokens.size() * rowBytes);
        matrix.multiply(codes.atLeast(0), scales.atLeast(0), tokens.size(), to);
        for (int t = 0; t < y.size(); t++) {
            device.download(to, t * rowBytes, MemorySegment.ofArray(y.get(t)));
        }
    }

    @Override
    public void close() {
        List.of(activations, codes, scales, results).forEach(Scratch::close);
        device.close();
    }
}
