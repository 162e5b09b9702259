/** 50 steps of LoRA on 4-bit weights against PEFT and bitsandbytes; see golden/scripts/engine. */
import { describe, expect, test } from "vitest";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Curve, curvePlan, curveSettings } from "./golden-curve.ts";
import { encodedRow, goldenFolder, openGolden, readJson, tensorsUnder } from "./golden-model.ts";

type QloraCurve = Omit<Curve, "curves"> & { curves: Record<"plain" | "nested", Curve["curves"]> };

const folder = temporaryFolder();
const golden = readJson<QloraCurve>("qlora/curves.json");

describe.each(["plain", "nested"] as const)("%s scales", (scales) => {
  test.each(["memory", "disk"] as const)("weights from %s", async (place) => {
    const common: Curve = { ...golden, curves: golden.curves[scales] };
    const start = await openSafetensors(`${goldenFolder}qlora/start.safetensors`);
    const cache = { folder, modelKey: "qlora" };
    const base = { format: "nf4", place, doubleQuantization: scales === "nested", cache } as const;
    const model = await openGolden("qlora", "config.json", base);
    for (const [kind, { learningRate, steps }] of Object.entries(common.curves)) {
      const fresh = model.createAdapter({ ...curveSettings(common), targets: "all-linear" }, 1);
      const adapter = model.loadAdapter(fresh.settings, await tensorsUnder(start, ""));
      const rows = common.batches.flat().map((row) => encodedRow(row));
      const trainer = await model.createTrainer(adapter, rows, curvePlan(common, learningRate));
      for (const step of steps) {
        const found = await trainer.next();
        expect(Math.abs(found.loss - step.loss), `${kind}: loss of step ${found.step}`).toBeLessThan(1e-3);
        expect(Math.abs(found.gradientNorm / step.gradientNorm - 1), `${kind}: norm`).toBeLessThan(1e-3);
      }
      await trainer.release();
    }
    await model.close();
    await start.close();
  });
});
