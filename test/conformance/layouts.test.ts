/** Shared prefixes, query blocks and ragged grids change the layout of tokens, never the results. */

import { randomBelow, xoshiro128From } from "@tunewise/core/math";
import type { EncodedRow } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { createLora } from "../../packages/engine/src/adapters/lora.ts";
import { blockAttentionOperators } from "../../packages/engine/src/attention/block-operators.ts";
import { type AttentionChoice, chooseAttention } from "../../packages/engine/src/attention/choose.ts";
import { openBase } from "../../packages/engine/src/base/base.ts";
import { wideBase } from "../../packages/engine/src/base/options.ts";
import { layOut } from "../../packages/engine/src/batch/batch.ts";
import { ModelPrograms } from "../../packages/engine/src/models/programs.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { Buffers } from "../../packages/engine/src/pass/buffers.ts";
import { emptyGradients, type TrainPass, trainPass } from "../../packages/engine/src/pass/train-pass.ts";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { goldenFolder, readJson, relativeError } from "./golden-model.ts";

const whole = (length: number) => ({ count: 1, block: length, last: length });
const inBlocks = (count: number) => (length: number) => {
  const block = Math.ceil(length / count);
  return length < 2 * count ? whole(length) : { count, block, last: length - (count - 1) * block };
};

async function openPass(name: string, attention?: AttentionChoice): Promise<TrainPass> {
  const architecture = { ...readArchitecture(readJson(`${name}/config.json`)), contextLength: 512 };
  const files = await openSafetensors(`${goldenFolder}${name}/model.safetensors`);
  const base = await openBase(files, architecture, wideBase);
  await files.close();
  const settings = { rank: 4, alpha: 8, rslora: false, dropout: 0, baseModel: name, revision: "" };
  const adapter = createLora(architecture, { ...settings, targets: "all-linear" }, 5);
  const random = xoshiro128From(6);
  for (const { data } of adapter.tensors()) {
    for (const at of data.keys()) data[at] = 0.2 * (random() - 0.5);
  }
  const programs = new ModelPrograms(architecture, {
    threads: 2,
    ...(attention && { attention: attention.operators }),
  });
  return {
    model: { architecture, base, programs },
    tuned: adapter,
    activationPolicy: () => "values",
    buffers: new Buffers(),
  };
}

/** Rows of the given lengths with a common prefix; the last tokens are labeled. */
function rowsOf(prefix: number, lengths: readonly number[], vocabulary: number): EncodedRow[] {
  const random = xoshiro128From(7);
  const shared = Array.from({ length: prefix }, () => randomBelow(random, vocabulary));
  return lengths.map((length, example) => {
    const own = Array.from({ length: length - prefix }, (_, at) =>
      at === 0 ? example % vocabulary : randomBelow(random, vocabulary),
    );
    const labelled = new Uint8Array(length);
    labelled.fill(1, Math.min(prefix + 2, length - 1));
    return { ids: Int32Array.from([...shared, ...own]), labelled, promptLength: prefix + 2, example };
  });
}

async function gradientsOf(
  pass: TrainPass,
  batches: ReturnType<typeof layOut>[],
): Promise<{ loss: number; flat: Float32Array }> {
  const gradients = emptyGradients(pass.tuned);
  let loss = 0;
  for (const [at, batch] of batches.entries()) {
    for (const nll of await trainPass(pass, batch, gradients, at === 0)) loss += nll;
  }
  return {
    loss,
    flat: Float32Array.from(
      gradients.layers.flatMap((ports) => Object.values(ports).flatMap((data) => [...data])),
    ),
  };
}

const cases = [
  { title: "rows alone, in blocks", prefix: 0, lengths: [70], share: false, cut: inBlocks(4) },
  { title: "ragged rows, in blocks", prefix: 0, lengths: [70, 31, 52], share: false, cut: inBlocks(2) },
  {
    title: "a shared prefix before rows of one length",
    prefix: 20,
    lengths: [29, 29, 29],
    share: true,
    cut: whole,
  },
  { title: "a shared prefix before ragged rows", prefix: 20, lengths: [29, 22, 41], share: true, cut: whole },
  {
    title: "a shared prefix and rows, both in blocks",
    prefix: 40,
    lengths: [70, 45, 61],
    share: true,
    cut: inBlocks(4),
  },
];

for (const name of ["llama", "mistral", "qwen3", "gemma2"]) {
  test.each(cases)(`${name}: $title`, async ({ prefix, lengths, share, cut }) => {
    const pass = await openPass(name);
    const { architecture } = pass.model;
    const rows = rowsOf(prefix, lengths, architecture.vocabulary);
    const plain = await gradientsOf(
      pass,
      rows.map((row) => layOut([row], architecture, false, undefined, whole)),
    );
    const batch = layOut(rows, architecture, share, undefined, cut);
    expect(batch.binding["P"]).toBe(prefix);
    const found = await gradientsOf(pass, [batch]);
    expect(Math.abs(found.loss / plain.loss - 1)).toBeLessThan(1e-6);
    expect(relativeError(found.flat, plain.flat)).toBeLessThan(2e-5);
    const again = await gradientsOf({ ...pass, activationPolicy: () => "input" }, [batch]);
    expect(relativeError(again.flat, plain.flat)).toBeLessThan(2e-5);
    await pass.model.programs.close();
  });

  test.each(cases)(`${name} without a grid: $title`, async ({ prefix, lengths, share }) => {
    for (const attention of await attentionsOf(name)) {
      const pass = await openPass(name, attention);
      const { architecture } = pass.model;
      const rows = rowsOf(prefix, lengths, architecture.vocabulary);
      const plain = await gradientsOf(
        pass,
        rows.map((row) => layOut([row], architecture, false, undefined, whole)),
      );
      const batch = layOut(rows, architecture, share, 0);
      expect([batch.layout.grid, batch.binding["P"]]).toEqual(["flat", prefix]);
      for (const policy of ["values", "input"] as const) {
        const found = await gradientsOf({ ...pass, activationPolicy: () => policy }, [batch]);
        expect(Math.abs(found.loss / plain.loss - 1)).toBeLessThan(1e-6);
        expect(relativeError(found.flat, plain.flat)).toBeLessThan(2e-5);
      }
      await pass.model.programs.close();
    }
  });
}

/** The attention operators chosen on this machine, and the portable ones. */
async function attentionsOf(name: string): Promise<AttentionChoice[]> {
  const chosen = await chooseAttention(readArchitecture(readJson(`${name}/config.json`)), 2);
  return [chosen, { operators: blockAttentionOperators(2), from: 0 }];
}
