package org.threehalf.backends.groq.mlir;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes an operation in MLIR's generic form, which is the same for every dialect: {@code %2 = "arith.addi"(%0, %1) :
 * (i32, i32) -> i32}. {@code mlir-opt} turns it into the pretty one.
 */
final class Printer {

    private final StringBuilder text = new StringBuilder();
    private final Map<Value, Integer> numbers = new IdentityHashMap<>();

    private Printer() {}

    /** The text of a top-level operation. */
    static String print(Operation operation) {
        Printer printer = new Printer();
        printer.operation(operation, 0);
        return printer.text.toString();
    }

    private String name(Value value) {
        return "%" + numbers.computeIfAbsent(value, unnamed -> numbers.size());
    }

    private static String types(List<Value> values) {
        return values.stream().map(value -> value.type().toString()).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String dictionary(Map<String, Attribute> attributes) {
        return attributes.entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private void operation(Operation operation, int depth) {
        text.repeat("  ", depth);
        if (!operation.results().isEmpty()) {
            text.append(operation.results().stream().map(this::name).collect(Collectors.joining(", ")))
                    .append(" = ");
        }
        text.append('"').append(operation.name()).append('"');
        text.append(operation.operands().stream().map(this::name).collect(Collectors.joining(", ", "(", ")")));
        if (!operation.properties().isEmpty()) {
            text.append(" <").append(dictionary(operation.properties())).append('>');
        }
        if (!operation.regions().isEmpty()) {
            text.append(" (");
            operation.regions().forEach(block -> region(block, depth));
            text.append(')');
        }
        if (!operation.attributes().isEmpty()) {
            text.append(' ').append(dictionary(operation.attributes()));
        }
        text.append(" : ")
                .append(types(operation.operands()))
                .append(" -> ")
                .append(types(operation.results()))
                .append('\n');
    }

    private void region(Block block, int depth) {
        text.append("{\n");
        if (!block.arguments().isEmpty()) {
            text.repeat("  ", depth).append("^block");
            text.append(block.arguments().stream()
                    .map(value -> name(value) + ": " + value.type())
                    .collect(Collectors.joining(", ", "(", "):\n")));
        }
        block.operations().forEach(operation -> operation(operation, depth + 1));
        text.repeat("  ", depth).append('}');
    }
}
