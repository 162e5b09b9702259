/**
 * Forgetting, measured as a process on the small model: before training, curve, verdict, gate, checkpoint selection and
 * resume.
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "../support/program.ts";

let root = "";

const recipe = (forgetting = "", steps = 24): string => `name: forgets
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 256
  rows: { train: 48, validation: 8, test: 4 }
  bad_rows: skip
task: { kind: json, metrics: [perplexity] }
method: { kind: lora, rank: 8 }
training: { steps: ${steps}, batch_size: 8, learning_rate: 1e-2, evaluate_every: 6, seed: 3, precision: fp32 }
machine: { threads: 1 }
budget: { minutes: 10 }
forgetting:
  regression_prompts: must.jsonl
  max_new_tokens: 8
  rows: { text: 30, tasks: 24, prompts: 4 }
  curve_rows: { text: 30, tasks: 8, prompts: 2 }
${forgetting}`;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tunewise-forgetting-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

interface Event {
  readonly kind: string;
  readonly [key: string]: unknown;
}

function project(name: string, text: string): string {
  const folder = join(root, name);
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  writeFileSync(join(folder, "tunewise.yaml"), text);
  // any answer passes the first test, none the second: the base model fails it, so it cannot be forgotten
  const regressionPrompts = [
    { prompt: "Say something.", expected: { regex: "." } },
    { prompt: "Say something.", expected: "a text that no model writes by itself" },
    { prompt: "Tell me a story.", expected: { excludes: "{" } },
  ];
  writeFileSync(join(folder, "must.jsonl"), regressionPrompts.map((must) => JSON.stringify(must)).join("\n"));
  return folder;
}

function tunewise(folder: string, ...words: string[]): { code: number | null; out: string; err: string } {
  const env = { ...process.env, NO_COLOR: "1", HF_TOKEN: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

const eventsOf = (out: string): Event[] =>
  out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
const ofKind = (events: readonly Event[], kind: string): Event[] => events.filter((one) => one.kind === kind);

function runFolder(folder: string): string {
  const runs = join(folder, ".tunewise", "runs");
  return join(runs, readdirSync(runs)[0] ?? "none");
}

/** Starts a run and kills it after a given step. */
async function killAfter(folder: string, step: number, ...words: string[]): Promise<void> {
  const child = spawn(process.execPath, [program, "run", "--yes", "--json", ...words], { cwd: folder });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    if (out.includes(`"kind":"step-end","step":${step},`)) child.kill("SIGKILL");
  });
  await new Promise((end) => child.on("close", end));
}

describe("a run that forgets", () => {
  let folder = "";
  let events: Event[] = [];
  beforeAll(() => {
    folder = project("warn", recipe());
    const { code, out } = tunewise(folder, "run", "--yes", "--json");
    expect(code).toBe(0); // the gate only warns
    events = eventsOf(out);
  });

  test("asks the base model before the first step", () => {
    const kinds = events.map(({ kind, name }) => `${kind} ${name ?? ""}`);
    expect(kinds.indexOf("phase forgetting: base model")).toBeGreaterThan(0);
    expect(kinds.indexOf("phase forgetting: base model")).toBeLessThan(kinds.indexOf("step-end "));
  });

  test("looks at each evaluation, and sees perplexity rise", () => {
    const looks = ofKind(events, "forgetting-measured");
    expect(looks.map(({ step }) => step)).toEqual([6, 12, 18, 24]);
    const rises = looks.map(({ perplexityRise }) => perplexityRise as number);
    expect(rises.at(-1)).toBeGreaterThan(rises[0] ?? 0);
    expect(looks.every(({ kl, taskDrop }) => (kl as number) > 0 && typeof taskDrop === "number")).toBe(true);
  });

  test("is judged, and the guard speaks", () => {
    const [judged] = ofKind(events, "forgetting-judged");
    expect(judged).toMatchObject({ step: 24, verdict: "fail" });
    expect(judged?.["perplexityRise"]).toBeGreaterThan(0.05);
    const guards = ofKind(events, "guard-tripped").filter(
      ({ verdict }) => (verdict as { guard: string }).guard === "forgetting",
    );
    expect(guards.at(-1)).toMatchObject({ step: 24, verdict: { act: "warn" } });
  });

  test("says everything in its result", () => {
    const [result] = ofKind(events, "run-result");
    expect(result).toMatchObject({
      forgetting: {
        gate: "warn",
        isGateClosed: false,
        perplexity: { documents: 30 },
        tasks: { items: 24 },
        divergence: { prompts: 4 },
        regressionPrompts: { asked: 3, workedBefore: 2 },
        judgement: { verdict: "fail" },
      },
    });
    const { regressionPrompts, curve } = (
      result as unknown as { forgetting: { regressionPrompts: { neverWorked: object[] }; curve: object[] } }
    ).forgetting;
    expect(regressionPrompts.neverWorked).toHaveLength(1);
    expect(curve).toHaveLength(4);
  });

  test("leaves reports with the section, a curve and the advice", () => {
    const markdown = readFileSync(join(runFolder(folder), "report.md"), "utf8");
    expect(markdown).toContain("## Forgetting");
    expect(markdown).toContain("1 prompt failed with the base model already and cannot be forgotten.");
    expect(markdown).toContain("`regularization: ewc`");
    const page = readFileSync(join(runFolder(folder), "report.html"), "utf8");
    expect(page).toContain("<h2>Forgetting</h2>");
    expect(page).toContain('class="limit"');
  });

  test("is recorded: summary, metrics, ledger, and the raw figures of both models", () => {
    const { run, forgetting, spend } = JSON.parse(tunewise(folder, "show", "latest", "--json").out) as {
      run: { summary: string };
      forgetting: { base: { documents: object[] }; tuned: { documents: object[] }; curve: object[] };
      spend: { kind: string; duration: number }[];
    };
    expect(JSON.parse(run.summary)).toMatchObject({
      forgetting: {
        verdict: "fail",
        task_items: 24,
        regression_prompts: 3,
        regression_prompts_passed_before: 2,
      },
    });
    expect(forgetting.base.documents).toHaveLength(30);
    expect(forgetting.tuned.documents).toHaveLength(30);
    expect(forgetting.curve).toHaveLength(4);
    expect(spend.filter(({ kind }) => kind === "forgetting").length).toBeGreaterThan(0);
    expect(tunewise(folder, "show", "latest").out).toMatch(/forgetting +fail: general perplexity \d/);
  });

  test("was planned with it", () => {
    const plan = JSON.parse(readFileSync(join(runFolder(folder), "plan.json"), "utf8")) as {
      time: { parts: { name: string; reason: string }[] };
    };
    const part = plan.time.parts.find(({ name }) => name === "forgetting");
    expect(part?.reason).toMatch(/^\d+ tokens by base and tuned model, 4 looks in between$/);
  });
});

describe("gates", () => {
  test("fail: exit code 2, and the run is completed all the same", () => {
    const { code, out, err } = tunewise(project("fail", recipe("  gate: fail\n")), "run", "--yes");
    expect(code).toBe(2);
    expect(out).toMatch(/measure +before +after/);
    expect(out).toContain("completed; report");
    expect(err).toContain("warning: The tuned model forgot");
  });

  test("off: shown, and nobody speaks", () => {
    const folder = project("off", recipe("  gate: off\n"));
    const { code, out } = tunewise(folder, "run", "--yes", "--json");
    expect(code).toBe(0);
    expect(ofKind(eventsOf(out), "guard-tripped")).toEqual([]);
    expect(ofKind(eventsOf(out), "forgetting-judged")).toHaveLength(1);
  });

  test("not measured: no event, no file, no part of the plan", () => {
    const folder = project("none", recipe("", 2).replace("forgetting:", "forgetting:\n  measure: false"));
    const { code, out } = tunewise(folder, "run", "--yes", "--json");
    expect(code).toBe(0);
    expect(eventsOf(out).filter(({ kind }) => kind.startsWith("forgetting"))).toEqual([]);
    expect(ofKind(eventsOf(out), "run-result")[0]).toMatchObject({ forgetting: null });
    expect(readFileSync(join(runFolder(folder), "plan.json"), "utf8")).not.toContain('"name": "forgetting"');
    expect(existsSync(join(runFolder(folder), "forgetting.json"))).toBe(false);
  });
});

describe("the best trade-off", () => {
  /** Step of the adapter that became the result, and the steps whose checkpoints remain. */
  const resultOf = (folder: string): { kept: string | undefined; steps: number[]; adapter: Buffer } => {
    const run = runFolder(folder);
    const kept = /The adapter of step (\d+) was kept/.exec(readFileSync(join(run, "report.md"), "utf8"))?.[1];
    const steps = readdirSync(join(run, "checkpoints")).map((name) => Number(/\d+$/.exec(name)?.[0]));
    return { kept, steps, adapter: readFileSync(join(run, "adapter", "adapter_model.safetensors")) };
  };

  test("keeps an earlier checkpoint than the last, and a killed run resumes to the same", async () => {
    const text = recipe();
    const whole = project("tradeoff", text);
    const { code, out } = tunewise(whole, "run", "--yes", "--json", "--checkpoint", "best-tradeoff");
    expect(code).toBe(0);
    const first = resultOf(whole);
    expect(Number(first.kept)).toBeLessThan(18);
    expect(first.steps.sort((a, b) => a - b)).toEqual([Number(first.kept), 18, 24]);
    expect(ofKind(eventsOf(out), "forgetting-judged")[0]).toMatchObject({ step: Number(first.kept) });

    const halted = project("halted", text);
    await killAfter(halted, 14, "--checkpoint", "best-tradeoff");
    const resumed = tunewise(halted, "resume", "latest", "--json");
    expect(resumed.code).toBe(0);
    const events = eventsOf(resumed.out);
    const from = ofKind(events, "run-start")[0]?.["resumedFromStep"] as number;
    expect(from).toBeOneOf([12, 18]); // a kill may take effect late on a busy machine
    expect(events.some(({ name }) => name === "forgetting: base model")).toBe(false); // read from a file
    const curveOf = (list: readonly Event[]): unknown =>
      (ofKind(list, "run-result")[0] as unknown as { forgetting: { curve: object[] } }).forgetting.curve;
    expect(curveOf(events)).toEqual(curveOf(eventsOf(out)));
    const second = resultOf(halted);
    expect(second.kept).toBe(first.kept);
    expect(second.adapter.equals(first.adapter)).toBe(true);
  });

  test("without the numbers it needs is refused before a run is made", () => {
    const folder = project("refused", recipe().replace("max_new_tokens: 8", "every_checkpoint: false"));
    const { code, err } = tunewise(folder, "run", "--yes", "--checkpoint", "best-tradeoff");
    expect([code, err]).toEqual([64, expect.stringContaining("PICK_IMPOSSIBLE")]);
    expect(existsSync(join(folder, ".tunewise"))).toBe(false);
  });
});

describe("material that cannot be used is refused before a run is made", () => {
  test.each([
    ["a missing file", "text: no.txt", "DATA_FILE_NOT_FOUND"],
    ["an empty file", "text: empty.jsonl", "FORGETTING_FILE_EMPTY"],
    ["questions without answers", "tasks: empty.jsonl", "FORGETTING_FILE_EMPTY"],
  ])("%s", (name, line, problem) => {
    const folder = project(name.replaceAll(" ", "-"), recipe(`  ${line}\n`));
    writeFileSync(join(folder, "empty.jsonl"), '{"question": "a?", "choices": ["b", "c"], "answer": "d"}\n');
    const { code, err } = tunewise(folder, "run", "--yes");
    expect([code, err]).toEqual([64, expect.stringContaining(problem)]);
    expect(existsSync(join(folder, ".tunewise", "runs"))).toBe(false);
  });
});
