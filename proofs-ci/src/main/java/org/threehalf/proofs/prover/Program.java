package org.threehalf.proofs.prover;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Methods with contracts, and the constants that JML may name.
 *
 * @param methods by key, in source order
 * @param constants finds a compile-time constant
 */
record Program(SequencedMap<String, MethodModel> methods, Constants constants) {
    /** Finds constants by name. */
    interface Constants {
        /**
         * A compile-time constant.
         *
         * @param owner the class whose contract is read
         * @param qualifier the class written before the name; empty for none
         */
        Optional<Expr.Lit> find(String owner, String qualifier, String name, int line);

        /** The qualified name of a class that a contract of {@code owner} calls {@code written}; empty when there is none. */
        Optional<String> type(String owner, String written);

        /** Whether {@code sub} is {@code sup} or a subclass of it; both as contracts of {@code owner} write them. */
        boolean isSubclass(String owner, String sub, String sup);
    }

    MethodModel method(String key) {
        MethodModel m = methods.get(key);
        if (m == null) {
            throw new IllegalArgumentException("no method " + key);
        }
        return m;
    }

    /** The methods called {@code name} in a class with that many parameters. */
    List<MethodModel> named(String owner, String name, int arity) {
        return methods.values().stream().filter(m -> m.owner().equals(owner) && m.name().equals(name) && m.params().size() == arity).toList();
    }

    /** The program with some methods replaced. */
    Program with(Map<String, MethodModel> replaced) {
        SequencedMap<String, MethodModel> next = new java.util.LinkedHashMap<>(methods);
        next.putAll(replaced);
        return new Program(next, constants);
    }
}
