/** @file Cache of vectors by text: missing ones are embedded in batches and stored as they arrive. */
import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { openRegularFile } from "@tunewise/core/untrusted";
import type { TextEmbedder } from "@tunewise/engine";
import { takeLock } from "@tunewise/tracker";
import { problem } from "../problem/index.ts";
import { MAX_VECTOR_SIZE } from "../retrieve/index.ts";
import type { Runtime } from "../runtime/index.ts";

/** Hooks during embedding. */
export interface EmbeddingHooks {
  /** Called before each batch. An error thrown here ends the work; finished vectors remain. */
  readonly before: () => Promise<void> | void;
  readonly onTexts: (done: number, total: number) => void;
}

/** Vectors of one embedder. */
export class VectorCache {
  readonly embedder: Embedder;
  readonly #folder: string;
  #log: VectorLog;

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
   * Embeds the passages that have no vector. Only one process at a time can do so.
   *
   * @throws {TunewiseError} `RUN_LOCKED`, `EMBEDDING_CHANGED`, and what the embedder throws
   */
  async embedMissing(
    passages: readonly string[],
    { before, onTexts }: EmbeddingHooks,
    runtime: Pick<Runtime, "processes" | "now" | "random">,
  ): Promise<void> {
    if (this.#missing(this.#asPassages(passages)).length === 0) return;
    await mkdir(this.#folder, { recursive: true });
    const token = String(runtime.random());
    const lock = await takeLock(join(this.#folder, "lock"), runtime.processes, runtime.now(), token);
    try {
      // another process may have added to the file since it was read
      this.#log = await VectorLog.open(join(this.#folder, "vectors.bin"));
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

const magic = "TWVECTORS";
const version = 1;
const [headerBytes, keyBytes, sumBytes] = [16, 16, 4];

/** Max. size of the file. A larger one is ignored, and its vectors are computed again. */
const maxFileBytes = 4 * 1024 ** 3;
/** One system call reads less than 2 GiB. */
const maxReadBytes = 2 ** 30;

/** Vectors of one model. */
export class VectorLog {
  readonly #path: string;
  readonly #known: Map<string, Float32Array>;
  /** D; 0 while there is no vector. */
  #size: number;
  /** Valid bytes of the file. */
  #end: number;

  private constructor(path: string, known: Map<string, Float32Array>, size: number, end: number) {
    this.#path = path;
    this.#known = known;
    this.#size = size;
    this.#end = end;
  }

  /** Opens a file, which may be missing. A damaged record and all that follow are dropped. */
  static async open(path: string): Promise<VectorLog> {
    const bytes = await readFileAt(path);
    const head = Buffer.from(bytes.buffer, 0, bytes.length);
    const size = bytes.length >= headerBytes ? head.readUInt32LE(12) : 0;
    const isOurs =
      bytes.length >= headerBytes &&
      head.toString("latin1", 0, magic.length) === magic &&
      head[magic.length] === version &&
      size > 0 &&
      size <= MAX_VECTOR_SIZE;
    if (!isOurs) return new VectorLog(path, new Map(), 0, 0);
    const known = new Map<string, Float32Array>();
    const bodyBytes = keyBytes + 4 * size;
    let end = headerBytes;
    for (; end + bodyBytes + sumBytes <= bytes.length; end += bodyBytes + sumBytes) {
      const body = head.subarray(end, end + bodyBytes);
      if (crc32(body) !== head.readUInt32LE(end + bodyBytes)) break;
      const vector = new Float32Array(bytes.buffer, end + keyBytes, size);
      if (!vector.every(Number.isFinite)) break;
      known.set(body.toString("base64", 0, keyBytes), vector);
    }
    return new VectorLog(path, known, size, end);
  }

  /** D, or 0 while there is no vector. */
  get size(): number {
    return this.#size;
  }

  find(text: string): Float32Array | undefined {
    return this.#known.get(keyOf(text));
  }

  /**
   * Stores vectors and syncs them to disk.
   *
   * @returns `false` if their size differs from the earlier ones; then none are stored
   */
  async add(texts: readonly string[], vectors: readonly Float32Array[]): Promise<boolean> {
    const [first] = vectors;
    if (first === undefined) return true;
    const size = this.#size === 0 ? first.length : this.#size;
    if (vectors.some((vector) => vector.length !== size)) return false;
    const parts = this.#end === 0 ? [headerOf(size)] : [];
    for (const [at, vector] of vectors.entries()) parts.push(recordOf(texts[at] ?? "", vector));
    const bytes = Buffer.concat(parts);
    await mkdir(dirname(this.#path), { recursive: true });
    // written at a fixed offset rather than appended, so that a truncated record is overwritten
    const file = await open(this.#path, this.#end === 0 ? "w" : "r+");
    try {
      await file.write(bytes, 0, bytes.length, this.#end);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#end += bytes.length;
    this.#size = size;
    for (const [at, vector] of vectors.entries())
      this.#known.set(keyOf(texts[at] ?? ""), Float32Array.from(vector));
    return true;
  }
}

function headerOf(size: number): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.write(magic, "latin1");
  head.writeUInt8(version, magic.length);
  head.writeUInt32LE(size, 12);
  return head;
}

function recordOf(text: string, vector: Float32Array): Buffer {
  const numbers = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  const body = Buffer.concat([digestOf(text), numbers]);
  const sum = Buffer.alloc(sumBytes);
  sum.writeUInt32LE(crc32(body));
  return Buffer.concat([body, sum]);
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest().subarray(0, keyBytes);
}

function keyOf(text: string): string {
  return digestOf(text).toString("base64");
}

/** Reads the complete file; returns nothing if it is missing or too large. */
async function readFileAt(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openRegularFile(path).catch(() => null);
  if (file === null) return new Uint8Array(0);
  try {
    const { size } = await file.stat();
    if (size > maxFileBytes) return new Uint8Array(0);
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(maxReadBytes, size - at), at);
      if (bytesRead === 0) return bytes.slice(0, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Embeds texts as vectors. */
export interface Embedder {
  /** Identifies the model; vectors of different models cannot be compared. */
  readonly name: string;
  /** Whether the vectors must be centered before comparison. */
  readonly needsCentering: boolean;
  /** Prefix for each kind of text. */
  readonly prefixes: { readonly question: string; readonly passage: string };
  /** Texts per batch; a kill loses at most one batch. */
  readonly batchTexts: number;
  /**
   * Embeds each text as a vector of fixed size. Vectors are stored as they arrive, so that a later failure does not
   * lose them.
   */
  embed(texts: readonly string[], keep: StoreVectors): Promise<void>;
}

/** Stores vectors of some of the texts. */
export type StoreVectors = (texts: readonly string[], vectors: readonly Float32Array[]) => Promise<void>;

/** Prefixes from a recipe; `null` for the model's own. */
export interface PrefixOverrides {
  readonly queryPrefix: string | null;
  readonly passagePrefix: string | null;
}

/** Creates an embedder for a model in a folder. */
export function folderEmbedder(
  model: TextEmbedder,
  overrides: PrefixOverrides,
  signal: AbortSignal,
): Embedder {
  return {
    name: `model ${model.fingerprint}`,
    needsCentering: false,
    batchTexts: 256,
    prefixes: {
      question: overrides.queryPrefix ?? model.prompts.question,
      passage: overrides.passagePrefix ?? model.prompts.passage,
    },
    embed: async (texts, keep) => keep(texts, splitVectors(await model.embed(texts, { signal }), model.size)),
  };
}

/** Splits a flat `[n, size]` array into vectors. */
export function splitVectors(flat: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: flat.length / size }, (_, at) => flat.subarray(at * size, (at + 1) * size));
}
