/** @file Statements of a function in their order: branches, loops, jumps; what is known at each place. */
import { behind, type Node, part, parts, sourceOf } from "../../engine/tree.ts";
import { operatorOf } from "../chain.ts";
import { narrowed } from "./arithmetic.ts";
import { decide } from "./branches.ts";
import { keyOf, valueAt, wide } from "./evaluate.ts";
import * as library from "./library.ts";
import { literalLength } from "./literal.ts";
import { blockAt, lost, share } from "./memory.ts";
import { type Found, fault, forked, type Run, spend } from "./run.ts";
import { any, type Block, joined, merged, type State, type Value, widened, wild } from "./state.ts";
import { store } from "./store.ts";
import { nameOf } from "./streams.ts";
import { arrayOf, baseType, char, declared, other, type Type } from "./types.ts";

/** Where jumps of the statements at work lead to. */
interface Jumps {
  /** States that leave the loop or `switch`. */
  breaks: State | undefined;
  continues: State | undefined;
  /** States at `goto`, by label. */
  readonly labels: Map<string, State>;
}

/** Performs statements; gives the state behind them, `undefined` where nothing gets there. */
export function performed(
  run: Run,
  state: State | undefined,
  node: Node | undefined,
  jumps?: Jumps,
): State | undefined {
  const to: Jumps = jumps ?? { breaks: undefined, continues: undefined, labels: new Map() };
  return node === undefined ? state : step(run, state, node, to, 0);
}

function step(
  run: Run,
  given: State | undefined,
  node: Node,
  jumps: Jumps,
  depth: number,
): State | undefined {
  if (!spend(run) || depth > 100) return given;
  if (node.kind === "labeled_statement") return labeled(run, given, node, jumps, depth);
  if (given === undefined) return hasLabel(node) ? inside(run, given, node, jumps, depth) : undefined;
  const [first] = parts(node);
  switch (node.kind) {
    case "preproc_if":
    case "preproc_ifdef":
    case "preproc_elif":
      return alternatives(run, given, node, jumps, depth);
    case "compound_statement":
    case "else_clause":
    case "preproc_else":
    case "case_statement":
      return inside(run, given, node, jumps, depth);
    case "expression_statement":
      return first === undefined ? given : expression(run, given, first);
    case "declaration":
      declaration(run, given, node);
      return given;
    case "if_statement":
      return conditional(run, given, node, jumps, depth);
    case "while_statement":
    case "for_statement":
    case "do_statement":
    case "for_range_loop":
      return loop(run, given, node, jumps, depth);
    case "switch_statement":
      return choice(run, given, node, jumps, depth);
    case "return_statement":
      return returned(run, given, first);
    case "break_statement":
      jumps.breaks = joined(jumps.breaks, given);
      return undefined;
    case "continue_statement":
      jumps.continues = joined(jumps.continues, given);
      return undefined;
    case "goto_statement": {
      const label = first === undefined ? "" : sourceOf(run.tree, first);
      const both = joined(jumps.labels.get(label), given);
      if (both !== undefined) jumps.labels.set(label, both);
      return undefined;
    }
    case "throw_statement":
      return undefined;
    case "try_statement":
      return attempted(run, given, node, jumps, depth);
    default:
      if (/_expression$|^identifier$/.test(node.kind)) return expression(run, given, node);
      return given;
  }
}

function hasLabel(node: Node): boolean {
  const waiting = [node];
  for (let count = 0; waiting.length > 0 && count < 2000; count++) {
    const one = waiting.pop();
    if (one?.kind === "labeled_statement" || one?.kind === "case_statement") return true;
    for (const child of one?.children ?? []) if (child.named) waiting.push(child);
  }
  return false;
}

function labeled(
  run: Run,
  given: State | undefined,
  node: Node,
  jumps: Jumps,
  depth: number,
): State | undefined {
  const [label, ...rest] = parts(node);
  let state = joined(given, label === undefined ? undefined : jumps.labels.get(sourceOf(run.tree, label)));
  for (const one of rest) state = step(run, state, one, jumps, depth + 1);
  return state;
}

/** The statements of a block; names that it declares are those outside again behind it. */
function inside(
  run: Run,
  given: State | undefined,
  node: Node,
  jumps: Jumps,
  depth: number,
): State | undefined {
  const outer = run.variables;
  const before = given === undefined ? undefined : new Map(given.values);
  const isScope = node.kind === "compound_statement";
  if (isScope) run.variables = new Map(outer);
  let state = given;
  const inner = parts(node);
  const statements =
    node.kind === "case_statement"
      ? inner.filter(({ kind }) => /_statement$|^declaration$/.test(kind))
      : inner;
  for (const one of statements) state = step(run, state, one, jumps, depth + 1);
  if (!isScope) return state;
  for (const [name, block] of run.variables) {
    if (outer.get(name) === block) continue;
    for (const one of [state, jumps.breaks, jumps.continues]) restore(one, name, before?.get(name));
  }
  run.variables = outer;
  return state;
}

/** `#if` and `#else`: a program has one of them; one that has no other is there. */
function alternatives(run: Run, given: State, node: Node, jumps: Jumps, depth: number): State | undefined {
  const otherwise = part(node, "preproc_else", "preproc_elif", "preproc_elifdef");
  const before = otherwise === undefined ? undefined : forked(run, given);
  const isCondition = ({ kind }: Node): boolean => /_expression$|^identifier$|literal$|_defined$/.test(kind);
  const children = node.children.filter((one) => one !== otherwise && !isCondition(one));
  const met = inside(run, given, { ...node, children }, jumps, depth);
  return otherwise === undefined ? met : joined(met, step(run, before, otherwise, jumps, depth + 1));
}

function restore(state: State | undefined, name: string, before: Value | undefined): void {
  if (state === undefined) return;
  if (before === undefined) state.values.delete(name);
  else state.values.set(name, before);
}

function expression(run: Run, state: State, node: Node): State | undefined {
  if (node.kind === "call_expression") {
    run.dropped.add(node);
    const name = nameOf(run, parts(node)[0] ?? node);
    if (name === "assert" || name === "g_assert" || name === "BUG_ON") {
      const list = part(node, "argument_list");
      const [met, otherwise] = decide(run, state, list === undefined ? undefined : parts(list)[0]);
      return name === "BUG_ON" ? otherwise : met;
    }
    if (library.dropsRights.has(name)) fault(run, "!result_dropped", node);
    valueAt(run, state, node);
    return library.ends.has(name) ? undefined : state;
  }
  if (node.kind === "binary_expression" && operatorOf(node) === "==") fault(run, "!compared_only", node);
  valueAt(run, state, node);
  return state;
}

/** A function's result compared with what says that it failed. */
const asksForFailure =
  /\w\s{0,3}\([^;]{0,200}\)\s{0,3}\)?\s{0,3}(==\s{0,3}(NULL|nullptr|-1|EOF|0)|!=\s{0,3}(0|TRUE)|<=?\s{0,3}0)\s{0,3}\)$/;

function conditional(run: Run, state: State, node: Node, jumps: Jumps, depth: number): State | undefined {
  const inner = parts(node);
  const clause = part(node, "else_clause");
  const met = inner.find(({ kind }) => kind !== "condition_clause" && kind !== "else_clause");
  const test = part(node, "condition_clause");
  const isEmpty = met?.kind === "compound_statement" && parts(met).length === 0 && clause === undefined;
  if (isEmpty && test !== undefined && asksForFailure.test(sourceOf(run.tree, test).slice(0, 300)))
    fault(run, "!error_ignored", test);
  const [yes, no] = decide(run, state, test);
  const then = met === undefined ? yes : step(run, yes, met, jumps, depth + 1);
  const otherwise = clause === undefined ? no : step(run, no, clause, jumps, depth + 1);
  return joined(then, otherwise);
}

/** A loop's parts. */
interface Loop {
  readonly begin: readonly Node[];
  readonly test: Node | undefined;
  readonly after: readonly Node[];
  readonly body: Node | undefined;
  /** The body comes before the first test. */
  readonly late: boolean;
}

function loopOf(node: Node): Loop {
  const inner = parts(node);
  const body = inner.at(-1);
  if (node.kind === "while_statement") return { begin: [], test: inner[0], after: [], body, late: false };
  if (node.kind === "do_statement")
    return { begin: [], test: part(node, "parenthesized_expression"), after: [], body: inner[0], late: true };
  if (node.kind === "for_range_loop") return { begin: [], test: undefined, after: [], body, late: false };
  const sections: Node[][] = [[]];
  for (const one of node.children) {
    if (one === body) break;
    if (one.kind === ";") sections.push([]);
    else if (one.named && one.kind !== "comment") {
      sections.at(-1)?.push(one);
      if (one.kind === "declaration") sections.push([]);
    }
  }
  const [begin = [], test = [], after = []] = sections;
  return { begin, test: test[0], after, body, late: false };
}

function loop(run: Run, given: State, node: Node, jumps: Jumps, depth: number): State | undefined {
  const { begin, test, after, body, late } = loopOf(node);
  const outer = run.variables;
  run.variables = new Map(outer);
  let state: State | undefined = given;
  for (const one of begin) state = step(run, state, one, jumps, depth + 1);
  if (state !== undefined && begin.length > 0 && isOpenEnded(run, state, test))
    fault(run, "!wild_loop", test ?? node);
  const range = node.kind === "for_range_loop";
  let entry = state;
  let left: State | undefined;
  const early = run.early;
  const first = new Map<string, Found>();
  let isLast = false;
  for (let turn = 0; turn < 3 && entry !== undefined; turn++) {
    const own: Jumps = { breaks: undefined, continues: undefined, labels: jumps.labels };
    isLast = turn === 2;
    run.early = isLast ? early : first;
    const start = forked(run, entry);
    const [met, otherwise]: readonly (State | undefined)[] =
      late && turn === 0
        ? [start, undefined]
        : range
          ? [start, forked(run, start)]
          : decide(run, start, test);
    const done = body === undefined ? met : step(run, met, body, own, depth + 1);
    let next = joined(done, own.continues);
    for (const one of after) next = next === undefined ? undefined : expression(run, next, one);
    // a test that is surely met at first says nothing of a loop that is never entered
    left = joined(turn === 0 && otherwise === undefined ? undefined : joined(left, otherwise), own.breaks);
    if (next === undefined) break;
    if (turn === 2) break;
    if (late && turn === 0) {
      const [, out] = decide(run, forked(run, next), test);
      left = joined(left, out);
    }
    entry =
      late && turn === 0
        ? next
        : turn === 0 && otherwise === undefined
          ? widenedFrom(entry, next)
          : widened(entry, next);
  }
  run.early = early;
  if (!isLast) for (const [key, one] of first) (early ?? run.faults).set(key, one);
  for (const name of run.variables.keys())
    if (outer.get(name) !== run.variables.get(name)) left?.values.delete(name);
  run.variables = outer;
  return left;
}

/** `for (i = 0; i < n; i++)` with an `n` that somebody outside chose and nobody limited. */
function isOpenEnded(run: Run, state: State, test: Node | undefined): boolean {
  const [, limit] = test?.kind === "binary_expression" ? parts(test) : [];
  if (test === undefined || limit?.kind !== "identifier" || !/^<=?$/.test(operatorOf(test))) return false;
  const { wild: bits, hi } = state.values.get(sourceOf(run.tree, limit)) ?? any();
  return (bits & wild.above) !== 0 && hi === Infinity;
}

/** A loop that is surely entered: behind its first turn, nothing is left of what was unset before. */
function widenedFrom(before: State, next: State): State {
  const wider = widened(before, next);
  for (const [name, value] of wider.values) {
    const after = next.values.get(name);
    if (after !== undefined && value.unset === 1 && after.unset === 0)
      wider.values.set(name, { ...value, unset: 0 });
  }
  return wider;
}

function choice(run: Run, state: State, node: Node, jumps: Jumps, depth: number): State | undefined {
  const clause = part(node, "condition_clause");
  const subject = valueAt(run, state, clause);
  const key = keyOf(run, clause === undefined ? undefined : parts(clause)[0]);
  const body = part(node, "compound_statement");
  const own: Jumps = { breaks: undefined, continues: jumps.continues, labels: jumps.labels };
  const cases = body === undefined ? [] : parts(body).filter(({ kind }) => kind === "case_statement");
  let falling: State | undefined;
  let hasDefault = false;
  let isMet = false;
  for (const [position, one] of cases.entries()) {
    const label = one.children[0]?.kind === "case" ? parts(one)[0] : undefined;
    hasDefault ||= label === undefined;
    const value = label === undefined ? undefined : valueAt(run, forked(run, state), label);
    const isKnown = subject.lo === subject.hi && value !== undefined && value.lo === value.hi;
    const isOther = isKnown && value.lo !== subject.lo;
    if (isKnown && !isOther) isMet = true;
    const isClosed = label === undefined && isMet;
    const entered = isOther || isClosed ? undefined : forked(run, state);
    if (entered !== undefined && key !== undefined && value !== undefined && value.lo === value.hi)
      entered.values.set(key, { ...subject, lo: value.lo, hi: value.lo, wild: 0, unset: 0 });
    falling = step(run, joined(falling, entered), one, own, depth + 1);
    const next = cases[position + 1];
    if (falling !== undefined && next !== undefined && isSilent(run, one, next))
      fault(run, "!falls_through", one);
  }
  jumps.continues = own.continues;
  const none = hasDefault || isMet ? undefined : state;
  return joined(joined(falling, own.breaks), none);
}

/** A case with statements runs into the next one, and nobody says that it shall. */
function isSilent(run: Run, { children, start }: Node, next: Node): boolean {
  const hasStatements = children.some(({ kind }) => /_statement$/.test(kind));
  const between = run.tree.text.slice(start, next.start + 200);
  return (
    hasStatements &&
    next.children.length > 0 &&
    !/fall|through|no.?break|FALL|\/\*\s{0,3}(drop|continue)/.test(between)
  );
}

function attempted(run: Run, state: State, node: Node, jumps: Jumps, depth: number): State | undefined {
  const before = forked(run, state);
  let after = step(run, state, part(node, "compound_statement") ?? node, jumps, depth + 1);
  for (const clause of parts(node).filter(({ kind }) => kind === "catch_clause")) {
    const body = part(clause, "compound_statement");
    const start = forked(run, before);
    for (const [name, value] of start.values)
      start.values.set(name, { ...any(value.type), places: value.places });
    if (body !== undefined) after = joined(after, step(run, start, body, jumps, depth + 1));
  }
  return after;
}

function returned(run: Run, state: State, node: Node | undefined): undefined {
  if (node !== undefined) {
    const value = valueAt(run, state, node);
    if (
      value.places.length > 0 &&
      value.places.every(({ block }) => isOwn(run, block)) &&
      !isCopied(value.type, node)
    )
      fault(run, "!local_returned", node);
    const isMixed =
      (value.type.label === "truth" && run.returnType.label === "result") ||
      (value.type.label === "result" && run.returnType.label === "truth");
    if (isMixed) fault(run, "!truth_of_result", node);
    share(state, value);
    run.gives = run.gives === undefined ? value : merged(run.gives, value);
  }
  lost(run, state);
  run.ended = joined(run.ended, forked(run, state));
}

/** Memory of this call, not of a caller's. */
function isOwn({ variables }: Run, block: Block): boolean {
  return block.kind === "stack" && (block.maker === "alloca" || variables.get(block.maker) === block);
}

/** What is no pointer is handed back as a copy. */
function isCopied({ kind }: Type, { kind: written }: Node): boolean {
  return (kind !== "pointer" && kind !== "array") || written === "call_expression";
}

/** `type a, *b = x, c[10] = "text";`. */
export function declaration(run: Run, state: State, node: Node): void {
  const base = baseType(run.names, node);
  const words = node.children
    .filter(({ kind }) => kind === "storage_class_specifier")
    .map((one) => sourceOf(run.tree, one));
  const isStatic = words.some((word) => /static|extern|thread_local/.test(word)) || run.gives === globalMark;
  for (const one of parts(node)) {
    if (!/declarator$|^identifier$/.test(one.kind)) continue;
    const inner = one.kind === "init_declarator" ? parts(one)[0] : one;
    if (inner === undefined || isFunction(inner)) continue;
    const { name, type, node: named } = declared(run.names, base, inner);
    const isReference = /^reference/.test(inner.kind);
    if (name !== "")
      declare(
        run,
        state,
        { name, type: isReference ? other : type, isStatic: isStatic || isReference, at: named },
        one,
      );
  }
}

/** `char *gets(char *)` declares a function, `int (*f)(int)` a variable. */
function isFunction(node: Node): boolean {
  let here: Node | undefined = node;
  for (let depth = 0; depth < 5 && here?.kind === "pointer_declarator"; depth++) here = parts(here).at(-1);
  return here?.kind === "function_declarator" && part(here, "parenthesized_declarator") === undefined;
}

/** Stands for what a function gives back while the file's own declarations are read. */
export const globalMark: Value = any();

function declare(
  run: Run,
  state: State,
  { name, type, isStatic, at }: { name: string; type: Type; isStatic: boolean; at: Node },
  node: Node,
): void {
  const given = node.kind === "init_declarator" ? behind(node, "=") : undefined;
  const list = node.kind === "init_declarator" ? part(node, "argument_list", "initializer_list") : undefined;
  const isOpen = /\[\s{0,9}\]/.test(sourceOf(run.tree, node).slice(0, 200));
  const made =
    type.kind === "array" && type.bytes === undefined && isOpen ? lengthened(run, type, given ?? list) : type;
  const kind = isStatic ? "static" : "stack";
  const block: Block = blockAt(run, at, { kind, bytes: made.bytes, maker: name });
  run.variables.set(name, block);
  run.owners.set(block, name);
  state.lives.delete(block);
  state.texts.delete(block);
  const isPlain = made.kind === "number" || made.kind === "float" || made.kind === "pointer";
  if (made.kind === "array") {
    state.values.set(name, { ...any(made), places: [{ block, from: 0, to: 0 }], nothing: "no" });
    arrayText(run, state, block, given, made);
    if (given !== undefined && !/string/.test(given.kind)) valueAt(run, state, given);
  } else if (given !== undefined && given.kind !== "initializer_list") {
    const value = valueAt(run, state, given);
    narrowed(run, value, made, node);
    state.values.set(name, { ...any(made) });
    const isConstant =
      run.gives === globalMark ||
      /\bconst\b/.test(run.tree.text.slice(Math.max(0, node.start - 40), node.start));
    // what a function's static variable holds at a second call, nobody knows
    if (isStatic && !isConstant && made.kind === "number") return;
    if (isPlain || made.kind === "other") storeNew(run, state, at, value);
    else share(state, value);
  } else {
    for (const one of list === undefined ? [] : parts(list)) share(state, valueAt(run, state, one));
    const isFilled = made.kind !== "record" || made.record?.plain !== true;
    const isUnset = list === undefined && given === undefined && (isPlain || !isFilled) && !isStatic;
    state.values.set(name, { ...any(made), unset: isUnset ? 2 : 0 });
  }
}

function storeNew(run: Run, state: State, name: Node, value: Value): void {
  store(run, state, name, value, name);
}

/** `char a[] = "text"`, `int a[] = {1, 2}` have as many places as are written down. */
function lengthened(run: Run, type: Type, given: Node | undefined): Type {
  const to = type.to ?? char;
  if (given?.kind === "string_literal") return arrayOf(to, literalLength(sourceOf(run.tree, given)) + 1);
  if (given?.kind !== "initializer_list" || parts(given).some(({ kind }) => kind === "initializer_pair"))
    return type;
  return arrayOf(to, parts(given).length);
}

function arrayText(run: Run, state: State, block: Block, given: Node | undefined, { to }: Type): void {
  if (given?.kind === "string_literal") {
    const length = literalLength(sourceOf(run.tree, given));
    const units = (to?.bytes ?? 1) / (sourceOf(run.tree, given).startsWith("L") ? (wide(run).bytes ?? 4) : 1);
    if (units === 1) state.texts.set(block, { lo: length, hi: length, wild: false });
  } else if (given?.kind === "initializer_list")
    state.texts.set(block, { lo: 0, hi: parts(given).length, wild: false });
}
