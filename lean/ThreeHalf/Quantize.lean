module
public import ThreeHalf.Format
public import ThreeHalf.Binary32
@[expose] public section

/-!
# The quantisers

Sections 3 and 4 of `spec/FORMAT.md`: activations (a few binary32 operations) and weights (exact
rational and integer arithmetic).

The search for the codes of a T format (REQ-QNT-014 to REQ-QNT-016) is not defined here: its rows
have a scale and fixed-point weights, and are refused for the same reasons.

Main definitions: `maxAbs`, `quantizeToken`, `rowScale`, `uniformCode`, `fixedPoint`, `argmin`,
`nearestCode`, `blockCost`, `bestSubscale`, `weightsOk`, `quantizeRow`.
Main results: `activation_error` and `activation_range`; `uniform_error` (half a step for INT8,
4-bit and 3-bit positions), `uniform_exact`; `nearestCode_least` (a nearest entry, the smallest
index on ties), `bestSubscale_least`, `blockCost_int64`, `codebook_error` and `codebook_error_gap`
(half the largest gap inside the table's range); what is refused: `quantizeToken_refuses`,
`weightsOk_iff`, `quantizeRow_refuses`.
Requirements: REQ-QNT-001 to REQ-QNT-013, REQ-FMT-007.
-/

namespace ThreeHalf

/-- max |x_k|, exact; 0 for no numbers. -/
def maxAbs : List Rat → Rat
  | [] => 0
  | x :: xs =>
    let m := maxAbs xs
    if m < rabs x then rabs x else m

/-- English: each magnitude is at most the maximum, and the maximum is one of them (or 0).
Requirements: REQ-QNT-002, REQ-QNT-005. -/
theorem maxAbs_spec (xs : List Rat) :
    (∀ x ∈ xs, rabs x ≤ maxAbs xs) ∧ (maxAbs xs = 0 ∨ ∃ x ∈ xs, rabs x = maxAbs xs) := by
  induction xs with
  | nil => simp [maxAbs]
  | cons x xs ih =>
    simp only [maxAbs, List.mem_cons, forall_eq_or_imp, exists_eq_or_imp]
    split
    · refine ⟨⟨Rat.le_refl, fun y hy => ?_⟩, Or.inr (Or.inl rfl)⟩
      have := ih.1 y hy
      grind
    · refine ⟨⟨by grind, ih.1⟩, ?_⟩
      rcases ih.2 with h | h
      · exact Or.inl h
      · exact Or.inr (Or.inr h)

/-- English: the maximum is not negative. -/
theorem maxAbs_nonneg (xs : List Rat) : 0 ≤ maxAbs xs := by
  rcases (maxAbs_spec xs).2 with h | ⟨x, _, h⟩
  · rw [h]; exact Rat.le_refl
  · rw [← h]; exact rabs_nonneg x

/-- Whether all elements satisfy a test. -/
def allOk {α : Type} (p : α → Bool) : List α → Bool
  | [] => true
  | x :: xs => p x && allOk p xs

/-- English: `allOk` holds exactly if the test holds for each element. -/
theorem allOk_iff {α : Type} (p : α → Bool) (xs : List α) :
    allOk p xs = true ↔ ∀ x ∈ xs, p x = true := by
  induction xs with
  | nil => simp [allOk]
  | cons x xs ih => simp [allOk, ih]

/-- The real numbers of binary32 numbers. -/
def values : List Binary32 → List Rat
  | [] => []
  | x :: xs => x.value :: values xs

/-! ## Activations -/

/-- Finite and at most 2⁵⁶ in magnitude (REQ-QNT-001). -/
def activationOk (x : Binary32) : Bool := x.finite && decide (rabs x.value ≤ 72057594037927936)

/-- s_act = fl₃₂(amax / 127) (REQ-QNT-002). -/
def activationScale (xs : List Rat) : Rat := fl32 (maxAbs xs / 127)

/-- a_k (REQ-QNT-003). -/
def activationCode (s x : Rat) : Int := if s = 0 then 0 else clamp (rne (fl32 (x / s))) (-127) 127

/-- All a_k. -/
def activationCodes (s : Rat) : List Rat → List Int
  | [] => []
  | x :: xs => activationCode s x :: activationCodes s xs

/-- A quantised token. -/
structure Token where
  scale : Binary32
  codes : List Int

/-- Quantises a token, or refuses it (section 3). -/
def quantizeToken (xs : List Binary32) : Option Token :=
  if allOk activationOk xs then
    some ⟨round32 false (maxAbs (values xs) / 127),
      activationCodes (activationScale (values xs)) (values xs)⟩
  else none

/-- English: a token is refused exactly if it holds a NaN, an infinity or a magnitude over 2⁵⁶.
Requirements: REQ-QNT-001. -/
theorem quantizeToken_refuses (xs : List Binary32) :
    quantizeToken xs = none ↔ ∃ x ∈ xs, ¬(x.finite = true ∧ rabs x.value ≤ 72057594037927936) := by
  unfold quantizeToken
  have h := allOk_iff activationOk xs
  have e : ∀ x, activationOk x = true ↔
    (x.finite = true ∧ rabs x.value ≤ 72057594037927936) := fun x => by
    simp only [activationOk, Bool.and_eq_true, decide_eq_true_eq]
  split
  · rename_i hall
    constructor
    · intro h'; cases h'
    · rintro ⟨x, hx, hn⟩
      exact absurd ((e x).mp (h.mp hall x hx)) hn
  · rename_i hall
    refine ⟨fun _ => ?_, fun _ => rfl⟩
    refine Classical.byContradiction fun hne => hall (h.mpr fun x hx => (e x).mpr ?_)
    exact Classical.byContradiction fun hx' => hne ⟨x, hx, hx'⟩

/-- English: there are tokens that are not refused. -/
theorem quantizeToken_scale_possible : ∃ xs t, quantizeToken xs = some t :=
  ⟨[⟨false, 1065353216⟩], Option.isSome_iff_exists.mp (by decide +kernel)⟩

/-- English: the token's scale stands for fl₃₂(amax / 127).
Requirements: REQ-QNT-002. -/
theorem quantizeToken_scale (xs : List Binary32) (t : Token) (h : quantizeToken xs = some t) :
    t.scale.value = activationScale (values xs) := by
  unfold quantizeToken at h
  split at h
  · injection h with h
    rw [← h]
    exact round32_value _ _
  · cases h

/-- English: with s_act = 0 every a_k is 0; otherwise a_k = clamp(rne(fl₃₂(x/s)), −127, 127).
Requirements: REQ-QNT-003. -/
theorem activationCode_cases (s x : Rat) :
    (s = 0 → activationCode s x = 0) ∧
    (s ≠ 0 → activationCode s x = clamp (rne (fl32 (x / s))) (-127) 127) := by
  unfold activationCode
  exact ⟨fun h => if_pos h, fun h => if_neg h⟩

/-- English: every a_k lies in [−127, 127].
Requirements: REQ-QNT-004. -/
theorem activation_range (s x : Rat) : -127 ≤ activationCode s x ∧ activationCode s x ≤ 127 := by
  unfold activationCode
  split
  · omega
  · exact clamp_range _ _ _ (by decide)

/-- 2⁻¹⁵⁰ is less than 2⁻¹⁷. -/
theorem tiny : (2 : Rat) ^ (-150 : Int) ≤ 1 / 16777216 := by
  have h := pow2_le (-150) (-24) (by decide)
  have : (2 : Rat) ^ (-24 : Int) = 1 / 16777216 := by
    rw [Rat.zpow_neg, show (24 : Int) = ((24 : Nat) : Int) from rfl, Rat.zpow_natCast]
    decide +kernel
  rw [← this]
  exact h

/-- English: where s_act is a normal number, each activation is reproduced within s_act · (1/2 +
2⁻¹⁶).
Requirements: REQ-QNT-004. -/
theorem activation_error (xs : List Rat) (x : Rat) (hx : x ∈ xs)
    (hs : (2 : Rat) ^ (-126 : Int) ≤ activationScale xs) :
    rabs (x - activationScale xs * (activationCode (activationScale xs) x : Rat)) ≤
      activationScale xs * (1 / 2 + 1 / 65536) := by
  have hamax := (maxAbs_spec xs).1 x hx
  have hn := maxAbs_nonneg xs
  have ht : 0 ≤ maxAbs xs / 127 := by grind
  have hsf : activationScale xs = flPos (maxAbs xs / 127) := by
    unfold activationScale fl32; rw [if_neg (by grind)]
  have hs' := flPos_normal_result (maxAbs xs / 127) ht (by rw [← hsf]; exact hs)
  rw [← hsf, rabs_le] at hs'
  have hp := pow2_pos (-126)
  have hspos : 0 < activationScale xs := by grind
  have hq : x / activationScale xs * activationScale xs = x := Rat.div_mul_cancel (by grind)
  generalize activationScale xs = s at *
  have hcode : activationCode s x = clamp (rne (fl32 (x / s))) (-127) 127 := by
    unfold activationCode; rw [if_neg (by grind)]
  have hxb := (rabs_le x _).mp hamax
  have hfe := fl32_error (x / s)
  have htiny := tiny
  rw [hcode]
  generalize x / s = t at *
  have htb : rabs t ≤ 127 + 127 / 16777216 := by
    rw [rabs_le]
    constructor
    · refine Rat.not_lt.mp fun h => ?_
      have := Rat.mul_lt_mul_of_pos_right h hspos
      grind
    · refine Rat.not_lt.mp fun h => ?_
      have := Rat.mul_lt_mul_of_pos_right h hspos
      grind
  have hd : rabs (t - fl32 t) ≤ 1 / 131072 := by
    rcases hfe with h | h
    · grind
    · grind
  rw [rabs_le] at hd htb
  have hrne := rne_error (fl32 t)
  have c1 : rne (fl32 t) ≤ 127 := by
    have : (rne (fl32 t) : Rat) < ((128 : Int) : Rat) := by
      have e : ((128 : Int) : Rat) = 128 := rfl
      rw [e]; grind
    have := Rat.intCast_lt_intCast.mp this
    omega
  have c2 : -127 ≤ rne (fl32 t) := by
    have : ((-128 : Int) : Rat) < (rne (fl32 t) : Rat) := by
      have e : ((-128 : Int) : Rat) = -128 := rfl
      rw [e]; grind
    have := Rat.intCast_lt_intCast.mp this
    omega
  rw [clamp_of_mem _ _ _ c2 c1]
  generalize (rne (fl32 t) : Rat) = r at *
  have hkey : -(1 / 2 + 1 / 65536) ≤ t - r ∧ t - r ≤ 1 / 2 + 1 / 65536 := by grind
  have a := Rat.mul_le_mul_of_nonneg_left hkey.1 (Rat.le_of_lt hspos)
  have b := Rat.mul_le_mul_of_nonneg_left hkey.2 (Rat.le_of_lt hspos)
  rw [rabs_le]
  grind

/-! ## Weights in uniform formats -/

/-- Finite and at most 2⁴⁰ in magnitude (REQ-FMT-007). -/
def weightOk (w : Binary32) : Bool := w.finite && decide (rabs w.value ≤ 1099511627776)

/-- s = fl₃₂(amax / D) (REQ-QNT-005, REQ-QNT-006). -/
def rowScale (f : Format) (ws : List Rat) : Rat := fl32 (maxAbs ws / (f.divisor : Rat))

/-- The step of a uniform table, in units of the row's scale. -/
def Table.unit : Table → Int
  | .t3u => 2
  | _ => 1

/-- The least grid index of a uniform table that the quantiser gives. -/
def Table.low : Table → Int
  | .t8 => -127 | .t4u => -8 | .t3u => -4 | _ => 0

/-- The largest grid index. -/
def Table.high : Table → Int
  | .t8 => 127 | .t4u => 7 | .t3u => 3 | _ => 0

/-- The stored code of weight `w` at a position of a uniform table (REQ-QNT-007, REQ-QNT-008). -/
def uniformCode (t : Table) (s w : Rat) : Nat :=
  match t with
  | .t8 => (roundClamp w s (-127) 127 % 256).toNat
  | .t4u => (roundClamp w s (-8) 7 + 8).toNat
  | .t3u => (roundClamp w (2 * s) (-4) 3 + 4).toNat
  | .t4g | .t3g | .tw => 0

/-- A uniform table: no codebook. -/
def Table.uniform : Table → Bool
  | .t8 | .t4u | .t3u => true
  | _ => false

/-- English: the stored code stands for the clamped, rounded quotient times the table's unit.
Requirements: REQ-QNT-007, REQ-QNT-008. -/
theorem uniformCode_value (t : Table) (ht : t.uniform = true) (s w : Rat) :
    uniformCode t s w < t.size ∧
      t.value (uniformCode t s w) = t.unit * roundClamp w ((t.unit : Rat) * s) t.low t.high := by
  have e1 : ((1 : Int) : Rat) * s = s := by
    rw [show ((1 : Int) : Rat) = 1 from rfl, Rat.one_mul]
  have e2 : ((2 : Int) : Rat) * s = 2 * s := rfl
  cases t <;> simp only [Table.uniform, Bool.false_eq_true] at ht
  · have h := roundClamp_range w s (-127) 127 (by decide)
    simp only [uniformCode, Table.unit, Table.low, Table.high, Table.size, Table.bits,
      Table.value, e1]
    constructor
    · omega
    · split <;> omega
  · have h := roundClamp_range w s (-8) 7 (by decide)
    simp only [uniformCode, Table.unit, Table.low, Table.high, Table.size, Table.bits,
      Table.value, e1]
    constructor <;> omega
  · have h := roundClamp_range w (2 * s) (-4) 3 (by decide)
    simp only [uniformCode, Table.unit, Table.low, Table.high, Table.size, Table.bits,
      Table.value, e2]
    constructor <;> omega

/-- English: |w − ŵ| ≤ step/2 for every w from half a step below the lowest grid point to half a
step above the highest one, where the step is s for INT8 and 4-bit positions and 2s for 3-bit
positions; so in U35 at even and at odd positions.
Requirements: REQ-QNT-009. -/
theorem uniform_error (t : Table) (ht : t.uniform = true) (s w : Rat) (hs : 0 < s)
    (h1 : ((t.low : Rat) - 1 / 2) * ((t.unit : Rat) * s) ≤ w)
    (h2 : w ≤ ((t.high : Rat) + 1 / 2) * ((t.unit : Rat) * s)) :
    rabs (w - s * (t.value (uniformCode t s w) : Rat)) ≤ (t.unit : Rat) * s / 2 := by
  have hu : (0 : Rat) < (t.unit : Rat) := by cases t <;> decide
  have hlh : t.low ≤ t.high := by cases t <;> decide
  have hst := Rat.mul_pos hu hs
  have h := roundClamp_error w ((t.unit : Rat) * s) t.low t.high hlh hst h1 h2
  rw [(uniformCode_value t ht s w).2, Rat.intCast_mul, rabs_le]
  have e : s * ((t.unit : Rat) * (roundClamp w ((t.unit : Rat) * s) t.low t.high : Rat)) =
      (t.unit : Rat) * s * (roundClamp w ((t.unit : Rat) * s) t.low t.high : Rat) := by grind
  rw [e]
  generalize (t.unit : Rat) * s = st at *
  grind

/-- English: INT8: |w| ≤ 127.5·s implies |w − ŵ| ≤ s/2.
Requirements: REQ-QNT-009. -/
theorem int8_error (s w : Rat) (hs : 0 < s) (h1 : -(255 / 2) * s ≤ w) (h2 : w ≤ 255 / 2 * s) :
    rabs (w - s * (Table.t8.value (uniformCode .t8 s w) : Rat)) ≤ s / 2 := by
  have a : ((Table.t8.unit : Int) : Rat) = 1 := rfl
  have b : ((Table.t8.low : Int) : Rat) = -127 := rfl
  have c : ((Table.t8.high : Int) : Rat) = 127 := rfl
  have h := uniform_error .t8 rfl s w hs (by rw [a, b]; grind) (by rw [a, c]; grind)
  rw [a] at h
  grind

/-- English: at a 4-bit position of a U format, −8.5·s ≤ w ≤ 7.5·s implies |w − ŵ| ≤ s/2.
Requirements: REQ-QNT-009. -/
theorem u4_error (s w : Rat) (hs : 0 < s) (h1 : -(17 / 2) * s ≤ w) (h2 : w ≤ 15 / 2 * s) :
    rabs (w - s * (Table.t4u.value (uniformCode .t4u s w) : Rat)) ≤ s / 2 := by
  have a : ((Table.t4u.unit : Int) : Rat) = 1 := rfl
  have b : ((Table.t4u.low : Int) : Rat) = -8 := rfl
  have c : ((Table.t4u.high : Int) : Rat) = 7 := rfl
  have h := uniform_error .t4u rfl s w hs (by rw [a, b]; grind) (by rw [a, c]; grind)
  rw [a] at h
  grind

/-- English: at a 3-bit position of a U format, −9·s ≤ w ≤ 7·s implies |w − ŵ| ≤ s, half of the step
2s.
Requirements: REQ-QNT-009. -/
theorem u3_error (s w : Rat) (hs : 0 < s) (h1 : -9 * s ≤ w) (h2 : w ≤ 7 * s) :
    rabs (w - s * (Table.t3u.value (uniformCode .t3u s w) : Rat)) ≤ s := by
  have a : ((Table.t3u.unit : Int) : Rat) = 2 := rfl
  have b : ((Table.t3u.low : Int) : Rat) = -4 := rfl
  have c : ((Table.t3u.high : Int) : Rat) = 3 := rfl
  have h := uniform_error .t3u rfl s w hs (by rw [a, b]; grind) (by rw [a, c]; grind)
  rw [a] at h
  grind

/-- English: a weight that is a grid point in range is reproduced exactly.
Requirements: REQ-QNT-009. -/
theorem uniform_exact (t : Table) (ht : t.uniform = true) (s : Rat) (hs : 0 < s) (n : Int)
    (h1 : t.low ≤ n) (h2 : n ≤ t.high) :
    s * (t.value (uniformCode t s ((t.unit : Rat) * s * (n : Rat))) : Rat) =
      (t.unit : Rat) * s * (n : Rat) := by
  have hu : (0 : Rat) < (t.unit : Rat) := by cases t <;> decide
  have hst := Rat.mul_pos hu hs
  rw [(uniformCode_value t ht s _).2, roundClamp_exact _ hst n _ _ h1 h2, Rat.intCast_mul]
  grind

/-- English: where s = 0, every weight gets the code of 0.
Requirements: REQ-QNT-006. -/
theorem uniform_zero_scale (t : Table) (ht : t.uniform = true) (w : Rat) :
    t.value (uniformCode t 0 w) = 0 := by
  rw [(uniformCode_value t ht 0 w).2, Rat.mul_zero,
    roundClamp_zero_step _ _ _ (by cases t <;> decide)]
  omega

/-! ## Weights in formats with codebooks -/

/-- u = clamp(rne(64·w/s), −29760, 29760) (REQ-QNT-010); where s = 0, 0. -/
def fixedPoint (s w : Rat) : Int := roundClamp (64 * w) s (-29760) 29760

/-- English: u lies in [−29760, 29760], and is 0 where s = 0.
Requirements: REQ-QNT-006, REQ-QNT-010. -/
theorem fixedPoint_range (s w : Rat) :
    -29760 ≤ fixedPoint s w ∧ fixedPoint s w ≤ 29760 ∧ fixedPoint 0 w = 0 :=
  ⟨(roundClamp_range _ _ _ _ (by decide)).1, (roundClamp_range _ _ _ _ (by decide)).2,
    roundClamp_zero_step _ _ _ (by decide)⟩

/-- The smallest index in 0 … n where `cost` is least, and that cost. -/
def argmin (cost : Nat → Nat) : Nat → Nat × Nat
  | 0 => (0, cost 0)
  | n + 1 =>
    let best := argmin cost n
    let c := cost (n + 1)
    if c < best.2 then (n + 1, c) else best

/-- English: argmin gives an index up to n, its cost, no index up to n costs less, and each smaller
index costs more.
Requirements: REQ-QNT-011, REQ-QNT-012. -/
theorem argmin_spec (cost : Nat → Nat) (n : Nat) :
    (argmin cost n).1 ≤ n ∧ (argmin cost n).2 = cost (argmin cost n).1 ∧
    (∀ i ≤ n, cost (argmin cost n).1 ≤ cost i) ∧
      (∀ i < (argmin cost n).1, cost (argmin cost n).1 < cost i) := by
  induction n with
  | zero =>
    refine ⟨Nat.le_refl _, rfl, fun i hi => ?_, fun i hi => ?_⟩
    · have : i = 0 := by omega
      subst this
      exact Nat.le_refl _
    · simp only [argmin] at hi; omega
  | succ n ih =>
    obtain ⟨h1, h2, h3, h4⟩ := ih
    simp only [argmin]
    split
    · rename_i hlt
      refine ⟨Nat.le_refl _, rfl, fun i hi => ?_, fun i hi => ?_⟩
      · by_cases e : i = n + 1
        · subst e; exact Nat.le_refl _
        · have := h3 i (by omega)
          simp only
          omega
      · have := h3 i (by simp only at hi; omega)
        simp only
        omega
    · rename_i hge
      refine ⟨by omega, h2, fun i hi => ?_, h4⟩
      by_cases e : i = n + 1
      · subst e; omega
      · exact h3 i (by omega)

/-- |u − 64·m·T[c]|. -/
def distance (t : Table) (m : Nat) (u : Int) (c : Nat) : Nat :=
  (u - 64 * (m : Int) * t.value c).natAbs

/-- The smallest code for which |u − 64·m·T[c]| is least (REQ-QNT-011). -/
def nearestCode (t : Table) (m : Nat) (u : Int) : Nat := (argmin (distance t m u) (t.size - 1)).1

/-- English: the chosen entry is a nearest one, and each smaller code is farther away (so on ties
the smallest code is taken).
Requirements: REQ-QNT-011. -/
theorem nearestCode_least (t : Table) (m : Nat) (u : Int) :
    nearestCode t m u < t.size ∧
    (∀ c < t.size, distance t m u (nearestCode t m u) ≤ distance t m u c) ∧
      (∀ c < nearestCode t m u, distance t m u (nearestCode t m u) < distance t m u c) := by
  have h := argmin_spec (distance t m u) (t.size - 1)
  have hpos : 0 < t.size := Nat.two_pow_pos _
  unfold nearestCode
  exact ⟨by omega, fun c hc => h.2.2.1 c (by omega), h.2.2.2⟩

/-- E(m) over the inputs `k`, `k + 1`, … of a block, given their fixed-point weights
(REQ-QNT-012). -/
def blockCost (f : Format) (m : Nat) : Nat → List Int → Nat
  | _, [] => 0
  | k, u :: us =>
    let d := (argmin (distance (f.table k) m u) ((f.table k).size - 1)).2
    d * d + blockCost f m (k + 1) us

/-- The smallest sub-scale for which E(m) is least (REQ-QNT-012). -/
def bestSubscale (f : Format) (us : List Int) : Nat := (argmin (fun m => blockCost f m 0 us) 15).1

/-- English: the sub-scale is in 0 … 15, has the least E(m), and each smaller one has a greater
E(m).
Requirements: REQ-QNT-012, REQ-FMT-005. -/
theorem bestSubscale_least (f : Format) (us : List Int) :
    bestSubscale f us ≤ 15 ∧ (∀ m ≤ 15, blockCost f (bestSubscale f us) 0 us ≤ blockCost f m 0 us) ∧
      (∀ m < bestSubscale f us, blockCost f (bestSubscale f us) 0 us < blockCost f m 0 us) := by
  have h := argmin_spec (fun m => blockCost f m 0 us) 15
  exact ⟨h.1, h.2.2.1, h.2.2.2⟩

/-- English: E(m) is the sum of the squares (u_k − 64·m·T[c_k])² with the codes of REQ-QNT-011.
Requirements: REQ-QNT-012. -/
theorem blockCost_eq (f : Format) (m k : Nat) (u : Int) (us : List Int) :
    (blockCost f m k (u :: us) : Int) =
      (u - 64 * (m : Int) * (f.table k).value (nearestCode (f.table k) m u)) ^ 2 +
        (blockCost f m (k + 1) us : Int) := by
  have h := (argmin_spec (distance (f.table k) m u) ((f.table k).size - 1)).2.1
  simp only [blockCost]
  rw [h]
  have e : ((distance (f.table k) m u (nearestCode (f.table k) m u) : Nat) : Int) *
    (distance (f.table k) m u (nearestCode (f.table k) m u) : Nat) =
      (u - 64 * (m : Int) * (f.table k).value (nearestCode (f.table k) m u)) ^ 2 := by
    unfold distance
    rw [Int.natAbs_mul_self']
    grind
  rw [← e]
  rfl

/-- English: E(m) of a block (at most 64 inputs) is below 2⁶³.
Requirements: REQ-QNT-012. -/
theorem blockCost_int64 (f : Format) (m k : Nat) (us : List Int) (hm : m ≤ 15)
    (hg : f.hasSubscales = true)
    (hu : ∀ u ∈ us, -29760 ≤ u ∧ u ≤ 29760) (hlen : us.length ≤ 64) :
    blockCost f m k us < 2 ^ 63 := by
  have key : ∀ (us : List Int) (k : Nat), (∀ u ∈ us, -29760 ≤ u ∧ u ≤ 29760) →
    blockCost f m k us ≤ us.length * 3542630400 := by
    intro us
    induction us with
    | nil => intro k _; simp [blockCost]
    | cons u us ih =>
      intro k hu
      have hi := ih (k + 1) (fun v hv => hu v (by simp [hv]))
      have h := argmin_spec (distance (f.table k) m u) ((f.table k).size - 1)
      have hc :
        (argmin (distance (f.table k) m u) ((f.table k).size - 1)).1 < (f.table k).size := by
        have : 0 < (f.table k).size := Nat.two_pow_pos _
        omega
      have hw := maxWeight_bound f k m _ (by unfold Format.maxSubscale; rw [hg]; exact hm) hc
      have hmw : f.maxWeight = 465 := by
        cases f <;> first | rfl | (simp [Format.hasSubscales] at hg)
      have hu' := hu u (by simp)
      have hd : (argmin (distance (f.table k) m u) ((f.table k).size - 1)).2 ≤ 59520 := by
        rw [h.2.1]
        generalize (argmin (distance (f.table k) m u) ((f.table k).size - 1)).1 = c at *
        unfold distance
        rw [Int.mul_assoc]
        generalize (m : Int) * (f.table k).value c = p at *
        omega
      have hdd := Nat.mul_le_mul hd hd
      simp only [blockCost, List.length_cons]
      omega
  have := key us k hu
  omega

/-- Elements 0 … n−1 of a list. -/
def first {α : Type} : Nat → List α → List α
  | n + 1, x :: xs => x :: first n xs
  | _, _ => []

/-- A list without its first n elements. -/
def rest {α : Type} : Nat → List α → List α
  | n + 1, _ :: xs => rest n xs
  | _, xs => xs

/-- The codes of inputs `k`, `k + 1`, … by REQ-QNT-011. -/
def nearestCodes (f : Format) (m : Nat) : Nat → List Int → List Nat
  | _, [] => []
  | k, u :: us => nearestCode (f.table k) m u :: nearestCodes f m (k + 1) us

/-- The codes of inputs `k`, `k + 1`, … in a uniform format. -/
def uniformCodes (f : Format) (s : Rat) : Nat → List Rat → List Nat
  | _, [] => []
  | k, w :: ws => uniformCode (f.table k) s w :: uniformCodes f s (k + 1) ws

/-- All u_k. -/
def fixedPoints (s : Rat) : List Rat → List Int
  | [] => []
  | w :: ws => fixedPoint s w :: fixedPoints s ws

/-- The sub-scale and the codes of each of B blocks. A block starts at an even input, so its tables
are those of inputs 0 … 63. -/
def quantizeBlocks (f : Format) : Nat → List Int → List (Nat × List Nat)
  | 0, _ => []
  | B + 1, us =>
    let block := first 64 us
    let m := bestSubscale f block
    (m, nearestCodes f m 0 block) :: quantizeBlocks f B (rest 64 us)

/-- A quantised row: codes of the inputs k < K, and one sub-scale a block where the format has
them. -/
structure Row where
  scale : Binary32
  codes : List Nat
  subscales : List Nat

/-- All codes of blocks. -/
def blockCodes : List (Nat × List Nat) → List Nat
  | [] => []
  | b :: bs => app b.2 (blockCodes bs)
where
  app : List Nat → List Nat → List Nat
    | [], ys => ys
    | x :: xs, ys => x :: app xs ys

/-- All sub-scales of blocks. -/
def blockSubscales : List (Nat × List Nat) → List Nat
  | [] => []
  | b :: bs => b.1 :: blockSubscales bs

/-- Length of a list, as a loop. -/
def count {α : Type} : List α → Nat
  | [] => 0
  | _ :: xs => count xs + 1

/-- English: `count` is the length. -/
theorem count_eq {α : Type} (xs : List α) : count xs = xs.length := by
  induction xs with
  | nil => rfl
  | cons x xs ih => simp [count, ih]

/-- Whether a row of weights is not refused (REQ-FMT-003, REQ-FMT-007). -/
def weightsOk (f : Format) (ws : List Binary32) : Bool :=
  f.shapeOk 1 (count ws) && allOk weightOk ws

/-- Quantises a row of weights in a format without windows, or refuses it (section 4). -/
def quantizeRow (f : Format) (ws : List Binary32) : Option Row :=
  if !f.windowed && weightsOk f ws then
    let xs := values ws
    let s := rowScale f xs
    let scale := round32 false (maxAbs xs / (f.divisor : Rat))
    if f.hasSubscales then
      let blocks := quantizeBlocks f (Format.blocks (count ws)) (fixedPoints s xs)
      some ⟨scale, blockCodes blocks, blockSubscales blocks⟩
    else some ⟨scale, uniformCodes f s 0 xs, []⟩
  else none

/-- English: a row is refused exactly if its length is 0 or over the format's limit, or a weight is
NaN, infinite or over 2⁴⁰ in magnitude.
Requirements: REQ-FMT-003, REQ-FMT-007. -/
theorem weightsOk_iff (f : Format) (ws : List Binary32) :
    weightsOk f ws = false ↔ ¬(1 ≤ ws.length ∧ ws.length ≤ f.limit) ∨ ∃ w ∈ ws,
      ¬(w.finite = true ∧ rabs w.value ≤ 1099511627776) := by
  have h := allOk_iff weightOk ws
  have hs := shapeOk_iff f 1 (count ws)
  rw [count_eq] at hs
  have e : ∀ x, weightOk x = true ↔ (x.finite = true ∧ rabs x.value ≤ 1099511627776) := fun x => by
    simp only [weightOk, Bool.and_eq_true, decide_eq_true_eq]
  unfold weightsOk
  rw [count_eq, ← Bool.not_eq_true, Bool.and_eq_true]
  constructor
  · intro hall
    by_cases hsh : 1 ≤ ws.length ∧ ws.length ≤ f.limit
    · right
      refine Classical.byContradiction fun hne => hall ?_
      refine ⟨hs.mpr ⟨Nat.le_refl _, hsh⟩, h.mpr fun x hx => (e x).mpr ?_⟩
      exact Classical.byContradiction fun hx' => hne ⟨x, hx, hx'⟩
    · exact Or.inl hsh
  · rintro (hsh | ⟨x, hx, hn⟩) hall
    · exact absurd (hs.mp hall.1).2 hsh
    · exact absurd ((e x).mp (h.mp hall.2 x hx)) hn

/-- English: in a format without windows, what is not refused is quantised, and nothing else; the
rows of the others are not quantised here.
Requirements: REQ-FMT-003, REQ-FMT-007. -/
theorem quantizeRow_refuses (f : Format) (ws : List Binary32) :
    quantizeRow f ws = none ↔ f.windowed = true ∨ weightsOk f ws = false := by
  unfold quantizeRow
  split
  · rename_i hall
    rw [Bool.and_eq_true, Bool.not_eq_true'] at hall
    constructor
    · intro h'
      simp only [] at h'
      split at h' <;> cases h'
    · rintro (hw | hr)
      · rw [hw] at hall; exact absurd hall.1 (by decide)
      · rw [hr] at hall; exact absurd hall.2 (by decide)
  · rename_i hall
    refine ⟨fun _ => ?_, fun _ => rfl⟩
    rw [Bool.and_eq_true, Bool.not_eq_true'] at hall
    by_cases hw : f.windowed = true
    · exact Or.inl hw
    · right
      rw [← Bool.not_eq_true]
      exact fun hr => hall ⟨by simpa using hw, hr⟩

/-- English: there are rows that are not refused. -/
theorem quantizeRow_scale_possible : ∃ f ws r, quantizeRow f ws = some r :=
  ⟨.u4, [⟨false, 1065353216⟩], Option.isSome_iff_exists.mp (by decide +kernel)⟩

/-- English: a quantised row's scale stands for fl₃₂(amax / D).
Requirements: REQ-QNT-005, REQ-QNT-006. -/
theorem quantizeRow_scale (f : Format) (ws : List Binary32) (r : Row)
    (h : quantizeRow f ws = some r) :
    r.scale.value = rowScale f (values ws) := by
  unfold quantizeRow at h
  split at h
  · simp only [] at h
    split at h <;> (injection h with h; rw [← h]; exact round32_value _ _)
  · cases h

/-- English: where 64·w/s is not clamped, |w − s·m·T[c]| ≤ s · (1/128 + d), with d = |u/64 − m·T[c]|
the distance to the chosen, nearest point.
Requirements: REQ-QNT-010, REQ-QNT-013. -/
theorem codebook_error (t : Table) (m : Nat) (s w : Rat) (hs : 0 < s)
    (h1 : -(59521 / 2) * s ≤ 64 * w) (h2 : 64 * w ≤ 59521 / 2 * s) :
    rabs (w - s * ((m : Int) * t.value (nearestCode t m (fixedPoint s w)) : Int)) ≤
      s * (1 / 128 +
        (distance t m (fixedPoint s w) (nearestCode t m (fixedPoint s w)) : Rat) / 64) := by
  have hr := roundClamp_error (64 * w) s (-29760) 29760 (by decide) hs
    (by have : (((-29760 : Int)) : Rat) = -29760 := rfl
        rw [this]; grind)
    (by have : (((29760 : Int)) : Rat) = 29760 := rfl
        rw [this]; grind)
  have hu : roundClamp (64 * w) s (-29760) 29760 = fixedPoint s w := rfl
  rw [hu] at hr
  generalize nearestCode t m (fixedPoint s w) = c at *
  have hd : ∀ (a b : Int), rabs ((a : Rat) - (b : Rat)) = ((a - b).natAbs : Rat) := by
    intro a b
    rw [← Rat.intCast_sub, ← Rat.intCast_natCast]
    unfold rabs
    split
    · rename_i h
      have := Rat.intCast_neg_iff.mp h
      rw [← Rat.intCast_neg]
      congr 1
      omega
    · rename_i h
      have : 0 ≤ a - b := by
        rcases Int.lt_or_le (a - b) 0 with h1 | h1
        · exact absurd (Rat.intCast_neg_iff.mpr h1) h
        · exact h1
      congr 1
      omega
  have hd' := hd (fixedPoint s w) (64 * (m : Int) * t.value c)
  have hdist : (distance t m (fixedPoint s w) c : Rat) =
    ((fixedPoint s w - 64 * (m : Int) * t.value c).natAbs : Rat) := rfl
  rw [← hdist] at hd'
  have hle := (rabs_le ((fixedPoint s w : Rat) - ((64 * (m : Int) * t.value c : Int) : Rat))
    (distance t m (fixedPoint s w) c : Rat)).mp
    (by rw [hd']; exact Rat.le_refl)
  rw [Int.mul_assoc, Rat.intCast_mul 64] at hle
  rw [show ((64 : Int) : Rat) = 64 from rfl] at hle
  generalize (distance t m (fixedPoint s w) c : Rat) = d at *
  generalize (((m : Int) * t.value c : Int) : Rat) = p at *
  generalize (fixedPoint s w : Rat) = u at *
  have a := Rat.mul_le_mul_of_nonneg_left hle.1 (Rat.le_of_lt hs)
  have b := Rat.mul_le_mul_of_nonneg_left hle.2 (Rat.le_of_lt hs)
  rw [rabs_le]
  grind

/-- A list of points with gaps of at most g, scaled by q ≥ 0: each number between the first and the
last is within half of q·g of one. -/
theorem near_some_point (T : Nat → Int) (g q u : Int) (hg : 0 ≤ g) (hq : 0 ≤ q) (n : Nat)
    (hgap : ∀ i < n, T (i + 1) - T i ≤ g)
    (h1 : q * T 0 ≤ u) (h2 : u ≤ q * T n) : ∃ i ≤ n, 2 * ((u - q * T i).natAbs : Int) ≤ q * g := by
  induction n with
  | zero =>
    refine ⟨0, Nat.le_refl _, ?_⟩
    have := Int.mul_nonneg hq hg
    omega
  | succ n ih =>
    by_cases h : u ≤ q * T n
    · obtain ⟨i, hi, hb⟩ := ih (fun i hi => hgap i (by omega)) h
      exact ⟨i, by omega, hb⟩
    · have hstep := Int.mul_le_mul_of_nonneg_left (hgap n (by omega)) hq
      rw [Int.mul_sub] at hstep
      by_cases h' : 2 * (u - q * T n) ≤ q * g
      · exact ⟨n, by omega, by omega⟩
      · exact ⟨n + 1, Nat.le_refl _, by omega⟩

/-- English: neighbours in a table are at most its largest gap apart.
Requirements: REQ-QNT-013. -/
theorem table_gap_bound (t : Table) (h8 : t ≠ .t8) (hw : t ≠ .tw) (c : Nat)
    (hc : c < t.size - 1) : t.value (c + 1) - t.value c ≤ t.largestGap := by
  cases t
  · exact absurd rfl h8
  · simp only [Table.value, Table.largestGap]; omega
  · simp only [Table.value, Table.largestGap]; omega
  · have : ∀ c < 15, Table.t4g.value (c + 1) - Table.t4g.value c ≤ 8 := by decide
    exact this c hc
  · have : ∀ c < 7, Table.t3g.value (c + 1) - Table.t3g.value c ≤ 11 := by decide
    exact this c hc
  · exact absurd rfl hw

/-- English: inside the table's range the distance d = |u/64 − m·T[c]| is at most m · (largest gap)
/ 2.
Requirements: REQ-QNT-013. -/
theorem nearest_half_gap (t : Table) (h8 : t ≠ .t8) (hw : t ≠ .tw) (m : Nat) (u : Int)
    (h1 : 64 * (m : Int) * t.value 0 ≤ u)
    (h2 : u ≤ 64 * (m : Int) * t.value (t.size - 1)) :
    2 * (distance t m u (nearestCode t m u) : Int) ≤ 64 * (m : Int) * t.largestGap := by
  have hpos : 0 < t.size := Nat.two_pow_pos _
  obtain ⟨i, hi, hb⟩ := near_some_point t.value t.largestGap (64 * (m : Int)) u
    (by cases t <;> decide) (by omega) (t.size - 1)
    (table_gap_bound t h8 hw) h1 h2
  have := (nearestCode_least t m u).2.1 i (by omega)
  have e : distance t m u i = (u - 64 * (m : Int) * t.value i).natAbs := rfl
  omega

/-- English: there are such tables and numbers. -/
theorem nearest_half_gap_possible : ∃ t : Table, t ≠ .t8 ∧ t ≠ .tw ∧ ∃ (m : Nat) (u : Int),
    64 * (m : Int) * t.value 0 ≤ u ∧ u ≤ 64 * (m : Int) * t.value (t.size - 1) :=
  ⟨.t4u, by decide, by decide, 1, 0, by decide, by decide⟩

/-- English: hence, inside the table's range, |w − ŵ| ≤ s · (1/128 + m · (largest gap) / 2).
Requirements: REQ-QNT-013. -/
theorem codebook_error_gap (t : Table) (h8 : t ≠ .t8) (hw : t ≠ .tw) (m : Nat)
    (s w : Rat) (hs : 0 < s) (h1 : -(59521 / 2) * s ≤ 64 * w)
    (h2 : 64 * w ≤ 59521 / 2 * s) (h3 : 64 * (m : Int) * t.value 0 ≤ fixedPoint s w)
    (h4 : fixedPoint s w ≤ 64 * (m : Int) * t.value (t.size - 1)) :
    rabs (w - s * ((m : Int) * t.value (nearestCode t m (fixedPoint s w)) : Int)) ≤
      s * (1 / 128 + ((m : Int) * t.largestGap : Int) / 2) := by
  have a := codebook_error t m s w hs h1 h2
  have b := nearest_half_gap t h8 hw m (fixedPoint s w) h3 h4
  have b' := Rat.intCast_le_intCast.mpr b
  rw [Int.mul_assoc 64, Rat.intCast_mul 2, Rat.intCast_mul 64, Rat.intCast_natCast] at b'
  rw [show ((64 : Int) : Rat) = 64 from rfl, show ((2 : Int) : Rat) = 2 from rfl] at b'
  generalize (distance t m (fixedPoint s w) (nearestCode t m (fixedPoint s w)) : Rat) = d at *
  generalize (((m : Int) * t.largestGap : Int) : Rat) = g at *
  have hd : d / 64 ≤ g / 2 := by grind
  have := Rat.mul_le_mul_of_nonneg_left hd (Rat.le_of_lt hs)
  grind

/-- English: there are such weights. -/
theorem codebook_error_gap_possible : ∃ t : Table, t ≠ .t8 ∧ t ≠ .tw ∧
    ∃ (m : Nat) (s w : Rat), 0 < s ∧ -(59521 / 2) * s ≤ 64 * w ∧ 64 * w ≤ 59521 / 2 * s ∧
      64 * (m : Int) * t.value 0 ≤ fixedPoint s w ∧
        fixedPoint s w ≤ 64 * (m : Int) * t.value (t.size - 1) :=
  ⟨.t4u, by decide, by decide, 1, 1, 0, by decide +kernel⟩

end ThreeHalf
