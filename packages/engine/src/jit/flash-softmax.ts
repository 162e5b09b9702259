/**
 * @file Machine code for attention's softmax over a chunk of rows of lanes, and its gradient.
 *
 * Scores are scaled to base 2: s' = s log2(e), so that exp(s - m) = 2^(s' - m').
 *
 * @source Dao 2023 (arXiv 2307.08691), algorithms 1 and 2
 * @source Milakov and Gimelshein 2018 (arXiv 1805.02867), algorithm 3: the running maximum and sum
 */
import { laneBytes, laneVectors, numberNames, place, taskMatrix } from "./flash-frame.ts";
import { type Address, type Assembler, oneForAll, registers, zeroing } from "./x64.ts";

/** What is computed: the result, the gradient of queries (in lanes), or those of keys and values (keys in lanes). */
export type Pass = "forward" | "query" | "key";

/**
 * 2^x on [-1/2, 1/2], relative error below 9e-9 before rounding; the first is exact.
 *
 * @source a fit of degree 5 to (2^x - 1) / x at 200 Chebyshev nodes
 */
const powerCoefficients = [
  1,
  Math.LN2,
  0.2402265,
  0.05550357,
  0.009618057,
  0.0013390867,
  0.00015461448,
] as const;

/** Vector registers in groups of three, one for each vector of a row of lanes: temporaries, scores, and so on. */
const [steps, polynomial] = [
  [0, 1, 2],
  [6, 7, 15],
] as const;
/** The registers to which `emitPower` applies. */
export const values: readonly number[] = [3, 4, 5];
const firstCoefficient = 8;
const slopes = [16, 17, 18] as const;
const [maxima, reciprocals, deltas] = [
  [19, 20, 21],
  [22, 23, 24],
  [25, 26, 27],
] as const;
const [start, window, one, two] = [28, 29, 30, 31];
/** Score of masked positions. Shares a register with `deltas`, which are never needed at the same time. */
const hidden = 27;
/** Immediate operands of `vpcmpud` and `vrndscaleps`. */
export const isBelow = 1;
const toNearest = 8;
/** First of the mask registers for lanes that are not masked for the row. */
const firstMask = 1;
/** First of the mask registers for lanes in use. */
export const firstLaneMask = 5;

const each = (visit: (column: number) => void): void => {
  for (let column = 0; column < laneVectors; column++) visit(column);
};
const of = (registersOf: readonly number[], column: number): number => registersOf[column] as number;
const number = (name: (typeof numberNames)[number]): Address =>
  place("numbers", 4 * numberNames.indexOf(name));

/** Broadcasts a number to all lanes of a vector register; uses rax. */
export function emitConstant(code: Assembler, to: number, value: number): void {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
  code.constant("rax", BigInt(bits));
  code.vector("vpbroadcastr", to, registers.rax);
}

/** Loads the constants of `emitPower`; uses rax. */
export function emitPowerConstants(code: Assembler): void {
  for (const [at, value] of powerCoefficients.entries()) emitConstant(code, firstCoefficient + at, value);
}

/** Loads the constants for rows of scores; uses rax. */
function emitConstants(code: Assembler): void {
  emitPowerConstants(code);
  emitConstant(code, one, 1);
  emitConstant(code, two, 2);
  code.vector("vbroadcastss", window, place("window"));
}

/** 2 to the power of three vectors, in place, with an error below 2 units in the last place. */
export function emitPower(code: Assembler): void {
  each((at) => code.vector("vrndscaleps", of(steps, at), of(values, at), null, toNearest));
  each((at) => code.vector("vsubps", of(values, at), of(steps, at), of(values, at)));
  const last = powerCoefficients.length - 1;
  each((at) => code.vector("load", of(polynomial, at), firstCoefficient + last));
  for (let term = last - 1; term >= 0; term--)
    each((at) => code.vector("vfmadd213ps", of(polynomial, at), firstCoefficient + term, of(values, at)));
  each((at) => code.vector("vscalefps", of(values, at), of(steps, at), of(polynomial, at)));
}

/**
 * Loads a row of products at rsi as scores; r11 is minus the first lane that is not masked for the row. With a cap,
 * score = cap tanh(s / cap) with tanh(x) = 1 - 2 / (2^(2 x log2(e)) + 1), and `slopes` are 1 - tanh^2.
 */
function emitScoresOfRow(code: Assembler, isCapped: boolean, needsSlopes: boolean): void {
  code.vector("vpbroadcastr", start, registers.r11);
  each((at) => {
    code.vector("vpaddd", of(steps, at), place("lanes", 64 * at), start);
    code.vector("vpcmpud", firstMask + at, window, of(steps, at), isBelow);
  });
  each((at) => code.vector("load", of(values, at), { base: "rsi", offset: 64 * at }));
  each((at) => code.masked("vmulps", of(values, at), number("score"), of(values, at), oneForAll));
  if (!isCapped) return;
  emitPower(code);
  each((at) => code.vector("vaddps", of(values, at), one, of(values, at)));
  each((at) => code.vector("vdivps", of(values, at), of(values, at), two));
  each((at) => code.vector("vsubps", of(values, at), of(values, at), one));
  if (needsSlopes) {
    each((at) => code.vector("load", of(slopes, at), one));
    each((at) => code.vector("vfnmadd231ps", of(slopes, at), of(values, at), of(values, at)));
  }
  each((at) => code.masked("vmulps", of(values, at), number("cap"), of(values, at), oneForAll));
}

/** Visits r12 rows, with rsi at the scores; `step` advances further registers. */
function eachRow(code: Assembler, body: () => void, step: () => void = () => undefined): void {
  const round = code.label();
  code.address("rsi", taskMatrix("scores"));
  code.move("rcx", "r12");
  code.bind(round);
  body();
  code.add("rsi", laneBytes);
  step();
  code.subtract("rcx", 1);
  code.jumpIf("notEqual", round);
}

/**
 * Converts the chunk's r12 rows of products to unnormalized weights, updates maximum and sum, and stores the factor by
 * which earlier sums must be scaled. Uses rax, rcx, rsi, r11.
 */
export function emitWeights(code: Assembler, isCapped: boolean): void {
  emitConstants(code);
  code.vector("vbroadcastss", hidden, place("hidden"));
  each((at) => code.vector("load", of(maxima, at), place("maximum", 64 * at)));
  eachRow(
    code,
    () => {
      emitScoresOfRow(code, isCapped, false);
      each((at) => code.masked("vblendmps", of(values, at), of(values, at), hidden, firstMask + at));
      each((at) => code.vector("store", of(values, at), { base: "rsi", offset: 64 * at }));
      each((at) => code.vector("vmaxps", of(maxima, at), of(values, at), of(maxima, at)));
    },
    () => code.subtract("r11", 1),
  );
  each((at) => {
    code.vector("load", of(values, at), place("maximum", 64 * at));
    code.vector("vsubps", of(values, at), of(maxima, at), of(values, at));
    code.vector("store", of(maxima, at), place("maximum", 64 * at));
  });
  emitPower(code);
  const sums = reciprocals;
  each((at) => {
    code.vector("store", of(values, at), place("factor", 64 * at));
    code.vector("vpxord", of(sums, at), of(sums, at), of(sums, at));
  });
  eachRow(code, () => {
    each((at) => code.vector("load", of(values, at), { base: "rsi", offset: 64 * at }));
    each((at) => code.vector("vsubps", of(values, at), of(maxima, at), of(values, at)));
    emitPower(code);
    each((at) => code.vector("store", of(values, at), { base: "rsi", offset: 64 * at }));
    each((at) => code.vector("vaddps", of(sums, at), of(values, at), of(sums, at)));
  });
  each((at) => {
    code.vector("load", of(values, at), place("factor", 64 * at));
    code.vector("vfmadd231ps", of(sums, at), place("sum", 64 * at), of(values, at));
    code.vector("store", of(sums, at), place("sum", 64 * at));
  });
}

/**
 * With P = 2^(s - m) / l and dP the second product: dS = P (dP - D), times the cap's slope. With queries in lanes, dS
 * overwrites the scores. With keys in lanes, P overwrites the scores, and dS the second product; m, 1 / l and D of the
 * row are at r8, r9 and r10. Uses rax, rcx, rdx, rsi, r11.
 *
 * @source Dao et al. 2022 (arXiv 2205.14135), appendix B.2, equation 4
 */
export function emitScoreGradients(code: Assembler, pass: Pass, isCapped: boolean): void {
  const isByLane = pass === "query";
  emitConstants(code);
  if (isByLane) {
    each((at) => code.vector("load", of(maxima, at), place("maximum", 64 * at)));
    each((at) => code.vector("load", of(reciprocals, at), place("sum", 64 * at)));
    each((at) => code.vector("load", of(deltas, at), place("delta", 64 * at)));
  }
  const flag = isByLane ? 0 : oneForAll;
  const operand = (byLane: readonly number[], base: "r8" | "r9" | "r10", at: number): number | Address =>
    isByLane ? of(byLane, at) : { base };
  code.address("rdx", taskMatrix("second"));
  eachRow(
    code,
    () => {
      emitScoresOfRow(code, isCapped, true);
      each((at) => code.masked("vsubps", of(values, at), operand(maxima, "r8", at), of(values, at), flag));
      emitPower(code);
      each((at) => {
        const mask = (firstMask + at) | zeroing | flag;
        code.masked("vmulps", of(values, at), operand(reciprocals, "r9", at), of(values, at), mask);
      });
      if (!isByLane) each((at) => code.vector("store", of(values, at), { base: "rsi", offset: 64 * at }));
      each((at) => code.vector("load", of(steps, at), { base: "rdx", offset: 64 * at }));
      each((at) => code.masked("vsubps", of(steps, at), operand(deltas, "r10", at), of(steps, at), flag));
      each((at) => code.vector("vmulps", of(steps, at), of(values, at), of(steps, at)));
      if (isCapped) each((at) => code.vector("vmulps", of(steps, at), of(slopes, at), of(steps, at)));
      const to = isByLane ? "rsi" : "rdx";
      each((at) => code.vector("store", of(steps, at), { base: to, offset: 64 * at }));
    },
    () => {
      code.add("rdx", laneBytes);
      code.subtract("r11", 1);
      if (!isByLane) for (const base of ["r8", "r9", "r10"] as const) code.add(base, 4);
    },
  );
}
