module
public import ThreeHalf.Inference.Arithmetic
@[expose] public section

/-!
# What Java's operations mean

The small model of Java that the generated files of `Generated/` are written in: the subset that the
reference kernels use, by the Java Language Specification, chapters 4, 5, 10, 14 and 15.

* `byte`, `short`, `char`, `int` and `long` are integers in their type's range; an operation that
  may leave it wraps around. `float` and `double` are the numbers of `Inference/Arithmetic.lean`.
* A method that may end with an exception gives a `Result`; what its arrays hold after an exception
  is not said. The class of a thrown exception is kept only so far as Java itself throws it.
* An array is a value: what a method writes, it returns. So two arrays of one call that are written
  and read must not be the same one, nor may an array be null: a theorem speaks of calls where both
  hold, and the translator refuses a method that writes to one name of an array with two names.
* A loop is `forRange`: it counts up to a bound that its body does not change.

Main definitions: `Result`, `bind`, `Arr`, `forRange`, `toByte` to `toLong`, `addInt` and so on.
Main results: `forRange_ok` (a loop whose turns succeed), `overwritten_step` and `spread_step` (an
array that is written to element by element), and what the operations are in range.
Reference: The Java Language Specification, Java SE 25 Edition.
-/

namespace ThreeHalf.Java

/-! ## Results, arrays, loops -/

/-- The exception that ends a method. -/
inductive Failure where
  | arithmetic
  | index
  | negativeSize
  | thrown
  deriving DecidableEq

/-- A value, or the exception that came in its place. -/
inductive Result (α : Type) where
  | ok (value : α)
  | fail (failure : Failure)

/-- What is done with a value, unless an exception came. -/
def bind {α β : Type} (r : Result α) (f : α → Result β) : Result β :=
  match r with
  | .ok v => f v
  | .fail e => .fail e

/-- An array: its length, and what stands at each index below it. -/
structure Arr (α : Type) where
  length : Nat
  item : Nat → α

/-- a[i]. -/
def Arr.get {α : Type} (a : Arr α) (i : Int) : Result α :=
  if 0 ≤ i ∧ i < a.length then .ok (a.item i.toNat) else .fail .index

/-- a[i] = v. -/
def Arr.set {α : Type} (a : Arr α) (i : Int) (v : α) : Result (Arr α) :=
  if 0 ≤ i ∧ i < a.length then .ok ⟨a.length, fun j => if (j : Int) = i then v else a.item j⟩
  else .fail .index

/-- `new T[n]`. -/
def newArray {α : Type} (zero : α) (n : Int) : Result (Arr α) :=
  if 0 ≤ n then .ok ⟨n.toNat, fun _ => zero⟩ else .fail .negativeSize

/-- The turns first, first + 1, … of a loop, n of them. -/
def turns {S : Type} (body : Int → S → Result S) (first : Int) : Nat → S → Result S
  | 0, s => .ok s
  | n + 1, s => bind (turns body first n s) fun s => body (first + n) s

/-- `for (int k = first; k < bound; k++)`, where the body changes neither k nor the bound. -/
def forRange {S : Type} (first bound : Int) (body : Int → S → Result S) (s : S) : Result S :=
  turns body first (bound - first).toNat s

/-! ## Integers -/

/-- `(byte) x`. -/
def toByte (x : Int) : Int := (x + 128) % 256 - 128

/-- `(short) x`. -/
def toShort (x : Int) : Int := (x + 32768) % 65536 - 32768

/-- `(char) x`. -/
def toChar (x : Int) : Int := x % 65536

/-- `(int) x`, and what an int operation keeps of its result. -/
def toInt (x : Int) : Int := (x + 2147483648) % 4294967296 - 2147483648

/-- What a long operation keeps of its result. -/
def toLong (x : Int) : Int := (x + 9223372036854775808) % 18446744073709551616 - 9223372036854775808

/-- `x + y` of ints. -/
def addInt (x y : Int) : Int := toInt (x + y)

/-- `x - y` of ints. -/
def subInt (x y : Int) : Int := toInt (x - y)

/-- `x * y` of ints. -/
def mulInt (x y : Int) : Int := toInt (x * y)

/-- `-x` of an int. -/
def negInt (x : Int) : Int := toInt (-x)

/-- `x / y` of ints, towards zero, where y is not 0. -/
def divInt (x y : Int) : Int := toInt (x.tdiv y)

/-- `x % y` of ints, with the sign of x, where y is not 0. -/
def remInt (x y : Int) : Int := x.tmod y

/-- `x + y` of longs. -/
def addLong (x y : Int) : Int := toLong (x + y)

/-- `x - y` of longs. -/
def subLong (x y : Int) : Int := toLong (x - y)

/-- `x * y` of longs. -/
def mulLong (x y : Int) : Int := toLong (x * y)

/-- `-x` of a long. -/
def negLong (x : Int) : Int := toLong (-x)

/-- `x / y` of longs, towards zero, where y is not 0. -/
def divLong (x y : Int) : Int := toLong (x.tdiv y)

/-- `x % y` of longs, with the sign of x, where y is not 0. -/
def remLong (x y : Int) : Int := x.tmod y

/-- A division by 0 is an exception. -/
def divisor (y : Int) : Result Int := if y = 0 then .fail .arithmetic else .ok y

/-- The 32 bits of an int, as a number. -/
def bitsInt (x : Int) : Nat := (x % 4294967296).toNat

/-- The 64 bits of a long, as a number. -/
def bitsLong (x : Int) : Nat := (x % 18446744073709551616).toNat

/-- `x & y` of ints. -/
def andInt (x y : Int) : Int := toInt (Nat.land (bitsInt x) (bitsInt y) : Nat)

/-- `x | y` of ints. -/
def orInt (x y : Int) : Int := toInt (Nat.lor (bitsInt x) (bitsInt y) : Nat)

/-- `x ^ y` of ints. -/
def xorInt (x y : Int) : Int := toInt (Nat.xor (bitsInt x) (bitsInt y) : Nat)

/-- `x & y` of longs. -/
def andLong (x y : Int) : Int := toLong (Nat.land (bitsLong x) (bitsLong y) : Nat)

/-- `x | y` of longs. -/
def orLong (x y : Int) : Int := toLong (Nat.lor (bitsLong x) (bitsLong y) : Nat)

/-- `x ^ y` of longs. -/
def xorLong (x y : Int) : Int := toLong (Nat.xor (bitsLong x) (bitsLong y) : Nat)

/-- `x << s` of an int: the count's five low bits alone matter. -/
def shlInt (x s : Int) : Int := toInt (x * ((2 ^ (s % 32).toNat : Nat) : Int))

/-- `x >> s` of an int: the sign's copies come in from the left. -/
def shrInt (x s : Int) : Int := x / ((2 ^ (s % 32).toNat : Nat) : Int)

/-- `x >>> s` of an int: zeros come in from the left. -/
def ushrInt (x s : Int) : Int := toInt (x % 4294967296 / ((2 ^ (s % 32).toNat : Nat) : Int))

/-- `x << s` of a long: the count's six low bits alone matter. -/
def shlLong (x s : Int) : Int := toLong (x * ((2 ^ (s % 64).toNat : Nat) : Int))

/-- `x >> s` of a long. -/
def shrLong (x s : Int) : Int := x / ((2 ^ (s % 64).toNat : Nat) : Int)

/-- `x >>> s` of a long. -/
def ushrLong (x s : Int) : Int :=
  toLong (x % 18446744073709551616 / ((2 ^ (s % 64).toNat : Nat) : Int))

/-- `Math.abs` of an int. -/
def absInt (x : Int) : Int := toInt (x.natAbs : Int)

/-- `Math.abs` of a long. -/
def absLong (x : Int) : Int := toLong (x.natAbs : Int)

/-- `Math.max` of ints or longs. -/
def larger (x y : Int) : Int := if x < y then y else x

/-- `Math.min` of ints or longs. -/
def lesser (x y : Int) : Int := if x < y then x else y

/-! ## float and double -/

/-- `x < y`, false where one is NaN. -/
def below {k : Inference.Kind} (x y : Inference.Number k) : Bool := Inference.less x y

/-- `x <= y`, false where one is NaN. -/
def atMost {k : Inference.Kind} (x y : Inference.Number k) : Bool :=
  !x.isNan && !y.isNan && !Inference.less y x

/-- `x == y`: zeros of both signs are equal, NaN is equal to nothing. -/
def same {k : Inference.Kind} (x y : Inference.Number k) : Bool :=
  !x.isNan && !y.isNan && !Inference.less x y && !Inference.less y x

/-- `Math.max`: NaN where one is NaN, and +0 is larger than −0. -/
def maxOf {k : Inference.Kind} (x y : Inference.Number k) : Inference.Number k :=
  if x.isNan || y.isNan then Inference.nan k
  else if Inference.less x y then y
  else if Inference.less y x then x
  else ⟨x.neg && y.neg, x.mag⟩

/-- `Math.min`: NaN where one is NaN, and −0 is smaller than +0. -/
def minOf {k : Inference.Kind} (x y : Inference.Number k) : Inference.Number k :=
  if x.isNan || y.isNan then Inference.nan k
  else if Inference.less x y then x
  else if Inference.less y x then y
  else ⟨x.neg || y.neg, x.mag⟩

/-- The size of a finite number without its fraction. -/
def whole (k : Inference.Kind) (m : Nat) : Nat :=
  let e := k.exponent m
  if e < 0 then Nat.shiftRight (k.significand m) (-e).toNat
  else Nat.shiftLeft (k.significand m) e.toNat

/-- A floating-point number as an integer of a range: without its fraction, the nearest end where it
lies outside, 0 where it is NaN. -/
def truncated {k : Inference.Kind} (low high : Int) (x : Inference.Number k) : Int :=
  if x.isNan then 0
  else if x.mag = k.infinity then (if x.neg then low else high)
  else
    let n : Int := whole k x.mag
    max low (min high (if x.neg then -n else n))

/-- `(int) x`. -/
def floatToInt {k : Inference.Kind} (x : Inference.Number k) : Int :=
  truncated (-2147483648) 2147483647 x

/-- `(long) x`. -/
def floatToLong {k : Inference.Kind} (x : Inference.Number k) : Int :=
  truncated (-9223372036854775808) 9223372036854775807 x

/-- `Math.rint`: the nearest integer, the even one of two; it keeps the sign, of a zero too. -/
def rint (x : Inference.Double) : Inference.Double :=
  if x.isNan then Inference.nan .double
  else if x.mag = Inference.Kind.double.infinity then x
  else
    let n := Inference.rnePlace (Inference.Kind.double.significand x.mag)
      (Inference.Kind.double.exponent x.mag) 0
    ⟨x.neg, (Inference.pack .double false n 0).mag⟩

/-! ## What the operations are in range -/

/-- In its range a byte stays. -/
theorem toByte_id (x : Int) (h1 : -128 ≤ x) (h2 : x ≤ 127) : toByte x = x := by
  unfold toByte; omega

/-- In its range a short stays. -/
theorem toShort_id (x : Int) (h1 : -32768 ≤ x) (h2 : x ≤ 32767) : toShort x = x := by
  unfold toShort; omega

/-- In its range an int stays. -/
theorem toInt_id (x : Int) (h1 : -2147483648 ≤ x) (h2 : x ≤ 2147483647) : toInt x = x := by
  unfold toInt; omega

/-- An int is in its range. -/
theorem toInt_range (x : Int) : -2147483648 ≤ toInt x ∧ toInt x ≤ 2147483647 := by
  unfold toInt; omega

/-- A sum that int holds. -/
theorem addInt_id (x y : Int) (h1 : -2147483648 ≤ x + y) (h2 : x + y ≤ 2147483647) :
    addInt x y = x + y := toInt_id _ h1 h2

/-- A difference that int holds. -/
theorem subInt_id (x y : Int) (h1 : -2147483648 ≤ x - y) (h2 : x - y ≤ 2147483647) :
    subInt x y = x - y := toInt_id _ h1 h2

/-- A product that int holds. -/
theorem mulInt_id (x y : Int) (h1 : -2147483648 ≤ x * y) (h2 : x * y ≤ 2147483647) :
    mulInt x y = x * y := toInt_id _ h1 h2

/-- Of numbers that are not negative, `/` is the usual one. -/
theorem divInt_nonneg (x y : Int) (hx : 0 ≤ x) (hx2 : x ≤ 2147483647) (hy : 0 < y) :
    divInt x y = x / y := by
  have h1 : x.tdiv y = x / y := Int.tdiv_eq_ediv_of_nonneg hx
  have h2 : 0 ≤ x / y := Int.ediv_nonneg hx (by omega)
  have h3 : x / y ≤ x := Int.ediv_le_self y hx
  unfold divInt
  rw [h1]
  exact toInt_id _ (by omega) (by omega)

/-- Of numbers that are not negative, `%` is the usual one. -/
theorem remInt_nonneg (x y : Int) (hx : 0 ≤ x) : remInt x y = x % y := by
  unfold remInt
  exact Int.tmod_eq_emod_of_nonneg hx

/-- The mask of the lowest eight bits. -/
theorem andInt_255 (x : Int) : andInt x 255 = x % 256 := by
  have h : Nat.land (bitsInt x) (bitsInt 255) = bitsInt x % 256 :=
    Nat.and_two_pow_sub_one_eq_mod (bitsInt x) 8
  unfold andInt
  rw [h]
  unfold bitsInt toInt
  omega

/-- The mask of the lowest bit. -/
theorem andInt_1 (x : Int) : andInt x 1 = x % 2 := by
  have h : Nat.land (bitsInt x) (bitsInt 1) = bitsInt x % 2 :=
    Nat.and_two_pow_sub_one_eq_mod (bitsInt x) 1
  unfold andInt
  rw [h]
  unfold bitsInt toInt
  omega

/-- An element is read. -/
theorem get_ok {α : Type} (a : Arr α) (i : Int) (n : Nat) (h : i = n) (hn : n < a.length) :
    a.get i = .ok (a.item n) := by
  subst h
  unfold Arr.get
  rw [if_pos (by omega), Int.toNat_natCast]

/-- An element is written. -/
theorem set_ok {α : Type} (a : Arr α) (i : Int) (n : Nat) (v : α) (h : i = n)
    (hn : n < a.length) :
    a.set i v = .ok ⟨a.length, fun j => if j = n then v else a.item j⟩ := by
  subst h
  unfold Arr.set
  rw [if_pos (by omega)]
  congr 2
  funext j
  by_cases e : j = n
  · rw [if_pos e, if_pos (by omega)]
  · rw [if_neg e, if_neg (by omega)]

/-- What follows a computation that succeeds. -/
theorem bind_ok {α β : Type} {r : Result α} {v : α} {f : α → Result β} (h : r = .ok v) :
    bind r f = f v := by
  rw [h]
  rfl

/-- A loop whose every turn succeeds, and leads from the state that belongs to its index to the next
one, ends in the state that belongs to the bound. -/
theorem forRange_ok {S : Type} (n : Nat) (bound : Int) (body : Int → S → Result S) (s t : S)
    (state : Nat → S) (hb : bound = n) (hs : s = state 0) (ht : t = state n)
    (h : ∀ k < n, body k (state k) = .ok (state (k + 1))) :
    forRange 0 bound body s = .ok t := by
  have key : ∀ m ≤ n, turns body 0 m (state 0) = .ok (state m) := by
    intro m
    induction m with
    | zero => exact fun _ => rfl
    | succ m ih =>
      intro hm
      rw [turns, ih (by omega), Int.zero_add]
      exact h m (by omega)
  unfold forRange
  rw [hb, hs, ht, Int.sub_zero, Int.toNat_natCast]
  exact key n (Nat.le_refl n)

/-- An array of which n elements from `start` on are replaced. -/
noncomputable def Arr.overwritten {α : Type} (a : Arr α) (start n : Nat) (v : Nat → α) : Arr α :=
  ⟨a.length, fun j => if start ≤ j ∧ j < start + n then v (j - start) else a.item j⟩

/-- Nothing is replaced. -/
theorem overwritten_zero {α : Type} (a : Arr α) (start : Nat) (v : Nat → α) :
    a = a.overwritten start 0 v := by
  unfold Arr.overwritten
  have e : (fun j => if start ≤ j ∧ j < start + 0 then v (j - start) else a.item j) = a.item := by
    funext j
    rw [if_neg (by omega)]
  rw [e]

/-- One more element is replaced. -/
theorem overwritten_step {α : Type} (a : Arr α) (start n : Nat) (v : Nat → α) (i : Int) (x : α)
    (hi : i = ((start + n : Nat) : Int)) (hx : x = v n) (h : start + n < a.length) :
    (a.overwritten start n v).set i x = .ok (a.overwritten start (n + 1) v) := by
  rw [set_ok (a.overwritten start n v) i (start + n) x hi h]
  unfold Arr.overwritten
  congr 2
  funext j
  simp only []
  by_cases e : j = start + n
  · rw [if_pos e, if_pos (by omega), hx, show j - start = n by omega]
  · rw [if_neg e]
    by_cases l : start ≤ j ∧ j < start + n
    · rw [if_pos l, if_pos (by omega)]
    · rw [if_neg l, if_neg (by omega)]

/-- An array of which every second element from `first` on is replaced, where p says so. -/
noncomputable def Arr.spread {α : Type} (a : Arr α) (first : Nat) (p : Nat → Bool)
    (v : Nat → α) : Arr α :=
  ⟨a.length, fun k =>
    if first ≤ k ∧ (k - first) % 2 = 0 ∧ p ((k - first) / 2) = true then v ((k - first) / 2)
    else a.item k⟩

/-- Nothing is replaced. -/
theorem spread_none {α : Type} (a : Arr α) (first : Nat) (p : Nat → Bool) (v : Nat → α)
    (h : ∀ i, p i = false) : a = a.spread first p v := by
  unfold Arr.spread
  have e : (fun k => if first ≤ k ∧ (k - first) % 2 = 0 ∧ p ((k - first) / 2) = true
      then v ((k - first) / 2) else a.item k) = a.item := by
    funext k
    rw [if_neg (by rw [h]; simp)]
  rw [e]

/-- The same elements are replaced. -/
theorem spread_congr {α : Type} (a : Arr α) (first : Nat) (p q : Nat → Bool) (v : Nat → α)
    (h : ∀ i, p i = true ↔ q i = true) : a.spread first p v = a.spread first q v := by
  have e : p = q := by
    funext i
    exact Bool.eq_iff_iff.mpr (h i)
  rw [e]

/-- One more element is replaced. -/
theorem spread_step {α : Type} (a : Arr α) (first : Nat) (p q : Nat → Bool) (v : Nat → α)
    (n : Nat) (i : Int) (x : α) (hi : i = ((first + 2 * n : Nat) : Int)) (hx : x = v n)
    (h : first + 2 * n < a.length) (hq : ∀ j, q j = true ↔ p j = true ∨ j = n) :
    (a.spread first p v).set i x = .ok (a.spread first q v) := by
  rw [set_ok (a.spread first p v) i (first + 2 * n) x hi h]
  unfold Arr.spread
  congr 2
  funext k
  simp only []
  by_cases e : k = first + 2 * n
  · have e2 : (k - first) / 2 = n := by omega
    rw [if_pos e, if_pos ⟨by omega, by omega, by rw [e2]; exact (hq n).mpr (Or.inr rfl)⟩, hx, e2]
  · rw [if_neg e]
    by_cases l : first ≤ k ∧ (k - first) % 2 = 0
    · have ne : (k - first) / 2 ≠ n := by omega
      by_cases hp : p ((k - first) / 2) = true
      · rw [if_pos ⟨l.1, l.2, hp⟩, if_pos ⟨l.1, l.2, (hq _).mpr (Or.inl hp)⟩]
      · rw [if_neg fun c => hp c.2.2, if_neg fun c => ((hq _).mp c.2.2).elim hp ne]
    · rw [if_neg fun c => l ⟨c.1, c.2.1⟩, if_neg fun c => l ⟨c.1, c.2.1⟩]

end ThreeHalf.Java
