module
public import ThreeHalf.Java.Packing
@[expose] public section

/-!
# `HalfPacking.java` packs codes of 3 bits as the specification says

Main definitions: none.
Main results: `pack3_packs`, `unpack3_unpacks`; `bits_sum` (eight bits as one number).
-/

namespace ThreeHalf.Java

/-- Eight bits as one number, as the sources add them. -/
theorem bits_sum (x0 x1 x2 x3 x4 x5 x6 x7 : Nat) (h0 : x0 < 2) (h1 : x1 < 2) (h2 : x2 < 2)
    (h3 : x3 < 2) (h4 : x4 < 2) (h5 : x5 < 2) (h6 : x6 < 2) (h7 : x7 < 2) :
    addInt (addInt (addInt (addInt (addInt (addInt (addInt (x0 : Int) (mulInt 2 (x1 : Int)))
      (mulInt 4 (x2 : Int))) (mulInt 8 (x3 : Int))) (mulInt 16 (x4 : Int))) (mulInt 32 (x5 : Int)))
      (mulInt 64 (x6 : Int))) (mulInt 128 (x7 : Int)) =
    ((x0 + 2 * x1 + 4 * x2 + 8 * x3 + 16 * x4 + 32 * x5 + 64 * x6 + 128 * x7 : Nat) : Int) := by
  have m (c x : Nat) (hc : c ≤ 128) (hx : x < 2) :
      mulInt (c : Int) (x : Int) = ((c * x : Nat) : Int) := by
    have : c * x ≤ c * 1 := Nat.mul_le_mul_left c (by omega)
    exact mulInt_nat _ _ c x rfl rfl (by omega)
  refine (addInt_nat _ _ _ _ (addInt_nat _ _ _ _ (addInt_nat _ _ _ _ (addInt_nat _ _ _ _
    (addInt_nat _ _ _ _ (addInt_nat _ _ _ _ (addInt_nat _ _ _ _ rfl (m 2 x1 (by decide) h1) ?_)
      (m 4 x2 (by decide) h2) ?_) (m 8 x3 (by decide) h3) ?_) (m 16 x4 (by decide) h4) ?_)
      (m 32 x5 (by decide) h5) ?_) (m 64 x6 (by decide) h6) ?_) (m 128 x7 (by decide) h7) ?_)
  all_goals omega

/-- Four pairs of bits as one number, as the sources add them. -/
theorem pairs_sum (x0 x1 x2 x3 : Nat) (h0 : x0 < 4) (h1 : x1 < 4) (h2 : x2 < 4) (h3 : x3 < 4) :
    addInt (addInt (addInt (x0 : Int) (mulInt 4 (x1 : Int))) (mulInt 16 (x2 : Int)))
      (mulInt 64 (x3 : Int)) = ((x0 + 4 * x1 + 16 * x2 + 64 * x3 : Nat) : Int) := by
  have m (c x : Nat) (hc : c ≤ 64) (hx : x < 4) :
      mulInt (c : Int) (x : Int) = ((c * x : Nat) : Int) := by
    have : c * x ≤ c * 4 := Nat.mul_le_mul_left c (by omega)
    exact mulInt_nat _ _ c x rfl rfl (by omega)
  refine (addInt_nat _ _ _ _ (addInt_nat _ _ _ _ (addInt_nat _ _ _ _ rfl
    (m 4 x1 (by decide) h1) ?_) (m 16 x2 (by decide) h2) ?_) (m 64 x3 (by decide) h3) ?_)
  all_goals omega

/-- A place a few elements further. -/
theorem place_past (x : Int) (a c : Nat) (hx : x = (a : Int)) (h : a + c < 2147483648) :
    addInt x c = ((a + c : Nat) : Int) := addInt_nat _ _ _ _ hx rfl h

/-- The low two bits of a code. -/
theorem low_pair (codes : Arr Int) (first i k : Nat) (hk : k = first + 2 * i) :
    remInt (UnsignedByte.value (codes.item k)) 4 = ((codes.codes first i % 4 : Nat) : Int) := by
  subst hk
  rw [value_code]
  exact remInt_nat _ 4 _ 4 rfl rfl

/-- The third bit of a code of 3 bits. -/
theorem high_bit (codes : Arr Int) (first i k : Nat) (hk : k = first + 2 * i)
    (h : codes.codes first i < 8) :
    UnsignedByte.bit (codes.item k) 2 = ((codes.codes first i / 4 : Nat) : Int) := by
  subst hk
  refine (bit_eq (codes.item (first + 2 * i)) 2 (by decide)).trans ?_
  unfold Arr.codes at *
  omega

/-- `HalfPacking.lowPairs` gives byte j of a half of 3-bit codes, j below 8. -/
theorem lowPairs_eq (codes : Arr Int) (first j : Nat) (hj : j < 8)
    (h1 : first + 63 ≤ codes.length) (h2 : codes.length < 2147483648) (x : Int)
    (hx : x = ((first + 2 * j : Nat) : Int)) :
    HalfPacking.lowPairs codes x = .ok (packHalf 3 (codes.codes first) j : Int) := by
  unfold HalfPacking.lowPairs
  refine (bind_ok (get_ok codes _ _ hx (by omega))).trans ?_
  refine (bind_ok (get_ok codes _ _ (place_past x _ 16 hx (by omega)) (by omega))).trans ?_
  refine (bind_ok (get_ok codes _ _ (place_past x _ 32 hx (by omega)) (by omega))).trans ?_
  refine (bind_ok (get_ok codes _ _ (place_past x _ 48 hx (by omega)) (by omega))).trans ?_
  rw [low_pair codes first j _ rfl, low_pair codes first (j + 8) _ (by omega),
    low_pair codes first (j + 16) _ (by omega), low_pair codes first (j + 24) _ (by omega),
    pairs_sum _ _ _ _ (by omega) (by omega) (by omega) (by omega)]
  simp only [packHalf, show ¬(3 = 4) by decide, if_true, if_false, if_pos hj]
  congr 2
  omega

/-- `HalfPacking.highByte` gives byte 8 + j of a half of 3-bit codes, j below 4. -/
theorem highByte_eq (codes : Arr Int) (first j : Nat) (hj : j < 4)
    (h1 : first + 63 ≤ codes.length) (h2 : codes.length < 2147483648)
    (hc : ∀ i < 32, codes.codes first i < 8) (x : Int)
    (hx : x = ((first + 16 * j : Nat) : Int)) :
    HalfPacking.highByte codes x = .ok (toByte (packHalf 3 (codes.codes first) (8 + j))) := by
  have c (t : Nat) (ht : t < 8) := hc (8 * j + t) (by omega)
  have e : HalfPacking.highBits codes x = .ok (packHalf 3 (codes.codes first) (8 + j) : Int) := by
    unfold HalfPacking.highBits
    refine (bind_ok (get_ok codes _ _ hx (by omega))).trans ?_
    refine (bind_ok (get_ok codes _ _ (place_past x _ 2 hx (by omega)) (by omega))).trans ?_
    refine (bind_ok (get_ok codes _ _ (place_past x _ 4 hx (by omega)) (by omega))).trans ?_
    refine (bind_ok (get_ok codes _ _ (place_past x _ 6 hx (by omega)) (by omega))).trans ?_
    refine (bind_ok (get_ok codes _ _ (place_past x _ 8 hx (by omega)) (by omega))).trans ?_
    refine (bind_ok (get_ok codes _ _ (place_past x _ 10 hx (by omega)) (by omega))).trans ?_
    refine (bind_ok (get_ok codes _ _ (place_past x _ 12 hx (by omega)) (by omega))).trans ?_
    refine (bind_ok (get_ok codes _ _ (place_past x _ 14 hx (by omega)) (by omega))).trans ?_
    have c0 := c 0 (by decide)
    have c1 := c 1 (by decide)
    have c2 := c 2 (by decide)
    have c3 := c 3 (by decide)
    have c4 := c 4 (by decide)
    have c5 := c 5 (by decide)
    have c6 := c 6 (by decide)
    have c7 := c 7 (by decide)
    rw [high_bit codes first (8 * j + 0) _ (by omega) c0,
      high_bit codes first (8 * j + 1) _ (by omega) c1,
      high_bit codes first (8 * j + 2) _ (by omega) c2,
      high_bit codes first (8 * j + 3) _ (by omega) c3,
      high_bit codes first (8 * j + 4) _ (by omega) c4,
      high_bit codes first (8 * j + 5) _ (by omega) c5,
      high_bit codes first (8 * j + 6) _ (by omega) c6,
      high_bit codes first (8 * j + 7) _ (by omega) c7,
      bits_sum _ _ _ _ _ _ _ _ (by omega) (by omega) (by omega) (by omega) (by omega) (by omega)
        (by omega) (by omega)]
    simp only [packHalf, show ¬(3 = 4) by decide, if_true, if_false,
      if_neg (show ¬(8 + j < 8) by omega), show 8 + j - 8 = j by omega, Nat.add_zero]
    congr 2
    omega
  unfold HalfPacking.highByte
  refine (bind_ok e).trans ?_
  rw [of_eq _ _ rfl]

/-- English: `HalfPacking.pack3` ends without an exception, and writes the 12 bytes of a half of
3-bit codes, and nothing else. -/
theorem pack3_packs (codes : Arr Int) (first : Nat) (packed : Arr Int) (start : Nat)
    (h : PackOk 3 codes first packed start) :
    HalfPacking.pack3 codes first packed start =
      .ok (packed.overwritten start 12 fun j => toByte (packHalf 3 (codes.codes first) j)) := by
  obtain ⟨h1, h2, h3, h4, _, h6⟩ := h
  simp only [Format.halfBytes] at h3
  unfold HalfPacking.pack3
  refine (bind_ok (forRange_ok 8 8 _ _ _ (fun n => packed.overwritten start n fun j =>
    toByte (packHalf 3 (codes.codes first) j)) rfl (overwritten_zero ..) rfl ?_)).trans ?_
  · intro k hk
    have e1 := place_code first k first k rfl rfl (by omega)
    refine (bind_ok (lowPairs_eq codes first k hk h1 h2 _ e1)).trans ?_
    exact overwritten_step packed start k _ _ _ (addInt_nat _ _ _ _ rfl rfl (by omega))
      (of_eq _ _ rfl) (by omega)
  · refine forRange_ok 4 4 _ _ _ (fun n => packed.overwritten start (8 + n) fun j =>
      toByte (packHalf 3 (codes.codes first) j)) rfl rfl rfl ?_
    intro k hk
    have e1 : addInt (first : Int) (mulInt 16 k) = ((first + 16 * k : Nat) : Int) :=
      addInt_nat _ _ _ _ rfl (mulInt_nat 16 _ 16 k rfl rfl (by omega)) (by omega)
    refine (bind_ok (highByte_eq codes first k hk h1 h2 h6 _ e1)).trans ?_
    refine overwritten_step packed start (8 + k) _ _ _ ?_ rfl (by omega)
    refine (addInt_nat _ _ _ _ (place_past _ start 8 rfl (by omega)) rfl (by omega)).trans ?_
    omega

/-- English: there are such arrays. -/
theorem pack3_packs_possible : ∃ (codes : Arr Int) (first : Nat) (packed : Arr Int)
    (start : Nat), PackOk 3 codes first packed start :=
  ⟨_, _, _, _, packOk_zeros 3 (by decide)⟩

/-- A code of 3 bits from its two parts, as the sources add them. -/
theorem code3_sum (x y : Int) (a b : Nat) (hx : x = (a : Int)) (hy : y = (b : Int)) (ha : a < 4)
    (hb : b < 2) : addInt x (mulInt 4 y) = ((a + 4 * b : Nat) : Int) :=
  addInt_nat _ _ _ _ hx (mulInt_nat 4 _ 4 b rfl hy (by omega)) (by omega)

/-- English: `HalfPacking.unpack3` ends without an exception, and writes the 32 codes of a half of
3-bit codes, and nothing else. -/
theorem unpack3_unpacks (packed : Arr Int) (start : Nat) (codes : Arr Int) (first : Nat)
    (h : UnpackOk 3 packed start codes first) :
    HalfPacking.unpack3 packed start codes first =
      .ok (codes.spread first (fun i => decide (i < 32)) fun i =>
        toByte (unpackHalf 3 (packed.bytes start) i)) := by
  obtain ⟨h1, h2, h3, h4⟩ := h
  simp only [Format.halfBytes] at h3
  unfold HalfPacking.unpack3
  refine forRange_ok 8 8 _ _ _ (fun n => codes.spread first
    (fun i => decide (i % 8 < n ∧ i < 32))
    fun i => toByte (unpackHalf 3 (packed.bytes start) i)) rfl
    (spread_none _ _ _ _ fun i => by simp) (spread_congr _ _ _ _ _ fun i => by
      simp only [decide_eq_true_eq]; omega) ?_
  intro k hk
  have e1 := place_code first k first k rfl rfl (by omega)
  have e3 : addInt (start : Int) (k : Int) = ((start + k : Nat) : Int) :=
    addInt_nat _ _ _ _ rfl rfl (by omega)
  have b : packed.bytes start k < 256 := by unfold Arr.bytes; omega
  have bit (q : Nat) : UnsignedByte.bit (packed.item (start + (8 + q))) k =
      ((packed.bytes start (8 + q) / 2 ^ k % 2 : Nat) : Int) := bit_eq _ k hk
  have two (q : Nat) : packed.bytes start (8 + q) / 2 ^ k % 2 < 2 := Nat.mod_lt _ (by decide)
  have unpacked (q : Nat) (hq : q < 4) : unpackHalf 3 (packed.bytes start) (k + 8 * q) =
      packed.bytes start k / 4 ^ q % 4 + 4 * (packed.bytes start (8 + q) / 2 ^ k % 2) := by
    simp only [unpackHalf, show ¬(3 = 4) by decide, if_true, if_false]
    rw [show (k + 8 * q) % 8 = k by omega, show (k + 8 * q) / 8 = q by omega]
  have value : UnsignedByte.value (packed.item (start + k)) = (packed.bytes start k : Int) :=
    value_eq packed start k
  refine (bind_ok (get_ok packed _ _ e3 (by omega))).trans ?_
  simp only [value]
  refine (bind_ok (get_ok packed _ (start + (8 + 0)) (place_past _ start 8 rfl (by omega))
    (by omega))).trans ?_
  refine (bind_ok (spread_step codes first _
    (fun i => decide (i % 8 < k ∧ i < 32 ∨ i = k)) _ k _ _ e1 ?_ (by omega) fun j => by
      simp only [decide_eq_true_eq])).trans ?_
  · rw [code3_sum _ _ (packed.bytes start k % 4) _ (remInt_nat _ 4 _ 4 rfl rfl) (bit 0) (by omega)
      (two 0), show unpackHalf 3 (packed.bytes start) k = _ from unpacked 0 (by decide)]
    rw [Nat.pow_zero, Nat.div_one]
  refine (bind_ok (get_ok packed _ (start + (8 + 1)) (place_past _ start 9 rfl (by omega))
    (by omega))).trans ?_
  refine (bind_ok (spread_step codes first _
    (fun i => decide (i % 8 < k ∧ i < 32 ∨ i = k ∨ i = k + 8)) _ (k + 8 * 1) _ _
      ((place_past _ _ 16 e1 (by omega)).trans (by omega)) ?_ (by omega) fun j => by
      simp only [decide_eq_true_eq]; omega)).trans ?_
  · rw [code3_sum _ _ (packed.bytes start k / 4 % 4) _
      (remInt_nat _ 4 _ 4 (divInt_nat _ 4 _ 4 rfl rfl (by omega) (by decide)) rfl) (bit 1)
      (by omega) (two 1), unpacked 1 (by decide), Nat.pow_one]
  refine (bind_ok (get_ok packed _ (start + (8 + 2)) (place_past _ start 10 rfl (by omega))
    (by omega))).trans ?_
  refine (bind_ok (spread_step codes first _
    (fun i => decide (i % 8 < k ∧ i < 32 ∨ i = k ∨ i = k + 8 ∨ i = k + 16)) _ (k + 8 * 2) _ _
      ((place_past _ _ 32 e1 (by omega)).trans (by omega)) ?_ (by omega) fun j => by
      simp only [decide_eq_true_eq]; omega)).trans ?_
  · rw [code3_sum _ _ (packed.bytes start k / 16 % 4) _
      (remInt_nat _ 4 _ 4 (divInt_nat _ 16 _ 16 rfl rfl (by omega) (by decide)) rfl) (bit 2)
      (by omega) (two 2), unpacked 2 (by decide)]
  refine (bind_ok (get_ok packed _ (start + (8 + 3)) (place_past _ start 11 rfl (by omega))
    (by omega))).trans ?_
  refine spread_step codes first _ _ _ (k + 8 * 3) _ _
      ((place_past _ _ 48 e1 (by omega)).trans (by omega)) ?_ (by omega) fun j => by
      simp only [decide_eq_true_eq]; omega
  rw [code3_sum _ _ (packed.bytes start k / 64 % 4) _
      ((divInt_nat _ 64 _ 64 rfl rfl (by omega) (by decide)).trans (by omega)) (bit 3)
      (by omega) (two 3), unpacked 3 (by decide)]

/-- English: there are such arrays. -/
theorem unpack3_unpacks_possible : ∃ (packed : Arr Int) (start : Nat) (codes : Arr Int)
    (first : Nat), UnpackOk 3 packed start codes first :=
  ⟨_, _, _, _, unpackOk_zeros 3 (by decide)⟩

end ThreeHalf.Java
