/** @file Damaged, forged and incompatible archives are refused before anything is written. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { streamOf } from "../../../../test/support/artifact-port.ts";
import { fillStore } from "../../../../test/support/full-store.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { folderArtifacts } from "../artifacts/folder-artifacts.ts";
import { openAsIs, openDatabase } from "../open-store.ts";
import { schemaVersion, versionOf } from "../schema/schema.ts";
import { type ArchiveSink, openSink } from "./archive-sink.ts";
import { backUp } from "./back-up.ts";
import { type ArchivePart, type Manifest, names } from "./manifest.ts";
import { type Columns, lineOf, readPart, valuesOf } from "./part-writer.ts";
import { restore } from "./restore.ts";
import { schemaTables } from "./schema-tables.ts";
import { headerOf, NotAnArchive, readEntry } from "./tar.ts";
import { openArchive, verifyArchive } from "./verify-archive.ts";

const signal = new AbortController().signal;

/** A complete archive with rows and files, and its bytes. */
async function whole(): Promise<{ path: string; bytes: Buffer; manifest: Manifest }> {
  const folder = await temporaryFolder();
  const database = await openDatabase(":memory:");
  onTestFinished(() => database.close());
  await database.transaction((transaction) => fillStore(transaction));
  const artifacts = folderArtifacts(join(folder, "files"), () => "1");
  for (const key of ["0/a", "0/b", `${"x/".repeat(80)}ü`]) await artifacts.put(key, streamOf(key.repeat(9)));
  const path = join(folder, "a.tar");
  const sink = await openSink(path, "1");
  const manifest = await backUp({ database, artifacts, sink, tunewise: "0", createdAt: "then", signal });
  await sink.end();
  return { path, bytes: await readFile(path), manifest };
}

function verify(bytes: Buffer): Promise<unknown> {
  const read = async (at: number, length: number): Promise<Buffer> => bytes.subarray(at, at + length);
  return verifyArchive({ read, bytes: bytes.length }, { judge: () => undefined, onBytes: () => undefined });
}

/** Restores an archive into an empty store, asserts that nothing was written, and returns the error. */
async function refusal(path: string): Promise<unknown> {
  const folder = await temporaryFolder();
  const database = await openAsIs(join(folder, "store.sqlite"));
  onTestFinished(() => database.close());
  const artifacts = folderArtifacts(join(folder, "files"), () => "1");
  const archive = await openArchive(path);
  const failure = await restore({ path, archive, database, artifacts, signal }).then(
    () => "restored",
    (error: unknown) => error,
  );
  await archive.close();
  expect([await versionOf(database), await artifacts.list("")]).toEqual([0, []]);
  return failure;
}

test("a bit that is flipped anywhere is found, and so is a byte more or less", async () => {
  const { path, bytes } = await whole();
  await verify(bytes);
  // With this stride, the flipped bits fall into headers, contents and padding at varying offsets.
  for (let at = 0; at < bytes.length; at += 37) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    await expect(verify(damaged), `byte ${at}`).rejects.toBeInstanceOf(NotAnArchive);
  }
  for (const cut of [1, 511, 512, 1024, 1536, 5000, bytes.length - 512, bytes.length]) {
    await expect(verify(bytes.subarray(0, bytes.length - cut))).rejects.toBeInstanceOf(NotAnArchive);
  }
  await expect(verify(Buffer.concat([bytes, Buffer.alloc(1)]))).rejects.toBeInstanceOf(NotAnArchive);
  const half = Buffer.from(bytes);
  half[Math.floor(bytes.length / 3)] = 0xff;
  await writeFile(path, half);
  expect(await refusal(path)).toMatchObject({ code: "ARCHIVE_DAMAGED" });
});

/** An archive with a custom manifest and matching digests. */
async function forged(
  change: (manifest: Manifest) => unknown,
  before: (sink: ArchiveSink) => Promise<unknown> = async () => undefined,
): Promise<string> {
  const path = join(await temporaryFolder(), "forged.tar");
  const sink = await openSink(path, "1");
  await before(sink);
  const tables = (await schemaTables()).map(({ name, columns }) => ({
    name,
    columns: Object.keys(columns),
    rows: 0,
    parts: [],
  }));
  const manifest = change({
    format: "tunewise-archive",
    format_version: 1,
    tunewise: "0",
    created_at: "then",
    schema_version: schemaVersion,
    tables,
    files: null,
  });
  const text = Buffer.from(JSON.stringify(manifest));
  await sink.add(names.manifest, text);
  const digest = createHash("sha256").update(text).digest("hex");
  await sink.add(names.digest, Buffer.from(`${digest}  ${names.manifest}\n`));
  await sink.end();
  return path;
}

describe("what is forged is refused", () => {
  const other = (change: Partial<Manifest>) => (manifest: Manifest) => ({ ...manifest, ...change });
  test.each([
    ["an older schema", other({ schema_version: 1 }), { code: "ARCHIVE_VERSION", params: { found: 1 } }],
    ["a newer schema", other({ schema_version: 99 }), { code: "ARCHIVE_VERSION", params: { found: 99 } }],
    ["a newer format", other({ format_version: 2 }), { code: "ARCHIVE_VERSION", params: { found: 2 } }],
    ["version 0", other({ schema_version: 0 }), { code: "ARCHIVE_DAMAGED" }],
    ["no manifest", () => [1], { params: { reason: "its manifest is not one of tunewise" } }],
    ["a key more", (one: Manifest) => ({ ...one, more: 1 }), { code: "ARCHIVE_DAMAGED" }],
    ["no tables", other({ tables: [] }), { params: { reason: "it has no table projects" } }],
    [
      "a table of another name",
      (one: Manifest) => ({
        ...one,
        tables: [...one.tables, { name: "sqlite_schema; --", columns: ["sql"], rows: 0, parts: [] }],
      }),
      { params: { reason: "its tables are not those of its schema version" } },
    ],
    [
      "a column of another name",
      (one: Manifest) => ({
        ...one,
        tables: one.tables.map((table) => ({ ...table, columns: [...table.columns, "x"] })),
      }),
      { params: { reason: "its tables are not those of its schema version" } },
    ],
    [
      "files that are not there",
      other({ files: { count: 1, bytes: 1, lists: [] } }),
      { code: "ARCHIVE_DAMAGED" },
    ],
  ])("%s", async (_, change, expected) => {
    expect(await refusal(await forged(change))).toMatchObject(expected);
  });

  test.each(["../../etc/x", "/etc/x", "a/../../x", "a\\..\\x", "C:/x", "a//b"])(
    "a file that leads to %s",
    async (path) => {
      const archive = await forged(
        (manifest) => manifest,
        (sink) => sink.add(names.files + path, Buffer.from("x")),
      );
      expect(await refusal(archive)).toMatchObject({
        params: { reason: "the path of one of its files leads elsewhere" },
      });
    },
  );

  test.each([
    ["of another length", "[1]"],
    ["of another type", '["x","Default","active",0,0,null]'],
    ["that is no JSON", "["],
  ])("a row %s", async (_, line) => {
    const packed = gzipSync(`${line}\n`);
    const part: ArchivePart = {
      rows: 1,
      bytes: line.length + 1,
      packed_bytes: packed.length,
      sha256: createHash("sha256").update(packed).digest("hex"),
    };
    const path = await forged(
      (one) => ({
        ...one,
        tables: one.tables.map((table) =>
          table.name === "projects" ? { ...table, rows: 1, parts: [part] } : table,
        ),
      }),
      (sink) => sink.add(names.part("projects", 0), packed),
    );
    expect(await refusal(path)).toMatchObject({
      code: "ARCHIVE_DAMAGED",
      params: { reason: "a row of tables/projects/000001.jsonl.gz has no valid form" },
    });
  });
});

/** An archive with these lines as the only part of one table. */
function withRows(table: string, lines: readonly string[]): Promise<string> {
  const text = lines.map((line) => `${line}\n`).join("");
  const packed = gzipSync(text);
  const part: ArchivePart = {
    rows: lines.length,
    bytes: Buffer.byteLength(text),
    packed_bytes: packed.length,
    sha256: createHash("sha256").update(packed).digest("hex"),
  };
  return forged(
    (one) => ({
      ...one,
      tables: one.tables.map((about) =>
        about.name === table ? { ...about, rows: lines.length, parts: [part] } : about,
      ),
    }),
    (sink) => sink.add(names.part(table, 0), packed),
  );
}

test.each([
  "bucket:/a/../../b",
  "bucket:/a/%2e%2e/b",
  "bucket:/a/%2E%2E",
  "..",
  "file:///a/\u001b]52;c;x\u0007",
  "bucket:/%zz",
])("a project whose files would lie in %j is refused", async (root) => {
  const row = JSON.stringify([7, "mine", "active", 0, 0, root]);
  const reason = "a row of tables/projects/000001.jsonl.gz has an artifact_root that leads elsewhere";
  expect(await refusal(await withRows("projects", [row]))).toMatchObject({ params: { reason } });
});

test("money below zero is refused: it would lift a cap", async () => {
  const path = await withRows("purses", ['["a",0]', '["b",-1]']);
  const reason = "a row of tables/purses/000001.jsonl.gz has a negative spent_micro_usd";
  expect(await refusal(path)).toMatchObject({ params: { reason } });
});

test("a file that is in it twice is refused: the second would replace the first", async () => {
  const path = await forged(
    (manifest) => manifest,
    async (sink) => {
      await sink.add(`${names.files}0/a`, Buffer.from("first"));
      await sink.add(`${names.files}0/a`, Buffer.from("second"));
    },
  );
  expect(await refusal(path)).toMatchObject({ params: { reason: "the file 0/a is in it twice" } });
});

test("a part of nothing but line ends is read without a list of them", async () => {
  const content = Buffer.alloc(64 * 1024 ** 2, "\n");
  const packed = gzipSync(content);
  const sha256 = createHash("sha256").update(packed).digest("hex");
  const about = { rows: content.length, bytes: content.length, packed_bytes: packed.length, sha256 };
  const before = process.memoryUsage().heapUsed;
  const lines = (await readPart("ends", packed, about))[Symbol.iterator]();
  expect(lines.next()).toEqual({ done: false, value: "" });
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 1024 ** 2);
});

test("a part that unpacks into more than it says is not unpacked", async () => {
  const packed = gzipSync(Buffer.alloc(200 * 1024 ** 2));
  const sha256 = createHash("sha256").update(packed).digest("hex");
  const before = process.memoryUsage().arrayBuffers;
  const part = { rows: 1, bytes: 1000, packed_bytes: packed.length, sha256 };
  await expect(readPart("bomb", packed, part)).rejects.toThrow("does not hold what the manifest says");
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 ** 2);
});

test.each(["nowhere.tar", "."])("%s is no archive", async (name) => {
  await expect(openArchive(join(await temporaryFolder(), name))).rejects.toMatchObject({
    code: "ARCHIVE_DAMAGED",
  });
});

test.each([
  ["a", 0],
  ["x".repeat(100), 512],
  ["x".repeat(101), 1],
  ["ü 漢字", 8 ** 11 - 1],
  ["large", 8 ** 11],
  ["y".repeat(2000), 2 ** 52],
])("the header of %.20s is read again", async (name, bytes) => {
  const header = headerOf(name, bytes);
  const read = async (at: number, length: number): Promise<Buffer> =>
    Buffer.concat([header.subarray(at, at + length), Buffer.alloc(at >= header.length ? length : 0)]);
  const entry = await readEntry(read, 0, Number.MAX_SAFE_INTEGER);
  expect(entry).toMatchObject({ name, bytes, at: header.length });
});

test("values come back to the last bit", () => {
  const columns: Columns = { i: "integer", r: "real", t: "text" };
  for (const [i, r, t] of [
    ["9223372036854775807", -0, "\u0000\ud7ff\n"],
    [-(2 ** 53 - 1), Number.NaN, ""],
    ["-9223372036854775808", Number.NEGATIVE_INFINITY, null],
    [null, 5e-324, "x"],
  ] as const) {
    expect(valuesOf(columns, lineOf(columns, { i, r, t }))).toEqual([i, r, t]);
  }
  for (const line of [
    '[1,2,"\\ud800"]',
    "[1.5,2,null]",
    '["9223372036854775808",2,null]',
    '[1,"1",null]',
    "{}",
  ])
    expect(valuesOf(columns, line), line).toBeNull();
});
