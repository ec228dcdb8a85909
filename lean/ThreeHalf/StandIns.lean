module
public import ThreeHalf.Pipeline
public import ThreeHalf.Details
public import ThreeHalf.Inference.Decoder
@[expose] public section

/-!
# Stand-ins

A theorem tells a definition from others if it is false of some other function in its place, a
*stand-in*. The audit finds many of them by itself; here are those that it is told. Each entry names
a definition, the theorem at values for its binders, the other function, and a fact that helps to
show that the theorem is false of it there (`trivial` where none is needed). Nothing here is
believed: the audit puts the function in the definition's place and has it shown, and blames an
entry that shows nothing. Hypotheses of a theorem that stand before a value are `fun h1 h2 => …`.

Main definitions: `StandIn`.
Main results: none: the audit prints `told THEOREM DEFINITION`.
-/

namespace ThreeHalf

/-- Another function in the place of a definition, of which a theorem is false at some values. -/
structure StandIn {α : Type} (definition : α) {p : Prop} (there : p) where
  other : α
  fact : Prop
  because : fact

namespace StandIns

/-- +0. -/
def zero : Binary32 := ⟨false, 0⟩

/-- +0. -/
def plus0 : Inference.Single := ⟨false, 0⟩

/-- 1. -/
def one : Inference.Single := ⟨false, 0x3f800000⟩

/-- The least positive number. -/
def least : Inference.Single := ⟨false, 1⟩

/-- A model without weights. -/
def model : Inference.Model :=
  { embedding := .real [], embeddingScale := one, layers := [], heads := 0, keyHeads := 0,
    headSize := 0, interleaved := false, activation := .silu, epsilon := one,
    attentionScale := one, attentionCap := one, residualScale := one, logitScale := one,
    logitCap := one, outputNorm := [], output := .real [] }

/-! ## Facts -/

/-- The table of `format_table`. -/
def formatRows : List (Nat × Table × Table × Nat × Nat × Nat × Nat × Nat) :=
  [(0, .t8, .t8, 1, 128, 127, 131072, 64), (1, .t4u, .t4u, 1, 8, 7, 1048576, 32),
    (2, .t4u, .t3u, 1, 8, 7, 1048576, 28), (3, .t3u, .t3u, 1, 8, 7, 1048576, 24),
    (4, .t4g, .t4g, 15, 465, 465, 36000, 32), (5, .t4g, .t3g, 15, 465, 465, 36000, 28),
    (6, .t3g, .t3g, 15, 465, 465, 36000, 24), (7, .tw, .tw, 15, 465, 345, 36000, 32),
    (8, .tw, .tw, 15, 465, 345, 36000, 28), (9, .tw, .tw, 15, 465, 345, 36000, 24)]

theorem table_id : ¬Format.all.map (fun f =>
    (1000, f.even, f.odd, f.maxSubscale, f.maxWeight, f.divisor, f.limit, f.blockBytes)) =
      formatRows :=
  fun h => absurd (congrArg (List.map fun r => r.1) h) (by decide)

theorem table_even : ¬Format.all.map (fun f =>
    (f.id, .t8, f.odd, f.maxSubscale, f.maxWeight, f.divisor, f.limit, f.blockBytes)) =
      formatRows :=
  fun h => absurd (congrArg (List.map fun r => r.2.1) h) (by decide)

theorem table_odd : ¬Format.all.map (fun f =>
    (f.id, f.even, .t8, f.maxSubscale, f.maxWeight, f.divisor, f.limit, f.blockBytes)) =
      formatRows :=
  fun h => absurd (congrArg (List.map fun r => r.2.2.1) h) (by decide)

theorem table_maxSubscale : ¬Format.all.map (fun f =>
    (f.id, f.even, f.odd, 0, f.maxWeight, f.divisor, f.limit, f.blockBytes)) =
      formatRows :=
  fun h => absurd (congrArg (List.map fun r => r.2.2.2.1) h) (by decide)

theorem table_maxWeight : ¬Format.all.map (fun f =>
    (f.id, f.even, f.odd, f.maxSubscale, 0, f.divisor, f.limit, f.blockBytes)) =
      formatRows :=
  fun h => absurd (congrArg (List.map fun r => r.2.2.2.2.1) h) (by decide)

theorem table_divisor : ¬Format.all.map (fun f =>
    (f.id, f.even, f.odd, f.maxSubscale, f.maxWeight, 0, f.limit, f.blockBytes)) =
      formatRows :=
  fun h => absurd (congrArg (List.map fun r => r.2.2.2.2.2.1) h) (by decide)

theorem table_limit : ¬Format.all.map (fun f =>
    (f.id, f.even, f.odd, f.maxSubscale, f.maxWeight, f.divisor, 0, f.blockBytes)) =
      formatRows :=
  fun h => absurd (congrArg (List.map fun r => r.2.2.2.2.2.2.1) h) (by decide)

theorem table_blockBytes : ¬Format.all.map (fun f =>
    (f.id, f.even, f.odd, f.maxSubscale, f.maxWeight, f.divisor, f.limit, 0)) =
      formatRows :=
  fun h => absurd (congrArg (List.map fun r => r.2.2.2.2.2.2.2) h) (by decide)

theorem attained_u4 : ¬∃ k m c : Nat, m ≤ 0 ∧ c < (Format.u4.table k).size ∧
    ((m : Int) * (Format.u4.table k).value c).natAbs = Format.u4.maxWeight := by
  rintro ⟨k, m, c, h, _, e⟩
  have h0 : m = 0 := by omega
  subst h0
  simp [Format.maxWeight] at e

theorem attained_1000 : ¬∃ k m c : Nat, m ≤ Format.u4.maxSubscale ∧ c < (Format.u4.table k).size ∧
    ((m : Int) * (Format.u4.table k).value c).natAbs = 1000 := by
  rintro ⟨k, m, c, h, h1, e⟩
  have := maxWeight_bound .u4 k m c h h1
  rw [e] at this
  exact absurd this (by decide)

theorem attained_t3u : ¬∃ _ m c : Nat, m ≤ Format.int8.maxSubscale ∧ c < Table.t3u.size ∧
    ((m : Int) * Table.t3u.value c).natAbs = Format.int8.maxWeight := by
  rintro ⟨_, m, c, h, h1, e⟩
  have all : ∀ m : Nat, m ≤ 1 → ∀ c : Nat, c < 8 →
    ((m : Int) * Table.t3u.value c).natAbs ≠ 128 := by decide
  exact all m h c h1 e

theorem attained_t4 : ¬∃ k m c : Nat, m ≤ Format.t4.maxSubscale ∧ c < (Format.t4.table k).size ∧
    ((m : Int) * (Format.t4.table k).value c).natAbs = Format.t4.maxWeight := by
  rintro ⟨k, m, c, h, h1, e⟩
  have e1 : Format.t4.table k = .tw := by unfold Format.table; split <;> rfl
  rw [e1] at h1
  have := (maxWeight_windows .t4 rfl k m c h h1).2.1
  rw [e] at this
  exact absurd this (by decide)

theorem attained_first : ¬∃ k m c : Nat, m ≤ Format.int8.maxSubscale ∧ c < 2 ^ 0 ∧
    ((m : Int) * (Format.int8.table k).value c).natAbs = Format.int8.maxWeight := by
  rintro ⟨k, m, c, h, h1, e⟩
  have e1 : Format.int8.table k = .t8 := by unfold Format.table; split <;> rfl
  rw [e1] at e
  have h0 : c = 0 := by omega
  subst h0
  have all : ∀ m : Nat, m ≤ 1 → ((m : Int) * Table.t8.value 0).natAbs ≠ 128 := by decide
  exact all m h e

/-- A row of one zero, with codes for a scale of 5. -/
def rowAt5 : Row :=
  ⟨round32 false (maxAbs (values [zero]) / (Format.u4.divisor : Rat)),
    uniformCodes .u4 5 0 (values [zero]), []⟩

theorem row_at_5 : (if (!Format.u4.windowed && weightsOk .u4 [zero]) = true then some rowAt5
    else none) = some rowAt5 ∧ ¬rowAt5.scale.value = 5 := by
  have h : (!Format.u4.windowed && weightsOk .u4 [zero]) = true := by decide +kernel
  exact ⟨by rw [if_pos h], by decide +kernel⟩

/-- A token without inputs. -/
def tokenAt5 : Token :=
  ⟨round32 false (maxAbs (values []) / 127), activationCodes 5 (values [])⟩

theorem token_at_5 : (if allOk activationOk [] = true then some tokenAt5 else none) =
    some tokenAt5 ∧ ¬tokenAt5.scale.value = 5 := by
  have h : allOk activationOk [] = true := rfl
  exact ⟨by rw [if_pos h], by decide +kernel⟩

theorem no_code : ∃ _ : 0 < [(0 : Int)].length, 0 < 64 * 1 ∧
    ¬(none : Option Nat) = some (nearestCode (Format.g4.table (0 % 64))
      (bestSubscale .g4 (blockOf [(0 : Int)] (0 / 64))) [(0 : Int)][0]) :=
  ⟨by decide, by decide, fun h => by cases h⟩

theorem no_byte : ∀ p, (fun _ => 0 : Nat → Nat) p < 256 := fun _ => by simp

theorem no_error_0 : ¬∃ d₁ d₂ d₃ : Rat, rabs d₁ ≤ 1 / 16777216 ∧ rabs d₂ ≤ 1 / 16777216 ∧
    rabs d₃ ≤ 1 / 16777216 ∧ (round32 (decide ((0 : Int) < 0)) (1 * 1)).value =
      1 * 1 * ((0 : Int) : Rat) * (1 + d₁) * (1 + d₂) * (1 + d₃) := by
  rintro ⟨d₁, d₂, d₃, _, _, _, h⟩
  have h1 : (1 * 1 * ((0 : Int) : Rat) * (1 + d₁) * (1 + d₂) * (1 + d₃)) = 0 := by grind
  rw [h1] at h
  exact absurd h (by decide +kernel)

theorem no_error_1 : ¬∃ d₁ d₂ d₃ : Rat, rabs d₁ ≤ 1 / 16777216 ∧ rabs d₂ ≤ 1 / 16777216 ∧
    rabs d₃ ≤ 1 / 16777216 ∧ (⟨false, 1⟩ : Binary32).value =
      1 * 1 * ((0 : Int) : Rat) * (1 + d₁) * (1 + d₂) * (1 + d₃) := by
  rintro ⟨d₁, d₂, d₃, _, _, _, h⟩
  have h1 : (1 * 1 * ((0 : Int) : Rat) * (1 + d₁) * (1 + d₂) * (1 + d₃)) = 0 := by grind
  rw [h1] at h
  exact absurd h (by decide +kernel)

theorem no_error_2 : ¬∃ d₁ d₂ d₃ : Rat, rabs d₁ ≤ 1 / 16777216 ∧ rabs d₂ ≤ 1 / 16777216 ∧
    rabs d₃ ≤ 1 / 16777216 ∧ zero.value =
      1 * 1 * ((1 : Int) : Rat) * (1 + d₁) * (1 + d₂) * (1 + d₃) := by
  rintro ⟨d₁, d₂, d₃, h1, h2, h3, h⟩
  have p1 := (rabs_le d₁ _).mp h1
  have p2 := (rabs_le d₂ _).mp h2
  have p3 := (rabs_le d₃ _).mp h3
  have q1 : 0 < 1 + d₁ := by grind
  have q2 : 0 < 1 + d₂ := by grind
  have q3 : 0 < 1 + d₃ := by grind
  have q := Rat.mul_pos (Rat.mul_pos q1 q2) q3
  have z : zero.value = 0 := by decide +kernel
  rw [z] at h
  have e : (1 * 1 * ((1 : Int) : Rat) * (1 + d₁) * (1 + d₂) * (1 + d₃)) =
    (1 + d₁) * (1 + d₂) * (1 + d₃) := by grind
  rw [e] at h
  grind

theorem fl_single_at_0 : ¬(fun _ => (1 : Rat)) = fl32 :=
  fun h => absurd (congrFun h 0) (by decide +kernel)

theorem fl_double_at_0 : ¬(fun _ => (1 : Rat)) = fl64 :=
  fun h => absurd (congrFun h 0) (by decide +kernel)

theorem not_least : ¬plus0 = least := fun h => absurd (congrArg (fun a => a.mag) h) (by decide)

theorem least_not : ¬least = plus0 := fun h => absurd (congrArg (fun a => a.mag) h) (by decide)

theorem without_zero : Inference.withoutZeros [(0, plus0)] = Inference.withoutZeros [] ∧
    ¬least = plus0 := ⟨rfl, least_not⟩

theorem added_zero : ¬Inference.minusZero plus0 ∧ Inference.clean plus0 ∧ ¬least = plus0 :=
  ⟨fun h => absurd h.1 (by decide), fun h => absurd h (by decide), least_not⟩

theorem sum_least : ¬least = Inference.termSum (Inference.indexed 0 []) :=
  fun h => absurd (congrArg (fun a => a.mag) h) (by decide +kernel)

theorem sum_least2 : ¬Inference.sumFrom 0 [] = least :=
  fun h => absurd (congrArg (fun a => a.mag) h) (by decide +kernel)

theorem halved_least : ¬least = Inference.halved 1 (Inference.halved 2 (Inference.halved 4
    (Inference.halved 8 fun _ => plus0))) 0 :=
  fun h => absurd (congrArg (fun a => a.mag) h) (by decide +kernel)

theorem upTo_nothing : ¬([(0, ⟨false, 0⟩)] = ([] : List (Nat × Inference.Double)) ∨
    ∃ pre d post, [(0, ⟨false, 0⟩)] = pre ++ d :: post ∧
      ([] : List (Nat × Inference.Double)) = pre ++ [d] ∧
      (∀ e ∈ pre, Inference.less e.2 ⟨false, 0⟩ = true) ∧
      (Inference.less d.2 ⟨false, 0⟩ = false ∨ post = [])) := by
  rintro (h | ⟨pre, d, post, _, h, _⟩)
  · cases h
  · cases pre <;> cases h

theorem more_logits : ¬([], [[]]) = model.oneByOne [] [] :=
  fun h => absurd (congrArg (fun r => r.2.length) h) (by decide)

theorem more_logits2 : ¬model.atOnce [] [] = ([], [[]]) :=
  fun h => absurd (congrArg (fun r => r.2.length) h) (by decide)

theorem more_logits3 : ¬(([], [[]]) : List Inference.Cache × List (List Inference.Single)) =
    ([], [[]] ++ [[]]) := fun h => absurd (congrArg (fun r => r.2.length) h) (by decide)

theorem not_causal : ¬[[(⟨false, 1⟩ : Inference.Single)]] = [[⟨false, 2⟩]] := by
  intro h
  injection h with h
  injection h with h
  exact absurd (congrArg (fun a => a.mag) h) (by decide)

theorem fewer_streams :
    ¬(([], []) : List (List Inference.Cache) × List (List Inference.Single)) =
      (Inference.beside (Inference.through model [] [] []).1 [],
        (Inference.through model [] [] []).2 :: []) :=
  fun h => absurd (congrArg (fun r => r.2.length) h) (by decide)

theorem other_stream : ¬model.together [] (Inference.beside [] []) [[]] =
      (Inference.beside [] (model.together [] [] []).1,
        [least] :: (model.together [] [] []).2) := by
  intro h
  have h1 := congrArg (fun r => r.2) h
  cases h1

/-! ## Section 1 of `FORMAT.md`: rounding and binary32 -/

noncomputable def fl32_error_fl32 : StandIn fl32 (fl32_error 0) :=
  ⟨fun _ => 1, _, trivial⟩

noncomputable def fl32_mono_fl32 : StandIn fl32 (fl32_mono 0 1) :=
  ⟨fun x => -x, _, trivial⟩

noncomputable def fl32_nearest_fl32 : StandIn fl32 (fl32_nearest 0 ⟨false, 0⟩) :=
  ⟨fun _ => 1, _, trivial⟩

noncomputable def fl32_normal_fl32 : StandIn fl32 (fl32_normal 1) :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def flPos_normal_result_flPos : StandIn flPos (flPos_normal_result 2) :=
  ⟨fun _ => 1, _, trivial⟩

noncomputable def roundMag_tie_roundMag : StandIn roundMag (roundMag_tie 16777217) :=
  ⟨fun _ => 1, _, trivial⟩

noncomputable def round32_finite_round32 : StandIn round32 (round32_finite false 0) :=
  ⟨fun _ _ => ⟨false, 4294967296⟩, _, trivial⟩

noncomputable def roundClamp_binary64_roundClamp :
    StandIn roundClamp (roundClamp_binary64 ⟨false, 1065353216⟩ ⟨false, 0⟩ 1 1 0 0) :=
  ⟨fun _ _ _ _ => 5, _, trivial⟩

noncomputable def fixedPoint_binary64_fixedPoint :
    StandIn fixedPoint (fixedPoint_binary64 ⟨false, 1065353216⟩ ⟨false, 0⟩) :=
  ⟨fun _ _ => 5, _, trivial⟩

noncomputable def fixedPoint_range_fixedPoint : StandIn fixedPoint (fixedPoint_range 0 0) :=
  ⟨fun _ _ => 5, _, trivial⟩

/-! ## Section 2: formats and tables -/

noncomputable def format_table_all : StandIn Format.all format_table :=
  ⟨[], _, trivial⟩

noncomputable def format_table_id : StandIn Format.id format_table :=
  ⟨fun _ => 1000, _, table_id⟩

noncomputable def format_table_even : StandIn Format.even format_table :=
  ⟨fun _ => .t8, _, table_even⟩

noncomputable def format_table_odd : StandIn Format.odd format_table :=
  ⟨fun _ => .t8, _, table_odd⟩

noncomputable def format_table_maxSubscale : StandIn Format.maxSubscale format_table :=
  ⟨fun _ => 0, _, table_maxSubscale⟩

noncomputable def format_table_maxWeight : StandIn Format.maxWeight format_table :=
  ⟨fun _ => 0, _, table_maxWeight⟩

noncomputable def format_table_divisor : StandIn Format.divisor format_table :=
  ⟨fun _ => 0, _, table_divisor⟩

noncomputable def format_table_limit : StandIn Format.limit format_table :=
  ⟨fun _ => 0, _, table_limit⟩

noncomputable def format_table_blockBytes : StandIn Format.blockBytes format_table :=
  ⟨fun _ => 0, _, table_blockBytes⟩

noncomputable def bits_g35_matrixBytes : StandIn Format.matrixBytes (bits_g35 1) :=
  ⟨fun _ _ _ => 0, _, trivial⟩

noncomputable def bits_t35_matrixBytes : StandIn Format.matrixBytes (bits_t35 1) :=
  ⟨fun _ _ _ => 0, _, trivial⟩

noncomputable def bits_u35_matrixBytes : StandIn Format.matrixBytes (bits_u35 1) :=
  ⟨fun _ _ _ => 0, _, trivial⟩

noncomputable def blockBytes_pos_blockBytes : StandIn Format.blockBytes (blockBytes_pos .u4) :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def blocks_cover_blocks : StandIn Format.blocks (blocks_cover 1) :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def codeBits_table_table : StandIn Format.table (codeBits_table .u4 rfl 0) :=
  ⟨fun _ _ => .t8, _, trivial⟩

noncomputable def codeBits_table_windowed :
    StandIn Format.windowed (fun h1 => codeBits_table .t4 h1 0) :=
  ⟨fun _ => false, _, trivial⟩

noncomputable def index_lt_codeBits : StandIn Format.codeBits (index_lt .u4 1 (fun _ => 1000) 0) :=
  ⟨fun _ _ => 100, _, trivial⟩

noncomputable def index_lt_index : StandIn Format.index (index_lt .u4 1 (fun _ => 0) 0) :=
  ⟨fun _ _ _ _ => 1000, _, trivial⟩

noncomputable def index_lt_table : StandIn Format.table (index_lt .u4 1 (fun _ => 15) 0) :=
  ⟨fun _ _ => .t3u, _, trivial⟩

noncomputable def index_lt_bits : StandIn Table.bits (index_lt .u4 1 (fun _ => 15) 0) :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def limit_fits_limit : StandIn Format.limit (limit_fits .u4) :=
  ⟨fun _ => 2147483648, _, trivial⟩

noncomputable def limit_fits_maxWeight : StandIn Format.maxWeight (limit_fits .u4) :=
  ⟨fun _ => 2147483648, _, trivial⟩

noncomputable def maxWeight_attained_maxSubscale :
    StandIn Format.maxSubscale (maxWeight_attained .u4) :=
  ⟨fun _ => 0, _, attained_u4⟩

noncomputable def maxWeight_attained_maxWeight :
    StandIn Format.maxWeight (maxWeight_attained .u4) :=
  ⟨fun _ => 1000, _, attained_1000⟩

noncomputable def maxWeight_attained_table : StandIn Format.table (maxWeight_attained .int8) :=
  ⟨fun _ _ => .t3u, _, attained_t3u⟩

noncomputable def maxWeight_attained_windowed : StandIn Format.windowed (maxWeight_attained .t4) :=
  ⟨fun _ => false, _, attained_t4⟩

noncomputable def maxWeight_attained_bits : StandIn Table.bits (maxWeight_attained .int8) :=
  ⟨fun _ => 0, _, attained_first⟩

noncomputable def maxWeight_bound_maxSubscale :
    StandIn Format.maxSubscale (maxWeight_bound .u4 0 1000 0) :=
  ⟨fun _ => 1000, _, trivial⟩

noncomputable def maxWeight_bound_maxWeight :
    StandIn Format.maxWeight (maxWeight_bound .u4 0 1 0) :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def maxWeight_bound_table : StandIn Format.table (maxWeight_bound .u4 0 1 128) :=
  ⟨fun _ _ => .t8, _, trivial⟩

noncomputable def maxWeight_bound_bits : StandIn Table.bits (maxWeight_bound .u4 0 1 1000) :=
  ⟨fun _ => 20, _, trivial⟩

noncomputable def maxWeight_g3_table : StandIn Format.table (maxWeight_g3 0 15 0) :=
  ⟨fun _ _ => .t4g, _, trivial⟩

noncomputable def maxWeight_windows_table :
    StandIn Format.table (maxWeight_windows .t4 rfl 0 0 0) :=
  ⟨fun _ _ => .t8, _, trivial⟩

noncomputable def maxWeight_windows_windowed :
    StandIn Format.windowed (fun h1 => maxWeight_windows .u4 h1 0 0 0) :=
  ⟨fun _ => true, _, trivial⟩

noncomputable def maxWeight_windows_value : StandIn Table.value (maxWeight_windows .t4 rfl 0 0 0) :=
  ⟨fun _ _ => 0, _, trivial⟩

noncomputable def table_bound_bits : StandIn Table.bits (table_bound .t4u 1000) :=
  ⟨fun _ => 20, _, trivial⟩

noncomputable def table_bound_maxMagnitude : StandIn Table.maxMagnitude (table_bound .t4u 0) :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def table_bound_value : StandIn Table.value (table_bound .t4u 0) :=
  ⟨fun _ _ => 1000, _, trivial⟩

noncomputable def table_gap_bound_largestGap :
    StandIn Table.largestGap (fun h1 h2 => table_gap_bound .t4u h1 h2 0) :=
  ⟨fun _ => -1000, _, trivial⟩

noncomputable def value_bound_codeBits :
    StandIn Format.codeBits (value_bound .u4 1 (fun _ => 1000) 0 1) :=
  ⟨fun _ _ => 20, _, trivial⟩

noncomputable def value_bound_maxSubscale :
    StandIn Format.maxSubscale (value_bound .u4 1 (fun _ => 0) 0 1000) :=
  ⟨fun _ => 1000, _, trivial⟩

noncomputable def value_bound_value : StandIn Format.value (value_bound .u4 1 (fun _ => 0) 0 1) :=
  ⟨fun _ _ _ _ => 1000, _, trivial⟩

noncomputable def value_congr_value :
    StandIn Format.value (fun h1 => value_congr .u4 1 (fun _ => 0) (fun k => k / 1000) h1 0) :=
  ⟨fun _ _ c _ => c 1000, _, trivial⟩

noncomputable def value_windows_windowed :
    StandIn Format.windowed (fun h1 => value_windows .u4 h1 1 (fun _ => 0) 0) :=
  ⟨fun _ => true, _, trivial⟩

noncomputable def window_block_window : StandIn window (window_block .t4 (fun k => k) 1 0) :=
  ⟨fun _ c _ => c 0, _, trivial⟩

noncomputable def window_lt_window : StandIn window (window_lt .t4 (fun _ => 0) 0) :=
  ⟨fun _ _ _ => 256, _, trivial⟩

/-! ## Sections 3 and 4: quantisation -/

noncomputable def activationCode_cases_activationCode :
    StandIn activationCode (activationCode_cases 0 0) :=
  ⟨fun _ _ => 5, _, trivial⟩

noncomputable def activation_error_activationCode :
    StandIn activationCode (activation_error [127] 127) :=
  ⟨fun _ _ => 0, _, trivial⟩

noncomputable def activation_error_activationScale :
    StandIn activationScale (activation_error [1000] 1000) :=
  ⟨fun _ => 1, _, trivial⟩

noncomputable def activation_range_activationCode : StandIn activationCode (activation_range 1 1) :=
  ⟨fun _ _ => 1000, _, trivial⟩

noncomputable def argmin_spec_argmin : StandIn argmin (argmin_spec (fun _ => 0) 0) :=
  ⟨fun _ _ => (1000, 0), _, trivial⟩

noncomputable def bestSubscale_least_bestSubscale :
    StandIn bestSubscale (bestSubscale_least .g4 []) :=
  ⟨fun _ _ => 16, _, trivial⟩

noncomputable def blockCodes_get_quantizeBlocks :
    StandIn quantizeBlocks (blockCodes_get .g4 1 [0] 0) :=
  ⟨fun _ _ _ => [], _, no_code⟩

noncomputable def blockSubscales_get_quantizeBlocks :
    StandIn quantizeBlocks (blockSubscales_get .g4 1 [] 0) :=
  ⟨fun _ _ _ => [], _, trivial⟩

noncomputable def blockCost_int64_blockCost : StandIn blockCost (blockCost_int64 .g4 0 0 []) :=
  ⟨fun _ _ _ _ => 9223372036854775808, _, trivial⟩

noncomputable def codebook_error_distance : StandIn distance (codebook_error .t4u 1 1 0) :=
  ⟨fun _ _ _ _ => 0, _, trivial⟩

noncomputable def codebook_error_fixedPoint : StandIn fixedPoint (codebook_error .t4u 1 1 0) :=
  ⟨fun _ _ => 448, _, trivial⟩

noncomputable def codebook_error_gap_largestGap :
    StandIn Table.largestGap (fun h1 h2 => codebook_error_gap .t4u h1 h2 1 1 0) :=
  ⟨fun _ => -1000, _, trivial⟩

noncomputable def codebook_error_gap_nearestCode :
    StandIn nearestCode (fun h1 h2 => codebook_error_gap .t4u h1 h2 1 1 0) :=
  ⟨fun _ _ _ => 0, _, trivial⟩

noncomputable def maxAbs_spec_maxAbs : StandIn maxAbs (maxAbs_spec [1]) :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def nearestCode_least_nearestCode :
    StandIn nearestCode (nearestCode_least .t4u 1 0) :=
  ⟨fun _ _ _ => 0, _, trivial⟩

noncomputable def nearest_half_gap_largestGap :
    StandIn Table.largestGap (fun h1 h2 => nearest_half_gap .t4u h1 h2 1 0) :=
  ⟨fun _ => -1000, _, trivial⟩

noncomputable def nearest_half_gap_distance :
    StandIn distance (fun h1 h2 => nearest_half_gap .t4u h1 h2 1 0) :=
  ⟨fun _ _ _ _ => 1000, _, trivial⟩

noncomputable def nearest_half_gap_nearestCode :
    StandIn nearestCode (fun h1 h2 => nearest_half_gap .t4u h1 h2 1 0) :=
  ⟨fun _ _ _ => 0, _, trivial⟩

noncomputable def quantizeRow_codebook_quantizeRow :
    StandIn quantizeRow (quantizeRow_codebook .g4 [zero] ⟨zero, [], []⟩) :=
  ⟨fun _ _ => some ⟨zero, [], []⟩, _, trivial⟩

noncomputable def quantizeRow_refuses_quantizeRow :
    StandIn quantizeRow (quantizeRow_refuses .u4 [zero]) :=
  ⟨fun _ _ => none, _, trivial⟩

noncomputable def quantizeRow_scale_quantizeRow :
    StandIn quantizeRow (quantizeRow_scale .u4 [zero] ⟨⟨false, 1⟩, [], []⟩) :=
  ⟨fun _ _ => some ⟨⟨false, 1⟩, [], []⟩, _, trivial⟩

noncomputable def quantizeRow_scale_rowScale :
    StandIn rowScale (quantizeRow_scale .u4 [zero] rowAt5) :=
  ⟨fun _ _ => 5, _, row_at_5⟩

noncomputable def quantizeRow_sign_quantizeRow : StandIn quantizeRow (quantizeRow_sign .u4 []) :=
  ⟨fun _ _ => some ⟨⟨true, 0⟩, [], []⟩, _, trivial⟩

noncomputable def quantizeRow_uniform_quantizeRow :
    StandIn quantizeRow (quantizeRow_uniform .u4 [] ⟨zero, [], [1]⟩) :=
  ⟨fun _ _ => some ⟨zero, [], [1]⟩, _, trivial⟩

noncomputable def quantizeToken_codes_quantizeToken :
    StandIn quantizeToken (quantizeToken_codes [] ⟨zero, [1]⟩) :=
  ⟨fun _ => some ⟨zero, [1]⟩, _, trivial⟩

noncomputable def quantizeToken_range_quantizeToken :
    StandIn quantizeToken (quantizeToken_range [] ⟨zero, [1]⟩) :=
  ⟨fun _ => some ⟨zero, [1]⟩, _, trivial⟩

noncomputable def quantizeToken_refuses_quantizeToken :
    StandIn quantizeToken (quantizeToken_refuses []) :=
  ⟨fun _ => none, _, trivial⟩

noncomputable def quantizeToken_scale_activationScale :
    StandIn activationScale (quantizeToken_scale [] tokenAt5) :=
  ⟨fun _ => 5, _, token_at_5⟩

noncomputable def quantizeToken_scale_quantizeToken :
    StandIn quantizeToken (quantizeToken_scale [] ⟨⟨false, 1⟩, []⟩) :=
  ⟨fun _ => some ⟨⟨false, 1⟩, []⟩, _, trivial⟩

noncomputable def quantizeToken_sign_quantizeToken :
    StandIn quantizeToken (quantizeToken_sign []) :=
  ⟨fun _ => some ⟨⟨true, 0⟩, []⟩, _, trivial⟩

noncomputable def rowScale_ok_rowScale : StandIn rowScale (rowScale_ok .u4 []) :=
  ⟨fun _ _ => -1, _, trivial⟩

noncomputable def u3_error_value : StandIn Table.value (u3_error 1 0) :=
  ⟨fun _ _ => 1000, _, trivial⟩

noncomputable def uniformCode_value_roundClamp :
    StandIn roundClamp (uniformCode_value .t4u rfl 1 0) :=
  ⟨fun _ _ _ _ => 1000, _, trivial⟩

noncomputable def uniformCode_value_uniformCode :
    StandIn uniformCode (uniformCode_value .t4u rfl 1 0) :=
  ⟨fun _ _ _ => 1000, _, trivial⟩

noncomputable def uniform_error_value : StandIn Table.value (uniform_error .t4u rfl 1 0) :=
  ⟨fun _ _ => 1000, _, trivial⟩

noncomputable def weightsOk_iff_weightsOk : StandIn weightsOk (weightsOk_iff .u4 []) :=
  ⟨fun _ _ => true, _, trivial⟩

/-! ## Section 5: the dot product -/

noncomputable def block_partial_sums_fit_RowOk :
    StandIn RowOk
      (fun h1 => block_partial_sums_fit .u4 1 (fun _ => 1) (fun _ => 0)
        (fun _ => 1099511627776) h1 [0]) :=
  ⟨fun _ _ _ _ _ => True, _, trivial⟩

noncomputable def block_partial_sums_fit_isum :
    StandIn isum
      (fun h1 => block_partial_sums_fit .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0) h1 []) :=
  ⟨fun _ => 2147483648, _, rowOk_zeros⟩

noncomputable def int8_int4_8192_isum : StandIn isum (int8_int4_8192 []) :=
  ⟨fun _ => 16777216, _, trivial⟩

noncomputable def isum_perm_isum : StandIn isum (isum_perm (xs := [1, 2]) (ys := [2, 1])) :=
  ⟨fun xs => xs[0]?.getD 0, _, trivial⟩

noncomputable def lookup_eq_multiply_sumTo :
    StandIn sumTo (lookup_eq_multiply 0 (fun _ _ => 1) (fun _ => .t8) (fun _ => 0) (fun _ => 0)) :=
  ⟨fun n g => g n, _, trivial⟩

noncomputable def no_int32_overflow_isum :
    StandIn isum
      (fun h1 h2 h3 h4 h5 h6 => no_int32_overflow 1 1 0 h1 h2 h3 (fun _ _ => 0)
        (fun _ _ => 0) h4 h5 0 h6 0) :=
  ⟨fun _ => 2147483648, _, trivial⟩

noncomputable def pair_lookup_eq_multiply_sumTo :
    StandIn sumTo (pair_lookup_eq_multiply 0 .t4u .t4u (fun _ => 16) (fun _ => 1)) :=
  ⟨fun n g => g n, _, trivial⟩

noncomputable def partial_sums_fit_RowOk :
    StandIn RowOk
      (fun h1 h2 => partial_sums_fit .u4 1 (fun _ => 1) (fun _ => 0)
        (fun _ => 1099511627776) h1 [-8796093022208] h2 1) :=
  ⟨fun _ _ _ _ _ => True, _, trivial⟩

noncomputable def partial_sums_fit_isum :
    StandIn isum
      (fun h1 h2 => partial_sums_fit .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0) h1 [0] h2 0) :=
  ⟨fun _ => 2147483648, _, rowOk_zeros⟩

noncomputable def partial_sums_fit_terms :
    StandIn terms
      (fun h1 h2 => partial_sums_fit .u4 1 (fun _ => 0) (fun _ => 0)
        (fun _ => 0) h1 [2147483648] h2 1) :=
  ⟨fun _ _ _ _ _ => [2147483648], _, rowOk_zeros⟩

noncomputable def rowSum_fits_RowOk :
    StandIn RowOk (rowSum_fits .u4 1 (fun _ => 1) (fun _ => 0) (fun _ => 1099511627776)) :=
  ⟨fun _ _ _ _ _ => True, _, trivial⟩

noncomputable def rowSum_fits_rowSum :
    StandIn rowSum (rowSum_fits .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0)) :=
  ⟨fun _ _ _ _ _ => 2147483648, _, rowOk_zeros⟩

noncomputable def rowSum_packed_rowSum :
    StandIn rowSum (rowSum_packed .u4 1 (fun _ => 0) (fun _ => 1) (fun _ => 0)) :=
  ⟨fun _ _ _ c _ => c 1000, _, trivial⟩

noncomputable def rowSum_padding_rowSum :
    StandIn rowSum
      (rowSum_padding .u4 0 (fun _ => 0) (fun _ => 0) (fun _ => 0) (fun _ => 0) (fun _ => 1)) :=
  ⟨fun _ _ _ _ a => a 0, _, trivial⟩

noncomputable def rowWords_exact_RowOk :
    StandIn RowOk (rowWords_exact .u4 1 (fun _ => 1) (fun _ => 0) (fun _ => 1099511627776)) :=
  ⟨fun _ _ _ _ _ => True, _, trivial⟩

noncomputable def rowWords_exact_rowWords :
    StandIn rowWords (rowWords_exact .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0)) :=
  ⟨fun _ _ _ _ _ => 5, _, rowOk_zeros⟩

noncomputable def sum_fits_isum : StandIn isum (sum_fits .g4 []) :=
  ⟨fun _ => 2147483648, _, trivial⟩

noncomputable def terms_bound_RowOk :
    StandIn RowOk (terms_bound .u4 1 (fun _ => 1) (fun _ => 0) (fun _ => 1099511627776)) :=
  ⟨fun _ _ _ _ _ => True, _, trivial⟩

noncomputable def terms_bound_terms :
    StandIn terms (terms_bound .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0)) :=
  ⟨fun _ _ _ _ _ => [1000000], _, rowOk_zeros⟩

noncomputable def tree_exact_RowOk :
    StandIn RowOk
      (fun h1 => tree_exact .u4 1 (fun _ => 1) (fun _ => 0)
        (fun _ => 1099511627776) h1 (.leaf (-8796093022208))) :=
  ⟨fun _ _ _ _ _ => True, _, trivial⟩

noncomputable def tree_exact_words :
    StandIn Tree.words
      (fun h1 => tree_exact .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0) h1 (.leaf 0)) :=
  ⟨fun _ => 5, _, rowOk_zeros⟩

noncomputable def tree_exact_rowSum :
    StandIn rowSum
      (fun h1 => tree_exact .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0) h1 (.leaf 0)) :=
  ⟨fun _ _ _ _ _ => 5, _, rowOk_zeros⟩

noncomputable def tree_exact_terms :
    StandIn terms
      (fun h1 => tree_exact .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0) h1 (.leaf 5)) :=
  ⟨fun _ _ _ _ _ => [5], _, rowOk_zeros⟩

noncomputable def scaleOk_iff_scaleOk : StandIn scaleOk (scaleOk_iff zero) :=
  ⟨fun _ => false, _, trivial⟩

noncomputable def output_error_fl32 : StandIn fl32 (output_error 0 1 1) :=
  ⟨fun _ => 1, _, no_error_0⟩

noncomputable def output_error_output : StandIn output (output_error 0 1 1) :=
  ⟨fun _ _ _ => ⟨false, 1⟩, _, no_error_1⟩

noncomputable def output_error_normal_fl32 : StandIn fl32 (output_error_normal 0 1 1) :=
  ⟨fun _ => 1, _, no_error_0⟩

noncomputable def output_error_normal_output : StandIn output (output_error_normal 1 1 1) :=
  ⟨fun _ _ _ => zero, _, no_error_2⟩

noncomputable def output_finite_output : StandIn output (output_finite 0 0 []) :=
  ⟨fun _ _ _ => ⟨false, 4294967296⟩, _, trivial⟩

noncomputable def product_end_to_end_fl32 :
    StandIn fl32
      (product_end_to_end .u4 0 (fun _ => 0) (fun _ => 0) (fun _ => 0) 1 1 (fun _ => 0)
        (fun _ => 0) 0 0 0 0) :=
  ⟨fun _ => 1, _, trivial⟩

noncomputable def product_end_to_end_output :
    StandIn output
      (product_end_to_end .u4 0 (fun _ => 0) (fun _ => 0) (fun _ => 0) 1 1 (fun _ => 0)
        (fun _ => 0) 0 0 0 0) :=
  ⟨fun _ _ _ => ⟨false, 1⟩, _, trivial⟩

noncomputable def product_end_to_end_rowSum :
    StandIn rowSum
      (product_end_to_end .u4 0 (fun _ => 0) (fun _ => 0) (fun _ => 0) 1 1 (fun _ => 0)
        (fun _ => 0) 0 0 0 0) :=
  ⟨fun _ _ _ _ _ => 5, _, trivial⟩

noncomputable def product_end_to_end_weight :
    StandIn weight
      (product_end_to_end .u4 1 (fun _ => 1) (fun _ => 0) (fun _ => 1) 1 1 (fun _ => 0)
        (fun _ => 1) 0 0 1 0) :=
  ⟨fun _ _ => 0, _, trivial⟩

/-! ## Section 6: packing -/

noncomputable def packHalf_congr_packHalf :
    StandIn packHalf (fun h1 h2 => packHalf_congr 4 h1 (fun _ => 0) (fun i => i / 1000) h2 0) :=
  ⟨fun _ h _ => h 1000, _, trivial⟩

noncomputable def packHalf_range_packHalf :
    StandIn packHalf (fun h1 h2 => packHalf_range 4 h1 (fun _ => 0) h2 0) :=
  ⟨fun _ _ _ => 256, _, trivial⟩

noncomputable def packString_congr_blockBytes :
    StandIn Format.blockBytes
      (fun h1 => packString_congr .u4 (fun _ => 0) (fun i => i / 64) h1 32) :=
  ⟨fun _ => 1000, _, trivial⟩

noncomputable def packString_congr_packString :
    StandIn packString (fun h1 => packString_congr .u4 (fun _ => 0) (fun i => i / 1000) h1 0) :=
  ⟨fun _ c _ => c 1000, _, trivial⟩

noncomputable def packString_range_packString :
    StandIn packString (packString_range .u4 (fun _ => 0) 0) :=
  ⟨fun _ _ _ => 256, _, trivial⟩

noncomputable def pack_unpack_row_blockBytes :
    StandIn Format.blockBytes (fun h1 => pack_unpack_row .u4 1 (fun _ => 1) h1 999) :=
  ⟨fun _ => 1000, _, trivial⟩

noncomputable def scale_bytes_round_trip_scaleByte : StandIn scaleByte (scale_bytes_round_trip 0) :=
  ⟨fun _ _ => 1, _, trivial⟩

noncomputable def unpackCode_range_unpackCode :
    StandIn unpackCode (fun h1 => unpackCode_range .u4 (fun _ => 0) h1 0) :=
  ⟨fun _ _ _ => 1000, _, no_byte⟩

noncomputable def unpackHalf_congr_unpackHalf :
    StandIn unpackHalf (fun h1 h2 => unpackHalf_congr 4 h1 (fun _ => 0) (fun i => i / 1000) h2 0) :=
  ⟨fun _ b _ => b 1000, _, trivial⟩

noncomputable def unpackHalf_range_unpackHalf :
    StandIn unpackHalf (fun h1 h2 => unpackHalf_range 4 h1 (fun _ => 0) h2 0) :=
  ⟨fun _ _ _ => 256, _, trivial⟩

noncomputable def unpackString_congr_blockBytes :
    StandIn Format.blockBytes (fun h1 => unpackString_congr .u4 (fun _ => 0) (fun _ => 1) h1 0) :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def unpackString_congr_unpackString :
    StandIn unpackString (fun h1 => unpackString_congr .u4 (fun _ => 0) (fun i => i / 1000) h1 0) :=
  ⟨fun _ b _ => b 1000, _, trivial⟩

noncomputable def unpackString_range_unpackString :
    StandIn unpackString (unpackString_range .u4 (fun _ => 0) 0) :=
  ⟨fun _ _ _ => 256, _, trivial⟩

noncomputable def unpackSubscale_range_unpackSubscale :
    StandIn unpackSubscale (unpackSubscale_range (fun _ => 0) 0) :=
  ⟨fun _ _ => 16, _, trivial⟩

noncomputable def unpack_pack_row_packCode :
    StandIn packCode (fun h1 => unpack_pack_row .u4 1 (fun _ => 0) h1 0) :=
  ⟨fun _ _ _ _ => 1, _, trivial⟩

/-! ## `INFERENCE.md` -/

noncomputable def fl_single_fl : StandIn Inference.Kind.fl Inference.Kind.fl_single :=
  ⟨fun _ _ => 1, _, fl_single_at_0⟩

noncomputable def fl_double_fl : StandIn Inference.Kind.fl Inference.Kind.fl_double :=
  ⟨fun _ _ => 1, _, fl_double_at_0⟩

noncomputable def flPos_sticky_flPos :
    StandIn Inference.Kind.flPos (Inference.flPos_sticky .single (33554432 + 1 / 2) 16777216 0) :=
  ⟨fun _ x => x, _, trivial⟩

noncomputable def add_comm_add :
    StandIn @Inference.add (Inference.add_comm (k := .single) plus0 least) :=
  ⟨fun a _ => a, _, not_least⟩

noncomputable def add_not_minus_zero_add :
    StandIn @Inference.add (Inference.add_not_minus_zero (k := .single) plus0 plus0) :=
  ⟨fun _ _ => ⟨true, 0⟩, _, trivial⟩

noncomputable def add_rounded_add :
    StandIn @Inference.add (Inference.add_rounded (k := .single) plus0 plus0) :=
  ⟨fun _ _ => ⟨false, 1⟩, _, trivial⟩

noncomputable def add_zero_add :
    StandIn @Inference.add (Inference.add_zero (k := .single) plus0 false) :=
  ⟨fun _ _ => ⟨false, 1⟩, _, added_zero⟩

noncomputable def convert_rounded_convert :
    StandIn @Inference.convert (Inference.convert_rounded .single (k := .single) plus0) :=
  ⟨fun _ _ => ⟨false, 1⟩, _, trivial⟩

noncomputable def div_rounded_div :
    StandIn @Inference.div (Inference.div_rounded (k := .single) plus0 one) :=
  ⟨fun _ _ => ⟨false, 1⟩, _, trivial⟩

noncomputable def mul_rounded_mul :
    StandIn @Inference.mul (Inference.mul_rounded (k := .single) plus0 plus0) :=
  ⟨fun _ _ => ⟨false, 1⟩, _, trivial⟩

noncomputable def sub_rounded_sub :
    StandIn @Inference.sub (Inference.sub_rounded (k := .single) plus0 plus0) :=
  ⟨fun _ _ => ⟨false, 1⟩, _, trivial⟩

noncomputable def ofInt_rounded_ofInt :
    StandIn Inference.ofInt (Inference.ofInt_rounded .single 0) :=
  ⟨fun _ _ => ⟨false, 1⟩, _, trivial⟩

noncomputable def pack_rounded_pack :
    StandIn Inference.pack (Inference.pack_rounded .single false 0 0) :=
  ⟨fun _ _ _ _ => ⟨false, 1⟩, _, trivial⟩

noncomputable def cumulative_next_cumulative :
    StandIn Inference.cumulative (Inference.cumulative_next plus0 plus0 ⟨false, 0⟩ (0, plus0) []) :=
  ⟨fun _ _ _ _ => [], _, trivial⟩

noncomputable def atOnce_oneByOne_atOnce :
    StandIn Inference.Model.atOnce (Inference.atOnce_oneByOne model [] []) :=
  ⟨fun _ _ _ => ([], [[]]), _, more_logits⟩

noncomputable def atOnce_oneByOne_oneByOne :
    StandIn Inference.Model.oneByOne (Inference.atOnce_oneByOne model [] []) :=
  ⟨fun _ _ _ => ([], [[]]), _, more_logits2⟩

noncomputable def feed_causal_atOnce :
    StandIn Inference.Model.atOnce (Inference.feed_causal model [] [0] [] [0]) :=
  ⟨fun _ _ ts => ([], [[⟨false, ts.length⟩]]), _, not_causal⟩

noncomputable def feed_groups_atOnce :
    StandIn Inference.Model.atOnce (Inference.feed_groups model [] [] []) :=
  ⟨fun _ _ _ => ([], [[]]), _, more_logits3⟩

noncomputable def together_alone_together :
    StandIn Inference.Model.together (Inference.together_alone model [] [] [] [] []) :=
  ⟨fun _ _ _ _ => ([], []), _, fewer_streams⟩

noncomputable def together_alone_through :
    StandIn Inference.through (Inference.together_alone model [] [] [] [] []) :=
  ⟨fun _ _ _ _ => ([], [least]), _, other_stream⟩

noncomputable def lane_not_minus_zero_lane :
    StandIn Inference.lane (Inference.lane_not_minus_zero 0 0 [] plus0) :=
  ⟨fun _ _ _ _ => ⟨true, 0⟩, _, trivial⟩

noncomputable def splitMix_published_next :
    StandIn Inference.SplitMix.next Inference.splitMix_published :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def splitMix_published_output :
    StandIn Inference.SplitMix.output Inference.splitMix_published :=
  ⟨fun _ => 0, _, trivial⟩

noncomputable def sumFrom_terms_sumFrom :
    StandIn Inference.sumFrom (Inference.sumFrom_terms 0 []) :=
  ⟨fun _ _ => least, _, sum_least⟩

noncomputable def sumFrom_terms_termSum :
    StandIn Inference.termSum (Inference.sumFrom_terms 0 []) :=
  ⟨fun _ => least, _, sum_least2⟩

noncomputable def sum_padding_sum : StandIn Inference.sum (Inference.sum_padding [] 1) :=
  ⟨fun xs => ⟨false, xs.length⟩, _, least_not⟩

noncomputable def termSum_zeros_termSum :
    StandIn Inference.termSum (Inference.termSum_zeros [(0, plus0)] []) :=
  ⟨fun ts => ⟨false, ts.length⟩, _, without_zero⟩

noncomputable def tree_halved_tree :
    StandIn Inference.tree (Inference.tree_halved (fun _ => plus0)) :=
  ⟨fun _ => least, _, halved_least⟩

noncomputable def tree_rotated_tree :
    StandIn Inference.tree (Inference.tree_rotated 1 (fun j => ⟨false, j⟩)) :=
  ⟨fun p => p 0, _, least_not⟩

noncomputable def upTo_first_upTo :
    StandIn Inference.upTo (Inference.upTo_first ⟨false, 0⟩ [(0, ⟨false, 0⟩)]) :=
  ⟨fun _ _ => [], _, upTo_nothing⟩

end StandIns

end ThreeHalf
