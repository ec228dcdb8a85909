package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.template.Lexer.Kind;
import org.threehalf.inference.template.Lexer.Token;
import org.threehalf.inference.template.Node.Arguments;
import org.threehalf.inference.template.Node.Expression;

/** From tokens to nodes, with the precedences of Jinja 3. */
final class Parser {
    private static final int MAX_DEPTH = 200;
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    /** What a test's argument without parentheses cannot begin with. */
    private static final Set<String> NO_ARGUMENT = Set.of("else", "or", "and", "is", "not", "if", "in");

    private final List<Token> tokens;
    private int at;
    private int depth;

    private Parser(List<Token> tokens) {
        this.tokens = tokens;
    }

    static List<Node> parse(String source) {
        Parser parser = new Parser(Lexer.tokens(source));
        List<Node> nodes = parser.nodes();
        if (parser.peek().kind() != Kind.EOF) {
            throw parser.error("'%s' without its beginning"
                    .formatted(parser.tokens.get(parser.at + 1).text()));
        }
        return nodes;
    }

    private Token peek() {
        return tokens.get(at);
    }

    private Token next() {
        return tokens.get(at++);
    }

    private TemplateException error(String message) {
        return new TemplateException("line %d: %s".formatted(peek().line(), message));
    }

    private boolean skip(String operator) {
        boolean there = peek().is(operator);
        at += there ? 1 : 0;
        return there;
    }

    private boolean skipName(String name) {
        boolean there = peek().isName(name);
        at += there ? 1 : 0;
        return there;
    }

    private void expect(String operator) {
        if (!skip(operator)) {
            throw error("'%s' expected, and '%s' found".formatted(operator, peek().text()));
        }
    }

    private String name() {
        if (peek().kind() != Kind.NAME) {
            throw error("a name expected, and '%s' found".formatted(peek().text()));
        }
        return next().text();
    }

    private void end() {
        if (next().kind() != Kind.END) {
            at--;
            throw error("the end of the tag expected, and '%s' found".formatted(peek().text()));
        }
    }

    private void deeper() {
        if (++depth > MAX_DEPTH) {
            throw error("the template is nested more than %d deep".formatted(MAX_DEPTH));
        }
    }

    /** Nodes up to a tag that begins with one of the words, which stays; up to the end where there are none. */
    private List<Node> nodes(String... until) {
        deeper();
        List<Node> nodes = new ArrayList<>();
        while (peek().kind() != Kind.EOF) {
            Token token = peek();
            if (token.kind() == Kind.TEXT) {
                nodes.add(new Node.Text(next().text()));
            } else if (token.kind() == Kind.PRINT) {
                at++;
                nodes.add(new Node.Print(tuple()));
                end();
            } else {
                String word = tokens.get(at + 1).text();
                if (Arrays.asList(until).contains(word)
                        || until.length == 0
                                && (word.startsWith("end") || word.equals("else") || word.equals("elif"))) {
                    break;
                }
                at++;
                statement(nodes);
            }
        }
        depth--;
        return nodes;
    }

    /** Moves past the tag that {@link #nodes} stopped at, up to behind its first word. */
    private String closing(String opened) {
        if (peek().kind() == Kind.EOF) {
            throw error("'%s' without its end".formatted(opened));
        }
        at++;
        return name();
    }

    private void statement(List<Node> nodes) {
        String word = name();
        switch (word) {
            case "if" -> nodes.add(ifStatement());
            case "for" -> nodes.add(forStatement());
            case "set" -> nodes.add(set());
            case "macro" -> nodes.add(macro());
            case "filter" -> {
                List<Node.Filter> filters = filters(true);
                end();
                List<Node> body = nodes("endfilter");
                closing(word);
                end();
                nodes.add(new Node.Filtered(filters, body));
            }
            case "generation" -> {
                end();
                nodes.addAll(nodes("endgeneration"));
                closing(word);
                end();
            }
            // Nothing inherits from a chat's template: a block is what stands in it.
            case "block" -> {
                name();
                end();
                nodes.add(new Node.With(List.of(), List.of(), nodes("endblock")));
                closing(word);
                if (peek().kind() == Kind.NAME) {
                    name();
                }
                end();
            }
            case "with" -> nodes.add(with());
            case "call" -> nodes.add(callBlock());
            case "break" -> {
                end();
                nodes.add(new Node.Break());
            }
            case "continue" -> {
                end();
                nodes.add(new Node.Continue());
            }
            default -> throw error("the statement '%s' is not known".formatted(word));
        }
    }

    private Node ifStatement() {
        List<Expression> conditions = new ArrayList<>();
        List<List<Node>> bodies = new ArrayList<>();
        List<Node> otherwise = List.of();
        String word = "elif";
        while (word.equals("elif")) {
            conditions.add(tuple());
            end();
            bodies.add(nodes("elif", "else", "endif"));
            word = closing("if");
        }
        if (word.equals("else")) {
            end();
            otherwise = nodes("endif");
            closing("if");
        }
        end();
        for (int i = conditions.size() - 1; i >= 0; i--) {
            otherwise = List.of(new Node.If(conditions.get(i), bodies.get(i), otherwise));
        }
        return otherwise.getFirst();
    }

    private List<String> targets() {
        boolean parenthesis = skip("(");
        List<String> targets = new ArrayList<>(List.of(name()));
        while (skip(",")) {
            targets.add(name());
        }
        if (parenthesis) {
            expect(")");
        }
        return targets;
    }

    private Node forStatement() {
        List<String> targets = targets();
        if (!skipName("in")) {
            throw error("'in' expected");
        }
        Expression in = or();
        if (peek().is(",")) {
            List<Expression> elements = new ArrayList<>(List.of(in));
            while (skip(",")) {
                elements.add(or());
            }
            in = new Node.ListOf(elements, true);
        }
        Expression condition = skipName("if") ? expression() : null;
        end();
        List<Node> body = nodes("else", "endfor");
        List<Node> otherwise = List.of();
        if (closing("for").equals("else")) {
            end();
            otherwise = nodes("endfor");
            closing("for");
        }
        end();
        return new Node.For(targets, in, condition, body, otherwise);
    }

    private Node set() {
        List<String> names = targets();
        String attribute = skip(".") ? name() : null;
        if (skip("=")) {
            Expression value = tuple();
            end();
            return new Node.Assign(names, attribute, value);
        }
        List<Node.Filter> filters = filters(false);
        end();
        List<Node> body = nodes("endset");
        closing("set");
        end();
        return new Node.Capture(names.getFirst(), filters, body);
    }

    /** {@code | f | g}, or, with the first bar left out, {@code f | g}. */
    private List<Node.Filter> filters(boolean first) {
        List<Node.Filter> filters = new ArrayList<>();
        boolean more = first || skip("|");
        while (more) {
            filters.add(new Node.Filter(
                    new Node.Literal(null),
                    name(),
                    skip("(") ? arguments() : new Arguments(List.of(), new LinkedHashMap<>())));
            more = skip("|");
        }
        return filters;
    }

    private Node with() {
        List<String> names = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (peek().kind() != Kind.END) {
            names.add(name());
            expect("=");
            values.add(expression());
            if (peek().kind() != Kind.END) {
                expect(",");
            }
        }
        end();
        List<Node> body = nodes("endwith");
        closing("with");
        end();
        return new Node.With(names, values, body);
    }

    private Node macro() {
        String name = name();
        expect("(");
        List<String> parameters = new ArrayList<>();
        List<@Nullable Expression> defaults = new ArrayList<>();
        parameters(parameters, defaults);
        return body(name, "macro", parameters, defaults);
    }

    /**
     * {@code call(parameters) name(arguments)} … {@code endcall}: the body is what the macro calls {@code caller()}.
     */
    private Node callBlock() {
        List<String> parameters = new ArrayList<>();
        List<@Nullable Expression> defaults = new ArrayList<>();
        if (skip("(")) {
            parameters(parameters, defaults);
        }
        if (!(expression() instanceof Node.Call call)) {
            throw error("a call expected");
        }
        Node.Macro body = body("caller", "call", parameters, defaults);
        return new Node.CallBlock(call, body);
    }

    private void parameters(List<String> parameters, List<@Nullable Expression> defaults) {
        while (!skip(")")) {
            parameters.add(name());
            defaults.add(skip("=") ? expression() : null);
            if (!peek().is(")")) {
                expect(",");
            }
        }
    }

    private Node.Macro body(String name, String word, List<String> parameters, List<@Nullable Expression> defaults) {
        end();
        int from = at;
        List<Node> body = nodes("end" + word);
        boolean more = tokens.subList(from, at).stream().anyMatch(token -> token.isName("varargs"));
        boolean named = tokens.subList(from, at).stream().anyMatch(token -> token.isName("kwargs"));
        boolean caller = tokens.subList(from, at).stream().anyMatch(token -> token.isName("caller"));
        closing(word);
        end();
        return new Node.Macro(name, parameters, defaults, body, more, named, caller);
    }

    /** An expression, or several with commas between them. */
    private Expression tuple() {
        Expression first = expression();
        if (!peek().is(",")) {
            return first;
        }
        List<Expression> elements = new ArrayList<>(List.of(first));
        while (skip(",") && peek().kind() != Kind.END) {
            elements.add(expression());
        }
        return new Node.ListOf(elements, true);
    }

    private Expression expression() {
        deeper();
        Expression value = or();
        while (skipName("if")) {
            Expression condition = or();
            value = new Node.Conditional(condition, value, skipName("else") ? expression() : null);
        }
        depth--;
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (skipName("or")) {
            left = new Node.Binary("or", left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (skipName("and")) {
            left = new Node.Binary("and", left, not());
        }
        return left;
    }

    private Expression not() {
        deeper();
        Expression value = skipName("not") ? new Node.Not(not()) : comparison();
        depth--;
        return value;
    }

    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> rest = new ArrayList<>();
        while (true) {
            if (peek().kind() == Kind.OPERATOR && COMPARISONS.contains(peek().text())) {
                operators.add(next().text());
            } else if (skipName("in")) {
                operators.add("in");
            } else if (peek().isName("not") && tokens.get(at + 1).isName("in")) {
                at += 2;
                operators.add("not in");
            } else {
                return operators.isEmpty() ? first : new Node.Comparison(first, operators, rest);
            }
            rest.add(sum());
        }
    }

    private Expression sum() {
        Expression left = joined();
        while (peek().is("+") || peek().is("-")) {
            left = new Node.Binary(next().text(), left, joined());
        }
        return left;
    }

    private Expression joined() {
        Expression left = product();
        while (skip("~")) {
            left = new Node.Binary("~", left, product());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (peek().is("*") || peek().is("/") || peek().is("//") || peek().is("%")) {
            left = new Node.Binary(next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (skip("**")) {
            left = new Node.Binary("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean filtered) {
        deeper();
        Expression value;
        if (skip("-")) {
            value = new Node.Negative(unary(false));
        } else if (skip("+")) {
            value = unary(false);
        } else {
            value = postfix(primary());
        }
        depth--;
        return filtered ? filtered(value) : value;
    }

    private Expression primary() {
        Token token = next();
        return switch (token.kind()) {
            case NAME ->
                switch (token.text()) {
                    case "true", "True" -> new Node.Literal(true);
                    case "false", "False" -> new Node.Literal(false);
                    case "none", "None" -> new Node.Literal(null);
                    default -> new Node.Name(token.text());
                };
            case INTEGER -> new Node.Literal(whole(token));
            case FLOAT -> new Node.Literal(Double.parseDouble(token.text()));
            case STRING -> {
                StringBuilder value = new StringBuilder(token.text());
                while (peek().kind() == Kind.STRING) {
                    value.append(next().text());
                }
                yield new Node.Literal(value.toString());
            }
            default ->
                switch (token.text()) {
                    case "(" -> parenthesised();
                    case "[" -> new Node.ListOf(list("]"), false);
                    case "{" -> dict();
                    default -> {
                        at--;
                        throw error("an expression expected, and '%s' found".formatted(token.text()));
                    }
                };
        };
    }

    private long whole(Token token) {
        try {
            return Interpreter.whole(token.text(), 10);
        } catch (TemplateException outside) {
            throw new TemplateException("line %d: %s".formatted(token.line(), outside.getMessage()));
        }
    }

    private Expression parenthesised() {
        if (skip(")")) {
            return new Node.ListOf(List.of(), true);
        }
        Expression first = expression();
        if (skip(")")) {
            return first;
        }
        expect(",");
        List<Expression> elements = new ArrayList<>(List.of(first));
        elements.addAll(list(")"));
        return new Node.ListOf(elements, true);
    }

    private List<Expression> list(String close) {
        List<Expression> elements = new ArrayList<>();
        while (!skip(close)) {
            elements.add(expression());
            if (!peek().is(close)) {
                expect(",");
            }
        }
        return elements;
    }

    private Expression dict() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!skip("}")) {
            keys.add(expression());
            expect(":");
            values.add(expression());
            if (!peek().is("}")) {
                expect(",");
            }
        }
        return new Node.DictOf(keys, values);
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            if (skip(".")) {
                value = peek().kind() == Kind.INTEGER
                        ? new Node.Item(value, new Node.Literal(whole(next())))
                        : new Node.Attribute(value, name());
            } else if (skip("[")) {
                value = subscript(value);
            } else if (skip("(")) {
                value = new Node.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression of) {
        Expression from = peek().is(":") ? null : tuple();
        if (skip("]")) {
            if (from == null) {
                throw error("an index is missing");
            }
            return new Node.Item(of, from);
        }
        expect(":");
        Expression to = peek().is(":") || peek().is("]") ? null : expression();
        Expression step = skip(":") && !peek().is("]") ? expression() : null;
        expect("]");
        return new Node.Slice(of, from, to, step);
    }

    private Arguments arguments() {
        List<Expression> positional = new ArrayList<>();
        SequencedMap<String, Expression> named = new LinkedHashMap<>();
        while (!skip(")")) {
            if (peek().kind() == Kind.NAME && tokens.get(at + 1).is("=")) {
                String name = name();
                at++;
                named.put(name, expression());
            } else {
                positional.add(expression());
            }
            if (!peek().is(")")) {
                expect(",");
            }
        }
        return new Arguments(positional, named);
    }

    private Expression filtered(Expression start) {
        Expression value = start;
        while (true) {
            if (skip("|")) {
                value = new Node.Filter(
                        value, name(), skip("(") ? arguments() : new Arguments(List.of(), new LinkedHashMap<>()));
            } else if (skipName("is")) {
                value = test(value);
            } else if (skip("(")) {
                value = new Node.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression test(Expression of) {
        boolean negated = skipName("not");
        String name = name();
        Arguments arguments = new Arguments(List.of(), new LinkedHashMap<>());
        boolean starts = switch (peek().kind()) {
            case NAME -> !NO_ARGUMENT.contains(peek().text());
            case STRING, INTEGER, FLOAT -> true;
            default -> peek().is("[") || peek().is("{");
        };
        if (skip("(")) {
            arguments = arguments();
        } else if (starts) {
            arguments = new Arguments(List.of(postfix(primary())), new LinkedHashMap<>());
        }
        return new Node.Test(of, name, arguments, negated);
    }
}
