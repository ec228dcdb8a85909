module
public import ThreeHalf.Rounding
public import ThreeHalf.Format
public import ThreeHalf.Packing
public import ThreeHalf.Vectors.Json
public import ThreeHalf.Vectors.Pack

/-! The whole project: what `lake build` builds. `README.md` says what is where. -/
