module
@[expose] public section

/-!
# The family of formats

Section 2 of `spec/FORMAT.md`: tables, formats, their constants and limits, and the count of bits.

Main definitions: `Table`, `Table.value`, `quantile`, `Format`, `Format.table`, `Format.codeBits`,
`Format.limit`, `Format.matrixBytes`, `Format.shapeOk`.
Main results: the tables are strictly increasing, `table_values`; `quantile_values`, `tw_value` and
`tw_antisymmetric` (TW); `maxWeight_bound` (|m·T[c]| is at most the format's constant),
`maxWeight_attained` and `maxWeight_windows`; `limit_fits` (127 · max |m·T| · K limit < 2³¹, which
is where each K limit comes from); `bits_u35`, `bits_g35`, `bits_t35` (the printed figures).
Requirements: REQ-FMT-001, REQ-FMT-002, REQ-FMT-003, REQ-FMT-005, REQ-FMT-008, REQ-FMT-010.
-/

namespace ThreeHalf

/-- The tables (codebooks) of REQ-FMT-002 and REQ-FMT-010. -/
inductive Table where
  | t8 | t4u | t3u | t4g | t3g | tw
  deriving DecidableEq

/-- Bits of an index into the table: of a code, in TW of a window. -/
def Table.bits : Table → Nat
  | .t8 | .tw => 8
  | .t4u | .t4g => 4
  | .t3u | .t3g => 3

/-- The entry `c` of a list, 0 past its end. -/
def entry : List Int → Nat → Int
  | [], _ => 0
  | x :: _, 0 => x
  | _ :: xs, c + 1 => entry xs c

/-- T4G. -/
def t4gValues : List Int := [-31, -23, -18, -14, -10, -7, -4, -1, 1, 4, 7, 10, 14, 18, 23, 31]

/-- T3G. -/
def t3gValues : List Int := [-26, -15, -8, -2, 2, 8, 15, 26]

/-- Q[128], Q[129], … Q[255] of REQ-FMT-010: each value, and how often it stands there. -/
def quantileRuns : List (Nat × Nat) :=
  [(0, 6), (1, 13), (2, 12), (3, 12), (4, 12), (5, 10), (6, 10), (7, 8), (8, 8), (9, 7), (10, 6),
    (11, 5), (12, 4), (13, 3), (14, 3), (15, 2), (16, 2), (17, 1), (18, 1), (19, 1), (20, 1),
    (23, 1)]

/-- The entry `i` of a list that is given by its runs, 0 past its end. -/
def runEntry : List (Nat × Nat) → Nat → Nat
  | [], _ => 0
  | r :: rs, i => if i < r.2 then r.1 else runEntry rs (i - r.2)

/-- Q[q] of REQ-FMT-010, where Q[255 − q] = −Q[q]. -/
def quantile (q : Nat) : Int :=
  if q < 128 then -(runEntry quantileRuns (127 - q) : Int) else runEntry quantileRuns (q - 128)

/-- T[c]: the integer that code `c` stands for, in TW the window `c`. -/
def Table.value (t : Table) (c : Nat) : Int :=
  match t with
  | .t8 => if c < 128 then (c : Int) else (c : Int) - 256
  | .t4u => (c : Int) - 8
  | .t3u => 2 * ((c : Int) - 4)
  | .t4g => entry t4gValues c
  | .t3g => entry t3gValues c
  | .tw => quantile ((97 * c + 48) % 256)

/-- Number of entries. -/
def Table.size (t : Table) : Nat := 2 ^ t.bits

/-- The largest distance of two neighbouring entries; 0 for TW, which is not in order. -/
def Table.largestGap : Table → Int
  | .t8 | .t4u => 1
  | .t3u => 2
  | .t4g => 8
  | .t3g => 11
  | .tw => 0

/-- The formats of REQ-FMT-001. -/
inductive Format where
  | int8 | u4 | u35 | u3 | g4 | g35 | g3 | t4 | t35 | t3
  deriving DecidableEq

namespace Format

/-- All formats, in the order of their ids. -/
def all : List Format := [int8, u4, u35, u3, g4, g35, g3, t4, t35, t3]

/-- The id in files. -/
def id : Format → Nat
  | int8 => 0 | u4 => 1 | u35 => 2 | u3 => 3 | g4 => 4 | g35 => 5 | g3 => 6
  | t4 => 7 | t35 => 8 | t3 => 9

/-- The name. -/
def name : Format → String
  | int8 => "INT8" | u4 => "U4" | u35 => "U35" | u3 => "U3" | g4 => "G4" | g35 => "G35" | g3 => "G3"
  | t4 => "T4" | t35 => "T35" | t3 => "T3"

/-- The table of the even inputs. -/
def even : Format → Table
  | int8 => .t8 | u4 | u35 => .t4u | u3 => .t3u | g4 | g35 => .t4g | g3 => .t3g
  | t4 | t35 | t3 => .tw

/-- The table of the odd inputs. -/
def odd : Format → Table
  | int8 => .t8 | u4 => .t4u | u35 | u3 => .t3u | g4 => .t4g | g35 | g3 => .t3g
  | t4 | t35 | t3 => .tw

/-- The table of input `k`. -/
def table (f : Format) (k : Nat) : Table := if k % 2 = 0 then f.even else f.odd

/-- Whether a window of codes is the index into the table, and not one code (REQ-FMT-009). -/
def windowed : Format → Bool
  | t4 | t35 | t3 => true
  | _ => false

/-- Bits of the code at an even input. -/
def evenBits : Format → Nat
  | int8 => 8 | u4 | u35 | g4 | g35 | t4 | t35 => 4 | u3 | g3 | t3 => 3

/-- Bits of the code at an odd input. -/
def oddBits : Format → Nat
  | int8 => 8 | u4 | g4 | t4 => 4 | u35 | u3 | g35 | g3 | t35 | t3 => 3

/-- Bits of the code of input `k`. -/
def codeBits (f : Format) (k : Nat) : Nat := if k % 2 = 0 then f.evenBits else f.oddBits

/-- P: bits of the codes of two neighbours. -/
def pairBits (f : Format) : Nat := f.evenBits + f.oddBits

/-- Whether each block has a stored 4-bit sub-scale. -/
def hasSubscales : Format → Bool
  | g4 | g35 | g3 | t4 | t35 | t3 => true
  | _ => false

/-- The largest sub-scale: 15 where one is stored, 1 elsewhere (REQ-FMT-005). -/
def maxSubscale (f : Format) : Nat := if f.hasSubscales then 15 else 1

/-- "max abs m·T" of REQ-FMT-001. -/
def maxWeight : Format → Nat
  | int8 => 128
  | u4 | u35 | u3 => 8
  | g4 | g35 | g3 | t4 | t35 | t3 => 465

/-- D of REQ-FMT-001. -/
def divisor : Format → Nat
  | int8 => 127
  | u4 | u35 | u3 => 7
  | g4 | g35 | g3 => 465
  | t4 | t35 | t3 => 345

/-- The K limit of REQ-FMT-001. -/
def limit : Format → Nat
  | int8 => 131072
  | u4 | u35 | u3 => 1048576
  | g4 | g35 | g3 | t4 | t35 | t3 => 36000

/-- Bytes of a half of 32 codes of the given width. -/
def halfBytes (bits : Nat) : Nat := 4 * bits

/-- Bytes of a block's codes. -/
def blockBytes (f : Format) : Nat := halfBytes f.evenBits + halfBytes f.oddBits

/-- B = ⌈K/64⌉. -/
def blocks (K : Nat) : Nat := (K + 63) / 64

/-- Bytes of a row's packed sub-scales: ⌈B/2⌉ or none. -/
def subscaleBytes (f : Format) (K : Nat) : Nat := if f.hasSubscales then (blocks K + 1) / 2 else 0

/-- Everything stored for a matrix of N rows and K columns, in bytes (REQ-FMT-008). -/
def matrixBytes (f : Format) (N K : Nat) : Nat :=
  N * (blocks K * f.blockBytes + f.subscaleBytes K + 4)

/-- The shapes that are not refused (REQ-FMT-003). -/
def shapeOk (f : Format) (N K : Nat) : Bool :=
  decide (1 ≤ N) && decide (1 ≤ K) && decide (K ≤ f.limit)

end Format

/-- Whether each entry is less than the next one. -/
def strictlyIncreasing : List Int → Bool
  | x :: y :: rest => decide (x < y) && strictlyIncreasing (y :: rest)
  | _ => true

/-- The largest difference of neighbours. -/
def gap : List Int → Int
  | x :: y :: rest => max (y - x) (gap (y :: rest))
  | _ => 0

/-- All values of a table by code. -/
noncomputable def Table.values (t : Table) : List Int := (List.range t.size).map t.value

/-- English: T4U, T3U, T4G and T3G are strictly increasing.
Requirements: REQ-FMT-002. -/
theorem tables_increasing :
    ∀ t ∈ [Table.t4u, Table.t3u, Table.t4g, Table.t3g], strictlyIncreasing t.values = true := by
  decide

/-- English: the tables are the printed lists.
Requirements: REQ-FMT-002. -/
theorem table_values :
    Table.t4u.values = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7] ∧
    Table.t3u.values = [-8, -6, -4, -2, 0, 2, 4, 6] ∧
    Table.t4g.values = [-31, -23, -18, -14, -10, -7, -4, -1, 1, 4, 7, 10, 14, 18, 23, 31] ∧
    Table.t3g.values = [-26, -15, -8, -2, 2, 8, 15, 26] := by
  decide

/-- English: a code of T8 is a two's-complement byte.
Requirements: REQ-FMT-002. -/
theorem t8_twos_complement (c : Nat) (h : c < 256) :
    Table.t8.value c = (BitVec.ofNat 8 c).toInt := by
  rw [BitVec.toInt_eq_toNat_cond, BitVec.toNat_ofNat, Nat.mod_eq_of_lt (by omega)]
  simp only [Table.value]
  split <;> split <;> omega

/-- English: Q[128], Q[129], … Q[255] are the printed numbers.
Requirements: REQ-FMT-010. -/
theorem quantile_values : (List.range 128).map (fun q => quantile (128 + q)) =
    [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
      3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
      5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
      7, 7, 7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 10, 10, 10, 10, 10, 10,
      11, 11, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 16, 16, 17, 18, 19, 20,
      23] := by
  decide +kernel

/-- English: Q[255 − q] = −Q[q].
Requirements: REQ-FMT-010. -/
theorem quantile_antisymmetric (q : Nat) (h : q < 256) : quantile (255 - q) = -quantile q := by
  unfold quantile
  split
  · rw [if_neg (by omega), show 127 - (255 - q) = q - 128 by omega]
  · rw [if_pos (by omega), show 255 - q - 128 = 127 - q by omega, Int.neg_neg]

/-- English: past Q[255] there is nothing.
Requirements: REQ-FMT-010. -/
theorem quantile_past : quantile 256 = 0 := by decide +kernel

/-- English: past its end a list of runs has entries 0. -/
theorem runEntry_past (i : Nat) : runEntry [] i = 0 := rfl

/-- English: TW[w] = Q[(97·w + 48) mod 256].
Requirements: REQ-FMT-010. -/
theorem tw_value (w : Nat) : Table.tw.value w = quantile ((97 * w + 48) % 256) := rfl

/-- English: TW[255 − w] = −TW[w].
Requirements: REQ-FMT-010. -/
theorem tw_antisymmetric (w : Nat) (h : w < 256) :
    Table.tw.value (255 - w) = -Table.tw.value w := by
  have e : ∀ v < 256, (97 * (255 - v) + 48) % 256 = 255 - (97 * v + 48) % 256 := by decide +kernel
  have hq := quantile_antisymmetric ((97 * w + 48) % 256) (Nat.mod_lt _ (by decide))
  rw [← e w h] at hq
  exact hq

/-- An entry of runs is at most the largest of them. -/
theorem runEntry_le (M : Nat) (runs : List (Nat × Nat)) (h : ∀ r ∈ runs, r.1 ≤ M) (i : Nat) :
    runEntry runs i ≤ M := by
  induction runs generalizing i with
  | nil => exact Nat.zero_le M
  | cons r rs ih =>
    unfold runEntry
    split
    · exact h r (by simp)
    · exact ih (fun q hq => h q (by simp [hq])) _

/-- |Q| ≤ 23. -/
theorem quantile_bound (q : Nat) : (quantile q).natAbs ≤ 23 := by
  have h := runEntry_le 23 quantileRuns (by decide)
  unfold quantile
  split
  · rw [Int.natAbs_neg, Int.natAbs_natCast]
    exact h _
  · rw [Int.natAbs_natCast]
    exact h _

/-- English: the largest gap of the four small tables is the one written down.
Requirements: REQ-QNT-013. -/
theorem table_gaps :
    ∀ t ∈ [Table.t4u, Table.t3u, Table.t4g, Table.t3g], gap t.values = t.largestGap := by
  decide

/-- English: the bytes a block, by the two widths, are 64, 32, 28, 24, 32, 28, 24, 32, 28, 24.
Requirements: REQ-FMT-001. -/
theorem block_bytes :
    Format.all.map Format.blockBytes = [64, 32, 28, 24, 32, 28, 24, 32, 28, 24] := by decide

/-- English: a block takes 4·P bytes.
Requirements: REQ-FMT-001, REQ-PCK-009. -/
theorem block_bytes_pair (f : Format) : f.blockBytes = 4 * f.pairBits := by cases f <;> rfl

/-- English: where the index into the table is one code, the code's width is the table's.
Requirements: REQ-FMT-001. -/
theorem codeBits_table (f : Format) (hf : f.windowed = false) (k : Nat) :
    f.codeBits k = (f.table k).bits := by
  unfold Format.codeBits Format.table
  split <;> (cases f <;> first | rfl | exact absurd hf (by decide))

/-- English: the widths of codes are 3, 4 and 8.
Requirements: REQ-FMT-001. -/
theorem bits_cases (f : Format) :
    (f.evenBits = 3 ∨ f.evenBits = 4 ∨ f.evenBits = 8) ∧
      (f.oddBits = 3 ∨ f.oddBits = 4 ∨ f.oddBits = 8) := by cases f <;> decide

/-- English: ids are 0 to 9 and each format is in the list.
Requirements: REQ-FMT-001. -/
theorem format_ids : Format.all.map Format.id = List.range 10 ∧ ∀ f : Format, f ∈ Format.all := by
  refine ⟨by decide, fun f => ?_⟩
  cases f <;> decide

/-- The largest |T[c]|. -/
def Table.maxMagnitude : Table → Nat
  | .t8 => 128 | .t4u => 8 | .t3u => 8 | .t4g => 31 | .t3g => 26 | .tw => 23

/-- English: |T[c]| is at most 128, 8, 8, 31, 26 or 23.
Requirements: REQ-FMT-001, REQ-FMT-002, REQ-FMT-010. -/
theorem table_bound (t : Table) (c : Nat) (h : c < t.size) :
    (t.value c).natAbs ≤ t.maxMagnitude := by
  cases t
  · simp only [Table.size, Table.bits] at h; simp only [Table.value, Table.maxMagnitude];
    split <;> omega
  · simp only [Table.size, Table.bits] at h; simp only [Table.value, Table.maxMagnitude]; omega
  · simp only [Table.size, Table.bits] at h; simp only [Table.value, Table.maxMagnitude]; omega
  · have : ∀ c < 16, (Table.t4g.value c).natAbs ≤ 31 := by decide
    exact this c h
  · have : ∀ c < 8, (Table.t3g.value c).natAbs ≤ 26 := by decide
    exact this c h
  · exact quantile_bound _

/-- English: |m·T[c]| is at most the format's constant, for every sub-scale and code.
Requirements: REQ-FMT-001, REQ-FMT-005. -/
theorem maxWeight_bound (f : Format) (k m c : Nat) (hm : m ≤ f.maxSubscale)
    (hc : c < (f.table k).size) :
    ((m : Int) * (f.table k).value c).natAbs ≤ f.maxWeight := by
  have hb := table_bound (f.table k) c hc
  rw [Int.natAbs_mul, Int.natAbs_natCast]
  refine Nat.le_trans (Nat.mul_le_mul hm hb) ?_
  have he : f.maxSubscale * f.even.maxMagnitude ≤ f.maxWeight := by cases f <;> decide
  have ho : f.maxSubscale * f.odd.maxMagnitude ≤ f.maxWeight := by cases f <;> decide
  unfold Format.table
  split
  · exact he
  · exact ho

/-- English: the constant is reached (except in G3 and the T formats): it is the largest |m·T[c]|,
not just a bound.
Requirements: REQ-FMT-001. -/
theorem maxWeight_attained (f : Format) (hw : f.windowed = false) (h : f ≠ .g3) :
    ∃ k m c, m ≤ f.maxSubscale ∧ c < (f.table k).size ∧
    ((m : Int) * (f.table k).value c).natAbs = f.maxWeight := by
  cases f
  · exact ⟨0, 1, 128, by decide⟩
  · exact ⟨0, 1, 0, by decide⟩
  · exact ⟨0, 1, 0, by decide⟩
  · exact ⟨0, 1, 0, by decide⟩
  · exact ⟨0, 15, 0, by decide⟩
  · exact ⟨0, 15, 0, by decide⟩
  · exact absurd rfl h
  all_goals exact absurd hw (by decide)

/-- English: in the T formats |m·TW[w]| is at most 345 = 15 · 23, the divisor of their scales, and
reaches it: the table's 465 is a bound there.
Requirements: REQ-FMT-001, REQ-FMT-010. -/
theorem maxWeight_windows (f : Format) (hf : f.windowed = true) (k m w : Nat) (hm : m ≤ 15)
    (hw : w < 256) :
    f.divisor = 345 ∧ ((m : Int) * (f.table k).value w).natAbs ≤ 345 ∧
      ((15 : Nat) * (f.table k).value 208).natAbs = 345 := by
  have ht : f.table k = .tw := by
    unfold Format.table
    split <;> (cases f <;> first | rfl | exact absurd hf (by decide))
  have hd : f.divisor = 345 := by cases f <;> first | rfl | exact absurd hf (by decide)
  have hb := table_bound .tw w hw
  rw [ht, Int.natAbs_mul, Int.natAbs_natCast]
  exact ⟨hd, Nat.mul_le_mul hm hb, by decide +kernel⟩

/-- English: in G3, |m·T[c]| reaches 390 = 15 · 26 and never more: the table's 465 is a bound there.
Requirements: REQ-FMT-001. -/
theorem maxWeight_g3 (k m c : Nat) (hm : m ≤ 15) (hc : c < 8) :
    ((m : Int) * (Format.g3.table k).value c).natAbs ≤ 390 := by
  have ht : Format.g3.table k = .t3g := by unfold Format.table; split <;> rfl
  have hb := table_bound .t3g c hc
  rw [ht, Int.natAbs_mul, Int.natAbs_natCast]
  exact Nat.mul_le_mul hm hb

/-- English: 127 · max |m·T| · K limit is below 2³¹, for each format by its own constants.
Requirements: REQ-FMT-001, REQ-FMT-003, REQ-DOT-002. -/
theorem limit_fits (f : Format) : 127 * f.maxWeight * f.limit < 2 ^ 31 := by
  cases f <;> decide

/-- English: a shape is accepted exactly if N ≥ 1 and 1 ≤ K ≤ the format's limit.
Requirements: REQ-FMT-003. -/
theorem shapeOk_iff (f : Format) (N K : Nat) :
    f.shapeOk N K = true ↔ 1 ≤ N ∧ 1 ≤ K ∧ K ≤ f.limit := by
  simp only [Format.shapeOk, Bool.and_eq_true, decide_eq_true_eq, and_assoc]

/-- English: B blocks cover K inputs and no block is empty.
Requirements: REQ-PCK-005. -/
theorem blocks_cover (K : Nat) : K ≤ 64 * Format.blocks K ∧ 64 * Format.blocks K < K + 64 := by
  unfold Format.blocks; omega

/-- English: a U35 matrix of 8192 columns takes 3.50390625 bits a weight, printed as 3.5039.
Requirements: REQ-FMT-008. -/
theorem bits_u35 (N : Nat) :
    8 * Format.u35.matrixBytes N 8192 * 100000000 = 350390625 * (N * 8192) := by
  simp only [Format.matrixBytes, Format.blocks, Format.blockBytes, Format.subscaleBytes,
    Format.evenBits, Format.oddBits, Format.hasSubscales, Format.halfBytes]
  simp
  omega

/-- English: a G35 matrix of 8192 columns takes 3.56640625 bits a weight, printed as 3.5664.
Requirements: REQ-FMT-008. -/
theorem bits_g35 (N : Nat) :
    8 * Format.g35.matrixBytes N 8192 * 100000000 = 356640625 * (N * 8192) := by
  simp only [Format.matrixBytes, Format.blocks, Format.blockBytes, Format.subscaleBytes,
    Format.evenBits, Format.oddBits, Format.hasSubscales, Format.halfBytes]
  simp
  omega

/-- English: a T35 matrix of 8192 columns takes 3.56640625 bits a weight, printed as 3.5664.
Requirements: REQ-FMT-008. -/
theorem bits_t35 (N : Nat) :
    8 * Format.t35.matrixBytes N 8192 * 100000000 = 356640625 * (N * 8192) := by
  simp only [Format.matrixBytes, Format.blocks, Format.blockBytes, Format.subscaleBytes,
    Format.evenBits, Format.oddBits, Format.hasSubscales, Format.halfBytes]
  simp
  omega

/-- English: 70·10⁹ weights at 3.5 bits are 30.625·10⁹ bytes (a figure of the text, of no
definition). -/
theorem bytes_70b : (70000000000 : Rat) * (7 / 2) / 8 = 30625000000 := by grind

end ThreeHalf
