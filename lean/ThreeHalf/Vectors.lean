module
public import ThreeHalf.Packing
public import ThreeHalf.Output
public import ThreeHalf.Inference.Decoder
@[expose] public section

/-!
# The golden vectors

The files of `spec/vectors` (schema: `spec/schema/vectors.schema.json`): first how a file is
written, then one section a kind of `spec/CONFORMANCE.md`. Inputs are fixed lists and a fixed
pseudo-random generator, so that the files never change by chance; binary32 are given by their bits.
All results come from the definitions that the theorems speak of: `packCode` and `packSubscale`,
`quantizeToken`, `quantizeRow`, `dequantized`, `rowSum` on what `unpackCode` and `unpackSubscale`
read back, `output` and `gemm`; a refusal is emitted only where `quantizeToken`, `weightsOk`,
`scaleOk` or `shapeOk` refuses. The T formats have cases of all kinds but `quantize-weight`.

Own recursion stands in place of library functions, and all of it in this one module: the
interpreter of Lean's npm build lacks compiled helpers of library functions and of polymorphic
functions in other modules.

The last section is about `Inference/`, and has all files in a list; `Emit.lean` runs it.
Requirements: REQ-FMT-001 to REQ-FMT-010, REQ-QNT-001 to REQ-QNT-013, REQ-DOT-001 to REQ-DOT-007,
REQ-PCK-001 to REQ-PCK-009, REQ-OPS-001 to REQ-OPS-011, REQ-ROP-003 to REQ-ROP-005, REQ-ATT-001 to
REQ-ATT-005, REQ-DEC-001 to REQ-DEC-003, REQ-SMP-001 to REQ-SMP-005.
-/

namespace ThreeHalf.Vectors

/-! ## Writing a file -/

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

/-- Lists one after the other. -/
def concat {α : Type} : List (List α) → List α
  | [] => []
  | xs :: rest => cat xs (concat rest)

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
def members (ms : List (String × String)) : String :=
  join "," (each (fun m => quote m.1 ++ ":" ++ m.2) ms)

/-- An object on one line. -/
def object (ms : List (String × String)) : String := "{" ++ members ms ++ "}"

/-- Whether a string is in a list. -/
def isIn (s : String) : List String → Bool
  | [] => false
  | t :: ts => s == t || isIn s ts

/-- The reasons of some flags. -/
def reasons (flags : List (String × String)) (names : List String) : List String :=
  match flags with
  | [] => []
  | f :: fs => if isIn f.1 names then f.2 :: reasons fs names else reasons fs names

/-- A case on one line. Its comment says in words why it exists. -/
def Case.render (flags : List (String × String)) (c : Case) : String :=
  object (cat [("id", quote c.id), ("comment", quote (join "; " (reasons flags c.flags))),
    ("requirements", array (each quote c.requirements)),
    ("flags", array (each quote c.flags))] c.body)

/-- The flags that some case uses. -/
def used (flags : List (String × String)) (cases : List Case) : List (String × String) :=
  match flags with
  | [] => []
  | f :: fs => if anyCase f.1 cases then f :: used fs cases else used fs cases
where
  anyCase (s : String) : List Case → Bool
    | [] => false
    | c :: cs => isIn s c.flags || anyCase s cs

/-- How many cases there are. -/
def caseCount : List Case → Nat
  | [] => 0
  | _ :: cs => caseCount cs + 1

/-- The version of what is emitted: another one where cases, or what is said of them, come or go. -/
def generator : String := "ThreeHalf.Vectors 3"

/-- A file: schema, kind, what made it, how many cases, the reasons of the flags in use, and one
case a line. -/
def renderAs (schema generator kind : String) (flags : List (String × String))
    (cases : List Case) : String :=
  "{\n\"schema\":" ++ quote schema ++ ",\n\"kind\":" ++ quote kind ++
  ",\n\"generator\":" ++ quote generator ++ ",\n\"count\":" ++ Nat.repr (caseCount cases) ++
  ",\n\"flags\":{\n" ++
  join ",\n" (each (fun f => "  " ++ quote f.1 ++ ": " ++ quote f.2) (used flags cases)) ++
  "\n},\n\"cases\":[\n" ++ join ",\n" (each (fun c => Case.render flags c) cases) ++ "\n]}\n"

/-- A file of the number format's cases. -/
def render (kind : String) (flags : List (String × String)) (cases : List Case) : String :=
  renderAs "threehalf-vectors/1" generator kind flags cases

/-- The state of a 64-bit linear congruential generator (Knuth's MMIX constants). -/
abbrev Rng := Nat

/-- The next state. -/
def Rng.next (r : Rng) : Rng :=
  (r * 6364136223846793005 + 1442695040888963407) % 18446744073709551616

/-- The `i`-th of a stream of numbers below `n`, drawn from the upper bits; every index gives an
independent number. -/
def Rng.nth (seed i n : Nat) : Nat :=
  let r := Rng.next (Rng.next (Rng.next (seed * 1000003 + i)))
  r / 4294967296 % n

/-! ## pack -/

/-- `packCode`, with compiled code of this file that can be passed as a function (the npm build has
none of imported ones). -/
@[noinline] def codeByte (f : Format) (K : Nat) (c : Nat → Nat) (p : Nat) : Nat := packCode f K c p

/-- `packSubscale`, likewise. -/
@[noinline] def subscaleByte (B : Nat) (m : Nat → Nat) (j : Nat) : Nat := packSubscale B m j

/-- `unpackCode`, likewise. -/
@[noinline] def codeOf (f : Format) (bytes : Nat → Nat) (k : Nat) : Nat := unpackCode f bytes k

/-- How many codes an input may have. -/
def codeCount (f : Format) (k : Nat) : Nat := 2 ^ f.codeBits k

/-- A row's packed codes. -/
def packedCodes (f : Format) (K : Nat) (c : Nat → Nat) : List Nat :=
  build (Format.blocks K * f.blockBytes) (codeByte f K c)

/-- A row's packed sub-scales. -/
def packedSubscales (f : Format) (K : Nat) (m : Nat → Nat) : List Nat :=
  build (f.subscaleBytes K) (subscaleByte (Format.blocks K) m)

/-- The sub-scale members of a case, where the format has any. -/
def subscaleMember (f : Format) (name : String) (ms : List Nat) : List (String × String) :=
  if f.hasSubscales then [(name, nats ms)] else []

/-- A pack case. -/
def packCase (f : Format) (suffix : String) (flags : List String) (K : Nat)
    (c m : Nat → Nat) : Case :=
  { id := "pack-" ++ f.name ++ "-" ++ suffix
    requirements := concat [["REQ-FMT-001", "REQ-FMT-008"],
      (match f with
        | .int8 => ["REQ-PCK-001", "REQ-PCK-004", "REQ-PCK-005", "REQ-PCK-008"]
        | .u4 | .g4 => ["REQ-PCK-001", "REQ-PCK-002", "REQ-PCK-005", "REQ-PCK-008"]
        | .u35 | .g35 =>
          ["REQ-PCK-001", "REQ-PCK-002", "REQ-PCK-003", "REQ-PCK-005", "REQ-PCK-008"]
        | .u3 | .g3 => ["REQ-PCK-001", "REQ-PCK-003", "REQ-PCK-005", "REQ-PCK-008"]
        | .t4 | .t35 | .t3 => ["REQ-FMT-009", "REQ-PCK-005", "REQ-PCK-009"]),
      (if f.hasSubscales then ["REQ-FMT-005", "REQ-PCK-006"] else [])]
    flags := flags
    body := concat [[("format", quote f.name), ("codes", nats (build K c))],
      subscaleMember f "subscales" (build (Format.blocks K) m),
      [("packedCodes", nats (packedCodes f K c))],
      subscaleMember f "packedSubscales" (packedSubscales f K m)] }

/-- The cases of a format. -/
def packCases (f : Format) : List Case :=
  let size (k : Nat) : Nat := codeCount f k
  let m (k : Nat) : Nat := (3 + 5 * k) % 16
  concat [[ packCase f "one-column" ["one-column", "odd-tail", "odd-blocks"] 1
      (fun _ => (size 0) - 1) (fun _ => 15),
    packCase f "block-ascending" ["whole-blocks", "odd-blocks"] 64 (fun k => k / 2 % size k) m,
    packCase f "block-zeros" ["whole-blocks", "odd-blocks", "smallest-codes"] 64
      (fun _ => 0) (fun _ => 0),
    packCase f "block-ones" ["whole-blocks", "odd-blocks", "largest-codes"] 64 (fun k => size k - 1)
      (fun _ => 15),
    packCase f "tail-63" ["odd-tail", "odd-blocks"] 63 (fun k => Rng.nth 11 k (size k)) m,
    packCase f "tail-65" ["odd-tail"] 65 (fun k => Rng.nth 12 k (size k)) m,
    packCase f "tail-66" ["even-tail"] 66 (fun k => Rng.nth 13 k (size k)) m,
    packCase f "two-blocks" ["whole-blocks"] 128 (fun k => Rng.nth 14 k (size k)) m,
    packCase f "three-blocks" ["whole-blocks", "odd-blocks"] 192
      (fun k => Rng.nth 15 k (size k)) m ],
  build 8 (fun bit => packCase f ("single-code-" ++ Nat.repr bit)
    ["one-code-set", "whole-blocks", "odd-blocks"] 64
    (fun k => if k = 8 * bit + (bit % 2) then size k - 1 else 0) (fun _ => 1))]

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

/-! ## quantize-activation, quantize-weight, dequantize -/

/-- The bits of 1. -/
def one32 : Nat := 0x3f800000

/-- The binary32 nearest to an integer times 2^e. -/
def scaled (n e : Int) : Nat := (round32 false ((n : Rat) * 2 ^ e)).bits

/-- A binary32 in [2^(lo−127), 2^(hi−127)) with a pseudo-random sign, exponent and fraction. -/
def random32 (seed i lo hi : Nat) : Nat :=
  Rng.nth seed (3 * i) 2 * 2147483648 + (lo + Rng.nth seed (3 * i + 1) (hi - lo)) * 8388608 +
    Rng.nth seed (3 * i + 2) 8388608

/-- A binary32 whose distribution resembles weights: the sum of four uniform numbers about 0, times
2^e. -/
def bell32 (seed i : Nat) (e : Int) : Nat :=
  scaled ((Rng.nth seed (4 * i) 4096 : Int) + Rng.nth seed (4 * i + 1) 4096 +
    Rng.nth seed (4 * i + 2) 4096 + Rng.nth seed (4 * i + 3) 4096 - 8190) (e - 13)

/-- `Binary32.ofBits`, with compiled code of this file that can be passed as a function. -/
@[noinline] def ofBits (n : Nat) : Binary32 := Binary32.ofBits n

/-- Numbers as binary32. -/
def asBinary32 (bits : List Nat) : List Binary32 := each ofBits bits

/-- An array of binary32 by their bits. -/
def hexes (bits : List Nat) : String := array (each (fun b => quote (hex 8 b)) bits)

/-- The flags of the three kinds. -/
def quantizeFlags : List (String × String) :=
  [ ("random", "pseudo-random numbers of a fixed generator"),
    ("one-column", "K = 1"),
    ("odd-tail", "K is odd or not a multiple of 64: the last block is partial"),
    ("all-zero", "every number is 0: the scale is 0 and so is every code's value"),
    ("negative-zero", "−0 among the inputs, or a zero result whose sign must be right"),
    ("zero-scale-underflow", "the scale rounds to 0 though the inputs are not 0"),
    ("subnormal-scale", "the scale is a subnormal number: no flush to zero"),
    ("subnormal-input", "subnormal numbers among the inputs"),
    ("tie", "quotients half-way between two integers: to the even one"),
    ("near-tie", "quotients one unit in the last place beside half-way"),
    ("double-rounding",
      "rounding the quotient to binary32 first changes the integer, which REQ-QNT-003 asks for"),
    ("saturation", "a rounded quotient outside the codes' range is clamped"),
    ("largest", "the largest magnitude that is accepted"),
    ("wide-range", "magnitudes from subnormal to large in one vector"),
    ("grid-points", "every weight is a point of the grid: reproduced exactly"),
    ("codebook-tie", "u is half-way between two entries: the smaller code"),
    ("subscale-tie", "several sub-scales have the same least error: the smallest"),
    ("subscale-zero", "the best sub-scale is 0"),
    ("subscale-15", "the best sub-scale is 15"),
    ("zero-block", "a block whose weights are all 0 beside one that is not"),
    ("half-odd", "the scale's significand is odd, so quotients are inexact"),
    ("every-code", "every code of the table occurs"),
    ("every-window", "input 4w reads window w, for each of the 256 windows"),
    ("subnormal-output",
      "a binary32 weight is subnormal or underflows to a zero, which keeps the integer's sign") ]

/-- A case of `quantize-activation`. -/
def activationCase (name : String) (flags : List String) (bits : List Nat) : List Case :=
  match quantizeToken (asBinary32 bits) with
  | none => []
  | some t =>
    [{ id := "activation-" ++ name
       requirements := ["REQ-QNT-001", "REQ-QNT-002", "REQ-QNT-003", "REQ-QNT-004"]
       flags := flags
       body := [("x", hexes bits), ("scale", quote (hex 8 t.scale.bits)),
         ("codes", ints t.codes)] }]

/-- Numbers with amax = 127·2^e, so that the scale is exactly 2^e. -/
def withAmax (e : Int) (xs : List Nat) : List Nat := scaled 127 e :: xs

/-- All cases of `quantize-activation`. -/
def activationCases : List Case :=
  concat [concat
    [ activationCase "one" ["one-column"] [one32],
      activationCase "minus-one" ["one-column"] [0xbf800000],
      activationCase "zero" ["one-column", "all-zero"] [0],
      activationCase "minus-zero" ["one-column", "all-zero", "negative-zero"] [0x80000000],
      activationCase "zeros" ["all-zero", "negative-zero"]
        (build 64 fun i => if i % 3 = 0 then 0x80000000 else 0),
      activationCase "integers" ["grid-points"] (build 255 fun i => scaled ((i : Int) - 127) 0),
      activationCase "ties" ["tie"]
        (withAmax 0 (build 254 fun i => scaled (2 * (i : Int) - 253) (-1))),
      activationCase "near-ties-above" ["near-tie"]
        (withAmax 0 (build 100 fun i => scaled (2 * (i : Int) + 1) (-1) + 1)),
      activationCase "near-ties-below" ["near-tie"]
        (withAmax 0 (build 100 fun i => scaled (2 * (i : Int) + 1) (-1) - 1)),
      activationCase "minus-ties" ["tie", "negative-zero"]
        (withAmax (-10) (build 100 fun i => scaled (-(2 * (i : Int) + 1)) (-11))),
      activationCase "largest" ["largest"] [0x5b800000, 0xdb800000, 0, one32],
      activationCase "largest-below" ["largest"] [0x5b7fffff, 0xdb800000, 0x5b000001],
      activationCase "underflow-1" ["zero-scale-underflow", "subnormal-input"] [1, 0x80000001, 0],
      activationCase "underflow-63" ["zero-scale-underflow", "subnormal-input"]
        [63, 0x8000003f, 0, 32],
      activationCase "subnormal-64" ["subnormal-scale", "subnormal-input", "saturation"]
        [64, 0x80000040, 1, 0x80000001, 32, 0],
      activationCase "subnormal-127" ["subnormal-scale", "subnormal-input"]
        [127, 126, 63, 64, 0x80000001, 1, 0],
      activationCase "subnormal-190" ["subnormal-scale", "subnormal-input", "saturation"]
        [190, 0x800000be, 127, 128, 129, 1],
      activationCase "subnormal-191" ["subnormal-scale", "subnormal-input", "tie"]
        [191, 0x800000bf, 127, 3, 5, 0x80000007],
      activationCase "subnormal-large" ["subnormal-scale"]
        [0x01800000, 0x00800000, 0x80400000, 0x00012345, 1],
      activationCase "wide" ["wide-range", "subnormal-input"]
        [0x5b800000, 0x00000001, 0x3f800000, 0xc2fe0000, 0x00800000, 0xd9000000, 0x4f000000,
          0x54000000],
      activationCase "scale-not-exact" ["half-odd"]
        (build 64 fun i => scaled (3 * (i : Int) - 95) (-4)),
      activationCase "double-rounding" ["double-rounding", "half-odd"]
        [0x43400058, 0x40112287, 0xc071e437, 0x40a952f3, 0x40d9b3cb, 0xc1050a51, 0x41356b29,
          0x414d9b95, 0x417dfc6d, 0xc1a346d8, 0x41f7f052, 0x4244896d, 0x42a4c9df, 0xc2d224a9,
          0x43136711, 0x433dbbce, 0x433f3ed5] ],
  concat (build 24 fun i => activationCase ("random-" ++ Nat.repr i) ["random"]
    (build (1 + Rng.nth 21 i 160) fun k => bell32 (100 + i) k ((Rng.nth 22 i 40 : Int) - 20))),
  concat (build 12 fun i =>
    activationCase ("random-exponents-" ++ Nat.repr i) ["random", "wide-range"]
    (build (16 + Rng.nth 23 i 64) fun k => random32 (200 + i) k 110 (112 + 6 * i))),
  concat (build 6 fun i => activationCase ("random-subnormal-" ++ Nat.repr i)
    ["random", "subnormal-input", "subnormal-scale"]
    (build 40 fun k => Rng.nth (300 + i) (2 * k) 2 * 2147483648 +
      Rng.nth (300 + i) (2 * k + 1) (2 ^ (6 + 3 * i))))]

/-- The file `quantize-activation.json`. -/
def activationFile (_ : Unit) : String := render "quantize-activation" quantizeFlags activationCases

/-- A case of `quantize-weight`. -/
def weightCase (f : Format) (name : String) (flags : List String) (bits : List Nat) : List Case :=
  match quantizeRow f (asBinary32 bits) with
  | none => []
  | some r =>
    [{ id := "weight-" ++ f.name ++ "-" ++ name
       requirements :=
         cat ["REQ-FMT-001", "REQ-FMT-002", "REQ-FMT-004", "REQ-QNT-005", "REQ-QNT-006"]
         (match f with
           | .int8 => ["REQ-QNT-007", "REQ-QNT-009"]
           | .u4 | .u35 | .u3 => ["REQ-QNT-008", "REQ-QNT-009"]
           | _ => ["REQ-FMT-005", "REQ-QNT-010", "REQ-QNT-011", "REQ-QNT-012", "REQ-QNT-013"])
       flags := flags
       body := cat [("format", quote f.name), ("weights", hexes bits),
         ("scale", quote (hex 8 r.scale.bits)), ("codes", nats r.codes)]
         (if f.hasSubscales then [("subscales", nats r.subscales)] else []) }]

/-- Cases of every format. -/
def weightCommon (f : Format) : List Case :=
  let D : Int := f.divisor
  concat
    [ weightCase f "one" ["one-column"] [one32],
      weightCase f "minus-one" ["one-column"] [0xbf800000],
      weightCase f "zeros" ["all-zero", "negative-zero", "odd-tail"]
        (build 65 fun i => if i % 2 = 1 then 0x80000000 else 0),
      weightCase f "underflow" ["zero-scale-underflow", "subnormal-input"] [1, 0x80000001, 0, 2],
      weightCase f "subnormal" ["subnormal-scale", "subnormal-input"]
        [(f.divisor : Nat), 0x80000001, 1, (f.divisor : Nat) / 2, 3, 0x80000003],
      weightCase f "largest" ["largest"] [0x53800000, 0xd3800000, 0x52800000, 0xd2c00000, 0],
      weightCase f "wide" ["wide-range", "subnormal-input"]
        [0x53800000, 1, 0x80000001, 0x3f800000, 0x4e000000, 0xd2000001, 0x51000000],
      weightCase f "scale-one" ["tie", "odd-tail"]
        (scaled D 0 :: build 40 fun i => scaled (2 * (i : Int) - 41) (-1)),
      weightCase f "scale-one-negative" ["tie", "saturation"]
        (scaled (-D) 0 :: build 40 fun i => scaled (2 * (i : Int) - 39) (-1)),
      weightCase f "near-ties" ["near-tie"] (scaled D 0 :: scaled D 0 :: build 30 fun i =>
        scaled (2 * (i : Int) + 1) (-1) + (i % 2) * 2 - 1) ]

/-- Cases of U formats and INT8. -/
def weightUniform (f : Format) : List Case :=
  let D : Int := f.divisor
  concat
    [ weightCase f "grid" ["grid-points", "every-code", "odd-tail"]
        (if f = .int8 then build 255 fun i => scaled ((i : Int) - 127) (-3)
         else build 36 fun i =>
           scaled ((if (f.table i) = .t4u then (i : Int) / 2 % 15 - 7
             else 2 * ((i : Int) / 2 % 7) - 6)) (-3)),
      weightCase f "edges" ["saturation", "tie"]
        (scaled D 0 :: scaled (-D) 0 :: each (fun n => scaled n (-2))
          [-27, -26, -25, -24, -23, 25, 26, 27, 28, 24, -28, -28, 23, 22]),
      weightCase f "block-tail" ["odd-tail", "random"] (build 67 fun k => bell32 31 k (-3)) ]

/-- Cases of G formats. -/
def weightCodebook (f : Format) : List Case :=
  let T (k c : Nat) : Int := (f.table k).value (c % (f.table k).size)
  concat
    [ weightCase f "grid-15" ["grid-points", "subscale-15", "every-code"]
        (scaled 465 0 :: scaled 465 0 :: build 62 fun k => scaled (15 * T k (k / 2)) 0),
      weightCase f "grid-7" ["grid-points", "odd-tail"]
        (concat [build 64 fun k => scaled (7 * T k (k / 2)) 0, [scaled 465 0, scaled (-465) 0, 0]]),
      weightCase f "equal-subscales" ["subscale-tie", "grid-points"]
        (concat [build 64 fun k => scaled (if (f.table k) = .t4g then 8 else 16) 0,
          [scaled 465 0]]),
      weightCase f "zero-block" ["zero-block", "subscale-zero"]
        (concat [build 64 fun _ => 0, build 10 fun k => scaled ((k : Int) * 50 - 200) 0,
          [scaled 465 0]]),
      weightCase f "tiny-block" ["subscale-zero"]
        (concat [build 64 fun k => scaled ((k : Int) % 3 - 1) (-8), [scaled 465 0]]),
      weightCase f "codebook-ties" ["codebook-tie"]
        (concat [build 64 fun k => scaled (T k (k / 2) + T k (k / 2 + 1)) (-1),
          [scaled 465 0, 0, 0]]),
      weightCase f "saturated-u" ["saturation"]
        (concat [build 64 fun k => if k % 2 = 0 then scaled 465 (-3) else scaled (-465) (-3),
          [scaled 464 (-3)]]),
      weightCase f "steps" ["odd-tail"] (build 129 fun k => scaled ((k : Int) * 7 - 450) (-5)),
      weightCase f "outlier" ["subscale-15", "odd-tail"]
        (build 70 fun k => if k = 5 then 0x41200000 else bell32 41 k (-4)) ]

/-- All cases of a format. -/
def weightCases (f : Format) : List Case :=
  concat [weightCommon f, (if f.hasSubscales then weightCodebook f else weightUniform f),
  concat (build 6 fun i => weightCase f ("random-" ++ Nat.repr i) ["random", "odd-tail"]
    (build (1 + Rng.nth 24 i 130) fun k => bell32 (400 + i) k ((Rng.nth 25 i 30 : Int) - 15))),
  concat (build 2 fun i => weightCase f ("random-exponents-" ++ Nat.repr i)
    ["random", "wide-range", "odd-tail"]
    (build (40 + 17 * i) fun k => random32 (500 + i) k 118 (121 + 3 * i)))]

/-- The file `quantize-weight.json`. -/
def weightFile (_ : Unit) : String :=
  render "quantize-weight" quantizeFlags (concat (each weightCases Format.all))

/-- The integers m·T[c] of a row, from input `k` on. -/
def integers (f : Format) (m : Nat → Nat) (c : Nat → Nat) (n : Nat) : List Int :=
  build n fun k => (if f.hasSubscales then (m (k / 64) : Int) else 1) * f.value n c k

/-- A case of `dequantize`. -/
def dequantizeCase (f : Format) (name : String) (flags : List String) (scale K : Nat)
    (c m : Nat → Nat) : Case :=
  let s := (Binary32.ofBits scale).value
  { id := "dequantize-" ++ f.name ++ "-" ++ name
    requirements := concat [[(if f.windowed then "REQ-FMT-010" else "REQ-FMT-002"), "REQ-FMT-004",
        "REQ-FMT-006"],
      (if f.hasSubscales then ["REQ-FMT-005"] else []),
      (if f.windowed then ["REQ-FMT-009"] else [])]
    flags := flags
    body := concat
      [[("format", quote f.name), ("scale", quote (hex 8 scale)), ("codes", nats (build K c))],
      (if f.hasSubscales then [("subscales", nats (build (Format.blocks K) m))] else []),
      [("values", hexes (each (fun n => (dequantized s n).bits) (integers f m c K)))]] }

/-- Codes of 1024 inputs: input 4w reads window w. -/
def everyWindow (f : Format) (k : Nat) : Nat :=
  match k % 4 with
  | 0 => k / 4 % 2 ^ f.evenBits
  | 1 => k / 4 / 2 ^ f.evenBits % 2 ^ f.oddBits
  | 2 => k / 4 / 2 ^ f.pairBits
  | _ => 0

/-- The cases of `dequantize` of a format. -/
def dequantizeCases (f : Format) : List Case :=
  let size (k : Nat) : Nat := codeCount f k
  let all (k : Nat) : Nat := k / 2 % size k
  let m (b : Nat) : Nat := (15 - 4 * b) % 16
  [ if f.windowed then
      dequantizeCase f "every-window" ["every-window"] one32 1024 (fun k => everyWindow f k)
        (fun _ => 1)
    else
      dequantizeCase f "every-code" ["every-code", "odd-tail"] one32
        (if f = .int8 then 512 else 67) all m,
    dequantizeCase f "one-column" ["one-column"] 0x3eaaaaab 1 (fun _ => 1) m,
    dequantizeCase f "half-odd" ["half-odd", "every-code"] 0x3f8ccccd 64 all (fun _ => 13),
    dequantizeCase f "zero-scale" ["all-zero", "negative-zero"] 0 64 all (fun _ => 3),
    dequantizeCase f "largest" ["largest"] 0x53800000 64 all (fun _ => 15),
    dequantizeCase f "smallest-scale" ["subnormal-scale", "subnormal-output"] 1 64 all (fun _ => 1),
    dequantizeCase f "subnormal-scale" ["subnormal-scale"] 0x00400001 64 all (fun _ => 15),
    dequantizeCase f "normal-boundary" ["subnormal-output"] 0x00800000 64 all (fun _ => 1),
    dequantizeCase f "zero-subscale" ["subscale-zero"] 0x3f000003 65 all (fun b => 5 * b),
    dequantizeCase f "random" ["random", "odd-tail", "half-odd"]
      (random32 61 f.id 100 130 % 2147483648) 100
      (fun k => Rng.nth 62 k (size k)) (fun b => Rng.nth 63 b 16) ]

/-- The file `dequantize.json`. -/
def dequantizeFile (_ : Unit) : String :=
  render "dequantize" quantizeFlags (concat (each dequantizeCases Format.all))

/-! ## dot, output, gemv, gemm -/

/-- The flags of the products. -/
def productFlags : List (String × String) :=
  [ ("random", "pseudo-random codes, sub-scales and activations of a fixed generator"),
    ("one-column", "K = 1: a row with one column"),
    ("odd-tail", "K is odd or not a multiple of 64: the last block is partial"),
    ("whole-blocks", "K is a multiple of 64: no padding"),
    ("padding-set",
      "the bits of the padding codes, and of the missing sub-scale, are set: they must not count"),
    ("largest-sum",
      "every term has the largest magnitude and one sign, at the format's K limit: \
        the sum that is nearest to the int32 range"),
    ("largest-terms", "every term has the largest magnitude"),
    ("one-sign",
      "every term has one sign: large windows, activations 127 or -127 by their entries' signs"),
    ("limit", "K is the format's limit"),
    ("seam", "only inputs whose windows pass the end of the block's string count"),
    ("cancellation", "large terms of both signs that cancel"),
    ("negative-sum", "I is negative"),
    ("zero-sum", "I = 0: y is +0"),
    ("ones", "I and both scales are 1: no rounding"),
    ("subscale-zero", "a sub-scale of 0: its block adds nothing"),
    ("subscale-15", "every sub-scale is 15"),
    ("sum-over-24-bits", "I is not exact in binary32: its rounding counts"),
    ("tie", "an integer or a product half-way between two binary32"),
    ("scale-zero", "a scale is 0: y is a zero with the sign of I"),
    ("negative-zero", "y is −0"),
    ("subnormal-scale", "a scale is subnormal: no flush to zero"),
    ("subnormal-product", "the product of the scales is subnormal or 0"),
    ("subnormal-output", "y is subnormal"),
    ("underflow", "y underflows to a zero that keeps the sign of I"),
    ("largest", "the largest I and scales: y stays finite"),
    ("three-roundings", "fused or reordered roundings give other bits"),
    ("many-tokens", "several tokens in one call"),
    ("one-token", "one token"),
    ("one-row", "a matrix with one row"),
    ("nan", "NaN"),
    ("infinity", "an infinity"),
    ("over-limit", "one binary32 over the largest magnitude that is accepted"),
    ("k-over-limit", "K is one over the format's limit"),
    ("k-zero", "no columns, or no activations"),
    ("negative-scale", "the sign bit of a scale is set, −0 included"),
    ("wrong-size", "rows whose bytes do not match K") ]

/-- Bits a code of padding has when a case sets them. -/
def paddedCodes (f : Format) (K : Nat) (padding : Bool) (c : Nat → Nat) (k : Nat) : Nat :=
  if k < K then c k else if padding then codeCount f k - 1 else 0

/-- A row's packed codes, with the padding codes set or 0. -/
def rowBytes (f : Format) (K : Nat) (padding : Bool) (c : Nat → Nat) : Array Nat :=
  tabulate (Format.blocks K * f.blockBytes)
    (codeByte f (64 * Format.blocks K) (paddedCodes f K padding c))

/-- A row's packed sub-scales, with the missing one set or 0. -/
def rowSubscaleBytes (f : Format) (K : Nat) (padding : Bool) (m : Nat → Nat) : Array Nat :=
  let B := Format.blocks K
  let m' (b : Nat) : Nat := if b < B then m b else if padding then 15 else 0
  tabulate (f.subscaleBytes K) (subscaleByte (B + B % 2) m')

/-- The elements of an array. -/
def elements (a : Array Nat) : List Nat := build a.size (read a)

/-- The members of a packed row. -/
def packedMembers (f : Format) (scale : Nat) (codes subscales : Array Nat) :
    List (String × String) :=
  cat [("scale", quote (hex 8 scale)), ("packedCodes", nats (elements codes))]
    (subscaleMember f "packedSubscales" (elements subscales))

/-- The sub-scales of a packed row as a function. -/
def readSubscale (f : Format) (subscales : Array Nat) (b : Nat) : Nat :=
  if f.hasSubscales then unpackSubscale (read subscales) b else 1

/-- Reads an array of integers as a function. -/
def readInt (a : Array Int) (i : Nat) : Int := match a[i]? with | some x => x | none => 0

/-- I of a packed row: REQ-DOT-001 on what the packed bytes hold. -/
def packedSum (f : Format) (K : Nat) (codes subscales : Array Nat) (a : Array Int) : Int :=
  let c := tabulate K (codeOf f (read codes))
  rowSum f K (readSubscale f subscales) (read c) (readInt a)

/-- An array of integers. -/
def intElements (a : Array Int) : List Int := build a.size (readInt a)

/-- A case of `dot`. -/
def dotCase (f : Format) (name : String) (flags : List String) (K : Nat) (padding : Bool)
    (c m : Nat → Nat) (a : Nat → Int) : Case :=
  let codes := rowBytes f K padding c
  let subscales := rowSubscaleBytes f K padding m
  let as := tabulate K a
  { id := "dot-" ++ f.name ++ "-" ++ name
    requirements := cat
      (if f.windowed then ["REQ-FMT-001", "REQ-FMT-009", "REQ-FMT-010"]
        else ["REQ-FMT-001", "REQ-FMT-002"])
      ["REQ-DOT-001", "REQ-DOT-002", "REQ-DOT-003", "REQ-PCK-005"]
    flags := flags
    body := concat [[("format", quote f.name), ("columns", Nat.repr K)],
      packedMembers f one32 codes subscales,
      [("activations", ints (intElements as)), ("sum", int (packedSum f K codes subscales as))]] }

/-- The code of the entry with the largest magnitude, of the given sign, and the entry. -/
def extreme (t : Table) (negative : Bool) : Nat :=
  match t with
  | .t8 => if negative then 128 else 127
  | .t4u => if negative then 0 else 15
  | .t3u => if negative then 0 else 7
  | .t4g => if negative then 0 else 15
  | .t3g => if negative then 0 else 7
  | .tw => if negative then 47 else 208

/-- The largest sum at the format's K limit, or a long one: every code the most negative,
activations of one sign. The row is 32 repeats of a part and a tail, so the file stays small; the
sum is `rowSum` of one block times the blocks and that of the tail (theorem `rowSum_eq_isum`). -/
def dotLargest (f : Format) (positive : Bool) : Case :=
  let K := f.limit
  let a : Int := if positive then -127 else 127
  let block := rowBytes f 64 false (fun k => extreme (f.table k) true)
  let tail := K % 64
  let tailBytes :=
    if tail = 0 then #[] else rowBytes f tail false (fun k => extreme (f.table k) true)
  let as (n : Nat) : Array Int := tabulate n (fun _ => a)
  let B := Format.blocks K
  let fifteen := tabulate 1 (fun _ => 15)
  let sum := (K / 64 : Nat) * packedSum f 64 block fifteen (as 64) +
    packedSum f tail tailBytes fifteen (as tail)
  { id := "dot-" ++ f.name ++ "-largest-sum-" ++ (if positive then "positive" else "negative")
    requirements := ["REQ-FMT-001", "REQ-FMT-003", "REQ-DOT-001", "REQ-DOT-002"]
    flags := cat ["largest-sum"] (if positive then [] else ["negative-sum"])
    body := concat [[("format", quote f.name), ("columns", Nat.repr K),
        ("scale", quote (hex 8 one32)),
      ("packedCodes", repeated (nats (elements block)) (K / 64) (nats (elements tailBytes)))],
      (if f.hasSubscales then [("packedSubscales",
        repeated "[255]" (B / 2) (if B % 2 = 1 then "[15]" else "[]"))] else []),
      [("activations", repeated (ints [a]) K "[]"), ("sum", int sum)]] }

/-- Codes of a T format that have, two in turn, the windows with the largest entries. -/
def largeCode (f : Format) (k : Nat) : Nat :=
  match f with
  | .t4 => if k % 2 = 0 then 15 else 2
  | .t35 => 2
  | _ => if k % 2 = 0 then 6 else 1

/-- Activations of magnitude 127 that give every term of a row of K such codes the same sign. -/
def oneSign (f : Format) (K : Nat) (positive : Bool) (k : Nat) : Int :=
  if decide (f.value K (fun j => largeCode f j) k < 0) == positive then -127 else 127

/-- A sum at the K limit of a T format, every term of one sign, put together like `dotLargest`. -/
def dotOneSign (f : Format) (positive : Bool) : Case :=
  let K := f.limit
  let tail := K % 64
  let block := rowBytes f 64 false (fun k => largeCode f k)
  let tailBytes := rowBytes f tail false (fun k => largeCode f k)
  let as (n : Nat) : Array Int := tabulate n (fun k => oneSign f n positive k)
  let B := Format.blocks K
  let fifteen := tabulate 1 (fun _ => 15)
  let sum := (K / 64 : Nat) * packedSum f 64 block fifteen (as 64) +
    packedSum f tail tailBytes fifteen (as tail)
  { id := "dot-" ++ f.name ++ "-limit-" ++ (if positive then "positive" else "negative")
    requirements := ["REQ-FMT-001", "REQ-FMT-003", "REQ-FMT-009", "REQ-DOT-001", "REQ-DOT-002"]
    flags := cat ["limit", "one-sign"] (if positive then [] else ["negative-sum"])
    body := [("format", quote f.name), ("columns", Nat.repr K), ("scale", quote (hex 8 one32)),
      ("packedCodes", repeated (nats (elements block)) (K / 64) (nats (elements tailBytes))),
      ("packedSubscales", repeated "[255]" (B / 2) (if B % 2 = 1 then "[15]" else "[]")),
      ("activations",
        repeated (ints (intElements (as 64))) (K / 64) (ints (intElements (as tail)))),
      ("sum", int sum)] }

/-- The cases of `dot` with the largest terms. -/
def dotExtremes (f : Format) : List Case :=
  if f.windowed then
    [ dotCase f "cancellation" ["cancellation", "whole-blocks"] 128 false
        (fun k => largeCode f k) (fun _ => 15)
        (fun k => (if k / 2 % 2 = 0 then 1 else -1) * oneSign f 128 true k),
      dotCase f "one-sign" ["one-sign", "subscale-15", "whole-blocks"] 256 false
        (fun k => largeCode f k) (fun _ => 15) (fun k => oneSign f 256 true k),
      dotCase f "one-sign-negative" ["one-sign", "negative-sum", "subscale-15", "odd-tail"]
        200 false (fun k => largeCode f k) (fun _ => 15) (fun k => oneSign f 200 false k),
      dotCase f "seam" ["seam", "whole-blocks"] 128 false (fun k => Rng.nth 70 k (codeCount f k))
        (fun _ => 7) (fun k => if k % 64 < 62 then 0 else if k % 2 = 0 then 127 else -126) ]
  else
    [ dotCase f "cancellation" ["cancellation", "whole-blocks"] 128 false
        (fun k => extreme (f.table k) true) (fun _ => 15)
        (fun k => if k / 2 % 2 = 0 then 127 else -127),
      dotCase f "largest-terms" ["largest-terms", "subscale-15", "whole-blocks"] 256 false
        (fun k => extreme (f.table k) true) (fun _ => 15) (fun _ => -127),
      dotCase f "largest-terms-negative"
        ["largest-terms", "negative-sum", "subscale-15", "odd-tail"]
        200 false (fun k => extreme (f.table k) false)
        (fun _ => 15) (fun _ => -127) ]

/-- The cases of `dot` of a format. -/
def dotCases (f : Format) : List Case :=
  let size (k : Nat) : Nat := codeCount f k
  let c (seed k : Nat) : Nat := Rng.nth seed k (size k)
  let m (seed b : Nat) : Nat := Rng.nth seed b 16
  let a (seed k : Nat) : Int := (Rng.nth seed k 255 : Int) - 127
  concat [[ dotCase f "one-column" ["one-column", "odd-tail"] 1 false (c 71) (m 71) (fun _ => 127),
    dotCase f "one-column-padding" ["one-column", "odd-tail", "padding-set"] 1 true (c 72) (m 72)
      (fun _ => -127),
    dotCase f "block" ["whole-blocks", "random"] 64 false (c 73) (m 73) (a 74),
    dotCase f "zeros" ["zero-sum", "whole-blocks"] 64 false (c 75) (m 75) (fun _ => 0),
    dotCase f "tail-63" ["odd-tail", "random"] 63 false (c 76) (m 76) (a 77),
    dotCase f "tail-63-padding" ["odd-tail", "padding-set", "random"] 63 true (c 76) (m 76) (a 77),
    dotCase f "tail-65-padding" ["odd-tail", "padding-set", "random"] 65 true (c 78) (m 78) (a 79),
    dotCase f "tail-130-padding" ["odd-tail", "padding-set", "random"] 130 true (c 80)
      (m 80) (a 81) ],
  dotExtremes f,
  [ dotCase f "subscale-zero" ["subscale-zero", "whole-blocks", "random"] 192 false (c 82)
      (fun b => if b = 1 then 0 else 9) (a 83),
    dotCase f "random-400" ["random", "odd-tail"] 400 false (c 84) (m 84) (a 85),
    dotCase f "random-257" ["random", "odd-tail", "padding-set"] 257 true (c 86) (m 86) (a 87),
    if f.windowed then dotOneSign f true else dotLargest f true,
    if f.windowed then dotOneSign f false else dotLargest f false ],
  build 4 (fun i => dotCase f ("one-input-" ++ Nat.repr i) ["whole-blocks"] 64 false
    (c (88 + i)) (fun _ => 11)
    (fun k => if k = 13 * i + i % 2 then 127 else 0))]

/-- The file `dot.json`. -/
def dotFile (_ : Unit) : String := render "dot" productFlags (concat (each dotCases Format.all))

/-- A case of `output`. -/
def outputCase (name : String) (flags : List String) (I : Int) (row act : Nat) : Case :=
  { id := "output-" ++ name
    requirements := ["REQ-DOT-004", "REQ-DOT-005", "REQ-DOT-007"]
    flags := flags
    body := [("sum", int I), ("rowScale", quote (hex 8 row)),
      ("activationScale", quote (hex 8 act)),
      ("y", quote
        (hex 8 (output I (Binary32.ofBits row).value (Binary32.ofBits act).value).bits))] }

/-- The largest scale of a token: fl₃₂(2⁵⁶ / 127). -/
def largestTokenScale : Nat := (round32 false (72057594037927936 / 127)).bits

/-- The cases of `output`. -/
def outputCases : List Case :=
  concat [[ outputCase "zero" ["zero-sum"] 0 one32 one32,
    outputCase "zero-small" ["zero-sum", "subnormal-scale"] 0 1 1,
    outputCase "one" ["ones"] 1 one32 one32,
    outputCase "minus-one" ["negative-sum"] (-1) one32 one32,
    outputCase "row-scale-zero" ["scale-zero"] 5 0 one32,
    outputCase "row-scale-zero-negative"
      ["scale-zero", "negative-zero", "negative-sum"] (-5) 0 one32,
    outputCase "token-scale-zero" ["scale-zero"] 7 one32 0,
    outputCase "token-scale-zero-negative"
      ["scale-zero", "negative-zero", "negative-sum"] (-7) one32 0,
    outputCase "both-zero-negative" ["scale-zero", "negative-zero", "negative-sum"] (-1) 0 0,
    outputCase "2p24" ["tie"] 16777216 one32 one32,
    outputCase "2p24-plus-1" ["tie", "sum-over-24-bits"] 16777217 one32 one32,
    outputCase "2p24-plus-3" ["tie", "sum-over-24-bits"] 16777219 one32 one32,
    outputCase "minus-2p24-plus-1" ["tie", "sum-over-24-bits", "negative-sum"]
      (-16777217) one32 one32,
    outputCase "2p25-plus-2" ["tie", "sum-over-24-bits"] 33554434 one32 one32,
    outputCase "2p25-plus-6" ["tie", "sum-over-24-bits"] 33554438 one32 one32,
    outputCase "int32-max" ["largest", "sum-over-24-bits"] 2147483647 one32 one32,
    outputCase "int32-min" ["largest", "negative-sum"] (-2147483648) one32 one32,
    outputCase "largest" ["largest"] 2147483647 0x53800000 largestTokenScale,
    outputCase "largest-negative" ["largest", "negative-sum"] (-2147483648) 0x53800000
      largestTokenScale,
    outputCase "largest-int8" ["largest"] 2130706432 0x53800000 largestTokenScale,
    outputCase "largest-g35" ["largest", "negative-sum"] (-2125980000) 0x53800000 largestTokenScale,
    outputCase "product-underflow" ["subnormal-product", "underflow"] 2147483647 1 1,
    outputCase "product-underflow-negative"
      ["subnormal-product", "underflow", "negative-zero", "negative-sum"] (-2147483648) 1 1,
    outputCase "product-half-smallest" ["subnormal-product", "tie", "underflow"] 3 1 0x3f000000,
    outputCase "product-over-half-smallest" ["subnormal-product", "subnormal-output"]
      3 1 0x3f000001,
    outputCase "product-one-and-half-smallest" ["subnormal-product", "subnormal-output", "tie"]
      1 3 0x3f000000,
    outputCase "smallest" ["subnormal-scale", "subnormal-output"] 1 1 one32,
    outputCase "smallest-negative"
      ["subnormal-scale", "subnormal-output", "negative-sum"] (-1) 1 one32,
    outputCase "subnormal-to-normal" ["subnormal-scale"] 8388608 1 one32,
    outputCase "subnormal-below-normal" ["subnormal-scale", "subnormal-output"] 8388607 1 one32,
    outputCase "scales-at-normal-boundary" ["tie", "subnormal-product"] 1 (scaled 4095 (-75))
      (scaled 4097 (-75)),
    outputCase "scales-at-normal-boundary-sum" ["tie", "subnormal-product", "sum-over-24-bits"]
      16777219 (scaled 4095 (-75)) (scaled 4097 (-75)),
    outputCase "three-roundings-1" ["three-roundings", "sum-over-24-bits"] 1234567891
      0x3f800001 0x3f800001,
    outputCase "three-roundings-2" ["three-roundings"] 3 0x3eaaaaab 0x3eaaaaab,
    outputCase "three-roundings-3" ["three-roundings", "sum-over-24-bits", "negative-sum"]
      (-987654321) 0x3dcccccd 0x3c23d70a ],
  build 60 (fun i => outputCase ("random-" ++ Nat.repr i) ["random", "three-roundings"]
    ((Rng.nth 91 i (2 ^ (8 + i % 24)) : Int) - (2 ^ (7 + i % 24) : Nat))
      (random32 92 i 90 140 % 2147483648) (random32 93 i 90 140 % 2147483648)),
  build 20 (fun i => outputCase ("random-small-" ++ Nat.repr i) ["random", "subnormal-product"]
    ((Rng.nth 94 i 4194304 : Int) - 2097152) (random32 95 i 40 66 % 2147483648)
      (random32 96 i 40 66 % 2147483648)),
  build 12 (fun i => outputCase ("random-subnormal-scale-" ++ Nat.repr i)
    ["random", "subnormal-scale"]
    ((Rng.nth 97 i 4194304 : Int) - 2097152) (1 + Rng.nth 98 i 8388607)
      (random32 99 i 110 130 % 2147483648))]

/-- The file `output.json`. -/
def outputFile (_ : Unit) : String := render "output" productFlags outputCases

/-- A packed row with all that a product needs. -/
structure PackedRow where
  scale : Nat
  codes : Array Nat
  subscales : Array Nat

/-- A token with all that a product needs. -/
structure PackedToken where
  scale : Nat
  codes : Array Int

/-- The row as the specification's product takes it. -/
def PackedRow.functions (f : Format) (K : Nat) (r : PackedRow) : MatrixRow :=
  let c := tabulate K (codeOf f (read r.codes))
  ⟨(Binary32.ofBits r.scale).value, readSubscale f r.subscales, read c⟩

/-- The token as the specification's product takes it. -/
def PackedToken.functions (t : PackedToken) : TokenVector :=
  ⟨(Binary32.ofBits t.scale).value, readInt t.codes⟩

/-- A case of `gemv` or `gemm`, by the specification's `gemm`. -/
def productCase (kind : String) (f : Format) (name : String) (flags : List String) (K : Nat)
    (rows : List PackedRow) (tokens : List PackedToken) : Case :=
  let results := gemm f K (each (PackedRow.functions f K) rows) (each PackedToken.functions tokens)
  { id := kind ++ "-" ++ f.name ++ "-" ++ name
    requirements := cat ["REQ-FMT-003", "REQ-FMT-004", "REQ-DOT-001", "REQ-DOT-002", "REQ-DOT-003",
      "REQ-DOT-004", "REQ-DOT-005", "REQ-DOT-006", "REQ-DOT-007", "REQ-PCK-005", "REQ-PCK-007"]
      (if f.windowed then ["REQ-FMT-009"] else [])
    flags := flags
    body := [("format", quote f.name), ("columns", Nat.repr K),
      ("rows", array
        (each (fun r : PackedRow => object (packedMembers f r.scale r.codes r.subscales)) rows)),
      ("tokens", array (each (fun t : PackedToken =>
        object [("scale", quote (hex 8 t.scale)), ("codes", ints (intElements t.codes))]) tokens)),
      ("sums", array (each (fun r => ints (each (fun p : Int × Binary32 => p.1) r)) results)),
      ("y", array (each (fun r => hexes (each (fun p : Int × Binary32 => p.2.bits) r)) results))] }

/-- A pseudo-random packed row. -/
def randomRow (f : Format) (K seed : Nat) (padding : Bool) (scale : Nat) : PackedRow :=
  ⟨scale, rowBytes f K padding (fun k => Rng.nth seed k (codeCount f k)),
    rowSubscaleBytes f K padding (fun b => Rng.nth (seed + 1) b 16)⟩

/-- A pseudo-random token. -/
def randomToken (K seed scale : Nat) : PackedToken :=
  ⟨scale, tabulate K (fun k => (Rng.nth seed k 255 : Int) - 127)⟩

/-- The cases of `gemv` or `gemm` of a format. -/
def productCases (kind : String) (f : Format) : List Case :=
  let t := if kind = "gemm" then 3 else 1
  let tokenFlag := if kind = "gemm" then "many-tokens" else "one-token"
  let scale (seed i : Nat) : Nat := random32 seed i 115 130 % 2147483648
  let matrix (name : String) (flags : List String) (seed N K : Nat) (padding : Bool) : Case :=
    productCase kind f name (tokenFlag :: flags) K
      (build N fun i => randomRow f K (1000 + 10 * seed + 2 * i) padding (scale (seed + 1) i))
      (build t fun i => randomToken K (2000 + 10 * seed + i) (scale (seed + 2) i))
  [ matrix "one-by-one" ["one-column", "one-row", "odd-tail"] 1 1 1 false,
    matrix "one-column" ["one-column", "odd-tail", "padding-set"] 2 5 1 true,
    matrix "one-row" ["one-row", "whole-blocks", "random"] 3 1 128 false,
    matrix "tall" ["random", "odd-tail"] 4 17 20 false,
    matrix "wide" ["random", "odd-tail", "padding-set"] 5 3 259 true,
    matrix "blocks" ["random", "whole-blocks"] 6 8 64 false,
    productCase kind f "scales" ["scale-zero", "subnormal-scale", "negative-zero", tokenFlag] 66
      [ randomRow f 66 3000 false 0, randomRow f 66 3002 false 1,
        randomRow f 66 3004 false 0x53800000, randomRow f 66 3006 false 0x00800000 ]
      (cat [ randomToken 66 3010 0, randomToken 66 3011 one32 ]
        (if t = 1 then [] else [ randomToken 66 3012 1, randomToken 66 3013 largestTokenScale ])) ]

/-- The file `gemv.json`. -/
def gemvFile (_ : Unit) : String :=
  render "gemv" productFlags (concat (each (productCases "gemv") Format.all))

/-- The file `gemm.json`. -/
def gemmFile (_ : Unit) : String :=
  render "gemm" productFlags (concat (each (productCases "gemm") Format.all))

/-! ## Refusals -/

/-- Activations that `quantizeToken` refuses; no case if it does not. -/
def refuseActivation (name : String) (flags : List String) (bits : List Nat) : List Case :=
  match quantizeToken (asBinary32 bits) with
  | some _ => []
  | none =>
    [{ id := "refuse-activation-" ++ name, requirements := ["REQ-QNT-001"], flags := flags
       body := [("operation", quote "quantize-activation"), ("x", hexes bits)] }]

/-- Weights that `weightsOk` refuses; no case if it does not. -/
def refuseWeight (f : Format) (name : String) (flags : List String) (bits : List Nat) : List Case :=
  if weightsOk f (asBinary32 bits) then []
  else
    [{ id := "refuse-weight-" ++ f.name ++ "-" ++ name, requirements := ["REQ-FMT-007"],
       flags := flags
       body := [("operation", quote "quantize-weight"), ("format", quote f.name),
         ("weights", hexes bits)] }]

/-- A matrix that must be refused because of a scale. -/
def refuseScale (f : Format) (name : String) (flags : List String) (scale : Nat) : List Case :=
  if scaleOk (Binary32.ofBits scale) then [] else
    [{ id := "refuse-load-" ++ f.name ++ "-" ++ name, requirements := ["REQ-FMT-004"],
       flags := flags
       body := [("operation", quote "load"), ("format", quote f.name), ("columns", "3"),
         ("rows", array [object (packedMembers f one32 (rowBytes f 3 false (fun _ => 1))
           (rowSubscaleBytes f 3 false (fun _ => 1))),
           object (packedMembers f scale (rowBytes f 3 false (fun _ => 1))
             (rowSubscaleBytes f 3 false (fun _ => 1)))])] }]

/-- A matrix that must be refused because of its shape. -/
def refuseShape (f : Format) (name : String) (flags : List String) (N K : Nat) : List Case :=
  if f.shapeOk N K then [] else
    let B := Format.blocks K
    [{ id := "refuse-load-" ++ f.name ++ "-" ++ name, requirements := ["REQ-FMT-003"],
       flags := flags
       body := [("operation", quote "load"), ("format", quote f.name), ("columns", Nat.repr K),
         ("rows", array (build N fun _ => object (cat
           [("scale", quote (hex 8 one32)), ("packedCodes", repeated "[0]" (B * f.blockBytes) "[]")]
           (if f.hasSubscales then [("packedSubscales", repeated "[0]" (f.subscaleBytes K) "[]")]
             else []))))] }]

/-- A row of `n` zeros over the format's limit. -/
def refuseLongRow (f : Format) : List Case :=
  let K := f.limit + 1
  if f.shapeOk 1 K then [] else
    [{ id := "refuse-weight-" ++ f.name ++ "-k-over-limit", requirements := ["REQ-FMT-003"],
       flags := ["k-over-limit"]
       body := [("operation", quote "quantize-weight"), ("format", quote f.name),
         ("weights", repeated "[\"3f800000\"]" K "[]")] }]

/-- The refusals of a format. -/
def refuseCases (f : Format) : List Case :=
  concat
    [ refuseWeight f "nan" ["nan"] [one32, 0x7fc00000, 0],
      refuseWeight f "signalling-nan" ["nan"] [0xff800001],
      refuseWeight f "infinity" ["infinity"] [one32, 0, 0x7f800000],
      refuseWeight f "minus-infinity" ["infinity"] [0xff800000, one32],
      refuseWeight f "over-limit" ["over-limit"] [0, 0x53800001],
      refuseWeight f "minus-over-limit" ["over-limit"] [0xd3800001, 0],
      refuseWeight f "no-columns" ["k-zero"] [],
      refuseLongRow f,
      refuseShape f "no-columns" ["k-zero"] 1 0,
      refuseShape f "k-over-limit" ["k-over-limit"] 1 (f.limit + 1),
      refuseScale f "scale-nan" ["nan"] 0x7fc00000,
      refuseScale f "scale-infinity" ["infinity"] 0x7f800000,
      refuseScale f "scale-negative" ["negative-scale"] 0xbf800000,
      refuseScale f "scale-minus-zero" ["negative-scale"] 0x80000000,
      refuseScale f "scale-over-limit" ["over-limit"] 0x53800001 ]

/-- The file `refuse.json`. -/
def refuseFile (_ : Unit) : String :=
  render "refuse" productFlags (cat (concat
    [ refuseActivation "nan" ["nan"] [one32, 0x7fc00000],
      refuseActivation "minus-nan" ["nan"] [0xffffffff],
      refuseActivation "signalling-nan" ["nan"] [0, 0x7f800001],
      refuseActivation "infinity" ["infinity"] [0x7f800000, 0],
      refuseActivation "minus-infinity" ["infinity"] [one32, 0xff800000],
      refuseActivation "over-limit" ["over-limit"] [0x5b800001],
      refuseActivation "minus-over-limit" ["over-limit"] [one32, 0xdb800001],
      refuseActivation "largest-finite" ["over-limit"] [0x7f7fffff] ])
        (concat (each refuseCases Format.all)))

/-! ## Inference

The files of `spec/vectors/inference` (schema: `spec/schema/inference-vectors.schema.json`):
operations of binary32 and binary64, functions of one number, cosines and sines, draws, operations
on vectors, and whole decoders. Numbers of a column are written one after the other, eight or
sixteen hexadecimal digits each. -/

/-- A file of inference's cases. -/
def inferenceFile (kind : String) (flags : List (String × String)) (cases : List Case) : String :=
  renderAs "threehalf-inference-vectors/1" "ThreeHalf.Inference 1" kind flags cases

/-- A column of numbers with so many digits each. -/
def column (digits : Nat) (acc : String) : List Nat → String
  | [] => acc
  | n :: ns => column digits (acc ++ hex digits n) ns

/-- A column's member. -/
def columnOf (digits : Nat) (ns : List Nat) : String := quote (column digits "" ns)

/-- An operation on the bits of two numbers, by its name. -/
structure Operation where
  name : String
  of : Nat → Nat → Nat

/-- `f` of each number of a list and `b`. -/
def withEach (f : Nat → Nat → Nat) (a : Nat) : List Nat → List Nat
  | [] => []
  | b :: bs => f a b :: withEach f a bs

/-- The results of each a with each b, the second one running fastest. -/
def tableOf (digits : Nat) (f : Nat → Nat → Nat) (bs : List Nat) (acc : String) :
    List Nat → String
  | [] => acc
  | a :: as => tableOf digits f bs (column digits acc (withEach f a bs)) as

/-- The results of a_i and b_i. -/
def pairsOf (f : Nat → Nat → Nat) : List Nat → List Nat → List Nat
  | a :: as, b :: bs => f a b :: pairsOf f as bs
  | _, _ => []

/-- A table of an operation. -/
def tableCase (file : String) (digits : Nat) (o : Operation) (flags : List String)
    (as bs : List Nat) : Case :=
  { id := file ++ "-" ++ o.name ++ "-table"
    requirements := ["REQ-OPS-001"]
    flags := flags
    body := [("operation", quote o.name), ("shape", quote "table"), ("a", columnOf digits as),
      ("b", columnOf digits bs), ("y", quote (tableOf digits o.of bs "" as))] }

/-- Pairs of an operation. -/
def pairsCase (file name : String) (digits : Nat) (o : Operation) (flags : List String)
    (as bs : List Nat) : Case :=
  { id := file ++ "-" ++ o.name ++ "-" ++ name
    requirements := ["REQ-OPS-001"]
    flags := flags
    body := [("operation", quote o.name), ("shape", quote "pairs"), ("a", columnOf digits as),
      ("b", columnOf digits bs), ("y", columnOf digits (pairsOf o.of as bs))] }

/-- A function of one number. -/
def functionCase (file name : String) (requirements flags : List String) (digits results : Nat)
    (f : Nat → Nat) (xs : List Nat) : Case :=
  { id := file ++ "-" ++ name
    requirements := requirements
    flags := flags
    body := [("operation", quote name), ("x", columnOf digits xs),
      ("y", columnOf results (each f xs))] }

/-- A number by its bits, with compiled code of this file that can be passed as a function. -/
@[noinline] def singleOf (n : Nat) : Inference.Single := Inference.ofBits32 n

/-! ## binary32 -/

/-- The operations on bits. -/
def add32 (a b : Nat) : Nat :=
  Inference.bits32 (Inference.add (Inference.ofBits32 a) (Inference.ofBits32 b))

/-- Likewise. -/
def sub32 (a b : Nat) : Nat :=
  Inference.bits32 (Inference.sub (Inference.ofBits32 a) (Inference.ofBits32 b))

/-- Likewise. -/
def mul32 (a b : Nat) : Nat :=
  Inference.bits32 (Inference.mul (Inference.ofBits32 a) (Inference.ofBits32 b))

/-- Likewise. -/
def div32 (a b : Nat) : Nat :=
  Inference.bits32 (Inference.div (Inference.ofBits32 a) (Inference.ofBits32 b))

/-- Whether the first number is less: 1 or 0. -/
def less32 (a b : Nat) : Nat :=
  if Inference.less (Inference.ofBits32 a) (Inference.ofBits32 b) then 1 else 0

/-- Magnitudes where binary32 changes its course: the ends of the subnormal and of all numbers, 1
and 2²⁴ with their neighbours, halves of their last places, roots of both ends, significands whose
products are ties. -/
def magnitudes32 : List Nat :=
  [0, 1, 2, 3, 0x00400000, 0x007ffffe, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x01000000,
    0x01000001, 0x1fffffff, 0x20000000, 0x20000001, 0x32ffffff, 0x33000000, 0x33000001, 0x337fffff,
    0x33800000, 0x33800001, 0x33c00000, 0x34000000, 0x34400000, 0x3dcccccd, 0x3eaaaaab, 0x3effffff,
    0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3f800002, 0x3f8007ff, 0x3f800800,
    0x3f801000, 0x3fffffff, 0x40000000, 0x40400000, 0x40490fdb, 0x40a00000, 0x40e00000, 0x457ff000,
    0x45800800, 0x4affffff, 0x4b000000, 0x4b000001, 0x4b7fffff, 0x4b800000, 0x4b800001, 0x5f000001,
    0x5f7fffff, 0x5f800000, 0x73000000, 0x7e7fffff, 0x7e800000, 0x7effffff, 0x7f000000, 0x7f7ffffe,
    0x7f7fffff, 0x7f800000, 0x7fc00000]

/-- Numbers with the other sign. -/
def negated (sign : Nat) : List Nat → List Nat
  | [] => []
  | n :: ns => (sign + n) :: negated sign ns

/-- Hard numbers of both signs, and pseudo-random ones of all exponents. -/
def hard32 : List Nat :=
  concat [magnitudes32, negated 2147483648 magnitudes32, build 28 (fun i => random32 501 i 1 254)]

/-- Sums that end half a last place above a number, or a little beside. -/
def halves32 (i : Nat) : Nat :=
  let e := 60 + Rng.nth 502 i 120
  (e - 24) * 8388608 + Rng.nth 503 i 3 * (8388608 * Rng.nth 504 i 2 + Rng.nth 505 i 2)

/-- The number that they are added to. -/
def halved32 (i : Nat) : Nat :=
  Rng.nth 506 i 2 * 2147483648 + (60 + Rng.nth 502 i 120) * 8388608 + Rng.nth 507 i 8388608

/-- A number with 12 or 13 bits, the last one set: products of two are often ties. -/
def short32 (seed bits lo hi i : Nat) : Nat :=
  Rng.nth seed (3 * i) 2 * 2147483648 + (lo + Rng.nth seed (3 * i + 1) (hi - lo)) * 8388608 +
    (2 * Rng.nth seed (3 * i + 2) (2 ^ (bits - 2)) + 1) * 2 ^ (24 - bits)

/-- The flags of the arithmetic files. -/
def arithmeticFlags : List (String × String) :=
  [ ("hard", "each pair of numbers where the kind changes its course, of both signs, with zeros, \
subnormal numbers, infinities and NaN, and pseudo-random ones"),
    ("halves", "sums half a last place above a number, or near it"),
    ("short", "products of 12 and 13 bits, whose last bit is half a last place"),
    ("underflow", "products and quotients among the subnormal numbers"),
    ("random", "pseudo-random numbers") ]

/-- The cases of `inference/binary32.json`. -/
def arithmetic32 : List Case :=
  let table (o : Operation) : Case := tableCase "binary32" 8 o ["hard", "random"] hard32 hard32
  let pairs (name : String) (flags : List String) (o : Operation) (as bs : List Nat) : Case :=
    pairsCase "binary32" name 8 o flags as bs
  [ table ⟨"add", add32⟩, table ⟨"subtract", sub32⟩, table ⟨"multiply", mul32⟩,
    table ⟨"divide", div32⟩, table ⟨"less", less32⟩,
    pairs "halves" ["halves", "random"] ⟨"add", add32⟩ (build 2000 halved32) (build 2000 halves32),
    pairs "halves" ["halves", "random"] ⟨"subtract", sub32⟩ (build 2000 halved32)
      (build 2000 halves32),
    pairs "short" ["short", "random"] ⟨"multiply", mul32⟩ (build 2000 (short32 511 13 100 150))
      (build 2000 (short32 512 12 100 150)),
    pairs "underflow" ["underflow", "short", "random"] ⟨"multiply", mul32⟩
      (build 2000 (short32 513 13 40 70)) (build 2000 (short32 514 12 40 70)),
    pairs "underflow" ["underflow", "short", "random"] ⟨"divide", div32⟩
      (build 1000 (short32 515 13 1 24)) (build 1000 (short32 516 2 127 150)),
    pairs "random" ["random"] ⟨"divide", div32⟩ (build 1000 (fun i => random32 517 i 90 160))
      (build 1000 (fun i => random32 518 i 90 160)),
    functionCase "binary32" "root" ["REQ-OPS-001"] ["hard", "random"] 8 8
      (fun n => Inference.bits32 (Inference.root (Inference.ofBits32 n)))
      (cat hard32 (build 1000 (fun i => random32 519 i 1 254))) ]

/-- The file `inference/binary32.json`. -/
def binary32File (_ : Unit) : String :=
  inferenceFile "binary32" arithmeticFlags arithmetic32

/-! ## binary64 -/

/-- The operations on bits. -/
def add64 (a b : Nat) : Nat :=
  Inference.bits64 (Inference.add (Inference.ofBits64 a) (Inference.ofBits64 b))

/-- Likewise. -/
def sub64 (a b : Nat) : Nat :=
  Inference.bits64 (Inference.sub (Inference.ofBits64 a) (Inference.ofBits64 b))

/-- Likewise. -/
def mul64 (a b : Nat) : Nat :=
  Inference.bits64 (Inference.mul (Inference.ofBits64 a) (Inference.ofBits64 b))

/-- Likewise. -/
def div64 (a b : Nat) : Nat :=
  Inference.bits64 (Inference.div (Inference.ofBits64 a) (Inference.ofBits64 b))

/-- Whether the first number is less: 1 or 0. -/
def less64 (a b : Nat) : Nat :=
  if Inference.less (Inference.ofBits64 a) (Inference.ofBits64 b) then 1 else 0

/-- The binary64 nearest to a binary32: itself. -/
def widened (n : Nat) : Nat :=
  Inference.bits64 (Inference.convert .double (Inference.ofBits32 n))

/-- The binary32 nearest to a binary64. -/
def narrowed (n : Nat) : Nat :=
  Inference.bits32 (Inference.convert .single (Inference.ofBits64 n))

/-- Magnitudes where binary64 changes its course, as `magnitudes32`, and half-way between numbers of
binary32. -/
def magnitudes64 : List Nat :=
  [0, 1, 3, 0x000fffffffffffff, 0x0010000000000000, 0x0010000000000001, 0x1ff0000000000001,
    0x3690000000000000, 0x36a0000000000000, 0x36a0000000000001, 0x36b8000000000000,
    0x380fffffe0000000, 0x380ffffff0000000, 0x3810000000000000, 0x3ca0000000000000,
    0x3ca0000000000001, 0x3cb0000000000000, 0x3fd5555555555555, 0x3fe0000000000000,
    0x3fefffffffffffff, 0x3ff0000000000000, 0x3ff0000000000001, 0x3ff0000010000000,
    0x3ff0000010000001, 0x3ff0000030000000, 0x3ff921fb54442d18, 0x4008000000000000,
    0x433fffffffffffff, 0x4340000000000000, 0x4340000000000001, 0x47efffffe0000000,
    0x47efffffefffffff, 0x47effffff0000000, 0x5ff0000000000001, 0x7fe0000000000000,
    0x7fefffffffffffff, 0x7ff0000000000000, 0x7ff8000000000000]

/-- A pseudo-random binary64 with an exponent from `lo` on and below `hi`. -/
def random64 (seed lo hi i : Nat) : Nat :=
  Rng.nth seed (4 * i) 2 * 9223372036854775808 +
    (lo + Rng.nth seed (4 * i + 1) (hi - lo)) * 4503599627370496 +
    Rng.nth seed (4 * i + 2) 67108864 * 67108864 + Rng.nth seed (4 * i + 3) 67108864

/-- Hard numbers of both signs, and pseudo-random ones of all exponents. -/
def hard64 : List Nat :=
  concat [magnitudes64, negated 9223372036854775808 magnitudes64, build 4 (random64 521 1 2046)]

/-- The cases of `inference/binary64.json`. -/
def arithmetic64 : List Case :=
  let table (o : Operation) : Case := tableCase "binary64" 16 o ["hard", "random"] hard64 hard64
  let pairs (o : Operation) : Case := pairsCase "binary64" "random" 16 o ["random"]
    (build 500 (random64 522 1010 1030)) (build 500 (random64 523 1010 1030))
  [ table ⟨"add", add64⟩, table ⟨"subtract", sub64⟩, table ⟨"multiply", mul64⟩,
    table ⟨"divide", div64⟩, table ⟨"less", less64⟩,
    pairs ⟨"add", add64⟩, pairs ⟨"multiply", mul64⟩, pairs ⟨"divide", div64⟩,
    functionCase "binary64" "widen" ["REQ-OPS-001"] ["hard", "random"] 8 16 widened hard32,
    functionCase "binary64" "narrow" ["REQ-OPS-001"] ["hard", "random"] 16 8 narrowed
      (cat hard64 (build 600 (random64 524 870 1160))) ]

/-- The file `inference/binary64.json`. -/
def binary64File (_ : Unit) : String :=
  inferenceFile "binary64" arithmeticFlags arithmetic64

/-! ## Functions, cosines and sines, draws -/

/-- The flags of `inference/functions.json`. -/
def functionFlags : List (String × String) :=
  [ ("edges", "zeros of both signs, the ends of exp, the switch of tanh, subnormal numbers, \
infinities and NaN"),
    ("random", "pseudo-random numbers"),
    ("quadrants", "angles near multiples of a quarter turn, and the last positions"),
    ("greedy", "temperature 0: the first of the largest logits, and no draw"),
    ("equal-logits", "equal logits, −0 and +0 among them: the smaller id is first"),
    ("top-k", "some candidates stay"),
    ("top-p", "candidates that have a share together stay"),
    ("seed", "a seed with its highest bit set") ]

/-- Where functions change their course, of both signs. -/
def edges32 : List Nat :=
  let ms := [0, 1, 0x000fffff, 0x00800000, 0x33000000, 0x3a83126f, 0x3eb17218, 0x3eb17219,
    0x3f1fffff, 0x3f200000, 0x3f800000, 0x40600000, 0x411e6666, 0x41200000, 0x41200001, 0x41a00000,
    0x42aeac50, 0x42b00000, 0x42b17218, 0x42b17219, 0x42b20000, 0x42b20001, 0x42cfcccd,
    0x42d00000, 0x42d00001, 0x42d20000, 0x4b000000, 0x7e000000, 0x7f7fffff, 0x7f800000, 0x7fc00000]
  cat ms (negated 2147483648 ms)

/-- A function of one binary32 at the edges and at pseudo-random numbers. -/
def elementary (name requirement : String) (f : Inference.Single → Inference.Single) (seed : Nat) :
    Case :=
  functionCase "functions" name [requirement] ["edges", "random"] 8 8
    (fun n => Inference.bits32 (f (Inference.ofBits32 n)))
    (cat edges32 (build 500 (fun i => random32 seed i 110 134)))

/-- exp, with compiled code of this file that can be passed as a function. -/
@[noinline] def expOf (x : Inference.Single) : Inference.Single := Inference.exp x

/-- Likewise. -/
@[noinline] def siluOf (x : Inference.Single) : Inference.Single := Inference.silu x

/-- Likewise. -/
@[noinline] def geluOf (x : Inference.Single) : Inference.Single := Inference.gelu x

/-- Likewise. -/
@[noinline] def tanhOf (x : Inference.Single) : Inference.Single := Inference.tanh x

/-- Cosines, or sines, of each frequency at each position. -/
def anglesOf (sines : Bool) (fs : List Nat) : List Nat → List Nat
  | [] => []
  | p :: ps =>
    cat (each (fun f =>
      let a := Inference.cosSin (Inference.angle p (Inference.ofBits32 f))
      Inference.bits32 (if sines then a.2 else a.1)) fs) (anglesOf sines fs ps)

/-- A case of cosines or sines. -/
def angleCase (sines : Bool) : Case :=
  let ps := [0, 1, 2, 3, 11, 22, 44, 355, 710, 4095, 65535, 524288, 1048575]
  let fs := [0x3f800000, 0x3f3504f3, 0x3f000000, 0x3dcccccd, 0x3c23d70a, 0x3a83126f, 0x38d1b717,
    0x3f490fdb, 0x3e22f983, 0x00000001]
  { id := "functions-" ++ (if sines then "sines" else "cosines")
    requirements := ["REQ-ROP-003", "REQ-ROP-004"]
    flags := ["quadrants"]
    body := [("operation", quote (if sines then "sines" else "cosines")), ("positions", nats ps),
      ("frequencies", columnOf 8 fs), ("y", columnOf 8 (anglesOf sines fs ps))] }

/-- A case of draws. -/
def drawCase (name : String) (flags : List String) (logits : List Nat) (t k p seed n : Nat) :
    Case :=
  { id := "functions-sample-" ++ name
    requirements :=
      ["REQ-SMP-001", "REQ-SMP-002", "REQ-SMP-003", "REQ-SMP-004", "REQ-SMP-005"]
    flags := flags
    body := [("operation", quote "sample"), ("logits", columnOf 8 logits),
      ("temperature", quote (hex 8 t)), ("topK", Nat.repr k), ("topP", quote (hex 8 p)),
      ("seed", quote (hex 16 seed)),
      ("y", nats (Inference.draws (each singleOf logits)
        (Inference.ofBits32 t) k (Inference.ofBits32 p) n seed))] }

/-- The cases of `inference/functions.json`. -/
def functionCases : List Case :=
  let logits := build 41 (fun i => random32 531 i 124 130)
  let equal := [0x80000000, 0x3f800000, 0xbf800000, 0, 0x3f800000, 0x80000000, 0xc0000000]
  [ elementary "exp" "REQ-OPS-004" expOf 525, elementary "silu" "REQ-OPS-005" siluOf 526,
    elementary "gelu" "REQ-OPS-006" geluOf 527, elementary "tanh" "REQ-OPS-007" tanhOf 528,
    angleCase false, angleCase true,
    drawCase "greedy" ["greedy", "equal-logits"] equal 0 0 one32 1 3,
    drawCase "plain" ["random"] logits one32 0 one32 42 24,
    drawCase "cold" ["random"] logits 0x3e4ccccd 0 one32 43 24,
    drawCase "top-k" ["top-k"] logits one32 5 one32 44 24,
    drawCase "top-p" ["top-p"] logits 0x3f4ccccd 0 0x3f666666 45 24,
    drawCase "all" ["top-k", "top-p", "seed"] logits 0x3fc00000 12 0x3f000000 0xfedcba9876543210 24,
    drawCase "equal" ["equal-logits", "top-k"] equal one32 3 one32 0 24 ]

/-- The file `inference/functions.json`. -/
def functionsFile (_ : Unit) : String :=
  inferenceFile "functions" functionFlags functionCases

/-! ## Operations -/

/-- The bits of a number, with compiled code of this file that can be passed as a function. -/
@[noinline] def bitsOf (x : Inference.Single) : Nat := Inference.bits32 x

/-- A vector. -/
def vector (xs : List Inference.Single) : String :=
  columnOf 8 (each bitsOf xs)

/-- Vectors of one length, one after the other. -/
def vectors (vs : List (List Inference.Single)) : String :=
  columnOf 8 (concat (each (fun v => each bitsOf v) vs))

/-- One number. -/
def number (x : Inference.Single) : String := quote (hex 8 (Inference.bits32 x))

/-- A vector of pseudo-random numbers with exponents from `lo` on and below `hi`. -/
def randomVector (seed n lo hi : Nat) : List Inference.Single :=
  build n (fun i => Inference.ofBits32 (random32 seed i lo hi))

/-- A case of an operation on vectors. -/
def operationCase (name rest : String) (requirements flags : List String)
    (inputs : List (String × String)) (y : List Inference.Single) : Case :=
  { id := "operations-" ++ name ++ "-" ++ rest
    requirements := requirements
    flags := flags
    body := concat [[("operation", quote name)], inputs, [("y", vector y)]] }

/-- The flags of `inference/operations.json`. -/
def operationFlags : List (String × String) :=
  [ ("random", "pseudo-random numbers"),
    ("edges", "zeros of both signs, the ends of exp, the switch of tanh, subnormal numbers"),
    ("fused", "a fused multiply-add keeps bits that rounding takes away"),
    ("lanes", "more than 16 numbers: the order of the sum shows"),
    ("zero-terms", "terms that are zeros of both signs among the others"),
    ("unchanged", "elements past the rotated ones"),
    ("late", "positions from 5 on: the partial sums go by the position"),
    ("cap", "capped scores") ]

/-- The finite ones of the edges. -/
def finiteEdges : List Inference.Single :=
  go edges32
where
  go : List Nat → List Inference.Single
    | [] => []
    | n :: ns => if n % 2147483648 < 0x42c80000 then Inference.ofBits32 n :: go ns else go ns

/-- A product of vectors. -/
def dotProductCase (rest : String) (flags : List String) (a b : List Inference.Single) : Case :=
  operationCase "dot-product" rest ["REQ-OPS-001", "REQ-OPS-002", "REQ-OPS-003"] flags
    [("a", vector a), ("b", vector b)] [Inference.dot a b]

/-- A norm. -/
def normCase (n : Nat) : Case :=
  let x := randomVector 541 n 120 131
  let w := randomVector 542 n 125 129
  operationCase "rms-norm" (Nat.repr n) ["REQ-OPS-009"] ["random"]
    [("x", vector x), ("weights", vector w), ("epsilon", quote "358637bd")]
    (Inference.rmsnorm x w (Inference.ofBits32 0x358637bd))

/-- A gated product. -/
def gatedCase (gelu : Bool) (rest : String) (flags : List String) (g u : List Inference.Single) :
    Case :=
  operationCase (if gelu then "gated-gelu" else "gated-silu") rest
    ["REQ-OPS-004", if gelu then "REQ-OPS-006" else "REQ-OPS-005", "REQ-OPS-010"] flags
    [("g", vector g), ("u", vector u)]
    (Inference.gated (if gelu then .gelu else .silu) g u)

/-- The cosine and the sine of pairs, apart. -/
def cosinesOf : List (Inference.Single × Inference.Single) → List Inference.Single
  | [] => []
  | a :: as => a.1 :: cosinesOf as

/-- Likewise. -/
def sinesOf : List (Inference.Single × Inference.Single) → List Inference.Single
  | [] => []
  | a :: as => a.2 :: sinesOf as

/-- f_i for base 10,000 and 8 elements: 10 to the −i. -/
def frequencies4 : List Inference.Single :=
  each singleOf [0x3f800000, 0x3dcccccd, 0x3c23d70a, 0x3a83126f]

/-- A rotation at a position. -/
def rotateCase (interleaved : Bool) (p : Nat) : Case :=
  let as := Inference.angles p frequencies4
  let x := randomVector (543 + p) 11 124 130
  operationCase (if interleaved then "rotate-interleaved" else "rotate-split") (Nat.repr p)
    ["REQ-ROP-005"] ["random", "unchanged"]
    [("x", vector x), ("cosines", vector (cosinesOf as)), ("sines", vector (sinesOf as))]
    (if interleaved then Inference.rotateInterleaved as x else Inference.rotateSplit as x)

/-- Attention of a query with `n` elements to `count` positions. -/
def attendCase (rest : String) (flags : List String) (n count first : Nat) (cap : Nat) : Case :=
  let q := randomVector 551 n 125 130
  let ks := build count (fun t => randomVector (560 + 2 * t) n 125 130)
  let vs := build count (fun t => randomVector (561 + 2 * t) n 124 129)
  let c := Inference.ofBits32 cap
  operationCase "attend" rest ["REQ-ATT-004", "REQ-ATT-005"] flags
    [("query", vector q), ("keys", vectors ks), ("values", vectors vs), ("first", Nat.repr first),
      ("scale", quote "3e800000"), ("cap", number c)]
    (Inference.attend q ks vs first (Inference.ofBits32 0x3e800000) c)

/-- The cases of `inference/operations.json`. -/
def operationCases : List Case :=
  let edges := finiteEdges
  let ones := randomVector 544 (caseLength edges) 127 128
  let tiny := each singleOf
    [0x00000001, 0x80000200, 0x00600000, 0x00800000, 0, 0x80000000]
  let halves := each singleOf
    [0x3f000000, 0x3e800000, 0x3f800000, 0x35800000, 0xbf800000, 0x40000000]
  let zeros := build 20 (fun i => Inference.ofBits32 (if i % 3 = 0 then 0x80000000 else 0))
  let fused (x y : Nat) : List Inference.Single :=
    build 32 (fun i => Inference.ofBits32 (if i = 0 then x else if i = 16 then y else 0))
  [ dotProductCase "1" ["random"] (randomVector 545 1 120 132) (randomVector 546 1 120 132),
    dotProductCase "16" ["random"] (randomVector 545 16 120 132) (randomVector 546 16 120 132),
    dotProductCase "17" ["random", "lanes"] (randomVector 545 17 120 132)
      (randomVector 546 17 120 132),
    dotProductCase "90" ["random", "lanes"] (randomVector 545 90 120 132)
      (randomVector 546 90 120 132),
    dotProductCase "zeros" ["zero-terms", "lanes"] (cat zeros (randomVector 547 9 120 132))
      (randomVector 546 29 120 132),
    dotProductCase "all-zeros" ["zero-terms"] zeros (randomVector 546 20 120 132),
    dotProductCase "subnormal" ["edges"] tiny halves,
    dotProductCase "fused" ["fused"] (fused 0x3f800800 0xbf800000) (fused 0x3f800800 0x3f801000),
    normCase 1, normCase 17, normCase 48,
    gatedCase false "edges" ["edges"] edges ones, gatedCase true "edges" ["edges"] edges ones,
    gatedCase false "random" ["random"] (randomVector 548 40 120 132) (randomVector 549 40 120 132),
    gatedCase true "random" ["random"] (randomVector 548 40 120 132) (randomVector 549 40 120 132),
    operationCase "residual" "subnormal" ["REQ-OPS-001", "REQ-OPS-010"] ["edges"]
      [("x", vector tiny), ("d", vector halves)] (Inference.residual tiny halves),
    operationCase "residual" "tiny" ["REQ-OPS-001", "REQ-OPS-010"] ["edges"]
      [("x", vector tiny), ("d", vector tiny)] (Inference.residual tiny tiny),
    operationCase "soft-cap" "edges" ["REQ-OPS-007", "REQ-OPS-008"] ["edges"]
      [("x", vector edges), ("cap", quote "40a00000")]
      (Inference.capped (Inference.ofBits32 0x40a00000) edges),
    rotateCase false 0, rotateCase false 1000, rotateCase false 1048575, rotateCase true 3,
    rotateCase true 65535,
    attendCase "one" ["random"] 8 1 0 0, attendCase "many" ["random", "lanes"] 8 21 0 0,
    attendCase "late" ["random", "lanes", "late"] 8 18 5 0,
    attendCase "capped" ["random", "late", "cap"] 5 7 14 0x40a00000 ]
where
  caseLength : List Inference.Single → Nat
    | [] => 0
    | _ :: xs => caseLength xs + 1

/-- The file `inference/operations.json`. -/
def operationsFile (_ : Unit) : String := inferenceFile "operations" operationFlags operationCases

/-! ## Decoders -/

/-- A matrix as a case has it, and as the definitions take it. -/
structure Tensor where
  json : String
  matrix : Inference.Matrix

/-- A pseudo-random matrix of N rows and K columns: quantised, or in binary32 where there is no
format; its weights are about 0.2 in magnitude. -/
def tensor (f : Option Format) (seed N K : Nat) : Tensor :=
  match f with
  | some f =>
    let lo := if f.hasSubscales then 117 else if f.maxWeight ≤ 16 then 121 else 118
    let rows := build N (fun i => randomRow f K (seed + 1000 * i) false
      (random32 (seed + 7) i lo (lo + 2) % 2147483648))
    ⟨object [("format", quote f.name), ("columns", Nat.repr K),
      ("rows", array (each (fun r : PackedRow =>
        object (packedMembers f r.scale r.codes r.subscales)) rows))],
      .quantised f K (each (PackedRow.functions f K) rows)⟩
  | none =>
    let rows := build N (fun i => randomVector (seed + 1000 * i) K 122 126)
    ⟨object [("format", quote "F32"), ("columns", Nat.repr K), ("values", vectors rows)],
      .real rows⟩

/-- Positive numbers about 1, as norms have them. -/
def normVector (seed n : Nat) : List Inference.Single :=
  build n (fun i => Inference.ofBits32 (random32 seed i 126 128 % 2147483648))

/-- What a small decoder has. -/
structure Shape where
  name : String
  flags : List String
  layers : Nat
  format : Option Format
  gelu : Bool
  interleaved : Bool
  biases : Bool
  headNorms : Bool
  postNorms : Bool
  tied : Bool
  caps : Bool
  windows : List Nat
  tokens : Nat

/-- Number `i` of a list, or 0. -/
def numberAt : Nat → List Nat → Nat
  | _, [] => 0
  | 0, n :: _ => n
  | i + 1, _ :: ns => numberAt i ns

/-- A vector that not each model has, as members of a case. -/
def ifPresent (name : String) (v : Option (List Inference.Single)) : List (String × String) :=
  match v with
  | some v => [(name, vector v)]
  | none => []

/-- Present or not. -/
def given (b : Bool) (v : List Inference.Single) : Option (List Inference.Single) :=
  if b then some v else none

/-- The width of the stream, of the feed-forward block, of a head, and the vocabulary of all small
decoders, which have 4 heads and 2 of keys and values. -/
def dim : Nat := 20

/-- Likewise. -/
def ffn : Nat := 24

/-- Likewise. -/
def headSize : Nat := 8

/-- Likewise. -/
def vocabulary : Nat := 19

/-- A layer as a case has it, and as the definitions take it. -/
def layerOf (s : Shape) (i : Nat) : String × Inference.Layer :=
  let seed := 7000 + 100000 * i
  let q := tensor s.format (seed + 10) (4 * headSize) dim
  let k := tensor s.format (seed + 20) (2 * headSize) dim
  let v := tensor s.format (seed + 30) (2 * headSize) dim
  let o := tensor s.format (seed + 40) dim (4 * headSize)
  let gate := tensor s.format (seed + 50) ffn dim
  let up := tensor s.format (seed + 60) ffn dim
  let down := tensor s.format (seed + 70) dim ffn
  let l : Inference.Layer :=
    { attentionNorm := some (normVector (seed + 1) dim)
      query := q.matrix
      key := k.matrix
      value := v.matrix
      queryBias := given s.biases (randomVector (seed + 2) (4 * headSize) 122 126)
      keyBias := given s.biases (randomVector (seed + 3) (2 * headSize) 122 126)
      valueBias := given s.biases (randomVector (seed + 4) (2 * headSize) 122 126)
      queryRowNorm := none
      keyRowNorm := none
      queryNorm := given s.headNorms (normVector (seed + 5) headSize)
      keyNorm := given s.headNorms (normVector (seed + 6) headSize)
      frequencies := frequencies4
      magnitude := Inference.one
      window := numberAt i s.windows
      output := o.matrix
      outputBias := none
      postAttentionNorm := given s.postNorms (normVector (seed + 7) dim)
      feedForwardNorm := some (normVector (seed + 8) dim)
      gate := gate.matrix
      up := up.matrix
      down := down.matrix
      postFeedForwardNorm := given s.postNorms (normVector (seed + 9) dim) }
  (object (concat
    [ [("window", Nat.repr l.window), ("frequencies", vector l.frequencies)],
      ifPresent "attn_norm.weight" l.attentionNorm,
      [("attn_q.weight", q.json), ("attn_k.weight", k.json), ("attn_v.weight", v.json)],
      ifPresent "attn_q.bias" l.queryBias, ifPresent "attn_k.bias" l.keyBias,
      ifPresent "attn_v.bias" l.valueBias,
      ifPresent "attn_q_norm.weight" l.queryNorm, ifPresent "attn_k_norm.weight" l.keyNorm,
      [("attn_output.weight", o.json)],
      ifPresent "post_attention_norm.weight" l.postAttentionNorm,
      ifPresent "ffn_norm.weight" l.feedForwardNorm,
      [("ffn_gate.weight", gate.json), ("ffn_up.weight", up.json), ("ffn_down.weight", down.json)],
      ifPresent "post_ffw_norm.weight" l.postFeedForwardNorm ]), l)

/-- The first and the second parts of pairs. -/
def lefts {α β : Type} : List (α × β) → List α
  | [] => []
  | p :: ps => p.1 :: lefts ps

/-- Likewise. -/
def rights {α β : Type} : List (α × β) → List β
  | [] => []
  | p :: ps => p.2 :: rights ps

/-- A case of a decoder: the tokens are fed at once by the definitions. -/
def decoderCase (s : Shape) : Case :=
  let embedding := tensor s.format 5000 vocabulary dim
  let output := if s.tied then embedding else tensor s.format 6000 vocabulary dim
  let layers := build s.layers (layerOf s)
  let outputNorm := normVector 4999 dim
  let m : Inference.Model :=
    { embedding := embedding.matrix
      embeddingScale := Inference.ofBits32 (if s.postNorms then 0x408f1bbd else one32)
      layers := rights layers
      heads := 4
      keyHeads := 2
      headSize := headSize
      interleaved := s.interleaved
      activation := if s.gelu then .gelu else .silu
      epsilon := Inference.ofBits32 0x358637bd
      attentionScale := Inference.ofBits32 0x3eb504f3
      attentionCap := Inference.ofBits32 (if s.caps then 0x40000000 else 0)
      residualScale := Inference.one
      logitScale := Inference.one
      logitCap := Inference.ofBits32 (if s.caps then 0x40a00000 else 0)
      outputNorm := outputNorm
      output := output.matrix }
  let tokens := build s.tokens (fun i => Rng.nth 4998 i vocabulary)
  let logits := m.atOnce (Inference.empty m.layers) tokens
  { id := "decoders-" ++ s.name
    requirements := ["REQ-OPS-011", "REQ-ATT-001", "REQ-ATT-002", "REQ-ATT-003", "REQ-DEC-001",
      "REQ-DEC-002", "REQ-DEC-003", "REQ-DEC-005"]
    flags := s.flags
    body := concat
      [ [("operation", quote "decoder"), ("vocabulary", Nat.repr vocabulary), ("dim", Nat.repr dim),
        ("heads", "4"), ("keyValueHeads", "2"), ("headSize", Nat.repr headSize),
        ("ffn", Nat.repr ffn), ("interleaved", if s.interleaved then "true" else "false"),
        ("gelu", if s.gelu then "true" else "false"), ("epsilon", number m.epsilon),
        ("embeddingScale", number m.embeddingScale), ("attentionScale", number m.attentionScale),
        ("attentionCap", number m.attentionCap), ("logitCap", number m.logitCap),
        ("token_embd.weight", embedding.json), ("layers", array (lefts layers)),
        ("output_norm.weight", vector outputNorm)],
        (if s.tied then [] else [("output.weight", output.json)]),
        [("tokens", nats tokens), ("y", vectors logits.2)]] }

/-- The flags of `inference/decoders.json`. -/
def decoderFlags : List (String × String) :=
  [ ("llama", "pairs of neighbours are rotated, silu"),
    ("qwen2", "biases of query, key and value"),
    ("qwen3", "norms of the heads of query and key"),
    ("gemma2", "gelu, an embedding scale, norms after each half, caps of scores and logits, \
a window"),
    ("gemma3", "as gemma2, with norms of the heads and without caps"),
    ("binary32", "matrices in binary32"),
    ("quantised", "quantised matrices") ]

/-- The cases of `inference/decoders.json`. -/
def decoderCases : List Case :=
  [ decoderCase ⟨"llama", ["llama", "quantised"], 2, some .g35, false, true, false, false, false,
      false, false, [], 8⟩,
    decoderCase ⟨"llama-binary32", ["llama", "binary32"], 1, none, false, true, false, false, false,
      false, false, [], 5⟩,
    decoderCase ⟨"qwen2", ["qwen2", "quantised"], 2, some .u35, false, false, true, false, false,
      true, false, [], 6⟩,
    decoderCase ⟨"qwen3", ["qwen3", "quantised"], 2, some .t35, false, false, false, true, false,
      false, false, [], 6⟩,
    decoderCase ⟨"qwen3-binary32", ["qwen3", "binary32"], 1, none, false, false, false, true, false,
      true, false, [], 5⟩,
    decoderCase ⟨"gemma2", ["gemma2", "quantised"], 2, some .g4, true, false, false, false, true,
      true, true, [3], 8⟩,
    decoderCase ⟨"gemma3", ["gemma3", "quantised"], 2, some .int8, true, false, false, true, true,
      true, false, [3, 0], 8⟩ ]

/-- The file `inference/decoders.json`. -/
def decodersFile (_ : Unit) : String := inferenceFile "decoders" decoderFlags decoderCases

/-! ## The files -/

/-- The files by name. -/
def files : List (String × (Unit → String)) :=
  [("quantize-activation", activationFile), ("quantize-weight", weightFile), ("pack", packFile),
    ("dequantize", dequantizeFile), ("dot", dotFile),
   ("output", outputFile), ("gemv", gemvFile), ("gemm", gemmFile), ("refuse", refuseFile),
   ("inference/binary32", binary32File), ("inference/binary64", binary64File),
   ("inference/functions", functionsFile), ("inference/operations", operationsFile),
   ("inference/decoders", decodersFile)]

end ThreeHalf.Vectors
