/** Whole runs as a process, on the small model that ships with the project. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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

/** A run under way; `end` gives its exit code and everything it printed. */
interface Running {
  readonly child: ChildProcess;
  readonly end: Promise<{ readonly code: number | null; readonly out: string }>;
}

/** Starts a run and hands it over once a step is done. */
async function untilStep(folder: string, step: number): Promise<Running> {
  const words = ["--import", loader, program, "run", "--yes", "--json"];
  const child = spawn(process.execPath, words, { cwd: folder });
  let out = "";
  const end = new Promise<{ code: number | null; out: string }>((done) => {
    child.on("close", (code) => done({ code, out }));
  });
  await new Promise<void>((done, failed) => {
    end.then(() => failed(new Error(`the run ended before step ${step}: ${out}`)));
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes(`"kind":"step-end","step":${step},`)) done();
    });
  });
  return { child, end };
}

/** The step of the last event of a kind. */
function lastStep(out: string, kind: string): number {
  const steps = [...out.matchAll(new RegExp(`"kind":"${kind}","step":(\\d+)`, "g"))].map(([, step]) => step);
  return Number(steps.at(-1) ?? 0);
}

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
});

describe("a run that is stopped", () => {
  // long enough for a signal to arrive in the middle on a busy machine
  const long = recipe().replace("steps: 8", "steps: 30");
  let whole = "";
  beforeAll(() => {
    whole = project("long", long);
    expect(tunewise(whole, "run", "--yes", "--json").code).toBe(0);
  });

  test.each(["SIGINT", "SIGKILL"] as const)(
    "by %s and resumed ends with the same adapter",
    async (signal) => {
      const halted = project(signal.toLowerCase(), long);
      const { child, end } = await untilStep(halted, 5);
      child.kill(signal);
      const { code, out } = await end;
      expect(code).toBe(signal === "SIGINT" ? 130 : null);
      if (signal === "SIGKILL")
        expect(tunewise(halted, "evaluate", "latest").err).toContain("RUN_WITHOUT_ADAPTER");
      const resumed = tunewise(halted, "resume", "latest", "--json");
      const from = Number(/"resumedFromStep":(\d+)/.exec(resumed.out)?.[1]);
      // Ctrl-C saves the step it came in; a kill leaves the last checkpoint, whose event may not have got out
      if (signal === "SIGINT") expect(from).toBe(lastStep(out, "step-end"));
      else expect(from - lastStep(out, "checkpoint-saved")).toBeOneOf([0, 2]);
      expect(resumed.code).toBe(0);
      expect(adapterOf(halted).equals(adapterOf(whole))).toBe(true);
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
  const { child, end } = await untilStep(folder, 2);
  expect(tunewise(folder, "resume", "latest").err).toContain("RUN_LOCKED");
  child.kill("SIGKILL");
  await end;
});

test("a rank that does not fit the model is refused before a run is made", () => {
  const folder = project("wide", recipe().replace("rank: 4", "rank: 64"));
  const { code, err } = tunewise(folder, "run", "--yes");
  expect([code, err]).toEqual([64, expect.stringContaining("rank is 64")]);
  expect(existsSync(join(folder, ".tunewise", "runs"))).toBe(false);
});

test("a run that breaks is recorded as failed and goes on from its checkpoint", async () => {
  const folder = project("broken", recipe().replace("steps: 8", "steps: 60"));
  const { end } = await untilStep(folder, 4);
  const checkpoints = join(runFolder(folder), "checkpoints");
  renameSync(checkpoints, `${checkpoints}.aside`);
  writeFileSync(checkpoints, "a file where a folder should be");
  expect((await end).code).toBe(1);
  expect(tunewise(folder, "runs").out).toContain("failed");
  rmSync(checkpoints);
  renameSync(`${checkpoints}.aside`, checkpoints);
  const resumed = tunewise(folder, "resume", "latest", "--json");
  expect(resumed.code).toBe(0);
  expect(Number(/"resumedFromStep":(\d+)/.exec(resumed.out)?.[1])).toBeGreaterThanOrEqual(2);
});

test("changed data is not resumed", async () => {
  const folder = project("changed", recipe().replace("steps: 8", "steps: 400"));
  const { child, end } = await untilStep(folder, 3);
  child.kill("SIGINT");
  await end;
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
