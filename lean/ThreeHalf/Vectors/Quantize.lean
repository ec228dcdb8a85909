module
public import ThreeHalf.Quantize
public import ThreeHalf.Packing
public import ThreeHalf.Output
public import ThreeHalf.Vectors.Json
@[expose] public section

/-!
# Cases of the kinds `quantize-activation`, `quantize-weight` and `dequantize`

Inputs are binary32 given by their bits; results come from `quantizeToken`, `quantizeRow` and `dequantized`.
Requirements: REQ-FMT-002, REQ-FMT-006, REQ-QNT-001 to REQ-QNT-013.
-/

namespace ThreeHalf.Vectors

/-- The bits of 1. -/
def one32 : Nat := 0x3f800000

/-- The binary32 nearest to an integer times 2^e. -/
def scaled (n e : Int) : Nat := (round32 false ((n : Rat) * 2 ^ e)).bits

/-- A binary32 in [2^(lo−127), 2^(hi−127)) with a pseudo-random sign, exponent and fraction. -/
def random32 (seed i lo hi : Nat) : Nat :=
  Rng.nth seed (3 * i) 2 * 2147483648 + (lo + Rng.nth seed (3 * i + 1) (hi - lo)) * 8388608 + Rng.nth seed (3 * i + 2) 8388608

/-- A binary32 whose distribution resembles weights: the sum of four uniform numbers about 0, times 2^e. -/
def bell32 (seed i : Nat) (e : Int) : Nat :=
  scaled ((Rng.nth seed (4 * i) 4096 : Int) + Rng.nth seed (4 * i + 1) 4096 + Rng.nth seed (4 * i + 2) 4096 + Rng.nth seed (4 * i + 3) 4096 - 8190) (e - 13)

/-- Numbers as binary32. -/
def asBinary32 (bits : List Nat) : List Binary32 := each Binary32.ofBits bits

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
    ("double-rounding", "rounding the quotient to binary32 first changes the integer, which REQ-QNT-003 asks for and REQ-QNT-010 forbids"),
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
    ("subnormal-output", "a binary32 weight is subnormal or underflows to a zero, which keeps the integer's sign") ]

/-- A case of `quantize-activation`. -/
def activationCase (name : String) (flags : List String) (bits : List Nat) : List Case :=
  match quantizeToken (asBinary32 bits) with
  | none => []
  | some t =>
    [{ id := "activation-" ++ name
       requirements := ["REQ-QNT-001", "REQ-QNT-002", "REQ-QNT-003", "REQ-QNT-004"]
       flags := flags
       body := [("x", hexes bits), ("scale", quote (hex 8 t.scale.bits)), ("codes", ints t.codes)] }]

/-- Numbers with amax = 127·2^e, so that the scale is exactly 2^e. -/
def withAmax (e : Int) (xs : List Nat) : List Nat := scaled 127 e :: xs

/-- All cases of `quantize-activation`. -/
def activationCases : List Case :=
  concat
    [ activationCase "one" ["one-column"] [one32],
      activationCase "minus-one" ["one-column"] [0xbf800000],
      activationCase "zero" ["one-column", "all-zero"] [0],
      activationCase "minus-zero" ["one-column", "all-zero", "negative-zero"] [0x80000000],
      activationCase "zeros" ["all-zero", "negative-zero"] (build 64 fun i => if i % 3 = 0 then 0x80000000 else 0),
      activationCase "integers" ["grid-points"] (build 255 fun i => scaled ((i : Int) - 127) 0),
      activationCase "ties" ["tie"] (withAmax 0 (build 254 fun i => scaled (2 * (i : Int) - 253) (-1))),
      activationCase "near-ties-above" ["near-tie"] (withAmax 0 (build 100 fun i => scaled (2 * (i : Int) + 1) (-1) + 1)),
      activationCase "near-ties-below" ["near-tie"] (withAmax 0 (build 100 fun i => scaled (2 * (i : Int) + 1) (-1) - 1)),
      activationCase "minus-ties" ["tie", "negative-zero"] (withAmax (-10) (build 100 fun i => scaled (-(2 * (i : Int) + 1)) (-11))),
      activationCase "largest" ["largest"] [0x5b800000, 0xdb800000, 0, one32],
      activationCase "largest-below" ["largest"] [0x5b7fffff, 0xdb800000, 0x5b000001],
      activationCase "underflow-1" ["zero-scale-underflow", "subnormal-input"] [1, 0x80000001, 0],
      activationCase "underflow-63" ["zero-scale-underflow", "subnormal-input"] [63, 0x8000003f, 0, 32],
      activationCase "subnormal-64" ["subnormal-scale", "subnormal-input", "saturation"] [64, 0x80000040, 1, 0x80000001, 32, 0],
      activationCase "subnormal-127" ["subnormal-scale", "subnormal-input"] [127, 126, 63, 64, 0x80000001, 1, 0],
      activationCase "subnormal-190" ["subnormal-scale", "subnormal-input", "saturation"] [190, 0x800000be, 127, 128, 129, 1],
      activationCase "subnormal-191" ["subnormal-scale", "subnormal-input", "tie"] [191, 0x800000bf, 127, 3, 5, 0x80000007],
      activationCase "subnormal-large" ["subnormal-scale"] [0x01800000, 0x00800000, 0x80400000, 0x00012345, 1],
      activationCase "wide" ["wide-range", "subnormal-input"] [0x5b800000, 0x00000001, 0x3f800000, 0xc2fe0000, 0x00800000, 0xd9000000, 0x4f000000, 0x54000000],
      activationCase "scale-not-exact" ["half-odd"] (build 64 fun i => scaled (3 * (i : Int) - 95) (-4)) ] ++
  concat (build 24 fun i => activationCase ("random-" ++ Nat.repr i) ["random"]
    (build (1 + Rng.nth 21 i 160) fun k => bell32 (100 + i) k ((Rng.nth 22 i 40 : Int) - 20))) ++
  concat (build 12 fun i => activationCase ("random-exponents-" ++ Nat.repr i) ["random", "wide-range"]
    (build (16 + Rng.nth 23 i 64) fun k => random32 (200 + i) k 110 (112 + 6 * i))) ++
  concat (build 6 fun i => activationCase ("random-subnormal-" ++ Nat.repr i) ["random", "subnormal-input", "subnormal-scale"]
    (build 40 fun k => Rng.nth (300 + i) (2 * k) 2 * 2147483648 + Rng.nth (300 + i) (2 * k + 1) (2 ^ (6 + 3 * i))))

/-- The file `quantize-activation.json`. -/
def activationFile (_ : Unit) : String := render "quantize-activation" quantizeFlags activationCases

/-- A case of `quantize-weight`. -/
def weightCase (f : Format) (name : String) (flags : List String) (bits : List Nat) : List Case :=
  match quantizeRow f (asBinary32 bits) with
  | none => []
  | some r =>
    [{ id := "weight-" ++ f.name ++ "-" ++ name
       requirements := ["REQ-FMT-001", "REQ-FMT-002", "REQ-FMT-004", "REQ-QNT-005", "REQ-QNT-006"] ++
         (match f with
           | .int8 => ["REQ-QNT-007", "REQ-QNT-009"]
           | .u4 | .u35 | .u3 => ["REQ-QNT-008", "REQ-QNT-009"]
           | .g4 | .g35 | .g3 => ["REQ-FMT-005", "REQ-QNT-010", "REQ-QNT-011", "REQ-QNT-012", "REQ-QNT-013"])
       flags := flags
       body := [("format", quote f.name), ("weights", hexes bits), ("scale", quote (hex 8 r.scale.bits)), ("codes", nats r.codes)] ++
         (if f.hasSubscales then [("subscales", nats r.subscales)] else []) }]

/-- Cases of every format. -/
def weightCommon (f : Format) : List Case :=
  let D : Int := f.divisor
  concat
    [ weightCase f "one" ["one-column"] [one32],
      weightCase f "minus-one" ["one-column"] [0xbf800000],
      weightCase f "zeros" ["all-zero", "negative-zero", "odd-tail"] (build 65 fun i => if i % 2 = 1 then 0x80000000 else 0),
      weightCase f "underflow" ["zero-scale-underflow", "subnormal-input"] [1, 0x80000001, 0, 2],
      weightCase f "subnormal" ["subnormal-scale", "subnormal-input"] [(f.divisor : Nat), 0x80000001, 1, (f.divisor : Nat) / 2, 3, 0x80000003],
      weightCase f "largest" ["largest"] [0x53800000, 0xd3800000, 0x52800000, 0xd2c00000, 0],
      weightCase f "wide" ["wide-range", "subnormal-input"] [0x53800000, 1, 0x80000001, 0x3f800000, 0x4e000000, 0xd2000001, 0x51000000],
      weightCase f "scale-one" ["tie", "odd-tail"] (scaled D 0 :: build 40 fun i => scaled (2 * (i : Int) - 41) (-1)),
      weightCase f "scale-one-negative" ["tie", "saturation"] (scaled (-D) 0 :: build 40 fun i => scaled (2 * (i : Int) - 39) (-1)),
      weightCase f "near-ties" ["near-tie"] (scaled D 0 :: scaled D 0 :: build 30 fun i => scaled (2 * (i : Int) + 1) (-1) + (i % 2) * 2 - 1) ]

/-- Cases of U formats and INT8. -/
def weightUniform (f : Format) : List Case :=
  let D : Int := f.divisor
  concat
    [ weightCase f "grid" ["grid-points", "every-code", "odd-tail"]
        (if f = .int8 then build 255 fun i => scaled ((i : Int) - 127) (-3)
         else build 36 fun i => scaled ((if (f.table i) = .t4u then (i : Int) / 2 % 15 - 7 else 2 * ((i : Int) / 2 % 7) - 6)) (-3)),
      weightCase f "edges" ["saturation", "tie"]
        (scaled D 0 :: scaled (-D) 0 :: each (fun n => scaled n (-2)) [-27, -26, -25, -24, -23, 25, 26, 27, 28, 24, -28, -28, 23, 22]),
      weightCase f "block-tail" ["odd-tail", "random"] (build 67 fun k => bell32 31 k (-3)) ]

/-- Cases of G formats. -/
def weightCodebook (f : Format) : List Case :=
  let T (k c : Nat) : Int := (f.table k).value (c % (f.table k).size)
  concat
    [ weightCase f "grid-15" ["grid-points", "subscale-15", "every-code"]
        (scaled 465 0 :: scaled 465 0 :: build 62 fun k => scaled (15 * T k (k / 2)) 0),
      weightCase f "grid-7" ["grid-points", "odd-tail"]
        (concat [build 64 fun k => scaled (7 * T k (k / 2)) 0, [scaled 465 0, scaled (-465) 0, 0]]),
      weightCase f "zero-block" ["zero-block", "subscale-zero", "subscale-tie"]
        (concat [build 64 fun _ => 0, build 10 fun k => scaled ((k : Int) * 50 - 200) 0, [scaled 465 0]]),
      weightCase f "tiny-block" ["subscale-zero"]
        (concat [build 64 fun k => scaled ((k : Int) % 3 - 1) (-8), [scaled 465 0]]),
      weightCase f "codebook-ties" ["codebook-tie"]
        (concat [build 64 fun k => scaled (T k (k / 2) + T k (k / 2 + 1)) (-1), [scaled 465 0, 0, 0]]),
      weightCase f "saturated-u" ["saturation"]
        (concat [build 64 fun k => if k % 2 = 0 then scaled 465 (-3) else scaled (-465) (-3), [scaled 464 (-3)]]),
      weightCase f "steps" ["odd-tail"] (build 129 fun k => scaled ((k : Int) * 7 - 450) (-5)),
      weightCase f "outlier" ["subscale-15", "odd-tail"] (build 70 fun k => if k = 5 then 0x41200000 else bell32 41 k (-4)) ]

/-- All cases of a format. -/
def weightCases (f : Format) : List Case :=
  weightCommon f ++ (if f.hasSubscales then weightCodebook f else weightUniform f) ++
  concat (build 6 fun i => weightCase f ("random-" ++ Nat.repr i) ["random", "odd-tail"]
    (build (1 + Rng.nth 24 i 130) fun k => bell32 (400 + i) k ((Rng.nth 25 i 30 : Int) - 15))) ++
  concat (build 2 fun i => weightCase f ("random-exponents-" ++ Nat.repr i) ["random", "wide-range", "odd-tail"]
    (build (40 + 17 * i) fun k => random32 (500 + i) k 118 (121 + 3 * i)))

/-- The file `quantize-weight.json`. -/
def weightFile (_ : Unit) : String := render "quantize-weight" quantizeFlags (concat (each weightCases Format.all))

/-- The integers m·T[c] of a row, from input `k` on. -/
def integers (f : Format) (m : Nat → Nat) (c : Nat → Nat) (n : Nat) : List Int :=
  build n fun k => (if f.hasSubscales then (m (k / 64) : Int) else 1) * (f.table k).value (c k)

/-- A case of `dequantize`. -/
def dequantizeCase (f : Format) (name : String) (flags : List String) (scale K : Nat) (c m : Nat → Nat) : Case :=
  let s := (Binary32.ofBits scale).value
  { id := "dequantize-" ++ f.name ++ "-" ++ name
    requirements := ["REQ-FMT-002", "REQ-FMT-004", "REQ-FMT-006"] ++ (if f.hasSubscales then ["REQ-FMT-005"] else [])
    flags := flags
    body := [("format", quote f.name), ("scale", quote (hex 8 scale)), ("codes", nats (build K c))] ++
      (if f.hasSubscales then [("subscales", nats (build (Format.blocks K) m))] else []) ++
      [("values", hexes (each (fun n => (dequantized s n).bits) (integers f m c K)))] }

/-- The cases of `dequantize` of a format. -/
def dequantizeCases (f : Format) : List Case :=
  let size (k : Nat) : Nat := (f.table k).size
  let all (k : Nat) : Nat := k / 2 % size k
  let m (b : Nat) : Nat := (15 - 4 * b) % 16
  [ dequantizeCase f "every-code" ["every-code", "odd-tail"] one32 (if f = .int8 then 512 else 67) all m,
    dequantizeCase f "one-column" ["one-column"] 0x3eaaaaab 1 (fun _ => 1) m,
    dequantizeCase f "half-odd" ["half-odd", "every-code"] 0x3f8ccccd 64 all (fun _ => 13),
    dequantizeCase f "zero-scale" ["all-zero", "negative-zero"] 0 64 all (fun _ => 3),
    dequantizeCase f "largest" ["largest"] 0x53800000 64 all (fun _ => 15),
    dequantizeCase f "smallest-scale" ["subnormal-scale", "subnormal-output"] 1 64 all (fun _ => 1),
    dequantizeCase f "subnormal-scale" ["subnormal-scale"] 0x00400001 64 all (fun _ => 15),
    dequantizeCase f "normal-boundary" ["subnormal-output"] 0x00800000 64 all (fun _ => 1),
    dequantizeCase f "zero-subscale" ["subscale-zero"] 0x3f000003 65 all (fun b => 5 * b),
    dequantizeCase f "random" ["random", "odd-tail", "half-odd"] (random32 61 f.id 100 130 % 2147483648) 100
      (fun k => Rng.nth 62 k (size k)) (fun b => Rng.nth 63 b 16) ]

/-- The file `dequantize.json`. -/
def dequantizeFile (_ : Unit) : String := render "dequantize" quantizeFlags (concat (each dequantizeCases Format.all))

end ThreeHalf.Vectors
