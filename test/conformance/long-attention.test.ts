/**
 * Attention over one long row, in blocks, by machine code and by ONNX operators, against PyTorch in double precision.
 */
import { expect, test } from "vitest";
import { blockAttentionOperators } from "../../packages/engine/src/attention/block-operators.ts";
import { chooseAttention } from "../../packages/engine/src/attention/choose.ts";
import { attentionProgram } from "../../packages/engine/src/attention/self-test.ts";
import { openBase } from "../../packages/engine/src/base/base.ts";
import { wideBase } from "../../packages/engine/src/base/options.ts";
import { attentionTables } from "../../packages/engine/src/batch/attention-tables.ts";
import { layOut } from "../../packages/engine/src/batch/batch.ts";
import { laneCount } from "../../packages/engine/src/jit/flash-frame.ts";
import { openModel } from "../../packages/engine/src/language-model.ts";
import { ModelPrograms } from "../../packages/engine/src/models/programs.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { Buffers } from "../../packages/engine/src/pass/buffers.ts";
import { runForward } from "../../packages/engine/src/pass/forward.ts";
import { headLoss } from "../../packages/engine/src/pass/head.ts";
import { rootOf } from "../../packages/engine/src/pass/loaded-model.ts";
import { createSession } from "../../packages/engine/src/runtime/session.ts";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { goldenFolder, readJson } from "./golden-model.ts";

interface Golden {
  readonly tokens: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly width: number;
  readonly scale: number;
  readonly step: number;
  readonly cases: readonly {
    readonly window: number | null;
    readonly rows: Readonly<Record<string, readonly (readonly number[])[]>>;
  }[];
}

const golden = readJson<Golden>("../long-attention.json");
const { tokens, heads, kvHeads, width, scale, step } = golden;

/** The same numbers as in `golden/scripts/engine/make-attention-golden.py`. */
function numbers(seed: number, ofHeads: number): Float32Array {
  return Float32Array.from({ length: tokens * ofHeads * width }, (_, at) => {
    let mixed = 8 * (at + 1) + seed;
    for (const [factor, shift] of [[2654435761, 15] as const, [2246822519, 13] as const]) {
      mixed = Math.imul(mixed, factor);
      mixed ^= mixed >>> shift;
    }
    return (mixed >>> 0) / 2 ** 31 - 1;
  });
}

const ways = [
  ["as this machine chooses", async () => (await chooseAttention({ headWidth: width }, 2)).operators],
  ["by programs", async () => blockAttentionOperators(2)],
] as const;

for (const [way, operators] of ways) {
  test.each(golden.cases)(`${way}: window $window`, async ({ window, rows }) => {
    const options = { threads: 2, attention: await operators() };
    const session = await createSession(attentionProgram({ heads, kvHeads, width, scale, cap: 0 }), options);
    const { feeds, sizes } = attentionTables([{ start: 0, end: tokens, memory: 0 }], laneCount, window);
    const inputs = {
      query: numbers(1, heads),
      key: numbers(2, kvHeads),
      value: numbers(3, kvHeads),
      gradient: numbers(4, heads),
    };
    const results: Record<string, Float32Array> = {
      mixed: new Float32Array(inputs.query.length),
      "g.query": new Float32Array(inputs.query.length),
      "g.key": new Float32Array(inputs.key.length),
      "g.value": new Float32Array(inputs.key.length),
    };
    await session.run({ N: tokens, ...sizes }, { ...inputs, ...feeds }, results);
    await session.close();
    const worst: Record<string, number> = {};
    for (const [name, found] of Object.entries(results)) {
      const columns = found.length / tokens;
      const expected = rows[name] ?? [];
      expect(expected.length).toBe(Math.ceil(tokens / step));
      const largest = Math.max(...expected.flat().map(Math.abs));
      for (const [row, values] of expected.entries()) {
        for (const [column, value] of values.entries()) {
          const error = Math.abs((found[row * step * columns + column] as number) - value);
          worst[name] = Math.max(worst[name] ?? 0, error / largest);
        }
      }
    }
    for (const [name, error] of Object.entries(worst)) expect(error, name).toBeLessThan(3e-6);
  });
}

test("a model takes long rows to attention in blocks by itself, with the same losses", async () => {
  const config = { ...readJson<Record<string, unknown>>("llama/config.json"), max_position_embeddings: 4096 };
  const weights = await openSafetensors(`${goldenFolder}llama/model.safetensors`);
  const model = await openModel({ config, weights }, { threads: 2 });
  const architecture = readArchitecture(config);
  const base = await openBase(weights, architecture, wideBase);
  const whole = { architecture, base, programs: new ModelPrograms(architecture, { threads: 2 }) };
  const row = {
    ids: Int32Array.from({ length: 2100 }, (_, at) => (at * 7919) % architecture.vocabulary),
    labelled: new Uint8Array(2100).fill(1, 1),
    promptLength: 1,
    example: 0,
  };
  const batch = layOut([row], architecture, false);
  expect(batch.layout.grid).toBe("dense");
  const hidden = await runForward(whole, null, batch);
  const nll = await headLoss(whole, rootOf(whole, null), hidden, batch, new Buffers());
  const sum = nll.reduce((total, one) => total + one, 0);
  expect(Math.abs((await model.loss(null, [row])).nll / sum - 1)).toBeLessThan(1e-6);
  await whole.programs.close();
  await model.close();
  await weights.close();
});
