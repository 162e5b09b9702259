/** @file Text embeddings by mean pooling of a model's last hidden states. */

import { layOut } from "../batch/batch.ts";
import type { MeanHiddenOptions } from "../engine.ts";
import { problem } from "../problem/index.ts";
import { Buffers } from "./buffers.ts";
import { runForward } from "./forward.ts";
import type { LoadedModel } from "./loaded-model.ts";

/** Maximum tokens per pass. */
const tokensAtOnce = 2048;

/**
 * Computes one vector per text from the states before the final norm.
 *
 * @param texts token ids, at least one per text
 * @returns `[texts, D]`, flat
 * @throws {TunewiseError} `ENGINE_ROW_TOO_LONG`
 * @source mean pooling: Reimers and Gurevych 2019 (arXiv 1908.10084), section 3
 */
export async function meanHidden(
  model: LoadedModel,
  texts: readonly Int32Array[],
  { onTexts, signal }: MeanHiddenOptions = {},
): Promise<Float32Array> {
  const { hidden: width, contextLength: limit } = model.architecture;
  const means = new Float32Array(texts.length * width);
  const order = [...texts.keys()].sort((a, b) => lengthOf(texts, a) - lengthOf(texts, b));
  const longest = lengthOf(texts, order.at(-1) ?? 0);
  if (longest > limit) throw problem("ENGINE_ROW_TOO_LONG", { found: longest, limit });
  const buffers = new Buffers();
  for (let from = 0; from < order.length; ) {
    signal?.throwIfAborted();
    let until = from + 1;
    while (until < order.length && (until + 1 - from) * lengthOf(texts, order[until] ?? 0) <= tokensAtOnce)
      until++;
    const chosen = order.slice(from, until);
    const rows = chosen.map((at) => ({
      ids: texts[at] as Int32Array,
      labelled: new Uint8Array(lengthOf(texts, at)),
      promptLength: lengthOf(texts, at),
      example: at,
    }));
    const states = await runForward(
      model,
      null,
      layOut(rows, model.architecture, false, model.flatFrom),
      buffers,
    );
    let place = 0; // a batch's tokens are flat, row after row
    for (const at of chosen) {
      const tokens = lengthOf(texts, at);
      addMean(means.subarray(at * width, (at + 1) * width), states, place, tokens);
      place += tokens;
    }
    from = until;
    onTexts?.(from);
  }
  return means;
}

function lengthOf(texts: readonly Int32Array[], at: number): number {
  return texts[at]?.length ?? 0;
}

function addMean(mean: Float32Array, states: Float32Array, first: number, tokens: number): void {
  const width = mean.length;
  for (let token = first; token < first + tokens; token++) {
    const start = token * width;
    for (let at = 0; at < width; at++) mean[at] = (mean[at] ?? 0) + (states[start + at] ?? 0) / tokens;
  }
}
