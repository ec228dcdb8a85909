package org.threehalf.evidence.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.threehalf.jml.ContractCheck;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Functions;
import org.threehalf.jml.vc.VcGenerator;

/**
 * The kernels' contracts on floats say which value comes out: they are proved of the kernels with floating-point
 * operations as any functions, and not of bodies that give a constant, leave a step out or take −0 for +0.
 */
class HollowKernelsTest {
    /** What is replaced in a method's body by what. */
    private record Gutted(String method, String body, String hollow) {}

    private static final List<Gutted> GUTTED = List.of(
            new Gutted(
                    "Attention.attend",
                    "output[outputFrom + d] = StridedSum.tree(products) / total;",
                    "output[outputFrom + d] = 1;"),
            new Gutted(
                    "DotProduct.output",
                    "return (float) sum * scale;",
                    "float y = (float) sum * scale; return y == 0 ? -0.0f : y;"),
            new Gutted(
                    "ElementaryFunctions.exp",
                    "return (e * powerOfTwo(half)) * powerOfTwo(exponent - half);",
                    "return -42;"),
            new Gutted(
                    "ElementaryFunctions.powerOfTwo",
                    "\n        return Float.intBitsToFloat((n + 127) << 23);",
                    "\n        return 1;"),
            new Gutted("ElementaryFunctions.silu", "return x / (1 + exp(-x));", "return exp(-x);"),
            new Gutted("ElementaryFunctions.gelu", "return x / (1 + exp(-v));", "return x;"),
            new Gutted("ElementaryFunctions.gated", "case SILU -> silu(g) * u;", "case SILU -> gelu(g) * u;"),
            new Gutted(
                    "ElementaryFunctions.clampedSwiglu",
                    "float limited = Math.min(g, SWIGLU_LIMIT);",
                    "float limited = g;"),
            new Gutted("ElementaryFunctions.tanh", "return Math.copySign(magnitude, x);", "return x;"),
            new Gutted("ElementaryFunctions.softCap", "return cap * tanh(x / cap);", "return x;"),
            new Gutted(
                    "ElementwiseOperations.gate",
                    "gate[k] = ElementaryFunctions.gated(activation, gate[k], up[k]);",
                    "gate[k] = 0;"),
            new Gutted("ElementwiseOperations.add", "x[k] = x[k] + addition[k];", "x[k] = 2;"),
            new Gutted("ElementwiseOperations.scale", "x[k] = x[k] * factor;", ";"),
            new Gutted(
                    "StridedSum.dot",
                    "partial[k % LANES] = partial[k % LANES] + a[aFrom + k] * b[bFrom + k];",
                    "partial[k % LANES] = 7;"),
            new Gutted(
                    "StridedSum.sum",
                    "partial[t % LANES] = partial[t % LANES] + terms[t - first];",
                    "partial[t % LANES] = -3;"),
            new Gutted("StridedSum.tree", "return even + odd;", "return 99;"),
            new Gutted("Normalization.rms", "y[yFrom + k] = (x[xFrom + k] * r) * weights[k];", "y[yFrom + k] = 13;"),
            new Gutted("Normalization.centre", "y[k] = x[k] - mean;", "y[k] = x[k];"),
            new Gutted("Normalization.squareRoot", "return (float) Math.sqrt(x);", "return x;"),
            new Gutted(
                    "RotaryAngles.cosinesAndSines",
                    "sines[from + i] = sine(angle);",
                    "sines[from + i] = cosine(angle);"),
            new Gutted(
                    "RotaryAngles.cosine",
                    "return (float) (quadrant == 1 || quadrant == 2 ? -value : value);",
                    "return 3;"),
            new Gutted(
                    "RotaryAngles.sine", "return (float) (quadrant >= 2 ? -value : value);", "return (float) value;"),
            new Gutted("RotaryAngles.sineNearZero", "return r + (r * z) * p;", "return r;"),
            new Gutted("RotaryAngles.cosineNearZero", "return (1 - z / 2) + (z * z) * p;", "return 1;"),
            new Gutted("Rotation.rotate", "x[first] = u * cos - v * sin;", "x[first] = 0;"));

    /** The clauses about values that are not proved, by method. */
    private static Map<String, Set<String>> unproved(List<SourceReader.Source> sources, Path root) {
        Program program = SourceReader.read(sources, List.of(root.resolve(KernelContracts.SOURCES)));
        Functions functions = new Functions(program);
        Map<String, Set<String>> found = new LinkedHashMap<>();
        for (MethodModel m : program.methods().values()) {
            if (GUTTED.stream().noneMatch(g -> g.method.equals(m.shortName()))) {
                continue;
            }
            VcGenerator.Result result = VcGenerator.generate(m, functions);
            SmtWriter writer = new SmtWriter(functions, m, result.measure());
            Set<String> clauses = new TreeSet<>();
            for (Condition c : result.conditions()) {
                String text = c.clause().text();
                if ((text.contains("floatToIntBits(") || text.contains("doubleToLongBits("))
                        && !c.detail().startsWith("well-defined")
                        && !c.detail().startsWith("precondition")
                        && !writer.write(c).stream().allMatch(Z3Prover::sketched)) {
                    clauses.add(text);
                }
            }
            found.put(m.shortName(), clauses);
        }
        return found;
    }

    @Test
    void valuesAreProvedOfTheKernelsAndOfNoHollowBody() throws IOException {
        Path root = Path.of(System.getProperty("threehalf.root", ".."))
                .toAbsolutePath()
                .normalize();
        List<SourceReader.Source> sources = ContractCheck.sources(KernelContracts.provedSources(root), root);
        Map<String, Set<String>> kernels = unproved(sources, root);
        assertEquals(GUTTED.size(), kernels.size());
        List<String> unproved = new ArrayList<>();
        kernels.forEach((m, clauses) -> clauses.forEach(c -> unproved.add(m + ": " + c)));
        assertEquals(List.of(), unproved);

        List<SourceReader.Source> hollow = new ArrayList<>();
        int replaced = 0;
        for (SourceReader.Source s : sources) {
            String text = s.text();
            for (Gutted g : GUTTED) {
                if (s.name().endsWith("/" + g.method.substring(0, g.method.indexOf('.')) + ".java")) {
                    assertTrue(text.contains(g.body), g.method + ": no " + g.body);
                    text = text.replace(g.body, g.hollow);
                    replaced++;
                }
            }
            hollow.add(new SourceReader.Source(s.name(), text));
        }
        assertEquals(GUTTED.size(), replaced);
        List<String> believed = new ArrayList<>();
        unproved(hollow, root).forEach((m, clauses) -> {
            if (clauses.isEmpty()) {
                believed.add(m);
            }
        });
        assertEquals(List.of(), believed, "hollow bodies whose contracts are proved");
    }
}
