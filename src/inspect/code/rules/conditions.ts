/**
 * @file Small questions that rules ask of what they see.
 */
import type { CallSeen, Here } from "../engine/seen.ts";
import { hole, type Value } from "../engine/value.ts";

/** An argument by position or by one of its names. */
export function argument(seen: CallSeen, position: number, ...names: readonly string[]): Value | undefined {
  for (const name of names) {
    const value = seen.named.get(name);
    if (value !== undefined) return value;
  }
  return position < 0 ? undefined : seen.args[position];
}

/** Whether it is known to be exactly this. */
export function is(value: Value | undefined, constant: string | number | boolean | null): boolean {
  return value !== undefined && value.constant === constant;
}

/** Whether it is constant text that fits. */
export function says(value: Value | undefined, pattern: RegExp): boolean {
  return typeof value?.constant === "string" && pattern.test(value.constant);
}

/** Whether it is text, constant or not, whose known part fits; a hole stands for each unknown piece. */
export function shaped(value: Value | undefined, pattern: RegExp): boolean {
  return value?.shape !== undefined && pattern.test(value.shape);
}

/** Whether it is not known to be constant: a variable, a call, text put together. */
export function varies(value: Value | undefined): boolean {
  if (value === undefined || value.constant !== undefined) return false;
  return value.shape === undefined || value.shape.includes(hole);
}

/** Whether the path of what the value is fits. */
export function isA(value: Value | undefined, pattern: RegExp): boolean {
  return value !== undefined && value.path !== "" && pattern.test(value.path);
}

/** Whether it was made from a variable of such a name. */
export function comesFrom(value: Value | undefined, pattern: RegExp): boolean {
  return value?.roots.some((root) => pattern.test(root)) ?? false;
}

/** Whether a module of such a name is imported. */
export function importsOf({ imports }: Here, pattern: RegExp): boolean {
  for (const path of imports) if (pattern.test(path)) return true;
  return false;
}

/** Whether a command goes through a shell. */
export function hasShell(seen: CallSeen): boolean {
  if (/getoutput|getstatusoutput/.test(seen.path)) return true;
  const shell = seen.named.get("shell");
  return shell !== undefined && shell.constant !== false && shell.constant !== 0;
}
