package org.threehalf.backends.groq.mlir;

import java.util.List;
import java.util.stream.Stream;
import org.threehalf.backends.groq.mlir.Block.Details;

/** The {@code scf} dialect: a loop whose iterations run in order and hand values on. */
public final class Scf {

    private Scf() {}

    /** Makes an iteration. */
    @FunctionalInterface
    public interface Body {
        /**
         * Makes the operations of an iteration.
         *
         * @param block where they go
         * @param counter the loop's counter, an {@code index}
         * @param carried what the iteration before handed on
         * @return what this one hands on, of the same types
         */
        List<Value> make(Block block, Value counter, List<Value> carried);
    }

    /**
     * {@code for (counter = from; counter < to; counter += step)}, in order.
     *
     * @param from, to, step {@code index} values
     * @param initial what the first iteration gets
     * @return what the last iteration handed on
     * @throws IllTypedException if bounds are no indices, or an iteration hands on other types than it got
     */
    public static List<Value> loop(Block at, Value from, Value to, Value step, List<Value> initial, Body body) {
        IllTypedException.require(
                Stream.of(from, to, step).allMatch(bound -> bound.type().equals(Type.INDEX)),
                "scf.for",
                "bounds of types %s, %s, %s",
                from.type(),
                to.type(),
                step.type());
        List<Type> types = initial.stream().map(Value::type).toList();
        Block block = new Block(
                at, Stream.concat(Stream.of(Type.INDEX), types.stream()).toList());
        List<Value> arguments = block.arguments();
        List<Value> yielded = body.make(block, arguments.getFirst(), arguments.subList(1, arguments.size()));
        List<Type> yieldedTypes = yielded.stream().map(Value::type).toList();
        IllTypedException.require(
                yieldedTypes.equals(types), "scf.yield", "values of types %s for %s", yieldedTypes, types);
        block.terminate("scf.yield", yielded);
        return at.append(
                "scf.for",
                Stream.concat(Stream.of(from, to, step), initial.stream()).toList(),
                types,
                new Details().region(block));
    }
}
