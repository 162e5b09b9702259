/** @file Writes beyond an array whose length is written down, in a loop that goes one too far. */
import type { Statement } from "../engine/syntax.ts";
import { type Node, parts, sourceOf } from "../engine/tree.ts";
import { callOf, type Lowering } from "./cpp-tree.ts";

/** `!beyond()`: `for (i = 0; i <= 10; i++) a[i] = 0;`. */
export function beyondLoop(at: Lowering, test: Node | undefined, body: Node | undefined): Statement[] {
  const [counter, limit] = test === undefined ? [] : parts(test);
  if (test === undefined || counter === undefined || limit === undefined || body === undefined) return [];
  if (test.children.find(({ named }) => !named)?.kind !== "<=") return [];
  const [name, most] = [sourceOf(at.tree, counter), sourceOf(at.tree, limit)];
  const waiting = [body];
  for (let count = 0; waiting.length > 0 && count < 200; count++) {
    const one = waiting.pop();
    const [left] = one?.kind === "assignment_expression" ? parts(one) : [];
    const indexed = left === undefined ? undefined : indexOf(at, left);
    const length = indexed === undefined ? undefined : at.sizes.get(indexed.name);
    if (one !== undefined && indexed?.index === name && length !== undefined && length !== "") {
      const isTooFar =
        most === length || most === `sizeof(${indexed.name})` || (plain(most) ?? -1) === plain(length);
      if (isTooFar) return beyond(one);
    }
    waiting.push(...[...(one?.children ?? [])].reverse());
  }
  return [];
}

function plain(source: string): number | undefined {
  return /^\d{1,9}$/.test(source) ? Number(source) : undefined;
}

function beyond(node: Node): Statement[] {
  const { start, end } = node;
  return [{ kind: "do", value: callOf(node, "!beyond", []), start, end }];
}

function indexOf(at: Lowering, node: Node): { name: string; index: string } | undefined {
  if (node.kind !== "subscript_expression") return undefined;
  const [base, list] = parts(node);
  const [index] = list === undefined ? [] : parts(list);
  if (base?.kind !== "identifier" || index === undefined) return undefined;
  return { name: sourceOf(at.tree, base), index: sourceOf(at.tree, index) };
}
