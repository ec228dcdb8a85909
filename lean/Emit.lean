module
meta import Lean

/-!
# The emitter of the golden vectors

A program: it writes the files of `ThreeHalf/Vectors.lean` into the folder that the environment
variable `THREEHALF_VECTORS` names and prints `emitted FILE` for each (a tab between). Run it with
`lake env lean Emit.lean` (`README.md` says how without lake). Exit code 0: all files are written.

Lean's npm build finds no code of a definition that comes from another module. So the sources'
definitions are elaborated once more, into one environment, and run there: each source is cut into
commands by Lean's own parser, theorems are left out, and what is then defined must be **the same
terms as in the compiled library**, constant by constant from `ThreeHalf.Vectors.files` on, which
are the terms that the theorems speak of. It prints `compared CONSTANTS`. A difference, or a message
of Lean, ends the program with exit code 1, and nothing is written.
-/

open Lean Elab Command

namespace Emit

meta def nameOf (n : Name) : String := n.toString (escape := false)

meta def rootOf : Name → String
  | .str .anonymous s => s | .str p _ => rootOf p | .num p _ => rootOf p | .anonymous => ""

meta def isIn (n : Name) : List Name → Bool
  | [] => false
  | m :: ms => m == n || isIn n ms

/-- The library's modules, the last one first: a module comes after those that it imports. -/
meta partial def modules (env : Environment) (i : Nat) (acc : List Name) : List Name :=
  match env.header.moduleNames[i]? with
  | none => acc
  | some n => modules env (i + 1) (if rootOf n == "ThreeHalf" && !isIn n acc then n :: acc else acc)

/-- Those whose definitions the vectors may come from: `StandIns` defines nothing of the
specification, and speaks of theorems, which are left out here. -/
meta def specifying : List Name → List Name
  | [] => []
  | n :: ns => if n == `ThreeHalf.StandIns then specifying ns else n :: specifying ns

meta def whole : List Name → Array Import → Array Import
  | [], a => a
  | n :: ns, a => whole ns (a.push { module := n, importAll := true })

/-- A module's file. -/
meta def fileOf : Name → String
  | .str .anonymous s => s
  | .str p s => fileOf p ++ "/" ++ s
  | _ => ""

/-- The folder of a file. -/
meta def folder (file : String) : String := joinBut (file.splitOn "/")
where
  joinBut : List String → String
    | [] => ""
    | [_] => ""
    | d :: e :: rest => d ++ "/" ++ joinBut (e :: rest)

@[noinline] meta def textOf (m : Message) : IO String := m.toString

/-- Prints all messages; whether there was none but information. -/
meta def printed : List Message → Bool → IO Bool
  | [], ok => pure ok
  | m :: ms, ok => do
    let s ← textOf m
    IO.print s
    printed ms (ok && (match m.severity with | .information => true | _ => false))

meta def inputOf (file text : String) : Parser.InputContext :=
  { inputString := text, fileName := file, fileMap := FileMap.ofString text,
    endPos := text.rawEndPos, endPos_valid := by simp }

/-- Theorems say nothing that is run; sections and the file's end have no meaning in one text for
all files. -/
meta def left (stx : Syntax) : Bool :=
  stx.isOfKind `Lean.Parser.Command.section || stx.isOfKind `Lean.Parser.Command.eoi ||
  (stx.isOfKind `Lean.Parser.Command.declaration &&
    (stx.getArg 1).isOfKind `Lean.Parser.Command.theorem)

/-- The text of the commands that stay. -/
meta partial def commands (input : Parser.InputContext) (env : Environment)
    (state : Parser.ModuleParserState) (acc : String) : IO String := do
  let (stx, next, messages) := Parser.parseCommand input { env := env, options := {} } state {}
  let ok ← printed messages.toList true
  if !ok then throw (IO.userError "a source has an error of syntax")
  let acc := if left stx then acc
    else acc ++ String.Pos.Raw.extract input.inputString state.pos next.pos ++ "\n"
  if Parser.isTerminalCommand stx then pure acc else commands input env next acc

/-- The definitions of all modules, each after those that it imports. -/
meta def definitions (dir : String) (env : Environment) : List Name → IO String
  | [] => pure ""
  | n :: ns => do
    let before ← definitions dir env ns
    let file := fileOf n ++ ".lean"
    let text ← IO.FS.readFile (dir ++ file)
    let input := inputOf file text
    let (_, state, messages) ← Parser.parseHeader input
    let ok ← printed messages.toList true
    if !ok then throw (IO.userError "a source's imports have an error of syntax")
    commands input env state before

/-- Has Lean process a text, and tells whether it said nothing. -/
meta def process (text : String) (env : Environment) : IO (Bool × Environment) := do
  let state ← IO.processCommands (inputOf "definitions" text) {} (Command.mkState env {} {})
  let ok ← printed state.commandState.messages.toList true
  pure (ok, state.commandState.env)

/-! ## The same terms as in the compiled library -/

meta partial def listed (a : Array Name) (i : Nat) (rest : List Name) : List Name :=
  match a[i]? with
  | none => rest
  | some n => n :: listed a (i + 1) rest

meta def cat : List Name → List Name → List Name
  | [], ys => ys
  | x :: xs, ys => x :: cat xs ys

meta def sameNames : List Name → List Name → Bool
  | [], [] => true
  | x :: xs, y :: ys => x == y && sameNames xs ys
  | _, _ => false

meta def startsWith : List Char → List Char → Bool
  | [], _ => true
  | _ :: _, [] => false
  | c :: cs, d :: ds => c == d && startsWith cs ds

/-- What Lean splits off a definition by itself: how a `match` runs, and the proofs inside. Within
one environment it is shared with later definitions, so that its name depends on what came
before. -/
meta def splitOff : Name → Bool
  | .str _ s => startsWith "match_".toList s.toList || startsWith "_proof_".toList s.toList ||
    startsWith "_sparseCasesOn_".toList s.toList
  | _ => false

/-- A term with the body in place of the name of what was split off, and with the statement in place
of a proof. -/
meta partial def spelledOut (env : Environment) (e : Expr) : Expr :=
  e.replace fun
    | .const n us =>
      if splitOff n then
        match env.find? n with
        | some (.defnInfo d) =>
          some (spelledOut env (d.value.instantiateLevelParams d.levelParams us))
        | some (.thmInfo t) => some (.app (.const `proof [])
          (spelledOut env (t.type.instantiateLevelParams t.levelParams us)))
        | _ => none
      else none
    | _ => none

/-- A term with `f` in place of `fun x => f x`: a proof is split off in the one form or the
other. -/
meta partial def contracted (e : Expr) : Expr :=
  e.replace fun
    | .lam _ _ (.app f (.bvar 0)) _ =>
      if f.hasLooseBVar 0 then none else some (contracted (f.lowerLooseBVars 1 1))
    | _ => none

/-- Whether two terms, each of its own environment, are the same but for the names of what was split
off. -/
meta def sameTerm (run library : Environment) (a b : Expr) : Bool :=
  contracted (spelledOut run a) == contracted (spelledOut library b)

/-- Whether two constants are the same; of a theorem the statement is all that matters. -/
meta def same (run library : Environment) (a b : ConstantInfo) : Bool :=
  sameTerm run library a.type b.type &&
  match a, b with
  | .defnInfo x, .defnInfo y => sameTerm run library x.value y.value
  | .opaqueInfo x, .opaqueInfo y => sameTerm run library x.value y.value
  | .thmInfo _, .thmInfo _ => true
  | .inductInfo x, .inductInfo y =>
    sameNames x.ctors y.ctors && sameNames x.all y.all && x.numParams == y.numParams
  | .ctorInfo x, .ctorInfo y => x.cidx == y.cidx
  | .recInfo _, .recInfo _ => true
  | _, _ => false

/-- What a constant consists of. -/
meta def parts (env : Environment) (c : ConstantInfo) : List Name :=
  listed (spelledOut env c.type).getUsedConstants 0
    (match c with
      | .defnInfo d => listed (spelledOut env d.value).getUsedConstants 0 []
      | .opaqueInfo d => listed (spelledOut env d.value).getUsedConstants 0 []
      | .inductInfo v => v.ctors
      | _ => [])

/-- Compares the constants that a list leads to; what the environment imported is the toolchain's in
both. -/
meta partial def differences (run library : Environment) (seen : NameSet) (n : Nat) (ok : Bool) :
    List Name → IO (Nat × Bool)
  | [] => pure (n, ok)
  | c :: rest =>
    if seen.contains c then differences run library seen n ok rest
    else match run.getModuleIdxFor? c with
      | some _ => differences run library (seen.insert c) n ok rest
      | none => match run.find? c, library.find? c with
        | some a, some b => do
          let is := same run library a b
          if !is then IO.println ("problem\t" ++ nameOf c ++
            "\tis not what the compiled library holds") else pure ()
          differences run library (seen.insert c) (n + 1) (ok && is) (cat (parts run a) rest)
        | some _, none => do
          IO.println ("problem\t" ++ nameOf c ++ "\tis not in the compiled library")
          differences run library (seen.insert c) (n + 1) false rest
        | _, _ => differences run library (seen.insert c) n ok rest

/-- What the definitions are asked for at the end. -/
meta def request : String :=
  "def threeHalfEmit (folder : String) : List (String × (Unit → String)) → IO Unit
  | [] => pure ()
  | (kind, content) :: rest => do
    IO.FS.writeFile (folder ++ \"/\" ++ kind ++ \".json\") (content ())
    IO.println (\"emitted\\t\" ++ kind ++ \".json\")
    threeHalfEmit folder rest

#eval show IO Unit from do
  match ← IO.getEnv \"THREEHALF_VECTORS\" with
  | none => throw (IO.userError \"THREEHALF_VECTORS must name the folder to write the vectors to\")
  | some folder => do
    IO.FS.createDirAll (folder ++ \"/inference\")
    threeHalfEmit folder ThreeHalf.Vectors.files
"

meta def run (file : String) : IO Bool := do
  let first ← importModules #[{ module := `ThreeHalf }] {} (trustLevel := 0) (loadExts := false)
  let library ← importModules (whole (modules first 0 []) #[]) {} (trustLevel := 0)
    (loadExts := false)
  let base ← importModules #[{ module := `Init }] {} (trustLevel := 0) (loadExts := true)
  let text ← definitions (folder file) base (specifying (modules library 0 []))
  let (ok, env) ← process text base
  if !ok then pure false
  else
    let (n, ok) ← differences env library {} 0 true [`ThreeHalf.Vectors.files]
    IO.println ("compared\t" ++ Nat.repr n)
    if !ok || n == 0 then pure false
    else
      let (ok, _) ← process request env
      pure ok

end Emit

#eval show CommandElabM Unit from do
  let ok ← Emit.run (← getFileName)
  if !ok then throw (.error .missing "the definitions cannot be run: see the lines above")
