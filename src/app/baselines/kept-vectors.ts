/**
 * @file Vectors by text: those on disk, and the others made in turns and kept as they come.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../../problem/index.ts";
import type { Host } from "../../runtime/index.ts";
import { takeLock } from "../../track/index.ts";
import type { Embedder } from "./embedder.ts";
import { VectorLog } from "./vector-log.ts";

/** What is told while vectors are made. */
export interface MakingVectors {
  /** Called before each turn; what it throws ends the work, and what is made stays. */
  readonly before: () => Promise<void> | void;
  readonly onTexts: (done: number, total: number) => void;
}

/** Vectors of one embedder. */
export class KeptVectors {
  readonly embedder: Embedder;
  readonly #folder: string;
  readonly #log: VectorLog;

  private constructor(embedder: Embedder, folder: string, log: VectorLog) {
    this.embedder = embedder;
    this.#folder = folder;
    this.#log = log;
  }

  /** @param place folder of indexes; each embedder has a folder of its own there */
  static async open(embedder: Embedder, place: string): Promise<KeptVectors> {
    const folder = vectorsFolder(place, embedder.name);
    return new KeptVectors(embedder, folder, await VectorLog.open(join(folder, "vectors.bin")));
  }

  /** D; known once there is a vector. */
  get size(): number {
    return this.#log.size;
  }

  /**
   * Makes what is missing of passages, by one process at a time.
   *
   * @throws {TunewiseError} `RUN_LOCKED`, `EMBEDDING_CHANGED`, and what the embedder throws
   */
  async makeAll(
    passages: readonly string[],
    { before, onTexts }: MakingVectors,
    host: Pick<Host, "processes" | "now">,
  ): Promise<void> {
    if (this.#missing(this.#asPassages(passages)).length === 0) return;
    await mkdir(this.#folder, { recursive: true });
    const lock = await takeLock(join(this.#folder, "lock"), host.processes, host.now(), randomUUID());
    try {
      const missing = this.#missing(this.#asPassages(passages));
      const { textsAtOnce } = this.embedder;
      for (let from = 0; from < missing.length; from += textsAtOnce) {
        onTexts(passages.length - missing.length + from, passages.length);
        await before();
        await this.#make(missing.slice(from, from + textsAtOnce));
      }
      onTexts(passages.length, passages.length);
    } finally {
      await lock.release();
    }
  }

  /** `[passages, D]`, flat; all of them must have been made. */
  passages(passages: readonly string[]): Float32Array {
    const all = new Float32Array(passages.length * this.size);
    for (const [at, text] of this.#asPassages(passages).entries()) all.set(this.#found(text), at * this.size);
    return all;
  }

  /** The vector of a question. */
  async question(question: string): Promise<Float32Array> {
    const text = this.embedder.prefixes.question + question;
    if (this.#log.find(text) === undefined) await this.#make([text]);
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

  async #make(texts: readonly string[]): Promise<void> {
    await this.embedder.embed(texts, async (some, vectors) => {
      if (await this.#log.add(some, vectors)) return;
      const found = vectors.find(({ length }) => length !== this.size)?.length ?? 0;
      const about = { model: this.embedder.name, found, kept: this.size, folder: this.#folder };
      throw problem("EMBEDDING_CHANGED", about);
    });
  }
}

/** Texts whose vectors are not on disk yet. */
export async function missingVectors(
  { name, prefixes }: Pick<Embedder, "name" | "prefixes">,
  place: string,
  passages: readonly string[],
): Promise<string[]> {
  const log = await VectorLog.open(join(vectorsFolder(place, name), "vectors.bin"));
  const texts = new Set(passages.map((passage) => prefixes.passage + passage));
  return [...texts].filter((text) => log.find(text) === undefined);
}

function vectorsFolder(place: string, name: string): string {
  return join(place, `vectors-${createHash("sha256").update(name).digest("hex").slice(0, 16)}`);
}
