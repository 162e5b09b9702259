/** Complete runs as a process, on the small model that ships with the project. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { adapterOf, project, recipe, runFolder, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

describe("a run from start to end", () => {
  let folder = "";
  beforeAll(() => {
    folder = project("whole", recipe("forgetting: { measure: true }"));
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
    expect(config).toMatchObject({ peft_type: "LORA", r: 4, lora_alpha: 32 });
    expect(readFileSync(join(run, "report.md"), "utf8")).toContain("small");
    expect(readFileSync(join(run, "report.html"), "utf8")).toContain("<svg");
    expect(readFileSync(join(run, "answers.jsonl"), "utf8").trim().split("\n")).toHaveLength(8);
  });

  test("is recorded with scores of both models and with what it cost", () => {
    const { out } = tunewise(folder, "show", "latest", "--json");
    const { run, scores, spend } = JSON.parse(out) as {
      run: { status: string; spentMicroUsd: number; wallSeconds: number; summary: string };
      scores: { arm: string; metric: string }[];
      spend: { spent: number; duration: number }[];
    };
    expect(run.status).toBe("completed");
    const models = scores.filter(({ arm }) => arm === "base" || arm === "tuned");
    expect(models.map(({ arm, metric }) => `${arm} ${metric}`).sort()).toEqual(
      ["base", "tuned"].flatMap((arm) =>
        ["json_match", "json_valid", "perplexity"].map((metric) => `${arm} ${metric}`),
      ),
    );
    const duration = spend.reduce((sum, entry) => sum + entry.duration, 0);
    const spent = spend.reduce((sum, entry) => sum + entry.spent, 0);
    expect(Math.abs(duration - run.wallSeconds)).toBeLessThan(0.5);
    expect(spent / 1e6).toBeCloseTo((0.5 * duration) / 3600, 5);
    expect(tunewise(folder, "runs").out).toContain("completed");
    const { findings } = JSON.parse(run.summary) as { findings: { code: string; severity: string }[] };
    expect(findings.map(({ code }) => code)).toContain("TEST_TOO_SMALL");
    expect(findings.map(({ severity }) => severity)).not.toContain("note");
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

test("a rank that does not fit the model is refused before a run is made", () => {
  const folder = project("wide", recipe().replace("rank: 4", "rank: 64"));
  const { code, err } = tunewise(folder, "run", "--yes");
  expect([code, err]).toEqual([64, expect.stringContaining("rank is 64")]);
  expect(existsSync(join(folder, ".tunewise", "runs"))).toBe(false);
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
