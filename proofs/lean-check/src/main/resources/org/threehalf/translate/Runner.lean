/-! ## Wrong rules, beside Java's -/

/-- Far beyond any masked count, and not so far that numbers grow long. -/
def unmasked (s : Int) : Nat := min s.toNat 200

def unmasked_shlInt (x s : Int) : Int := toInt (x * ((2 ^ unmasked s : Nat) : Int))
def unmasked_shlLong (x s : Int) : Int := toLong (x * ((2 ^ unmasked s : Nat) : Int))
def unmasked_shrInt (x s : Int) : Int := x / ((2 ^ unmasked s : Nat) : Int)
def unmasked_shrLong (x s : Int) : Int := x / ((2 ^ unmasked s : Nat) : Int)
def unmasked_ushrInt (x s : Int) : Int :=
  toInt (x % 4294967296 / ((2 ^ unmasked s : Nat) : Int))
def unmasked_ushrLong (x s : Int) : Int :=
  toLong (x % 18446744073709551616 / ((2 ^ unmasked s : Nat) : Int))
def floor_divInt (x y : Int) : Int := toInt (x.fdiv y)
def floor_divLong (x y : Int) : Int := toLong (x.fdiv y)
def floor_remInt (x y : Int) : Int := x.fmod y
def floor_remLong (x y : Int) : Int := x.fmod y
def long_addInt (x y : Int) : Int := addLong x y
def long_addLong (x y : Int) : Int := addLong x y
def long_mulInt (x y : Int) : Int := mulLong x y
def long_mulLong (x y : Int) : Int := mulLong x y
def whole_absInt (x : Int) : Int := (x.natAbs : Int)
def whole_absLong (x : Int) : Int := (x.natAbs : Int)

/-! ## Inputs from text, results to text -/

def nth : List Int → Nat → Int
  | [], _ => 0
  | x :: _, 0 => x
  | _ :: xs, n + 1 => nth xs n

def size : List Int → Nat
  | [] => 0
  | _ :: xs => size xs + 1

def number (s : String) : Int :=
  match s.toInt? with
  | some n => n
  | none => 123456789

def numbers : List String → List Int
  | [] => []
  | "" :: ss => numbers ss
  | s :: ss => number s :: numbers ss

def array (s : String) : Arr Int :=
  let l := numbers (s.splitOn ",")
  ⟨size l, nth l⟩

class Shown (α : Type) where
  text : α → String

instance : Shown Int := ⟨fun x => toString x⟩

instance : Shown Bool := ⟨fun x => if x then "true" else "false"⟩

def items (a : Arr Int) : Nat → String
  | 0 => ""
  | n + 1 => items a n ++ (if n = 0 then "" else ",") ++ toString (a.item n)

instance : Shown (Arr Int) := ⟨fun a => "[" ++ items a a.length ++ "]"⟩

def result {α : Type} (f : α → String) : Result α → String
  | .ok v => f v
  | .fail .arithmetic => "arithmetic"
  | .fail .index => "index"
  | .fail .negativeSize => "negativeSize"
  | .fail .thrown => "thrown"

instance {α : Type} [Shown α] : Shown (Result α) := ⟨result Shown.text⟩

def rows (f : List String → String) : List String → String → String
  | [], t => t
  | r :: rs, t => rows f rs (t ++ " " ++ f (r.splitOn " "))

