module
@[expose] public section

/-!
# Rounding real numbers to integers

Section 1 of `spec/FORMAT.md`: **rne** (to nearest, ties to even) and **clamp**, on exact rational
numbers.

Main definitions: `rne`, `clamp`, `roundClamp`.
Main results: `rne_error` (at most one half away), `rne_tie` (a tie goes to the even neighbour),
`rne_intCast` (integers stay), `roundClamp_error` (within half a step, clamped values included, for
the whole range that the clamp covers).
Requirements: the words of section 1; used by REQ-QNT-003, REQ-QNT-007 to REQ-QNT-010.
Reference: IEEE 754-2019, section 4.3.1 (roundTiesToEven).
-/

namespace ThreeHalf

/-- rne(r): the integer nearest to `x`, ties to the even integer. -/
def rne (x : Rat) : Int :=
  let f := x.floor
  let d := x - (f : Rat)
  if 2 * d < 1 then f
  else if 1 < 2 * d then f + 1
  else if f % 2 = 0 then f else f + 1

/-- clamp(n, lo, hi) = max(lo, min(n, hi)). -/
def clamp (n lo hi : Int) : Int := max lo (min n hi)

/-- English: rne moves a number by at most one half. -/
theorem rne_error (x : Rat) : 2 * (x - (rne x : Rat)) ≤ 1 ∧ -1 ≤ 2 * (x - (rne x : Rat)) := by
  have h1 := Rat.floor_le x
  have h2 := Rat.lt_floor_add_one x
  unfold rne
  simp only []
  split
  · grind
  · split
    · rw [Rat.intCast_add]; grind
    · split
      · grind
      · rw [Rat.intCast_add]; grind

/-- English: a number at least `n` rounds to at least `n`. -/
theorem le_rne (x : Rat) (n : Int) (h : (n : Rat) ≤ x) : n ≤ rne x := by
  have h1 : n ≤ x.floor := Rat.le_floor_iff.mpr h
  unfold rne
  simp only []
  split
  · omega
  · split
    · omega
    · split <;> omega

/-- English: a number at most `n` rounds to at most `n`. -/
theorem rne_le (x : Rat) (n : Int) (h : x ≤ (n : Rat)) : rne x ≤ n := by
  have h1 := (rne_error x).2
  have h2 : (rne x : Rat) < ((n + 1 : Int) : Rat) := by rw [Rat.intCast_add]; grind
  have h3 := Rat.intCast_lt_intCast.mp h2
  omega

/-- English: an integer rounds to itself. -/
theorem rne_intCast (n : Int) : rne (n : Rat) = n :=
  Int.le_antisymm (rne_le n n Rat.le_refl) (le_rne n n Rat.le_refl)

/-- English: half-way between two integers, rne gives the even one. -/
theorem rne_tie (n : Int) : rne ((n : Rat) + 1 / 2) % 2 = 0 := by
  have hf : ((n : Rat) + 1 / 2).floor = n := by
    have a := (Rat.le_floor_iff (x := n) (a := (n : Rat) + 1 / 2)).mpr (by grind)
    have b := (Rat.floor_lt_iff (a := (n : Rat) + 1 / 2) (x := n + 1)).mpr
      (by rw [Rat.intCast_add]; grind)
    omega
  unfold rne
  simp only [hf]
  split
  · grind
  · split
    · grind
    · split <;> omega

/-- English: an integer within one half of `x`, exclusively, is rne(x). -/
theorem rne_unique (x : Rat) (n : Int) (h1 : 2 * (x - (n : Rat)) < 1)
    (h2 : -1 < 2 * (x - (n : Rat))) : rne x = n := by
  have he := rne_error x
  have a : (rne x : Rat) < ((n + 1 : Int) : Rat) := by rw [Rat.intCast_add]; grind
  have b : ((n - 1 : Int) : Rat) < (rne x : Rat) := by rw [Rat.intCast_sub]; grind
  have a' := Rat.intCast_lt_intCast.mp a
  have b' := Rat.intCast_lt_intCast.mp b
  omega

/-- English: a clamped number lies in the interval. -/
theorem clamp_range (n lo hi : Int) (h : lo ≤ hi) : lo ≤ clamp n lo hi ∧ clamp n lo hi ≤ hi := by
  unfold clamp; omega

/-- English: inside the interval clamp does nothing. -/
theorem clamp_of_mem (n lo hi : Int) (h1 : lo ≤ n) (h2 : n ≤ hi) : clamp n lo hi = n := by
  unfold clamp; omega

/-- Rounds `w / step` and clamps: the grid index of a uniform quantiser. Where step = 0, `w / step`
counts as 0. -/
def roundClamp (w step : Rat) (lo hi : Int) : Int := clamp (rne (w / step)) lo hi

/-- English: the grid index lies in the interval. -/
theorem roundClamp_range (w step : Rat) (lo hi : Int) (h : lo ≤ hi) :
    lo ≤ roundClamp w step lo hi ∧ roundClamp w step lo hi ≤ hi := clamp_range _ _ _ h

/-- English: with step 0 the grid index is 0 (if 0 is in the interval). -/
theorem roundClamp_zero_step (w : Rat) (lo hi : Int) (h : lo ≤ 0 ∧ 0 ≤ hi) :
    roundClamp w 0 lo hi = 0 := by
  unfold roundClamp
  rw [Rat.div_def, Rat.inv_zero, Rat.mul_zero]
  have : rne 0 = 0 := rne_intCast 0
  rw [this]
  exact clamp_of_mem _ _ _ h.1 h.2

/-- English: from half a step below the lowest grid point to half a step above the highest one,
rounding to the grid moves a number by at most half a step. -/
theorem roundClamp_error (w step : Rat) (lo hi : Int) (hlh : lo ≤ hi) (hs : 0 < step)
    (h1 : ((lo : Rat) - 1 / 2) * step ≤ w) (h2 : w ≤ ((hi : Rat) + 1 / 2) * step) :
    2 * (w - step * (roundClamp w step lo hi : Rat)) ≤ step ∧
    -step ≤ 2 * (w - step * (roundClamp w step lo hi : Rat)) := by
  have hw : w = step * (w / step) := by grind
  have hlo : (lo : Rat) - 1 / 2 ≤ w / step := by
    refine Rat.not_lt.mp fun h => ?_
    have := Rat.mul_lt_mul_of_pos_left h hs
    grind
  have hhi : w / step ≤ (hi : Rat) + 1 / 2 := by
    refine Rat.not_lt.mp fun h => ?_
    have := Rat.mul_lt_mul_of_pos_left h hs
    grind
  have he := rne_error (w / step)
  have key : 2 * (w / step - (roundClamp w step lo hi : Rat)) ≤ 1 ∧
    -1 ≤ 2 * (w / step - (roundClamp w step lo hi : Rat)) := by
    unfold roundClamp
    by_cases c1 : rne (w / step) < lo
    · have : clamp (rne (w / step)) lo hi = lo := by unfold clamp; omega
      rw [this]
      have : w / step < (lo : Rat) := Rat.not_le.mp fun h => by have := le_rne _ _ h; omega
      grind
    · by_cases c2 : hi < rne (w / step)
      · have : clamp (rne (w / step)) lo hi = hi := by unfold clamp; omega
        rw [this]
        have : (hi : Rat) < w / step := Rat.not_le.mp fun h => by have := rne_le _ _ h; omega
        grind
      · rw [clamp_of_mem _ _ _ (by omega) (by omega)]
        exact he
  have a := Rat.mul_le_mul_of_nonneg_left key.1 (Rat.le_of_lt hs)
  have b := Rat.mul_le_mul_of_nonneg_left key.2 (Rat.le_of_lt hs)
  generalize (roundClamp w step lo hi : Rat) = r at *
  generalize w / step = t at *
  subst hw
  grind

/-- English: a grid point in range is its own grid index, so it is reproduced exactly. -/
theorem roundClamp_exact (step : Rat) (hs : 0 < step) (n lo hi : Int) (h1 : lo ≤ n) (h2 : n ≤ hi) :
    roundClamp (step * (n : Rat)) step lo hi = n := by
  have hc : step * (n : Rat) / step = (n : Rat) := by grind
  unfold roundClamp
  rw [hc, rne_intCast]
  exact clamp_of_mem _ _ _ h1 h2

end ThreeHalf
