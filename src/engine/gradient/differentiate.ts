/**
 * @file Reverse-mode differentiation on the graph: one short walk backwards over the table.
 */
import { add, gemm } from "../graph/build.ts";
import type { Value } from "../graph/value.ts";
import { gradients } from "./table.ts";

/**
 * Gradients of a loss with respect to values, given its gradients with respect to results of them.
 *
 * @param seeds result to the gradient of the loss with respect to it, of the same shape
 * @param wanted values whose gradients are asked for
 * @returns a gradient for each wanted value that the results depend on
 */
export function differentiate(
  seeds: ReadonlyMap<Value, Value>,
  wanted: readonly Value[],
): ReadonlyMap<Value, Value> {
  const dependent = dependentValues([...seeds.keys()], new Set(wanted));
  const found = new Map(seeds);
  // inputs have smaller ids than what is made of them, so descending ids visit each value after all its uses
  for (const y of [...dependent].sort((a, b) => b.id - a.id)) {
    const g = found.get(y);
    if (!g || y.op === "input" || y.op === "constant") continue;
    for (const [position, gradient] of gradients[y.op](g, y).entries()) {
      const input = y.inputs[position];
      if (!input || !gradient || !dependent.has(input)) continue;
      found.set(input, accumulate(found.get(input), gradient));
    }
  }
  return new Map(wanted.flatMap((value) => (found.has(value) ? [[value, found.get(value) as Value]] : [])));
}

/** All values on a path from the results down to a wanted one. */
function dependentValues(results: readonly Value[], wanted: ReadonlySet<Value>): Set<Value> {
  const known = new Map<Value, boolean>();
  const visit = (value: Value): boolean => {
    const seen = known.get(value);
    if (seen !== undefined) return seen;
    // every input is visited, also after a hit: each may lie on a path of its own
    const reached = value.inputs.map(visit).includes(true) || wanted.has(value);
    known.set(value, reached);
    return reached;
  };
  results.forEach(visit);
  return new Set([...known].filter(([, reached]) => reached).map(([value]) => value));
}

/** The sum of two contributions; a matrix product takes the other one as its addend, which saves a pass. */
function accumulate(sum: Value | undefined, gradient: Value): Value {
  if (!sum) return gradient;
  const [a, b, addend] = gradient.inputs;
  if (gradient.op === "gemm" && a && b && !addend) return gemm(a, b, gradient.attributes, sum);
  return add(sum, gradient);
}
