/** One line of a recipe changes what is trained and saved: runs from recipe to answer on the small model. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { EventBody } from "@tunewise/core/run";
import { describe, expect, test } from "vitest";
import type { AdapterTensor } from "../../packages/engine/src/weights/model-files.ts";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { writeSafetensors } from "../../packages/engine/src/weights/safetensors/write.ts";
import { compareRuns } from "../../packages/tunewise/src/app/compare/index.ts";
import { exportRun } from "../../packages/tunewise/src/app/export/index.ts";
import { generateText } from "../../packages/tunewise/src/app/inference/index.ts";
import { approve, planRecipe } from "../../packages/tunewise/src/app/plan/index.ts";
import { listRuns } from "../../packages/tunewise/src/app/tracking/index.ts";
import {
  evaluateRun,
  type RunOutcome,
  resumeRun,
  runApproved,
  trainAndReport,
} from "../../packages/tunewise/src/app/train/index.ts";
import { loadRecipe } from "../../packages/tunewise/src/prepare/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();

function project(name: string, lines: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  const recipe = `name: methods
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 192
  rows: { train: 32, validation: 6, test: 4 }
  bad_rows: skip
task: { kind: json, metrics: [perplexity] }
machine: { threads: 1 }
forgetting: { measure: false }
budget: { minutes: 10 }
${lines}`;
  writeFileSync(join(folder, "tunewise.yaml"), recipe);
  return folder;
}

async function run(
  folder: string,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<{ outcome: RunOutcome; events: EventBody[]; runtime: ReturnType<typeof createRuntime> }> {
  const controller = new AbortController();
  const events: EventBody[] = [];
  const cache = join(root, "cache");
  const real = createRuntime(folder, controller.signal, "test");
  const runtime = { ...real, sources: { ...real.sources, cacheFolder: cache, fetch: null, execute: null } };
  const planned = await planRecipe(await loadRecipe("tunewise.yaml", runtime, {}), runtime);
  const onEvent = (event: EventBody): void => {
    events.push(event);
    if (event.kind === "step-end" && event.step === stopAfter) controller.abort();
  };
  const approved = approve(planned, { kind: "flag" });
  const outcome = await runApproved(approved, { onEvent, work: trainAndReport }, runtime);
  return { outcome, events, runtime: { ...runtime, signal: new AbortController().signal } };
}

const stepsOf = (events: readonly EventBody[]) =>
  events.flatMap((event) => (event.kind === "step-end" ? [event] : []));
const training =
  "training: { steps: 12, batch_size: 8, learning_rate: 5e-3, evaluate_every: 6, seed: 3, precision: fp32 }";

describe.each([
  ["lora", "method: { kind: lora, rank: 8 }", "adapter"],
  ["qlora", "method: { kind: qlora, rank: 8 }", "adapter"],
  ["qlora, calibrated", "method: { kind: qlora, rank: 8, calibrate: true }", "adapter"],
  ["full", "method: { kind: full }", "weights"],
  ["full, moments on disk", "method: { kind: full, freeze: [model.embed_tokens.weight] }", "weights"],
])("%s", (name, method, result) => {
  const state = name.includes("disk") ? training.replace("}", ", optimizer_state: disk }") : training;

  test("learns, leaves a result, is judged again and answers; goes on to the bit after a stop", async () => {
    const { outcome, events, runtime } = await run(project(`${name} whole`, `${method}\n${state}`));
    expect(outcome.status).toBe("completed");
    const losses = stepsOf(events).map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] ?? 0));
    expect(readdirSync(join(outcome.folder, result)).length).toBeGreaterThan(0);
    expect(existsSync(join(outcome.folder, "moments.bin"))).toBe(false);
    const again = await evaluateRun("latest", runtime, { onProgress: () => undefined });
    const score = (arm: { scores: readonly { value: number }[] } | null | undefined) =>
      arm?.scores[0]?.value ?? 0;
    expect(score(again.judgement.tuned)).toBeLessThan(score(again.judgement.base));
    const report = readFileSync(join(outcome.folder, "report.md"), "utf8");
    expect(report).toContain(name.startsWith("full") ? "all weights" : "LoRA, rank 8");
    await requireExport(outcome.folder, runtime, name);
    const answer = await generateText("latest", runtime, { prompt: "The screen is dark.", maxNewTokens: 4 });
    expect(answer.tokens).toBeGreaterThan(0);

    const half = await run(project(`${name} half`, `${method}\n${state}`), 7);
    expect(half.outcome.status).toBe("interrupted");
    expect(existsSync(join(half.outcome.folder, "moments.bin"))).toBe(false);
    const resumed: EventBody[] = [];
    await resumeRun("latest", half.runtime, { watch: (event) => resumed.push(event) });
    expect([...stepsOf(half.events), ...stepsOf(resumed)].map(({ loss }) => loss)).toEqual(losses);
  });
});

/** Opens the merged export as a separate model and requires the tuned model's scores, within float32 rounding. */
async function requireExport(
  folder: string,
  runtime: ReturnType<typeof createRuntime>,
  name: string,
): Promise<void> {
  const target = join(folder, "merged");
  await exportRun("latest", runtime, { format: "merged", dtype: "f32", target });
  const recipe = readFileSync(join(folder, "recipe.yaml"), "utf8");
  const own = join(root, `${name} merged`);
  mkdirSync(own);
  cpSync(resolve("examples/tickets"), own, { recursive: true });
  const lines = recipe
    .replace(/^model: .*$/m, `model: ${target}`)
    .replace(/^method: .*$/m, "method: { rank: 8 }");
  writeFileSync(join(own, "tunewise.yaml"), lines.replace(/steps: 12/, "steps: 1"));
  const { runtime: there } = await run(own);
  const judged = await evaluateRun("latest", there, { onProgress: () => undefined });
  const tuned = await evaluateRun("latest", runtime, { onProgress: () => undefined });
  const value = (scores: readonly { value: number }[] | undefined): number => scores?.[0]?.value ?? 0;
  expect(value(judged.judgement.base?.scores) / value(tuned.judgement.tuned.scores)).toBeCloseTo(1, 4);
}

test("every way that was tried on a task stands in one table; runs on another are marked", async () => {
  const folder = project("compared", training);
  const text = readFileSync(join(folder, "tunewise.yaml"), "utf8");
  const change = (lines: string) => writeFileSync(join(folder, "tunewise.yaml"), text + lines);
  const { runtime } = await run(folder);
  change("\nmethod: { kind: qlora, rank: 4 }\nregularization: { method: l2-sp, lambda: 0.1 }");
  await run(folder);
  change("\nregularization: { method: replay, share: 0.25, reference: validation.jsonl }");
  await run(folder);
  const methods = async (words: readonly string[]) =>
    (await compareRuns(words, runtime)).runs.map(({ method }) => method);
  expect(await methods([])).toEqual(["LoRA 16 + replay 25 %", "QLoRA 4 + L2-SP 0.1", "LoRA 16"]);
  writeFileSync(join(folder, "tunewise.yaml"), text.replace("seed: 3", "seed: 2"));
  await run(folder);
  const { variants } = await compareRuns([], runtime);
  expect(variants.map(({ method, runs }) => [method, runs.length])).toEqual([
    ["LoRA 16", 2],
    ["LoRA 16 + replay 25 %", 1],
    ["QLoRA 4 + L2-SP 0.1", 1],
  ]);
  expect(variants.map(({ difference }) => difference?.rows)).toEqual([undefined, 4, 4]);
  expect(variants[2]?.difference?.value).toBeGreaterThan(0);
  writeFileSync(join(folder, "tunewise.yaml"), text.replace("train: 32", "train: 24"));
  await run(folder);
  expect(await methods([])).toEqual(["LoRA 16"]);
  const { runs } = await compareRuns([], runtime);
  const [newest, older] = (await compareRuns(["latest", runs[0]?.id ?? ""], runtime)).runs;
  expect(newest).toMatchObject({ status: "completed", metric: "perplexity", incomparableBecause: [] });
  expect(newest?.tuned?.value).toBeLessThan(newest?.base ?? 0);
  expect(older?.incomparableBecause).toEqual([]);
  const all = await compareRuns(
    ["latest", ...(await listRuns(runtime)).slice(1).map(({ id }) => id)],
    runtime,
  );
  expect(all.runs.map(({ incomparableBecause: reasons }) => reasons.length)).toEqual([0, 1, 1, 1, 1]);
});

describe("old skills", () => {
  const kept = (regularization: string, method = "") =>
    `${method}\nregularization: ${regularization}\n${training}`;

  test("one line: importance is taken once, kept with the run, and pulls", async () => {
    const first = await run(project("ewc", kept("ewc")));
    const phases = first.events.filter(
      (event) => event.kind === "phase" && event.name === "importance of weights",
    );
    expect(phases.length).toBeGreaterThan(8);
    expect(existsSync(join(first.outcome.folder, "fisher.safetensors"))).toBe(true);
    expect(stepsOf(first.events).at(-1)?.penalty).toBeGreaterThan(0);
    const second = await run(project("ewc again", kept("ewc")));
    expect(second.events.some((event) => event.kind === "phase" && event.name.includes("importance"))).toBe(
      false,
    );
    expect(stepsOf(second.events).map(({ loss }) => loss)).toEqual(
      stepsOf(first.events).map(({ loss }) => loss),
    );
    const report = readFileSync(join(first.outcome.folder, "report.md"), "utf8");
    expect(report).toMatch(/EWC.*lambda 100.*replay/s);
  });

  test("a task after another: the earlier importance counts on, and has to fit", async () => {
    const before = await run(
      project("chain one", kept("{ method: ewc, fisher: full, reference: train.jsonl }")),
    );
    const file = join(before.outcome.folder, "fisher.safetensors");
    const chain = `{ method: ewc, fisher: full, earlier: ["${file}"], gamma: 0.5 }`;
    const after = await run(project("chain two", kept(chain)));
    expect(readFileSync(join(after.outcome.folder, "fisher.safetensors"))).not.toEqual(readFileSync(file));
    const other = chain.replace("fisher: full", "fisher: factored");
    await expect(run(project("chain three", kept(other)))).rejects.toMatchObject({ code: "FISHER_UNUSABLE" });
    const whole = kept(chain, "method: { kind: full }");
    await expect(run(project("chain four", whole))).rejects.toMatchObject({ code: "FISHER_UNUSABLE" });
    const noFile = kept(`{ method: ewc, earlier: ["${resolve("models/small/model.safetensors")}"] }`);
    await expect(run(project("chain five", noFile))).rejects.toMatchObject({ code: "FISHER_UNUSABLE" });
  });

  test("an earlier importance of a stranger with the same shapes is refused, one of an ancestor is not", async () => {
    const ewc = "{ method: ewc, fisher: full, reference: train.jsonl }";
    const before = await run(project("ancestor", kept(ewc)));
    const file = join(before.outcome.folder, "fisher.safetensors");
    const merged = join(root, "ancestor merged");
    await exportRun("latest", before.runtime, { format: "merged", target: merged });
    const following = (name: string, model: string): string => {
      const folder = project(name, kept(`{ method: ewc, fisher: full, earlier: ["${file}"] }`));
      const path = join(folder, "tunewise.yaml");
      writeFileSync(path, readFileSync(path, "utf8").replace(/^model: .*$/m, `model: ${model}`));
      return folder;
    };
    expect((await run(following("descendant", merged))).outcome.status).toBe("completed");
    const stranger = join(root, "stranger");
    cpSync(resolve("models/small"), stranger, { recursive: true });
    const weights = await openSafetensors(join(stranger, "model.safetensors"));
    const tensors: AdapterTensor[] = [];
    for (const [name, { shape }] of weights.weights) {
      tensors.push({ name, shape: [...shape], data: (await weights.read(name)).slice().reverse() });
    }
    await weights.close();
    await writeSafetensors(join(stranger, "model.safetensors"), tensors);
    await expect(run(following("of a stranger", stranger))).rejects.toMatchObject({
      code: "FISHER_UNUSABLE",
      message: expect.stringContaining("nothing in common"),
    });
  });

  test("replay mixes old rows in, and the plan counts them", async () => {
    const plain = await run(project("no replay", training.replace("steps: 12", "epochs: 1")));
    const folder = project(
      "replay",
      kept("{ method: replay, share: 0.2 }").replace("steps: 12", "epochs: 1"),
    );
    const mixed = await run(folder);
    const tokens = ({ events }: typeof plain) => stepsOf(events).reduce((sum, step) => sum + step.tokens, 0);
    expect(stepsOf(mixed.events).length).toBe(Math.ceil(stepsOf(plain.events).length / 0.8));
    expect(tokens(mixed)).toBeGreaterThan(tokens(plain));
  });

  test("a pull far too strong is said, and what to write instead", async () => {
    const steps = kept("{ method: l2-sp, lambda: 1e7 }", "method: { kind: full }").replace(
      "steps: 12",
      "steps: 30",
    );
    const { events } = await run(project("strong", steps));
    const said = events.filter((event) => event.kind === "guard-tripped");
    expect(JSON.stringify(said)).toMatch(/too strong; try regularization\.lambda: 1000000/);
  });

  test("too little text is refused, little is said", async () => {
    const folder = project("one line", kept("{ method: ewc, reference: old.txt }"));
    writeFileSync(join(folder, "old.txt"), "One line alone is here.");
    await expect(run(folder)).rejects.toMatchObject({ code: "REGULARIZATION_REFERENCE_EMPTY" });
    writeFileSync(
      join(folder, "old.txt"),
      Array.from({ length: 9 }, (_, at) => `Line ${at} is here.`).join("\n\n"),
    );
    const real = createRuntime(folder, new AbortController().signal, "test");
    const planned = await planRecipe(await loadRecipe("tunewise.yaml", real, {}), real);
    expect(planned.findings.map(({ code }) => code)).toContain("REGULARIZATION_FEW_EXAMPLES");
  });
});
