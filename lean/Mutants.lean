module
meta import Lean

/-!
# Mutants of the definitions

A program: it changes one constant, operator, table entry or name in a definition at a time, and
looks for a theorem that does not stand it. What no theorem notices is a part of the specification
that no theorem fixes. It runs on the sources alone, from `Init` on: each is cut into commands by
Lean's parser; the changed definition is elaborated after all that it mentions, and then, in the
order of the sources, each theorem whose text leads to the definition, proof and all, after what it
mentions. Other theorems stand there without their proofs. The first one that Lean refuses ends it:
what it says is wrong now, or its proof no longer shows it.

Changed are the bodies of definitions that can be run: a number (one more), an operator, a condition
(its opposite), a constructor of one of the project's types (the next one), `even` and `odd`, `low`
and `high`, `min` and `max`.

Environment: `THREEHALF_SOURCES` names the library's files in an order in which each comes after
those that it imports, separated by `:`; `THREEHALF_MUTANTS` is `FROM-TO` (which of them, from 0,
`TO` left out), `NUMBER/SEED` (as many as that, drawn by the seed), or names of definitions and
mutants (`DEFINITION` for all of one, `DEFINITION#N`), separated by `:`. Sources named
`Vectors.lean` print cases and are left out, so is `StandIns.lean`, which defines nothing of the
specification, and so are those of `Inference/` and `Java/`: what fixes most of their numbers are
vectors, or Java itself.
Output, one line each, members separated by tabs:
`mutant DEFINITION#N FILE LINE OLD NEW OUTCOME THEOREM` (its N-th change), with OUTCOME `killed`
(and the theorem that fails), `survived`, or `invalid` (it is no definition to Lean, or one that
needs it is none); the same for the two definitions of `selfTest`, of which one is fixed by theorems
and the other is not; and last `mutants ALL MADE KILLED SURVIVED INVALID`, those of `selfTest`
apart. Exit code 0; the runner judges.
-/

open Lean Elab Command

namespace Mutants

/-- A command of the sources. -/
structure Cmd where
  file : String
  line : Nat
  /-- The namespaces that it stands in. -/
  scope : String
  /-- What it defines or states, with its namespaces; empty for other commands. -/
  name : String
  isTheorem : Bool
  text : String
  /-- The same with a theorem's proof left out. -/
  short : String
  /-- The identifiers in it. -/
  words : List String
  /-- Changes: the line, what stood there, what stands there now, and the text with it. -/
  changes : List (Nat × String × String × String)

meta def reversed {α : Type} : List α → List α → List α
  | [], acc => acc
  | x :: xs, acc => reversed xs (x :: acc)

meta def append {α : Type} : List α → List α → List α
  | [], ys => ys
  | x :: xs, ys => x :: append xs ys

meta def length {α : Type} : List α → Nat
  | [] => 0
  | _ :: xs => length xs + 1

meta def isIn (s : String) : List String → Bool
  | [] => false
  | t :: ts => s == t || isIn s ts

meta def dropBlanks : List Char → List Char
  | ' ' :: cs => dropBlanks cs
  | '\n' :: cs => dropBlanks cs
  | cs => cs

meta def ofChars : List Char → List Char → String
  | [], acc => String.ofList (reversed acc [])
  | c :: cs, acc => ofChars cs (c :: acc)

meta def trimmed (s : String) : String :=
  ofChars (dropBlanks (reversed (dropBlanks (reversed s.toList [])) [])) []

meta def textOf (stx : Syntax) : String := match stx.reprint with | some s => trimmed s | none => ""

meta partial def children (args : Array Syntax) (i : Nat) : List Syntax :=
  match args[i]? with
  | some a => a :: children args (i + 1)
  | none => []

/-! ## What can be changed -/

/-- A place and what to put there. -/
structure Site where
  start : String.Pos.Raw
  stop : String.Pos.Raw
  new : String

meta def instead : String → Option String
  | "+" => some "-"
  | "-" => some "+"
  | "*" => some "+"
  | "/" => some "*"
  | "%" => some "/"
  | "^" => some "*"
  | "<" => some "≤"
  | "≤" => some "<"
  | "=" => some "≠"
  | "==" => some "!="
  | "&&" => some "||"
  | "||" => some "&&"
  | "!" => some ""
  | "::" => none
  | "min" => some "max"
  | "max" => some "min"
  | "true" => some "false"
  | "false" => some "true"
  | _ => none

/-- The constructor after a name, in turn, of the inductive type that has it. -/
meta def nextOf (name : String) : List (List String) → Option String
  | [] => none
  | ctors :: rest => match after name ctors ctors with | some n => some n | none => nextOf name rest
where
  after (name : String) (all : List String) : List String → Option String
    | [] => none
    | [c] => if c == name then (match all with | f :: _ :: _ => some f | _ => none) else none
    | c :: d :: cs => if c == name then some d else after name all (d :: cs)

/-- Names that stand for two sides of the same thing. -/
meta def otherSide : List String → Option (List String)
  | [] => none
  | p :: ps =>
    match (if p == "even" then some "odd" else if p == "odd" then some "even"
      else if p == "low" then some "high" else if p == "high" then some "low" else none) with
    | some q => some (q :: ps)
    | none => match otherSide ps with
      | some qs => some (p :: qs)
      | none => none

meta def dotted : List String → String
  | [] => ""
  | [p] => p
  | p :: q :: ps => p ++ "." ++ dotted (q :: ps)

meta def site (stx : Syntax) (new : String) : List Site :=
  match stx.getPos?, stx.getTailPos? with
  | some a, some b => [{ start := a, stop := b, new := new }]
  | _, _ => []

/-- The places in a term that can be changed; not in patterns. -/
meta partial def sites (types : List (List String)) (stx : Syntax) : List Site :=
  match stx with
  | .node _ k args =>
    if k == `num then
      match stx.isNatLit? with
      | some n => site stx (Nat.repr (n + 1))
      | none => []
    else if k == `Lean.Parser.Term.matchAlt then
      match args[args.size - 1]? with | some b => sites types b | none => []
    else if k == `Lean.Parser.Term.dotIdent then
      match args[1]? with
      | some i => (match nextOf (textOf i) types with | some n => site i n | none => [])
      | none => []
    else if k == `termIfThenElse then
      -- if (1) then (3) else (5)
      match args[1]? with
      | some c => append (site c ("(¬(" ++ textOf c ++ "))")) (over (children args 0))
      | none => over (children args 0)
    else if k == `«term-_» then
      match args[0]? with
      | some m => append (site m "") (over (children args 1))
      | none => []
    else over (children args 0)
  | .atom .. => match instead (textOf stx) with | some n => site stx n | none => []
  | .ident .. => match instead (textOf stx) with
    | some n => site stx n
    | none => match nextOf (textOf stx) types with
      | some n => site stx n
      | none => match otherSide ((textOf stx).splitOn ".") with
        | some ps => site stx (dotted ps)
        | none => []
  | _ => []
where
  over : List Syntax → List Site
    | [] => []
    | s :: ss => append (sites types s) (over ss)

/-- The identifiers of a piece of syntax, by their last parts. -/
meta partial def wordsOf : List Syntax → List String → List String
  | [], acc => acc
  | stx :: rest, acc =>
    match stx with
    | .node _ _ args => wordsOf (append (children args 0) rest) acc
    | .ident .. => wordsOf rest (parts (textOf stx |>.splitOn ".") acc)
    | _ => wordsOf rest acc
where
  parts : List String → List String → List String
    | [], acc => acc
    | w :: ws, acc => parts ws (if isIn w acc then acc else w :: acc)

/-! ## Cutting the sources -/

meta def scopes (stx : Syntax) (opened : List String) : List String :=
  if stx.isOfKind `Lean.Parser.Command.namespace then textOf (stx.getArg 1) :: opened
  else if stx.isOfKind `Lean.Parser.Command.end then
    (match opened with | [] => [] | _ :: rest => rest)
  else opened

meta def joined : List String → String
  | [] => ""
  | [s] => s
  | s :: rest => joined rest ++ "." ++ s

meta def lineOf (map : FileMap) (p : String.Pos.Raw) : Nat := (map.toPosition p).line

/-- The part of a declaration after its signature. -/
meta partial def valueOf : List Syntax → Option Syntax
  | [] => none
  | stx :: rest =>
    if stx.isOfKind `Lean.Parser.Command.declValSimple ||
      stx.isOfKind `Lean.Parser.Command.declValEqns then some stx
    else match valueOf rest with
      | some v => some v
      | none => none

/-- `keyword` is where `def` stands: nothing of it is run, so it is not compiled. -/
meta def changed (input : Parser.InputContext) (first keyword last : String.Pos.Raw) :
    List Site → List (Nat × String × String × String)
  | [] => []
  | s :: ss =>
    (lineOf input.fileMap s.start, String.Pos.Raw.extract input.inputString s.start s.stop, s.new,
      String.Pos.Raw.extract input.inputString first keyword ++ "noncomputable " ++
        String.Pos.Raw.extract input.inputString keyword s.start ++ s.new ++
      String.Pos.Raw.extract input.inputString s.stop last) :: changed input first keyword last ss

/-- Whether a text has another one in it. -/
meta def holds (text part : String) : Bool :=
  match text.splitOn part with
  | _ :: _ :: _ => true
  | _ => false

/-- The constructors' names of an inductive type. -/
meta partial def constructorsOf : List Syntax → List String
  | [] => []
  | stx :: rest =>
    if stx.isOfKind `Lean.Parser.Command.ctor then
      constructorName (children stx.getArgs 0) :: constructorsOf rest
    else match stx with
      | .node _ _ args => append (constructorsOf (children args 0)) (constructorsOf rest)
      | _ => constructorsOf rest
where
  constructorName : List Syntax → String
    | [] => ""
    | s :: ss => match s with | .ident .. => textOf s | _ => constructorName ss

/-- Whether there is an error among messages. Its text is not asked for: this build of Lean may have
no code to print a term with. -/
meta def erroneous : List Message → Bool
  | [] => false
  | m :: ms => match m.severity with
    | .error => true
    | _ => erroneous ms

meta partial def cut (file : String) (input : Parser.InputContext) (env : Environment)
    (state : Parser.ModuleParserState) (opened : List String) (types : List (List String))
    (acc : List Cmd) : IO (List Cmd × List (List String)) := do
  let (stx, next, messages) := Parser.parseCommand input { env := env, options := {} } state {}
  if erroneous messages.toList then throw (IO.userError (file ++ " is not Lean's syntax"))
  if Parser.isTerminalCommand stx then pure (acc, types)
  else if stx.isOfKind `Lean.Parser.Command.declaration then
    let d := stx.getArg 1
    let name := textOf ((d.getArg 1).getArg 0)
    let isTheorem := d.isOfKind `Lean.Parser.Command.theorem
    let types :=
      if d.isOfKind `Lean.Parser.Command.inductive then constructorsOf [d] :: types else types
    let value := valueOf (children d.getArgs 0)
    let text := String.Pos.Raw.extract input.inputString state.pos next.pos
    let keyword := match d.getPos? with | some p => p | none => state.pos
    let runs := d.isOfKind `Lean.Parser.Command.definition &&
      !holds (String.Pos.Raw.extract input.inputString state.pos keyword) "noncomputable"
    let short := match (if isTheorem then value else none) with
      | some v => (match v.getPos? with
        | some p => String.Pos.Raw.extract input.inputString state.pos p ++ ":= sorry"
        | none => text)
      | none =>
        if runs then
          String.Pos.Raw.extract input.inputString state.pos keyword ++ "noncomputable " ++
            String.Pos.Raw.extract input.inputString keyword next.pos
        else text
    let changes := match (if runs then value else none) with
      | some v => changed input state.pos keyword next.pos (sites types v)
      | none => []
    let scope := joined opened
    let line := match stx.getPos? with | some p => lineOf input.fileMap p | none => 0
    cut file input env next opened types
      ({ file := file, line := line, scope := scope,
         name := if scope == "" then name else scope ++ "." ++ name, isTheorem := isTheorem,
         text := text, short := short,
         words := wordsOf [stx] [], changes := changes } :: acc)
  else cut file input env next (scopes stx opened) types acc

/-- The folder of a file. -/
meta def folder (file : String) : String := joinBut (file.splitOn "/")
where
  joinBut : List String → String
    | [] => ""
    | [_] => ""
    | d :: e :: rest => d ++ "/" ++ joinBut (e :: rest)

meta def inputOf (file text : String) : Parser.InputContext :=
  { inputString := text, fileName := file, fileMap := FileMap.ofString text,
    endPos := text.rawEndPos, endPos_valid := by simp }

meta def leftOut (file : String) : Bool :=
  match reversed (file.splitOn "/") [] with
  | "Vectors.lean" :: _ => true
  | "StandIns.lean" :: _ => true
  | _ :: "Inference" :: _ => true
  | _ :: "Java" :: _ => true
  | [_] => true
  | _ => false

meta def cutAll (dir : String) (env : Environment) (types : List (List String)) (acc : List Cmd) :
    List String → IO (List Cmd)
  | [] => pure (reversed acc [])
  | file :: rest => do
    if leftOut file then cutAll dir env types acc rest
    else
      let text ← IO.FS.readFile (dir ++ file)
      let input := inputOf file text
      let (_, state, _) ← Parser.parseHeader input
      let (acc, types) ← cut file input env state [] types acc
      cutAll dir env types acc rest

/-! ## Running them -/

/-- Has Lean process a command in its namespace; whether it took it. -/
meta def processed (env : Environment) (scope text : String) : IO (Bool × Environment) := do
  let whole :=
    if scope == "" then text else "namespace " ++ scope ++ "\n" ++ text ++ "\nend " ++ scope ++ "\n"
  let state ← IO.processCommands (inputOf "mutant" whole) {} (Command.mkState env {} {})
  pure (!erroneous state.commandState.messages.toList, state.commandState.env)

meta def named (s : String) : Name := go .anonymous (s.splitOn ".")
where
  go (n : Name) : List String → Name
    | [] => n
    | p :: ps => go (.str n p) ps

/-- A command with the definitions that its text leads to, by what it mentions and what these
mention. -/
structure Known where
  cmd : Cmd
  reaches : List Name

/-- The last part of a name. -/
meta def lastPart (name : String) : String :=
  match reversed (name.splitOn ".") [] with
  | [] => ""
  | s :: _ => s

meta def isNamed (n : Name) : List Name → Bool
  | [] => false
  | m :: ms => m == n || isNamed n ms

meta def union : List Name → List Name → List Name
  | [], acc => acc
  | n :: ns, acc => union ns (if isNamed n acc then acc else n :: acc)

/-- What words lead to among the commands before, the last of which comes first. A theorem is not
gone through: where what it says fails, it has failed before. -/
meta def leads (words : List String) (acc : List Name) : List Known → List Name
  | [] => acc
  | k :: before => leads words (if !k.cmd.isTheorem && isIn (lastPart k.cmd.name) words then
    union (named k.cmd.name :: k.reaches) acc else acc) before

meta def knownAll (before : List Known) : List Cmd → List Known
  | [] => reversed before []
  | c :: cs => knownAll ({ cmd := c, reaches := leads c.words [] before } :: before) cs

/-- The commands before one that its text mentions, and those that these mention, in the order of
the sources: what is looked through comes from the last to the first. -/
meta def needed (words : List String) : List Known → List Known → List Known
  | [], acc => acc
  | k :: before, acc =>
    if isIn (lastPart k.cmd.name) words then needed (append k.cmd.words words) before (k :: acc)
    else needed words before acc

/-- Whether a command is about what was changed. -/
meta def concerns (d : Name) (k : Known) : Bool := isNamed d k.reaches

/-- The outcome of a mutant: the theorem that fails, with all commands before it, the last first. -/
inductive Outcome where
  | killed (by_ : Known) (passed : List Known)
  | survived
  | invalid

/-- Processes what a theorem needs; whether a definition among it failed. -/
meta def prepare (d : Name) (env : Environment) (done : NameSet) :
    List Known → IO (Bool × Environment × NameSet)
  | [] => pure (true, env, done)
  | k :: ks => do
    let n := named k.cmd.name
    if done.contains n then prepare d env done ks
    else
      let (ok, env) ← processed env k.cmd.scope k.cmd.short
      if !ok && !k.cmd.isTheorem && concerns d k then pure (false, env, done)
      else prepare d env (done.insert n) ks

/-- Goes through the commands after the changed one. `passed` are those before, the last first. -/
meta def tried (d : Name) (env : Environment) (done : NameSet) (passed : List Known) :
    List Known → IO Outcome
  | [] => pure .survived
  | k :: ks => do
    if k.cmd.isTheorem && concerns d k then
      let (ok, env, done) ← prepare d env done (needed k.cmd.words passed [])
      if !ok then pure .invalid
      else
        let (ok, env) ← processed env k.cmd.scope k.cmd.text
        if !ok then pure (.killed k passed)
        else tried d env (done.insert (named k.cmd.name)) (k :: passed) ks
    else tried d env done (k :: passed) ks

/-- What is counted: made, killed, survived, invalid. -/
structure Counts where
  made : Nat := 0
  killed : Nat := 0
  survived : Nat := 0
  invalid : Nat := 0

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

/-- Whether a theorem stands when nothing is changed, in the very way in which it fell. -/
meta def stands (env : Environment) (done : NameSet) (c : Cmd) (t : Known)
    (passed : List Known) : IO Bool := do
  let (_, env) ← processed env c.scope c.short
  let (_, env, _) ← prepare .anonymous env (done.insert (named c.name))
    (needed t.cmd.words passed [])
  let (ok, _) ← processed env t.cmd.scope t.cmd.text
  pure ok

/-- A definition that is changed: the environment of all that it mentions, and the theorems that
were seen to stand when it is not. -/
structure Place where
  env : Environment
  done : NameSet
  known : Known
  before : List Known
  after : List Known
  standing : List String := []

meta def say (c : Cmd) (j line : Nat) (old new outcome by_ : String) : IO Unit := do
  IO.println ("mutant\t" ++ c.name ++ "#" ++ Nat.repr j ++ "\t" ++ c.file ++ "\t" ++
    Nat.repr line ++ "\t" ++ oneLine old ++ "\t" ++ oneLine new ++ "\t" ++ outcome ++ "\t" ++ by_)

meta def mutant (p : Place) (j : Nat) (n : Counts) (change : Nat × String × String × String) :
    IO (Place × Counts) := do
  let (line, old, new, text) := change
  let c := p.known.cmd
  let d := named c.name
  let (ok, changedEnv) ← processed p.env c.scope text
  let outcome ← if !ok then pure .invalid
    else tried d changedEnv (p.done.insert d) (p.known :: p.before) p.after
  let n := { n with made := n.made + 1 }
  match outcome with
  | .killed t passed => do
    let known := isIn t.cmd.name p.standing
    let ok ← if known then pure true else stands p.env p.done c t passed
    if ok then
      say c j line old new "killed" t.cmd.name
      pure ((if known then p else { p with standing := t.cmd.name :: p.standing }),
        { n with killed := n.killed + 1 })
    else
      throw (IO.userError (t.cmd.name ++ " fails with " ++ c.name ++ " as it is"))
  | .survived => do
    say c j line old new "survived" ""
    pure (p, { n with survived := n.survived + 1 })
  | .invalid => do
    say c j line old new "invalid" ""
    pure (p, { n with invalid := n.invalid + 1 })

/-- Which mutants are made. -/
inductive Choice where
  | range (first last : Nat)
  | drawn (indices : List Nat)
  | of (names : List String)

meta def isNumber (i : Nat) : List Nat → Bool
  | [] => false
  | j :: js => i == j || isNumber i js

/-- Whether a mutant is made: the definition's `j`-th, and the `i`-th of all. -/
meta def Choice.has (c : Choice) (name : String) (j i : Nat) : Bool :=
  match c with
  | .range a b => a ≤ i && i < b
  | .drawn is => isNumber i is
  | .of names => isIn name names || isIn (name ++ "#" ++ Nat.repr j) names

meta def Choice.hasSome (c : Choice) (name : String) (i : Nat) : Nat → Bool
  | 0 => false
  | n + 1 => c.has name (n + 1) (i + n) || c.hasSome name i n

/-- Numbers below `total` that look random. -/
meta def draw (seed total : Nat) : Nat → List Nat
  | 0 => []
  | n + 1 => ((((seed + n) * 2654435761 + 12345) % 4294967296) * 1103515245 + 12345) % 4294967296 /
    256 % total :: draw seed total n

meta def overChanges (p : Place) (choice : Choice) (i j : Nat) (n : Counts) :
    List (Nat × String × String × String) → IO Counts
  | [] => pure n
  | ch :: chs => do
    let (p, n) ← if choice.has p.known.cmd.name j i then mutant p j n ch else pure (p, n)
    overChanges p choice (i + 1) (j + 1) n chs

meta partial def overCommands (base : Environment) (choice : Choice) (i : Nat) (n : Counts)
    (before : List Known) : List Known → IO Counts
  | [] => pure n
  | k :: ks => do
    let m := length k.cmd.changes
    let n ← if choice.hasSome k.cmd.name i m then
        let (_, env, done) ← prepare .anonymous base {} (needed k.cmd.words before [])
        overChanges { env := env, done := done, known := k, before := before, after := ks } choice i
          1 n k.cmd.changes
      else pure n
    overCommands base choice (i + m) n (k :: before) ks

meta def total : List Known → Nat
  | [] => 0
  | k :: ks => length k.cmd.changes + total ks

meta def number (s : String) : Nat := go s.toList 0
where
  go : List Char → Nat → Nat
    | [], n => n
    | c :: cs, n => go cs (if c.isDigit then n * 10 + (c.toNat - '0'.toNat) else n)

/-- Two definitions to see whether mutants are found out: theorems fix the first one; of the second
one they say less. -/
meta def selfTest : String := "namespace ThreeHalf

def seededFixed (n : Nat) : Nat := if n < 3 then 5 else n

def seededLoose (n : Nat) : Nat := n + 7

theorem seededFixed_small (n : Nat) (h : n < 3) : seededFixed n = 5 := by \
  unfold seededFixed; rw [if_pos h]

theorem seededFixed_large (n : Nat) (h : 3 ≤ n) : seededFixed n = n := by \
  unfold seededFixed; rw [if_neg (by omega)]

theorem seededLoose_more (n : Nat) : n < seededLoose n := by unfold seededLoose; omega

end ThreeHalf
"

meta def run (file : String) : IO Unit := do
  let sources ← IO.getEnv "THREEHALF_SOURCES"
  let asked ← IO.getEnv "THREEHALF_MUTANTS"
  let base ← importModules #[{ module := `Init }] {} (trustLevel := 0) (loadExts := true)
  let (tests, _) ← cut "selfTest" (inputOf "selfTest" selfTest) base {} [] [] []
  let tests := knownAll [] (reversed tests [])
  let _ ← overCommands base (.range 0 (total tests)) 0 {} [] tests
  let cmds ← cutAll (folder file) base [] []
    (match sources with | some l => l.splitOn ":" | none => [])
  let known := knownAll [] cmds
  let all := total known
  let choice : Choice ← match asked with
    | some a => (match a.splitOn "/", a.splitOn "-" with
      | [c, s], _ => pure (.drawn (draw (number s) all (number c)))
      | _, [a, b] => pure (.range (number a) (number b))
      | _, _ => pure (.of (a.splitOn ":")))
    | none => throw (IO.userError "THREEHALF_MUTANTS says which mutants to make")
  let n ← overCommands base choice 0 {} [] known
  IO.println ("mutants\t" ++ Nat.repr all ++ "\t" ++ Nat.repr n.made ++ "\t" ++ Nat.repr n.killed ++
    "\t" ++ Nat.repr n.survived ++ "\t" ++ Nat.repr n.invalid)

end Mutants

#eval show CommandElabM Unit from do
  Mutants.run (← getFileName)
