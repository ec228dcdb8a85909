package org.threehalf.evidence.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What changed from one report to another, the environment left out. */
public final class EvidenceDiff {
    /**
     * The members that tell an item of a list from the others; lists of other things are compared as sets of values.
     */
    private static final Map<String, List<String>> KEYS = Map.ofEntries(
            Map.entry("requirements", List.of("id")),
            Map.entry("theorems", List.of("name")),
            Map.entry("contracts", List.of("type", "method")),
            Map.entry("checked", List.of("kind", "line", "text", "checker")),
            Map.entry("tests", List.of("module", "type")),
            Map.entry("methods", List.of("name")),
            Map.entry("cases", List.of("id")),
            Map.entry("conformance", List.of("backend")),
            Map.entry("summary", List.of("kind", "format")),
            Map.entry("failures", List.of("id", "name")),
            Map.entry("skips", List.of("name")),
            Map.entry("failed", List.of("id")),
            Map.entry("results", List.of("kind", "format")),
            Map.entry("clauses", List.of("kind", "line", "text", "checker")),
            Map.entry("checkers", List.of("name")),
            Map.entry("otherTests", List.of("module", "type")),
            Map.entry("reported", List.of("what")),
            Map.entry("unchecked", List.of("what")),
            Map.entry("vectors", List.of("file")),
            Map.entry("sources", List.of("file")),
            Map.entry("seeded", List.of("what")),
            Map.entry("mutations", List.of("suite")),
            Map.entry("checks", List.of("suite")),
            Map.entry("list", List.of("id")),
            Map.entry("tools", List.of("name")),
            Map.entry("notChecked", List.of("what")),
            Map.entry("problems", List.of("what")),
            Map.entry("waivers", List.of("kind")));
    /** Where a thing stands is no news. */
    private static final Set<String> SILENT = Set.of("line");

    private EvidenceDiff() {}

    /**
     * One line a difference, in the order of the reports: {@code + added}, {@code - removed}, {@code ~ changed: before
     * → after}.
     */
    public static List<String> lines(JsonNode before, JsonNode after) {
        List<String> lines = new ArrayList<>();
        for (String member : members(before, after)) {
            if (!member.equals("environment")) {
                compare(member, member, before.path(member), after.path(member), lines);
            }
        }
        return lines;
    }

    private static void compare(String name, String path, JsonNode before, JsonNode after, List<String> lines) {
        if (before.equals(after) || SILENT.contains(name)) {
            return;
        }
        if (before.isMissingNode()) {
            lines.add("+ %s: %s".formatted(path, brief(after)));
        } else if (after.isMissingNode()) {
            lines.add("- %s: %s".formatted(path, brief(before)));
        } else if (before.isObject() && after.isObject()) {
            members(before, after).forEach(m -> compare(m, path + " " + m, before.path(m), after.path(m), lines));
        } else if (before.isArray() && after.isArray()) {
            Map<String, JsonNode> first = items(name, before);
            Map<String, JsonNode> second = items(name, after);
            Set<String> all = new LinkedHashSet<>(first.keySet());
            all.addAll(second.keySet());
            for (String key : all) {
                JsonNode one = first.get(key);
                JsonNode other = second.get(key);
                if (one == null) {
                    lines.add("+ %s %s".formatted(path, key));
                } else if (other == null) {
                    lines.add("- %s %s".formatted(path, key));
                } else {
                    compare(key, path + " " + key, one, other, lines);
                }
            }
        } else {
            lines.add("~ %s: %s → %s".formatted(path, brief(before), brief(after)));
        }
    }

    private static Map<String, JsonNode> items(String name, JsonNode array) {
        Map<String, JsonNode> items = new LinkedHashMap<>();
        for (JsonNode item : array) {
            List<String> keys = KEYS.getOrDefault(name, List.of());
            String key = item.isObject() && !keys.isEmpty()
                    ? keys.stream().map(k -> item.path(k).asString()).collect(Collectors.joining(" "))
                    : brief(item);
            items.merge(key, item, (a, b) -> b);
        }
        return items;
    }

    private static Set<String> members(JsonNode before, JsonNode after) {
        Set<String> members = new LinkedHashSet<>();
        before.properties().forEach(p -> members.add(p.getKey()));
        after.properties().forEach(p -> members.add(p.getKey()));
        return members;
    }

    private static String brief(JsonNode node) {
        return node.isValueNode() ? node.asString() : node.toString();
    }
}
