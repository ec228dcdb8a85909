package org.threehalf.backends.groq.mlir;

import java.util.List;
import org.threehalf.backends.groq.mlir.Attribute.DialectAttribute;
import org.threehalf.backends.groq.mlir.Attribute.FloatAttribute;
import org.threehalf.backends.groq.mlir.Attribute.IntegerAttribute;
import org.threehalf.backends.groq.mlir.Block.Details;
import org.threehalf.backends.groq.mlir.Type.FloatType;
import org.threehalf.backends.groq.mlir.Type.IntegerType;
import org.threehalf.backends.groq.mlir.Type.ScalarType;

/**
 * The {@code arith} dialect on scalars. Integers wrap around; floating point is IEEE 754, each operation rounded once
 * to nearest even: every one says {@code fastmath<none>}, so that a compiler may neither reorder nor fuse it.
 */
public final class Arith {

    private static final Details EXACT_FLOAT = Details.of("fastmath", new DialectAttribute("arith.fastmath", "none"));

    private Arith() {}

    /** Operations on two integers of one type (or two {@code index}). */
    public enum IntegerOperation {
        /** Sum. */
        ADDI,
        /** Difference. */
        SUBI,
        /** Product. */
        MULI,
        /** Quotient of integers without a sign, rounded down; the divisor is not 0. */
        DIVUI,
        /** Bitwise and. */
        ANDI,
        /** Bitwise or. */
        ORI,
        /** Bitwise exclusive or. */
        XORI,
        /** Shift to the left, by less than the width. */
        SHLI,
        /** Shift to the right with zeros, by less than the width. */
        SHRUI,
        /** Shift to the right with the sign, by less than the width. */
        SHRSI,
        /** The larger signed integer. */
        MAXSI,
        /** The smaller signed integer. */
        MINSI
    }

    /** Operations on two floating-point numbers of one type. */
    public enum FloatOperation {
        /** Sum. */
        ADDF,
        /** Difference. */
        SUBF,
        /** Product. */
        MULF,
        /** Quotient. */
        DIVF
    }

    /** Comparisons of integers, in the order of MLIR's numbers. */
    public enum IntegerPredicate {
        /** Equal. */
        EQ,
        /** Not equal. */
        NE,
        /** Signed less. */
        SLT,
        /** Signed less or equal. */
        SLE,
        /** Signed greater. */
        SGT,
        /** Signed greater or equal. */
        SGE,
        /** Unsigned less. */
        ULT
    }

    /** Ordered comparisons of floating-point numbers: false where one is NaN. The number is MLIR's. */
    public enum FloatPredicate {
        /** Equal. */
        OEQ(1),
        /** Greater. */
        OGT(2),
        /** Greater or equal. */
        OGE(3),
        /** Less. */
        OLT(4),
        /** Less or equal. */
        OLE(5);

        private final int number;

        FloatPredicate(int number) {
            this.number = number;
        }
    }

    /** An integer or index constant. */
    public static Value constant(Block at, ScalarType type, long value) {
        return at.appendOne("arith.constant", List.of(), type, Details.of("value", new IntegerAttribute(value, type)));
    }

    /** A binary32 constant, by its bits. */
    public static Value constant(Block at, float value) {
        return at.appendOne(
                "arith.constant",
                List.of(),
                Type.F32,
                Details.of("value", new FloatAttribute(Float.floatToRawIntBits(value))));
    }

    /** A tensor constant of one dimension. */
    public static Value constant(Block at, IntegerType element, List<Long> values) {
        Type.TensorType type = Type.TensorType.of(element, values.size());
        return at.appendOne(
                "arith.constant", List.of(), type, Details.of("value", new Attribute.DenseIntegers(values, type)));
    }

    /** An operation on two integers of one type. */
    public static Value of(Block at, IntegerOperation operation, Value left, Value right) {
        String name = name(operation);
        requireSame(name, left, right);
        requireInteger(name, left);
        return at.appendOne(name, List.of(left, right), left.type(), Details.NONE);
    }

    /** An operation on two floating-point numbers of one type. */
    public static Value of(Block at, FloatOperation operation, Value left, Value right) {
        String name = name(operation);
        requireSame(name, left, right);
        requireFloat(name, left);
        return at.appendOne(name, List.of(left, right), left.type(), EXACT_FLOAT);
    }

    /** Integer sum. */
    public static Value addi(Block at, Value left, Value right) {
        return of(at, IntegerOperation.ADDI, left, right);
    }

    /** Integer difference. */
    public static Value subi(Block at, Value left, Value right) {
        return of(at, IntegerOperation.SUBI, left, right);
    }

    /** Integer product. */
    public static Value muli(Block at, Value left, Value right) {
        return of(at, IntegerOperation.MULI, left, right);
    }

    /** Floating-point sum. */
    public static Value addf(Block at, Value left, Value right) {
        return of(at, FloatOperation.ADDF, left, right);
    }

    /** Floating-point difference. */
    public static Value subf(Block at, Value left, Value right) {
        return of(at, FloatOperation.SUBF, left, right);
    }

    /** Floating-point product. */
    public static Value mulf(Block at, Value left, Value right) {
        return of(at, FloatOperation.MULF, left, right);
    }

    /** Floating-point quotient. */
    public static Value divf(Block at, Value left, Value right) {
        return of(at, FloatOperation.DIVF, left, right);
    }

    /** Compares integers; gives {@code i1}. */
    public static Value cmpi(Block at, IntegerPredicate predicate, Value left, Value right) {
        requireSame("arith.cmpi", left, right);
        requireInteger("arith.cmpi", left);
        return at.appendOne(
                "arith.cmpi",
                List.of(left, right),
                Type.I1,
                Details.of("predicate", new IntegerAttribute(predicate.ordinal(), Type.I64)));
    }

    /** Compares floating-point numbers; gives {@code i1}. */
    public static Value cmpf(Block at, FloatPredicate predicate, Value left, Value right) {
        requireSame("arith.cmpf", left, right);
        requireFloat("arith.cmpf", left);
        return at.appendOne(
                "arith.cmpf",
                List.of(left, right),
                Type.I1,
                Details.of("predicate", new IntegerAttribute(predicate.number, Type.I64)));
    }

    /** {@code yes} where the condition holds, else {@code no}. */
    public static Value select(Block at, Value condition, Value yes, Value no) {
        IllTypedException.require(
                condition.type().equals(Type.I1),
                "arith.select",
                "a condition of type %s: it must be i1",
                condition.type());
        requireSame("arith.select", yes, no);
        return at.appendOne("arith.select", List.of(condition, yes, no), yes.type(), Details.NONE);
    }

    /** Widens an integer by its sign. */
    public static Value extsi(Block at, Value value, IntegerType to) {
        return widen(at, "arith.extsi", value, to);
    }

    /** Widens an integer by zeros. */
    public static Value extui(Block at, Value value, IntegerType to) {
        return widen(at, "arith.extui", value, to);
    }

    private static Value widen(Block at, String name, Value value, IntegerType to) {
        IllTypedException.require(
                value.type() instanceof IntegerType(int width) && width < to.width(),
                name,
                "from %s to %s",
                value.type(),
                to);
        return at.appendOne(name, List.of(value), to, Details.NONE);
    }

    /** Drops an integer's high bits. */
    public static Value trunci(Block at, Value value, IntegerType to) {
        IllTypedException.require(
                value.type() instanceof IntegerType(int width) && width > to.width(),
                "arith.trunci",
                "from %s to %s",
                value.type(),
                to);
        return at.appendOne("arith.trunci", List.of(value), to, Details.NONE);
    }

    /** A signed integer as a floating-point number, rounded to nearest even. */
    public static Value sitofp(Block at, Value value, FloatType to) {
        IllTypedException.require(value.type() instanceof IntegerType, "arith.sitofp", "from %s", value.type());
        return at.appendOne("arith.sitofp", List.of(value), to, Details.NONE);
    }

    /** A floating-point number as a signed integer, rounded towards zero; the number must be in the integer's range. */
    public static Value fptosi(Block at, Value value, IntegerType to) {
        requireFloat("arith.fptosi", value);
        return at.appendOne("arith.fptosi", List.of(value), to, Details.NONE);
    }

    /** The same bits as another type of the same width. */
    public static Value bitcast(Block at, Value value, ScalarType to) {
        IllTypedException.require(width(value.type()) == width(to), "arith.bitcast", "from %s to %s", value.type(), to);
        return at.appendOne("arith.bitcast", List.of(value), to, Details.NONE);
    }

    /** Between {@code index} and an integer type. */
    public static Value indexCast(Block at, Value value, ScalarType to) {
        boolean fits = value.type() instanceof Type.IndexType && to instanceof IntegerType
                || value.type() instanceof IntegerType && to instanceof Type.IndexType;
        IllTypedException.require(fits, "arith.index_cast", "from %s to %s", value.type(), to);
        return at.appendOne("arith.index_cast", List.of(value), to, Details.NONE);
    }

    /** Between binary32 and binary64. The generator has no use for it; tests seed faults with it. */
    static Value floatCast(Block at, Value value, FloatType to) {
        requireFloat("arith.extf", value);
        IllTypedException.require(width(value.type()) != to.width(), "arith.extf", "from %s to %s", value.type(), to);
        return at.appendOne(to.width() == 64 ? "arith.extf" : "arith.truncf", List.of(value), to, Details.NONE);
    }

    private static int width(Type type) {
        return switch (type) {
            case IntegerType(int width) -> width;
            case FloatType(int width) -> width;
            default -> throw new IllTypedException("arith.bitcast", "of type " + type);
        };
    }

    private static String name(Enum<?> operation) {
        return "arith." + operation.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static void requireSame(String name, Value left, Value right) {
        IllTypedException.require(
                left.type().equals(right.type()), name, "operands of types %s and %s", left.type(), right.type());
    }

    private static void requireInteger(String name, Value value) {
        IllTypedException.require(
                value.type() instanceof IntegerType || value.type() instanceof Type.IndexType,
                name,
                "operands of type %s",
                value.type());
    }

    private static void requireFloat(String name, Value value) {
        IllTypedException.require(value.type() instanceof FloatType, name, "operands of type %s", value.type());
    }
}
