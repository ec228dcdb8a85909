package org.threehalf.backends.groq.plan;

import java.util.List;

/**
 * A chip like Groq's first TSP, from public figures.
 *
 * @param sramBytes memory
 * @param usable the part of it that weights and the cache may take; the rest is for activations and instructions
 * @param lanes lanes of a vector, and rows and columns of a matrix plane
 * @param planes matrix planes
 * @param weightsPerCycle int8 weights a cycle into the planes
 * @param vectorOperationsPerCycle operations a cycle of the vector unit, over all lanes
 * @param clock cycles a second
 * @param hopSeconds from one chip to another
 * @param stepCycles cycles before a step that waits for the one before it gives its first result
 * @param watts of a card
 */
public record Chip(
        long sramBytes,
        double usable,
        int lanes,
        int planes,
        int weightsPerCycle,
        int vectorOperationsPerCycle,
        double clock,
        double hopSeconds,
        int stepCycles,
        double watts) {

    /** Groq's first TSP. */
    public static final Chip TSP = new Chip(220L << 20, 0.9, 320, 4, 409_600 / 40, 5_120, 900e6, 1e-6, 200, 240);

    /**
     * A figure and where it is from.
     *
     * @param what which one, for a person
     * @param value with its unit
     * @param source the publication
     */
    public record Figure(String what, String value, String source) {}

    /** The figures of {@link #TSP} with their sources. */
    public static List<Figure> figures() {
        String isca2020 = "Abts et al., Think Fast: A Tensor Streaming Processor, ISCA 2020";
        String isca2022 = "Abts et al., A software-defined tensor streaming multiprocessor, ISCA 2022";
        return List.of(
                new Figure("memory", "220 MiB (230 MB) of SRAM", isca2022),
                new Figure("clock", "900 MHz, nominal", isca2020),
                new Figure("lanes", "320: 20 superlanes of 16", isca2020),
                new Figure("matrix unit", "4 planes of 320 x 320, int8 x int8 into int32", isca2020),
                new Figure(
                        "weights into the planes",
                        "409,600 in 40 cycles: 10,240 a cycle, 9.2 TB/s",
                        isca2020 + "; by memory, not read again for this"),
                new Figure(
                        "on-chip memory bandwidth",
                        "80 TB/s: above what the planes can take in, so it bounds nothing here",
                        "Groq's product brief; not read again for this"),
                new Figure("vector unit", "16 ALUs a lane: 5,120 operations a cycle", isca2020),
                new Figure(
                        "chip to chip",
                        "1 us a hop; a layer on several chips makes four, and each group of chips hands on with one",
                        "an assumption; ISCA 2022 says below 3 us from end to end of its largest network"),
                new Figure(
                        "vector work",
                        "operations an element: norm and quantising 12, rotation 3, exp 25, activation, gate and quantising 37, quantising alone 8",
                        "an assumption: counted from spec/INFERENCE.md and rounded"),
                new Figure(
                        "attention",
                        "4 vector operations a position and element of a head; keys and values in binary32 on the layer's chips",
                        "an assumption: two products and two sums, REQ-ATT-002 and REQ-ATT-005"),
                new Figure("usable memory", "90 %", "an assumption"),
                new Figure("latency of a dependent step", "200 cycles", "an assumption"),
                new Figure(
                        "power", "240 W a card, always on", "Groq's product brief, average; not read again for this"));
    }
}
