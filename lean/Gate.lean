module
meta import Lean

/-!
# The gate: what the sources are made of

A program: it parses each source of the library with Lean's own parser, in the environment that the
source starts from (`Init`), and prints what it is made of, before anything of it is run. What is
allowed is not decided here: `proofs/lean-check` compares the lines with its list (`SourceRules`),
and whatever is not on the list is refused.

The environment variable `THREEHALF_SOURCES` names the files, relative to this one's folder,
separated by `:`.
Output, one line each, members separated by tabs: `import FILE LINE TEXT`; `kind FILE LINE KIND` for
the first place of each kind of syntax in a file; `text FILE LINE KIND TEXT` for each attribute,
option, namespace, `open`, `deriving`, head of a section, setting of a tactic and raw string;
`theorem FILE LINE NAME COMMENT` for each theorem, with its namespaces and its doc comment;
`problem FILE LINE WHAT` for what is no syntax; `parsed FILE COMMANDS`; and last `gate FILES`. Exit
code 0 if everything was parsed.
-/

open Lean Elab Command

namespace Gate

meta def nameOf (n : Name) : String := n.toString (escape := false)

meta def oneLine (s : String) : String := words s.toList [] ""
where
  flush (w : List Char) (acc : String) : String :=
    match w with
    | [] => acc
    | _ => (if acc == "" then "" else acc ++ " ") ++ String.ofList (rev w [])
  rev : List Char → List Char → List Char
    | [], acc => acc
    | c :: cs, acc => rev cs (c :: acc)
  words : List Char → List Char → String → String
    | [], w, acc => flush w acc
    | c :: cs, w, acc => if c == ' ' || c == '\n' || c == '\t' then words cs [] (flush w acc)
      else words cs (c :: w) acc

meta def line (map : FileMap) (stx : Syntax) : String :=
  match stx.getPos? with
  | some p => Nat.repr (map.toPosition p).line
  | none => "0"

meta def textOf (stx : Syntax) : String :=
  match stx.reprint with | some s => oneLine s | none => "?"

/-- Kinds whose text matters. -/
meta def telling (k : Name) : Bool :=
  k == `Lean.Parser.Term.attrInstance || k == `Lean.Parser.Command.set_option ||
    k == `Lean.Parser.Term.set_option || k == `Lean.Parser.Tactic.set_option ||
  k == `Lean.Parser.Command.namespace || k == `Lean.Parser.Command.open ||
    k == `Lean.Parser.Command.optDeriving || k == `Lean.Parser.Module.import ||
    k == `Lean.Parser.Command.deriving ||
  k == `Lean.Parser.Tactic.posConfigItem || k == `Lean.Parser.Command.sectionHeader

/-- Whether a string is written with its own delimiters. -/
meta def raw (stx : Syntax) : Bool :=
  stx.isOfKind `str && (match (textOf stx).toList with | 'r' :: _ => true | _ => false)

meta def tell (file : String) (map : FileMap) (k : Name) (stx : Syntax) : IO Unit :=
  if k == `Lean.Parser.Module.import then
    IO.println ("import\t" ++ file ++ "\t" ++ line map stx ++ "\t" ++ textOf stx)
  else IO.println ("text\t" ++ file ++ "\t" ++ line map stx ++ "\t" ++ nameOf k ++
    "\t" ++ textOf stx)

meta partial def push (args : Array Syntax) (i : Nat) (rest : List Syntax) : List Syntax :=
  match args[i]? with
  | some a => a :: push args (i + 1) rest
  | none => rest

/-- Prints each new kind among the nodes. -/
meta partial def walk (file : String) (map : FileMap) (seen : NameSet) : List Syntax → IO NameSet
  | [] => pure seen
  | stx :: rest =>
    match stx with
    | .node _ k args => do
      let rest := push args 0 rest
      if raw stx then tell file map k stx else pure ()
      if seen.contains k then
        if telling k then tell file map k stx else pure ()
        walk file map seen rest
      else
        IO.println ("kind\t" ++ file ++ "\t" ++ line map stx ++ "\t" ++ nameOf k)
        if telling k then tell file map k stx else pure ()
        walk file map (seen.insert k) rest
    | _ => walk file map seen rest

/-- The namespaces and sections that are open after a command: a section has an empty name. -/
meta def scopes (stx : Syntax) (open_ : List String) : List String :=
  if stx.isOfKind `Lean.Parser.Command.namespace then textOf (stx.getArg 1) :: open_
  else if stx.isOfKind `Lean.Parser.Command.section then "" :: open_
  else if stx.isOfKind `Lean.Parser.Command.end then
    (match open_ with | [] => [] | _ :: rest => rest)
  else open_

meta def qualified : List String → String → String
  | [], name => name
  | s :: rest, name => qualified rest (if s == "" then name else s ++ "." ++ name)

/-- Prints a theorem's place, name and doc comment. -/
meta def claim (file : String) (map : FileMap) (open_ : List String) (stx : Syntax) : IO Unit :=
  let declared := stx.getArg 1
  if stx.isOfKind `Lean.Parser.Command.declaration &&
    declared.isOfKind `Lean.Parser.Command.theorem then
    IO.println ("theorem\t" ++ file ++ "\t" ++ line map declared ++ "\t" ++ qualified open_
      (textOf ((declared.getArg 1).getArg 0)) ++ "\t" ++ textOf ((stx.getArg 0).getArg 0))
  else pure ()

@[noinline] meta def messageText (m : Message) : IO String := m.toString

meta def report (file : String) : List Message → IO Unit
  | [] => pure ()
  | m :: ms => do
    let s ← messageText m
    IO.println ("problem\t" ++ file ++ "\t" ++ Nat.repr m.pos.line ++ "\t" ++ oneLine s)
    report file ms

meta partial def commands (file : String) (input : Parser.InputContext)
    (context : Parser.ParserModuleContext) (state : Parser.ModuleParserState)
    (seen : NameSet) (open_ : List String) (n : Nat) : IO Nat := do
  let (stx, state, messages) := Parser.parseCommand input context state {}
  report file messages.toList
  let seen ← walk file input.fileMap seen [stx]
  claim file input.fileMap open_ stx
  if Parser.isTerminalCommand stx then pure n
  else commands file input context state seen (scopes stx open_) (n + 1)

/-- The folder of a file. -/
meta def folder (file : String) : String := joinBut (file.splitOn "/")
where
  joinBut : List String → String
    | [] => ""
    | [_] => ""
    | d :: e :: rest => d ++ "/" ++ joinBut (e :: rest)

meta def files (dir : String) (env : Environment) (n : Nat) : List String → IO Nat
  | [] => pure n
  | file :: rest => do
    let text ← IO.FS.readFile (dir ++ file)
    let input : Parser.InputContext :=
      { inputString := text, fileName := file, fileMap := FileMap.ofString text,
        endPos := text.rawEndPos, endPos_valid := by simp }
    let (header, state, messages) ← Parser.parseHeader input
    report file messages.toList
    let seen ← walk file input.fileMap {} [header.raw]
    let k ← commands file input { env := env, options := {} } state seen [] 0
    IO.println ("parsed\t" ++ file ++ "\t" ++ Nat.repr k)
    files dir env (n + 1) rest

end Gate

#eval show CommandElabM Unit from do
  let file ← getFileName
  let list ← IO.getEnv "THREEHALF_SOURCES"
  let env ← importModules #[{ module := `Init }] {} (trustLevel := 0) (loadExts := true)
  let n ← Gate.files (Gate.folder file) env 0
    (match list with | some l => l.splitOn ":" | none => [])
  IO.println ("gate\t" ++ Nat.repr n)
