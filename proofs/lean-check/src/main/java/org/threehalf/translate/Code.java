package org.threehalf.translate;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a method does, as Lean says it: values bound one after the other, in the order in which Java evaluates them. */
sealed interface Code {
    /** Whether it always gives a value, so that it needs no {@code Result}. */
    boolean total();

    /** The names that it uses and does not bind. */
    default Set<String> free() {
        Set<String> all = new LinkedHashSet<>();
        switch (this) {
            case Let let -> {
                all.addAll(let.rest().free());
                all.remove(let.name().name());
                all.addAll(names(let.value()));
            }
            case Bind bind -> {
                all.addAll(bind.rest().free());
                bind.names().forEach(n -> all.remove(n.name()));
                all.addAll(bind.value().free());
            }
            case Choice choice -> {
                all.addAll(names(choice.condition()));
                all.addAll(choice.then().free());
                all.addAll(choice.otherwise().free());
            }
            case Value value -> all.addAll(names(value.term()));
            case Run run -> all.addAll(names(run.term()));
            case Loop loop -> {
                all.addAll(loop.body().free());
                all.remove(loop.index());
                loop.state().forEach(n -> all.add(n.name()));
                all.addAll(names(loop.first()));
                all.addAll(names(loop.bound()));
            }
        }
        return all;
    }

    /** The names in a term. */
    private static Set<String> names(String term) {
        return Pattern.compile("(?<![\\w.'])[A-Za-z][\\w']*")
                .matcher(term)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toSet());
    }

    /** A name and its Lean type. */
    record Variable(String name, String type) {}

    /** {@code name} is the value of a term that cannot fail, in the rest. */
    record Let(Variable name, String value, Code rest) implements Code {
        @Override
        public boolean total() {
            return rest.total();
        }
    }

    /** The names are what a computation gives, a pair for two names and so on, in the rest. */
    record Bind(List<Variable> names, Code value, Code rest) implements Code {
        @Override
        public boolean total() {
            return value.total() && rest.total();
        }
    }

    /** One of two, by a proposition. */
    record Choice(String condition, Code then, Code otherwise) implements Code {
        @Override
        public boolean total() {
            return then.total() && otherwise.total();
        }
    }

    /** A term whose value is the result. */
    record Value(String term) implements Code {
        @Override
        public boolean total() {
            return true;
        }
    }

    /** A term of type {@code Result}. */
    record Run(String term) implements Code {
        @Override
        public boolean total() {
            return false;
        }
    }

    /**
     * A loop that counts up.
     *
     * @param index the name of its index
     * @param first the first index
     * @param bound the index past the last one
     * @param state what the body changes, and gives
     */
    record Loop(String index, String first, String bound, List<Variable> state, Code body) implements Code {
        @Override
        public boolean total() {
            return false;
        }
    }
}
