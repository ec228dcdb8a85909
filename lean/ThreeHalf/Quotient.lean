module
public import ThreeHalf.Nearest
public import ThreeHalf.Quantize
@[expose] public section

/-!
# The weight quantiser's quotients in binary64

Section 4 of `spec/FORMAT.md` rounds exact quotients of binary32 numbers. The kernels divide in
binary64. This module proves that the integers are the same.

Main definition: `fl64`, IEEE 754's double precision, to nearest, ties to even.
Main results: `rne_fl64` (a quotient c·w/s with c ≤ 64 of numbers of 24 bits rounds to the same
integer after it was rounded to binary64), `roundClamp_binary64`, `fixedPoint_binary64`.
Requirements: REQ-QNT-007, REQ-QNT-008, REQ-QNT-010.
-/

namespace ThreeHalf

/-- fl₆₄ of a number that is not negative: 53 bits of significand, but never below 2⁻¹⁰⁷⁴. -/
noncomputable def fl64Pos (x : Rat) : Rat := roundAt (max (expo x - 52) (-1074)) x

/-- fl₆₄: rounding to binary64, to nearest, ties to even, with gradual underflow. -/
noncomputable def fl64 (x : Rat) : Rat := if x < 0 then -fl64Pos (-x) else fl64Pos x

/-- fl₆₄ moves a positive number by at most its 2⁻⁵³-th part; one below the normal numbers by less
than 1/8. -/
theorem fl64Pos_error (x : Rat) (hx : 0 < x) :
    (2 * (x - fl64Pos x) ≤ x / 4503599627370496 ∧ -(x / 4503599627370496) ≤ 2 * (x - fl64Pos x)) ∨
    (x < 1 / 4 ∧ 2 * (x - fl64Pos x) ≤ 1 / 4 ∧ -(1 / 4) ≤ 2 * (x - fl64Pos x)) := by
  have h := roundAt_error (max (expo x - 52) (-1074)) x
  have hs := expo_spec x hx
  unfold fl64Pos
  rcases (show max (expo x - 52) (-1074) = expo x - 52 ∨
    (max (expo x - 52) (-1074) = -1074 ∧ expo x < -1022) by omega) with e | ⟨e, hsmall⟩
  · left
    rw [e] at h ⊢
    have h52 : (2 : Rat) ^ (expo x) = 2 ^ (expo x - 52) * 4503599627370496 := by
      have := pow2_add (expo x - 52) 52
      rw [show expo x - 52 + 52 = expo x by omega,
        show (2 : Rat) ^ (52 : Int) = 4503599627370496 by decide +kernel] at this
      exact this
    have h1 := hs.1
    rw [h52] at h1
    generalize roundAt (expo x - 52) x = r at *
    generalize (2 : Rat) ^ (expo x - 52) = p at *
    grind
  · right
    rw [e] at h ⊢
    have a := pow2_le (expo x + 1) (-2) (by omega)
    have b := pow2_le (-1074) (-2) (by omega)
    rw [show (2 : Rat) ^ (-2 : Int) = 1 / 4 by decide +kernel] at a b
    have h2 := hs.2
    generalize roundAt (-1074) x = r at *
    generalize (2 : Rat) ^ (-1074 : Int) = p at *
    generalize (2 : Rat) ^ (expo x + 1) = q at *
    refine ⟨by grind, by grind, by grind⟩

/-- The same of any number. -/
theorem fl64_error (x : Rat) :
    (2 * (x - fl64 x) ≤ rabs x / 4503599627370496 ∧
    -(rabs x / 4503599627370496) ≤ 2 * (x - fl64 x)) ∨
    (rabs x < 1 / 4 ∧ 2 * (x - fl64 x) ≤ 1 / 4 ∧ -(1 / 4) ≤ 2 * (x - fl64 x)) := by
  unfold fl64 rabs
  by_cases hn : x < 0
  · rw [if_pos hn, if_pos hn]
    have := fl64Pos_error (-x) (by grind)
    generalize fl64Pos (-x) = r at *
    grind
  · rw [if_neg hn, if_neg hn]
    by_cases h0 : x = 0
    · subst h0
      have : fl64Pos 0 = 0 := by
        have := roundAt_exact (max (expo 0 - 52) (-1074)) 0
        rw [show (2 : Rat) ^ (max (expo 0 - 52) (-1074)) * ((0 : Int) : Rat) = 0 by grind] at this
        exact this
      rw [this]
      grind
    · exact fl64Pos_error x (by grind)

/-- A positive multiple of one half below 2²¹ stays. -/
theorem fl64Pos_half (k : Int) (h0 : 0 < k) (hb : k < 4194304) :
    fl64Pos ((k : Rat) / 2) = (k : Rat) / 2 := by
  have hk : (0 : Rat) < (k : Rat) := Rat.intCast_lt_intCast.mpr h0
  have hk2 : (k : Rat) < ((4194304 : Int) : Rat) := Rat.intCast_lt_intCast.mpr hb
  rw [show ((4194304 : Int) : Rat) = 4194304 from rfl] at hk2
  have hs := (expo_spec ((k : Rat) / 2) (by grind)).1
  have h21 : (2 : Rat) ^ (21 : Int) = 2097152 := by decide +kernel
  have he := pow2_lt_exponents (expo ((k : Rat) / 2)) 21 (by rw [h21]; grind)
  have hh : (k : Rat) / 2 = 2 ^ (-1 : Int) * (k : Rat) := by
    rw [show (2 : Rat) ^ (-1 : Int) = 1 / 2 by decide +kernel]; grind
  obtain ⟨m, hm⟩ := multiple_of_smaller (max (expo ((k : Rat) / 2) - 52) (-1074)) (-1) k (by omega)
  rw [← hh] at hm
  unfold fl64Pos
  generalize max (expo ((k : Rat) / 2) - 52) (-1074) = a at *
  rw [hm, roundAt_exact]

/-- Half-way between integers below 2²⁰ nothing changes. -/
theorem fl64_half (k : Int) (h0 : k ≠ 0) (h1 : -4194304 < k) (h2 : k < 4194304) :
    fl64 ((k : Rat) / 2) = (k : Rat) / 2 := by
  unfold fl64
  rcases (show k < 0 ∨ 0 < k by omega) with c | c
  · have hk : (k : Rat) < ((0 : Int) : Rat) := Rat.intCast_lt_intCast.mpr c
    rw [show ((0 : Int) : Rat) = 0 from rfl] at hk
    rw [if_pos (by grind)]
    have := fl64Pos_half (-k) (by omega) (by omega)
    rw [Rat.intCast_neg] at this
    rw [show -((k : Rat) / 2) = -(k : Rat) / 2 by grind, this]
    grind
  · have hk : ((0 : Int) : Rat) < (k : Rat) := Rat.intCast_lt_intCast.mpr c
    rw [show ((0 : Int) : Rat) = 0 from rfl] at hk
    rw [if_neg (by grind)]
    exact fl64Pos_half k c h2

/-- English: a number that is nearer to x than any place half-way between two integers rounds to the
same integer. -/
theorem rne_stable (x y : Rat) (ht : ∀ n : Int, 2 * x = 2 * (n : Rat) + 1 → y = x)
    (hd : ∀ n : Int, 2 * x ≠ 2 * (n : Rat) + 1 →
      2 * (x - y) < rabs (2 * x - (2 * (n : Rat) + 1)) ∧ -rabs
      (2 * x - (2 * (n : Rat) + 1)) < 2 * (x - y)) : rne y = rne x := by
  by_cases t : ∃ n : Int, 2 * x = 2 * (n : Rat) + 1
  · obtain ⟨n, h⟩ := t
    rw [ht n h]
  · have e := rne_error x
    have n1 : 2 * x ≠ 2 * (rne x : Rat) + 1 := fun h => t ⟨_, h⟩
    have n2 : 2 * x ≠ 2 * ((rne x - 1 : Int) : Rat) + 1 := fun h => t ⟨_, h⟩
    have a := hd _ n1
    have b := hd _ n2
    rw [Rat.intCast_sub] at n2 b
    apply rne_unique
    · unfold rabs at a b
      grind
    · unfold rabs at a b
      grind

/-- A number that is an integer and not 0 is at least 1 in magnitude. -/
theorem one_le_rabs (m : Int) (h : m ≠ 0) : 1 ≤ rabs (m : Rat) := by
  unfold rabs
  rcases (show m ≤ -1 ∨ 1 ≤ m by omega) with c | c
  · have : (m : Rat) ≤ ((-1 : Int) : Rat) := Rat.intCast_le_intCast.mpr c
    rw [show ((-1 : Int) : Rat) = -1 from rfl] at this
    split <;> grind
  · have : ((1 : Int) : Rat) ≤ (m : Rat) := Rat.intCast_le_intCast.mpr c
    rw [show ((1 : Int) : Rat) = 1 from rfl] at this
    split <;> grind

/-- Of a product with a positive number. -/
theorem rabs_mul_pos (x y : Rat) (h : 0 < y) : rabs (x * y) = rabs x * y := by
  rw [rabs_mul]
  congr 1
  unfold rabs
  rw [if_neg (by grind)]

/-- How far a quotient of numbers of 24 bits, times c ≤ 64, is from half-way between two integers,
unless it is there: by 2⁻²⁴, or by its own 2⁻³⁰-th part. -/
theorem quotient_gap (c a b i j n : Int) (q : Rat) (hc : (c * a).natAbs ≤ 1073741824) (hb0 : 0 < b)
    (hb : b ≤ 16777216)
    (hq : q * (2 ^ j * (b : Rat)) = 2 ^ i * ((c * a : Int) : Rat))
    (hn : 2 * q - (2 * (n : Rat) + 1) ≠ 0) :
    1 ≤ 16777216 * rabs (2 * q - (2 * (n : Rat) + 1)) ∨
    rabs q ≤ 1073741824 * rabs (2 * q - (2 * (n : Rat) + 1)) := by
  have hi := pow2_pos i
  have hj := pow2_pos j
  have hbr : (0 : Rat) < (b : Rat) := Rat.intCast_lt_intCast.mpr hb0
  have hbr2 : (b : Rat) ≤ ((16777216 : Int) : Rat) := Rat.intCast_le_intCast.mpr hb
  rw [show ((16777216 : Int) : Rat) = 16777216 from rfl] at hbr2
  have hjb := Rat.mul_pos hj hbr
  rcases (show j ≤ i ∨ i ≤ j by omega) with h | h
  · left
    obtain ⟨m, hm⟩ := multiple_of_smaller j i (2 * (c * a)) h
    have key : (2 * q - (2 * (n : Rat) + 1)) * (b : Rat) = ((m - (2 * n + 1) * b : Int) : Rat) := by
      rw [Rat.intCast_sub, Rat.intCast_mul, Rat.intCast_add, Rat.intCast_mul]
      rw [Rat.intCast_mul] at hm
      rw [show ((2 : Int) : Rat) = 2 from rfl] at hm ⊢
      rw [show ((1 : Int) : Rat) = 1 from rfl]
      generalize (2 : Rat) ^ i = P at *
      generalize (2 : Rat) ^ j = Q at *
      generalize ((c * a : Int) : Rat) = A at *
      grind
    have hne : m - (2 * n + 1) * b ≠ 0 := fun z => by
      rw [z, show ((0 : Int) : Rat) = 0 from rfl] at key
      rcases Rat.mul_eq_zero.mp key with z | z <;> grind
    have one := one_le_rabs _ hne
    rw [← key, rabs_mul_pos _ _ hbr] at one
    have := Rat.mul_le_mul_of_nonneg_left hbr2 (rabs_nonneg (2 * q - (2 * (n : Rat) + 1)))
    grind
  · right
    obtain ⟨m, hm⟩ := multiple_of_smaller i j ((2 * n + 1) * b) h
    have key : (2 * q - (2 * (n : Rat) + 1)) * (2 ^ j * (b : Rat)) =
      ((2 * (c * a) - m : Int) : Rat) * 2 ^ i := by
      rw [Rat.intCast_sub, Rat.intCast_mul]
      rw [Rat.intCast_mul, Rat.intCast_add, Rat.intCast_mul] at hm
      rw [show ((2 : Int) : Rat) = 2 from rfl] at hm ⊢
      rw [show ((1 : Int) : Rat) = 1 from rfl] at hm
      generalize (2 : Rat) ^ i = P at *
      generalize (2 : Rat) ^ j = Q at *
      generalize ((c * a : Int) : Rat) = A at *
      grind
    have hne : 2 * (c * a) - m ≠ 0 := fun z => by
      rw [z, show ((0 : Int) : Rat) = 0 from rfl, Rat.zero_mul] at key
      rcases Rat.mul_eq_zero.mp key with z | z <;> grind
    have one := one_le_rabs _ hne
    have k1 := congrArg rabs key
    rw [rabs_mul_pos _ _ hjb, rabs_mul_pos _ _ hi] at k1
    have k2 := congrArg rabs (hq.trans (Rat.mul_comm _ _))
    rw [rabs_mul_pos _ _ hjb, rabs_mul_pos _ _ hi] at k2
    have hca : rabs ((c * a : Int) : Rat) ≤ 1073741824 := by
      have u : ((c * a : Int) : Rat) ≤ ((1073741824 : Int) : Rat) :=
        Rat.intCast_le_intCast.mpr (by omega)
      have l : ((-1073741824 : Int) : Rat) ≤ ((c * a : Int) : Rat) :=
        Rat.intCast_le_intCast.mpr (by omega)
      rw [show ((1073741824 : Int) : Rat) = 1073741824 from rfl] at u
      rw [show ((-1073741824 : Int) : Rat) = -1073741824 from rfl] at l
      exact (rabs_le _ _).mpr ⟨l, u⟩
    have s1 := Rat.mul_le_mul_of_nonneg_left one (Rat.le_of_lt hi)
    have s2 := Rat.mul_le_mul_of_nonneg_left hca (Rat.le_of_lt hi)
    refine Rat.le_of_mul_le_mul_right (c := 2 ^ j * (b : Rat)) ?_ hjb
    generalize rabs ((c * a : Int) : Rat) = A at *
    generalize rabs ((2 * (c * a) - m : Int) : Rat) = M at *
    generalize rabs (2 * q - (2 * (n : Rat) + 1)) = D at *
    generalize rabs q = R at *
    generalize (2 : Rat) ^ j * (b : Rat) = S at *
    generalize (2 : Rat) ^ i = P at *
    grind

/-- English: a quotient c·w/s of numbers of 24 bits, with c ≤ 64 and a magnitude of at most 2²⁰,
rounds to the same integer when it was rounded to binary64 before. -/
theorem rne_fl64 (c a b i j : Int) (q : Rat) (hc : (c * a).natAbs ≤ 1073741824) (hb0 : 0 < b)
    (hb : b ≤ 16777216)
    (hq : q * (2 ^ j * (b : Rat)) = 2 ^ i * ((c * a : Int) : Rat)) (hs : rabs q ≤ 1048576) :
    rne (fl64 q) = rne q := by
  apply rne_stable
  · intro n h
    have hq2 : q = ((2 * n + 1 : Int) : Rat) / 2 := by
      rw [Rat.intCast_add, Rat.intCast_mul, show ((2 : Int) : Rat) = 2 from rfl,
        show ((1 : Int) : Rat) = 1 from rfl]
      grind
    have hr := (rabs_le q 1048576).mp hs
    have u : ((2 * n + 1 : Int) : Rat) ≤ ((2097152 : Int) : Rat) := by
      rw [show ((2097152 : Int) : Rat) = 2097152 from rfl]; grind
    have l : ((-2097152 : Int) : Rat) ≤ ((2 * n + 1 : Int) : Rat) := by
      rw [show ((-2097152 : Int) : Rat) = -2097152 from rfl]; grind
    have u' := Rat.intCast_le_intCast.mp u
    have l' := Rat.intCast_le_intCast.mp l
    rw [hq2]
    exact fl64_half _ (by omega) (by omega) (by omega)
  · intro n h
    have g := quotient_gap c a b i j n q hc hb0 hb hq (by grind)
    have e := fl64_error q
    have hpos : 0 < rabs (2 * q - (2 * (n : Rat) + 1)) := by unfold rabs; split <;> grind
    have small : rabs q < 1 / 4 → 1 / 2 < rabs (2 * q - (2 * (n : Rat) + 1)) := fun hq4 => by
      have hq4' : -(1 / 4) < q ∧ q < 1 / 4 := by unfold rabs at hq4; split at hq4 <;> grind
      unfold rabs
      rcases (show n ≤ -1 ∨ 0 ≤ n by omega) with k | k
      · have : (n : Rat) ≤ ((-1 : Int) : Rat) := Rat.intCast_le_intCast.mpr k
        rw [show ((-1 : Int) : Rat) = -1 from rfl] at this
        split <;> grind
      · have : ((0 : Int) : Rat) ≤ (n : Rat) := Rat.intCast_le_intCast.mpr k
        rw [show ((0 : Int) : Rat) = 0 from rfl] at this
        split <;> grind
    generalize rabs (2 * q - (2 * (n : Rat) + 1)) = D at *
    generalize fl64 q = y at *
    generalize rabs q = R at *
    rcases e with ⟨e1, e2⟩ | ⟨e0, e1, e2⟩
    · rcases g with g | g <;> grind
    · have := small e0
      grind

/-- English: clamped to at most 2¹⁵ in magnitude, the quotient needs no bound. -/
theorem clamp_rne_fl64 (c a b i j lo hi : Int) (q : Rat) (hc : (c * a).natAbs ≤ 1073741824)
    (hb0 : 0 < b) (hb : b ≤ 16777216)
    (hq : q * (2 ^ j * (b : Rat)) = 2 ^ i * ((c * a : Int) : Rat)) (hlo : -32768 ≤ lo)
    (hlo' : lo ≤ 32768) (hhi : -32768 ≤ hi) (hhi' : hi ≤ 32768) :
    clamp (rne (fl64 q)) lo hi = clamp (rne q) lo hi := by
  by_cases hs : rabs q ≤ 1048576
  · rw [rne_fl64 c a b i j q hc hb0 hb hq hs]
  · have e := fl64_error q
    rcases (show 1048576 < q ∨ q < -1048576 by unfold rabs at hs; split at hs <;> grind) with h | h
    · have hr : rabs q = q := by unfold rabs; rw [if_neg (by grind)]
      rw [hr] at e
      have a := le_rne q 32768 (by rw [show ((32768 : Int) : Rat) = 32768 from rfl]; grind)
      have b := le_rne (fl64 q) 32768 (by rw [show ((32768 : Int) : Rat) = 32768 from rfl]; grind)
      unfold clamp
      omega
    · have hr : rabs q = -q := by unfold rabs; rw [if_pos (by grind)]
      rw [hr] at e
      have a := rne_le q (-32768) (by rw [show ((-32768 : Int) : Rat) = -32768 from rfl]; grind)
      have b :=
        rne_le (fl64 q) (-32768) (by rw [show ((-32768 : Int) : Rat) = -32768 from rfl]; grind)
      unfold clamp
      omega

/-- What the bits of a binary32 stand for, as at most 24 bits and a sign. -/
theorem value_form (x : Binary32) :
    ∃ e n : Int, x.value = 2 ^ e * (n : Rat) ∧ -16777216 < n ∧ n < 16777216 := by
  obtain ⟨e, n, h, h0, h1, _⟩ := magValue_form x.mag
  unfold Binary32.value
  split
  · exact ⟨e, -n, by rw [h, Rat.intCast_neg]; grind, by omega, by omega⟩
  · exact ⟨e, n, h, by omega, by omega⟩

/-- English: there are scales, weights and grids as the next theorem supposes. -/
theorem roundClamp_binary64_possible : ∃ (s _ : Binary32) (c u lo hi : Int),
    0 < s.value ∧ 1 ≤ c ∧ c ≤ 64 ∧ (u = 1 ∨ u = 2) ∧
      -32768 ≤ lo ∧ lo ≤ 32768 ∧ -32768 ≤ hi ∧ hi ≤ 32768 :=
  ⟨⟨false, 1065353216⟩, ⟨false, 0⟩, 1, 1, 0, 0, by decide +kernel, by decide, by decide,
    Or.inl rfl, by decide, by decide, by decide, by decide⟩

/-- English: the grid index of a weight in a uniform table may be computed with a quotient in
binary64: c·w and u·s are exact there, and the quotient that is rounded to binary64 gives the same
index as the exact one.
Requirements: REQ-QNT-007, REQ-QNT-008. -/
theorem roundClamp_binary64 (s w : Binary32) (c u lo hi : Int) (hs : 0 < s.value) (hc : 1 ≤ c)
    (hc' : c ≤ 64) (hu : u = 1 ∨ u = 2)
    (hlo : -32768 ≤ lo) (hlo' : lo ≤ 32768) (hhi : -32768 ≤ hi) (hhi' : hi ≤ 32768) :
    roundClamp ((c : Rat) * w.value) ((u : Rat) * s.value) lo hi =
      clamp (rne (fl64 ((c : Rat) * w.value / ((u : Rat) * s.value)))) lo hi := by
  obtain ⟨i, a, hw, ha, ha'⟩ := value_form w
  obtain ⟨j, b, hsv, hb, hb'⟩ := value_form s
  have hj := pow2_pos j
  have hb0 : 0 < b := by
    refine Int.lt_of_not_ge fun h => ?_
    have hr : (b : Rat) ≤ ((0 : Int) : Rat) := Rat.intCast_le_intCast.mpr h
    rw [show ((0 : Int) : Rat) = 0 from rfl] at hr
    have := Rat.mul_le_mul_of_nonneg_left hr (Rat.le_of_lt hj)
    grind
  have hca : (c * a).natAbs ≤ 1073741824 := by
    rw [Int.natAbs_mul]
    have := Nat.mul_le_mul (show c.natAbs ≤ 64 by omega) (show a.natAbs ≤ 16777216 by omega)
    omega
  obtain ⟨k, hk⟩ : ∃ k : Int, (u : Rat) * s.value = 2 ^ k * (b : Rat) := by
    rcases hu with h | h
    · exact ⟨j, by rw [h, hsv, show ((1 : Int) : Rat) = 1 from rfl]; grind⟩
    · refine ⟨j + 1, ?_⟩
      rw [h, hsv, show ((2 : Int) : Rat) = 2 from rfl, Rat.zpow_add_one (by decide)]
      grind
  have hpos : (0 : Rat) < (u : Rat) * s.value := by
    rw [hk]
    exact Rat.mul_pos (pow2_pos k) (Rat.intCast_lt_intCast.mpr hb0)
  have hq : (c : Rat) * w.value / ((u : Rat) * s.value) * (2 ^ k * (b : Rat)) =
    2 ^ i * ((c * a : Int) : Rat) := by
    rw [← hk, Rat.div_mul_cancel (by grind), hw, Rat.intCast_mul]
    grind
  unfold roundClamp
  exact (clamp_rne_fl64 c a b i k lo hi _ hca hb0 (by omega) hq hlo hlo' hhi hhi').symm

/-- English: there are positive scales. -/
theorem fixedPoint_binary64_possible : ∃ (s _ : Binary32), 0 < s.value :=
  ⟨⟨false, 1065353216⟩, ⟨false, 0⟩, by decide +kernel⟩

/-- English: u may be computed with a quotient in binary64.
Requirements: REQ-QNT-010. -/
theorem fixedPoint_binary64 (s w : Binary32) (hs : 0 < s.value) :
    fixedPoint s.value w.value = clamp (rne (fl64 (64 * w.value / s.value))) (-29760) 29760 := by
  have h := roundClamp_binary64 s w 64 1 (-29760) 29760 hs (by decide) (by decide) (Or.inl rfl)
    (by decide) (by decide) (by decide) (by decide)
  rw [show ((64 : Int) : Rat) = 64 from rfl, show ((1 : Int) : Rat) = 1 from rfl, Rat.one_mul] at h
  exact h

end ThreeHalf
