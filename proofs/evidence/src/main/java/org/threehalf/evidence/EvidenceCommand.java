package org.threehalf.evidence;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.evidence.report.Bundle;
import org.threehalf.evidence.report.EvidenceDiff;
import org.threehalf.evidence.report.ForgedException;
import org.threehalf.evidence.report.Signature;
import org.threehalf.kernels.io.Printable;
import org.threehalf.kernels.io.WholeFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code ./threehalf evidence}: checks and signs a bundle of evidence, and tells what changed from one to another. */
@Command(
        name = "evidence",
        description = "Check and sign a bundle of evidence, and tell what changed from one to another.",
        footer = {
            "%nmvn verify writes target/evidence/" + Bundle.NAME + "; its signature stands beside it (.intoto.jsonl).",
            "keys: openssl genpkey -algorithm ed25519 -out PRIVATE.pem; openssl pkey -in PRIVATE.pem -pubout -out PUBLIC.pem"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:verify: whole and nothing failed; sign: signed; diff: the same",
            "1:verify: not so; sign: not whole; diff: different",
            "2:wrong arguments, or a file cannot be read",
            "3:an error of this program, which is no answer"
        },
        mixinStandardHelpOptions = true)
public final class EvidenceCommand implements Runnable {
    /** What is put behind a bundle's name for its signatures. */
    private static final String ENVELOPE = ".intoto.jsonl";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For {@link Commands}. */
    EvidenceCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "verify, sign or diff is missing");
    }

    /** What a command does with its files. */
    @FunctionalInterface
    private interface Work {
        int run(PrintWriter out) throws IOException;
    }

    /** One line: what a bundle says can neither steer the terminal nor begin a line of its own. */
    private static void say(PrintWriter to, String line) {
        to.println(Printable.line(line.replaceAll("[\\r\\n\\t]+", " ")));
    }

    private int answer(Work work) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            return work.run(out);
        } catch (ForgedException e) {
            say(out, "REFUSED: " + e.getMessage());
            return ThreeHalf.FAILED;
        } catch (IOException e) {
            say(err, "threehalf evidence: " + e.getMessage());
            return ThreeHalf.USAGE;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            say(err, "threehalf evidence: an error of this program, which says nothing about the bundle: " + e);
            return ThreeHalf.INTERNAL;
        } finally {
            out.flush();
            err.flush();
        }
    }

    @Command(
            name = "verify",
            description =
                    "Is the bundle whole, does it follow from its facts, what does it say, and with --key: who signed it?",
            mixinStandardHelpOptions = true)
    int verify(
            @Option(names = "--key", paramLabel = "PUBLIC.pem", description = "the key that must have signed it")
                    @Nullable
                    Path key,
            @Parameters(index = "0", paramLabel = "BUNDLE") Path bundle,
            @Parameters(
                            index = "1",
                            arity = "0..1",
                            paramLabel = "ENVELOPE",
                            description = "with --key: its signature (default: BUNDLE.intoto.jsonl)")
                    @Nullable
                    Path envelope) {
        if (key == null && envelope != null) {
            throw new ParameterException(spec.subcommands().get("verify"), "ENVELOPE is of no use without --key");
        }
        return answer(out -> verify(file(bundle), key == null ? null : file(key), envelope(bundle, envelope), out));
    }

    @Command(
            name = "sign",
            description = "Write a DSSE envelope of the bundle's in-toto statement.",
            mixinStandardHelpOptions = true)
    int sign(
            @Option(names = "--key", paramLabel = "PRIVATE.pem", required = true, description = "the key that signs")
                    Path key,
            @Parameters(index = "0", paramLabel = "BUNDLE") Path bundle,
            @Parameters(
                            index = "1",
                            arity = "0..1",
                            paramLabel = "ENVELOPE",
                            description = "what is written (default: BUNDLE.intoto.jsonl)")
                    @Nullable
                    Path envelope) {
        return answer(out -> sign(file(bundle), file(key), envelope(bundle, envelope), out));
    }

    @Command(
            name = "diff",
            description = "Tell what changed from the first bundle to the second.",
            mixinStandardHelpOptions = true)
    int diff(
            @Parameters(index = "0", paramLabel = "BEFORE") Path before,
            @Parameters(index = "1", paramLabel = "AFTER") Path after) {
        return answer(out -> diff(file(before), file(after), out));
    }

    private static int verify(Path file, @Nullable Path key, Path envelope, PrintWriter out) throws IOException {
        Bundle bundle = Bundle.verified(file);
        String signer = key == null ? "" : Signature.verify(bundle, file(envelope), key);
        ObjectNode evidence = bundle.evidence();
        var summary = evidence.path("summary");
        say(
                out,
                "whole: %d files follow from the facts in evidence.json"
                        .formatted(bundle.files().size()));
        say(
                out,
                "%s, commit %s%s"
                        .formatted(
                                evidence.path("result").asString(),
                                evidence.path("commit").asString(),
                                evidence.path("dirty").asBoolean() ? " with uncommitted changes" : ""));
        say(
                out,
                "  %s of %s requirements covered, %s theorems, %s of %s contracts proved, %s tests passed, %s failed, %s skipped, conformance %s passed, %s failed"
                        .formatted(
                                summary.path("requirementsCovered"),
                                summary.path("requirements"),
                                summary.path("theorems"),
                                summary.path("contractsProved"),
                                summary.path("contracts"),
                                summary.path("testsPassed"),
                                summary.path("testsFailed"),
                                summary.path("testsSkipped"),
                                summary.path("conformancePassed"),
                                summary.path("conformanceFailed")));
        evidence.path("notChecked")
                .forEach(n -> say(
                        out,
                        "  NOT CHECKED: %s: %s"
                                .formatted(
                                        n.path("what").asString(),
                                        n.path("reason").asString())));
        evidence.path("problems")
                .forEach(p -> say(out, "  FAILED: " + p.path("what").asString()));
        say(
                out,
                key == null
                        ? "not signed, as far as was asked: this shows that the bundle agrees with itself, not who made it nor that its facts are true (evidence sign, verify --key)"
                        : "signed by the key with SHA-256 " + signer);
        return evidence.path("result").asString().equals("PASSED") ? 0 : 1;
    }

    private static int sign(Path file, Path key, Path envelope, PrintWriter out) throws IOException {
        Bundle bundle = Bundle.verified(file);
        WholeFile.write(envelope, Signature.sign(bundle, key));
        say(
                out,
                "signed: %s, a bundle whose result is %s; verify --key checks it"
                        .formatted(envelope, bundle.evidence().path("result").asString()));
        return 0;
    }

    private static int diff(Path before, Path after, PrintWriter out) throws IOException {
        List<String> lines = EvidenceDiff.lines(
                Bundle.verified(before).evidence(), Bundle.verified(after).evidence());
        lines.forEach(line -> say(out, line));
        say(
                out,
                lines.isEmpty()
                        ? "no difference apart from the environment"
                        : "%d differences".formatted(lines.size()));
        return lines.isEmpty() ? 0 : 1;
    }

    private static Path envelope(Path bundle, @Nullable Path named) {
        return named == null ? Path.of(bundle + ENVELOPE) : named;
    }

    private static Path file(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("%s is no file; mvn verify writes target/evidence/%s".formatted(file, Bundle.NAME));
        }
        return file;
    }
}
