module
public import ThreeHalf.Format
@[expose] public section

/-!
# Windows: the integer that an input has

REQ-FMT-009: in the T formats a window of eight bits of the block's circular string takes the place
of the code as an index into the table, so an integer depends on the codes of up to three inputs.
Here a row is given by its codes; `Packing.lean` shows that the windows are those of the bytes.

Main definitions: `Format.position` (p_i), `window` (w_i), `Format.index`, `Format.value` (the
T[c] of the text, for all formats).
Main results: `value_codes` and `value_windows` (what the integer is), `window_block` (a block is
read by itself), `value_congr` (codes past K do not count), `value_bound`.
Requirements: REQ-FMT-001, REQ-FMT-005, REQ-FMT-006, REQ-FMT-009, REQ-PCK-005.
-/

namespace ThreeHalf

/-- p_i: the bit of the block's string that the code of the block's input `i` starts at. -/
def Format.position (f : Format) (i : Nat) : Nat := f.pairBits * (i / 2) + f.evenBits * (i % 2)

/-- The window of input `k` of a row with codes `c` (REQ-FMT-009):
(c_i + 2^b·c_{i+1} + 2^P·c_{i+2}) mod 256, with the indexes modulo 64 in the block of `k`. -/
def window (f : Format) (c : Nat → Nat) (k : Nat) : Nat :=
  (c k + 2 ^ f.codeBits k * c (k / 64 * 64 + (k + 1) % 64) +
    2 ^ f.pairBits * c (k / 64 * 64 + (k + 2) % 64)) % 256

/-- The index into the table that input `k` of a row of K inputs reads: its code, or its window,
where the codes of inputs past K count as 0. -/
def Format.index (f : Format) (K : Nat) (c : Nat → Nat) (k : Nat) : Nat :=
  if f.windowed then window f (fun j => if j < K then c j else 0) k else c k

/-- T[c]: the integer of input `k` of a row of K inputs with codes `c`. -/
def Format.value (f : Format) (K : Nat) (c : Nat → Nat) (k : Nat) : Int :=
  (f.table k).value (f.index K c k)

/-- English: in the formats without windows the integer of an input is its code's table entry.
Requirements: REQ-FMT-001, REQ-FMT-006. -/
theorem value_codes (f : Format) (hf : f.windowed = false) (K : Nat) (c : Nat → Nat) (k : Nat) :
    f.value K c k = (f.table k).value (c k) := by
  unfold Format.value Format.index
  rw [hf]
  rfl

/-- English: in the T formats the integer of an input is TW[w] of its window, in which codes of
inputs k ≥ K count as 0.
Requirements: REQ-FMT-001, REQ-FMT-006, REQ-FMT-009. -/
theorem value_windows (f : Format) (hf : f.windowed = true) (K : Nat) (c : Nat → Nat) (k : Nat) :
    f.value K c k = Table.tw.value (window f (fun j => if j < K then c j else 0) k) := by
  have ht : f.table k = .tw := by
    unfold Format.table
    split <;> (cases f <;> first | rfl | exact absurd hf (by decide))
  unfold Format.value Format.index
  rw [hf, ht]
  rfl

/-- English: a window is one of 256.
Requirements: REQ-FMT-009. -/
theorem window_lt (f : Format) (c : Nat → Nat) (k : Nat) : window f c k < 256 :=
  Nat.mod_lt _ (by decide)

/-- English: a window depends on the codes of the input's own block alone.
Requirements: REQ-FMT-009. -/
theorem window_block (f : Format) (c : Nat → Nat) (b i : Nat) (hi : i < 64) :
    window f c (64 * b + i) = window f (fun j => c (64 * b + j)) i := by
  have hw : f.codeBits (64 * b + i) = f.codeBits i := by
    unfold Format.codeBits
    rw [show (64 * b + i) % 2 = i % 2 by omega]
  unfold window
  rw [hw, show (64 * b + i) / 64 * 64 + (64 * b + i + 1) % 64 = 64 * b + (i + 1) % 64 by omega,
    show (64 * b + i) / 64 * 64 + (64 * b + i + 2) % 64 = 64 * b + (i + 2) % 64 by omega,
    show i / 64 * 64 + (i + 1) % 64 = (i + 1) % 64 by omega,
    show i / 64 * 64 + (i + 2) % 64 = (i + 2) % 64 by omega]

/-- A window depends on the codes of its block alone. -/
theorem window_congr (f : Format) (c c' : Nat → Nat) (h : ∀ i < 64, c i = c' i) (i : Nat)
    (hi : i < 64) : window f c i = window f c' i := by
  unfold window
  rw [h i hi, h (i / 64 * 64 + (i + 1) % 64) (by omega),
    h (i / 64 * 64 + (i + 2) % 64) (by omega)]

/-- English: an index is one of the table's entries.
Requirements: REQ-FMT-001, REQ-FMT-009. -/
theorem index_lt (f : Format) (K : Nat) (c : Nat → Nat) (k : Nat) (hc : c k < 2 ^ f.codeBits k) :
    f.index K c k < (f.table k).size := by
  by_cases hf : f.windowed = true
  · have ht : f.table k = .tw := by
      unfold Format.table
      split <;> (cases f <;> first | rfl | exact absurd hf (by decide))
    unfold Format.index
    rw [if_pos hf, ht]
    exact window_lt ..
  · have hf' : f.windowed = false := by simpa using hf
    unfold Format.index
    rw [if_neg hf]
    unfold Table.size
    rw [← codeBits_table f hf' k]
    exact hc

/-- English: codes of inputs past K influence no integer of an input k < K.
Requirements: REQ-FMT-009, REQ-PCK-005. -/
theorem value_congr (f : Format) (K : Nat) (c c' : Nat → Nat) (h : ∀ j < K, c j = c' j) (k : Nat)
    (hk : k < K) : f.value K c k = f.value K c' k := by
  have e : (fun j => if j < K then c j else 0) = (fun j => if j < K then c' j else 0) := by
    funext j
    split
    · rename_i hj; exact h j hj
    · rfl
  unfold Format.value Format.index
  rw [e, h k hk]

/-- English: there are such rows. -/
theorem value_congr_possible : ∃ (_ : Format) (K : Nat) (c c' : Nat → Nat),
    (∀ j < K, c j = c' j) ∧ ∃ k, k < K :=
  ⟨.t35, 1, fun _ => 0, fun _ => 0, fun _ _ => rfl, 0, by decide⟩

/-- English: |m·T[c]| is at most the format's constant, for every sub-scale and every row of codes.
Requirements: REQ-FMT-001, REQ-FMT-005, REQ-FMT-009. -/
theorem value_bound (f : Format) (K : Nat) (c : Nat → Nat) (k m : Nat) (hm : m ≤ f.maxSubscale)
    (hc : c k < 2 ^ f.codeBits k) : ((m : Int) * f.value K c k).natAbs ≤ f.maxWeight :=
  maxWeight_bound f k m _ hm (index_lt f K c k hc)

end ThreeHalf
