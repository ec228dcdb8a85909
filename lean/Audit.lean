module
meta import Lean

/-!
# The audit of the library's constants

A program: it loads the compiled library as data, without running anything of it, and starts a second environment from the library's imports alone (`Init`, `Std`). Into that
it adds every constant of every module of this project **anew through the kernel**, in the order in which they use each other, so that a declaration that was never checked is
refused whatever the way it came in. All else is asked of that second environment, which knows no syntax, instance or printer of the project's own:

- axioms: for every constant, types and bodies are followed to all constants that they use; `sorryAx`, `Lean.ofReduceBool`, `Lean.ofReduceNat`, `Lean.trustCompiler`, or an axiom
  other than `propext`, `Quot.sound` and `Classical.choice` is a problem. A library constant without a body in this build is taken as proved by the toolchain;
  the last line counts them;
- every constant is in the namespace ThreeHalf, and none has a name that would be read in the place of another's;
- no constant is unsafe or partial; no instance is for types of others alone, and no statement binds one; a statement or definition builds no instance of its own by a constructor of a class;
- a theorem takes no instance for a type of others, and has no hypothesis that speaks of no variable (such as `False` or `1 = 2`).

Output, one line each, members separated by tabs: `theorem NAME AXIOMS USES STATEMENT` (axioms, and the project's constants that the elaborated statement says something of,
separated by blanks: none for `True`, `f n = f n`, `P → P` or `∃ m, f n = m`), `module NAME THEOREMS`, `problem NAME WHAT`, `replayed CONSTANTS`, and last `audit THEOREMS PROBLEMS LIBRARY-UNSEEN`. A theorem of this project
has one `theorem` line; what Lean adds to a definition by itself is audited but not listed. Exit code 1 if there is a problem.
Requirements: none; it is what the results of all theorems rest on.
-/

open Lean Elab Command

namespace Audit

meta def nameOf (n : Name) : String := n.toString (escape := false)

meta def rootOf : Name → String
  | .str .anonymous s => s | .str p _ => rootOf p | .num p _ => rootOf p | .anonymous => ""

meta def ownModule (m : Name) : Bool := rootOf m == "ThreeHalf"

meta def allowed (n : Name) : Bool := n == `propext || n == `Quot.sound || n == `Classical.choice

meta def denied (n : Name) : Bool :=
  n == `sorryAx || n == `Lean.ofReduceBool || n == `Lean.ofReduceNat || n == `Lean.trustCompiler

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
    | c :: cs, w, acc => if c == ' ' || c == '\n' || c == '\t' then words cs [] (flush w acc) else words cs (c :: w) acc

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
  | some n, some d => modulesOf env (i + 1) (if ownModule n then sortImports d.imports 0 { m with own := n :: m.own } else m)
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

meta def add (s : State) (n : Name) (d : Declaration) : IO State :=
  match s.env.addDeclCore 0 d none with
  | .ok env => pure { s with env := env, added := s.added + 1 }
  | .error e => do
    let text ← refusal e
    problem s n ("the kernel refuses it: " ++ text)

meta def typesOf (source : Environment) : List Name → List InductiveType → List InductiveType
  | [], acc => reverse acc []
  | n :: ns, acc => match source.find? n with
    | some (.inductInfo v) => typesOf source ns ({ name := n, type := v.type, ctors := constructors v.ctors } :: acc)
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
  | some (.opaqueInfo o) => seeAll (usedBy o.type (usedBy o.value [])) (.put n (.opaqueDecl o) :: rest)
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
        else replay source s (steps source n rest)
  | .put n d :: rest => do
    let s ← add s n d
    replay source s rest

/-! ## What a constant rests on -/

/-- The constants without a body that a constant reaches, by Lean's own walk. -/
meta def bodiless (env : Environment) (n : Name) : Array Name := (((CollectAxioms.collect n).run env).run {}).2.axioms

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

/-- The recursion that Lean compiles for a definition: it is no part of the logic, and whatever used it would be refused by the kernel, which never sees it here. -/
meta def compiled : Name → Bool
  | .str _ s => s == "_unsafe_rec"
  | _ => false

/-- What Lean adds to a definition by itself: audited, but not listed. -/
meta def added : Name → Bool
  | .str _ s => s == "inj" || s == "injEq" || s == "sizeOf_spec" || s == "eq_def" || s == "congr_simp"
  | _ => false

/-! ## What statements and instances may be -/

meta def ofOwn (source : Environment) : List Name → List Name
  | [] => []
  | n :: ns => if own source n then n :: ofOwn source ns else ofOwn source ns

/-- Whether a type of the project's own (an inductive one: an abbreviation may stand for another's) is among some names. -/
meta def ownType (source : Environment) : List Name → Bool
  | [] => false
  | n :: ns => (own source n && (match source.find? n with | some (.inductInfo _) => true | _ => false)) || ownType source ns

/-- An application with another function at its head. -/
meta def withHead (f : Expr) : Expr → Expr
  | .app g a => .app (withHead f g) a
  | _ => f

/-- What a type says in the end, with the project's own names for classes spelled out. -/
meta partial def conclusion (source : Environment) (e : Expr) : Expr :=
  match e with
  | .forallE _ _ b _ => conclusion source b
  | .mdata _ b => conclusion source b
  | .letE _ _ v b _ => conclusion source (b.instantiate1 v)
  | e => match e.getAppFn with
    | .const n us => match source.find? n with
      | some (.defnInfo d) =>
        if own source n then conclusion source (withHead (d.value.instantiateLevelParams d.levelParams us) e).headBeta else e
      | _ => e
    | _ => e

meta def classLike (env : Environment) (e : Expr) : Bool :=
  match e.getAppFn with
  | .const n _ => n == `DecidableEq || n == `DecidablePred || n == `DecidableRel || isClass env n
  | _ => false

meta def foreignInstance (source env : Environment) (type : Expr) : Bool :=
  let c := conclusion source type
  classLike env c && !ownType source (usedBy c [])

/-- Constructors of classes other than `Decidable`, whose two are plain values. -/
meta def classConstructors (env : Environment) : List Name → List Name
  | [] => []
  | n :: ns => match env.find? n with
    | some (.ctorInfo v) =>
      if isClass env v.induct && !(v.induct == `Decidable) then n :: classConstructors env ns else classConstructors env ns
    | _ => classConstructors env ns

/-- Whether a closed type is a proposition: the kernel says so. -/
meta def proposition (env : Environment) (e : Expr) : Bool :=
  match env.addDeclCore 0 (.defnDecl
    { name := `ThreeHalf.audited, levelParams := [], type := .sort .zero, value := e, hints := .opaque, safety := .safe }) none with
  | .ok _ => true
  | .error _ => false

/-- What is wrong with the binders of a theorem. -/
meta partial def binders (source env : Environment) (e : Expr) : List String :=
  match e with
  | .mdata _ b => binders source env b
  | .forallE _ t b info =>
    let rest := binders source env b
    let rest := if !t.hasLooseBVars && proposition env t then "has a hypothesis that speaks of no variable" :: rest else rest
    let c := conclusion source t
    if (info.isInstImplicit || classLike env c) && !c.hasLooseBVars && !ownType source (usedBy c []) then "takes an instance for a type of others" :: rest else rest
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

meta def hasHead (n : Name) (e : Expr) : Bool := match e.getAppFn with | .const m _ => m == n | _ => false

/-- Whether a body says that its variable is something, which something always is. -/
meta def names (e : Expr) : Bool :=
  match e with
  | .app (.app f a) b => hasHead `Eq f && ((a == .bvar 0 && !b.hasLooseBVar 0) || (b == .bvar 0 && !a.hasLooseBVar 0))
  | _ => false

/-- The project's constants that a statement says something of: none in a part that is true of whatever they are, because of its form or because it mentions none. -/
meta partial def speaksOf (source : Environment) (hypotheses : List Expr) (e : Expr) : List Name :=
  match e with
  | .mdata _ b => speaksOf source hypotheses b
  | .letE _ _ v b _ => speaksOf source hypotheses (b.instantiate1 v)
  | .forallE _ t b _ =>
    match speaksOf source (raised (t :: hypotheses)) b with
    | [] => []
    | said => cat (ofOwn source (usedBy t [])) said
  | .app (.app (.const `And _) a) b => cat (speaksOf source hypotheses a) (speaksOf source hypotheses b)
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
meta partial def bindsClass (source env : Environment) (e : Expr) : Bool :=
  match e with
  | .forallE _ t b _ => foreign t || bindsClass source env t || bindsClass source env b
  | .lam _ t b _ => foreign t || bindsClass source env t || bindsClass source env b
  | .letE _ t v b _ => foreign t || bindsClass source env t || bindsClass source env v || bindsClass source env b
  | .app f a => bindsClass source env f || bindsClass source env a
  | .mdata _ b => bindsClass source env b
  | .proj _ _ b => bindsClass source env b
  | _ => false
where
  foreign (t : Expr) : Bool := let c := conclusion source t; classLike env c && !ownType source (usedBy c [])

/-! ## Names that would be read as others -/

meta def withoutRoot : Name → Name
  | .str .anonymous _ => .anonymous
  | .str p s => .str (withoutRoot p) s
  | .num p i => .num (withoutRoot p) i
  | .anonymous => .anonymous

/-- Why a constant's name is none for the project: within its namespaces a name is looked up with them in front first. -/
meta def misnamed (env : Environment) (n : Name) : Option String :=
  if rootOf n != "ThreeHalf" then some "is not in the namespace ThreeHalf"
  else
    let inner := withoutRoot n
    let deeper := if rootOf inner == "Vectors" then withoutRoot inner else .anonymous
    if inner != .anonymous && env.contains inner then some ("hides " ++ nameOf inner)
    else if deeper != .anonymous && (env.contains deeper || env.contains (`ThreeHalf ++ deeper)) then some ("hides " ++ nameOf deeper)
    else none

meta def problems (s : State) (n : Name) : List String → IO State
  | [] => pure s
  | w :: ws => do
    let s ← problem s n w
    problems s n ws

meta def isTrue (e : Expr) : Bool := match conclusionOnly e with | .const n _ => n == `True | _ => false
where
  conclusionOnly : Expr → Expr
    | .forallE _ _ b _ => conclusionOnly b
    | .mdata _ b => conclusionOnly b
    | e => e

meta partial def constants (source : Environment) (a : Array Name) (i : Nat) (s : State) : IO State :=
  match a[i]? with
  | none => pure s
  | some n => do
    let s ← match source.find? n with
      | none => problem s n "is not there"
      | some c => do
        let s ← if (c.isUnsafe || c.isPartial) && !compiled n then problem s n "is unsafe or partial" else pure s
        let s ← if foreignInstance source s.env c.type then problem s n "is an instance for types of others" else pure s
        let s ← if n.isInternalDetail then pure s else match misnamed s.env n with
          | some what => problem s n what
          | none => pure s
        match c with
        | .defnInfo d =>
          match (if classLike s.env (conclusion source d.type) then [] else classConstructors s.env (usedBy d.value [])) with
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
          let s ← problems s n (binders source s.env t.type)
          let s ← if isTrue t.type then problem s n "says True" else pure s
          let s ← if bindsClass source s.env t.type then problem s n "binds an instance for types of others" else pure s
          let s ← match classConstructors s.env (usedBy t.type []) with
            | [] => pure s
            | cs => problem s n ("builds an instance of its own: " ++ joined (sorted cs []))
          let text ← statement s.env t.type
          let uses := speaksOf source [] t.type
          IO.println ("theorem\t" ++ nameOf n ++ "\t" ++ joined (sorted f.axioms []) ++ "\t" ++ joined (sorted uses []) ++ "\t" ++ text)
          constants source a (i + 1) { s with theorems := s.theorems + 1 }
      | _ => constants source a (i + 1) s

meta partial def overModules (source : Environment) (replaying : Bool) (i : Nat) (s : State) : IO State :=
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

end Audit

#eval show CommandElabM Unit from do
  let first ← importModules #[{ module := `ThreeHalf }] {} (trustLevel := 0) (loadExts := false)
  let m := Audit.modulesOf first 0 {}
  let source ← importModules (Audit.whole m.own #[]) {} (trustLevel := 0) (loadExts := false)
  let base ← importModules (Audit.plain m.imports #[{ module := `Init }]) {} (trustLevel := 0) (loadExts := true)
  let s ← Audit.foreigners { env := base } (Audit.modulesOf source 0 {}).foreign
  let s ← Audit.overModules source true 0 s
  IO.println ("replayed\t" ++ Nat.repr s.added)
  let s ← Audit.overModules source false 0 s
  IO.println ("audit\t" ++ Nat.repr s.theorems ++ "\t" ++ Nat.repr s.problems ++ "\t" ++ Nat.repr s.unseen.size)
  if s.problems ≠ 0 then throw (.error .missing "the audit found problems: see the lines above")
  if s.theorems = 0 then throw (.error .missing "the audit found no theorems")
