/**
 * @file Python: what only the order of statements shows: a lock that an error leaves locked, secrets compared by steps.
 */
import type { Expr, FunctionMade, Statement } from "../../engine/syntax.ts";
import { keyOf } from "../../engine/walk.ts";
import { isSecretName } from "../conditions.ts";

const deepest = 20;

/** Whether `x.acquire()` is followed in its block by `x.release()`, and what lies between can fail. */
export function keepsLock(statements: readonly Statement[], depth: number): boolean {
  if (depth > deepest) return false;
  for (const [at, statement] of statements.entries()) {
    const lock = lockOf(statement, "acquire");
    if (lock !== undefined) {
      const behind = statements.slice(at + 1);
      const end = behind.findIndex((one) => lockOf(one, "release") === lock);
      if (behind.slice(0, Math.max(0, end)).some(canFail)) return true;
    }
    if (blocksOf(statement).some((block) => keepsLock(block, depth + 1))) return true;
  }
  return false;
}

/** `x` where the statement is `x.acquire()` without conditions or `x.release()`. */
function lockOf(statement: Statement, method: string): string | undefined {
  if (statement.kind !== "do" || statement.value.kind !== "call") return undefined;
  const { callee, args } = statement.value;
  if (callee.kind !== "member" || callee.name !== method || args.length > 0) return undefined;
  return keyOf(callee.object);
}

/** It calls something; a `try` of its own sees to its errors. */
function canFail(statement: Statement): boolean {
  switch (statement.kind) {
    case "do":
    case "assign":
      return hasCall(statement.value, 0);
    case "if":
    case "loop":
    case "block":
      return blocksOf(statement).some((block) => block.some(canFail));
    default:
      return false;
  }
}

function hasCall(expr: Expr, depth: number): boolean {
  if (depth > deepest) return false;
  switch (expr.kind) {
    case "call":
      return true;
    case "operation":
      return expr.operands.some((one) => hasCall(one, depth + 1));
    case "text":
      return expr.pieces.some((one) => typeof one !== "string" && hasCall(one, depth + 1));
    default:
      return false;
  }
}

function blocksOf(statement: Statement): (readonly Statement[])[] {
  switch (statement.kind) {
    case "if":
      return [statement.met, statement.otherwise];
    case "loop":
    case "block":
      return [statement.body];
    case "try":
      return [statement.body, ...statement.handlers.map(({ body }) => body), statement.last];
    default:
      return [];
  }
}

/** Whether a loop gives up at the first place where two secrets differ. */
export function comparesBySteps({ body }: FunctionMade): boolean {
  return body.some((statement) => {
    if (statement.kind !== "loop") return false;
    const [first] = statement.body;
    if (first?.kind !== "if" || first.test.kind !== "operation" || first.test.operator !== "!=") return false;
    const leaves = first.met.some(({ kind }) => kind === "return" || kind === "stop");
    const sides = first.test.operands.map((one) => (one.kind === "index" ? keyOf(one.object) : undefined));
    return leaves && sides.length === 2 && sides.every((one) => one !== undefined) && sides.some(namesSecret);
  });
}

function namesSecret(name: string | undefined): boolean {
  return (
    name !== undefined && (isSecretName(name) || /(^|_)(pw|pass|mac|digest|signature|sig)(_|$)/i.test(name))
  );
}
