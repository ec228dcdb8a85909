package org.threehalf.backends.groq.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

class LpuPlanTest {

    private static final int CONTEXT = 2048;

    private static LpuPlan plan(Format format) {
        return LpuPlan.of(ModelShape.named("llama2-70b"), format, CONTEXT, Chip.TSP);
    }

    /**
     * Bytes and chips of LLaMA 70B in INT8, by hand: a layer has 2·8192² + 2·1024·8192 + 3·28672·8192 weights and 8192
     * + 2·1024 + 8192 + 2·28672 + 8192 rows.
     */
    @Test
    void bytesByHand() {
        long weights = 2L * 8192 * 8192 + 2L * 1024 * 8192 + 3L * 28_672 * 8192;
        long rows = 3L * 8192 + 2L * 1024 + 2L * 28_672;
        long bytes = 80 * (weights + 4 * rows) + 32_000L * 8192 + 4 * 32_000;
        LpuPlan plan = plan(Format.INT8);
        assertEquals(bytes, plan.weightBytes());
        assertEquals(2L * 1024 * 4 * 2048 * 80, plan.cacheBytes());
        double room = Math.floor((220L << 20) * 0.9);
        int perLayer = (int) Math.ceil((weights + 4 * rows + 2.0 * 1024 * 4 * 2048) / room);
        assertEquals(5, perLayer);
        assertEquals(perLayer, plan.chipsPerLayer());
        assertEquals(80 * perLayer + 2, plan.chips());
    }

    /**
     * A product by hand: W_down of 8192 x 28672 in INT8 on c chips loads ⌈⌈8192/c⌉/320⌉ · 90 tiles of 102,400 weights,
     * 10,240 a cycle, after 200 cycles.
     */
    @Test
    void cyclesByHand() {
        LpuPlan plan = plan(Format.INT8);
        long rows = (8192 + plan.chipsPerLayer() - 1) / plan.chipsPerLayer();
        long expected = (rows + 319) / 320 * 90 * 10 + 200;
        LpuPlan.Step down = plan.schedule().stream()
                .filter(step -> step.name().equals("down"))
                .findFirst()
                .orElseThrow();
        assertEquals(expected, down.cycles());
        assertEquals("loading weights", down.boundBy());
    }

    /** Steps follow each other without gaps, none is free, and the layer is their sum. */
    @ParameterizedTest
    @EnumSource(Format.class)
    void schedule(Format format) {
        long next = 0;
        for (LpuPlan.Step step : plan(format).schedule()) {
            assertEquals(next, step.start(), step.name());
            assertTrue(step.cycles() >= Chip.TSP.stepCycles(), step.name());
            next += step.cycles();
        }
        assertEquals(next, plan(format).layerCycles());
    }

    /**
     * One stream is never faster than all its layers one after the other, and a full pipeline never more than its
     * streams times as fast.
     */
    @ParameterizedTest
    @EnumSource(Format.class)
    void rates(Format format) {
        LpuPlan plan = plan(format);
        assertTrue(plan.secondsPerToken() >= 80 * plan.layerCycles() / Chip.TSP.clock());
        assertTrue(plan.chips() * 0.9 * (220L << 20) >= plan.weightBytes() + plan.cacheBytes(), "all must fit");
        assertTrue(plan.pipelinedTokensPerSecond() >= plan.tokensPerSecond());
        assertTrue(
                plan.pipelinedTokensPerSecond() <= plan.streams() * plan.tokensPerSecond() * 1.5,
                "the output matrix and hops are all that is outside of the layers");
    }

    /**
     * The rates of INT8 and G35 by hand: 80 times a layer's cycles at 900 MHz and four exchanges of 1 µs; the output
     * matrix, which 2 chips (INT8) or one (G35) hold; 81 hops. Energy: all chips at 240 W.
     */
    @Test
    void ratesByHand() {
        LpuPlan int8 = plan(Format.INT8);
        assertEquals(23_837, int8.layerCycles());
        // 16,000 rows are 50 tiles by 26: 1,300 tiles of 102,400 weights, 10,240 a cycle.
        assertEquals(13_000 + 200, int8.output().cycles());
        double seconds = 80 * (23_837 / 900e6 + 4e-6) + 13_200 / 900e6 + 81e-6;
        assertEquals(seconds, int8.secondsPerToken(), 1e-12);
        assertEquals(394.5, int8.tokensPerSecond(), 0.1);
        assertEquals(402 * 240 * seconds, int8.joulesPerToken(), 1e-9);
        assertEquals(1 / (23_837 / 900e6 + 4e-6), int8.pipelinedTokensPerSecond(), 1e-6);
        LpuPlan g35 = plan(Format.G35);
        // 25 operations a weight of T4 and 19 of T3, 22 on average, and two for each block's sub-scale.
        long output = (22L * 32_000 * 8_192 + 2L * 32_000 * 128 + 5_119) / 5_120 + 200;
        assertEquals(output, g35.output().cycles());
        seconds = 80 * (1_850_533 / 900e6 + 4e-6) + output / 900e6 + 81e-6;
        assertEquals(seconds, g35.secondsPerToken(), 1e-12);
        assertEquals(161 * 240 * seconds, g35.joulesPerToken(), 1e-6);
    }

    /**
     * A full context's attention by hand, on two chips: 64 heads of 128 over 2,048 positions, 4 operations an element
     * and 25 for each exp.
     */
    @Test
    void attentionByHand() {
        long operations = 64L * 2_048 * (4 * 128 + 25);
        LpuPlan.Step attention = plan(Format.G35).schedule().stream()
                .filter(step -> step.name().equals("attention"))
                .findFirst()
                .orElseThrow();
        assertEquals((operations + 2 * 5_120 - 1) / (2 * 5_120) + 200, attention.cycles());
    }

    /** Every figure is listed with a source, and one that nobody published is called an assumption. */
    @Test
    void everyFigureHasASource() {
        for (Chip.Figure figure : Chip.figures()) {
            assertTrue(
                    figure.source().contains("ISCA")
                            || figure.source().contains("product brief")
                            || figure.source().startsWith("an assumption"),
                    figure.what());
        }
    }

    /** Layers that are small share a chip, and take turns on it. */
    @Test
    void smallLayersShareAChip() {
        LpuPlan plan = LpuPlan.of(ModelShape.named("llama2-7b"), Format.G3, 16, Chip.TSP);
        assertEquals(1, plan.chipsPerLayer());
        assertEquals(16, plan.streams());
        assertEquals(16 + 1, plan.chips());
        assertEquals(Chip.TSP.clock() / (2 * plan.layerCycles()), plan.pipelinedTokensPerSecond(), 1e-6);
    }

    /** The operations that unpacking is counted with are those that the generator emits. */
    @ParameterizedTest
    @EnumSource(Format.class)
    void operationsAreThoseOfTheModules(Format format) {
        String module = new ProductGenerator().product(format, 64, 64, 1).print();
        Matcher bodies = Pattern.compile(
                        "\\(\\{\n((?:(?!\\(\\{).)*?)\\}\\) \\{threehalf\\.role = \"unpack\"\\}", Pattern.DOTALL)
                .matcher(module);
        double most = 0;
        while (bodies.find()) {
            long operations = bodies.group(1)
                    .lines()
                    .filter(line -> line.contains("\"arith.") && !line.contains("arith.constant"))
                    .count();
            most = Math.max(most, operations);
        }
        FormatTraits traits = format.traits().withoutWindows();
        Codebook larger =
                LpuPlan.operations(traits.even()) >= LpuPlan.operations(traits.odd()) ? traits.even() : traits.odd();
        assertEquals(LpuPlan.operations(larger), most);
    }
}
