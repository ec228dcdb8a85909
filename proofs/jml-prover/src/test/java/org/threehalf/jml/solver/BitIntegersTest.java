package org.threehalf.jml.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.z3.BoolExpr;
import com.microsoft.z3.Context;
import com.microsoft.z3.Solver;
import com.microsoft.z3.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bit vectors say of integers what is so, and nothing else. */
class BitIntegersTest {
    private static final String DECLARATIONS =
            "(declare-const n Int)(declare-const m Int)(declare-const x Float64)(declare-const a (Array Int Int))";
    private static final String INTS =
            "(assert (and (<= (- 2147483648) n) (<= n 2147483647)))(assert (<= (- 2147483648) m))(assert (<= m 2147483647))";

    private record Said(int facts, Status status) {}

    private static Said said(String assertions) {
        try (Context context = new Context()) {
            List<BoolExpr> facts = BitIntegers.of(
                    context, List.of(context.parseSMTLIB2String(DECLARATIONS + assertions, null, null, null, null)));
            Solver solver = context.mkSolver();
            solver.add(facts.toArray(BoolExpr[]::new));
            return new Said(facts.size(), solver.check());
        }
    }

    @Test
    void whatContradictsItselfStillDoes() {
        assertEquals(new Said(5, Status.UNSATISFIABLE), said(INTS + "(assert (< (+ n m) (- 4294967296)))"));
        assertEquals(new Said(6, Status.UNSATISFIABLE), said(INTS + "(assert (<= 3 n))(assert (= (* n 2) 5))"));
        assertEquals(
                Status.UNSATISFIABLE,
                said(INTS + "(assert (not (= (ite (< n 0) (- n) n) (ite (>= n 0) n (- 0 n)))))")
                        .status());
        assertEquals(
                Status.UNSATISFIABLE,
                said("(assert (<= 0 n))(assert (<= n 9))(assert (fp.gt ((_ to_fp 11 53) RNE ((_ int2bv 32) n)) ((_ to_fp 11 53) RNE 9.0)))")
                        .status());
    }

    @Test
    void nothingWrapsAround() {
        assertEquals(new Said(6, Status.SATISFIABLE), said(INTS + "(assert (= n 2147483647))(assert (< n (+ n 1)))"));
        // 2^31 squared is within the width, its cube is not: that fact is left out.
        assertEquals(new Said(5, Status.SATISFIABLE), said(INTS + "(assert (= (* n n) 4611686018427387904))"));
        assertEquals(
                new Said(4, Status.SATISFIABLE),
                said(INTS + "(assert (< (* n (* n n)) (- 9903520314283042199192993792)))"));
    }

    @Test
    void whatCannotBeSaidIsLeftOut() {
        assertEquals(
                new Said(1, Status.SATISFIABLE),
                said(
                        "(assert (< n n))(assert (< (select a 0) (select a 0)))(assert (forall ((i Int)) (< i i)))(assert (fp.isZero x))"));
        assertEquals(
                new Said(0, Status.SATISFIABLE), said("(assert (<= 100000000000000000000 n))(assert (= (mod n 2) 2))"));
        assertTrue(said("(assert (<= 0 n))(assert (or (< n n) (< m m)))").facts() == 0, "one bound is not enough");
    }
}
