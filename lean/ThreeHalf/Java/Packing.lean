module
public import ThreeHalf.Packing
public import ThreeHalf.Java.Generated
@[expose] public section

/-!
# `HalfPacking.java` packs as the specification says

Theorems about the translated source: within their preconditions its methods end without an
exception, and write what `packHalf` and `unpackHalf` of `Packing.lean` define, and nothing else.

Main definitions: `Arr.bytes` and `Arr.codes` (what an array holds, as numbers from 0 to 255).
Main results: `pack4_packs`, `unpack4_unpacks`, `pack8_packs`, `unpack8_unpacks`.
-/

namespace ThreeHalf.Java

/-- Byte j from `start` on, as a number from 0 to 255. -/
def Arr.bytes (a : Arr Int) (start j : Nat) : Nat := (a.item (start + j) % 256).toNat

/-- Code i of the half whose code 0 stands at `first`, as a number from 0 to 255. -/
def Arr.codes (a : Arr Int) (first i : Nat) : Nat := (a.item (first + 2 * i) % 256).toNat

/-- The elements of a `byte[]`. -/
def Arr.IsBytes (a : Arr Int) : Prop := ∀ k, -128 ≤ a.item k ∧ a.item k ≤ 127

/-! ## `UnsignedByte` -/

/-- `UnsignedByte.value` gives the number that a byte holds. -/
theorem value_eq (a : Arr Int) (start j : Nat) :
    UnsignedByte.value (a.item (start + j)) = (a.bytes start j : Int) := by
  unfold UnsignedByte.value Arr.bytes
  rw [andInt_255]
  omega

/-- The number of a code's byte. -/
theorem value_code (a : Arr Int) (first i : Nat) :
    UnsignedByte.value (a.item (first + 2 * i)) = (a.codes first i : Int) :=
  value_eq a first (2 * i)

/-- A code below 128 is its byte. -/
theorem item_code (a : Arr Int) (hb : a.IsBytes) (first i : Nat) (h : a.codes first i < 128) :
    a.item (first + 2 * i) = (a.codes first i : Int) := by
  have := hb (first + 2 * i)
  unfold Arr.codes at *
  omega

/-- `UnsignedByte.of` gives the byte that holds a number. -/
theorem of_eq (x : Int) (v : Nat) (hx : x = (v : Int)) :
    UnsignedByte.of x = toByte v := by
  subst hx
  unfold UnsignedByte.of subInt toInt toByte
  split <;> omega

/-- `UnsignedByte.bit` gives a bit of the number that a byte holds. -/
theorem bit_eq (b : Int) (t : Nat) (h : t < 8) :
    UnsignedByte.bit b t = (((b % 256).toNat / 2 ^ t % 2 : Nat) : Int) := by
  unfold UnsignedByte.bit
  rw [andInt_1]
  obtain rfl | rfl | rfl | rfl | rfl | rfl | rfl | rfl :
      t = 0 ∨ t = 1 ∨ t = 2 ∨ t = 3 ∨ t = 4 ∨ t = 5 ∨ t = 6 ∨ t = 7 := by omega
  · show b / 1 % 2 = (((b % 256).toNat / 1 % 2 : Nat) : Int); omega
  · show b / 2 % 2 = (((b % 256).toNat / 2 % 2 : Nat) : Int); omega
  · show b / 4 % 2 = (((b % 256).toNat / 4 % 2 : Nat) : Int); omega
  · show b / 8 % 2 = (((b % 256).toNat / 8 % 2 : Nat) : Int); omega
  · show b / 16 % 2 = (((b % 256).toNat / 16 % 2 : Nat) : Int); omega
  · show b / 32 % 2 = (((b % 256).toNat / 32 % 2 : Nat) : Int); omega
  · show b / 64 % 2 = (((b % 256).toNat / 64 % 2 : Nat) : Int); omega
  · show b / 128 % 2 = (((b % 256).toNat / 128 % 2 : Nat) : Int); omega

/-! ## Arithmetic of small numbers -/

/-- A small sum. -/
theorem addInt_nat (x y : Int) (a b : Nat) (hx : x = (a : Int)) (hy : y = (b : Int))
    (h : a + b < 2147483648) : addInt x y = ((a + b : Nat) : Int) := by
  subst hx hy
  rw [addInt_id _ _ (by omega) (by omega)]
  omega

/-- A small product. -/
theorem mulInt_nat (x y : Int) (a b : Nat) (hx : x = (a : Int)) (hy : y = (b : Int))
    (h : a * b < 2147483648) : mulInt x y = ((a * b : Nat) : Int) := by
  subst hx hy
  have e : (a : Int) * (b : Int) = ((a * b : Nat) : Int) := (Int.natCast_mul a b).symm
  rw [mulInt_id _ _ (by rw [e]; omega) (by rw [e]; omega), e]

/-- A small quotient. -/
theorem divInt_nat (x y : Int) (a b : Nat) (hx : x = (a : Int)) (hy : y = (b : Int))
    (ha : a < 2147483648) (hb : 0 < b) : divInt x y = ((a / b : Nat) : Int) := by
  subst hx hy
  rw [divInt_nonneg _ _ (by omega) (by omega) (by omega), Int.natCast_ediv]

/-- A remainder. -/
theorem remInt_nat (x y : Int) (a b : Nat) (hx : x = (a : Int)) (hy : y = (b : Int)) :
    remInt x y = ((a % b : Nat) : Int) := by
  subst hx hy
  rw [remInt_nonneg _ _ (by omega), Int.natCast_emod]

/-- Element i of a half. -/
theorem place_code (first i : Nat) (x y : Int) (hx : x = (first : Int)) (hy : y = (i : Int))
    (h : first + 2 * i < 2147483648) :
    addInt x (mulInt 2 y) = ((first + 2 * i : Nat) : Int) :=
  addInt_nat _ _ _ _ hx (mulInt_nat 2 _ 2 i rfl hy (by omega)) h

/-! ## Codes of 4 bits -/

/-- What packing a half supposes: room for it, and codes that fit. -/
structure PackOk (bits : Nat) (codes : Arr Int) (first : Nat) (packed : Arr Int) (start : Nat) :
    Prop where
  room : first + 63 ≤ codes.length
  small : codes.length < 2147483648
  space : start + Format.halfBytes bits ≤ packed.length
  packedSmall : packed.length < 2147483648
  bytes : codes.IsBytes
  fits : ∀ i < 32, codes.codes first i < 2 ^ bits

/-- What unpacking a half supposes: room for it. -/
structure UnpackOk (bits : Nat) (packed : Arr Int) (start : Nat) (codes : Arr Int) (first : Nat) :
    Prop where
  room : first + 63 ≤ codes.length
  small : codes.length < 2147483648
  space : start + Format.halfBytes bits ≤ packed.length
  packedSmall : packed.length < 2147483648

/-- English: there is room for a half's codes and bytes. -/
theorem packOk_zeros (bits : Nat) (hb : bits ≤ 8) :
    PackOk bits ⟨63, fun _ => 0⟩ 0 ⟨32, fun _ => 0⟩ 0 :=
  ⟨by decide, by decide, by show 0 + 4 * bits ≤ 32; omega, by decide,
    fun _ => by show (-128 : Int) ≤ 0 ∧ (0 : Int) ≤ 127; decide,
    fun _ _ => Nat.two_pow_pos _⟩

/-- English: there is room for a half's codes and bytes. -/
theorem unpackOk_zeros (bits : Nat) (hb : bits ≤ 8) :
    UnpackOk bits ⟨32, fun _ => 0⟩ 0 ⟨63, fun _ => 0⟩ 0 :=
  ⟨by decide, by decide, by show 0 + 4 * bits ≤ 32; omega, by decide⟩

/-- English: `HalfPacking.pack4` ends without an exception, and writes the 16 bytes of a half of
4-bit codes, and nothing else. -/
theorem pack4_packs (codes : Arr Int) (first : Nat) (packed : Arr Int) (start : Nat)
    (h : PackOk 4 codes first packed start) :
    HalfPacking.pack4 codes first packed start =
      .ok (packed.overwritten start 16 fun j => toByte (packHalf 4 (codes.codes first) j)) := by
  obtain ⟨h1, h2, h3, h4, h5, h6⟩ := h
  simp only [Format.halfBytes] at h3
  unfold HalfPacking.pack4
  refine forRange_ok 16 16 _ _ _ (fun n => packed.overwritten start n fun j =>
    toByte (packHalf 4 (codes.codes first) j)) rfl (overwritten_zero ..) rfl ?_
  intro k hk
  have c1 := h6 k (by omega)
  have c2 := h6 (k + 16) (by omega)
  have e1 := place_code first k first k rfl rfl (by omega)
  have e2 : addInt (addInt first (mulInt 2 k)) 32 = ((first + 2 * (k + 16) : Nat) : Int) := by
    refine (addInt_nat _ _ _ 32 e1 rfl (by omega)).trans ?_
    omega
  refine (bind_ok (get_ok codes _ _ e1 (by omega))).trans ?_
  refine (bind_ok (get_ok codes _ _ e2 (by omega))).trans ?_
  refine overwritten_step packed start k _ _ _ (addInt_nat _ _ _ _ rfl rfl (by omega)) ?_ (by omega)
  rw [item_code codes h5 first k (by omega), item_code codes h5 first (k + 16) (by omega)]
  have ep : packHalf 4 (codes.codes first) k =
      codes.codes first k + 16 * codes.codes first (k + 16) := by
    simp only [packHalf, if_true]
  refine of_eq _ _ ?_
  rw [ep]
  exact addInt_nat _ _ _ _ rfl (mulInt_nat 16 _ 16 _ rfl rfl (by omega)) (by omega)

/-- English: there are such arrays. -/
theorem pack4_packs_possible : ∃ (codes : Arr Int) (first : Nat) (packed : Arr Int)
    (start : Nat), PackOk 4 codes first packed start :=
  ⟨_, _, _, _, packOk_zeros 4 (by decide)⟩

/-- English: `HalfPacking.unpack4` ends without an exception, and writes the 32 codes of a half of
4-bit codes, and nothing else. -/
theorem unpack4_unpacks (packed : Arr Int) (start : Nat) (codes : Arr Int) (first : Nat)
    (h : UnpackOk 4 packed start codes first) :
    HalfPacking.unpack4 packed start codes first =
      .ok (codes.spread first (fun i => decide (i < 32)) fun i =>
        toByte (unpackHalf 4 (packed.bytes start) i)) := by
  obtain ⟨h1, h2, h3, h4⟩ := h
  simp only [Format.halfBytes] at h3
  unfold HalfPacking.unpack4
  refine forRange_ok 16 16 _ _ _ (fun n => codes.spread first
    (fun i => decide (i % 16 < n ∧ i < 32))
    fun i => toByte (unpackHalf 4 (packed.bytes start) i)) rfl
    (spread_none _ _ _ _ fun i => by simp) (spread_congr _ _ _ _ _ fun i => by
      simp only [decide_eq_true_eq]; omega) ?_
  intro k hk
  have e1 := place_code first k first k rfl rfl (by omega)
  have e2 : addInt (addInt first (mulInt 2 k)) 32 = ((first + 2 * (k + 16) : Nat) : Int) := by
    refine (addInt_nat _ _ _ 32 e1 rfl (by omega)).trans ?_
    omega
  have e3 : addInt (start : Int) (k : Int) = ((start + k : Nat) : Int) :=
    addInt_nat _ _ _ _ rfl rfl (by omega)
  have b : packed.bytes start k < 256 := by unfold Arr.bytes; omega
  have u1 : unpackHalf 4 (packed.bytes start) k = packed.bytes start k % 16 := by
    simp only [unpackHalf, if_true]
    rw [if_pos (by omega)]
  have u2 : unpackHalf 4 (packed.bytes start) (k + 16) = packed.bytes start k / 16 := by
    simp only [unpackHalf, if_true]
    rw [if_neg (by omega), show k + 16 - 16 = k by omega]
    omega
  refine (bind_ok (get_ok packed _ _ e3 (by omega))).trans ?_
  refine (bind_ok (spread_step codes first _
    (fun i => decide (i % 16 < k ∧ i < 32 ∨ i = k)) _ k _ _ e1 ?_ (by omega) fun j => by
      simp only [decide_eq_true_eq])).trans ?_
  · rw [value_eq, u1, remInt_nat _ 16 _ 16 rfl rfl]
  refine (bind_ok (get_ok packed _ _ e3 (by omega))).trans ?_
  refine spread_step codes first _ _ _ (k + 16) _ _ e2 ?_ (by omega) fun j => by
    simp only [decide_eq_true_eq]; omega
  rw [value_eq, u2, divInt_nat _ 16 _ 16 rfl rfl (by omega) (by omega)]

/-- English: there are such arrays. -/
theorem unpack4_unpacks_possible : ∃ (packed : Arr Int) (start : Nat) (codes : Arr Int)
    (first : Nat), UnpackOk 4 packed start codes first :=
  ⟨_, _, _, _, unpackOk_zeros 4 (by decide)⟩

/-! ## Codes of 8 bits -/

/-- English: `HalfPacking.pack8` ends without an exception, and writes the 32 bytes of a half of
8-bit codes, and nothing else. -/
theorem pack8_packs (codes : Arr Int) (first : Nat) (packed : Arr Int) (start : Nat)
    (h : PackOk 8 codes first packed start) :
    HalfPacking.pack8 codes first packed start =
      .ok (packed.overwritten start 32 fun j => toByte (packHalf 8 (codes.codes first) j)) := by
  obtain ⟨h1, h2, h3, h4, h5, h6⟩ := h
  simp only [Format.halfBytes] at h3
  unfold HalfPacking.pack8
  refine forRange_ok 32 32 _ _ _ (fun n => packed.overwritten start n fun j =>
    toByte (packHalf 8 (codes.codes first) j)) rfl (overwritten_zero ..) rfl ?_
  intro k hk
  have e1 := place_code first k first k rfl rfl (by omega)
  refine (bind_ok (get_ok codes _ _ e1 (by omega))).trans ?_
  refine overwritten_step packed start k _ _ _ (addInt_nat _ _ _ _ rfl rfl (by omega)) ?_ (by omega)
  have ep : packHalf 8 (codes.codes first) k = (codes.item (first + 2 * k) % 256).toNat := rfl
  have hb := h5 (first + 2 * k)
  rw [ep]
  unfold toByte
  omega

/-- English: there are such arrays. -/
theorem pack8_packs_possible : ∃ (codes : Arr Int) (first : Nat) (packed : Arr Int)
    (start : Nat), PackOk 8 codes first packed start :=
  ⟨_, _, _, _, packOk_zeros 8 (by decide)⟩

/-- English: `HalfPacking.unpack8` ends without an exception, and writes the 32 codes of a half of
8-bit codes, and nothing else. -/
theorem unpack8_unpacks (packed : Arr Int) (start : Nat) (codes : Arr Int) (first : Nat)
    (hp : packed.IsBytes) (h : UnpackOk 8 packed start codes first) :
    HalfPacking.unpack8 packed start codes first =
      .ok (codes.spread first (fun i => decide (i < 32)) fun i =>
        toByte (unpackHalf 8 (packed.bytes start) i)) := by
  obtain ⟨h1, h2, h3, h4⟩ := h
  simp only [Format.halfBytes] at h3
  unfold HalfPacking.unpack8
  refine forRange_ok 32 32 _ _ _ (fun n => codes.spread first (fun i => decide (i < n))
    fun i => toByte (unpackHalf 8 (packed.bytes start) i)) rfl
    (spread_none _ _ _ _ fun i => by simp) rfl ?_
  intro k hk
  have e1 := place_code first k first k rfl rfl (by omega)
  have e3 : addInt (start : Int) (k : Int) = ((start + k : Nat) : Int) :=
    addInt_nat _ _ _ _ rfl rfl (by omega)
  refine (bind_ok (get_ok packed _ _ e3 (by omega))).trans ?_
  refine spread_step codes first _ _ _ k _ _ e1 ?_ (by omega) fun j => by
    simp only [decide_eq_true_eq]; omega
  have ep : unpackHalf 8 (packed.bytes start) k = (packed.item (start + k) % 256).toNat := rfl
  have hb := hp (start + k)
  rw [ep]
  unfold toByte
  omega

/-- English: there are such arrays. -/
theorem unpack8_unpacks_possible : ∃ (packed : Arr Int) (start : Nat) (codes : Arr Int)
    (first : Nat), packed.IsBytes ∧ UnpackOk 8 packed start codes first :=
  ⟨_, _, _, _, fun _ => by show (-128 : Int) ≤ 0 ∧ (0 : Int) ≤ 127; decide,
    unpackOk_zeros 8 (by decide)⟩

end ThreeHalf.Java
