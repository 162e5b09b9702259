/** @file Shapes with symbolic sizes, so that one program works for all batches. */

/**
 * Size of an axis: a number, or a product of named sizes and numbers such as `"N"`, `"B*T"`, `"3*T"`, or a sum of
 * such products (`"P+T"`), bound to numbers at run time.
 */
export type Dim = number | string;

/** Values of the symbolic sizes for one run. */
export type Binding = Readonly<Record<string, number>>;

/** Evaluates a size; throws if a name is unbound. */
export function evaluateDim(dim: Dim, binding: Binding): number {
  if (typeof dim === "number") return dim;
  let sum = 0;
  for (const term of dim.split("+")) {
    let product = 1;
    for (const factor of term.split("*")) {
      const value = /^\d+$/.test(factor) ? Number(factor) : binding[factor];
      if (value === undefined) throw new Error(`Internal: the size ${factor} of ${dim} is not bound`);
      product *= value;
    }
    sum += product;
  }
  return sum;
}

/** Evaluates all sizes of a shape. */
export function evaluateShape(shape: readonly Dim[], binding: Binding): number[] {
  return shape.map((dim) => evaluateDim(dim, binding));
}

/** Number of elements of an evaluated shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Product of two sizes, folded if both are numbers. */
export function timesDim(a: Dim, b: Dim): Dim {
  if (a === 1) return b;
  if (b === 1) return a;
  return typeof a === "number" && typeof b === "number" ? a * b : `${a}*${b}`;
}

/** Sum of two sizes, folded if both are numbers. */
export function sumDim(a: Dim, b: Dim): Dim {
  if (a === 0) return b;
  if (b === 0) return a;
  return typeof a === "number" && typeof b === "number" ? a + b : `${a}+${b}`;
}

/** Whether two sizes are equal for every binding: `"Q+Q"` and `"2*Q"` are. */
export function equalDims(a: Dim, b: Dim): boolean {
  return canonicalDim(a) === canonicalDim(b);
}

/** A size as a sum of products in canonical order, with equal products counted. */
function canonicalDim(dim: Dim): string {
  const counts = new Map<string, number>();
  for (const term of dim.toString().split("+")) {
    const factors = term.split("*");
    const names = factors.filter((factor) => !/^\d+$/.test(factor)).sort();
    const count = factors.filter((factor) => /^\d+$/.test(factor)).reduce((all, one) => all * Number(one), 1);
    const product = names.join("*");
    counts.set(product, (counts.get(product) ?? 0) + count);
  }
  const terms = [...counts].filter(([, count]) => count !== 0).sort(([x], [y]) => (x < y ? -1 : 1));
  return terms.map(([product, count]) => `${count}*${product}`).join("+");
}

/** `[B, T, 64]` */
export function shapeText(shape: readonly Dim[]): string {
  return `[${shape.join(", ")}]`;
}

/** Whether shapes are equal as written. */
export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** NumPy broadcasting of two shapes; symbolic sizes must be equal as written, or one of them 1. */
export function broadcastShapes(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new Error(`Internal: shapes ${shapeText(a)} and ${shapeText(b)} do not broadcast`);
  });
}
