/** @file One way through a file's functions: what it knows, what it found, and how far it may still go. */
import type { Span } from "../../engine/syntax.ts";
import type { Node, Tree } from "../../engine/tree.ts";
import { type Block, copied, type State, type Value } from "./state.ts";
import type { Names, Type } from "./types.ts";

/** What may be wrong at a place; each is the name of a call that rules are tried on. */
export type FlowFault =
  | "!overrun"
  | "!may_overrun"
  | "!overread"
  | "!perhaps_overrun"
  | "!perhaps_overread"
  | "!length_of_source"
  | "!unset"
  | "!perhaps_unset"
  | "!used_freed"
  | "!freed_twice"
  | "!freed_other"
  | "!freed_inside"
  | "!freed_never"
  | "!closed_never"
  | "!null"
  | "!unchecked_null"
  | "!wild_index"
  | "!wild_size"
  | "!wild_length"
  | "!negative_length"
  | "!wild_divisor"
  | "!wild_loop"
  | "!wild_wait"
  | "!sign_lost"
  | "!unmatched_close"
  | "!late_check"
  | "!assigned_test"
  | "!compared_only"
  | "!error_ignored"
  | "!falls_through"
  | "!never_below"
  | "!size_of_pointer"
  | "!result_ignored"
  | "!wild_sum"
  | "!wild_difference"
  | "!narrowed"
  | "!scaled_twice"
  | "!result_dropped"
  | "!wiped_unseen"
  | "!unquoted_program"
  | "!word_unlimited"
  | "!unsigned_difference"
  | "!wide_cast"
  | "!null_list"
  | "!truth_of_result"
  | "!local_returned"
  | "!unmatched_free";

/** One fault. */
export interface Found {
  readonly name: FlowFault;
  readonly at: Span;
}

/** What is so at first and may be otherwise later: a loop's first turns say nothing of it. */
const changing = new Set<FlowFault>(["!null", "!unset"]);

/** What a function of the file does, as far as its calls tell. */
export interface Summary {
  /** What calls in the file hand over, by position. */
  readonly given: (Value | undefined)[];
  /** What it gives back. */
  gives?: Value;
  /** Positions of what it keeps or hands on. */
  readonly keeps: Set<number>;
  /** Positions of what it gives back to the heap on every way. */
  readonly frees: Set<number>;
  /** Positions of pointers behind which it writes on some ways and not on others. */
  readonly sometimes: Set<number>;
}

/** The run. */
export interface Run {
  readonly tree: Tree;
  readonly names: Names;
  /** Nothing is noted: an operand of `sizeof`, a first turn. */
  quiet: boolean;
  steps: number;
  readonly faults: Map<string, Found>;
  readonly blocks: Map<string, Block>;
  /** The memory of variables, by name. */
  variables: Map<string, Block>;
  readonly owners: Map<Block, string>;
  readonly globals: Set<string>;
  /** What functions that are declared give back. */
  readonly returns: Map<string, Type>;
  /** What the function at work gives back. */
  returnType: Type;
  readonly summaries: Map<string, Summary>;
  /** What the function at work gave back so far. */
  gives: Value | undefined;
  /** The state at each `return`, joined. */
  ended: State | undefined;
  /** Positions of parameters that are references, of functions that are declared. */
  readonly references: Map<string, ReadonlySet<number>>;
  /** Macros that take arguments, with their text. */
  readonly macros: Map<string, string>;
  /** The file is C++: a call may write a variable that it is handed by name. */
  isPlusPlus: boolean;
  /** Faults of a loop's first turns that hold only where they hold in its last one, too; absent: not in a loop. */
  early: Map<string, Found> | undefined;
  /** Calls whose value nobody looks at. */
  readonly dropped: Set<Node>;
  /** Local memory that was wiped and that nobody looked at since. */
  readonly wiped: Map<Block, Node>;
  readonly value: (run: Run, state: State, node: Node | undefined) => Value;
  readonly store: (run: Run, state: State, target: Node, value: Value, node: Node) => undefined;
  readonly choose: (run: Run, state: State, node: Node) => Value;
}

/** Notes a fault once per place, or once per thing that it is about. */
export function fault(
  run: Run,
  name: FlowFault,
  { start, end }: Span,
  about: Span = { start, end },
): undefined {
  // where no step is left, what is passed over was not looked at
  if (run.quiet || end === 0 || run.steps <= 0 || run.faults.size >= 2000) return;
  const key = `${name} ${about.start}`;
  const into = changing.has(name) ? (run.early ?? run.faults) : run.faults;
  if (about.start === start || !into.has(key)) into.set(key, { name, at: { start, end } });
}

/** What of a state is copied for the price of a step. */
const entriesPerStep = 16;

/** The same state, to be changed apart; a large one costs steps, so that many ways through it do not take forever. */
export function forked(run: Run, state: State): State {
  run.steps -= Math.floor((state.values.size + state.lives.size + state.texts.size) / entriesPerStep);
  return copied(state);
}

/** Counts a step; false where none is left. */
export function spend(run: Run): boolean {
  run.steps -= 1;
  return run.steps > 0;
}
