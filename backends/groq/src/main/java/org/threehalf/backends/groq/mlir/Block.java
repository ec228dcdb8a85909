package org.threehalf.backends.groq.mlir;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A block: arguments, and operations in order. It is the place where the dialects' factories put what they make.
 *
 * <p>A block is closed by its terminator, and closed with it are the blocks inside; nothing is added afterwards.
 */
public final class Block {

    private final @Nullable Block parent;
    private final List<Value> arguments;
    private final List<Operation> operations = new ArrayList<>();
    private boolean closed;

    /**
     * An open block.
     *
     * @param parent the block around it whose values it may use, or null at the top of a function or module
     */
    Block(@Nullable Block parent, List<? extends Type> arguments) {
        this.parent = parent;
        this.arguments = arguments.stream().map(type -> new Value(type, this)).toList();
    }

    /** Its arguments. */
    public List<Value> arguments() {
        return arguments;
    }

    List<Operation> operations() {
        return Collections.unmodifiableList(operations);
    }

    private boolean sees(Value value) {
        for (Block block = this; block != null; block = block.parent) {
            if (value.block() == block) {
                return true;
            }
        }
        return false;
    }

    /** What an operation has besides operands and results. */
    static final class Details {
        static final Details NONE = new Details();

        private final SequencedMap<String, Attribute> properties = new LinkedHashMap<>();
        private final SequencedMap<String, Attribute> attributes = new LinkedHashMap<>();
        private List<Block> regions = List.of();

        static Details of(String name, Attribute value) {
            return new Details().with(name, value);
        }

        Details with(String name, Attribute value) {
            properties.put(name, value);
            return this;
        }

        Details with(Map<String, ? extends Attribute> more) {
            attributes.putAll(more);
            return this;
        }

        Details region(Block block) {
            regions = List.of(block);
            return this;
        }
    }

    /** Appends an operation whose types its factory has checked, and gives its results. */
    List<Value> append(String name, List<Value> operands, List<? extends Type> results, Details details) {
        IllTypedException.require(!closed, name, "the block already has its terminator");
        for (int i = 0; i < operands.size(); i++) {
            IllTypedException.require(
                    sees(operands.get(i)),
                    name,
                    "operand %d of type %s is defined in a block that does not enclose this one",
                    i,
                    operands.get(i).type());
        }
        for (Block region : details.regions) {
            IllTypedException.require(region.closed, name, "its region has no terminator");
        }
        List<Value> values = results.stream().map(type -> new Value(type, this)).toList();
        operations.add(new Operation(
                name, List.copyOf(operands), values, details.properties, details.attributes, details.regions));
        return values;
    }

    /** Appends an operation with one result. */
    Value appendOne(String name, List<Value> operands, Type result, Details details) {
        return append(name, operands, List.of(result), details).getFirst();
    }

    /** Appends the terminator. */
    void terminate(String name, List<Value> operands) {
        append(name, operands, List.of(), Details.NONE);
        closed = true;
    }

    /** Closes a block of a module, which needs no terminator. */
    void close() {
        closed = true;
    }
}
