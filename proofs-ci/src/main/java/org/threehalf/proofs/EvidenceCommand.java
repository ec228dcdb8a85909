package org.threehalf.proofs;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.threehalf.proofs.evidence.Bundle;
import org.threehalf.proofs.evidence.EvidenceDiff;
import org.threehalf.proofs.trace.Problem;
import tools.jackson.databind.node.ObjectNode;

/** {@code ./threehalf evidence}: checks a bundle of evidence, and tells what changed from one to another. */
public final class EvidenceCommand {
    private static final String USAGE = """
            usage: threehalf evidence verify BUNDLE      is the bundle whole, and what does it say
                   threehalf evidence diff BUNDLE BUNDLE  what changed from the first to the second
            mvn verify writes target/evidence/%s
            exit code: verify 0 whole and nothing failed, 1 otherwise; diff 0 the same, 1 different; 2 cannot be read
            """.formatted(Bundle.NAME);

    private EvidenceCommand() {}

    /** Runs the command and ends with its exit code. */
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.out, System.err));
    }

    static int run(List<String> args, PrintStream out, PrintStream err) {
        try {
            if (args.size() == 2 && args.getFirst().equals("verify")) {
                return verify(Path.of(args.get(1)), out);
            }
            if (args.size() == 3 && args.getFirst().equals("diff")) {
                return diff(Path.of(args.get(1)), Path.of(args.get(2)), out);
            }
            boolean help = args.equals(List.of("--help")) || args.equals(List.of("-h"));
            (help ? out : err).print(USAGE);
            return help ? 0 : 2;
        } catch (IOException e) {
            err.println("threehalf evidence: " + e.getMessage());
            return 2;
        }
    }

    private static int verify(Path file, PrintStream out) throws IOException {
        Bundle bundle = read(file);
        List<Problem> problems = bundle.problems();
        problems.forEach(p -> out.println("DAMAGED: " + p));
        if (!problems.isEmpty()) {
            return 1;
        }
        ObjectNode evidence = bundle.evidence();
        var summary = evidence.path("summary");
        out.println("whole: %d files agree with the manifest and with each other".formatted(bundle.files().size()));
        out.println("%s, commit %s%s".formatted(evidence.path("result").asString(), evidence.path("commit").asString(),
                evidence.path("dirty").asBoolean() ? " with uncommitted changes" : ""));
        out.println("  %s of %s requirements covered, %s theorems, %s of %s contracts proved, %s tests passed, %s failed, %s skipped, conformance %s passed, %s failed".formatted(
                summary.path("requirementsCovered"), summary.path("requirements"), summary.path("theorems"), summary.path("contractsProved"), summary.path("contracts"),
                summary.path("testsPassed"), summary.path("testsFailed"), summary.path("testsSkipped"), summary.path("conformancePassed"), summary.path("conformanceFailed")));
        evidence.path("notChecked").forEach(n -> out.println("  NOT CHECKED: %s: %s".formatted(n.path("what").asString(), n.path("reason").asString())));
        evidence.path("problems").forEach(p -> out.println("  FAILED: " + p.path("what").asString()));
        out.println("who made it, this does not say: sign statement.intoto.json with your own tool");
        return evidence.path("result").asString().equals("PASSED") ? 0 : 1;
    }

    private static int diff(Path before, Path after, PrintStream out) throws IOException {
        List<String> lines = EvidenceDiff.lines(read(before).evidence(), read(after).evidence());
        lines.forEach(out::println);
        out.println(lines.isEmpty() ? "no difference apart from the environment" : "%d differences".formatted(lines.size()));
        return lines.isEmpty() ? 0 : 1;
    }

    private static Bundle read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("%s is no file; mvn verify writes target/evidence/%s".formatted(file, Bundle.NAME));
        }
        return Bundle.read(file);
    }
}
