/** @file Reverse-mode automatic differentiation on the graph, in one backward walk with the gradient table. */
import { addTo, canBeThin, concat, gemm, reshape, scale, withMore } from "../graph/build.ts";
import { type Dim, equalDims, sumDim } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { gradients } from "./table.ts";

/**
 * Gradients of a loss with respect to values, given its gradients with respect to results computed from them.
 *
 * @param seeds maps each result to the gradient of the loss with respect to it, of the same shape
 * @param wanted values whose gradients are requested
 * @returns a gradient for each wanted value that the results depend on
 */
export function differentiate(
  seeds: ReadonlyMap<Value, Value>,
  wanted: readonly Value[],
): ReadonlyMap<Value, Value> {
  const dependent = dependentValues([...seeds.keys()], new Set(wanted));
  const found = new Map([...seeds].map(([value, seed]) => [value, [seed]]));
  const gradientOf = (value: Value): Value | undefined => {
    const parts = found.get(value);
    return parts && total(parts);
  };
  // inputs have smaller ids than results, so in descending order each value is visited after all its uses
  for (const y of [...dependent].sort((a, b) => b.id - a.id)) {
    const g = gradientOf(y);
    if (!g || y.op === "input" || y.op === "constant") continue;
    for (const [position, gradient] of gradients[y.op](g, y).entries()) {
      const input = y.inputs[position];
      if (!input || !gradient || !dependent.has(input)) continue;
      found.set(input, [...(found.get(input) ?? []), gradient]);
    }
  }
  return new Map(
    wanted.flatMap((value) => {
      const g = gradientOf(value);
      return g ? [[value, g] as const] : [];
    }),
  );
}

/** All values on a path from the results down to a wanted one. */
function dependentValues(results: readonly Value[], wanted: ReadonlySet<Value>): Set<Value> {
  const known = new Map<Value, boolean>();
  const visit = (value: Value): boolean => {
    const seen = known.get(value);
    if (seen !== undefined) return seen;
    // every input is visited, even after a hit: each may be on a path of its own
    const reached = value.inputs.map(visit).includes(true) || wanted.has(value);
    known.set(value, reached);
    return reached;
  };
  results.forEach(visit);
  return new Set([...known].filter(([, reached]) => reached).map(([value]) => value));
}

/** The sum of all contributions to a gradient. */
function total(parts: readonly Value[]): Value {
  return tiled(parts) ?? parts.reduce(accumulate);
}

/** The sum of two contributions; a matrix product adds the other one itself, which saves a pass. */
function accumulate(sum: Value, gradient: Value): Value {
  const joined = withThin(sum, gradient) ?? withThin(gradient, sum);
  if (joined !== null) return joined;
  const [a, b, addend] = gradient.inputs;
  if (gradient.op === "gemm" && a && b && !addend) return gemm(a, b, gradient.attributes, sum);
  return addTo(sum, gradient);
}

/** Fuses a product of thin matrices into a bfloat16 product; `null` if the two values cannot be fused. */
function withThin(product: Value, thin: Value): Value | null {
  if (product.op !== "bf16-product" || product.attributes["thin"] || thin.op !== "gemm") return null;
  const [rows, columns, addend] = thin.inputs;
  const { thin: isThin, transposeA, transposeB, alpha } = thin.attributes;
  if (!isThin || transposeA || addend || !rows || !columns) return null;
  if (transposeB !== product.attributes["transposeB"] || !canBeThin(rows.shape[1])) return null;
  return withMore(product, { thin: { rows: scale(rows, alpha as number), columns } });
}

/** Zero-padded segments that together cover an axis exactly once are concatenated instead of summed. */
function tiled(parts: readonly Value[]): Value | null {
  const pads = parts.filter(({ op }) => op === "pad");
  const axis = pads[0]?.attributes["axis"] as number | undefined;
  if (pads.length < 2 || pads.length < parts.length || axis === undefined) return null;
  const rest = new Set(pads);
  const inOrder: Value[] = [];
  let covered: Dim = 0;
  let left: Dim = parts[0]?.shape[axis] ?? 0;
  while (rest.size > 0) {
    const next = [...rest].find(({ attributes }) => {
      const { before, axis: own, filler } = attributes as { before: Dim; axis: number; filler: number };
      return own === axis && filler === 0 && equalDims(before, covered);
    });
    const core = next?.inputs[0];
    if (!next || !core) return null;
    inOrder.push(core);
    rest.delete(next);
    covered = sumDim(covered, core.shape[axis] ?? 1);
    left = next.attributes["after"] as Dim;
  }
  return left === 0 ? reshape(concat(inOrder, axis), parts[0]?.shape ?? []) : null;
}
