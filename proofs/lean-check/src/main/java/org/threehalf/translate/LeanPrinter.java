package org.threehalf.translate;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes {@link Code} as a Lean term, in lines of at most 100 characters. */
final class LeanPrinter {
    private static final int COLUMNS = 100;

    private final StringBuilder text = new StringBuilder();
    private final boolean results;
    private int pairs;

    private LeanPrinter(boolean results) {
        this.results = results;
    }

    /** The body of a definition: of type {@code Result} unless the code is total. */
    static String body(Code code) {
        LeanPrinter printer = new LeanPrinter(!code.total());
        printer.code(code, 2, printer.results);
        return printer.text.toString();
    }

    /** A head of a definition, in lines that are not too long. */
    static String wrapped(String head) {
        LeanPrinter printer = new LeanPrinter(false);
        head.lines().forEach(l -> printer.line(0, l));
        return printer.text.toString();
    }

    private void code(Code code, int indent, boolean result) {
        switch (code) {
            case Code.Let let -> {
                // What nobody uses Lean warns of, and it cannot fail.
                if (let.rest().free().contains(let.name().name())) {
                    line(
                            indent,
                            "let %s : %s := %s"
                                    .formatted(let.name().name(), let.name().type(), let.value()));
                }
                code(let.rest(), indent, result);
            }
            case Code.Bind bind -> bind(bind, indent, result);
            case Code.Choice choice -> {
                line(indent, "if %s then".formatted(choice.condition()));
                code(choice.then(), indent + 2, result);
                line(indent, "else");
                code(choice.otherwise(), indent + 2, result);
            }
            case Code.Value value -> line(indent, result ? ".ok " + atom(value.term()) : value.term());
            case Code.Run run -> line(indent, run.term());
            case Code.Loop loop -> loop(loop, indent);
        }
    }

    private void bind(Code.Bind bind, int indent, boolean result) {
        Set<String> used = bind.rest().free();
        String name = bind.names().stream().noneMatch(n -> used.contains(n.name())) ? "_" : whole(bind.names());
        String type = type(bind.names());
        if (bind.value().total()) {
            line(indent, "let %s : %s :=".formatted(name, type));
            code(bind.value(), indent + 2, false);
        } else if (bind.value() instanceof Code.Run run) {
            line(indent, "bind %s fun (%s : %s) =>".formatted(atom(run.term()), name, type));
        } else {
            line(indent, "bind (");
            code(bind.value(), indent + 2, true);
            text.setLength(text.length() - 1);
            text.append(") fun (%s : %s) =>\n".formatted(name, type));
        }
        components(name, bind.names(), used, indent);
        code(bind.rest(), indent, result);
    }

    private void loop(Code.Loop loop, int indent) {
        Set<String> used = loop.body().free();
        String name = loop.state().stream().noneMatch(n -> used.contains(n.name())) ? "_" : whole(loop.state());
        line(
                indent,
                "forRange %s %s (fun (%s : Int) (%s : %s) =>"
                        .formatted(
                                atom(loop.first()),
                                atom(loop.bound()),
                                used.contains(loop.index()) ? loop.index() : "_",
                                name,
                                type(loop.state())));
        components(name, loop.state(), used, indent + 4);
        code(loop.body(), indent + 4, true);
        text.setLength(text.length() - 1);
        text.append(") ").append(tuple(loop.state())).append('\n');
    }

    /** A name for all of them together. */
    private String whole(List<Code.Variable> names) {
        return names.size() == 1 ? names.getFirst().name() : "s'" + ++pairs;
    }

    private void components(String whole, List<Code.Variable> names, Set<String> used, int indent) {
        for (int i = 0; names.size() > 1 && i < names.size(); i++) {
            if (!used.contains(names.get(i).name())) {
                continue;
            }
            line(
                    indent,
                    "let %s : %s := %s%s%s"
                            .formatted(
                                    names.get(i).name(),
                                    names.get(i).type(),
                                    whole,
                                    ".2".repeat(i),
                                    i < names.size() - 1 ? ".1" : ""));
        }
    }

    /** The type of several values: one's, a pair's, that of a pair with a pair in it. */
    static String type(List<Code.Variable> names) {
        return names.isEmpty()
                ? "Unit"
                : names.stream().map(Code.Variable::type).collect(Collectors.joining(" × "));
    }

    /** The value of several names: one, a pair, a pair with a pair in it. */
    static String tuple(List<Code.Variable> names) {
        return terms(names.stream().map(Code.Variable::name).toList());
    }

    /** The same of any terms. */
    static String terms(List<String> terms) {
        return terms.isEmpty() ? "()" : terms.size() == 1 ? terms.getFirst() : "(" + String.join(", ", terms) + ")";
    }

    /** A term that can be an argument. */
    static String atom(String term) {
        return term.matches("[\\w.']+|\\(\\)") || closed(term) ? term : "(" + term + ")";
    }

    /** Whether the first character opens what the last one closes. */
    private static boolean closed(String term) {
        if (!term.startsWith("(")) {
            return false;
        }
        int depth = 0;
        for (int i = 0; i < term.length(); i++) {
            depth += term.charAt(i) == '(' ? 1 : term.charAt(i) == ')' ? -1 : 0;
            if (depth == 0) {
                return i == term.length() - 1;
            }
        }
        return false;
    }

    private void line(int indent, String line) {
        String rest = " ".repeat(indent) + line;
        while (rest.length() > COLUMNS) {
            int cut = rest.lastIndexOf(' ', COLUMNS);
            text.append(rest, 0, cut).append('\n');
            rest = " ".repeat(indent + 4) + rest.substring(cut + 1);
        }
        text.append(rest).append('\n');
    }
}
