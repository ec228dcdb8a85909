package org.threehalf.evidence.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.threehalf.repository.Problem;
import org.threehalf.repository.SourceTree;

/**
 * The requirements that the Markdown files of {@code spec/} define: a paragraph that starts with a bold id.
 *
 * @param requirements by id
 * @param problems ids that are defined twice, and waivers that cannot be read
 */
public record Specification(SortedMap<String, Requirement> requirements, List<Problem> problems) {

    private static final Pattern DEFINITION =
            Pattern.compile("\\*\\*(REQ-[A-Z0-9]{3}-\\d{3})\\*\\*\\s*(.*)", Pattern.DOTALL);
    private static final Pattern WAIVER =
            Pattern.compile("Waiver \\((\\w+)\\):\\s*(.*?)\\s*(?=Waiver \\(|$)", Pattern.DOTALL);

    /** Reads {@code spec/*.md} below the repository's root. */
    public static Specification read(Path root) throws IOException {
        SortedMap<String, Requirement> requirements = new TreeMap<>();
        List<Problem> problems = new ArrayList<>();
        for (Path file : SourceTree.files(root.resolve("spec"), ".md")) {
            String name = SourceTree.name(root, file);
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (i > 0 && !lines.get(i - 1).isBlank()) {
                    continue;
                }
                var definition = DEFINITION.matcher(paragraph(lines, i));
                if (definition.matches()) {
                    Requirement read = requirement(definition.group(1), definition.group(2), name, i + 1, problems);
                    Requirement before = requirements.putIfAbsent(read.id(), read);
                    if (before != null) {
                        problems.add(new Problem(
                                "%s is defined twice: %s:%d and %s:%d"
                                        .formatted(read.id(), before.file(), before.line(), name, i + 1),
                                "give the second one a new number"));
                    }
                }
            }
        }
        return new Specification(requirements, List.copyOf(problems));
    }

    private static String paragraph(List<String> lines, int first) {
        int end = first;
        while (end < lines.size() && !lines.get(end).isBlank()) {
            end++;
        }
        return String.join("\n", lines.subList(first, end));
    }

    private static Requirement requirement(String id, String paragraph, String file, int line, List<Problem> problems) {
        Map<EvidenceKind, String> waivers = new EnumMap<>(EvidenceKind.class);
        var matcher = WAIVER.matcher(paragraph);
        while (matcher.find()) {
            try {
                waivers.put(EvidenceKind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)), fold(matcher.group(2)));
            } catch (IllegalArgumentException e) {
                problems.add(new Problem(
                        "%s (%s:%d) waives '%s', which is no kind of evidence"
                                .formatted(id, file, line, matcher.group(1)),
                        "write theorem, contract, test or case"));
            }
        }
        return new Requirement(id, fold(WAIVER.matcher(paragraph).replaceAll("")), file, line, waivers);
    }

    private static String fold(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }
}
