module
public import ThreeHalf.Output
public import ThreeHalf.Java.Packing
@[expose] public section

/-!
# `DotProduct.output` and `Dequantizer.java` give the specification's binary32 numbers

Main definitions: `OutputOk`, `DequantizeOk` (finite scales, and results that do not overflow).
Main results: `mul_single`, `ofInt_single` (Java's product and conversion have the bits of
`round32`),
`output_output`, `dequantize_dequantizes`.
-/

namespace ThreeHalf.Java

/-! ## binary32, bit by bit -/

/-- The bits of a rounded number, found by shifts, are those of its rational number. -/
theorem roundMag_single (n : Nat) (e : Int) :
    Inference.Kind.single.roundMag n e = roundMag ((n : Rat) * 2 ^ e) := by
  unfold Inference.Kind.roundMag roundMag
  by_cases h : n = 0
  · subst h
    have z : ((0 : Nat) : Rat) * 2 ^ e = 0 := by
      rw [show ((0 : Nat) : Rat) = 0 from rfl]; exact Rat.zero_mul _
    rw [if_pos rfl, if_pos (by rw [z]; exact Rat.le_refl)]
  · have p := Inference.Kind.scaled_pos n e h
    have l : lastPlace ((n : Rat) * 2 ^ e) = Inference.Kind.single.place n e :=
      Inference.Kind.lastPlace_scaled .single n e h
    have low : -149 ≤ Inference.Kind.single.place n e := Int.le_max_right _ _
    rw [if_neg h, if_neg (by grind), l, Inference.rne_place]
    show (Inference.Kind.single.place n e + (149 : Int)).toNat * 8388608 + _ = _
    omega

/-- A number below 2^127 is rounded to a finite one. -/
theorem roundMag_finite (x : Rat) (h : x < 2 ^ (127 : Int)) : roundMag x < 2139095040 := by
  by_cases c : 0 < x
  · have f := round32_finite false x (by unfold rabs; rw [if_neg (by grind)]; exact h)
    unfold round32 at f
    rw [if_neg (by grind), if_pos c] at f
    unfold Binary32.finite at f
    exact of_decide_eq_true f
  · unfold roundMag
    rw [if_pos (by grind)]
    decide

/-- A packed number has the bits of `round32`. -/
theorem pack_single (neg : Bool) (n : Nat) (e : Int) (h : (n : Rat) * 2 ^ e < 2 ^ (127 : Int)) :
    (Inference.pack .single neg n e).toBinary32 =
      round32 neg (Inference.signed neg ((n : Rat) * 2 ^ e)) := by
  have m := roundMag_finite _ h
  have x0 := Inference.Kind.scaled_nonneg n e
  have bits : (Inference.pack .single neg n e).toBinary32 =
      ⟨neg, roundMag ((n : Rat) * 2 ^ e)⟩ := by
    unfold Inference.pack Inference.Number.toBinary32
    rw [roundMag_single]
    show (⟨neg, min (roundMag ((n : Rat) * 2 ^ e)) 2139095040⟩ : Binary32) = _
    rw [Nat.min_eq_left (Nat.le_of_lt m)]
  rw [bits]
  generalize (n : Rat) * 2 ^ e = x at *
  have zero (c : ¬0 < x) : roundMag x = 0 := by
    unfold roundMag
    rw [if_pos (by grind)]
  unfold round32 Inference.signed
  cases neg
  · simp only [Bool.false_eq_true, if_false]
    rw [if_neg (by grind)]
    by_cases c : 0 < x
    · rw [if_pos c]
    · rw [if_neg c, zero c]
  · simp only [if_true]
    by_cases c : 0 < x
    · rw [if_pos (by grind), show -(-x) = x by grind]
    · rw [if_neg (by grind), if_neg (by grind), zero c]

/-- What a magnitude is of. -/
theorem rabs_signed (neg : Bool) (x : Rat) (h : 0 ≤ x) : rabs (Inference.signed neg x) = x := by
  unfold rabs Inference.signed
  cases neg <;> simp only [Bool.false_eq_true, if_false, if_true] <;> split <;> grind

/-- Java's product of finite numbers has the bits of the product that is rounded once, where that is
finite. -/
theorem mul_single (a b : Inference.Single) (ha : a.finite = true) (hb : b.finite = true)
    (h : rabs (a.value * b.value) < 2 ^ (127 : Int)) :
    (Inference.mul a b).toBinary32 = round32 (Inference.differ a b) (a.value * b.value) ∧
      (Inference.mul a b).neg = Inference.differ a b := by
  have v : ((Inference.Kind.single.significand a.mag * Inference.Kind.single.significand b.mag :
      Nat) : Rat) * 2 ^ (Inference.Kind.single.exponent a.mag +
        Inference.Kind.single.exponent b.mag) =
      Inference.Kind.single.magnitude a.mag * Inference.Kind.single.magnitude b.mag := by
    unfold Inference.Kind.magnitude
    rw [Rat.natCast_mul, pow2_add]
    grind
  have s : Inference.signed (Inference.differ a b) (Inference.Kind.single.magnitude a.mag *
      Inference.Kind.single.magnitude b.mag) = a.value * b.value :=
    Inference.signed_differ a b _ _
  have n0 := Inference.Kind.scaled_nonneg
    (Inference.Kind.single.significand a.mag * Inference.Kind.single.significand b.mag)
    (Inference.Kind.single.exponent a.mag + Inference.Kind.single.exponent b.mag)
  rw [← s, ← v, rabs_signed _ _ n0] at h
  have p := pack_single (Inference.differ a b) _ _ h
  rw [v, s] at p
  have e : Inference.mul a b = Inference.pack .single (Inference.differ a b)
      (Inference.Kind.single.significand a.mag * Inference.Kind.single.significand b.mag)
      (Inference.Kind.single.exponent a.mag + Inference.Kind.single.exponent b.mag) := by
    unfold Inference.mul
    rw [Inference.finite_notNan a ha, Inference.finite_notNan b hb, ha, hb]
    rfl
  rw [e]
  exact ⟨p, rfl⟩

/-- Java's float of an int has the bits of the int that is rounded once. -/
theorem ofInt_single (n : Int) (h : n.natAbs ≤ 2 ^ 31) :
    (Inference.ofInt .single n).toBinary32 = round32 (decide (n < 0)) (n : Rat) := by
  have v : Inference.signed (decide (n < 0)) ((n.natAbs : Rat) * 2 ^ (0 : Int)) = (n : Rat) := by
    rw [Rat.zpow_zero, ← Rat.intCast_natCast]
    unfold Inference.signed
    by_cases c : n < 0
    · rw [decide_eq_true c, if_pos rfl, show (n.natAbs : Int) = -n by omega, Rat.intCast_neg]
      grind
    · rw [decide_eq_false c, show (n.natAbs : Int) = n by omega]
      simp only [Bool.false_eq_true, if_false]
      grind
  have small : (n.natAbs : Rat) * 2 ^ (0 : Int) < 2 ^ (127 : Int) := by
    rw [Rat.zpow_zero, Rat.mul_one]
    have a : (n.natAbs : Rat) ≤ ((2 ^ 31 : Nat) : Rat) := Rat.natCast_le_natCast.mpr h
    have b : ((2 ^ 31 : Nat) : Rat) < 2 ^ (127 : Int) := by decide +kernel
    grind
  have p := pack_single (decide (n < 0)) n.natAbs 0 small
  rw [v] at p
  exact p

/-- A number whose bits are those of a rounded one is that one. -/
theorem value_single (r : Inference.Single) (x : Rat) (z : Bool) (h : Inference.Rounded r x)
    (e : r.toBinary32 = round32 z x) (hx : rabs x < 2 ^ (127 : Int)) :
    r.finite = true ∧ r.value = fl32 x := by
  have f : r.finite = true := by
    have g := round32_finite z x hx
    rw [← e] at g
    exact g
  refine ⟨f, ?_⟩
  rcases h with ⟨_, v⟩ | ⟨i, _, _⟩
  · exact v
  · unfold Inference.Number.finite at f
    rw [i] at f
    exact absurd f (by decide)

/-- An int's float. -/
theorem ofInt_value (n : Int) (h : n.natAbs ≤ 2 ^ 31) :
    (Inference.ofInt .single n).finite = true ∧
      (Inference.ofInt .single n).value = fl32 (n : Rat) := by
  refine value_single _ _ _ (Inference.ofInt_rounded .single n) (ofInt_single n h) ?_
  have a : rabs (n : Rat) ≤ ((2 ^ 31 : Nat) : Rat) := by
    have u := Rat.intCast_le_intCast.mpr (show n ≤ ((2 ^ 31 : Nat) : Int) by omega)
    have l := Rat.intCast_le_intCast.mpr (show -((2 ^ 31 : Nat) : Int) ≤ n by omega)
    rw [Rat.intCast_neg, Rat.intCast_natCast] at l
    rw [Rat.intCast_natCast] at u
    exact (rabs_le _ _).mpr ⟨l, u⟩
  have b : ((2 ^ 31 : Nat) : Rat) < 2 ^ (127 : Int) := by decide +kernel
  grind

/-! ## Outputs -/

/-- Scales that are numbers without the sign bit, an int, and results that do not overflow, which
`output_finite` shows of all that the format has. -/
structure OutputOk (I : Int) (row token : Inference.Single) : Prop where
  int : I.natAbs ≤ 2 ^ 31
  rowFinite : row.finite = true
  tokenFinite : token.finite = true
  rowSign : row.neg = false
  tokenSign : token.neg = false
  scale : rabs (row.value * token.value) < 2 ^ (127 : Int)
  result : rabs (fl32 (I : Rat) * fl32 (row.value * token.value)) < 2 ^ (127 : Int)

/-- English: `DotProduct.output` gives the bits of y as `output` defines it. -/
theorem output_output (I : Int) (row token : Inference.Single) (h : OutputOk I row token) :
    (DotProduct.output I row token).toBinary32 = output I row.value token.value := by
  obtain ⟨h1, h2, h3, h4, h5, h6, h7⟩ := h
  obtain ⟨m, mn⟩ := mul_single row token h2 h3 h6
  obtain ⟨mf, mv⟩ := value_single _ _ _ (Inference.mul_rounded row token h2 h3) m h6
  obtain ⟨f, v⟩ := ofInt_value I h1
  have p := (mul_single (Inference.ofInt .single I) (Inference.mul row token) f mf
    (by rw [v, mv]; exact h7)).1
  have d : Inference.differ (Inference.ofInt .single I) (Inference.mul row token) =
      decide (I < 0) := by
    unfold Inference.differ
    rw [mn]
    unfold Inference.differ
    rw [h4, h5]
    show (if decide (I < 0) = true then !false else false) = _
    cases decide (I < 0) <;> rfl
  unfold DotProduct.output output
  rw [v, mv, d] at p
  exact p

/-- English: there are such numbers. -/
theorem output_output_possible : ∃ (I : Int) (row token : Inference.Single), OutputOk I row token :=
  ⟨0, Inference.zero .single false, Inference.zero .single false, by decide, by decide, by decide,
    rfl, rfl, by decide +kernel, by decide +kernel⟩

/-! ## Weights -/

/-- What dequantising K weights supposes: room, a scale without the sign bit, integers as the format
has them, and results that do not overflow. -/
structure DequantizeOk (K : Nat) (weights : Arr Int) (scale : Inference.Single)
    (values : Arr Inference.Single) :
    Prop where
  weightsRoom : K ≤ weights.length
  room : K ≤ values.length
  scaleFinite : scale.finite = true
  scaleSign : scale.neg = false
  small : ∀ k < K, (weights.item k).natAbs < 2 ^ 24
  result : ∀ k < K, rabs (scale.value * (weights.item k : Rat)) < 2 ^ (127 : Int)

/-- English: `Dequantizer.dequantize` ends without an exception, and writes the binary32 weights as
`dequantized` defines them, bit by bit, and nothing else. -/
theorem dequantize_dequantizes (K : Nat) (weights : Arr Int) (scale : Inference.Single)
    (values : Arr Inference.Single)
    (h : DequantizeOk K weights scale values) :
    Dequantizer.dequantize weights K scale values =
      .ok (values.overwritten 0 K fun k =>
        Inference.ofBinary32 (dequantized scale.value (weights.item k))) := by
  obtain ⟨h1, h2, h3, h4, h5, h6⟩ := h
  unfold Dequantizer.dequantize
  refine forRange_ok K K _ _ _ (fun n => values.overwritten 0 n fun k =>
    Inference.ofBinary32 (dequantized scale.value (weights.item k))) rfl
    (overwritten_zero ..) rfl ?_
  intro k hk
  refine (bind_ok (get_ok weights _ k rfl (by omega))).trans ?_
  refine overwritten_step values 0 k _ _ _ (by omega) ?_ (by omega)
  have s := h5 k hk
  have r := h6 k hk
  generalize weights.item k = n at *
  obtain ⟨f, v⟩ := ofInt_value n (by omega)
  rw [fl32_int n s] at v
  have p := (mul_single scale (Inference.ofInt .single n) h3 f (by rw [v]; exact r)).1
  have d : Inference.differ scale (Inference.ofInt .single n) = decide (n < 0) := by
    unfold Inference.differ
    rw [h4]
    rfl
  rw [v, d] at p
  unfold dequantized
  rw [← p]
  rfl

/-- English: there are such arrays. -/
theorem dequantize_dequantizes_possible : ∃ (K : Nat) (weights : Arr Int) (scale : Inference.Single)
    (values : Arr Inference.Single), DequantizeOk K weights scale values :=
  ⟨1, ⟨1, fun _ => 0⟩, Inference.zero .single false, ⟨1, fun _ => Inference.zero .single false⟩,
    by decide, by decide, by decide, rfl, fun _ _ => by show (0 : Int).natAbs < 2 ^ 24; decide,
    fun _ _ => by
      show rabs ((Inference.zero .single false).value * ((0 : Int) : Rat)) < 2 ^ (127 : Int)
      decide +kernel⟩

end ThreeHalf.Java
