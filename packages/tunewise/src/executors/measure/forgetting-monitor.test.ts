/** @file Tests a run's forgetting monitor with a model of known losses: begin, samples, end, resume, caps. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Adapter } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import {
  encodeForgettingPrompts,
  type ForgettingPrompts,
  type LoadedRecipe,
  readForgettingPrompts,
} from "../../prepare/index.ts";
import { type Recipe, readRecipe, requireRecipe } from "../../recipe/index.ts";
import { type ModelPair, modelPair, outcomeOf, writeForgetting } from "../../scoring/index.ts";
import { ForgettingMonitor, type MonitorEvent } from "./forgetting-monitor.ts";

const root = temporaryFolder();
const golden = new URL("../../../../../test/conformance/golden/tokenizer/smollm.json", import.meta.url);
const { tokenizer: file, config } = JSON.parse(readFileSync(golden, "utf8"));
const tokenizer = createTokenizer({ tokenizer: file, config, chatTemplate: null, endIds: [] });
const limits = { contextLength: 2048, vocabulary: 1_000_000 };
const adapter = {} as Adapter;

/** The run's folder, its recipe and its prompts. */
interface Setting {
  readonly folder: string;
  readonly recipe: Recipe;
  readonly material: ForgettingPrompts;
}

async function setting(forgetting = ""): Promise<Setting> {
  const folder = mkdtempSync(join(root, "run-"));
  writeFileSync(
    join(folder, "must.jsonl"),
    '{"prompt": "Hi?", "expected": "yes"}\n{"prompt": "Ho?", "expected": "x"}\n',
  );
  const text = `model: a/b\ndata: { train: a.jsonl }\nforgetting: { rows: { text: 8, tasks: 20 }, regression_prompts: must.jsonl ${forgetting} }\n`;
  const recipe = requireRecipe(readRecipe(text, "x"), "x");
  const loaded: LoadedRecipe = {
    recipe,
    text,
    path: join(folder, "x"),
    folder,
    findings: [],
    open: [],
    facts: null,
    derived: [],
  };
  const raw = await readForgettingPrompts(loaded);
  if (raw === null) throw new Error("there is material");
  return { folder, recipe, material: encodeForgettingPrompts(raw, tokenizer, limits, recipe) };
}

/** A pair whose tuned model has a loss higher by `lost` nats per token, and answers `no` instead of `yes`. */
function modelThat(lost: number, asked: string[] = []): ModelPair {
  const model: Parameters<typeof modelPair>[0] = {
    vocabularySize: 2,
    losses: async (arm, rows, { onRows, signal } = {}) => {
      signal?.throwIfAborted();
      asked.push(arm === null ? "base" : "tuned");
      const sums = rows.map(({ ids, labelled }) => {
        const labelledTokens = labelled.reduce((sum, flag) => sum + flag, 0);
        const own = 2 + (ids.reduce((sum, id) => sum + id, 0) % 7) / 10;
        return { nll: labelledTokens * (own + (arm === null ? 0 : lost)), labelledTokens };
      });
      onRows?.(rows.length);
      signal?.throwIfAborted();
      return sums;
    },
    logits: async (arm, ids) =>
      Float32Array.from({ length: 2 * ids.length }, (_, at) => (arm && at % 2 ? lost : 0)),
    generate: async (arm, prompts) =>
      prompts.map(() => [...tokenizer.encode(arm === null || lost === 0 ? "yes" : "no")]),
    choose: () => Promise.reject(new Error("nothing is chosen")),
  };
  return modelPair(model, adapter);
}

interface Opened {
  readonly watch: ForgettingMonitor;
  /** Events except progress and changes of work. */
  readonly events: MonitorEvent[];
  readonly asked: string[];
  readonly report: (event: MonitorEvent) => Promise<void>;
}

/** Ignores reported events. */
const ignore = async (): Promise<void> => undefined;

function open(
  { folder, recipe, material }: Setting,
  lost: number,
  change: {
    secondsLeft?: number;
    signal?: AbortSignal;
    secondsPerLook?: number;
    curve?: ForgettingMonitor["curve"];
  } = {},
): Opened {
  const events: MonitorEvent[] = [];
  const report = async (event: MonitorEvent): Promise<void> => {
    if (event.kind !== "phase" && event.kind !== "work-start") events.push(event);
  };
  const asked: string[] = [];
  let clock = 0;
  const watch = new ForgettingMonitor(
    {
      models: modelThat(lost, asked),
      tokenizer,
      material,
      recipe,
      folder: { forgetting: join(folder, "forgetting.json") },
      signal: change.signal ?? new AbortController().signal,
      elapsedSeconds: () => {
        clock += change.secondsPerLook ?? 0.01;
        return clock;
      },
      secondsLeft: () => change.secondsLeft ?? Number.POSITIVE_INFINITY,
    },
    change.curve ?? [],
  );
  return { watch, events, asked, report };
}

const documentOf = ({ folder }: Setting): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, "forgetting.json"), "utf8"));

describe("a run that forgets", async () => {
  const here = await setting();
  const { watch, events, asked, report } = open(here, 0.1);
  await watch.begin(report);
  await watch.measureSample(10, report);
  await watch.measureSample(20, report);
  const measured = await watch.end(report);
  if (measured === null) throw new Error("nothing was measured");
  const { base, tuned, prompts } = measured;
  const outcome = outcomeOf(here.material, base, tuned, prompts, here.recipe);
  await writeForgetting({ forgetting: join(here.folder, "forgetting.json") }, here.material, {
    base,
    end: { step: 20, tuned, prompts, outcome, curve: watch.curve },
  });

  test("asks the base model once, and the tuned model at each look and at the end", () => {
    expect(asked).toEqual(["base", "tuned", "tuned", "tuned"]);
  });

  test("finds what the model lost", () => {
    expect(outcome?.perplexity.rise).toBeCloseTo(Math.expm1(0.1), 9);
    expect(outcome?.tasks?.drop).toBe(0);
    // two words, equally likely in the base model; the tuned model prefers the second by 0.1
    const [p, q] = [1 / (1 + Math.exp(0.1)), 1 / (1 + Math.exp(-0.1))];
    expect(outcome?.divergence?.kl).toBeCloseTo(0.5 * Math.log(0.5 / p) + 0.5 * Math.log(0.5 / q), 6);
    expect(outcome?.judgement.verdict).toBe("fail");
  });

  test("lists the prompt that broke, and the one that never worked apart", () => {
    expect(outcome?.regressionPrompts).toMatchObject({ asked: 2, workedBefore: 1, stillWork: 0 });
    expect(outcome?.regressionPrompts?.broken[0]).toMatchObject({
      prompt: "Hi?",
      base: { answer: "yes" },
      tuned: { answer: "no" },
    });
    expect(outcome?.regressionPrompts?.neverWorked.map(({ prompt }) => prompt)).toEqual(["Ho?"]);
  });

  test("reports the base model and each measurement", () => {
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).toEqual(["forgetting-base", "forgetting-measured", "forgetting-measured"]);
    expect(events[0]).toMatchObject({ unmeasured: null });
    expect(events[1]).toMatchObject({ step: 10, taskDrop: null });
    expect(watch.curve.map(({ step }) => step)).toEqual([10, 20]);
    expect(watch.curve[0]?.perplexityRise).toBeCloseTo(Math.expm1(0.1), 9);
  });

  test("leaves the raw figures of both models in its file", () => {
    const document = documentOf(here);
    expect(document).toMatchObject({
      format_version: 1,
      step: 20,
      material: { documents: 8, questions: 20 },
    });
    expect(document["base"]).toMatchObject({ answers: ["yes", "yes"] });
    expect(document["tuned"]).toMatchObject({ answers: ["no", "no"] });
    expect((document["curve"] as unknown[]).length).toBe(2);
  });
});

test("a model that is the base model passes", async () => {
  const here = await setting(", tasks: none");
  const { watch } = open(here, 0);
  await watch.begin(ignore);
  const measured = await watch.end(ignore);
  if (measured === null) throw new Error("nothing was measured");
  const { base, tuned, prompts } = measured;
  const { judgement } = outcomeOf(here.material, base, tuned, prompts, here.recipe);
  expect(judgement).toMatchObject({ verdict: "pass" });
});

describe("a sitting after another", () => {
  test("reads the base model's figures and keeps the curve", async () => {
    const here = await setting();
    const first = open(here, 0.1);
    await first.watch.begin(first.report);
    await first.watch.measureSample(10, first.report);
    const second = open(here, 0.1, { curve: first.watch.curve });
    await second.watch.begin(second.report);
    await second.watch.measureSample(20, second.report);
    expect(second.asked).toEqual(["tuned"]);
    expect(second.watch.curve.map(({ step }) => step)).toEqual([10, 20]);
  });

  test.each([
    ["a file of other material", (text: string) => text.replace(/"fingerprint":"./, '"fingerprint":"-')],
    ["a torn file", (text: string) => text.slice(0, 200)],
    ["a file of another format", (text: string) => text.replace('"format_version":1', '"format_version":2')],
    ["figures of fewer documents", (text: string) => text.replace(/\{"nll":[^}]*\},/, "")],
    ["figures that are no numbers", (text: string) => text.replace(/"nll":[\d.]+/, '"nll":null')],
  ])("asks again where there is %s, and drops the curve", async (_, spoil) => {
    const here = await setting();
    const first = open(here, 0.1);
    await first.watch.begin(first.report);
    await first.watch.measureSample(10, first.report);
    const path = join(here.folder, "forgetting.json");
    writeFileSync(path, spoil(readFileSync(path, "utf8")));
    const second = open(here, 0.1, { curve: first.watch.curve });
    await second.watch.begin(second.report);
    expect(second.asked).toEqual(["base"]);
    expect(second.watch.curve).toEqual([]);
  });
});

describe("caps and aborts", () => {
  test("a base model that takes more than a tenth of the cap is given up, with the reason", async () => {
    const { watch, events, report } = open(await setting(), 0.1, { secondsLeft: 10, secondsPerLook: 2 });
    await watch.begin(report);
    expect(events).toMatchObject([
      { kind: "forgetting-base", unmeasured: expect.stringContaining("too much of the cap") },
    ]);
    await watch.measureSample(10, report);
    expect(watch.curve).toEqual([]);
    expect(await watch.end(report)).toBeNull();
  });

  test("an end beyond the cap measures nothing", async () => {
    const here = await setting();
    const first = open(here, 0.1);
    await first.watch.begin(first.report);
    const { watch } = open(here, 0.1, { secondsLeft: 0 });
    await watch.begin(ignore);
    expect(await watch.end(ignore)).toBeNull();
  });

  test("an abort by the user before the first step leaves nothing behind", async () => {
    const here = await setting();
    const { watch, events, report } = open(here, 0.1, { signal: AbortSignal.abort() });
    await watch.begin(report);
    expect(events).toMatchObject([{ kind: "forgetting-base", unmeasured: null }]);
    expect(() => documentOf(here)).toThrow();
  });

  test("an error of the model is not swallowed", async () => {
    const here = await setting();
    const { watch } = open(here, 0.1);
    await watch.begin(ignore);
    const broken = new ForgettingMonitor(
      {
        ...(watch as unknown as { needs: ConstructorParameters<typeof ForgettingMonitor>[0] }).needs,
        models: {
          ...modelThat(0),
          tuned: { ...modelThat(0).tuned, losses: () => Promise.reject(new Error("out of memory")) },
        },
      },
      [],
    );
    await broken.begin(ignore);
    await expect(broken.end(ignore)).rejects.toThrow("out of memory");
  });
});
