import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { TunewiseError } from "../../problem/index.ts";
import { openSafetensors } from "./safetensors.ts";
import { writeSafetensors } from "./write.ts";

const folder = temporaryFolder();

/** A file with this header text and this many bytes of data. */
function fileOf(name: string, header: string | object, dataBytes: number, length?: bigint): string {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([size, text, Buffer.alloc(dataBytes, 1)]));
  return path;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (TunewiseError.is(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

function entry(shape: readonly number[], from: number, to: number, dtype = "F32"): object {
  return { dtype, shape, data_offsets: [from, to] };
}

describe("writing and reading", () => {
  it("gives back names, shapes and values to the bit", async () => {
    const path = join(folder, "round.safetensors");
    const tensor = fc.record({
      name: fc.string({ minLength: 1, maxLength: 12 }).filter((name) => name !== "__metadata__"),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
      seed: fc.float({ noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 }),
        async (specs) => {
          const tensors = specs.map(({ name, shape, seed }) => {
            const count = shape.reduce((a, b) => a * b, 1);
            return { name, shape, data: Float32Array.from({ length: count }, (_, i) => seed * (i + 1)) };
          });
          await writeSafetensors(path, tensors, { format: "pt" });
          const files = await openSafetensors(path);
          expect([...files.weights.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
          for (const { name, shape, data } of tensors) {
            expect(files.weights.get(name)).toEqual({ name, shape, stored: "F32" });
            expect(await files.read(name)).toEqual(data);
          }
          await files.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("gives equal bytes for equal tensors in any order, aligned to 8", async () => {
    const a = { name: "a", shape: [1], data: Float32Array.of(1) };
    const b = { name: "b", shape: [2], data: Float32Array.of(2, 3) };
    await writeSafetensors(join(folder, "ab.safetensors"), [a, b]);
    await writeSafetensors(join(folder, "ba.safetensors"), [b, a]);
    const bytes = readFileSync(join(folder, "ab.safetensors"));
    expect(bytes.equals(readFileSync(join(folder, "ba.safetensors")))).toBe(true);
    expect(Number(bytes.readBigUInt64LE()) % 8).toBe(0);
  });

  it("writes a view's own values, not its whole buffer", async () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    await writeSafetensors(join(folder, "view.safetensors"), [{ name: "v", shape: [2], data }]);
    const files = await openSafetensors(join(folder, "view.safetensors"));
    expect([...(await files.read("v"))]).toEqual([2, 3]);
    await files.close();
  });

  it("refuses a shape that is not the data's", async () => {
    const wrong = { name: "x", shape: [3], data: Float32Array.of(1) };
    await expect(writeSafetensors(join(folder, "x.safetensors"), [wrong])).rejects.toThrow("Internal");
  });

  it("fingerprints content and names", async () => {
    const print = async (name: string, value: number): Promise<string> => {
      const path = join(folder, "print.safetensors");
      await writeSafetensors(path, [{ name, shape: [1], data: Float32Array.of(value) }]);
      const files = await openSafetensors(path);
      const result = await files.fingerprint();
      await files.close();
      return result;
    };
    const first = await print("a", 1);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await print("a", 1)).toBe(first);
    expect(await print("a", 2)).not.toBe(first);
    expect(await print("b", 1)).not.toBe(first);
  });
});

describe("a lying header", () => {
  const f = entry([2], 0, 8);
  it.each<[string, string | object, number, string]>([
    ["no JSON", "{", 0, "MODEL_FILE_DAMAGED"],
    ["no object", "[]", 0, "not a JSON object"],
    ["data beyond the end", { a: entry([4], 0, 16) }, 8, "which has 8"],
    ["data after the tensors", { a: f }, 9, "its tensors end at byte"],
    ["a gap", { a: f, b: entry([1], 12, 16) }, 16, "gap before b"],
    ["an overlap", { a: f, b: entry([2], 4, 12) }, 12, "b overlaps"],
    ["a shape of another size", { a: entry([3], 0, 8) }, 8, "shape [3] of F32, but 8 bytes"],
    ["a product beyond 2^53", { a: entry([2 ** 40, 2 ** 40], 0, 8) }, 8, "but 8 bytes"],
    ["a negative axis", { a: entry([-2, -1], 0, 8) }, 8, "no valid shape"],
    ["a fractional axis", { a: entry([0.5, 4], 0, 8) }, 8, "no valid shape"],
    ["too many axes", { a: entry([2, 1, 1, 1, 1, 1, 1, 1, 1], 0, 8) }, 8, "no valid shape"],
    ["backward offsets", { a: entry([2], 8, 0) }, 8, "lies at bytes 8 to 0"],
    [
      "offsets that are no pair",
      { a: { dtype: "F32", shape: [], data_offsets: [0] } },
      0,
      "no valid offsets",
    ],
    ["an unknown type", { a: entry([2], 0, 8, "F33") }, 8, "unknown type F33"],
    ["a type off the prototype", { a: entry([2], 0, 8, "constructor") }, 8, "unknown type"],
    ["an entry that is no object", { a: 7 }, 0, "is not an object"],
    ["metadata of numbers", { __metadata__: { n: 1 } }, 0, "is not a string"],
    ["metadata that is a list", { __metadata__: [] }, 0, "is not an object"],
    ["an fp8 weight", { "a.weight": entry([2], 0, 2, "F8_E4M3") }, 2, "MODEL_WEIGHT_TYPE_UNSUPPORTED"],
  ])("with %s is refused", async (_, header, bytes, expected) => {
    expect(await codeOf(openSafetensors(fileOf("lie.safetensors", header, bytes)))).toContain(expected);
  });

  it.each<[bigint, string]>([
    [2n ** 63n, "MODEL_FILE_LIMIT"],
    [100_000_001n, "MODEL_FILE_LIMIT"],
    [50_000_000n, "should take 50000000 bytes"],
  ])("of length %s is refused before it is read", async (length, expected) => {
    expect(await codeOf(openSafetensors(fileOf("long.safetensors", {}, 8, length)))).toContain(expected);
  });

  it("may not be cut anywhere", async () => {
    await writeSafetensors(join(folder, "whole.safetensors"), [
      { name: "a", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    ]);
    const whole = readFileSync(join(folder, "whole.safetensors"));
    const path = join(folder, "cut.safetensors");
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect([length, await codeOf(openSafetensors(path))]).toEqual([
        length,
        expect.stringContaining("MODEL_FILE_"),
      ]);
    }
  });

  it("may be changed anywhere without anything worse than a clear error", async () => {
    const whole = readFileSync(join(folder, "whole.safetensors"));
    const path = join(folder, "changed.safetensors");
    for (let at = 0; at < whole.length - 16; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (whole[at] ?? 0) ^ 0x11;
      writeFileSync(path, changed);
      const work = openSafetensors(path).then((files) => files.close());
      expect(await codeOf(work)).toMatch(/^(no error|MODEL_)/);
    }
  });

  it("leaves out integer buffers and keeps names off the prototype", async () => {
    const header =
      '{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"m":{"dtype":"I64","shape":[],"data_offsets":[4,12]}}';
    const files = await openSafetensors(fileOf("odd.safetensors", header, 12));
    expect([...files.weights.keys()]).toEqual(["__proto__"]);
    await files.close();
  });
});

describe("a sharded model", () => {
  async function shards(index: unknown): Promise<string> {
    const place = join(folder, "shards");
    mkdirSync(place, { recursive: true });
    const one = (name: string, value: number) => ({ name, shape: [1], data: Float32Array.of(value) });
    await writeSafetensors(join(place, "model-00001-of-00002.safetensors"), [one("a", 1), one("b", 2)]);
    await writeSafetensors(join(place, "model-00002-of-00002.safetensors"), [one("c", 3)]);
    const path = join(place, "model.safetensors.index.json");
    writeFileSync(path, typeof index === "string" ? index : JSON.stringify({ weight_map: index }));
    return path;
  }
  const first = "model-00001-of-00002.safetensors";
  const second = "model-00002-of-00002.safetensors";

  it("is read across its files", async () => {
    const files = await openSafetensors(await shards({ a: first, b: first, c: second }));
    const values = await Promise.all(["a", "b", "c"].map((name) => files.read(name)));
    expect(values.map((value) => value[0])).toEqual([1, 2, 3]);
    await files.close();
  });

  it.each<[string, unknown, string]>([
    ["that leads out of the folder", { a: "../model.safetensors" }, "MODEL_FILE_DAMAGED"],
    ["that is absolute", { a: "/etc/model.safetensors" }, "MODEL_FILE_DAMAGED"],
    ["that is hidden", { a: ".model.safetensors" }, "MODEL_FILE_DAMAGED"],
    ["that is a pickle", { a: "pytorch_model.bin" }, "MODEL_FILE_DAMAGED"],
    ["that is not there", { a: "model-00003-of-00002.safetensors" }, "MODEL_FILE_MISSING"],
    ["without the weight", { a: first, z: second }, "which does not contain it"],
    ["other than the weight's", { a: second, b: first, c: second }, "not in model-00002"],
  ])("is refused if its index names a file %s", async (_, map, expected) => {
    expect(await codeOf(openSafetensors(await shards(map)))).toContain(expected);
  });

  it("is refused without a weight map", async () => {
    expect(await codeOf(openSafetensors(await shards('{"weight_map":[]}')))).toContain("no weight_map");
  });
});

describe("what is not there", () => {
  it("is named", async () => {
    const missing = await codeOf(openSafetensors(join(folder, "none.safetensors")));
    expect(missing).toContain("MODEL_FILE_MISSING");
    expect(missing).toContain("has no none.safetensors");
    expect(await codeOf(openSafetensors(folder))).toContain("it is a folder, not a file");
  });

  it("is answered with the nearest weight", async () => {
    const path = join(folder, "near.safetensors");
    await writeSafetensors(path, [{ name: "model.norm.weight", shape: [1], data: Float32Array.of(1) }]);
    const files = await openSafetensors(path);
    const error = await codeOf(files.read("model.norms.weight"));
    expect(error).toBe(
      "MODEL_WEIGHT_MISSING: The model's files contain no weight model.norms.weight; the closest name is model.norm.weight",
    );
    await files.close();
  });
});
