package org.threehalf.backends.llvm.ir;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A module of LLVM IR under construction; {@link Object#toString} is its text. */
public final class Module {

    private final Map<String, String> attributes;
    private final List<Function> functions = new ArrayList<>();
    private final Set<String> declarations = new LinkedHashSet<>();

    /**
     * An empty module.
     *
     * @param attributes of every function: {@code target-cpu}, for example
     */
    public Module(Map<String, String> attributes) {
        this.attributes = new LinkedHashMap<>(attributes);
    }

    /** A new function that can be called from outside. */
    public Function exported(String name, Type... parameters) {
        return add(new Function(this, name, true, List.of(parameters)));
    }

    /** A new function that only this module calls. */
    public Function internal(String name, Type... parameters) {
        return add(new Function(this, name, false, List.of(parameters)));
    }

    private Function add(Function function) {
        functions.add(function);
        return function;
    }

    void declare(String declaration) {
        declarations.add(declaration);
    }

    @Override
    public String toString() {
        String pairs = attributes.entrySet().stream()
                .map(e -> "\"%s\"=\"%s\"".formatted(e.getKey(), e.getValue()))
                .collect(Collectors.joining(" "));
        return "%s\n%s\nattributes #0 = { nounwind %s }\n"
                .formatted(
                        functions.stream().map(Function::text).collect(Collectors.joining("\n")),
                        declarations.stream().map(line -> line + "\n").collect(Collectors.joining()),
                        pairs);
    }
}
