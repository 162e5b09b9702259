/**
 * The calibrated 4-bit base is closer to the full-precision weights than rounding to nearest, also on rows not used for
 * calibration.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EncodedRow } from "@tunewise/core/rows";
import { expect, onTestFinished, test } from "vitest";
import type { BaseOptions } from "../../packages/engine/src/base/options.ts";
import { openModel } from "../../packages/engine/src/language-model.ts";
import { calibrateBase } from "../../packages/engine/src/pass/calibrate-base.ts";
import { openModelFolder } from "../../packages/engine/src/weights/model-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const small = { source: "models/small", origin: "models/small", revision: null };
const nearest: BaseOptions = {
  format: "nf4",
  place: "memory",
  doubleQuantization: true,
  cache: { folder, modelKey: "small" },
};
const calibrated: BaseOptions = { ...nearest, calibration: "rows" };

/** Rows of text with one token per byte, as the small model was trained. */
function rowsOf(text: string, from: number, count: number): EncodedRow[] {
  return Array.from({ length: count }, (_, at) => {
    const ids = Int32Array.from(
      Buffer.from(text.slice((from + at) * 120, (from + at + 1) * 120)),
      (byte) => byte,
    );
    return { ids, labelled: new Uint8Array(ids.length).fill(1), promptLength: 0, example: at };
  });
}

const text = readFileSync("examples/tickets/train.jsonl", "utf8").replaceAll(/[^\x20-\x7e]/g, "");
const [given, others] = [rowsOf(text, 0, 30), rowsOf(text, 100, 10)];

async function losses(base: BaseOptions, rows: readonly EncodedRow[]): Promise<number[]> {
  const files = await openModelFolder("models/small", small);
  onTestFinished(() => files.weights.close());
  const model = await openModel(files, { threads: 1, base });
  onTestFinished(() => model.close());
  return (await model.losses(null, rows)).map(({ nll }) => nll);
}

function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] as number)), 0);
}

test("is refused until it is made, is made once, and errs far less", async () => {
  await expect(losses(calibrated, given)).rejects.toMatchObject({ code: "BASE_NOT_CALIBRATED" });
  const files = await openModelFolder("models/small", small);
  const layers: number[] = [];
  await calibrateBase(files, given, calibrated, { threads: 1 }, { onLayer: (done) => layers.push(done) });
  expect(layers.length).toBeGreaterThan(0);
  await calibrateBase(files, given, calibrated, { threads: 1 }, { onLayer: () => expect.unreachable() });
  await files.weights.close();
  expect(readdirSync(join(folder, "bases"))).toHaveLength(1);
  for (const rows of [given, others]) {
    const whole = await losses({ ...nearest, format: "float32" }, rows);
    const [plain, own] = [await losses(nearest, rows), await losses(calibrated, rows)];
    expect(distance(own, whole)).toBeLessThan(0.7 * distance(plain, whole));
  }
  expect(await losses({ ...calibrated, place: "disk" }, others)).toEqual(await losses(calibrated, others));
});
