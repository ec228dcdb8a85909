module
public import ThreeHalf.Java.Semantics
@[expose] public section

/-!
# The reference kernels in Lean

Translated from the Java of `kernels`, package `org.threehalf.kernels.reference`, by
`org.threehalf.translate.JavaToLean`, and compared with it in each build: not to be edited.
What a definition means: `Semantics.lean`. A local variable keeps its name, with a prime where Lean
needs it; `v'1` and so on are the values of expressions that may fail.
-/

namespace ThreeHalf.Java

/-! ## `UnsignedByte` -/

/-- `value` of `UnsignedByte.java`. -/
def UnsignedByte.value (b : Int) : Int :=
  andInt b 255

/-- `of` of `UnsignedByte.java`. -/
def UnsignedByte.of (value : Int) : Int :=
  toByte (if value < 128 then value else subInt value 256 : Int)

/-- `bit` of `UnsignedByte.java`. -/
def UnsignedByte.bit (b : Int) (t : Int) : Int :=
  andInt (shrInt b t) 1

/-! ## `SplitProduct` -/

/-- `product` of `SplitProduct.java`. -/
def SplitProduct.product (a : Int) (t : Int) (b : Int) (u : Int) : Int :=
  addInt (mulInt a t) (mulInt b u)

/-- `low` of `SplitProduct.java`. -/
def SplitProduct.low (product : Int) : Int :=
  remInt (addInt product 8192) 128

/-- `high` of `SplitProduct.java`. -/
def SplitProduct.high (product : Int) : Int :=
  divInt (addInt product 8192) 128

/-- `lane` of `SplitProduct.java`. -/
def SplitProduct.lane (even : Int) (odd : Int) : Int :=
  remInt (addInt even (mulInt 256 odd)) 65536

/-- `evenAgain` of `SplitProduct.java`. -/
def SplitProduct.evenAgain (even : Int) (odd : Int) : Int :=
  let difference : Int := subInt (SplitProduct.lane even odd) (remInt (mulInt 256 odd) 65536)
  (if difference < 0 then addInt difference 65536 else difference : Int)

/-! ## `HalfPacking` -/

/-- `pack4` of `HalfPacking.java`. -/
noncomputable def HalfPacking.pack4 (codes : Arr Int) (first : Int) (packed : Arr Int) (at' : Int) :
    Result (Arr Int) :=
  forRange 0 16 (fun (j : Int) (packed : Arr Int) =>
      bind (codes.get (addInt first (mulInt 2 j))) fun (v'1 : Int) =>
      bind (codes.get (addInt (addInt first (mulInt 2 j)) 32)) fun (v'2 : Int) =>
      packed.set (addInt at' j) (UnsignedByte.of (addInt v'1 (mulInt 16 v'2)))) packed

/-- `unpack4` of `HalfPacking.java`. -/
noncomputable def HalfPacking.unpack4 (packed : Arr Int) (at' : Int) (codes : Arr Int) (first : Int)
    : Result (Arr Int) :=
  forRange 0 16 (fun (j : Int) (codes : Arr Int) =>
      bind (packed.get (addInt at' j)) fun (v'1 : Int) =>
      bind (codes.set (addInt first (mulInt 2 j)) (toByte (remInt (UnsignedByte.value v'1) 16))) fun
          (codes : Arr Int) =>
      bind (packed.get (addInt at' j)) fun (v'2 : Int) =>
      codes.set (addInt (addInt first (mulInt 2 j)) 32) (toByte (divInt (UnsignedByte.value v'2)
          16))) codes

/-- `code4` of `HalfPacking.java`. -/
noncomputable def HalfPacking.code4 (packed : Arr Int) (at' : Int) (i : Int) : Result Int :=
  if i < 16 then
    bind (packed.get (addInt at' i)) fun (v'1 : Int) =>
    .ok (remInt (UnsignedByte.value v'1) 16)
  else
    bind (packed.get (addInt at' (subInt i 16))) fun (v'2 : Int) =>
    .ok (divInt (UnsignedByte.value v'2) 16)

/-- `lowPairs` of `HalfPacking.java`. -/
noncomputable def HalfPacking.lowPairs (codes : Arr Int) (k : Int) : Result Int :=
  bind (codes.get k) fun (v'1 : Int) =>
  bind (codes.get (addInt k 16)) fun (v'2 : Int) =>
  bind (codes.get (addInt k 32)) fun (v'3 : Int) =>
  bind (codes.get (addInt k 48)) fun (v'4 : Int) =>
  .ok (addInt (addInt (addInt (remInt (UnsignedByte.value v'1) 4) (mulInt 4 (remInt
      (UnsignedByte.value v'2) 4))) (mulInt 16 (remInt (UnsignedByte.value v'3) 4))) (mulInt 64
      (remInt (UnsignedByte.value v'4) 4)))

/-- `highBits` of `HalfPacking.java`. -/
noncomputable def HalfPacking.highBits (codes : Arr Int) (k : Int) : Result Int :=
  bind (codes.get k) fun (v'1 : Int) =>
  bind (codes.get (addInt k 2)) fun (v'2 : Int) =>
  bind (codes.get (addInt k 4)) fun (v'3 : Int) =>
  bind (codes.get (addInt k 6)) fun (v'4 : Int) =>
  bind (codes.get (addInt k 8)) fun (v'5 : Int) =>
  bind (codes.get (addInt k 10)) fun (v'6 : Int) =>
  bind (codes.get (addInt k 12)) fun (v'7 : Int) =>
  bind (codes.get (addInt k 14)) fun (v'8 : Int) =>
  .ok (addInt (addInt (addInt (addInt (addInt (addInt (addInt (UnsignedByte.bit v'1 2) (mulInt 2
      (UnsignedByte.bit v'2 2))) (mulInt 4 (UnsignedByte.bit v'3 2))) (mulInt 8 (UnsignedByte.bit
      v'4 2))) (mulInt 16 (UnsignedByte.bit v'5 2))) (mulInt 32 (UnsignedByte.bit v'6 2))) (mulInt
      64 (UnsignedByte.bit v'7 2))) (mulInt 128 (UnsignedByte.bit v'8 2)))

/-- `highByte` of `HalfPacking.java`. -/
noncomputable def HalfPacking.highByte (codes : Arr Int) (k : Int) : Result Int :=
  bind (HalfPacking.highBits codes k) fun (v'1 : Int) =>
  .ok (UnsignedByte.of v'1)

/-- `pack3` of `HalfPacking.java`. -/
noncomputable def HalfPacking.pack3 (codes : Arr Int) (first : Int) (packed : Arr Int) (at' : Int) :
    Result (Arr Int) :=
  bind (
    forRange 0 8 (fun (j : Int) (packed : Arr Int) =>
        bind (HalfPacking.lowPairs codes (addInt first (mulInt 2 j))) fun (v'1 : Int) =>
        packed.set (addInt at' j) (UnsignedByte.of v'1)) packed) fun (packed : Arr Int) =>
  forRange 0 4 (fun (j : Int) (packed : Arr Int) =>
      bind (HalfPacking.highByte codes (addInt first (mulInt 16 j))) fun (v'2 : Int) =>
      packed.set (addInt (addInt at' 8) j) v'2) packed

/-- `unpack3` of `HalfPacking.java`. -/
noncomputable def HalfPacking.unpack3 (packed : Arr Int) (at' : Int) (codes : Arr Int) (first : Int)
    : Result (Arr Int) :=
  forRange 0 8 (fun (j : Int) (codes : Arr Int) =>
      bind (packed.get (addInt at' j)) fun (v'1 : Int) =>
      let pairs : Int := UnsignedByte.value v'1
      bind (packed.get (addInt at' 8)) fun (v'2 : Int) =>
      bind (codes.set (addInt first (mulInt 2 j)) (toByte (addInt (remInt pairs 4) (mulInt 4
          (UnsignedByte.bit v'2 j))))) fun (codes : Arr Int) =>
      bind (packed.get (addInt at' 9)) fun (v'3 : Int) =>
      bind (codes.set (addInt (addInt first (mulInt 2 j)) 16) (toByte (addInt (remInt (divInt pairs
          4) 4) (mulInt 4 (UnsignedByte.bit v'3 j))))) fun (codes : Arr Int) =>
      bind (packed.get (addInt at' 10)) fun (v'4 : Int) =>
      bind (codes.set (addInt (addInt first (mulInt 2 j)) 32) (toByte (addInt (remInt (divInt pairs
          16) 4) (mulInt 4 (UnsignedByte.bit v'4 j))))) fun (codes : Arr Int) =>
      bind (packed.get (addInt at' 11)) fun (v'5 : Int) =>
      codes.set (addInt (addInt first (mulInt 2 j)) 48) (toByte (addInt (divInt pairs 64) (mulInt 4
          (UnsignedByte.bit v'5 j))))) codes

/-- `lowPair` of `HalfPacking.java`. -/
noncomputable def HalfPacking.lowPair (packed : Arr Int) (at' : Int) (i : Int) : Result Int :=
  bind (packed.get (addInt at' (remInt i 8))) fun (v'1 : Int) =>
  let pairs : Int := UnsignedByte.value v'1
  .ok (if i < 16 then (if i < 8 then remInt pairs 4 else remInt (divInt pairs 4) 4 : Int) else (if i
      < 24 then remInt (divInt pairs 16) 4 else divInt pairs 64 : Int) : Int)

/-- `highBit` of `HalfPacking.java`. -/
noncomputable def HalfPacking.highBit (packed : Arr Int) (at' : Int) (i : Int) : Result Int :=
  bind (packed.get (addInt (addInt at' 8) (divInt i 8))) fun (v'1 : Int) =>
  .ok (UnsignedByte.bit v'1 (remInt i 8))

/-- `code3` of `HalfPacking.java`. -/
noncomputable def HalfPacking.code3 (packed : Arr Int) (at' : Int) (i : Int) : Result Int :=
  bind (HalfPacking.lowPair packed at' i) fun (v'1 : Int) =>
  bind (HalfPacking.highBit packed at' i) fun (v'2 : Int) =>
  .ok (addInt v'1 (mulInt 4 v'2))

/-- `pack8` of `HalfPacking.java`. -/
noncomputable def HalfPacking.pack8 (codes : Arr Int) (first : Int) (packed : Arr Int) (at' : Int) :
    Result (Arr Int) :=
  forRange 0 32 (fun (j : Int) (packed : Arr Int) =>
      bind (codes.get (addInt first (mulInt 2 j))) fun (v'1 : Int) =>
      packed.set (addInt at' j) v'1) packed

/-- `unpack8` of `HalfPacking.java`. -/
noncomputable def HalfPacking.unpack8 (packed : Arr Int) (at' : Int) (codes : Arr Int) (first : Int)
    : Result (Arr Int) :=
  forRange 0 32 (fun (j : Int) (codes : Arr Int) =>
      bind (packed.get (addInt at' j)) fun (v'1 : Int) =>
      codes.set (addInt first (mulInt 2 j)) v'1) codes

/-! ## `RowPacking` -/

/-- `blockStart` of `RowPacking.java`. -/
def RowPacking.blockStart (bits : Int) (b : Int) : Int :=
  mulInt (mulInt 4 bits) b

/-- `packHalf` of `RowPacking.java`. -/
noncomputable def RowPacking.packHalf (bits : Int) (codes : Arr Int) (first : Int) (packed : Arr
    Int) (at' : Int) : Result (Arr Int) :=
  if bits = 4 then
    HalfPacking.pack4 codes first packed at'
  else
    if bits = 3 then
      HalfPacking.pack3 codes first packed at'
    else
      HalfPacking.pack8 codes first packed at'

/-- `packHalves` of `RowPacking.java`. -/
noncomputable def RowPacking.packHalves (evenBits : Int) (oddBits : Int) (codes : Arr Int) (first :
    Int) (packed : Arr Int) (at' : Int) : Result (Arr Int) :=
  bind (RowPacking.packHalf evenBits codes first packed at') fun (packed : Arr Int) =>
  RowPacking.packHalf oddBits codes (addInt first 1) packed (addInt at' (mulInt 4 evenBits))

/-- `packBlock` of `RowPacking.java`. -/
noncomputable def RowPacking.packBlock (evenBits : Int) (oddBits : Int) (codes : Arr Int) (b : Int)
    (packed : Arr Int) : Result (Arr Int) :=
  let at' : Int := RowPacking.blockStart (addInt evenBits oddBits) b
  RowPacking.packHalves evenBits oddBits codes (mulInt 64 b) packed at'

/-- `pack` of `RowPacking.java`. -/
noncomputable def RowPacking.pack (evenBits : Int) (oddBits : Int) (codes : Arr Int) (blocks : Int)
    (packed : Arr Int) : Result (Arr Int) :=
  forRange 0 blocks (fun (b : Int) (packed : Arr Int) =>
      RowPacking.packBlock evenBits oddBits codes b packed) packed

/-- `unpackHalf` of `RowPacking.java`. -/
noncomputable def RowPacking.unpackHalf (bits : Int) (packed : Arr Int) (at' : Int) (codes : Arr
    Int) (first : Int) : Result (Arr Int) :=
  if bits = 4 then
    HalfPacking.unpack4 packed at' codes first
  else
    if bits = 3 then
      HalfPacking.unpack3 packed at' codes first
    else
      HalfPacking.unpack8 packed at' codes first

/-- `unpack` of `RowPacking.java`. -/
noncomputable def RowPacking.unpack (evenBits : Int) (oddBits : Int) (packed : Arr Int) (blocks :
    Int) (codes : Arr Int) : Result (Arr Int) :=
  forRange 0 blocks (fun (b : Int) (codes : Arr Int) =>
      let at' : Int := RowPacking.blockStart (addInt evenBits oddBits) b
      bind (RowPacking.unpackHalf evenBits packed at' codes (mulInt 64 b)) fun (codes : Arr Int) =>
      RowPacking.unpackHalf oddBits packed (addInt at' (mulInt 4 evenBits)) codes (addInt (mulInt 64
          b) 1)) codes

/-- `halfCode` of `RowPacking.java`. -/
noncomputable def RowPacking.halfCode (bits : Int) (packed : Arr Int) (at' : Int) (i : Int) : Result
    Int :=
  if bits = 4 then
    HalfPacking.code4 packed at' i
  else
    if bits = 3 then
      HalfPacking.code3 packed at' i
    else
      bind (packed.get (addInt at' i)) fun (v'3 : Int) =>
      .ok (UnsignedByte.value v'3)

/-- `blockCode` of `RowPacking.java`. -/
noncomputable def RowPacking.blockCode (evenBits : Int) (oddBits : Int) (packed : Arr Int) (at' :
    Int) (i : Int) : Result Int :=
  if (remInt i 2) = 0 then
    RowPacking.halfCode evenBits packed at' (divInt i 2)
  else
    RowPacking.halfCode oddBits packed (addInt at' (mulInt 4 evenBits)) (divInt i 2)

/-- `code` of `RowPacking.java`. -/
noncomputable def RowPacking.code (evenBits : Int) (oddBits : Int) (packed : Arr Int) (k : Int) :
    Result Int :=
  RowPacking.blockCode evenBits oddBits packed (RowPacking.blockStart (addInt evenBits oddBits)
      (divInt k 64)) (remInt k 64)

/-- `fits` of `RowPacking.java`. -/
def RowPacking.fits (bits : Int) (code : Int) : Bool :=
  decide ((bits = 8) ∨ ((0 ≤ code) ∧ (code < (if bits = 4 then 16 else 8 : Int))))

/-- `packSubscales` of `RowPacking.java`. -/
noncomputable def RowPacking.packSubscales (subscales : Arr Int) (packed : Arr Int) : Result (Arr
    Int) :=
  forRange 0 (packed.length : Int) (fun (j : Int) (packed : Arr Int) =>
      bind (subscales.get (mulInt 2 j)) fun (v'1 : Int) =>
      let low : Int := v'1
      bind (
        if j < (divInt (subscales.length : Int) 2) then
          subscales.get (addInt (mulInt 2 j) 1)
        else
          .ok (toByte 0)) fun (v'3 : Int) =>
      let high : Int := v'3
      packed.set j (UnsignedByte.of (addInt low (mulInt 16 high)))) packed

/-- `subscale` of `RowPacking.java`. -/
noncomputable def RowPacking.subscale (packed : Arr Int) (b : Int) : Result Int :=
  bind (packed.get (divInt b 2)) fun (v'1 : Int) =>
  let pair : Int := UnsignedByte.value v'1
  .ok (if (remInt b 2) = 0 then remInt pair 16 else divInt pair 16 : Int)

/-! ## `TrellisCoding` -/

/-- `window` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.window (evenBits : Int) (oddBits : Int) (codes : Arr Int) (first :
    Int) (i : Int) : Result Int :=
  bind (codes.get (addInt first i)) fun (v'1 : Int) =>
  let own : Int := v'1
  bind (codes.get (addInt first (remInt (addInt i 1) 64))) fun (v'2 : Int) =>
  let next : Int := v'2
  bind (codes.get (addInt first (remInt (addInt i 2) 64))) fun (v'3 : Int) =>
  let afterNext : Int := v'3
  let nextFactor : Int := (if (remInt i 2) = 0 then (if evenBits = 4 then 16 else 8 : Int) else (if
      oddBits = 4 then 16 else 8 : Int) : Int)
  let afterNextFactor : Int := (if evenBits = 3 then 64 else (if oddBits = 3 then 128 else 256 :
      Int) : Int)
  .ok (remInt (addInt (addInt own (mulInt nextFactor next)) (mulInt afterNextFactor afterNext)) 256)

/-- `integers` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.integers (evenBits : Int) (oddBits : Int) (codes : Arr Int) (first :
    Int) (table : Arr Int) (integers : Arr Int) : Result (Arr Int) :=
  forRange 0 64 (fun (i : Int) (integers : Arr Int) =>
      bind (TrellisCoding.window evenBits oddBits codes first i) fun (v'1 : Int) =>
      bind (table.get v'1) fun (v'2 : Int) =>
      integers.set (addInt first i) v'2) integers

/-- `pairBit` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.pairBit (evenBits : Int) (_ : Int) (codes : Arr Int) (first : Int)
    (pair : Int) (bit : Int) : Result Int :=
  if bit < evenBits then
    bind (codes.get (addInt first (mulInt 2 pair))) fun (v'1 : Int) =>
    .ok (UnsignedByte.bit v'1 bit)
  else
    bind (codes.get (addInt (addInt first (mulInt 2 pair)) 1)) fun (v'2 : Int) =>
    .ok (UnsignedByte.bit v'2 (subInt bit evenBits))

/-- `stringBit` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.stringBit (evenBits : Int) (oddBits : Int) (codes : Arr Int) (first
    : Int) (n : Int) : Result Int :=
  if oddBits = 4 then
    TrellisCoding.pairBit evenBits oddBits codes first (divInt n 8) (remInt n 8)
  else
    if evenBits = 4 then
      TrellisCoding.pairBit evenBits oddBits codes first (divInt n 7) (remInt n 7)
    else
      TrellisCoding.pairBit evenBits oddBits codes first (divInt n 6) (remInt n 6)

/-- `stringByte` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.stringByte (evenBits : Int) (oddBits : Int) (codes : Arr Int) (first
    : Int) (j : Int) : Result Int :=
  let n : Int := mulInt 8 j
  bind (TrellisCoding.stringBit evenBits oddBits codes first n) fun (v'1 : Int) =>
  bind (TrellisCoding.stringBit evenBits oddBits codes first (addInt n 1)) fun (v'2 : Int) =>
  bind (TrellisCoding.stringBit evenBits oddBits codes first (addInt n 2)) fun (v'3 : Int) =>
  bind (TrellisCoding.stringBit evenBits oddBits codes first (addInt n 3)) fun (v'4 : Int) =>
  bind (TrellisCoding.stringBit evenBits oddBits codes first (addInt n 4)) fun (v'5 : Int) =>
  bind (TrellisCoding.stringBit evenBits oddBits codes first (addInt n 5)) fun (v'6 : Int) =>
  bind (TrellisCoding.stringBit evenBits oddBits codes first (addInt n 6)) fun (v'7 : Int) =>
  bind (TrellisCoding.stringBit evenBits oddBits codes first (addInt n 7)) fun (v'8 : Int) =>
  .ok (addInt (addInt (addInt (addInt (addInt (addInt (addInt v'1 (mulInt 2 v'2)) (mulInt 4 v'3))
      (mulInt 8 v'4)) (mulInt 16 v'5)) (mulInt 32 v'6)) (mulInt 64 v'7)) (mulInt 128 v'8))

/-- `pack` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.pack (evenBits : Int) (oddBits : Int) (codes : Arr Int) (first :
    Int) (packed : Arr Int) (at' : Int) : Result (Arr Int) :=
  let bytes : Int := mulInt 4 (addInt evenBits oddBits)
  forRange 0 bytes (fun (j : Int) (packed : Arr Int) =>
      bind (TrellisCoding.stringByte evenBits oddBits codes first j) fun (v'1 : Int) =>
      packed.set (addInt at' j) (UnsignedByte.of v'1)) packed

/-- `packedBit` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.packedBit (packed : Arr Int) (at' : Int) (n : Int) : Result Int :=
  bind (packed.get (addInt at' (divInt n 8))) fun (v'1 : Int) =>
  .ok (UnsignedByte.bit v'1 (remInt n 8))

/-- `packedCode` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.packedCode (packed : Arr Int) (at' : Int) (n : Int) (width : Int) :
    Result Int :=
  bind (TrellisCoding.packedBit packed at' n) fun (v'1 : Int) =>
  bind (TrellisCoding.packedBit packed at' (addInt n 1)) fun (v'2 : Int) =>
  bind (TrellisCoding.packedBit packed at' (addInt n 2)) fun (v'3 : Int) =>
  let low : Int := addInt (addInt v'1 (mulInt 2 v'2)) (mulInt 4 v'3)
  if width = 3 then
    .ok low
  else
    bind (TrellisCoding.packedBit packed at' (addInt n 3)) fun (v'4 : Int) =>
    .ok (addInt low (mulInt 8 v'4))

/-- `pairStart` of `TrellisCoding.java`. -/
def TrellisCoding.pairStart (evenBits : Int) (oddBits : Int) (p : Int) : Int :=
  (if oddBits = 4 then mulInt 8 p else (if evenBits = 4 then mulInt 7 p else mulInt 6 p : Int) :
      Int)

/-- `unpack` of `TrellisCoding.java`. -/
noncomputable def TrellisCoding.unpack (evenBits : Int) (oddBits : Int) (packed : Arr Int) (at' :
    Int) (codes : Arr Int) (first : Int) : Result (Arr Int) :=
  forRange 0 32 (fun (p : Int) (codes : Arr Int) =>
      bind (TrellisCoding.packedCode packed at' (TrellisCoding.pairStart evenBits oddBits p)
          evenBits) fun (v'1 : Int) =>
      bind (codes.set (addInt first (mulInt 2 p)) (toByte v'1)) fun (codes : Arr Int) =>
      bind (TrellisCoding.packedCode packed at' (addInt (TrellisCoding.pairStart evenBits oddBits p)
          evenBits) oddBits) fun (v'2 : Int) =>
      codes.set (addInt (addInt first (mulInt 2 p)) 1) (toByte v'2)) codes

/-! ## `DotProduct` -/

/-- `weight` of `DotProduct.java`. -/
noncomputable def DotProduct.weight (codes : Arr Int) (subscales : Arr Int) (even : Arr Int) (odd :
    Arr Int) (k : Int) : Result Int :=
  let table : Arr Int := (if (remInt k 2) = 0 then even else odd : Arr Int)
  bind (subscales.get (divInt k 64)) fun (v'1 : Int) =>
  bind (codes.get k) fun (v'2 : Int) =>
  bind (table.get (andInt v'2 255)) fun (v'3 : Int) =>
  .ok (mulInt v'1 v'3)

/-- `expand` of `DotProduct.java`. -/
noncomputable def DotProduct.expand (codes : Arr Int) (subscales : Arr Int) (even : Arr Int) (odd :
    Arr Int) (columns : Int) (weights : Arr Int) : Result (Arr Int) :=
  forRange 0 columns (fun (k : Int) (weights : Arr Int) =>
      bind (DotProduct.weight codes subscales even odd k) fun (v'1 : Int) =>
      weights.set k (toShort v'1)) weights

/-- `dot` of `DotProduct.java`. -/
noncomputable def DotProduct.dot (activations : Arr Int) (weights : Arr Int) (columns : Int) (_ :
    Int) : Result Int :=
  let sum : Int := 0
  forRange 0 columns (fun (k : Int) (sum : Int) =>
      bind (activations.get k) fun (v'1 : Int) =>
      bind (weights.get k) fun (v'2 : Int) =>
      let sum : Int := addInt sum (mulInt v'1 v'2)
      .ok sum) sum

/-- `output` of `DotProduct.java`. -/
def DotProduct.output (sum : Int) (rowScale : Inference.Single) (activationScale : Inference.Single)
    : Inference.Single :=
  let scale : Inference.Single := Inference.mul rowScale activationScale
  Inference.mul (Inference.ofInt .single sum) scale

/-! ## `Dequantizer` -/

/-- `dequantize` of `Dequantizer.java`. -/
noncomputable def Dequantizer.dequantize (weights : Arr Int) (columns : Int) (scale :
    Inference.Single) (values : Arr Inference.Single) : Result (Arr Inference.Single) :=
  forRange 0 columns (fun (k : Int) (values : Arr Inference.Single) =>
      bind (weights.get k) fun (v'1 : Int) =>
      values.set k (Inference.mul scale (Inference.ofInt .single v'1))) values

/-! ## `ActivationQuantizer` -/

/-- `maxMagnitude` of `ActivationQuantizer.java`. -/
noncomputable def ActivationQuantizer.maxMagnitude (values : Arr Inference.Single) : Result
    Inference.Single :=
  let amax : Inference.Single := Inference.ofInt .single 0
  forRange 0 (values.length : Int) (fun (k : Int) (amax : Inference.Single) =>
      bind (values.get k) fun (v'1 : Inference.Single) =>
      let magnitude : Inference.Single := Inference.abs v'1
      if ¬(atMost magnitude (Inference.ofBits32 1535115264) = true) then
        bind (values.get k) fun (_ : Inference.Single) =>
        .fail .thrown
      else
        let amax : Inference.Single := maxOf amax magnitude
        .ok amax) amax

/-- `scale` of `ActivationQuantizer.java`. -/
noncomputable def ActivationQuantizer.scale (activations : Arr Inference.Single) : Result
    Inference.Single :=
  bind (ActivationQuantizer.maxMagnitude activations) fun (v'1 : Inference.Single) =>
  .ok (Inference.div v'1 (Inference.ofInt .single 127))

/-- `code` of `ActivationQuantizer.java`. -/
def ActivationQuantizer.code (x : Inference.Single) (scale : Inference.Single) : Int :=
  if same scale (Inference.ofInt .single 0) = true then
    0
  else
    let quotient : Inference.Single := Inference.div x scale
    floatToInt (rint (Inference.convert .double (maxOf (Inference.ofInt .single (-127)) (minOf
        (Inference.ofInt .single 127) quotient))))

/-- `quantize` of `ActivationQuantizer.java`. -/
noncomputable def ActivationQuantizer.quantize (activations : Arr Inference.Single) (scale :
    Inference.Single) (codes : Arr Int) : Result (Arr Int) :=
  forRange 0 (activations.length : Int) (fun (k : Int) (codes : Arr Int) =>
      bind (activations.get k) fun (v'1 : Inference.Single) =>
      codes.set k (toByte (ActivationQuantizer.code v'1 scale))) codes

/-! ## `WeightQuantizer` -/

/-- `maxMagnitude` of `WeightQuantizer.java`. -/
noncomputable def WeightQuantizer.maxMagnitude (values : Arr Inference.Single) : Result
    Inference.Single :=
  let amax : Inference.Single := Inference.ofInt .single 0
  forRange 0 (values.length : Int) (fun (k : Int) (amax : Inference.Single) =>
      bind (values.get k) fun (v'1 : Inference.Single) =>
      let magnitude : Inference.Single := Inference.abs v'1
      if ¬(atMost magnitude (Inference.ofBits32 1400897536) = true) then
        bind (values.get k) fun (_ : Inference.Single) =>
        .fail .thrown
      else
        let amax : Inference.Single := maxOf amax magnitude
        .ok amax) amax

/-- `scale` of `WeightQuantizer.java`. -/
noncomputable def WeightQuantizer.scale (weights : Arr Inference.Single) (divisor' : Int) : Result
    Inference.Single :=
  bind (WeightQuantizer.maxMagnitude weights) fun (v'1 : Inference.Single) =>
  let amax : Inference.Single := v'1
  .ok (Inference.div amax (Inference.ofInt .single divisor'))

/-- `round` of `WeightQuantizer.java`. -/
def WeightQuantizer.round (weight : Inference.Single) (scale : Inference.Single) (factor :
    Inference.Double) (low : Int) (high : Int) : Int :=
  if same scale (Inference.ofInt .single 0) = true then
    0
  else
    let quotient : Inference.Double := Inference.div (Inference.mul factor (Inference.convert
        .double weight)) (Inference.convert .double scale)
    floatToInt (rint (maxOf (Inference.ofInt .double low) (minOf (Inference.ofInt .double high)
        quotient)))

/-- `uniformCode` of `WeightQuantizer.java`. -/
def WeightQuantizer.uniformCode (weight : Inference.Single) (scale : Inference.Single) (bits : Int)
    : Int :=
  if bits = 4 then
    addInt (WeightQuantizer.round weight scale (Inference.ofBits64 4607182418800017408) (-8) 7) 8
  else
    if bits = 3 then
      addInt (WeightQuantizer.round weight scale (Inference.ofBits64 4602678819172646912) (-4) 3) 4
    else
      andInt (WeightQuantizer.round weight scale (Inference.ofBits64 4607182418800017408) (-127)
          127) 255

/-- `fixedPoint` of `WeightQuantizer.java`. -/
def WeightQuantizer.fixedPoint (weight : Inference.Single) (scale : Inference.Single) : Int :=
  WeightQuantizer.round weight scale (Inference.ofInt .double 64) (-29760) 29760

/-- `distance` of `WeightQuantizer.java`. -/
def WeightQuantizer.distance (u : Int) (m : Int) (value : Int) : Int :=
  absInt (subInt u (mulInt (mulInt 64 m) value))

/-- `nearest` of `WeightQuantizer.java`. -/
noncomputable def WeightQuantizer.nearest (u : Int) (m : Int) (table : Arr Int) : Result Int :=
  let best : Int := 0
  bind (table.get 0) fun (v'1 : Int) =>
  let least : Int := WeightQuantizer.distance u m v'1
  bind (
    forRange 1 (table.length : Int) (fun (c : Int) (s'2 : Int × Int) =>
        let best : Int := s'2.1
        let least : Int := s'2.2
        bind (table.get c) fun (v'2 : Int) =>
        let distance : Int := WeightQuantizer.distance u m v'2
        if distance < least then
          let least : Int := distance
          let best : Int := c
          .ok (best, least)
        else
          .ok (best, least)) (best, least)) fun (s'1 : Int × Int) =>
  let best : Int := s'1.1
  .ok best

/-- `squaredError` of `WeightQuantizer.java`. -/
noncomputable def WeightQuantizer.squaredError (u : Int) (m : Int) (table : Arr Int) : Result Int :=
  bind (WeightQuantizer.nearest u m table) fun (v'1 : Int) =>
  bind (table.get v'1) fun (v'2 : Int) =>
  let distance : Int := WeightQuantizer.distance u m v'2
  .ok (mulLong distance distance)

/-- `blockError` of `WeightQuantizer.java`. -/
noncomputable def WeightQuantizer.blockError (u : Arr Int) (from' : Int) (count : Int) (m : Int)
    (even : Arr Int) (odd : Arr Int) : Result Int :=
  let error : Int := 0
  forRange 0 count (fun (i : Int) (error : Int) =>
      bind (u.get (addInt from' i)) fun (v'1 : Int) =>
      bind (WeightQuantizer.squaredError v'1 m (if (remInt i 2) = 0 then even else odd : Arr Int))
          fun (v'2 : Int) =>
      let error : Int := addLong error v'2
      .ok error) error

/-- `bestSubscale` of `WeightQuantizer.java`. -/
noncomputable def WeightQuantizer.bestSubscale (u : Arr Int) (from' : Int) (count : Int) (even : Arr
    Int) (odd : Arr Int) : Result Int :=
  let best : Int := 0
  bind (WeightQuantizer.blockError u from' count 0 even odd) fun (v'1 : Int) =>
  let least : Int := v'1
  bind (
    forRange 1 16 (fun (m : Int) (s'2 : Int × Int) =>
        let best : Int := s'2.1
        let least : Int := s'2.2
        bind (WeightQuantizer.blockError u from' count m even odd) fun (v'2 : Int) =>
        let error : Int := v'2
        if error < least then
          let least : Int := error
          let best : Int := m
          .ok (best, least)
        else
          .ok (best, least)) (best, least)) fun (s'1 : Int × Int) =>
  let best : Int := s'1.1
  .ok best

/-- `quantizeUniform` of `WeightQuantizer.java`. -/
noncomputable def WeightQuantizer.quantizeUniform (weights : Arr Inference.Single) (scale :
    Inference.Single) (evenBits : Int) (oddBits : Int) (codes : Arr Int) : Result (Arr Int) :=
  forRange 0 (weights.length : Int) (fun (k : Int) (codes : Arr Int) =>
      bind (weights.get k) fun (v'1 : Inference.Single) =>
      codes.set k (UnsignedByte.of (WeightQuantizer.uniformCode v'1 scale (if (remInt k 2) = 0 then
          evenBits else oddBits : Int)))) codes

/-- `quantizeWithSubscales` of `WeightQuantizer.java`. -/
noncomputable def WeightQuantizer.quantizeWithSubscales (u : Arr Int) (even : Arr Int) (odd : Arr
    Int) (codes : Arr Int) (subscales : Arr Int) : Result (Arr Int × Arr Int) :=
  let blocks : Int := divInt (addInt (u.length : Int) 63) 64
  bind (
    forRange 0 blocks (fun (b : Int) (subscales : Arr Int) =>
        let from' : Int := mulInt 64 b
        bind (WeightQuantizer.bestSubscale u from' (lesser 64 (subInt (u.length : Int) from')) even
            odd) fun (v'1 : Int) =>
        subscales.set b (toByte v'1)) subscales) fun (subscales : Arr Int) =>
  bind (
    forRange 0 (u.length : Int) (fun (k : Int) (codes : Arr Int) =>
        bind (u.get k) fun (v'2 : Int) =>
        bind (subscales.get (divInt k 64)) fun (v'3 : Int) =>
        bind (WeightQuantizer.nearest v'2 v'3 (if (remInt k 2) = 0 then even else odd : Arr Int))
            fun (v'4 : Int) =>
        codes.set k (toByte v'4)) codes) fun (codes : Arr Int) =>
  .ok (codes, subscales)

end ThreeHalf.Java
