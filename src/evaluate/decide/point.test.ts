import { expect, test } from "vitest";
import { armOf, inputFor, rightOf } from "../../../test/support/decision-arms.ts";
import { usd } from "../../quantity/index.ts";
import type { Objective } from "./input.ts";
import { type Knobs, type PointVerdict, pointVerdict } from "./point.ts";

const now: Knobs = { answersPerMonth: 1000, tunedPrice: 1, othersPrice: 1, tunedQuality: 0, worth: 1 };
const eligible = { tuned: [1], others: [0], foreseen: [] };
/** Over ten months of 1,000 answers: the prompt $20 + $10, 70 %; the tuned arm $40 + $20, 80 %. */
const arms = [
  armOf("prompt", "prompt", rightOf(7, 10), { thousand: 1, monthly: 2 }),
  armOf("tuned", "tuned", rightOf(8, 10), { once: 10, monthly: 3, thousand: 2 }),
];
const verdict = (wish: Objective, knobs: Partial<Knobs> = {}, among = eligible): PointVerdict =>
  pointVerdict(inputFor(arms, { wish }), among, { ...now, ...knobs });

// 1,000 more correct answers for $30 more: worth it above 3 cents each
const cents = (worth: number): Objective => ({ kind: "value", usdPerCorrect: usd(worth / 100) });

test.each<[string, Objective, Partial<Knobs>, PointVerdict]>([
  ["a correct answer is worth more than it costs", cents(3.1), {}, "tune"],
  ["a correct answer is worth less", cents(2.9), {}, "do-not-tune"],
  ["exactly as much settles nothing", cents(3), {}, "neither"],
  ["twice the worth", cents(1.6), { worth: 2 }, "tune"],
  ["a tuned price of 0.9 saves $2", cents(2.9), { tunedPrice: 0.9 }, "tune"],
  ["a tuned price of 1.1 adds $2", cents(3.1), { tunedPrice: 1.1 }, "do-not-tune"],
  ["others' price of 1.2 adds $2 to them", cents(2.9), { othersPrice: 1.2 }, "tune"],
  ["a point more of quality is 100 answers more", cents(2.9), { tunedQuality: 0.01 }, "tune"],
  ["a point less", cents(3.1), { tunedQuality: -0.01 }, "do-not-tune"],
  ["twice the volume: fixed costs weigh half", cents(2.1), { answersPerMonth: 2000 }, "tune"],
  ["a target that both miss", { kind: "target", quality: 0.9 }, {}, "neither"],
  ["a target that both reach: the cheaper", { kind: "target", quality: 0.7 }, {}, "do-not-tune"],
  ["a target that one reaches", { kind: "target", quality: 0.75 }, {}, "tune"],
  ["a gain over the prompt", { kind: "gain", over: "prompt", by: 0.09 }, {}, "tune"],
  [
    "a gain that is not brought: the prompt stays",
    { kind: "gain", over: "prompt", by: 0.11 },
    {},
    "do-not-tune",
  ],
  ["within the margin the cheaper", { kind: "margin", margin: 0.11 }, {}, "do-not-tune"],
  [
    "outside the margin the prompt is not as good, the tuned arm not as cheap",
    { kind: "margin", margin: 0.09 },
    {},
    "neither",
  ],
])("%s", (_, wish, knobs, expected) => {
  expect(verdict(wish, knobs)).toBe(expected);
});

test("one arm of a side must be ahead of every arm of the other", () => {
  const wide = [...arms, armOf("free", "few-shot", rightOf(75, 100), { thousand: 3 })]; // 75 % for $30
  const at = (worth: number) =>
    pointVerdict(inputFor(wide, { wish: cents(worth) }), { ...eligible, others: [0, 2] }, now);
  // the tuned arm is ahead of the prompt above 3 cents, and of the other above 6
  expect([2.9, 5.9, 6.1].map(at)).toEqual(["do-not-tune", "do-not-tune", "tune"]);
  // a gain of 4 points over the prompt is brought by both, and for less by the other
  const gain = inputFor(wide, { wish: { kind: "gain", over: "prompt", by: 0.04 } });
  expect(pointVerdict(gain, { ...eligible, others: [0, 2] }, now)).toBe("do-not-tune");
  const both = { ...eligible, others: [0], tuned: [1, 2] };
  expect(pointVerdict(inputFor(wide, { wish: cents(0.1) }), both, now)).toBe("tune"); // 500 answers for nothing
});

test("with nobody to choose nothing is said", () => {
  expect(verdict(cents(3), {}, { tuned: [], others: [], foreseen: [] })).toBe("neither");
});
