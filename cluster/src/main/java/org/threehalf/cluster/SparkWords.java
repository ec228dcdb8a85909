package org.threehalf.cluster;

import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.kernels.io.Printable;

/** What Spark and Hadoop say of a failure, without what only their authors can use: a sentence for a person. */
final class SparkWords {
    /** Names of exceptions' classes, wherever a message quotes another's. */
    private static final Pattern CLASSES =
            Pattern.compile("\\b(?:[a-z][a-z0-9_]*\\.)+[A-Z][\\w$]*(?:Exception|Error|Failure|Throwable)\\b:? ?");

    private static final Pattern CODES =
            Pattern.compile("^\\[[A-Z0-9_.]+] | SQLSTATE: \\w+|; For more details see:.*$");

    private static final Pattern LOST_TASK = Pattern.compile(
            "Job aborted due to stage failure: (?:Task \\d+ in stage \\S+ failed (\\d+) times, most recent failure: )?Lost task \\S+ in stage \\S+ \\(TID \\d+\\) \\((\\S+) executor \\S+\\): (.*)");

    private static final Pattern LOST_EXECUTOR =
            Pattern.compile("ExecutorLostFailure \\(executor \\S+ [^)]*\\)(?: Reason:)? ?");

    /** Characters of a word of somebody else's that are shown at most. */
    private static final int SHOWN = 80;

    private SparkWords() {}

    /**
     * A word of a file or of the command line, in a message: in one line ({@link Printable}), and cut if it is long.
     */
    static String shown(String word) {
        int all = word.codePointCount(0, word.length());
        return Printable.line(all <= SHOWN ? word : word.substring(0, word.offsetByCodePoints(0, SHOWN)) + "…");
    }

    /** The first line of what a failure says, or, where it says nothing, what it is. */
    static String of(Throwable failure) {
        return switch (failure) {
            case NoSuchFileException missing -> missing.getFile() + ": there is no such file";
            case AccessDeniedException denied -> denied.getFile() + ": access is denied";
            case ClassNotFoundException missing -> "there is no class " + missing.getMessage();
            case UnknownHostException unknown -> "no such host: " + unknown.getMessage();
            default -> failure.getMessage() == null ? failure.getClass().getSimpleName() : of(failure.getMessage());
        };
    }

    /** The first line of a message. */
    static String of(String message) {
        String line = message.lines().findFirst().orElse("");
        Matcher lost = LOST_TASK.matcher(line);
        if (lost.matches()) {
            return "a task failed%s on node %s: %s"
                    .formatted(
                            lost.group(1) == null ? "" : " %s times, the last time".formatted(lost.group(1)),
                            lost.group(2),
                            of(lost.group(3)));
        }
        line = LOST_EXECUTOR.matcher(line).replaceFirst("its process is gone: ");
        line = CODES.matcher(line).replaceAll("");
        if (line.contains("UnknownHostException: ")) {
            line = line.replaceFirst("\\S*UnknownHostException: ", "no such host: ");
        }
        String words = CLASSES.matcher(line).replaceAll("").strip();
        return words.isEmpty() ? line : words;
    }
}
