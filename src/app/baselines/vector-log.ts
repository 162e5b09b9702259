/**
 * @file Append-only file of embedding vectors, so that none is made or paid for twice. A record truncated by a kill
 * is made again.
 *
 * One file per model, independent of documents: a changed document costs only the vectors of its changed passages.
 *
 *     16 bytes "TWVECTORS", version, D · then for each text: 16 bytes of its SHA-256 · D float32 · CRC-32 of both
 */
import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { MAX_VECTOR_SIZE } from "../../retrieve/index.ts";
import { openRegularFile } from "../../untrusted/index.ts";

const magic = "TWVECTORS";
const version = 1;
const [headerBytes, keyBytes, sumBytes] = [16, 16, 4];

/** Size limit of the file; vectors beyond it are made again. */
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

  /** Opens or creates a file. Records after a damaged one are dropped. */
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
   * @returns `false` if their size differs from the earlier ones; then none is stored
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
    // not appended: a truncated record is overwritten, and another process would have written the same
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

/** Reads the complete file; empty if it is missing or too large. */
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
