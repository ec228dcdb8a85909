package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;

class QuantizeCommandTest {

    @TempDir
    Path folder;

    /** REQ-FMT-008: the table's bits count everything, per matrix and in total. */
    @ParameterizedTest
    @EnumSource
    void writesAModelAndPrintsTheTable(Format format) throws IOException {
        Path model = Models.small(folder.resolve("m.gguf"));
        Path out = folder.resolve("q.gguf");
        CommandLines run = CommandLines.run(
                "quantize", model, out, "--format", format.name().toLowerCase(Locale.ROOT));
        assertEquals(0, run.code(), run::err);
        assertEquals(
                "note: the result cannot be run here: m.gguf: metadata general.architecture is missing\n",
                run.err(),
                "no terminal, no progress bar");
        List<String> lines = run.out().lines().toList();
        assertTrue(lines.get(0).startsWith("matrix"), lines.get(0));
        assertTrue(
                lines.get(1)
                        .matches("a\\.weight +F32 +3 x 70 +%s +%.4f +0\\.\\d{6} +\\d+\\.\\d\\d s"
                                .formatted(format, format.bitsPerWeight(3, 70))),
                lines.get(1));
        assertTrue(
                lines.get(2)
                        .matches("b\\.weight +F32 +2 x 64 +%s +%.4f +0\\.\\d{6} +\\d+\\.\\d\\d s"
                                .formatted(format, format.bitsPerWeight(2, 64))),
                lines.get(2));
        double bits = 8.0 * (format.matrixBytes(3, 70) + format.matrixBytes(2, 64)) / (3 * 70 + 2 * 64);
        assertTrue(lines.get(3).matches("total +338 +%.4f +0\\.\\d{6} +\\d+\\.\\d\\d s".formatted(bits)), lines.get(3));
        assertTrue(
                lines.get(5)
                        .startsWith("%s: %,d bytes (m.gguf: %,d), ".formatted(out, Files.size(out), Files.size(model))),
                lines.get(5));
        try (QuantizedModel quantized = QuantizedModel.open(out)) {
            assertEquals(
                    List.of("a.weight", "b.weight"),
                    List.copyOf(quantized.matrices().keySet()));
        }
    }

    /** Without a format the result is that of T35, rotated; either can be had without the other. */
    @Test
    void theDefaultIsT35Rotated() throws IOException {
        Path model = Models.tiny("qwen3");
        Path plain = folder.resolve("plain.gguf");
        assertEquals(0, CommandLines.run("quantize", model, plain).code());
        assertEquals(
                0,
                CommandLines.run("quantize", model, folder.resolve("named.gguf"), "--format", "t35", "--rotate")
                        .code());
        assertEquals(-1, Files.mismatch(plain, folder.resolve("named.gguf")));
        assertEquals(
                0,
                CommandLines.run("quantize", model, folder.resolve("straight.gguf"), "--no-rotate")
                        .code());
        assertEquals(
                0,
                CommandLines.run("quantize", model, folder.resolve("t35.gguf"), "--format", "t35")
                        .code());
        assertEquals(-1, Files.mismatch(folder.resolve("straight.gguf"), folder.resolve("t35.gguf")));
        assertNotEquals(-1, Files.mismatch(plain, folder.resolve("t35.gguf")));
    }

    /** What cannot be opened is refused before anything is written, and what can be run says nothing. */
    @Test
    void refusesWhatCannotBeOpened() throws IOException {
        Path out = folder.resolve("q.gguf");
        assertEquals(
                "",
                CommandLines.run("quantize", Models.tiny("qwen3"), out, "--format", "g4")
                        .err());
        Files.delete(out);
        Path model = folder.resolve("m.gguf");
        Models.changed("qwen3", model, "qwen3.rope.scaling.type", GgufValue.of("none of these"));
        assertNothingIsMadeOf(model, "m.gguf: rotary positions are scaled by 'none of these'");
        for (String lost : List.of("blk.1.attn_sinks.weight", "blk.0.attn_norm.weight", "output_norm.weight")) {
            Models.without(Models.tinyFolder("gpt-oss.gguf"), model, lost);
            assertNothingIsMadeOf(model, "m.gguf: tensor " + lost + " is missing");
        }
    }

    private void assertNothingIsMadeOf(Path model, String why) throws IOException {
        Path out = folder.resolve("q.gguf");
        for (List<?> command : List.of(
                List.of("quantize", model, out, "--format", "g4"),
                List.of("export", model, out, "--type", "f16"),
                List.of("generate", "-m", model, "-p", "a"))) {
            CommandLines run = CommandLines.run(command.toArray());
            assertEquals(1, run.code(), run::err);
            assertTrue(run.err().contains(why), run.err());
            try (Stream<Path> left = Files.list(folder)) {
                assertEquals(List.of(model), left.toList());
            }
        }
    }

    /** A key that nothing computes is in the result, too, and can be ignored there. */
    @Test
    void keysThatAreIgnoredLater() throws IOException {
        Path out = folder.resolve("q.gguf");
        Path odd = Models.changed("qwen3", folder.resolve("m.gguf"), "qwen3.new_scaling", GgufValue.ofUint32(2));
        for (List<?> command : List.of(
                List.of("quantize", odd, out, "--format", "g4"), List.of("export", odd, out, "--type", "f16", "-f"))) {
            CommandLines run = CommandLines.run(command.toArray());
            assertEquals(0, run.code(), run::err);
            assertTrue(
                    run.err()
                            .startsWith(
                                    "note: the result cannot be run here: m.gguf: metadata qwen3.new_scaling is not known"),
                    run.err());
            assertEquals(
                    0,
                    CommandLines.run("generate", "-m", out, "-p", "a", "-n", 1, "--ignore-key", "qwen3.new_scaling")
                            .code());
        }
    }

    /** What is wrong with OUT or a pattern is said without a Java class, before anything is read. */
    @Test
    void outAndPatterns() throws IOException {
        Path model = Models.small(folder.resolve("m.gguf"));
        for (String out :
                List.of("", folder.toString(), folder.resolve("missing/q.gguf").toString())) {
            CommandLines run = CommandLines.run("quantize", model, out, "--format", "g4");
            assertEquals(2, run.code(), out + ": " + run.err());
        }
        CommandLines run = CommandLines.run(
                "quantize", model, folder.resolve("q.gguf"), "--format", "g4", "--tensor-format", "(=g4");
        assertEquals(2, run.code());
        assertTrue(
                run.err().contains("'(' is no regular expression: Unclosed group")
                        && !run.err().contains("java."),
                run.err());
    }

    /** The totals count each matrix in its own format; the last pattern that matches counts. */
    @Test
    void formatsByTensor() throws IOException {
        Path model = Models.of(
                folder.resolve("m.gguf"),
                List.of(
                        new TensorInfo("token_embd.weight", TensorType.F32, List.of(64L, 2L)),
                        new TensorInfo("blk.0.a.weight", TensorType.F32, List.of(64L, 3L)),
                        new TensorInfo("blk.1.a.weight", TensorType.F32, List.of(64L, 3L))));
        Path out = folder.resolve("q.gguf");
        CommandLines run = CommandLines.run(
                "quantize",
                model,
                out,
                "--format",
                "g35",
                "--embedding-format",
                "int8",
                "--tensor-format",
                "blk\\..*=g4",
                "--tensor-format",
                "blk\\.1\\.a\\.weight=g3");
        assertEquals(0, run.code(), run::err);
        try (QuantizedModel quantized = QuantizedModel.open(out)) {
            assertEquals(
                    List.of(Format.INT8, Format.G4, Format.G3),
                    quantized.matrices().values().stream()
                            .map(matrix -> matrix.format())
                            .toList());
        }
        double bits = 8.0
                * (Format.INT8.matrixBytes(2, 64) + Format.G4.matrixBytes(3, 64) + Format.G3.matrixBytes(3, 64))
                / (8 * 64);
        assertTrue(run.out().contains(" %.4f ".formatted(bits)), run.out());
    }

    /** A calibrated file is has the same matrices and runs; a text that is too short, or none, leaves nothing. */
    @Test
    void calibration() throws IOException {
        Path model = Path.of(
                System.getProperty("threehalf.root", "."),
                "inference/src/test/resources/org/threehalf/inference/decoder/gemma3.gguf");
        Path text = Files.writeString(
                folder.resolve("t.txt"), "the another then at the end of that tenth month ".repeat(100));
        Path plain = folder.resolve("p.gguf");
        Path calibrated = folder.resolve("c.gguf");
        assertEquals(
                0, CommandLines.run("quantize", model, plain, "--format", "g35").code());
        CommandLines run = CommandLines.run(
                "quantize",
                model,
                calibrated,
                "--format",
                "g35",
                "--calibrate",
                text,
                text,
                "--calibrate-tokens",
                "1024");
        assertEquals(0, run.code(), run::err);
        assertTrue(run.out().matches("(?s).*calibrated on \\d+ tokens in \\d windows\\R"), run.out());
        assertTrue(
                run.err()
                        .matches(
                                "(?s).*note: --calibrate-tokens 1,024: windows are taken whole: 1,\\d{3} tokens in \\d windows\\R.*"),
                run.err());
        try (QuantizedModel one = QuantizedModel.open(plain);
                QuantizedModel other = QuantizedModel.open(calibrated)) {
            assertEquals(one.matrices().keySet(), other.matrices().keySet());
            assertTrue(run.out().contains(other.file().metadata().string("threehalf.quantizer")), run.out());
            assertFalse(one.matrices()
                    .get("token_embd.weight")
                    .row(3)
                    .equals(other.matrices().get("token_embd.weight").row(3)));
        }
        assertEquals(
                0,
                CommandLines.run("generate", "-m", calibrated, "-p", "the", "-n", 3)
                        .code());
        Path again = folder.resolve("again.gguf");
        Path parts = folder.resolve("parts");
        CommandLines resumable = CommandLines.run(
                "quantize",
                model,
                again,
                "--format",
                "g35",
                "--resume",
                parts,
                "--calibrate-tokens",
                "1024",
                "--calibrate",
                text,
                text);
        assertEquals(0, resumable.code(), resumable::err);
        assertEquals(-1, Files.mismatch(calibrated, again));
        assertFalse(Files.exists(parts), "what is finished needs no parts");
        CommandLines useless = CommandLines.run("quantize", model, folder.resolve("x.gguf"), "--resume", parts);
        assertEquals(2, useless.code());
        assertTrue(useless.err().contains("give --calibrate TEXT too"), useless.err());
        CommandLines unused =
                CommandLines.run("quantize", model, folder.resolve("x.gguf"), "--calibrate-tokens", 65536);
        assertEquals(2, unused.code(), unused::err);
        assertTrue(unused.err().contains("how much of --calibrate TEXT is taken"), unused.err());
        for (Path wrong : List.of(text, folder.resolve("x.gguf"), Path.of(""))) {
            CommandLines early = CommandLines.run(
                    "quantize", model, folder.resolve("x.gguf"), "--resume", wrong, "--calibrate", text);
            assertEquals(2, early.code(), early::err);
            assertTrue(early.err().contains("--resume"), early.err());
            assertFalse(Files.exists(folder.resolve("x.gguf")));
        }
        Path out = folder.resolve("no.gguf");
        Path small = Files.writeString(folder.resolve("s.txt"), "short");
        CommandLines tooShort = CommandLines.run("quantize", model, out, "--format", "g35", "--calibrate", small);
        assertEquals(1, tooShort.code());
        assertTrue(tooShort.err().contains("the calibration text has"), tooShort.err());
        assertEquals(
                2,
                CommandLines.run(
                                "quantize", model, out, "--format", "g35", "--calibrate", folder.resolve("nowhere.txt"))
                        .code());
        CommandLines unknown = CommandLines.run(
                "quantize", Models.small(folder.resolve("m.gguf")), out, "--format", "g35", "--calibrate", text);
        assertEquals(1, unknown.code(), unknown::err);
        assertFalse(unknown.err().contains("an error inside"), unknown.err());
        assertFalse(Files.exists(out));
    }

    /** Formats are chosen within the bits that are asked for, the same for any number of threads, and told of. */
    @Test
    void bitsAreAllocated() throws IOException {
        Path model = Models.tiny("gemma3");
        Path text = calibrationText();
        CommandLines refused =
                CommandLines.run("quantize", model, folder.resolve("0.gguf"), "--bits", "1", "--calibrate", text);
        Matcher possible = Pattern.compile("can have (\\d\\.\\d{4}) .* to (\\d+\\.\\d{4}) bits a weight")
                .matcher(refused.err());
        assertTrue(possible.find(), refused.err());
        double least = Double.parseDouble(possible.group(1));
        double middle = (least + Double.parseDouble(possible.group(2))) / 2;
        String asked = String.format(Locale.ROOT, "%.3f", middle);
        String one = "";
        for (int threads = 1; threads <= 2; threads++) {
            Path out = folder.resolve(threads + ".gguf");
            CommandLines run = CommandLines.run(
                    "quantize",
                    model,
                    out,
                    "--bits",
                    asked,
                    "--calibrate",
                    text,
                    "--calibrate-tokens",
                    1024,
                    "--threads",
                    threads);
            assertEquals(0, run.code(), run::err);
            String untimed = run.out().replaceAll("\\d+\\.\\d+ s\\b", "").replace(out.toString(), "");
            assertTrue(one.isEmpty() || untimed.replaceAll(" +", " ").equals(one), untimed);
            one = untimed.replaceAll(" +", " ");
            assertTrue(run.out().contains("bits a weight: " + asked + " asked, "), run.out());
            assertTrue(run.out().contains("; all in T35 ("), run.out());
        }
        assertEquals(-1, Files.mismatch(folder.resolve("1.gguf"), folder.resolve("2.gguf")));
        try (QuantizedModel quantized = QuantizedModel.open(folder.resolve("1.gguf"))) {
            long bytes = 0;
            long weights = 0;
            Set<Format> formats = EnumSet.noneOf(Format.class);
            for (PackedMatrix matrix : quantized.matrices().values()) {
                bytes += matrix.format().matrixBytes(matrix.rows(), matrix.columns());
                weights += (long) matrix.rows() * matrix.columns();
                formats.add(matrix.format());
                assertTrue(matrix.rotated());
            }
            assertTrue(8.0 * bytes / weights <= middle + 1e-3 && 8.0 * bytes / weights > least, "" + bytes);
            assertTrue(formats.size() > 1, formats::toString);
            assertTrue(quantized
                    .file()
                    .metadata()
                    .string("threehalf.quantizer")
                    .endsWith("formats chosen for " + asked + " bits a weight"));
        }
        assertEquals(
                0,
                CommandLines.run("generate", "-m", folder.resolve("1.gguf"), "-p", "the", "-n", 3)
                        .code());
        // At the least that is possible there is no choice, and what is made is that of the smallest format.
        assertEquals(
                0,
                CommandLines.run(
                                "quantize",
                                model,
                                folder.resolve("3.gguf"),
                                "--bits",
                                possible.group(1),
                                "--calibrate",
                                text,
                                "--calibrate-tokens",
                                1024)
                        .code());
        try (QuantizedModel quantized = QuantizedModel.open(folder.resolve("3.gguf"))) {
            assertTrue(quantized.matrices().values().stream().allMatch(matrix -> matrix.format() == Format.T3));
        }
    }

    /** What does not go together with --bits, or is no number, is refused with what this model can have. */
    @Test
    void badBitsAreRefused() throws IOException {
        Path model = Models.tiny("gemma3");
        Path out = folder.resolve("q.gguf");
        Path text = calibrationText();
        for (String bits : List.of(
                "0",
                "-3.6",
                "1.5",
                "NaN",
                "Infinity",
                "3.6f",
                "0x1p2",
                "1e1",
                "",
                "3,6",
                "\u0663.\u0666",
                "3.",
                ".5",
                "12345",
                "+4")) {
            CommandLines run = CommandLines.run("quantize", model, out, "--bits", bits, "--calibrate", text);
            assertEquals(2, run.code(), bits + ": " + run.err());
            assertTrue(run.err().contains("gemma3.gguf can have "), bits + ": " + run.err());
        }
        CommandLines tooMany = CommandLines.run("quantize", model, out, "--bits", "1000", "--calibrate", text);
        assertEquals(2, tooMany.code(), tooMany.err());
        assertTrue(tooMany.err().contains("--bits 1000 is too many, over 999: gemma3.gguf can have "), tooMany.err());
        for (List<Object> more : List.<List<Object>>of(
                List.of(),
                List.of("--calibrate", text, "--format", "t35"),
                List.of("--calibrate", text, "--embedding-format", "g4"),
                List.of("--calibrate", text, "--tensor-format", ".*ffn_down.*=g4"))) {
            CommandLines run =
                    CommandLines.run(Stream.concat(Stream.of("quantize", model, out, "--bits", "5"), more.stream())
                            .toArray());
            assertEquals(2, run.code(), run.err());
            assertTrue(run.err().contains("gemma3.gguf can have "), run.err());
        }
        assertFalse(Files.exists(out));
    }

    private Path calibrationText() throws IOException {
        return Files.writeString(
                folder.resolve("t.txt"), "the another then at the end of that tenth month ".repeat(100));
    }

    @Test
    void anExistingFileIsReplacedOnlyByForce() throws IOException {
        Path model = Models.small(folder.resolve("m.gguf"));
        Path out = Files.writeString(folder.resolve("q.gguf"), "dear");
        CommandLines refused = CommandLines.run("quantize", model, out, "--format", "g35");
        assertEquals(2, refused.code());
        assertTrue(
                refused.err().startsWith(out + " exists: choose another name, or replace it with --force"),
                refused.err());
        assertEquals("dear", Files.readString(out));
        assertEquals(
                0,
                CommandLines.run("quantize", model, out, "--format", "g35", "--force")
                        .code());
        CommandLines itself = CommandLines.run("quantize", model, model, "--format", "g35", "--force");
        assertEquals(2, itself.code());
        assertTrue(itself.err().startsWith("OUT is MODEL itself"), itself.err());
    }

    @Test
    void whatCannotBeQuantisedLeavesNothing() throws IOException {
        Path wide = Models.of(
                folder.resolve("wide.gguf"),
                List.of(
                        new TensorInfo("a.weight", TensorType.F32, List.of(64L, 2L)),
                        new TensorInfo("b.weight", TensorType.F32, List.of(36_001L, 1L))));
        CommandLines refused = CommandLines.run("quantize", wide, folder.resolve("q.gguf"), "--format", "g35");
        assertEquals(1, refused.code());
        assertTrue(
                refused.err()
                        .contains("threehalf quantize: wide.gguf: tensor b.weight: 1 rows x 36,001 columns: G35 takes"),
                refused.err());
        assertEquals(
                2,
                CommandLines.run("quantize", wide, folder.resolve("q.gguf"), "--format", "g5")
                        .code());
        CommandLines byDefault = CommandLines.run("quantize", wide, folder.resolve("q.gguf"));
        assertEquals(1, byDefault.code());
        assertTrue(byDefault.err().contains("1 rows x 36,001 columns: T35 takes"), byDefault.err());
        assertEquals(
                2,
                CommandLines.run("quantize", wide, folder.resolve("no/q.gguf"), "--format", "u4")
                        .code());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(wide), left.toList());
        }
    }

    /**
     * The whole of the first path: what was quantised is judged by the conformance suite, against vectors that are not
     * needed here.
     */
    @Test
    void theConformanceSuiteOpensWhatWasWritten() throws IOException {
        Path model = Models.small(folder.resolve("m.gguf"));
        Path out = folder.resolve("q.gguf");
        assertEquals(
                0, CommandLines.run("quantize", model, out, "--format", "g35").code());
        try (var opened = ConformanceModels.open(out)) {
            assertEquals(
                    List.of("a.weight", "b.weight"),
                    opened.matrices().stream().map(matrix -> matrix.name()).toList());
            assertEquals(3, opened.matrices().getFirst().matrix().rows());
        }
    }

    /** The texts of --calibrate end before MODEL and OUT, wherever these stand. */
    @Test
    void modelAndOutMayFollowTheTexts() throws IOException {
        Path model = Models.tiny("gemma3");
        Path text = Files.writeString(
                folder.resolve("t.txt"), "the another then at the end of that tenth month ".repeat(100));
        List<List<Object>> orders = List.of(
                List.of(
                        "--format",
                        "g35",
                        "--calibrate",
                        text,
                        text,
                        model,
                        folder.resolve("0.gguf"),
                        "--calibrate-tokens",
                        1024),
                List.of(
                        "--calibrate",
                        text,
                        text,
                        "--calibrate-tokens",
                        1024,
                        model,
                        folder.resolve("1.gguf"),
                        "--format",
                        "g35"),
                List.of(
                        model,
                        "--calibrate",
                        text,
                        text,
                        folder.resolve("2.gguf"),
                        "--format",
                        "g35",
                        "--calibrate-tokens=1024"),
                List.of(
                        model,
                        folder.resolve("3.gguf"),
                        "--format=g35",
                        "--calibrate-tokens=1024",
                        "--calibrate",
                        text,
                        text));
        for (int i = 0; i < orders.size(); i++) {
            CommandLines run = CommandLines.run(
                    Stream.concat(Stream.of("quantize"), orders.get(i).stream()).toArray());
            assertEquals(0, run.code(), run::err);
            assertEquals(
                    -1,
                    Files.mismatch(folder.resolve("0.gguf"), folder.resolve(i + ".gguf")),
                    orders.get(i).toString());
        }
        assertEquals(
                2,
                CommandLines.run("quantize", "--format", "g35", "--calibrate", text, model)
                        .code());
    }

    @Test
    void mistakesAreSaidBeforeTheWork() throws IOException, InterruptedException {
        Path model = Models.small(folder.resolve("m.gguf"));
        CommandLines pattern = CommandLines.run(
                "quantize", model, folder.resolve("q.gguf"), "--format", "g35", "--tensor-format", "attn_v=int8");
        assertEquals(2, pattern.code());
        assertTrue(
                pattern.err()
                        .contains(
                                "'attn_v' matches the whole name of no weight matrix of m.gguf; one is called a.weight"),
                pattern.err());
        CommandLines tokens = CommandLines.run(
                "quantize", model, folder.resolve("q.gguf"), "--format", "g35", "--calibrate-tokens", -1);
        assertEquals(2, tokens.code());
        assertEquals(
                2,
                CommandLines.run("quantize", model, folder, "--format", "g35", "--force")
                        .code());
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("gone"));
        assertEquals(
                2,
                CommandLines.run("quantize", model, link, "--format", "g35", "--force")
                        .code());
        assertFalse(Files.exists(folder.resolve("q.gguf")));
    }

    /** The tensor's name and no class of Java's, whichever thread meets the weight, calibrated or not. */
    @Test
    void aRefusedWeightIsNamed() throws IOException {
        Path huge = folder.resolve("huge.gguf");
        try (GgufFile file = GgufReader.open(Models.tiny("gemma3"))) {
            try (GgufWriter writer = GgufWriter.create(
                    huge,
                    file.metadata().entries(),
                    file.tensors().stream().map(GgufTensor::info).toList())) {
                for (GgufTensor tensor : file.tensors()) {
                    float[] values = tensor.toFloats();
                    if (tensor.name().equals("blk.0.attn_v.weight")) {
                        values[values.length - 1] = 3e38f;
                    }
                    writer.write(tensor.type() == TensorType.F32 ? MemorySegment.ofArray(values) : tensor.data());
                }
                writer.commit();
            }
        }
        Path text = Files.writeString(
                folder.resolve("t.txt"), "the another then at the end of that tenth month ".repeat(100));
        for (List<Object> more : List.<List<Object>>of(List.of(), List.of("--calibrate", text))) {
            CommandLines run = CommandLines.run(Stream.concat(
                            Stream.of("quantize", huge, folder.resolve("q.gguf"), "--format", "g35"), more.stream())
                    .toArray());
            assertEquals(1, run.code());
            assertTrue(
                    run.err().startsWith("threehalf quantize: huge.gguf: tensor blk.0.attn_v.weight: row "), run.err());
            assertFalse(run.err().contains("java."), run.err());
        }
    }
}
