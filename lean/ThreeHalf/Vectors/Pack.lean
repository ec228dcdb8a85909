module
public import ThreeHalf.Packing
public import ThreeHalf.Vectors.Json
@[expose] public section

/-!
# Cases of the kind `pack`

Codes and sub-scales of a row, and their bytes by `packCode` and `packSubscale`.
Requirements: REQ-FMT-001, REQ-FMT-008, REQ-PCK-001 to REQ-PCK-006, REQ-PCK-008.
-/

namespace ThreeHalf.Vectors

/-- Reads an array as a function: 0 outside. -/
def read (a : Array Nat) (i : Nat) : Nat := match a[i]? with | some x => x | none => 0

/-- An array of `f 0`, …, `f (n − 1)`. -/
def tabulate {α : Type} (n : Nat) (f : Nat → α) : Array α :=
  go n 0 #[]
where
  go : Nat → Nat → Array α → Array α
    | 0, _, acc => acc
    | n + 1, i, acc => go n (i + 1) (acc.push (f i))

/-- A row's packed codes. -/
def packedCodes (f : Format) (K : Nat) (c : Nat → Nat) : List Nat :=
  build (Format.blocks K * f.blockBytes) (packCode f K c)

/-- A row's packed sub-scales. -/
def packedSubscales (f : Format) (K : Nat) (m : Nat → Nat) : List Nat :=
  build (f.subscaleBytes K) (packSubscale (Format.blocks K) m)

/-- The sub-scale members of a case, where the format has any. -/
def subscaleMember (f : Format) (name : String) (ms : List Nat) : List (String × String) :=
  if f.hasSubscales then [(name, nats ms)] else []

/-- A pack case. -/
def packCase (f : Format) (suffix : String) (flags : List String) (K : Nat) (c m : Nat → Nat) : Case :=
  { id := "pack-" ++ f.name ++ "-" ++ suffix
    requirements := ["REQ-FMT-001", "REQ-FMT-008", "REQ-PCK-001"] ++
      (match f with
        | .int8 => ["REQ-PCK-004"]
        | .u4 | .g4 => ["REQ-PCK-002"]
        | .u35 | .g35 => ["REQ-PCK-002", "REQ-PCK-003"]
        | .u3 | .g3 => ["REQ-PCK-003"]) ++
      ["REQ-PCK-005", "REQ-PCK-008"] ++ (if f.hasSubscales then ["REQ-FMT-005", "REQ-PCK-006"] else [])
    flags := flags
    body := [("format", quote f.name), ("codes", nats (build K c))] ++
      subscaleMember f "subscales" (build (Format.blocks K) m) ++
      [("packedCodes", nats (packedCodes f K c))] ++
      subscaleMember f "packedSubscales" (packedSubscales f K m) }

/-- The cases of a format. -/
def packCases (f : Format) : List Case :=
  let size (k : Nat) : Nat := (f.table k).size
  let m (k : Nat) : Nat := (3 + 5 * k) % 16
  [ packCase f "one-column" ["one-column", "odd-tail", "odd-blocks"] 1 (fun _ => (size 0) - 1) (fun _ => 15),
    packCase f "block-ascending" ["whole-blocks", "odd-blocks"] 64 (fun k => k / 2 % size k) m,
    packCase f "block-zeros" ["whole-blocks", "odd-blocks", "smallest-codes"] 64 (fun _ => 0) (fun _ => 0),
    packCase f "block-ones" ["whole-blocks", "odd-blocks", "largest-codes"] 64 (fun k => size k - 1) (fun _ => 15),
    packCase f "tail-63" ["odd-tail", "odd-blocks"] 63 (fun k => Rng.nth 11 k (size k)) m,
    packCase f "tail-65" ["odd-tail"] 65 (fun k => Rng.nth 12 k (size k)) m,
    packCase f "tail-66" ["even-tail"] 66 (fun k => Rng.nth 13 k (size k)) m,
    packCase f "two-blocks" ["whole-blocks"] 128 (fun k => Rng.nth 14 k (size k)) m,
    packCase f "three-blocks" ["whole-blocks", "odd-blocks"] 192 (fun k => Rng.nth 15 k (size k)) m ] ++
  build 8 (fun bit => packCase f ("single-code-" ++ Nat.repr bit) ["one-code-set", "whole-blocks", "odd-blocks"] 64
    (fun k => if k = 8 * bit + (bit % 2) then size k - 1 else 0) (fun _ => 1))

/-- The flags of `pack`. -/
def packFlags : List (String × String) :=
  [ ("one-column", "K = 1: a row with one column, 63 padding codes"),
    ("odd-tail", "K is odd: the last block ends after an even input"),
    ("even-tail", "K is even but not a multiple of 64"),
    ("whole-blocks", "K is a multiple of 64: no padding"),
    ("odd-blocks", "an odd number of blocks: the last byte of sub-scales is half empty"),
    ("smallest-codes", "every code is 0"),
    ("largest-codes", "every code has all its bits set"),
    ("one-code-set", "one code has all its bits set, all others are 0: shows where each bit goes") ]

/-- The file `pack.json`. -/
def packFile (_ : Unit) : String := render "pack" packFlags (concat (each packCases Format.all))

end ThreeHalf.Vectors
