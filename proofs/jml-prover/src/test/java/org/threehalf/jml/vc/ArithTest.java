package org.threehalf.jml.vc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.threehalf.jml.logic.Terms.constant;

import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.syntax.Expr.Binary.Op;
import org.threehalf.jml.syntax.Ty;

class ArithTest {
    /** In code that is never reached, bounds may contradict each other: the count is as any other then. */
    @Test
    void aCountThatIsNoNumberIsAnyNumber() {
        Val x = Val.of(Ty.Prim.INT, constant("x", Sort.INT));
        Term n = constant("n", Sort.INT);
        Val none = Val.integer(Ty.Prim.INT, n, BigInteger.ZERO, BigInteger.ONE.negate());
        for (Op op : List.of(Op.SHIFT_LEFT, Op.SHIFT_RIGHT, Op.UNSIGNED_SHIFT_RIGHT)) {
            assertEquals(
                    Arith.shift(op, x, Val.of(Ty.Prim.INT, n), Ty.Prim.INT).term(),
                    Arith.shift(op, x, none, Ty.Prim.INT).term());
        }
    }
}
