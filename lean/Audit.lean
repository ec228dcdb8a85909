module
meta import Lean
import all ThreeHalf.Rounding
import all ThreeHalf.Format
import all ThreeHalf.Binary32
import all ThreeHalf.Quantize
import all ThreeHalf.Packing
import all ThreeHalf.Dot
import all ThreeHalf.Output
import all ThreeHalf.Vectors.Json
import all ThreeHalf.Vectors.Cases

/-!
The axiom audit. For every constant of every imported module of this project it follows types and bodies to all constants that they use,
and fails (exit code 1) if one reaches `sorryAx`, `Lean.ofReduceBool`, `Lean.ofReduceNat`, `Lean.trustCompiler`, or an axiom other than `propext`,
`Quot.sound` and `Classical.choice`. The library of the toolchain (Init, Std, Lean) is followed where its bodies are at hand; a library
constant without a body in this build is taken as proved by the toolchain, and the last line counts them ("library-unseen").

Output, one line each, members separated by tabs:
`theorem NAME AXIOMS STATEMENT` (axioms separated by blanks), `module NAME THEOREMS`, `problem NAME WHAT`, and last
`audit THEOREMS PROBLEMS LIBRARY-UNSEEN`. A public theorem of this project has one `theorem` line.
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

structure State where
  seen : NameSet := {}
  axioms : List Name := []
  bad : List Name := []
  unseen : NameSet := {}

meta def push (a : Array Name) (i : Nat) (acc : List Name) : List Name :=
  if h : i < a.size then push a (i + 1) (a[i] :: acc) else acc
termination_by a.size - i

meta def uses (c : ConstantInfo) (acc : List Name) : List Name :=
  let acc := push c.type.getUsedConstants 0 acc
  match c.value? (allowOpaque := true) with
  | none => acc
  | some v => push v.getUsedConstants 0 acc

meta partial def reach (env : Environment) : List Name → State → State
  | [], st => st
  | n :: todo, st =>
    if st.seen.contains n then reach env todo st else
    let st := { st with seen := st.seen.insert n }
    if denied n then reach env todo { st with bad := n :: st.bad }
    else if allowed n then reach env todo { st with axioms := n :: st.axioms }
    else match env.find? n with
      | none => reach env todo { st with bad := n :: st.bad }
      | some c =>
        if c matches .axiomInfo _ then
          if own env n then reach env todo { st with bad := n :: st.bad }
          else reach env todo { st with unseen := st.unseen.insert n }
        else reach env (uses c todo) st

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
    if w.isEmpty then acc else String.ofList (rev w []) :: acc
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

meta def statement (c : ConstantInfo) : CommandElabM String := do
  let f ← Command.runTermElabM fun _ => Meta.ppExpr c.type
  pure (oneLine (f.pretty 1000000))

meta partial def constants (env : Environment) (a : Array Name) (i : Nat) (k : Counts) : CommandElabM Counts :=
  match a[i]? with
  | none => pure k
  | some n => do
    let st := reach env [n] {}
    let k := { k with unseen := st.unseen.foldl (fun s n => s.insert n) k.unseen }
    let mut k := k
    if !st.bad.isEmpty then
      IO.println ("problem\t" ++ nameOf n ++ "\treaches " ++ joined (sorted st.bad []))
      k := { k with problems := k.problems + 1 }
    match env.find? n with
    | some (.thmInfo t) =>
      if !n.isInternalDetail then
        IO.println ("theorem\t" ++ nameOf n ++ "\t" ++ joined (sorted st.axioms []) ++ "\t" ++ (← statement (.thmInfo t)))
        k := { k with theorems := k.theorems + 1 }
    | _ => pure ()
    constants env a (i + 1) k

meta partial def modules (env : Environment) (i : Nat) (k : Counts) : CommandElabM Counts :=
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
  if k.problems ≠ 0 then throwError "the axiom audit found {k.problems} problems"
  if k.theorems = 0 then throwError "the axiom audit found no theorems"
