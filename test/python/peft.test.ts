/** One of our adapters, loaded by Python's `peft` on the same model, produces the same logits. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { EncodedRow } from "@tunewise/core/rows";
import { openModel } from "@tunewise/engine";
import { openSafetensors, readAdapter } from "@tunewise/engine/weights";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endedProgram } from "../support/ended-program.ts";

const python = process.env["TUNEWISE_PYTHON"];
const small = resolve("models/small");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tunewise-peft-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

interface Judged {
  readonly rows: readonly { readonly shape: readonly [number, number]; readonly base64: string }[];
  readonly largestEffect: number;
}

test.skipIf(!python).each([
  ["plain", { rank: 8, alpha: 16, rslora: false, targets: "all-linear" as const }],
  [
    "rank-stabilized, on queries and values",
    { rank: 4, alpha: 16, rslora: true, targets: ["q_proj", "v_proj"] },
  ],
])("%s", async (name, settings) => {
  const weights = await openSafetensors(join(small, "model.safetensors"));
  const config = JSON.parse(readFileSync(join(small, "config.json"), "utf8")) as Record<string, unknown>;
  const model = await openModel({ config, weights }, { threads: 1 });
  const adapter = model.createAdapter({ ...settings, dropout: 0, baseModel: small, revision: "" }, 1);
  const rows = [0, 1, 2, 3].map((example): EncodedRow => {
    const ids = Int32Array.from(
      { length: 20 + 7 * example },
      (_, at) => 5 + ((at * 37 + example * 11) % 900),
    );
    return { ids, labelled: Uint8Array.from(ids, (_, at) => (at > 3 ? 1 : 0)), promptLength: 4, example };
  });
  const trainer = await model.createTrainer(adapter, rows, {
    epochs: 1,
    steps: 6,
    batchSize: 2,
    gradientAccumulationSteps: 1,
    batching: "shuffle",
    maxLength: 64,
    learningRate: 1e-2,
    schedule: "constant",
    warmup: 0,
    optimizer: "adamw",
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradNorm: 1,
    loss: "nll",
    seed: 1,
    recompute: "none",
    momentsPath: null,
    penalty: null,
  });
  while (trainer.step < trainer.steps) await trainer.next();
  const target = join(folder, name.slice(0, 5));
  await model.saveResult(adapter, target);
  const read = await readAdapter(target);
  const again = model.loadAdapter(read.settings, read.tensors);

  const [ids, out] = [join(folder, "ids.json"), join(folder, "out.json")];
  writeFileSync(ids, JSON.stringify(rows.map((row) => [...row.ids])));
  const script = resolve("bench/peers/peft-check.py");
  const { status, stderr } = await endedProgram(python ?? "", [script, small, target, ids, out]);
  expect(status, stderr).toBe(0);
  const judged = JSON.parse(readFileSync(out, "utf8")) as Judged;
  expect(judged.largestEffect).toBeGreaterThan(0.1);
  for (const [at, row] of rows.entries()) {
    const bytes = Buffer.from(judged.rows[at]?.base64 ?? "", "base64");
    const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const found = await model.logits(again, row.ids);
    expect(found.length).toBe(expected.length);
    const worst = found.reduce(
      (most, value, place) => Math.max(most, Math.abs(value - (expected[place] ?? 0))),
      0,
    );
    expect(worst).toBeLessThan(1e-4);
  }
  await model.close();
  await weights.close();
});
