package org.threehalf.backends.groq.mlir;

/**
 * A value: a result of an operation or an argument of a block. Its identity is its name; the printer gives it a number.
 */
public final class Value {

    private final Type type;
    private final Block block;

    Value(Type type, Block block) {
        this.type = type;
        this.block = block;
    }

    /** Its type. */
    public Type type() {
        return type;
    }

    /** The block that defines it. */
    Block block() {
        return block;
    }

    /**
     * Its type as a tensor's.
     *
     * @throws IllTypedException if it is none
     */
    public Type.TensorType tensor() {
        if (type instanceof Type.TensorType tensor) {
            return tensor;
        }
        throw new IllTypedException("value", "a tensor is needed, this is " + type);
    }
}
