package org.threehalf.backends.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;
import org.threehalf.kernels.transformer.Coefficients;
import org.threehalf.kernels.transformer.ElementaryFunctions;

/**
 * The CUDA C source of all kernels: the tables of {@link Codebook} and the numbers of {@link ElementaryFunctions} as
 * macros, then the resources beside this class, then the entries of each {@link Format}.
 *
 * <p>It is compiled by NVRTC for a device, and by a C++ compiler, with a header in place of {@link #TENSOR_CORES}, for
 * the tests.
 */
final class CudaSource {
    /** The instructions that exist only on a device. */
    static final String TENSOR_CORES = "tensor_cores.cu";

    private static final List<String> PORTABLE = List.of("products.cu", "transformer.cu");
    private static final Pattern ENTRY = Pattern.compile(
            "^extern \"C\" __global__ void __launch_bounds__\\([^)]*\\)\\s*(?<name>\\w+)\\(", Pattern.MULTILINE);
    private static final Pattern FORMAT_ENTRIES =
            Pattern.compile("^(?<macro>TH_FORMAT|TH_EMBED)\\((?<format>\\w+),", Pattern.MULTILINE);

    /** The numbers of the elementary functions (REQ-OPS-004 to REQ-OPS-007), by their names in the source. */
    private static final SequencedMap<String, Float> NUMBERS = new LinkedHashMap<>();

    static {
        NUMBERS.put("EXP_LOWEST", ElementaryFunctions.EXP_LOWEST);
        NUMBERS.put("EXP_HIGHEST", ElementaryFunctions.EXP_HIGHEST);
        NUMBERS.put("LOG2_E", ElementaryFunctions.LOG2_E);
        NUMBERS.put("LN2_HIGH", ElementaryFunctions.LN2_HIGH);
        NUMBERS.put("LN2_LOW", ElementaryFunctions.LN2_LOW);
        NUMBERS.put("ROUND", ElementaryFunctions.ROUND);
        NUMBERS.put("GELU_1", ElementaryFunctions.GELU_1);
        NUMBERS.put("GELU_3", ElementaryFunctions.GELU_3);
        NUMBERS.put("SWIGLU_LIMIT", ElementaryFunctions.SWIGLU_LIMIT);
        NUMBERS.put("SWIGLU_SLOPE", ElementaryFunctions.SWIGLU_SLOPE);
        NUMBERS.put("TANH_SMALL", ElementaryFunctions.TANH_SMALL);
        NUMBERS.put("TANH_LARGEST", ElementaryFunctions.TANH_LARGEST);
        polynomial("EXP_", Coefficients.exponential());
        polynomial("TANH_", Coefficients.hyperbolicTangent());
    }

    private CudaSource() {}

    /** Coefficients from the highest power down, each named by its power. */
    private static void polynomial(String prefix, float[] coefficients) {
        for (int i = 0; i < coefficients.length; i++) {
            NUMBERS.put(prefix + (coefficients.length - 1 - i), coefficients[i]);
        }
    }

    /** All of it, for NVRTC. */
    static String forDevice() {
        return tables() + resource(TENSOR_CORES) + portable();
    }

    /** What a host can play: all but the tables and {@link #TENSOR_CORES}. */
    static String portable() {
        StringBuilder text = new StringBuilder();
        for (String name : PORTABLE) {
            text.append("#line 1 \"").append(name).append("\"\n").append(resource(name));
        }
        text.append("#line 1 \"entries\"\n");
        for (Format format : Format.values()) {
            text.append(entries(format));
        }
        return text.toString();
    }

    /** A format's kernels; formats of windows come as their integers, a byte each. */
    private static String entries(Format format) {
        FormatTraits traits = format.traits().withoutWindows();
        String arguments = "(%s, %s, %s, %s)\n"
                .formatted(format.name().toLowerCase(Locale.ROOT), traits.even(), traits.odd(), traits.subscales());
        return "TH_FORMAT" + arguments + "TH_EMBED" + arguments;
    }

    /**
     * The tables as lists of words, four entries a word, the first lowest, a line for each, and the numbers of the
     * elementary functions. Tables of 8 bits are looked up by nobody: such codes are their own values, and windows come
     * as theirs.
     */
    static String tables() {
        StringBuilder text = new StringBuilder();
        StringBuilder books = new StringBuilder("#define TH_CODEBOOKS");
        for (Codebook book : Codebook.values()) {
            if (book.bits() == 8) {
                continue;
            }
            books.append(" TH_CODEBOOK(%s, %d)".formatted(book, book.bits()));
            text.append("#define TH_").append(book).append(' ');
            for (int c = 0; c < book.size(); c += 4) {
                int word = 0;
                for (int i = 0; i < 4; i++) {
                    word |= (book.value(c + i) & 0xff) << (8 * i);
                }
                text.append(c == 0 ? "" : ", ").append("0x%08xu".formatted(word));
            }
            text.append('\n');
        }
        text.append(books).append('\n');
        NUMBERS.forEach(
                (name, number) -> text.append("#define TH_%s (%sf)\n".formatted(name, Float.toHexString(number))));
        return text.toString();
    }

    /** The names of all kernels in {@code source}. */
    static List<String> kernels(String source) {
        List<String> plain = ENTRY.matcher(source)
                .results()
                .map(found -> found.group("name"))
                .toList();
        Stream<String> ofFormats = FORMAT_ENTRIES
                .matcher(source)
                .results()
                .flatMap(found -> found.group("macro").equals("TH_FORMAT")
                        ? Stream.of("gemv_" + found.group("format"), "gemm_" + found.group("format"))
                        : Stream.of("embed_" + found.group("format")));
        return Stream.concat(plain.stream(), ofFormats).toList();
    }

    private static String resource(String name) {
        try (InputStream in = CudaSource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + name + " is missing beside "
                        + CudaSource.class.getName() + ": the build is incomplete");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + name, e);
        }
    }
}
