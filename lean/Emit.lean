module
meta import Lean
import ThreeHalf.Vectors

/-!
# The emitter of the golden vectors

A program: it writes the files of `ThreeHalf/Vectors.lean` into the folder that the environment variable `THREEHALF_VECTORS` names and prints a line for each. Run it with
`lake env lean Emit.lean` (`README.md` says how without lake). Exit code 0: all files are written.

It elaborates the definitions once more, from the same source files, into one environment, and runs them there: Lean's npm build cannot run a definition
that comes from another module, because it finds no code of it. Only definitions are taken: a paragraph (text between empty lines) with a theorem is left out, as is the
first one of each file, with its imports. A message of Lean about them ends the program with exit code 1.
-/

open Lean Elab Command

namespace Emit

/-- The sources, each after those that it uses. -/
meta def sources : List String := ["ThreeHalf/Rounding.lean", "ThreeHalf/Format.lean", "ThreeHalf/Binary32.lean", "ThreeHalf/Quantize.lean",
  "ThreeHalf/Packing.lean", "ThreeHalf/Dot.lean", "ThreeHalf/Output.lean", "ThreeHalf/Vectors.lean"]

/-- What the definitions are asked for at the end. -/
meta def request : String := "open ThreeHalf.Vectors

def emit (folder : String) : List (String × (Unit → String)) → IO Unit
  | [] => pure ()
  | (kind, content) :: rest => do
    IO.FS.writeFile (folder ++ \"/\" ++ kind ++ \".json\") (content ())
    IO.println (\"emitted\\t\" ++ kind ++ \".json\")
    emit folder rest

#eval show IO Unit from do
  match ← IO.getEnv \"THREEHALF_VECTORS\" with
  | none => throw (IO.userError \"THREEHALF_VECTORS must name the folder to write the vectors to\")
  | some folder => emit folder files
"

meta def definitions : List String → String
  | [] => ""
  | p :: ps => match p.splitOn "\ntheorem " with
    | [_] => p ++ "\n\n" ++ definitions ps
    | _ => definitions ps

meta def withoutHeader (source : String) : List String :=
  match source.splitOn "\n\n" with
  | [] => []
  | _ :: ps => ps

/-- The folder of a file. -/
meta def folder (file : String) : String := joinBut (file.splitOn "/")
where
  joinBut : List String → String
    | [] => ""
    | [_] => ""
    | d :: e :: rest => d ++ "/" ++ joinBut (e :: rest)

meta def texts (dir : String) : List String → IO String
  | [] => pure ""
  | f :: fs => do
    let source ← IO.FS.readFile (dir ++ f)
    let others ← texts dir fs
    pure (definitions (withoutHeader source) ++ others)

@[noinline] meta def textOf (m : Message) : IO String := m.toString

/-- Prints all messages; whether there was none but information. -/
meta def printed : List Message → Bool → IO Bool
  | [], ok => pure ok
  | m :: ms, ok => do
    let s ← textOf m
    IO.print s
    printed ms (ok && (match m.severity with | .information => true | _ => false))

meta def run (file : String) : IO Bool := do
  let source ← texts (folder file) sources
  let text := source ++ request
  let context : Parser.InputContext :=
    { inputString := text, fileName := "definitions", fileMap := FileMap.ofString text, endPos := text.rawEndPos, endPos_valid := by simp }
  let env ← importModules #[{ module := `Init }] {} (trustLevel := 0) (loadExts := true)
  let state ← IO.processCommands context {} (Command.mkState env {} {})
  printed state.commandState.messages.toList true

end Emit

#eval show CommandElabM Unit from do
  let ok ← Emit.run (← getFileName)
  if !ok then throw (.error .missing "the definitions cannot be run: see the lines above")
