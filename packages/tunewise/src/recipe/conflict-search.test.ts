import { describe, expect, test } from "vitest";
import { effectiveConfiguration } from "./configuration.ts";
import { kindOfKey, searchKeys } from "./conflict-search.ts";
import { readRecipe } from "./read.ts";

const start = "model: ./m\ndata: { train: t.jsonl }\n";

const objections = (text: string): string =>
  readRecipe(`${start}${text}\n`, "tunewise.yaml")
    .problems.map(({ detail, fix, where }) => `${detail} | ${fix} | line ${where[0]?.line}`)
    .join("\n");

const space = (text: string): string => `search:\n  space:\n    ${text}`;

describe("what cannot be searched", () => {
  test.each([
    ["training.learing_rate: { from: 1, to: 2 }", "did you mean `training.learning_rate`?"],
    ["rank: [4, 8]", "did you mean `method.rank`?"],
    ["model: [a, b]", "remove it; a search turns training.learning_rate"],
    ["training.learning_rate: { from: 1e-3, to: 1e-5 }", "write `{ from: 0.00001, to: 0.001 }`"],
    ["training.learning_rate: { from: 1e-3, to: 1e-3 }", "one value is no search"],
    ["training.weight_decay: { from: 0, to: 0.1, scale: log }", "begin above 0"],
    ["method.rank: { from: 1.5, to: 8 }", "write `{ from: 1, to: 8 }`"],
    ["training.schedule: { from: 1, to: 2 }", "list the values to try"],
    ["method.rank: [8]", "has one value to try"],
    ["method.rank: []", "has no value to try"],
    ["method.targets: [all-linear, [q_proj], [q_proj]]", 'lists ["q_proj"] twice'],
    ["method.rank: 8", "two ends such as"],
    ["method.rank: { from: 1 }", "search.space.method.rank.to"],
  ])("%s", (text, words) => {
    expect(objections(space(text))).toContain(words);
    expect(objections(space(text))).toContain("| line 5");
  });

  test("dollars on a machine without a price, and epochs beside steps", () => {
    expect(objections("search: { budget: { usd: 5 } }")).toContain("costs $0 per hour");
    expect(objections("search: { budget: { usd: 5 } }\nmachine: { usd_per_hour: 1 }")).toBe("");
    const both = `${space("training.epochs: { from: 1, to: 3 }")}\ntraining: { steps: 10 }`;
    expect(objections(both)).toContain("Epochs do nothing where `training.steps` is given (10)");
  });

  test("a range test without ends of the rate", () => {
    expect(objections("search: { range_test: 60 }")).toBe("");
    expect(objections(`${space("training.learning_rate: { from: 1e-5, to: 1e-2 }")}\n  range_test: 60`)).toBe(
      "",
    );
    const wanting =
      "the space gives no such ends. | write `training.learning_rate: { from: 1e-5, to: 1e-2 }`";
    expect(objections(`${space("method.rank: [4, 8]")}\n  range_test: 60`)).toContain(wanting);
    expect(objections(`${space("training.learning_rate: [1e-4, 1e-3]")}\n  range_test: 60`)).toContain(
      wanting,
    );
    expect(objections(`${space("training.learning_rate: { from: 0, to: 1 }")}\n  range_test: 60`)).toContain(
      wanting,
    );
  });

  test("a range test of a loss that may rise while a model learns", () => {
    const search = `${space("training.learning_rate: { from: 1e-5, to: 1e-2 }")}\n  range_test: 60`;
    expect(objections(`${search}\ntraining: { loss: dft }`)).toContain("and the loss is `dft`");
    expect(objections("training: { loss: dft }")).toBe("");
  });

  test("rows as rungs, and as a setting", () => {
    const both = `${space("data.rows.train: { from: 10, to: 100 }")}\n  fidelity: rows`;
    expect(objections(both)).toContain("Rungs are slices of the rows already");
    expect(objections(space("data.rows.train: { from: 10, to: 100 }"))).toBe("");
  });

  test("more trials at the same time than threads", () => {
    const found = objections("search: { parallel: 4 }\nmachine: { threads: 2 }");
    expect(found).toContain("4 trials at the same time need a thread each, and `machine.threads` is 2");
    expect(found).toContain("write `parallel: 2`");
    expect(objections("search: { parallel: 2 }\nmachine: { threads: 2 }")).toBe("");
    expect(objections("search: { parallel: 4 }")).toBe(""); // the machine's cores are only known when the search starts
    expect(objections("search: { parallel: 0 }")).toContain("search.parallel");
  });

  test("a budget in the wrong unit, a share above one", () => {
    expect(objections("search: { budget: { hours: 1 } }")).toContain("hours");
    expect(objections("search: { shortest: 2 }")).toContain("above 0 and up to 1");
  });
});

test("a sound search is read, and reads back equal from the effective configuration", () => {
  const text = `${start}search:
  space:
    training.learning_rate: { from: 1e-5, to: 1e-3 }
    data.rows.train: { from: 100, to: 1000, scale: linear }
    method.targets: [all-linear, [q_proj, v_proj]]
    method.rslora: [true, false]
  budget: { minutes: 30 }
  trials: 12
`;
  const { recipe, problems } = readRecipe(text, "tunewise.yaml");
  expect(problems).toEqual([]);
  expect(recipe?.search).toMatchObject({
    space: { "training.learningRate": { from: 1e-5, to: 1e-3, scale: null } },
    budget: { usd: null, minutes: 30 },
    trials: 12,
    factor: 3,
    promotion: "asha",
    proposer: "gaussian-process",
    final: true,
  });
  if (recipe === null) throw new Error("it was read above");
  expect(readRecipe(effectiveConfiguration(recipe), "c.json").recipe).toEqual(recipe);
});

test("every key that can be searched is one of the recipe, of a known kind", () => {
  const kinds = Object.fromEntries(searchKeys.map((key) => [key, kindOfKey(key)]));
  expect(kinds).toMatchObject({
    "training.learning_rate": "number",
    "training.batch_size": "integer",
    "training.schedule": "words",
    "training.steps": "integer",
    "method.targets": "words",
    "method.rslora": "words",
    "regularization.lambda": "number",
    "data.rows.train": "integer",
  });
});
