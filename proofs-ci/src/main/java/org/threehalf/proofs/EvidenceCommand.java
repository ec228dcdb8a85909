package org.threehalf.proofs;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.threehalf.kernels.io.WholeFile;
import org.threehalf.proofs.evidence.Bundle;
import org.threehalf.proofs.evidence.EvidenceDiff;
import org.threehalf.proofs.evidence.ForgedException;
import org.threehalf.proofs.evidence.Signature;
import tools.jackson.databind.node.ObjectNode;

/** {@code ./threehalf evidence}: checks and signs a bundle of evidence, and tells what changed from one to another. */
public final class EvidenceCommand {
    /** What is put behind a bundle's name for its signatures. */
    private static final String ENVELOPE = ".intoto.jsonl";
    private static final String USAGE = """
            usage: threehalf evidence verify [--key PUBLIC.pem] BUNDLE [ENVELOPE]   is the bundle whole, does it follow from its facts, what does it say, who signed it
                   threehalf evidence sign --key PRIVATE.pem BUNDLE [ENVELOPE]      writes a DSSE envelope of its in-toto statement (BUNDLE%s)
                   threehalf evidence diff BUNDLE BUNDLE                            what changed from the first to the second
            mvn verify writes target/evidence/%s
            keys: openssl genpkey -algorithm ed25519 -out PRIVATE.pem; openssl pkey -in PRIVATE.pem -pubout -out PUBLIC.pem
            exit code: verify 0 whole and nothing failed, 1 otherwise; sign 0 signed, 1 not whole; diff 0 the same, 1 different; 2 wrong call, or a file cannot be read;
            3 an error of this program, which is no answer
            """.formatted(ENVELOPE, Bundle.NAME);

    private EvidenceCommand() {}

    /** Runs the command and ends with its exit code. */
    public static void main(String[] args) {
        int code = 3;
        try {
            code = run(List.of(args), System.out, System.err);
        } finally {
            System.exit(code);
        }
    }

    static int run(List<String> args, PrintStream out, PrintStream err) {
        try {
            List<String> files = new ArrayList<>(args);
            Path key = null;
            int at = files.indexOf("--key");
            if (at >= 1 && at + 1 < files.size()) {
                key = file(files.get(at + 1));
                files.subList(at, at + 2).clear();
            }
            boolean one = files.size() == 2 || files.size() == 3;
            if (one && files.getFirst().equals("verify") && (key != null || files.size() == 2)) {
                return verify(file(files.get(1)), key, envelope(files), out);
            }
            if (one && files.getFirst().equals("sign") && key != null) {
                return sign(file(files.get(1)), key, envelope(files), out);
            }
            if (key == null && files.size() == 3 && files.getFirst().equals("diff")) {
                return diff(file(files.get(1)), file(files.get(2)), out);
            }
            boolean help = args.equals(List.of("--help")) || args.equals(List.of("-h"));
            (help ? out : err).print(USAGE);
            return help ? 0 : 2;
        } catch (ForgedException e) {
            out.println("REFUSED: " + e.getMessage());
            return 1;
        } catch (IOException e) {
            err.println("threehalf evidence: " + e.getMessage());
            return 2;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            err.println("threehalf evidence: an error of this program, which says nothing about the bundle: " + e);
            return 3;
        }
    }

    private static int verify(Path file, @org.jspecify.annotations.Nullable Path key, Path envelope, PrintStream out) throws IOException {
        Bundle bundle = Bundle.verified(file);
        String signer = key == null ? "" : Signature.verify(bundle, file(envelope.toString()), key);
        ObjectNode evidence = bundle.evidence();
        var summary = evidence.path("summary");
        out.println("whole: %d files follow from the facts in evidence.json".formatted(bundle.files().size()));
        out.println("%s, commit %s%s".formatted(evidence.path("result").asString(), evidence.path("commit").asString(),
                evidence.path("dirty").asBoolean() ? " with uncommitted changes" : ""));
        out.println("  %s of %s requirements covered, %s theorems, %s of %s contracts proved, %s tests passed, %s failed, %s skipped, conformance %s passed, %s failed".formatted(
                summary.path("requirementsCovered"), summary.path("requirements"), summary.path("theorems"), summary.path("contractsProved"), summary.path("contracts"),
                summary.path("testsPassed"), summary.path("testsFailed"), summary.path("testsSkipped"), summary.path("conformancePassed"), summary.path("conformanceFailed")));
        evidence.path("notChecked").forEach(n -> out.println("  NOT CHECKED: %s: %s".formatted(n.path("what").asString(), n.path("reason").asString())));
        evidence.path("problems").forEach(p -> out.println("  FAILED: " + p.path("what").asString()));
        out.println(key == null
                ? "not signed, as far as was asked: this shows that the bundle agrees with itself, not who made it nor that its facts are true (evidence sign, verify --key)"
                : "signed by the key with SHA-256 " + signer);
        return evidence.path("result").asString().equals("PASSED") ? 0 : 1;
    }

    private static int sign(Path file, Path key, Path envelope, PrintStream out) throws IOException {
        Bundle bundle = Bundle.verified(file);
        WholeFile.write(envelope, Signature.sign(bundle, key));
        out.println("signed: %s, a bundle whose result is %s; verify --key checks it".formatted(envelope, bundle.evidence().path("result").asString()));
        return 0;
    }

    private static int diff(Path before, Path after, PrintStream out) throws IOException {
        List<String> lines = EvidenceDiff.lines(Bundle.verified(before).evidence(), Bundle.verified(after).evidence());
        lines.forEach(out::println);
        out.println(lines.isEmpty() ? "no difference apart from the environment" : "%d differences".formatted(lines.size()));
        return lines.isEmpty() ? 0 : 1;
    }

    private static Path envelope(List<String> files) {
        return Path.of(files.size() == 3 ? files.get(2) : files.get(1) + ENVELOPE);
    }

    private static Path file(String name) throws IOException {
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            throw new IOException("%s is no file; mvn verify writes target/evidence/%s".formatted(name, Bundle.NAME));
        }
        return file;
    }
}
