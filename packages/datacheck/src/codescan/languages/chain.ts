/**
 * @file Reads a chain of one operator as a single operation. Such chains nest to the left and may be long, so a loop
 * replaces recursion.
 */
import { type Node, parts } from "../engine/tree.ts";

/** An operator and all operands that it joins. */
export interface Chain {
  readonly operator: string;
  /** From left to right. */
  readonly operands: readonly Node[];
}

/**
 * The chain that ends in a node.
 *
 * @param childrenOf returns the children that are code
 */
export function chainOf(node: Node, childrenOf: (node: Node) => readonly Node[] = parts): Chain {
  const operator = operatorOf(node);
  const operands: Node[] = [];
  let left = node;
  for (;;) {
    const [first, second] = childrenOf(left);
    if (second !== undefined) operands.push(second);
    if (first === undefined) break;
    if (first.kind !== node.kind || operatorOf(first) !== operator) {
      operands.push(first);
      break;
    }
    left = first;
  }
  return { operator, operands: operands.reverse() };
}

/** The operator between two values: `+`. */
export function operatorOf({ children }: Node): string {
  return children.find(({ named, kind }) => !named && kind !== "(" && kind !== ")")?.kind ?? "";
}
