module
public import ThreeHalf.Binary32
@[expose] public section

/-!
# fl₃₂ is the rounding of IEEE 754

`fl32` is defined by a formula (`Binary32.lean`). This module says that the formula is what section
1 of `spec/FORMAT.md` means by it: the nearest binary32, ties to the even one.

Main results: `fl32_exact` (a finite binary32 stays), `fl32_idem`, `fl32_nearest` (no finite
binary32 is nearer), `roundMag_tie` (half-way, the last bit is 0), `fl32_mono`.
Requirements: REQ-QNT-002, REQ-QNT-006, REQ-FMT-006, REQ-DOT-004.
Reference: IEEE 754-2019, section 4.3.1 (roundTiesToEven).
-/

namespace ThreeHalf

/-- English: rne keeps the order. -/
theorem rne_mono (x y : Rat) (h : x ≤ y) : rne x ≤ rne y := by
  by_cases e : x = y
  · rw [e]; exact Int.le_refl _
  · have a := (rne_error x).2
    have b := (rne_error y).1
    have c : (rne x : Rat) < ((rne y + 1 : Int) : Rat) := by rw [Rat.intCast_add]; grind
    have := Rat.intCast_lt_intCast.mp c
    omega

/-- English: no integer is nearer than rne(x). -/
theorem rne_nearest (x : Rat) (n : Int) : rabs (x - (rne x : Rat)) ≤ rabs (x - (n : Rat)) := by
  have h := rne_error x
  rcases (show n ≤ rne x - 1 ∨ n = rne x ∨ rne x + 1 ≤ n by omega) with c | c | c
  · have := Rat.intCast_le_intCast.mpr c
    rw [Rat.intCast_sub] at this
    unfold rabs
    grind
  · rw [c]; exact Rat.le_refl
  · have := Rat.intCast_le_intCast.mpr c
    rw [Rat.intCast_add] at this
    unfold rabs
    grind

/-- Powers of two tell their exponents' order. -/
theorem pow2_lt_exponents (a b : Int) (h : (2 : Rat) ^ a < 2 ^ b) : a < b := by
  by_cases c : a < b
  · exact c
  · have := pow2_le b a (by omega)
    grind

/-- The place of the last bit is at most e where the number is below 2^(e+24). -/
theorem lastPlace_le (x : Rat) (e : Int) (hx : 0 < x) (he : -149 ≤ e) (h : x < 2 ^ (e + 24)) :
    lastPlace x ≤ e := by
  have hs := (expo_spec x hx).1
  have := pow2_lt_exponents (expo x) (e + 24) (by grind)
  unfold lastPlace
  omega

/-- A multiple of 2^e is one of any smaller power. -/
theorem multiple_of_smaller (a e n : Int) (h : a ≤ e) :
    ∃ m : Int, (2 : Rat) ^ e * (n : Rat) = 2 ^ a * (m : Rat) := by
  obtain ⟨d, rfl⟩ : ∃ d : Nat, e = a + d := ⟨(e - a).toNat, by omega⟩
  refine ⟨2 ^ d * n, ?_⟩
  rw [pow2_add, Rat.zpow_natCast, Rat.intCast_mul, Rat.intCast_pow]
  grind

/-- A number of at most 24 bits, from 2⁻¹⁴⁹ on, stays. -/
theorem flPos_exact (e n : Int) (hn : 0 ≤ n) (hb : n < 16777216) (he : -149 ≤ e) :
    flPos (2 ^ e * (n : Rat)) = 2 ^ e * (n : Rat) := by
  rcases (show n = 0 ∨ 0 < n by omega) with h0 | hp
  · subst h0
    have : (2 : Rat) ^ e * ((0 : Int) : Rat) = 0 := by grind
    rw [this]
    have := fl32_zero
    unfold fl32 at this
    rw [if_neg (by decide)] at this
    exact this
  · have h2 := pow2_pos e
    have hn' : (0 : Rat) < (n : Rat) := Rat.intCast_lt_intCast.mpr hp
    have hx := Rat.mul_pos h2 hn'
    have hlt : (n : Rat) < ((16777216 : Int) : Rat) := Rat.intCast_lt_intCast.mpr hb
    have h24 : (2 : Rat) ^ (e + 24) = 2 ^ e * 16777216 := by
      rw [pow2_add]
      congr 1
    have hm := Rat.mul_lt_mul_of_pos_left hlt h2
    have hl := lastPlace_le (2 ^ e * (n : Rat)) e hx he (by rw [h24]; exact hm)
    obtain ⟨m, hm⟩ := multiple_of_smaller _ e n hl
    unfold flPos
    generalize lastPlace (2 ^ e * (n : Rat)) = a at *
    rw [hm, roundAt_exact]

/-- What the 31 bits of a finite binary32 stand for, as at most 24 bits at a place from 2⁻¹⁴⁹ on. -/
theorem magValue_form (m : Nat) :
    ∃ e n : Int, magValue m = 2 ^ e * (n : Rat) ∧ 0 ≤ n ∧ n < 16777216 ∧ -149 ≤ e := by
  unfold magValue
  split
  · refine ⟨-149, m, ?_, by omega, by omega, by omega⟩
    rw [Rat.intCast_natCast]
    grind
  · refine ⟨((m / 8388608 : Nat) : Int) - 150, ((8388608 + m % 8388608 : Nat) : Int), ?_, by omega,
      by omega, by omega⟩
    rw [Rat.intCast_natCast]
    grind

/-- A magnitude is not negative. -/
theorem magValue_nonneg (m : Nat) : 0 ≤ magValue m := by
  obtain ⟨e, n, h, h0, _, _⟩ := magValue_form m
  rw [h]
  have hn : (0 : Rat) ≤ (n : Rat) := Rat.intCast_le_intCast.mpr h0
  exact Rat.mul_nonneg (Rat.le_of_lt (pow2_pos e)) hn

/-- English: a binary32 that is no NaN and not infinite stays as it is.
Requirements: REQ-DOT-004. -/
theorem fl32_exact (b : Binary32) : fl32 b.value = b.value := by
  have h0 := magValue_nonneg b.mag
  have hp : flPos (magValue b.mag) = magValue b.mag := by
    obtain ⟨e, n, h, hn, hb, he⟩ := magValue_form b.mag
    rw [h]
    exact flPos_exact e n hn hb he
  have z : magValue b.mag = 0 → flPos 0 = 0 := fun h => by
    rw [h] at hp
    exact hp
  unfold fl32 Binary32.value
  split
  · split
    · rw [show - -magValue b.mag = magValue b.mag by grind, hp]
    · have : magValue b.mag = 0 := by grind
      rw [this, show -(0 : Rat) = 0 by grind]
      exact z this
  · split
    · grind
    · exact hp

/-- English: rounding twice is rounding once.
Requirements: REQ-DOT-004. -/
theorem fl32_idem (x : Rat) : fl32 (fl32 x) = fl32 x := by
  rw [← round32_value false x]
  exact fl32_exact _

/-- No number of at most 24 bits at a place from 2⁻¹⁴⁹ on is nearer. -/
theorem flPos_nearest (x : Rat) (hx : 0 < x) (e n : Int) (hb : n < 16777216) (he : -149 ≤ e) :
    rabs (x - flPos x) ≤ rabs (x - 2 ^ e * (n : Rat)) := by
  have hp := pow2_pos (lastPlace x)
  have step : ∀ m : Int, rabs (x - flPos x) ≤ rabs (x - 2 ^ lastPlace x * (m : Rat)) := fun m => by
    have h := rne_nearest (x / 2 ^ lastPlace x) m
    have q : x / 2 ^ lastPlace x * 2 ^ lastPlace x = x := Rat.div_mul_cancel (by grind)
    have e1 : x - flPos x = 2 ^ lastPlace x *
      (x / 2 ^ lastPlace x - (rne (x / 2 ^ lastPlace x) : Rat)) := by
      unfold flPos roundAt
      generalize (rne (x / 2 ^ lastPlace x) : Rat) = r
      generalize x / 2 ^ lastPlace x = t at *
      generalize (2 : Rat) ^ lastPlace x = p at *
      grind
    have e2 :
      x - 2 ^ lastPlace x * (m : Rat) = 2 ^ lastPlace x * (x / 2 ^ lastPlace x - (m : Rat)) := by
      generalize x / 2 ^ lastPlace x = t at *
      generalize (2 : Rat) ^ lastPlace x = p at *
      grind
    rw [e1, e2, rabs_mul, rabs_mul]
    exact Rat.mul_le_mul_of_nonneg_left h (rabs_nonneg _)
  by_cases c : lastPlace x ≤ e
  · obtain ⟨m, hm⟩ := multiple_of_smaller _ e n c
    rw [hm]
    exact step m
  · have hs := (significand_bounds x hx).2 (by omega)
    have q : x / 2 ^ lastPlace x * 2 ^ lastPlace x = x := Rat.div_mul_cancel (by grind)
    have low : 2 ^ lastPlace x * ((8388608 : Int) : Rat) ≤ x := by
      have := Rat.mul_le_mul_of_nonneg_left hs (Rat.le_of_lt hp)
      generalize x / 2 ^ lastPlace x = t at *
      generalize (2 : Rat) ^ lastPlace x = p at *
      grind
    have small : 2 ^ e * (n : Rat) ≤ 2 ^ lastPlace x * ((8388608 : Int) : Rat) := by
      have h2 := pow2_pos e
      have hn : (n : Rat) ≤ ((16777216 : Int) : Rat) := Rat.intCast_le_intCast.mpr (by omega)
      have a := Rat.mul_le_mul_of_nonneg_left hn (Rat.le_of_lt h2)
      have b := pow2_le (e + 1) (lastPlace x) (by omega)
      rw [Rat.zpow_add_one (by decide)] at b
      generalize (2 : Rat) ^ lastPlace x = p at *
      generalize (2 : Rat) ^ e = r at *
      grind
    have h := step 8388608
    generalize 2 ^ lastPlace x * ((8388608 : Int) : Rat) = v at *
    generalize 2 ^ e * (n : Rat) = w at *
    unfold rabs at *
    grind

/-- English: no binary32 that is no NaN and not infinite is nearer to x than fl₃₂(x).
Requirements: REQ-QNT-002, REQ-QNT-006, REQ-FMT-006, REQ-DOT-004. -/
theorem fl32_nearest (x : Rat) (b : Binary32) : rabs (x - fl32 x) ≤ rabs (x - b.value) := by
  obtain ⟨e, n, hv, hn, hb, he⟩ := magValue_form b.mag
  obtain ⟨k, hk, hkb⟩ : ∃ k : Int, b.value = 2 ^ e * (k : Rat) ∧ (k = n ∨ k = -n) := by
    unfold Binary32.value
    split
    · exact ⟨-n, by rw [hv, Rat.intCast_neg]; grind, Or.inr rfl⟩
    · exact ⟨n, hv, Or.inl rfl⟩
  rw [hk]
  rcases (show x < 0 ∨ 0 < x ∨ x = 0 by grind) with h | h | h
  · have a := flPos_nearest (-x) (by grind) e (-k) (by omega) he
    unfold fl32
    rw [if_pos h]
    rw [Rat.intCast_neg] at a
    have e1 : rabs (x - -flPos (-x)) = rabs (-x - flPos (-x)) := by unfold rabs; grind
    have e2 : rabs (x - 2 ^ e * (k : Rat)) = rabs (-x - 2 ^ e * -(k : Rat)) := by
      generalize (2 : Rat) ^ e = p
      unfold rabs
      grind
    rw [e1, e2]
    exact a
  · unfold fl32
    rw [if_neg (by grind)]
    exact flPos_nearest x h e k (by omega) he
  · subst h
    rw [fl32_zero, show (0 : Rat) - 0 = 0 by grind, show rabs 0 = 0 by unfold rabs; grind]
    exact rabs_nonneg _

/-- English: where a number lies half-way between two neighbours, fl₃₂ gives the one whose last bit
is 0.
Requirements: REQ-DOT-004. -/
theorem roundMag_tie (x : Rat)
    (hx : 0 < x) (h : 2 * (x / 2 ^ lastPlace x - ((x / 2 ^ lastPlace x).floor : Rat)) = 1) :
    roundMag x % 2 = 0 := by
  have t : rne (x / 2 ^ lastPlace x) % 2 = 0 := by
    have := rne_tie (x / 2 ^ lastPlace x).floor
    rw [show ((x / 2 ^ lastPlace x).floor : Rat) + 1 / 2 = x / 2 ^ lastPlace x by grind] at this
    exact this
  have hl : -149 ≤ lastPlace x := by unfold lastPlace; omega
  have n0 : 0 ≤ rne (x / 2 ^ lastPlace x) := le_rne _ 0 (by
    have :=
      Rat.mul_nonneg (Rat.le_of_lt hx) (Rat.le_of_lt (Rat.inv_pos.mpr (pow2_pos (lastPlace x))))
    rw [Rat.div_def]; exact this)
  unfold roundMag
  rw [if_neg (by grind)]
  omega

/-- English: there is such a number: 2²⁴ + 1. -/
theorem roundMag_tie_possible :
    ∃ x : Rat, 0 < x ∧ 2 * (x / 2 ^ lastPlace x - ((x / 2 ^ lastPlace x).floor : Rat)) = 1 :=
  ⟨16777217, by decide +kernel⟩

/-- fl₃₂ keeps the order of positive numbers. -/
theorem flPos_mono (x y : Rat) (hx : 0 < x) (h : x ≤ y) : flPos x ≤ flPos y := by
  have hy : 0 < y := by grind
  have px := pow2_pos (lastPlace x)
  have py := pow2_pos (lastPlace y)
  have order : lastPlace x ≤ lastPlace y := by
    have a := (expo_spec x hx).1
    have b := (expo_spec y hy).2
    have := pow2_lt_exponents (expo x) (expo y + 1) (by grind)
    unfold lastPlace
    omega
  by_cases c : lastPlace x = lastPlace y
  · unfold flPos roundAt
    rw [c]
    have d : x / 2 ^ lastPlace y ≤ y / 2 ^ lastPlace y := by
      rw [Rat.div_def, Rat.div_def]
      exact Rat.mul_le_mul_of_nonneg_right h (Rat.le_of_lt (Rat.inv_pos.mpr py))
    exact Rat.mul_le_mul_of_nonneg_left (Rat.intCast_le_intCast.mpr (rne_mono _ _ d))
      (Rat.le_of_lt py)
  · have up : rne (x / 2 ^ lastPlace x) ≤ 16777216 :=
      rne_le _ _ (Rat.le_of_lt (significand_bounds x hx).1)
    have low : 8388608 ≤ rne (y / 2 ^ lastPlace y) :=
      le_rne _ _ ((significand_bounds y hy).2 (by unfold lastPlace at *; omega))
    have a := Rat.mul_le_mul_of_nonneg_left (Rat.intCast_le_intCast.mpr up) (Rat.le_of_lt px)
    have b := Rat.mul_le_mul_of_nonneg_left (Rat.intCast_le_intCast.mpr low) (Rat.le_of_lt py)
    have d := pow2_le (lastPlace x + 1) (lastPlace y) (by omega)
    rw [Rat.zpow_add_one (by decide)] at d
    unfold flPos roundAt
    generalize (rne (x / 2 ^ lastPlace x) : Rat) = r at *
    generalize (rne (y / 2 ^ lastPlace y) : Rat) = s at *
    generalize (2 : Rat) ^ lastPlace x = p at *
    generalize (2 : Rat) ^ lastPlace y = q at *
    grind

/-- fl₃₂ of what is not negative is not negative. -/
theorem flPos_nonneg (x : Rat) (hx : 0 ≤ x) : 0 ≤ flPos x := by
  rw [← roundMag_value x hx]
  exact magValue_nonneg _

/-- English: fl₃₂ keeps the order.
Requirements: REQ-DOT-004. -/
theorem fl32_mono (x y : Rat) (h : x ≤ y) : fl32 x ≤ fl32 y := by
  rcases (show (x < 0 ∧ y < 0) ∨ (x < 0 ∧ 0 ≤ y) ∨ (x = 0 ∧ 0 ≤ y) ∨
    (0 < x ∧ 0 < y) by grind) with c | c | c | c
  · have := flPos_mono (-y) (-x) (by grind) (by grind)
    unfold fl32
    rw [if_pos c.1, if_pos c.2]
    grind
  · have a := flPos_nonneg (-x) (by grind)
    have b := flPos_nonneg y c.2
    unfold fl32
    rw [if_pos c.1, if_neg (by grind)]
    grind
  · rw [c.1, fl32_zero]
    unfold fl32
    rw [if_neg (by grind)]
    exact flPos_nonneg y c.2
  · unfold fl32
    rw [if_neg (by grind), if_neg (by grind)]
    exact flPos_mono x y c.1 h

end ThreeHalf
