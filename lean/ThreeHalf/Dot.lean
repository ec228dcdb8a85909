module
public import ThreeHalf.Windows
@[expose] public section

/-!
# The dot product

Section 5 of `spec/FORMAT.md`: the integer sum I, the same on 32-bit two's-complement words, in
every order and grouping, and by tables of products. A row is given by functions: `m b` the
sub-scale of block b (1 where none is stored), `c k` the code and `a k` the activation of input k.

Main definitions: `rowSum` (REQ-DOT-001), `term`, `terms`, `isum`, `rowWords` and `Tree.words` (on
`Int32`), `pairTable`. T[c_k] is `Format.value`: in the T formats the entry of a window.
Main results: `partial_sums_fit` (no overflow, every format by its own constants, every order, every
prefix), `rowWords_exact` and `tree_exact` (32-bit words give exactly I, in any order and grouping),
`rowSum_eq_isum`, `isum_perm`, `isum_chunks`, `lookup_eq_multiply`, `pair_lookup_eq_multiply`.
Requirements: REQ-DOT-001, REQ-DOT-002, REQ-DOT-003, REQ-DOT-006.
-/

namespace ThreeHalf

/-- g 0 + … + g (n−1). -/
def sumTo : Nat → (Nat → Int) → Int
  | 0, _ => 0
  | n + 1, g => sumTo n g + g n

/-- Σ a_k · T[c_k] over the `n` inputs from `start`. -/
def blockSum (f : Format) (K : Nat) (c : Nat → Nat) (a : Nat → Int) (start n : Nat) : Int :=
  sumTo n fun i => a (start + i) * f.value K c (start + i)

/-- I = Σ_b m_b · Σ_{k in block b, k < K} a_k · T[c_k] (REQ-DOT-001). -/
def rowSum (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) : Int :=
  sumTo (Format.blocks K) fun b => (m b : Int) * blockSum f K c a (64 * b) (min 64 (K - 64 * b))

/-- The term a_k · m_b · T[c_k] of input k. -/
def term (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) (k : Nat) : Int :=
  a k * ((m (k / 64) : Int) * f.value K c k)

/-- The terms of a row, in order. -/
noncomputable def terms (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) : List Int :=
  (List.range K).map (term f K m c a)

/-- The sum of a list. -/
def isum : List Int → Int
  | [] => 0
  | x :: xs => x + isum xs

/-! ## Order and grouping on integers -/

/-- English: the sum of two lists is the sum of their sums. -/
theorem isum_append (xs ys : List Int) : isum (xs ++ ys) = isum xs + isum ys := by
  induction xs with
  | nil => simp [isum]
  | cons x xs ih => simp only [List.cons_append, isum, ih]; omega

/-- English: any order of the terms gives the same integer.
Requirements: REQ-DOT-003. -/
theorem isum_perm {xs ys : List Int} (h : xs.Perm ys) : isum xs = isum ys := by
  induction h with
  | nil => rfl
  | cons x _ ih => simp only [isum, ih]
  | swap x y l => simp only [isum]; omega
  | trans _ _ ih1 ih2 => exact ih1.trans ih2

/-- English: any grouping into chunks (lanes, tiles, threads, split K) gives the same integer.
Requirements: REQ-DOT-003. -/
theorem isum_chunks (xss : List (List Int)) : isum (xss.map isum) = isum xss.flatten := by
  induction xss with
  | nil => rfl
  | cons x xs ih => simp only [List.map_cons, List.flatten_cons, isum, isum_append, ih]

/-- `sumTo` is the sum of the list of values. -/
theorem sumTo_eq_isum (n : Nat) (g : Nat → Int) : sumTo n g = isum ((List.range n).map g) := by
  induction n with
  | zero => rfl
  | succ n ih => rw [List.range_succ, List.map_append, isum_append, sumTo, ih]; simp [isum]

/-- `sumTo` depends on the values alone. -/
theorem sumTo_congr (n : Nat) (g h : Nat → Int) (e : ∀ i < n, g i = h i) :
    sumTo n g = sumTo n h := by
  induction n with
  | zero => rfl
  | succ n ih => simp only [sumTo]; rw [ih fun i hi => e i (by omega), e n (by omega)]

/-- A factor may be taken into a sum. -/
theorem mul_sumTo (x : Int) (n : Nat) (g : Nat → Int) :
    x * sumTo n g = sumTo n fun i => x * g i := by
  induction n with
  | zero => simp [sumTo]
  | succ n ih => simp only [sumTo, Int.mul_add, ih]

/-- A sum to p + q is the sum to p and the q values after it. -/
theorem sumTo_add (p q : Nat) (g : Nat → Int) :
    sumTo (p + q) g = sumTo p g + sumTo q fun i => g (p + i) := by
  induction q with
  | zero => simp [sumTo]
  | succ q ih => rw [← Nat.add_assoc]; simp only [sumTo, ih]; omega

/-- The blocks' sums up to block B, put together. -/
theorem sum_blocks (K : Nat) (g : Nat → Int) (B : Nat) :
    (sumTo B fun b => sumTo (min 64 (K - 64 * b)) fun i => g (64 * b + i)) =
      sumTo (min (64 * B) K) g := by
  induction B with
  | zero => simp [sumTo]
  | succ B ih =>
    rw [sumTo, ih]
    by_cases h : 64 * B ≤ K
    · rw [Nat.min_eq_left h, show min (64 * (B + 1)) K = 64 * B + min 64 (K - 64 * B) by omega,
        sumTo_add]
    · rw [show min 64 (K - 64 * B) = 0 by omega, show min (64 * B) K = K by omega,
        show min (64 * (B + 1)) K = K by omega]
      simp [sumTo]

/-- English: the sum by blocks, with the sub-scale outside, is the sum of the single terms.
Requirements: REQ-DOT-001, REQ-DOT-003. -/
theorem rowSum_eq_isum (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) :
    rowSum f K m c a = isum (terms f K m c a) := by
  unfold terms
  rw [← sumTo_eq_isum]
  have hb : min (64 * Format.blocks K) K = K := by have := (blocks_cover K).1; omega
  have h := sum_blocks K (term f K m c a) (Format.blocks K)
  rw [hb] at h
  rw [← h]
  unfold rowSum blockSum
  apply sumTo_congr
  intro b _
  rw [mul_sumTo]
  apply sumTo_congr
  intro i hi
  unfold term
  rw [show (64 * b + i) / 64 = b by omega, Int.mul_left_comm]

/-! ## No overflow -/

/-- A product of an activation and a scaled weight. -/
theorem term_bound (A W : Nat) (x y : Int) (hx : x.natAbs ≤ A) (hy : y.natAbs ≤ W) :
    (x * y).natAbs ≤ A * W := by
  rw [Int.natAbs_mul]; exact Nat.mul_le_mul hx hy

/-- A sum of n terms of magnitude at most M has magnitude at most M·n. -/
theorem isum_bound (M : Nat) (xs : List Int) (h : ∀ x ∈ xs, x.natAbs ≤ M) :
    (isum xs).natAbs ≤ M * xs.length := by
  induction xs with
  | nil => simp [isum]
  | cons x xs ih =>
    have h1 := h x (by simp)
    have h2 := ih fun y hy => h y (by simp [hy])
    simp only [isum, List.length_cons, Nat.mul_succ]
    omega

/-- English: up to a format's K limit, any sum of terms within 127 · max |m·T| stays inside int32;
this is the bound for every prefix of every order.
Requirements: REQ-DOT-002. -/
theorem sum_fits (f : Format) (xs : List Int) (hK : xs.length ≤ f.limit)
    (h : ∀ x ∈ xs, x.natAbs ≤ 127 * f.maxWeight) :
    (isum xs).natAbs < 2 ^ 31 := by
  have h1 := isum_bound _ xs h
  have h2 := Nat.mul_le_mul_left (127 * f.maxWeight) hK
  have h3 := limit_fits f
  omega

/-- What REQ-DOT-002 supposes of a row: K up to the format's limit, activation codes in [−127, 127],
sub-scales and codes in range. -/
structure RowOk (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) : Prop where
  columns : K ≤ f.limit
  activations : ∀ k < K, (a k).natAbs ≤ 127
  subscales : ∀ b, m b ≤ f.maxSubscale
  codes : ∀ k < K, c k < 2 ^ f.codeBits k

/-- English: there is such a row: one input, and zeros. -/
theorem rowOk_zeros : RowOk .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0) :=
  ⟨by decide, fun _ _ => by simp, fun _ => Nat.zero_le _, fun _ _ => Nat.two_pow_pos _⟩

/-- English: its one term is 0. -/
theorem terms_zeros : terms .u4 1 (fun _ => 0) (fun _ => 0) (fun _ => 0) = [0] := by decide

/-- English: there are rows with terms. -/
theorem terms_bound_possible : ∃ f K m c a, RowOk f K m c a ∧ ∃ x, x ∈ terms f K m c a :=
  ⟨.u4, 1, fun _ => 0, fun _ => 0, fun _ => 0, rowOk_zeros, 0, by rw [terms_zeros]; simp⟩

/-- English: each term is at most 127 · max |m·T| in magnitude.
Requirements: REQ-DOT-002. -/
theorem terms_bound (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) (h : RowOk f K m c a) :
    ∀ x ∈ terms f K m c a, x.natAbs ≤ 127 * f.maxWeight := by
  intro x hx
  simp only [terms, List.mem_map, List.mem_range] at hx
  obtain ⟨k, hk, rfl⟩ := hx
  exact term_bound 127 f.maxWeight _ _ (h.activations k hk)
    (value_bound f K c k _ (h.subscales _) (h.codes k hk))

/-- English: for every K up to the format's limit, in whatever order the terms are added, every
partial sum lies in (−2³¹, 2³¹).
Requirements: REQ-DOT-002. -/
theorem partial_sums_fit (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (h : RowOk f K m c a) (order : List Int)
    (hperm : order.Perm (terms f K m c a)) (n : Nat) :
    -(2 ^ 31) < isum (order.take n) ∧ isum (order.take n) < 2 ^ 31 := by
  have hl : order.length = K := by rw [hperm.length_eq]; simp [terms]
  have hb := sum_fits f (order.take n)
    (by have := h.columns; have : (order.take n).length ≤ order.length := by simp; omega
        omega)
    (fun x hx => terms_bound f K m c a h x (hperm.mem_iff.mp (List.mem_of_mem_take hx)))
  omega

/-- English: so does every partial sum, in any order, of the products a_k · T[c_k] of any set of
inputs, hence inside a block.
Requirements: REQ-DOT-002. -/
theorem block_partial_sums_fit (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (h : RowOk f K m c a) (ks : List Nat)
    (hks : ∀ k ∈ ks, k < K) (hlen : ks.length ≤ K) :
    -(2 ^ 31) < isum (ks.map fun k => a k * f.value K c k) ∧
    isum (ks.map fun k => a k * f.value K c k) < 2 ^ 31 := by
  have hb := sum_fits f (ks.map fun k => a k * f.value K c k)
    (by have := h.columns; rw [List.length_map]; omega)
    (fun x hx => by
      simp only [List.mem_map] at hx
      obtain ⟨k, hk, rfl⟩ := hx
      have h1 : 1 ≤ f.maxSubscale := by cases f <;> decide
      have hw := value_bound f K c k 1 h1 (h.codes k (hks k hk))
      rw [show ((1 : Nat) : Int) = 1 from rfl, Int.one_mul] at hw
      exact term_bound 127 f.maxWeight _ _ (h.activations k (hks k hk)) hw)
  omega

/-- English: I itself lies in (−2³¹, 2³¹).
Requirements: REQ-DOT-002. -/
theorem rowSum_fits (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) (h : RowOk f K m c a) :
    -(2 ^ 31) < rowSum f K m c a ∧ rowSum f K m c a < 2 ^ 31 := by
  have hp := partial_sums_fit f K m c a h (terms f K m c a) (List.Perm.refl _) K
  have hl : (terms f K m c a).take K = terms f K m c a := by
    apply List.take_of_length_le
    simp [terms]
  rw [hl, ← rowSum_eq_isum] at hp
  exact hp

/-- English: int8 times int4 up to K = 8192 stays within 2²³.
Requirements: REQ-DOT-002. -/
theorem int8_int4_8192 (xs : List (Int × Int)) (hK : xs.length ≤ 8192)
    (h : ∀ p ∈ xs, p.1.natAbs ≤ 128 ∧ p.2.natAbs ≤ 8) :
    (isum (xs.map fun p => p.1 * p.2)).natAbs ≤ 2 ^ 23 := by
  have hb := isum_bound 1024 (xs.map fun p => p.1 * p.2) (fun x hx => by
    simp only [List.mem_map] at hx
    obtain ⟨p, hp, rfl⟩ := hx
    exact term_bound 128 8 _ _ (h p hp).1 (h p hp).2)
  rw [List.length_map] at hb
  omega

/-- English: G35 at K = 28672, the widest matrix of LLaMA 70B, is inside the format's limit, so its
sums are exact.
Requirements: REQ-DOT-002. -/
theorem g35_28672 (m c : Nat → Nat) (a : Nat → Int) (ha : ∀ k < 28672, (a k).natAbs ≤ 127)
    (hm : ∀ b, m b ≤ 15)
    (hc : ∀ k < 28672, c k < 2 ^ Format.g35.codeBits k) :
    -(2 ^ 31) < rowSum .g35 28672 m c a ∧ rowSum .g35 28672 m c a < 2 ^ 31 :=
  rowSum_fits .g35 28672 m c a ⟨by decide, ha, hm, hc⟩

/-- English: there are such rows. -/
theorem g35_28672_possible :
    ∃ (m c : Nat → Nat) (a : Nat → Int), (∀ k < 28672, (a k).natAbs ≤ 127) ∧ (∀ b, m b ≤ 15) ∧
      ∀ k < 28672, c k < 2 ^ Format.g35.codeBits k :=
  ⟨fun _ => 0, fun _ => 0, fun _ => 0, fun _ _ => by simp, fun _ => Nat.zero_le _,
    fun _ _ => Nat.two_pow_pos _⟩

/-! ## 32-bit words -/

/-- g 0 + … + g (n−1) on 32-bit words. -/
def wordSumTo : Nat → (Nat → Int32) → Int32
  | 0, _ => 0
  | n + 1, g => wordSumTo n g + g n

/-- I as a 32-bit machine computes it: products, sums and the sub-scale's product on words that wrap
around. -/
def rowWords (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int) : Int32 :=
  wordSumTo (Format.blocks K) fun b =>
    Int32.ofInt (m b) * wordSumTo (min 64 (K - 64 * b)) fun i =>
      Int32.ofInt (a (64 * b + i)) * Int32.ofInt (f.value K c (64 * b + i))

/-- Words add as integers do, modulo 2³². -/
theorem wordSumTo_ofInt (n : Nat) (g : Nat → Int) :
    (wordSumTo n fun i => Int32.ofInt (g i)) = Int32.ofInt (sumTo n g) := by
  induction n with
  | zero => rfl
  | succ n ih => simp only [wordSumTo, sumTo, ih, Int32.ofInt_add]

/-- Equal words give equal sums. -/
theorem wordSumTo_congr (n : Nat) (g h : Nat → Int32) (e : ∀ i, g i = h i) :
    wordSumTo n g = wordSumTo n h := by
  rw [funext e]

/-- A word that came from an integer in int32 is that integer. -/
theorem toInt_of_fits (n : Int) (h1 : -(2 ^ 31) ≤ n) (h2 : n < 2 ^ 31) :
    (Int32.ofInt n).toInt = n := by
  have hs : Int32.size = 2 ^ 32 := rfl
  rw [Int32.toInt_ofInt, hs]
  apply Int.bmod_eq_of_le <;> omega

/-- English: the sum on 32-bit two's-complement words is exactly I.
Requirements: REQ-DOT-001, REQ-DOT-002. -/
theorem rowWords_exact (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (h : RowOk f K m c a) :
    (rowWords f K m c a).toInt = rowSum f K m c a := by
  have e : rowWords f K m c a = Int32.ofInt (rowSum f K m c a) := by
    unfold rowWords rowSum blockSum
    rw [← wordSumTo_ofInt]
    apply wordSumTo_congr
    intro b
    rw [Int32.ofInt_mul, ← wordSumTo_ofInt]
    congr 1
    apply wordSumTo_congr
    intro i
    rw [Int32.ofInt_mul]
  have hf := rowSum_fits f K m c a h
  rw [e]
  exact toInt_of_fits _ (by omega) hf.2

/-- Any way to bracket a sum: a tree of additions. -/
inductive Tree where
  | leaf (x : Int)
  | node (l r : Tree)

/-- The terms at the leaves, left to right. -/
noncomputable def Tree.leaves : Tree → List Int
  | .leaf x => [x]
  | .node l r => l.leaves ++ r.leaves

/-- The sum along the tree on 32-bit words. -/
def Tree.words : Tree → Int32
  | .leaf x => Int32.ofInt x
  | .node l r => l.words + r.words

/-- English: 32-bit words added in any order and any grouping (lanes, tiles, threads, split K) give
exactly I.
Requirements: REQ-DOT-002, REQ-DOT-003. -/
theorem tree_exact (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (h : RowOk f K m c a) (t : Tree)
    (hperm : t.leaves.Perm (terms f K m c a)) : t.words.toInt = rowSum f K m c a := by
  have key : ∀ t : Tree, t.words = Int32.ofInt (isum t.leaves) := by
    intro t
    induction t with
    | leaf x => simp [Tree.words, Tree.leaves, isum]
    | node l r ihl ihr =>
      simp only [Tree.words, Tree.leaves, isum_append, Int32.ofInt_add, ihl, ihr]
  have hf := rowSum_fits f K m c a h
  rw [key, isum_perm hperm, ← rowSum_eq_isum]
  exact toInt_of_fits _ (by omega) hf.2

/-- English: there are rows with a bracketing of their terms. -/
theorem tree_exact_possible :
    ∃ f K m c a, RowOk f K m c a ∧ ∃ t : Tree, t.leaves.Perm (terms f K m c a) :=
  ⟨.u4, 1, fun _ => 0, fun _ => 0, fun _ => 0, rowOk_zeros, .leaf 0,
    by rw [terms_zeros]; exact List.Perm.refl _⟩

/-! ## Tables of products -/

/-- English: looking products up in a table gives the same sum as multiplying, if the table holds
the products for the codes in use.
Requirements: REQ-DOT-003. -/
theorem lookup_eq_multiply (n : Nat) (table : Nat → Nat → Int) (t : Nat → Table) (c : Nat → Nat)
    (a : Nat → Int)
    (h : ∀ k < n, ∀ code < (t k).size, table k code = a k * (t k).value code)
    (hc : ∀ k < n, c k < (t k).size) :
    (sumTo n fun k => table k (c k)) = sumTo n fun k => a k * (t k).value (c k) :=
  sumTo_congr n _ _ fun k hk => h k hk (c k) (hc k hk)

/-- The sums a₀·T₀[c₀] + a₁·T₁[c₁] of an even and an odd input, indexed by c₀ + size₀ · c₁. -/
def pairTable (t₀ t₁ : Table) (a₀ a₁ : Int) (index : Nat) : Int :=
  a₀ * t₀.value (index % t₀.size) + a₁ * t₁.value (index / t₀.size)

/-- English: a table over pairs of codes (7 bits in the 3.5-bit formats) gives the same sum as
multiplying.
Requirements: REQ-DOT-003. -/
theorem pair_lookup_eq_multiply (n : Nat) (t₀ t₁ : Table) (c : Nat → Nat) (a : Nat → Int)
    (hc : ∀ i < n, c (2 * i) < t₀.size) :
    (sumTo n fun i =>
        pairTable t₀ t₁ (a (2 * i)) (a (2 * i + 1)) (c (2 * i) + t₀.size * c (2 * i + 1))) =
      sumTo n fun i =>
        a (2 * i) * t₀.value (c (2 * i)) + a (2 * i + 1) * t₁.value (c (2 * i + 1)) := by
  apply sumTo_congr
  intro i hi
  have hpos : 0 < t₀.size := Nat.two_pow_pos _
  unfold pairTable
  rw [Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt (hc i hi), Nat.add_mul_div_left _ _ hpos,
    Nat.div_eq_of_lt (hc i hi), Nat.zero_add]

/-- English: codes past K do not influence I, in windows either: it depends on the codes,
activations and sub-scales of the inputs k < K alone.
Requirements: REQ-PCK-005, REQ-DOT-001. -/
theorem rowSum_padding (f : Format) (K : Nat) (m c c' : Nat → Nat) (a a' : Nat → Int)
    (hc : ∀ k < K, c k = c' k) (ha : ∀ k < K, a k = a' k) :
    rowSum f K m c a = rowSum f K m c' a' := by
  rw [rowSum_eq_isum, rowSum_eq_isum]
  unfold terms
  rw [← sumTo_eq_isum, ← sumTo_eq_isum]
  apply sumTo_congr
  intro k hk
  unfold term
  rw [value_congr f K c c' hc k hk, ha k hk]

end ThreeHalf
