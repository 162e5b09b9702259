/** @file What the parts of a check leave for each other: values in files, each whole or not there. */
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { replaceFile } from "../../../files/index.ts";
import { readRegularFile } from "../../../untrusted/index.ts";

/** More than a block of rows can become. */
const maxValueBytes = 4 * 2 ** 30;

/** The folder of a check. */
export class StoredValues {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes a value. @param name a path in the folder */
  async write(name: string, value: unknown): Promise<void> {
    await this.writeBytes(name, serialize(value));
  }

  async writeBytes(name: string, content: Uint8Array | Iterable<string>): Promise<void> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    // a task that was believed to be lost may still write the same
    await replaceFile(path, content, { isShared: true });
  }

  /** Reads a value that `write` wrote. */
  async read<Value>(name: string): Promise<Value> {
    return deserialize(await readRegularFile(join(this.folder, name), maxValueBytes)) as Value;
  }

  /** Reads values one after the other. */
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
