/** @file Vectors of rows by the recipe's embedding model, which find rows with the same meaning in other words. */
import { join, resolve } from "node:path";
import type { EmbedTexts, NearTexts } from "@tunewise/datacheck";
import { openEmbedder } from "@tunewise/engine";
import { TunewiseError } from "../problem/index.ts";
import type { Recipe } from "../recipe/index.ts";
import { buildDenseIndex, searchDense } from "../retrieve/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { folderEmbedder, VectorCache } from "./vector-cache.ts";

/** Max. distinct texts, and max. seconds for new vectors: a small model takes minutes for that many texts. */
const [mostTexts, mostSeconds] = [10_000, 240];

/** Thrown between batches when the time is up; finished vectors are kept. */
class TimeIsUp extends Error {}

/**
 * Returns a function that embeds rows with the model of `retrieval.embedding`, if that is a folder: a check calls no
 * API, which would cost money. Vectors are stored below the output folder by text and model, so a second check only
 * embeds new texts, and a check that ran out of time can be continued.
 *
 * @param folder folder of the recipe
 * @returns `undefined` if the recipe names no such model
 * @throws {TunewiseError} when the returned function is called: those of `openEmbedder`, and `EMBEDDING_CHANGED`
 */
export function rowEmbedder(
  { retrieval: { embedding }, machine, output }: Recipe,
  folder: string,
  runtime: Runtime,
): EmbedTexts | undefined {
  const source = embedding?.model ?? null;
  if (embedding === null || source === null) return undefined;
  return async (texts) => {
    if (texts.length > mostTexts) return { reason: `they are more than ${mostTexts}` };
    const { signal, cores } = runtime;
    const model = await openEmbedder(resolve(folder, source), { threads: machine.threads ?? cores });
    try {
      const place = join(resolve(folder, output), "rows");
      const vectors = await VectorCache.open(folderEmbedder(model, embedding, signal), place);
      const reason = await embedInTime(vectors, texts, runtime);
      return reason === null ? { near: (known) => nearTexts(known, vectors) } : { reason };
    } finally {
      await model.close();
    }
  };
}

/** Embeds missing texts. Returns the reason if some vectors are still missing, otherwise `null`. */
async function embedInTime(
  vectors: VectorCache,
  texts: readonly string[],
  runtime: Runtime,
): Promise<string | null> {
  const end = runtime.elapsedSeconds() + mostSeconds;
  let made = 0;
  try {
    await vectors.embedMissing(
      texts,
      {
        before: () => {
          runtime.signal.throwIfAborted();
          if (runtime.elapsedSeconds() > end) throw new TimeIsUp();
        },
        onTexts: (done) => {
          made = done;
        },
      },
      runtime,
    );
    return null;
  } catch (error) {
    if (error instanceof TimeIsUp)
      return `${mostSeconds} s made vectors of ${made} of them; check again to go on`;
    if (TunewiseError.is(error) && error.code === "RUN_LOCKED")
      return "another process is making their vectors";
    throw error;
  }
}

/** Finds known rows by the vectors of texts. All known rows must have vectors. */
export function nearTexts(known: readonly string[], vectors: VectorCache): NearTexts {
  const { size } = vectors;
  const all = vectors.passages(known);
  const index = buildDenseIndex(all, size);
  let last: { readonly text: string; readonly vector: Float32Array } | null = null;
  const vectorOf = (text: string): Float32Array => {
    if (last?.text !== text) last = { text, vector: vectors.passages([text]) };
    return last.vector;
  };
  return {
    nearest: (text, most) => searchDense(index, vectorOf(text), most).map(({ passage }) => passage),
    between: (text, row) => {
      const vector = vectorOf(text);
      let sum = 0;
      for (let at = 0; at < size; at++) sum += (vector[at] as number) * (all[row * size + at] as number);
      return sum;
    },
  };
}
