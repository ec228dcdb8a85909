package org.threehalf.backends.llvm.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A function of addresses and numbers that returns nothing, under construction. Instructions are appended in order;
 * loops are the only control flow. Binary32 operations round to nearest even and are never fused: no instruction has a
 * fast-math flag.
 */
public final class Function {

    private static final String ENTRY = "entry";

    private final Module module;
    private final String name;
    private final boolean exported;
    private final List<Value> parameters;
    private final List<String> lines = new ArrayList<>();
    private String block = ENTRY;
    private int values;
    private int loops;

    Function(Module module, String name, boolean exported, List<Type> types) {
        this.module = module;
        this.name = name;
        this.exported = exported;
        this.parameters = IntStream.range(0, types.size())
                .mapToObj(i -> new Value(types.get(i), "%p" + i))
                .toList();
    }

    /** A parameter. */
    public Value parameter(int index) {
        return parameters.get(index);
    }

    /** a + b, modulo the lanes' width. */
    public Value add(Value a, Value b) {
        return binary("add", a, b);
    }

    /** a − b, modulo the lanes' width. */
    public Value subtract(Value a, Value b) {
        return binary("sub", a, b);
    }

    /** a · b, modulo the lanes' width. */
    public Value mul(Value a, Value b) {
        return binary("mul", a, b);
    }

    /** ⌊a / b⌋, unsigned; b is not 0. */
    public Value divide(Value a, Value b) {
        return binary("udiv", a, b);
    }

    /** a mod b, unsigned; b is not 0. */
    public Value remainder(Value a, Value b) {
        return binary("urem", a, b);
    }

    /** Bits that both have. */
    public Value and(Value a, Value b) {
        return binary("and", a, b);
    }

    /** Bits that either has. */
    public Value or(Value a, Value b) {
        return binary("or", a, b);
    }

    /** Bits that one of both has. */
    public Value xor(Value a, Value b) {
        return binary("xor", a, b);
    }

    /** a · 2^b, modulo the lanes' width; b is less than it. */
    public Value shiftLeft(Value a, Value b) {
        return binary("shl", a, b);
    }

    /** ⌊a / 2^b⌋, unsigned; b is less than the lanes' width. */
    public Value shiftRight(Value a, Value b) {
        return binary("lshr", a, b);
    }

    /** ⌊a / 2^b⌋, signed; b is less than the lanes' width. */
    public Value shiftRightSigned(Value a, Value b) {
        return binary("ashr", a, b);
    }

    private Value binary(String operation, Value a, Value b) {
        Type.element(a.type());
        if (!a.type().equals(b.type())) {
            throw new IllTypedException("%s of %s and %s".formatted(operation, a.type(), b.type()));
        }
        return define(a.type(), "%s %s, %s".formatted(operation, a.typed(), b.text()));
    }

    /** a + b, rounded. */
    public Value fadd(Value a, Value b) {
        return binaryReal("fadd", a, b);
    }

    /** a − b, rounded. */
    public Value fsub(Value a, Value b) {
        return binaryReal("fsub", a, b);
    }

    /** a · b, rounded. */
    public Value fmul(Value a, Value b) {
        return binaryReal("fmul", a, b);
    }

    /** a / b, rounded. */
    public Value fdiv(Value a, Value b) {
        return binaryReal("fdiv", a, b);
    }

    private Value binaryReal(String operation, Value a, Value b) {
        Type.requireReal(a.type());
        if (!a.type().equals(b.type())) {
            throw new IllTypedException("%s of %s and %s".formatted(operation, a.type(), b.type()));
        }
        return define(a.type(), "%s %s, %s".formatted(operation, a.typed(), b.text()));
    }

    /** −a. */
    public Value negate(Value a) {
        Type.requireReal(a.type());
        return define(a.type(), "fneg " + a.typed());
    }

    /** Whether a &lt; b, a bit a lane; false where one is NaN. */
    public Value lessReal(Value a, Value b) {
        Type.requireReal(a.type());
        return compare("fcmp olt", a, b);
    }

    /** Whether a &lt; b, unsigned, a bit a lane. */
    public Value less(Value a, Value b) {
        Type.element(a.type());
        return compare("icmp ult", a, b);
    }

    private Value compare(String operation, Value a, Value b) {
        if (!a.type().equals(b.type())) {
            throw new IllTypedException("%s of %s and %s".formatted(operation, a.type(), b.type()));
        }
        return define(Type.with(a.type(), new Type.Integer(1)), "%s %s, %s".formatted(operation, a.typed(), b.text()));
    }

    /** In each lane the first value where the bit is set, otherwise the second. */
    public Value select(Value bits, Value first, Value second) {
        if (!first.type().equals(second.type()) || !bits.type().equals(Type.with(first.type(), new Type.Integer(1)))) {
            throw new IllTypedException(
                    "select by %s of %s and %s".formatted(bits.type(), first.type(), second.type()));
        }
        return define(first.type(), "select %s, %s, %s".formatted(bits.typed(), first.typed(), second.typed()));
    }

    /** A lane of a vector. */
    public Value lane(Value value, int index) {
        if (!(value.type() instanceof Type.Vector vector) || index < 0 || index >= vector.lanes()) {
            throw new IllTypedException("lane %d of %s".formatted(index, value.type()));
        }
        return define(vector.element(), "extractelement %s, i64 %d".formatted(value.typed(), index));
    }

    /** Lanes widened with zeros. */
    public Value zeroExtend(Value value, Type to) {
        if (Type.lanes(value.type()) != Type.lanes(to)
                || Type.element(value.type()).bits() >= Type.element(to).bits()) {
            throw new IllTypedException("zext of %s to %s".formatted(value.type(), to));
        }
        return define(to, "zext %s to %s".formatted(value.typed(), to));
    }

    /** Integers cut to their low bits. */
    public Value truncate(Value value, Type to) {
        if (Type.lanes(value.type()) != Type.lanes(to)
                || Type.element(value.type()).bits() <= Type.element(to).bits()) {
            throw new IllTypedException("trunc of %s to %s".formatted(value.type(), to));
        }
        return define(to, "trunc %s to %s".formatted(value.typed(), to));
    }

    /** Lanes widened with their sign. */
    public Value signExtend(Value value, Type to) {
        if (Type.lanes(value.type()) != Type.lanes(to)
                || Type.element(value.type()).bits() >= Type.element(to).bits()) {
            throw new IllTypedException("sext of %s to %s".formatted(value.type(), to));
        }
        return define(to, "sext %s to %s".formatted(value.typed(), to));
    }

    /** Signed integers as binary32 numbers, rounded. */
    public Value toReal(Value value) {
        Type.element(value.type());
        Type to = Type.with(value.type(), new Type.Binary32());
        return define(to, "sitofp %s to %s".formatted(value.typed(), to));
    }

    /** binary16 numbers as binary32 ones; a signalling NaN may become a quiet one. */
    public Value widenReal(Value value) {
        Type to = Type.with(value.type(), new Type.Binary32());
        if (!Type.with(value.type(), new Type.Binary16()).equals(value.type())) {
            throw new IllTypedException("fpext of " + value.type());
        }
        return define(to, "fpext %s to %s".formatted(value.typed(), to));
    }

    /** The same bits as another type; lane 0 is the lowest bits. */
    public Value reinterpret(Value value, Type to) {
        if (Type.bits(value.type()) != Type.bits(to) || value.type() == Type.POINTER || to == Type.POINTER) {
            throw new IllTypedException("bitcast of %s to %s".formatted(value.type(), to));
        }
        return value.type().equals(to) ? value : define(to, "bitcast %s to %s".formatted(value.typed(), to));
    }

    /**
     * Lanes of two vectors, one after the other: lane i of the result is lane {@code from[i]}. Of a constant, which
     * takes no instruction: so no module has a number that nothing reads.
     */
    public Value shuffle(Value a, Value b, int... from) {
        int lanes = Type.lanes(a.type());
        if (!(a.type() instanceof Type.Vector vector)
                || !a.type().equals(b.type())
                || IntStream.of(from).anyMatch(lane -> lane < 0 || lane >= 2 * lanes)) {
            throw new IllTypedException("shufflevector of %s and %s".formatted(a.type(), b.type()));
        }
        Type.Vector type = new Type.Vector(from.length, vector.element());
        boolean ofOne = IntStream.of(from).allMatch(lane -> lane < lanes);
        if (ofOne && a.isConstant()) {
            return a.lanes(type, from);
        }
        String mask = IntStream.of(from).mapToObj(lane -> "i32 " + lane).collect(Collectors.joining(", ", "<", ">"));
        return define(
                type,
                "shufflevector %s, %s, <%d x i32> %s"
                        .formatted(a.typed(), ofOne ? a.type() + " poison" : b.typed(), from.length, mask));
    }

    /** A vector with a number in every lane. */
    public Value broadcast(Value scalar, int lanes) {
        if (!(scalar.type() instanceof Type.Scalar element)) {
            throw new IllTypedException("broadcast of " + scalar.type());
        }
        Type.Vector vector = new Type.Vector(lanes, element);
        Value first = define(vector, "insertelement %s poison, %s, i64 0".formatted(vector, scalar.typed()));
        return shuffle(first, first, new int[lanes]);
    }

    /** The address some bytes after another. */
    public Value at(Value address, Value bytes) {
        if (address.type() != Type.POINTER || !bytes.type().equals(Type.I64)) {
            throw new IllTypedException("an address of %s and %s".formatted(address.type(), bytes.type()));
        }
        return define(Type.POINTER, "getelementptr i8, ptr %s, i64 %s".formatted(address.text(), bytes.text()));
    }

    /** The address some bytes after another. */
    public Value at(Value address, long bytes) {
        return bytes == 0 ? address : at(address, Value.constant(Type.I64, bytes));
    }

    /**
     * Reads memory.
     *
     * @param alignment in bytes, a power of two that divides the address
     */
    public Value load(Type type, Value address, int alignment) {
        requireAddress(address);
        return define(type, "load %s, ptr %s, align %d".formatted(type, address.text(), alignment));
    }

    /** Writes memory. */
    public void store(Value value, Value address, int alignment) {
        requireAddress(address);
        append("store %s, ptr %s, align %d".formatted(value.typed(), address.text(), alignment));
    }

    /** Asks for the cache line of an address, which need not be readable, in the second-level cache. */
    public void prefetch(Value address) {
        requireAddress(address);
        module.declare("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)");
        append("call void @llvm.prefetch.p0(ptr %s, i32 0, i32 2, i32 1)".formatted(address.text()));
    }

    private static void requireAddress(Value address) {
        if (address.type() != Type.POINTER) {
            throw new IllTypedException("an address is needed, not " + address.type());
        }
    }

    /** Calls an intrinsic of LLVM, whose types are the operands'. */
    public Value intrinsic(String intrinsic, Type result, Value... operands) {
        String types = List.of(operands).stream()
                .map(operand -> operand.type().toString())
                .collect(Collectors.joining(", "));
        module.declare("declare %s @%s(%s)".formatted(result, intrinsic, types));
        String typed = List.of(operands).stream().map(Value::typed).collect(Collectors.joining(", "));
        return define(result, "call %s @%s(%s)".formatted(result, intrinsic, typed));
    }

    /** Calls a function of the module. */
    public void call(Function function, List<Value> operands) {
        List<Type> given = operands.stream().map(Value::type).toList();
        List<Type> taken = function.parameters.stream().map(Value::type).toList();
        if (!given.equals(taken)) {
            throw new IllTypedException("%s takes %s, not %s".formatted(function.name, taken, given));
        }
        append("call void @%s(%s)"
                .formatted(function.name, operands.stream().map(Value::typed).collect(Collectors.joining(", "))));
    }

    /**
     * A loop over i = 0 … count − 1 that carries values from turn to turn.
     *
     * @param count its turns, 64 bits; may be 0
     * @param initial what the first turn gets
     * @param body given i and the carried values, gives those of the next turn, of the same types
     * @return the values after the last turn
     */
    public List<Value> loop(Value count, List<Value> initial, BiFunction<Value, List<Value>, List<Value>> body) {
        if (!count.type().equals(Type.I64)) {
            throw new IllTypedException("a loop of " + count.type() + " turns");
        }
        String id = Integer.toString(loops++);
        String before = block;
        append("br label %loop" + id);
        begin("loop" + id);
        Value index = new Value(Type.I64, "%i" + id);
        List<Value> carried = initial.stream()
                .map(value -> new Value(value.type(), "%v" + values++))
                .toList();
        // The phis name what the turn computes, which is not known yet.
        int phis = lines.size();
        append("%more" + id + " = icmp ult i64 " + index.text() + ", " + count.text());
        append("br i1 %more" + id + ", label %turn" + id + ", label %done" + id);
        begin("turn" + id);
        List<Value> next = body.apply(index, carried);
        if (!next.stream()
                .map(Value::type)
                .toList()
                .equals(initial.stream().map(Value::type).toList())) {
            throw new IllTypedException("a loop that carries %s is given %s".formatted(initial, next));
        }
        append("%next" + id + " = add i64 " + index.text() + ", 1");
        append("br label %loop" + id);
        List<String> phi = new ArrayList<>();
        phi.add("  %s = phi i64 [ 0, %%%s ], [ %%next%s, %%%s ]".formatted(index.text(), before, id, block));
        for (int i = 0; i < initial.size(); i++) {
            phi.add("  %s = phi %s [ %s, %%%s ], [ %s, %%%s ]"
                    .formatted(
                            carried.get(i).text(),
                            carried.get(i).type(),
                            initial.get(i).text(),
                            before,
                            next.get(i).text(),
                            block));
        }
        lines.addAll(phis, phi);
        begin("done" + id);
        return carried;
    }

    private void begin(String label) {
        lines.add(label + ":");
        block = label;
    }

    private void append(String instruction) {
        lines.add("  " + instruction);
    }

    private Value define(Type type, String instruction) {
        Value value = new Value(type, "%v" + values++);
        append(value.text() + " = " + instruction);
        return value;
    }

    /** The whole function as LLVM reads it. */
    String text() {
        String typed = parameters.stream()
                .map(p -> p.type() + (p.type() == Type.POINTER ? " noalias " : " ") + p.text())
                .collect(Collectors.joining(", "));
        return "define %svoid @%s(%s) #0 {\n%s:\n%s\n  ret void\n}\n"
                .formatted(exported ? "" : "internal ", name, typed, ENTRY, String.join("\n", lines));
    }
}
