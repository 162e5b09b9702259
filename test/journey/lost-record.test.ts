/**
 * A lost record of a run is rebuilt from its folder, a locked store does not end a training, and no dead run stays
 * "running".
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { program } from "../support/program.ts";
import {
  project,
  recipe,
  runFolder,
  tunewise,
  untilPrinted,
  untilStep,
  useProjects,
} from "../support/run-projects.ts";

useProjects();

interface Shown {
  readonly run: { readonly id: string; readonly status: string; readonly spentMicroUsd: number };
  readonly scores: readonly unknown[];
  readonly trainLoss: readonly unknown[];
  readonly spend: readonly unknown[];
  readonly artifacts: readonly unknown[];
}

const shown = (folder: string, word = "latest"): Shown =>
  JSON.parse(tunewise(folder, "show", word, "--json").out) as Shown;

/** Deletes the store of a project with its journal files. */
function loseStore(folder: string): void {
  for (const name of readdirSync(join(folder, ".tunewise")))
    if (name.startsWith("tunewise.db")) rmSync(join(folder, ".tunewise", name));
}

describe("a store that was moved away", () => {
  let folder = "";
  let id = "";
  let before: Shown;
  beforeAll(() => {
    folder = project("moved");
    expect(tunewise(folder, "run", "--yes", "--json").code).toBe(0);
    before = shown(folder);
    id = before.run.id;
  });

  test.each([
    ["show", (word: string) => ["show", word]],
    ["evaluate", (word: string) => ["evaluate", word, "--rows", "2", "--no-base"]],
    ["export", (word: string) => ["export", word, "--format", "peft", "--force"]],
    ["generate", (word: string) => ["generate", word, "hello"]],
  ])("%s brings the run in from its folder and says so", (_, words) => {
    for (const word of ["latest", id, id.slice(0, 15), join(".tunewise", "runs", id)]) {
      loseStore(folder);
      const { code, err } = tunewise(folder, ...words(word));
      expect([code, word, err.includes(`run ${id} was not in the store and was brought in`)]).toEqual([
        0,
        word,
        true,
      ]);
    }
    expect(shown(folder)).toEqual(before);
  });

  test("import runs brings all of them in, once", () => {
    loseStore(folder);
    expect(JSON.parse(tunewise(folder, "runs", "--json").out)).toMatchObject({
      runs: [],
      not_in_store: [id],
    });
    const came = JSON.parse(tunewise(folder, "import", "runs", ".tunewise", "--json").out);
    expect(came).toMatchObject({ added: [id], completed: [], there: 0, leftOut: [] });
    const again = JSON.parse(tunewise(folder, "import", "runs", join(".tunewise", "runs", id), "--json").out);
    expect(again).toMatchObject({ added: [], completed: [], there: 1 });
    expect(shown(folder)).toEqual(before);
  });

  test("the same experiment is still refused", () => {
    loseStore(folder);
    tunewise(folder, "import", "runs", ".tunewise");
    expect(tunewise(folder, "run", "--yes").err).toContain("RUN_DUPLICATE");
  });

  test("a run from before there were journals comes with what its files say", () => {
    loseStore(folder);
    rmSync(join(runFolder(folder), "record.jsonl"));
    const { run, trainLoss, scores } = shown(folder);
    expect(run).toMatchObject({ id, status: "completed" });
    // no event contains what the meter counted after the last one
    expect(run.spentMicroUsd / before.run.spentMicroUsd).toBeCloseTo(1, 1);
    expect(trainLoss).toEqual(before.trainLoss);
    expect(scores.length).toBeGreaterThan(0);
  });
});

test("a killed run is resumed without its store and its plan, and keeps what it had spent", async () => {
  const folder = project("killed", recipe().replace("steps: 8", "steps: 30"));
  const { child, end } = await untilStep(folder, 8);
  child.kill("SIGKILL");
  await end;
  const listed = tunewise(folder, "runs").out;
  expect(listed).toContain("interrupted");
  expect(listed).not.toContain("running");
  const spent = shown(folder).run.spentMicroUsd;
  loseStore(folder);
  writeFileSync(join(runFolder(folder), "plan.json"), "{");
  const resumed = tunewise(folder, "resume", "latest", "--json");
  expect(resumed.code).toBe(0);
  expect(Number(/"resumedFromStep":(\d+)/.exec(resumed.out)?.[1])).toBeGreaterThanOrEqual(6);
  expect(shown(folder).run.spentMicroUsd).toBeGreaterThan(spent);
});

test("without a plan anywhere the run is planned anew, and its caps hold", async () => {
  const folder = project("unplanned", recipe().replace("steps: 8", "steps: 30"));
  const { child, end } = await untilStep(folder, 5);
  child.kill("SIGINT");
  await end;
  const record = join(runFolder(folder), "record.jsonl");
  writeFileSync(join(runFolder(folder), "plan.json"), "");
  const [first = "", ...rest] = readFileSync(record, "utf8").split("\n");
  writeFileSync(record, [JSON.stringify({ ...JSON.parse(first), plan: null }), ...rest].join("\n"));
  const { code, err } = tunewise(folder, "resume", "latest");
  expect([code, err.includes("planned anew")]).toEqual([0, true]);
});

test("a closed terminal saves the run, which ends as interrupted", async () => {
  const folder = project("hung-up", recipe().replace("steps: 8", "steps: 400"));
  const { child, end } = await untilStep(folder, 5);
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.kill("SIGHUP");
  child.kill("SIGTERM");
  expect((await end).code).toBe(130);
  expect(shown(folder).run.status).toBe("interrupted");
  expect(readdirSync(join(runFolder(folder), "checkpoints")).length).toBeGreaterThan(0);
});

test("a reader that goes away has the run saved, not lost", async () => {
  const folder = project("unread", recipe().replace("steps: 8", "steps: 400"));
  const { child, end } = await untilStep(folder, 3);
  child.stdout?.destroy();
  expect((await end).code).toBe(130);
  expect(shown(folder).run.status).toBe("interrupted");
});

test("a store that is locked for long ends no training, and is caught up", async () => {
  const folder = project("locked-store", recipe().replace("steps: 8", "steps: 60"));
  const { end } = await untilStep(folder, 3);
  const hold = `
    const { DatabaseSync } = await import("node:sqlite").catch(() => import("@photostructure/sqlite"));
    const db = new DatabaseSync(process.argv[1]);
    for (;;) try { db.exec("BEGIN IMMEDIATE"); break; } catch {}
    console.log("held");
    process.on("SIGTERM", () => { db.exec("ROLLBACK"); process.exit(0); });
    setInterval(() => {}, 1000);`;
  const words = ["--input-type=module", "-e", hold, join(folder, ".tunewise", "tunewise.db")];
  const holder = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((held) => holder.stdout.once("data", held));
  const { code, out } = await end;
  holder.kill("SIGTERM");
  await new Promise((gone) => holder.once("close", gone));
  expect(code).toBe(0);
  const last = JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as { status: string; store_behind: string };
  expect(last).toMatchObject({
    status: "completed",
    store_behind: expect.stringContaining("Another process was writing to"),
  });
  const { run, trainLoss, scores } = shown(folder);
  expect([run.status, trainLoss.length, scores.length > 0]).toEqual(["completed", 60, true]);
});

test("a run's folder outside of a folder of runs is told where to go", () => {
  const folder = project("misplaced");
  expect(tunewise(folder, "run", "--yes", "--json").code).toBe(0);
  renameSync(runFolder(folder), join(folder, "alone"));
  const { code, err } = tunewise(folder, "show", "alone");
  expect([code, err.includes("RUN_FOLDER_MISPLACED"), err.includes("mkdir -p moved/runs")]).toEqual([
    64,
    true,
    true,
  ]);
});

test("a folder that is removed under a run is no completed run", async () => {
  const folder = project("removed", recipe().replace("steps: 8", "steps: 60"));
  const { end } = await untilStep(folder, 3);
  const place = runFolder(folder);
  renameSync(place, join(folder, "elsewhere"));
  const { code, out } = await end;
  expect(code).toBe(1);
  expect(out).toContain("RUN_FOLDER_GONE");
  expect(existsSync(place)).toBe(false);
  expect(tunewise(folder, "runs").out).toContain("failed");
});

test("rows that were answered before an interrupt are judged, and not asked again", async () => {
  const rows = "rows: { train: 48, validation: 8, test: 40 }";
  const folder = project(
    "judged-in-part",
    recipe().replace("rows: { train: 48, validation: 8, test: 8 }", rows),
  );
  const { child, end } = await untilPrinted(
    folder,
    '"name":"test rows answered by the tuned model","done":20,',
  );
  child.kill("SIGINT");
  const { code, out } = await end;
  expect(code).toBe(130);
  const first = JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as { judged: { rows: number; of: number } };
  expect([first.judged.of, [16, 32].includes(first.judged.rows)]).toEqual([40, true]);
  expect(shown(folder).scores.length).toBeGreaterThan(0);
  const resumed = tunewise(folder, "resume", "latest", "--json");
  expect(resumed.out).not.toContain('"name":"test rows answered by the tuned model","done":1,');
  const last = JSON.parse(resumed.out.trim().split("\n").at(-1) ?? "{}") as { judged: unknown };
  expect([resumed.code, last.judged]).toEqual([0, { rows: 40, of: 40 }]);
});

test("a run is logged to a server of the team's as it works, and its parameters with it", async () => {
  const folder = project("logged");
  const team = project("team");
  const server = spawn(process.execPath, [program, "serve", "--port", "0", "--json"], { cwd: team });
  onTestFinished(() => void server.kill("SIGTERM"));
  let said = "";
  await new Promise<void>((up) => {
    server.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.trim().endsWith("}")) up();
    });
  });
  const { url } = JSON.parse(said) as { url: string };
  writeFileSync(
    join(folder, "tunewise.yaml"),
    `${recipe()}tracking: { mlflow: "${url}", experiment: shared }\n`,
  );
  const { code, out } = tunewise(folder, "run", "--yes", "--json");
  const last = JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as { run_id: string; tracking: object };
  expect(code).toBe(0);
  expect(last.tracking).toMatchObject({ place: url, reason: null });
  const [there] = (JSON.parse(tunewise(team, "runs", "--json").out) as { runs: object[] }).runs;
  expect(there).toMatchObject({
    client: "mlflow",
    project: "shared",
    name: last.run_id,
    status: "completed",
    params: { r: "4", max_steps: "8", learning_rate: "0.003", per_device_train_batch_size: "8" },
  });
  // an export recognizes the run and sends nothing twice
  const to = ["-o", url, "--experiment", "shared"];
  const sent = tunewise(folder, "store", "export", "mlflow", last.run_id, ...to, "--json");
  expect(JSON.parse(sent.out)).toMatchObject({ there: 1, runs: 0 });
});

test("while a run is being resumed, the same experiment is at work", async () => {
  const text = recipe().replace("steps: 8", "steps: 120");
  const folder = project("at-work", text);
  const first = await untilStep(folder, 3);
  first.child.kill("SIGINT");
  await first.end;
  const child = spawn(process.execPath, [program, "resume", "latest", "--json"], { cwd: folder });
  const ended = new Promise((done) => child.on("close", done));
  await new Promise<void>((done) => {
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes('"kind":"step-end"')) done();
    });
  });
  expect(tunewise(folder, "run", "--yes").err).toContain("RUN_DUPLICATE");
  child.kill("SIGKILL");
  await ended;
});
