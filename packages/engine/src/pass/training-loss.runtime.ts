/** Training losses at the head, over several chunks of labels, against finite differences. */
import { type LossName, lossNames } from "@tunewise/core/run";
import { afterAll, describe, expect, test } from "vitest";
import type { Architecture } from "../models/architecture.ts";
import { ModelPrograms } from "../models/programs.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import { Buffers } from "./buffers.ts";
import { chunkSize, type HeadGradients, headLoss } from "./head.ts";
import type { LoadedModel, RootWeights } from "./loaded-model.ts";
import { trainingLoss } from "./training-loss.ts";

const [width, vocabulary, tokens, labelCount, rows] = [8, 32, 700, 600, 3];
const llama = readArchitecture({
  model_type: "llama",
  hidden_size: width,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 1024,
  rms_norm_eps: 1e-5,
  vocab_size: vocabulary,
});
const architectures: readonly (readonly [string, Architecture])[] = [
  ["RMS norm", llama],
  ["layer norm, scaled and capped logits", { ...llama, norm: "layer", logitScale: 0.5, logitCap: 2 }],
];

/** Irregular numbers around an offset. */
function numbers(count: number, start: number, offset = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => offset + Math.sin(12.9898 * (at + start)));
}

const batch = {
  sources: Int32Array.from({ length: labelCount }, (_, at) => tokens - 1 - at),
  labels: Int32Array.from({ length: labelCount }, (_, at) => (at * 13) % vocabulary),
  owners: Int32Array.from({ length: labelCount }, (_, at) => Math.floor((at * (rows - 1)) / labelCount)),
  binding: { B: rows }, // the last row has no labels
};

describe.each(architectures)("%s", (_, architecture) => {
  const programs = new ModelPrograms(architecture, { threads: 1 });
  // the head reads no weights of the base
  const model = { architecture, programs } as Pick<LoadedModel, "architecture" | "programs"> as LoadedModel;
  const normBias = architecture.norm === "layer" ? numbers(width, 7) : null;
  const table = numbers(vocabulary * width, 3);
  const root: RootWeights = {
    embedding: table,
    head: table,
    positions: null,
    norm: numbers(width, 5, 1.5),
    normBias,
  };
  const hidden = numbers(tokens * width, 11);
  const nllOf = () => headLoss(model, root, hidden, batch, new Buffers());
  afterAll(() => programs.close());

  /** Factor of each label's negative log-likelihood, constant in the derivative. */
  const definitions: Readonly<Record<LossName, (nll: number) => number>> = {
    nll: () => 1,
    dft: (nll) => Math.exp(-nll),
  };

  test.each(lossNames.flatMap((name) => [[name, false] as const, [name, true] as const]))(
    "%s, with the head trained: %s",
    async (name, isTrained) => {
      expect(chunkSize(vocabulary, labelCount)).toBeLessThan(labelCount);
      const gradients: HeadGradients = {
        hidden: new Float32Array(hidden.length),
        norm: isTrained ? new Float32Array(width) : null,
        normBias: isTrained && normBias ? new Float32Array(width) : null,
        table: isTrained ? new Float32Array(table.length) : null,
      };
      const terms = await trainingLoss(name, model, root, hidden, batch, new Buffers(), gradients);
      const factors = [...(await nllOf())].map(definitions[name]);
      const value = async (): Promise<number> =>
        (await nllOf()).reduce((sum, nll, label) => sum + (factors[label] as number) * nll, 0);
      expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(await value(), 3);

      const pairs: [Float32Array, Float32Array | null, readonly number[]][] = [
        [hidden, gradients.hidden, [0, 800, 2500, 3201, 5599]],
        [root.norm, gradients.norm, [0, 7]],
        [root.normBias ?? new Float32Array(0), gradients.normBias, [1, 6]],
        [table, gradients.table, [0, 100, 255]],
      ];
      for (const [values, found, places] of pairs) {
        if (found === null) continue;
        for (const place of places) {
          const old = values[place] as number;
          const step = 5e-3;
          values[place] = old + step;
          const above = await value();
          values[place] = old - step;
          const below = await value();
          values[place] = old;
          const expected = (above - below) / (2 * step);
          const off = Math.abs((found[place] as number) - expected);
          expect(off, `${place}: ${found[place]} for ${expected}`).toBeLessThan(
            0.01 * Math.abs(expected) + 5e-3,
          );
        }
      }
      // positions without a label
      expect(gradients.hidden.subarray(0, (tokens - labelCount) * width).every((one) => one === 0)).toBe(
        true,
      );
    },
  );

  test("factors reach each label's own gradient", async () => {
    const of = async (name: LossName): Promise<Float32Array> => {
      const gradients = { hidden: new Float32Array(hidden.length), norm: null, normBias: null, table: null };
      await trainingLoss(name, model, root, hidden, batch, new Buffers(), gradients);
      return gradients.hidden;
    };
    const [nll, dft, plain] = [await of("nll"), await of("dft"), await nllOf()];
    for (const [label, source] of batch.sources.entries()) {
      const factor = Math.exp(-(plain[label] as number));
      for (let at = source * width; at < (source + 1) * width; at++) {
        expect(dft[at]).toBeCloseTo(factor * (nll[at] as number), 6);
      }
    }
  });
});
