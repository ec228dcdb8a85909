module
public import ThreeHalf.Rounding
public import ThreeHalf.Format
public import ThreeHalf.Binary32
public import ThreeHalf.Nearest
public import ThreeHalf.Windows
public import ThreeHalf.Quantize
public import ThreeHalf.Quotient
public import ThreeHalf.Packing
public import ThreeHalf.Dot
public import ThreeHalf.Output
public import ThreeHalf.Pipeline
public import ThreeHalf.Details
public import ThreeHalf.Inference.Arithmetic
public import ThreeHalf.Inference.Decoder
public import ThreeHalf.Java.Semantics
public import ThreeHalf.Java.Generated
public import ThreeHalf.Java.Dot
public import ThreeHalf.Java.Packing
public import ThreeHalf.Java.ThreeBits
public import ThreeHalf.Java.Subscales
public import ThreeHalf.Java.Trellis
public import ThreeHalf.Java.Output
public import ThreeHalf.StandIns
public import ThreeHalf.Vectors

/-! The whole library: what `lake build` builds. `README.md` says what is where. -/
