module
public import ThreeHalf.Windows
@[expose] public section

/-!
# Packing codes and sub-scales into bytes

Section 6 of `spec/FORMAT.md`. A half, a row's codes and a row's bytes are functions from indexes to
numbers; only the indexes below their length count (32 codes of a half, K codes of a row).

Main definitions: `packHalf`, `unpackHalf`, `stringBit`, `packString`, `unpackString`, `packCode`,
`unpackCode`, `packSubscale`, `unpackSubscale`, `scaleBytes`.
Main results: `unpack_pack_half` and `pack_unpack_half` (a half is packed by a bijection, for 3, 4
and 8 bits), `unpack_pack_string` and `pack_unpack_string` (so is a block of a T format),
`window_string` and `window_bytes` (the windows are those of the bytes), `unpack_pack_row`,
`pack_unpack_row`, `unpack_pack_subscales`, `pack_unpack_subscales`, `scale_bytes_round_trip`.
Requirements: REQ-FMT-009, REQ-PCK-001 to REQ-PCK-009.
-/

namespace ThreeHalf

/-- Byte `j` of a half of 32 codes `h`, by the width of the codes (REQ-PCK-002 to REQ-PCK-004). -/
def packHalf (bits : Nat) (h : Nat → Nat) (j : Nat) : Nat :=
  if bits = 4 then h j + 16 * h (j + 16)
  else if bits = 3 then
    if j < 8 then h j % 4 + h (j + 8) % 4 * 4 + h (j + 16) % 4 * 16 + h (j + 24) % 4 * 64
    else
      let i := 8 * (j - 8)
      h i / 4 + h (i + 1) / 4 * 2 + h (i + 2) / 4 * 4 + h (i + 3) / 4 * 8 +
        h (i + 4) / 4 * 16 + h (i + 5) / 4 * 32 + h (i + 6) / 4 * 64 + h (i + 7) / 4 * 128
  else h j

/-- Code `i` of a half from its bytes `b`. -/
def unpackHalf (bits : Nat) (b : Nat → Nat) (i : Nat) : Nat :=
  if bits = 4 then (if i < 16 then b i % 16 else b (i - 16) / 16 % 16)
  else if bits = 3 then b (i % 8) / 4 ^ (i / 8) % 4 + 4 * (b (8 + i / 8) / 2 ^ (i % 8) % 2)
  else b i

/-- English: packing 32 codes of 4 bits and unpacking gives every code back.
Requirements: REQ-PCK-002, REQ-PCK-008. -/
theorem unpack_pack_half4 (h : Nat → Nat) (hc : ∀ i < 32, h i < 16) (i : Nat) (hi : i < 32) :
    unpackHalf 4 (packHalf 4 h) i = h i := by
  simp only [unpackHalf, packHalf, if_true]
  split
  · have := hc i hi; omega
  · rw [show i - 16 + 16 = i by omega]
    have := hc (i - 16) (by omega)
    have := hc i hi
    omega

/-- English: unpacking 16 bytes of 4-bit codes and packing gives every byte back.
Requirements: REQ-PCK-002, REQ-PCK-008. -/
theorem pack_unpack_half4 (b : Nat → Nat) (hb : ∀ j < 16, b j < 256) (j : Nat) (hj : j < 16) :
    packHalf 4 (unpackHalf 4 b) j = b j := by
  have := hb j hj
  simp only [unpackHalf, packHalf, if_true]
  rw [if_pos hj, if_neg (by omega), show j + 16 - 16 = j by omega]
  omega

/-- Four digits to the base 4, written as one number, can be read again. -/
theorem base4_digits (a b c d : Nat) (ha : a < 4) (hb : b < 4) (hc : c < 4) (hd : d < 4) (t : Nat)
    (ht : t < 4) :
    (a + b * 4 + c * 16 + d * 64) / 4 ^ t % 4 =
      if t = 0 then a else if t = 1 then b else if t = 2 then c else d := by
  obtain rfl | rfl | rfl | rfl : t = 0 ∨ t = 1 ∨ t = 2 ∨ t = 3 := by omega
  all_goals simp only [Nat.reducePow, if_true, if_false, Nat.reduceEqDiff]
  all_goals omega

/-- A bit in front of a number that is read from position 1 on. -/
theorem shift_bit (x y t : Nat) (hx : x < 2) : (x + 2 * y) / 2 ^ (t + 1) % 2 = y / 2 ^ t % 2 := by
  rw [Nat.pow_succ, Nat.mul_comm (2 ^ t) 2, ← Nat.div_div_eq_div_mul,
    show (x + 2 * y) / 2 = y by omega]

/-- Bits t, t + 1, … of a stream as one number, `n` of them. -/
def bitsFrom (x : Nat → Nat) : Nat → Nat → Nat
  | 0, _ => 0
  | n + 1, t => x t + 2 * bitsFrom x n (t + 1)

/-- Bits, written as one number, can be read again. -/
theorem bitsFrom_get (x : Nat → Nat) (hx : ∀ t, x t < 2) (n t s : Nat) (h : t < n) :
    bitsFrom x n s / 2 ^ t % 2 = x (s + t) := by
  induction n generalizing t s with
  | zero => omega
  | succ n ih =>
    cases t with
    | zero => have := hx s; simp only [bitsFrom, Nat.pow_zero, Nat.div_one, Nat.add_zero]; omega
    | succ t => rw [bitsFrom, shift_bit _ _ _ (hx s), ih t (s + 1) (by omega)]; congr 1; omega

/-- English: packing 32 codes of 3 bits and unpacking gives every code back.
Requirements: REQ-PCK-003, REQ-PCK-008. -/
theorem unpack_pack_half3 (h : Nat → Nat) (hc : ∀ i < 32, h i < 8) (i : Nat) (hi : i < 32) :
    unpackHalf 3 (packHalf 3 h) i = h i := by
  have hlow : ∀ j < 8, ∀ t < 4, (packHalf 3 h j) / 4 ^ t % 4 = h (j + 8 * t) % 4 := by
    intro j hj t ht
    simp only [packHalf, show ¬(3 = 4) by decide, if_true, if_false, if_pos hj]
    rw [base4_digits _ _ _ _ (Nat.mod_lt _ (by decide)) (Nat.mod_lt _ (by decide))
      (Nat.mod_lt _ (by decide)) (Nat.mod_lt _ (by decide)) t ht]
    obtain rfl | rfl | rfl | rfl : t = 0 ∨ t = 1 ∨ t = 2 ∨ t = 3 := by omega
    all_goals rfl
  have hhigh : ∀ q < 4, ∀ t < 8, (packHalf 3 h (8 + q)) / 2 ^ t % 2 = h (8 * q + t) / 4 := by
    intro q hq t ht
    have hb :=
      bitsFrom_get (fun t => h (8 * q + t) / 4 % 2) (fun t => Nat.mod_lt _ (by decide)) 8 t 0 ht
    have hbit : ∀ t < 8, h (8 * q + t) / 4 % 2 = h (8 * q + t) / 4 := fun t ht =>
      Nat.mod_eq_of_lt (by have := hc (8 * q + t) (by omega); omega)
    have hbit0 := hbit 0 (by decide)
    simp only [bitsFrom, Nat.zero_add, Nat.reduceAdd, Nat.add_zero, Nat.mul_zero] at hb hbit0
    rw [hbit0, hbit 1 (by decide), hbit 2 (by decide), hbit 3 (by decide), hbit 4 (by decide),
      hbit 5 (by decide), hbit 6 (by decide),
      hbit 7 (by decide), hbit t ht] at hb
    simp only [packHalf, show ¬(3 = 4) by decide, if_true, if_false,
      if_neg (show ¬(8 + q < 8) by omega), show 8 + q - 8 = q by omega]
    rw [← hb]
    congr 2
    omega
  have a := hlow (i % 8) (by omega) (i / 8) (by omega)
  have b := hhigh (i / 8) (by omega) (i % 8) (by omega)
  rw [show i % 8 + 8 * (i / 8) = i by omega] at a
  rw [show 8 * (i / 8) + i % 8 = i by omega] at b
  have := hc i hi
  simp only [unpackHalf, show ¬(3 = 4) by decide, if_true, if_false]
  rw [a, b]
  omega

/-- English: unpacking 12 bytes of 3-bit codes and packing gives every byte back.
Requirements: REQ-PCK-003, REQ-PCK-008. -/
theorem pack_unpack_half3 (b : Nat → Nat) (hb : ∀ j < 12, b j < 256) (j : Nat) (hj : j < 12) :
    packHalf 3 (unpackHalf 3 b) j = b j := by
  have hlow : ∀ i, unpackHalf 3 b i % 4 = b (i % 8) / 4 ^ (i / 8) % 4 := by
    intro i
    simp only [unpackHalf, show ¬(3 = 4) by decide, if_true, if_false]
    omega
  have hhigh : ∀ i, unpackHalf 3 b i / 4 = b (8 + i / 8) / 2 ^ (i % 8) % 2 := by
    intro i
    simp only [unpackHalf, show ¬(3 = 4) by decide, if_true, if_false]
    omega
  have hj256 := hb j hj
  by_cases h8 : j < 8
  · simp only [packHalf, show ¬(3 = 4) by decide, if_true, if_false, if_pos h8, hlow]
    rw [show j % 8 = j by omega, show (j + 8) % 8 = j by omega, show (j + 16) % 8 = j by omega,
      show (j + 24) % 8 = j by omega,
      show j / 8 = 0 by omega, show (j + 8) / 8 = 1 by omega, show (j + 16) / 8 = 2 by omega,
      show (j + 24) / 8 = 3 by omega]
    simp only [Nat.reducePow]
    omega
  · obtain ⟨q, rfl⟩ : ∃ q, j = 8 + q := ⟨j - 8, by omega⟩
    have e : 8 + q - 8 = q := by omega
    simp only [packHalf, show ¬(3 = 4) by decide, if_true, if_false, if_neg h8, hhigh, e]
    rw [show 8 * q / 8 = q by omega, show (8 * q + 1) / 8 = q by omega,
      show (8 * q + 2) / 8 = q by omega,
      show (8 * q + 3) / 8 = q by omega, show (8 * q + 4) / 8 = q by omega,
      show (8 * q + 5) / 8 = q by omega,
      show (8 * q + 6) / 8 = q by omega, show (8 * q + 7) / 8 = q by omega,
      show 8 * q % 8 = 0 by omega, show (8 * q + 1) % 8 = 1 by omega,
      show (8 * q + 2) % 8 = 2 by omega,
      show (8 * q + 3) % 8 = 3 by omega, show (8 * q + 4) % 8 = 4 by omega,
      show (8 * q + 5) % 8 = 5 by omega,
      show (8 * q + 6) % 8 = 6 by omega, show (8 * q + 7) % 8 = 7 by omega]
    simp only [Nat.reducePow]
    omega

/-- English: for codes of 3, 4 and 8 bits, packing a half and unpacking it gives every code back.
Requirements: REQ-PCK-002, REQ-PCK-003, REQ-PCK-004, REQ-PCK-008. -/
theorem unpack_pack_half (bits : Nat) (hw : bits = 3 ∨ bits = 4 ∨ bits = 8) (h : Nat → Nat)
    (hc : ∀ i < 32, h i < 2 ^ bits)
    (i : Nat) (hi : i < 32) : unpackHalf bits (packHalf bits h) i = h i := by
  rcases hw with rfl | rfl | rfl
  · exact unpack_pack_half3 h hc i hi
  · exact unpack_pack_half4 h hc i hi
  · rfl

/-- English: for codes of 3, 4 and 8 bits, unpacking a half's bytes and packing the codes gives
every byte back.
Requirements: REQ-PCK-002, REQ-PCK-003, REQ-PCK-004, REQ-PCK-008. -/
theorem pack_unpack_half (bits : Nat) (hw : bits = 3 ∨ bits = 4 ∨ bits = 8) (b : Nat → Nat)
    (hb : ∀ j < Format.halfBytes bits, b j < 256) (j : Nat) (hj : j < Format.halfBytes bits) :
    packHalf bits (unpackHalf bits b) j = b j := by
  rcases hw with rfl | rfl | rfl
  · exact pack_unpack_half3 b hb j hj
  · exact pack_unpack_half4 b hb j hj
  · rfl

/-- English: an unpacked code fits its width, whatever the bytes are.
Requirements: REQ-PCK-002, REQ-PCK-003, REQ-PCK-004, REQ-PCK-008. -/
theorem unpackHalf_range (bits : Nat) (hw : bits = 3 ∨ bits = 4 ∨ bits = 8) (b : Nat → Nat)
    (hb : ∀ j < Format.halfBytes bits, b j < 256) (i : Nat) (hi : i < 32) :
    unpackHalf bits b i < 2 ^ bits := by
  rcases hw with rfl | rfl | rfl
  · simp only [unpackHalf, show ¬(3 = 4) by decide, if_true, if_false]; omega
  · simp only [unpackHalf, if_true]; split <;> omega
  · exact hb i hi

/-- English: a packed byte is a byte.
Requirements: REQ-PCK-002, REQ-PCK-003, REQ-PCK-004, REQ-PCK-008. -/
theorem packHalf_range (bits : Nat) (hw : bits = 3 ∨ bits = 4 ∨ bits = 8) (h : Nat → Nat)
    (hc : ∀ i < 32, h i < 2 ^ bits)
    (j : Nat) (hj : j < Format.halfBytes bits) : packHalf bits h j < 256 := by
  rcases hw with rfl | rfl | rfl
  · simp only [Format.halfBytes] at hj
    simp only [packHalf, show ¬(3 = 4) by decide, if_true, if_false]
    split
    · omega
    · have hc' : ∀ t < 8, h (8 * (j - 8) + t) / 4 ≤ 1 := fun t ht => by
        have := hc (8 * (j - 8) + t) (by omega); omega
      have h0 := hc' 0 (by omega)
      have h1 := hc' 1 (by omega)
      have h2 := hc' 2 (by omega)
      have h3 := hc' 3 (by omega)
      have h4 := hc' 4 (by omega)
      have h5 := hc' 5 (by omega)
      have h6 := hc' 6 (by omega)
      have h7 := hc' 7 (by omega)
      rw [Nat.add_zero] at h0
      omega
  · simp only [Format.halfBytes] at hj
    have := hc j (by omega)
    have := hc (j + 16) (by omega)
    simp only [packHalf, if_true]
    omega
  · exact hc j hj

/-! ## The string of a block with windows -/

/-- Bit `n` of the string of a block with codes `c` (REQ-FMT-009). -/
def stringBit (f : Format) (c : Nat → Nat) (n : Nat) : Nat :=
  if n % f.pairBits < f.evenBits then c (2 * (n / f.pairBits)) / 2 ^ (n % f.pairBits) % 2
  else c (2 * (n / f.pairBits) + 1) / 2 ^ (n % f.pairBits - f.evenBits) % 2

/-- Byte `q` of the block (REQ-PCK-009). -/
def packString (f : Format) (c : Nat → Nat) (q : Nat) : Nat :=
  bitsFrom (fun n => stringBit f c n) 8 (8 * q)

/-- Bit `n` of bytes. -/
def byteBit (b : Nat → Nat) (n : Nat) : Nat := b (n / 8) / 2 ^ (n % 8) % 2

/-- Code `i` of a block from its bytes `b`. -/
def unpackString (f : Format) (b : Nat → Nat) (i : Nat) : Nat :=
  bitsFrom (fun n => byteBit b n) (f.codeBits i) (f.position i)

/-- Bits as one number are less than the power of their count. -/
theorem bitsFrom_lt (x : Nat → Nat) (hx : ∀ t, x t < 2) (n s : Nat) : bitsFrom x n s < 2 ^ n := by
  induction n generalizing s with
  | zero => simp [bitsFrom]
  | succ n ih =>
    have h1 := hx s
    have h2 := ih (s + 1)
    rw [bitsFrom, Nat.pow_succ]
    omega

/-- Equal bits give equal numbers, wherever they stand. -/
theorem bitsFrom_congr (x y : Nat → Nat) (n s r : Nat) (h : ∀ t < n, x (s + t) = y (r + t)) :
    bitsFrom x n s = bitsFrom y n r := by
  induction n generalizing s r with
  | zero => rfl
  | succ n ih =>
    have h0 := h 0 (by omega)
    rw [Nat.add_zero, Nat.add_zero] at h0
    rw [bitsFrom, bitsFrom, h0, ih (s + 1) (r + 1) fun t ht => by
      rw [Nat.add_assoc, Nat.add_assoc, Nat.add_comm 1 t]; exact h (t + 1) (by omega)]

/-- The bits of a number, from bit s on, give the number again. -/
theorem bitsFrom_digits (v n s : Nat) :
    bitsFrom (fun t => v / 2 ^ t % 2) n s = v / 2 ^ s % 2 ^ n := by
  induction n generalizing s with
  | zero => rw [bitsFrom, Nat.pow_zero, Nat.mod_one]
  | succ n ih =>
    rw [bitsFrom, ih (s + 1), Nat.pow_succ' (n := n), Nat.mod_mul, Nat.pow_succ,
      ← Nat.div_div_eq_div_mul]

/-- Bits may be read in two parts. -/
theorem bitsFrom_add (x : Nat → Nat) (a b s : Nat) :
    bitsFrom x (a + b) s = bitsFrom x a s + 2 ^ a * bitsFrom x b (s + a) := by
  induction a generalizing s with
  | zero => simp [bitsFrom]
  | succ a ih =>
    rw [show a + 1 + b = a + b + 1 by omega, bitsFrom, ih (s + 1), bitsFrom, Nat.pow_succ',
      show s + 1 + a = s + (a + 1) by omega, Nat.mul_add, Nat.mul_assoc, Nat.add_assoc]

/-- The lowest bits of a number that is read. -/
theorem bitsFrom_mod (x : Nat → Nat) (hx : ∀ t, x t < 2) (n k s : Nat) (h : k ≤ n) :
    bitsFrom x n s % 2 ^ k = bitsFrom x k s := by
  obtain ⟨j, rfl⟩ : ∃ j, n = k + j := ⟨n - k, by omega⟩
  rw [bitsFrom_add, Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt (bitsFrom_lt x hx k s)]

/-- A bit of a string is 0 or 1. -/
theorem stringBit_lt (f : Format) (c : Nat → Nat) (n : Nat) : stringBit f c n < 2 := by
  unfold stringBit
  split <;> exact Nat.mod_lt _ (by decide)

/-- A bit of bytes is 0 or 1. -/
theorem byteBit_lt (b : Nat → Nat) (n : Nat) : byteBit b n < 2 := Nat.mod_lt _ (by decide)

/-- A block's string has the bits of each of its codes. -/
theorem position_lt (f : Format) (i t : Nat) (hi : i < 64) (ht : t < f.codeBits i) :
    f.position i + t < 32 * f.pairBits := by
  have hP : f.pairBits = f.evenBits + f.oddBits := rfl
  have hm : f.pairBits * (i / 2) + f.pairBits ≤ 32 * f.pairBits := by
    rw [← Nat.mul_succ, Nat.mul_comm 32]
    exact Nat.mul_le_mul_left _ (by omega)
  unfold Format.codeBits at ht
  unfold Format.position
  split at ht <;> rename_i h2
  · rw [h2]; omega
  · rw [show i % 2 = 1 by omega]; omega

/-- Past the string's end the places of codes start anew. -/
theorem position_wrap (f : Format) (n t : Nat) (ht : t < f.codeBits n) :
    (f.position n + t) % (32 * f.pairBits) = f.position (n % 64) + t := by
  have hc : f.codeBits n = f.codeBits (n % 64) := by
    unfold Format.codeBits
    rw [show n % 64 % 2 = n % 2 by omega]
  have hlt := position_lt f (n % 64) t (Nat.mod_lt _ (by decide)) (by rw [← hc]; exact ht)
  have e : f.position n = 32 * f.pairBits * (n / 64) + f.position (n % 64) := by
    unfold Format.position
    rw [show n % 64 % 2 = n % 2 by omega, Nat.mul_comm 32, Nat.mul_assoc, ← Nat.add_assoc,
      ← Nat.mul_add, show 32 * (n / 64) + n % 64 / 2 = n / 2 by omega]
  rw [e, Nat.add_assoc, Nat.mul_add_mod, Nat.mod_eq_of_lt hlt]

/-- English: code i is written in the string from bit p_i on, its lowest bit first.
Requirements: REQ-FMT-009. -/
theorem string_code (f : Format) (c : Nat → Nat) (i : Nat) (hc : c i < 2 ^ f.codeBits i) :
    bitsFrom (fun n => stringBit f c n) (f.codeBits i) (f.position i) = c i := by
  have hP : f.pairBits = f.evenBits + f.oddBits := rfl
  have he : 0 < f.evenBits := by cases f <;> decide
  have bit : ∀ t < f.codeBits i, stringBit f c (f.position i + t) = c i / 2 ^ (0 + t) % 2 := by
    intro t ht
    have hpos : 0 < f.pairBits := by omega
    rw [Nat.zero_add]
    unfold stringBit Format.position
    unfold Format.codeBits at ht
    rcases Nat.mod_two_eq_zero_or_one i with h | h
    · rw [if_pos h] at ht
      have e0 : f.pairBits * (i / 2) + f.evenBits * (i % 2) + t = f.pairBits * (i / 2) + t := by
        rw [h, Nat.mul_zero, Nat.add_zero]
      have e1 : (f.pairBits * (i / 2) + t) % f.pairBits = t := by
        rw [Nat.mul_add_mod, Nat.mod_eq_of_lt (show t < f.pairBits by omega)]
      have e2 : (f.pairBits * (i / 2) + t) / f.pairBits = i / 2 := by
        rw [Nat.mul_add_div hpos, Nat.div_eq_of_lt (show t < f.pairBits by omega), Nat.add_zero]
      rw [e0, e1, e2, if_pos ht, show 2 * (i / 2) = i by omega]
    · rw [if_neg (by omega)] at ht
      have e0 : f.pairBits * (i / 2) + f.evenBits * (i % 2) + t =
          f.pairBits * (i / 2) + (f.evenBits + t) := by
        rw [h, Nat.mul_one, Nat.add_assoc]
      have e1 : (f.pairBits * (i / 2) + (f.evenBits + t)) % f.pairBits = f.evenBits + t := by
        rw [Nat.mul_add_mod, Nat.mod_eq_of_lt (show f.evenBits + t < f.pairBits by omega)]
      have e2 : (f.pairBits * (i / 2) + (f.evenBits + t)) / f.pairBits = i / 2 := by
        rw [Nat.mul_add_div hpos, Nat.div_eq_of_lt (show f.evenBits + t < f.pairBits by omega),
          Nat.add_zero]
      rw [e0, e1, e2, if_neg (by omega), Nat.add_sub_cancel_left,
        show 2 * (i / 2) + 1 = i by omega]
  rw [bitsFrom_congr (fun n => stringBit f c n) (fun t => c i / 2 ^ t % 2) _ _ 0 bit,
    bitsFrom_digits, Nat.pow_zero, Nat.div_one, Nat.mod_eq_of_lt hc]

/-- English: bit n of the string is bit n mod 8 of byte ⌊n/8⌋.
Requirements: REQ-PCK-009. -/
theorem packString_bit (f : Format) (c : Nat → Nat) (n : Nat) :
    byteBit (packString f c) n = stringBit f c n := by
  unfold byteBit packString
  rw [bitsFrom_get _ (fun t => stringBit_lt f c t) 8 _ _ (Nat.mod_lt _ (by decide)),
    Nat.div_add_mod]

/-- English: packing a block's 64 codes as a string and unpacking it gives every code back.
Requirements: REQ-PCK-009. -/
theorem unpack_pack_string (f : Format) (c : Nat → Nat) (i : Nat) (hc : c i < 2 ^ f.codeBits i) :
    unpackString f (packString f c) i = c i := by
  unfold unpackString
  rw [bitsFrom_congr _ (fun n => stringBit f c n) _ _ (f.position i)
    fun t _ => packString_bit f c _]
  exact string_code f c i hc

/-- English: an unpacked code of a string fits its width, whatever the bytes are.
Requirements: REQ-PCK-009. -/
theorem unpackString_range (f : Format) (b : Nat → Nat) (i : Nat) :
    unpackString f b i < 2 ^ f.codeBits i :=
  bitsFrom_lt _ (fun t => byteBit_lt b t) _ _

/-- English: bit n of the string of the codes that bytes hold is the bytes' bit n.
Requirements: REQ-FMT-009, REQ-PCK-009. -/
theorem stringBit_unpack (f : Format) (b : Nat → Nat) (n : Nat) :
    stringBit f (unpackString f b) n = byteBit b n := by
  have hP : f.pairBits = f.evenBits + f.oddBits := rfl
  have hpos : 0 < f.pairBits := by cases f <;> decide
  have hr := Nat.mod_lt n hpos
  have hd := Nat.div_add_mod n f.pairBits
  have hx := fun t => byteBit_lt b t
  unfold stringBit unpackString Format.codeBits Format.position
  split
  · rename_i h
    rw [if_pos (by omega), show 2 * (n / f.pairBits) / 2 = n / f.pairBits by omega,
      show 2 * (n / f.pairBits) % 2 = 0 by omega, Nat.mul_zero, Nat.add_zero,
      bitsFrom_get _ hx _ _ _ h, hd]
  · rename_i h
    rw [if_neg (by omega), show (2 * (n / f.pairBits) + 1) / 2 = n / f.pairBits by omega,
      show (2 * (n / f.pairBits) + 1) % 2 = 1 by omega, Nat.mul_one,
      bitsFrom_get _ hx _ _ _ (by omega)]
    congr 1
    omega

/-- English: unpacking the bytes of a block with windows and packing the codes gives every byte
back.
Requirements: REQ-PCK-009. -/
theorem pack_unpack_string (f : Format) (b : Nat → Nat) (q : Nat) (hb : b q < 256) :
    packString f (unpackString f b) q = b q := by
  unfold packString
  rw [bitsFrom_congr _ (fun t => b q / 2 ^ t % 2) _ _ 0 fun t ht => by
      rw [stringBit_unpack]
      unfold byteBit
      rw [show (8 * q + t) / 8 = q by omega, show (8 * q + t) % 8 = 0 + t by omega],
    bitsFrom_digits, Nat.pow_zero, Nat.div_one]
  exact Nat.mod_eq_of_lt hb

/-- English: a packed byte of a string is a byte.
Requirements: REQ-PCK-009. -/
theorem packString_range (f : Format) (c : Nat → Nat) (q : Nat) : packString f c q < 256 :=
  bitsFrom_lt _ (fun t => stringBit_lt f c t) 8 _

/-- English: the string depends on the block's own 64 codes alone.
Requirements: REQ-PCK-009. -/
theorem packString_congr (f : Format) (a c : Nat → Nat) (h : ∀ i < 64, a i = c i) (q : Nat)
    (hq : q < f.blockBytes) : packString f a q = packString f c q := by
  have hpos : 0 < f.pairBits := by cases f <;> decide
  rw [block_bytes_pair] at hq
  unfold packString
  refine bitsFrom_congr _ _ _ _ _ fun t ht => ?_
  have hn : (8 * q + t) / f.pairBits < 32 := by
    rw [Nat.div_lt_iff_lt_mul hpos]
    omega
  show stringBit f a (8 * q + t) = stringBit f c (8 * q + t)
  unfold stringBit
  rw [h (2 * ((8 * q + t) / f.pairBits)) (by omega),
    h (2 * ((8 * q + t) / f.pairBits) + 1) (by omega)]

/-- English: what is unpacked from a string depends on the block's own bytes alone.
Requirements: REQ-PCK-009. -/
theorem unpackString_congr (f : Format) (a b : Nat → Nat) (h : ∀ q < f.blockBytes, a q = b q)
    (i : Nat) (hi : i < 64) : unpackString f a i = unpackString f b i := by
  rw [block_bytes_pair] at h
  unfold unpackString
  refine bitsFrom_congr _ _ _ _ _ fun t ht => ?_
  have hlt := position_lt f i t hi ht
  show byteBit a (f.position i + t) = byteBit b (f.position i + t)
  unfold byteBit
  rw [h ((f.position i + t) / 8) (by omega)]

/-- English: in the T formats the window of input i is the eight bits of the block's string from
p_i on, the first lowest, where the bit after the last is bit 0.
Requirements: REQ-FMT-009. -/
theorem window_string (f : Format) (hf : f.windowed = true) (c : Nat → Nat)
    (hc : ∀ i < 64, c i < 2 ^ f.codeBits i) (i : Nat) (hi : i < 64) :
    window f c i = bitsFrom (fun n => stringBit f c (n % (32 * f.pairBits))) 8 (f.position i) := by
  have hx : ∀ t, stringBit f c (t % (32 * f.pairBits)) < 2 := fun t => stringBit_lt f c _
  -- the code of input i + j, where j bits later it is read
  have code : ∀ j < 3, bitsFrom (fun n => stringBit f c (n % (32 * f.pairBits)))
      (f.codeBits (i + j)) (f.position (i + j)) = c ((i + j) % 64) := by
    intro j hj
    have hcb : f.codeBits (i + j) = f.codeBits ((i + j) % 64) := by
      unfold Format.codeBits
      rw [show (i + j) % 64 % 2 = (i + j) % 2 by omega]
    have hs := string_code f c ((i + j) % 64) (hc _ (Nat.mod_lt _ (by decide)))
    rw [← hcb] at hs
    refine Eq.trans (bitsFrom_congr _ (fun n => stringBit f c n) _ _ (f.position ((i + j) % 64))
      fun t ht => ?_) hs
    show stringBit f c ((f.position (i + j) + t) % (32 * f.pairBits)) =
      stringBit f c (f.position ((i + j) % 64) + t)
    rw [position_wrap f (i + j) t ht]
  have p1 : f.position i + f.codeBits i = f.position (i + 1) := by
    unfold Format.position Format.codeBits Format.pairBits
    rcases Nat.mod_two_eq_zero_or_one i with h | h
    · rw [if_pos h, h, show (i + 1) / 2 = i / 2 by omega, show (i + 1) % 2 = 1 by omega]; omega
    · rw [if_neg (by omega), h, show (i + 1) / 2 = i / 2 + 1 by omega,
        show (i + 1) % 2 = 0 by omega,
        Nat.mul_succ (f.evenBits + f.oddBits) (i / 2)]
      omega
  have p2 : f.position (i + 1) + f.codeBits (i + 1) = f.position (i + 2) := by
    unfold Format.position Format.codeBits Format.pairBits
    rcases Nat.mod_two_eq_zero_or_one i with h | h
    · rw [if_neg (by omega), show (i + 1) / 2 = i / 2 by omega, show (i + 1) % 2 = 1 by omega,
        show (i + 2) / 2 = i / 2 + 1 by omega, show (i + 2) % 2 = 0 by omega,
        Nat.mul_succ (f.evenBits + f.oddBits) (i / 2)]
      omega
    · rw [if_pos (by omega), show (i + 1) / 2 = i / 2 + 1 by omega,
        show (i + 1) % 2 = 0 by omega, show (i + 2) / 2 = i / 2 + 1 by omega,
        show (i + 2) % 2 = 1 by omega]
      omega
  have hP : f.codeBits i + f.codeBits (i + 1) = f.pairBits := by
    unfold Format.codeBits Format.pairBits
    rcases Nat.mod_two_eq_zero_or_one i with h | h
    · rw [if_pos h, if_neg (by omega)]
    · rw [if_neg (by omega), if_pos (by omega), Nat.add_comm]
  have h8 : 8 ≤ f.codeBits i + (f.codeBits (i + 1) + f.codeBits (i + 2)) := by
    rw [← Nat.add_assoc, hP]
    unfold Format.codeBits Format.pairBits
    split <;> (cases f <;> first | exact absurd hf (by decide) | decide)
  have c0 := code 0 (by decide)
  have c1 := code 1 (by decide)
  have c2 := code 2 (by decide)
  rw [Nat.add_zero, Nat.mod_eq_of_lt hi] at c0
  rw [← bitsFrom_mod _ hx _ 8 _ h8, bitsFrom_add, bitsFrom_add, p1, p2, c0, c1, c2, Nat.mul_add,
    ← Nat.mul_assoc, ← Nat.pow_add, hP, ← Nat.add_assoc]
  unfold window
  rw [show i / 64 * 64 + (i + 1) % 64 = (i + 1) % 64 by omega,
    show i / 64 * 64 + (i + 2) % 64 = (i + 2) % 64 by omega]

/-! ## Rows -/

/-- Byte `p` of a row's packed codes. `c` gives the codes of the inputs k < K; the rest of the last
block is stored as 0. -/
def packCode (f : Format) (K : Nat) (c : Nat → Nat) (p : Nat) : Nat :=
  let b := p / f.blockBytes
  let q := p % f.blockBytes
  let code (k : Nat) : Nat := if k < K then c k else 0
  if f.windowed then packString f (fun i => code (64 * b + i)) q
  else if q < Format.halfBytes f.evenBits then
    packHalf f.evenBits (fun i => code (64 * b + 2 * i)) q
  else packHalf f.oddBits (fun i => code (64 * b + 2 * i + 1)) (q - Format.halfBytes f.evenBits)

/-- The code of input `k` from a row's packed bytes. -/
def unpackCode (f : Format) (bytes : Nat → Nat) (k : Nat) : Nat :=
  let start := k / 64 * f.blockBytes
  if f.windowed then unpackString f (fun q => bytes (start + q)) (k % 64)
  else if k % 2 = 0 then unpackHalf f.evenBits (fun q => bytes (start + q)) (k % 64 / 2)
  else unpackHalf f.oddBits (fun q => bytes (start + Format.halfBytes f.evenBits + q)) (k % 64 / 2)

/-- English: unpacking depends on the half's own bytes alone.
Requirements: REQ-PCK-001. -/
theorem unpackHalf_congr (bits : Nat) (hw : bits = 3 ∨ bits = 4 ∨ bits = 8) (a b : Nat → Nat)
    (h : ∀ j < Format.halfBytes bits, a j = b j) (i : Nat) (hi : i < 32) :
    unpackHalf bits a i = unpackHalf bits b i := by
  rcases hw with rfl | rfl | rfl <;> simp only [Format.halfBytes] at h
  · simp only [unpackHalf, show ¬(3 = 4) by decide, if_true, if_false]
    rw [h (i % 8) (by omega), h (8 + i / 8) (by omega)]
  · simp only [unpackHalf, if_true]
    split
    · rw [h i (by omega)]
    · rw [h (i - 16) (by omega)]
  · exact h i (by omega)

/-- English: packing depends on the half's own 32 codes alone.
Requirements: REQ-PCK-001. -/
theorem packHalf_congr (bits : Nat) (hw : bits = 3 ∨ bits = 4 ∨ bits = 8) (a b : Nat → Nat)
    (h : ∀ i < 32, a i = b i) (j : Nat) (hj : j < Format.halfBytes bits) :
    packHalf bits a j = packHalf bits b j := by
  rcases hw with rfl | rfl | rfl <;> simp only [Format.halfBytes] at hj
  · simp only [packHalf, show ¬(3 = 4) by decide, if_true, if_false]
    split
    · rw [h j (by omega), h (j + 8) (by omega), h (j + 16) (by omega), h (j + 24) (by omega)]
    · have e := fun t (ht : t < 8) => h (8 * (j - 8) + t) (by omega)
      have e0 := e 0 (by omega)
      rw [Nat.add_zero] at e0
      rw [e0, e 1 (by omega), e 2 (by omega), e 3 (by omega), e 4 (by omega), e 5 (by omega),
        e 6 (by omega), e 7 (by omega)]
  · simp only [packHalf, if_true]
    rw [h j (by omega), h (j + 16) (by omega)]
  · exact h j (by omega)

/-- English: a block has at least one byte a half; so offsets split uniquely into block and byte.
Requirements: REQ-PCK-001, REQ-PCK-005. -/
theorem blockBytes_pos (f : Format) : 0 < f.blockBytes := by cases f <;> decide

/-- English: packing a row and unpacking it gives every code back, and 0 for the inputs past K in
the last block.
Requirements: REQ-PCK-001, REQ-PCK-005, REQ-PCK-008, REQ-PCK-009. -/
theorem unpack_pack_row (f : Format) (K : Nat) (c : Nat → Nat)
    (hc : ∀ k < K, c k < 2 ^ f.codeBits k) (k : Nat) :
    unpackCode f (packCode f K c) k = if k < K then c k else 0 := by
  have hbb := blockBytes_pos f
  have hev : ∀ i, (64 * (k / 64) + 2 * i) % 2 = 0 := fun i => by omega
  have hod : ∀ i, (64 * (k / 64) + 2 * i + 1) % 2 ≠ 0 := fun i => by omega
  have hbE : f.blockBytes = Format.halfBytes f.evenBits + Format.halfBytes f.oddBits := rfl
  unfold unpackCode
  simp only []
  by_cases hw : f.windowed = true
  · have hcb : f.codeBits (k % 64) = f.codeBits k := by
      unfold Format.codeBits
      rw [show k % 64 % 2 = k % 2 by omega]
    have hcongr := unpackString_congr f (fun q => packCode f K c (k / 64 * f.blockBytes + q))
      (packString f (fun i => if 64 * (k / 64) + i < K then c (64 * (k / 64) + i) else 0)) (by
        intro j hj
        have e1 : (k / 64 * f.blockBytes + j) / f.blockBytes = k / 64 := by
          rw [Nat.mul_comm, Nat.mul_add_div hbb, Nat.div_eq_of_lt hj, Nat.add_zero]
        have e2 : (k / 64 * f.blockBytes + j) % f.blockBytes = j := by
          rw [Nat.mul_comm, Nat.mul_add_mod, Nat.mod_eq_of_lt hj]
        simp only [packCode, e1, e2, if_pos hw]) (k % 64) (by omega)
    have key := unpack_pack_string f
      (fun i => if 64 * (k / 64) + i < K then c (64 * (k / 64) + i) else 0) (k % 64) (by
        rw [hcb]
        show (if 64 * (k / 64) + k % 64 < K then c (64 * (k / 64) + k % 64) else 0) < _
        rw [show 64 * (k / 64) + k % 64 = k by omega]
        split
        · rename_i hK; exact hc _ hK
        · exact Nat.two_pow_pos _)
    rw [if_pos hw, hcongr, key]
    show (if 64 * (k / 64) + k % 64 < K then c (64 * (k / 64) + k % 64) else 0) = _
    rw [show 64 * (k / 64) + k % 64 = k by omega]
  rw [if_neg hw]
  split
  · rename_i hk
    have hcongr := unpackHalf_congr f.evenBits (bits_cases f).1
      (fun q => packCode f K c (k / 64 * f.blockBytes + q))
      (packHalf f.evenBits (fun i =>
        if 64 * (k / 64) + 2 * i < K then c (64 * (k / 64) + 2 * i) else 0)) (by
        intro j hj
        have hjb : j < f.blockBytes := by omega
        have e1 : (k / 64 * f.blockBytes + j) / f.blockBytes = k / 64 := by
          rw [Nat.mul_comm, Nat.mul_add_div hbb, Nat.div_eq_of_lt hjb, Nat.add_zero]
        have e2 : (k / 64 * f.blockBytes + j) % f.blockBytes = j := by
          rw [Nat.mul_comm, Nat.mul_add_mod, Nat.mod_eq_of_lt hjb]
        simp only [packCode, e1, e2, if_neg hw, if_pos hj]) (k % 64 / 2) (by omega)
    rw [hcongr, unpack_pack_half _ (bits_cases f).1 _ (by
      intro i _
      split
      · rename_i hK
        have := hc _ hK
        rw [Format.codeBits, if_pos (hev i)] at this
        exact this
      · exact Nat.two_pow_pos _) _ (by omega)]
    rw [show 64 * (k / 64) + 2 * (k % 64 / 2) = k by omega]
  · rename_i hk
    have hcongr := unpackHalf_congr f.oddBits (bits_cases f).2
      (fun q => packCode f K c (k / 64 * f.blockBytes + Format.halfBytes f.evenBits + q))
      (packHalf f.oddBits (fun i =>
        if 64 * (k / 64) + 2 * i + 1 < K then c (64 * (k / 64) + 2 * i + 1) else 0)) (by
        intro j hj
        have hjb : Format.halfBytes f.evenBits + j < f.blockBytes := by omega
        have e1 :
          (k / 64 * f.blockBytes + Format.halfBytes f.evenBits + j) / f.blockBytes = k / 64 := by
          rw [Nat.add_assoc, Nat.mul_comm, Nat.mul_add_div hbb, Nat.div_eq_of_lt hjb, Nat.add_zero]
        have e2 : (k / 64 * f.blockBytes + Format.halfBytes f.evenBits + j) % f.blockBytes =
          Format.halfBytes f.evenBits + j := by
          rw [Nat.add_assoc, Nat.mul_comm, Nat.mul_add_mod, Nat.mod_eq_of_lt hjb]
        have e3 : ¬(Format.halfBytes f.evenBits + j < Format.halfBytes f.evenBits) := by omega
        have e4 : Format.halfBytes f.evenBits + j - Format.halfBytes f.evenBits = j := by omega
        simp only [packCode, e1, e2, if_neg hw, if_neg e3, e4]) (k % 64 / 2) (by omega)
    rw [hcongr, unpack_pack_half _ (bits_cases f).2 _ (by
      intro i _
      split
      · rename_i hK
        have := hc _ hK
        rw [Format.codeBits, if_neg (hod i)] at this
        exact this
      · exact Nat.two_pow_pos _) _ (by omega)]
    rw [show 64 * (k / 64) + 2 * (k % 64 / 2) + 1 = k by omega]

/-- English: unpacking a row of whole blocks (K = 64·B) and packing it gives every byte back.
Requirements: REQ-PCK-001, REQ-PCK-005, REQ-PCK-008, REQ-PCK-009. -/
theorem pack_unpack_row (f : Format) (B : Nat) (bytes : Nat → Nat)
    (hb : ∀ p < B * f.blockBytes, bytes p < 256) (p : Nat)
    (hp : p < B * f.blockBytes) : packCode f (64 * B) (unpackCode f bytes) p = bytes p := by
  have hbb := blockBytes_pos f
  have hbE : f.blockBytes = Format.halfBytes f.evenBits + Format.halfBytes f.oddBits := rfl
  have hq : p / f.blockBytes < B := (Nat.div_lt_iff_lt_mul hbb).mpr hp
  have hr : p % f.blockBytes < f.blockBytes := Nat.mod_lt _ hbb
  have hdm : f.blockBytes * (p / f.blockBytes) + p % f.blockBytes = p := Nat.div_add_mod _ _
  have hblock : f.blockBytes * (p / f.blockBytes) + f.blockBytes ≤ B * f.blockBytes := by
    have := Nat.mul_le_mul_left f.blockBytes (Nat.succ_le_of_lt hq)
    rw [Nat.mul_succ, Nat.mul_comm f.blockBytes B] at this
    exact this
  unfold packCode
  simp only []
  by_cases hw : f.windowed = true
  · have hcongr := packString_congr f
      (fun i => if 64 * (p / f.blockBytes) + i < 64 * B then
        unpackCode f bytes (64 * (p / f.blockBytes) + i) else 0)
      (unpackString f (fun q => bytes (p / f.blockBytes * f.blockBytes + q))) (by
        intro i hi
        show (if 64 * (p / f.blockBytes) + i < 64 * B then
          unpackCode f bytes (64 * (p / f.blockBytes) + i) else 0) = _
        rw [if_pos (by omega)]
        unfold unpackCode
        simp only []
        rw [if_pos hw, show (64 * (p / f.blockBytes) + i) / 64 = p / f.blockBytes by omega,
          show (64 * (p / f.blockBytes) + i) % 64 = i by omega]) _ hr
    have hp' : p / f.blockBytes * f.blockBytes + p % f.blockBytes = p := by
      rw [Nat.mul_comm]; exact hdm
    have key := pack_unpack_string f (fun q => bytes (p / f.blockBytes * f.blockBytes + q))
      (p % f.blockBytes) (by
        show bytes (p / f.blockBytes * f.blockBytes + p % f.blockBytes) < 256
        rw [hp']
        exact hb p hp)
    rw [if_pos hw, hcongr, key]
    show bytes (p / f.blockBytes * f.blockBytes + p % f.blockBytes) = bytes p
    rw [hp']
  rw [if_neg hw]
  split
  · rename_i h
    rw [packHalf_congr f.evenBits (bits_cases f).1 _
      (unpackHalf f.evenBits (fun q => bytes (p / f.blockBytes * f.blockBytes + q))) (by
        intro i hi
        rw [if_pos (by omega)]
        unfold unpackCode
        simp only []
        rw [if_neg hw, if_pos (by omega),
          show (64 * (p / f.blockBytes) + 2 * i) / 64 = p / f.blockBytes by omega,
          show (64 * (p / f.blockBytes) + 2 * i) % 64 / 2 = i by omega]) _ h]
    rw [Nat.mul_comm] at hdm
    rw [pack_unpack_half _ (bits_cases f).1 _ (by
      intro j hj
      apply hb
      rw [Nat.mul_comm]
      omega) _ h]
    rw [hdm]
  · rename_i h
    have h' :
      p % f.blockBytes - Format.halfBytes f.evenBits < Format.halfBytes f.oddBits := by omega
    rw [packHalf_congr f.oddBits (bits_cases f).2 _
      (unpackHalf f.oddBits (fun q =>
        bytes (p / f.blockBytes * f.blockBytes + Format.halfBytes f.evenBits + q))) (by
        intro i hi
        rw [if_pos (by omega)]
        unfold unpackCode
        simp only []
        rw [if_neg hw, if_neg (by omega),
          show (64 * (p / f.blockBytes) + 2 * i + 1) / 64 = p / f.blockBytes by omega,
          show (64 * (p / f.blockBytes) + 2 * i + 1) % 64 / 2 = i by omega]) _ h']
    rw [pack_unpack_half _ (bits_cases f).2 _ (by
      intro j hj
      apply hb
      rw [Nat.mul_comm]
      omega) _ h']
    rw [Nat.mul_comm] at hdm
    congr 1
    omega

/-- English: an unpacked code of a row fits its position's width, whatever the bytes are, padding
included.
Requirements: REQ-PCK-005, REQ-PCK-008, REQ-PCK-009. -/
theorem unpackCode_range (f : Format) (bytes : Nat → Nat) (hb : ∀ p, bytes p < 256) (k : Nat) :
    unpackCode f bytes k < 2 ^ f.codeBits k := by
  have hcb : f.codeBits (k % 64) = f.codeBits k := by
    unfold Format.codeBits
    rw [show k % 64 % 2 = k % 2 by omega]
  unfold unpackCode
  simp only []
  by_cases hw : f.windowed = true
  · rw [if_pos hw, ← hcb]
    exact unpackString_range ..
  rw [if_neg hw]
  unfold Format.codeBits
  split
  · exact unpackHalf_range _ (bits_cases f).1 _ (fun j _ => hb _) _ (by omega)
  · exact unpackHalf_range _ (bits_cases f).2 _ (fun j _ => hb _) _ (by omega)

/-- English: in the T formats the window of input k is read from the bytes of its block: eight bits
from p_i on, the first lowest, where the bit after the last is bit 0. So any bytes can be decoded,
each input by itself.
Requirements: REQ-FMT-009, REQ-PCK-009. -/
theorem window_bytes (f : Format) (hf : f.windowed = true) (bytes : Nat → Nat) (k : Nat) :
    window f (unpackCode f bytes) k =
      bitsFrom (fun n => byteBit (fun q => bytes (k / 64 * f.blockBytes + q))
        (n % (32 * f.pairBits))) 8 (f.position (k % 64)) := by
  obtain ⟨b, i, hi, rfl⟩ : ∃ b i, i < 64 ∧ k = 64 * b + i :=
    ⟨k / 64, k % 64, by omega, by omega⟩
  rw [show (64 * b + i) / 64 = b by omega, show (64 * b + i) % 64 = i by omega,
    window_block f _ b i hi,
    window_congr f _ (unpackString f (fun q => bytes (b * f.blockBytes + q))) (fun j hj => by
      show unpackCode f bytes (64 * b + j) = _
      unfold unpackCode
      simp only []
      rw [if_pos hf, show (64 * b + j) / 64 = b by omega, show (64 * b + j) % 64 = j by omega])
      i hi,
    window_string f hf _ (fun j _ => unpackString_range f _ j) i hi]
  exact bitsFrom_congr _ _ _ _ _ fun t _ => stringBit_unpack f _ _

/-- Byte `j` of a row's packed sub-scales, of B blocks (REQ-PCK-006). -/
def packSubscale (B : Nat) (m : Nat → Nat) (j : Nat) : Nat :=
  m (2 * j) + 16 * (if 2 * j + 1 < B then m (2 * j + 1) else 0)

/-- The sub-scale of block `b` from packed sub-scales. -/
def unpackSubscale (bytes : Nat → Nat) (b : Nat) : Nat :=
  if b % 2 = 0 then bytes (b / 2) % 16 else bytes (b / 2) / 16 % 16

/-- English: packing sub-scales and unpacking them gives each back.
Requirements: REQ-PCK-006. -/
theorem unpack_pack_subscales (B : Nat) (m : Nat → Nat) (hm : ∀ b < B, m b ≤ 15) (b : Nat)
    (hb : b < B) :
    unpackSubscale (packSubscale B m) b = m b := by
  have h0 := hm b hb
  unfold unpackSubscale packSubscale
  split
  · rw [show 2 * (b / 2) = b by omega]
    omega
  · have h1 := hm (2 * (b / 2)) (by omega)
    rw [show 2 * (b / 2) + 1 = b by omega, if_pos hb]
    omega

/-- English: unpacking the sub-scales of an even number of blocks and packing them gives each byte
back.
Requirements: REQ-PCK-006. -/
theorem pack_unpack_subscales (n : Nat) (bytes : Nat → Nat) (hb : ∀ j < n, bytes j < 256) (j : Nat)
    (hj : j < n) :
    packSubscale (2 * n) (unpackSubscale bytes) j = bytes j := by
  have := hb j hj
  unfold packSubscale unpackSubscale
  rw [if_pos (by omega), if_pos (by omega), if_neg (by omega), show 2 * j / 2 = j by omega,
    show (2 * j + 1) / 2 = j by omega]
  omega

/-- English: an unpacked sub-scale is at most 15, whatever the bytes are.
Requirements: REQ-FMT-005, REQ-PCK-006. -/
theorem unpackSubscale_range (bytes : Nat → Nat) (b : Nat) : unpackSubscale bytes b ≤ 15 := by
  unfold unpackSubscale; split <;> omega

/-- Byte `i` (0 … 3) of a row scale with the given 32 bits: little endian (REQ-PCK-007). -/
def scaleByte (bits : Nat) (i : Nat) : Nat := bits / 256 ^ i % 256

/-- English: the four bytes, least significant first, give the 32 bits back.
Requirements: REQ-PCK-007. -/
theorem scale_bytes_round_trip (bits : Nat) (h : bits < 2 ^ 32) :
    scaleByte bits 0 + 256 * scaleByte bits 1 + 65536 * scaleByte bits 2 +
      16777216 * scaleByte bits 3 = bits := by
  simp only [scaleByte, Nat.reducePow]
  omega

end ThreeHalf
