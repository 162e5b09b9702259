/**
 * @file Undoes broadcasting: a gradient summed back to the shape of the input it belongs to.
 */
import { reduce, reshape } from "../graph/build.ts";
import { sameShape } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";

/** `g` summed over the axes along which `input` was repeated. */
export function unbroadcast(g: Value, input: Value): Value {
  if (sameShape(g.shape, input.shape)) return g;
  const extra = g.shape.length - input.shape.length;
  let sum = g;
  for (const [axis, dim] of g.shape.entries()) {
    const own = axis < extra ? 1 : (input.shape[axis - extra] ?? 1);
    if (own === 1 && dim !== 1) sum = reduce("sum", sum, axis);
  }
  return sameShape(sum.shape, input.shape) ? sum : reshape(sum, input.shape);
}
