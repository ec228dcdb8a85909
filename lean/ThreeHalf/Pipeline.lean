module
public import ThreeHalf.Output
public import ThreeHalf.Packing
@[expose] public section

/-!
# What the top-level definitions give

`quantizeToken`, `quantizeRow`, `gemv` and the figures of the formats, element by element, in terms
of the definitions that other theorems speak of: nothing is left between those theorems and what is
run.

Main results: `format_table` and `table_figures` (REQ-FMT-001 as it is printed),
`quantizeToken_codes`, `quantizeRow_uniform`, `quantizeRow_codebook`, `blockCodes_get`, `gemv_eq`;
`product_end_to_end` (how far a quantised product is from the real one), and the three theorems that
the project began with: `quantization_error_bound`, `no_int32_overflow`, `dequant_distributes`.
Requirements: REQ-FMT-001, REQ-QNT-003, REQ-QNT-007, REQ-QNT-008, REQ-QNT-010 to REQ-QNT-013,
REQ-DOT-001, REQ-DOT-002, REQ-DOT-004, REQ-DOT-007, REQ-PCK-005.
-/

namespace ThreeHalf

/-- English: the formats' ids, tables, sub-scales, largest integers, divisors, K limits and bytes a
block are those of the printed table.
Requirements: REQ-FMT-001. -/
theorem format_table :
    Format.all.map (fun f =>
        (f.id, f.even, f.odd, f.maxSubscale, f.maxWeight, f.divisor, f.limit, f.blockBytes)) =
      [(0, .t8, .t8, 1, 128, 127, 131072, 64), (1, .t4u, .t4u, 1, 8, 7, 1048576, 32),
        (2, .t4u, .t3u, 1, 8, 7, 1048576, 28), (3, .t3u, .t3u, 1, 8, 7, 1048576, 24),
        (4, .t4g, .t4g, 15, 465, 465, 36000, 32), (5, .t4g, .t3g, 15, 465, 465, 36000, 28),
        (6, .t3g, .t3g, 15, 465, 465, 36000, 24), (7, .tw, .tw, 15, 465, 345, 36000, 32),
        (8, .tw, .tw, 15, 465, 345, 36000, 28), (9, .tw, .tw, 15, 465, 345, 36000, 24)] := rfl

/-- English: the formats' widths are those of the printed table, and the last three have windows.
Requirements: REQ-FMT-001, REQ-FMT-009. -/
theorem format_widths :
    Format.all.map (fun f => (f.evenBits, f.oddBits, f.codeBits 0, f.codeBits 1, f.windowed)) =
      [(8, 8, 8, 8, false), (4, 4, 4, 4, false), (4, 3, 4, 3, false), (3, 3, 3, 3, false),
        (4, 4, 4, 4, false), (4, 3, 4, 3, false), (3, 3, 3, 3, false), (4, 4, 4, 4, true),
        (4, 3, 4, 3, true), (3, 3, 3, 3, true)] := rfl

/-- English: widths, largest magnitudes and largest gaps of the tables.
Requirements: REQ-FMT-001, REQ-QNT-013. -/
theorem table_figures :
    [Table.t8, .t4u, .t3u, .t4g, .t3g, .tw].map
        (fun t => (t.bits, t.maxMagnitude, t.largestGap)) =
      [(8, 128, 1), (4, 8, 1), (3, 8, 2), (4, 31, 8), (3, 26, 11), (8, 23, 0)] := rfl

/-- English: the table of an input is the format's even or odd one.
Requirements: REQ-FMT-001. -/
theorem table_parity (f : Format) (k : Nat) :
    f.table (2 * k) = f.even ∧ f.table (2 * k + 1) = f.odd := by
  unfold Format.table
  rw [if_pos (by omega), if_neg (by omega)]
  exact ⟨rfl, rfl⟩

/-- English: the width of an input's code is the format's even or odd one.
Requirements: REQ-FMT-001. -/
theorem codeBits_parity (f : Format) (k : Nat) :
    f.codeBits (2 * k) = f.evenBits ∧ f.codeBits (2 * k + 1) = f.oddBits := by
  unfold Format.codeBits
  rw [if_pos (by omega), if_neg (by omega)]
  exact ⟨rfl, rfl⟩

/-! ## Activations -/

/-- `values` maps. -/
theorem values_eq (xs : List Binary32) : values xs = xs.map Binary32.value := by
  induction xs with
  | nil => rfl
  | cons x xs ih => simp only [values, List.map_cons, ih]

/-- `activationCodes` maps. -/
theorem activationCodes_eq (s : Rat) (xs : List Rat) :
    activationCodes s xs = xs.map (activationCode s) := by
  induction xs with
  | nil => rfl
  | cons x xs ih => simp only [activationCodes, List.map_cons, ih]

/-- English: a quantised token has one code an activation, in order: that of REQ-QNT-003 with the
token's own scale.
Requirements: REQ-QNT-003. -/
theorem quantizeToken_codes (xs : List Binary32) (t : Token) (h : quantizeToken xs = some t) :
    t.codes = xs.map fun x => activationCode t.scale.value x.value := by
  rw [quantizeToken_scale xs t h]
  unfold quantizeToken at h
  split at h
  · injection h with h
    rw [← h]
    simp only [activationCodes_eq, values_eq, List.map_map]
    rfl
  · cases h

/-- English: a quantised token has as many codes as activations, each in [−127, 127], which is what
the bound of a row's sum supposes.
Requirements: REQ-QNT-003. -/
theorem quantizeToken_range (xs : List Binary32) (t : Token) (h : quantizeToken xs = some t) :
    t.codes.length = xs.length ∧ ∀ a ∈ t.codes, a.natAbs ≤ 127 := by
  rw [quantizeToken_codes xs t h]
  refine ⟨List.length_map .., fun a ha => ?_⟩
  rw [List.mem_map] at ha
  obtain ⟨x, _, rfl⟩ := ha
  have := activation_range t.scale.value x.value
  omega

/-- English: there are tokens that are not refused. -/
theorem quantizeToken_codes_possible : ∃ xs t, quantizeToken xs = some t :=
  quantizeToken_scale_possible

/-- English: and they have codes. -/
theorem quantizeToken_range_possible : ∃ xs t, quantizeToken xs = some t :=
  quantizeToken_scale_possible

/-! ## Weights -/

/-- Each code of a uniform format. -/
theorem uniformCodes_get (f : Format) (s : Rat) (k : Nat) (ws : List Rat) (i : Nat)
    (h : i < ws.length) :
    (uniformCodes f s k ws)[i]? = some (uniformCode (f.table (k + i)) s ws[i]) := by
  induction ws generalizing k i with
  | nil => simp at h
  | cons w ws ih =>
    cases i with
    | zero => rfl
    | succ i =>
      have := ih (k + 1) i (by simpa using h)
      rw [show k + 1 + i = k + (i + 1) by omega] at this
      exact this

/-- English: in a format without sub-scales a quantised row has, for each input k < K, the code of
REQ-QNT-007 or REQ-QNT-008 with the table of k, and no sub-scales.
Requirements: REQ-QNT-007, REQ-QNT-008. -/
theorem quantizeRow_uniform (f : Format) (ws : List Binary32) (r : Row)
    (hf : f.hasSubscales = false) (h : quantizeRow f ws = some r) :
    r.subscales = [] ∧ ∀ k, (hk : k < ws.length) →
    r.codes[k]? = some (uniformCode (f.table k) r.scale.value ws[k].value) := by
  rw [quantizeRow_scale f ws r h]
  unfold quantizeRow at h
  split at h
  · simp only [hf, Bool.false_eq_true, if_false] at h
    injection h with h
    rw [← h]
    refine ⟨rfl, fun k hk => ?_⟩
    have hv : k < (values ws).length := by rw [values_eq, List.length_map]; exact hk
    have hg := uniformCodes_get f (rowScale f (values ws)) 0 (values ws) k hv
    rw [Nat.zero_add] at hg
    simp only [values_eq, List.getElem_map] at hg ⊢
    exact hg
  · cases h

/-- English: there are rows that are not refused in a format without sub-scales. -/
theorem quantizeRow_uniform_possible : ∃ (f : Format) (ws : List Binary32) (r : Row),
      f.hasSubscales = false ∧ quantizeRow f ws = some r := by
  obtain ⟨r, h⟩ := Option.isSome_iff_exists.mp
    (show (quantizeRow .u4 [⟨false, 1065353216⟩]).isSome = true by decide +kernel)
  exact ⟨.u4, [⟨false, 1065353216⟩], r, rfl, h⟩

/-- English: and in one with sub-scales. -/
theorem quantizeRow_codebook_possible : ∃ (f : Format) (ws : List Binary32) (r : Row),
      f.hasSubscales = true ∧ quantizeRow f ws = some r := by
  obtain ⟨r, h⟩ := Option.isSome_iff_exists.mp
    (show (quantizeRow .g4 [⟨false, 1065353216⟩]).isSome = true by decide +kernel)
  exact ⟨.g4, [⟨false, 1065353216⟩], r, rfl, h⟩

/-- `first` takes. -/
theorem first_eq {α : Type} (n : Nat) (xs : List α) : first n xs = xs.take n := by
  induction n generalizing xs with
  | zero => simp [first]
  | succ n ih => cases xs with
    | nil => simp [first]
    | cons x xs => simp only [first, List.take_succ_cons, ih]

/-- `rest` drops. -/
theorem rest_eq {α : Type} (n : Nat) (xs : List α) : rest n xs = xs.drop n := by
  induction n generalizing xs with
  | zero => simp [rest]
  | succ n ih => cases xs with
    | nil => simp [rest]
    | cons x xs => simp only [rest, List.drop_succ_cons, ih]

/-- `fixedPoints` maps. -/
theorem fixedPoints_eq (s : Rat) (ws : List Rat) : fixedPoints s ws = ws.map (fixedPoint s) := by
  induction ws with
  | nil => rfl
  | cons w ws ih => simp only [fixedPoints, List.map_cons, ih]

/-- `app` appends. -/
theorem app_eq (xs ys : List Nat) : blockCodes.app xs ys = xs ++ ys := by
  induction xs with
  | nil => rfl
  | cons x xs ih => simp only [blockCodes.app, List.cons_append, ih]

/-- One code an input. -/
theorem nearestCodes_length (f : Format) (m k : Nat) (us : List Int) :
    (nearestCodes f m k us).length = us.length := by
  induction us generalizing k with
  | nil => rfl
  | cons u us ih => simp only [nearestCodes, List.length_cons, ih]

/-- Each code of a block. -/
theorem nearestCodes_get (f : Format) (m k : Nat) (us : List Int) (i : Nat) (h : i < us.length) :
    (nearestCodes f m k us)[i]? = some (nearestCode (f.table (k + i)) m us[i]) := by
  induction us generalizing k i with
  | nil => simp at h
  | cons u us ih =>
    cases i with
    | zero => rfl
    | succ i =>
      have := ih (k + 1) i (by simpa using h)
      rw [show k + 1 + i = k + (i + 1) by omega] at this
      exact this

/-- The fixed-point weights of block b. -/
noncomputable def blockOf (us : List Int) (b : Nat) : List Int := first 64 (rest (64 * b) us)

/-- English: each block has the sub-scale of REQ-QNT-012.
Requirements: REQ-QNT-012. -/
theorem blockSubscales_get (f : Format) (B : Nat) (us : List Int) (b : Nat) (hb : b < B) :
    (blockSubscales (quantizeBlocks f B us))[b]? = some (bestSubscale f (blockOf us b)) := by
  induction B generalizing us b with
  | zero => omega
  | succ B ih =>
    cases b with
    | zero => simp [quantizeBlocks, blockSubscales, blockOf, rest]
    | succ b =>
      have := ih (rest 64 us) b (by omega)
      simp only [quantizeBlocks, blockSubscales, List.getElem?_cons_succ]
      rw [this]
      simp only [blockOf, first_eq, rest_eq]
      rw [List.drop_drop, show 64 + 64 * b = 64 * (b + 1) by omega]

/-- English: each input of each block has the code of REQ-QNT-011 with its block's sub-scale.
Requirements: REQ-QNT-011. -/
theorem blockCodes_get (f : Format) (B : Nat) (us : List Int) (k : Nat) (hk : k < us.length)
    (hB : k < 64 * B) :
    (blockCodes (quantizeBlocks f B us))[k]? =
      some (nearestCode (f.table (k % 64)) (bestSubscale f (blockOf us (k / 64))) us[k]) := by
  induction B generalizing us k with
  | zero => omega
  | succ B ih =>
    simp only [quantizeBlocks, blockCodes, app_eq, first_eq, rest_eq]
    by_cases h : k < 64
    · have hl : k < (us.take 64).length := by rw [List.length_take]; omega
      rw [List.getElem?_append_left (by rw [nearestCodes_length]; exact hl),
        nearestCodes_get _ _ _ _ _ hl]
      rw [Nat.zero_add, Nat.mod_eq_of_lt h, Nat.div_eq_of_lt h, List.getElem_take]
      simp only [blockOf, first_eq, rest_eq, Nat.mul_zero, List.drop_zero]
    · have hl : (nearestCodes f (bestSubscale f (us.take 64)) 0 (us.take 64)).length = 64 := by
        rw [nearestCodes_length, List.length_take]; omega
      rw [List.getElem?_append_right (by omega), hl,
        ih (us.drop 64) (k - 64) (by rw [List.length_drop]; omega) (by omega)]
      rw [List.getElem_drop]
      simp only [blockOf, first_eq, rest_eq]
      rw [List.drop_drop, show 64 + 64 * ((k - 64) / 64) = 64 * (k / 64) by omega,
        show (k - 64) % 64 = k % 64 by omega]
      simp only [show 64 + (k - 64) = k by omega]

/-- English: in a format with sub-scales a quantised row has, for each block, the sub-scale of
REQ-QNT-012, and for each input k < K the code of REQ-QNT-011 for its fixed-point weight
(REQ-QNT-010) and its block's sub-scale.
Requirements: REQ-QNT-010, REQ-QNT-011, REQ-QNT-012. -/
theorem quantizeRow_codebook (f : Format) (ws : List Binary32) (r : Row)
    (hf : f.hasSubscales = true) (h : quantizeRow f ws = some r) :
    (∀ b < Format.blocks ws.length, r.subscales[b]? =
      some (bestSubscale f (blockOf (ws.map fun w => fixedPoint r.scale.value w.value) b))) ∧
      ∀ k, (hk : k < ws.length) → r.codes[k]? = some (nearestCode (f.table (k % 64))
        (bestSubscale f (blockOf (ws.map fun w => fixedPoint r.scale.value w.value) (k / 64)))
          (fixedPoint r.scale.value ws[k].value)) := by
  rw [quantizeRow_scale f ws r h]
  unfold quantizeRow at h
  split at h
  · simp only [count_eq] at h
    injection h with h
    rw [← h]
    have hu : fixedPoints (rowScale f (values ws)) (values ws) = ws.map fun w =>
      fixedPoint (rowScale f (values ws)) w.value := by
      rw [fixedPoints_eq, values_eq, List.map_map]
      rfl
    simp only [hu]
    refine ⟨fun b hb => blockSubscales_get f _ _ b hb, fun k hk => ?_⟩
    have hc := (blocks_cover ws.length).1
    rw [blockCodes_get f _ _ k (by rw [List.length_map]; exact hk) (by omega), List.getElem_map]
  · cases h

/-- English: the tables of inputs k and k mod 64 are the same: a block starts at an even input. -/
theorem table_mod (f : Format) (k : Nat) : f.table (k % 64) = f.table k := by
  unfold Format.table
  rw [show k % 64 % 2 = k % 2 by omega]

/-! ## Products -/

/-- English: one token times a matrix gives, for each row in order, I of REQ-DOT-001 and y of
REQ-DOT-004.
Requirements: REQ-DOT-001, REQ-DOT-004. -/
theorem gemv_eq (f : Format) (K : Nat) (t : TokenVector) (rows : List MatrixRow) :
    gemv f K t rows = rows.map fun r =>
      (rowSum f K r.subscale r.code t.code,
        output (rowSum f K r.subscale r.code t.code) r.scale t.scale) := by
  induction rows with
  | nil => rfl
  | cons r rs ih => simp only [gemv, List.map_cons, ih]

/-- English: on packed bytes: reading the codes and sub-scales that were packed from a row gives the
row's own I, whatever stands in the padding of other rows.
Requirements: REQ-DOT-001, REQ-PCK-005. -/
theorem rowSum_packed (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (hc : ∀ k < K, c k < 2 ^ f.codeBits k) :
    rowSum f K m (unpackCode f (packCode f K c)) a = rowSum f K m c a :=
  rowSum_padding f K m _ c a a (fun k hk => by rw [unpack_pack_row f K c hc k, if_pos hk])
    (fun _ _ => rfl)

/-! ## End to end -/

/-- The absolute value of a sum. -/
theorem rabs_add (x y : Rat) : rabs (x + y) ≤ rabs x + rabs y := by
  have h : ∀ z : Rat, z ≤ rabs z ∧ -z ≤ rabs z := fun z => by unfold rabs; split <;> grind
  have hx := h x
  have hy := h y
  rw [rabs_le]
  generalize rabs x = a at *
  generalize rabs y = b at *
  grind

/-- A product is at most the product of the bounds. -/
theorem rabs_mul_le (x y a b : Rat) (hx : rabs x ≤ a) (hy : rabs y ≤ b) :
    rabs (x * y) ≤ a * b := by
  have h0 := rabs_nonneg x
  have h1 := rabs_nonneg y
  rw [rabs_mul]
  have p := Rat.mul_le_mul_of_nonneg_left hy h0
  have q := Rat.mul_le_mul_of_nonneg_right hx (show 0 ≤ b by grind)
  grind

/-- Two relative errors in one. -/
theorem compound (a b A B : Rat) (ha : rabs a ≤ A) (hb : rabs b ≤ B) :
    rabs ((1 + a) * (1 + b) - 1) ≤ A + B + A * B := by
  have p := rabs_mul_le a b A B ha hb
  have q := rabs_add (a + b) (a * b)
  have r := rabs_add a b
  rw [show (1 + a) * (1 + b) - 1 = a + b + a * b by grind]
  grind

/-- One term: the weight's error counts with the activation, the activation's with the quantised
weight. -/
theorem term_error (w x v a e d X V : Rat) (hw : rabs (w - v) ≤ e) (hx : rabs (x - a) ≤ d)
    (hX : rabs x ≤ X) (hV : rabs v ≤ V) : rabs (v * a - w * x) ≤ e * X + V * d := by
  have p := rabs_mul_le (w - v) x e X hw hX
  have q := rabs_mul_le v (x - a) V d hV hx
  have r := rabs_add (-((w - v) * x)) (-(v * (x - a)))
  have n : ∀ y : Rat, rabs (-y) = rabs y := fun y => by unfold rabs; split <;> split <;> grind
  rw [n, n] at r
  rw [show v * a - w * x = -((w - v) * x) + -(v * (x - a)) by grind]
  grind

/-- Terms that are each near others have a sum near theirs. -/
theorem ratSumTo_error (n : Nat) (g h : Nat → Rat) (b : Rat)
    (H : ∀ k < n, rabs (g k - h k) ≤ b) : rabs (ratSumTo n g - ratSumTo n h) ≤ (n : Rat) * b := by
  induction n with
  | zero => simp only [ratSumTo]; unfold rabs; grind
  | succ n ih =>
    have p := ih fun k hk => H k (by omega)
    have q := H n (by omega)
    have r := rabs_add (ratSumTo n g - ratSumTo n h) (g n - h n)
    rw [Rat.natCast_add, show ((1 : Nat) : Rat) = 1 from rfl]
    simp only [ratSumTo]
    rw [show ratSumTo n g + g n - (ratSumTo n h + h n) =
      ratSumTo n g - ratSumTo n h + (g n - h n) by grind]
    grind

/-- A number near another one is bounded by it. -/
theorem rabs_near (x s X d : Rat) (h1 : rabs x ≤ X) (h2 : rabs (x - s) ≤ d) : rabs s ≤ X + d := by
  rw [rabs_le] at *
  grind

/-- Nothing taken away. -/
theorem sub_nothing (y : Rat) : y - 0 = y := by grind

/-- One and the rest. -/
theorem one_and_rest (y : Rat) : 1 + (y - 1) = y := by grind

/-- What three factors add. -/
theorem three_factors (S T a b c : Rat) : S * (1 + a) * (1 + b) * (1 + c) - T =
    S * ((1 + a) * (1 + b) * (1 + c) - 1) + (S - T) := by grind

/-- No terms. -/
theorem ratSumTo_zero (n : Nat) : ratSumTo n (fun _ => 0) = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => simp only [ratSumTo, ih]; exact Rat.add_zero 0

/-- The last step of the next theorem. -/
theorem combined (a b c A B : Rat) (q : a ≤ b + c) (p : b ≤ A * (1 / 5592404)) (r : c ≤ B) :
    a ≤ B + A / 5592404 := by grind

/-- English: a quantised product of a row with a vector is near the real one: with weights w within
e of the quantised ones, which are at most V, and activations x, at most X, within d of the
quantised ones, |y − Σ w·x| ≤ K·(e·X + V·d) + K·V·(X + d) / 5592404: the quantisation of the
weights, that of the activations, and three roundings (5592404 is a little less than 2²⁴/3). It
holds of every format; `codebook_error_gap`, `uniform_error` and `activation_error` bound e and d.
Requirements: REQ-DOT-007. -/
theorem product_end_to_end (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (srow sact : Rat) (w x : Nat → Rat) (e d X V : Rat) (hr : 0 ≤ srow) (ha : 0 ≤ sact)
    (hs : (2 : Rat) ^ (-126 : Int) ≤ fl32 (srow * sact))
    (hw : ∀ k < K, rabs (w k - weight srow ((m (k / 64) : Int) * f.value K c k)) ≤ e)
    (hx : ∀ k < K, rabs (x k - sact * (a k : Rat)) ≤ d) (hX : ∀ k < K, rabs (x k) ≤ X)
    (hV : ∀ k < K, rabs (weight srow ((m (k / 64) : Int) * f.value K c k)) ≤ V) :
    rabs ((output (rowSum f K m c a) srow sact).value - ratSumTo K fun k => w k * x k) ≤
      (K : Rat) * (e * X + V * d) + (K : Rat) * (V * (X + d)) / 5592404 := by
  obtain ⟨d₁, d₂, d₃, h₁, h₂, h₃, hy⟩ := output_error (rowSum f K m c a) srow sact hr ha hs
  have hd := dot_dequantized f K m c a srow sact
  have far := ratSumTo_error K (fun k => weight srow ((m (k / 64) : Int) * f.value K c k) *
    (sact * (a k : Rat))) (fun k => w k * x k) (e * X + V * d)
    fun k hk => term_error _ _ _ _ e d X V (hw k hk) (hx k hk) (hX k hk) (hV k hk)
  have size := ratSumTo_error K (fun k => weight srow ((m (k / 64) : Int) * f.value K c k) *
    (sact * (a k : Rat))) (fun _ => 0) (V * (X + d)) fun k hk => by
      rw [sub_nothing]
      exact rabs_mul_le _ _ V (X + d) (hV k hk) (rabs_near _ _ X d (hX k hk) (hx k hk))
  rw [ratSumTo_zero, sub_nothing, ← hd] at size
  rw [← hd] at far
  have c2 := compound d₁ d₂ _ _ h₁ h₂
  have c3 := compound ((1 + d₁) * (1 + d₂) - 1) d₃ _ _ c2 h₃
  rw [one_and_rest] at c3
  generalize srow * sact * (rowSum f K m c a : Rat) = S at *
  generalize ratSumTo K (fun k => w k * x k) = T at *
  have small : rabs ((1 + d₁) * (1 + d₂) * (1 + d₃) - 1) ≤ 1 / 5592404 :=
    Rat.le_trans c3 (by decide +kernel)
  have p := rabs_mul_le S ((1 + d₁) * (1 + d₂) * (1 + d₃) - 1) _ _ size small
  have q := rabs_add (S * ((1 + d₁) * (1 + d₂) * (1 + d₃) - 1)) (S - T)
  rw [hy, three_factors]
  exact combined _ _ _ _ _ q p far

/-- English: there are such rows and vectors. -/
theorem product_end_to_end_possible : ∃ (f : Format) (K : Nat) (m c : Nat → Nat) (a : Nat → Int)
    (srow sact : Rat) (w x : Nat → Rat) (e d X V : Rat), 0 ≤ srow ∧ 0 ≤ sact ∧
    (2 : Rat) ^ (-126 : Int) ≤ fl32 (srow * sact) ∧
    (∀ k < K, rabs (w k - weight srow ((m (k / 64) : Int) * f.value K c k)) ≤ e) ∧
    (∀ k < K, rabs (x k - sact * (a k : Rat)) ≤ d) ∧ (∀ k < K, rabs (x k) ≤ X) ∧
    (∀ k < K, rabs (weight srow ((m (k / 64) : Int) * f.value K c k)) ≤ V) :=
  ⟨.u4, 0, fun _ => 1, fun _ => 0, fun _ => 0, 1, 1, fun _ => 0, fun _ => 0, 0, 0, 0, 0,
    by decide +kernel, by decide +kernel, by decide +kernel,
    fun k hk => absurd hk (by omega), fun k hk => absurd hk (by omega),
    fun k hk => absurd hk (by omega), fun k hk => absurd hk (by omega)⟩

/-! ## The three theorems that the project began with -/

/-- English: a number within the range of a 4-bit grid, half a step beyond its ends included, is
reproduced within half a step.
Requirements: REQ-QNT-008. -/
theorem quantization_error_bound (x step : Rat) (hs : 0 < step) (h1 : -(17 / 2) * step ≤ x)
    (h2 : x ≤ 15 / 2 * step) : rabs (x - step * (roundClamp x step (-8) 7 : Rat)) ≤ step / 2 := by
  have lo : ((-8 : Int) : Rat) = -8 := rfl
  have hi : ((7 : Int) : Rat) = 7 := rfl
  have h := roundClamp_error x step (-8) 7 (by decide) hs (by rw [lo]; grind) (by rw [hi]; grind)
  rw [rabs_le]
  grind

/-- English: there are such numbers. -/
theorem quantization_error_bound_possible : ∃ x step : Rat,
    0 < step ∧ -(17 / 2) * step ≤ x ∧ x ≤ 15 / 2 * step :=
  ⟨0, 1, by decide +kernel, by decide +kernel, by decide +kernel⟩

/-- English: in a product of an M × K matrix of int8 with a K × N matrix of int4, M, N, K ≤ 8192, no
sum leaves int32.
Requirements: REQ-DOT-002. -/
theorem no_int32_overflow (M N K : Nat) (_ : M ≤ 8192) (_ : N ≤ 8192) (hK : K ≤ 8192)
    (a b : Nat → Nat → Int) (ha : ∀ i < M, ∀ k < K, (a i k).natAbs ≤ 128)
    (hb : ∀ k < K, ∀ j < N, (b k j).natAbs ≤ 8) (i : Nat) (hi : i < M) (j : Nat) (hj : j < N) :
    -(2 ^ 31) ≤ isum ((List.range K).map fun k => a i k * b k j) ∧
      isum ((List.range K).map fun k => a i k * b k j) < 2 ^ 31 := by
  have h := isum_bound 1024 ((List.range K).map fun k => a i k * b k j) fun x hx => by
    simp only [List.mem_map, List.mem_range] at hx
    obtain ⟨k, hk, rfl⟩ := hx
    exact term_bound 128 8 _ _ (ha i hi k hk) (hb k hk j hj)
  rw [List.length_map, List.length_range] at h
  omega

/-- English: there are such matrices. -/
theorem no_int32_overflow_possible : ∃ (M N K : Nat), M ≤ 8192 ∧ N ≤ 8192 ∧ K ≤ 8192 ∧
    ∃ a b : Nat → Nat → Int, (∀ i < M, ∀ k < K, (a i k).natAbs ≤ 128) ∧
      (∀ k < K, ∀ j < N, (b k j).natAbs ≤ 8) ∧ ∃ i, i < M ∧ ∃ j, j < N :=
  ⟨1, 1, 1, by decide, by decide, by decide, fun _ _ => 0, fun _ _ => 0,
    fun _ _ _ _ => (by decide : (0 : Int).natAbs ≤ 128),
    fun _ _ _ _ => (by decide : (0 : Int).natAbs ≤ 8), 0, by decide, 0, by decide⟩

/-- English: dequantising distributes over a dot product: the scaled integer sum is the sum of the
products of the scaled integers.
Requirements: REQ-DOT-007. -/
theorem dequant_distributes (s t : Rat) (n : Nat) (a b : Nat → Int) :
    s * t * ((sumTo n fun k => a k * b k : Int) : Rat) =
      ratSumTo n fun k => (s * (a k : Rat)) * (t * (b k : Rat)) := by
  have h := weight_sumTo (s * t) n fun k => a k * b k
  unfold weight at h
  rw [h]
  congr 1
  funext k
  rw [Rat.intCast_mul]
  grind

end ThreeHalf
