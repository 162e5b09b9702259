/**
 * @file Test rows that nobody can look at before the last comparison; each look is noted down.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Example } from "../../dataset/index.ts";
import { appendLines, errorReason } from "../../files/index.ts";
import { problem } from "../../problem/index.ts";
import type { TestSetAccess } from "../../report/index.ts";
import { readRegularFile } from "../../untrusted/index.ts";

/** Most bytes read of the list of looks; some hundred thousand of them. */
const listMost = 64 * 1024 * 1024;

/**
 * Rows behind a door. What chooses (numbers of examples, passages, prompts) is never handed the open rows, so that a
 * choice cannot rest on them.
 */
export class HeldOutTestSet {
  readonly #rows: readonly Example[];
  readonly count: number;
  /** SHA-256 of the rows. */
  readonly fingerprint: string;

  constructor(rows: readonly Example[], fingerprint: string) {
    this.#rows = rows;
    this.count = rows.length;
    this.fingerprint = fingerprint;
  }

  /**
   * Opens the rows, after the look has been written down.
   *
   * @param output folder of runs; the list is `unsealed.jsonl` in it
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; then the rows stay shut
   * @returns the rows, and the looks of other runs before
   */
  async open(
    output: string,
    run: string,
    time: string,
  ): Promise<{ readonly rows: readonly Example[]; readonly before: readonly TestSetAccess[] }> {
    const path = join(output, "unsealed.jsonl");
    const before = (await readUnsealings(path)).filter((look) => look.rows === this.fingerprint);
    if (!before.some((look) => look.run === run)) {
      const look: TestSetAccess = { time, run, rows: this.fingerprint, count: this.count };
      await mkdir(output, { recursive: true });
      await appendLines(path, `${JSON.stringify(look)}\n`).catch((cause: unknown) => {
        throw problem(
          "RUN_FILE_WRITE_FAILED",
          { path, folder: output, reason: errorReason(cause) },
          { cause },
        );
      });
    }
    return { rows: this.#rows, before: before.filter((look) => look.run !== run) };
  }
}

async function readUnsealings(path: string): Promise<TestSetAccess[]> {
  const bytes = await readRegularFile(path, listMost).catch(() => null);
  if (bytes === null) return [];
  return bytes
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        const look = JSON.parse(line) as Partial<TestSetAccess>;
        const isWhole = [look.time, look.run, look.rows].every((one) => typeof one === "string");
        return isWhole && typeof look.count === "number" ? [look as TestSetAccess] : [];
      } catch {
        return []; // a line cut off by a full disk says nothing
      }
    });
}
