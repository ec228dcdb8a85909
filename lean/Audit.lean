module
meta import Lean

/-!
# The audit of the library's constants

A program: it loads the compiled library as data, without running anything of it, and starts a
second environment from the library's imports alone (`Init`, `Std`). Into that it adds every
constant of every module of this project **anew through the kernel**, in the order in which they use
each other, so that a declaration that was never checked is refused whatever the way it came in. All
else is asked of that second environment, which knows no syntax, instance or printer of the
project's own:

- axioms: for every constant, types and bodies are followed to all constants that they use;
  `sorryAx`, `Lean.ofReduceBool`, `Lean.ofReduceNat`, `Lean.trustCompiler`, or an axiom other than
  `propext`, `Quot.sound` and `Classical.choice` is a problem. A library constant without a body in
  this build is taken as proved by the toolchain; the last line counts them. What uses
  `Lean.reduceBool` or `Lean.reduceNat`, for which the kernel runs compiled code, is refused before
  the kernel sees it;
- every constant is in the namespace ThreeHalf, and none has a name that would be read in the place
  of another's;
- no constant is unsafe or partial; no instance is for types of others alone, however its class is
  written, and no statement binds one; a statement or definition builds no instance of its own by a
  constructor of a class; **each instance in a statement or definition is the one that Lean finds by
  itself** in that environment (`Decidable` apart, whose instances all say the same);
- a theorem takes no instance for a type of others, and has no hypothesis that speaks of no variable
  (such as `False` or `1 = 2`);
- **what a statement speaks of**: the definitions that the environment variable `THREEHALF_SUBJECTS`
  names (by `spec/theorems.json`, separated by `:`) become variables, all others are spelled out as
  far as they are no recursion, and Lean's tactics are asked, with a limit on each, whether the
  statement holds of anything then, by itself or by cases of a value; and for each definition alone,
  whether the statement is as true of any other. Each part of a conjunction is asked by itself. What
  holds of anything speaks of nothing;
- these two are asked of the theorems that the environment variable `THREEHALF_SERVING` names (those
  that name a requirement, separated by `:`), or of all if it names none;
- **whether a statement tells a definition from others**: a stand-in of its type is looked for, of
  which the statement is false with values for its binders: the definition's value altered, or a
  constant. Whatever uses the definition is spelled out first, recursions too, so that an alias of
  it is replaced with it. Asked are the pairs that the environment variable `THREEHALF_ABOUT` names
  (`THEOREM/DEFINITION/…`, separated by `:`), or all theorems of what they mention;
- **whether what a theorem supposes can be**: values for all its binders are looked for, plain ones
  in a dozen rounds, for which Lean's tactics prove all its hypotheses; or a theorem of the name
  `NAME_possible` says that there are some (`∃` for a value, `∧` for a hypothesis, in the order of
  the binders).

Output, one line each, members separated by tabs: `theorem NAME AXIOMS USES POSSIBLE STATEMENT`
(axioms, and the project's constants that the elaborated statement says something of, separated by
blanks; then what shows that its hypotheses can hold: empty where there are no binders, `found`, a
theorem's name, `unknown`, or `unasked`), `told NAME DEFINITION`,
`module NAME THEOREMS`, `problem NAME WHAT`,
`replayed CONSTANTS`, and last `audit THEOREMS PROBLEMS LIBRARY-UNSEEN`. A theorem of this project
has one `theorem` line; what Lean adds to a definition by itself is audited but not listed. Exit
code 1 if there is a problem. Whether a theorem serves a requirement is for the runner to say.
Requirements: none; it is what the results of all theorems rest on.
-/

open Lean Elab Command

namespace Audit

meta def nameOf (n : Name) : String := n.toString (escape := false)

meta def rootOf : Name → String
  | .str .anonymous s => s | .str p _ => rootOf p | .num p _ => rootOf p | .anonymous => ""

meta def ownModule (m : Name) : Bool := rootOf m == "ThreeHalf"

meta def allowed (n : Name) : Bool := n == `propext || n == `Quot.sound || n == `Classical.choice

/-- Axioms that stand for what the kernel never saw, and the two functions that the kernel computes
by running compiled code. -/
meta def denied (n : Name) : Bool :=
  n == `sorryAx || n == `Lean.ofReduceBool || n == `Lean.ofReduceNat || n == `Lean.trustCompiler ||
    n == `Lean.reduceBool || n == `Lean.reduceNat

meta def insertSorted (n : String) : List String → List String
  | [] => [n]
  | m :: ms => if n < m then n :: m :: ms else m :: insertSorted n ms

meta def sorted : List Name → List String → List String
  | [], acc => acc
  | n :: ns, acc => sorted ns (insertSorted (nameOf n) acc)

meta def joined : List String → String
  | [] => ""
  | [s] => s
  | s :: t :: r => s ++ " " ++ joined (t :: r)

meta def oneLine (s : String) : String := joined (words s.toList [] [])
where
  flush (w : List Char) (acc : List String) : List String :=
    match w with | [] => acc | _ => String.ofList (rev w []) :: acc
  rev : List Char → List Char → List Char
    | [], acc => acc
    | c :: cs, acc => rev cs (c :: acc)
  revS : List String → List String → List String
    | [], acc => acc
    | c :: cs, acc => revS cs (c :: acc)
  words : List Char → List Char → List String → List String
    | [], w, acc => revS (flush w acc) []
    | c :: cs, w, acc => if c == ' ' || c == '\n' || c == '\t' then words cs [] (flush w acc)
      else words cs (c :: w) acc

/-! ## The library as data -/

/-- The library's modules by name, and the library modules that they import. -/
structure Modules where
  own : List Name := []
  imports : List Name := []
  foreign : List Name := []

meta def isIn (n : Name) : List Name → Bool
  | [] => false
  | m :: ms => m == n || isIn n ms

meta partial def sortImports (a : Array Import) (i : Nat) (m : Modules) : Modules :=
  match a[i]? with
  | none => m
  | some x =>
    let n := x.module
    sortImports a (i + 1)
      (if ownModule n || isIn n m.imports || isIn n m.foreign then m
       else if rootOf n == "Init" || rootOf n == "Std" then { m with imports := n :: m.imports }
       else { m with foreign := n :: m.foreign })

meta partial def modulesOf (env : Environment) (i : Nat) (m : Modules) : Modules :=
  match env.header.moduleNames[i]?, env.header.moduleData[i]? with
  | some n, some d => modulesOf env (i + 1)
    (if ownModule n then sortImports d.imports 0 { m with own := n :: m.own } else m)
  | _, _ => m

meta def whole : List Name → Array Import → Array Import
  | [], a => a
  | n :: ns, a => whole ns (a.push { module := n, importAll := true })

meta def plain : List Name → Array Import → Array Import
  | [], a => a
  | n :: ns, a => plain ns (a.push { module := n })

/-! ## Replay -/

/-- What is known so far. -/
structure State where
  env : Environment
  begun : NameSet := {}
  added : Nat := 0
  theorems : Nat := 0
  problems : Nat := 0
  unseen : NameSet := {}
  /-- Theorems by name, with their statements and axioms. -/
  found : List (Name × Expr × List Name) := []
  /-- What has to hold of the instances in statements and definitions, with the first constant that
  it was met in. -/
  claims : List (Name × List Expr) := []

meta def problem (s : State) (n : Name) (what : String) : IO State := do
  IO.println ("problem\t" ++ nameOf n ++ "\t" ++ what)
  pure { s with problems := s.problems + 1 }

meta def own (source : Environment) (n : Name) : Bool :=
  match source.getModuleIdxFor? n with
  | none => true
  | some i => match source.header.moduleNames[i.toNat]? with
    | none => true
    | some m => ownModule m

@[noinline] meta def refusal (e : Kernel.Exception) : IO String := do
  let s ← (e.toMessageData {}).toString
  pure (oneLine s)

meta def deniedAmong : List Name → List Name
  | [] => []
  | n :: ns => if denied n then n :: deniedAmong ns else deniedAmong ns

meta def add (s : State) (n : Name) (d : Declaration) : IO State :=
  match s.env.addDeclCore 0 d none with
  | .ok env => pure { s with env := env, added := s.added + 1 }
  | .error e => do
    let text ← refusal e
    problem s n ("the kernel refuses it: " ++ text)

meta def typesOf (source : Environment) : List Name → List InductiveType → List InductiveType
  | [], acc => reverse acc []
  | n :: ns, acc => match source.find? n with
    | some (.inductInfo v) =>
      typesOf source ns ({ name := n, type := v.type, ctors := constructors v.ctors } :: acc)
    | _ => typesOf source ns acc
where
  reverse : List InductiveType → List InductiveType → List InductiveType
    | [], acc => acc
    | t :: ts, acc => reverse ts (t :: acc)
  constructors : List Name → List Constructor
    | [] => []
    | c :: cs => match source.find? c with
      | some (.ctorInfo v) => { name := c, type := v.type } :: constructors cs
      | _ => constructors cs

meta def cat (a : List Name) (b : List Name) : List Name :=
  match a with
  | [] => b
  | x :: xs => x :: cat xs b

meta partial def listed (a : Array Name) (i : Nat) (rest : List Name) : List Name :=
  match a[i]? with
  | none => rest
  | some n => n :: listed a (i + 1) rest

meta def usedBy (e : Expr) (rest : List Name) : List Name := listed e.getUsedConstants 0 rest

meta def typesUsed (ts : List InductiveType) : List Name :=
  match ts with
  | [] => []
  | t :: ts => usedBy t.type (fromConstructors t.ctors (typesUsed ts))
where
  fromConstructors : List Constructor → List Name → List Name
    | [], rest => rest
    | c :: cs, rest => usedBy c.type (fromConstructors cs rest)

/-- A step of the replay: see to a constant, or add a declaration whose constants were seen to. -/
inductive Step where
  | see (n : Name)
  | put (n : Name) (d : Declaration)

meta def seeAll : List Name → List Step → List Step
  | [], rest => rest
  | n :: ns, rest => .see n :: seeAll ns rest

/-- What has to be done for a constant: its own constants first. -/
meta def steps (source : Environment) (n : Name) (rest : List Step) : List Step :=
  match source.find? n with
  | some (.defnInfo d) => seeAll (usedBy d.type (usedBy d.value [])) (.put n (.defnDecl d) :: rest)
  | some (.thmInfo t) => seeAll (usedBy t.type (usedBy t.value [])) (.put n (.thmDecl t) :: rest)
  | some (.opaqueInfo o) =>
    seeAll (usedBy o.type (usedBy o.value [])) (.put n (.opaqueDecl o) :: rest)
  | some (.axiomInfo a) => seeAll (usedBy a.type []) (.put n (.axiomDecl a) :: rest)
  | some (.inductInfo v) =>
    let ts := typesOf source v.all []
    seeAll (typesUsed ts) (.put n (.inductDecl v.levelParams v.numParams ts v.isUnsafe) :: rest)
  | some (.ctorInfo v) => .see v.induct :: rest
  | some (.recInfo v) => .see v.getMajorInduct :: rest
  | _ => rest

meta def begin (source : Environment) (n : Name) (begun : NameSet) : NameSet :=
  match source.find? n with
  | some (.inductInfo v) => all v.all (begun.insert n)
  | _ => begun.insert n
where
  all : List Name → NameSet → NameSet
    | [], s => s
    | n :: ns, s => all ns (s.insert n)

meta partial def replay (source : Environment) (s : State) : List Step → IO State
  | [] => pure s
  | .see n :: rest =>
    if s.begun.contains n || !own source n then replay source s rest
    else
      let s := { s with begun := begin source n s.begun }
      match source.find? n with
      | none => do
        let s ← problem s n "is used but not there"
        replay source s rest
      | some c =>
        if c.isUnsafe || c.isPartial then replay source s rest
        else match deniedAmong (usedBy c.type
          (match c.value? (allowOpaque := true) with | some v => usedBy v [] | none => [])) with
          | [] => replay source s (steps source n rest)
          | bad => do
            -- The kernel would run compiled code for it.
            let s ← problem s n ("uses " ++ joined (sorted bad []))
            replay source s rest
  | .put n d :: rest => do
    let s ← add s n d
    replay source s rest

/-! ## What a constant rests on -/

/-- The constants without a body that a constant reaches, by Lean's own walk. -/
meta def bodiless (env : Environment) (n : Name) : Array Name :=
  (((CollectAxioms.collect n).run env).run {}).2.axioms

/-- Allowed axioms, problems, and library constants that this build has no body of. -/
structure Found where
  axioms : List Name := []
  bad : List Name := []
  unseen : List Name := []

meta partial def sortOut (source : Environment) (a : Array Name) (i : Nat) (f : Found) : Found :=
  match a[i]? with
  | none => f
  | some n =>
    sortOut source a (i + 1)
      (if allowed n then { f with axioms := n :: f.axioms }
       else if denied n || own source n then { f with bad := n :: f.bad }
       else { f with unseen := n :: f.unseen })

meta def insertAll : List Name → NameSet → NameSet
  | [], s => s
  | n :: ns, s => insertAll ns (s.insert n)

meta def statement (env : Environment) (e : Expr) : IO String := do
  let f ← Lean.ppExprWithInfos { env := env, opts := {} } e
  pure (oneLine (f.fmt.pretty 1000000))

/-- The recursion that Lean compiles for a definition: it is no part of the logic, and whatever used
it would be refused by the kernel, which never sees it here. -/
meta def compiled : Name → Bool
  | .str _ s => s == "_unsafe_rec"
  | _ => false

/-- What Lean adds to a definition by itself: audited, but not listed. -/
meta def added : Name → Bool
  | .str _ s => s == "inj" || s == "injEq" || s == "sizeOf_spec" || s == "eq_def" ||
    s == "congr_simp"
  | _ => false

/-! ## What statements and instances may be -/

meta def ofOwn (source : Environment) : List Name → List Name
  | [] => []
  | n :: ns => if own source n then n :: ofOwn source ns else ofOwn source ns

/-- Whether a type of the project's own (an inductive one: an abbreviation may stand for another's)
is among some names. -/
meta def ownType (source : Environment) : List Name → Bool
  | [] => false
  | n :: ns => (own source n &&
    (match source.find? n with | some (.inductInfo _) => true | _ => false)) || ownType source ns

/-- The next variable that is put in the place of a binder's: one for each depth. -/
meta def slot (depth : Nat) : FVarId := { name := .num `Audit.x depth }

/-- What a type says in the end, computed by the kernel, which spells all definitions out; variables
stand in the place of its binders'. -/
meta partial def conclusionAt (env : Environment) (context : LocalContext) (depth : Nat)
    (e : Expr) : Expr :=
  match e.getAppFn with
  | .const `DecidableEq _ => e
  | _ =>
    match Kernel.whnf env context e with
    | .error _ => e
    | .ok (.forallE n t b _) =>
      conclusionAt env (context.mkLocalDecl (slot depth) n t) (depth + 1)
        (b.instantiate1 (.fvar (slot depth)))
    | .ok r => r

meta def conclusion (env : Environment) (e : Expr) : Expr := conclusionAt env {} 0 e

meta def classLike (env : Environment) (e : Expr) : Bool :=
  match e.getAppFn with
  | .const n _ => n == `DecidableEq || n == `DecidablePred || n == `DecidableRel || isClass env n
  | _ => false

/-- Whether a type is, in the end, a class for types of others. A class is spelled out before it is
asked: it may be written in any way that computes to one. -/
meta def foreignClass (source env : Environment) (context : LocalContext) (depth : Nat)
    (type : Expr) : Bool :=
  let c := conclusionAt env context depth type
  classLike env c && !ownType source (usedBy c [])

/-- Constructors of classes other than `Decidable`, whose two are plain values. -/
meta def classConstructors (env : Environment) : List Name → List Name
  | [] => []
  | n :: ns => match env.find? n with
    | some (.ctorInfo v) =>
      if isClass env v.induct && !(v.induct == `Decidable) then n :: classConstructors env ns
      else classConstructors env ns
    | _ => classConstructors env ns

/-- Whether a closed type is a proposition: the kernel says so. -/
meta def proposition (env : Environment) (e : Expr) : Bool :=
  match env.addDeclCore 0 (.defnDecl
    { name := `ThreeHalf.audited, levelParams := [], type := .sort .zero, value := e,
      hints := .opaque, safety := .safe }) none with
  | .ok _ => true
  | .error _ => false

/-- What is wrong with the binders of a theorem. -/
meta partial def binders (source env : Environment) (context : LocalContext) (depth : Nat)
    (e : Expr) : List String :=
  match e with
  | .mdata _ b => binders source env context depth b
  | .forallE n t b _ =>
    let rest := binders source env (context.mkLocalDecl (slot depth) n t) (depth + 1)
      (b.instantiate1 (.fvar (slot depth)))
    let rest := if !t.hasFVar && proposition env t then
      "has a hypothesis that speaks of no variable" :: rest else rest
    if foreignClass source env context depth t then "takes an instance for a type of others" :: rest
    else rest
  | _ => []

/-! ## Whether a statement speaks of what it mentions -/

/-- Whether an application says of something that it is that thing, or not less than it. -/
meta def ofItself (e : Expr) : Bool :=
  match e with
  | .app (.app _ a) b => a == b && reflexive e.getAppFn
  | _ => false
where
  reflexive : Expr → Bool
    | .const n _ => n == `Eq || n == `Iff || n == `LE.le || n == `GE.ge || n == `HEq
    | _ => false

meta def hasHead (n : Name) (e : Expr) : Bool :=
  match e.getAppFn with | .const m _ => m == n | _ => false

/-- Whether a body says that its variable is something, which something always is. -/
meta def names (e : Expr) : Bool :=
  match e with
  | .app (.app f a) b => hasHead `Eq f &&
    ((a == .bvar 0 && !b.hasLooseBVar 0) || (b == .bvar 0 && !a.hasLooseBVar 0))
  | _ => false

/-- The project's constants that a statement says something of: none in a part that is true of
whatever they are, because of its form or because it mentions none. -/
meta partial def speaksOf (source : Environment) (hypotheses : List Expr) (e : Expr) : List Name :=
  match e with
  | .mdata _ b => speaksOf source hypotheses b
  | .letE _ _ v b _ => speaksOf source hypotheses (b.instantiate1 v)
  | .forallE _ t b _ =>
    match speaksOf source (raised (t :: hypotheses)) b with
    | [] => []
    | said => cat (ofOwn source (usedBy t [])) said
  | .app (.app (.const `And _) a) b =>
    cat (speaksOf source hypotheses a) (speaksOf source hypotheses b)
  | .app (.app (.const `Or _) a) b =>
    match speaksOf source hypotheses a, speaksOf source hypotheses b with
    | [], _ => []
    | _, [] => []
    | x, y => cat x y
  | .app (.app (.const `Exists _) t) (.lam _ _ b _) =>
    if names b then [] else match speaksOf source (raised hypotheses) b with
      | [] => []
      | said => cat (ofOwn source (usedBy t [])) said
  | e =>
    if e.isHeadBetaTarget then speaksOf source hypotheses e.headBeta
    else if ofItself e || among e hypotheses then [] else ofOwn source (usedBy e [])
where
  raised : List Expr → List Expr
    | [] => []
    | h :: hs => h.liftLooseBVars 0 1 :: raised hs
  among (e : Expr) : List Expr → Bool
    | [] => false
    | h :: hs => h == e || among e hs

/-- Whether something is bound, anywhere in a term, whose type is a class for types of others. -/
meta partial def bindsClass (source env : Environment) (context : LocalContext) (depth : Nat)
    (e : Expr) : Bool :=
  match e with
  | .forallE n t b _ => binder n t b
  | .lam n t b _ => binder n t b
  | .letE n t v b _ => bindsClass source env context depth v || binder n t b
  | .app f a => bindsClass source env context depth f || bindsClass source env context depth a
  | .mdata _ b => bindsClass source env context depth b
  | .proj _ _ b => bindsClass source env context depth b
  | _ => false
where
  binder (n : Name) (t b : Expr) : Bool :=
    foreignClass source env context depth t || bindsClass source env context depth t ||
    bindsClass source env (context.mkLocalDecl (slot depth) n t) (depth + 1)
      (b.instantiate1 (.fvar (slot depth)))

/-! ## Questions to Lean's tactics

Some questions no look at a statement's form can answer. They are put to Lean's own tactics, in the
second environment, as propositions that the kernel took as definitions (`Probe.p0`, `Probe.p1`, …),
all in one text, a question and a way to answer it a line; a line without an error is an answer,
which the kernel checked as it does every proof. -/

/-- What was asked so far. -/
structure Questions where
  env : Environment
  asked : Nat := 0
  line : Nat := 0
  text : List String := []

meta def probe (i : Nat) : Name := .str `Probe ("p" ++ Nat.repr i)

/-- Adds a proposition; none if the kernel does not take it for one. -/
meta def pose (q : Questions) (e : Expr) : Option Questions :=
  match q.env.addDeclCore 0 (.defnDecl
    { name := probe q.asked, levelParams := [], type := .sort .zero, value := e, hints := .abbrev,
      safety := .safe }) none with
  | .ok env => some { q with env := env, asked := q.asked + 1 }
  | .error _ => none

/-- Asks the last proposition in one more way; the number of the line. -/
meta def way (q : Questions) (tactics : String) : Questions × Nat :=
  let p := nameOf (probe (q.asked - 1))
  ({ q with
      line := q.line + 1
      text := ("theorem Probe.t" ++ Nat.repr (q.line + 1) ++ " : " ++ p ++ " := by delta " ++ p ++
        "; " ++ tactics ++ "\n") :: q.text }, q.line + 1)

meta def ways (q : Questions) : List String → Questions × List Nat
  | [] => (q, [])
  | t :: ts =>
    let (q, n) := way q t
    let (q, ns) := ways q ts
    (q, n :: ns)

/-- The lines with an error, by number; the first line of the text sets the limits. -/
meta def failures : List Message → NameSet → NameSet
  | [], acc => acc
  | m :: ms, acc => failures ms
    (match m.severity with | .error => acc.insert (.num .anonymous (m.pos.line - 1)) | _ => acc)

meta def turned : List String → String → String
  | [], acc => acc
  | s :: ss, acc => turned ss (s ++ acc)

/-- And those up to a number that are not there at all. -/
meta def absences (env : Environment) (line : Nat) (acc : NameSet) : NameSet :=
  match line with
  | 0 => acc
  | n + 1 => absences env n (if env.contains (.str `Probe ("t" ++ Nat.repr (n + 1))) then acc
    else acc.insert (.num .anonymous (n + 1)))

/-- Has Lean answer all; the lines that are no answer. -/
meta def answers (q : Questions) (limit : Nat) : IO NameSet := do
  let text := "set_option maxHeartbeats " ++ Nat.repr limit ++ "\n" ++ turned q.text ""
  let input : Parser.InputContext :=
    { inputString := text, fileName := "probes", fileMap := FileMap.ofString text,
      endPos := text.rawEndPos, endPos_valid := by simp }
  let state ← IO.processCommands input {} (Command.mkState q.env {} {})
  pure (failures state.commandState.messages.toList (absences state.commandState.env q.line {}))

meta def answered (failed : NameSet) : List Nat → Bool
  | [] => false
  | n :: ns => !failed.contains (.num .anonymous n) || answered failed ns

meta def count {α : Type} : List α → Nat
  | [] => 0
  | _ :: xs => count xs + 1

/-- An application's arguments. -/
meta def argumentsOf : Expr → List Expr → List Expr
  | .app f a, acc => argumentsOf f (a :: acc)
  | _, acc => acc

/-- A binder that was gone into. -/
structure Bound where
  var : FVarId
  name : Name
  type : Expr

/-- What holds of all values of the variables that a term mentions, the innermost first. -/
meta def closed : List Bound → Expr → Expr
  | [], e => e
  | b :: bs, e => closed bs (if e.containsFVar b.var then
    .forallE b.name b.type (e.abstract #[.fvar b.var]) .default else e)

/-! ### Is a statement true of anything? -/

meta def ones : List Name → List Level
  | [] => []
  | _ :: ns => .succ .zero :: ones ns

/-- Whether a term is defined by recursion or by cases: it stays as it is. -/
meta def byCases : List Name → Bool
  | [] => false
  | .str _ s :: ns => s == "rec" || s == "brecOn" || s == "casesOn" || s == "recOn" || s == "fix" ||
    startsWith "match_".toList s.toList || byCases ns
  | _ :: ns => byCases ns
where
  startsWith : List Char → List Char → Bool
    | [], _ => true
    | _ :: _, [] => false
    | c :: cs, d :: ds => c == d && startsWith cs ds

meta partial def reduced (e : Expr) : Expr :=
  match e with
  | .app f a =>
    let f := reduced f
    let a := reduced a
    if f.isLambda then reduced (Expr.headBeta (.app f a)) else .app f a
  | .lam n t b i => .lam n (reduced t) (reduced b) i
  | .forallE n t b i => .forallE n (reduced t) (reduced b) i
  | .letE n t v b d => .letE n (reduced t) (reduced v) (reduced b) d
  | .mdata _ b => reduced b
  | .proj s i b => .proj s i (reduced b)
  | e => e

/-- A statement with the project's own definitions spelled out, but for those that requirements are
about. -/
meta partial def spelled (source : Environment) (subjects : NameSet) (e : Expr) : Expr :=
  let e := e.replace fun
    | .const n us =>
      if subjects.contains n || !own source n then none
      else match source.find? n with
        | some (.defnInfo d) =>
          if n.isInternalDetail || byCases (usedBy d.value []) then none
          else some (spelled source subjects (d.value.instantiateLevelParams d.levelParams us))
        | _ => none
    | _ => none
  reduced e

meta def append {α : Type} : List α → List α → List α
  | [], ys => ys
  | x :: xs, ys => x :: append xs ys

/-- The parts of a statement that hold together, each under the binders that it stands under. -/
meta partial def partsOf (e : Expr) : List Expr :=
  match e with
  | .mdata _ b => partsOf b
  | .letE _ _ v b _ => partsOf (b.instantiate1 v)
  | .forallE n t b i => under n t i (partsOf b)
  | .app (.app (.const `And _) a) b => append (partsOf a) (partsOf b)
  | e => if e.isHeadBetaTarget then partsOf e.headBeta else [e]
where
  under (n : Name) (t : Expr) (i : BinderInfo) : List Expr → List Expr
    | [] => []
    | p :: ps => .forallE n t p i :: under n t i ps

/-- Whether a constant is a definition that a variable can stand in the place of: it has a value and
is no type. -/
meta def replaceable (source : Environment) (n : Name) : Option Expr :=
  match source.find? n with
  | some (.defnInfo d) => (match d.levelParams with
    | [] => (if endsInSort d.type then none else some d.type)
    | _ => none)
  | _ => none
where
  endsInSort : Expr → Bool
    | .forallE _ _ b _ => endsInSort b
    | .sort _ => true
    | _ => false

meta def withVariable (n : Name) (x : Expr) (e : Expr) : Expr :=
  e.replace fun
    | .const m _ => if m == n then some x else none
    | _ => none

/-- The subjects among some names that a variable can stand in the place of. -/
meta def subjectsIn (source : Environment) (subjects : NameSet) : List Name → List Name
  | [] => []
  | n :: ns => if subjects.contains n && (replaceable source n).isSome then
    n :: subjectsIn source subjects ns else subjectsIn source subjects ns

/-- A statement of all functions in the place of the project's. -/
meta def ofAnything (source : Environment) (e : Expr) : List Name → Expr
  | [] => e
  | n :: ns =>
    match replaceable source n with
    | none => ofAnything source e ns
    | some t =>
      let x : FVarId := { name := n }
      .forallE `f t ((withVariable n (.fvar x) (ofAnything source e ns)).abstract #[.fvar x])
        .default

/-- That a statement is as true of one function as of any other in the place of a definition. -/
meta def indifferent (source : Environment) (e : Expr) (n : Name) : Expr :=
  match replaceable source n with
  | none => .const `False []
  | some t =>
    let x : FVarId := { name := .str n "x" }
    let y : FVarId := { name := .str n "y" }
    let both : Expr :=
      .app (.app (.const `Iff []) (withVariable n (.fvar x) e)) (withVariable n (.fvar y) e)
    .forallE `f t (.forallE `g t (both.abstract #[.fvar x, .fvar y]) .default) .default

/-- An inductive type's constructors, each with values for its members from here on: what holds of
each of them holds of all its values. -/
meta partial def overConstructors (env : Environment) (type : Expr) (body : Expr → Expr) :
    Option Expr :=
  match type.getAppFn with
  | .const c us => match env.find? c with
    | some (.inductInfo v) =>
      if v.numIndices != 0 || v.isRec || count v.ctors > 8 then none else all v us v.ctors
    | _ => none
  | _ => none
where
  all (v : InductiveVal) (us : List Level) : List Name → Option Expr
    | [] => none
    | [c] => one v us c
    | c :: cs => match one v us c, all v us cs with
      | some a, some b => some (.app (.app (.const `And []) a) b)
      | _, _ => none
  one (v : InductiveVal) (us : List Level) (c : Name) : Option Expr :=
    match env.find? c with
    | some (.ctorInfo k) => some (parameters v.numParams (argumentsOf type []) (.const c us)
      (k.type.instantiateLevelParams k.levelParams us))
    | _ => none
  parameters (n : Nat) (args : List Expr) (e rest : Expr) : Expr :=
    match n, args, rest with
    | n + 1, a :: args, .forallE _ _ b _ => parameters n args (.app e a) (b.instantiate1 a)
    | _, _, t => members 0 e t
  members (i : Nat) (e rest : Expr) : Expr :=
    match rest with
    | .forallE n t b _ =>
      let x : FVarId := { name := .num `Audit.member i }
      .forallE n t ((members (i + 1) (.app e (.fvar x)) (b.instantiate1 (.fvar x))).abstract
        #[.fvar x]) .default
    | _ => body e

/-- The first value of a definition in a term that depends on no variable bound inside. -/
meta partial def valueOf (n : Name) (arity : Nat) (e : Expr) : Option Expr :=
  match e with
  | .app f a =>
    let args := argumentsOf e []
    if (match e.getAppFn with | .const m _ => m == n | _ => false) && count args == arity &&
      !e.hasLooseBVars then some e
    else match valueOf n arity f with
      | some v => some v
      | none => valueOf n arity a
  | .lam _ t b _ => (match valueOf n arity t with | some v => some v | none => valueOf n arity b)
  | .forallE _ t b _ =>
    (match valueOf n arity t with | some v => some v | none => valueOf n arity b)
  | .letE _ _ v b _ => (match valueOf n arity v with | some v => some v | none => valueOf n arity b)
  | .mdata _ b => valueOf n arity b
  | .proj _ _ b => valueOf n arity b
  | .const m _ => if m == n && arity == 0 then some e else none
  | _ => none

meta def arityOf : Expr → Nat
  | .forallE _ _ b _ => arityOf b + 1
  | _ => 0

meta def resultOf : Expr → List Expr → Expr
  | .forallE _ _ b _, a :: as => resultOf (b.instantiate1 a) as
  | t, _ => t

/-- A statement by cases of what a definition gives. -/
meta partial def bySplitting (source : Environment) (n : Name) (bound : List Bound) (e : Expr) :
    Option Expr :=
  match e with
  | .forallE m t b _ =>
    let x := slot (count bound)
    match (match replaceable source n with
      | some type => valueOf n (arityOf type) t
      | none => none) with
    | some _ => split e
    | none => bySplitting source n ({ var := x, name := m, type := t } :: bound)
      (b.instantiate1 (.fvar x))
  | e => split e
where
  split (e : Expr) : Option Expr :=
    match replaceable source n with
    | none => none
    | some type =>
      match valueOf n (arityOf type) e with
      | none => none
      | some v =>
        match overConstructors source (resultOf type (argumentsOf v []))
          (fun c => e.replace fun s => if s == v then some c else none) with
        | some r => some (closed bound r)
        | none => none

/-- What is asked about a part of a statement: the lines for all its subjects together, and for
each. -/
structure Part where
  said : List Name
  together : List Nat
  each : List (Name × List Nat)

meta def attempts : List String :=
  ["intros; first | contradiction | assumption | omega | exact ⟨_, rfl⟩ | \
      exact ⟨_, Nat.le_refl _⟩ | exact ⟨_, Int.le_refl _⟩ | exact ⟨_, Rat.le_refl⟩ | \
      exact ⟨_, Nat.lt_succ_self _⟩ | exact ⟨_, Int.lt_succ _⟩ | trivial | (simp_all; done)",
   "intros; grind"]

/-- For a proposition that is inductive, and the project's own. -/
meta def constructing : String :=
  "intros; constructor <;> first | trivial | omega | (simp_all; done)"

/-- Whether a statement ends in such a proposition. -/
meta def constructed (source : Environment) : Expr → Bool
  | .forallE _ _ b _ => constructed source b
  | e => match e.getAppFn with | .const n _ => own source n | _ => false

meta def askEach (source : Environment) (e : Expr) (q : Questions) :
    List Name → Questions × List (Name × List Nat)
  | [] => (q, [])
  | n :: ns =>
    match pose q (indifferent source e n) with
    | none => askEach source e q ns
    | some q =>
      let (q, l) := ways q ["intros; simp"]
      let (q, rest) := askEach source e q ns
      (q, (n, l) :: rest)

/-- That it holds of all, by cases of what one of them gives. -/
meta def askSplit (source : Environment) (e : Expr) (q : Questions) (all : List Name) :
    List Name → Questions × List Nat
  | [] => (q, [])
  | n :: ns =>
    match bySplitting source n [] e with
    | none => askSplit source e q all ns
    | some c => match pose q (ofAnything source c all) with
      | none => askSplit source e q all ns
      | some q =>
        let (q, l) := ways q
          ["intros; (repeat' apply And.intro) <;> intros <;> \
            first | trivial | omega | (simp_all; done) | grind"]
        let (q, rest) := askSplit source e q all ns
        (q, append l rest)

meta def askParts (source : Environment) (subjects : NameSet) (q : Questions) :
    List Expr → Questions × List Part
  | [] => (q, [])
  | e :: es =>
    match speaksOf source [] e with
    | [] => askParts source subjects q es
    | said =>
      match subjectsIn source subjects (unique said {}) with
      | [] =>
        let (q, rest) := askParts source subjects q es
        (q, { said := said, together := [], each := [] } :: rest)
      | ns =>
        let (q, together) := match pose q (ofAnything source e ns) with
          | none => (q, [])
          | some q => ways q (if constructed source e then constructing :: attempts else attempts)
        let (q, split) := askSplit source e q ns ns
        let together := append split together
        let (q, each) := askEach source e q ns
        let (q, rest) := askParts source subjects q es
        (q, { said := said, together := together, each := each } :: rest)
where
  unique : List Name → NameSet → List Name
    | [], _ => []
    | n :: ns, seen => if seen.contains n then unique ns seen else n :: unique ns (seen.insert n)

/-- What a statement says something of, by the answers. -/
meta def fixed (failed : NameSet) : List Part → List Name
  | [] => []
  | p :: ps =>
    if answered failed p.together then fixed failed ps
    else cat (without p.said (idle p.each)) (fixed failed ps)
where
  idle : List (Name × List Nat) → NameSet
    | [] => {}
    | (n, l) :: rest => if answered failed l then (idle rest).insert n else idle rest
  without (ns : List Name) (gone : NameSet) : List Name :=
    match ns with
    | [] => []
    | n :: ns => if gone.contains n then without ns gone else n :: without ns gone

/-! ### Can what a theorem supposes be? -/

/-- How often other values are tried. -/
meta def rounds : Nat := 12

/-- In thousands of allocations, for each answer. -/
meta def limit : Nat := 3000

/-- The same for a witness, where an answer is what is hoped for. -/
meta def patience : Nat := 6000

/-- That there are values for all binders of a statement for which all its hypotheses hold; none if
there is nothing to be shown. -/
meta partial def possible (env : Environment) (bound : List Bound) (e : Expr) : Option Expr :=
  match e with
  | .mdata _ b => possible env bound b
  | .forallE n t b _ =>
    let x := slot (count bound)
    let inner :=
      possible env ({ var := x, name := n, type := t } :: bound) (b.instantiate1 (.fvar x))
    if proposition env (closed bound t) then
      match inner with
      | none => some t
      | some r =>
        if r.containsFVar x then some
          (.app (.app (.const `Exists [.zero]) t) (.lam n t (r.abstract #[.fvar x]) .default))
        else some (.app (.app (.const `And []) t) r)
    else
      let r : Expr := match inner with | none => .const `True [] | some r => r
      some (.app (.app (.const `Exists [level t]) t) (.lam n t (r.abstract #[.fvar x]) .default))
  | _ => none
where
  level : Expr → Level
    | .sort u => .succ u
    | _ => .succ .zero

/-- A number below n that looks random. -/
meta def drawn (round salt n : Nat) : Nat :=
  if round == 0 then n - 1 else if round == 1 then 0
  else ((((round * 7919 + salt) * 1103515245 + 12345) % 2147483648) * 1103515245 + 12345) %
    2147483648 / 65536 % n

meta def numbers : List Nat := [0, 3, 4, 64, 1]

meta def pick : List Nat → Nat → Nat
  | [], _ => 0
  | n :: _, 0 => n
  | _ :: ns, i + 1 => pick ns i

/-- A value of a type, another one in another round; none if there is no plain one. -/
meta partial def candidate (env : Environment) (round salt depth : Nat) (type : Expr) :
    Option Expr :=
  match type with
  | .mdata _ b => candidate env round salt depth b
  | .sort (.succ _) => some (.const `Nat [])
  | .sort _ => some (.const `True [])
  | .forallE n t b _ => match candidate env round (salt * 31 + 7) depth b with
    | some v => some (.lam n t v .default)
    | none => none
  | _ =>
    match type.getAppFn with
    | .const `Nat _ => some (mkNatLit (pick numbers (drawn round salt 5)))
    | .const `Int _ => some (mkIntLit (Int.ofNat (pick numbers (drawn round salt 5))))
    | .const `Rat _ =>
      some (.app (.const `Rat.ofInt []) (mkIntLit (Int.ofNat (pick numbers (drawn round salt 5)))))
    | .const c us =>
      match env.find? c with
      | some (.inductInfo v) => if depth == 0 then none
        else constructors v us v.ctors (drawn round salt (count v.ctors)) (count v.ctors)
      | _ => match Kernel.whnf env {} type with
        | .ok t => if t == type then none else candidate env round salt depth t
        | .error _ => none
    | _ => none
where
  /-- The constructors from the drawn one on, until one has values for all its members. -/
  constructors (v : InductiveVal) (us : List Level) (cs : List Name) (i tries : Nat) :
    Option Expr :=
    match tries with
    | 0 => none
    | tries + 1 =>
      match one v us (nth cs i) with
      | some e => some e
      | none => constructors v us cs ((i + 1) % count v.ctors) tries
  nth : List Name → Nat → Name
    | [], _ => .anonymous
    | c :: _, 0 => c
    | _ :: cs, i + 1 => nth cs i
  one (v : InductiveVal) (us : List Level) (c : Name) : Option Expr :=
    match env.find? c with
    | some (.ctorInfo k) =>
      if v.numIndices != 0 then none
      else members (parameters (.const c us) (k.type.instantiateLevelParams k.levelParams us) 0
        v.numParams) salt
    | _ => none
  parameters (e rest : Expr) (i n : Nat) : Expr × Expr :=
    match n, rest with
    | n + 1, .forallE _ _ b _ =>
      parameters (.app e (argument i)) (b.instantiate1 (argument i)) (i + 1) n
    | _, t => (e, t)
  argument (i : Nat) : Expr := nthOf (argumentsOf type []) i
  nthOf : List Expr → Nat → Expr
    | [], _ => .sort .zero
    | a :: _, 0 => a
    | _ :: as, i + 1 => nthOf as i
  members (p : Expr × Expr) (salt : Nat) : Option Expr :=
    match p.2 with
    | .forallE _ t b _ =>
      match candidate env round (salt * 37 + 11) (depth - 1) t with
      | some a => members (.app p.1 a, b.instantiate1 a) (salt + 101)
      | none => none
    | _ => some p.1

/-- What has to be shown of some values for all binders of a statement: its hypotheses with these
values, all together. None if values are not at hand, or a hypothesis speaks of the proof of another
one. -/
meta partial def supposed (env : Environment) (round salt : Nat) (bound : List Bound) (e : Expr) :
    Option Expr :=
  match e with
  | .mdata _ b => supposed env round salt bound b
  | .forallE n t b _ =>
    if proposition env (closed bound t) then
      let x := slot (count bound)
      match supposed env round salt ({ var := x, name := n, type := t } :: bound)
        (b.instantiate1 (.fvar x)) with
      | none => none
      | some r => if r.containsFVar x then none
        else some (match r with | .const `True _ => t | _ => .app (.app (.const `And []) t) r)
    else match candidate env round (salt + 17) 3 t with
      | none => none
      | some v => supposed env round (salt + 29) bound (b.instantiate1 v)
  | _ => some (.const `True [])

meta def showing : String :=
  "(repeat' apply And.intro) <;> first | trivial | (decide +kernel) | omega | (intros; omega) | \
    (intros; simp_all; done) | \
    (constructor <;> intros <;> first | (decide +kernel) | omega | (simp_all; done))"

/-! ### Does a statement tell a definition from others?

What was asked so far finds statements that Lean's tactics see to hold of anything; some hold of
anything without that. So there is a second, positive question: a theorem tells a definition from
others if it is false of some other function of the same type, a *stand-in*. One is looked for, with
values for all binders of the statement: with these values the hypotheses hold of the stand-in and
the conclusion does not, which the kernel checks. A statement that holds of anything has no such
stand-in, in whatever way it is written. -/

/-- The constants of a constant's type and value. A theorem has none here: all proofs of a
proposition are the same. -/
meta def usesOf (source : Environment) (n : Name) : List Name :=
  match source.find? n with
  | some (.thmInfo _) => []
  | some (.inductInfo v) => fromConstructors v.ctors (usedBy v.type [])
  | some c => usedBy c.type (match c.value? with | some v => usedBy v [] | none => [])
  | none => []
where
  fromConstructors : List Name → List Name → List Name
    | [], rest => rest
    | c :: cs, rest => match source.find? c with
      | some i => usedBy i.type (fromConstructors cs rest)
      | none => fromConstructors cs rest

/-- Each of the project's constants but theorems, with those that it uses. -/
abbrev Uses := List (Name × List Name)

meta partial def usesIn (source : Environment) (a : Array Name) (i : Nat) (us : Uses) : Uses :=
  match a[i]? with
  | none => us
  | some n => usesIn source a (i + 1) (match ofOwn source (usesOf source n) with
    | [] => us
    | l => (n, l) :: us)

meta partial def usesOfAll (source : Environment) (i : Nat) (us : Uses) : Uses :=
  match source.header.moduleNames[i]?, source.header.moduleData[i]? with
  | some m, some d =>
    usesOfAll source (i + 1) (if ownModule m then usesIn source d.constNames 0 us else us)
  | _, _ => us

meta def meets (found : NameSet) : List Name → Bool
  | [] => false
  | n :: ns => found.contains n || meets found ns

/-- A constant and all that lead to it. -/
meta partial def cone (us : Uses) (found : NameSet) : NameSet :=
  match once us found false with
  | (found, true) => cone us found
  | (found, false) => found
where
  once (us : Uses) (found : NameSet) (more : Bool) : NameSet × Bool :=
    match us with
    | [] => (found, more)
    | (n, l) :: us =>
      if !found.contains n && meets found l then once us (found.insert n) true
      else once us found more

meta def coneIn (n : Name) : List (Name × NameSet) → Option NameSet
  | [] => none
  | (m, c) :: cs => if m == n then some c else coneIn n cs

/-- A term in which nothing leads to a definition any more but the definition itself: whatever uses
it is spelled out, recursions too. -/
meta partial def exposed (source : Environment) (cone : NameSet) (target : Name) (e : Expr) :
    Expr :=
  reduced (e.replace fun
    | .const n us =>
      if n == target || !cone.contains n then none
      else match source.find? n with
        | some (.defnInfo d) => some (exposed source cone target
            (d.value.instantiateLevelParams d.levelParams us))
        | _ => none
    | _ => none)

/-- Whether some of these constants still lead to a definition. -/
meta def leads (source : Environment) (cone : NameSet) : List Name → Bool
  | [] => false
  | n :: ns =>
    match source.find? n with
    | some (.thmInfo _) => leads source cone ns
    | _ => cone.contains n || leads source cone ns

/-- The universes that a constant is used with first. -/
meta partial def levelsOf (n : Name) (e : Expr) : Option (List Level) :=
  match e with
  | .const m us => if m == n then some us else none
  | .app f a => both f a
  | .lam _ t b _ => both t b
  | .forallE _ t b _ => both t b
  | .letE _ t v b _ => (match levelsOf n t with | some us => some us | none => both v b)
  | .mdata _ b => levelsOf n b
  | .proj _ _ b => levelsOf n b
  | _ => none
where
  both (a b : Expr) : Option (List Level) :=
    match levelsOf n a with | some us => some us | none => levelsOf n b

/-- The subjects that a statement mentions, itself or by definitions that are no subjects. -/
meta partial def mentioned (source : Environment) (subjects : NameSet) (seen : NameSet)
    (found : List Name) : List Name → List Name
  | [] => found
  | n :: ns =>
    if seen.contains n || !own source n then mentioned source subjects seen found ns
    else if subjects.contains n then mentioned source subjects (seen.insert n) (n :: found) ns
    else mentioned source subjects (seen.insert n) found (cat (usesOf source n) ns)

meta def denying : String :=
  "(repeat' apply And.intro) <;> first | (decide +kernel) | trivial | omega | (intros; omega) | \
    (intros; simp_all; done) | (intro h; simp at h; done) | \
    (constructor <;> intros <;> first | (decide +kernel) | omega | (simp_all; done))"

/-- Other values of a type than one, made of it. -/
meta partial def altered (env : Environment) (context : LocalContext) (depth : Nat)
    (x type : Expr) : List Expr :=
  if depth == 0 then [] else
  match type with
  | .mdata _ b => altered env context depth x b
  | .sort .zero => [.app (.const `Not []) x]
  | .forallE n t b _ =>
    let v : FVarId := { name := .num `Audit.argument depth }
    over n t v (altered env (context.mkLocalDecl v n t) (depth - 1) (.app x (.fvar v))
      (b.instantiate1 (.fvar v)))
  | _ =>
    match type.getAppFn with
    | .const `Nat _ => [.app (.const `Nat.succ []) x]
    | .const `Int _ => [.app (.app (.const `Int.add []) x) (mkIntLit 1)]
    | .const `Rat _ =>
      [.app (.app (.const `Rat.add []) x) (.app (.const `Rat.ofInt []) (mkIntLit 1))]
    | .const `Bool _ => [.app (.const `Bool.not []) x]
    | .const `List us =>
      let longer : List Expr := match type with
        | .app _ t => (match candidate env 0 1 3 t with
          | some c => [.app (.app (.app (.const `List.cons us) t) c) x]
          | none => [])
        | _ => []
      append longer (match type with
        | .app _ t => [.app (.app (.app (.const `List.drop us) t) (mkNatLit 1)) x]
        | _ => [])
    | .const c us =>
      match env.find? c with
      | some (.inductInfo v) => (match v.ctors, env.find? (first v.ctors) with
        | [k], some (.ctorInfo i) =>
          if v.numIndices != 0 then [] else
            members (fields c (parameters (.const k us)
              (i.type.instantiateLevelParams i.levelParams us) (argumentsOf type [])) 0)
        | _, _ => [])
      | _ => match Kernel.whnf env context type with
        | .ok t => if t == type then [] else altered env context depth x t
        | .error _ => []
    | _ => []
where
  first : List Name → Name
    | [] => .anonymous
    | n :: _ => n
  over (n : Name) (t : Expr) (v : FVarId) : List Expr → List Expr
    | [] => []
    | e :: es => .lam n t (e.abstract #[.fvar v]) .default :: over n t v es
  parameters (e rest : Expr) : List Expr → Expr × Expr
    | [] => (e, rest)
    | a :: as => match rest with
      | .forallE _ _ b _ => parameters (.app e a) (b.instantiate1 a) as
      | _ => (e, rest)
  /-- The constructor with its members, and each member with its type. -/
  fields (c : Name) (p : Expr × Expr) (i : Nat) : Expr × List (Expr × Expr) :=
    match p.2 with
    | .forallE _ t b _ =>
      let m : Expr := .proj c i x
      let (k, ms) := fields c (p.1, b.instantiate1 m) (i + 1)
      (k, (m, t) :: ms)
    | _ => (p.1, [])
  members (p : Expr × List (Expr × Expr)) : List Expr := each p.1 [] p.2
  each (k : Expr) (before : List Expr) : List (Expr × Expr) → List Expr
    | [] => []
    | (m, t) :: rest =>
      append (with_ k before rest (altered env context (depth - 1) m t))
        (each k (append before [m]) rest)
  with_ (k : Expr) (before : List Expr) (rest : List (Expr × Expr)) : List Expr → List Expr
    | [] => []
    | e :: es => applied (applied k before) (e :: only rest) :: with_ k before rest es
  only : List (Expr × Expr) → List Expr
    | [] => []
    | (m, _) :: rest => m :: only rest
  applied (k : Expr) : List Expr → Expr
    | [] => k
    | a :: as => applied (.app k a) as

/-- Values for all of a function's arguments: altered ones first, then such as are always the
same. -/
meta partial def standIns (env : Environment) (type x : Expr) : List Expr :=
  go {} [] type x
where
  go (context : LocalContext) (bound : List Bound) (type x : Expr) : List Expr :=
    match type with
    | .forallE n t b _ =>
      let v : FVarId := { name := .num `Audit.given (count bound) }
      go (context.mkLocalDecl v n t) ({ var := v, name := n, type := t } :: bound)
        (b.instantiate1 (.fvar v)) (.app x (.fvar v))
    | _ => over bound (append (altered env context 5 x type) (constant 0 type))
  constant (round : Nat) (type : Expr) : List Expr :=
    match type with
    | .sort .zero => [.const `False [], .const `True []]
    | _ =>
      if round == 5 then []
      else match candidate env round round 3 type with
        | some c => fresh c (constant (round + 1) type)
        | none => constant (round + 1) type
  fresh (c : Expr) (cs : List Expr) : List Expr := if isThere c cs then cs else c :: cs
  isThere (c : Expr) : List Expr → Bool
    | [] => false
    | d :: ds => d == c || isThere c ds
  over (bound : List Bound) : List Expr → List Expr
    | [] => []
    | e :: es => lambda bound e :: over bound es
  lambda : List Bound → Expr → Expr
    | [], e => e
    | b :: bs, e => lambda bs (.lam b.name b.type (e.abstract #[.fvar b.var]) .default)

/-- What has to be shown of some values for all binders of a statement, so that the statement is
false: its hypotheses with these values, and not its conclusion. -/
meta partial def refuting (env : Environment) (round salt : Nat) (bound : List Bound) (e : Expr) :
    Option Expr :=
  match e with
  | .mdata _ b => refuting env round salt bound b
  | .letE _ _ v b _ => refuting env round salt bound (b.instantiate1 v)
  | .forallE n t b _ =>
    if proposition env (closed bound t) then
      let x := slot (count bound)
      match refuting env round salt ({ var := x, name := n, type := t } :: bound)
        (b.instantiate1 (.fvar x)) with
      | none => none
      | some r => if r.containsFVar x then none else some (.app (.app (.const `And []) t) r)
    else match candidate env round (salt + 17) 3 t with
      | none => none
      | some v => refuting env round (salt + 29) bound (b.instantiate1 v)
  | e => if e.isHeadBetaTarget then refuting env round salt bound e.headBeta
    else some (.app (.const `Not []) e)

meta def withStandIn (n : Name) (x : Expr) (e : Expr) : Expr :=
  reduced (e.replace fun
    | .const m _ => if m == n then some x else none
    | _ => none)

/-- A theorem's statement, laid open for one of its subjects. -/
structure Told where
  place : Name
  subject : Name
  parts : List Expr
  standIns : List Expr
  /-- The round in which values were found that the hypotheses hold of. -/
  since : Nat
  shown : Bool

meta def told (source env : Environment) (cones : List (Name × NameSet)) (place : Name)
    (since : Nat) (statement : Expr) : List Name → List Told
  | [] => []
  | n :: ns =>
    let rest := told source env cones place since statement ns
    let cone := match coneIn n cones with | some c => c | none => {}
    let e := exposed source cone n statement
    match levelsOf n e, source.find? n with
    | some us, some c =>
      let type := c.type.instantiateLevelParams c.levelParams us
      if leads source cone (usedBy (withStandIn n (.const `True []) e) []) then rest
      else { place := place, subject := n, parts := about n (partsOf e),
             standIns := standIns env type (.const n us), since := since, shown := false } :: rest
    | _, _ => rest
where
  about (n : Name) : List Expr → List Expr
    | [] => []
    | e :: es => match levelsOf n e with
      | some _ => e :: about n es
      | none => about n es

meta def nthOf {α : Type} : List α → Nat → Option α
  | [], _ => none
  | a :: _, 0 => some a
  | _ :: as, i + 1 => nthOf as i

/-- Whether a term has a number in it up to which the kernel had better not count. -/
meta partial def large (e : Expr) : Bool :=
  match e with
  | .lit (.natVal n) => n > 1000
  | .app f a => large f || large a
  | .lam _ t b _ => large t || large b
  | .forallE _ t b _ => large t || large b
  | .letE _ t v b _ => large t || large v || large b
  | .mdata _ b => large b
  | .proj _ _ b => large b
  | _ => false

/-- The attempt of a number: a stand-in for each round of values and each part. -/
meta def attempt (env : Environment) (q : Questions) (i : Nat) (t : Told) : Questions × List Nat :=
  let s := count t.standIns
  let p := count t.parts
  if s == 0 || p == 0 then (q, []) else
  match nthOf t.standIns (i % s), nthOf t.parts (i / s % p) with
  | some x, some e =>
    match refuting env (t.since + i / s / p) 1 [] (withStandIn t.subject x e) with
    | none => (q, [])
    | some r => if large r then (q, []) else match pose q r with
      | none => (q, [])
      | some q => ways q [denying]
  | _, _ => (q, [])

meta def tried (env : Environment) (i : Nat) (q : Questions) :
    List Told → Questions × List (Told × List Nat)
  | [] => (q, [])
  | t :: ts =>
    let (q, l) := if !t.shown then attempt env q i t else (q, [])
    let (q, rest) := tried env i q ts
    (q, (t, l) :: rest)

meta def taken (failed : NameSet) : List (Told × List Nat) → List Told
  | [] => []
  | (t, l) :: rest => (if answered failed l then { t with shown := true } else t) ::
    taken failed rest

/-- How many stand-ins are tried of each. -/
meta def tries : Nat := 2

meta partial def tellings (env : Environment) (i : Nat) (ts : List Told) : IO (List Told) := do
  if i == tries then pure ts else do
  let (q, asked) := tried env i { env := env } ts
  let failed ← answers q patience
  let ts := taken failed asked
  tellings env (i + 1) ts

/-! ### Stand-ins that the library names

Where the search finds no stand-in, the library may name one, in a constant whose type is
`ThreeHalf.StandIn` of a definition and of the theorem at values for its binders, and whose value
holds the other function and a fact (`ThreeHalf/StandIns.lean`). Nothing of that is believed: the
statement is laid open as for any other stand-in, the function put in the definition's place, the
values in the binders', and Lean has to show that the hypotheses hold and the conclusion does not.
The fact may help with that; it is a theorem of the library, replayed like the others. -/

/-- What a constant of the library names. -/
structure Hint where
  place : Name
  /-- The theorem. -/
  of : Name
  subject : Name
  values : List Expr
  standIn : Expr
  fact : Expr
  because : Expr

meta partial def underBinders : Expr → Expr
  | .lam _ _ b _ => underBinders b
  | .mdata _ b => underBinders b
  | .letE _ _ v b _ => underBinders (b.instantiate1 v)
  | e => if e.isHeadBetaTarget then underBinders e.headBeta else e

/-- A theorem with the values that it is used with, those after a part of it was taken included. -/
meta partial def used (e : Expr) (after : List Expr) : Option (Name × List Expr) :=
  match (underBinders e).getAppFn, argumentsOf (underBinders e) [] with
  | .const n _, args =>
    if n == `And.left || n == `And.right then
      match args with
      | _ :: _ :: h :: rest => used h (append rest after)
      | _ => none
    else some (n, append args after)
  | .proj _ _ h, args => used h (append args after)
  | _, _ => none

meta def hintOf (n : Name) : ConstantInfo → Option Hint
  | .defnInfo d =>
    match argumentsOf d.type [], argumentsOf (underBinders d.value) [] with
    | [_, .const f _, _, there], [_, _, _, _, other, fact, because] =>
      if !(hasHead `ThreeHalf.StandIn d.type && hasHead `ThreeHalf.StandIn.mk d.value) then none
      else match used there [] with
        | some (t, values) => some
          { place := n, of := t, subject := f, values := values, standIn := other, fact := fact,
            because := because }
        | none => none
    | _, _ => none
  | _ => none

/-- What has to be shown of these values for the binders of a statement: its hypotheses, and not its
conclusion. A hypothesis that what follows speaks of is one of `∃`. -/
meta partial def refutingAt (env : Environment) (values : List Expr) (bound : List Bound)
    (e : Expr) : Option Expr :=
  match e with
  | .mdata _ b => refutingAt env values bound b
  | .letE _ _ v b _ => refutingAt env values bound (b.instantiate1 v)
  | .forallE n t b _ =>
    let rest := match values with | [] => [] | _ :: vs => vs
    if proposition env (closed bound t) then
      let x := slot (count bound)
      match refutingAt env rest ({ var := x, name := n, type := t } :: bound)
        (b.instantiate1 (.fvar x)) with
      | none => none
      | some r => if r.containsFVar x then some
          (.app (.app (.const `Exists [.zero]) t) (.lam n t (r.abstract #[.fvar x]) .default))
        else some (.app (.app (.const `And []) t) r)
    else match values with
      | [] => some (.app (.const `Not []) e)
      | v :: _ => if v.hasLooseBVars then none else refutingAt env rest bound (b.instantiate1 v)
  | e => if e.isHeadBetaTarget then refutingAt env values bound e.headBeta
    else some (.app (.const `Not []) e)

/-- A term with the project's own propositions spelled out, but for those by recursion. -/
meta partial def laidOpen (source : Environment) (e : Expr) : Expr :=
  reduced (e.replace fun
    | .const n us =>
      if !own source n then none
      else match source.find? n with
        | some (.defnInfo d) =>
          if n.isInternalDetail || byCases (usedBy d.value []) || !endsInProp d.type then none
          else some (laidOpen source (d.value.instantiateLevelParams d.levelParams us))
        | _ => none
    | _ => none)
where
  endsInProp : Expr → Bool
    | .forallE _ _ b _ => endsInProp b
    | .sort .zero => true
    | _ => false

/-- With a fact: it may be all that is to be shown, or one of the things. What is plain is looked at
before anything is counted. -/
meta def helped (fact : String) : String :=
  "have fact := " ++ fact ++ "; first | exact fact | ((repeat' apply And.intro) <;> \
    first | exact fact | (intros; simp; done) | (decide +kernel) | trivial | omega | \
      (intros; simp_all; done) | \
      (constructor <;> intros <;> first | (decide +kernel) | omega | (simp_all; done)))"

meta def hintName (i : Nat) : Name := .str `Probe ("fact" ++ Nat.repr i)

/-- Asks of each part of a statement whether the stand-in shows it false. -/
meta def askHint (source env : Environment) (h : Hint) (fact : Name) (q : Questions) :
    List Expr → Questions × List Nat
  | [] => (q, [])
  | e :: es =>
    let (q, l) := match refutingAt env h.values [] (withStandIn h.subject h.standIn e) with
      | none => (q, [])
      | some r => match pose q (laidOpen source r) with
        | none => (q, [])
        | some q => ways q [match h.fact with
          | .const `True _ => denying
          | _ => helped (nameOf fact)]
    let (q, more) := askHint source env h fact q es
    (q, append l more)

meta def askHints (source env : Environment) (cones : List (Name × NameSet)) (i : Nat)
    (q : Questions) : List Hint → Questions × List (Hint × List Nat)
  | [] => (q, [])
  | h :: hs =>
    let (q, l) := match source.find? h.of, coneIn h.subject cones with
      | some (.thmInfo t), some cone =>
        let e := exposed source cone h.subject
          (t.type.instantiateLevelParams t.levelParams (ones t.levelParams))
        if leads source cone (usedBy (withStandIn h.subject (.const `True []) e) []) then (q, [])
        else match q.env.addDeclCore 0 (.thmDecl
          { name := hintName i, levelParams := [], type := h.fact, value := h.because }) none with
          | .ok env' => askHint source env h (hintName i) { q with env := env' } (partsOf e)
          | .error _ => (q, [])
      | _, _ => (q, [])
    let (q, rest) := askHints source env cones (i + 1) q hs
    (q, (h, l) :: rest)

/-! ### Are the instances Lean's own? -/

/-- Whether two instances of a class are the same anyhow: `Decidable` says no more than which of two
is true. -/
meta partial def indifferentClass (c : Expr) : Bool :=
  match c.getAppFn with
  | .const n _ => n == `Decidable || n == `DecidableEq || n == `DecidablePred ||
    n == `DecidableRel || n == `DecidableLT || n == `DecidableLE
  | .forallE _ _ b _ => indifferentClass b
  | _ => false

meta def among (e : Expr) : List Expr → Bool
  | [] => false
  | x :: xs => x == e || among e xs

meta def contextOf : List Bound → LocalContext
  | [] => {}
  | b :: bs => (contextOf bs).mkLocalDecl b.var b.name b.type

/-- What is to be shown of each instance in a term: that it is the one that Lean finds by itself. -/
meta partial def instances (env : Environment) (bound : List Bound) (e : Expr)
    (acc : List Expr) : List Expr :=
  match e with
  | .mdata _ b => instances env bound b acc
  | .proj s _ b =>
    instances env bound b (if isClass env s then claimed (.const `False []) acc else acc)
  | .forallE n t b _ => under n t b (instances env bound t acc)
  | .lam n t b _ => under n t b (instances env bound t acc)
  | .letE n t v b _ => under n t b (instances env bound v (instances env bound t acc))
  | .app .. =>
    let f := e.getAppFn
    let acc := match f with
      | .const n us => match env.find? n with
        | some c => arguments (c.type.instantiateLevelParams c.levelParams us)
          (argumentsOf e []) acc
        | none => acc
      | .fvar x => arguments (typeOf x bound) (argumentsOf e []) acc
      | _ => instances env bound f acc
    inside (argumentsOf e []) acc
  | _ => acc
where
  typeOf (x : FVarId) : List Bound → Expr
    | [] => .sort .zero
    | b :: bs => if b.var == x then b.type else typeOf x bs
  claimed (p : Expr) (acc : List Expr) : List Expr := if among p acc then acc else p :: acc
  under (n : Name) (t b : Expr) (acc : List Expr) : List Expr :=
    let x := slot (count bound)
    instances env ({ var := x, name := n, type := t } :: bound) (b.instantiate1 (.fvar x)) acc
  inside (args : List Expr) (acc : List Expr) : List Expr :=
    match args with
    | [] => acc
    | a :: args => inside args (instances env bound a acc)
  arguments (type : Expr) (args : List Expr) (acc : List Expr) : List Expr :=
    match args with
    | [] => acc
    | a :: args =>
      match (match type with
        | .forallE .. => type
        | _ => match Kernel.whnf env (contextOf bound) type with
          | .ok t => t
          | .error _ => type) with
      | .forallE _ d b info =>
        let acc :=
          if info.isInstImplicit && !indifferentClass d && !proposition env (closed bound d) then
            -- The class's universe is not at hand: the kernel takes the right one of three.
            claimed (closed bound (.app (.app (.const `Exists [.succ .zero]) d) (.lam `i d
              (.app (.app (.app (.const `Eq [.succ .zero]) d) a) (.bvar 0)) .default))) acc
          else acc
        arguments (b.instantiate1 a) args acc
      | _ => acc

/-- The same claim with classes one universe up. -/
meta partial def raisedClaim (e : Expr) : Expr :=
  match e with
  | .forallE n t b i => .forallE n t (raisedClaim b) i
  | .app (.app (.const `Exists [u]) d) (.lam n t (.app (.app (.app (.const `Eq [v]) d') a) x) i) =>
    .app (.app (.const `Exists [.succ u]) d)
      (.lam n t (.app (.app (.app (.const `Eq [.succ v]) d') a) x) i)
  | e => e

meta def canonical : String :=
  "intros; refine Exists.intro (by infer_instance) ?_; with_reducible rfl"

/-! ## Names that would be read as others -/

meta def withoutRoot : Name → Name
  | .str .anonymous _ => .anonymous
  | .str p s => .str (withoutRoot p) s
  | .num p i => .num (withoutRoot p) i
  | .anonymous => .anonymous

/-- What of the library would be read as this constant where the namespaces in front of it are open:
the last parts of its name, two of them at least. -/
meta partial def hidden (env : Environment) (n : Name) : Option Name :=
  match n with
  | .str .anonymous _ => none
  | .anonymous => none
  | n => if env.contains n then some n else hidden env (withoutRoot n)

/-- Why a constant's name is none for the project: within its namespaces a name is looked up with
them in front first. -/
meta def misnamed (env : Environment) (n : Name) : Option String :=
  if rootOf n != "ThreeHalf" then some "is not in the namespace ThreeHalf"
  else
    let inner := withoutRoot n
    let deeper := if rootOf inner == "Vectors" then withoutRoot inner else .anonymous
    if inner != .anonymous && env.contains inner then some ("hides " ++ nameOf inner)
    else if deeper != .anonymous && (env.contains deeper || env.contains (`ThreeHalf ++ deeper))
      then some ("hides " ++ nameOf deeper)
    else match hidden env inner with
      | some m => some ("hides " ++ nameOf m)
      | none => none

meta def isTheorem : ConstantInfo → Bool
  | .thmInfo _ => true
  | _ => false

meta def problems (s : State) (n : Name) : List String → IO State
  | [] => pure s
  | w :: ws => do
    let s ← problem s n w
    problems s n ws

meta def isTrue (e : Expr) : Bool :=
  match conclusionOnly e with | .const n _ => n == `True | _ => false
where
  conclusionOnly : Expr → Expr
    | .forallE _ _ b _ => conclusionOnly b
    | .mdata _ b => conclusionOnly b
    | e => e

meta partial def constants (source : Environment) (a : Array Name) (i : Nat)
    (s : State) : IO State :=
  match a[i]? with
  | none => pure s
  | some n => do
    let s ← match source.find? n with
      | none => problem s n "is not there"
      | some c => do
        let s ← if (c.isUnsafe || c.isPartial) && !compiled n then
          problem s n "is unsafe or partial" else pure s
        let s ← if !isTheorem c && foreignClass source s.env {} 0 c.type then
          problem s n "is an instance for types of others" else pure s
        let s ← if n.isInternalDetail then pure s else match misnamed s.env n with
          | some what => problem s n what
          | none => pure s
        match c with
        | .defnInfo d =>
          match (if classLike s.env (conclusion s.env d.type) then []
            else classConstructors s.env (usedBy d.value [])) with
          | [] => pure s
          | cs => problem s n ("builds an instance of its own: " ++ joined (sorted cs []))
        | _ => pure s
    match s.env.find? n with
    | none =>
      -- Said above, or refused by the kernel.
      constants source a (i + 1) s
    | some c => do
      let f := sortOut source (bodiless s.env n) 0 {}
      let s := { s with unseen := insertAll f.unseen s.unseen }
      let s ← match f.bad with
        | [] => pure s
        | _ => problem s n ("reaches " ++ joined (sorted f.bad []))
      match c with
      | .thmInfo t =>
        if n.isInternalDetail || added n then constants source a (i + 1) s
        else do
          let s ← problems s n (binders source s.env {} 0 t.type)
          let s ← if isTrue t.type then problem s n "says True" else pure s
          let s ← if bindsClass source s.env {} 0 t.type then
            problem s n "binds an instance for types of others" else pure s
          let s ← match classConstructors s.env (usedBy t.type []) with
            | [] => pure s
            | cs => problem s n ("builds an instance of its own: " ++ joined (sorted cs []))
          let type := t.type.instantiateLevelParams t.levelParams (ones t.levelParams)
          constants source a (i + 1)
            { s with theorems := s.theorems + 1, found := (n, type, f.axioms) :: s.found,
                     claims := (n, instances s.env [] type []) :: s.claims }
      | .defnInfo d =>
        if n.isInternalDetail then constants source a (i + 1) s
        else
          constants source a (i + 1)
            { s with claims := (n, instances s.env []
                (d.value.instantiateLevelParams d.levelParams (ones d.levelParams)) []) ::
                s.claims }
      | _ => constants source a (i + 1) s

meta partial def overModules (source : Environment) (replaying : Bool) (i : Nat)
    (s : State) : IO State :=
  match source.header.moduleNames[i]?, source.header.moduleData[i]? with
  | some m, some d => do
    if ownModule m then
      if replaying then
        let s' ← replay source s (seeAll (listed d.constNames 0 []) [])
        overModules source replaying (i + 1) s'
      else
        let s' ← constants source d.constNames 0 s
        IO.println ("module\t" ++ nameOf m ++ "\t" ++ Nat.repr (s'.theorems - s.theorems))
        overModules source replaying (i + 1) s'
    else overModules source replaying (i + 1) s
  | _, _ => pure s

meta def foreigners (s : State) : List Name → IO State
  | [] => pure s
  | n :: ns => do
    let s ← problem s n "is imported by the library, which may import Init and Std alone"
    foreigners s ns

/-! ## The answers -/

/-- Instances that Lean derives for the project's own types are made known; they are of a class
whose instances are all the same. -/
meta partial def derived (source : Environment) (a : Array Name) (i : Nat)
    (acc : String) : String :=
  match a[i]? with
  | none => acc
  | some n =>
    derived source a (i + 1) (match source.find? n with
      | some (.defnInfo d) =>
        if n.isInternalDetail then acc
        else if ofDecidableEq d.type then acc ++ "attribute [instance] " ++ nameOf n ++ "\n"
        else acc
      | _ => acc)
where
  ofDecidableEq : Expr → Bool
    | .app (.const `DecidableEq _) (.const _ _) => true
    | _ => false

meta partial def derivedIn (source : Environment) (i : Nat) (acc : String) : String :=
  match source.header.moduleNames[i]?, source.header.moduleData[i]? with
  | some m, some d =>
    derivedIn source (i + 1) (if ownModule m then derived source d.constNames 0 acc else acc)
  | _, _ => acc

/-- The environment with these instances known. -/
meta def withDerived (source env : Environment) : IO Environment := do
  let text := derivedIn source 0 ""
  let input : Parser.InputContext :=
    { inputString := text, fileName := "derived", fileMap := FileMap.ofString text,
      endPos := text.rawEndPos, endPos_valid := by simp }
  let state ← IO.processCommands input {} (Command.mkState env {} {})
  pure state.commandState.env

/-- A claim with the lines that answer it. -/
structure Claim where
  place : Name
  claim : Expr
  lines : List Nat

/-- A term with what they stand for in the place of the project's abbreviations of types. -/
meta partial def withoutAbbreviations (source : Environment) (e : Expr) : Expr :=
  e.replace fun
    | .const n _ =>
      if own source n then
        match source.find? n with
        | some (.defnInfo d) => (match d.type, d.hints, d.levelParams with
          | .sort _, .abbrev, [] => some (withoutAbbreviations source d.value)
          | _, _, _ => none)
        | _ => none
      else none
    | _ => none

meta def askClaims (source : Environment) (q : Questions) (seen : List Expr) :
    List (Name × List Expr) → Questions × List Claim
  | [] => (q, [])
  | (n, es) :: rest => one q seen n es rest
where
  one (q : Questions) (seen : List Expr) (n : Name) (es : List Expr)
    (rest : List (Name × List Expr)) : Questions × List Claim :=
    match es with
    | [] => askClaims source q seen rest
    | e :: es =>
      if among e seen then one q seen n es rest
      else
        let (q, l) := match posed q (withoutAbbreviations source e) 3 with
          | none => (q, [])
          | some q => ways q [canonical]
        let (q, cs) := one q (e :: seen) n es rest
        (q, { place := n, claim := e, lines := l } :: cs)
  posed (q : Questions) (e : Expr) : Nat → Option Questions
    | 0 => none
    | k + 1 => match pose q e with
      | some q => some q
      | none => posed q (raisedClaim e) k

meta def instanceOf : Expr → Expr
  | .forallE _ _ b _ => instanceOf b
  | .app (.app (.const `Exists _) _) (.lam _ _ (.app (.app _ a) _) _) => a
  | e => e

meta def judgeClaims (failed : NameSet) (s : State) : List Claim → IO State
  | [] => pure s
  | c :: cs => do
    let s ← if answered failed c.lines then pure s
      else problem s c.place ("has an instance that is not the one which Lean finds by itself: " ++
        joined (sorted (listed (instanceOf c.claim).getUsedConstants 0 []) []))
    judgeClaims failed s cs

/-- A theorem with what was asked about it. -/
structure Asked where
  name : Name
  type : Expr
  axioms : List Name
  parts : List Part
  /-- What stands for that its hypotheses can be: empty where there are none. -/
  witness : Option String
  /-- The round in which that was found. -/
  round : Nat
  /-- Whether it serves a requirement: nothing is asked about the steps on the way. -/
  serves : Bool

/-- The parts of a statement of which nothing is asked. -/
meta def unaskedParts (source : Environment) : List Expr → List Part
  | [] => []
  | e :: es => { said := speaksOf source [] e, together := [], each := [] } ::
    unaskedParts source es

meta def askTheorems (source : Environment) (subjects : NameSet) (serving : Option NameSet)
    (q : Questions) : List (Name × Expr × List Name) → Questions × List Asked
  | [] => (q, [])
  | (n, t, axs) :: rest =>
    let serves := match serving with | none => true | some names => names.contains n
    let parts := partsOf (spelled source subjects t)
    let (q, parts) :=
      if serves then askParts source subjects q parts else (q, unaskedParts source parts)
    let (q, others) := askTheorems source subjects serving q rest
    (q, { name := n, type := t, axioms := axs, parts := parts, witness := none,
          round := 0, serves := serves } :: others)

/-- What of a theorem's hypotheses is known without asking: that there are none, or a theorem that
says so. -/
meta def known (s : State) : List Asked → List Asked
  | [] => []
  | a :: as =>
    let w := match possible s.env [] a.type with
      | none => some ""
      | some p =>
        let n : Name := match a.name with | .str q w => .str q (w ++ "_possible") | m => m
        match s.env.find? n with
        | some (.thmInfo t) =>
          match s.env.addDeclCore 0
            (.thmDecl { name := `Audit.possible, levelParams := [], type := p,
                        value := .const n (ones t.levelParams) }) none with
          | .ok _ => some (nameOf n)
          | .error _ => none
        | _ => none
    { a with witness := match w with
               | none => if a.serves then none else some "unasked"
               | w => w } :: known s as

meta def askWitnesses (env : Environment) (round : Nat) (q : Questions) :
    List Asked → Questions × List (Asked × List Nat)
  | [] => (q, [])
  | a :: as =>
    let (q, l) := match a.witness with
      | some _ => (q, [])
      | none => match supposed env round 1 [] a.type with
        | none => (q, [])
        | some p => match pose q p with
          | none => (q, [])
          | some q => ways q [showing]
    let (q, rest) := askWitnesses env round q as
    (q, (a, l) :: rest)

meta def takeWitnesses (failed : NameSet) (round : Nat) : List (Asked × List Nat) → List Asked
  | [] => []
  | (a, l) :: rest =>
    (match a.witness with
      | some _ => a
      | none =>
        if answered failed l then { a with witness := some "found", round := round } else a) ::
      takeWitnesses failed round rest

meta def missing : List Asked → Bool
  | [] => false
  | a :: as => (match a.witness with | none => true | some _ => false) || missing as

meta partial def witnesses (env : Environment) (base : Questions) (round : Nat) (as : List Asked) :
    IO (List Asked) := do
  if round == rounds || !missing as then pure as
  else
    let (q, asked) := askWitnesses env round base as
    let failed ← answers q patience
    witnesses env base (round + 1) (takeWitnesses failed round asked)

meta def printTheorems (s : State) (failed : NameSet) : List Asked → IO Unit
  | [] => pure ()
  | a :: as => do
    let text ← statement s.env a.type
    let uses := fixed failed a.parts
    IO.println ("theorem\t" ++ nameOf a.name ++ "\t" ++ joined (sorted a.axioms []) ++ "\t" ++
      joined (sorted (distinct uses {}) []) ++ "\t" ++
      (match a.witness with | none => "unknown" | some w => w) ++ "\t" ++ text)
    printTheorems s failed as
where
  distinct : List Name → NameSet → List Name
    | [], _ => []
    | n :: ns, seen => if seen.contains n then distinct ns seen
      else n :: distinct ns (seen.insert n)

meta def conesOf (us : Uses) (cones : List (Name × NameSet)) : List Name → List (Name × NameSet)
  | [] => cones
  | n :: ns => conesOf us (match coneIn n cones with
    | some _ => cones
    | none => (n, cone us (({} : NameSet).insert n)) :: cones) ns

meta def aboutIn (n : Name) : List (Name × List Name) → Option (List Name)
  | [] => none
  | (m, l) :: rest => if m == n then some l else aboutIn n rest

/-- What is to be told apart: of each theorem that is named, the definitions after its name; of all
theorems what they mention, if none is named. -/
meta def toTell (source env : Environment) (subjects : NameSet) (about : List (Name × List Name))
    (us : Uses) (cones : List (Name × NameSet)) : List Asked → List Told
  | [] => []
  | a :: as =>
    let ns := mentioned source subjects {} [] (usedBy a.type [])
    let ns := match about with
      | [] => ns
      | _ => (match aboutIn a.name about with | some l => both ns l | none => [])
    let cones := conesOf us cones ns
    append (told source env cones a.name a.round a.type ns)
      (toTell source env subjects about us cones as)
where
  both : List Name → List Name → List Name
    | [], _ => []
    | n :: ns, l => if isIn n l then n :: both ns l else both ns l

meta def printTold : List Told → IO Unit
  | [] => pure ()
  | t :: ts => do
    if t.shown then IO.println ("told\t" ++ nameOf t.place ++ "\t" ++ nameOf t.subject)
    else pure ()
    printTold ts

/-- Theorems, each with definitions after it: `:` stands between theorems, `/` between names. -/
meta def aboutOf : List String → List (Name × List Name)
  | [] => []
  | "" :: ws => aboutOf ws
  | w :: ws => match w.splitOn "/" with
    | [] => aboutOf ws
    | n :: ns => (dotted n, dottedAll ns) :: aboutOf ws
where
  dotted (w : String) : Name := go .anonymous (w.splitOn ".")
  dottedAll : List String → List Name
    | [] => []
    | w :: ws => dotted w :: dottedAll ws
  go (n : Name) : List String → Name
    | [] => n
    | p :: ps => go (.str n p) ps

meta def namesOf : List String → NameSet
  | [] => {}
  | w :: ws => (namesOf ws).insert (named (w.splitOn "."))
where
  named (parts : List String) : Name := go .anonymous parts
  go (n : Name) : List String → Name
    | [] => n
    | p :: ps => go (.str n p) ps

/-- The names in a list with `:` between them; none if there is no name in it. -/
meta def namesIn : Option String → Option NameSet
  | some "" => none
  | some l => some (namesOf (l.splitOn ":"))
  | none => none

/-- What the library names as stand-ins, and the constants that say so and name none. -/
meta partial def hintsAmong (source : Environment) (a : Array Name) (i : Nat)
    (found : List Hint × List Name) : List Hint × List Name :=
  match a[i]? with
  | none => found
  | some n =>
    hintsAmong source a (i + 1) (match source.find? n with
      | some c =>
        if n.isInternalDetail || !hasHead `ThreeHalf.StandIn c.type then found
        else match hintOf n c with
          | some h => (h :: found.1, found.2)
          | none => (found.1, n :: found.2)
      | none => found)

meta partial def hintsIn (source : Environment) (i : Nat) (found : List Hint × List Name) :
    List Hint × List Name :=
  match source.header.moduleNames[i]?, source.header.moduleData[i]? with
  | some m, some d => hintsIn source (i + 1)
    (if ownModule m then hintsAmong source d.constNames 0 found else found)
  | _, _ => found

meta def subjectsOf : List Hint → List Name
  | [] => []
  | h :: hs => h.subject :: subjectsOf hs

meta def unnamed (s : State) : List Name → IO State
  | [] => pure s
  | n :: ns => do
    let s ← problem s n "says that it is a stand-in, and is none that can be read"
    unnamed s ns

/-- The pairs of a theorem and a definition that a named stand-in is shown for. -/
meta def judgeHints (failed : NameSet) (s : State) (found : List (Name × Name)) :
    List (Hint × List Nat) → IO (State × List (Name × Name))
  | [] => pure (s, found)
  | (h, l) :: rest => do
    if answered failed l then
      IO.println ("told\t" ++ nameOf h.of ++ "\t" ++ nameOf h.subject)
      judgeHints failed s ((h.of, h.subject) :: found) rest
    else
      let s ← problem s h.place ("is not shown to be a stand-in: nothing says that " ++
        nameOf h.of ++ " is false of it in the place of " ++ nameOf h.subject)
      judgeHints failed s found rest

/-- Those pairs that nothing is shown for yet. -/
meta def untold (found : List (Name × Name)) : List Told → List Told
  | [] => []
  | t :: ts => if isThere t found then untold found ts else t :: untold found ts
where
  isThere (t : Told) : List (Name × Name) → Bool
    | [] => false
    | (n, d) :: rest => (n == t.place && d == t.subject) || isThere t rest

meta def finish (source : Environment) (subjects : NameSet) (serving : Option NameSet)
    (about : List (Name × List Name)) (s : State) : IO State := do
  let env ← withDerived source s.env
  let (q, asked) := askTheorems source subjects serving { env := env } s.found
  let failed ← answers q limit
  let (q, claims) := askClaims source { env := env } [] s.claims
  let wrong ← answers q limit
  let s ← judgeClaims wrong s claims
  let asked ← witnesses env { env := env } 0 (known s asked)
  let us := usesOfAll source 0 []
  let (hints, others) := hintsIn source 0 ([], [])
  let s ← unnamed s others
  let (q, named) := askHints source env (conesOf us [] (subjectsOf hints)) 0 { env := env } hints
  let unshown ← answers q patience
  let (s, found) ← judgeHints unshown s [] named
  let ts ← tellings env 0 (untold found (toTell source env subjects about us [] asked))
  printTold ts
  printTheorems s failed asked
  pure s

end Audit

#eval show CommandElabM Unit from do
  let first ← importModules #[{ module := `ThreeHalf }] {} (trustLevel := 0) (loadExts := false)
  let m := Audit.modulesOf first 0 {}
  let source ← importModules (Audit.whole m.own #[]) {} (trustLevel := 0) (loadExts := false)
  let base ← importModules (Audit.plain m.imports #[{ module := `Init }]) {} (trustLevel := 0)
    (loadExts := true)
  let s ← Audit.foreigners { env := base } (Audit.modulesOf source 0 {}).foreign
  let s ← Audit.overModules source true 0 s
  IO.println ("replayed\t" ++ Nat.repr s.added)
  let s ← Audit.overModules source false 0 s
  let subjects ← IO.getEnv "THREEHALF_SUBJECTS"
  let serving ← IO.getEnv "THREEHALF_SERVING"
  let about ← IO.getEnv "THREEHALF_ABOUT"
  let s ← Audit.finish source (match Audit.namesIn subjects with | some names => names | none => {})
    (Audit.namesIn serving)
    (match about with | some l => Audit.aboutOf (l.splitOn ":") | none => []) s
  IO.println ("audit\t" ++ Nat.repr s.theorems ++ "\t" ++ Nat.repr s.problems ++ "\t" ++
    Nat.repr s.unseen.size)
  if s.problems ≠ 0 then throw (.error .missing "the audit found problems: see the lines above")
  if s.theorems = 0 then throw (.error .missing "the audit found no theorems")
