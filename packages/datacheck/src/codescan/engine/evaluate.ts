/** @file Evaluates expressions to abstract values, and reports every call and operator. */

import { computed, sliced, truth } from "./constants.ts";
import { entryAt, hold, putAt, slicedList } from "./contents.ts";
import { fromOutside } from "./from-outside.ts";
import { guarded } from "./guard.ts";
import type { CallSoFar } from "./language.ts";
import { callResult, nameIn, noteGiven } from "./result.ts";
import type { CallSeen } from "./seen.ts";
import type { CallExpr, Expr, GroupExpr, IndexExpr, MemberExpr, OperationExpr, OtherExpr } from "./syntax.ts";
import { typedResult } from "./types.ts";
import {
  blend,
  carries,
  cleaned,
  cleanOfNumber,
  constantOf,
  either,
  filled,
  hole,
  joined,
  openProperty,
  unknown,
  type Value,
} from "./value.ts";
import { keyOf, lookUp, type Walk } from "./walk.ts";

/** Evaluates an expression. `maxDepth` limits the depth of lowered expressions, and so the recursion. */
export function evaluate(walk: Walk, expr: Expr): Value {
  if (walk.steps-- <= 0) return unknown;
  switch (expr.kind) {
    case "constant":
      return constantOf(expr.value);
    case "text": {
      const pieces = expr.pieces.map((one) =>
        typeof one === "string" ? constantOf(one) : evaluate(walk, one),
      );
      const value = joined(pieces);
      if (typeof value.constant === "string" && walk.text[expr.start] === "/")
        tellPattern(walk, expr, value.constant);
      return { ...value, made: expr };
    }
    case "name":
      return sourced(walk, lookUp(walk, expr.name), expr.name);
    case "member":
      return memberValue(walk, expr);
    case "index":
      return indexValue(walk, expr);
    case "call":
      return callValue(walk, expr);
    case "operation":
      return operationValue(walk, expr);
    case "group":
      return groupValue(walk, expr);
    case "choice": {
      const decided = truth(evaluate(walk, expr.test));
      if (decided !== undefined) return evaluate(walk, decided ? expr.met : expr.otherwise);
      const before = walk.variables;
      walk.variables = guarded(walk, expr.test, true);
      const then = evaluate(walk, expr.met);
      walk.variables = new Map(before);
      walk.variables = guarded(walk, expr.test, false);
      const otherwise = evaluate(walk, expr.otherwise);
      walk.variables = before;
      return either(then, otherwise);
    }
    case "function": {
      const gives = walk.enter(walk, expr.made);
      return { ...unknown, made: expr, ...(gives === undefined ? {} : { gives }) };
    }
    case "other":
      return otherValue(walk, expr);
  }
}

function tellPattern(walk: Walk, { start, end }: Expr, pattern: string): void {
  walk.tell({ kind: "pattern", pattern, here: walk.here, start, end });
}

/** Raises the level of an attacker-controlled value. */
function sourced(walk: Walk, value: Value, root: string): Value {
  const roots = value.level > 0 && value.roots.length === 0 ? { roots: [root] } : {};
  return fromOutside(walk, { ...value, ...roots });
}

function memberValue(walk: Walk, expr: MemberExpr, object: Value = evaluate(walk, expr.object)): Value {
  const key = keyOf(expr);
  const held = key === undefined ? undefined : (walk.variables.get(key) ?? bareField(walk, key));
  if (held !== undefined) return sourced(walk, held, key ?? "");
  const path = object.path === "" ? `.${expr.name}` : `${object.path}.${expr.name}`;
  const entry = object.entries?.get(expr.name);
  if (entry !== undefined) return entry;
  const asked = walk.language.asks.has(`.${expr.name}`);
  const isAbsent = walk.language.hands !== undefined && object.whole === true;
  const { level, clean, roots } = isAbsent ? unknown : object;
  if (!asked) return fromOutside(walk, { level, clean, roots, path, made: expr });
  const told = fromOutside(walk, { ...unknown, path, made: expr });
  return { ...told, clean: told.clean | clean };
}

/** A field declared without its object: `this.x` is `x`. */
function bareField({ language, variables }: Walk, key: string): Value | undefined {
  const isOwn = language.bareFields && key.startsWith(`${language.self}.`);
  return isOwn ? variables.get(key.slice(language.self.length + 1)) : undefined;
}

function indexValue(walk: Walk, expr: IndexExpr): Value {
  const object = evaluate(walk, expr.object);
  const index = evaluate(walk, expr.index);
  const entry = expr.slice === undefined ? entryAt(object, index) : pieceOf(walk, object, expr.slice);
  if (entry !== undefined) return entry;
  if (typeof object.constant === "string" && typeof index.constant === "number" && expr.slice === undefined) {
    const letter = constantOf(object.constant.at(index.constant) ?? "");
    return object.loose || index.loose ? { ...letter, loose: true } : letter;
  }
  const path = object.path === "" ? "" : `${object.path}[]`;
  const { level, clean } = object;
  // a name with a constant prefix or suffix is not inherited by all objects
  const isPart = index.shape !== undefined && index.shape.replaceAll(hole, "") !== "";
  const isOpen = walk.language.hands !== undefined && carries(index, "property") === 2 && !isPart;
  const roots = isOpen ? [...object.roots, openProperty] : object.roots;
  return fromOutside(walk, { level, clean, roots, path, made: expr });
}

/** A slice `object[from:to]` with known bounds. */
function pieceOf(
  walk: Walk,
  object: Value,
  { from, to }: NonNullable<IndexExpr["slice"]>,
): Value | undefined {
  const bounds = [from, to].map((one) => (one === undefined ? null : evaluate(walk, one).constant));
  const [start, end] = bounds.map((one) =>
    one === null ? undefined : typeof one === "number" ? one : Number.NaN,
  );
  if (Number.isNaN(start) || Number.isNaN(end)) return undefined;
  return slicedList(object, start, end) ?? sliced(object, start, end);
}

function groupValue(walk: Walk, expr: GroupExpr): Value {
  const entries = new Map<string, Value>();
  const values: Value[] = [];
  let whole = true;
  for (const [position, { key, value, spread }] of expr.entries.entries()) {
    const name = key === undefined ? position : (evaluate(walk, key).constant ?? hole);
    const held = evaluate(walk, value);
    values.push(held);
    if (spread || name === hole) whole = false;
    if (spread) {
      for (const [inner, one] of held.entries ?? []) entries.set(inner, one);
      continue;
    }
    entries.set(String(name), held);
    if (key === undefined || typeof name !== "string") continue;
    const span = { start: key.start, end: value.end };
    walk.tell({ kind: "assign", form: "entry", path: name, name, value: held, here: walk.here, ...span });
  }
  return { ...blend(values), entries, made: expr, ...(whole ? { whole } : {}) };
}

function otherValue(walk: Walk, expr: OtherExpr): Value {
  const before = walk.variables;
  if (expr.bindings !== undefined) {
    walk.variables = new Map(before);
    for (const { target, from } of expr.bindings) {
      const { level, clean, roots, path } = evaluate(walk, from);
      const key = keyOf(target);
      const names =
        key !== undefined
          ? [key]
          : target.kind === "group"
            ? target.entries.map(({ value }) => keyOf(value))
            : [];
      for (const name of names) {
        if (name !== undefined) walk.variables.set(name, { level, clean, roots, path: path && `${path}[]` });
      }
    }
    for (const test of expr.tests ?? []) {
      evaluate(walk, test);
      walk.variables = guarded(walk, test, true);
    }
  }
  const values = expr.parts.map((one) => evaluate(walk, one));
  walk.variables = before;
  const isPlain = expr.bindings !== undefined && values.every(isOwnText);
  return { ...blend(values), made: expr, ...(isPlain ? { plain: true } : {}) };
}

function operationValue(walk: Walk, expr: OperationExpr): Value {
  const { operator, operands } = expr;
  const before = walk.variables;
  const values: Value[] = [];
  for (const one of operands) {
    values.push(evaluate(walk, one));
    if (operator === "and") walk.variables = guarded(walk, one, true);
    else if (operator === "or") walk.variables = guarded(walk, one, false);
  }
  walk.variables = before;
  const { start, end } = expr;
  walk.tell({ kind: "operation", operator, operands: values, here: walk.here, start, end });
  const constant = computed(operator, values);
  if (constant !== undefined) return { ...constant, made: expr };
  if (walk.language.numeric?.has(operator) && operands.length > 1)
    return { ...cleaned(blend(values), cleanOfNumber), plain: true, made: expr };
  switch (operator) {
    case "+":
    case ".":
      return added(values, expr);
    case "%": {
      const [left, right] = values;
      if (left === undefined || right === undefined || typeof left.shape !== "string") return unknown;
      return { ...filled(left, [right]), made: expr };
    }
    case "and":
    case "or":
    case "??": {
      const [first = unknown, ...rest] = values;
      const decided = operator === "??" ? undefined : truth(first);
      if (decided !== undefined && values.length === 2)
        return decided === (operator === "or") ? first : (rest[0] ?? first);
      return rest.reduce(either, first);
    }
    case "*": {
      const text = values.find(({ constant }) => typeof constant === "string");
      const isPlain =
        values.every(isOwnText) ||
        values.some(({ entries }) => entries !== undefined && [...entries.values()].every(isOwnText));
      return { ...(text ?? blend(values)), made: expr, ...(isPlain ? { plain: true } : {}) };
    }
    case "/":
    case "|":
    case "-":
      return {
        ...blend(values),
        ...(operator === "/" ? { shape: values.map(() => hole).join("/") } : {}),
        made: expr,
      };
    default:
      return { ...unknown, made: expr };
  }
}

/** Whether the value is one of the program's constants or cannot hold free text. */
function isOwnText({ constant, plain, fixed }: Value): boolean {
  return constant !== undefined || plain === true || fixed === true;
}

/** The value of a sum: text if an operand is text, otherwise a number or a list. */
function added(values: readonly Value[], made: Expr): Value {
  const isText = values.some(({ shape }) => shape !== undefined);
  const isNumber = values.every(({ plain, constant }) => plain || typeof constant === "number");
  return { ...(isText ? joined(values) : blend(values)), made, ...(isNumber ? { plain: true } : {}) };
}

function callValue(walk: Walk, expr: CallExpr): Value {
  const { callee } = expr;
  const receiver = callee.kind === "member" ? evaluate(walk, callee.object) : unknown;
  const target = callee.kind === "member" ? memberValue(walk, callee, receiver) : evaluate(walk, callee);
  const args: Value[] = [];
  const named = new Map<string, Value>();
  let spread = false;
  const path = callee.kind === "function" ? "" : target.path;
  for (const argument of expr.args) {
    const value = argumentValue(walk, argument.value, { path, receiver, args });
    if (argument.spread) {
      spread = true;
      for (const [name, one] of value.entries ?? []) if (!/^\d+$/.test(name)) named.set(name, one);
      if (value.level > 0) args.push(value);
    } else if (argument.name === undefined) args.push(value);
    else {
      named.set(argument.name, value);
      const span = { start: argument.value.start, end: argument.value.end };
      const about = { kind: "assign", form: "argument", name: argument.name } as const;
      walk.tell({ ...about, path, value, here: walk.here, ...span });
    }
  }
  const { start, end } = expr;
  const seen: CallSeen = { kind: "call", path, args, named, receiver, spread, here: walk.here, start, end };
  walk.tell(seen);
  const taken = callee.kind === "member" ? changed(walk, callee, seen) : undefined;
  if (taken !== undefined) return taken;
  const result = callResult(walk, seen);
  const value = fromOutside(walk, { ...result, ...elementsOf(seen), made: expr });
  const gives = walk.known.get(nameIn(walk, path))?.gives;
  return typedResult(walk, expr, path, { receiver, args, gives }, value);
}

/** Evaluates an argument. A function argument is walked with the values it will be called with. */
function argumentValue(walk: Walk, expr: Expr, call: CallSoFar): Value {
  const isFunction = expr.kind === "function" || (expr.kind === "name" && walk.known.has(expr.name));
  const given = isFunction ? walk.language.hands?.(call, expr) : undefined;
  if (given === undefined) return evaluate(walk, expr);
  if (expr.kind === "function") {
    const gives = walk.enter(walk, expr.made, given);
    return { ...unknown, made: expr, ...(gives === undefined ? {} : { gives }) };
  }
  if (expr.kind === "name") noteGiven(walk.known.get(expr.name), given);
  return evaluate(walk, expr);
}

/** Applies a method to its container. Returns the call's result if it is known. */
function changed(walk: Walk, { object, name }: MemberExpr, { args, receiver }: CallSeen): Value | undefined {
  const method = `.${name}`;
  const { holders = {}, fills } = walk.language;
  const holding = Object.hasOwn(holders, method) ? holders[method] : undefined;
  if (holding === undefined && !fills.has(method)) return undefined;
  const { container, gives } =
    holding === undefined
      ? { container: putAt(receiver, undefined, blend(args)) }
      : hold(holding, receiver, args);
  if (container !== undefined) store(walk, object, container);
  return gives;
}

/** Stores a container's new content. A nested container also taints the outer one. */
export function store(walk: Walk, object: Expr, container: Value): void {
  const key = keyOf(object);
  if (key !== undefined) {
    if (walk.variables.has(key)) walk.variables.set(key, container);
    return;
  }
  let outer = object;
  for (let depth = 0; depth < 4 && (outer.kind === "index" || outer.kind === "member"); depth++)
    outer = outer.object;
  const name = keyOf(outer);
  const held = name === undefined ? undefined : walk.variables.get(name);
  if (name !== undefined && held !== undefined) walk.variables.set(name, putAt(held, undefined, container));
}

/** `list.map((one) => text)`: texts of that shape, as tainted as the list. */
function elementsOf({ path, receiver, args: [first] }: CallSeen): Partial<Value> {
  const gives = first?.gives;
  if (gives?.shape === undefined || gives.level === 0 || !/\.(map|flatMap)$/.test(path)) return {};
  return {
    level: receiver.level,
    clean: gives.clean | receiver.clean,
    roots: receiver.roots,
    shape: gives.shape,
  };
}
