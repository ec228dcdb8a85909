package org.threehalf.jml.vc;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.syntax.Ty;

/** What is known at a point of a symbolic run. */
final class State {
    final Map<String, Val> vars;
    final Map<Ty.Prim, Term> heaps;
    final List<Term> facts;
    /** References below it are allocated. */
    Term allocated;

    State(Term allocated) {
        this.vars = new LinkedHashMap<>();
        this.heaps = new EnumMap<>(Ty.Prim.class);
        this.facts = new ArrayList<>();
        this.allocated = allocated;
    }

    private State(State s) {
        this.vars = new LinkedHashMap<>(s.vars);
        this.heaps = new EnumMap<>(s.heaps);
        this.facts = new ArrayList<>(s.facts);
        this.allocated = s.allocated;
    }

    State copy() {
        return new State(this);
    }

    State with(Term fact) {
        State s = copy();
        s.facts.add(fact);
        return s;
    }
}
