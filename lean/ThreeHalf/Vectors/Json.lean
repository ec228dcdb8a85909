module
public import ThreeHalf.Format
@[expose] public section

/-!
# Writing golden vectors

What every file of `spec/vectors` has (schema: `spec/schema/vectors.schema.json`): cases with ids, requirements and flags, the reason of
each flag, and numbers as JSON. binary32 numbers are written as eight hexadecimal digits. Own recursion in place of library
functions: the interpreter of some builds lacks helpers of these.

Main definitions: `Case`, `render`, `Rng` (a fixed pseudo-random generator, so that the files never change by chance).
-/

namespace ThreeHalf.Vectors

/-- A case of a file: body members are rendered JSON values by name. -/
structure Case where
  id : String
  requirements : List String
  flags : List String
  body : List (String × String)

/-- Joins with a separator. -/
def join (sep : String) : List String → String
  | [] => ""
  | [s] => s
  | s :: t :: rest => s ++ sep ++ join sep (t :: rest)

/-- A JSON string; the texts used here need no escapes. -/
def quote (s : String) : String := "\"" ++ s ++ "\""

/-- A list mapped by own recursion. -/
def each {α β : Type} (f : α → β) : List α → List β
  | [] => []
  | x :: xs => f x :: each f xs

/-- Two lists one after the other. -/
def cat {α : Type} : List α → List α → List α
  | [], ys => ys
  | x :: xs, ys => x :: cat xs ys

/-- In these files `++` of lists is `cat`. -/
instance (priority := high) {α : Type} : HAppend (List α) (List α) (List α) := ⟨cat⟩

/-- Lists one after the other. -/
def concat {α : Type} : List (List α) → List α
  | [] => []
  | xs :: rest => xs ++ concat rest

/-- `f 0`, …, `f (n − 1)`. -/
def build {α : Type} (n : Nat) (f : Nat → α) : List α :=
  go n []
where
  go : Nat → List α → List α
    | 0, acc => acc
    | i + 1, acc => go i (f i :: acc)

/-- Reads an array as a function: 0 outside. -/
def read (a : Array Nat) (i : Nat) : Nat := match a[i]? with | some x => x | none => 0

/-- An array of `f 0`, …, `f (n − 1)`. -/
def tabulate {α : Type} (n : Nat) (f : Nat → α) : Array α :=
  go n 0 #[]
where
  go : Nat → Nat → Array α → Array α
    | 0, _, acc => acc
    | n + 1, i, acc => go n (i + 1) (acc.push (f i))

/-- A JSON array on one line. -/
def array (xs : List String) : String := "[" ++ join "," xs ++ "]"

/-- An integer. -/
def int (n : Int) : String :=
  match n with
  | .ofNat k => Nat.repr k
  | .negSucc k => "-" ++ Nat.repr (k + 1)

/-- An array of integers. -/
def ints (ns : List Int) : String := array (each int ns)

/-- An array of natural numbers. -/
def nats (ns : List Nat) : String := array (each Nat.repr ns)

/-- A hexadecimal digit. -/
def hexDigit (d : Nat) : String :=
  match d with
  | 0 => "0" | 1 => "1" | 2 => "2" | 3 => "3" | 4 => "4" | 5 => "5" | 6 => "6" | 7 => "7"
  | 8 => "8" | 9 => "9" | 10 => "a" | 11 => "b" | 12 => "c" | 13 => "d" | 14 => "e" | _ => "f"

/-- The last `digits` hexadecimal digits of a number. -/
def hex : Nat → Nat → String
  | 0, _ => ""
  | digits + 1, n => hex digits (n / 16) ++ hexDigit (n % 16)

/-- An array that repeats a part, in short form. -/
def repeated (part : String) (times : Nat) (tail : String) : String :=
  "{\"repeat\":" ++ part ++ ",\"times\":" ++ Nat.repr times ++ ",\"tail\":" ++ tail ++ "}"

/-- An object's members. -/
def members (ms : List (String × String)) : String := join "," (each (fun m => quote m.1 ++ ":" ++ m.2) ms)

/-- An object on one line. -/
def object (ms : List (String × String)) : String := "{" ++ members ms ++ "}"

/-- A case on one line. -/
def Case.render (c : Case) : String :=
  object ([("id", quote c.id), ("requirements", array (each quote c.requirements)), ("flags", array (each quote c.flags))] ++ c.body)

/-- Whether a string is in a list. -/
def isIn (s : String) : List String → Bool
  | [] => false
  | t :: ts => s == t || isIn s ts

/-- The flags that some case uses. -/
def used (flags : List (String × String)) (cases : List Case) : List (String × String) :=
  match flags with
  | [] => []
  | f :: fs => if anyCase f.1 cases then f :: used fs cases else used fs cases
where
  anyCase (s : String) : List Case → Bool
    | [] => false
    | c :: cs => isIn s c.flags || anyCase s cs

/-- A file: schema, kind, the reasons of the flags in use, and one case a line. -/
def render (kind : String) (flags : List (String × String)) (cases : List Case) : String :=
  "{\n\"schema\":\"threehalf-vectors/1\",\n\"kind\":" ++ quote kind ++ ",\n\"flags\":{\n" ++
  join ",\n" (each (fun f => "  " ++ quote f.1 ++ ": " ++ quote f.2) (used flags cases)) ++
  "\n},\n\"cases\":[\n" ++ join ",\n" (each Case.render cases) ++ "\n]}\n"

/-- The state of a 64-bit linear congruential generator (Knuth's MMIX constants). -/
abbrev Rng := Nat

/-- The next state. -/
def Rng.next (r : Rng) : Rng := (r * 6364136223846793005 + 1442695040888963407) % 18446744073709551616

/-- The `i`-th of a stream of numbers below `n`, drawn from the upper bits; every index gives an independent number. -/
def Rng.nth (seed i n : Nat) : Nat :=
  let r := Rng.next (Rng.next (Rng.next (seed * 1000003 + i)))
  r / 4294967296 % n

end ThreeHalf.Vectors
