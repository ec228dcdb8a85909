package org.threehalf.backends.groq.mlir;

/** What the generator must not do; tests seed it. */
public final class Faulty {
    private Faulty() {}

    /** x · y · z in binary64, rounded once. */
    public static Value productInDouble(Block at, Value x, Value y, Value z) {
        Value scales = Arith.mulf(at, Arith.floatCast(at, y, Type.F64), Arith.floatCast(at, z, Type.F64));
        return Arith.floatCast(at, Arith.mulf(at, Arith.floatCast(at, x, Type.F64), scales), Type.F32);
    }
}
