/** @file Finds the variables that statements change, by assignment or through a method. */
import type { Expr, Statement } from "./syntax.ts";
import { keyOf } from "./walk.ts";

const cache = new WeakMap<readonly Statement[], ReadonlySet<string>>();

/** The variables changed in a block, without nested functions. */
export function changedIn(statements: readonly Statement[]): ReadonlySet<string> {
  const before = cache.get(statements);
  if (before !== undefined) return before;
  const names = new Set<string>();
  for (const one of statements) collect(one, names);
  cache.set(statements, names);
  return names;
}

function collect(statement: Statement, names: Set<string>): void {
  switch (statement.kind) {
    case "assign":
      ofTarget(statement.target, names);
      return;
    case "do": {
      const { value } = statement;
      if (value.kind === "call" && value.callee.kind === "member") ofTarget(value.callee.object, names);
      else if (value.kind !== "call") ofTarget(value, names);
      return;
    }
    case "loop":
      if (statement.target !== undefined) ofTarget(statement.target, names);
      addAll(names, statement.body);
      return;
    case "if":
      addAll(names, statement.met);
      addAll(names, statement.otherwise);
      return;
    case "try":
      addAll(names, statement.body);
      for (const { body } of statement.handlers) addAll(names, body);
      addAll(names, statement.last);
      return;
    case "block":
      addAll(names, statement.body);
      return;
    default:
  }
}

function addAll(names: Set<string>, statements: readonly Statement[]): void {
  for (const name of changedIn(statements)) names.add(name);
}

function ofTarget(target: Expr, names: Set<string>): void {
  let at = target;
  for (let depth = 0; depth < 8; depth++) {
    const key = keyOf(at);
    if (key !== undefined) names.add(key);
    if (at.kind === "group") {
      for (const { value } of at.entries) ofTarget(value, names);
      return;
    }
    if (at.kind === "other") {
      for (const one of at.parts) ofTarget(one, names);
      return;
    }
    if (at.kind !== "index" && at.kind !== "member") return;
    at = at.object;
  }
}
