/** @file Values that the tasks of a check pass to each other in files. A file is either complete or missing. */
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { replaceFile } from "@tunewise/core/files";
import { openRegularFile, readRegularFile } from "@tunewise/core/untrusted";

/** Maximum size of a value; a block of rows never becomes this large. */
const maxValueBytes = 4 * 2 ** 30;

/** Values in the folder of a check. */
export class StoredValues {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes a value. @param name a path within the folder */
  async write(name: string, value: unknown): Promise<void> {
    await this.writeBytes(name, serialize(value));
  }

  /** Writes one value per reader into a single file: first the offsets, then the values. */
  async writeParts(name: string, values: readonly unknown[]): Promise<void> {
    const parts = values.map((value) => serialize(value));
    const head = new Float64Array(parts.length + 1);
    head[0] = head.byteLength;
    for (const [at, { length }] of parts.entries()) head[at + 1] = (head[at] as number) + length;
    await this.writeBytes(name, [new Uint8Array(head.buffer), ...parts]);
  }

  /** Reads one reader's part of a file that `writeParts` wrote. */
  async readPart<Value>(name: string, index: number): Promise<Value> {
    const file = await openRegularFile(join(this.folder, name));
    try {
      const ends = new Float64Array(2);
      await file.read(
        new Uint8Array(ends.buffer),
        0,
        ends.byteLength,
        index * Float64Array.BYTES_PER_ELEMENT,
      );
      const [from = 0, to = 0] = ends;
      const part = Buffer.allocUnsafe(to - from);
      for (let at = 0; at < part.length; ) {
        const { bytesRead } = await file.read(part, at, part.length - at, from + at);
        if (bytesRead === 0) throw new Error(`Internal: ${name} is cut off`);
        at += bytesRead;
      }
      return deserialize(part) as Value;
    } finally {
      await file.close();
    }
  }

  /** Reads one reader's parts of several files sequentially. */
  async readParts<Value>(name: string, files: number, index: number): Promise<Value[]> {
    const all: Value[] = [];
    for (let file = 0; file < files; file++) all.push(await this.readPart<Value>(`${name}/${file}`, index));
    return all;
  }

  async writeBytes(name: string, content: Uint8Array | Iterable<Uint8Array | string>): Promise<void> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, content);
  }

  /** Reads a value written by `write`. */
  async read<Value>(name: string): Promise<Value> {
    return deserialize(await readRegularFile(join(this.folder, name), maxValueBytes)) as Value;
  }

  /** Reads values sequentially. */
  async readAll<Value>(count: number, nameOf: (index: number) => string): Promise<Value[]> {
    const all: Value[] = [];
    for (let index = 0; index < count; index++) all.push(await this.read<Value>(nameOf(index)));
    return all;
  }

  async has(name: string): Promise<boolean> {
    return stat(join(this.folder, name)).then(
      () => true,
      () => false,
    );
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name), { recursive: true, force: true });
  }
}
