package org.threehalf.inference.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.kernels.format.Format;

/** Sizes against sums done by hand from the published shapes. */
class ModelPlanTest {

    private static ModelPlan plan(String name, Format format) {
        return ModelPlan.of(ModelShape.named(name), format);
    }

    /** 2·128256·8192 + 80·(2·8192² + 2·1024·8192 + 3·28672·8192) + norms: the published 70.6 billion. */
    @Test
    void llama70bHasItsPublishedWeights() {
        long matrices = 2L * 128_256 * 8192 + 80 * (2L * 8192 * 8192 + 2L * 1024 * 8192 + 3L * 28_672 * 8192);
        assertEquals(70_553_706_496L, matrices + 161 * 8192L);
        assertEquals(matrices + 161 * 8192L, plan("llama-70b", Format.G35).weights());
    }

    /**
     * A row of 8192 in G35 is 128 blocks of 28 bytes, 64 bytes of sub-scales and 4 of scale; one of 28,672 is 448
     * blocks.
     */
    @Test
    void llama70bInG35AddsUp() {
        long row = 128 * 28 + 64 + 4;
        long wide = 448 * 28 + 224 + 4;
        long bytes = 2L * 128_256 * row
                + 80 * ((8192L + 2 * 1024 + 8192 + 2L * 28_672) * row + 8192L * wide)
                + 161 * 8192L * 4;
        ModelPlan plan = plan("llama-70b", Format.G35);
        assertEquals(bytes, plan.bytes());
        assertTrue(plan.bytes() > 30.6e9 && plan.bytes() < 31.6e9, plan.bytes() + " bytes");
        // Never below 3.5 bits a weight.
        assertTrue(plan.bitsPerWeight() > 3.5 && plan.bitsPerWeight() < 3.58, plan.bitsPerWeight() + " bits");
    }

    /** Published counts, in billions, to the places given. */
    @Test
    void publishedCounts() {
        assertEquals(8.03, plan("llama-8b", Format.U4).weights() / 1e9, 0.005);
        assertEquals(405.85, plan("llama-405b", Format.U4).weights() / 1e9, 0.01);
        assertEquals(46.70, plan("mixtral-8x7b", Format.U4).weights() / 1e9, 0.01);
        assertEquals(7.24, plan("mistral-7b", Format.U4).weights() / 1e9, 0.005);
        assertEquals(72.7, plan("qwen2-72b", Format.U4).weights() / 1e9, 0.05);
        assertEquals(268_098_176L, plan("gemma3-270m", Format.U4).weights());
    }

    /** Two of eight experts are read for a token. */
    @Test
    void aTokenOfMixtralReadsTwoExperts() {
        ModelPlan plan = plan("mixtral-8x7b", Format.U35);
        ModelPlan.Part gate = plan.parts().stream()
                .filter(p -> p.name().equals("gate"))
                .findFirst()
                .orElseThrow();
        assertEquals(gate.bytes(), 4 * gate.bytesPerToken());
        assertTrue(plan.bytesPerToken() < plan.bytes() * 0.29);
    }

    /** Keys and values of 80 layers, 8 heads of 128, in binary32: 655,360 bytes a position. */
    @Test
    void cacheGrowsWithTheContext() {
        assertEquals(655_360L * 8192, plan("llama-70b", Format.G35).cacheBytes(8192));
        ModelPlan gemma = plan("gemma3-270m", Format.G35);
        long position = 2L * 256 * 4;
        // Of 18 layers, 3 keep everything.
        assertEquals(position * (15 * 512 + 3 * 4096), gemma.cacheBytes(4096));
        assertEquals(position * 18 * 4096, gemma.fullCacheBytes(4096));
    }

    @Test
    void theRateIsBandwidthByBytes() {
        ModelPlan plan = plan("llama-70b", Format.G35);
        assertEquals(100e9 / (plan.bytesPerToken() + 655_360.0 * 2048), plan.tokensPerSecond(100e9, 2048), 1e-9);
    }

    /** REQ-FMT-003: 53,248 columns are more than a G format takes. */
    @Test
    void matricesThatAreTooWideAreCut() {
        assertEquals(2, plan("llama-405b", Format.G35).cuts());
        assertEquals(1, plan("llama-405b", Format.U35).cuts());
        assertEquals(1, plan("llama-70b", Format.G35).cuts());
    }

    @Test
    void unknownNames() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ModelShape.named("gpt-9"))
                .getMessage()
                .contains("llama-70b"));
    }
}
