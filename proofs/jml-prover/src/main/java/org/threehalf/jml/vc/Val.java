package org.threehalf.jml.vc;

import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;
import org.threehalf.jml.syntax.Ty;

/**
 * A value: its type, its term, and bounds that are known without proof.
 *
 * @param lo least value of an integer, or null
 * @param hi largest value of an integer, or null
 * @param contents an array's contents where they do not come from the heap, or null
 * @param length an array's length where it does not come from the heap, or null
 * @param components of a record, by their names; otherwise none
 */
public record Val(
        Ty type,
        Term term,
        @Nullable BigInteger lo,
        @Nullable BigInteger hi,
        @Nullable Term contents,
        @Nullable Term length,
        Map<String, Val> components) {
    Val(
            Ty type,
            Term term,
            @Nullable BigInteger lo,
            @Nullable BigInteger hi,
            @Nullable Term contents,
            @Nullable Term length) {
        this(type, term, lo, hi, contents, length, Map.of());
    }

    /** A record's object. */
    static Val object(Ty.Rec type, Term reference, Map<String, Val> components) {
        return new Val(type, reference, null, null, null, null, components);
    }

    static Val of(Ty type, Term term) {
        boolean fixed = type.integral() && type != Ty.Prim.BIGINT;
        return new Val(type, term, fixed ? type.min() : null, fixed ? type.max() : null, null, null);
    }

    static Val integer(Ty type, Term term, @Nullable BigInteger lo, @Nullable BigInteger hi) {
        return new Val(type, term, lo, hi, null, null);
    }

    static Val constant(Ty type, BigInteger n) {
        return new Val(type, Terms.num(n), n, n, null, null);
    }

    static Val bool(Term term) {
        return of(Ty.Prim.BOOLEAN, term);
    }

    boolean within(Ty type) {
        return lo != null && hi != null && lo.compareTo(type.min()) >= 0 && hi.compareTo(type.max()) <= 0;
    }

    Val as(Ty type) {
        return new Val(type, term, lo, hi, contents, length, components);
    }

    Val named(Term name) {
        return new Val(type, name, lo, hi, contents, length, components);
    }
}
