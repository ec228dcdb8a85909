package org.threehalf.jml.syntax;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Methods with contracts, and the constants that JML may name.
 *
 * @param methods by key, in source order
 * @param constants finds a compile-time constant
 */
public record Program(SequencedMap<String, MethodModel> methods, Constants constants) {
    /** What the names of a contract mean: those of variables apart, what javac finds in the class's scope. */
    public interface Constants {
        /**
         * A compile-time constant.
         *
         * @param owner the class whose contract is read
         * @param qualifier the class written before the name; empty for none
         */
        Optional<Expr.Lit> find(String owner, String qualifier, String name, int line);

        /** A constant array, by the names that {@link #find} takes. */
        Optional<Expr.Table> table(String owner, String qualifier, String name);

        /**
         * The qualified name of a class that a contract of {@code owner} calls {@code written}; empty when there is
         * none.
         */
        Optional<String> type(String owner, String written);

        /**
         * The keys of the methods that a call may mean.
         *
         * @param qualifier the class written before the name; empty for none
         * @param models the keys of all model methods read, of which javac knows nothing
         */
        List<String> methods(String owner, String qualifier, String name, int arity, Set<String> models);

        /** Whether {@code sub} is {@code sup} or a subclass of it; qualified names. */
        boolean isSubclass(String sub, String sup);
    }

    /** The keys of the model methods. */
    Set<String> models() {
        return methods.values().stream()
                .filter(MethodModel::model)
                .map(MethodModel::key)
                .collect(java.util.stream.Collectors.toSet());
    }

    /** The method that a call in a contract of {@code owner} means. */
    public MethodModel called(String owner, Expr.Call k) {
        String qualifier = k.owner() == null ? "" : k.owner();
        List<String> keys =
                constants.methods(owner, qualifier, k.name(), k.args().size(), models());
        if (keys.size() != 1 || !methods.containsKey(keys.getFirst())) {
            throw new IllegalArgumentException((keys.size() > 1 ? "more than one method " : "no method ")
                    + (qualifier.isEmpty() ? "" : qualifier + ".") + k.name() + " with "
                    + k.args().size() + " parameters among the sources read");
        }
        return method(keys.getFirst());
    }

    /**
     * A method by its key.
     *
     * @throws IllegalArgumentException if there is none
     */
    public MethodModel method(String key) {
        MethodModel m = methods.get(key);
        if (m == null) {
            throw new IllegalArgumentException("no method " + key);
        }
        return m;
    }

    /** The program with some methods replaced. */
    public Program with(Map<String, MethodModel> replaced) {
        SequencedMap<String, MethodModel> next = new java.util.LinkedHashMap<>(methods);
        next.putAll(replaced);
        return new Program(next, constants);
    }
}
