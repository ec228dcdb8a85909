module
public import ThreeHalf.Java.ThreeBits
@[expose] public section

/-!
# `RowPacking.java` packs sub-scales as the specification says

Main definitions: `PackSubscalesOk` (as many bytes as they need, and numbers up to 15).
Main results: `packSubscales_packs`, `subscale_unpacks`.
-/

namespace ThreeHalf.Java

/-- What packing B sub-scales supposes: as many bytes as they need, and numbers up to 15. -/
structure PackSubscalesOk (B : Nat) (m : Nat → Nat) (subscales packed : Arr Int) : Prop where
  length : subscales.length = B
  bytes : packed.length = (B + 1) / 2
  small : B < 2147483648
  holds : ∀ b < B, subscales.item b = (m b : Int)
  fits : ∀ b < B, m b ≤ 15

/-- English: `RowPacking.packSubscales` ends without an exception, and writes the bytes of B
sub-scales as `packSubscale` defines them. -/
theorem packSubscales_packs (B : Nat) (m : Nat → Nat) (subscales packed : Arr Int)
    (h : PackSubscalesOk B m subscales packed) :
    RowPacking.packSubscales subscales packed =
      .ok (packed.overwritten 0 ((B + 1) / 2) fun j => toByte (packSubscale B m j)) := by
  obtain ⟨h1, h2, h3, h4, h5⟩ := h
  unfold RowPacking.packSubscales
  refine forRange_ok ((B + 1) / 2) _ _ _ _ (fun n => packed.overwritten 0 n fun j =>
    toByte (packSubscale B m j)) (by rw [h2]) (overwritten_zero ..) rfl ?_
  intro j hj
  have e1 : mulInt 2 (j : Int) = ((2 * j : Nat) : Int) := mulInt_nat 2 _ 2 j rfl rfl (by omega)
  have e2 : addInt ((2 * j : Nat) : Int) 1 = ((2 * j + 1 : Nat) : Int) :=
    place_past _ _ 1 rfl (by omega)
  have e3 : divInt (subscales.length : Int) 2 = ((B / 2 : Nat) : Int) :=
    divInt_nat _ 2 B 2 (by rw [h1]) rfl (by omega) (by decide)
  have low := h5 (2 * j) (by omega)
  simp only [e1, e2, e3]
  refine (bind_ok (get_ok subscales _ (2 * j) rfl (by omega))).trans ?_
  have high : (if (j : Int) < ((B / 2 : Nat) : Int) then subscales.get ((2 * j + 1 : Nat) : Int)
      else .ok (toByte 0)) =
      .ok (((if 2 * j + 1 < B then m (2 * j + 1) else 0 : Nat) : Int)) := by
    by_cases c : 2 * j + 1 < B
    · rw [if_pos (by omega), if_pos c, get_ok subscales _ (2 * j + 1) rfl (by omega),
        h4 _ c]
    · rw [if_neg (by omega), if_neg c]
      rfl
  refine (bind_ok high).trans ?_
  have top : (if 2 * j + 1 < B then m (2 * j + 1) else 0) ≤ 15 := by
    split
    · exact h5 _ (by omega)
    · omega
  refine overwritten_step packed 0 j _ _ _ (by omega) ?_ (by omega)
  refine of_eq _ _ ?_
  rw [h4 _ (by omega)]
  unfold packSubscale
  generalize (if 2 * j + 1 < B then m (2 * j + 1) else 0) = x at top ⊢
  exact addInt_nat _ _ _ _ rfl (mulInt_nat 16 _ 16 x rfl rfl (by omega)) (by omega)

/-- English: there are such arrays. -/
theorem packSubscales_packs_possible : ∃ (B : Nat) (m : Nat → Nat) (subscales packed : Arr Int),
    PackSubscalesOk B m subscales packed :=
  ⟨1, fun _ => 3, ⟨1, fun _ => 3⟩, ⟨1, fun _ => 0⟩, rfl, rfl, by decide, fun _ _ => rfl,
    fun _ _ => by decide⟩

/-- English: `RowPacking.subscale` ends without an exception where there is such a byte, and gives
the sub-scale that `unpackSubscale` defines. -/
theorem subscale_unpacks (packed : Arr Int) (b : Nat) (h : b / 2 < packed.length)
    (hs : b < 2147483648) :
    RowPacking.subscale packed b = .ok (unpackSubscale (packed.bytes 0) b : Int) := by
  have e1 : divInt (b : Int) 2 = ((b / 2 : Nat) : Int) :=
    divInt_nat _ 2 b 2 rfl rfl hs (by decide)
  have e2 : remInt (b : Int) 2 = ((b % 2 : Nat) : Int) := remInt_nat _ 2 b 2 rfl rfl
  have e3 : UnsignedByte.value (packed.item (b / 2)) = (packed.bytes 0 (b / 2) : Int) := by
    have := value_eq packed 0 (b / 2)
    rwa [Nat.zero_add] at this
  have small : packed.bytes 0 (b / 2) < 256 := by unfold Arr.bytes; omega
  unfold RowPacking.subscale
  rw [e1]
  refine (bind_ok (get_ok packed _ (b / 2) rfl h)).trans ?_
  simp only [e2, e3]
  rw [remInt_nat _ 16 _ 16 rfl rfl, divInt_nat _ 16 _ 16 rfl rfl (by omega) (by decide)]
  unfold unpackSubscale
  refine congrArg Result.ok ?_
  by_cases c : b % 2 = 0
  · rw [if_pos (by omega), if_pos c]
  · rw [if_neg (by omega), if_neg c]
    omega

/-- English: there is such an array. -/
theorem subscale_unpacks_possible : ∃ (packed : Arr Int) (b : Nat), b / 2 < packed.length ∧
    b < 2147483648 :=
  ⟨⟨1, fun _ => 0⟩, 0, by decide, by decide⟩

end ThreeHalf.Java
