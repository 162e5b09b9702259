import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { stepAt } from "../../executors/index.ts";
import { type Recipe, readRecipe } from "../../recipe/index.ts";
import { moneyText, secondsAt } from "../../report/index.ts";
import { graceCost, rateOf, rateOfShare, searchBudget } from "./search-money.ts";
import { budgetFor, lossAtOrAfter } from "./train-segment.ts";

function recipeOf(text: string): Recipe {
  const { recipe, problems } = readRecipe(`model: ./m\ndata: { train: t.jsonl }\n${text}`, "tunewise.yaml");
  if (recipe === null) throw new Error(problems[0]?.detail);
  return recipe;
}

describe("the budget of a search", () => {
  test.each([
    ["search: { budget: { minutes: 30 } }", 500_000], // half an hour, at the rate of one dollar an hour for time
    ["machine: { usd_per_hour: 4 }\nsearch: { budget: { minutes: 30 } }", 2_000_000],
    ["machine: { usd_per_hour: 4 }\nsearch: { budget: { usd: 1.5 } }", 1_500_000],
    ["machine: { usd_per_hour: 4 }\nsearch: { budget: { usd: 5, minutes: 30 } }", 2_000_000],
    ["machine: { usd_per_hour: 4 }\nsearch: { budget: { usd: 1, minutes: 30 } }", 1_000_000],
  ])("%s", (text, microUsd) => {
    expect(searchBudget(recipeOf(text), "tunewise.yaml")).toBe(microUsd);
  });

  test("is needed, and dollars are none on a machine without a price", () => {
    for (const text of ["", "budget: { minutes: 3 }"])
      expect(() => searchBudget(recipeOf(text), "a.yaml")).toThrowError(/a\.yaml sets no budget/);
  });
});

test("money is said as time where the machine costs nothing, and caps act on what the machine has", () => {
  const [free, dear] = [rateOf(recipeOf("")), rateOf(recipeOf("machine: { usd_per_hour: 2 }"))];
  expect(moneyText(usd(0.5), free)).toBe("30 min");
  expect(moneyText(usd(0.5), dear)).toBe("$0.500");
  expect(secondsAt(usd(0.5), dear)).toBe(900);
  expect(budgetFor(usd(0.5), free)).toEqual({ usd: null, minutes: 30 });
  expect(budgetFor(usd(0.5), dear)).toEqual({ usd: 0.5, minutes: null });
  expect(secondsAt(graceCost(dear), dear)).toBeCloseTo(2, 2);
});

test.each([
  [2, 4, 500_000],
  [1, 3, 333_333],
  [2, 1, 2_000_000],
])("of $%f an hour each of %i trials pays %i micro-dollars", (price, parallel, microUsd) => {
  const whole = rateOf(recipeOf(`machine: { usd_per_hour: ${price} }`));
  expect(rateOfShare(whole, parallel)).toEqual({ usdPerHour: microUsd, isMoney: true });
});

test.each([
  [1 / 9, 18, 2],
  [1 / 9, 3, 1],
  [1 / 3, 8, 3],
  [1, 8, 8],
])("a share of %f of %i steps ends at step %i", (share, steps, step) => {
  expect(stepAt(share, steps)).toBe(step);
});

test.each([
  [6, 0.8],
  [5, 0.8], // a resume by hand continued the run, so its loss was evaluated a step later
  [9, null],
  [7, null],
])("the loss from step %i on is %f", (step, loss) => {
  const curve = [
    [3, 0.9],
    [6, 0.8],
    [8, Number.NaN],
  ] as const;
  expect(lossAtOrAfter(curve, step)).toBe(loss);
});
