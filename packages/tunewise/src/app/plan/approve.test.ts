/** Refusals depend on what computes the run: the engine's model families and memory limits apply only to the engine. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJsonFile } from "@tunewise/engine/weights";
import { expect, onTestFinished, test } from "vitest";
import { packageFile } from "../../catalog/index.ts";
import { recipeFromText } from "../../prepare/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { approve, refusalsOf } from "./approve.ts";
import { placeFacts } from "./choose-placement.ts";
import { type PlannedRecipe, planRecipe } from "./plan-recipe.ts";

interface Case {
  /** Fields of `config.json` that differ from the small model's. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly memoryBytes?: number;
  readonly more?: string;
  readonly budget?: string;
}

const other = { model_type: "other" };

async function planned({
  config = {},
  memoryBytes,
  more = "",
  budget = "{ minutes: 5 }",
}: Case): Promise<PlannedRecipe> {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-approve-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "model"));
  cpSync(packageFile("models/small"), join(folder, "model"), { recursive: true });
  const own = await readJsonFile(join(folder, "model/config.json"), 1 << 20);
  writeFileSync(join(folder, "model/config.json"), JSON.stringify({ ...own, ...config }));
  const rows = Array.from({ length: 40 }, (_, at) => ({
    prompt: `row ${at} of some`,
    completion: `answer ${at}`,
  }));
  writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
  const text = `name: a\nmodel: ./model\ndata: { train: rows.jsonl }\nforgetting: { measure: false }\nbudget: ${budget}\n${more}`;
  const loaded = recipeFromText(text, join(folder, "tunewise.yaml"), "tunewise.yaml");
  const real = createRuntime(folder, new AbortController().signal, "test");
  const runtime = { ...real, ...(memoryBytes === undefined ? {} : { memoryBytes }) };
  return planRecipe(loaded, runtime, undefined, { isRough: true });
}

test.each<[string, Case, string[], string[]]>([
  ["a model of the engine's", {}, [], []],
  ["another family", { config: other }, ["MODEL_FAMILY_UNKNOWN"], []],
  [
    "a feature that the engine lacks",
    { config: { partial_rotary_factor: 0.5 } },
    ["MODEL_CONFIG_INVALID"],
    [],
  ],
  ["the engine's memory", { memoryBytes: 50e6 }, ["MEMORY_TOO_SMALL"], []],
  [
    "settings of the worker alone",
    { more: "method: { dora: true }\ntraining: { optimizer: adamw-8bit }\n" },
    ["ENGINE_SETTING_UNKNOWN"],
    [],
  ],
  [
    "frozen weights that are known",
    { more: "method: { kind: full, freeze: [no.such.weight] }\n" },
    ["ENGINE_FREEZE_UNKNOWN"],
    ["ENGINE_FREEZE_UNKNOWN"],
  ],
  [
    "frozen weights of another family, which the worker looks up",
    { config: other, more: "method: { kind: full, freeze: [no.such.weight] }\n" },
    ["MODEL_FAMILY_UNKNOWN"],
    [],
  ],
  [
    "structured output, which the worker lacks",
    { more: "task: { kind: json }\nevaluation: { decoding: constrained }\n" },
    [],
    ["SCHEMA_ENGINE_ONLY"],
  ],
])("%s", async (_, one, engine, worker) => {
  const plan = await planned(one);
  const codes = (by?: "torch"): string[] => refusalsOf(plan, by).map(({ code }) => code);
  expect(codes()).toEqual(engine);
  expect(codes("torch")).toEqual(worker);
});

test("what the worker alone computes is named, with the command that has it", async () => {
  const { findings, plan } = await planned({ more: "method: { rank_pattern: { q_proj: 2 } }\n" });
  const found = findings.find(({ code }) => code === "ENGINE_SETTING_UNKNOWN");
  expect(found).toMatchObject({ severity: "warning", fix: "tunewise run --worker torch" });
  expect(found?.detail).toContain("method.rank_pattern");
  expect(plan.schedule.steps).toBeGreaterThan(0);
});

test("a plan says that its figures are the engine's where that does not compute the model", async () => {
  const { findings, plan, prepared } = await planned({ config: other });
  const codes = findings.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(["ARCHITECTURE_UNKNOWN", "ENGINE_FIGURES_ASSUMED"]));
  const declared = [...prepared.model.weights.weights.values()].map(({ shape }) =>
    shape.reduce((a, b) => a * b, 1),
  );
  expect(plan.model.parameters).toBe(declared.reduce((a, b) => a + b, 0));
  expect(plan.model.targets).toContain("q_proj");
  expect((await planned({})).findings.map(({ code }) => code)).not.toContain("ENGINE_FIGURES_ASSUMED");
});

test("the choice of a place is told the family that the engine lacks, and what the machine has", async () => {
  const plan = await planned({ config: other });
  const runtime = createRuntime(tmpdir(), new AbortController().signal, "test");
  const worker = { isInstalled: false, device: "mps", cards: null } as const;
  expect(await placeFacts(plan, join(tmpdir(), "no-record"), worker, runtime)).toMatchObject({
    unknownFamily: "other",
    isWorkerInstalled: false,
    workerSeconds: null,
    card: { text: "Apple's graphics processor", isUsable: true },
  });
});

test.each([
  ["alone, on a machine without a price", "{ usd: 5 }", "", false],
  ["alone, on a machine that is said to be free", "{ usd: 5 }", "machine: { usd_per_hour: 0 }\n", false],
  ["on a machine with a price", "{ usd: 5 }", "machine: { usd_per_hour: 1 }\n", true],
  ["beside one in minutes", "{ usd: 5, minutes: 5 }", "", true],
])("a cap in dollars %s", async (_, budget, more, isApproved) => {
  const ready = await planned({ budget, more });
  const consented = () => approve(ready, { kind: "flag" }, "tunewise run a.yaml --yes");
  if (isApproved) expect(consented().placement.kind).toBe("this-machine");
  else
    expect(consented).toThrow(
      expect.objectContaining({
        code: "BUDGET_WITHOUT_PRICE",
        fix: "tunewise run a.yaml --yes --budget 60min",
      }),
    );
});
