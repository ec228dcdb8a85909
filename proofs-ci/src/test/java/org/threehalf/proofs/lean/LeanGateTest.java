package org.threehalf.proofs.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeanGateTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "theorem t : 1 = 2 := by sorry", "axiom cheat : False", "unsafe def f := 1", "example : 1 = 1 := by native_decide",
        "@[implemented_by g] def f := 1", "@[extern \"c\"] def f := 1", "set_option debug.skipKernelTC true in", "set_option warn.sorry false",
        "example : 1 = 1 := by decide +native", "/- a /- b -/ c -/ axiom x : False", "def s := \"--\" axiom x : False",
        "def c := '\"' axiom x : False", "def q := r#\"a\"b\"# axiom x : False", "def s := s!\"{(sorry : Nat)}\"", "#check Lean.ofReduceBool",
        "initialize IO.println \"audit\"", "@[init] def f : IO Unit := pure ()", "attribute [local simp, init f] x", "def s := s!\"a{f \"b\"}{sorry}\""
    })
    void refusesSeededViolation(String source) {
        assertFalse(LeanGate.check("X.lean", source).isEmpty(), source);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-- sorry", "/- axiom /- unsafe -/ sorry -/ theorem t : True := trivial", "def s := \"a sorry \\\" axiom\"", "def q := r\"sorry\"",
        "def sorryCount' := 1", "#eval `sorryAx", "theorem axiom_free : True := trivial",
        "def s := s!\"the axiom audit found {n} axioms\"", "theorem t (init : Nat) : init = init := rfl", "def s := \"} axiom {\""
    })
    void acceptsWordInCommentStringOrLongerName(String source) {
        assertEquals(List.of(), LeanGate.check("X.lean", source));
    }

    @Test
    void saysFileLineAndColumn() {
        assertEquals("A.lean:2:2: error: `sorry` is not allowed in Lean sources: prove it, or take it out",
                LeanGate.check("A.lean", "/- x\n-/sorry").getFirst().toString());
    }
}
