module
public import ThreeHalf.Quantize
public import ThreeHalf.Dot
@[expose] public section

/-!
# Dequantised weights and the final three roundings

REQ-FMT-006 and REQ-DOT-004 to REQ-DOT-007: what the integers stand for as real numbers, and the one
place where floating point appears.

Main definitions: `weight` (ŵ), `dequantized` (its binary32), `output` (y), `gemv`, `gemm`.
Main results: `weight_add` and `dot_dequantized` (linearity: the integer sum, scaled once, is the
dot product of the dequantised values), `dequantized_value` (one rounding), `output_value`,
`output_zero_sign`, `output_finite` (|y| < 2¹²²), `output_error` (three relative errors of 2⁻²⁴),
`gemm_eq_gemv`.
Requirements: REQ-FMT-006, REQ-DOT-004 to REQ-DOT-007.
-/

namespace ThreeHalf

/-- ŵ = s · n, where n = m·T[c] is the integer that a code stands for (REQ-FMT-006). -/
def weight (s : Rat) (n : Int) : Rat := s * (n : Rat)

/-- English: dequantising is linear in the integer.
Requirements: REQ-FMT-006. -/
theorem weight_add (s : Rat) (n p : Int) : weight s (n + p) = weight s n + weight s p := by
  unfold weight; rw [Rat.intCast_add, Rat.mul_add]

/-- The binary32 weight fl₃₂(s · n); its zero has the sign of n (REQ-FMT-006). -/
def dequantized (s : Rat) (n : Int) : Binary32 := round32 (decide (n < 0)) (s * (n : Rat))

/-- English: the binary32 weight is s · (m·T[c]), rounded once.
Requirements: REQ-FMT-006. -/
theorem dequantized_value (s : Rat) (n : Int) : (dequantized s n).value = fl32 (weight s n) :=
  round32_value _ _

/-- English: m·T[c] is exact in binary32, in every format, for every entry of its tables.
Requirements: REQ-FMT-006. -/
theorem integer_factor_exact (f : Format) (k m c : Nat) (hm : m ≤ f.maxSubscale)
    (hc : c < (f.table k).size) :
    fl32 (((m : Int) * (f.table k).value c : Int) : Rat) =
      (((m : Int) * (f.table k).value c : Int) : Rat) := by
  apply fl32_int
  have h := maxWeight_bound f k m c hm hc
  have : f.maxWeight ≤ 465 := by cases f <;> decide
  omega

/-- English: a dequantised zero has the sign of the integer factor, and a zero factor counts as
positive.
Requirements: REQ-FMT-006. -/
theorem dequantized_sign (s : Rat) (hs : 0 ≤ s) (n : Int) :
    (dequantized s n).neg = decide (n < 0) := by
  unfold dequantized round32
  have hpos : 0 ≤ n → 0 ≤ s * (n : Rat) := fun h => Rat.mul_nonneg hs (by
    have := Rat.intCast_le_intCast.mpr h; exact this)
  have hneg : n < 0 → s * (n : Rat) ≤ 0 := fun h => by
    have h1 := Rat.intCast_le_intCast.mpr (show 0 ≤ -n by omega)
    rw [Rat.intCast_neg] at h1
    have := Rat.mul_nonneg hs (show 0 ≤ -(n : Rat) from h1)
    grind
  split
  · rename_i h
    have : n < 0 := by
      rcases Int.lt_or_le n 0 with h1 | h1
      · exact h1
      · exact absurd (hpos h1) (by grind)
    simp [this]
  · split
    · rename_i h1 h2
      have : ¬n < 0 := fun h3 => absurd (hneg h3) (by grind)
      simp [this]
    · rfl

/-- y = fl₃₂(fl₃₂(I) · fl₃₂(s_row · s_act)); a zero y has the sign of I (REQ-DOT-004). -/
def output (I : Int) (srow sact : Rat) : Binary32 :=
  round32 (decide (I < 0)) (fl32 (I : Rat) * fl32 (srow * sact))

/-- English: y is three roundings of exact results.
Requirements: REQ-DOT-004. -/
theorem output_value (I : Int) (srow sact : Rat) :
    (output I srow sact).value = fl32 (fl32 (I : Rat) * fl32 (srow * sact)) :=
  round32_value _ _

/-- A sum that is 0 gives +0. -/
theorem output_zero (srow sact : Rat) : output 0 srow sact = ⟨false, 0⟩ := by
  unfold output
  rw [show ((0 : Int) : Rat) = 0 from rfl, fl32_zero, Rat.zero_mul]
  rfl

/-- fl₃₂ keeps the sign: not negative stays not negative. -/
theorem fl32_nonneg (x : Rat) (hx : 0 ≤ x) : 0 ≤ fl32 x := by
  unfold fl32
  rw [if_neg (by grind)]
  unfold flPos roundAt
  have hp := pow2_pos (lastPlace x)
  refine Rat.mul_nonneg (Rat.le_of_lt hp) ?_
  have : 0 ≤ rne (x / 2 ^ lastPlace x) := le_rne _ 0 (by
    have := Rat.mul_nonneg hx (Rat.le_of_lt (Rat.inv_pos.mpr hp))
    rw [Rat.div_def]; exact this)
  exact Rat.intCast_le_intCast.mpr this

/-- fl₃₂ of a negated number. -/
theorem fl32_neg (x : Rat) : fl32 (-x) = -fl32 x := by
  unfold fl32
  have hz := fl32_zero
  unfold fl32 at hz
  rw [if_neg (by decide)] at hz
  split
  · rename_i h
    rw [if_neg (by grind)]
    grind
  · rename_i h
    split
    · grind
    · rename_i h2
      have h0 : x = 0 := Rat.le_antisymm (by grind) (by grind)
      subst h0
      have e : (-0 : Rat) = 0 := by grind
      rw [e, hz]
      grind

/-- English: y, and so also a zero y, has the sign of I; I = 0 counts as positive.
Requirements: REQ-DOT-004. -/
theorem output_sign (I : Int) (srow sact : Rat) (h1 : 0 ≤ srow) (h2 : 0 ≤ sact) :
    (output I srow sact).neg = decide (I < 0) := by
  have hs := fl32_nonneg (srow * sact) (Rat.mul_nonneg h1 h2)
  unfold output round32
  have hpos : 0 ≤ I → 0 ≤ fl32 (I : Rat) * fl32 (srow * sact) := fun h =>
    Rat.mul_nonneg (fl32_nonneg _ (Rat.intCast_le_intCast.mpr h)) hs
  have hneg : I < 0 → fl32 (I : Rat) * fl32 (srow * sact) ≤ 0 := fun h => by
    have h1 := Rat.intCast_le_intCast.mpr (show 0 ≤ -I by omega)
    have h3 := Rat.mul_nonneg (fl32_nonneg _ h1) hs
    rw [Rat.intCast_neg, fl32_neg] at h3
    grind
  split
  · rename_i h
    have : I < 0 := by
      rcases Int.lt_or_le I 0 with h1 | h1
      · exact h1
      · exact absurd (hpos h1) (by grind)
    simp [this]
  · split
    · rename_i h1 h2
      have : ¬I < 0 := fun h3 => absurd (hneg h3) (by grind)
      simp [this]
    · rfl

/-- A bound on fl₃₂: at most the 2⁻²⁴-th part and 2⁻²⁴ more. -/
theorem fl32_bound (x b : Rat) (hx : rabs x ≤ b) :
    rabs (fl32 x) ≤ b + b / 16777216 + 1 / 16777216 := by
  have h := fl32_error x
  have ht := tiny
  have h0 := rabs_nonneg x
  have hd : rabs (x - fl32 x) ≤ b / 16777216 + 1 / 16777216 := by
    rcases h with h | h <;> grind
  rw [rabs_le] at hd hx ⊢
  grind

/-- English: with the limits on row scales (2⁴⁰) and activations (2⁵⁶), |y| < 2¹²², and y is finite.
Requirements: REQ-DOT-005. -/
theorem output_finite (I : Int) (srow : Rat) (xs : List Rat) (hI : I.natAbs ≤ 2 ^ 31)
    (hr0 : 0 ≤ srow) (hr : srow ≤ 1099511627776)
    (hx : ∀ x ∈ xs, rabs x ≤ 72057594037927936) :
    rabs (output I srow (activationScale xs)).value < 5316911983139663491615228241121378304 ∧
      (output I srow (activationScale xs)).finite = true := by
  have ha0 := maxAbs_nonneg xs
  have ha : maxAbs xs ≤ 72057594037927936 := by
    rcases (maxAbs_spec xs).2 with h | ⟨x, hm, h⟩
    · rw [h]; decide
    · rw [← h]; exact hx x hm
  have hs0 : 0 ≤ activationScale xs := fl32_nonneg _ (by grind)
  have hsb := fl32_bound (maxAbs xs / 127) 567382630219906 (by rw [rabs_le]; grind)
  have hs : activationScale xs ≤ 600000000000000 := by
    have := (rabs_le _ _).mp hsb
    unfold activationScale
    grind
  generalize activationScale xs = sact at *
  have hi : rabs (fl32 (I : Rat)) ≤ 2147483777 := by
    have h1 := Rat.intCast_le_intCast.mpr (show I ≤ 2147483648 by omega)
    have h2 := Rat.intCast_le_intCast.mpr (show -2147483648 ≤ I by omega)
    have := fl32_bound (I : Rat) 2147483648 (by
      rw [rabs_le]; exact ⟨h2, h1⟩)
    grind
  have hp : rabs (fl32 (srow * sact)) ≤ 659706976665601000000000000 + 39321600000000000000 := by
    have h1 := Rat.mul_le_mul_of_nonneg_left hs hr0
    have h2 := Rat.mul_le_mul_of_nonneg_right hr (show (0 : Rat) ≤ 600000000000000 by decide)
    have h3 := Rat.mul_nonneg hr0 hs0
    have := fl32_bound (srow * sact) 659706976665600000000000000 (by rw [rabs_le]; grind)
    grind
  have hprod : rabs (fl32 (I : Rat) * fl32 (srow * sact)) ≤
    2147483777 * (659706976665601000000000000 + 39321600000000000000) := by
    rw [rabs_mul]
    have h1 := Rat.mul_le_mul_of_nonneg_right hi (rabs_nonneg (fl32 (srow * sact)))
    have h2 := Rat.mul_le_mul_of_nonneg_left hp (show (0 : Rat) ≤ 2147483777 by decide)
    grind
  have hy := fl32_bound _ _ hprod
  rw [← output_value] at hy
  refine ⟨by grind, ?_⟩
  apply round32_finite
  have e127 : (2 : Rat) ^ (127 : Int) = 170141183460469231731687303715884105728 := by
    rw [show (127 : Int) = ((127 : Nat) : Int) from rfl, Rat.zpow_natCast]
    decide +kernel
  rw [e127]
  grind

/-- A normal number is rounded with a relative error: fl₃₂(x) = x·(1+δ). -/
theorem fl32_relative (x : Rat) (hx : (2 : Rat) ^ (-126 : Int) ≤ rabs x) :
    ∃ d : Rat, rabs d ≤ 1 / 16777216 ∧ fl32 x = x * (1 + d) := by
  have h := fl32_normal x hx
  have hp := pow2_pos (-126)
  have hne : x ≠ 0 := by
    intro h0
    subst h0
    have : rabs 0 = 0 := by unfold rabs; grind
    grind
  have hr : 0 < rabs x := by grind
  refine ⟨(fl32 x - x) / x, ?_, ?_⟩
  · have hq : (fl32 x - x) / x * x = fl32 x - x := Rat.div_mul_cancel hne
    have e : rabs ((fl32 x - x) / x) * rabs x = rabs (x - fl32 x) := by
      rw [← rabs_mul, hq]
      unfold rabs
      grind
    refine Rat.not_lt.mp fun hlt => ?_
    have := Rat.mul_lt_mul_of_pos_right hlt hr
    grind
  · have hq : (fl32 x - x) / x * x = fl32 x - x := Rat.div_mul_cancel hne
    grind

/-- fl₃₂ of an integer in int32 has a relative error of at most 2⁻²⁴. -/
theorem fl32_int_relative (I : Int) :
    ∃ d : Rat, rabs d ≤ 1 / 16777216 ∧ fl32 (I : Rat) = (I : Rat) * (1 + d) := by
  by_cases h : I = 0
  · subst h
    refine ⟨0, by unfold rabs; grind, ?_⟩
    rw [show ((0 : Int) : Rat) = 0 from rfl, fl32_zero]
    grind
  · apply fl32_relative
    have h1 : (2 : Rat) ^ (-126 : Int) ≤ 1 := by
      have := pow2_le (-126) 0 (by decide)
      rwa [Rat.zpow_zero] at this
    have h2 : (1 : Rat) ≤ rabs (I : Rat) := by
      unfold rabs
      split
      · rename_i hn
        have hn' := Rat.intCast_neg_iff.mp hn
        have := Rat.intCast_le_intCast.mpr (show 1 ≤ -I by omega)
        rw [Rat.intCast_neg] at this
        exact this
      · rename_i hn
        have hn' : ¬ I < 0 := fun h3 => hn (Rat.intCast_neg_iff.mpr h3)
        have := Rat.intCast_le_intCast.mpr (show 1 ≤ I by omega)
        exact this
    grind

/-- English: where s_row·s_act and the product fl₃₂(I)·fl₃₂(s_row·s_act) are at least 2⁻¹²⁶ in
magnitude before they are rounded, y = s_row·s_act·I·(1+δ₁)(1+δ₂)(1+δ₃) with each |δ| ≤ 2⁻²⁴.
Requirements: REQ-DOT-007. -/
theorem output_error_normal (I : Int) (srow sact : Rat)
    (h1 : (2 : Rat) ^ (-126 : Int) ≤ rabs (srow * sact))
    (h2 : (2 : Rat) ^ (-126 : Int) ≤ rabs (fl32 (I : Rat) * fl32 (srow * sact))) :
    ∃ d₁ d₂ d₃ : Rat, rabs d₁ ≤ 1 / 16777216 ∧ rabs d₂ ≤ 1 / 16777216 ∧ rabs d₃ ≤ 1 / 16777216 ∧
      (output I srow sact).value = srow * sact * (I : Rat) * (1 + d₁) * (1 + d₂) * (1 + d₃) := by
  obtain ⟨d₁, hd₁, e₁⟩ := fl32_int_relative I
  obtain ⟨d₂, hd₂, e₂⟩ := fl32_relative _ h1
  obtain ⟨d₃, hd₃, e₃⟩ := fl32_relative _ h2
  refine ⟨d₁, d₂, d₃, hd₁, hd₂, hd₃, ?_⟩
  rw [output_value, e₃, e₁, e₂]
  grind

/-- A multiple n·2^e with |n| ≤ 2²⁴ and e ≥ −149 is a binary32. -/
theorem flPos_grid (e : Int) (n : Nat) (he : -149 ≤ e) (hn : n ≤ 16777216) (hpos : 0 < n) :
    flPos (2 ^ e * (n : Rat)) = 2 ^ e * (n : Rat) := by
  have key : ∀ (e : Int) (n : Nat), -149 ≤ e → n < 16777216 → 0 < n →
    flPos (2 ^ e * (n : Rat)) = 2 ^ e * (n : Rat) := by
    intro e n he hn hpos
    have hp := pow2_pos e
    have hn0 : (0 : Rat) < (n : Rat) := by
      have := Rat.natCast_lt_natCast.mpr hpos; simpa using this
    have hx : (0 : Rat) < 2 ^ e * (n : Rat) := Rat.mul_pos hp hn0
    have hs := (expo_spec _ hx).1
    have hlt : expo (2 ^ e * (n : Rat)) < e + 24 := by
      rcases Int.lt_or_le (expo (2 ^ e * (n : Rat))) (e + 24) with h | h
      · exact h
      · have h1 := pow2_le _ _ h
        have h2 : (2 : Rat) ^ (e + 24) = 2 ^ e * 16777216 := by
          rw [show e + 24 = e + 23 + 1 by omega, Rat.zpow_add_one (by decide), pow2_add, pow2_23];
          grind
        have h3 : (n : Rat) < 16777216 := by
          have := Rat.natCast_lt_natCast.mpr hn; exact this
        have h4 := Rat.mul_lt_mul_of_pos_left h3 hp
        rw [h2] at h1
        grind
    obtain ⟨j, hj⟩ : ∃ j : Nat, e = lastPlace (2 ^ e * (n : Rat)) + j :=
      ⟨(e - lastPlace (2 ^ e * (n : Rat))).toNat, by unfold lastPlace; omega⟩
    have hm : 2 ^ e * (n : Rat) =
      2 ^ lastPlace (2 ^ e * (n : Rat)) * (((2 ^ j * n : Nat) : Int) : Rat) := by
      have h5 : (2 : Rat) ^ e = 2 ^ lastPlace (2 ^ e * (n : Rat)) * 2 ^ (j : Int) := by
        rw [← pow2_add, ← hj]
      rw [Rat.intCast_natCast, Rat.natCast_mul, Rat.natCast_pow,
        show ((2 : Nat) : Rat) = 2 from rfl]
      rw [Rat.zpow_natCast] at h5
      generalize lastPlace (2 ^ e * (n : Rat)) = lp at *
      rw [h5, Rat.mul_assoc]
    unfold flPos
    generalize lastPlace (2 ^ e * (n : Rat)) = lp at *
    rw [hm, roundAt_exact]
  by_cases h : n = 16777216
  · have h1 := key (e + 1) 8388608 (by omega) (by decide) (by decide)
    have h2 : (2 : Rat) ^ e * ((n : Nat) : Rat) = 2 ^ (e + 1) * ((8388608 : Nat) : Rat) := by
      rw [Rat.zpow_add_one (by decide), h,
        show ((16777216 : Nat) : Rat) = 2 * ((8388608 : Nat) : Rat) from by decide +kernel]
      grind
    rw [h2]
    exact h1
  · exact key e n he (by omega) hpos

/-- fl₃₂ of an integer that is not 0 is at least 1 in magnitude, and multiplying it by 2⁻¹²⁶ is
exact. -/
theorem fl32_int_scaled (I : Int) (h : I ≠ 0) :
    1 ≤ rabs (fl32 (I : Rat)) ∧
    fl32 (fl32 (I : Rat) * 2 ^ (-126 : Int)) = fl32 (I : Rat) * 2 ^ (-126 : Int) := by
  have pos : ∀ n : Nat, 0 < n → 1 ≤ flPos (n : Rat) ∧
    flPos (flPos (n : Rat) * 2 ^ (-126 : Int)) = flPos (n : Rat) * 2 ^ (-126 : Int) := by
    intro n hn
    have hn0 : (0 : Rat) < (n : Rat) := by
      have := Rat.natCast_lt_natCast.mpr hn; simpa using this
    have hn1 : (1 : Rat) ≤ (n : Rat) := by
      have := Rat.natCast_le_natCast.mpr (show 1 ≤ n by omega); simpa using this
    have hlp : -23 ≤ lastPlace (n : Rat) := by
      have h1 := (expo_spec _ hn0).2
      have : 0 ≤ expo (n : Rat) := by
        rcases Int.lt_or_le (expo (n : Rat)) 0 with h | h
        · have h2 := pow2_le (expo (n : Rat) + 1) 0 (by omega)
          rw [Rat.zpow_zero] at h2
          grind
        · exact h
      unfold lastPlace; omega
    have hp := pow2_pos (lastPlace (n : Rat))
    have hsb := significand_bounds _ hn0
    have hr0 : 0 ≤ rne ((n : Rat) / 2 ^ lastPlace (n : Rat)) := le_rne _ 0 (by
      have := Rat.mul_nonneg (Rat.le_of_lt hn0) (Rat.le_of_lt (Rat.inv_pos.mpr hp))
      rw [Rat.div_def]; exact this)
    have hr1 : rne ((n : Rat) / 2 ^ lastPlace (n : Rat)) ≤ 16777216 :=
      rne_le _ _ (Rat.le_of_lt hsb.1)
    have hone : 1 ≤ flPos (n : Rat) := by
      by_cases h1 : n = 1
      · rw [h1, flPos_nat 1 (by decide)]; decide
      · have h2 : (2 : Rat) ≤ (n : Rat) := by
          have := Rat.natCast_le_natCast.mpr (show 2 ≤ n by omega); exact this
        have ht := tiny
        rcases flPos_error (n : Rat) (Rat.le_of_lt
          hn0) with h3 | h3 <;> rw [rabs_le] at h3 <;> grind
    refine ⟨hone, ?_⟩
    have hf : flPos (n : Rat) =
      2 ^ lastPlace (n : Rat) * (rne ((n : Rat) / 2 ^ lastPlace (n : Rat)) : Rat) := rfl
    obtain ⟨m, hm⟩ : ∃ m : Nat, rne ((n : Rat) / 2 ^ lastPlace (n : Rat)) = m :=
      ⟨(rne ((n : Rat) / 2 ^ lastPlace (n : Rat))).toNat, by omega⟩
    rw [hm, Rat.intCast_natCast] at hf
    have hm0 : 0 < m := by
      rcases Nat.eq_zero_or_pos m with h0 | h0
      · rw [h0] at hf
        have : ((0 : Nat) : Rat) = 0 := rfl
        rw [this] at hf
        grind
      · exact h0
    have hg := flPos_grid (lastPlace (n : Rat) + -126) m (by omega) (by omega) hm0
    have he :
      flPos (n : Rat) * 2 ^ (-126 : Int) = 2 ^ (lastPlace (n : Rat) + -126) * (m : Rat) := by
      rw [hf, pow2_add]; grind
    rw [he, hg]
  have hcast : ∀ J : Int, 0 < J → ((J.toNat : Nat) : Rat) = (J : Rat) := by
    intro J hJ
    rw [← Rat.intCast_natCast, Int.toNat_of_nonneg (by omega)]
  have hpp := pow2_pos (-126)
  have flp : ∀ x : Rat, 0 ≤ x → fl32 x = flPos x := fun x hx => by
    unfold fl32; rw [if_neg (by grind)]
  have posI : ∀ J : Int, 0 < J → 1 ≤ fl32 (J : Rat) ∧
    fl32 (fl32 (J : Rat) * 2 ^ (-126 : Int)) = fl32 (J : Rat) * 2 ^ (-126 : Int) := by
    intro J hJ
    have hq := pos J.toNat (by omega)
    rw [hcast J hJ] at hq
    have hJ0 : (0 : Rat) ≤ (J : Rat) := Rat.intCast_le_intCast.mpr (show (0 : Int) ≤ J by omega)
    rw [flp _ hJ0]
    refine ⟨hq.1, ?_⟩
    rw [flp _ (Rat.mul_nonneg (by grind) (Rat.le_of_lt hpp))]
    exact hq.2
  rcases Int.lt_or_le I 0 with hneg | hnn
  · have hq := posI (-I) (by omega)
    rw [Rat.intCast_neg, fl32_neg] at hq
    constructor
    · unfold rabs; split <;> grind
    · have e : fl32 (I : Rat) * 2 ^ (-126 : Int) = -(-fl32 (I : Rat) * 2 ^ (-126 : Int)) := by grind
      rw [e, fl32_neg, hq.2]
  · have hq := posI I (by omega)
    refine ⟨?_, hq.2⟩
    unfold rabs; split <;> grind

/-- English: where fl₃₂(s_row·s_act) is a normal number (so that y is one, too, or I = 0),
y = s_row·s_act·I·(1+δ₁)(1+δ₂)(1+δ₃) with each |δ| ≤ 2⁻²⁴.
Requirements: REQ-DOT-007. -/
theorem output_error (I : Int) (srow sact : Rat) (hr : 0 ≤ srow) (ha : 0 ≤ sact)
    (h : (2 : Rat) ^ (-126 : Int) ≤ fl32 (srow * sact)) :
    ∃ d₁ d₂ d₃ : Rat, rabs d₁ ≤ 1 / 16777216 ∧ rabs d₂ ≤ 1 / 16777216 ∧ rabs d₃ ≤ 1 / 16777216 ∧
      (output I srow sact).value = srow * sact * (I : Rat) * (1 + d₁) * (1 + d₂) * (1 + d₃) := by
  have hz : rabs 0 ≤ 1 / 16777216 := by unfold rabs; grind
  by_cases hI : I = 0
  · refine ⟨0, 0, 0, hz, hz, hz, ?_⟩
    rw [output_value, hI, show ((0 : Int) : Rat) = 0 from rfl, fl32_zero, Rat.zero_mul, fl32_zero]
    grind
  · have hs := fl32_int_scaled I hI
    have hp := pow2_pos (-126)
    have ht : 0 ≤ srow * sact := Rat.mul_nonneg hr ha
    have habs : rabs (srow * sact) = srow * sact := by unfold rabs; rw [if_neg (by grind)]
    by_cases hn : (2 : Rat) ^ (-126 : Int) ≤ srow * sact
    · apply output_error_normal I srow sact (by rw [habs]; exact hn)
      rw [rabs_mul]
      have h1 : rabs (fl32 (srow * sact)) = fl32 (srow * sact) := by
        unfold rabs; rw [if_neg (by grind)]
      rw [h1]
      have h2 := Rat.mul_le_mul_of_nonneg_right hs.1 (show 0 ≤ fl32 (srow * sact) by grind)
      grind
    · obtain ⟨d₁, hd₁, e₁⟩ := fl32_int_relative I
      have hfl : fl32 (srow * sact) = flPos (srow * sact) := by unfold fl32; rw [if_neg (by grind)]
      have htpos : 0 < srow * sact := by
        rcases (show 0 < srow * sact ∨ srow * sact = 0 by grind) with h0 | h0
        · exact h0
        · rw [h0, fl32_zero] at h
          grind
      -- rounding up to 2⁻¹²⁶ from below
      have hexp : lastPlace (srow * sact) = -149 := by
        have h1 := (expo_spec _ htpos).1
        have : expo (srow * sact) < -126 := by
          rcases Int.lt_or_le (expo (srow * sact)) (-126) with h2 | h2
          · exact h2
          · have := pow2_le _ _ h2
            grind
        unfold lastPlace; omega
      have hp149 := pow2_pos (-149)
      have e126 : (2 : Rat) ^ (-126 : Int) = 2 ^ (-149 : Int) * 8388608 := by
        rw [show (-126 : Int) = -149 + 23 by decide, pow2_add, pow2_23]
      have hup : fl32 (srow * sact) ≤ 2 ^ (-126 : Int) := by
        rw [hfl]
        unfold flPos roundAt
        rw [hexp]
        have hq : srow * sact / 2 ^ (-149 : Int) * 2 ^ (-149 : Int) = srow * sact :=
          Rat.div_mul_cancel (by grind)
        have h1 : srow * sact / 2 ^ (-149 : Int) ≤ ((8388608 : Int) : Rat) := by
          refine Rat.not_lt.mp fun h2 => ?_
          have h3 := Rat.mul_lt_mul_of_pos_right h2 hp149
          rw [hq, show ((8388608 : Int) : Rat) = 8388608 from rfl] at h3
          grind
        have h2 := Rat.intCast_le_intCast.mpr (rne_le _ _ h1)
        have h3 := Rat.mul_le_mul_of_nonneg_left h2 (Rat.le_of_lt hp149)
        rw [e126]
        exact h3
      have heq : fl32 (srow * sact) = 2 ^ (-126 : Int) := Rat.le_antisymm hup h
      have herr := roundAt_error (lastPlace (srow * sact)) (srow * sact)
      have hra : roundAt (lastPlace (srow * sact)) (srow * sact) = 2 ^ (-126 : Int) := by
        rw [← heq, hfl]; rfl
      rw [hra, hexp] at herr
      have hy : (output I srow sact).value = (I : Rat) * (1 + d₁) * 2 ^ (-126 : Int) := by
        rw [output_value, heq, hs.2, e₁]
      rw [hy]
      generalize srow * sact = t at *
      generalize (2 : Rat) ^ (-149 : Int) = p at *
      rw [e126] at herr hn ⊢
      have hd : (p * 8388608 - t) / t * t = p * 8388608 - t := Rat.div_mul_cancel (by grind)
      generalize (p * 8388608 - t) / t = d at *
      have hd0 : 0 ≤ d := Rat.not_lt.mp fun h1 => by
        have := Rat.mul_lt_mul_of_pos_right h1 htpos
        grind
      have hd1 : d ≤ 1 / 16777215 := Rat.not_lt.mp fun h1 => by
        have := Rat.mul_lt_mul_of_pos_right h1 htpos
        grind
      have hq3 : (d - 1 / 16777216) / (1 + 1 / 16777216) * (1 + 1 / 16777216) = d - 1 / 16777216 :=
        Rat.div_mul_cancel (by grind)
      by_cases hsmall : d ≤ 1 / 16777216
      · refine ⟨d₁, d, 0, hd₁, by rw [rabs_le]; grind, hz, ?_⟩
        grind
      · refine ⟨d₁, 1 / 16777216, (d - 1 / 16777216) / (1 + 1 / 16777216), hd₁,
          by unfold rabs; grind, ?_, ?_⟩
        · rw [rabs_le]
          generalize (d - 1 / 16777216) / (1 + 1 / 16777216) = d3 at *
          grind
        · generalize (d - 1 / 16777216) / (1 + 1 / 16777216) = d3 at *
          have h3 : (1 + 1 / 16777216) * (1 + d3) = 1 + d := by grind
          have h4 : t * (1 + d) = p * 8388608 := by grind
          rw [Rat.mul_assoc _ (1 + 1 / 16777216), h3]
          grind

/-! ## Linearity -/

/-- The sum of real numbers g 0 + … + g (n−1). -/
def ratSumTo : Nat → (Nat → Rat) → Rat
  | 0, _ => 0
  | n + 1, g => ratSumTo n g + g n

/-- Scaling an integer sum is summing the scaled terms. -/
theorem weight_sumTo (s : Rat) (n : Nat) (g : Nat → Int) :
    weight s (sumTo n g) = ratSumTo n fun i => weight s (g i) := by
  induction n with
  | zero => simp [weight, sumTo, ratSumTo]
  | succ n ih => simp only [sumTo, ratSumTo, weight_add, ih]

/-- English: s_row · s_act · I = Σ ŵ_k · (s_act · a_k): the integer sum, scaled once, is the dot
product of the dequantised values.
Requirements: REQ-DOT-007. -/
theorem dot_dequantized (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) (srow sact : Rat) :
    srow * sact * (rowSum f K m c a : Rat) =
      ratSumTo K fun k => weight srow ((m (k / 64) : Int) * f.value K c k) *
        (sact * (a k : Rat)) := by
  have h := weight_sumTo (srow * sact) K (term f K m c a)
  rw [rowSum_eq_isum]
  unfold terms
  rw [← sumTo_eq_isum]
  unfold weight at *
  rw [h]
  congr 1
  funext k
  unfold term
  rw [Int.mul_comm, Rat.intCast_mul]
  grind

/-- English: linearity in the activations: the sum for a + a' is the sum of the sums.
Requirements: REQ-DOT-007. -/
theorem sumTo_activations_add (n : Nat) (w a a' : Nat → Int) :
    (sumTo n fun k => (a k + a' k) * w k) =
      (sumTo n fun k => a k * w k) + sumTo n fun k => a' k * w k := by
  induction n with
  | zero => simp [sumTo]
  | succ n ih => rw [sumTo, ih, sumTo, sumTo, Int.add_mul]; omega

/-! ## Matrix products -/

/-- A row of a matrix as functions, with its scale. -/
structure MatrixRow where
  scale : Rat
  subscale : Nat → Nat
  code : Nat → Nat

/-- A token as a function, with its scale. -/
structure TokenVector where
  scale : Rat
  code : Nat → Int

/-- One token times a matrix: I and y of each row (REQ-DOT-001 to REQ-DOT-004). -/
def gemv (f : Format) (K : Nat) (t : TokenVector) : List MatrixRow → List (Int × Binary32)
  | [] => []
  | r :: rs =>
    let I := rowSum f K r.subscale r.code t.code
    (I, output I r.scale t.scale) :: gemv f K t rs

/-- Several tokens times a matrix (REQ-DOT-006). -/
def gemm (f : Format) (K : Nat) (rows : List MatrixRow) :
    List TokenVector → List (List (Int × Binary32))
  | [] => []
  | t :: ts => gemv f K t rows :: gemm f K rows ts

/-- English: a matrix product of several tokens is, for each token, the product with that token
alone.
Requirements: REQ-DOT-006. -/
theorem gemm_eq_gemv (f : Format) (K : Nat) (rows : List MatrixRow) (ts : List TokenVector) :
    gemm f K rows ts = ts.map fun t => gemv f K t rows := by
  induction ts with
  | nil => rfl
  | cons t ts ih => simp only [gemm, List.map_cons, ih]

/-- The scales that are not refused: finite, sign bit clear, at most 2⁴⁰ (REQ-FMT-004). -/
def scaleOk (s : Binary32) : Bool := !s.neg && s.finite && decide (magValue s.mag ≤ 1099511627776)

/-- English: an accepted scale is a number from 0 to 2⁴⁰ without the sign bit (so −0 is refused,
too).
Requirements: REQ-FMT-004. -/
theorem scaleOk_iff (s : Binary32) :
    scaleOk s = true ↔ s.neg = false ∧ s.finite = true ∧ s.value ≤ 1099511627776 := by
  unfold scaleOk Binary32.value
  simp only [Bool.and_eq_true, Bool.not_eq_true', decide_eq_true_eq, and_assoc]
  constructor
  · rintro ⟨h1, h2, h3⟩
    exact ⟨h1, h2, by rw [h1]; exact h3⟩
  · rintro ⟨h1, h2, h3⟩
    rw [h1] at h3
    exact ⟨h1, h2, h3⟩

/-- English: the scale that a row of accepted weights gets is accepted.
Requirements: REQ-FMT-004, REQ-QNT-006. -/
theorem rowScale_ok (f : Format) (ws : List Rat) (h : ∀ w ∈ ws, rabs w ≤ 1099511627776) :
    0 ≤ rowScale f ws ∧ rowScale f ws ≤ 1099511627776 := by
  have h0 := maxAbs_nonneg ws
  have hm : maxAbs ws ≤ 1099511627776 := by
    rcases (maxAbs_spec ws).2 with e | ⟨w, hw, e⟩
    · rw [e]; decide
    · rw [← e]; exact h w hw
  have key : ∀ D : Rat, 7 ≤ D → 0 ≤ maxAbs ws / D ∧ maxAbs ws / D ≤ 157073089683 := by
    intro D hD
    have hq : maxAbs ws / D * D = maxAbs ws := Rat.div_mul_cancel (by grind)
    have hn : 0 ≤ maxAbs ws / D := by
      rw [Rat.div_def]
      exact Rat.mul_nonneg h0 (Rat.le_of_lt (Rat.inv_pos.mpr (by grind)))
    refine ⟨hn, ?_⟩
    have := Rat.mul_le_mul_of_nonneg_left hD hn
    grind
  have hD : (7 : Rat) ≤ (f.divisor : Rat) := by cases f <;> decide
  have hk := key _ hD
  unfold rowScale
  refine ⟨fl32_nonneg _ hk.1, ?_⟩
  have := (rabs_le _ _).mp
    (fl32_bound (maxAbs ws / (f.divisor : Rat)) 157073089683 (by rw [rabs_le]; grind))
  grind

end ThreeHalf
