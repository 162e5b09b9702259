/** @file Tests the divergence guard's findings, one row per situation. */
import { describe, expect, it } from "vitest";
import { checkDivergence, type DivergenceState, type LossHistory, updateHistory } from "./divergence.ts";

const falling = Array.from({ length: 60 }, (_, i) => 3 - 0.03 * i + 0.05 * Math.sin(7 * i));
const calm: DivergenceState = {
  step: 61,
  loss: 1.2,
  gradientNorm: 0.8,
  losses: falling,
  history: null,
  learningRatePeak: 2e-4,
  warmupSteps: 10,
  vocabulary: 1200,
};

/** The loss history at the end of the given losses. */
function pastOf(losses: readonly number[]): LossHistory | null {
  return losses.reduce<LossHistory | null>((past, _, at) => updateHistory(past, losses, at + 1), null);
}

/** The state after 20 steps at a constant loss, with the given earlier history. */
function up(level: number, past: LossHistory): DivergenceState {
  return { ...calm, losses: flat(19, level), loss: level, history: past };
}

/** The state at the last of the given losses. */
function at(losses: readonly number[], change: Partial<DivergenceState> = {}): DivergenceState {
  const before = losses.slice(0, -1);
  const loss = losses.at(-1) ?? Number.NaN;
  return {
    ...calm,
    step: losses.length,
    loss,
    losses: before,
    // computed on access, so that an error fails the test and not the whole file
    get history() {
      return pastOf(before);
    },
    ...change,
  };
}

const flat = (count: number, value: number): number[] => new Array<number>(count).fill(value);
const jump = (now: string, step: number, usual: string): string =>
  `hint: The loss jumped to ${now} at step ${step}; the median of the steps before is ${usual}. ${causes}`;
const causes = "Likely causes: the learning rate (0.0002), bad rows in this batch.";

const causesEarly =
  "Likely causes: a warm-up too short (10 steps), the learning rate (0.0002), bad rows in this batch.";
/** Twenty losses, alternately 1 and 4. */
const fourfold = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 4));
const nanEarly = (since: number): string => `since ${since}: the loss is NaN. ${causesEarly}`;

const cases: [string, DivergenceState, string][] = [
  ["a usual loss", calm, "go-on"],
  ["a loss that falls", { ...calm, loss: 0.01 }, "go-on"],
  ["too short a history to judge a jump", { ...calm, losses: [2, 2, 2], loss: 40 }, "go-on"],
  ["one loss more than is too short", { ...calm, losses: flat(10, 2), loss: 40 }, jump("40.00", 61, "2.000")],
  ["a loss half as high again", { ...calm, losses: flat(20, 1), loss: 1.5 }, "go-on"],
  // the log-losses 0 and 1.386 have the median 0.693; six robust deviations above it are e^6.86 = 953
  [
    "losses that scatter fourfold, and one within their scatter",
    { ...calm, losses: fourfold, loss: 940 },
    "go-on",
  ],
  ["... and one beyond it", { ...calm, losses: fourfold, loss: 970 }, jump("970.0", 61, "2.500")],
  [
    "what was usual more than 100 steps ago",
    { ...calm, losses: [...flat(150, 10), ...flat(100, 1)], loss: 9 },
    jump("9.000", 61, "1.000"),
  ],
  ["a flat curve with a small step up", { ...calm, losses: flat(20, 1), loss: 1.4 }, "go-on"],
  ["two of the first steps far up", at([3.7, 3.7, 10.1, 8.2]), "go-on"],
  [
    "three of the first steps above ln V",
    at([3.7, 3.7, 10.1, 8.2, 7.5], { learningRatePeak: 10, warmupSteps: 0 }),
    "since 3: for 3 steps the loss was far above what it was before the first step (7.500 now, 3.700 at the start). " +
      "Likely causes: a high learning rate (10), no warm-up, bad rows in this batch.",
  ],
  ["three at the limit of ln V or 2.5 times the start", at([8, 20, 21, 21]), "go-on"],
  ["a start of three quarters of ln V knew nothing", at([0.75 * Math.log(1200), 8, 8, 8]), "go-on"],
  [
    "three far up after a past is known",
    at([...flat(35, 4), 8, 8, 8]),
    `hint: The loss jumped to 8.000 at step 38; the median of the steps before is 4.000. ${causes}`,
  ],
  [
    "of a resumed run only the last losses are known, and none of them is the start",
    { ...calm, losses: [3.7, 10.1, 8.2], loss: 7.5 },
    "go-on",
  ],
  ["a first batch that was easy", at([0.2, 2.5, 3, 2.8, 3]), "go-on"],
  ["a model that knew nothing and overshoots", at([7.9, 18, 17, 16, 9]), "go-on"],
  [
    "one that knew nothing, and goes far up",
    at([7.9, 25, 24, 23]),
    `since 2: for 3 steps the loss was far above what it was before the first step (23.00 now, 7.900 at the start). ${causesEarly}`,
  ],
  ["NaN", { ...calm, loss: Number.NaN }, `since 61: the loss is NaN. ${causes}`],
  [
    "infinity, high rate, no warm-up",
    { ...calm, loss: Number.POSITIVE_INFINITY, learningRatePeak: 0.01, warmupSteps: 0, step: 3 },
    "since 3: the loss is Infinity. " +
      "Likely causes: a high learning rate (0.01), no warm-up, bad rows in this batch.",
  ],
  [
    "gradient not finite, in the warm-up",
    { ...calm, gradientNorm: Number.NaN, step: 4 },
    "since 4: the gradient norm is NaN. " +
      "Likely causes: a warm-up too short (10 steps), the learning rate (0.0002), bad rows in this batch.",
  ],
  [
    "a jump on a flat curve",
    { ...calm, losses: flat(20, 1), loss: 9 },
    `hint: The loss jumped to 9.000 at step 61; the median of the steps before is 1.000. ${causes}`,
  ],
  ...[Number.NaN, Number.POSITIVE_INFINITY, 0].map((odd): [string, DivergenceState, string] => [
    `old losses of ${odd} do not blind it`,
    { ...calm, losses: [...flat(5, odd), ...flat(11, 1), ...flat(9, odd)], loss: 9 },
    jump("9.000", 61, "1.000"),
  ]),
  ["a loss up for 20 steps, to the limit alone", up(3, { start: 2.5, best: 2, bestStep: 30 }), "go-on"],
  [
    "half as much again as the best, where little was gained",
    up(3.01, { start: 2.5, best: 2, bestStep: 30 }),
    `since 42: for 20 steps the loss was above 3.000 (3.010 now), and it had been 2.000 around step 30. ${causes}`,
  ],
  [
    "below a tenth of what was gained since the start",
    up(3.05, { start: 22, best: 1, bestStep: 30 }),
    "go-on",
  ],
  [
    "above a tenth of what was gained since the start",
    up(3.15, { start: 22, best: 1, bestStep: 30 }),
    `since 42: for 20 steps the loss was above 3.100 (3.150 now), and it had been 1.000 around step 30. ${causes}`,
  ],
  ["a loss up for 19 steps", at([...flat(5, 4), ...flat(30, 1), ...flat(19, 3)]), jump("3.000", 54, "1.000")],
  [
    "a loss up for 20 steps",
    at([...flat(5, 4), ...flat(30, 1), ...flat(20, 3)]),
    `since 36: for 20 steps the loss was above 1.500 (3.000 now), and it had been 1.000 around step 15. ${causes}`,
  ],
  [
    "a loss up for 20 steps but one",
    at([...flat(35, 1), ...flat(10, 3), 1.4, ...flat(9, 3)]),
    jump("3.000", 55, "1.000"),
  ],
  [
    "next to nothing, threefold",
    at([...flat(5, 4), ...flat(30, 0.001), ...flat(20, 0.003)]),
    jump("0.003000", 55, "0.001000"),
  ],
  [
    "NaN soon after a start that went up at once",
    at([4, 40, 400, Number.NaN]),
    `since 2: the loss is NaN. Likely causes: a warm-up too short (10 steps), the learning rate (0.0002), bad rows in this batch.`,
  ],
  ["NaN after half as high again as the start, no more", at([4, 6, 400, Number.NaN]), nanEarly(3)],
  ["NaN at the last step of the warm-up", { ...calm, loss: Number.NaN, step: 10 }, nanEarly(10)],
  [
    "NaN at the highest usual rate",
    { ...calm, loss: Number.NaN, learningRatePeak: 5e-4 },
    "since 61: the loss is NaN. Likely causes: the learning rate (0.0005), bad rows in this batch.",
  ],
  [
    "NaN after steps that were up already",
    at([...flat(5, 4), ...flat(30, 1), ...flat(7, 3), Number.NaN]),
    `since 36: the loss is NaN. ${causes}`,
  ],
];

describe("judgeDivergence", () => {
  it.each(cases)("%s", (_, state, expected) => {
    const found = checkDivergence(state);
    const place = found?.isHint ? "hint" : `since ${found?.since}`;
    expect(found === null ? "go-on" : `${place}: ${found.sentence}`).toBe(expected);
  });

  it("stays silent on every step of a noisy run that learns", () => {
    const noisy = Array.from(
      { length: 400 },
      (_, i) => 0.6 + 2.5 * Math.exp(-i / 80) + 0.3 * Math.sin(12.9898 * i),
    );
    const spoke = noisy.filter((_, i) => i > 0 && checkDivergence(at(noisy.slice(0, i + 1))) !== null);
    expect(spoke).toEqual([]);
  });
});

describe("nextPast", () => {
  it("knows the best ten steps that lie 20 back", () => {
    const losses = [...flat(10, 3), ...flat(10, 1), ...flat(20, 2)];
    expect(pastOf(losses.slice(0, 29))).toBeNull();
    expect(pastOf(losses.slice(0, 30))).toEqual({ start: 3, best: 3, bestStep: 10 });
    expect(pastOf(losses)).toEqual({ start: 3, best: 1, bestStep: 20 });
    expect(pastOf([...losses, ...flat(50, 2)])).toEqual({ start: 3, best: 1, bestStep: 20 });
  });
});
