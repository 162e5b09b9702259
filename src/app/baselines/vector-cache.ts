/** @file Cache of vectors by text: missing ones are embedded in batches and stored as they arrive. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { takeLock } from "../../track/index.ts";
import type { Embedder } from "./embedder.ts";
import { VectorLog } from "./vector-log.ts";

/** Hooks while vectors are made. */
export interface EmbeddingHooks {
  /** Called before each batch. An error thrown here ends the work; finished vectors remain. */
  readonly before: () => Promise<void> | void;
  readonly onTexts: (done: number, total: number) => void;
}

/** Vectors of one embedder. */
export class VectorCache {
  readonly embedder: Embedder;
  readonly #folder: string;
  readonly #log: VectorLog;

  private constructor(embedder: Embedder, folder: string, log: VectorLog) {
    this.embedder = embedder;
    this.#folder = folder;
    this.#log = log;
  }

  /** @param place folder of indexes, with one folder per embedder */
  static async open(embedder: Embedder, place: string): Promise<VectorCache> {
    const folder = folderOf(place, embedder.name);
    return new VectorCache(embedder, folder, await VectorLog.open(join(folder, "vectors.bin")));
  }

  /** D, the vector size; 0 until there is a vector. */
  get size(): number {
    return this.#log.size;
  }

  /**
   * Embeds the passages that have no vector, in one process at a time.
   *
   * @throws {TunewiseError} `RUN_LOCKED`, `EMBEDDING_CHANGED`, and what the embedder throws
   */
  async embedMissing(
    passages: readonly string[],
    { before, onTexts }: EmbeddingHooks,
    runtime: Pick<Runtime, "processes" | "now">,
  ): Promise<void> {
    if (this.#missing(this.#asPassages(passages)).length === 0) return;
    await mkdir(this.#folder, { recursive: true });
    const lock = await takeLock(join(this.#folder, "lock"), runtime.processes, runtime.now(), randomUUID());
    try {
      const missing = this.#missing(this.#asPassages(passages));
      const { batchTexts } = this.embedder;
      for (let from = 0; from < missing.length; from += batchTexts) {
        onTexts(passages.length - missing.length + from, passages.length);
        await before();
        await this.#embed(missing.slice(from, from + batchTexts));
      }
      onTexts(passages.length, passages.length);
    } finally {
      await lock.release();
    }
  }

  /** `[passages, D]`, flat; all vectors must exist. */
  passages(passages: readonly string[]): Float32Array {
    const all = new Float32Array(passages.length * this.size);
    for (const [at, text] of this.#asPassages(passages).entries()) all.set(this.#found(text), at * this.size);
    return all;
  }

  /** The vector of a question, embedded if missing. */
  async question(question: string): Promise<Float32Array> {
    const text = this.embedder.prefixes.question + question;
    if (this.#log.find(text) === undefined) await this.#embed([text]);
    return this.#found(text);
  }

  #asPassages(passages: readonly string[]): string[] {
    return passages.map((passage) => this.embedder.prefixes.passage + passage);
  }

  #missing(texts: readonly string[]): string[] {
    return [...new Set(texts)].filter((text) => this.#log.find(text) === undefined);
  }

  #found(text: string): Float32Array {
    const vector = this.#log.find(text);
    if (vector === undefined) throw new Error("Internal: a vector is missing");
    return vector;
  }

  async #embed(texts: readonly string[]): Promise<void> {
    await this.embedder.embed(texts, async (some, vectors) => {
      if (await this.#log.add(some, vectors)) return;
      const found = vectors.find(({ length }) => length !== this.size)?.length ?? 0;
      const about = { model: this.embedder.name, found, kept: this.size, folder: this.#folder };
      throw problem("EMBEDDING_CHANGED", about);
    });
  }
}

/** Texts without a vector on disk. */
export async function textsWithoutVectors(
  { name, prefixes }: Pick<Embedder, "name" | "prefixes">,
  place: string,
  passages: readonly string[],
): Promise<string[]> {
  const log = await VectorLog.open(join(folderOf(place, name), "vectors.bin"));
  const texts = new Set(passages.map((passage) => prefixes.passage + passage));
  return [...texts].filter((text) => log.find(text) === undefined);
}

function folderOf(place: string, name: string): string {
  return join(place, `vectors-${createHash("sha256").update(name).digest("hex").slice(0, 16)}`);
}
