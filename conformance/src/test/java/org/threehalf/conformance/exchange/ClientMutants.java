package org.threehalf.conformance.exchange;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.threehalf.kernels.io.FolderTree;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Small faults in the arithmetic of the client in C, one at a time: each constant one unit in the last place or one
 * off, each comparison with its neighbour, each operator with its counterpart, each minimum with the maximum, and each
 * product with a sum that follows it in one fused operation. A mutant is killed if it gives another byte than the
 * client, which passes every case, on the exchanged cases.
 */
final class ClientMutants {
    private static final Pattern FUNCTION = Pattern.compile("(?m)^static [\\w *]+?\\*?(\\w+)\\([^;{]*\\)\\s*\\{");
    /** Strings and comments are left alone. */
    private static final Pattern TOKEN = Pattern.compile(
            "\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])'|/\\*.*?\\*/|-?0x[0-9a-f.]+p-?\\d+f?|(?<![\\w.])\\d+(?![\\w.])|<<|>>|<=|>=|==|!=|->|\\+\\+|--|"
                    + "(?<= )[-+*/%<>&|](?= )|[-+*/%&|]=|\\bf(?:max|min)f?\\b|\\b[a-zA-Z_]\\w*",
            Pattern.DOTALL);

    private static final Map<String, String> OTHER = Map.ofEntries(
            Map.entry("<", "<="),
            Map.entry("<=", "<"),
            Map.entry(">", ">="),
            Map.entry(">=", ">"),
            Map.entry("==", "!="),
            Map.entry("!=", "=="),
            Map.entry("+", "-"),
            Map.entry("-", "+"),
            Map.entry("*", "/"),
            Map.entry("/", "*"),
            Map.entry("%", "/"),
            Map.entry("+=", "-="),
            Map.entry("<<", ">>"),
            Map.entry(">>", "<<"),
            Map.entry("&", "|"),
            Map.entry("fmaxf", "fminf"),
            Map.entry("fminf", "fmaxf"),
            Map.entry("fmax", "fmin"),
            Map.entry("fmin", "fmax"));
    /** Functions that move files and not numbers. */
    private static final Set<String> PLUMBING = Set.of(
            "die",
            "take",
            "give",
            "refuse",
            "text",
            "number",
            "make_folders",
            "main",
            "there",
            "part",
            "vector",
            "matrix",
            "release");

    /**
     * A place where the client rounds a product and then a sum, and the same in one operation.
     *
     * @param function where it is
     * @param name of the mutant, in the function
     */
    private record Fused(String function, String name, String right, String wrong) {}

    private static final String LANES =
            "for (int s = 8; s; s /= 2) for (int j = 0; j < s; j++) p[j] += p[j + s]; sum = p[0]; }";

    private static Fused dotTerm(String term) {
        return new Fused(
                "dot_product",
                "term " + term,
                "sum = strided_sum(terms, n, 0);",
                "{ float p[16] = {0}; for (long k = 0; k < n; k++) p[k % 16] = k == " + term
                        + " ? fmaf(a[k], b[k], p[k % 16]) : p[k % 16] + terms[k]; " + LANES);
    }

    private static Fused valueTerm(String term) {
        return new Fused(
                "attend",
                "term " + term,
                "y[d] = strided_sum(terms, positions, first) / total;",
                "{ float p[16] = {0}, sum; for (long t = 0; t < positions; t++) p[(first + t) % 16] = t == " + term
                        + " ? fmaf(e[t], values[t * stride + d], p[(first + t) % 16]) : p[(first + t) % 16] + terms[t]; "
                        + LANES.replace("sum = p[0]; }", "sum = p[0]; y[d] = sum / total; }"));
    }

    private static final String EXP_3 = "0x1.6a2434p-10f * r + 0x1.1239e2p-7f";
    private static final String EXP_4 = "(" + EXP_3 + ") * r + 0x1.5558f2p-5f";
    private static final String EXP_5 = "(" + EXP_4 + ") * r + 0x1.555492p-3f";
    private static final String TANH_1 = "-0x1.762d74p-8f * z + 0x1.523bc8p-6f";
    private static final String TANH_2 = "(" + TANH_1 + ") * z - 0x1.b8405ap-5f";
    private static final String TANH_3 = "(" + TANH_2 + ") * z + 0x1.11074cp-3f";
    private static final String TANH_4 = "(" + TANH_3 + ") * z - 0x1.555534p-2f";

    private static final List<Fused> FUSED = List.of(
            new Fused("exponential", "step 1", "(x - n * 0x1.62e4p-1f)", "fmaf(-n, 0x1.62e4p-1f, x)"),
            new Fused(
                    "exponential",
                    "step 2",
                    "r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f",
                    "r = fmaf(-n, 0x1.7f7d1cp-20f, x - n * 0x1.62e4p-1f)"),
            new Fused("exponential", "step 3", "(" + EXP_3 + ")", "fmaf(0x1.6a2434p-10f, r, 0x1.1239e2p-7f)"),
            new Fused("exponential", "step 4", "(" + EXP_4 + ")", "fmaf(" + EXP_3 + ", r, 0x1.5558f2p-5f)"),
            new Fused("exponential", "step 5", "(" + EXP_5 + ")", "fmaf(" + EXP_4 + ", r, 0x1.555492p-3f)"),
            new Fused(
                    "exponential",
                    "step 6",
                    "(" + EXP_5 + ") * r + 0x1.fffffcp-2f",
                    "fmaf(" + EXP_5 + ", r, 0x1.fffffcp-2f)"),
            new Fused("exponential", "step 7", "((r * r) * q + r)", "fmaf(r * r, q, r)"),
            new Fused(
                    "gelu",
                    "cubic",
                    "((x * x) * 0x1.2444f2p-4f + 0x1.988454p0f)",
                    "fmaf(x * x, 0x1.2444f2p-4f, 0x1.988454p0f)"),
            new Fused("hyperbolic_tangent", "step 1", "(" + TANH_1 + ")", "fmaf(-0x1.762d74p-8f, z, 0x1.523bc8p-6f)"),
            new Fused("hyperbolic_tangent", "step 2", "(" + TANH_2 + ")", "fmaf(" + TANH_1 + ", z, -0x1.b8405ap-5f)"),
            new Fused("hyperbolic_tangent", "step 3", "(" + TANH_3 + ")", "fmaf(" + TANH_2 + ", z, 0x1.11074cp-3f)"),
            new Fused("hyperbolic_tangent", "step 4", "(" + TANH_4 + ")", "fmaf(" + TANH_3 + ", z, -0x1.555534p-2f)"),
            new Fused(
                    "hyperbolic_tangent",
                    "step 5",
                    "(z * (" + TANH_4 + ")) * a + a",
                    "fmaf(z * (" + TANH_4 + "), a, a)"),
            dotTerm("16"),
            dotTerm("17"),
            dotTerm("40"),
            dotTerm("n / 2"),
            dotTerm("n - 17"),
            dotTerm("n - 2"),
            dotTerm("n - 1"),
            valueTerm("16"),
            valueTerm("positions / 2"),
            valueTerm("positions - 17"),
            valueTerm("positions - 1"),
            new Fused(
                    "rotate",
                    "first product of the first",
                    "u * cosines[i] - v * sines[i]",
                    "fmaf(u, cosines[i], -(v * sines[i]))"),
            new Fused(
                    "rotate",
                    "second product of the first",
                    "u * cosines[i] - v * sines[i]",
                    "fmaf(-v, sines[i], u * cosines[i])"),
            new Fused(
                    "rotate",
                    "first product of the second",
                    "u * sines[i] + v * cosines[i]",
                    "fmaf(u, sines[i], v * cosines[i])"),
            new Fused(
                    "rotate",
                    "second product of the second, last pair",
                    "u * sines[i] + v * cosines[i]",
                    "i == pairs - 1 ? fmaf(v, cosines[i], u * sines[i]) : u * sines[i] + v * cosines[i]"),
            new Fused("angle", "step 1", "(a - n * 0x1.921fb544p0)", "fma(-n, 0x1.921fb544p0, a)"),
            new Fused(
                    "angle",
                    "step 2",
                    "(a - n * 0x1.921fb544p0) - n * 0x1.0b4611a626331p-34",
                    "fma(-n, 0x1.0b4611a626331p-34, a - n * 0x1.921fb544p0)"),
            new Fused(
                    "angle",
                    "sine's polynomial",
                    "(j % 2 ? -1 : 1) * factorial_term(2 * j + 1) + z * s",
                    "fma(z, s, (j % 2 ? -1 : 1) * factorial_term(2 * j + 1))"),
            new Fused(
                    "angle",
                    "cosine's polynomial",
                    "(j % 2 ? -1 : 1) * factorial_term(2 * j) + z * c",
                    "fma(z, c, (j % 2 ? -1 : 1) * factorial_term(2 * j))"),
            new Fused("angle", "sine's last step", "s = r + (r * z) * s", "s = fma(r * z, s, r)"),
            new Fused("angle", "cosine's last step", "c = (1 - z / 2) + (z * z) * c", "c = fma(z * z, c, 1 - z / 2)"),
            new Fused("experts", "share", "d[k] + p * term[k]", "fmaf(p, term[k], d[k])"),
            new Fused(
                    "add_to_stream",
                    "residual scale",
                    "x[k] + (factors[4] == 1 ? d[k] : d[k] * factors[4])",
                    "factors[4] == 1 ? x[k] + d[k] : fmaf(d[k], factors[4], x[k])"));

    private static final Map<String, List<String>> GROUPS = Map.of(
            "quantizing", List.of("quantize-activation", "quantize-weight"),
            "packing", List.of("pack", "unpack", "dequantize"),
            "products", List.of("output", "dot", "gemv", "gemm"),
            "inference",
                    List.of(
                            "dot-product",
                            "rms-norm",
                            "gated-silu",
                            "gated-gelu",
                            "gated-swiglu",
                            "residual",
                            "soft-cap",
                            "rotate-split",
                            "rotate-interleaved",
                            "attend",
                            "attend-sink",
                            "matrix-product"),
            "host", List.of("cosines", "sines", "sample"),
            "decoders", List.of("decoder-at-once"));
    /** The functions that are used elsewhere than in operations of inference. */
    private static final Map<String, List<String>> USED_IN = Map.ofEntries(
            Map.entry("clamp_rne", List.of("quantizing")),
            Map.entry("quantize_token", List.of("quantizing")),
            Map.entry("quantize_activation", List.of("quantizing")),
            Map.entry("quantize_weight", List.of("quantizing")),
            Map.entry("shortest_path", List.of("quantizing")),
            Map.entry("quantize_paths", List.of("quantizing")),
            Map.entry("table", List.of("quantizing", "packing", "products")),
            Map.entry("tw", List.of("quantizing", "packing", "products")),
            Map.entry("windowed", List.of("quantizing", "packing", "products")),
            Map.entry("width", List.of("quantizing", "packing", "products")),
            Map.entry("position", List.of("packing", "products")),
            Map.entry("value", List.of("packing", "products")),
            Map.entry("code_bits", List.of("packing", "products")),
            Map.entry("get_code", List.of("packing", "products")),
            Map.entry("put_code", List.of("packing")),
            Map.entry("pack", List.of("packing")),
            Map.entry("unpack", List.of("packing")),
            Map.entry("dequantize", List.of("packing")),
            Map.entry("dot", List.of("products")),
            Map.entry("output", List.of("products")),
            Map.entry("product", List.of("products")),
            Map.entry("factorial_term", List.of("host")),
            Map.entry("angle", List.of("host")),
            Map.entry("by_logit", List.of("host")),
            Map.entry("sample", List.of("host")),
            Map.entry("operation_of_inference", List.of("host", "inference")),
            Map.entry("butterfly", List.of("decoders")),
            Map.entry("multiply", List.of("decoders")),
            Map.entry("embed", List.of("decoders")),
            Map.entry("block", List.of("decoders")),
            Map.entry("experts", List.of("decoders")),
            Map.entry("heads", List.of("decoders")),
            Map.entry("add_to_stream", List.of("decoders")),
            Map.entry("norm_of_stream", List.of("decoders")),
            Map.entry("decoder_layer", List.of("decoders")),
            Map.entry("decoder", List.of("decoders")));

    /** Of the processor's time, so that a busy machine kills nothing: the client itself takes less than two. */
    private static final int PROCESSOR_SECONDS = 10;
    /** Of a clock on the wall, for what neither computes nor ends. */
    private static final long SECONDS = 600;

    private final String source;
    private final List<String> compiler;
    private final Path folder;
    private final Map<String, Map<String, byte[]>> right = new TreeMap<>();

    /**
     * A mutant.
     *
     * @param id function, number in it, and what stands in place of what
     */
    record Mutant(String id, String function, String source) {}

    /**
     * Runs the client itself, by groups of operations.
     *
     * @param exchange an exported folder
     * @param folder for programs and results
     */
    ClientMutants(String source, String compiler, Path exchange, Path folder) throws IOException {
        this.source = source;
        this.compiler = List.of(compiler, "-std=gnu11", "-O1", "-w", "-ffp-contract=off");
        this.folder = folder;
        List<String> lines = Files.readAllLines(exchange.resolve("in").resolve("cases.jsonl"));
        for (Map.Entry<String, List<String>> group : GROUPS.entrySet()) {
            Path in = Files.createDirectories(folder.resolve(group.getKey()));
            List<String> chosen = new ArrayList<>();
            for (String line : lines) {
                JsonNode json = JsonMapper.shared().readTree(line);
                if (group.getValue().contains(json.get("operation").stringValue())) {
                    chosen.add(line);
                    Files.createSymbolicLink(
                            in.resolve(json.get("folder").stringValue()),
                            exchange.resolve("in")
                                    .resolve(json.get("folder").stringValue())
                                    .toAbsolutePath());
                }
            }
            Files.write(in.resolve("cases.jsonl"), chosen);
        }
        Path client = compiled("client", this.source);
        for (String group : GROUPS.keySet()) {
            right.put(group, run(client, group, folder.resolve("right-" + group)));
        }
    }

    /** All mutants, in the order of the source. */
    List<Mutant> all() {
        List<Mutant> mutants = new ArrayList<>();
        Matcher function = FUNCTION.matcher(source);
        List<Map.Entry<String, Integer>> starts = new ArrayList<>();
        while (function.find()) {
            starts.add(Map.entry(function.group(1), function.start()));
        }
        for (int f = 0; f < starts.size(); f++) {
            if (PLUMBING.contains(starts.get(f).getKey())) {
                continue;
            }
            int end = f + 1 < starts.size() ? starts.get(f + 1).getValue() : source.length();
            Matcher token = TOKEN.matcher(source)
                    .region(source.indexOf('{', starts.get(f).getValue()), end)
                    .useTransparentBounds(true);
            int number = 0;
            while (token.find()) {
                number++;
                for (String other : others(token.group(), token.start())) {
                    mutants.add(new Mutant(
                            "%s/%d: %s → %s".formatted(starts.get(f).getKey(), number, token.group(), other),
                            starts.get(f).getKey(),
                            source.substring(0, token.start()) + other + source.substring(token.end())));
                }
            }
        }
        for (Fused fused : FUSED) {
            if (!source.contains(fused.right())) {
                throw new IllegalStateException("the client no longer says " + fused.right());
            }
            mutants.add(new Mutant(
                    "%s/fused: %s".formatted(fused.function(), fused.name()),
                    fused.function(),
                    source.replace(fused.right(), fused.wrong())));
        }
        return mutants;
    }

    private List<String> others(String token, int at) {
        if (token.matches("-?0x.*p.*")) {
            float value =
                    Float.parseFloat(token.replace("f", "").matches(".*p.*") ? token.replaceFirst("f$", "") : token);
            return Stream.of(Math.nextUp(value), Math.nextDown(value))
                    .map(v -> Float.toHexString(v) + "f")
                    .toList();
        }
        if (token.matches("\\d+")) {
            // The sizes of the elements of files, and of buffers, are no arithmetic.
            boolean size = source.startsWith("[", at - 1)
                    || source.startsWith(", ", at - 2)
                            && source.startsWith(")", at + token.length())
                            && source.substring(Math.max(0, at - 60), at).matches("(?s).*calloc\\([^;]*");
            return size
                    ? List.of()
                    : List.of(Long.toString(Long.parseLong(token) + 1), Long.toString(Long.parseLong(token) - 1));
        }
        String other = OTHER.get(token);
        return other == null ? List.of() : List.of(other);
    }

    /**
     * Which of the chosen mutants are killed; those that do not compile are none.
     *
     * @param fate told of each as it is known
     */
    Map<String, Boolean> judged(Predicate<Mutant> chosen, int threads, BiConsumer<String, Boolean> fate)
            throws IOException, InterruptedException {
        Map<String, Boolean> killed = new LinkedHashMap<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Map<String, Future<Boolean>> running = new LinkedHashMap<>();
            int[] number = new int[1];
            all().stream().filter(chosen).forEach(m -> {
                String name = "mutant-" + number[0]++;
                running.put(m.id(), pool.submit((Callable<Boolean>) () -> killed(m, name)));
            });
            for (Map.Entry<String, Future<Boolean>> one : running.entrySet()) {
                try {
                    Boolean result = one.getValue().get();
                    if (result != null) {
                        killed.put(one.getKey(), result);
                        fate.accept(one.getKey(), result);
                    }
                } catch (ExecutionException e) {
                    throw new IOException(one.getKey(), e.getCause());
                }
            }
        }
        return killed;
    }

    private @org.jspecify.annotations.Nullable Boolean killed(Mutant mutant, String name) throws IOException {
        Path program;
        try {
            program = compiled(name, mutant.source());
        } catch (IOException doesNotCompile) {
            return null;
        }
        try {
            for (String group : USED_IN.getOrDefault(mutant.function(), List.of("inference"))) {
                Path out = folder.resolve(name + "-" + group);
                Map<String, byte[]> results = run(program, group, out);
                FolderTree.delete(out);
                if (!same(results, right.get(group))) {
                    return true;
                }
            }
            return false;
        } finally {
            Files.delete(program);
        }
    }

    private static boolean same(Map<String, byte[]> one, @org.jspecify.annotations.Nullable Map<String, byte[]> other) {
        return other != null
                && one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(e -> java.util.Arrays.equals(e.getValue(), other.get(e.getKey())));
    }

    private Path compiled(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".c"), text);
        Path program = folder.resolve(name + ".bin");
        List<String> command = new ArrayList<>(compiler);
        command.addAll(List.of("-o", program.toString(), file.toString(), "-lm"));
        int code = end(new ProcessBuilder(command));
        Files.delete(file);
        if (code != 0) {
            throw new IOException(name + " does not compile");
        }
        return program;
    }

    /**
     * All results by their names; a file {@code refused} by its presence; of a program that crashes or does not end,
     * what it wrote, and that it did.
     */
    private Map<String, byte[]> run(Path program, String group, Path out) throws IOException {
        Files.createDirectories(out);
        int code = end(new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -t " + PROCESSOR_SECONDS + "; exec \"$0\" \"$@\"",
                program.toString(),
                folder.resolve(group).toString(),
                out.toString()));
        if (code != 0) {
            return Map.of("ended with " + code, new byte[0]);
        }
        Map<String, byte[]> results = new TreeMap<>();
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .sorted(Comparator.naturalOrder())
                    .toList()) {
                results.put(
                        out.relativize(file).toString(),
                        file.endsWith("refused") ? new byte[0] : Files.readAllBytes(file));
            }
        }
        return results;
    }

    private static int end(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    /**
     * Runs from the command line: SOURCE EXCHANGE WORK PART OF [IDS]: each OF-th mutant, or of those whose ids are
     * lines of a file, and prints each with its fate.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        ClientMutants mutants = new ClientMutants(
                Files.readString(Path.of(args[0]), StandardCharsets.UTF_8),
                "cc",
                Path.of(args[1]),
                Files.createDirectories(Path.of(args[2])));
        int part = Integer.parseInt(args[3]);
        int of = Integer.parseInt(args[4]);
        Set<String> ids = args.length > 5 ? Set.copyOf(Files.readAllLines(Path.of(args[5]))) : Set.of();
        int[] number = new int[1];
        System.out.println(mutants.all().size() + " mutants");
        mutants.judged(
                m -> (ids.isEmpty() || ids.contains(m.id())) && number[0]++ % of == part,
                2,
                (id, killed) ->
                        System.out.println(String.format(Locale.ROOT, "%s %s", killed ? "killed  " : "SURVIVES", id)));
    }
}
