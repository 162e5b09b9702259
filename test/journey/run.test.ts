/** Whole runs as a process, on the small model that ships with the project. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const program = resolve("src/cli/main.ts");
const loader = resolve("node_modules/tsx/dist/loader.mjs");
const tickets = resolve("examples/tickets");
let root = "";

const recipe = (extra = ""): string => `name: small
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 256
  rows: { train: 48, validation: 8, test: 8 }
  bad_rows: skip
task: { kind: json, metrics: [json_valid, json_match, perplexity] }
method: { kind: lora, rank: 4 }
training: { steps: 8, batch_size: 8, learning_rate: 3e-3, evaluate_every: 4, checkpoint_every: 2, keep: last, seed: 3 }
evaluation: { max_new_tokens: 8 }
machine: { usd_per_hour: 0.5, source: the test, threads: 1 }
budget: { minutes: 10 }
${extra}`;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tunewise-run-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder of its own with data and recipe. */
function project(name: string, text: string = recipe()): string {
  const folder = join(root, name);
  cpSync(tickets, folder, { recursive: true });
  writeFileSync(join(folder, "tunewise.yaml"), text);
  return folder;
}

function tunewise(folder: string, ...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", loader, program, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", HF_TOKEN: "" },
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

/** Starts a run and hands over the process once a step is done. */
async function untilStep(folder: string, step: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--import", loader, program, "run", "--yes", "--json"], {
    cwd: folder,
  });
  let text = "";
  await new Promise<void>((done, failed) => {
    child.on("exit", () => failed(new Error(`the run ended before step ${step}: ${text}`)));
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(`"kind":"step-end","step":${step},`)) done();
    });
  });
  child.removeAllListeners("exit");
  return child;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((done) => child.once("exit", done));

function runFolder(folder: string): string {
  const runs = join(folder, ".tunewise", "runs");
  const [only] = readdirSync(runs);
  return join(runs, only ?? "none");
}

const adapterOf = (folder: string): Buffer =>
  readFileSync(join(runFolder(folder), "adapter", "adapter_model.safetensors"));

describe("a run from start to end", () => {
  let folder = "";
  beforeAll(() => {
    folder = project("whole");
    const { code, out, err } = tunewise(folder, "run", "--yes", "--json");
    expect([code, err]).toEqual([0, ""]);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ kind }) => kind === "step-end")).toHaveLength(8);
    expect(lines.at(-1)).toMatchObject({ kind: "run-result", status: "completed" });
  });

  test("leaves adapter, reports and answers", () => {
    const run = runFolder(folder);
    const config = JSON.parse(readFileSync(join(run, "adapter/adapter_config.json"), "utf8")) as Record<
      string,
      unknown
    >;
    expect(config).toMatchObject({ peft_type: "LORA", r: 4, lora_alpha: 8 });
    expect(readFileSync(join(run, "report.md"), "utf8")).toContain("small");
    expect(readFileSync(join(run, "report.html"), "utf8")).toContain("<svg");
    expect(readFileSync(join(run, "answers.jsonl"), "utf8").trim().split("\n")).toHaveLength(8);
  });

  test("is recorded with scores of both models and with what it cost", () => {
    const { out } = tunewise(folder, "show", "latest", "--json");
    const { run, scores, spend } = JSON.parse(out) as {
      run: { status: string; spentMicroUsd: number; wallSeconds: number };
      scores: { arm: string; metric: string }[];
      spend: { spent: number; duration: number }[];
    };
    expect(run.status).toBe("completed");
    expect(scores.map(({ arm, metric }) => `${arm} ${metric}`).sort()).toEqual(
      ["base", "tuned"].flatMap((arm) =>
        ["json_match", "json_valid", "perplexity"].map((metric) => `${arm} ${metric}`),
      ),
    );
    const duration = spend.reduce((sum, entry) => sum + entry.duration, 0);
    const spent = spend.reduce((sum, entry) => sum + entry.spent, 0);
    expect(Math.abs(duration - run.wallSeconds)).toBeLessThan(0.5);
    expect(spent / 1e6).toBeCloseTo((0.5 * duration) / 3600, 5);
    expect(tunewise(folder, "runs").out).toContain("completed");
  });

  test("training lowers the perplexity of held-out answers", () => {
    const { out } = tunewise(folder, "evaluate", "latest", "--rows", "8", "--json");
    const { judgement } = JSON.parse(out) as {
      judgement: Record<"base" | "tuned", { scores: { metric: string; value: number }[] }>;
    };
    const perplexity = (arm: "base" | "tuned"): number =>
      judgement[arm].scores.find(({ metric }) => metric === "perplexity")?.value ?? Number.NaN;
    expect(perplexity("tuned")).toBeLessThan(0.7 * perplexity("base"));
  });

  test("its model and the base model answer, and not alike", () => {
    const lines = readFileSync(join(runFolder(folder), "answers.jsonl"), "utf8")
      .trim()
      .split("\n");
    const rows = lines.map((line) => JSON.parse(line) as { tuned: string; base: string });
    expect(rows.some(({ tuned, base }) => tuned !== base)).toBe(true);
    const options = ["My card is lost.", "--max-new-tokens", "6", "--json"];
    for (const who of ["latest", resolve("models/small")]) {
      const { text } = JSON.parse(tunewise(folder, "generate", who, ...options).out) as { text: string };
      expect(text.length).toBeGreaterThan(0);
    }
  });

  test("a second run gives the same adapter to the bit, and a completed one has nothing to resume", () => {
    const again = project("again");
    expect(tunewise(again, "run", "--yes", "--json").code).toBe(0);
    expect(adapterOf(again).equals(adapterOf(folder))).toBe(true);
    expect(tunewise(again, "resume", "latest").err).toContain("RUN_NOT_RESUMABLE");
  });

  test.each(["SIGINT", "SIGKILL"] as const)(
    "stopped by %s and resumed it ends with the same adapter",
    async (signal) => {
      const halted = project(signal.toLowerCase());
      const child = await untilStep(halted, 5);
      const exit = ended(child);
      child.kill(signal);
      expect(await exit).toBe(signal === "SIGINT" ? 130 : null);
      if (signal === "SIGKILL")
        expect(tunewise(halted, "evaluate", "latest").err).toContain("RUN_WITHOUT_ADAPTER");
      const resumed = tunewise(halted, "resume", "latest", "--json");
      expect(resumed.out).toContain(`"resumedFromStep":${signal === "SIGINT" ? 5 : 4}`);
      expect(resumed.code).toBe(0);
      expect(adapterOf(halted).equals(adapterOf(folder))).toBe(true);
    },
  );
});

test("a cap stops the run with a checkpoint, and a higher cap goes on", () => {
  const folder = project("capped", recipe().replace("steps: 8", "steps: 2000"));
  const { code, err } = tunewise(folder, "run", "--yes", "--budget-minutes", "0.1");
  expect(code).toBe(2);
  expect(err).toMatch(/stopping: Stopped at step \d+ of 2000/);
  expect(readdirSync(join(runFolder(folder), "checkpoints")).length).toBeGreaterThan(0);
  const { run } = JSON.parse(tunewise(folder, "show", "latest", "--json").out) as {
    run: { status: string; wallSeconds: number };
  };
  expect(run.status).toBe("stopped");
  expect(run.wallSeconds).toBeLessThan(0.1 * 60 + 3);
  const more = tunewise(folder, "resume", "latest", "--budget-minutes", "0.15");
  expect(more.code).toBe(2);
  expect(more.err).not.toContain("resumedFromStep 0");
});

test("two processes on one run: the second is refused", async () => {
  const folder = project("locked", recipe().replace("steps: 8", "steps: 400"));
  const child = await untilStep(folder, 2);
  expect(tunewise(folder, "resume", "latest").err).toContain("RUN_LOCKED");
  const exit = ended(child);
  child.kill("SIGKILL");
  await exit;
});

test("changed data is not resumed", async () => {
  const folder = project("changed");
  const child = await untilStep(folder, 3);
  const exit = ended(child);
  child.kill("SIGINT");
  await exit;
  const rows = readFileSync(join(folder, "validation.jsonl"), "utf8").split("\n").slice(3).join("\n");
  writeFileSync(join(folder, "validation.jsonl"), rows);
  expect(tunewise(folder, "resume", "latest").err).toContain("RUN_DATA_CHANGED");
});

describe("what needs a yes", () => {
  test("without a terminal there is none", () => {
    const folder = project("asked");
    const { code, err } = tunewise(folder, "run");
    expect(code).toBe(3);
    expect(err).toContain("RUN_NOT_APPROVED");
    expect(existsSync(join(folder, ".tunewise"))).toBe(false);
  });

  test("--yes needs a budget", () => {
    const { code, err } = tunewise(
      project("unbounded", recipe().replace("budget: { minutes: 10 }", "")),
      "run",
      "--yes",
    );
    expect(code).toBe(3);
    expect(err).toContain("--yes needs a budget");
  });

  test("a saved plan is carried out, a stale one is refused", () => {
    const folder = project("planned", recipe().replace("steps: 8", "steps: 2"));
    expect(tunewise(folder, "plan", "-o", "plan.json").code).toBe(0);
    expect(tunewise(folder, "run", "plan.json", "--json").code).toBe(0);
    writeFileSync(join(folder, "tunewise.yaml"), recipe().replace("steps: 8", "steps: 3"));
    const { code, err } = tunewise(folder, "run", "plan.json");
    expect(code).toBe(3);
    expect(err).toContain("PLAN_STALE");
    expect(err).toContain("the recipe");
  });

  test("rows that cannot be used block a run that was not told to skip them", () => {
    const { code, err } = tunewise(
      project("blocked", recipe().replace("bad_rows: skip", "bad_rows: error")),
      "run",
      "--yes",
    );
    expect(code).toBe(2);
    expect(err).toContain("RUN_BLOCKED");
  });
});
