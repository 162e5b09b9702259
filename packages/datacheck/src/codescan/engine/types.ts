/**
 * @file Types declared in the source. A value is classified by its declared type, and settings on objects created in
 * the file are tracked: `factory.setFeature(NAME, false)`, `cookie.setSecure(true)`.
 */
import type { CallExpr } from "./syntax.ts";
import { hole, type Value } from "./value.ts";
import { keyOf, type Walk } from "./walk.ts";

const typeName = /^[A-Z]\w*(\[\])?$/;
const maxSettings = 50;
/** Key of a setting on an object that other code may have changed. */
export const elsewhere = "*";

/** Gives a value its declared type, unless more is known about it. */
export function declaredAs({ language: { types } }: Walk, value: Value, source: string | undefined): Value {
  if (
    types === undefined ||
    source === undefined ||
    source === "" ||
    (typeName.test(value.path) && value.set !== undefined)
  )
    return value;
  const path = types.declared(source);
  return path === undefined ? value : { ...value, path };
}

/** Gives a call's result its type, with the settings of the object that it was made from. */
export function typedResult(walk: Walk, expr: CallExpr, path: string, seen: Settled, result: Value): Value {
  const { types } = walk.language;
  if (types === undefined) return result;
  const { receiver, args, gives } = seen;
  const type =
    types.gives(path, args) ?? (gives !== undefined && typeName.test(gives.path) ? gives.path : undefined);
  const settings = settingsOf(walk, expr, seen, type);
  if (settings === undefined && gives?.set === undefined)
    return type === undefined ? result : { ...result, path: type };
  const set = new Map([...(gives?.set ?? []), ...(settings ?? [])]);
  for (const one of args) for (const [key, value] of one.set ?? []) if (!set.has(key)) set.set(key, value);
  const same =
    expr.callee.kind === "member" && /^set[A-Z]/.test(expr.callee.name) ? receiver.path : result.path;
  return { ...result, path: type ?? same, set };
}

/** What is known about a call besides its path. */
export interface Settled {
  readonly receiver: Value;
  readonly args: readonly Value[];
  /** The result of a function of the file. */
  readonly gives: Value | undefined;
}

type Settings = NonNullable<Value["set"]>;

/** The settings of a result: none on a new object, those of the receiver on an object derived from it. */
function settingsOf(
  walk: Walk,
  { callee, args: given }: CallExpr,
  { receiver, args }: Settled,
  type: string | undefined,
): Settings | undefined {
  for (const [position, one] of args.entries()) {
    if (callee.kind === "name" && one.set !== undefined && type === undefined)
      keep(walk, given[position]?.value, one, new Map(one.set).set(elsewhere, true));
  }
  if (callee.kind !== "member") return type === undefined ? undefined : new Map();
  const isClass =
    callee.object.kind === "name" && /^[A-Z]/.test(callee.object.name) && receiver.set === undefined;
  if (isClass) return type === undefined ? undefined : new Map();
  if (receiver.set === undefined) return undefined;
  const isSetter = /^(set|with|enable|disable|add|allow|register|use)[A-Z]/.test(callee.name);
  if (!isSetter && typeof args[0]?.constant !== "boolean") return receiver.set;
  const set = new Map(receiver.set);
  for (const one of args) for (const [key, value] of one.set ?? []) set.set(key, value);
  const [first, second] = args;
  const name = callee.name.replace(/^set/, "");
  if (second === undefined) set.set(name, constantIn(first));
  else
    set.set(typeof first?.constant === "string" ? first.constant : (first?.path ?? ""), constantIn(second));
  if (set.size <= maxSettings) keep(walk, callee.object, receiver, set);
  return set;
}

function constantIn(value: Value | undefined): string | number | boolean | null {
  return value?.constant ?? (value === undefined ? true : hole);
}

function keep(walk: Walk, expr: CallExpr["callee"] | undefined, value: Value, set: Settings): void {
  const key = expr === undefined ? undefined : keyOf(expr);
  if (key !== undefined && walk.variables.has(key)) walk.variables.set(key, { ...value, set });
}
