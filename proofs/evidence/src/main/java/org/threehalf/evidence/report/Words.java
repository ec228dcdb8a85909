package org.threehalf.evidence.report;

import java.text.Normalizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the free texts of a report say, as far as a verdict beside them must agree with it. */
final class Words {
    /** Letters that show nothing. */
    private static final String FILLERS = "\u115f\u1160\u3164\uffa0";

    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cf}\\p{Cc}" + FILLERS + "]");
    /** How a text begins that says of what it is about that it did not succeed. */
    private static final Pattern DENIAL = Pattern.compile(
            "^[^\\p{L}\\p{N}]*(?:(?:it|this|they|all|was|were|is|are|has|have|had|been|verdict|result|status)[^\\p{L}\\p{N}]+)*"
                    + "(?:not|no|none|nothing|never|cannot|could|didn|did not|fail\\p{L}*|refut\\p{L}*|skip\\p{L}*|omit\\p{L}*|error\\p{L}*"
                    + "|abort\\p{L}*|crash\\p{L}*|time[ds]?[ -]?out|wrong\\p{L}*|incorrect\\p{L}*|mismatch\\p{L}*|differs?|different"
                    + "|sorry|surviv\\p{L}*|exception|missing|todo|pending|disabled|ignored|broken|invalid|false|n/a"
                    + "|un(?:known|checked|proved|proven|tested|verified|decided|available)|counterexample)(?!\\p{L})",
            Pattern.CASE_INSENSITIVE);
    /** Verdicts, as this project writes them, wherever they stand. */
    private static final Pattern VERDICT = Pattern.compile(
            "(?<![\\p{L}_])(FAIL(ED|URE|S)?|NOT[ _-](CHECKED|RUN|PROVED|PROVABLE|PASSED)|REFUTED|SKIPPED|ERROR|SURVIVED)(?![\\p{L}_])");
    /** A number of a larger one: the rest is what did not. */
    private static final Pattern PART = Pattern.compile(
            "(?<![\\p{N}.,])(\\p{Nd}[\\p{Nd},']*) (?:out )?of (?:the )?(\\p{Nd}[\\p{Nd},']*)(?![\\p{N}.])");
    /** What kills no fault, though it stands in the place of what did. */
    private static final Pattern NOBODY = Pattern.compile(
            "^[^\\p{L}\\p{N}]*(?:none|nothing|nobody|no|never|n/a|null|unknown|surviv\\p{L}*|missed|uncaught|not[ _-]?(?:killed|caught|run|checked|noticed|found)"
                    + "|skip\\p{L}*)[^\\p{L}\\p{N}]*$",
            Pattern.CASE_INSENSITIVE);

    /** How a text begins that says of what nobody checked that it was, and failed. */
    private static final Pattern FAILURE =
            Pattern.compile("^[^\\p{L}\\p{N}]*(?:FAIL(?:ED|URE|S)?|REFUTED|(?i:counterexample|refuted))(?![\\p{L}_])");

    /** A verdict other than success, in the place of a name. */
    private static final Pattern DENIED = Pattern.compile(
            "^[^\\p{L}\\p{N}]*(?:FAIL(?:ED|URE|S)?|REFUTED|SKIPPED|ERROR|SURVIVED|(?i:not[ _-]?(?:checked|run|proved|proven|passed)))(?![\\p{L}_])");

    private Words() {}

    private static String plain(String text) {
        return UNSEEN.matcher(Normalizer.normalize(text, Normalizer.Form.NFKC)).replaceAll("");
    }

    /** Whether a text shows nothing: white space and characters without a glyph. */
    static boolean invisible(String text) {
        return plain(text).codePoints().allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c));
    }

    /** Whether a text, as a reason, says nothing: it holds no letter and no digit. */
    static boolean blank(String text) {
        return plain(text).codePoints().noneMatch(Character::isLetterOrDigit);
    }

    /** Whether a text beside a verdict of success says that it was none, or of a part alone. */
    static boolean denies(String text) {
        String plain = plain(text);
        if (DENIAL.matcher(plain).find() || VERDICT.matcher(plain).find()) {
            return true;
        }
        Matcher part = PART.matcher(plain);
        while (part.find()) {
            String some = digits(part.group(1));
            String all = digits(part.group(2));
            // "0 of 40 differ" says that all is well; "3 of 40", of whatever, says that something is not.
            if (!some.equals(all)
                    && (!some.equals("0")
                            || !plain.substring(part.end()).matches("(?s).*\\b(differ|wrong|fail|fault).*"))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a text beside a verdict that nobody checked says that somebody did, and that it failed. */
    static boolean fails(String text) {
        return FAILURE.matcher(plain(text)).find();
    }

    /** Whether a name or a description is a verdict, and not that of success. */
    static boolean isFailure(String name) {
        return DENIED.matcher(plain(name)).find();
    }

    /** Whether a name holds a verdict, and not that of success. */
    static boolean namesFailure(String name) {
        return VERDICT.matcher(plain(name)).find();
    }

    private static String digits(String number) {
        String digits = number.replaceAll("[,']", "");
        return digits.replaceFirst("^0+(?=.)", "");
    }

    /** Whether the version of a checker says that it ran. */
    static boolean ran(String version) {
        return !blank(version) && !DENIAL.matcher(plain(version)).find();
    }

    /** Whether a text names what caught a fault. */
    static boolean catches(String killer) {
        return !blank(killer) && !NOBODY.matcher(plain(killer)).find();
    }
}
