import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processTable, takeLock } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { type Embedder, textsWithoutVectors, VectorCache } from "./vector-cache.ts";

const folder = temporaryFolder();
const processes = processTable(process);
const host = { processes, now: () => new Date(), random: Math.random };
const quiet = { before: () => undefined, onTexts: () => undefined };

/** An embedder whose vectors contain the text's length, and the texts that it was asked for. */
function lengths(name: string, size = 3): { readonly embedder: Embedder; readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    embedder: {
      name,
      needsCentering: false,
      batchTexts: 2,
      prefixes: { question: "q: ", passage: "p: " },
      embed: async (texts, keep) => {
        asked.push(...texts);
        await keep(
          texts,
          texts.map((text) => new Float32Array(size).fill(text.length)),
        );
      },
    },
  };
}

const fileOf = (place: string): string => join(place, readdirSync(place)[0] ?? "", "vectors.bin");

test("vectors are made once, with their prefixes, whatever process asks again and whatever is added", async () => {
  const place = join(folder, "once");
  const first = lengths("m");
  const vectors = await VectorCache.open(first.embedder, place);
  const seen: number[] = [];
  await vectors.embedMissing(["a", "bb", "a", "ccc"], { ...quiet, onTexts: (done) => seen.push(done) }, host);
  expect(first.asked).toEqual(["p: a", "p: bb", "p: ccc"]);
  expect(seen).toEqual([1, 3, 4]);
  expect([...vectors.passages(["ccc", "a"])]).toEqual([6, 6, 6, 4, 4, 4]);
  expect([...(await vectors.question("a"))]).toEqual([4, 4, 4]);
  const again = lengths("m");
  const later = await VectorCache.open(again.embedder, place);
  await later.embedMissing(["bb", "new", "ccc"], quiet, host);
  await later.question("a");
  expect(again.asked).toEqual(["p: new"]);
  expect(await textsWithoutVectors(again.embedder, place, ["bb", "other"])).toEqual(["p: other"]);
  const other = lengths("another model");
  expect(await textsWithoutVectors(other.embedder, place, ["bb"])).toEqual(["p: bb"]);
});

test("what another process made since the file was read is not made again, nor written over", async () => {
  const place = join(folder, "both");
  const [first, second] = [lengths("m"), lengths("m")];
  const earlier = await VectorCache.open(first.embedder, place);
  const later = await VectorCache.open(second.embedder, place);
  await earlier.embedMissing(["a", "bb"], quiet, host);
  await later.embedMissing(["bb", "ccc"], quiet, host);
  expect(second.asked).toEqual(["p: ccc"]);
  expect(await textsWithoutVectors(first.embedder, place, ["a", "bb", "ccc"])).toEqual([]);
});

test("what is made before an end stays, and a record that was cut off or damaged is made anew", async () => {
  const place = join(folder, "cut");
  const texts = ["a", "bb", "ccc", "dddd", "eeeee"];
  const first = lengths("m");
  let turns = 0;
  const before = (): void => {
    if (++turns === 3) throw new Error("spent");
  };
  const vectors = await VectorCache.open(first.embedder, place);
  await expect(vectors.embedMissing(texts, { ...quiet, before }, host)).rejects.toThrow("spent");
  const path = fileOf(place);
  truncateSync(path, statSync(path).size - 5);
  const second = lengths("m");
  await (await VectorCache.open(second.embedder, place)).embedMissing(texts, quiet, host);
  expect(second.asked).toEqual(["p: dddd", "p: eeeee"]);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60); // byte of the second record
  writeFileSync(path, bytes);
  const third = lengths("m");
  const mended = await VectorCache.open(third.embedder, place);
  await mended.embedMissing(texts, quiet, host);
  expect(third.asked).toEqual(["p: bb", "p: ccc", "p: dddd", "p: eeeee"]);
  expect([...mended.passages(["eeeee"])]).toEqual([8, 8, 8]);
});

test("a file of something else is begun anew; vectors of another size are refused in words", async () => {
  const place = join(folder, "size");
  await (await VectorCache.open(lengths("m").embedder, place)).embedMissing(["a"], quiet, host);
  const wide = await VectorCache.open(lengths("m", 4).embedder, place);
  await expect(wide.embedMissing(["a", "b"], quiet, host)).rejects.toMatchObject({
    code: "EMBEDDING_CHANGED",
  });
  writeFileSync(fileOf(place), "something else, and longer than a head");
  const { embedder, asked } = lengths("m", 4);
  const anew = await VectorCache.open(embedder, place);
  await anew.embedMissing(["a"], quiet, host);
  expect(asked).toEqual(["p: a"]);
  expect([...anew.passages(["a"])]).toEqual([4, 4, 4, 4]);
});

test("two processes do not make the same vectors at once", async () => {
  const place = join(folder, "lock");
  const { embedder } = lengths("m");
  const vectors = await VectorCache.open(embedder, place);
  await vectors.embedMissing(["a"], quiet, host);
  const lock = await takeLock(
    join(place, readdirSync(place)[0] ?? "", "lock"),
    processes,
    new Date(),
    "other",
  );
  await expect(vectors.embedMissing(["b"], quiet, host)).rejects.toMatchObject({ code: "RUN_LOCKED" });
  await vectors.embedMissing(["a"], quiet, host); // no text is missing, so no lock is needed
  await lock.release();
  await vectors.embedMissing(["b"], quiet, host);
});
