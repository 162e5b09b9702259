/**
 * @file The head over labelled tokens, in chunks, so that logits of a whole batch never exist.
 */
import type { Session } from "../runtime/session.ts";
import type { Buffers } from "./buffers.ts";
import type { LoadedModel } from "./loaded-model.ts";

/** At most so many logits at once: 64 MB of them. */
const logitsAtOnce = 1 << 24;

/** Tokens of a chunk, all but the last alike. Fewer would make the product with the vocabulary wait for memory. */
export function chunkSize(vocabulary: number, tokens: number): number {
  const most = Math.min(512, Math.max(64, Math.floor(logitsAtOnce / vocabulary)));
  return Math.ceil(tokens / Math.max(1, Math.ceil(tokens / most)));
}

/**
 * Negative log likelihood of each label.
 *
 * @param hidden `[N, D]` states before the final norm
 * @param sources flat places whose successors are predicted
 * @param gradient `[N, D]`; where given, the gradient of the summed loss is added to it
 * @returns nats per label, in the order of `sources`
 */
export async function headLoss(
  model: LoadedModel,
  hidden: Float32Array,
  sources: Int32Array,
  labels: Int32Array,
  buffers: Buffers,
  gradient?: Float32Array,
): Promise<Float32Array> {
  const session = await model.programs.head(gradient ? "gradient" : "loss");
  const width = model.architecture.hidden;
  const size = chunkSize(model.architecture.vocabulary, sources.length);
  const all = new Float32Array(sources.length);
  for (let from = 0; from < sources.length; from += size) {
    const chunk = sources.subarray(from, from + size);
    const x = gatherRows(hidden, chunk, width, buffers.take("head.x", chunk.length * width));
    const nll = all.subarray(from, from + size);
    const gx = buffers.take("head.gx", chunk.length * width);
    await runHead(model, session, x, labels.subarray(from, from + size), gradient ? { nll, gx } : { nll });
    if (gradient) addRows(gx, chunk, width, gradient);
  }
  return all;
}

/** Logits of given places: `[places, V]`. */
export async function headLogits(
  model: LoadedModel,
  hidden: Float32Array,
  sources: Int32Array,
  buffers: Buffers,
): Promise<Float32Array> {
  const { hidden: width, vocabulary } = model.architecture;
  const session = await model.programs.head("logits");
  const size = chunkSize(vocabulary, sources.length);
  const all = new Float32Array(sources.length * vocabulary);
  for (let from = 0; from < sources.length; from += size) {
    const chunk = sources.subarray(from, from + size);
    const x = gatherRows(hidden, chunk, width, buffers.take("head.x", chunk.length * width));
    const logits = all.subarray(from * vocabulary, (from + chunk.length) * vocabulary);
    await runHead(model, session, x, null, { logits });
  }
  return all;
}

async function runHead(
  { base, architecture }: LoadedModel,
  session: Session,
  x: Float32Array,
  labels: Int32Array | null,
  outputs: Readonly<Record<string, Float32Array>>,
): Promise<void> {
  const flat = labels ? BigInt64Array.from(labels, BigInt) : null;
  await session.run(
    { C: x.length / architecture.hidden },
    {
      x,
      "norm.weight": base.norm,
      "head.weight": base.head,
      ...(flat ? { labels: flat, "labels.flat": flat } : {}),
    },
    outputs,
  );
}

function gatherRows(from: Float32Array, places: Int32Array, width: number, into: Float32Array): Float32Array {
  for (let row = 0; row < places.length; row++) {
    const place = places[row] as number;
    into.set(from.subarray(place * width, (place + 1) * width), row * width);
  }
  return into;
}

function addRows(from: Float32Array, places: Int32Array, width: number, into: Float32Array): void {
  for (let row = 0; row < places.length; row++) {
    const base = (places[row] as number) * width;
    for (let at = 0; at < width; at++) {
      into[base + at] = (into[base + at] as number) + (from[row * width + at] as number);
    }
  }
}
