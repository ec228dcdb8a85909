module
meta import Lean
import all ThreeHalf.Rounding
import all ThreeHalf.Format
import all ThreeHalf.Binary32
import all ThreeHalf.Quantize
import all ThreeHalf.Packing
import all ThreeHalf.Dot
import all ThreeHalf.Output
import all ThreeHalf.Vectors

/-!
The axiom audit. For every constant of every imported module of this project it follows types and bodies to all constants that they use,
and fails (exit code 1) if one reaches `sorryAx`, `Lean.ofReduceBool`, `Lean.ofReduceNat`, `Lean.trustCompiler`, or an axiom other than `propext`,
`Quot.sound` and `Classical.choice`. The library of the toolchain (Init, Std, Lean) is followed where its bodies are at hand; a library
constant without a body in this build is taken as proved by the toolchain, and the last line counts them ("library-unseen").

Output, one line each, members separated by tabs:
`theorem NAME AXIOMS STATEMENT` (axioms separated by blanks), `module NAME THEOREMS`, `problem NAME WHAT`, and last
`audit THEOREMS PROBLEMS LIBRARY-UNSEEN`. A theorem of this project
has one `theorem` line; what Lean adds to a definition by itself is audited but not listed.
Requirements: none; it is what the results of all theorems rest on.
-/

open Lean Elab Command

namespace Audit

meta def nameOf (n : Name) : String := n.toString (escape := false)

meta def rootOf : Name → String
  | .str .anonymous s => s | .str p _ => rootOf p | .num p _ => rootOf p | .anonymous => ""

meta def ownModule (m : Name) : Bool := rootOf m == "ThreeHalf"

meta def own (env : Environment) (n : Name) : Bool :=
  match env.getModuleIdxFor? n with
  | none => true
  | some i => match env.header.moduleNames[i.toNat]? with
    | none => true
    | some m => ownModule m

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

structure Counts where
  theorems : Nat := 0
  problems : Nat := 0
  unseen : NameSet := {}

/-- The constants without a body that a constant reaches, by Lean's own walk. -/
meta def bodiless (env : Environment) (n : Name) : Array Name := (((CollectAxioms.collect n).run env).run {}).2.axioms

/-- What a constant rests on: allowed axioms, problems, and library constants that this build has no body of. -/
structure Found where
  axioms : List Name := []
  bad : List Name := []
  unseen : List Name := []

meta partial def sortOut (env : Environment) (a : Array Name) (i : Nat) (f : Found) : Found :=
  match a[i]? with
  | none => f
  | some n =>
    sortOut env a (i + 1)
      (if allowed n then { f with axioms := n :: f.axioms }
       else if denied n || own env n then { f with bad := n :: f.bad }
       else { f with unseen := n :: f.unseen })

meta def insertAll : List Name → NameSet → NameSet
  | [], s => s
  | n :: ns, s => insertAll ns (s.insert n)

meta def statement (env : Environment) (e : Expr) : IO String := do
  let f ← Lean.ppExprWithInfos { env := env, opts := {} } e
  pure (oneLine (f.fmt.pretty 1000000))

/-- What Lean adds to a definition by itself: audited, but not listed. -/
meta def added : Name → Bool
  | .str _ s => s == "inj" || s == "injEq" || s == "sizeOf_spec" || s == "eq_def" || s == "congr_simp"
  | _ => false

meta partial def constants (env : Environment) (a : Array Name) (i : Nat) (k : Counts) : IO Counts :=
  match a[i]? with
  | none => pure k
  | some n => do
    let f := sortOut env (bodiless env n) 0 {}
    let k := { k with unseen := insertAll f.unseen k.unseen }
    let k ← match f.bad with
      | [] => pure k
      | _ => do
        IO.println ("problem\t" ++ nameOf n ++ "\treaches " ++ joined (sorted f.bad []))
        pure { k with problems := k.problems + 1 }
    match env.find? n with
    | some (.thmInfo t) =>
      if n.isInternalDetail || added n then constants env a (i + 1) k
      else do
        let s ← statement env t.type
        IO.println ("theorem\t" ++ nameOf n ++ "\t" ++ joined (sorted f.axioms []) ++ "\t" ++ s)
        constants env a (i + 1) { k with theorems := k.theorems + 1 }
    | _ => constants env a (i + 1) k

meta partial def modules (env : Environment) (i : Nat) (k : Counts) : IO Counts :=
  match env.header.moduleNames[i]?, env.header.moduleData[i]? with
  | some m, some d => do
    if ownModule m then
      let k' ← constants env d.constNames 0 k
      IO.println ("module\t" ++ nameOf m ++ "\t" ++ Nat.repr (k'.theorems - k.theorems))
      modules env (i + 1) k'
    else modules env (i + 1) k
  | _, _ => pure k

end Audit

#eval show CommandElabM Unit from do
  let k ← Audit.modules (← getEnv) 0 {}
  IO.println ("audit\t" ++ Nat.repr k.theorems ++ "\t" ++ Nat.repr k.problems ++ "\t" ++ Nat.repr k.unseen.size)
  if k.problems ≠ 0 then throw (.error .missing "the audit found problems: see the lines above")
  if k.theorems = 0 then throw (.error .missing "the audit found no theorems")
