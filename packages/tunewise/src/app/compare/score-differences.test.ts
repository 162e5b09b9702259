import { expect, test } from "vitest";
import { run as ownRun } from "../../../../../test/support/sample-records.ts";
import { effectiveConfiguration, readRecipe } from "../../recipe/index.ts";
import { howCompared, type RecordedRun, scoreDifferences } from "./score-differences.ts";
import { variantsOf } from "./variants.ts";

const limits = { maxRows: 10_000, rowsAtOnce: 1_000, pause: async () => undefined };

function recorded(id: string, lines: string, right: number, more: Partial<RecordedRun> = {}): RecordedRun {
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${lines}\n`, "r.yaml");
  if (!recipe) throw new Error("the recipe does not read");
  const questions = Array.from({ length: 40 }, (_, at) => `question ${at}`);
  const outcomes = questions.map((_, at) => ({ value: at < right ? 1 : 0, weight: 1 }));
  const run = ownRun(id, { status: "completed", configuration: effectiveConfiguration(recipe) });
  const judged = { questions, outcomes: { exact_match: outcomes, contains: outcomes, unknown: outcomes } };
  return { run, scores: [], judged, missing: "no answers", ...more };
}

test("every known score of each way against the first run's, in words, as `tunewise compare` has it", async () => {
  const runs = [
    recorded("a", "", 10),
    recorded("b", "method: { rank: 4 }", 30),
    recorded("c", "method: { rank: 4 }\ntraining: { seed: 7 }", 32),
    recorded("d", "method: { rank: 2 }", 11),
  ];
  const { variants, leftOut, method } = await scoreDifferences(runs, limits);
  expect(leftOut).toEqual([]);
  expect(variants.map(({ runs: ids, differences }) => [ids, differences.map((one) => one.verdict)])).toEqual([
    [["a"], []],
    [
      ["b", "c"],
      ["better", "better"],
    ],
    [["d"], ["unclear", "unclear"]],
  ]);
  expect(variants[1]?.scores).toEqual([
    { metric: "exact_match", value: 0.775 },
    { metric: "contains", value: 0.775 },
  ]);
  expect(variants[1]?.differences[0]?.sentence).toMatch(
    /^better by 52\.5 points \(95 %: .*\), over 40 rows$/,
  );
  expect(variants[2]?.differences[0]?.sentence).toMatch(/^cannot tell: \+2\.5 points/);
  expect(method).toBe(howCompared(2));
  expect(method).toContain("about one is shown by chance");
  // the numbers must match those of the command line, which computes them separately
  const lines = variants
    .flatMap(({ runs: ids }) => ids)
    .map((id) => {
      const found = runs.find(({ run }) => run.id === id);
      if (!found) throw new Error(id);
      const line = {
        id,
        status: "completed",
        metric: "exact_match",
        incomparableBecause: [],
        tuned: null,
      } as never;
      return { line, configuration: found.run.configuration, judged: found.judged };
    });
  const [, second, third] = variantsOf(lines);
  expect([second?.difference, third?.difference]).toMatchObject([
    { value: variants[1]?.differences[0]?.value, interval: variants[1]?.differences[0]?.interval },
    { value: variants[2]?.differences[0]?.value, interval: variants[2]?.differences[0]?.interval },
  ]);
});

test("says of each run that is left out why", async () => {
  const others = Array.from({ length: 30 }, (_, at) => `other ${at}`);
  const outcomes = others.map(() => ({ value: 1, weight: 1 }));
  const base = recorded("a", "", 10);
  const { variants, leftOut } = await scoreDifferences(
    [
      base,
      recorded("rows", "method: { rank: 4 }", 0, {
        judged: { questions: others, outcomes: { exact_match: outcomes } },
      }),
      recorded("bare", "method: { rank: 2 }", 0, { judged: null, missing: "its answers are elsewhere" }),
      recorded("failed", "method: { rank: 1 }", 0, {
        run: { ...recorded("failed", "method: { rank: 1 }", 0).run, status: "failed" },
      }),
      recorded("model", "", 0, { run: { ...base.run, id: "model", model: "other" } }),
    ],
    limits,
  );
  expect(variants.map(({ runs }) => runs)).toEqual([["a"]]);
  expect(leftOut).toEqual([
    { run: "rows", reason: "tested on other rows than the baseline (30, there 40): not comparable" },
    { run: "bare", reason: "its answers are elsewhere" },
    { run: "failed", reason: "it is failed: only completed runs are compared" },
    { run: "model", reason: "another model than the baseline: not comparable" },
  ]);
});

test("a baseline that has not ended compares with nothing; no runs, nothing", async () => {
  const base = recorded("a", "", 10);
  const open = { ...base, run: { ...base.run, status: "running" as const } };
  const { variants, leftOut } = await scoreDifferences(
    [open, recorded("b", "method: { rank: 4 }", 30)],
    limits,
  );
  expect([variants, leftOut]).toEqual([
    [],
    [
      { run: "a", reason: "it is running" },
      { run: "b", reason: "the baseline is running" },
    ],
  ]);
  const bare = { ...base, judged: null, missing: "its answers are elsewhere" };
  expect((await scoreDifferences([bare, recorded("b", "method: { rank: 4 }", 30)], limits)).leftOut).toEqual([
    { run: "a", reason: "its answers are elsewhere" },
    { run: "b", reason: "the baseline has no answers by row" },
  ]);
  expect(await scoreDifferences([], limits)).toEqual({ variants: [], leftOut: [], method: "" });
});

test("many rows: the headline score alone, then none, and it is said", async () => {
  const runs = [recorded("a", "", 10), recorded("b", "method: { rank: 4 }", 30)];
  const some = await scoreDifferences(runs, { ...limits, maxRows: 60 });
  expect(some.variants[1]?.differences.map(({ metric }) => metric)).toEqual(["exact_match"]);
  for (const least of [{ maxRows: 30 }, { rowsAtOnce: 39 }])
    expect((await scoreDifferences(runs, { ...limits, ...least })).leftOut).toEqual([
      { run: "b", reason: "40 rows are more than the page compares: see `tunewise compare`" },
    ]);
});
