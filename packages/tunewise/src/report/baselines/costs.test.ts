import { type Range, type Usd, usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import type { DecisionRow } from "../../evaluate/index.ts";
import { frontierChart } from "../charts/frontier-chart.ts";
import { answersUntilMadeUp, armCosts, costText } from "./costs.ts";
import type { ShownArm, TryDocument } from "./try-document.ts";
import { armTable, breakEvenTable, frontierNote, priceTable, ruleSentences } from "./try-words.ts";

const exactly = (dollars: number): Range<Usd> => ({
  low: usd(dollars),
  expected: usd(dollars),
  high: usd(dollars),
});

/** Arms with quality, seconds and training seconds: prompt, few, slow and tuned. */
function documentOf(price: number): TryDocument {
  const arms = [
    ["prompt", 0.3, 20, 0],
    ["few", 0.5, 60, 0],
    ["slow", 0.4, 90, 0],
    ["tuned", 0.9, 20, 300],
  ] as const;
  const table = arms.map(
    ([name, quality, seconds]): DecisionRow => ({
      name,
      kind: name === "tuned" ? "tuned" : "few-shot",
      quality,
      interval: null,
      usdTotal: null,
      usdToGetThere: exactly(price),
      usdPerThousandAnswers: exactly(price * seconds),
      usdPerCorrect: exactly(price),
      latency: null,
      upkeep: [],
      isOnFrontier: name === "tuned",
    }),
  );
  const breakEven = ["prompt", "few"].map((against) => ({
    arm: "tuned",
    against,
    low: 0,
    expected: 0,
    high: 0,
    neverShare: 0,
  }));
  return {
    metric: "accuracy",
    decision: { table, breakEven, rules: [{ rule: "R6", says: "Never." }] },
    arms: arms.map(([line, , seconds, secondsUpFront]) => ({
      line,
      seconds,
      secondsUpFront,
      answered: 40,
      invalid: null,
      leftOut: "",
      run: null,
      answers: "a",
    })) as unknown as ShownArm[],
  } as unknown as TryDocument;
}

test("where nothing costs dollars, time is shown, drawn, and what the best arms are measured by", () => {
  const free = documentOf(0);
  expect(armCosts(free).unit).toBe("time");
  const { columns, rows } = armTable(free);
  expect(columns.map(({ title }) => title)).toEqual([
    ...["arm", "accuracy", "95 %", "training takes", "1,000 answers", "a right answer", "from"],
  ]);
  expect(rows.map((row) => row.slice(3, 6))).toEqual([
    ["0 s", "8 min 20 s", "1.7 s"],
    ["0 s", "25 min", "3.0 s"],
    ["0 s", "37 min 30 s", "5.6 s"],
    ["5 min", "8 min 20 s", "556 ms"],
  ]);
  expect(rows.map(([name]) => name)).toEqual(["prompt", "few", "slow", "tuned *"]);
  expect(rows.flat().join(" ")).not.toContain("$");
  expect(frontierNote(free)).toContain("time counts");
  expect(priceTable(free).columns).toHaveLength(2);
  expect(ruleSentences(free)).toEqual([]);
  const drawing = frontierChart(free)?.markup ?? "";
  expect(drawing).toContain("seconds for 1,000 answers");
  const places = [...drawing.matchAll(/<circle class="[\w-]+" cx="([\d.]+)"/g)].map(([, x]) => x);
  expect(new Set(places).size).toBe(3); // dots do not share one vertical line
  // 300 s of training, recovered at 1 s per answer
  expect(breakEvenTable(free).rows).toEqual([
    ["tuned", "prompt", "never"],
    ["tuned", "few", "300"],
  ]);
});

test("where something costs dollars, dollars are", () => {
  const paid = documentOf(0.001);
  expect(armCosts(paid).unit).toBe("dollars");
  expect(armTable(paid).columns[3]?.title).toBe("training");
  expect(frontierChart(paid)?.markup).toContain("dollars for 1,000 answers");
  expect(ruleSentences(paid)).toEqual(["Break-even: Never."]);
});

test.each([
  [0, 10, 0, 20, 0],
  [100, 10, 0, 20, 10_000],
  [100, 20, 0, 20, null],
  [0, 30, 0, 20, null],
])(
  "training of %i s and %i s for a thousand against %i s and %i s",
  (upFront, perThousand, otherFront, other, answers) => {
    const rest = { perRight: null, isBest: false };
    expect(
      answersUntilMadeUp(
        { upFront, perThousand, ...rest },
        { upFront: otherFront, perThousand: other, ...rest },
      ),
    ).toBe(answers);
  },
);

test("amounts", () => {
  expect([
    costText(0, "time"),
    costText(90, "time"),
    costText(90, "dollars"),
    costText(0, "dollars"),
  ]).toEqual([...["0 s", "1 min 30 s", "$0.000090", "$0.00"]]);
});
