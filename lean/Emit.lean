import ThreeHalf.Vectors

/-!
Writes the golden vectors into the folder that the environment variable `THREEHALF_VECTORS` names, one file a kind. Run it with
`lake env lean Emit.lean` (`README.md` says how without lake). Exit code 0: all files are written.
-/

open ThreeHalf.Vectors

def files : List (String × (Unit → String)) :=
  [("quantize-activation", activationFile), ("quantize-weight", weightFile), ("pack", packFile), ("dequantize", dequantizeFile), ("dot", dotFile),
   ("output", outputFile), ("gemv", gemvFile), ("gemm", gemmFile), ("refuse", refuseFile)]

def emit (folder : String) : List (String × (Unit → String)) → IO Unit
  | [] => pure ()
  | (kind, content) :: rest => do
    IO.FS.writeFile (folder ++ "/" ++ kind ++ ".json") (content ())
    IO.println ("emitted\t" ++ kind ++ ".json")
    emit folder rest

#eval show IO Unit from do
  match ← IO.getEnv "THREEHALF_VECTORS" with
  | none => throw (IO.userError "THREEHALF_VECTORS must name the folder to write the vectors to")
  | some folder => emit folder files
