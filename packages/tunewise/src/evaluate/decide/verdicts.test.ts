import { mulberry32 } from "@tunewise/core/math";
import { range, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { ArmKind, DecisionArm, DecisionInput, Objective } from "./input.ts";

/** Correlated answers of several arms: a row is hard or easy for all of them. */
function answers(
  rows: number,
  shares: Readonly<Record<string, number>>,
  seed: number,
): Record<string, number[]> {
  const random = mulberry32(seed);
  const found: Record<string, number[]> = {};
  for (const name of Object.keys(shares)) found[name] = [];
  for (let row = 0; row < rows; row++) {
    const shared = random();
    for (const [name, share] of Object.entries(shares)) {
      const luck = random() < 0.6 ? shared : random();
      found[name]?.push(luck < share ? 1 : 0);
    }
  }
  return found;
}

const about = (dollars: number): ReturnType<typeof range<Usd>> =>
  range(usd(dollars / 1.1), usd(dollars), usd(dollars * 1.1));

function arm(
  name: string,
  kind: ArmKind,
  outcomes: readonly number[],
  [once, thousand]: [number, number],
): DecisionArm {
  return {
    name,
    kind,
    outcomes,
    latency: null,
    upkeep: [],
    usdToGetThere: about(once),
    usdPerThousandAnswers: about(thousand),
    usdPerMonth: about(0),
  };
}

interface Setting {
  readonly rows?: number;
  readonly few?: number;
  readonly tuned?: number;
  readonly objective?: Objective;
  readonly tunedCosts?: [number, number];
}

function inputOf({
  rows = 1000,
  few = 0.8,
  tuned = 0.88,
  objective,
  tunedCosts = [50, 0.5],
}: Setting = {}): DecisionInput {
  const found = answers(rows, { prompt: 0.6, few, big: few - 0.03, tuned }, 5);
  return {
    arms: [
      arm("prompt", "prompt", found["prompt"] ?? [], [0, 0.4]),
      arm("few-shot", "few-shot", found["few"] ?? [], [0, 1]),
      arm("big", "api", found["big"] ?? [], [0, 5]),
      arm("tuned", "tuned", found["tuned"] ?? [], tunedCosts),
    ],
    groups: null,
    answersPerMonth: range(80_000, 100_000, 130_000),
    months: 12,
    objective: objective ?? { kind: "gain", over: "few-shot", by: 0.02 },
    facts: {
      cleanTrainingRows: 900,
      failedLeakChecks: [],
      needsCitations: false,
      factsChange: false,
      failing: ["form"],
      latencyLimit: null,
      learningCurve: [],
      shots: [],
    },
    seed: 1,
    draws: 1000,
  };
}

const worth: Objective = { kind: "value", usdPerCorrect: usd(0.05) };

describe("simulations that are plain", () => {
  test.each<[string, Setting, string, string | null]>([
    ["tuning brings the gain", {}, "tune", "tuned"],
    ["tuning brings what a correct answer is worth", { objective: worth }, "tune", "tuned"],
    [
      "tuning is better and far too dear",
      { objective: worth, tunedCosts: [9000, 6] },
      "do-not-tune",
      "few-shot",
    ],
    ["tuning hurts", { tuned: 0.7, objective: worth }, "do-not-tune", "few-shot"],
    ["tuning brings no gain", { tuned: 0.77 }, "do-not-tune", "few-shot"],
    [
      "examples reach the target",
      { objective: { kind: "target", quality: 0.7 }, tunedCosts: [5000, 2] },
      "do-not-tune",
      "few-shot",
    ],
    [
      "only tuning reaches the target",
      { objective: { kind: "target", quality: 0.85 }, rows: 2000 },
      "tune",
      "tuned",
    ],
    ["cheaper and as good", { tuned: 0.83, objective: { kind: "margin", margin: 0.02 } }, "tune", "tuned"],
    [
      "dearer and no better",
      { tuned: 0.79, tunedCosts: [50, 3], objective: { kind: "margin", margin: 0.04 } },
      "do-not-tune",
      "few-shot",
    ],
    ["a close race", { tuned: 0.82 }, "undecided", null],
    ["a handful of rows", { rows: 40, objective: { kind: "target", quality: 0.82 } }, "undecided", null],
  ])("%s", (_, setting, verdict, name) => {
    const decision = decide(inputOf(setting));
    expect([decision.verdict, decision.arm]).toEqual([verdict, name]);
    if (verdict === "undecided") expect(decision.wouldDecide.length).toBeGreaterThan(0);
    else expect(decision.chance).toBeGreaterThanOrEqual(0.95);
  });

  test("the same input gives the same decision", () => {
    expect(decide(inputOf())).toEqual(decide(inputOf()));
  });
});

describe("rules", () => {
  const fired = (input: DecisionInput): string[] => decide(input).rules.map(({ rule }) => rule);
  const withFacts = (facts: Partial<DecisionInput["facts"]>, setting: Setting = {}): DecisionInput => {
    const input = inputOf(setting);
    return { ...input, facts: { ...input.facts, ...facts } };
  };

  test("R1: without a prompt with examples nobody is sent to train", () => {
    const input = inputOf({ objective: worth });
    const decision = decide({ ...input, arms: input.arms.filter(({ kind }) => kind !== "few-shot") });
    expect(decision.verdict).toBe("undecided");
    expect(decision.why).toContain("a prompt with examples");
  });

  test("R2: the right passages are enough, the retriever is not", () => {
    const input = inputOf({ objective: { kind: "target", quality: 0.9 } });
    const found = answers(1000, { rag: 0.7, oracle: 0.97 }, 8);
    const arms = [
      ...input.arms,
      arm("rag", "rag", found["rag"] ?? [], [20, 1.2]),
      arm("right passages", "oracle", found["oracle"] ?? [], [0, 1.2]),
    ];
    expect(decide({ ...input, arms })).toMatchObject({ verdict: "fix-retrieval-first", arm: null });
  });

  test("R3: facts that change rule out what lives in weights", () => {
    const decision = decide(withFacts({ factsChange: true }));
    expect(decision.rules.map(({ rule }) => rule)).toContain("R3");
    expect(decision.verdict).toBe("undecided");
  });

  test("R4: examples in the prompt stay below the target", () => {
    expect(fired(inputOf({ objective: { kind: "target", quality: 0.85 } }))).toContain("R4");
  });

  test("R5: scores that climb with the examples hold training back", () => {
    const found = answers(1000, { four: 0.72, eight: 0.8 }, 5);
    const shots = [
      { examples: 4, outcomes: found["four"] ?? [] },
      { examples: 8, outcomes: found["eight"] ?? [] },
    ];
    const setting: Setting = { tunedCosts: [50, 2] };
    expect(decide(inputOf(setting)).verdict).toBe("tune");
    const decision = decide(withFacts({ shots }, setting));
    expect(decision.rules.map(({ rule }) => rule)).toContain("R5");
    expect(decision.verdict).toBe("undecided");
  });

  test("R6: break-even against each other arm, never where an answer saves nothing", () => {
    const { breakEven } = decide(inputOf());
    const against = (name: string) => breakEven.find((one) => one.against === name);
    expect(against("few-shot")?.expected).toBeGreaterThan(60_000);
    expect(against("few-shot")?.expected).toBeLessThan(150_000); // 50 / (0.001 - 0.0005)
    expect(against("prompt")).toMatchObject({ expected: null, high: null });
    expect(against("prompt")?.neverShare).toBeGreaterThan(0.9);
  });

  test("R7: few clean rows are collected first; a small gain needs more test rows", () => {
    expect(decide(withFacts({ cleanTrainingRows: 60 }))).toMatchObject({
      verdict: "collect-more-rows",
      rows: { kind: "train", atLeast: 100 },
    });
    expect(fired(inputOf({ rows: 100 }))).toContain("R7");
  });

  test("R8: a leak makes it void, whatever the scores", () => {
    const decision = decide(withFacts({ failedLeakChecks: ["same text in train and test"] }));
    expect(decision).toMatchObject({ verdict: "undecided", isInvalid: true, arm: null });
    expect(decision.rules[0]?.rule).toBe("R8");
  });

  test("arms that are too slow cannot be chosen", () => {
    const input = withFacts({ latencyLimit: seconds(1) });
    const arms = input.arms.map((one) =>
      one.name === "tuned" ? { ...one, latency: { p50: seconds(1), p95: seconds(2) } } : one,
    );
    expect(decide({ ...input, arms }).verdict).not.toBe("tune");
  });

  test("a learning curve that will reach the target asks for rows", () => {
    const shares = { 100: 0.7, 200: 0.78, 400: 0.84, 800: 0.88 };
    const learningCurve = Object.entries(answers(1000, shares, 6)).map(([rows, outcomes]) => ({
      rows: Number(rows),
      outcomes,
    }));
    const objective: Objective = { kind: "target", quality: 0.92 };
    const decision = decide(withFacts({ learningCurve }, { objective }));
    expect(decision.verdict).toBe("collect-more-rows");
    expect(decision.rows?.atLeast).toBeGreaterThan(900);
    expect(decision.rows?.atLeast).toBeLessThan(8000);
  });
});

describe("what stands beside the verdict", () => {
  test("the frontier leaves out what is dearer and worse", () => {
    const { table } = decide(inputOf());
    expect(table.filter(({ isOnFrontier }) => isOnFrontier).map(({ name }) => name)).toEqual([
      "prompt",
      "tuned",
    ]);
    const few = table.find(({ name }) => name === "few-shot");
    // 1.2 million answers at $1 per thousand, 4 in 5 right
    expect((few?.usdPerCorrect?.expected ?? 0) / 1e6).toBeCloseTo(0.001 / 0.8, 4);
    expect((few?.usdTotal?.expected ?? 0) / 1e6).toBeGreaterThan(1000);
  });

  test("comparisons are adjusted for their number", () => {
    const { comparisons } = decide(inputOf());
    expect(comparisons.map(({ against }) => against)).toEqual(["prompt", "few-shot", "big"]);
    for (const { pValue, adjusted } of comparisons) expect(adjusted).toBeGreaterThanOrEqual(pValue);
    expect(comparisons.every(({ verdict }) => verdict === "better")).toBe(true);
  });

  test("sensitivity says where the verdict turns", () => {
    const { sensitivity } = decide(inputOf({ objective: worth }));
    const worse = sensitivity.find(({ what, at }) => what === "quality-of-tuned" && at < 0);
    expect(worse).toMatchObject({ from: "do-not-tune", to: "tune" });
    const price = sensitivity.find(({ what, at }) => what === "price-of-tuned" && at > 1);
    // 8 points at 5 cents are worth 0.4 cents per answer, in addition to the saving of $0.50 per thousand
    expect(price?.at).toBeGreaterThan(5);
    expect(price?.at).toBeLessThan(20);
  });

  test("with the volume unknown a verdict must hold at any, or the volumes are told apart", () => {
    const at = (setting: Setting) => decide({ ...inputOf(setting), answersPerMonth: null });
    expect(at({}).verdict).toBe("tune");
    const split = at({ objective: worth, tunedCosts: [2000, 0.5] });
    expect(split.verdict).toBe("undecided");
    expect(split.byVolume.map(({ says }) => says)).toEqual(["do-not-tune", "open", "tune"]);
    expect(split.wouldDecide.join(" ")).toContain("answers a month: tune (tuned)");
  });

  test("rows of one passage count as one", () => {
    const input = inputOf({ tuned: 0.845, rows: 500, objective: worth });
    const groups = input.arms[0]?.outcomes.map((_, row) => Math.floor(row / 50)) ?? [];
    const [alone, together] = [decide(input), decide({ ...input, groups })];
    const p = ({ comparisons }: typeof alone) =>
      comparisons.find(({ against }) => against === "few-shot")?.pValue;
    expect(p(together)).toBeGreaterThan(0.001);
    expect(together.table[0]?.interval).not.toEqual(alone.table[0]?.interval);
  });
});
