module
public import ThreeHalf.Quotient
@[expose] public section

/-!
# Arithmetic of binary32 and binary64

The operations that `spec/INFERENCE.md` is made of, on bits and for all of them: NaN, infinities,
zeros with their signs and subnormal numbers. Each finite result is one rounding of an integer times
a power of two, `Kind.roundMag`, by shifts; and that is what IEEE 754 says: for finite operands the
result is fl₃₂ or fl₆₄ of the exact sum, difference, product or quotient, or an infinity of its sign
where that is too large. Every NaN is one: the quiet one without sign and payload.

Main definitions: `Kind` (binary32 or binary64), `Number`, `add`, `sub`, `mul`, `div`, `root`,
`less`, `convert`, `nearest` (to an integer); `Kind.fl` (fl₃₂ and fl₆₄ in one), `Rounded`.
Main results: `add_rounded`, `sub_rounded`, `mul_rounded`, `div_rounded`, `convert_rounded`,
`ofInt_rounded`, `nearest_rne`, `fl_single`, `fl_double`.
Requirements: REQ-OPS-001, REQ-ROP-004.
Reference: IEEE 754-2019, sections 4 to 6.
-/

namespace ThreeHalf.Inference

/-- binary32 or binary64. -/
inductive Kind where
  | single
  | double

namespace Kind

/-- The bits of a fraction: P. -/
def fraction : Kind → Nat
  | single => 23
  | double => 52

/-- 2^P, the hidden bit of a normal number. -/
def hidden : Kind → Nat
  | single => 8388608
  | double => 4503599627370496

/-- The smallest positive number is 2 to the minus this. -/
def least : Kind → Nat
  | single => 149
  | double => 1074

/-- The bits of infinity, without the sign. Smaller ones are finite, greater ones NaN. -/
def infinity : Kind → Nat
  | single => 0x7f800000
  | double => 0x7ff0000000000000

/-- The bits of NaN. -/
def nanBits : Kind → Nat
  | single => 0x7fc00000
  | double => 0x7ff8000000000000

/-- The significand of a finite number's bits, an integer. -/
def significand (k : Kind) (m : Nat) : Nat := if m < k.hidden then m else k.hidden + m % k.hidden

/-- The exponent that goes with it. -/
def exponent (k : Kind) (m : Nat) : Int :=
  if m < k.hidden then -(k.least : Int) else ((m / k.hidden : Nat) : Int) - (k.least : Int) - 1

/-- The exponent of the last place at n·2^e, n > 0. -/
def place (k : Kind) (n : Nat) (e : Int) : Int :=
  max ((n.log2 : Int) + e - (k.fraction : Int)) (-(k.least : Int))

/-- The real number that a finite number's bits without the sign stand for. -/
def magnitude (k : Kind) (m : Nat) : Rat := (k.significand m : Rat) * 2 ^ k.exponent m

end Kind

/-- rne(n / 2^s), by shifts. -/
def rneShift (n : Nat) : Nat → Nat
  | 0 => n
  | t + 1 =>
    Nat.shiftRight (n + Nat.shiftLeft 1 t - 1 + Nat.shiftRight n (t + 1) % 2) (t + 1)

/-- rne(n·2^e / 2^p). -/
def rnePlace (n : Nat) (e p : Int) : Nat :=
  if e < p then rneShift n (p - e).toNat else Nat.shiftLeft n (e - p).toNat

/-- The bits of n·2^e rounded to nearest, ties to even, with gradual underflow and without an upper
end. -/
def Kind.roundMag (k : Kind) (n : Nat) (e : Int) : Nat :=
  if n = 0 then 0 else
    let p := k.place n e
    (p + (k.least : Int)).toNat * k.hidden + rnePlace n e p

/-- A number by its sign bit and its other bits. -/
structure Number (k : Kind) where
  neg : Bool
  mag : Nat

/-- binary32. -/
abbrev Single := Number .single

/-- binary64. -/
abbrev Double := Number .double

/-- NaN. -/
def nan (k : Kind) : Number k := ⟨false, k.nanBits⟩

/-- A zero. -/
def zero (k : Kind) (neg : Bool) : Number k := ⟨neg, 0⟩

/-- An infinity. -/
def infinite (k : Kind) (neg : Bool) : Number k := ⟨neg, k.infinity⟩

/-- Neither NaN nor infinite. -/
def Number.finite {k : Kind} (a : Number k) : Bool := decide (a.mag < k.infinity)

/-- NaN. -/
def Number.isNan {k : Kind} (a : Number k) : Bool := decide (k.infinity < a.mag)

/-- n·2^e or its opposite, rounded; infinite from where the kind has no such number any more. -/
def pack (k : Kind) (neg : Bool) (n : Nat) (e : Int) : Number k :=
  ⟨neg, min (k.roundMag n e) k.infinity⟩

/-- The other sign. -/
def opposite {k : Kind} (a : Number k) : Number k := if a.isNan then nan k else ⟨!a.neg, a.mag⟩

/-- |a|. -/
def abs {k : Kind} (a : Number k) : Number k := if a.isNan then nan k else ⟨false, a.mag⟩

/-- a + b of finite numbers. -/
def addFinite {k : Kind} (a b : Number k) : Number k :=
  let x := k.exponent a.mag
  let y := k.exponent b.mag
  let e := min x y
  let m := Nat.shiftLeft (k.significand a.mag) (x - e).toNat
  let n := Nat.shiftLeft (k.significand b.mag) (y - e).toNat
  if a.neg = b.neg then pack k a.neg (m + n) e
  else if m = n then zero k false
  else if n < m then pack k a.neg (m - n) e
  else pack k b.neg (n - m) e

/-- a + b (REQ-OPS-001). -/
def add {k : Kind} (a b : Number k) : Number k :=
  if a.finite then
    if b.finite then addFinite a b
    else if b.isNan then nan k else b
  else if a.isNan || b.isNan then nan k
  else if b.finite then a
  else if a.neg = b.neg then a else nan k

/-- a − b (REQ-OPS-001). -/
def sub {k : Kind} (a b : Number k) : Number k := add a (opposite b)

/-- Whether the signs differ. -/
def differ {k : Kind} (a b : Number k) : Bool := if a.neg then !b.neg else b.neg

/-- a · b (REQ-OPS-001). -/
def mul {k : Kind} (a b : Number k) : Number k :=
  if a.isNan || b.isNan then nan k
  else if a.finite && b.finite then
    pack k (differ a b) (k.significand a.mag * k.significand b.mag)
      (k.exponent a.mag + k.exponent b.mag)
  else if a.mag = 0 || b.mag = 0 then nan k
  else infinite k (differ a b)

/-- Twice a quotient or root, and one more if something is left over: as good as the exact number
where the last place is four times this one or more. -/
def sticky (q : Nat) (exact : Bool) : Nat := if exact then 2 * q else 2 * q + 1

/-- a / b of finite numbers, b not zero. -/
def divFinite {k : Kind} (a b : Number k) : Number k :=
  let m := k.significand a.mag
  let n := k.significand b.mag
  let s := n.log2 + k.fraction + 3 - m.log2
  let w := Nat.shiftLeft m s
  pack k (differ a b) (sticky (w / n) (w % n == 0))
    (k.exponent a.mag - k.exponent b.mag - (s : Int) - 1)

/-- a / b (REQ-OPS-001). -/
def div {k : Kind} (a b : Number k) : Number k :=
  if a.isNan || b.isNan then nan k
  else if a.finite then
    if b.finite then
      if b.mag = 0 then (if a.mag = 0 then nan k else infinite k (differ a b))
      else divFinite a b
    else zero k (differ a b)
  else if b.finite then infinite k (differ a b) else nan k

/-- The integer root, rounded down, of a number below 4^j, digit by digit. -/
def intRoot : Nat → Nat → Nat
  | 0, _ => 0
  | j + 1, n =>
    let r := 2 * intRoot j (n / 4)
    if (r + 1) * (r + 1) ≤ n then r + 1 else r

/-- The root of a finite number that is positive: of its significand with 2P + 7 or 2P + 8 bits, so
that the exponent is even. -/
def rootFinite {k : Kind} (a : Number k) : Number k :=
  let m := k.significand a.mag
  let e := k.exponent a.mag
  let t := 2 * k.fraction + 7 - m.log2
  let s := if (e - (t : Int)) % 2 = 0 then t else t - 1
  let w := Nat.shiftLeft m s
  let r := intRoot (k.fraction + 4) w
  pack k false (sticky r (r * r == w)) ((e - (s : Int)) / 2 - 1)

/-- The square root (REQ-OPS-001). -/
def root {k : Kind} (a : Number k) : Number k :=
  if a.isNan then nan k
  else if a.mag = 0 then a
  else if a.neg then nan k
  else if a.finite then rootFinite a
  else a

/-- a < b; false beside NaN. -/
def less {k : Kind} (a b : Number k) : Bool :=
  if a.isNan || b.isNan then false
  else if a.neg then
    if b.neg then decide (b.mag < a.mag) else !(a.mag == 0 && b.mag == 0)
  else if b.neg then false else decide (a.mag < b.mag)

/-- The smaller one; NaN beside NaN. -/
def smaller {k : Kind} (a b : Number k) : Number k :=
  if a.isNan || b.isNan then nan k else if less b a then b else a

/-- The greater one, +0 being greater than −0; NaN beside NaN. -/
def greater {k : Kind} (a b : Number k) : Number k :=
  if a.isNan || b.isNan then nan k
  else if less a b then b
  else if a.mag = 0 && b.mag = 0 then zero k (a.neg && b.neg) else a

/-- The same number in another kind, rounded. -/
def convert {k : Kind} (j : Kind) (a : Number k) : Number j :=
  if a.isNan then nan j
  else if a.finite then pack j a.neg (k.significand a.mag) (k.exponent a.mag)
  else infinite j a.neg

/-- rne of a finite number, an integer; 0 of another. -/
def nearest {k : Kind} (a : Number k) : Int :=
  if a.finite then
    let n := rnePlace (k.significand a.mag) (k.exponent a.mag) 0
    if a.neg then -(n : Int) else (n : Int)
  else 0

/-- An integer, rounded. -/
def ofInt (k : Kind) (n : Int) : Number k := pack k (decide (n < 0)) n.natAbs 0

/-- All bits of a binary32. -/
def bits32 (a : Single) : Nat := (if a.neg then 2147483648 else 0) + a.mag

/-- All bits of a binary64. -/
def bits64 (a : Double) : Nat := (if a.neg then 9223372036854775808 else 0) + a.mag

/-- From 32 bits. -/
def ofBits32 (n : Nat) : Single := ⟨decide (2147483648 ≤ n), n % 2147483648⟩

/-- From 64 bits. -/
def ofBits64 (n : Nat) : Double := ⟨decide (9223372036854775808 ≤ n), n % 9223372036854775808⟩

/-- As `FORMAT.md`'s definitions take it. -/
def Number.toBinary32 (a : Single) : Binary32 := ⟨a.neg, a.mag⟩

/-- From them. -/
def ofBinary32 (b : Binary32) : Single := ⟨b.neg, b.mag⟩

/-- The real number that the bits of a finite number stand for. -/
def Number.value {k : Kind} (a : Number k) : Rat :=
  if a.neg then -k.magnitude a.mag else k.magnitude a.mag

/-! ## One rounding of the exact result -/

namespace Kind

/-- The exponent of the last place at a positive number. -/
noncomputable def lastPlace (k : Kind) (x : Rat) : Int :=
  max (expo x - (k.fraction : Int)) (-(k.least : Int))

/-- Rounding a number that is not negative. -/
noncomputable def flPos (k : Kind) (x : Rat) : Rat := roundAt (k.lastPlace x) x

/-- Rounding to nearest, ties to even, with gradual underflow. -/
noncomputable def fl (k : Kind) (x : Rat) : Rat := if x < 0 then -k.flPos (-x) else k.flPos x

/-- Rounding gives an infinity from 2 to this exponent on. -/
def top : Kind → Int
  | single => 128
  | double => 1024

/-- English: the rounding of binary32 is fl₃₂ of `FORMAT.md`.
Requirements: REQ-OPS-001. -/
theorem fl_single : single.fl = fl32 := rfl

/-- English: the rounding of binary64 is fl₆₄.
Requirements: REQ-OPS-001. -/
theorem fl_double : double.fl = fl64 := rfl

/-- The hidden bit is positive. -/
theorem hidden_pos (k : Kind) : 0 < k.hidden := by cases k <;> decide

/-- The hidden bit is 2^P. -/
theorem hidden_pow (k : Kind) : (k.hidden : Rat) = 2 ^ (k.fraction : Int) := by
  cases k <;> decide +kernel

/-- The hidden bit is 2^P. -/
theorem hidden_nat (k : Kind) : k.hidden = 2 ^ k.fraction := by cases k <;> decide +kernel

end Kind

/-- A number between two powers of two has the smaller one's exponent. -/
theorem expo_unique (x : Rat) (a : Int) (h1 : (2 : Rat) ^ a ≤ x) (h2 : x < 2 ^ (a + 1)) :
    expo x = a := by
  have hx : 0 < x := by have := pow2_pos a; grind
  have hs := expo_spec x hx
  have c := pow2_lt_exponents (expo x) (a + 1) (by grind)
  have d := pow2_lt_exponents a (expo x + 1) (by grind)
  omega

/-- The same with a number in the place of 2^e. -/
theorem pow2_split (a e : Int) : (2 : Rat) ^ (a + 1 + e) = 2 * 2 ^ a * 2 ^ e := by
  rw [pow2_add, Rat.zpow_add_one (by decide)]
  grind

/-- The exponent of n·2^e. -/
theorem expo_scaled (n : Nat) (e : Int) (h : n ≠ 0) :
    expo ((n : Rat) * 2 ^ e) = (n.log2 : Int) + e := by
  have hl := log2_bounds n h
  have hp := pow2_pos e
  have a := Rat.mul_le_mul_of_nonneg_left hl.1 (Rat.le_of_lt hp)
  have b := Rat.mul_lt_mul_of_pos_left hl.2 hp
  have e1 : (2 : Rat) ^ ((n.log2 : Int) + e) = 2 ^ (n.log2 : Int) * 2 ^ e := pow2_add _ _
  have e2 := pow2_split (n.log2 : Int) e
  rw [show (n.log2 : Int) + 1 + e = (n.log2 : Int) + e + 1 by omega] at e2
  apply expo_unique
  · rw [e1]; grind
  · rw [e2]; grind

/-- English: the shifts give rne(n / 2^s). -/
theorem rne_shift (n s : Nat) : rne ((n : Rat) / (2 : Rat) ^ s) = (rneShift n s : Int) := by
  cases s with
  | zero =>
    have h : (n : Rat) / (2 : Rat) ^ 0 = ((n : Int) : Rat) := by
      rw [Rat.pow_zero, Rat.intCast_natCast]; grind
    rw [h, rne_intCast]
    rfl
  | succ t =>
    have e1 : ∀ a b, Nat.shiftRight a b = a / 2 ^ b := Nat.shiftRight_eq_div_pow
    have e2 : Nat.shiftLeft 1 t = 1 * 2 ^ t := Nat.shiftLeft_eq 1 t
    have hd : (2 : Nat) ^ (t + 1) = 2 * 2 ^ t := by rw [Nat.pow_succ]; omega
    have hpos : 0 < (2 : Nat) ^ t := Nat.pow_pos (by decide)
    have hr2 : (2 : Rat) ^ (t + 1) = 2 * ((2 ^ t : Nat) : Rat) := by
      rw [Rat.natCast_pow, Rat.pow_succ]
      have : ((2 : Nat) : Rat) = 2 := rfl
      rw [this]
      grind
    have hv : rneShift n (t + 1) = Nat.shiftRight
        (n + Nat.shiftLeft 1 t - 1 + Nat.shiftRight n (t + 1) % 2) (t + 1) := rfl
    rw [hv, e1, e1, e2, hr2, hd, Nat.one_mul]
    generalize (2 : Nat) ^ t = h at *
    have dm := Nat.div_add_mod n (2 * h)
    have ml := Nat.mod_lt n (show 0 < 2 * h by omega)
    generalize n / (2 * h) = q at *
    generalize n % (2 * h) = r at *
    have hR : (0 : Rat) < (h : Rat) := by
      have := Rat.natCast_lt_natCast.mpr hpos
      simpa using this
    have nR : (n : Rat) = 2 * (h : Rat) * (q : Rat) + (r : Rat) := by
      rw [← dm, Rat.natCast_add, Rat.natCast_mul, Rat.natCast_mul]
      rfl
    have xh : (n : Rat) / (2 * (h : Rat)) * (2 * (h : Rat)) = (n : Rat) :=
      Rat.div_mul_cancel (by grind)
    have succ : (q + 1) * (2 * h) = 2 * h * q + 2 * h := by
      rw [Nat.add_mul, Nat.mul_comm]; omega
    have succ2 : (q + 1 + 1) * (2 * h) = 2 * h * q + 2 * h + 2 * h := by
      rw [Nat.add_mul, succ]; omega
    have same : q * (2 * h) = 2 * h * q := Nat.mul_comm _ _
    generalize (n : Rat) / (2 * (h : Rat)) = x at *
    rcases (show r < h ∨ h < r ∨ r = h by omega) with c | c | c
    · have v : (n + h - 1 + q % 2) / (2 * h) = q :=
        Nat.div_eq_of_lt_le (by rw [same]; omega) (by rw [succ]; omega)
      rw [v]
      have rR : (r : Rat) < (h : Rat) := Rat.natCast_lt_natCast.mpr c
      have r0 : (0 : Rat) ≤ (r : Rat) := Rat.natCast_nonneg
      apply rne_unique
      · rw [Rat.intCast_natCast]
        apply Rat.lt_of_mul_lt_mul_right (c := 2 * (h : Rat)) _ (by grind)
        grind
      · rw [Rat.intCast_natCast]
        apply Rat.lt_of_mul_lt_mul_right (c := 2 * (h : Rat)) _ (by grind)
        grind
    · have v : (n + h - 1 + q % 2) / (2 * h) = q + 1 :=
        Nat.div_eq_of_lt_le (by rw [succ]; omega) (by rw [succ2]; omega)
      rw [v]
      have rR : (h : Rat) < (r : Rat) := Rat.natCast_lt_natCast.mpr c
      have r1 : (r : Rat) < ((2 * h : Nat) : Rat) := Rat.natCast_lt_natCast.mpr ml
      rw [Rat.natCast_mul, show ((2 : Nat) : Rat) = 2 from rfl] at r1
      apply rne_unique
      · rw [Rat.intCast_natCast, Rat.natCast_add, show ((1 : Nat) : Rat) = 1 from rfl]
        apply Rat.lt_of_mul_lt_mul_right (c := 2 * (h : Rat)) _ (by grind)
        grind
      · rw [Rat.intCast_natCast, Rat.natCast_add, show ((1 : Nat) : Rat) = 1 from rfl]
        apply Rat.lt_of_mul_lt_mul_right (c := 2 * (h : Rat)) _ (by grind)
        grind
    · have hx : x = ((q : Int) : Rat) + 1 / 2 := by
        rw [Rat.intCast_natCast]
        have : (x - (q : Rat) - 1 / 2) * (2 * (h : Rat)) = 0 := by
          rw [c] at nR
          grind
        rcases Rat.mul_eq_zero.mp this with z | z <;> grind
      have t := rne_tie (q : Int)
      have l := le_rne x (q : Int) (by rw [hx]; grind)
      have u := rne_le x ((q : Int) + 1) (by
        rw [hx, Rat.intCast_add, show ((1 : Int) : Rat) = 1 from rfl]; grind)
      rw [← hx] at t
      rcases (show q % 2 = 0 ∨ q % 2 = 1 by omega) with p | p
      · have v : (n + h - 1 + q % 2) / (2 * h) = q :=
          Nat.div_eq_of_lt_le (by rw [same]; omega) (by rw [succ]; omega)
        rw [v]
        omega
      · have v : (n + h - 1 + q % 2) / (2 * h) = q + 1 :=
          Nat.div_eq_of_lt_le (by rw [succ]; omega) (by rw [succ2]; omega)
        rw [v]
        omega

/-- English: the shifts give rne(n·2^e / 2^p). -/
theorem rne_place (n : Nat) (e p : Int) :
    rne ((n : Rat) * 2 ^ e / 2 ^ p) = (rnePlace n e p : Int) := by
  unfold rnePlace
  split
  · rename_i h
    obtain ⟨s, rfl⟩ : ∃ s : Nat, p = e + s := ⟨(p - e).toNat, by omega⟩
    rw [show (e + (s : Int) - e).toNat = s by omega, ← rne_shift, pow2_add, Rat.zpow_natCast]
    have h1 := pow2_pos e
    have h2 : (0 : Rat) < 2 ^ s := Rat.pow_pos (by decide)
    congr 1
    generalize (2 : Rat) ^ e = a at *
    generalize (2 : Rat) ^ s = b at *
    grind
  · rename_i h
    obtain ⟨s, rfl⟩ : ∃ s : Nat, e = p + s := ⟨(e - p).toNat, by omega⟩
    have e1 : Nat.shiftLeft n s = n * 2 ^ s := Nat.shiftLeft_eq n s
    rw [show (p + (s : Int) - p).toNat = s by omega, e1, pow2_add, Rat.zpow_natCast]
    have h1 := pow2_pos p
    have hc : (n : Rat) * (2 ^ p * 2 ^ s) / 2 ^ p = (((n * 2 ^ s : Nat) : Int) : Rat) := by
      rw [Rat.intCast_natCast, Rat.natCast_mul, Rat.natCast_pow,
        show ((2 : Nat) : Rat) = 2 from rfl]
      generalize (2 : Rat) ^ p = a at *
      generalize (2 : Rat) ^ s = b at *
      grind
    rw [hc, rne_intCast]

namespace Kind

/-- At a positive x the significand x / 2^place is at most 2^(P+1), and at least 2^P unless x is
below the normal numbers. -/
theorem significand_bounds (k : Kind) (x : Rat) (hx : 0 < x) :
    x / 2 ^ k.lastPlace x ≤ 2 * (k.hidden : Rat) ∧
    (k.lastPlace x ≠ -(k.least : Int) → (k.hidden : Rat) ≤ x / 2 ^ k.lastPlace x) := by
  have hs := expo_spec x hx
  have hp := pow2_pos (k.lastPlace x)
  have hq : x / 2 ^ k.lastPlace x * 2 ^ k.lastPlace x = x := Rat.div_mul_cancel (by grind)
  rw [hidden_pow]
  constructor
  · have h1 : (2 : Rat) ^ (expo x + 1) ≤ 2 ^ ((k.fraction : Int) + 1 + k.lastPlace x) :=
      pow2_le _ _ (by unfold lastPlace; omega)
    rw [pow2_split] at h1
    have hx2 := hs.2
    generalize (2 : Rat) ^ (expo x + 1) = q at *
    generalize x / 2 ^ k.lastPlace x = t at *
    generalize (2 : Rat) ^ k.lastPlace x = p at *
    generalize (2 : Rat) ^ (k.fraction : Int) = w at *
    refine Rat.not_lt.mp fun h => ?_
    have := Rat.mul_lt_mul_of_pos_left h hp
    grind
  · intro hne
    have h1 : k.lastPlace x = expo x - (k.fraction : Int) := by unfold lastPlace at hne ⊢; omega
    have h2 : (2 : Rat) ^ (expo x) = 2 ^ k.lastPlace x * 2 ^ (k.fraction : Int) := by
      rw [← pow2_add]
      congr 1
      omega
    have hx1 := hs.1
    rw [h2] at hx1
    generalize x / 2 ^ k.lastPlace x = t at *
    generalize (2 : Rat) ^ k.lastPlace x = p at *
    generalize (2 : Rat) ^ (k.fraction : Int) = w at *
    refine Rat.not_lt.mp fun h => ?_
    have := Rat.mul_lt_mul_of_pos_left h hp
    grind

/-- What the bits j·2^P + m stand for. -/
theorem magnitude_bits (k : Kind) (j m : Nat) (h1 : m ≤ 2 * k.hidden) (h2 : j = 0 ∨ k.hidden ≤ m) :
    k.magnitude (j * k.hidden + m) = (m : Rat) * 2 ^ ((j : Int) - (k.least : Int)) := by
  have hH := k.hidden_pos
  unfold magnitude significand exponent
  by_cases c0 : j * k.hidden + m < k.hidden
  · have hj : j = 0 := by
      rcases h2 with h | h
      · exact h
      · generalize j * k.hidden = w at *
        omega
    subst hj
    rw [if_pos c0, if_pos c0, Nat.zero_mul, Nat.zero_add,
      show ((0 : Nat) : Int) - (k.least : Int) = -(k.least : Int) by omega]
  · have q : (j * k.hidden + m) / k.hidden = j + m / k.hidden := by
      rw [Nat.mul_comm j]; exact Nat.mul_add_div hH j m
    have r : (j * k.hidden + m) % k.hidden = m % k.hidden := by
      rw [Nat.mul_comm j]; exact Nat.mul_add_mod k.hidden j m
    have hm : k.hidden ≤ m := by
      rcases h2 with h | h
      · rw [h, Nat.zero_mul, Nat.zero_add] at c0
        omega
      · exact h
    rw [if_neg c0, if_neg c0, q, r]
    by_cases c1 : m = 2 * k.hidden
    · rw [c1, Nat.mul_div_left 2 hH, Nat.mul_mod_left,
        show ((j + 2 : Nat) : Int) - (k.least : Int) - 1 = ((j : Int) - (k.least : Int)) + 1 by
          omega,
        Rat.zpow_add_one (by decide), Rat.natCast_mul, Nat.add_zero,
        show ((2 : Nat) : Rat) = 2 from rfl]
      grind
    · have d : m / k.hidden = 1 := Nat.div_eq_of_lt_le (by omega) (by omega)
      have dm := Nat.div_add_mod m k.hidden
      rw [d, Nat.mul_one] at dm
      rw [d, dm,
        show ((j + 1 : Nat) : Int) - (k.least : Int) - 1 = (j : Int) - (k.least : Int) by omega]

/-- fl of 0. -/
theorem flPos_zero (k : Kind) : k.flPos 0 = 0 := by
  have h := roundAt_exact (k.lastPlace 0) 0
  rw [show (2 : Rat) ^ k.lastPlace 0 * ((0 : Int) : Rat) = 0 by grind] at h
  exact h

/-- The place of the last bit, by the integers. -/
theorem lastPlace_scaled (k : Kind) (n : Nat) (e : Int) (h : n ≠ 0) :
    k.lastPlace ((n : Rat) * 2 ^ e) = k.place n e := by
  unfold lastPlace place
  rw [expo_scaled n e h]

/-- n·2^e is positive. -/
theorem scaled_pos (n : Nat) (e : Int) (h : n ≠ 0) : (0 : Rat) < (n : Rat) * 2 ^ e :=
  Rat.mul_pos (by simpa using Rat.natCast_lt_natCast.mpr (show 0 < n by omega)) (pow2_pos e)

/-- n·2^e is not negative. -/
theorem scaled_nonneg (n : Nat) (e : Int) : (0 : Rat) ≤ (n : Rat) * 2 ^ e :=
  Rat.mul_nonneg Rat.natCast_nonneg (Rat.le_of_lt (pow2_pos e))

/-- The rounded significand is at most 2^(P+1), and at least 2^P unless it is of the last place. -/
theorem rnePlace_bounds (k : Kind) (n : Nat) (e : Int) (h : n ≠ 0) :
    rnePlace n e (k.place n e) ≤ 2 * k.hidden ∧
    (k.place n e ≠ -(k.least : Int) → k.hidden ≤ rnePlace n e (k.place n e)) := by
  have hs := k.significand_bounds _ (scaled_pos n e h)
  rw [k.lastPlace_scaled n e h] at hs
  have hr := rne_place n e (k.place n e)
  have two : ((2 * k.hidden : Nat) : Rat) = 2 * (k.hidden : Rat) := by
    rw [Rat.natCast_mul]; rfl
  constructor
  · have a := rne_le _ ((2 * k.hidden : Nat) : Int) (by
      rw [Rat.intCast_natCast, two]; exact hs.1)
    rw [hr] at a
    omega
  · intro hne
    have a := le_rne _ (k.hidden : Int) (by rw [Rat.intCast_natCast]; exact hs.2 hne)
    rw [hr] at a
    omega

/-- English: the bits that the shifts give stand for the rounded number.
Requirements: REQ-OPS-001. -/
theorem roundMag_value (k : Kind) (n : Nat) (e : Int) :
    k.magnitude (k.roundMag n e) = k.flPos ((n : Rat) * 2 ^ e) := by
  by_cases h : n = 0
  · subst h
    have z : ((0 : Nat) : Rat) * 2 ^ e = 0 := by
      rw [show ((0 : Nat) : Rat) = 0 from rfl]; exact Rat.zero_mul _
    have m := k.magnitude_bits 0 0 (by omega) (Or.inl rfl)
    rw [Nat.zero_mul, Nat.zero_add, show ((0 : Nat) : Rat) = 0 from rfl, Rat.zero_mul] at m
    unfold roundMag
    rw [if_pos rfl, z, flPos_zero, m]
  · have b := k.rnePlace_bounds n e h
    have hp : -(k.least : Int) ≤ k.place n e := by unfold place; omega
    obtain ⟨j, hj⟩ : ∃ j : Nat, k.place n e = j - (k.least : Int) :=
      ⟨(k.place n e + (k.least : Int)).toNat, by omega⟩
    unfold roundMag
    rw [if_neg h]
    simp only []
    unfold flPos roundAt
    rw [lastPlace_scaled k n e h, rne_place, Rat.intCast_natCast]
    rw [hj] at b ⊢
    rw [show ((j : Int) - (k.least : Int) + (k.least : Int)).toNat = j by omega,
      magnitude_bits k j _ b.1 (by
        rcases (show j = 0 ∨ 0 < j by omega) with c | c
        · exact Or.inl c
        · exact Or.inr (b.2 (by omega)))]
    grind

/-- The real number of bits below infinity's is below 2^top, of others at least that. -/
theorem magnitude_top (k : Kind) (m : Nat) :
    (m < k.infinity → k.magnitude m < 2 ^ k.top) ∧
    (k.infinity ≤ m → 2 ^ k.top ≤ k.magnitude m) := by
  have hH := k.hidden_pos
  have hi : k.infinity = (k.top + (k.least : Int) - (k.fraction : Int) + 1).toNat * k.hidden ∧
    0 ≤ k.top + (k.least : Int) - (k.fraction : Int) ∧ k.hidden < k.infinity := by
    cases k <;> decide
  obtain ⟨i, hi0⟩ : ∃ i : Nat, k.top = (i : Int) - (k.least : Int) + (k.fraction : Int) :=
    ⟨(k.top + (k.least : Int) - (k.fraction : Int)).toNat, by omega⟩
  have hk : k.infinity = (i + 1) * k.hidden := by
    rw [hi.1]; congr 1; omega
  have low : (2 : Rat) ^ k.top = (k.hidden : Rat) * 2 ^ ((i : Int) - (k.least : Int)) := by
    rw [hidden_pow, ← pow2_add]; congr 1; omega
  have ml := Nat.mod_lt m hH
  constructor
  · intro h
    have sig : k.significand m < 2 * k.hidden := by unfold significand; split <;> omega
    have ex : k.exponent m ≤ (i : Int) - 1 - (k.least : Int) ∨
        (k.significand m < k.hidden ∧ k.exponent m = -(k.least : Int)) := by
      unfold exponent significand
      split
      · rename_i c
        right
        exact ⟨c, rfl⟩
      · left
        have : m / k.hidden < i + 1 := by
          rw [Nat.div_lt_iff_lt_mul hH]; rw [hk] at h; exact h
        omega
    have p2 := pow2_pos (k.exponent m)
    have sR : (k.significand m : Rat) < ((2 * k.hidden : Nat) : Rat) :=
      Rat.natCast_lt_natCast.mpr sig
    rw [Rat.natCast_mul, show ((2 : Nat) : Rat) = 2 from rfl] at sR
    have hR : (0 : Rat) < (k.hidden : Rat) := by simpa using Rat.natCast_lt_natCast.mpr hH
    unfold magnitude
    rw [low]
    rcases ex with ex | ⟨s, ex⟩
    · have a := Rat.mul_lt_mul_of_pos_left sR p2
      have b := pow2_le _ _ ex
      have c : (2 : Rat) ^ ((i : Int) - (k.least : Int)) =
          2 ^ ((i : Int) - 1 - (k.least : Int)) * 2 := by
        rw [← Rat.zpow_add_one (by decide)]; congr 1; omega
      have d := Rat.mul_le_mul_of_nonneg_left b (Rat.le_of_lt hR)
      rw [c]
      generalize (2 : Rat) ^ ((i : Int) - 1 - (k.least : Int)) = w at *
      generalize (2 : Rat) ^ k.exponent m = v at *
      grind
    · have sR : (k.significand m : Rat) < (k.hidden : Rat) := Rat.natCast_lt_natCast.mpr s
      have a := Rat.mul_lt_mul_of_pos_left sR p2
      have b := pow2_le (k.exponent m) ((i : Int) - (k.least : Int)) (by omega)
      have d := Rat.mul_le_mul_of_nonneg_left b (Rat.le_of_lt hR)
      generalize (2 : Rat) ^ ((i : Int) - (k.least : Int)) = w at *
      generalize (2 : Rat) ^ k.exponent m = v at *
      grind
  · intro h
    have c0 : ¬m < k.hidden := by omega
    have q : i + 1 ≤ m / k.hidden := by
      rw [Nat.le_div_iff_mul_le hH]; rw [hk] at h; exact h
    have sig : (k.hidden : Rat) ≤ (k.significand m : Rat) :=
      Rat.natCast_le_natCast.mpr (by unfold significand; rw [if_neg c0]; omega)
    have ex : (i : Int) - (k.least : Int) ≤ k.exponent m := by
      unfold exponent; rw [if_neg c0]; omega
    have b := pow2_le _ _ ex
    have p2 := pow2_pos (k.exponent m)
    have hR : (0 : Rat) < (k.hidden : Rat) := by simpa using Rat.natCast_lt_natCast.mpr hH
    have d := Rat.mul_le_mul_of_nonneg_left b (Rat.le_of_lt hR)
    have a := Rat.mul_le_mul_of_nonneg_left sig (Rat.le_of_lt p2)
    unfold magnitude
    rw [low]
    generalize (2 : Rat) ^ ((i : Int) - (k.least : Int)) = w at *
    generalize (2 : Rat) ^ k.exponent m = v at *
    grind

end Kind

/-- A result is the rounded exact number, or an infinity of its sign where that leaves the range. -/
def Rounded {k : Kind} (r : Number k) (x : Rat) : Prop :=
  (r.finite = true ∧ r.value = k.fl x) ∨
  (r.mag = k.infinity ∧ 2 ^ k.top ≤ rabs (k.fl x) ∧ (r.neg = true ↔ x < 0))

/-- A number or its opposite. -/
def signed (neg : Bool) (x : Rat) : Rat := if neg then -x else x

/-- Rounding keeps the sign apart. -/
theorem fl_signed (k : Kind) (neg : Bool) (x : Rat) (h : 0 ≤ x) :
    k.fl (signed neg x) = signed neg (k.flPos x) := by
  have z := k.flPos_zero
  unfold signed Kind.fl
  cases neg with
  | false =>
    simp only [Bool.false_eq_true, if_false]
    rw [if_neg (by grind)]
  | true =>
    simp only [if_true]
    by_cases c : -x < 0
    · rw [if_pos c]
      congr 2
      grind
    · have : x = 0 := by grind
      rw [if_neg c, this, show -(0 : Rat) = 0 by grind, z]
      grind

/-- English: what `pack` gives is the rounded number.
Requirements: REQ-OPS-001. -/
theorem pack_rounded (k : Kind) (neg : Bool) (n : Nat) (e : Int) :
    Rounded (pack k neg n e) (signed neg ((n : Rat) * 2 ^ e)) := by
  have hv := k.roundMag_value n e
  have ht := k.magnitude_top (k.roundMag n e)
  have h0 := Kind.scaled_nonneg n e
  unfold Rounded
  rw [fl_signed k neg _ h0]
  by_cases c : k.roundMag n e < k.infinity
  · left
    have m : (pack k neg n e).mag = k.roundMag n e := by
      show min (k.roundMag n e) k.infinity = _
      omega
    constructor
    · unfold Number.finite
      rw [m]
      exact decide_eq_true c
    · unfold Number.value
      rw [m, hv]
      rfl
  · right
    have big := ht.2 (by omega)
    rw [hv] at big
    refine ⟨?_, ?_, ?_⟩
    · show min (k.roundMag n e) k.infinity = _
      omega
    · have p := pow2_pos k.top
      generalize (2 : Rat) ^ k.top = t at *
      unfold signed rabs
      cases neg <;> grind
    · have hn : n ≠ 0 := fun z => by
        subst z
        have : k.infinity ≠ 0 := by cases k <;> decide
        unfold Kind.roundMag at c
        rw [if_pos rfl] at c
        omega
      have pos := Kind.scaled_pos n e hn
      unfold signed
      cases neg
      · exact ⟨fun h => absurd (show false = true from h) (by decide), fun h => by grind⟩
      · exact ⟨fun _ => by grind, fun _ => rfl⟩

/-- A number as its sign and its magnitude. -/
theorem value_signed {k : Kind} (a : Number k) : a.value = signed a.neg (k.magnitude a.mag) := rfl

/-- A significand moved to a smaller exponent. -/
theorem aligned (n : Nat) (x e : Int) (h : e ≤ x) :
    ((Nat.shiftLeft n (x - e).toNat : Nat) : Rat) * 2 ^ e = (n : Rat) * 2 ^ x := by
  obtain ⟨s, rfl⟩ : ∃ s : Nat, x = e + s := ⟨(x - e).toNat, by omega⟩
  have e1 : Nat.shiftLeft n s = n * 2 ^ s := Nat.shiftLeft_eq n s
  rw [show (e + (s : Int) - e).toNat = s by omega, e1, Rat.natCast_mul, Rat.natCast_pow, pow2_add,
    Rat.zpow_natCast, show ((2 : Nat) : Rat) = 2 from rfl]
  grind

/-- English: there are finite numbers. -/
theorem add_rounded_possible : ∃ (k : Kind) (a b : Number k), a.finite = true ∧ b.finite = true :=
  ⟨.single, zero .single false, zero .single false, by decide, by decide⟩

/-- English: the sum of finite numbers is their exact sum, rounded once.
Requirements: REQ-OPS-001. -/
theorem add_rounded {k : Kind} (a b : Number k) (ha : a.finite = true) (hb : b.finite = true) :
    Rounded (add a b) (a.value + b.value) := by
  unfold add
  rw [if_pos ha, if_pos hb]
  unfold addFinite
  simp only []
  have ea := aligned (k.significand a.mag) (k.exponent a.mag)
    (min (k.exponent a.mag) (k.exponent b.mag)) (by omega)
  have eb := aligned (k.significand b.mag) (k.exponent b.mag)
    (min (k.exponent a.mag) (k.exponent b.mag)) (by omega)
  rw [value_signed, value_signed]
  unfold Kind.magnitude
  generalize min (k.exponent a.mag) (k.exponent b.mag) = e at *
  generalize Nat.shiftLeft (k.significand a.mag) (k.exponent a.mag - e).toNat = m at *
  generalize Nat.shiftLeft (k.significand b.mag) (k.exponent b.mag - e).toNat = n at *
  rw [← ea, ← eb]
  split
  · rename_i s
    have h := pack_rounded k a.neg (m + n) e
    have v : signed a.neg (((m + n : Nat) : Rat) * 2 ^ e) =
        signed a.neg ((m : Rat) * 2 ^ e) + signed b.neg ((n : Rat) * 2 ^ e) := by
      rw [← s, Rat.natCast_add]
      unfold signed
      split <;> grind
    rw [v] at h
    exact h
  · rename_i s
    have hs : b.neg = !a.neg := by
      cases h1 : a.neg <;> cases h2 : b.neg <;>
        first | rfl | exact absurd (h1.trans h2.symm) s
    split
    · rename_i c
      have v : signed a.neg ((m : Rat) * 2 ^ e) + signed b.neg ((n : Rat) * 2 ^ e) = 0 := by
        rw [hs, c]
        unfold signed
        cases a.neg <;> simp <;> grind
      rw [v]
      left
      refine ⟨?_, ?_⟩
      · cases k <;> rfl
      · have m0 := k.magnitude_bits 0 0 (by omega) (Or.inl rfl)
        rw [Nat.zero_mul, Nat.zero_add, show ((0 : Nat) : Rat) = 0 from rfl, Rat.zero_mul] at m0
        unfold Kind.fl
        rw [if_neg (by decide), k.flPos_zero]
        exact m0
    · split
      · rename_i c1 c2
        have h := pack_rounded k a.neg (m - n) e
        have v : signed a.neg (((m - n : Nat) : Rat) * 2 ^ e) =
            signed a.neg ((m : Rat) * 2 ^ e) + signed b.neg ((n : Rat) * 2 ^ e) := by
          obtain ⟨d, rfl⟩ : ∃ d, m = n + d := ⟨m - n, by omega⟩
          rw [hs, Nat.add_sub_cancel_left, Rat.natCast_add]
          unfold signed
          cases a.neg <;> simp <;> grind
        rw [v] at h
        exact h
      · rename_i c1 c2
        have h := pack_rounded k b.neg (n - m) e
        have v : signed b.neg (((n - m : Nat) : Rat) * 2 ^ e) =
            signed a.neg ((m : Rat) * 2 ^ e) + signed b.neg ((n : Rat) * 2 ^ e) := by
          obtain ⟨d, rfl⟩ : ∃ d, n = m + d := ⟨n - m, by omega⟩
          rw [hs, Nat.add_sub_cancel_left, Rat.natCast_add]
          unfold signed
          cases a.neg <;> simp <;> grind
        rw [v] at h
        exact h

/-- A finite number is no NaN. -/
theorem finite_notNan {k : Kind} (a : Number k) (h : a.finite = true) : a.isNan = false := by
  have := of_decide_eq_true h
  exact decide_eq_false (by omega)

/-- The opposite of a finite number. -/
theorem opposite_value {k : Kind} (a : Number k) (h : a.finite = true) :
    (opposite a).value = -a.value ∧ (opposite a).finite = true := by
  unfold opposite
  rw [finite_notNan a h]
  refine ⟨?_, h⟩
  rw [value_signed, value_signed]
  unfold signed
  cases a.neg <;> simp <;> grind

/-- English: there are finite numbers. -/
theorem sub_rounded_possible : ∃ (k : Kind) (a b : Number k), a.finite = true ∧ b.finite = true :=
  ⟨.single, zero .single false, zero .single false, by decide, by decide⟩

/-- English: the difference of finite numbers is their exact difference, rounded once.
Requirements: REQ-OPS-001. -/
theorem sub_rounded {k : Kind} (a b : Number k) (ha : a.finite = true) (hb : b.finite = true) :
    Rounded (sub a b) (a.value - b.value) := by
  have h := opposite_value b hb
  have := add_rounded a (opposite b) ha h.2
  rw [h.1] at this
  rw [show a.value - b.value = a.value + -b.value by grind]
  exact this

/-- The sign of a product. -/
theorem signed_differ {k : Kind} (a b : Number k) (x y : Rat) :
    signed (differ a b) (x * y) = signed a.neg x * signed b.neg y := by
  unfold signed differ
  cases a.neg <;> cases b.neg <;> simp <;> grind

/-- English: there are finite numbers. -/
theorem mul_rounded_possible : ∃ (k : Kind) (a b : Number k), a.finite = true ∧ b.finite = true :=
  ⟨.single, zero .single false, zero .single false, by decide, by decide⟩

/-- English: the product of finite numbers is their exact product, rounded once.
Requirements: REQ-OPS-001. -/
theorem mul_rounded {k : Kind} (a b : Number k) (ha : a.finite = true) (hb : b.finite = true) :
    Rounded (mul a b) (a.value * b.value) := by
  have h := pack_rounded k (differ a b) (k.significand a.mag * k.significand b.mag)
    (k.exponent a.mag + k.exponent b.mag)
  have v : ((k.significand a.mag * k.significand b.mag : Nat) : Rat) *
      2 ^ (k.exponent a.mag + k.exponent b.mag) = k.magnitude a.mag * k.magnitude b.mag := by
    unfold Kind.magnitude
    rw [Rat.natCast_mul, pow2_add]
    grind
  rw [v, signed_differ] at h
  unfold mul
  rw [finite_notNan a ha, finite_notNan b hb, ha, hb]
  exact h

/-- English: there are finite numbers. -/
theorem convert_rounded_possible : ∃ (k : Kind) (_ : Kind) (a : Number k), a.finite = true :=
  ⟨.single, .double, zero .single false, by decide⟩

/-- English: a number brought to another kind is rounded once.
Requirements: REQ-OPS-001. -/
theorem convert_rounded {k : Kind} (j : Kind) (a : Number k) (ha : a.finite = true) :
    Rounded (convert j a) a.value := by
  have h := pack_rounded j a.neg (k.significand a.mag) (k.exponent a.mag)
  unfold convert
  rw [finite_notNan a ha, ha]
  exact h

/-- English: an integer brought to a kind is rounded once.
Requirements: REQ-OPS-001. -/
theorem ofInt_rounded (k : Kind) (n : Int) : Rounded (ofInt k n) (n : Rat) := by
  have h := pack_rounded k (decide (n < 0)) n.natAbs 0
  have v : signed (decide (n < 0)) ((n.natAbs : Rat) * 2 ^ (0 : Int)) = (n : Rat) := by
    rw [Rat.zpow_zero, ← Rat.intCast_natCast]
    unfold signed
    by_cases c : n < 0
    · rw [decide_eq_true c, if_pos rfl, show (n.natAbs : Int) = -n by omega, Rat.intCast_neg]
      grind
    · rw [decide_eq_false c, show (n.natAbs : Int) = n by omega]
      simp
  rw [v] at h
  exact h

/-- rne does not depend on the sign. -/
theorem rne_opposite (x : Rat) : rne (-x) = -rne x := by
  have e := rne_error x
  have one : ((1 : Int) : Rat) = 1 := rfl
  have tie : ∀ n : Int, x = (n : Rat) + 1 / 2 → rne (-x) = -rne x := fun n h => by
    have t1 := rne_tie n
    have t2 := rne_tie (-n - 1)
    rw [Rat.intCast_sub, Rat.intCast_neg, one] at t2
    rw [← h] at t1
    rw [show -(n : Rat) - 1 + 1 / 2 = -x by grind] at t2
    have a := le_rne x n (by grind)
    have b := rne_le x (n + 1) (by rw [Rat.intCast_add, one]; grind)
    have c := le_rne (-x) (-n - 1) (by rw [Rat.intCast_sub, Rat.intCast_neg, one]; grind)
    have d := rne_le (-x) (-n) (by rw [Rat.intCast_neg]; grind)
    omega
  by_cases t : 2 * (x - (rne x : Rat)) = 1
  · exact tie (rne x) (by grind)
  · by_cases u : 2 * (x - (rne x : Rat)) = -1
    · exact tie (rne x - 1) (by rw [Rat.intCast_sub, one]; grind)
    · apply rne_unique
      · rw [Rat.intCast_neg]; grind
      · rw [Rat.intCast_neg]; grind

/-- English: there are finite numbers. -/
theorem nearest_rne_possible : ∃ (k : Kind) (a : Number k), a.finite = true :=
  ⟨.single, zero .single false, by decide⟩

/-- English: the integer that a number rounds to is rne of it.
Requirements: REQ-ROP-004. -/
theorem nearest_rne {k : Kind} (a : Number k) (ha : a.finite = true) : nearest a = rne a.value := by
  have h := rne_place (k.significand a.mag) (k.exponent a.mag) 0
  rw [Rat.zpow_zero, show ∀ x : Rat, x / 1 = x from fun x => by grind] at h
  unfold nearest
  rw [if_pos ha, value_signed]
  unfold signed Kind.magnitude
  simp only []
  rw [← h]
  split
  · rw [rne_opposite]
  · rfl

/-- A bound at the half above, by the units. -/
theorem below_half (t N D u x q : Rat) (c : t * (4 * D * u) = x) (h : x < (2 * q + 2) * u)
    (l : (2 * q + 2) * u ≤ (4 * (N * D) + 2 * D) * u) :
    2 * (t - N) * (4 * D * u) < 1 * (4 * D * u) := by grind

/-- A bound at the half below. -/
theorem above_half (t N D u x q : Rat) (c : t * (4 * D * u) = x) (h : 2 * q * u < x)
    (l : (4 * (N * D) - 2 * D) * u ≤ 2 * q * u) :
    -1 * (4 * D * u) < 2 * (t - N) * (4 * D * u) := by grind

/-- What rounds to N is at most half above it, in units. -/
theorem units_above (y N D q : Rat) (c : y * (4 * D) = 2 * q + 1)
    (m : 2 * (y - N) * (2 * D) ≤ 1 * (2 * D)) : 2 * q + 1 ≤ 4 * (N * D) + 2 * D := by grind

/-- And at most half below it. -/
theorem units_below (y N D q : Rat) (c : y * (4 * D) = 2 * q + 1)
    (m : -1 * (2 * D) ≤ 2 * (y - N) * (2 * D)) : 4 * (N * D) - 2 * D ≤ 2 * q + 1 := by grind

/-- Less, and at most. -/
theorem lt_of_lt_le (x y z : Rat) (h : x < y) (g : y ≤ z) : x < z := by grind

/-- The number of units of a number over four times D units. -/
theorem units_over (n D u : Rat) (hD : 0 < D) (hu : 0 < u) :
    n * u / (4 * D * u) * (4 * D) = n := by
  have h : 4 * D * u ≠ 0 := by
    have := Rat.mul_pos hD hu
    grind
  have c := Rat.div_mul_cancel (a := n * u) h
  generalize n * u / (4 * D * u) = y at *
  have : (y * (4 * D) - n) * u = 0 := by grind
  rcases Rat.mul_eq_zero.mp this with w | w <;> grind

/-- English: where a number lies strictly between 2q and 2q + 2 units, far below the last place, the
odd number between them rounds as it does.
Requirements: REQ-OPS-001. -/
theorem flPos_sticky (k : Kind) (x : Rat) (q : Nat) (e : Int) (hq : 2 ^ (k.fraction + 1) ≤ q)
    (h1 : ((2 * q : Nat) : Rat) * 2 ^ e < x) (h2 : x < ((2 * q + 2 : Nat) : Rat) * 2 ^ e) :
    k.flPos x = k.flPos (((2 * q + 1 : Nat) : Rat) * 2 ^ e) := by
  have hu := pow2_pos e
  have hn : 2 * q + 1 ≠ 0 := by omega
  have hl : k.fraction + 2 ≤ (2 * q + 1).log2 := by
    rw [Nat.le_log2 hn, Nat.pow_succ]
    omega
  have lo := Nat.log2_self_le hn
  have up : 2 * q + 1 < 2 ^ ((2 * q + 1).log2 + 1) := Nat.lt_log2_self
  obtain ⟨l, hL⟩ : ∃ l, (2 * q + 1).log2 = l + 1 := ⟨(2 * q + 1).log2 - 1, by omega⟩
  rw [hL, Nat.pow_succ] at lo
  rw [hL, Nat.pow_succ, Nat.pow_succ] at up
  have lo' : 2 ^ (l + 1) ≤ 2 * q := by rw [Nat.pow_succ]; omega
  have up' : 2 * q + 2 ≤ 2 ^ (l + 1 + 1) := by rw [Nat.pow_succ, Nat.pow_succ]; omega
  have cast : ∀ j : Nat, ((2 ^ j : Nat) : Rat) = 2 ^ (j : Int) := fun j => by
    rw [Rat.natCast_pow, Rat.zpow_natCast]; rfl
  have loR := Rat.natCast_le_natCast.mpr lo'
  have upR := Rat.natCast_le_natCast.mpr up'
  rw [cast] at loR upR
  have a := Rat.mul_le_mul_of_nonneg_right loR (Rat.le_of_lt hu)
  have b := Rat.mul_le_mul_of_nonneg_right upR (Rat.le_of_lt hu)
  rw [← pow2_add] at a b
  have ex : expo x = ((2 * q + 1).log2 : Int) + e := by
    rw [hL]
    apply expo_unique
    · exact Rat.le_trans a (Rat.le_of_lt h1)
    · rw [show ((l + 1 : Nat) : Int) + e + 1 = ((l + 1 + 1 : Nat) : Int) + e by omega]
      exact lt_of_lt_le _ _ _ h2 b
  have pl : k.lastPlace x = k.place (2 * q + 1) e := by
    unfold Kind.lastPlace Kind.place
    rw [ex]
  have pl' := k.lastPlace_scaled (2 * q + 1) e hn
  unfold Kind.flPos roundAt
  rw [pl, pl']
  congr 2
  obtain ⟨d, hd⟩ : ∃ d : Nat, k.place (2 * q + 1) e = e + 2 + (d : Int) :=
    ⟨(k.place (2 * q + 1) e - e - 2).toNat, by unfold Kind.place; omega⟩
  have h4 : (2 : Rat) ^ (e + 2 + (d : Int)) = 4 * ((2 ^ d : Nat) : Rat) * 2 ^ e := by
    rw [cast, pow2_add, pow2_add, show (2 : Rat) ^ (2 : Int) = 4 by decide +kernel]
    grind
  rw [hd, h4]
  have hD : 0 < (2 : Nat) ^ d := Nat.pow_pos (by decide)
  generalize (2 : Nat) ^ d = D at *
  have hDR : (0 : Rat) < (D : Rat) := by simpa using Rat.natCast_lt_natCast.mpr hD
  generalize (2 : Rat) ^ e = u at *
  have hw : 0 < 4 * (D : Rat) * u := Rat.mul_pos (by grind) hu
  have er := rne_error (((2 * q + 1 : Nat) : Rat) * u / (4 * (D : Rat) * u))
  have c1 : ((2 * q + 1 : Nat) : Rat) * u / (4 * (D : Rat) * u) * (4 * (D : Rat)) =
      ((2 * q + 1 : Nat) : Rat) := units_over _ _ _ hDR hu
  have c2 : x / (4 * (D : Rat) * u) * (4 * (D : Rat) * u) = x := Rat.div_mul_cancel (by grind)
  generalize rne (((2 * q + 1 : Nat) : Rat) * u / (4 * (D : Rat) * u)) = N at *
  generalize ((2 * q + 1 : Nat) : Rat) * u / (4 * (D : Rat) * u) = y at *
  have m1 := Rat.mul_le_mul_of_nonneg_right er.1 (show 0 ≤ 2 * (D : Rat) by grind)
  have m2 := Rat.mul_le_mul_of_nonneg_right er.2 (show 0 ≤ 2 * (D : Rat) by grind)
  have cN : ((N * (D : Int) : Int) : Rat) = (N : Rat) * (D : Rat) := by
    rw [Rat.intCast_mul, Rat.intCast_natCast]
  have cq : ((2 * q + 1 : Nat) : Rat) = 2 * (q : Rat) + 1 := by
    rw [Rat.natCast_add, Rat.natCast_mul]; rfl
  have cq0 : ((2 * q : Nat) : Rat) = 2 * (q : Rat) := by
    rw [Rat.natCast_mul]; rfl
  have cq2 : ((2 * q + 2 : Nat) : Rat) = 2 * (q : Rat) + 2 := by
    rw [Rat.natCast_add, Rat.natCast_mul]; rfl
  rw [cq] at c1
  rw [cq0] at h1
  rw [cq2] at h2
  have n1 : ((1 : Int) : Rat) = 1 := rfl
  have n2 : ((2 : Int) : Rat) = 2 := rfl
  have n4 : ((4 : Int) : Rat) = 4 := rfl
  have i1 : ((2 * (q : Int) + 1 : Int) : Rat) ≤
      ((4 * (N * (D : Int)) + 2 * (D : Int) : Int) : Rat) := by
    simp only [Rat.intCast_add, Rat.intCast_mul, Rat.intCast_natCast, n1, n2, n4]
    exact units_above _ _ _ _ c1 m1
  have i2 : ((4 * (N * (D : Int)) - 2 * (D : Int) : Int) : Rat) ≤
      ((2 * (q : Int) + 1 : Int) : Rat) := by
    simp only [Rat.intCast_sub, Rat.intCast_add, Rat.intCast_mul, Rat.intCast_natCast, n1, n2, n4]
    exact units_below _ _ _ _ c1 m2
  have j1 := Rat.intCast_le_intCast.mp i1
  have j2 := Rat.intCast_le_intCast.mp i2
  generalize hM : N * (D : Int) = M at *
  have k1 : ((2 * (q : Int) + 2 : Int) : Rat) ≤ ((4 * M + 2 * (D : Int) : Int) : Rat) :=
    Rat.intCast_le_intCast.mpr (by omega)
  have k2 : ((4 * M - 2 * (D : Int) : Int) : Rat) ≤ ((2 * (q : Int) : Int) : Rat) :=
    Rat.intCast_le_intCast.mpr (by omega)
  simp only [Rat.intCast_sub, Rat.intCast_add, Rat.intCast_mul, Rat.intCast_natCast, n2, n4]
    at k1 k2
  have l1 := Rat.mul_le_mul_of_nonneg_right k1 (Rat.le_of_lt hu)
  have l2 := Rat.mul_le_mul_of_nonneg_right k2 (Rat.le_of_lt hu)
  rw [cN] at l1 l2
  apply rne_unique
  · apply Rat.lt_of_mul_lt_mul_right (c := 4 * (D : Rat) * u) _ (Rat.le_of_lt hw)
    exact below_half _ _ _ _ _ _ c2 h2 l1
  · apply Rat.lt_of_mul_lt_mul_right (c := 4 * (D : Rat) * u) _ (Rat.le_of_lt hw)
    exact above_half _ _ _ _ _ _ c2 h1 l2

/-- English: there are such numbers. -/
theorem flPos_sticky_possible : ∃ (k : Kind) (x : Rat) (q : Nat) (e : Int),
    2 ^ (k.fraction + 1) ≤ q ∧ ((2 * q : Nat) : Rat) * 2 ^ e < x ∧
      x < ((2 * q + 2 : Nat) : Rat) * 2 ^ e :=
  ⟨.single, 33554433, 16777216, 0, by decide +kernel, by decide +kernel, by decide +kernel⟩

/-- A zero's bits stand for 0. -/
theorem magnitude_zero (k : Kind) : k.magnitude 0 = 0 := by
  have m0 := k.magnitude_bits 0 0 (by omega) (Or.inl rfl)
  rw [Nat.zero_mul, Nat.zero_add, show ((0 : Nat) : Rat) = 0 from rfl, Rat.zero_mul] at m0
  exact m0

/-- The significand of a finite number that is not zero is positive and below 2^(P+1). -/
theorem significand_range (k : Kind) (m : Nat) :
    k.significand m < 2 * k.hidden ∧ (m ≠ 0 → k.significand m ≠ 0) := by
  have hH := k.hidden_pos
  have ml := Nat.mod_lt m hH
  unfold Kind.significand
  split <;> omega

/-- A zero is a zero, whatever its exponent. -/
theorem pack_zero (k : Kind) (neg : Bool) (e : Int) : pack k neg 0 e = zero k neg := by
  unfold pack zero Kind.roundMag
  rw [if_pos rfl]
  congr 1

/-- English: there are finite numbers, and some that are not zero. -/
theorem div_rounded_possible : ∃ (k : Kind) (a b : Number k),
    a.finite = true ∧ b.finite = true ∧ b.mag ≠ 0 :=
  ⟨.single, zero .single false, ⟨false, 1⟩, by decide, by decide, by decide⟩

/-- A quotient in units of its place. -/
theorem quotient_units (m n w u v : Rat) (hn : 0 < n) (hv : 0 < v) :
    m * (u * 2 * w * v) / (n * v) * n = m * w * (2 * u) := by
  have nv : n * v ≠ 0 := by
    have := Rat.mul_pos hn hv
    grind
  have c := Rat.div_mul_cancel (a := m * (u * 2 * w * v)) nv
  generalize m * (u * 2 * w * v) / (n * v) = z at *
  have : (z * n - m * w * (2 * u)) * v = 0 := by grind
  rcases Rat.mul_eq_zero.mp this with h | h <;> grind

/-- A quotient without a rest. -/
theorem quotient_exact (z n q u : Rat) (hn : 0 < n) (h : z * n = (n * q + 0) * (2 * u)) :
    2 * q * u = z := by
  have : (z - 2 * q * u) * n = 0 := by grind
  rcases Rat.mul_eq_zero.mp this with w | w <;> grind

/-- A quotient with a rest is above its integer part. -/
theorem quotient_low (z n q r u : Rat) (h : z * n = (n * q + r) * (2 * u)) (g : 0 < r * u) :
    2 * q * u * n < z * n := by grind

/-- And below the next one. -/
theorem quotient_high (z n q r u : Rat) (h : z * n = (n * q + r) * (2 * u)) (g : u * r < u * n) :
    z * n < (2 * q + 2) * u * n := by grind

/-- Not less, and less. -/
theorem le_of_le_lt (x y : Rat) (h : 0 ≤ x) (g : x < y) : 0 < y := by grind

/-- Numbers that are positive have the sign that they are given. -/
theorem signed_neg (neg : Bool) (x y : Rat) (hx : 0 < x) (hy : 0 < y) :
    signed neg x < 0 ↔ signed neg y < 0 := by
  unfold signed
  cases neg <;> constructor <;> intro h <;> grind

/-- English: the quotient of finite numbers, the second one not zero, is their exact quotient,
rounded once.
Requirements: REQ-OPS-001. -/
theorem div_rounded {k : Kind} (a b : Number k) (ha : a.finite = true) (hb : b.finite = true)
    (h0 : b.mag ≠ 0) : Rounded (div a b) (a.value / b.value) := by
  have hn := (significand_range k b.mag).2 h0
  have hnl := Nat.lt_log2_self (n := k.significand b.mag)
  have hml := (significand_range k a.mag).1
  have hml2 : (k.significand a.mag).log2 ≤ k.fraction := by
    by_cases z : k.significand a.mag = 0
    · rw [z, show Nat.log2 0 = 0 by decide]; omega
    · have : (k.significand a.mag).log2 < k.fraction + 1 := by
        rw [Nat.log2_lt z, Nat.pow_succ, ← k.hidden_nat]; omega
      omega
  have sgn : a.value / b.value =
      signed (differ a b) (k.magnitude a.mag / k.magnitude b.mag) := by
    rw [Rat.div_def, Rat.div_def, signed_differ, value_signed, value_signed]
    congr 1
    unfold signed
    split
    · grind
    · rfl
  have ds : div a b = divFinite a b := by
    unfold div
    rw [finite_notNan a ha, finite_notNan b hb, ha, hb, if_neg h0]
    rfl
  rw [ds, sgn]
  unfold divFinite Kind.magnitude
  simp only []
  obtain ⟨s, hs⟩ : ∃ s : Nat, s = (k.significand b.mag).log2 + k.fraction + 3 -
    (k.significand a.mag).log2 := ⟨_, rfl⟩
  have e1 : Nat.shiftLeft (k.significand a.mag) s = k.significand a.mag * 2 ^ s :=
    Nat.shiftLeft_eq _ _
  rw [← hs, e1]
  have size : k.significand a.mag ≠ 0 →
      2 ^ (k.fraction + 1) ≤ k.significand a.mag * 2 ^ s / k.significand b.mag := fun z => by
    have l := Nat.log2_self_le z
    have p := Nat.mul_le_mul_right (2 ^ s) l
    rw [← Nat.pow_add, show (k.significand a.mag).log2 + s =
      k.fraction + 1 + ((k.significand b.mag).log2 + 1) + 1 by omega, Nat.pow_succ,
      Nat.pow_add 2 (k.fraction + 1)] at p
    have q := Nat.mul_le_mul_left (2 ^ (k.fraction + 1)) (Nat.le_of_lt hnl)
    rw [Nat.le_div_iff_mul_le (by omega)]
    omega
  generalize k.significand a.mag = m at *
  generalize k.significand b.mag = n at *
  generalize k.exponent a.mag = x at *
  generalize k.exponent b.mag = y at *
  have dm := Nat.div_add_mod (m * 2 ^ s) n
  have ml := Nat.mod_lt (m * 2 ^ s) (show 0 < n by omega)
  have px := pow2_pos x
  have py := pow2_pos y
  have nR : (0 : Rat) < (n : Rat) := by
    simpa using Rat.natCast_lt_natCast.mpr (show 0 < n by omega)
  have split : (2 : Rat) ^ x = 2 ^ (x - y - (s : Int) - 1) * 2 * ((2 ^ s : Nat) : Rat) * 2 ^ y := by
    rw [Rat.natCast_pow, ← Rat.zpow_natCast, show ((2 : Nat) : Rat) = 2 from rfl,
      ← Rat.zpow_add_one (by decide), ← pow2_add, ← pow2_add]
    congr 1
    omega
  have pu := pow2_pos (x - y - (s : Int) - 1)
  have quo : (m : Rat) * 2 ^ x / ((n : Rat) * 2 ^ y) * (n : Rat) =
      ((m * 2 ^ s : Nat) : Rat) * (2 * 2 ^ (x - y - (s : Int) - 1)) := by
    rw [split, Rat.natCast_mul]
    exact quotient_units _ _ _ _ _ nR py
  rw [← dm, Rat.natCast_add, Rat.natCast_mul] at quo
  generalize (m : Rat) * 2 ^ x / ((n : Rat) * 2 ^ y) = z at *
  generalize m * 2 ^ s / n = q at *
  generalize x - y - (s : Int) - 1 = e at *
  have c0 : ((2 * q : Nat) : Rat) = 2 * (q : Rat) := by rw [Rat.natCast_mul]; rfl
  have c1 : ((2 * q + 2 : Nat) : Rat) = 2 * (q : Rat) + 2 := by
    rw [Rat.natCast_add, Rat.natCast_mul]; rfl
  by_cases c : m * 2 ^ s % n = 0
  · have h := pack_rounded k (differ a b) (sticky q true) e
    have v : ((sticky q true : Nat) : Rat) * 2 ^ e = z := by
      rw [c, show ((0 : Nat) : Rat) = 0 from rfl] at quo
      unfold sticky
      rw [if_pos rfl, c0]
      exact quotient_exact _ _ _ _ nR quo
    rw [v] at h
    rw [c]
    exact h
  · have h := pack_rounded k (differ a b) (sticky q false) e
    have hm : m ≠ 0 := fun zero => by
      rw [zero, Nat.zero_mul, Nat.zero_mod] at c
      exact c rfl
    have r0 : (0 : Rat) < ((m * 2 ^ s % n : Nat) : Rat) := by
      simpa using Rat.natCast_lt_natCast.mpr (show 0 < m * 2 ^ s % n by omega)
    have r1 : ((m * 2 ^ s % n : Nat) : Rat) < (n : Rat) := Rat.natCast_lt_natCast.mpr ml
    generalize ((m * 2 ^ s % n : Nat) : Rat) = r at *
    have g1 := Rat.mul_pos r0 pu
    have g2 := Rat.mul_lt_mul_of_pos_left r1 pu
    have lo : ((2 * q : Nat) : Rat) * 2 ^ e < z := by
      rw [c0]
      exact Rat.lt_of_mul_lt_mul_right (quotient_low _ _ _ _ _ quo g1) (Rat.le_of_lt nR)
    have hi : z < ((2 * q + 2 : Nat) : Rat) * 2 ^ e := by
      rw [c1]
      exact Rat.lt_of_mul_lt_mul_right (quotient_high _ _ _ _ _ quo g2) (Rat.le_of_lt nR)
    have st := flPos_sticky k z q e (size hm) lo hi
    have zp := le_of_le_lt _ _ (Kind.scaled_nonneg (2 * q) e) lo
    have zpos : 0 ≤ z := Rat.le_of_lt zp
    rw [show (m * 2 ^ s % n == 0) = false by simpa using c]
    have fs := fl_signed k (differ a b) z zpos
    have fs' := fl_signed k (differ a b) _ (Kind.scaled_nonneg (sticky q false) e)
    unfold Rounded at h ⊢
    have same : ((sticky q false : Nat) : Rat) = ((2 * q + 1 : Nat) : Rat) := rfl
    rw [same] at fs' h
    rw [fs', ← st, ← fs] at h
    have sg := signed_neg (differ a b) z _ zp (Kind.scaled_pos (2 * q + 1) e (by omega))
    rw [← sg] at h
    exact h

end ThreeHalf.Inference
