/** Training losses against torch: of random logits, and 50 steps of each method; see golden/scripts/engine. */
import { losses, lossNames } from "@tunewise/core/run";
import { describe, expect, test } from "vitest";
import { type BaseOptions, wideBase } from "../../packages/engine/src/base/options.ts";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Curve, curvePlan, curveSettings } from "./golden-curve.ts";
import { encodedRow, goldenFolder, openGolden, readJson, tensorsUnder } from "./golden-model.ts";

interface Golden {
  tokens: {
    logits: number[][];
    labels: number[];
    weights: number[];
    owners: number[];
    rows: number;
    losses: Record<string, { sums: number[]; gradient: number[][] }>;
  };
  curves: Record<string, Record<string, Curve["curves"][string]>>;
}

const golden = readJson<Golden>("../losses.json");
const folder = temporaryFolder();

describe.each(lossNames)("%s of random logits", (name) => {
  const { tokens } = golden;
  const { logits, labels, weights, owners, rows } = tokens;
  const logSums = logits.map((row) => Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)));
  const logProbabilities = Float32Array.from(
    labels,
    (label, at) => (logits[at]?.[label] as number) - (logSums[at] as number),
  );
  const { sums, derivatives } = losses[name].compute({
    logProbabilities,
    weights: Float32Array.from(weights),
    owners: Int32Array.from(owners),
    rows,
  });
  const expected = tokens.losses[name] as Golden["tokens"]["losses"][string];

  test("sums of rows", () => {
    expect(sums.length).toBe(expected.sums.length);
    for (const [row, sum] of sums.entries()) expect(sum).toBeCloseTo(expected.sums[row] as number, 5);
  });

  test("gradient of the logits", () => {
    for (const [at, row] of logits.entries()) {
      for (const [word, logit] of row.entries()) {
        const p = Math.exp(logit - (logSums[at] as number));
        const gradient = (derivatives[at] as number) * ((word === labels[at] ? 1 : 0) - p);
        expect(gradient).toBeCloseTo(expected.gradient[at]?.[word] as number, 6);
      }
    }
  });
});

const cases = Object.entries(golden.curves).flatMap(([method, curves]) =>
  Object.entries(curves).map(([name, expected]) => [method, name, expected] as const),
);

/** Settings and batches of the same method's curve of `nll`. */
const curveOf = (method: string, name: string): Curve =>
  readJson<Curve>(`${name}/${{ lora: "adamw-curve", full: "full", qlora: "curves" }[method]}.json`);

const nf4: BaseOptions = {
  format: "nf4",
  place: "memory",
  doubleQuantization: false,
  cache: { folder, modelKey: "losses" },
};

test.each(cases)("50 steps of dft, %s of %s", async (method, name, { learningRate, steps }) => {
  const curve = curveOf(method, name);
  const model = await openGolden(name, "config.json", method === "qlora" ? nf4 : wideBase);
  const tuned = async () => {
    if (method === "full") return model.createFull({ frozen: [], baseModel: "golden", revision: "" });
    const start = await openSafetensors(
      `${goldenFolder}${name}/${method === "qlora" ? "start" : "adamw-curve"}.safetensors`,
    );
    const { settings } = model.createAdapter({ ...curveSettings(curve), targets: "all-linear" }, 1);
    const adapter = model.loadAdapter(
      settings,
      await tensorsUnder(start, method === "qlora" ? "" : "start/"),
    );
    await start.close();
    return adapter;
  };
  const rows = curve.batches.flat().map((row) => encodedRow(row));
  const plan = { ...curvePlan(curve, learningRate), loss: "dft" } as const;
  const trainer = await model.createTrainer(await tuned(), rows, plan);
  expect(steps.length).toBe(50);
  for (const step of steps) {
    const found = await trainer.next();
    expect(Math.abs(found.loss - step.loss), `loss of step ${found.step}`).toBeLessThan(2e-4);
    expect(found.labelledTokens).toBe(step.labelledTokens);
    expect(Math.abs(found.gradientNorm / step.gradientNorm - 1), `norm of step ${found.step}`).toBeLessThan(
      2e-3,
    );
  }
  await trainer.release();
  await model.close();
});
