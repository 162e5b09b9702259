/** @file A chain of one operator leans to the left and may be long: it is read in a loop, as one operation. */
import { type Node, parts } from "../engine/tree.ts";

/** One operator and all that it joins. */
export interface Chain {
  readonly operator: string;
  /** From left to right. */
  readonly operands: readonly Node[];
}

/** The chain that ends in a node. @param childrenOf children that are code */
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

/** The mark between two values: `+`. */
export function operatorOf({ children }: Node): string {
  return children.find(({ named, kind }) => !named && kind !== "(" && kind !== ")")?.kind ?? "";
}
