/**
 * @file Walks statements in order: assignments, branches, loops, errors. Function bodies wait until the code around
 * them is known.
 */
import { changedIn } from "./assigned.ts";
import { computed, truth } from "./constants.ts";
import { putAt } from "./contents.ts";
import { evaluate, store } from "./evaluate.ts";
import { checkedBy, guarded } from "./guard.ts";
import type { AssignSeen } from "./seen.ts";
import type { Expr, Statement } from "./syntax.ts";
import { declaredAs } from "./types.ts";
import {
  blend,
  cleaned,
  cleanOfNumber,
  either,
  hole,
  isBuilt,
  joined,
  unknown,
  type Value,
} from "./value.ts";
import { endsHere, keyOf, makes, noteSite, renamed, type Variables, type Walk } from "./walk.ts";

/** Walks statements. Lowering limits their nesting, and so the recursion. */
export function perform(walk: Walk, statements: readonly Statement[]): undefined {
  if (walk.language.hands !== undefined) {
    for (const statement of statements) {
      const name = statement.kind === "function" ? statement.made.name : "";
      if (name !== "" && !walk.known.has(name)) walk.known.set(name, { given: [] });
    }
  }
  for (const statement of statements) {
    if (walk.steps-- <= 0 || walk.ended) return;
    one(walk, statement);
  }
}

function one(walk: Walk, statement: Statement): undefined {
  const { start, end } = statement;
  const span = { start, end };
  switch (statement.kind) {
    case "do":
      evaluate(walk, statement.value);
      if (statement.value.kind === "call") walk.variables = checkedBy(walk, statement.value);
      else unsettle(walk, changedIn([statement]));
      return;
    case "assign": {
      const value = evaluate(walk, statement.value);
      const before = statement.operator === undefined ? unknown : evaluate(walk, statement.target);
      const held = declaredAs(walk, sum(walk, statement.operator, before, value), statement.type);
      const made =
        statement.operator !== undefined && isBuilt(held) ? { ...held, made: statement.value } : held;
      assign(walk, statement.target, made, statement);
      return;
    }
    case "return": {
      const value = statement.value === undefined ? unknown : evaluate(walk, statement.value);
      walk.gives = walk.gives === undefined ? value : either(walk.gives, value);
      walk.tell({ kind: "return", value, here: walk.here, ...span });
      return;
    }
    case "stop":
      if (statement.value !== undefined) evaluate(walk, statement.value);
      if (walk.loops > 0 && /^(break|continue)$/.test(statement.word))
        walk.left = walk.left === undefined ? walk.variables : merged(walk.left, walk.variables);
      return;
    case "if":
      return branch(walk, statement);
    case "loop":
      return loop(walk, statement);
    case "try":
      return attempt(walk, statement);
    case "function":
      walk.variables.set(statement.made.name, { ...unknown, path: statement.made.name });
      walk.waiting.push(statement.made);
      return;
    case "class":
      return ofClass(walk, statement);
    case "import":
      return bring(walk, statement);
    case "assert":
      walk.tell({ kind: "assert", test: evaluate(walk, statement.test), here: walk.here, ...span });
      walk.variables = guarded(walk, statement.test, true);
      return;
    case "block":
      return perform(walk, statement.body);
  }
}

function bring(walk: Walk, { local, path, start, end }: Statement & { kind: "import" }): undefined {
  const known = renamed(walk.language, path);
  walk.imports.add(known);
  if (local === "*") walk.stars.push(known);
  else walk.variables.set(local, { ...unknown, path: known });
  walk.tell({ kind: "import", path: known, here: walk.here, start, end });
}

function sum({ language }: Walk, operator: string | undefined, before: Value, value: Value): Value {
  if (operator === undefined) return value;
  const constant = computed(operator, [before, value]);
  if (constant !== undefined) return constant;
  if (language.numeric?.has(operator))
    return { ...cleaned(blend([before, value]), cleanOfNumber), plain: true };
  const isText = before.shape !== undefined || value.shape !== undefined;
  return (operator === "+" || operator === ".") && isText ? joined([before, value]) : blend([before, value]);
}

/** Assigns a value to a target; destructures lists. */
export function assign(
  walk: Walk,
  target: Expr,
  value: Value,
  { start, end }: { start: number; end: number },
): void {
  const key = keyOf(target);
  const tellOf = (
    form: AssignSeen["form"],
    path: string,
    name: string,
    more: Pick<AssignSeen, "object" | "key"> = {},
  ): void => walk.tell({ kind: "assign", form, path, name, value, ...more, here: walk.here, start, end });
  if (target.kind === "name") {
    tellOf("variable", target.name, target.name);
    walk.variables.set(target.name, value);
    noteSite(walk, target.name, target.start);
    if (walk.looping.has(target.name)) walk.looping = without(walk.looping, target.name);
  } else if (target.kind === "member") {
    const object = evaluate(walk, target.object);
    tellOf("attribute", `${object.path}.${target.name}`, target.name, { object });
    if (key !== undefined) walk.variables.set(key, value);
    if (walk.language.hands !== undefined && object.entries !== undefined)
      store(walk, target.object, putAt(object, target.name, value));
    if (
      walk.language.bareFields &&
      target.object.kind === "name" &&
      target.object.name === walk.language.self
    )
      walk.variables.set(target.name, value);
  } else if (target.kind === "index") {
    const object = evaluate(walk, target.object);
    const held = evaluate(walk, target.index);
    const name = held.constant === undefined ? undefined : String(held.constant);
    tellOf("item", `${object.path}[]`, name ?? "", { object, key: held });
    store(walk, target.object, putAt(object, name, value));
  } else if (target.kind === "group") {
    for (const [position, entry] of target.entries.entries()) {
      const name = entry.key?.kind === "text" ? entry.key.pieces.join("") : undefined;
      assign(walk, entry.value, pieceOf(value, name ?? String(position), name), entry.value);
    }
  }
}

/** The part of a destructured value under one name or position. */
function pieceOf(value: Value, at: string, name: string | undefined): Value {
  const entry = value.entries?.get(at);
  if (entry !== undefined) return entry;
  const { level, clean, roots, path } = value;
  const piece = name === undefined ? "[]" : `.${name}`;
  return { level, clean, roots, path: path === "" ? "" : path + piece };
}

/** Variables with untracked changes, such as `i++`, no longer decide branches. */
function unsettle(walk: Walk, names: ReadonlySet<string>): void {
  for (const name of names) {
    const held = walk.variables.get(name);
    if (held?.constant !== undefined) walk.variables.set(name, { ...held, loose: true });
  }
}

function without(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const left = new Set(names);
  left.delete(name);
  return left;
}

function branch(walk: Walk, { test, met, otherwise }: Statement & { kind: "if" }): undefined {
  const decided = truth(evaluate(walk, test));
  if (decided !== undefined) {
    const taken = decided ? met : otherwise;
    walk.variables = guarded(walk, test, decided);
    perform(walk, taken);
    if (endsHere(walk, taken)) walk.ended = true;
    return;
  }
  const before = walk.variables;
  walk.variables = new Map(guarded(walk, test, true));
  perform(walk, met);
  const behindMet = walk.variables;
  const isMetOver = walk.ended || endsHere(walk, met);
  walk.ended = false;
  walk.variables = before;
  walk.variables = new Map(guarded(walk, test, false));
  perform(walk, otherwise);
  const behindElse = walk.variables;
  const isElseOver = walk.ended || endsHere(walk, otherwise);
  walk.ended = false;
  if (isMetOver) walk.variables = behindElse;
  else walk.variables = isElseOver ? behindMet : merged(behindMet, behindElse);
}

/** Merges the variables of two branches. */
function merged(a: Variables, b: Variables): Variables {
  const both = new Map(a);
  for (const [key, value] of b) {
    const other = a.get(key);
    if (other !== value) both.set(key, other === undefined ? value : either(other, value));
  }
  return both;
}

function loop(walk: Walk, { test, target, from, body }: Statement & { kind: "loop" }): undefined {
  const before = new Map(walk.variables);
  const { left, looping } = walk;
  const changed = changedIn(body);
  walk.left = undefined;
  walk.loops += 1;
  for (let round = 0; round < (walk.loops > 3 ? 1 : 2); round++) {
    walk.looping = new Set([...looping, ...changed]);
    if (target !== undefined && from !== undefined) {
      const { level, clean, roots, path, entries } = evaluate(walk, from);
      const [first, ...rest] = [...(entries?.values() ?? [])].slice(0, 20);
      const { entries: inner } = first === undefined ? unknown : rest.reduce(either, first);
      const element = inner === undefined ? {} : { entries: inner };
      assign(walk, target, { level, clean, roots, path: path && `${path}[]`, ...element }, target);
    } else if (test !== undefined) {
      evaluate(walk, test);
      walk.variables = guarded(walk, test, true);
    }
    perform(walk, body);
    walk.ended = false;
  }
  walk.looping = looping;
  walk.loops -= 1;
  walk.variables = merged(walk.variables, before);
  if (walk.left !== undefined) walk.variables = merged(walk.variables, walk.left);
  walk.left = left;
}

function attempt(walk: Walk, { body, handlers, last }: Statement & { kind: "try" }): undefined {
  // any statement may throw
  let between = new Map(walk.variables);
  for (const [position, statement] of body.entries()) {
    perform(walk, [statement]);
    if (walk.ended) break;
    if (position < 30) between = merged(between, walk.variables);
  }
  let behind = walk.variables;
  walk.ended = false;
  for (const handler of handlers) {
    walk.variables = merged(behind, between);
    const { start, end } = handler;
    walk.tell({ kind: "handler", handler, here: walk.here, start, end });
    if (handler.name !== "") {
      walk.variables.set(handler.name, { ...unknown, path: "!error", roots: ["!error"], shape: hole });
    }
    perform(walk, handler.body);
    walk.ended = false;
    if (!endsHere(walk, handler.body)) behind = merged(behind, walk.variables);
  }
  walk.variables = behind;
  perform(walk, last);
}

function ofClass(walk: Walk, { name, bases, body }: Statement & { kind: "class" }): undefined {
  for (const base of bases) evaluate(walk, base);
  const { variables: outer, waiting, owner } = walk;
  walk.variables = new Map(outer);
  walk.waiting = [];
  if (walk.language.types !== undefined) walk.known.set(`class ${name}`, { given: [] });
  walk.owner = name;
  perform(walk, body);
  const methods = [...walk.waiting].sort((a, b) => Number(makes(name, b)) - Number(makes(name, a)));
  for (const method of methods) walk.enter(walk, method);
  Object.assign(walk, { variables: outer, waiting, owner });
  outer.set(name, { ...unknown, path: name });
}
