/** @file Offline files of W&B clients: complete, truncated, damaged and malicious. */
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readWandbFile, type WandbFilePart } from "./read-wandb-file.ts";

const encoder = new TextEncoder();

/** A varint; negative ones as 64 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

type Value = number | string | Uint8Array;

/** A message of fields. */
function message(...fields: readonly [field: number, value: Value][]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([field, value]) => {
      if (typeof value === "number") return [...varint(field * 8), ...varint(value)];
      const bytes = typeof value === "string" ? encoder.encode(value) : value;
      return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

const item = (key: string, json: string): Uint8Array => message([1, key], [16, json]);
const nested = (path: readonly string[], json: string): Uint8Array =>
  message(...path.map((name): [number, Value] => [2, name]), [16, json]);
const history = (...items: readonly Uint8Array[]): Uint8Array =>
  message([1, 7], [2, message(...items.map((one): [number, Value] => [1, one]))]);

/** A file of records, split into pieces at block boundaries. */
function fileOf(records: readonly Uint8Array[]): Uint8Array {
  const bytes: number[] = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0];
  for (const record of records) {
    let at = 0;
    for (let isFirst = true; ; isFirst = false) {
      const room = 32_768 - (bytes.length % 32_768);
      if (room < 7) {
        bytes.push(...new Array<number>(room).fill(0));
        continue;
      }
      const piece = record.subarray(at, at + room - 7);
      at += piece.length;
      const isLast = at === record.length;
      const type = isFirst ? (isLast ? 1 : 2) : isLast ? 4 : 3;
      const sum = crc32(Uint8Array.of(type, ...piece));
      bytes.push(sum & 255, (sum >>> 8) & 255, (sum >>> 16) & 255, sum >>> 24);
      bytes.push(piece.length & 255, piece.length >>> 8, type, ...piece);
      if (isLast) break;
    }
  }
  return Uint8Array.from(bytes);
}

async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 10_000): Promise<WandbFilePart[]> {
  const parts: WandbFilePart[] = [];
  for await (const part of readWandbFile(inParts(bytes, size))) parts.push(part);
  return parts;
}

const rows = (parts: readonly WandbFilePart[]): unknown[] =>
  parts.flatMap((part) => (part.kind === "history" ? [JSON.parse(part.row)] : []));

describe("records", () => {
  const cases: readonly [name: string, record: Uint8Array, expected: object][] = [
    ["header", message([21, message([1, message([1, "0.31.0"])])]), { kind: "header", producer: "0.31.0" }],
    [
      "run",
      message([
        17,
        message(
          ...([
            [1, "abc"],
            [2, "team"],
            [3, "tickets"],
            [4, message([1, item("lr", "0.1")])],
            [6, "night"],
            [7, "train"],
            [8, "a run"],
            [9, "why"],
            [10, "x"],
            [10, "y"],
            [12, "sweep"],
            [13, "host"],
            [17, message([1, 1_795_000_000], [2, 250_000_000])],
            [21, message([1, "https://git"], [2, "c0ffee"])],
          ] satisfies [number, Value][]),
        ),
      ]),
      {
        kind: "run",
        runId: "abc",
        entity: "team",
        project: "tickets",
        group: "night",
        jobType: "train",
        displayName: "a run",
        notes: "why",
        tags: ["x", "y"],
        sweepId: "sweep",
        host: "host",
        startedMs: 1_795_000_000_250,
        gitRemote: "https://git",
        gitCommit: "c0ffee",
        config: { update: [{ path: ["lr"], value: 0.1 }], remove: [] },
      },
    ],
    [
      "config",
      message([5, message([1, nested(["model", "rank"], "8")], [2, item("old", "")])]),
      { kind: "config", update: [{ path: ["model", "rank"], value: 8 }], remove: [["old"]] },
    ],
    [
      "summary",
      message([3, message([1, item("best", "NaN")])]),
      { kind: "summary", update: [{ path: ["best"], value: "NaN" }], remove: [] },
    ],
    [
      "alert",
      message([10, message([1, "Look"], [2, "the loss is NaN"], [3, "WARN"], [4, 60])]),
      { kind: "alert", title: "Look", text: "the loss is NaN", severity: "WARN" },
    ],
    [
      "stats",
      message([7, message([2, message([1, 5], [2, 500_000_000])], [3, item("cpu", "1.5")])]),
      { kind: "stats", row: '{"system.cpu":1.5,"_timestamp":5.5}' },
    ],
    [
      "output",
      message([13, message([1, 1], [2, message([1, 5])], [3, "hello\n"])]),
      { kind: "output", ms: 5000, isError: false, text: "hello\n" },
    ],
    [
      "files",
      message([6, message([1, message([1, "a.txt"])], [1, message([1, "b/c.txt"])])]),
      { kind: "files", paths: ["a.txt", "b/c.txt"] },
    ],
    ["exit", message([18, message([1, -1], [2, 60])]), { kind: "exit", exitCode: -1, runtimeSeconds: 60 }],
    [
      "environment",
      message([26, message([1, "Linux"], [5, "--lr"], [5, "0.1"], [18, "H100"], [19, 8], [25, "12.4"])]),
      {
        kind: "environment",
        os: "Linux",
        args: ["--lr", "0.1"],
        gpuType: "H100",
        gpuCount: 8,
        cudaVersion: "12.4",
      },
    ],
    ["a telemetry record", message([11, message([1, 1])]), { kind: "other", field: 11 }],
  ];
  test.each(cases)("%s", async (_, record, expected) => {
    expect(await read(fileOf([record]))).toEqual([expect.objectContaining(expected)]);
  });

  test("a row in both forms of keys, with its step", async () => {
    const plain = history(item("_step", "3"), item("loss", "0.5"), nested(["eval", "f1"], "NaN"));
    const counted = message([2, message([2, message([1, 4])], [1, item("__proto__", "1")])]);
    const [first, second] = await read(fileOf([plain, counted]));
    expect(first).toEqual({ kind: "history", row: '{"_step":3,"loss":0.5,"eval":{"f1":"NaN"}}' });
    expect(second).toEqual({ kind: "history", row: '{"_step":4,"__proto__":1}' });
  });
});

/** Rows of various lengths, some spanning several blocks. */
const someRows = fc.array(fc.tuple(fc.nat(1000), fc.constantFrom(0, 1, 10, 5_000, 40_000, 90_000)), {
  maxLength: 12,
});

function written(lengths: readonly (readonly [number, number])[]): { file: Uint8Array; expected: object[] } {
  const expected = lengths.map(([loss, length]) => ({ loss, text: "x".repeat(length) }));
  const records = expected.map(({ loss, text }) =>
    history(item("loss", String(loss)), item("text", JSON.stringify(text))),
  );
  return { file: fileOf(records), expected };
}

describe("files", () => {
  test("are read whole, whatever parts they come in", async () => {
    await fc.assert(
      fc.asyncProperty(someRows, fc.constantFrom(1_000, 32_768, 100_000), async (lengths, size) => {
        const { file, expected } = written(lengths);
        expect(rows(await read(file, size))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test("that are cut off give what came before the cut, and no damage", async () => {
    await fc.assert(
      fc.asyncProperty(someRows, fc.double({ min: 0, max: 1, noNaN: true }), async (lengths, share) => {
        const { file, expected } = written(lengths);
        const cut = Math.max(7, Math.floor(file.length * share));
        const parts = await read(file.subarray(0, cut));
        expect(rows(parts)).toEqual(expected.slice(0, rows(parts).length));
        expect(parts.every(({ kind }) => kind === "history")).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("with a wrong byte give records that were written, in their order", async () => {
    await fc.assert(
      fc.asyncProperty(
        someRows.filter((lengths) => lengths.length > 0),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (lengths, share, change) => {
          const { file, expected } = written(lengths);
          const at = 7 + Math.floor((file.length - 7) * share);
          file[at] = (file[at] ?? 0) ^ change;
          const found = rows(await read(file)).map((row) => JSON.stringify(row));
          const all = expected.map((row) => JSON.stringify(row));
          // In order, each at most as often as it was written.
          let from = 0;
          for (const row of found) {
            from = all.indexOf(row, from) + 1;
            expect(from).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("lose a block with a wrong byte, and go on with the next", async () => {
    const { file, expected } = written(Array.from({ length: 40 }, (_, at) => [at, 5_000] as const));
    file[40_000] = (file[40_000] ?? 0) ^ 1;
    const parts = await read(file);
    expect(parts.filter(({ kind }) => kind === "damage").length).toBeGreaterThan(0);
    expect(rows(parts).at(-1)).toEqual(expected.at(-1));
    expect(rows(parts).length).toBeGreaterThan(30);
  });

  test("that are none give nothing but damage", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        const parts = await read(bytes);
        expect(parts.every(({ kind }) => kind === "damage")).toBe(true);
      }),
    );
  });

  test("with records that are no messages say so", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
        expect(await read(fileOf([bytes]))).toHaveLength(1);
      }),
    );
    expect(await read(fileOf([Uint8Array.of(0x12, 0x7f, 1)]))).toEqual([{ kind: "damage", places: 1 }]);
  });
});
