import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, inputFor, rightOf } from "../../../../../test/support/decision-arms.ts";
import { breakEvenRule, detectableRule, whatWouldDecide } from "./explain.ts";
import type { DecisionInput, Objective } from "./input.ts";
import type { ByVolume, Weighed } from "./weigh.ts";

const prompt = armOf("prompt", "prompt", rightOf(60, 100), { thousand: 1 });
const few = armOf("few-shot", "few-shot", rightOf(70, 100), { thousand: 2 });
const tuned = armOf("tuned", "tuned", rightOf(80, 100), { once: 20, thousand: 3 });
const margin: Objective = { kind: "margin", margin: 0.02 };

describe("R6, when training has paid for itself", () => {
  const even = {
    arm: "tuned",
    against: "prompt",
    low: 500,
    expected: 20_000,
    high: 1_500_000,
    neverShare: 0,
  };

  test.each([
    ["with its range", [even], "tuned costs less than prompt from 20 k answers on (500 to 1.5 M)"],
    [
      "perhaps never",
      [{ ...even, high: null }],
      "tuned costs less than prompt from 20 k answers on (500 to never)",
    ],
    [
      "from the first answer on",
      [{ ...even, low: 0, expected: 0 }],
      "tuned costs less than prompt from 0 answers on (0 to 1.5 M)",
    ],
    [
      "never, beside another",
      [
        { ...even, low: null, expected: null, high: null },
        { ...even, against: "api" },
      ],
      "tuned never pays for itself against prompt by price alone; tuned costs less than api from 20 k answers on (500 to 1.5 M)",
    ],
  ])("%s", (_, evens, says) => {
    expect(breakEvenRule(evens, inputFor([]))).toEqual({ rule: "R6", says: `Over 10 months: ${says}.` });
  });

  test("nothing is said where nothing was trained", () => expect(breakEvenRule([], inputFor([]))).toBeNull());
});

describe("R7, a gain smaller than the test rows show", () => {
  const gain = (by: number, over = "few-shot"): DecisionInput =>
    inputFor([prompt, few, tuned], { objective: { kind: "gain", over, by } });

  test("said with the rows at hand and those that would show it", () => {
    // 10 flips in 100: (1.96 sqrt(0.1) + 0.8416 sqrt(0.1 - 0.0016))^2 / 0.0016 = 488.7
    const says = "100 test rows do not show a gain of 4.0 points with 80 % power; 489 would.";
    expect(detectableRule(gain(0.04), tuned)).toEqual({ rule: "R7", says });
  });

  test.each<[string, () => ReturnType<typeof detectableRule>]>([
    ["the rows are enough", () => detectableRule(gain(0.095), tuned)],
    [
      "another objective than a gain",
      () => detectableRule(inputFor([few, tuned], { objective: margin }), tuned),
    ],
    ["no arm to compare", () => detectableRule(gain(0.04), null)],
    ["the arm it is counted from is not there", () => detectableRule(gain(0.04, "api"), tuned)],
    ["it is that arm itself", () => detectableRule(gain(0.04), few)],
  ])("nothing: %s", (_, ruleOf) => {
    expect(ruleOf()).toBeNull();
  });

  test("exactly enough rows are enough", () => {
    const rows = 489;
    const [one, other] = [rightOf(342, rows), rightOf(391, rows)]; // 49 flips: 0.1002
    const input = (by: number) =>
      inputFor([armOf("few-shot", "few-shot", one), armOf("tuned", "tuned", other)], {
        objective: { kind: "gain", over: "few-shot", by },
      });
    const told = (by: number) => detectableRule(input(by), armOf("tuned", "tuned", other))?.says;
    // f = 49 / 489: 489.7 rows for 4 points, 488.8 for 4.003
    expect([told(0.04), told(0.04003)]).toEqual([expect.stringContaining("; 490 would."), undefined]);
  });
});

describe("what would settle an open question", () => {
  const open: Weighed = { says: "open", arm: 1, chance: 0.8, rival: 0, needs: 0.95, candidates: 1 };
  const eligible = { tuned: [2], others: [0, 1], extrapolated: [] };
  const told = (
    about: Partial<Parameters<typeof whatWouldDecide>[0]> = {},
    input: DecisionInput = inputFor([prompt, few, tuned], { objective: { kind: "target", quality: 0.9 } }),
  ) => whatWouldDecide({ input, eligible, weighed: open, byVolume: [], rows: null, ...about });

  test("nothing is asked for where nothing is missing", () => expect(told()).toEqual([]));

  test("arms that were not measured, tuned or not", () => {
    const input = inputFor([prompt, tuned], { objective: { kind: "target", quality: 0.9 } });
    expect(told({}, input)).toEqual([
      "Not measured on these rows: a prompt with examples. Cheaper ways come first.",
    ]);
    expect(told({ eligible: { ...eligible, tuned: [] } })).toEqual([
      "A tuned arm, measured on the same rows.",
    ]);
  });

  test("rows", () => {
    expect(told({ rows: { kind: "test", atLeast: 640, high: null, chance: null } })).toEqual([
      "About 640 test rows, if things are as they look now.",
    ]);
  });

  test("a target that nothing reaches: a learning curve, or another target where there is one", () => {
    const weighed: Weighed = { ...open, says: "none-reaches", arm: null, chance: 1, rival: null };
    const sizes = (count: number) => {
      const learningCurve = Array.from({ length: count }, (_, at) => ({
        rows: 100 * (at + 1),
        outcomes: [1],
      }));
      return told(
        { weighed },
        inputFor([prompt, few, tuned], {
          objective: { kind: "target", quality: 0.9 },
          facts: { learningCurve },
        }),
      );
    };
    const curve = [
      "Scores after training on a quarter, half and all of the rows, to see whether more rows would reach it.",
    ];
    expect([sizes(0), sizes(2)]).toEqual([curve, curve]);
    expect(sizes(3)).toEqual([
      "A lower target, or another way: the learning curve does not promise to reach it.",
    ]);
  });

  test("what is said at which volume, with the arm it is about, where it is not the same at all of them", () => {
    const at = (
      says: Weighed["says"],
      arm: number | null,
      fromPerMonth: number,
      toPerMonth: number,
    ): ByVolume => ({
      ...open,
      says,
      arm,
      chance: 1,
      rival: null,
      fromPerMonth,
      toPerMonth,
    });
    const byVolume = [
      at("do-not-tune", 1, 10, 31.6),
      at("none-reaches", null, 100, 100),
      at("open", 0, 316.2, 1000),
      at("tune", 2, 3162.3, 1e8),
    ];
    expect(told({ byVolume })).toEqual([
      "From 10 to 32 answers a month: do not tune (few-shot).",
      "From 100 to 100 answers a month: nothing reaches the target.",
      "From 316 to 1000 answers a month: open (prompt).",
      "From 3162 to 100 M answers a month: tune (tuned).",
    ]);
    expect(told({ byVolume: byVolume.slice(0, 1) })).toEqual([]);
  });

  describe("what a correct answer is worth", () => {
    const worth = (
      arms = [prompt, few, tuned],
      objective: Objective = margin,
      among = eligible,
      known = {},
    ) =>
      told({ eligible: among }, { ...inputFor(arms, { objective }), ...known }).filter(
        (one) => one !== "A tuned arm, measured on the same rows.",
      );

    test("where the better of the best two is dearer: from which worth on it pays", () => {
      // $20 + $10 more for 1,000 more correct answers of 10,000
      expect(worth()).toEqual([
        "What a correct answer is worth: tuned is 10.0 % better than few-shot and dearer, and pays from $0.03 for each on.",
      ]);
    });

    test("the other way round where the tuned arm is worse", () => {
      const dear = {
        ...few,
        usdPerThousandAnswers: { ...tuned.usdPerThousandAnswers, expected: usd(8.333) },
      };
      const worse = armOf("tuned", "tuned", rightOf(40, 100), { once: 20, thousand: 3 });
      // $83.33 instead of $50, for 3,000 more correct answers
      expect(worth([prompt, dear, worse])).toEqual([
        "What a correct answer is worth: few-shot is 30.0 % better than tuned and dearer, and pays from $0.011 for each on.",
      ]);
    });

    test("of each side the best is compared, and of equals the first", () => {
      expect(worth([few, prompt, tuned])[0]).toContain("better than few-shot");
      expect(
        worth([prompt, few, { ...few, name: "twin" }, tuned], margin, {
          ...eligible,
          tuned: [3],
          others: [0, 1, 2],
        })[0],
      ).toContain("better than few-shot");
    });

    test.each<[string, () => string[]]>([
      ["another objective", () => worth(undefined, { kind: "value", usdPerCorrect: usd(1) })],
      [
        "better and cheaper",
        () => worth([prompt, few, armOf("tuned", "tuned", rightOf(80, 100), { thousand: 1 })]),
      ],
      [
        "better at one price",
        () => worth([prompt, few, armOf("tuned", "tuned", rightOf(80, 100), { thousand: 2 })]),
      ],
      ["equals", () => worth([prompt, few, armOf("tuned", "tuned", rightOf(70, 100), { thousand: 9 })])],
      ["no tuned arm", () => worth(undefined, margin, { ...eligible, tuned: [] })],
      ["no other arm", () => worth(undefined, margin, { ...eligible, others: [] })],
      ["a volume that is not known", () => worth(undefined, margin, eligible, { answersPerMonth: null })],
    ])("nothing is said of it: %s", (_, say) => {
      expect(say()).toEqual([]);
    });
  });
});
