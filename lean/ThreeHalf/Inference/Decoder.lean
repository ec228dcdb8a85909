module
public import ThreeHalf.Inference.Arithmetic
public import ThreeHalf.Output
@[expose] public section

/-!
# The operations of a transformer, and the decoder

Sections 2 to 6 of `spec/INFERENCE.md`: each operation is the text's formula, one operation of
`Arithmetic.lean` after the other; vectors are lists. Then what happens between a token and the
logits after it, with the parts that only some models have. Quantised products call `quantizeToken`
and `gemv` of the number format. A vector that REQ-QNT-001 refuses gives NaN, which stays in all
that is made of it up to the logits, where REQ-DEC-004 ends the run.

REQ-OPS-002 fixes the order of every sum of binary32 numbers, and says what a device may still
choose: terms of value zero may be left out or added, and the partial sums may be rotated. Here both
are proved, for all bits.

Main definitions: `sum`, `dot`, `exp`, `silu`, `gelu`, `tanh`, `softcap`, `rmsnorm`, `gated`,
`residual`, `cosSin`, `rotateSplit`, `rotateInterleaved`, `attend`, `SplitMix.next`, `draw`;
`Matrix.product`, `Layer.step` (a token through a layer), `Model.feed` (a token and its logits),
`Model.oneByOne`, `Model.atOnce` (all tokens through a layer before the next one), `Model.together`
(tokens of several texts through a layer before the next one); `termSum` (a sum of terms with their
indexes).
Main results: `termSum_zeros`, `sum_padding`, `lane_not_minus_zero`, `tree_rotated`, `tree_halved`,
`add_comm`; `atOnce_oneByOne`, `feed_groups`, `feed_causal`, `together_alone`.
Requirements: REQ-OPS-001 to REQ-OPS-011, REQ-ROP-003 to REQ-ROP-005, REQ-ATT-001 to REQ-ATT-005,
REQ-DEC-001 to REQ-DEC-006, REQ-SMP-001 to REQ-SMP-005.
-/

namespace ThreeHalf.Inference

/-- A binary32 by its bits. -/
abbrev lit (bits : Nat) : Single := ofBits32 bits

/-- +0. -/
def zero32 : Single := ⟨false, 0⟩

/-- 1. -/
def one : Single := ⟨false, 0x3f800000⟩

/-- 2. -/
def two : Single := ⟨false, 0x40000000⟩

/-! ## Sums (REQ-OPS-002, REQ-OPS-003) -/

/-- Partial sum `l`: the terms of `xs`, whose first has index `i`, of which those with an index of l
modulo 16 are added to `p` one after the other. -/
def lane (l : Nat) : Nat → Single → List Single → Single
  | _, p, [] => p
  | i, p, x :: xs => lane l (i + 1) (if i % 16 = l then add p x else p) xs

/-- The tree of 16 partial sums: p_j becomes p_j + p_{j+s} for s = 8, 4, 2, 1. -/
def tree (p : Nat → Single) : Single :=
  add
    (add (add (add (p 0) (p 8)) (add (p 4) (p 12))) (add (add (p 2) (p 10)) (add (p 6) (p 14))))
    (add (add (add (p 1) (p 9)) (add (p 5) (p 13))) (add (add (p 3) (p 11)) (add (p 7) (p 15))))

/-- The sum of terms whose first one has index `first` (REQ-OPS-002; in attention the index is the
position, REQ-ATT-005). -/
def sumFrom (first : Nat) (xs : List Single) : Single := tree (fun l => lane l first zero32 xs)

/-- sum(x_0, …) (REQ-OPS-002). -/
def sum (xs : List Single) : Single := sumFrom 0 xs

/-- The products a_k · b_k. -/
def products : List Single → List Single → List Single
  | a :: xs, b :: ys => mul a b :: products xs ys
  | _, _ => []

/-- dot(a, b) (REQ-OPS-003). -/
def dot (a b : List Single) : Single := sum (products a b)

/-! ## Functions (REQ-OPS-004 to REQ-OPS-008) -/

/-- 2^n, −126 ≤ n ≤ 127. -/
def powerOfTwo (n : Int) : Single := ⟨false, (n + 127).toNat * 8388608⟩

/-- exp (REQ-OPS-004). -/
def exp (x : Single) : Single :=
  if less x (lit 0xc2d00000) then zero32
  else if less (lit 0x42b20000) x then infinite .single false
  else
    let n := sub (add (mul x (lit 0x3fb8aa3b)) (lit 0x4b400000)) (lit 0x4b400000)
    let r := sub (sub x (mul n (lit 0x3f317200))) (mul n (lit 0x35bfbe8e))
    let q := add (mul (add (mul (add (mul (add (mul (lit 0x3ab5121a) r) (lit 0x3c091cf1)) r)
      (lit 0x3d2aac79)) r) (lit 0x3e2aaa49)) r) (lit 0x3efffffe)
    let e := add (add (mul (mul r r) q) r) one
    let i := nearest n
    let h := i / 2
    mul (mul e (powerOfTwo h)) (powerOfTwo (i - h))

/-- silu (REQ-OPS-005). -/
def silu (x : Single) : Single := div x (add one (exp (opposite x)))

/-- gelu (REQ-OPS-006). -/
def gelu (x : Single) : Single :=
  let v := mul x (add (mul (mul x x) (lit 0x3d922279)) (lit 0x3fcc422a))
  div x (add one (exp (opposite v)))

/-- A number with the sign of another. -/
def withSign (a x : Single) : Single := if a.isNan then nan .single else ⟨x.neg, a.mag⟩

/-- tanh (REQ-OPS-007). -/
def tanh (x : Single) : Single :=
  let a := abs x
  let m :=
    if less a (lit 0x3f200000) then
      let z := mul a a
      let p := add (mul (add (mul (add (mul (add (mul (lit 0xbbbb16ba) z) (lit 0x3ca91de4)) z)
        (lit 0xbd5c202d)) z) (lit 0x3e0883a6)) z) (lit 0xbeaaaa9a)
      add (mul (mul z p) a) a
    else sub one (div two (add (exp (mul (smaller a (lit 0x41200000)) two)) one))
  withSign m x

/-- softcap, c > 0 (REQ-OPS-008). -/
def softcap (x c : Single) : Single := mul c (tanh (div x c))

/-! ## Vectors (REQ-OPS-009, REQ-OPS-010) -/

/-- How many there are. -/
def size : List Single → Nat
  | [] => 0
  | _ :: xs => size xs + 1

/-- (x_k · r) · w_k. -/
def normed (r : Single) : List Single → List Single → List Single
  | x :: xs, w :: ws => mul (mul x r) w :: normed r xs ws
  | _, _ => []

/-- rmsnorm (REQ-OPS-009). -/
def rmsnorm (x w : List Single) (eps : Single) : List Single :=
  let r := div one (root (add (div (dot x x) (ofInt .single (size x))) eps))
  normed r x w

/-- The function of a gate. -/
inductive Activation where
  | silu
  | gelu

/-- Its value (REQ-OPS-010). -/
def Activation.of (f : Activation) (x : Single) : Single :=
  match f with
  | .silu => Inference.silu x
  | .gelu => Inference.gelu x

/-- act(g_k) · u_k (REQ-OPS-010). -/
def gated (f : Activation) : List Single → List Single → List Single
  | g :: gs, u :: us => mul (f.of g) u :: gated f gs us
  | _, _ => []

/-- x_k + d_k (REQ-OPS-010). -/
def residual : List Single → List Single → List Single
  | x :: xs, d :: ds => add x d :: residual xs ds
  | _, _ => []

/-- y_k · c (REQ-OPS-010). -/
def scaled (c : Single) : List Single → List Single
  | [] => []
  | y :: ys => mul y c :: scaled c ys

/-- softcap of each. -/
def capped (c : Single) : List Single → List Single
  | [] => []
  | y :: ys => softcap y c :: capped c ys

/-! ## Rotary positions (REQ-ROP-003 to REQ-ROP-005) -/

/-- A binary64 by its bits. -/
abbrev lit64 (bits : Nat) : Double := ofBits64 bits

/-- c_1 + z·(c_2 + z·(… + z·c_n)). -/
def horner (z : Double) : List Nat → Double
  | [] => ⟨false, 0⟩
  | [c] => lit64 c
  | c :: d :: cs => add (lit64 c) (mul z (horner z (d :: cs)))

/-- S of REQ-ROP-004. -/
def sineNearZero (r : Double) : Double :=
  let z := mul r r
  add r (mul (mul r z) (horner z [0xbfc5555555555555, 0x3f81111111111111, 0xbf2a01a01a01a01a,
    0x3ec71de3a556c734, 0xbe5ae64567f544e4, 0x3de6124613a86d09, 0xbd6ae7f3e733b81f]))

/-- C of REQ-ROP-004. -/
def cosineNearZero (r : Double) : Double :=
  let z := mul r r
  add (sub (lit64 0x3ff0000000000000) (div z (lit64 0x4000000000000000)))
    (mul (mul z z) (horner z [0x3fa5555555555555, 0xbf56c16c16c16c17, 0x3efa01a01a01a01a,
      0xbe927e4fb7789f5c, 0x3e21eed8eff8d898, 0xbda93974a8c07c9d, 0x3d2ae7f3e733b81f]))

/-- The angle of a pair at position `p` (REQ-ROP-003). -/
def angle (p : Nat) (f : Single) : Double := mul (ofInt .double p) (convert .double f)

/-- Cosine and sine of an angle (REQ-ROP-004). -/
def cosSin (a : Double) : Single × Single :=
  let n := nearest (mul a (lit64 0x3fe45f306dc9c883))
  let m := ofInt .double n
  let r := sub (sub a (mul m (lit64 0x3ff921fb54400000))) (mul m (lit64 0x3dd0b4611a626331))
  let c := convert .single (cosineNearZero r)
  let s := convert .single (sineNearZero r)
  let t := n % 4
  if t = 0 then (c, s)
  else if t = 1 then (opposite s, c)
  else if t = 2 then (opposite c, opposite s)
  else (s, opposite c)

/-- Cosine and sine of each frequency at position `p`. -/
def angles (p : Nat) : List Single → List (Single × Single)
  | [] => []
  | f :: fs => cosSin (angle p f) :: angles p fs

/-- A pair turned (REQ-ROP-005). -/
def turn (u v : Single) (a : Single × Single) : Single × Single :=
  (sub (mul u a.1) (mul v a.2), add (mul u a.2) (mul v a.1))

/-- Pairs of neighbours turned (REQ-ROP-005); the elements past them are unchanged. -/
def rotateInterleaved : List (Single × Single) → List Single → List Single
  | a :: rest, u :: v :: xs =>
    let t := turn u v a
    t.1 :: t.2 :: rotateInterleaved rest xs
  | _, xs => xs

/-- The first elements of pairs, turned. -/
def firsts : List (Single × Single) → List Single → List Single → List Single
  | a :: rest, u :: us, v :: vs => (turn u v a).1 :: firsts rest us vs
  | _, _, _ => []

/-- The second ones, and what is past them. -/
def seconds : List (Single × Single) → List Single → List Single → List Single
  | a :: rest, u :: us, v :: vs => (turn u v a).2 :: seconds rest us vs
  | _, _, vs => vs

/-- What is past as many elements as there are angles. -/
def past : List (Single × Single) → List Single → List Single
  | _ :: rest, _ :: xs => past rest xs
  | _, xs => xs

/-- Two lists one after the other. -/
def joined : List Single → List Single → List Single
  | [], ys => ys
  | x :: xs, ys => x :: joined xs ys

/-- Pairs of element i and i + d/2 turned (REQ-ROP-005); the elements past them are unchanged. -/
def rotateSplit (as : List (Single × Single)) (xs : List Single) : List Single :=
  joined (firsts as xs (past as xs)) (seconds as xs (past as xs))

/-! ## Attention (REQ-ATT-002 to REQ-ATT-005) -/

/-- The first position that the query at `p` sees with a window of `w`, 0 for none (REQ-ATT-002). -/
def firstSeen (p w : Nat) : Nat := if w = 0 then 0 else p + 1 - w

/-- The head of keys of query head `h` (REQ-ATT-003). -/
def keyHead (heads keyHeads h : Nat) : Nat := h / (heads / keyHeads)

/-- s_t of each key (REQ-ATT-004); a cap of 0 is none. -/
def scores (q : List Single) (c cap : Single) : List (List Single) → List Single
  | [] => []
  | k :: ks =>
    let s := mul (dot q k) c
    (if cap.mag = 0 then s else softcap s cap) :: scores q c cap ks

/-- The largest one. -/
def largest (m : Single) : List Single → Single
  | [] => m
  | s :: ss => largest (greater m s) ss

/-- e_t = exp(s_t − M). -/
def weights (m : Single) : List Single → List Single
  | [] => []
  | s :: ss => exp (sub s m) :: weights m ss

/-- Element `d`; 0 past the end. -/
def element : Nat → List Single → Single
  | _, [] => zero32
  | 0, x :: _ => x
  | d + 1, _ :: xs => element d xs

/-- Element `d` of each vector. -/
def column (d : Nat) : List (List Single) → List Single
  | [] => []
  | v :: vs => element d v :: column d vs

/-- A_d / Z for the `n` elements from `d` on. -/
def mixed (first : Nat) (es : List Single) (z : Single) (vs : List (List Single)) :
    Nat → Nat → List Single
  | 0, _ => []
  | n + 1, d =>
    div (sumFrom first (products es (column d vs))) z :: mixed first es z vs n (d + 1)

/-- The output of a head (REQ-ATT-004, REQ-ATT-005): the query `q`, keys and values of the positions
from `first` on. -/
def attend (q : List Single) (ks vs : List (List Single)) (first : Nat) (c cap : Single) :
    List Single :=
  let ss := scores q c cap ks
  let es := weights (largest (infinite .single true) ss) ss
  mixed first es (sumFrom first es) vs (size q) 0

/-! ## Sampling (REQ-SMP-001 to REQ-SMP-005) -/

/-- The generator's next state. -/
def SplitMix.next (state : Nat) : Nat := (state + 0x9e3779b97f4a7c15) % 18446744073709551616

/-- Its output for a state. -/
def SplitMix.output (state : Nat) : Nat :=
  let a := Nat.xor state (Nat.shiftRight state 30) * 0xbf58476d1ce4e5b9 % 18446744073709551616
  let b := Nat.xor a (Nat.shiftRight a 27) * 0x94d049bb133111eb % 18446744073709551616
  Nat.xor b (Nat.shiftRight b 31)

/-- u (REQ-SMP-001). -/
def uniform (state : Nat) : Double :=
  pack .double false (Nat.shiftRight (SplitMix.output state) 11) (-53)

/-- A candidate: a token and its logit. -/
abbrev Candidate := Nat × Single

/-- Puts a candidate where it belongs among candidates with smaller ids (REQ-SMP-002). -/
def placed (c : Candidate) : List Candidate → List Candidate
  | [] => [c]
  | d :: ds => if less d.2 c.2 then c :: d :: ds else d :: placed c ds

/-- Logits from token `id` on in the order of REQ-SMP-002, put among the candidates before. -/
def ordered (id : Nat) (before : List Candidate) : List Single → List Candidate
  | [] => before
  | l :: ls => ordered (id + 1) (placed (id, l) before) ls

/-- The first `k`, or all where k is 0 (REQ-SMP-003). -/
def kept (k : Nat) (cs : List Candidate) : List Candidate := if k = 0 then cs else go k cs
where
  go : Nat → List Candidate → List Candidate
    | 0, _ => []
    | _, [] => []
    | n + 1, c :: cs => c :: go n cs

/-- Candidates with their cumulative weights c_i (REQ-SMP-003). -/
def cumulative (l₀ t : Single) (c : Double) : List Candidate → List (Nat × Double)
  | [] => []
  | d :: ds =>
    let s := add c (convert .double (exp (div (sub d.2 l₀) t)))
    (d.1, s) :: cumulative l₀ t s ds

/-- The last cumulative weight. -/
def total (c : Double) : List (Nat × Double) → Double
  | [] => c
  | d :: ds => total d.2 ds

/-- Candidates up to the first with c_i ≥ a share (REQ-SMP-004). -/
def upTo (share : Double) : List (Nat × Double) → List (Nat × Double)
  | [] => []
  | c :: cs => if less c.2 share then c :: upTo share cs else [c]

/-- The first candidate with c_i > x (REQ-SMP-005). -/
def chosen (x : Double) : List (Nat × Double) → Option Nat
  | [] => none
  | c :: cs => if less x c.2 then some c.1 else chosen x cs

/-- A draw: temperature `t` (0: the first candidate), top-k (0: all), top-p, and the generator's
state after its step (REQ-SMP-002 to REQ-SMP-005). -/
def draw (logits : List Single) (t : Single) (k : Nat) (p : Single) (state : Nat) : Option Nat :=
  match ordered 0 [] logits with
  | [] => none
  | best :: others =>
    if t.mag = 0 then some best.1
    else
      let cs := cumulative best.2 t ⟨false, 0⟩ (kept k (best :: others))
      let stay := if less p one then upTo (mul (convert .double p) (total ⟨false, 0⟩ cs)) cs else cs
      chosen (mul (uniform state) (total ⟨false, 0⟩ stay)) stay

/-- So many draws one after the other from the same logits; none draws at temperature 0. -/
def draws (logits : List Single) (t : Single) (k : Nat) (p : Single) : Nat → Nat → List Nat
  | 0, _ => []
  | n + 1, state =>
    let s := SplitMix.next state
    match draw logits t k p s with
    | some id => id :: draws logits t k p n s
    | none => []

/-! ## What sampling draws -/

/-- English: the generator gives the published numbers: the first five of seed 1234567.
Requirements: REQ-SMP-001. -/
theorem splitMix_published :
    let s₁ := SplitMix.next 1234567
    let s₂ := SplitMix.next s₁
    let s₃ := SplitMix.next s₂
    let s₄ := SplitMix.next s₃
    SplitMix.output s₁ = 6457827717110365317 ∧ SplitMix.output s₂ = 3203168211198807973 ∧
      SplitMix.output s₃ = 9817491932198370423 ∧ SplitMix.output s₄ = 4593380528125082431 ∧
      SplitMix.output (SplitMix.next s₄) = 16408922859458223821 := by
  decide +kernel

/-- The first n. -/
theorem kept_go (n : Nat) (cs : List Candidate) : kept.go n cs = cs.take n := by
  induction n generalizing cs with
  | zero => rfl
  | succ n ih =>
    cases cs with
    | nil => rfl
    | cons c cs => simp [kept.go, ih]

/-- English: top-k keeps the first k candidates, and all where k is 0.
Requirements: REQ-SMP-003. -/
theorem kept_take (k : Nat) (cs : List Candidate) :
    kept k cs = if k = 0 then cs else cs.take k := by
  unfold kept
  split
  · rfl
  · exact kept_go k cs

/-- English: a candidate's cumulative weight is the one before it and its own weight, added in
binary64, and so on from there.
Requirements: REQ-SMP-003. -/
theorem cumulative_next (l t : Single) (c : Double) (d : Candidate) (ds : List Candidate) :
    ∃ s, s = add c (convert .double (exp (div (sub d.2 l) t))) ∧
      cumulative l t c (d :: ds) = (d.1, s) :: cumulative l t s ds := ⟨_, rfl, rfl⟩

/-- English: top-p keeps the candidates up to the first whose cumulative weight reaches the share,
and all where none does.
Requirements: REQ-SMP-004. -/
theorem upTo_first (share : Double) (cs : List (Nat × Double)) :
    cs = [] ∨ ∃ pre d post, cs = pre ++ d :: post ∧ upTo share cs = pre ++ [d] ∧
      (∀ e ∈ pre, less e.2 share = true) ∧ (less d.2 share = false ∨ post = []) := by
  induction cs with
  | nil => exact Or.inl rfl
  | cons c cs ih =>
    right
    have step : upTo share (c :: cs) = if less c.2 share then c :: upTo share cs else [c] := rfl
    by_cases l : less c.2 share = true
    · rw [if_pos l] at step
      rcases ih with h | ⟨pre, d, post, h, hu, hp, hl⟩
      · subst h
        exact ⟨[], c, [], rfl, step, fun e he => absurd he (by simp), Or.inr rfl⟩
      · refine ⟨c :: pre, d, post, by rw [h]; rfl, by rw [step, hu]; rfl, fun e he => ?_, hl⟩
        rcases List.mem_cons.mp he with h1 | h1
        · rw [h1]; exact l
        · exact hp e h1
    · rw [if_neg l] at step
      exact ⟨[], c, cs, rfl, step, fun e he => absurd he (by simp), Or.inl (by simpa using l)⟩

/-- English: the drawn candidate is the first one whose cumulative weight is more than u times the
last one; so each is drawn for the u of an interval as long as its weight, as the sums have it.
Requirements: REQ-SMP-005. -/
theorem chosen_first (x : Double) (cs : List (Nat × Double)) (id : Nat) :
    chosen x cs = some id ↔ ∃ pre d post, cs = pre ++ d :: post ∧ d.1 = id ∧
      less x d.2 = true ∧ ∀ e ∈ pre, less x e.2 = false := by
  induction cs with
  | nil =>
    constructor
    · intro h
      cases h
    · rintro ⟨pre, d, post, h, _⟩
      cases pre <;> simp at h
  | cons c cs ih =>
    have step : chosen x (c :: cs) = if less x c.2 then some c.1 else chosen x cs := rfl
    by_cases l : less x c.2 = true
    · rw [step, if_pos l]
      constructor
      · intro h
        injection h with h
        exact ⟨[], c, cs, rfl, h, l, fun e he => absurd he (by simp)⟩
      · rintro ⟨pre, d, post, h, hd, hl, hp⟩
        cases pre with
        | nil =>
          injection h with h1 h2
          rw [h1, hd]
        | cons p pre =>
          injection h with h1 h2
          have := hp p (by simp)
          rw [← h1, l] at this
          cases this
    · rw [step, if_neg l, ih]
      constructor
      · rintro ⟨pre, d, post, h, hd, hl, hp⟩
        refine ⟨c :: pre, d, post, by rw [h]; rfl, hd, hl, fun e he => ?_⟩
        rcases List.mem_cons.mp he with h1 | h1
        · rw [h1]
          simpa using l
        · exact hp e h1
      · rintro ⟨pre, d, post, h, hd, hl, hp⟩
        cases pre with
        | nil =>
          injection h with h1 h2
          rw [h1] at l
          exact absurd hl l
        | cons p pre =>
          injection h with h1 h2
          exact ⟨pre, d, post, h2, hd, hl, fun e he => hp e (List.mem_cons_of_mem _ he)⟩

/-! ## What may change in a sum, and changes no bit -/

/-- −0 of any kind. -/
def minusZero {k : Kind} (a : Number k) : Prop := a.neg = true ∧ a.mag = 0

/-- A NaN is the NaN. -/
def clean {k : Kind} (a : Number k) : Prop := a.isNan = true → a = nan k

/-- NaN or not, and finite or not. -/
theorem classes {k : Kind} (a : Number k) :
    (a.finite = true ∧ a.isNan = false) ∨ (a.finite = false ∧ a.isNan = true) ∨
    (a.finite = false ∧ a.isNan = false ∧ a.mag = k.infinity) := by
  unfold Number.finite Number.isNan
  rcases (show a.mag < k.infinity ∨ k.infinity < a.mag ∨ a.mag = k.infinity by omega) with h | h | h
  · left; exact ⟨decide_eq_true h, decide_eq_false (by omega)⟩
  · right; left; exact ⟨decide_eq_false (by omega), decide_eq_true h⟩
  · right; right; exact ⟨decide_eq_false (by omega), decide_eq_false (by omega), h⟩

/-- Numbers with the same parts are the same. -/
theorem number_ext {k : Kind} (a b : Number k) (h1 : a.neg = b.neg) (h2 : a.mag = b.mag) :
    a = b := by
  cases a
  cases b
  simp only at h1 h2
  rw [h1, h2]

/-- The sum of finite numbers does not depend on their order. -/
theorem addFinite_comm {k : Kind} (a b : Number k) : addFinite a b = addFinite b a := by
  unfold addFinite
  simp only []
  rw [show min (k.exponent b.mag) (k.exponent a.mag) =
    min (k.exponent a.mag) (k.exponent b.mag) by omega]
  generalize min (k.exponent a.mag) (k.exponent b.mag) = e
  generalize Nat.shiftLeft (k.significand a.mag) (k.exponent a.mag - e).toNat = m
  generalize Nat.shiftLeft (k.significand b.mag) (k.exponent b.mag - e).toNat = n
  by_cases s : a.neg = b.neg
  · rw [if_pos s, if_pos s.symm, s, Nat.add_comm]
  · have s2 : ¬b.neg = a.neg := fun h => s h.symm
    rw [if_neg s, if_neg s2]
    rcases (show m = n ∨ n < m ∨ m < n by omega) with c | c | c
    · rw [if_pos c, if_pos c.symm]
    · rw [if_neg (by omega), if_pos c, if_neg (by omega), if_neg (by omega)]
    · rw [if_neg (by omega), if_neg (by omega), if_neg (by omega), if_pos c]

/-- English: a + b and b + a are the same bits.
Requirements: REQ-OPS-002. -/
theorem add_comm {k : Kind} (a b : Number k) : add a b = add b a := by
  unfold add
  rcases classes a with ⟨fa, na⟩ | ⟨fa, na⟩ | ⟨fa, na, ma⟩ <;>
    rcases classes b with ⟨fb, nb⟩ | ⟨fb, nb⟩ | ⟨fb, nb, mb⟩ <;>
    simp only [fa, na, fb, nb, if_true, if_false, Bool.false_eq_true, Bool.or_self, Bool.or_true,
      Bool.or_false]
  · exact addFinite_comm a b
  · by_cases s : a.neg = b.neg
    · rw [if_pos s, if_pos s.symm]
      exact number_ext a b s (by rw [ma, mb])
    · rw [if_neg s, if_neg (fun h => s h.symm)]

/-- A packed number is no NaN. -/
theorem pack_clean (k : Kind) (neg : Bool) (n : Nat) (e : Int) : clean (pack k neg n e) := by
  intro h
  have h1 := of_decide_eq_true h
  have h2 : (pack k neg n e).mag = min (k.roundMag n e) k.infinity := rfl
  omega

/-- A sum that is NaN is the NaN. -/
theorem add_clean {k : Kind} (a b : Number k) : clean (add a b) := by
  unfold add
  rcases classes a with ⟨fa, na⟩ | ⟨fa, na⟩ | ⟨fa, na, ma⟩ <;>
    rcases classes b with ⟨fb, nb⟩ | ⟨fb, nb⟩ | ⟨fb, nb, mb⟩ <;>
    simp only [fa, na, fb, nb, if_true, if_false, Bool.false_eq_true, Bool.or_self, Bool.or_true,
      Bool.or_false]
  · unfold addFinite
    simp only []
    split
    · exact pack_clean _ _ _ _
    · split
      · intro h
        exact absurd (of_decide_eq_true h) (by
          show ¬ k.infinity < 0
          omega)
      · split
        · exact pack_clean _ _ _ _
        · exact pack_clean _ _ _ _
  · intro _; rfl
  · intro h; rw [nb] at h; exact absurd h (by decide)
  · intro _; rfl
  · intro _; rfl
  · intro _; rfl
  · intro h; rw [na] at h; exact absurd h (by decide)
  · intro _; rfl
  · split
    · intro h; rw [na] at h; exact absurd h (by decide)
    · intro _; rfl

/-- No finite number has a smaller exponent than −`least`. -/
theorem least_exponent (k : Kind) (m : Nat) : -(k.least : Int) ≤ k.exponent m := by
  have hH := k.hidden_pos
  unfold Kind.exponent
  split
  · omega
  · have : 1 ≤ m / k.hidden := by
      rw [Nat.le_div_iff_mul_le hH]
      omega
    omega

/-- What is not zero does not round to zero. -/
theorem roundMag_pos (k : Kind) (n : Nat) (e : Int) (hn : n ≠ 0) (he : -(k.least : Int) ≤ e) :
    k.roundMag n e ≠ 0 := by
  have hH := k.hidden_pos
  unfold Kind.roundMag
  rw [if_neg hn]
  simp only []
  have hp : -(k.least : Int) ≤ k.place n e := by unfold Kind.place; omega
  by_cases c : k.place n e = -(k.least : Int)
  · rw [c]
    unfold rnePlace
    rw [if_neg (by omega)]
    have e1 : ∀ s, Nat.shiftLeft n s = n * 2 ^ s := Nat.shiftLeft_eq n
    rw [e1]
    have : 0 < n * 2 ^ (e - -(k.least : Int)).toNat :=
      Nat.mul_pos (by omega) (Nat.pow_pos (by decide))
    omega
  · obtain ⟨j, hj⟩ : ∃ j, (k.place n e + (k.least : Int)).toNat = j + 1 :=
      ⟨(k.place n e + (k.least : Int)).toNat - 1, by omega⟩
    rw [hj, Nat.add_mul]
    omega

/-- A significand of zero belongs to a zero. -/
theorem significand_zero (k : Kind) (m : Nat) (h : k.significand m = 0) : m = 0 := by
  have hH := k.hidden_pos
  unfold Kind.significand at h
  split at h <;> omega

/-- Nothing is shifted to nothing. -/
theorem shiftLeft_zero (n s : Nat) : (Nat.shiftLeft n s = 0 ↔ n = 0) ∧ Nat.shiftLeft 0 s = 0 := by
  have e1 : ∀ n, Nat.shiftLeft n s = n * 2 ^ s := fun n => Nat.shiftLeft_eq n s
  have hp : 0 < (2 : Nat) ^ s := Nat.pow_pos (by decide)
  rw [e1, e1]
  refine ⟨⟨fun h => ?_, fun h => by rw [h, Nat.zero_mul]⟩, Nat.zero_mul _⟩
  rcases Nat.mul_eq_zero.mp h with h | h
  · exact h
  · omega

/-- English: there are numbers other than −0. -/
theorem add_not_minus_zero_possible : ∃ (k : Kind) (a _ : Number k), ¬minusZero a :=
  ⟨.single, zero .single false, zero .single false, fun h => absurd h.1 (by decide)⟩

/-- English: a sum is −0 only where the first number is.
Requirements: REQ-OPS-002. -/
theorem add_not_minus_zero {k : Kind} (a b : Number k) (h : ¬minusZero a) :
    ¬minusZero (add a b) := by
  have hi : k.infinity ≠ 0 ∧ k.nanBits ≠ 0 := by cases k <;> decide
  unfold add
  rcases classes a with ⟨fa, na⟩ | ⟨fa, na⟩ | ⟨fa, na, ma⟩ <;>
    rcases classes b with ⟨fb, nb⟩ | ⟨fb, nb⟩ | ⟨fb, nb, mb⟩ <;>
    simp only [fa, na, fb, nb, if_true, if_false, Bool.false_eq_true, Bool.or_self, Bool.or_true,
      Bool.or_false]
  · have ea := least_exponent k a.mag
    have eb := least_exponent k b.mag
    have small : ∀ neg n e, n ≠ 0 → -(k.least : Int) ≤ e → ¬minusZero (pack k neg n e) :=
      fun neg n e hn he hz => by
        have := roundMag_pos k n e hn he
        have h2 : min (k.roundMag n e) k.infinity = 0 := hz.2
        omega
    unfold addFinite
    simp only []
    have he : -(k.least : Int) ≤ min (k.exponent a.mag) (k.exponent b.mag) := by omega
    generalize min (k.exponent a.mag) (k.exponent b.mag) = e at *
    have za := (shiftLeft_zero (k.significand a.mag) (k.exponent a.mag - e).toNat).1
    generalize Nat.shiftLeft (k.significand a.mag) (k.exponent a.mag - e).toNat = m at *
    generalize Nat.shiftLeft (k.significand b.mag) (k.exponent b.mag - e).toNat = n at *
    split
    · by_cases c : m + n = 0
      · intro hz
        have hneg : a.neg = true := hz.1
        exact h ⟨hneg, significand_zero k _ (za.mp (by omega))⟩
      · exact small _ _ _ c he
    · split
      · intro hz
        exact absurd (show false = true from hz.1) (by decide)
      · split
        · exact small _ _ _ (by omega) he
        · exact small _ _ _ (by omega) he
  · intro hz; exact hi.2 hz.2
  · intro hz; rw [minusZero, mb] at hz; exact hi.1 hz.2
  · intro hz; exact hi.2 hz.2
  · intro hz; exact hi.2 hz.2
  · intro hz; exact hi.2 hz.2
  · exact h
  · intro hz; exact hi.2 hz.2
  · split
    · exact h
    · intro hz; exact hi.2 hz.2

/-- The same number with a smaller exponent rounds to the same bits. -/
theorem roundMag_aligned (k : Kind) (n : Nat) (x e : Int) (h : e ≤ x) :
    k.roundMag (Nat.shiftLeft n (x - e).toNat) e = k.roundMag n x := by
  have al := aligned n x e h
  have z := (shiftLeft_zero n (x - e).toNat).1
  unfold Kind.roundMag
  by_cases c : n = 0
  · rw [if_pos (z.mpr c), if_pos c]
  · have c' : Nat.shiftLeft n (x - e).toNat ≠ 0 := fun h => c (z.mp h)
    rw [if_neg c', if_neg c]
    have p1 := k.lastPlace_scaled _ e c'
    rw [al, k.lastPlace_scaled n x c] at p1
    have r1 := rne_place (Nat.shiftLeft n (x - e).toNat) e (k.place n x)
    rw [al, rne_place] at r1
    simp only []
    rw [← p1]
    omega

/-- A number's own significand and exponent round to its bits. -/
theorem roundMag_self (k : Kind) (m : Nat) : k.roundMag (k.significand m) (k.exponent m) = m := by
  have hH := k.hidden_pos
  have hp := k.hidden_nat
  have dm := Nat.div_add_mod m k.hidden
  have ml := Nat.mod_lt m hH
  have e0 : ∀ n, Nat.shiftLeft n 0 = n := fun n => rfl
  have here : ∀ (n : Nat) (e : Int), rnePlace n e e = n := fun n e => by
    unfold rnePlace
    rw [if_neg (by omega), show (e - e).toNat = 0 by omega, e0]
  by_cases c0 : m < k.hidden
  · have s : k.significand m = m := by unfold Kind.significand; rw [if_pos c0]
    have x : k.exponent m = -(k.least : Int) := by unfold Kind.exponent; rw [if_pos c0]
    rw [s, x]
    unfold Kind.roundMag
    by_cases c1 : m = 0
    · rw [if_pos c1, c1]
    · have l : m.log2 < k.fraction := by rw [Nat.log2_lt c1, ← hp]; exact c0
      have p : k.place m (-(k.least : Int)) = -(k.least : Int) := by unfold Kind.place; omega
      rw [if_neg c1]
      simp only []
      rw [p, here, show (-(k.least : Int) + (k.least : Int)).toNat = 0 by omega, Nat.zero_mul,
        Nat.zero_add]
  · have s : k.significand m = k.hidden + m % k.hidden := by
      unfold Kind.significand; rw [if_neg c0]
    have x : k.exponent m = ((m / k.hidden : Nat) : Int) - (k.least : Int) - 1 := by
      unfold Kind.exponent; rw [if_neg c0]
    have q : 1 ≤ m / k.hidden := by rw [Nat.le_div_iff_mul_le hH]; omega
    have n0 : k.hidden + m % k.hidden ≠ 0 := by omega
    have l : (k.hidden + m % k.hidden).log2 = k.fraction := by
      rw [Nat.log2_eq_iff n0, Nat.pow_succ, ← hp]
      omega
    rw [s, x]
    unfold Kind.roundMag
    rw [if_neg n0]
    simp only []
    obtain ⟨j, hj⟩ : ∃ j, m / k.hidden = j + 1 := ⟨m / k.hidden - 1, by omega⟩
    rw [hj] at dm ⊢
    have p : k.place (k.hidden + m % k.hidden) (((j + 1 : Nat) : Int) - (k.least : Int) - 1) =
        ((j + 1 : Nat) : Int) - (k.least : Int) - 1 := by
      unfold Kind.place
      rw [l]
      omega
    rw [p, here, show (((j + 1 : Nat) : Int) - (k.least : Int) - 1 + (k.least : Int)).toNat = j by
      omega]
    rw [Nat.mul_add, Nat.mul_one, Nat.mul_comm] at dm
    omega

/-- A finite number that is packed again. -/
theorem pack_self {k : Kind} (a : Number k) (fa : a.finite = true) (e : Int)
    (he : e ≤ k.exponent a.mag) :
    pack k a.neg (Nat.shiftLeft (k.significand a.mag) (k.exponent a.mag - e).toNat) e = a := by
  have h := of_decide_eq_true fa
  apply number_ext
  · rfl
  · show min (k.roundMag _ e) k.infinity = a.mag
    rw [roundMag_aligned k _ _ _ he, roundMag_self]
    omega

/-- English: there are numbers other than −0 and NaN. -/
theorem add_zero_possible : ∃ (k : Kind) (a : Number k) (_ : Bool), ¬minusZero a ∧ clean a :=
  ⟨.single, zero .single false, false, fun h => absurd h.1 (by decide),
    fun h => absurd h (by decide)⟩

/-- English: a zero that is added changes no bit, unless it is added to −0.
Requirements: REQ-OPS-002. -/
theorem add_zero {k : Kind} (a : Number k) (neg : Bool) (h : ¬minusZero a) (hc : clean a) :
    add a (zero k neg) = a := by
  have fz : (zero k neg).finite = true := by cases k <;> rfl
  have nz : (zero k neg).isNan = false := by cases k <;> rfl
  unfold add
  rcases classes a with ⟨fa, na⟩ | ⟨fa, na⟩ | ⟨fa, na, ma⟩ <;>
    simp only [fa, na, fz, nz, if_true, if_false, Bool.false_eq_true, Bool.or_self, Bool.or_false]
  · have ea := least_exponent k a.mag
    have s0 : k.significand (zero k neg).mag = 0 := by cases k <;> rfl
    have x0 : k.exponent (zero k neg).mag = -(k.least : Int) := by cases k <;> rfl
    have n0 : (zero k neg).neg = neg := rfl
    unfold addFinite
    simp only []
    rw [s0, x0, n0, show min (k.exponent a.mag) (-(k.least : Int)) = -(k.least : Int) by omega,
      (shiftLeft_zero 0 _).2]
    have self := pack_self a fa (-(k.least : Int)) ea
    have za := (shiftLeft_zero (k.significand a.mag)
      (k.exponent a.mag - -(k.least : Int)).toNat).1
    generalize Nat.shiftLeft (k.significand a.mag)
      (k.exponent a.mag - -(k.least : Int)).toNat = m at *
    split
    · exact self
    · split
      · rename_i c
        have m0 := significand_zero k _ (za.mp c)
        apply number_ext
        · show false = a.neg
          cases hn : a.neg with
          | false => rfl
          | true => exact absurd ⟨hn, m0⟩ h
        · exact m0.symm
      · rw [if_pos (by omega), Nat.sub_zero]
        exact self
  · exact (hc na).symm

/-- English: there are partial sums other than −0: each starts at +0. -/
theorem lane_not_minus_zero_possible : ∃ (_ _ : Nat) (_ : List Single) (p : Single),
    ¬minusZero p := ⟨0, 0, [], zero32, fun h => absurd h.1 (by decide)⟩

/-- English: a partial sum is never −0.
Requirements: REQ-OPS-002. -/
theorem lane_not_minus_zero (l i : Nat) (xs : List Single) (p : Single) (h : ¬minusZero p) :
    ¬minusZero (lane l i p xs) := by
  induction xs generalizing i p with
  | nil => exact h
  | cons x xs ih =>
    apply ih
    split
    · exact add_not_minus_zero p x h
    · exact h

/-! ## Terms with their indexes -/

/-- Terms with their indexes, from `i` on. -/
noncomputable def indexed : Nat → List Single → List (Nat × Single)
  | _, [] => []
  | i, x :: xs => (i, x) :: indexed (i + 1) xs

/-- Partial sum `l` of such terms. -/
noncomputable def termsOf (l : Nat) : Single → List (Nat × Single) → Single
  | p, [] => p
  | p, t :: ts => termsOf l (if t.1 % 16 = l then add p t.2 else p) ts

/-- The sum of such terms. -/
noncomputable def termSum (ts : List (Nat × Single)) : Single :=
  tree (fun l => termsOf l zero32 ts)

/-- English: the sum of a vector is the sum of its terms with their indexes.
Requirements: REQ-OPS-002. -/
theorem sumFrom_terms (first : Nat) (xs : List Single) :
    sumFrom first xs = termSum (indexed first xs) := by
  have h : ∀ l p, lane l first p xs = termsOf l p (indexed first xs) := fun l => by
    induction xs generalizing first with
    | nil => exact fun _ => rfl
    | cons x xs ih => exact fun _ => ih (first + 1) _
  unfold sumFrom termSum
  simp only [h]

/-- Without the terms of value zero. -/
noncomputable def withoutZeros : List (Nat × Single) → List (Nat × Single)
  | [] => []
  | t :: ts => if t.2.mag = 0 then withoutZeros ts else t :: withoutZeros ts

/-- A partial sum without its zeros. -/
theorem termsOf_zeros (l : Nat) (ts : List (Nat × Single)) (p : Single) (h : ¬minusZero p)
    (hc : clean p) : termsOf l p (withoutZeros ts) = termsOf l p ts := by
  induction ts generalizing p with
  | nil => rfl
  | cons t ts ih =>
    unfold withoutZeros
    split
    · rename_i z
      have same : (if t.1 % 16 = l then add p t.2 else p) = p := by
        split
        · have e : t.2 = zero .single t.2.neg := number_ext _ _ rfl z
          rw [e]
          exact add_zero p _ h hc
        · rfl
      show _ = termsOf l (if t.1 % 16 = l then add p t.2 else p) ts
      rw [same]
      exact ih p h hc
    · show termsOf l (if t.1 % 16 = l then add p t.2 else p) (withoutZeros ts) =
        termsOf l (if t.1 % 16 = l then add p t.2 else p) ts
      apply ih
      · split
        · exact add_not_minus_zero p _ h
        · exact h
      · split
        · exact add_clean p _
        · exact hc

/-- English: terms of value zero, of either sign and wherever they are, may be left out of a sum or
added to it: no bit changes.
Requirements: REQ-OPS-002. -/
theorem termSum_zeros (ts us : List (Nat × Single)) (h : withoutZeros ts = withoutZeros us) :
    termSum ts = termSum us := by
  have z : ¬minusZero zero32 := fun h => absurd h.1 (by decide)
  have c : clean zero32 := fun h => absurd h (by decide)
  unfold termSum
  congr 1
  funext l
  rw [← termsOf_zeros l ts zero32 z c, ← termsOf_zeros l us zero32 z c, h]

/-- English: there are such terms. -/
theorem termSum_zeros_possible : ∃ ts us : List (Nat × Single),
    withoutZeros ts = withoutZeros us := ⟨[], [], rfl⟩

/-- A list of zeros adds nothing. -/
theorem lane_padding (l i n : Nat) (xs : List Single) (p : Single) (h : ¬minusZero p)
    (hc : clean p) : lane l i p (xs ++ List.replicate n zero32) = lane l i p xs := by
  induction xs generalizing i p with
  | nil =>
    induction n generalizing i with
    | zero => rfl
    | succ n ih =>
      show lane l (i + 1) (if i % 16 = l then add p zero32 else p) (List.replicate n zero32) = p
      have e : zero32 = zero .single false := rfl
      rw [e, add_zero p false h hc, ite_self]
      exact ih (i + 1)
  | cons x xs ih =>
    apply ih
    · split
      · exact add_not_minus_zero p _ h
      · exact h
    · split
      · exact add_clean p _
      · exact hc

/-- English: zeros past the end of a vector, as a padded row has them, change no bit of its sum.
Requirements: REQ-OPS-002. -/
theorem sum_padding (xs : List Single) (n : Nat) :
    sum (xs ++ List.replicate n zero32) = sum xs := by
  have z : ¬minusZero zero32 := fun h => absurd h.1 (by decide)
  have c : clean zero32 := fun h => absurd h (by decide)
  unfold sum sumFrom
  congr 1
  funext l
  exact lane_padding l 0 n xs zero32 z c

/-! ## The tree -/

/-- One step of the tree: p_j becomes p_j + p_{j+s} for each j < s. -/
noncomputable def halved (s : Nat) (p : Nat → Single) : Nat → Single :=
  fun j => if j < s then add (p j) (p (j + s)) else p j

/-- English: the tree is the four steps of REQ-OPS-002, for s = 8, 4, 2, 1.
Requirements: REQ-OPS-002. -/
theorem tree_halved (p : Nat → Single) :
    tree p = halved 1 (halved 2 (halved 4 (halved 8 p))) 0 := by
  simp [halved, tree]

/-- Rotated by one. -/
theorem tree_rotated_one (p : Nat → Single) : tree (fun j => p ((j + 1) % 16)) = tree p := by
  show add
      (add (add (add (p 1) (p 9)) (add (p 5) (p 13))) (add (add (p 3) (p 11)) (add (p 7) (p 15))))
      (add (add (add (p 2) (p 10)) (add (p 6) (p 14))) (add (add (p 4) (p 12)) (add (p 8) (p 0)))) =
    tree p
  unfold tree
  rw [add_comm (p 8) (p 0), add_comm (add (p 4) (p 12)) (add (p 0) (p 8)),
    add_comm (add (add (p 2) (p 10)) (add (p 6) (p 14))),
    add_comm (add (add (add (p 1) (p 9)) _) _)]

/-- English: a rotation of the partial sums, starting with any of them, changes no bit.
Requirements: REQ-OPS-002. -/
theorem tree_rotated (r : Nat) (p : Nat → Single) : tree (fun j => p ((j + r) % 16)) = tree p := by
  induction r with
  | zero => rfl
  | succ r ih =>
    have h := tree_rotated_one (fun j => p ((j + r) % 16))
    rw [ih] at h
    rw [← h]
    congr 1
    funext j
    congr 1
    omega

/-! ## The decoder (REQ-DEC-001 to REQ-DEC-006) -/

/-- A matrix: in binary32, or quantised with K columns. -/
inductive Matrix where
  | real (rows : List (List Single))
  | quantised (f : Format) (K : Nat) (rows : List MatrixRow)

/-- As `FORMAT.md`'s definitions take a vector. -/
def asBinary32 : List Single → List Binary32
  | [] => []
  | x :: xs => x.toBinary32 :: asBinary32 xs

/-- The outputs of a product. -/
def outputs : List (Int × Binary32) → List Single
  | [] => []
  | r :: rs => ofBinary32 r.2 :: outputs rs

/-- The product of each row. -/
def dots (x : List Single) : List (List Single) → List Single
  | [] => []
  | r :: rs => dot r x :: dots x rs

/-- NaN for each row. -/
def refused : List MatrixRow → List Single
  | [] => []
  | _ :: rs => nan .single :: refused rs

/-- An array of integers. -/
def pushed (a : Array Int) : List Int → Array Int
  | [] => a
  | n :: ns => pushed (a.push n) ns

/-- A list as a function: 0 past its end. -/
def reader (ns : List Int) : Nat → Int :=
  let a := pushed #[] ns
  fun i => match a[i]? with | some n => n | none => 0

/-- W x (REQ-OPS-011). -/
def Matrix.product (w : Matrix) (x : List Single) : List Single :=
  match w with
  | .real rows => dots x rows
  | .quantised f K rows =>
    match quantizeToken (asBinary32 x) with
    | some t => outputs (gemv f K ⟨t.scale.value, reader t.codes⟩ rows)
    | none => refused rows

/-- The first `n` of a row's weights in binary32 (REQ-FMT-006), from `k` on. -/
def rowWeights (f : Format) (K : Nat) (r : MatrixRow) : Nat → Nat → List Single
  | 0, _ => []
  | n + 1, k =>
    ofBinary32 (dequantized r.scale ((r.subscale (k / 64) : Int) * f.value K r.code k)) ::
      rowWeights f K r n (k + 1)

/-- Row `i` in binary32; nothing past the last one. -/
def Matrix.row (w : Matrix) (i : Nat) : List Single :=
  match w with
  | .real rows => go rows i
  | .quantised f K rows => quantised f K rows i
where
  go : List (List Single) → Nat → List Single
    | [], _ => []
    | r :: _, 0 => r
    | _ :: rs, i + 1 => go rs i
  quantised (f : Format) (K : Nat) : List MatrixRow → Nat → List Single
    | [], _ => []
    | r :: _, 0 => rowWeights f K r K 0
    | _ :: rs, i + 1 => quantised f K rs i

/-- A layer: what is none, the model does not have. -/
structure Layer where
  attentionNorm : Option (List Single)
  query : Matrix
  key : Matrix
  value : Matrix
  queryBias : Option (List Single)
  keyBias : Option (List Single)
  valueBias : Option (List Single)
  queryRowNorm : Option (List Single)
  keyRowNorm : Option (List Single)
  queryNorm : Option (List Single)
  keyNorm : Option (List Single)
  frequencies : List Single
  magnitude : Single
  window : Nat
  output : Matrix
  outputBias : Option (List Single)
  postAttentionNorm : Option (List Single)
  feedForwardNorm : Option (List Single)
  gate : Matrix
  up : Matrix
  down : Matrix
  postFeedForwardNorm : Option (List Single)

/-- A model: a scale of 1 and a cap of 0 are none. -/
structure Model where
  embedding : Matrix
  embeddingScale : Single
  layers : List Layer
  heads : Nat
  keyHeads : Nat
  headSize : Nat
  interleaved : Bool
  activation : Activation
  epsilon : Single
  attentionScale : Single
  attentionCap : Single
  residualScale : Single
  logitScale : Single
  logitCap : Single
  outputNorm : List Single
  output : Matrix

/-- What a layer keeps of a text: keys and values of its positions (REQ-ATT-001). -/
structure Cache where
  keys : List (List Single)
  values : List (List Single)

/-- A norm, where there is one. -/
def normOf (eps : Single) (w : Option (List Single)) (x : List Single) : List Single :=
  match w with
  | some w => rmsnorm x w eps
  | none => x

/-- A bias, where there is one. -/
def biased (b : Option (List Single)) (y : List Single) : List Single :=
  match b with
  | some b => residual y b
  | none => y

/-- A factor, where there is one. -/
def times (c : Single) (y : List Single) : List Single :=
  if c.mag = one.mag && !c.neg then y else scaled c y

/-- A cap, where there is one. -/
def capOf (c : Single) (y : List Single) : List Single := if c.mag = 0 then y else capped c y

/-- The first `n`. -/
def front : Nat → List Single → List Single
  | 0, _ => []
  | _, [] => []
  | n + 1, x :: xs => x :: front n xs

/-- Those past the first `n`. -/
def back : Nat → List Single → List Single
  | 0, xs => xs
  | _, [] => []
  | n + 1, _ :: xs => back n xs

/-- Head `h` of vectors with heads of `n` elements. -/
def headOf (n h : Nat) : List (List Single) → List (List Single)
  | [] => []
  | v :: vs => front n (back (n * h) v) :: headOf n h vs

/-- The vectors from position `first` on. -/
def since : Nat → List (List Single) → List (List Single)
  | 0, vs => vs
  | _, [] => []
  | n + 1, _ :: vs => since n vs

/-- How many positions a text has. -/
def positions : List (List Single) → Nat
  | [] => 0
  | _ :: vs => positions vs + 1

/-- One more position. -/
def appended (v : List Single) : List (List Single) → List (List Single)
  | [] => [v]
  | u :: us => u :: appended v us

/-- Cosines and sines times a magnitude (REQ-ROP-006). -/
def magnified (m : Single) (as : List (Single × Single)) : List (Single × Single) :=
  if m.mag = one.mag && !m.neg then as else go as
where
  go : List (Single × Single) → List (Single × Single)
    | [] => []
    | a :: as => (mul a.1 m, mul a.2 m) :: go as

/-- `count` heads of `n` elements, each with its norm, turned. -/
def turned (m : Model) (norm : Option (List Single)) (as : List (Single × Single)) :
    Nat → List Single → List Single
  | 0, _ => []
  | count + 1, xs =>
    let h := normOf m.epsilon norm (front m.headSize xs)
    let r := if m.interleaved then rotateInterleaved as h else rotateSplit as h
    joined r (turned m norm as count (back m.headSize xs))

/-- The outputs of the heads from `h` on, `n` of them, one after the other. -/
def attended (m : Model) (q : List Single) (ks vs : List (List Single)) (first : Nat) :
    Nat → Nat → List Single
  | 0, _ => []
  | n + 1, h =>
    let g := keyHead m.heads m.keyHeads h
    joined (attend (front m.headSize (back (m.headSize * h) q)) (headOf m.headSize g ks)
      (headOf m.headSize g vs) first m.attentionScale m.attentionCap)
      (attended m q ks vs first n (h + 1))

/-- A token's stream through a layer: what the layer keeps then, and the stream (REQ-DEC-002). -/
def Layer.step (m : Model) (l : Layer) (c : Cache) (x : List Single) : Cache × List Single :=
  let p := positions c.keys
  let a := normOf m.epsilon l.attentionNorm x
  let q := normOf m.epsilon l.queryRowNorm (biased l.queryBias (l.query.product a))
  let k := normOf m.epsilon l.keyRowNorm (biased l.keyBias (l.key.product a))
  let v := biased l.valueBias (l.value.product a)
  let as := magnified l.magnitude (angles p l.frequencies)
  let ks := appended (turned m l.keyNorm as m.keyHeads k) c.keys
  let vs := appended v c.values
  let first := firstSeen p l.window
  let o := attended m (turned m l.queryNorm as m.heads q) (since first ks) (since first vs) first
    m.heads 0
  let o := normOf m.epsilon l.postAttentionNorm (biased l.outputBias (l.output.product o))
  let x := residual x (times m.residualScale o)
  let f := normOf m.epsilon l.feedForwardNorm x
  let d := l.down.product (gated m.activation (l.gate.product f) (l.up.product f))
  let d := normOf m.epsilon l.postFeedForwardNorm d
  (⟨ks, vs⟩, residual x (times m.residualScale d))

/-- The stream that a token starts with (REQ-DEC-001). -/
def Model.start (m : Model) (token : Nat) : List Single :=
  times m.embeddingScale (m.embedding.row token)

/-- The logits of a stream (REQ-DEC-003). -/
def Model.logits (m : Model) (x : List Single) : List Single :=
  capOf m.logitCap (times m.logitScale (m.output.product (rmsnorm x m.outputNorm m.epsilon)))

/-- A stream through all layers. -/
def through (m : Model) : List Layer → List Cache → List Single → List Cache × List Single
  | l :: ls, c :: cs, x =>
    let r := l.step m c x
    let rest := through m ls cs r.2
    (r.1 :: rest.1, rest.2)
  | _, cs, x => (cs, x)

/-- A token: what the layers keep then, and its logits. -/
def Model.feed (m : Model) (cs : List Cache) (token : Nat) : List Cache × List Single :=
  let r := through m m.layers cs (m.start token)
  (r.1, m.logits r.2)

/-- Tokens one after the other: what the layers keep then, and the logits after each. -/
def Model.oneByOne (m : Model) : List Cache → List Nat → List Cache × List (List Single)
  | cs, [] => (cs, [])
  | cs, t :: ts =>
    let r := m.feed cs t
    let rest := m.oneByOne r.1 ts
    (rest.1, r.2 :: rest.2)

/-- What layers keep of no text. -/
def empty : List Layer → List Cache
  | [] => []
  | _ :: ls => ⟨[], []⟩ :: empty ls

/-! ## All tokens through a layer before the next one -/

/-- Streams of positions that follow each other through one layer. -/
def Layer.steps (m : Model) (l : Layer) : Cache → List (List Single) → Cache × List (List Single)
  | c, [] => (c, [])
  | c, x :: xs =>
    let r := l.step m c x
    let rest := l.steps m r.1 xs
    (rest.1, r.2 :: rest.2)

/-- Streams through all layers, layer by layer. -/
def throughAll (m : Model) :
    List Layer → List Cache → List (List Single) → List Cache × List (List Single)
  | l :: ls, c :: cs, xs =>
    let r := l.steps m c xs
    let rest := throughAll m ls cs r.2
    (r.1 :: rest.1, rest.2)
  | _, cs, xs => (cs, xs)

/-- The streams that tokens start with. -/
def Model.starts (m : Model) : List Nat → List (List Single)
  | [] => []
  | t :: ts => m.start t :: m.starts ts

/-- The logits of streams. -/
def Model.allLogits (m : Model) : List (List Single) → List (List Single)
  | [] => []
  | x :: xs => m.logits x :: m.allLogits xs

/-- Tokens that are fed at once. -/
def Model.atOnce (m : Model) (cs : List Cache) (ts : List Nat) : List Cache × List (List Single) :=
  let r := throughAll m m.layers cs (m.starts ts)
  (r.1, m.allLogits r.2)

/-! ## Tokens of several texts through a layer before the next one -/

/-- One stream of each text through one layer, each with what the layer keeps of its text. -/
def Layer.texts (m : Model) (l : Layer) :
    List Cache → List (List Single) → List Cache × List (List Single)
  | c :: cs, x :: xs =>
    let r := l.step m c x
    let rest := l.texts m cs xs
    (r.1 :: rest.1, r.2 :: rest.2)
  | cs, xs => (cs, xs)

/-- One stream of each text through all layers, layer by layer; of each layer, what it keeps of each
text. -/
def Model.together (m : Model) :
    List Layer → List (List Cache) → List (List Single) → List (List Cache) × List (List Single)
  | l :: ls, cs :: css, xs =>
    let r := l.texts m cs xs
    let rest := m.together ls css r.2
    (r.1 :: rest.1, rest.2)
  | _, css, xs => (css, xs)

/-- What the layers keep of one text beside what they keep of others. -/
noncomputable def beside : List Cache → List (List Cache) → List (List Cache)
  | c :: cs, ds :: dss => (c :: ds) :: beside cs dss
  | _, dss => dss

/-! ## The same logits -/

/-- A token and then the others, through all layers. -/
theorem throughAll_cons (m : Model) (ls : List Layer) (cs : List Cache) (x : List Single)
    (xs : List (List Single)) :
    throughAll m ls cs (x :: xs) =
      ((throughAll m ls (through m ls cs x).1 xs).1,
        (through m ls cs x).2 :: (throughAll m ls (through m ls cs x).1 xs).2) := by
  induction ls generalizing cs x xs with
  | nil => rfl
  | cons l ls ih =>
    cases cs with
    | nil => rfl
    | cons c cs =>
      show (let r := l.steps m c (x :: xs)
        let rest := throughAll m ls cs r.2
        (r.1 :: rest.1, rest.2)) = _
      simp only [Layer.steps]
      rw [ih]
      rfl

/-- No token. -/
theorem throughAll_nil (m : Model) (ls : List Layer) (cs : List Cache) :
    throughAll m ls cs [] = (cs, []) := by
  induction ls generalizing cs with
  | nil => rfl
  | cons l ls ih =>
    cases cs with
    | nil => rfl
    | cons c cs =>
      show (let r := l.steps m c []
        let rest := throughAll m ls cs r.2
        (r.1 :: rest.1, rest.2)) = _
      simp only [Layer.steps]
      rw [ih]

/-- English: tokens that are fed at once, through each layer before the next one, give the bits that
they give one after the other: the logits and all that the layers keep.
Requirements: REQ-DEC-005. -/
theorem atOnce_oneByOne (m : Model) (cs : List Cache) (ts : List Nat) :
    m.atOnce cs ts = m.oneByOne cs ts := by
  induction ts generalizing cs with
  | nil =>
    unfold Model.atOnce
    simp only [Model.starts]
    rw [throughAll_nil]
    rfl
  | cons t ts ih =>
    have h := ih (m.feed cs t).1
    unfold Model.atOnce at h ⊢
    simp only [Model.starts]
    rw [throughAll_cons]
    show _ = ((m.oneByOne (m.feed cs t).1 ts).1,
      (m.feed cs t).2 :: (m.oneByOne (m.feed cs t).1 ts).2)
    rw [← h]
    rfl

/-- English: tokens may be fed in two parts, each at once: the logits and all that the layers keep
are the bits that they are when all are fed at once. So it is with any number of parts.
Requirements: REQ-DEC-005. -/
theorem feed_groups (m : Model) (cs : List Cache) (ts us : List Nat) :
    m.atOnce cs (ts ++ us) =
      ((m.atOnce (m.atOnce cs ts).1 us).1,
        (m.atOnce cs ts).2 ++ (m.atOnce (m.atOnce cs ts).1 us).2) := by
  simp only [atOnce_oneByOne]
  induction ts generalizing cs with
  | nil => rfl
  | cons t ts ih =>
    show ((m.oneByOne (m.feed cs t).1 (ts ++ us)).1,
      (m.feed cs t).2 :: (m.oneByOne (m.feed cs t).1 (ts ++ us)).2) = _
    rw [ih]
    rfl

/-- There are as many logits as tokens. -/
theorem oneByOne_length (m : Model) (cs : List Cache) (ts : List Nat) :
    (m.oneByOne cs ts).2.length = ts.length := by
  induction ts generalizing cs with
  | nil => rfl
  | cons t ts ih =>
    show ((m.feed cs t).2 :: (m.oneByOne (m.feed cs t).1 ts).2).length = _
    rw [List.length_cons, List.length_cons, ih]

/-- English: the logits at a position depend on the tokens up to there alone: whatever tokens come
after them, in the same call or later, they are the same bits.
Requirements: REQ-DEC-005. -/
theorem feed_causal (m : Model) (cs : List Cache) (ts us vs : List Nat) :
    (m.atOnce cs (ts ++ us)).2.take ts.length = (m.atOnce cs (ts ++ vs)).2.take ts.length := by
  have h : ∀ ws, (m.atOnce cs (ts ++ ws)).2.take ts.length = (m.atOnce cs ts).2 := fun ws => by
    rw [feed_groups]
    have l := oneByOne_length m cs ts
    rw [← atOnce_oneByOne] at l
    show ((m.atOnce cs ts).2 ++ _).take ts.length = _
    rw [← l, List.take_left]
  rw [h, h]

/-- English: a text whose tokens go through the layers together with those of other texts gives the
stream, and leaves in the layers what it does alone; and the others do what they do without it. So,
text by text, each is alone.
Requirements: REQ-DEC-006. -/
theorem together_alone (m : Model) (ls : List Layer) (cs : List Cache) (css : List (List Cache))
    (x : List Single) (xs : List (List Single)) (h1 : cs.length = ls.length)
    (h2 : css.length = ls.length) :
    m.together ls (beside cs css) (x :: xs) =
      (beside (through m ls cs x).1 (m.together ls css xs).1,
        (through m ls cs x).2 :: (m.together ls css xs).2) := by
  induction ls generalizing cs css x xs with
  | nil =>
    cases cs with
    | nil => rfl
    | cons c cs => cases h1
  | cons l ls ih =>
    cases cs with
    | nil => cases h1
    | cons c cs =>
      cases css with
      | nil => cases h2
      | cons ds css =>
        have e1 : cs.length = ls.length := by simpa using h1
        have e2 : css.length = ls.length := by simpa using h2
        show (let r := l.texts m (c :: ds) (x :: xs)
          let rest := m.together ls (beside cs css) r.2
          (r.1 :: rest.1, rest.2)) = _
        simp only [Layer.texts]
        rw [ih _ _ _ _ e1 e2]
        rfl

/-- English: there are such texts. -/
theorem together_alone_possible : ∃ (_ : Model) (ls : List Layer) (cs : List Cache)
    (css : List (List Cache)) (_ : List Single) (_ : List (List Single)),
    cs.length = ls.length ∧ css.length = ls.length :=
  ⟨⟨.real [], one, [], 0, 0, 0, false, .silu, one, one, one, one, one, one, [], .real []⟩, [], [],
    [], [], [], rfl, rfl⟩

end ThreeHalf.Inference
