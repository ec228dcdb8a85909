package org.threehalf.translate;

import com.sun.source.tree.*;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * Translates one method. An expression gives a term that cannot fail, after the steps that it needs: whatever may fail,
 * or changes a variable, is a step of its own, in Java's order.
 */
final class MethodTranslator {
    /** A term and its Java type. */
    private record Term(String text, TypeMirror type) {}

    private static final Set<TypeKind> INTEGERS =
            Set.of(TypeKind.BYTE, TypeKind.SHORT, TypeKind.CHAR, TypeKind.INT, TypeKind.LONG);

    private final JavaToLean program;
    private final CompilationUnitTree unit;
    private final MethodTree method;
    private final List<Element> variables = new ArrayList<>();
    private final List<Code.Variable> written;
    private final boolean writesArrays;
    private List<UnaryOperator<Code>> steps = new ArrayList<>();
    private int temporaries;

    MethodTranslator(JavaToLean program, CompilationUnitTree unit, MethodTree method) {
        this.program = program;
        this.unit = unit;
        this.method = method;
        method.getParameters().forEach(p -> variables.add(element(p)));
        this.written = writtenParameters().stream()
                .map(i -> variable(variables.get(i)))
                .toList();
        this.writesArrays =
                assigned(method.getBody()).stream().anyMatch(e -> e.asType().getKind() == TypeKind.ARRAY);
    }

    /** The indexes of the parameters whose arrays the method writes to. */
    List<Integer> writtenParameters() {
        Set<Element> assigned = assigned(method.getBody());
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < method.getParameters().size(); i++) {
            Element parameter = element(method.getParameters().get(i));
            if (parameter.asType().getKind() == TypeKind.ARRAY && assigned.contains(parameter)) {
                indexes.add(i);
            }
        }
        return indexes;
    }

    Code body() {
        return block(method.getBody().getStatements(), () -> new Code.Value(LeanPrinter.tuple(written)));
    }

    /** The Lean type of what the method gives. */
    String type() {
        List<Code.Variable> all = new ArrayList<>();
        TypeMirror result = symbol().getReturnType();
        if (result.getKind() != TypeKind.VOID) {
            all.add(new Code.Variable("", type(result, method)));
        }
        all.addAll(written);
        return LeanPrinter.type(all);
    }

    /** The parameters as Lean binds them; those that the body does not use have no name. */
    String parameters(Set<String> used) {
        StringBuilder text = new StringBuilder();
        for (VariableTree parameter : method.getParameters()) {
            Code.Variable variable = variable(element(parameter));
            text.append(
                    " (%s : %s)".formatted(used.contains(variable.name()) ? variable.name() : "_", variable.type()));
        }
        return text.toString();
    }

    private ExecutableElement symbol() {
        return (ExecutableElement) element(method);
    }

    // ------------------------------------------------------------------------------------------ statements

    /** Steps of their own for a part that is not always run, or is run often. */
    private Code apart(Supplier<Code> part) {
        List<UnaryOperator<Code>> outer = steps;
        steps = new ArrayList<>();
        Code last = part.get();
        Code code = wrapped(steps, last);
        steps = outer;
        return code;
    }

    private static Code wrapped(List<UnaryOperator<Code>> steps, Code last) {
        Code code = last;
        for (UnaryOperator<Code> step : steps.reversed()) {
            code = step.apply(code);
        }
        return code;
    }

    private Code block(List<? extends StatementTree> statements, Supplier<Code> end) {
        return apart(() -> {
            for (int i = 0; i < statements.size(); i++) {
                StatementTree statement = statements.get(i);
                List<? extends StatementTree> rest = statements.subList(i + 1, statements.size());
                switch (statement) {
                    case ReturnTree result -> {
                        return returned(result);
                    }
                    case ThrowTree thrown -> {
                        return thrown(thrown);
                    }
                    case BlockTree inner
                    when !completes(inner) -> {
                        return block(inner.getStatements(), end);
                    }
                    case IfTree choice
                    when !completes(choice.getThenStatement())
                            || choice.getElseStatement() != null && !completes(choice.getElseStatement()) -> {
                        String condition = condition(choice.getCondition());
                        StatementTree otherwise = choice.getElseStatement();
                        Supplier<Code> after = () -> block(rest, end);
                        return new Code.Choice(
                                condition,
                                single(choice.getThenStatement(), after),
                                otherwise == null ? after.get() : single(otherwise, after));
                    }
                    default -> statement(statement);
                }
            }
            return end.get();
        });
    }

    private Code single(StatementTree statement, Supplier<Code> end) {
        return block(statement instanceof BlockTree inner ? inner.getStatements() : List.of(statement), end);
    }

    private Code returned(ReturnTree result) {
        List<String> all = new ArrayList<>();
        if (result.getExpression() != null) {
            all.add(converted(expression(result.getExpression()), symbol().getReturnType(), result));
        }
        written.forEach(w -> all.add(w.name()));
        return new Code.Value(LeanPrinter.terms(all));
    }

    private Code thrown(ThrowTree thrown) {
        if (!(thrown.getExpression() instanceof NewClassTree made) || made.getClassBody() != null) {
            throw unsupported(thrown, "throw of something else than a new exception");
        }
        made.getArguments().forEach(this::message);
        return new Code.Run(".fail .thrown");
    }

    /** The text of an exception is left out, and what is evaluated for it is not. */
    private void message(ExpressionTree text) {
        if (text instanceof BinaryTree sum && type(text).getKind() == TypeKind.DECLARED) {
            message(sum.getLeftOperand());
            message(sum.getRightOperand());
        } else if (type(text).getKind() != TypeKind.DECLARED) {
            expression(text);
        } else if (!(text instanceof LiteralTree)) {
            throw unsupported(text, "text that is made of something else than primitives");
        }
    }

    private void statement(StatementTree statement) {
        switch (statement) {
            case VariableTree local -> local(local);
            case ExpressionStatementTree expression -> effect(expression.getExpression());
            case BlockTree block -> block.getStatements().forEach(this::statement);
            case EmptyStatementTree empty -> {}
            case IfTree choice -> choice(choice);
            case ForLoopTree loop -> loop(loop);
            default -> throw unsupported(statement, "a statement of kind " + statement.getKind());
        }
    }

    private void local(VariableTree local) {
        if (local.getInitializer() == null) {
            throw unsupported(local, "a variable without a value");
        }
        Element element = element(local);
        if (element.asType().getKind() == TypeKind.ARRAY
                && !(local.getInitializer() instanceof NewArrayTree)
                && writesArrays) {
            throw unsupported(local, "a second name for an array in a method that writes to arrays");
        }
        String value = converted(expression(local.getInitializer()), element.asType(), local);
        variables.add(element);
        let(variable(element), value);
    }

    private void let(Code.Variable name, String value) {
        steps.add(rest -> new Code.Let(name, value, rest));
    }

    private void bind(List<Code.Variable> names, Code value) {
        // What a computation gives is given on as it is.
        steps.add(rest -> rest instanceof Code.Value last && last.term().equals(LeanPrinter.tuple(names))
                ? value
                : new Code.Bind(names, value, rest));
    }

    private void choice(IfTree choice) {
        refuseReturns(choice);
        String condition = condition(choice.getCondition());
        List<Code.Variable> changed = changed(choice);
        Supplier<Code> end = () -> new Code.Value(LeanPrinter.tuple(changed));
        bind(
                changed,
                new Code.Choice(
                        condition,
                        single(choice.getThenStatement(), end),
                        choice.getElseStatement() == null ? end.get() : single(choice.getElseStatement(), end)));
    }

    private void loop(ForLoopTree loop) {
        refuseReturns(loop);
        if (loop.getInitializer().size() != 1
                || !(loop.getInitializer().getFirst() instanceof VariableTree index)
                || type(index).getKind() != TypeKind.INT
                || index.getInitializer() == null
                || loop.getUpdate().size() != 1
                || !(loop.getCondition() instanceof BinaryTree condition)
                || !(condition.getKind() == Tree.Kind.LESS_THAN || condition.getKind() == Tree.Kind.LESS_THAN_EQUAL)
                || !(condition.getLeftOperand() instanceof IdentifierTree left)
                || element(left) != element(index)
                || !countsUp(loop.getUpdate().getFirst().getExpression(), element(index))) {
            throw unsupported(loop, "a loop that does not count an int up to a bound by 1");
        }
        Set<Element> inBody = assigned(loop.getStatement());
        if (inBody.contains(element(index))) {
            throw unsupported(loop, "a loop that changes its index");
        }
        if (sizes(condition.getRightOperand()).stream().anyMatch(inBody::contains)) {
            throw unsupported(condition, "a bound that the loop changes");
        }
        String first =
                converted(expression(index.getInitializer()), element(index).asType(), index);
        int before = steps.size();
        Term bound = expression(condition.getRightOperand());
        if (steps.size() != before
                || !INTEGERS.contains(bound.type().getKind())
                || bound.type().getKind() == TypeKind.LONG) {
            throw unsupported(condition, "a bound that may fail, or is no int");
        }
        String past = bound.text();
        if (condition.getKind() == Tree.Kind.LESS_THAN_EQUAL) {
            Long last = constant(condition.getRightOperand());
            if (last == null || last >= Integer.MAX_VALUE) {
                throw unsupported(condition, "<= a bound that is no constant below the largest int");
            }
            past = Long.toString(last + 1);
        }
        variables.add(element(index));
        List<Code.Variable> changed = changed(loop.getStatement());
        Code body = single(loop.getStatement(), () -> new Code.Value(LeanPrinter.tuple(changed)));
        bind(changed, new Code.Loop(variable(element(index)).name(), first, past, changed, body));
    }

    private boolean countsUp(ExpressionTree update, Element index) {
        return update instanceof UnaryTree unary
                && (unary.getKind() == Tree.Kind.POSTFIX_INCREMENT || unary.getKind() == Tree.Kind.PREFIX_INCREMENT)
                && unary.getExpression() instanceof IdentifierTree name
                && element(name) == index;
    }

    private void refuseReturns(Tree tree) {
        new TreeScanner<@Nullable Void, @Nullable Void>() {
            @Override
            public @Nullable Void visitReturn(ReturnTree node, @Nullable Void none) {
                throw unsupported(node, "a return from within a loop or a branch that may go on");
            }
        }.scan(tree, null);
    }

    /** Whether what follows a statement may be reached. */
    private static boolean completes(StatementTree statement) {
        return switch (statement) {
            case ReturnTree r -> false;
            case ThrowTree t -> false;
            case BlockTree b -> b.getStatements().stream().allMatch(MethodTranslator::completes);
            case IfTree i ->
                i.getElseStatement() == null || completes(i.getThenStatement()) || completes(i.getElseStatement());
            default -> true;
        };
    }

    /** The variables from outside that a part changes, in the order of their declarations. */
    private List<Code.Variable> changed(Tree part) {
        Set<Element> assigned = assigned(part);
        return variables.stream().filter(assigned::contains).map(this::variable).toList();
    }

    /** What a part assigns to: variables, and arrays to whose elements it does. */
    private Set<Element> assigned(Tree part) {
        Set<Element> all = new LinkedHashSet<>();
        new TreeScanner<@Nullable Void, @Nullable Void>() {
            @Override
            public @Nullable Void visitAssignment(AssignmentTree node, @Nullable Void none) {
                all.add(target(node.getVariable()));
                return super.visitAssignment(node, none);
            }

            @Override
            public @Nullable Void visitCompoundAssignment(CompoundAssignmentTree node, @Nullable Void none) {
                all.add(target(node.getVariable()));
                return super.visitCompoundAssignment(node, none);
            }

            @Override
            public @Nullable Void visitUnary(UnaryTree node, @Nullable Void none) {
                if (steps(node)) {
                    all.add(target(node.getExpression()));
                }
                return super.visitUnary(node, none);
            }

            @Override
            public @Nullable Void visitMethodInvocation(MethodInvocationTree node, @Nullable Void none) {
                if (element(node) instanceof ExecutableElement called && program.translates(called)) {
                    program.method(called, () -> place(node))
                            .written()
                            .forEach(i -> all.add(target(node.getArguments().get(i))));
                }
                return super.visitMethodInvocation(node, none);
            }
        }.scan(part, null);
        return all;
    }

    /** Whether it is one of {@code ++} and {@code --}. */
    private static boolean steps(UnaryTree node) {
        return switch (node.getKind()) {
            case PREFIX_INCREMENT, PREFIX_DECREMENT, POSTFIX_INCREMENT, POSTFIX_DECREMENT -> true;
            default -> false;
        };
    }

    private Element target(ExpressionTree tree) {
        ExpressionTree inner = tree instanceof ArrayAccessTree access ? access.getExpression() : tree;
        if (inner instanceof IdentifierTree name
                && (element(name).getKind() == ElementKind.LOCAL_VARIABLE
                        || element(name).getKind() == ElementKind.PARAMETER)) {
            return element(name);
        }
        throw unsupported(tree, "an assignment to something else than a local variable or an element of one");
    }

    /** The names in a part of a method. */
    private class Names extends TreeScanner<@Nullable Void, @Nullable Void> {
        final Set<Element> all = new LinkedHashSet<>();

        @Override
        public @Nullable Void visitIdentifier(IdentifierTree node, @Nullable Void none) {
            all.add(element(node));
            return null;
        }
    }

    /** The variables that a bound depends on: the lengths of arrays stay as they are. */
    private Set<Element> sizes(ExpressionTree bound) {
        Names names = new Names() {
            @Override
            public @Nullable Void visitMemberSelect(MemberSelectTree node, @Nullable Void none) {
                return type(node.getExpression()).getKind() == TypeKind.ARRAY
                                && node.getExpression() instanceof IdentifierTree
                        ? null
                        : super.visitMemberSelect(node, none);
            }
        };
        names.scan(bound, null);
        return names.all;
    }

    private Set<Element> names(Tree part) {
        Names names = new Names();
        names.scan(part, null);
        return names.all;
    }

    // ------------------------------------------------------------------------------------------ expressions

    /** An expression whose value nobody takes. */
    private void effect(ExpressionTree tree) {
        if (tree instanceof MethodInvocationTree call) {
            call(call, true);
        } else {
            expression(tree);
        }
    }

    private Term expression(ExpressionTree tree) {
        TypeMirror type = type(tree);
        return switch (tree) {
            case ParenthesizedTree inner -> expression(inner.getExpression());
            case LiteralTree literal -> literal(literal.getValue(), type, tree);
            case IdentifierTree name -> named(element(name), type, tree);
            case MemberSelectTree member -> member(member, type);
            case ArrayAccessTree access -> {
                List<Term> operands = operands(List.of(access.getExpression(), access.getIndex()));
                yield temporary(
                        new Code.Run("%s.get %s"
                                .formatted(LeanPrinter.atom(operands.get(0).text()), atom(operands.get(1)))),
                        type);
            }
            case UnaryTree unary when steps(unary) -> step(unary);
            case UnaryTree unary -> unary(unary, type);
            case BinaryTree binary -> binary(binary, type);
            case ConditionalExpressionTree choice -> conditional(choice, type);
            case TypeCastTree cast -> {
                Term value = expression(cast.getExpression());
                yield new Term(converted(value, type, tree), type);
            }
            case AssignmentTree assignment -> assignment(assignment);
            case CompoundAssignmentTree assignment ->
                change(
                        assignment.getVariable(),
                        assignment.getExpression(),
                        operator(assignment.getKind(), assignment),
                        true);
            case MethodInvocationTree call -> {
                Term value = call(call, false);
                if (value == null) {
                    throw unsupported(call, "a call without a value in an expression");
                }
                yield value;
            }
            case NewArrayTree array -> newArray(array, type);
            default -> throw unsupported(tree, "an expression of kind " + tree.getKind());
        };
    }

    private Term literal(@Nullable Object value, TypeMirror type, Tree at) {
        return switch (value) {
            case Integer n -> new Term(number(n), type);
            case Long n -> new Term(number(n), type);
            case Short n -> new Term(number(n), type);
            case Byte n -> new Term(number(n), type);
            case Character c -> new Term(number(c), type);
            case Boolean b -> new Term(b.toString(), type);
            case Float f -> new Term("Inference.ofBits32 " + Integer.toUnsignedString(Float.floatToIntBits(f)), type);
            case Double d -> new Term("Inference.ofBits64 " + Long.toUnsignedString(Double.doubleToLongBits(d)), type);
            case null, default -> throw unsupported(at, "the constant " + value);
        };
    }

    private static String number(long n) {
        return n < 0 ? "(" + n + ")" : Long.toString(n);
    }

    private Term named(Element name, TypeMirror type, Tree at) {
        if (name.getKind() == ElementKind.LOCAL_VARIABLE || name.getKind() == ElementKind.PARAMETER) {
            return new Term(variable(name).name(), type);
        }
        if (name instanceof VariableElement constant && constant.getConstantValue() != null) {
            return literal(constant.getConstantValue(), type, at);
        }
        throw unsupported(at, "the name " + name + ", which is no variable and no constant");
    }

    private Term member(MemberSelectTree member, TypeMirror type) {
        if (member.getIdentifier().contentEquals("length")
                && type(member.getExpression()).getKind() == TypeKind.ARRAY) {
            return new Term(
                    "(%s.length : Int)"
                            .formatted(LeanPrinter.atom(
                                    expression(member.getExpression()).text())),
                    type);
        }
        return named(element(member), type, member);
    }

    /** Operands from left to right. A value that a later one may change is taken first. */
    private List<Term> operands(List<? extends ExpressionTree> trees) {
        Term[] terms = new Term[trees.size()];
        for (int n = 0; n < terms.length; n++) {
            int i = program.rules().leftToRight() ? n : terms.length - 1 - n;
            terms[i] = expression(trees.get(i));
            boolean changed = false;
            for (int m = n + 1; m < terms.length; m++) {
                int later = program.rules().leftToRight() ? m : terms.length - 1 - m;
                Set<Element> assigned = assigned(trees.get(later));
                changed |= names(trees.get(i)).stream().anyMatch(assigned::contains);
            }
            if (changed) {
                terms[i] = kept(terms[i], trees.get(i));
            }
        }
        return List.of(terms);
    }

    /** The value of a term as it is now. */
    private Term kept(Term term, Tree at) {
        Code.Variable name = new Code.Variable("v'" + ++temporaries, type(term.type(), at));
        let(name, term.text());
        return new Term(name.name(), term.type());
    }

    private Term temporary(Code value, TypeMirror type) {
        Code.Variable name = new Code.Variable("v'" + ++temporaries, type(type, method));
        bind(List.of(name), value);
        return new Term(name.name(), type);
    }

    private static String atom(Term term) {
        return LeanPrinter.atom(term.text());
    }

    private Term unary(UnaryTree unary, TypeMirror type) {
        if (unary.getKind() == Tree.Kind.LOGICAL_COMPLEMENT) {
            return new Term("decide (%s)".formatted(condition(unary)), type);
        }
        Long constant = constant(unary);
        if (constant != null) {
            return new Term(number(constant), type);
        }
        Term value = expression(unary.getExpression());
        String operand = LeanPrinter.atom(converted(value, type, unary));
        boolean wide = type.getKind() == TypeKind.LONG;
        if (unary.getKind() == Tree.Kind.UNARY_PLUS) {
            return new Term(operand, type);
        }
        if (!INTEGERS.contains(type.getKind())) {
            if (unary.getKind() == Tree.Kind.UNARY_MINUS) {
                return new Term("Inference.opposite " + operand, type);
            }
            throw unsupported(unary, "the operator " + unary.getKind());
        }
        return switch (unary.getKind()) {
            case UNARY_MINUS -> new Term(program.rules().integer("neg", wide) + " " + operand, type);
            case BITWISE_COMPLEMENT ->
                new Term("%s %s (-1)".formatted(program.rules().integer("xor", wide), operand), type);
            default -> throw unsupported(unary, "the operator " + unary.getKind());
        };
    }

    /** The value of an integer constant, or null. */
    private @Nullable Long constant(ExpressionTree tree) {
        return switch (tree) {
            case ParenthesizedTree inner -> constant(inner.getExpression());
            case LiteralTree literal when literal.getValue() instanceof Integer n -> Long.valueOf(n);
            case LiteralTree literal when literal.getValue() instanceof Long n -> n;
            case UnaryTree minus
            when minus.getKind() == Tree.Kind.UNARY_MINUS
                    && INTEGERS.contains(type(minus).getKind()) -> {
                Long value = constant(minus.getExpression());
                yield value == null
                        ? null
                        : type(minus).getKind() == TypeKind.LONG ? Long.valueOf(-value) : Long.valueOf((int) -value);
            }
            case IdentifierTree name -> constant(element(name));
            case MemberSelectTree member
            when type(member.getExpression()).getKind() != TypeKind.ARRAY -> constant(element(member));
            default -> null;
        };
    }

    private static @Nullable Long constant(Element name) {
        return name instanceof VariableElement v
                        && (v.getConstantValue() instanceof Integer
                                || v.getConstantValue() instanceof Long
                                || v.getConstantValue() instanceof Short
                                || v.getConstantValue() instanceof Byte)
                ? Long.valueOf(((Number) v.getConstantValue()).longValue())
                : null;
    }

    private Term binary(BinaryTree binary, TypeMirror type) {
        switch (binary.getKind()) {
            case LESS_THAN,
                    LESS_THAN_EQUAL,
                    GREATER_THAN,
                    GREATER_THAN_EQUAL,
                    EQUAL_TO,
                    NOT_EQUAL_TO,
                    CONDITIONAL_AND,
                    CONDITIONAL_OR -> {
                return new Term("decide (%s)".formatted(condition(binary)), type);
            }
            default -> {
                List<Term> operands = operands(List.of(binary.getLeftOperand(), binary.getRightOperand()));
                return applied(
                        operator(binary.getKind(), binary),
                        operands.get(0),
                        operands.get(1),
                        constant(binary.getRightOperand()),
                        binary);
            }
        }
    }

    private String operator(Tree.Kind kind, Tree at) {
        return switch (kind) {
            case PLUS, PLUS_ASSIGNMENT -> "add";
            case MINUS, MINUS_ASSIGNMENT -> "sub";
            case MULTIPLY, MULTIPLY_ASSIGNMENT -> "mul";
            case DIVIDE, DIVIDE_ASSIGNMENT -> "div";
            case REMAINDER, REMAINDER_ASSIGNMENT -> "rem";
            case AND, AND_ASSIGNMENT -> "and";
            case OR, OR_ASSIGNMENT -> "or";
            case XOR, XOR_ASSIGNMENT -> "xor";
            case LEFT_SHIFT, LEFT_SHIFT_ASSIGNMENT -> "shl";
            case RIGHT_SHIFT, RIGHT_SHIFT_ASSIGNMENT -> "shr";
            case UNSIGNED_RIGHT_SHIFT, UNSIGNED_RIGHT_SHIFT_ASSIGNMENT -> "ushr";
            default -> throw unsupported(at, "the operator " + kind);
        };
    }

    /** An operator applied, in the type that its operands are promoted to (JLS 5.6). */
    private Term applied(String operator, Term left, Term right, @Nullable Long constant, Tree at) {
        boolean shift = operator.equals("shl") || operator.equals("shr") || operator.equals("ushr");
        TypeMirror type = shift ? promoted(left.type(), left.type(), at) : promoted(left.type(), right.type(), at);
        String x = LeanPrinter.atom(converted(left, type, at));
        String y = LeanPrinter.atom(shift ? right.text() : converted(right, type, at));
        if (!INTEGERS.contains(type.getKind())) {
            if (Set.of("add", "sub", "mul", "div").contains(operator)) {
                return new Term("Inference.%s %s %s".formatted(operator, x, y), type);
            }
            throw unsupported(at, "the operator %s of floating-point numbers".formatted(operator));
        }
        if (shift && (!INTEGERS.contains(right.type().getKind()))) {
            throw unsupported(at, "a shift by no integer");
        }
        if ((operator.equals("div") || operator.equals("rem")) && (constant == null || constant == 0)) {
            y = temporary(new Code.Run("divisor " + y), type).text();
        }
        return new Term(
                "%s %s %s".formatted(program.rules().integer(operator, type.getKind() == TypeKind.LONG), x, y), type);
    }

    private TypeMirror promoted(TypeMirror left, TypeMirror right, Tree at) {
        if (!left.getKind().isPrimitive()
                || !right.getKind().isPrimitive()
                || left.getKind() == TypeKind.BOOLEAN
                || right.getKind() == TypeKind.BOOLEAN) {
            throw unsupported(at, "an operator on %s and %s".formatted(left, right));
        }
        for (TypeKind kind : List.of(TypeKind.DOUBLE, TypeKind.FLOAT, TypeKind.LONG)) {
            if (left.getKind() == kind || right.getKind() == kind) {
                return program.primitive(kind);
            }
        }
        return program.primitive(TypeKind.INT);
    }

    /** A proposition that says when an expression is true. */
    private String condition(ExpressionTree tree) {
        return switch (tree) {
            case ParenthesizedTree inner -> condition(inner.getExpression());
            case LiteralTree literal -> Boolean.TRUE.equals(literal.getValue()) ? "True" : "False";
            case UnaryTree not
            when not.getKind() == Tree.Kind.LOGICAL_COMPLEMENT -> "¬(%s)".formatted(condition(not.getExpression()));
            case BinaryTree both when both.getKind() == Tree.Kind.CONDITIONAL_AND -> junction(both, true);
            case BinaryTree either when either.getKind() == Tree.Kind.CONDITIONAL_OR -> junction(either, false);
            case BinaryTree comparison when comparison(comparison) != null -> compared(comparison);
            default -> atom(expression(tree)) + " = true";
        };
    }

    /** {@code &&} or {@code ||}: the right operand is evaluated where the left one does not decide. */
    private String junction(BinaryTree tree, boolean and) {
        String left = condition(tree.getLeftOperand());
        List<UnaryOperator<Code>> outer = steps;
        steps = new ArrayList<>();
        String right = condition(tree.getRightOperand());
        List<UnaryOperator<Code>> inner = steps;
        steps = outer;
        if (inner.isEmpty()) {
            return "(%s) %s (%s)".formatted(left, and ? "∧" : "∨", right);
        }
        refuseEffects(tree.getRightOperand());
        Code evaluated = wrapped(inner, new Code.Value("decide (%s)".formatted(right)));
        Term value = temporary(
                and
                        ? new Code.Choice(left, evaluated, new Code.Value("false"))
                        : new Code.Choice(left, new Code.Value("true"), evaluated),
                type(tree));
        return value.text() + " = true";
    }

    private static @Nullable String comparison(BinaryTree tree) {
        return switch (tree.getKind()) {
            case LESS_THAN -> "<";
            case LESS_THAN_EQUAL -> "≤";
            case GREATER_THAN -> ">";
            case GREATER_THAN_EQUAL -> "≥";
            case EQUAL_TO -> "=";
            case NOT_EQUAL_TO -> "≠";
            default -> null;
        };
    }

    private String compared(BinaryTree tree) {
        List<Term> operands = operands(List.of(tree.getLeftOperand(), tree.getRightOperand()));
        Term left = operands.get(0);
        Term right = operands.get(1);
        if (left.type().getKind() == TypeKind.BOOLEAN && right.type().getKind() == TypeKind.BOOLEAN) {
            return "%s %s %s".formatted(atom(left), comparison(tree), atom(right));
        }
        TypeMirror type = promoted(left.type(), right.type(), tree);
        String x = LeanPrinter.atom(converted(left, type, tree));
        String y = LeanPrinter.atom(converted(right, type, tree));
        if (INTEGERS.contains(type.getKind())) {
            return switch (tree.getKind()) {
                case GREATER_THAN -> "%s < %s".formatted(y, x);
                case GREATER_THAN_EQUAL -> "%s ≤ %s".formatted(y, x);
                default -> "%s %s %s".formatted(x, comparison(tree), y);
            };
        }
        return switch (tree.getKind()) {
            case LESS_THAN -> "below %s %s = true".formatted(x, y);
            case LESS_THAN_EQUAL -> "atMost %s %s = true".formatted(x, y);
            case GREATER_THAN -> "below %s %s = true".formatted(y, x);
            case GREATER_THAN_EQUAL -> "atMost %s %s = true".formatted(y, x);
            case EQUAL_TO -> "same %s %s = true".formatted(x, y);
            default -> "same %s %s = false".formatted(x, y);
        };
    }

    private Term conditional(ConditionalExpressionTree tree, TypeMirror type) {
        String condition = condition(tree.getCondition());
        refuseEffects(tree.getTrueExpression());
        refuseEffects(tree.getFalseExpression());
        Code then = apart(() -> new Code.Value(converted(expression(tree.getTrueExpression()), type, tree)));
        Code otherwise = apart(() -> new Code.Value(converted(expression(tree.getFalseExpression()), type, tree)));
        if (then instanceof Code.Value a && otherwise instanceof Code.Value b) {
            return new Term(
                    "(if %s then %s else %s : %s)".formatted(condition, a.term(), b.term(), type(type, tree)), type);
        }
        return temporary(new Code.Choice(condition, then, otherwise), type);
    }

    private void refuseEffects(ExpressionTree tree) {
        if (!assigned(tree).isEmpty()) {
            throw unsupported(tree, "an assignment where it is not always evaluated");
        }
    }

    private Term assignment(AssignmentTree tree) {
        ExpressionTree variable = tree.getVariable();
        TypeMirror type = type(variable);
        Element target = target(variable);
        if (variable instanceof ArrayAccessTree access) {
            List<Term> operands = operands(List.of(access.getIndex(), tree.getExpression()));
            String value = converted(operands.get(1), type, tree);
            store(target, operands.get(0), value);
            return new Term(value, type);
        }
        if (type.getKind() == TypeKind.ARRAY) {
            throw unsupported(tree, "an array variable that gets another array");
        }
        String value = converted(expression(tree.getExpression()), type, tree);
        let(variable(target), value);
        return new Term(variable(target).name(), type);
    }

    private void store(Element array, Term index, String value) {
        String name = variable(array).name();
        bind(
                List.of(variable(array)),
                new Code.Run("%s.set %s %s".formatted(name, atom(index), LeanPrinter.atom(value))));
    }

    private Term step(UnaryTree tree) {
        boolean up = tree.getKind() == Tree.Kind.PREFIX_INCREMENT || tree.getKind() == Tree.Kind.POSTFIX_INCREMENT;
        boolean before = tree.getKind() == Tree.Kind.PREFIX_INCREMENT || tree.getKind() == Tree.Kind.PREFIX_DECREMENT;
        return change(tree.getExpression(), null, up ? "add" : "sub", before);
    }

    /**
     * {@code variable operator= value}, where the old value is taken before the operand is evaluated.
     *
     * @param operand null for 1
     * @param now whether the result is the new value
     */
    private Term change(ExpressionTree variable, @Nullable ExpressionTree operand, String operator, boolean now) {
        TypeMirror type = type(variable);
        Element target = target(variable);
        Term index = null;
        Term old;
        if (variable instanceof ArrayAccessTree access) {
            index = kept(expression(access.getIndex()), variable);
            old = temporary(new Code.Run("%s.get %s".formatted(variable(target).name(), index.text())), type);
        } else {
            old = new Term(variable(target).name(), type);
            if (!now || operand != null && assigned(operand).contains(target)) {
                old = kept(old, variable);
            }
        }
        Term right = operand == null ? new Term("1", program.primitive(TypeKind.INT)) : expression(operand);
        Term sum = applied(operator, old, right, operand == null ? Long.valueOf(1) : constant(operand), variable);
        String value = converted(sum, type, variable);
        if (index != null) {
            store(target, index, value);
            return new Term(now ? value : old.text(), type);
        }
        let(variable(target), value);
        return now ? new Term(variable(target).name(), type) : old;
    }

    private Term newArray(NewArrayTree array, TypeMirror type) {
        if (array.getInitializers() != null || array.getDimensions().size() != 1) {
            throw unsupported(array, "an array with elements or with more than one dimension");
        }
        TypeMirror element = ((ArrayType) type).getComponentType();
        Term length = expression(array.getDimensions().getFirst());
        String zero = switch (element.getKind()) {
            case BOOLEAN -> "false";
            case FLOAT -> "(Inference.ofBits32 0)";
            case DOUBLE -> "(Inference.ofBits64 0)";
            default -> "0";
        };
        return temporary(new Code.Run("newArray %s %s".formatted(zero, atom(length))), type);
    }

    // ------------------------------------------------------------------------------------------ calls

    private @Nullable Term call(MethodInvocationTree call, boolean statement) {
        ExecutableElement called = (ExecutableElement) element(call);
        String owner = called.getEnclosingElement().toString();
        if (owner.equals("java.lang.Math")) {
            return math(call, called);
        }
        if (!program.translates(called)) {
            throw unsupported(call, "a call of " + owner + "." + called);
        }
        JavaToLean.Method method = program.method(called, () -> place(call));
        List<Term> arguments = operands(call.getArguments());
        StringBuilder text = new StringBuilder(method.name());
        for (int i = 0; i < arguments.size(); i++) {
            text.append(' ')
                    .append(LeanPrinter.atom(converted(
                            arguments.get(i), called.getParameters().get(i).asType(), call)));
        }
        TypeMirror type = called.getReturnType();
        if (method.written().isEmpty()) {
            if (type.getKind() == TypeKind.VOID) {
                if (!method.total()) {
                    bind(List.of(), new Code.Run(text.toString()));
                }
                return null;
            }
            return method.total() ? new Term(text.toString(), type) : temporary(new Code.Run(text.toString()), type);
        }
        if (!statement) {
            throw unsupported(call, "a call that writes to arrays, within an expression");
        }
        List<Code.Variable> names = new ArrayList<>();
        if (type.getKind() != TypeKind.VOID) {
            names.add(new Code.Variable("v'" + ++temporaries, type(type, call)));
        }
        for (int i : method.written()) {
            Element array = target(call.getArguments().get(i));
            for (int j = 0; j < call.getArguments().size(); j++) {
                if (i != j
                        && names(call.getArguments().get(j)).contains(array)
                        && called.getParameters().get(j).asType().getKind() == TypeKind.ARRAY) {
                    throw unsupported(call, "an array that a call both writes to and reads under another name");
                }
            }
            names.add(variable(array));
        }
        bind(names, new Code.Run(text.toString()));
        return null;
    }

    private Term math(MethodInvocationTree call, ExecutableElement called) {
        TypeMirror type = called.getReturnType();
        String name = called.getSimpleName().toString();
        List<Term> arguments = operands(call.getArguments());
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            terms.add(LeanPrinter.atom(
                    converted(arguments.get(i), called.getParameters().get(i).asType(), call)));
        }
        boolean integer = INTEGERS.contains(type.getKind());
        String function = switch (name) {
            case "abs" -> integer ? program.rules().integer("abs", type.getKind() == TypeKind.LONG) : "Inference.abs";
            case "max" -> integer ? "larger" : "maxOf";
            case "min" -> integer ? "lesser" : "minOf";
            case "rint" -> "rint";
            default -> throw unsupported(call, "a call of Math." + name);
        };
        return new Term(function + " " + String.join(" ", terms), type);
    }

    // ------------------------------------------------------------------------------------------ types

    /** A term in another type, by a widening or narrowing conversion (JLS 5.1.2, 5.1.3). */
    private String converted(Term term, TypeMirror to, Tree at) {
        TypeKind from = term.type().getKind();
        TypeKind into = to.getKind();
        if (from == into) {
            return term.text();
        }
        boolean whole = INTEGERS.contains(from);
        if (whole && INTEGERS.contains(into)) {
            return widens(from, into) ? term.text() : program.rules().narrow(to.toString()) + " " + atom(term);
        }
        if (!from.isPrimitive() || !into.isPrimitive() || from == TypeKind.BOOLEAN || into == TypeKind.BOOLEAN) {
            throw unsupported(at, "a conversion from %s to %s".formatted(term.type(), to));
        }
        if (into == TypeKind.FLOAT || into == TypeKind.DOUBLE) {
            return "Inference.%s %s %s"
                    .formatted(whole ? "ofInt" : "convert", into == TypeKind.FLOAT ? ".single" : ".double", atom(term));
        }
        if (into == TypeKind.LONG) {
            return "floatToLong " + atom(term);
        }
        String integer = "floatToInt " + atom(term);
        return into == TypeKind.INT
                ? integer
                : "%s (%s)".formatted(program.rules().narrow(to.toString()), integer);
    }

    private static boolean widens(TypeKind from, TypeKind into) {
        return switch (from) {
            case BYTE -> into != TypeKind.CHAR;
            case SHORT -> into == TypeKind.INT || into == TypeKind.LONG;
            case CHAR -> into == TypeKind.INT || into == TypeKind.LONG;
            case INT -> into == TypeKind.LONG;
            default -> false;
        };
    }

    private String type(TypeMirror type, Tree at) {
        return switch (type.getKind()) {
            case BYTE, SHORT, CHAR, INT, LONG -> "Int";
            case BOOLEAN -> "Bool";
            case FLOAT -> "Inference.Single";
            case DOUBLE -> "Inference.Double";
            case ARRAY -> "Arr " + LeanPrinter.atom(type(((ArrayType) type).getComponentType(), at));
            default -> throw unsupported(at, "the type " + type);
        };
    }

    private Code.Variable variable(Element element) {
        return new Code.Variable(
                JavaToLean.leanName(element.getSimpleName().toString()), type(element.asType(), method));
    }

    private TypeMirror type(Tree tree) {
        return program.type(TreePath.getPath(unit, tree));
    }

    private Element element(Tree tree) {
        Element element = program.element(TreePath.getPath(unit, tree));
        if (element == null) {
            throw unsupported(tree, "a name that javac gives no meaning");
        }
        return element;
    }

    private String place(Tree tree) {
        return program.place(unit, tree);
    }

    private UnsupportedJavaException unsupported(Tree tree, String what) {
        return new UnsupportedJavaException("%s: the translator has no meaning for %s".formatted(place(tree), what));
    }
}
