module
public import ThreeHalf.Format
public import ThreeHalf.Packing
public import ThreeHalf.Quantize
@[expose] public section

/-!
# Details of definitions

Each theorem here fixes a part of a definition that no other theorem does: changed there, the
definition broke none (`Mutants.lean`).

Main results: `strictlyIncreasing_iff`, `entry_past`, `gap_short`, `packSubscale_padding`,
`quantizeToken_sign`, `quantizeRow_sign`, `distance_value`, `no_grid`.
Requirements: REQ-FMT-002, REQ-FMT-004, REQ-PCK-006, REQ-QNT-002, REQ-QNT-005, REQ-QNT-011,
REQ-QNT-013.
-/

namespace ThreeHalf

/-- English: past its end a list's entry is 0. -/
theorem entry_past (xs : List Int) (c : Nat) (h : xs.length ≤ c) : entry xs c = 0 := by
  induction xs generalizing c with
  | nil => rfl
  | cons x xs ih =>
    cases c with
    | zero => simp at h
    | succ c => exact ih c (by simpa using h)

/-- English: the distance of code c from u is |u − 64·m·T[c]|.
Requirements: REQ-QNT-011. -/
theorem distance_value (t : Table) (m : Nat) (u : Int) (c : Nat) :
    distance t m u c = (u - 64 * (m : Int) * t.value c).natAbs := rfl

/-- English: the test for tables says that each entry is less than every later one.
Requirements: REQ-FMT-002. -/
theorem strictlyIncreasing_iff (xs : List Int) :
    strictlyIncreasing xs = true ↔ xs.Pairwise (fun a b => a < b) := by
  induction xs with
  | nil => simp [strictlyIncreasing]
  | cons x xs ih =>
    cases xs with
    | nil => simp [strictlyIncreasing]
    | cons y rest =>
      refine Iff.trans ?_ List.pairwise_cons.symm
      rw [strictlyIncreasing, Bool.and_eq_true, decide_eq_true_eq, ih]
      constructor
      · rintro ⟨h, hp⟩
        refine ⟨fun z hz => ?_, hp⟩
        rcases List.mem_cons.mp hz with rfl | hz'
        · exact h
        · exact Int.lt_trans h ((List.pairwise_cons.mp hp).1 z hz')
      · rintro ⟨h, hp⟩
        exact ⟨h y List.mem_cons_self, hp⟩

/-- English: the largest difference of neighbours is 0 where there are none.
Requirements: REQ-QNT-013. -/
theorem gap_short (x : Int) : gap [] = 0 ∧ gap [x] = 0 := ⟨rfl, rfl⟩

/-- English: where the number of sub-scales is odd, the upper half of the last byte is 0.
Requirements: REQ-PCK-006. -/
theorem packSubscale_padding (B : Nat) (m : Nat → Nat) (j : Nat) (h : B ≤ 2 * j + 1) :
    packSubscale B m j = m (2 * j) := by
  unfold packSubscale
  split <;> omega

/-- English: a table with a codebook has no grid of a uniform quantiser, and no code of one. -/
theorem no_grid (t : Table) (h : t.uniform = false) :
    t.low = 0 ∧ t.high = 0 ∧ ∀ s w, uniformCode t s w = 0 := by
  cases t <;> first | exact absurd h (by decide) | exact ⟨rfl, rfl, fun _ _ => rfl⟩

/-- English: a token's scale has no sign, one that is zero either.
Requirements: REQ-QNT-002. -/
theorem quantizeToken_sign (xs : List Binary32) :
    (quantizeToken xs).map (fun t => t.scale.neg) ≠ some true := by
  have h0 := maxAbs_nonneg (values xs)
  have sign : (round32 false (maxAbs (values xs) / 127)).neg = false := by
    have h1 : ¬maxAbs (values xs) / 127 < 0 := by grind
    unfold round32
    rw [if_neg h1]
    split <;> rfl
  unfold quantizeToken
  split
  · show some (round32 false (maxAbs (values xs) / 127)).neg ≠ some true
    rw [sign]
    decide
  · intro h
    cases h

/-- English: a row's scale has no sign, one that is zero either.
Requirements: REQ-FMT-004, REQ-QNT-005. -/
theorem quantizeRow_sign (f : Format) (ws : List Binary32) :
    (quantizeRow f ws).map (fun r => r.scale.neg) ≠ some true := by
  have h0 := maxAbs_nonneg (values ws)
  have hd : (7 : Rat) ≤ (f.divisor : Rat) := by cases f <;> decide
  have sign : (round32 false (maxAbs (values ws) / (f.divisor : Rat))).neg = false := by
    have h1 : ¬maxAbs (values ws) / (f.divisor : Rat) < 0 := fun hneg => by
      have p := Rat.mul_pos (show 0 < -(maxAbs (values ws) / (f.divisor : Rat)) by grind)
        (show 0 < (f.divisor : Rat) by grind)
      rw [Rat.neg_mul, Rat.div_mul_cancel (by grind)] at p
      grind
    unfold round32
    rw [if_neg h1]
    split <;> rfl
  unfold quantizeRow
  split
  · simp only []
    split <;>
      (show some (round32 false (maxAbs (values ws) / (f.divisor : Rat))).neg ≠ some true
       rw [sign]
       decide)
  · intro h
    cases h

end ThreeHalf
