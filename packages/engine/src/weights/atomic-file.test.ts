import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TunewiseError } from "../problem/index.ts";
import { writeFileAtomically, writeProblem } from "./atomic-file.ts";

const folder = temporaryFolder();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("writing a file", () => {
  it("makes its folder, replaces what was there and leaves nothing beside it", async () => {
    const path = join(folder, "deep", "er", "file.bin");
    await writeFileAtomically(path, [bytes("one ")]);
    await writeFileAtomically(path, [bytes("two "), bytes("three")]);
    expect(readFileSync(path, "utf8")).toBe("two three");
    expect(readdirSync(join(folder, "deep", "er"))).toEqual(["file.bin"]);
  });

  it("keeps the old file while the new one is made, and when making it fails", async () => {
    const path = join(folder, "kept.bin");
    writeFileSync(path, "old");
    const during: string[] = [];
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytes("half of the ");
      during.push(readFileSync(path, "utf8"));
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    }
    const error = await writeFileAtomically(path, failing()).catch((caught: unknown) => caught);
    expect(TunewiseError.is(error) && error.message).toBe(
      `${path}: no space left on the disk; an earlier version of it, if any, is unchanged`,
    );
    expect([readFileSync(path, "utf8"), during]).toEqual(["old", ["old"]]);
    expect(readdirSync(folder).filter((name) => name.startsWith(".writing-"))).toEqual([]);
  });

  it("passes errors that are not the disk's", async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first chunk, which is the point.
    async function* aborted(): AsyncGenerator<Uint8Array> {
      throw new Error("stopped by the user");
    }
    const path = join(folder, "never.bin");
    await expect(writeFileAtomically(path, aborted())).rejects.toThrow("stopped by the user");
    expect(existsSync(path)).toBe(false);
  });

  it("names a folder that cannot be made", async () => {
    writeFileSync(join(folder, "plain"), "");
    const work = writeFileAtomically(join(folder, "plain", "file"), [bytes("x")]);
    await expect(work).rejects.toMatchObject({ code: "MODEL_FILE_WRITE_FAILED" });
  });

  it.each([
    ["ENOSPC", "no space left on the disk"],
    ["EACCES", "permission denied"],
    ["EROFS", "the file system is read-only"],
    ["EIO", "the disk reported an error"],
    ["EXDEV", "EXDEV"],
  ])("words %s", (code, words) => {
    const error = writeProblem("f", Object.assign(new Error(code), { code }));
    expect(TunewiseError.is(error) && error.message).toContain(`f: ${words};`);
  });
});
