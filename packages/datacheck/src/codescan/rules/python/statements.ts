/**
 * @file Python rules that depend on statement order: locks left held after an error, step-by-step comparison of
 * secrets.
 */
import type { Expr, FunctionMade, Statement } from "../../engine/syntax.ts";
import { keyOf } from "../../engine/walk.ts";
import { isSecretName } from "../conditions.ts";

const deepest = 20;

/** Whether `x.acquire()` and `x.release()` are in the same block, with statements between them that can fail. */
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

/** `x` if the statement is `x.release()` or an unconditional `x.acquire()`. */
function lockOf(statement: Statement, method: string): string | undefined {
  if (statement.kind !== "do" || statement.value.kind !== "call") return undefined;
  const { callee, args } = statement.value;
  if (callee.kind !== "member" || callee.name !== method || args.length > 0) return undefined;
  return keyOf(callee.object);
}

/** Whether a statement calls something. A nested `try` handles its own errors. */
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

/** Whether a loop exits at the first difference between two secrets. */
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
