module
public import ThreeHalf.Format
@[expose] public section

/-!
# Packing codes and sub-scales into bytes

Section 6 of `spec/FORMAT.md`. A half, a row's codes and a row's bytes are functions from indexes to
numbers; only the indexes below their length count (32 codes of a half, K codes of a row).

Main definitions: `packHalf`, `unpackHalf`, `packCode`, `unpackCode`, `packSubscale`,
`unpackSubscale`, `scaleBytes`.
Main results: `unpack_pack_half` and `pack_unpack_half` (a half is packed by a bijection, for 3, 4
and 8 bits), `unpack_pack_row`, `pack_unpack_row`, `unpack_pack_subscales`, `pack_unpack_subscales`,
`scale_bytes_round_trip`.
Requirements: REQ-PCK-001 to REQ-PCK-008.
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

/-- Byte `p` of a row's packed codes. `c` gives the codes of the inputs k < K; the rest of the last
block is stored as 0. -/
def packCode (f : Format) (K : Nat) (c : Nat → Nat) (p : Nat) : Nat :=
  let b := p / f.blockBytes
  let q := p % f.blockBytes
  let code (k : Nat) : Nat := if k < K then c k else 0
  if q < Format.halfBytes f.even.bits then packHalf f.even.bits (fun i => code (64 * b + 2 * i)) q
  else packHalf f.odd.bits (fun i => code (64 * b + 2 * i + 1)) (q - Format.halfBytes f.even.bits)

/-- The code of input `k` from a row's packed bytes. -/
def unpackCode (f : Format) (bytes : Nat → Nat) (k : Nat) : Nat :=
  let start := k / 64 * f.blockBytes
  if k % 2 = 0 then unpackHalf f.even.bits (fun q => bytes (start + q)) (k % 64 / 2)
  else unpackHalf f.odd.bits
    (fun q => bytes (start + Format.halfBytes f.even.bits + q)) (k % 64 / 2)

/-- English: the widths are 3, 4 and 8.
Requirements: REQ-FMT-001. -/
theorem bits_cases (t : Table) : t.bits = 3 ∨ t.bits = 4 ∨ t.bits = 8 := by cases t <;> decide

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
Requirements: REQ-PCK-001, REQ-PCK-005, REQ-PCK-008. -/
theorem unpack_pack_row (f : Format) (K : Nat) (c : Nat → Nat)
    (hc : ∀ k < K, c k < (f.table k).size) (k : Nat) :
    unpackCode f (packCode f K c) k = if k < K then c k else 0 := by
  have hbb := blockBytes_pos f
  have hev : ∀ i, (64 * (k / 64) + 2 * i) % 2 = 0 := fun i => by omega
  have hod : ∀ i, (64 * (k / 64) + 2 * i + 1) % 2 ≠ 0 := fun i => by omega
  have hbE : f.blockBytes = Format.halfBytes f.even.bits + Format.halfBytes f.odd.bits := rfl
  unfold unpackCode
  simp only []
  split
  case isTrue hk =>
    have hcongr := unpackHalf_congr f.even.bits (bits_cases _)
      (fun q => packCode f K c (k / 64 * f.blockBytes + q))
      (packHalf f.even.bits (fun i =>
        if 64 * (k / 64) + 2 * i < K then c (64 * (k / 64) + 2 * i) else 0)) (by
        intro j hj
        have hjb : j < f.blockBytes := by omega
        have e1 : (k / 64 * f.blockBytes + j) / f.blockBytes = k / 64 := by
          rw [Nat.mul_comm, Nat.mul_add_div hbb, Nat.div_eq_of_lt hjb, Nat.add_zero]
        have e2 : (k / 64 * f.blockBytes + j) % f.blockBytes = j := by
          rw [Nat.mul_comm, Nat.mul_add_mod, Nat.mod_eq_of_lt hjb]
        simp only [packCode, e1, e2, if_pos hj]) (k % 64 / 2) (by omega)
    rw [hcongr, unpack_pack_half _ (bits_cases _) _ (by
      intro i _
      split
      · rename_i hK
        have := hc _ hK
        rw [Format.table, if_pos (hev i)] at this
        exact this
      · exact Nat.two_pow_pos _) _ (by omega)]
    rw [show 64 * (k / 64) + 2 * (k % 64 / 2) = k by omega]
  case isFalse hk =>
    have hcongr := unpackHalf_congr f.odd.bits (bits_cases _)
      (fun q => packCode f K c (k / 64 * f.blockBytes + Format.halfBytes f.even.bits + q))
      (packHalf f.odd.bits (fun i =>
        if 64 * (k / 64) + 2 * i + 1 < K then c (64 * (k / 64) + 2 * i + 1) else 0)) (by
        intro j hj
        have hjb : Format.halfBytes f.even.bits + j < f.blockBytes := by omega
        have e1 :
          (k / 64 * f.blockBytes + Format.halfBytes f.even.bits + j) / f.blockBytes = k / 64 := by
          rw [Nat.add_assoc, Nat.mul_comm, Nat.mul_add_div hbb, Nat.div_eq_of_lt hjb, Nat.add_zero]
        have e2 : (k / 64 * f.blockBytes + Format.halfBytes f.even.bits + j) % f.blockBytes =
          Format.halfBytes f.even.bits + j := by
          rw [Nat.add_assoc, Nat.mul_comm, Nat.mul_add_mod, Nat.mod_eq_of_lt hjb]
        have e3 : ¬(Format.halfBytes f.even.bits + j < Format.halfBytes f.even.bits) := by omega
        have e4 : Format.halfBytes f.even.bits + j - Format.halfBytes f.even.bits = j := by omega
        simp only [packCode, e1, e2, if_neg e3, e4]) (k % 64 / 2) (by omega)
    rw [hcongr, unpack_pack_half _ (bits_cases _) _ (by
      intro i _
      split
      · rename_i hK
        have := hc _ hK
        rw [Format.table, if_neg (hod i)] at this
        exact this
      · exact Nat.two_pow_pos _) _ (by omega)]
    rw [show 64 * (k / 64) + 2 * (k % 64 / 2) + 1 = k by omega]

/-- English: unpacking a row of whole blocks (K = 64·B) and packing it gives every byte back.
Requirements: REQ-PCK-001, REQ-PCK-005, REQ-PCK-008. -/
theorem pack_unpack_row (f : Format) (B : Nat) (bytes : Nat → Nat)
    (hb : ∀ p < B * f.blockBytes, bytes p < 256) (p : Nat)
    (hp : p < B * f.blockBytes) : packCode f (64 * B) (unpackCode f bytes) p = bytes p := by
  have hbb := blockBytes_pos f
  have hbE : f.blockBytes = Format.halfBytes f.even.bits + Format.halfBytes f.odd.bits := rfl
  have hq : p / f.blockBytes < B := (Nat.div_lt_iff_lt_mul hbb).mpr hp
  have hr : p % f.blockBytes < f.blockBytes := Nat.mod_lt _ hbb
  have hdm : f.blockBytes * (p / f.blockBytes) + p % f.blockBytes = p := Nat.div_add_mod _ _
  have hblock : f.blockBytes * (p / f.blockBytes) + f.blockBytes ≤ B * f.blockBytes := by
    have := Nat.mul_le_mul_left f.blockBytes (Nat.succ_le_of_lt hq)
    rw [Nat.mul_succ, Nat.mul_comm f.blockBytes B] at this
    exact this
  unfold packCode
  simp only []
  split
  case isTrue h =>
    rw [packHalf_congr f.even.bits (bits_cases _) _
      (unpackHalf f.even.bits (fun q => bytes (p / f.blockBytes * f.blockBytes + q))) (by
        intro i hi
        rw [if_pos (by omega)]
        unfold unpackCode
        simp only []
        rw [if_pos (by omega),
          show (64 * (p / f.blockBytes) + 2 * i) / 64 = p / f.blockBytes by omega,
          show (64 * (p / f.blockBytes) + 2 * i) % 64 / 2 = i by omega]) _ h]
    rw [Nat.mul_comm] at hdm
    rw [pack_unpack_half _ (bits_cases _) _ (by
      intro j hj
      apply hb
      rw [Nat.mul_comm]
      omega) _ h]
    rw [hdm]
  case isFalse h =>
    have h' :
      p % f.blockBytes - Format.halfBytes f.even.bits < Format.halfBytes f.odd.bits := by omega
    rw [packHalf_congr f.odd.bits (bits_cases _) _
      (unpackHalf f.odd.bits (fun q =>
        bytes (p / f.blockBytes * f.blockBytes + Format.halfBytes f.even.bits + q))) (by
        intro i hi
        rw [if_pos (by omega)]
        unfold unpackCode
        simp only []
        rw [if_neg (by omega),
          show (64 * (p / f.blockBytes) + 2 * i + 1) / 64 = p / f.blockBytes by omega,
          show (64 * (p / f.blockBytes) + 2 * i + 1) % 64 / 2 = i by omega]) _ h']
    rw [pack_unpack_half _ (bits_cases _) _ (by
      intro j hj
      apply hb
      rw [Nat.mul_comm]
      omega) _ h']
    rw [Nat.mul_comm] at hdm
    congr 1
    omega

/-- English: an unpacked code of a row is a code of its position's table, whatever the bytes are,
padding included.
Requirements: REQ-PCK-005, REQ-PCK-008. -/
theorem unpackCode_range (f : Format) (bytes : Nat → Nat) (hb : ∀ p, bytes p < 256) (k : Nat) :
    unpackCode f bytes k < (f.table k).size := by
  unfold unpackCode Format.table Table.size
  simp only []
  split
  · exact unpackHalf_range _ (bits_cases _) _ (fun j _ => hb _) _ (by omega)
  · exact unpackHalf_range _ (bits_cases _) _ (fun j _ => hb _) _ (by omega)

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
