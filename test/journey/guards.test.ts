/** Guards in a running training: a rollback (also killed in its middle), a stop, and a person who overrides one. */
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  adapterOf,
  project,
  recipe,
  runFolder,
  tunewise,
  untilPrinted,
  useProjects,
} from "../support/run-projects.ts";

useProjects();

interface Told {
  readonly kind: string;
  readonly step?: number;
  readonly toStep?: number;
  readonly rateScale?: number;
  readonly learningRate?: number;
  readonly guard?: string;
  readonly status?: string;
  readonly verdict?: string | { readonly act: string; readonly guard: string; readonly sentence: string };
}

/** All entries of a run's event log. */
function log(folder: string): Told[] {
  return readFileSync(join(runFolder(folder), "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
}

/** Actions of guards, without warnings. */
function acts(folder: string): string[] {
  return log(folder).flatMap(({ verdict }) =>
    typeof verdict === "object" && verdict.act !== "warn" ? [`${verdict.act} ${verdict.guard}`] : [],
  );
}

/** Plain gradient descent on all weights without clipping: at a learning rate of 1 the loss rises at once. */
function wild(rate: string, more = "warmup: 0"): string {
  return recipe()
    .replace("{ kind: lora, rank: 4 }", "{ kind: full }")
    .replace("steps: 8", "steps: 12")
    .replace(
      "learning_rate: 3e-3",
      `learning_rate: ${rate}, max_grad_norm: 0, optimizer: sgd, schedule: constant, ${more}`,
    );
}

const weightsOf = (folder: string): Buffer =>
  readFileSync(join(runFolder(folder), "weights", "tuned.safetensors"));

describe("a loss that climbs, or is no number", () => {
  let whole = "";
  let code: number | null = null;
  beforeAll(() => {
    whole = project("whole", wild("1"));
    code = tunewise(whole, "run", "--yes", "--json").code;
  });

  test("is rolled back from once, with a fifth of the rate and all of the rows", () => {
    expect([code, acts(whole)]).toEqual([0, ["roll-back divergence"]]);
    const told = log(whole);
    const at = told.findIndex(({ kind }) => kind === "rolled-back");
    expect(told[at]).toMatchObject({ step: 4, toStep: 0, rateScale: 0.2 });
    const after = told.slice(at).filter(({ kind }) => kind === "step-end");
    expect(after.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(new Set(after.map(({ learningRate }) => learningRate))).toEqual(new Set([0.2]));
    expect(readFileSync(join(runFolder(whole), "report.md"), "utf8")).toContain(
      "Rolled back at step 4 of 12",
    );
  });

  test.each([
    ["as it begins", '"act":"roll-back"', 1],
    ["as it ends", '"kind":"rolled-back"', 1],
    ["three steps later", '"kind":"step-end","step":3,', 2],
  ])("a kill %s of the roll-back and a resume give the same weights", async (_, text, times) => {
    const killed = project(`killed-${text.length}`, wild("1"));
    const { child, end } = await untilPrinted(killed, text, times);
    child.kill("SIGKILL");
    expect((await end).code).toBeNull();
    expect(tunewise(killed, "resume", "latest", "--json").code).toBe(0);
    expect(weightsOf(killed).equals(weightsOf(whole))).toBe(true);
  });

  test("goes back to the last checkpoint before it went wrong", () => {
    const late = project(
      "late",
      wild("4", "warmup: 19").replace("steps: 12", "steps: 20").replace("every: 4", "every: 2"),
    );
    tunewise(late, "run", "--yes", "--json");
    const back = log(late).find(({ kind }) => kind === "rolled-back");
    // the latest checkpoint before the loss rose; later ones are discarded
    expect(back).toMatchObject({ step: 7, toStep: 4, rateScale: 0.2 });
  });

  test("the second time it stops, and says so", () => {
    const twice = project("twice", wild("5"));
    const { code: ended, err, out } = tunewise(twice, "run", "--yes");
    expect([ended, acts(twice)]).toEqual([2, ["roll-back divergence", "stop divergence"]]);
    expect(err + out).toMatch(/Stopped at step 4 of 12: for 3 steps the loss was far above/);
    expect(log(twice).at(-1)).toMatchObject({ kind: "run-end", status: "stopped" });
  });
});

test("NaN in the base model is named with its weight, and no learning rate is blamed", () => {
  const folder = project("broken", recipe().replace(resolve("models/small"), "./broken-model"));
  cpSync(resolve("models/small"), join(folder, "broken-model"), { recursive: true });
  const path = join(folder, "broken-model", "model.safetensors");
  const bytes = readFileSync(path);
  const headerBytes = Number(bytes.readBigUInt64LE());
  const name = "model.layers.1.mlp.up_proj.weight";
  const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString());
  const { dtype, data_offsets: offsets } = header[name];
  const width = dtype === "F32" ? 4 : 2;
  // a value with all bits set is a NaN in every type
  bytes.fill(0xff, 8 + headerBytes + offsets[0], 8 + headerBytes + offsets[0] + 3 * width);
  writeFileSync(path, bytes);
  const { code, err } = tunewise(folder, "run", "--yes");
  expect(code).toBe(64);
  expect(err).toMatch(/MODEL_WEIGHT_NOT_FINITE: The loss of the first step is not a number: in/);
  expect(err.replace(/\s+/g, " ")).toContain(`3 of ${(offsets[1] - offsets[0]) / width} values of ${name}`);
  expect(err).not.toContain("Lower");
});

describe("a run that cannot beat its target", () => {
  const slow = (more: string): string =>
    recipe(more)
      .replace("steps: 8", "steps: 24")
      .replace("learning_rate: 3e-3, evaluate_every: 4", "learning_rate: 1e-5, evaluate_every: 2");
  let stopped = "";
  let first: ReturnType<typeof tunewise>;
  beforeAll(() => {
    stopped = project("stopped", slow("guards: { target: 0.01 }\n"));
    first = tunewise(stopped, "run", "--yes");
  });

  test("is stopped with evidence, savings, its best checkpoint and the way on", () => {
    expect([first.code, acts(stopped)]).toEqual([2, ["stop futility"]]);
    const id = runFolder(stopped).split("/").at(-1);
    expect(first.out).toMatch(/Stopped at step \d+ of 24: the validation loss is \d\.\d+ at step \d+/);
    expect(first.out).toMatch(
      /The \d+ steps left would have taken about [\d.]+ m?s and \$0\.\d+\. The checkpoint of/,
    );
    expect(first.out).toContain(`tunewise resume ${id} --overrule futility`);
    expect(existsSync(join(runFolder(stopped), "adapter", "adapter_model.safetensors"))).toBe(true);
  });

  test("goes on when a person overrules the guard, on record, to the same end as without it", () => {
    const free = project("free", slow("guards: { target: 0.01, futility: off }\n"));
    expect(tunewise(free, "run", "--yes").code).toBe(0);
    const { code, err } = tunewise(stopped, "resume", "latest", "--overrule", "futility");
    expect(code).toBe(0);
    expect(err).toContain("the futility guard is overruled");
    expect(log(stopped).filter(({ kind }) => kind === "guard-overruled")).toMatchObject([
      { guard: "futility" },
    ]);
    expect(acts(stopped)).toEqual(["stop futility"]);
    expect(adapterOf(stopped).equals(adapterOf(free))).toBe(true);
    const report = readFileSync(join(runFolder(stopped), "report.md"), "utf8");
    expect(report).toMatch(/guard futility: Stopped at step/);
    expect(report).toContain("A person overruled the futility guard");
  });
});
