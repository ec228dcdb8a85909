module
public import ThreeHalf.Dot
public import ThreeHalf.Java.Generated
@[expose] public section

/-!
# `DotProduct.java` computes the dot product of the specification

Theorems about the translated source: within their preconditions its methods end without an
exception, and give what `Dot.lean` and `Windows.lean` define.

Main results: `expand_values` (the integer weights m_b·T[c_k]), `dot_rowSum` (I), `row_product`
(both in a row, from the codes on).
-/

namespace ThreeHalf.Java

/-- The first n terms of a row, added up, fit an int. -/
theorem prefix_fits (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (h : RowOk f K m c a) (n : Nat) (hn : n ≤ K) :
    (sumTo n (term f K m c a)).natAbs < 2147483648 := by
  rw [sumTo_eq_isum]
  refine sum_fits f _ ?_ ?_
  · have := h.columns
    rw [List.length_map, List.length_range]
    omega
  · intro x hx
    refine terms_bound f K m c a h x ?_
    simp only [List.mem_map, List.mem_range] at hx
    obtain ⟨k, hk, rfl⟩ := hx
    simp only [terms, List.mem_map, List.mem_range]
    exact ⟨k, by omega, rfl⟩

/-- A term fits an int. -/
theorem term_fits (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (h : RowOk f K m c a) (k : Nat) (hk : k < K) :
    (term f K m c a k).natAbs < 2147483648 := by
  have hm : term f K m c a k ∈ terms f K m c a := by
    simp only [terms, List.mem_map, List.mem_range]
    exact ⟨k, hk, rfl⟩
  have h1 := terms_bound f K m c a h _ hm
  have h2 : f.maxWeight ≤ 465 := by cases f <;> decide
  omega

/-- English: `DotProduct.dot` of K activations and K integer weights m_b·T[c_k] ends without an
exception, and gives I, for every format up to its limit of columns. -/
theorem dot_rowSum (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (h : RowOk f K m c a) (activations weights : Arr Int) (maxWeight : Int)
    (hal : K ≤ activations.length) (hwl : K ≤ weights.length)
    (ha : ∀ k < K, activations.item k = a k)
    (hw : ∀ k < K, weights.item k = (m (k / 64) : Int) * f.value K c k) :
    DotProduct.dot activations weights K maxWeight = .ok (rowSum f K m c a) := by
  have hsum : rowSum f K m c a = sumTo K (term f K m c a) := by
    rw [rowSum_eq_isum, terms, ← sumTo_eq_isum]
  rw [hsum]
  unfold DotProduct.dot
  refine forRange_ok K K _ _ _ (fun n => sumTo n (term f K m c a)) rfl rfl rfl ?_
  intro k hk
  have hterm : term f K m c a k = a k * ((m (k / 64) : Int) * f.value K c k) := rfl
  have h1 := term_fits f K m c a h k hk
  have h2 := prefix_fits f K m c a h (k + 1) (by omega)
  rw [hterm] at h1
  rw [sumTo, hterm] at h2
  simp only [get_ok activations (k : Int) k rfl (by omega),
    get_ok weights (k : Int) k rfl (by omega), bind, ha k hk, hw k hk]
  rw [mulInt_id _ _ (by omega) (by omega), addInt_id _ _ (by omega) (by omega)]
  rfl

/-- English: there are such arrays. -/
theorem dot_rowSum_possible : ∃ (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int),
    RowOk f K m c a ∧ ∃ (activations weights : Arr Int) (_ : Int), K ≤ activations.length ∧
      K ≤ weights.length ∧ (∀ k < K, activations.item k = a k) ∧
      ∀ k < K, weights.item k = (m (k / 64) : Int) * f.value K c k :=
  ⟨.u4, 1, fun _ => 0, fun _ => 0, fun _ => 0, rowOk_zeros, ⟨1, fun _ => 0⟩, ⟨1, fun _ => 0⟩, 0,
    Nat.le_refl 1, Nat.le_refl 1, fun _ _ => rfl, fun _ _ => by rw [Int.natCast_zero, Int.zero_mul]⟩

/-- What `DotProduct.expand` is given for a row of a format without windows: K codes as bytes, the
sub-scales of its blocks, and the two tables. -/
structure RowArrays (f : Format) (K : Nat) (m c : Nat → Nat) (codes subscales even odd : Arr Int) :
    Prop where
  table : f.windowed = false
  columns : K ≤ 1048576
  codesLength : K ≤ codes.length
  subscalesLength : ∀ k < K, k / 64 < subscales.length
  evenLength : even.length = f.even.size
  oddLength : odd.length = f.odd.size
  code : ∀ k < K, codes.item k % 256 = c k
  fits : ∀ k < K, c k < 2 ^ f.codeBits k
  subscale : ∀ b, subscales.item b = m b
  range : ∀ b, m b ≤ f.maxSubscale
  evenItem : ∀ j < f.even.size, even.item j = f.even.value j
  oddItem : ∀ j < f.odd.size, odd.item j = f.odd.value j

/-- English: `DotProduct.weight` ends without an exception and gives m_b·T[c_k]. -/
theorem weight_value (f : Format) (K : Nat) (m c : Nat → Nat)
    (codes subscales even odd : Arr Int) (h : RowArrays f K m c codes subscales even odd) (k : Nat)
    (hk : k < K) :
    DotProduct.weight codes subscales even odd k = .ok ((m (k / 64) : Int) * f.value K c k) := by
  have hK := h.columns
  have hb : (m (k / 64) * f.value K c k).natAbs ≤ f.maxWeight :=
    value_bound f K c k _ (h.range _) (h.fits k hk)
  have hW : f.maxWeight ≤ 465 := by cases f <;> decide
  have hdiv : divInt (k : Int) 64 = ((k / 64 : Nat) : Int) := by
    rw [divInt_nonneg _ _ (by omega) (by omega) (by omega)]; omega
  have hrem : remInt (k : Int) 2 = ((k % 2 : Nat) : Int) := by
    rw [remInt_nonneg _ _ (by omega)]; omega
  have hmask : andInt (codes.item k) 255 = (c k : Int) := by rw [andInt_255, h.code k hk]
  have hv : f.value K c k = (f.table k).value (c k) := value_codes f h.table K c k
  have hc : c k < (f.table k).size := by
    unfold Table.size
    rw [← codeBits_table f h.table k]
    exact h.fits k hk
  have ht : (if remInt (k : Int) 2 = 0 then even else odd : Arr Int).get
      (andInt (codes.item k) 255) = .ok (f.value K c k) := by
    rw [hrem, hmask, hv]
    by_cases h2 : k % 2 = 0
    · have ht : f.table k = f.even := by unfold Format.table; rw [if_pos h2]
      rw [ht] at hc
      rw [if_pos (by omega), ht, ← h.evenItem _ hc]
      exact get_ok even _ (c k) rfl (by rw [h.evenLength]; exact hc)
    · have ht : f.table k = f.odd := by unfold Format.table; rw [if_neg h2]
      rw [ht] at hc
      rw [if_neg (by omega), ht, ← h.oddItem _ hc]
      exact get_ok odd _ (c k) rfl (by rw [h.oddLength]; exact hc)
  unfold DotProduct.weight
  refine (bind_ok (get_ok subscales _ (k / 64) hdiv (h.subscalesLength k hk))).trans ?_
  refine (bind_ok (get_ok codes _ k rfl (Nat.lt_of_lt_of_le hk h.codesLength))).trans ?_
  refine (bind_ok ht).trans ?_
  rw [h.subscale, mulInt_id _ _ (by omega) (by omega)]

/-- English: `DotProduct.expand` ends without an exception, and writes the integer weight m_b·T[c_k]
of each input k < K, and nothing else. -/
theorem expand_values (f : Format) (K : Nat) (m c : Nat → Nat)
    (codes subscales even odd : Arr Int) (h : RowArrays f K m c codes subscales even odd)
    (weights : Arr Int) (hw : K ≤ weights.length) :
    DotProduct.expand codes subscales even odd K weights =
      .ok (weights.overwritten 0 K fun k => (m (k / 64) : Int) * f.value K c k) := by
  have hW : f.maxWeight ≤ 465 := by cases f <;> decide
  unfold DotProduct.expand
  refine forRange_ok K K _ _ _
    (fun n => weights.overwritten 0 n fun k => (m (k / 64) : Int) * f.value K c k) rfl
    (overwritten_zero ..) rfl ?_
  intro k hk
  have hb : (m (k / 64) * f.value K c k).natAbs ≤ f.maxWeight :=
    value_bound f K c k _ (h.range _) (h.fits k hk)
  refine (bind_ok (weight_value f K m c codes subscales even odd h k hk)).trans ?_
  exact overwritten_step weights 0 k _ _ _ (by omega) (toShort_id _ (by omega) (by omega))
    (by omega)

/-- English: `DotProduct.expand` and then `DotProduct.dot`: from codes, sub-scales and tables to I,
without an exception. -/
theorem row_product (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (h : RowOk f K m c a) (codes subscales even odd : Arr Int)
    (hr : RowArrays f K m c codes subscales even odd) (weights activations : Arr Int)
    (maxWeight : Int) (hw : K ≤ weights.length) (hal : K ≤ activations.length)
    (ha : ∀ k < K, activations.item k = a k) :
    (bind (DotProduct.expand codes subscales even odd K weights) fun expanded =>
      DotProduct.dot activations expanded K maxWeight) = .ok (rowSum f K m c a) := by
  refine (bind_ok (expand_values f K m c codes subscales even odd hr weights hw)).trans ?_
  refine dot_rowSum f K m c a h activations _ maxWeight hal hw ha ?_
  intro k hk
  unfold Arr.overwritten
  simp only []
  rw [if_pos (by omega), Nat.sub_zero]

/-- A row of one input, and its arrays. -/
theorem rowArrays_one : RowArrays .u4 1 (fun _ => 0) (fun _ => 0) ⟨1, fun _ => 0⟩ ⟨1, fun _ => 0⟩
    ⟨16, fun j => Table.t4u.value j⟩ ⟨16, fun j => Table.t4u.value j⟩ :=
  ⟨rfl, by decide, by decide, fun k hk => by show k / 64 < 1; omega, rfl, rfl,
    fun _ _ => rfl, fun _ _ => Nat.two_pow_pos _, fun _ => rfl, fun _ => Nat.zero_le _,
    fun _ _ => rfl, fun _ _ => rfl⟩

/-- English: there are such arrays. -/
theorem weight_value_possible : ∃ (f : Format) (K : Nat) (m c : Nat → Nat)
    (codes subscales even odd : Arr Int), RowArrays f K m c codes subscales even odd ∧
      ∃ k, k < K :=
  ⟨.u4, 1, _, _, _, _, _, _, rowArrays_one, 0, by decide⟩

/-- English: there are such arrays. -/
theorem expand_values_possible : ∃ (f : Format) (K : Nat) (m c : Nat → Nat)
    (codes subscales even odd : Arr Int), RowArrays f K m c codes subscales even odd ∧
      ∃ weights : Arr Int, K ≤ weights.length :=
  ⟨.u4, 1, _, _, _, _, _, _, rowArrays_one, ⟨1, fun _ => 0⟩, Nat.le_refl 1⟩

/-- English: there are such arrays. -/
theorem row_product_possible : ∃ (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int),
    RowOk f K m c a ∧ ∃ codes subscales even odd : Arr Int,
      RowArrays f K m c codes subscales even odd ∧
        ∃ (weights activations : Arr Int) (_ : Int), K ≤ weights.length ∧
          K ≤ activations.length ∧ ∀ k < K, activations.item k = a k :=
  ⟨.u4, 1, fun _ => 0, fun _ => 0, fun _ => 0, rowOk_zeros, _, _, _, _, rowArrays_one,
    ⟨1, fun _ => 0⟩, ⟨1, fun _ => 0⟩, 0, Nat.le_refl 1, Nat.le_refl 1, fun _ _ => rfl⟩

end ThreeHalf.Java
