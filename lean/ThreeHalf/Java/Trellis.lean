module
public import ThreeHalf.Java.ThreeBits
@[expose] public section

/-!
# `TrellisCoding.java` decodes and packs the T formats as the specification says

Main definitions: `TrellisOk` (the codes of a block), `StringRoom` (room for its bytes).
Main results: `window_window`, `integers_windows` (the window of an input, the integers of a block),
`pack_string`, `unpack_string` (the string of a block).
-/

namespace ThreeHalf.Java

/-- What the codes of a block of a format with windows are: 64 bytes, each with its width's bits. -/
structure TrellisOk (f : Format) (codes : Arr Int) (first : Nat) : Prop where
  windows : f.windowed = true
  room : first + 64 ≤ codes.length
  small : codes.length < 2147483648
  bytes : codes.IsBytes
  fits : ∀ i < 64, codes.bytes first i < 2 ^ f.codeBits i

/-- A block of zeros. -/
theorem trellisOk_zeros : TrellisOk .t4 ⟨64, fun _ => 0⟩ 0 :=
  ⟨rfl, by decide, by decide, fun _ => by show (-128 : Int) ≤ 0 ∧ (0 : Int) ≤ 127; decide,
    fun _ _ => Nat.two_pow_pos _⟩

/-- The three formats with windows. -/
theorem windowed_cases (f : Format) (hf : f.windowed = true) :
    f = .t4 ∨ f = .t35 ∨ f = .t3 := by
  cases f <;> first | exact absurd hf (by decide) | simp

/-- A byte below 128 is the number that it holds. -/
theorem item_byte (a : Arr Int) (hb : a.IsBytes) (start j : Nat) (h : a.bytes start j < 128) :
    a.item (start + j) = (a.bytes start j : Int) := by
  have := hb (start + j)
  unfold Arr.bytes at *
  omega

/-- English: `TrellisCoding.window` ends without an exception, and gives the window of input i of a
block, as `window` defines it. -/
theorem window_window (f : Format) (codes : Arr Int) (first i : Nat) (hi : i < 64)
    (h : TrellisOk f codes first) :
    TrellisCoding.window f.evenBits f.oddBits codes first i =
      .ok (window f (codes.bytes first) i : Int) := by
  obtain ⟨hf, h1, h2, h3, h4⟩ := h
  have e1 : remInt (addInt (i : Int) 1) 64 = (((i + 1) % 64 : Nat) : Int) :=
    remInt_nat _ 64 _ 64 (place_past _ i 1 rfl (by omega)) rfl
  have e2 : remInt (addInt (i : Int) 2) 64 = (((i + 2) % 64 : Nat) : Int) :=
    remInt_nat _ 64 _ 64 (place_past _ i 2 rfl (by omega)) rfl
  have place (j : Nat) (hj : j < 64) : addInt (first : Int) (j : Int) = ((first + j : Nat) : Int) :=
    place_past _ first j rfl (by omega)
  have c16 (j : Nat) (hj : j < 64) : codes.bytes first j < 16 := by
    have a := h4 j hj
    have b : f.codeBits j ≤ 4 := by
      unfold Format.codeBits
      rcases windowed_cases f hf with rfl | rfl | rfl <;> split <;> decide
    have := Nat.pow_le_pow_right (show 0 < 2 by decide) b
    omega
  have item (j : Nat) (hj : j < 64) : codes.item (first + j) = (codes.bytes first j : Int) :=
    item_byte codes h3 first j (by have := c16 j hj; omega)
  have nf : (if remInt (i : Int) 2 = 0 then (if (f.evenBits : Int) = 4 then 16 else 8 : Int) else
      (if (f.oddBits : Int) = 4 then 16 else 8 : Int) : Int) =
          ((2 ^ f.codeBits i : Nat) : Int) := by
    rw [remInt_nat _ 2 i 2 rfl rfl]
    unfold Format.codeBits
    by_cases c : i % 2 = 0
    · rw [if_pos (by omega), if_pos c]
      rcases windowed_cases f hf with rfl | rfl | rfl <;> decide
    · rw [if_neg (by omega), if_neg c]
      rcases windowed_cases f hf with rfl | rfl | rfl <;> decide
  have af : (if (f.evenBits : Int) = 3 then 64 else
      (if (f.oddBits : Int) = 3 then 128 else 256 : Int) : Int) =
      ((2 ^ f.pairBits : Nat) : Int) := by
    rcases windowed_cases f hf with rfl | rfl | rfl <;> decide
  have n16 : 2 ^ f.codeBits i ≤ 16 := by
    unfold Format.codeBits
    rcases windowed_cases f hf with rfl | rfl | rfl <;> split <;> decide
  have p256 : 2 ^ f.pairBits ≤ 256 := by
    rcases windowed_cases f hf with rfl | rfl | rfl <;> decide
  have b0 := c16 i hi
  have b1 := c16 ((i + 1) % 64) (by omega)
  have b2 := c16 ((i + 2) % 64) (by omega)
  have m1 := Nat.mul_le_mul n16 (Nat.le_of_lt b1)
  have m2 := Nat.mul_le_mul p256 (Nat.le_of_lt b2)
  unfold TrellisCoding.window
  rw [e1, e2]
  refine (bind_ok (get_ok codes _ (first + i) (place i hi) (by omega))).trans ?_
  refine (bind_ok (get_ok codes _ (first + (i + 1) % 64) (place _ (by omega)) (by omega))).trans ?_
  refine (bind_ok (get_ok codes _ (first + (i + 2) % 64) (place _ (by omega)) (by omega))).trans ?_
  simp only [nf, af]
  rw [item i hi, item _ (by omega), item _ (by omega)]
  unfold window
  rw [show i / 64 * 64 + (i + 1) % 64 = (i + 1) % 64 by omega,
    show i / 64 * 64 + (i + 2) % 64 = (i + 2) % 64 by omega]
  generalize codes.bytes first ((i + 1) % 64) = x1 at *
  generalize codes.bytes first ((i + 2) % 64) = x2 at *
  generalize codes.bytes first i = x0 at *
  generalize 2 ^ f.codeBits i = p at *
  generalize 2 ^ f.pairBits = q at *
  rw [remInt_nat _ 256 _ 256 (addInt_nat _ _ _ _ (addInt_nat _ _ _ _ rfl
    (mulInt_nat _ _ p x1 rfl rfl (by omega)) (by omega))
    (mulInt_nat _ _ q x2 rfl rfl (by omega)) (by omega)) rfl]

/-- English: there are such codes. -/
theorem window_window_possible : ∃ (f : Format) (codes : Arr Int) (first i : Nat), i < 64 ∧
    TrellisOk f codes first :=
  ⟨_, _, _, 0, by decide, trellisOk_zeros⟩

/-- English: `TrellisCoding.integers` ends without an exception, and writes the table's entry at the
window of each of a block's 64 inputs, and nothing else. -/
theorem integers_windows (f : Format) (codes : Arr Int) (first : Nat) (table integers : Arr Int)
    (h : TrellisOk f codes first) (ht : table.length = 256) (hi : first + 64 ≤ integers.length) :
    TrellisCoding.integers f.evenBits f.oddBits codes first table integers =
      .ok (integers.overwritten first 64 fun i => table.item (window f (codes.bytes first) i)) := by
  have small := h.small
  have room := h.room
  unfold TrellisCoding.integers
  refine forRange_ok 64 64 _ _ _ (fun n => integers.overwritten first n fun i =>
    table.item (window f (codes.bytes first) i)) rfl (overwritten_zero ..) rfl ?_
  intro i hi
  have w := window_lt f (codes.bytes first) i
  refine (bind_ok (window_window f codes first i hi h)).trans ?_
  refine (bind_ok (get_ok table _ _ rfl (by omega))).trans ?_
  exact overwritten_step integers first i _ _ _ (place_past _ first i rfl (by omega)) rfl (by omega)

/-- English: there are such arrays. -/
theorem integers_windows_possible : ∃ (f : Format) (codes : Arr Int) (first : Nat)
    (table integers : Arr Int), TrellisOk f codes first ∧ table.length = 256 ∧
      first + 64 ≤ integers.length :=
  ⟨_, _, _, ⟨256, fun _ => 0⟩, ⟨64, fun _ => 0⟩, trellisOk_zeros, rfl, by decide⟩

/-! ## The string of a block -/

/-- Room for the bytes of a block's string. -/
structure StringRoom (f : Format) (packed : Arr Int) (start : Nat) : Prop where
  space : start + f.blockBytes ≤ packed.length
  small : packed.length < 2147483648

/-- `TrellisCoding.pairBit` gives a bit of the codes of a pair. -/
theorem pairBit_eq (f : Format) (codes : Arr Int) (first p b : Nat) (o : Int) (hp : p < 32)
    (hb : b < f.pairBits) (h : TrellisOk f codes first) :
    TrellisCoding.pairBit f.evenBits o codes first p b =
      .ok (((if b < f.evenBits then codes.bytes first (2 * p) / 2 ^ b % 2
        else codes.bytes first (2 * p + 1) / 2 ^ (b - f.evenBits) % 2 : Nat)) : Int) := by
  obtain ⟨hf, h1, h2, _, _⟩ := h
  have widths : f.evenBits ≤ 4 ∧ f.oddBits ≤ 4 := by
    rcases windowed_cases f hf with rfl | rfl | rfl <;> decide
  have sum : f.pairBits = f.evenBits + f.oddBits := rfl
  have e1 : addInt (first : Int) (mulInt 2 (p : Int)) = ((first + 2 * p : Nat) : Int) :=
    place_code first p _ _ rfl rfl (by omega)
  unfold TrellisCoding.pairBit
  by_cases c : b < f.evenBits
  · rw [if_pos (by omega), if_pos c]
    refine (bind_ok (get_ok codes _ _ e1 (by omega))).trans ?_
    rw [bit_eq _ b (by omega)]
    rfl
  · have e2 : addInt (addInt (first : Int) (mulInt 2 (p : Int))) 1 =
        ((first + (2 * p + 1) : Nat) : Int) := place_past _ (first + 2 * p) 1 e1 (by omega)
    have e3 : subInt (b : Int) (f.evenBits : Int) = ((b - f.evenBits : Nat) : Int) := by
      rw [subInt_id _ _ (by omega) (by omega)]
      omega
    rw [if_neg (by omega), if_neg c]
    refine (bind_ok (get_ok codes _ _ e2 (by omega))).trans ?_
    rw [e3, bit_eq _ _ (by omega)]
    rfl

/-- `TrellisCoding.stringBit` gives a bit of a block's string. -/
theorem stringBit_eq (f : Format) (codes : Arr Int) (first n : Nat) (hn : n < 32 * f.pairBits)
    (h : TrellisOk f codes first) :
    TrellisCoding.stringBit f.evenBits f.oddBits codes first n =
      .ok (stringBit f (codes.bytes first) n : Int) := by
  have hf := h.windows
  have widths : 0 < f.pairBits ∧ f.pairBits ≤ 8 := by
    rcases windowed_cases f hf with rfl | rfl | rfl <;> decide
  have e : TrellisCoding.stringBit f.evenBits f.oddBits codes first n =
      TrellisCoding.pairBit f.evenBits f.oddBits codes first ((n / f.pairBits : Nat) : Int)
        ((n % f.pairBits : Nat) : Int) := by
    unfold TrellisCoding.stringBit
    rcases windowed_cases f hf with rfl | rfl | rfl
    · rw [if_pos (by decide), divInt_nat _ 8 n 8 rfl rfl (by omega) (by decide),
        remInt_nat _ 8 n 8 rfl rfl]
      rfl
    · rw [if_neg (by decide), if_pos (by decide),
        divInt_nat _ 7 n 7 rfl rfl (by omega) (by decide), remInt_nat _ 7 n 7 rfl rfl]
      rfl
    · rw [if_neg (by decide), if_neg (by decide),
        divInt_nat _ 6 n 6 rfl rfl (by omega) (by decide), remInt_nat _ 6 n 6 rfl rfl]
      rfl
  rw [e, pairBit_eq f codes first (n / f.pairBits) (n % f.pairBits) _
    ((Nat.div_lt_iff_lt_mul widths.1).mpr hn) (Nat.mod_lt _ widths.1) h]
  rfl

/-- `TrellisCoding.stringByte` gives a byte of a block's string. -/
theorem stringByte_eq (f : Format) (codes : Arr Int) (first j : Nat) (hj : j < f.blockBytes)
    (h : TrellisOk f codes first) :
    TrellisCoding.stringByte f.evenBits f.oddBits codes first j =
      .ok (packString f (codes.bytes first) j : Int) := by
  have hf := h.windows
  have bytes := block_bytes_pair f
  have widths : f.pairBits ≤ 8 := by
    rcases windowed_cases f hf with rfl | rfl | rfl <;> decide
  have e0 : mulInt 8 (j : Int) = ((8 * j : Nat) : Int) := mulInt_nat 8 _ 8 j rfl rfl (by omega)
  have e (t : Nat) (ht : t < 8) : addInt ((8 * j : Nat) : Int) (t : Int) =
      ((8 * j + t : Nat) : Int) := place_past _ _ t rfl (by omega)
  have s (t : Nat) (ht : t < 8) := stringBit_eq f codes first (8 * j + t) (by omega) h
  have x (t : Nat) := stringBit_lt f (codes.bytes first) (8 * j + t)
  unfold TrellisCoding.stringByte
  simp only [e0]
  refine (bind_ok (s 0 (by decide))).trans ?_
  refine (bind_ok ((congrArg _ (e 1 (by decide))).trans (s 1 (by decide)))).trans ?_
  refine (bind_ok ((congrArg _ (e 2 (by decide))).trans (s 2 (by decide)))).trans ?_
  refine (bind_ok ((congrArg _ (e 3 (by decide))).trans (s 3 (by decide)))).trans ?_
  refine (bind_ok ((congrArg _ (e 4 (by decide))).trans (s 4 (by decide)))).trans ?_
  refine (bind_ok ((congrArg _ (e 5 (by decide))).trans (s 5 (by decide)))).trans ?_
  refine (bind_ok ((congrArg _ (e 6 (by decide))).trans (s 6 (by decide)))).trans ?_
  refine (bind_ok ((congrArg _ (e 7 (by decide))).trans (s 7 (by decide)))).trans ?_
  rw [bits_sum _ _ _ _ _ _ _ _ (x 0) (x 1) (x 2) (x 3) (x 4) (x 5) (x 6) (x 7)]
  unfold packString
  simp only [bitsFrom, Nat.add_assoc, Nat.reduceAdd, Nat.add_zero]
  refine congrArg (fun n : Nat => Result.ok (n : Int)) ?_
  omega

/-- English: `TrellisCoding.pack` ends without an exception, and writes the bytes of a block's
string, as `packString` defines them, and nothing else. -/
theorem pack_string (f : Format) (codes : Arr Int) (first : Nat) (packed : Arr Int) (start : Nat)
    (h : TrellisOk f codes first) (hs : StringRoom f packed start) :
    TrellisCoding.pack f.evenBits f.oddBits codes first packed start =
      .ok (packed.overwritten start f.blockBytes fun q =>
        toByte (packString f (codes.bytes first) q)) := by
  obtain ⟨s1, s2⟩ := hs
  have small : f.evenBits ≤ 8 ∧ f.oddBits ≤ 8 := by cases f <;> decide
  have e : mulInt 4 (addInt (f.evenBits : Int) (f.oddBits : Int)) = (f.blockBytes : Int) := by
    rw [block_bytes_pair]
    exact mulInt_nat 4 _ 4 (f.evenBits + f.oddBits) rfl
      (addInt_nat _ _ _ _ rfl rfl (by omega)) (by omega)
  unfold TrellisCoding.pack
  simp only [e]
  refine forRange_ok f.blockBytes _ _ _ _ (fun n => packed.overwritten start n fun q =>
    toByte (packString f (codes.bytes first) q)) rfl (overwritten_zero ..) rfl ?_
  intro j hj
  refine (bind_ok (stringByte_eq f codes first j hj h)).trans ?_
  exact overwritten_step packed start j _ _ _ (place_past _ start j rfl (by omega)) (of_eq _ _ rfl)
    (by omega)

/-- English: there are such arrays. -/
theorem pack_string_possible : ∃ (f : Format) (codes : Arr Int) (first : Nat) (packed : Arr Int)
    (start : Nat), TrellisOk f codes first ∧ StringRoom f packed start :=
  ⟨.t4, _, _, ⟨32, fun _ => 0⟩, 0, trellisOk_zeros, by decide, by decide⟩

/-- `TrellisCoding.packedBit` gives a bit of bytes. -/
theorem packedBit_eq (packed : Arr Int) (start n : Nat) (x : Int) (hx : x = (n : Int))
    (hn : n < 2147483648) (h : start + n / 8 < packed.length)
    (hs : packed.length < 2147483648) :
    TrellisCoding.packedBit packed start x = .ok (byteBit (packed.bytes start) n : Int) := by
  subst hx
  unfold TrellisCoding.packedBit
  rw [divInt_nat _ 8 n 8 rfl rfl hn (by decide), remInt_nat _ 8 n 8 rfl rfl]
  refine (bind_ok (get_ok packed _ _ (place_past _ start (n / 8) rfl (by omega)) h)).trans ?_
  rw [bit_eq _ _ (Nat.mod_lt _ (by decide))]
  rfl

/-- `TrellisCoding.packedCode` gives three or four bits of bytes. -/
theorem packedCode_eq (f : Format) (packed : Arr Int) (start n w : Nat) (x : Int)
    (hx : x = (n : Int)) (hw : w = 3 ∨ w = 4) (hn : n + w ≤ 8 * f.blockBytes)
    (h : StringRoom f packed start) :
    TrellisCoding.packedCode packed start x w =
      .ok (bitsFrom (fun n => byteBit (packed.bytes start) n) w n : Int) := by
  obtain ⟨s1, s2⟩ := h
  have short : f.blockBytes ≤ 64 := by cases f <;> decide
  have bit (t : Nat) (ht : t < w) (y : Int) (hy : y = ((n + t : Nat) : Int)) :=
    packedBit_eq packed start (n + t) y hy (by omega) (by omega) s2
  have two (t : Nat) := byteBit_lt (packed.bytes start) (n + t)
  unfold TrellisCoding.packedCode
  refine (bind_ok (bit 0 (by omega) _ hx)).trans ?_
  refine (bind_ok (bit 1 (by omega) _ (place_past _ n 1 hx (by omega)))).trans ?_
  refine (bind_ok (bit 2 (by omega) _ (place_past _ n 2 hx (by omega)))).trans ?_
  have low : addInt (addInt (byteBit (packed.bytes start) (n + 0) : Int)
      (mulInt 2 (byteBit (packed.bytes start) (n + 1) : Int)))
      (mulInt 4 (byteBit (packed.bytes start) (n + 2) : Int)) =
      ((byteBit (packed.bytes start) (n + 0) + 2 * byteBit (packed.bytes start) (n + 1) +
        4 * byteBit (packed.bytes start) (n + 2) : Nat) : Int) := by
    have := two 0
    have := two 1
    have := two 2
    exact addInt_nat _ _ _ _ (addInt_nat _ _ _ _ rfl
      (mulInt_nat 2 _ 2 _ rfl rfl (by omega)) (by omega))
      (mulInt_nat 4 _ 4 _ rfl rfl (by omega)) (by omega)
  simp only [low]
  rcases hw with rfl | rfl
  · rw [if_pos (by decide)]
    simp only [bitsFrom, Nat.add_assoc, Nat.reduceAdd, Nat.add_zero]
    refine congrArg (fun n : Nat => Result.ok (n : Int)) ?_
    omega
  · rw [if_neg (by decide)]
    refine (bind_ok (bit 3 (by omega) _ (place_past _ n 3 hx (by omega)))).trans ?_
    have := two 0
    have := two 1
    have := two 2
    have := two 3
    rw [addInt_nat _ _ _ _ rfl (mulInt_nat 8 _ 8 _ rfl rfl (by omega)) (by omega)]
    simp only [bitsFrom, Nat.add_assoc, Nat.reduceAdd, Nat.add_zero]
    refine congrArg (fun n : Nat => Result.ok (n : Int)) ?_
    omega

/-- English: `TrellisCoding.unpack` ends without an exception, and writes the codes of a block's
string, as `unpackString` defines them, and nothing else. -/
theorem unpack_string (f : Format) (packed : Arr Int) (start : Nat) (codes : Arr Int) (first : Nat)
    (hf : f.windowed = true) (h : StringRoom f packed start) (hc : first + 64 ≤ codes.length)
    (hl : codes.length < 2147483648) :
    TrellisCoding.unpack f.evenBits f.oddBits packed start codes first =
      .ok (codes.overwritten first 64 fun i =>
        toByte (unpackString f (packed.bytes start) i)) := by
  have widths : (f.evenBits = 3 ∨ f.evenBits = 4) ∧ (f.oddBits = 3 ∨ f.oddBits = 4) := by
    rcases windowed_cases f hf with rfl | rfl | rfl <;> decide
  have bytes := block_bytes_pair f
  have sum : f.pairBits = f.evenBits + f.oddBits := rfl
  unfold TrellisCoding.unpack
  refine forRange_ok 32 32 _ _ _ (fun n => codes.overwritten first (2 * n) fun i =>
    toByte (unpackString f (packed.bytes start) i)) rfl (overwritten_zero ..) rfl ?_
  intro p hp
  have begins : TrellisCoding.pairStart f.evenBits f.oddBits p =
      ((f.pairBits * p : Nat) : Int) := by
    unfold TrellisCoding.pairStart
    rcases windowed_cases f hf with rfl | rfl | rfl
    · rw [if_pos (by decide)]
      exact mulInt_nat 8 _ 8 p rfl rfl (by omega)
    · rw [if_neg (by decide), if_pos (by decide)]
      exact mulInt_nat 7 _ 7 p rfl rfl (by omega)
    · rw [if_neg (by decide), if_neg (by decide)]
      exact mulInt_nat 6 _ 6 p rfl rfl (by omega)
  have top : f.pairBits * p + f.pairBits ≤ f.pairBits * 32 := by
    rw [← Nat.mul_succ]
    exact Nat.mul_le_mul_left _ (by omega)
  have e1 := place_code first p _ _ rfl rfl (show first + 2 * p < 2147483648 by omega)
  have p1 : f.codeBits (2 * p) = f.evenBits ∧ f.position (2 * p) = f.pairBits * p := by
    unfold Format.codeBits Format.position
    rw [if_pos (by omega), show 2 * p / 2 = p by omega, show 2 * p % 2 = 0 by omega]
    exact ⟨rfl, rfl⟩
  have p2 : f.codeBits (2 * p + 1) = f.oddBits ∧
      f.position (2 * p + 1) = f.pairBits * p + f.evenBits := by
    unfold Format.codeBits Format.position
    rw [if_neg (by omega), show (2 * p + 1) / 2 = p by omega, show (2 * p + 1) % 2 = 1 by omega,
      Nat.mul_one]
    exact ⟨rfl, rfl⟩
  rw [begins]
  refine (bind_ok (packedCode_eq f packed start (f.pairBits * p) f.evenBits _ rfl widths.1
    (by omega) h)).trans ?_
  refine (bind_ok (overwritten_step codes first (2 * p) _ _ _ e1 ?_ (by omega))).trans ?_
  · unfold unpackString
    rw [p1.1, p1.2]
  refine (bind_ok (packedCode_eq f packed start (f.pairBits * p + f.evenBits) f.oddBits _
    (addInt_nat _ _ _ _ rfl rfl (by omega)) widths.2 (by omega) h)).trans ?_
  refine overwritten_step codes first (2 * p + 1) _ _ _
    (place_past _ (first + 2 * p) 1 e1 (by omega)) ?_ (by omega)
  unfold unpackString
  rw [p2.1, p2.2]

/-- English: there are such arrays. -/
theorem unpack_string_possible : ∃ (f : Format) (packed : Arr Int) (start : Nat) (codes : Arr Int)
    (first : Nat), f.windowed = true ∧ StringRoom f packed start ∧ first + 64 ≤ codes.length ∧
      codes.length < 2147483648 :=
  ⟨.t4, ⟨32, fun _ => 0⟩, 0, ⟨64, fun _ => 0⟩, 0, rfl, ⟨by decide, by decide⟩, by decide,
    by decide⟩

end ThreeHalf.Java
