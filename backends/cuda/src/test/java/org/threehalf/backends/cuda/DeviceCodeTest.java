package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * NVIDIA's own compilers accept every kernel for three generations of GPUs without a remark, without spilling a
 * register, and with no floating-point instruction that the specification does not have: no fused, no approximate, none
 * that flushes subnormals (REQ-DOT-004, REQ-QNT-002).
 */
class DeviceCodeTest {
    private static final String CHECK = "NVRTC and ptxas";
    private static final Path OUTPUT = Path.of("target", "cuda");

    /** All binary32 arithmetic that PTX may hold. Without {@code .rn} the assembler could fuse a product with a sum. */
    private static final Set<String> ARITHMETIC =
            Set.of("add.rn.f32", "sub.rn.f32", "mul.rn.f32", "div.rn.f32", "rcp.rn.f32", "sqrt.rn.f32");

    /** Those that only choose, compare, move or convert exactly as the specification says. */
    private static final Pattern HARMLESS = Pattern.compile(
            "(mov|min|max|abs|neg|selp|copysign|setp\\.\\w+|(ld|st)\\.(param|global|shared|local)(\\.nc)?(\\.v[24])?)\\.f32"
                    + "|cvt\\.rn\\.f32\\.[su](16|32)|cvt\\.rzi\\.s32\\.f32|cvt\\.rni\\.s32\\.f32|cvt\\.rni\\.f32\\.f32");

    private static final Pattern FLOAT_INSTRUCTION =
            Pattern.compile("(?m)^\\s*(?:@!?%p\\d+\\s+)?(?<name>[a-z][a-z0-9_.]*\\.(?:f16|f32|f64|ftz)[a-z0-9_.]*)\\s");
    private static final Pattern ENTRY = Pattern.compile("(?m)^\\s*\\.visible \\.entry (?<name>\\w+)\\(");
    private static final Pattern PROPERTIES = Pattern.compile("Function properties for (?<name>\\w+)\\s+"
            + "(?<stack>\\d+) bytes stack frame, (?<stores>\\d+) bytes spill stores, (?<loads>\\d+) bytes spill loads\\s+"
            + "ptxas info\\s*: Used (?<registers>\\d+) registers");

    /** A line of README.md's tables. */
    private static final Pattern LISTED = Pattern.compile(
            "(?m)^\\| (?:`(?<kernel>\\w+)`|(?<format>[A-Z]+\\d+)) \\| (?<cells>\\d+ / \\d+ / \\d+.*) \\|$");

    private static @Nullable CudaTools tools;

    @BeforeEach
    void findTools() {
        tools = CudaTools.find();
        if (tools == null) {
            Emulation.notChecked(
                    CHECK,
                    "pip could not install " + CudaTools.PACKAGES
                            + ", so the CUDA kernels were NOT compiled for any GPU");
        }
        System.setProperty(
                Nvrtc.LIBRARY_PROPERTY, Objects.requireNonNull(tools).nvrtc().toString());
    }

    /** What is wrong with a source, and the registers of each kernel. */
    private record Verdict(List<String> problems, Map<String, Integer> registers) {}

    private static Verdict compile(String name, String source, int architecture) throws IOException {
        List<String> problems = new ArrayList<>();
        Nvrtc.Program program = Nvrtc.compile(source, architecture, false);
        if (!program.log().isEmpty()) {
            problems.add("NVRTC remarks: " + program.log());
        }
        String ptx = program.ptx();
        for (Matcher m = FLOAT_INSTRUCTION.matcher(ptx); m.find(); ) {
            if (!ARITHMETIC.contains(m.group("name"))
                    && !HARMLESS.matcher(m.group("name")).matches()) {
                problems.add("instruction " + m.group("name"));
            }
        }
        Set<String> entries =
                ENTRY.matcher(ptx).results().map(m -> m.group("name")).collect(Collectors.toCollection(TreeSet::new));
        if (!entries.equals(new TreeSet<>(CudaSource.kernels(source)))) {
            problems.add("kernels " + entries + " in place of " + CudaSource.kernels(source));
        }
        Files.createDirectories(OUTPUT);
        Path file = OUTPUT.resolve(name + "-sm_" + architecture + ".ptx");
        Files.writeString(file, ptx);
        String report = Objects.requireNonNull(tools).assemble(file, architecture);
        if (report.contains("warning") || report.contains("error")) {
            problems.add("ptxas: " + report);
        }
        Map<String, Integer> registers = new TreeMap<>();
        for (Matcher m = PROPERTIES.matcher(report); m.find(); ) {
            registers.put(m.group("name"), Integer.valueOf(m.group("registers")));
            if (!m.group("stores").equals("0")
                    || !m.group("loads").equals("0")
                    || !m.group("stack").equals("0")) {
                problems.add("%s: %s bytes of stack, %s spilled, %s read back"
                        .formatted(m.group("name"), m.group("stack"), m.group("stores"), m.group("loads")));
            }
        }
        if (!registers.keySet().equals(entries)) {
            problems.add("ptxas reports on " + registers.keySet() + " in place of " + entries);
        }
        return new Verdict(problems, registers);
    }

    @ParameterizedTest
    @ValueSource(ints = {75, 80, 90})
    void everyKernelCompilesWithoutSpillsRemarksOrForeignArithmetic(int architecture) throws IOException {
        Verdict verdict = compile("threehalf", CudaSource.forDevice(), architecture);
        assertEquals(List.of(), verdict.problems);
        Checks.passed(CHECK + ", sm_" + architecture + ": registers of each kernel, none spilled", verdict.registers);
    }

    /**
     * The registers that README.md lists, for one architecture.
     *
     * @param position which of a cell's three numbers
     */
    private static Map<String, Integer> listed(String text, int position) {
        Map<String, Integer> registers = new TreeMap<>();
        List<String> kinds = List.of("gemv_", "gemm_", "embed_");
        for (Matcher m = LISTED.matcher(text); m.find(); ) {
            String[] cells = m.group("cells").split("\\|");
            for (int i = 0; i < cells.length; i++) {
                String kernel = m.group("kernel") != null
                        ? m.group("kernel")
                        : kinds.get(i) + m.group("format").toLowerCase(Locale.ROOT);
                registers.put(kernel, Integer.valueOf(cells[i].strip().split(" / ")[position]));
            }
        }
        return registers;
    }

    /** README.md says of every kernel what ptxas says. */
    @Test
    void theListedRegistersAreThoseOfPtxas() throws IOException {
        String text = Files.readString(
                Path.of(System.getProperty("threehalf.root", "../.."), "backends", "cuda", "README.md"));
        List<Integer> architectures = List.of(75, 80, 90);
        for (int i = 0; i < architectures.size(); i++) {
            Map<String, Integer> registers = compile("listed", CudaSource.forDevice(), architectures.get(i)).registers;
            assertEquals(48, registers.size());
            assertEquals(registers, listed(text, i), "sm_" + architectures.get(i));
        }
        assertNotEquals(listed(text, 0), listed(text.replace("| `add` | 10 /", "| `add` | 11 /"), 0));
    }

    /** The problems of a source with one kernel {@code f(float* x)} of that body. */
    private static List<String> problemsOf(String bounds, String body) throws IOException {
        return compile(
                        "fault",
                        "extern \"C\" __global__ void __launch_bounds__(%s)\nf(float* x) {\n%s\n}\n"
                                .formatted(bounds, body),
                        80)
                .problems;
    }

    private static void assertCaught(String part, List<String> problems) {
        assertTrue(
                problems.stream().anyMatch(problem -> problem.contains(part)),
                () -> "not caught: " + part + " in " + problems);
    }

    @Test
    void aKernelWithoutFaultsHasNoProblems() throws IOException {
        assertEquals(List.of(), problemsOf("32", "x[threadIdx.x] = x[threadIdx.x] * x[1] + x[2];"));
    }

    @Test
    void foreignArithmeticIsCaught() throws IOException {
        assertCaught("fma.rn.f32", problemsOf("32", "x[0] = fmaf(x[0], x[1], x[2]);"));
        assertCaught("div.approx", problemsOf("32", "x[0] = __fdividef(x[0], x[1]);"));
        assertCaught("ex2.approx", problemsOf("32", "x[0] = __expf(x[0]);"));
        assertCaught("rsqrt.approx", problemsOf("32", "x[0] = rsqrtf(x[0]);"));
        assertCaught("f64", problemsOf("32", "x[0] = x[0] * 0.1;"));
    }

    @Test
    void spilledRegistersAreCaught() throws IOException {
        assertCaught("spilled", problemsOf("1024, 2", """
                float r[64];
                #pragma unroll
                for (int i = 0; i < 64; i++) r[i] = x[i * 32 + threadIdx.x];
                __syncthreads();
                #pragma unroll
                for (int i = 0; i < 64; i++) x[r[i] > 0.0f ? i : i + 1000] = r[63 - i] * r[i * 7 % 64];
                """));
    }

    @Test
    void aRemarkOfTheCompilerIsCaught() throws IOException {
        assertCaught("NVRTC remarks", problemsOf("32", "int unused; x[0] = 1.0f;"));
    }

    /** What is loaded on a GPU comes from NVRTC alone. */
    @Test
    void nvrtcMakesTheDevicesCode() {
        Nvrtc.Program program = Nvrtc.compile(CudaSource.forDevice(), 90, true);
        assertEquals("", program.log());
        assertTrue(Objects.requireNonNull(program.cubin()).length > 10_000);
    }

    @Test
    void theToolsAreThoseThatJCudaIsMadeFor() {
        assertNotNull(tools);
        assertEquals("12.6", Nvrtc.version());
        assertFalse(Nvrtc.architectures().isEmpty());
    }
}
