module
public import ThreeHalf.Rounding
@[expose] public section

/-!
# binary32

IEEE 754 single precision: its bits, the real numbers they stand for, and **fl₃₂**, rounding to
nearest, ties to even, with gradual underflow, as a function on rational numbers. Overflow is
treated by bounds: nothing in the specification rounds a number of 2¹²² or more.

Main definitions: `Binary32`, `Binary32.value`, `fl32`, `round32` (to bits), `rabs` (absolute
value).
Main results: `round32_value` (the bits stand for fl₃₂), `fl32_error` (relative error 2⁻²⁴, or
absolute error 2⁻¹⁵⁰ below the normal numbers), `fl32_normal` (relative error 2⁻²⁴ from 2⁻¹²⁶ on),
`fl32_int` (integers below 2²⁴ are exact), `round32_finite`.
Requirements: the words of section 1; REQ-QNT-002, REQ-QNT-003, REQ-QNT-006, REQ-FMT-006,
REQ-DOT-004 use it.
Reference: IEEE 754-2019, sections 3.4 and 4.3.1.
-/

namespace ThreeHalf

/-- Absolute value of a rational number. -/
def rabs (x : Rat) : Rat := if x < 0 then -x else x

/-- English: |x| ≤ b means −b ≤ x ≤ b. -/
theorem rabs_le (x b : Rat) : rabs x ≤ b ↔ -b ≤ x ∧ x ≤ b := by
  unfold rabs; split <;> constructor <;> intro h <;> grind

/-- English: an absolute value is not negative. -/
theorem rabs_nonneg (x : Rat) : 0 ≤ rabs x := by unfold rabs; split <;> grind

/-- English: the absolute value of a product is the product of the absolute values. -/
theorem rabs_mul (x y : Rat) : rabs (x * y) = rabs x * rabs y := by
  have neg : ∀ a b : Rat, a < 0 → 0 ≤ b → rabs (a * b) = -a * b := by
    intro a b ha hb
    have h := Rat.mul_nonneg (show 0 ≤ -a by grind) hb
    unfold rabs
    split <;> grind
  by_cases hx : x < 0
  · by_cases hy : y < 0
    · have h := Rat.mul_nonneg (show 0 ≤ -x by grind) (show 0 ≤ -y by grind)
      have h' : rabs (x * y) = x * y := by unfold rabs; rw [if_neg]; grind
      rw [h']
      unfold rabs
      rw [if_pos hx, if_pos hy]
      grind
    · rw [neg x y hx (Rat.not_lt.mp hy)]
      unfold rabs
      rw [if_pos hx, if_neg hy]
  · by_cases hy : y < 0
    · rw [Rat.mul_comm, neg y x hy (Rat.not_lt.mp hx)]
      unfold rabs
      rw [if_neg hx, if_pos hy]
      grind
    · have h := Rat.mul_nonneg (Rat.not_lt.mp hx) (Rat.not_lt.mp hy)
      unfold rabs
      rw [if_neg hx, if_neg hy, if_neg]
      grind

/-- A power of two is positive. -/
theorem pow2_pos (e : Int) : (0 : Rat) < 2 ^ e := Rat.zpow_pos (by decide)

/-- 2^(a+b) = 2^a · 2^b. -/
theorem pow2_add (a b : Int) : (2 : Rat) ^ (a + b) = 2 ^ a * 2 ^ b := Rat.zpow_add (by decide) a b

/-- Powers of two grow. -/
theorem pow2_le (a b : Int) (h : a ≤ b) : (2 : Rat) ^ a ≤ 2 ^ b := by
  obtain ⟨n, rfl⟩ : ∃ n : Nat, b = a + n := ⟨(b - a).toNat, by omega⟩
  have hp := pow2_pos a
  have h1 : (1 : Rat) ≤ 2 ^ n := by
    induction n with
    | zero => decide
    | succ n ih => rw [Rat.pow_succ]; have := ih (by omega); grind
  rw [pow2_add, Rat.zpow_natCast]
  have := Rat.mul_le_mul_of_nonneg_left h1 (Rat.le_of_lt hp)
  grind

/-- Rounds to a multiple of 2^e. -/
def roundAt (e : Int) (x : Rat) : Rat := 2 ^ e * (rne (x / 2 ^ e) : Rat)

/-- English: rounding to multiples of 2^e moves a number by at most 2^e / 2. -/
theorem roundAt_error (e : Int) (x : Rat) :
    2 * (x - roundAt e x) ≤ 2 ^ e ∧ -(2 ^ e) ≤ 2 * (x - roundAt e x) := by
  have hp := pow2_pos e
  have he := rne_error (x / 2 ^ e)
  have hx : x = 2 ^ e * (x / 2 ^ e) := by grind
  have a := Rat.mul_le_mul_of_nonneg_left he.1 (Rat.le_of_lt hp)
  have b := Rat.mul_le_mul_of_nonneg_left he.2 (Rat.le_of_lt hp)
  unfold roundAt
  generalize (rne (x / 2 ^ e) : Rat) = r at *
  generalize x / 2 ^ e = t at *
  generalize (2 : Rat) ^ e = p at *
  grind

/-- English: multiples of 2^e stay. -/
theorem roundAt_exact (e : Int) (m : Int) : roundAt e (2 ^ e * (m : Rat)) = 2 ^ e * (m : Rat) := by
  have hp := pow2_pos e
  have h : 2 ^ e * (m : Rat) / 2 ^ e = (m : Rat) := by grind
  unfold roundAt
  rw [h, rne_intCast]

/-- ⌊log₂ x⌋ for x > 0. -/
def expo (x : Rat) : Int :=
  let k : Int := (x.num.natAbs.log2 : Int) - (x.den.log2 : Int)
  if (2 : Rat) ^ k ≤ x then k else k - 1

/-- From a ≤ n < 2a, b ≤ d < 2b, x d = n and a = p b: p/2 < x < 2p. -/
theorem ratio_bounds (x n d a b p : Rat) (hb : 0 < b) (hp : 0 < p) (hxd : x * d = n)
    (h1 : a ≤ n) (h2 : n < 2 * a) (h3 : b ≤ d) (h4 : d < 2 * b) (hab : a = p * b) :
    p < 2 * x ∧ x < 2 * p := by
  have hd : 0 < d := by grind
  have e1 := Rat.mul_lt_mul_of_pos_left h4 hp
  have e2 := Rat.mul_le_mul_of_nonneg_left h3 (Rat.le_of_lt hp)
  constructor
  · apply Rat.lt_of_mul_lt_mul_right (c := d) _ (Rat.le_of_lt hd)
    grind
  · apply Rat.lt_of_mul_lt_mul_right (c := d) _ (Rat.le_of_lt hd)
    grind

/-- 2^⌊log₂ n⌋ ≤ n < 2 · 2^⌊log₂ n⌋. -/
theorem log2_bounds (n : Nat) (h : n ≠ 0) :
    (2 : Rat) ^ (n.log2 : Int) ≤ (n : Rat) ∧ (n : Rat) < 2 * 2 ^ (n.log2 : Int) := by
  have a := Nat.log2_self_le h
  have b : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
  have a' := Rat.natCast_le_natCast.mpr a
  have b' := Rat.natCast_lt_natCast.mpr b
  rw [Rat.natCast_pow] at a' b'
  rw [Rat.pow_succ] at b'
  rw [Rat.zpow_natCast]
  grind

/-- English: 2^expo(x) ≤ x < 2^(expo(x)+1). -/
theorem expo_spec (x : Rat) (hx : 0 < x) : (2 : Rat) ^ (expo x) ≤ x ∧ x < 2 ^ (expo x + 1) := by
  have hq : x = (x.num : Rat) / ((x.den : Int) : Rat) := by
    rw [← Rat.divInt_eq_div, Rat.num_divInt_den]
  have hn : 0 < x.num := by
    have h0 : 0 ≤ x.num := Rat.num_nonneg.mpr (Rat.le_of_lt hx)
    have h1 : x.num ≠ 0 := fun h => by rw [h] at hq; grind
    omega
  have ln := log2_bounds x.num.natAbs (by omega)
  have ld := log2_bounds x.den x.den_nz
  have hxd : x * (x.den : Rat) = (x.num.natAbs : Rat) := by
    have hd : (0 : Rat) < (x.den : Rat) := by
      have := Rat.natCast_lt_natCast.mpr x.den_pos; simpa using this
    rw [← Rat.intCast_natCast x.num.natAbs, Int.natAbs_of_nonneg (Int.le_of_lt hn)]
    rw [Rat.intCast_natCast] at hq
    generalize (x.num : Rat) = a at *
    generalize (x.den : Rat) = b at *
    rw [hq, Rat.div_mul_cancel (by grind)]
  have hab : (2 : Rat) ^ (x.num.natAbs.log2 : Int) =
      2 ^ ((x.num.natAbs.log2 : Int) - (x.den.log2 : Int)) * 2 ^ (x.den.log2 : Int) := by
    rw [← pow2_add]; congr 1; omega
  have h := ratio_bounds x _ _ _ _ _ (pow2_pos _) (pow2_pos _) hxd ln.1 ln.2 ld.1 ld.2 hab
  unfold expo
  simp only []
  generalize (x.num.natAbs.log2 : Int) - (x.den.log2 : Int) = k at *
  have s1 : (2 : Rat) ^ (k + 1) = 2 ^ k * 2 := Rat.zpow_add_one (by decide) k
  have s2 : (2 : Rat) ^ (k - 1) = 2 ^ k / 2 := by
    rw [Rat.zpow_sub_one (by decide), Rat.div_def]
  split
  · grind
  · rw [show k - 1 + 1 = k by omega, s2]; grind

/-- The exponent of the last place of binary32 at a positive `x`: 24 bits of significand, but never
below 2⁻¹⁴⁹. -/
def lastPlace (x : Rat) : Int := max (expo x - 23) (-149)

/-- fl₃₂ of a number that is not negative. -/
def flPos (x : Rat) : Rat := roundAt (lastPlace x) x

/-- fl₃₂: rounding to binary32, to nearest, ties to even, with gradual underflow. -/
def fl32 (x : Rat) : Rat := if x < 0 then -flPos (-x) else flPos x

/-- A binary32 by its sign bit and the other 31 bits. -/
structure Binary32 where
  neg : Bool
  mag : Nat
  deriving DecidableEq

/-- The real number that 31 bits stand for (8 of exponent, 23 of fraction), if they are finite. -/
def magValue (m : Nat) : Rat :=
  if m / 8388608 = 0 then (m : Rat) * 2 ^ (-149 : Int)
  else ((8388608 + m % 8388608 : Nat) : Rat) * 2 ^ (((m / 8388608 : Nat) : Int) - 150)

namespace Binary32

/-- All 32 bits. -/
def bits (b : Binary32) : Nat := (if b.neg then 2147483648 else 0) + b.mag

/-- From 32 bits. -/
def ofBits (n : Nat) : Binary32 := ⟨decide (2147483648 ≤ n), n % 2147483648⟩

/-- Neither NaN nor infinite. -/
def finite (b : Binary32) : Bool := decide (b.mag < 0x7f800000)

/-- The real number. -/
def value (b : Binary32) : Rat := if b.neg then -magValue b.mag else magValue b.mag

end Binary32

/-- The 31 bits of fl₃₂(x) for x ≥ 0. -/
def roundMag (x : Rat) : Nat :=
  if x ≤ 0 then 0 else ((lastPlace x + 149) * 8388608 + rne (x / 2 ^ lastPlace x)).toNat

/-- fl₃₂(x) as a binary32; a zero, and nothing else, takes the sign that is given. -/
def round32 (zeroSign : Bool) (x : Rat) : Binary32 :=
  if x < 0 then ⟨true, roundMag (-x)⟩ else if 0 < x then ⟨false, roundMag x⟩ else ⟨zeroSign, 0⟩

/-- English: 32 bits give a binary32 and back.
Requirements: REQ-PCK-007. -/
theorem bits_ofBits (n : Nat) (h : n < 2 ^ 32) : (Binary32.ofBits n).bits = n := by
  unfold Binary32.ofBits Binary32.bits
  simp only [decide_eq_true_eq]
  split <;> omega

/-- 2^23 as a rational. -/
theorem pow2_23 : (2 : Rat) ^ (23 : Int) = 8388608 := by
  rw [show (23 : Int) = ((23 : Nat) : Int) from rfl, Rat.zpow_natCast]; decide

/-- English: at a positive x, the significand x / 2^lastPlace lies in [0, 2²⁴), and from 2²³ on
unless x is below the normal numbers. -/
theorem significand_bounds (x : Rat) (hx : 0 < x) :
    x / 2 ^ lastPlace x < 16777216 ∧ (lastPlace x ≠ -149 → 8388608 ≤ x / 2 ^ lastPlace x) := by
  have hs := expo_spec x hx
  have hp := pow2_pos (lastPlace x)
  have hq : x / 2 ^ lastPlace x * 2 ^ lastPlace x = x := Rat.div_mul_cancel (by grind)
  constructor
  · have h1 : (2 : Rat) ^ (expo x + 1) ≤ 2 ^ (lastPlace x + 24) :=
      pow2_le _ _ (by unfold lastPlace; omega)
    have h2 : (2 : Rat) ^ (lastPlace x + 24) = 2 ^ lastPlace x * 16777216 := by
      rw [show lastPlace x + 24 = lastPlace x + 23 + 1 by omega, Rat.zpow_add_one (by decide),
        pow2_add, pow2_23]; grind
    rw [h2] at h1
    have hx2 := hs.2
    generalize (2 : Rat) ^ (expo x + 1) = q at *
    generalize x / 2 ^ lastPlace x = t at *
    generalize (2 : Rat) ^ lastPlace x = p at *
    refine Rat.not_le.mp fun h => ?_
    have := Rat.mul_le_mul_of_nonneg_left h (Rat.le_of_lt hp)
    grind
  · intro hne
    have h1 : lastPlace x = expo x - 23 := by unfold lastPlace at hne ⊢; omega
    have h2 : (2 : Rat) ^ (expo x) = 2 ^ lastPlace x * 8388608 := by
      rw [show expo x = lastPlace x + 23 by omega, pow2_add, pow2_23]
    have hx1 := hs.1
    rw [h2] at hx1
    generalize x / 2 ^ lastPlace x = t at *
    generalize (2 : Rat) ^ lastPlace x = p at *
    refine Rat.not_lt.mp fun h => ?_
    have := Rat.mul_lt_mul_of_pos_left h hp
    grind

/-- The bits 0 stand for the number 0. -/
theorem magValue_zero : magValue 0 = 0 := by
  unfold magValue
  rw [if_pos (by decide)]
  exact Rat.zero_mul _

/-- English: the bits that `roundMag` gives stand for fl₃₂(x).
Requirements: REQ-QNT-002, REQ-QNT-006, REQ-DOT-004. -/
theorem roundMag_value (x : Rat) (hx : 0 ≤ x) : magValue (roundMag x) = flPos x := by
  unfold roundMag
  split
  case isTrue h =>
    have : x = 0 := Rat.le_antisymm h hx
    subst this
    have h0 : (0 : Rat) / 2 ^ lastPlace 0 = ((0 : Int) : Rat) := by grind
    unfold flPos roundAt
    rw [h0, rne_intCast]
    simp only [magValue]
    grind
  case isFalse h =>
    have hpos : 0 < x := Rat.not_le.mp h
    have hs := significand_bounds x hpos
    have hp := pow2_pos (lastPlace x)
    have hlp : -149 ≤ lastPlace x := by unfold lastPlace; omega
    have n0 : 0 ≤ rne (x / 2 ^ lastPlace x) := le_rne _ 0 (by
      have := Rat.mul_nonneg hx (Rat.le_of_lt (Rat.inv_pos.mpr hp))
      rw [Rat.div_def]; exact this)
    have n1 : rne (x / 2 ^ lastPlace x) ≤ 16777216 := rne_le _ _ (Rat.le_of_lt hs.1)
    have n2 : lastPlace x ≠ -149 → 8388608 ≤ rne (x / 2 ^ lastPlace x) := fun hne =>
      le_rne _ _ (hs.2 hne)
    unfold flPos roundAt
    obtain ⟨n, hn⟩ : ∃ n : Nat, rne (x / 2 ^ lastPlace x) = n :=
      ⟨(rne (x / 2 ^ lastPlace x)).toNat, by omega⟩
    obtain ⟨j, hj⟩ : ∃ j : Nat, lastPlace x = j - 149 := ⟨(lastPlace x + 149).toNat, by omega⟩
    rw [hn] at n0 n1 n2 ⊢
    rw [hj] at n2 ⊢
    rw [show ((j : Int) - 149 + 149) * 8388608 + (n : Int) =
      ((j * 8388608 + n : Nat) : Int) by omega, Int.toNat_natCast]
    rw [Rat.intCast_natCast]
    unfold magValue
    by_cases c0 : j = 0 ∧ n < 8388608
    · obtain ⟨rfl, hlt⟩ := c0
      rw [if_pos (by omega)]
      simp only [Nat.zero_mul, Nat.zero_add]
      rw [show ((0 : Nat) : Int) - 149 = -149 by omega]
      grind
    · rw [if_neg (by omega)]
      by_cases c1 : n = 16777216
      · rw [show (j * 8388608 + n) / 8388608 = j + 2 by omega,
          show (j * 8388608 + n) % 8388608 = 0 by omega]
        rw [show (((j + 2 : Nat) : Int) - 150) = ((j : Int) - 149) + 1 by omega,
          Rat.zpow_add_one (by decide), c1]
        grind
      · rw [show (j * 8388608 + n) / 8388608 = j + 1 by omega,
          show 8388608 + (j * 8388608 + n) % 8388608 = n by omega]
        rw [show (((j + 1 : Nat) : Int) - 150) = (j : Int) - 149 by omega]
        grind

/-- English: fl₃₂(0) = 0. -/
theorem fl32_zero : fl32 0 = 0 := by
  have := roundMag_value 0 Rat.le_refl
  unfold fl32
  rw [if_neg (by decide), ← this]
  have h0 : roundMag 0 = 0 := by unfold roundMag; rw [if_pos Rat.le_refl]
  rw [h0, magValue_zero]

/-- English: the binary32 that `round32` gives stands for fl₃₂(x), whatever the sign of its zero.
Requirements: REQ-QNT-002, REQ-QNT-006, REQ-FMT-006, REQ-DOT-004. -/
theorem round32_value (s : Bool) (x : Rat) : (round32 s x).value = fl32 x := by
  unfold round32 fl32 Binary32.value
  split
  · rename_i h
    simp only [if_true]
    rw [roundMag_value (-x) (by grind)]
  · split
    · rename_i h1 h2
      simp only [Bool.false_eq_true, if_false]
      rw [roundMag_value x (Rat.le_of_lt h2)]
    · rename_i h1 h2
      have h0 : x = 0 := Rat.le_antisymm (Rat.not_lt.mp h2) (Rat.not_lt.mp h1)
      have hf := fl32_zero
      unfold fl32 at hf
      rw [if_neg (by decide)] at hf
      rw [h0, hf]
      simp only [magValue_zero]
      split <;> grind

/-- English: fl₃₂ moves a number by at most its 2⁻²⁴-th part, or by at most 2⁻¹⁵⁰. -/
theorem flPos_error (x : Rat) (hx : 0 ≤ x) :
    rabs (x - flPos x) ≤ x / 16777216 ∨ rabs (x - flPos x) ≤ 2 ^ (-150 : Int) := by
  have h := roundAt_error (lastPlace x) x
  rcases (show 0 < x ∨ 0 = x by grind) with hpos | h0
  · by_cases hlp : lastPlace x = -149
    · right
      rw [rabs_le]
      unfold flPos
      rw [hlp] at h ⊢
      have : (2 : Rat) ^ (-149 : Int) = 2 ^ (-150 : Int) * 2 := Rat.zpow_add_one (by decide) (-150)
      grind
    · left
      have hs := (significand_bounds x hpos).2 hlp
      have hp := pow2_pos (lastPlace x)
      have hq : x / 2 ^ lastPlace x * 2 ^ lastPlace x = x := Rat.div_mul_cancel (by grind)
      have hm := Rat.mul_le_mul_of_nonneg_left hs (Rat.le_of_lt hp)
      rw [rabs_le]
      unfold flPos
      generalize roundAt (lastPlace x) x = r at *
      generalize x / 2 ^ lastPlace x = t at *
      generalize (2 : Rat) ^ lastPlace x = p at *
      grind
  · left
    subst h0
    have := fl32_zero
    unfold fl32 at this
    rw [if_neg (by decide)] at this
    rw [this]
    unfold rabs
    grind

/-- English: fl₃₂ moves a number by at most the 2⁻²⁴-th part of its magnitude, or by at most 2⁻¹⁵⁰
(half of the smallest binary32).
Requirements: REQ-QNT-004, REQ-DOT-005, REQ-DOT-007. -/
theorem fl32_error (x : Rat) :
    rabs (x - fl32 x) ≤ rabs x / 16777216 ∨ rabs (x - fl32 x) ≤ 2 ^ (-150 : Int) := by
  unfold fl32
  split
  · rename_i h
    have := flPos_error (-x) (by grind)
    have e1 : rabs (x - -flPos (-x)) = rabs (-x - flPos (-x)) := by unfold rabs; grind
    have e2 : rabs x = -x := by unfold rabs; grind
    rw [e1, e2]
    exact this
  · rename_i h
    have := flPos_error x (Rat.not_lt.mp h)
    have e2 : rabs x = x := by unfold rabs; grind
    rw [e2]
    exact this

/-- English: from 2⁻¹²⁶ on, the smallest normal number, the relative error of fl₃₂ is at most 2⁻²⁴.
Requirements: REQ-DOT-007. -/
theorem fl32_normal (x : Rat) (hx : (2 : Rat) ^ (-126 : Int) ≤ rabs x) :
    rabs (x - fl32 x) ≤ rabs x / 16777216 := by
  rcases fl32_error x with h | h
  · exact h
  · have e : (2 : Rat) ^ (-126 : Int) = 2 ^ (-150 : Int) * 16777216 := by
      rw [show (-126 : Int) = -150 + 24 by decide, pow2_add]
      congr 1
    grind

/-- English: an error relative to the result: a result of at least 2⁻¹²⁶ is within its own 2⁻²⁴-th
part of the number.
Requirements: REQ-QNT-004. -/
theorem flPos_normal_result (x : Rat) (hx : 0 ≤ x) (hr : (2 : Rat) ^ (-126 : Int) ≤ flPos x) :
    rabs (x - flPos x) ≤ flPos x / 16777216 := by
  have h := roundAt_error (lastPlace x) x
  have e126 : (2 : Rat) ^ (-126 : Int) = 2 ^ (-150 : Int) * 16777216 := by
    rw [show (-126 : Int) = -150 + 24 by decide, pow2_add]
    congr 1
  rcases (show 0 < x ∨ 0 = x by grind) with hpos | h0
  · by_cases hlp : lastPlace x = -149
    · rw [rabs_le]
      unfold flPos at *
      rw [hlp] at h hr ⊢
      have : (2 : Rat) ^ (-149 : Int) = 2 ^ (-150 : Int) * 2 := Rat.zpow_add_one (by decide) (-150)
      grind
    · have hs := (significand_bounds x hpos).2 hlp
      have hn : ((8388608 : Int) : Rat) ≤ ((rne (x / 2 ^ lastPlace x) : Int) : Rat) :=
        Rat.intCast_le_intCast.mpr (le_rne _ _ hs)
      have hp := pow2_pos (lastPlace x)
      have hm := Rat.mul_le_mul_of_nonneg_left hn (Rat.le_of_lt hp)
      have hf : flPos x = 2 ^ lastPlace x * (rne (x / 2 ^ lastPlace x) : Rat) := rfl
      rw [rabs_le]
      rw [← hf] at hm
      have hr' : roundAt (lastPlace x) x = flPos x := rfl
      rw [hr'] at h
      generalize flPos x = r at *
      generalize (2 : Rat) ^ lastPlace x = p at *
      grind
  · have := fl32_zero
    unfold fl32 at this
    rw [if_neg (by decide)] at this
    rw [← h0, this] at hr
    have := pow2_pos (-126)
    grind

/-- ⌊log₂⌋ of a natural number, bounded by `Nat.log2`. -/
theorem expo_nat_le (n : Nat) : expo (n : Rat) ≤ n.log2 := by
  unfold expo
  simp only [Rat.num_natCast, Rat.den_natCast, Int.natAbs_natCast]
  have : Nat.log2 1 = 0 := by decide
  split <;> omega

/-- Rounding to multiples of 2^−j leaves natural numbers alone. -/
theorem roundAt_nat (j n : Nat) : roundAt (-(j : Int)) (n : Rat) = (n : Rat) := by
  have h : (n : Rat) = 2 ^ (-(j : Int)) * (((n * 2 ^ j : Nat) : Int) : Rat) := by
    rw [Rat.intCast_natCast, Rat.natCast_mul, Rat.natCast_pow, Rat.zpow_neg, Rat.zpow_natCast]
    have hp : (0 : Rat) < 2 ^ j := Rat.pow_pos (by decide)
    have h2 : ((2 : Nat) : Rat) = 2 := rfl
    rw [h2]
    grind
  rw [h, roundAt_exact]

/-- English: natural numbers below 2²⁴ are exact in binary32. -/
theorem flPos_nat (n : Nat) (hn : n < 2 ^ 24) : flPos (n : Rat) = (n : Rat) := by
  have h1 := expo_nat_le n
  have h2 : n.log2 < 24 := by
    rcases Nat.eq_zero_or_pos n with h | h
    · subst h; decide
    · exact (Nat.log2_lt (by omega)).mpr hn
  have h3 : ∃ j : Nat, lastPlace (n : Rat) = -(j : Int) :=
    ⟨(-(lastPlace (n : Rat))).toNat, by unfold lastPlace; omega⟩
  obtain ⟨j, hj⟩ := h3
  unfold flPos
  rw [hj, roundAt_nat]

/-- English: integers below 2²⁴ in magnitude are exact in binary32.
Requirements: REQ-FMT-006. -/
theorem fl32_int (n : Int) (hn : n.natAbs < 2 ^ 24) : fl32 (n : Rat) = (n : Rat) := by
  have hr := flPos_nat n.natAbs hn
  rw [← Rat.intCast_natCast] at hr
  unfold fl32
  split
  case isTrue h =>
    have h' : n < 0 := Rat.intCast_neg_iff.mp h
    rw [show ((n.natAbs : Int)) = -n by omega, Rat.intCast_neg] at hr
    rw [hr]; grind
  case isFalse h =>
    have h' : 0 ≤ n := by
      rcases Int.lt_or_le n 0 with h1 | h1
      · exact absurd (Rat.intCast_neg_iff.mpr h1) h
      · exact h1
    rw [show ((n.natAbs : Int)) = n by omega] at hr
    exact hr

/-- English: rounding a number below 2¹²⁷ in magnitude gives a finite binary32: no overflow.
Requirements: REQ-DOT-005. -/
theorem round32_finite (s : Bool) (x : Rat) (hx : rabs x < 2 ^ (127 : Int)) :
    (round32 s x).finite = true := by
  have key : ∀ y : Rat, 0 < y → y < 2 ^ (127 : Int) → roundMag y < 0x7f800000 := by
    intro y hy hb
    have he : expo y < 127 := by
      rcases Int.lt_or_le (expo y) 127 with h | h
      · exact h
      · have := pow2_le 127 (expo y) h
        have := (expo_spec y hy).1
        grind
    have n1 : rne (y / 2 ^ lastPlace y) ≤ 16777216 :=
      rne_le _ _ (Rat.le_of_lt (significand_bounds y hy).1)
    unfold roundMag
    split
    · omega
    · have : lastPlace y ≤ 103 := by unfold lastPlace; omega
      omega
  have pos : rabs x = if x < 0 then -x else x := rfl
  unfold Binary32.finite round32
  rw [decide_eq_true_eq]
  split
  · rename_i h
    rw [if_pos h] at pos
    exact key (-x) (by grind) (by grind)
  · split
    · rename_i h1 h2
      rw [if_neg h1] at pos
      exact key x h2 (by grind)
    · show 0 < 0x7f800000
      decide

end ThreeHalf
