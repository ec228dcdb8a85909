package org.threehalf.jml.smt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.z3.Context;
import com.microsoft.z3.Z3Exception;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.threehalf.jml.logic.Element;
import org.threehalf.jml.logic.FloatFormat;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.Arithmetic;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.BitVector;
import org.threehalf.jml.logic.Operator.Comparison;
import org.threehalf.jml.logic.Operator.Conversion;
import org.threehalf.jml.logic.Operator.FloatingPoint;
import org.threehalf.jml.logic.Operator.Logical;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;
import org.threehalf.jml.syntax.Ty;

/** What operators say of themselves is what Z3 says of what is written for them. */
class SmtLibTest {
    private static final Element BYTE = Ty.Prim.BYTE.element();
    private static final Element FLOAT = Ty.Prim.FLOAT.element();

    /** An operator with what it is applied to. */
    private record Use(Operator op, List<Sort> arguments) {
        Use(Operator op, Sort... arguments) {
            this(op, List.of(arguments));
        }

        List<Term> constants() {
            return IntStream.range(0, arguments.size())
                    .mapToObj(i -> Terms.constant("x" + i, arguments.get(i)))
                    .toList();
        }

        /** A script that says that a constant of some sort is the operator's application. */
        String script(Sort result) {
            StringBuilder out = new StringBuilder(SmtText.LENGTHS);
            Stream.of(BYTE, FLOAT)
                    .forEach(e -> out.append(
                            SmtLib.declaration(new ArrayOperation.Typed(e), List.of(new Sort.Contents(e)), Sort.BOOL)));
            Conversions.DEFINED.forEach(c -> out.append(Conversions.definition(c)));
            if (op instanceof Operator.UserFunction || op instanceof Operator.Abstracted) {
                out.append(SmtLib.declaration(op, arguments, op.result(constants())));
            }
            List<Term> constants = constants();
            constants.forEach(c -> out.append(SmtLib.declaration(((Term.Constant) c).name(), c.sort())));
            Term equation = Terms.app(Logical.EQUAL, Terms.constant("r", result), Terms.app(op, constants));
            return out + SmtLib.declaration("r", result) + SmtLib.assertion(equation);
        }
    }

    private static List<Use> uses() {
        List<Use> uses = new ArrayList<>();
        for (Logical op : Logical.values()) {
            uses.add(
                    switch (op) {
                        case NOT -> new Use(op, Sort.BOOL);
                        case EQUAL -> new Use(op, Sort.INT, Sort.INT);
                        case CHOICE -> new Use(op, Sort.BOOL, new Sort.Contents(FLOAT), new Sort.Contents(FLOAT));
                        default -> new Use(op, Sort.BOOL, Sort.BOOL);
                    });
        }
        for (Arithmetic op : Arithmetic.values()) {
            uses.add(op == Arithmetic.NEGATE ? new Use(op, Sort.INT) : new Use(op, Sort.INT, Sort.INT));
        }
        for (Comparison op : Comparison.values()) {
            uses.add(new Use(op, Sort.INT, Sort.INT));
        }
        for (int width : new int[] {32, 64}) {
            uses.add(new Use(new BitVector.OfInteger(width), Sort.INT));
            uses.add(new Use(new BitVector.Natural(), new Sort.Bits(width)));
            for (BitVector.Bitwise.Operation op : BitVector.Bitwise.Operation.values()) {
                uses.add(new Use(new BitVector.Bitwise(op, width), new Sort.Bits(width), new Sort.Bits(width)));
            }
        }
        for (FloatFormat format : FloatFormat.values()) {
            Sort number = new Sort.Floating(format);
            for (FloatingPoint.Operation op : FloatingPoint.Operation.values()) {
                FloatingPoint f = new FloatingPoint(op, format);
                uses.add(
                        switch (op) {
                            case ADD, SUBTRACT, MULTIPLY, DIVIDE, BELOW, AT_MOST, ABOVE, AT_LEAST, EQUAL ->
                                new Use(f, number, number);
                            default -> new Use(f, number);
                        });
            }
            for (int bits : new int[] {32, 64}) {
                uses.add(new Use(new Conversion.FromInteger(bits, format), Sort.INT));
                uses.add(new Use(new Conversion.ToInteger(format, bits), number));
            }
            uses.add(new Use(new Conversion.FromBits(format), Sort.INT));
            uses.add(new Use(
                    new Conversion.Reformat(format),
                    new Sort.Floating(format == FloatFormat.BINARY32 ? FloatFormat.BINARY64 : FloatFormat.BINARY32)));
        }
        uses.add(new Use(new Conversion.Truncate(), new Sort.Floating(FloatFormat.BINARY64)));
        for (Element e : List.of(BYTE, FLOAT)) {
            uses.add(new Use(ArrayOperation.Access.SELECT, new Sort.Contents(e), Sort.INT));
            uses.add(new Use(ArrayOperation.Access.SELECT, new Sort.Heap(e), Sort.INT));
            uses.add(new Use(ArrayOperation.Access.STORE, new Sort.Contents(e), Sort.INT, e.sort()));
            uses.add(new Use(ArrayOperation.Access.STORE, new Sort.Heap(e), Sort.INT, new Sort.Contents(e)));
            uses.add(new Use(new ArrayOperation.Filled(e), e.sort()));
            uses.add(new Use(new ArrayOperation.Typed(e), new Sort.Contents(e)));
        }
        uses.add(new Use(ArrayOperation.Access.LENGTH, Sort.INT));
        uses.add(new Use(new Operator.UserFunction("C.m(int,byte[])", FLOAT.sort(), true), Sort.INT));
        List<Sort> arguments = List.of(Sort.INT, Sort.INT);
        BitVector.Bitwise bits = new BitVector.Bitwise(BitVector.Bitwise.Operation.XOR, 32);
        uses.add(new Use(new Operator.Abstracted(bits, arguments, Sort.INT), arguments));
        return uses;
    }

    private static void parse(String script) {
        try (Context context = new Context()) {
            context.parseSMTLIB2String(script, null, null, null, null);
        }
    }

    @Test
    void everyOperatorIsOfTheSortThatItSays() {
        for (Use use : uses()) {
            parse(use.script(use.op.result(use.constants())));
            Sort wrong = new Sort.Bits(7);
            assertThrows(Z3Exception.class, () -> parse(use.script(wrong)), use.toString());
        }
    }

    @Test
    void noKindOfOperatorIsLeftOut() {
        Set<Class<?>> kinds = new LinkedHashSet<>();
        kinds(Operator.class, kinds);
        assertEquals(
                kinds,
                uses().stream()
                        .<Class<?>>map(u -> u.op.getClass())
                        .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private static void kinds(Class<?> type, Set<Class<?>> found) {
        if (type.isSealed()) {
            Stream.of(type.getPermittedSubclasses()).forEach(s -> kinds(s, found));
        } else {
            found.add(type);
        }
    }

    /** Two operators that a script could hold are never written the same, but for the two minuses and for widths. */
    @Test
    void operatorsAreWrittenApart() {
        List<Operator> defined = new ArrayList<>(Conversions.DEFINED);
        defined.add(new ArrayOperation.Typed(BYTE));
        defined.add(new ArrayOperation.Typed(FLOAT));
        defined.add(new Operator.UserFunction("C.m(int)", Sort.INT, false));
        defined.add(new Operator.UserFunction("C.m(int)", Sort.INT, true));
        defined.add(new Operator.UserFunction("C.m(int[])", Sort.INT, false));
        for (Use use : uses()) {
            if (use.op instanceof FloatingPoint
                    || use.op instanceof Conversion
                    || use.op instanceof BitVector.Bitwise) {
                defined.add(new Operator.Abstracted(use.op, List.of(), Sort.INT));
            }
        }
        assertEquals(
                defined.size(),
                defined.stream().map(SmtLib::operator).distinct().count(),
                () -> defined.stream().map(SmtLib::operator).toList().toString());
    }

    /** What decides how a script is tried is what Z3 reads in it. */
    @Test
    void whatIsComputedIsWhatIsWritten() {
        for (Use use : uses()) {
            String written = SmtLib.text(Terms.app(use.op, use.constants()))
                    + (Conversions.DEFINED.contains(use.op) ? Conversions.definition(use.op) : "");
            assertEquals(written.contains("(fp."), Conversions.computes(use.op), written);
            assertEquals(written.contains("(_ int2bv"), Conversions.takesBits(use.op), written);
        }
    }

    @Test
    void numbersAndNamesAreWritten() {
        assertEquals("(- 5)", SmtLib.text(Terms.num(-5)));
        assertEquals("9223372036854775808", SmtLib.text(Terms.num(BigInteger.TWO.pow(63))));
        assertEquals(
                "(fp #b1 #b01111111 #b10000000000000000000000)",
                SmtLib.text(new Term.Floating(FloatFormat.BINARY32, Float.floatToIntBits(-1.5f) & 0xffffffffL)));
        assertEquals(
                "(fp #b1 #b" + "1".repeat(11) + " #b" + "0".repeat(52) + ")",
                SmtLib.text(
                        new Term.Floating(FloatFormat.BINARY64, Double.doubleToLongBits(Double.NEGATIVE_INFINITY))));
        assertEquals(
                "(_ NaN 8 24)", SmtLib.text(new Term.Floating(FloatFormat.BINARY32, Float.floatToIntBits(Float.NaN))));
        assertEquals("v.größe!3".replace("ö", "~246~").replace("ß", "~223~"), SmtLib.symbol("v.größe!3"));
        assertTrue(SmtLib.symbol("\\result").startsWith("~92~"));
    }
}
