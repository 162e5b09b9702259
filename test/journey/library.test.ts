/** Runs the programs of `examples/library/`, and what a program of the library leaves for other processes. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { project, recipe, runFolder, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

const examples = resolve("examples/library");

/** A project with the package installed. */
function projectWithPackage(name: string, text = recipe()): string {
  const folder = project(name, text);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(resolve("."), join(folder, "node_modules/tunewise"));
  return folder;
}

function node(folder: string, ...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", HF_TOKEN: "", HF_HUB_OFFLINE: "1" },
  });
  return { code: status, out: stdout, err: stderr };
}

/** Runs a program of `examples/library`. */
function example(folder: string, name: string, ...words: string[]): ReturnType<typeof node> {
  copyFileSync(join(examples, name), join(folder, name));
  return node(folder, name, ...words);
}

/** Runs a program of the test. */
function program(folder: string, name: string, text: string): ReturnType<typeof node> {
  writeFileSync(join(folder, name), text);
  return node(folder, name);
}

test.each(readdirSync(examples).filter((name) => name.endsWith(".mjs")))(
  "%s has at most 15 lines",
  (name) => {
    const lines = readFileSync(join(examples, name), "utf8").trimEnd().split("\n");
    expect(lines.filter((line) => line !== "" && !line.startsWith("//")).length).toBeLessThanOrEqual(15);
  },
);

test("a CI gate fails above its limit, and for data that blocks a run", () => {
  const folder = projectWithPackage("gate");
  const cheap = example(folder, "ci-gate.mjs", "50");
  expect(cheap).toMatchObject({ code: 0, err: "" });
  expect(cheap.out).toMatch(/^\$\d+\.\d\d in 9 of 10 cases, limit \$50\.00\n$/);
  expect(example(folder, "ci-gate.mjs", "0.001").code).toBe(2);

  const strict = recipe().replace("depth: exact", "depth: exact, error: [DATA_JSON_INVALID]");
  writeFileSync(join(folder, "tunewise.yaml"), strict);
  const blocked = example(folder, "ci-gate.mjs", "50");
  expect([blocked.code, blocked.out]).toEqual([2, expect.stringContaining("DATA_JSON_INVALID: ")]);
});

test("rows in memory are trained, asked, and their cost is counted by project", () => {
  const folder = projectWithPackage("rows");
  const trained = example(folder, "train-rows.mjs", resolve("models/small"));
  expect(trained.err).toBe("");
  expect(trained.out).toMatch(/^completed /);
  expect(tunewise(folder, "runs", "evaluate", "latest", "--rows", "2", "--no-base").code).toBe(0);

  expect(tunewise(folder, "run", "--yes").code).toBe(0);
  const { out } = example(folder, "costs.mjs");
  const [first, second, total] = out.trimEnd().split("\n");
  expect(first).toMatch(/^small\t1\t\$0\.0\d+$/);
  expect(second).toBe("colors\t1\t$0.0000");
  expect(total?.split("\t").at(-1)).toBe(first?.split("\t").at(-1));
});

/** A run of rows in memory that stops after its fourth step. */
const interrupted = `
import { approve, createRuntime, planRecipe, recipeFrom } from "tunewise/plan";
import { runRecipe } from "tunewise/train";
const stop = new AbortController();
const runtime = createRuntime({ signal: stop.signal });
const train = Array.from({ length: 40 }, (_, at) => ({ prompt: "Number " + at, completion: String(at * 7) }));
const loaded = await recipeFrom({
  name: "numbers", model: ${JSON.stringify(resolve("models/small"))}, data: { train, max_length: 64 },
  training: { steps: 8, batch_size: 4, learning_rate: 1e-3, checkpoint_every: 2, precision: "fp32" },
  forgetting: { measure: false }, budget: { minutes: 10 },
  machine: { threads: 1, usd_per_hour: 0.5, source: "the test" },
});
const events = [];
const { status } = await runRecipe(approve(await planRecipe(loaded), { kind: "flag" }), {
  runtime,
  onEvent: (event) => {
    events.push(event);
    if (event.kind === "step-end" && event.step === 4) stop.abort();
  },
});
console.log(status, events.every((event) => !("spentMicroUsd" in event)), events.some(({ spentUsd }) => spentUsd > 0));
`;

test("a run of rows in memory is resumed by another process, and refused once its rows have changed", () => {
  const folder = projectWithPackage("resumed");
  expect(program(folder, "interrupted.mjs", interrupted)).toEqual({
    code: 0,
    out: "interrupted true true\n",
    err: "",
  });
  const data = join(folder, ".tunewise/data");
  const [name = ""] = readdirSync(data);
  const rows = readFileSync(join(data, name), "utf8");
  writeFileSync(join(data, name), rows.replace('"7"', '"8"'));
  const refused = tunewise(folder, "resume", "latest");
  expect(refused.err).toContain("RUN_DATA_CHANGED");
  writeFileSync(join(data, name), rows);
  expect(tunewise(folder, "resume", "latest").code).toBe(0);
  expect(readFileSync(join(runFolder(folder), "recipe.yaml"), "utf8")).toContain(`.tunewise/data/${name}`);
  expect(tunewise(folder, "runs", "show", "latest").code).toBe(0);
});

const asked = `
import { openModel } from "tunewise/train";
const properties = { ok: { type: "boolean" } };
const schema = { type: "object", properties, required: ["ok"], additionalProperties: false };
for (const base of [false, true]) {
  const model = await openModel("latest", { base });
  const settings = { maxNewTokens: 24, temperature: 1, seed: 3 };
  const [json] = await model.generate(["Is it?"], { ...settings, json: schema });
  const [first] = await model.generate([[{ role: "user", content: "Say it." }]], settings);
  const [again] = await model.generate(["Say it."], settings);
  console.log(model.name, typeof JSON.parse(json.text).ok, first.text === again.text);
  await model.close();
}
`;

test("a spent shared budget refuses a run before it begins", () => {
  const folder = projectWithPackage("spent");
  const cap = ["exec", "--budget", "1usd", "--rate", "3600/h", "--project", "numbers", "--server", "none"];
  expect(tunewise(folder, ...cap, "--", "sleep", "5").code).not.toBe(0); // a dollar a second: ended by its cap
  expect(tunewise(folder, "cost", "budget", "set", "0.5usd", "--project", "numbers").code).toBe(0);
  const { code, err } = program(folder, "interrupted.mjs", interrupted);
  expect([code, err]).toEqual([1, expect.stringContaining("SHARED_BUDGET_SPENT")]);
  expect(
    JSON.parse(tunewise(folder, "runs", "list", "--project", "numbers", "--json").out).runs,
  ).toHaveLength(1);
});

test("a run's model and its base answer, in the form of a JSON Schema", () => {
  const folder = projectWithPackage("asked");
  expect(tunewise(folder, "run", "--yes").code).toBe(0);
  const { out, err } = program(folder, "asked.mjs", asked);
  expect(err).toBe("");
  const [tuned, base] = out.trimEnd().split("\n");
  expect(tuned).toMatch(/^\d{8}-\d{6}-small-\w+ boolean true$/);
  expect(base).toBe("small boolean true");
});

const killed = `
import { startRun } from "tunewise/track";
const run = await startRun({ project: "own", name: "mine", params: { rate: 0.1 } });
for (let step = 0; step < 50; step++) run.log({ loss: 1 / (step + 1) });
setTimeout(() => process.kill(process.pid, "SIGKILL"), 4_000);
`;

test("a loop's points survive its process, and its run is listed and exported", () => {
  const folder = projectWithPackage("loop");
  program(folder, "killed.mjs", killed);
  expect(tunewise(folder, "runs", "list").out).toContain("mine");
  expect(tunewise(folder, "store", "export", "mlflow", "--output", "mlruns").code).toBe(0);
  const files = readdirSync(join(folder, "mlruns"), { recursive: true, encoding: "utf8" });
  const losses = files.find((name) => name.endsWith(join("metrics", "loss"))) ?? "none";
  expect(
    readFileSync(join(folder, "mlruns", losses), "utf8")
      .trimEnd()
      .split("\n"),
  ).toHaveLength(50);
});
