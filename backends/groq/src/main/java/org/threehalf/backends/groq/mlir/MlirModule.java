package org.threehalf.backends.groq.mlir;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** A {@code builtin.module} with functions of the {@code func} dialect. */
public final class MlirModule {

    private final Block top = new Block(null, List.of());
    private final Set<String> names = new HashSet<>();
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
    public void function(String name, List<? extends Type> inputs, List<? extends Type> results, BiFunction<Block, List<Value>, List<Value>> body) {
        IllTypedException.require(name.matches("[A-Za-z_][A-Za-z0-9_]*"), "func.func", "'%s' is no identifier", name);
        IllTypedException.require(names.add(name), "func.func", "there are two functions '%s'", name);
        Block block = new Block(null, inputs);
        List<Value> returned = body.apply(block, block.arguments());
        IllTypedException.require(returned.stream().map(Value::type).toList().equals(results), "func.return",
                "'%s' returns %s, its type says %s", name, returned.stream().map(Value::type).toList(), results);
        block.terminate("func.return", returned);
        top.append("func.func", List.of(), List.of(), new Block.Details()
                .with("sym_name", new Attribute.StringAttribute(name))
                .with("function_type", new Attribute.TypeAttribute(new Type.FunctionType(List.copyOf(inputs), List.copyOf(results))))
                .region(block));
    }

    /** The module's text. */
    public String print() {
        Block.Details details = new Block.Details().with(new java.util.TreeMap<>(attributes)).region(top);
        top.close();
        Block outside = new Block(null, List.of());
        outside.append("builtin.module", List.of(), List.of(), details);
        return Printer.print(outside.operations().getFirst());
    }
}
