package org.threehalf.backends.groq.mlir;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.threehalf.backends.groq.mlir.Type.FunctionType;

/** A {@code builtin.module} with functions of the {@code func} dialect. */
public final class MlirModule {

    private final Block top = new Block(null, List.of());
    private final Map<String, FunctionType> functions = new HashMap<>();
    private final Map<String, Attribute> attributes;

    /**
     * An empty module.
     *
     * @param attributes what a reader of the text should know, under names such as {@code threehalf.format}
     */
    public MlirModule(Map<String, ? extends Attribute> attributes) {
        this.attributes = Map.copyOf(attributes);
    }

    /**
     * Adds a function.
     *
     * @param name its symbol, a C identifier
     * @param inputs the types of its arguments
     * @param results the types of what it returns
     * @param body makes the operations from the block's arguments, and says what is returned
     * @throws IllTypedException if the name is taken, or the values returned have other types
     */
    public void function(
            String name,
            List<? extends Type> inputs,
            List<? extends Type> results,
            BiFunction<Block, List<Value>, List<Value>> body) {
        IllTypedException.require(name.matches("[A-Za-z_][A-Za-z0-9_]*"), "func.func", "'%s' is no identifier", name);
        FunctionType type = new FunctionType(List.copyOf(inputs), List.copyOf(results));
        IllTypedException.require(
                functions.putIfAbsent(name, type) == null, "func.func", "there are two functions '%s'", name);
        Block block = new Block(null, inputs);
        List<Value> returned = body.apply(block, block.arguments());
        IllTypedException.require(
                returned.stream().map(Value::type).toList().equals(results),
                "func.return",
                "'%s' returns %s, its type says %s",
                name,
                returned.stream().map(Value::type).toList(),
                results);
        block.terminate("func.return", returned);
        top.append(
                "func.func",
                List.of(),
                List.of(),
                new Block.Details()
                        .with("sym_name", new Attribute.StringAttribute(name))
                        .with("function_type", new Attribute.TypeAttribute(type))
                        .region(block));
    }

    /** Whether there is a function of a name. */
    public boolean has(String name) {
        return functions.containsKey(name);
    }

    /**
     * Calls a function of this module.
     *
     * @throws IllTypedException if there is none of the name yet, or the operands have other types than its arguments
     */
    public List<Value> call(Block at, String name, List<Value> operands) {
        FunctionType type = functions.get(name);
        if (type == null) {
            throw new IllTypedException("func.call", "there is no function '%s' yet".formatted(name));
        }
        List<Type> types = operands.stream().map(Value::type).toList();
        IllTypedException.require(
                types.equals(type.inputs()), "func.call", "'%s' takes %s, not %s", name, type.inputs(), types);
        return at.append(
                "func.call", operands, type.results(), Block.Details.of("callee", new Attribute.SymbolAttribute(name)));
    }

    /** The module's text. */
    public String print() {
        Block.Details details =
                new Block.Details().with(new java.util.TreeMap<>(attributes)).region(top);
        top.close();
        Block outside = new Block(null, List.of());
        outside.append("builtin.module", List.of(), List.of(), details);
        return Printer.print(outside.operations().getFirst());
    }
}
