import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loader } from "../../../test/support/program.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { Example } from "../../dataset/index.ts";
import { defaultRetrieval } from "../../recipe/index.ts";
import { processTable } from "../../track/index.ts";
import { leakedRows, openCorpus } from "./corpus.ts";
import { type Embedder, splitVectors } from "./embedder.ts";
import { createFinder, lexicalFinder, passageTexts } from "./finder.ts";
import { VectorCache } from "./vector-cache.ts";

const folder = temporaryFolder();
mkdirSync(join(folder, "docs"));
const write = (name: string, text: string | Uint8Array): void =>
  writeFileSync(join(folder, "docs", name), text);
write("refunds.md", "# Refunds\n\nA refund takes five days after we have the parcel.\n");
write("shipping.md", "# Shipping\n\nParcels leave within two days.\n");
write("broken.pdf", "%PDF-1.7 nothing more");

/** Sources need their loader. */
const node = [process.execPath, "--import", loader];
const open = () =>
  openCorpus({ ...defaultRetrieval, documents: ["docs"] }, { folder, output: join(folder, "out"), node });

test("documents become passages; one that cannot be read is a finding; the index is used again", async () => {
  const first = await open();
  expect(first?.documents).toBe(2);
  expect(first?.findings.map(({ code }) => code)).toEqual(["DOCUMENT_UNREADABLE"]);
  const again = await open();
  expect(again?.fingerprint).toBe(first?.fingerprint);
  const index = join(folder, "out/retrieval");
  const [name = ""] = readdirSync(index);
  writeFileSync(join(index, name), "damaged");
  expect((await open())?.fingerprint).toBe(first?.fingerprint);
  rmSync(index, { recursive: true });
  expect(await openCorpus(defaultRetrieval, { folder, output: folder, node })).toBeNull();
});

/** Vectors of letters, all of them far from the origin in one direction. */
const letters: Embedder = {
  ...{ name: "letters", needsCentering: true, batchTexts: 2, prefixes: { question: "", passage: "" } },
  embed: async (texts, keep) => {
    const letter = (text: string, at: number): number =>
      100 + text.toLowerCase().split(String.fromCharCode(97 + at)).length;
    const numbers = texts.flatMap((text) => Array.from({ length: 26 }, (_, at) => letter(text, at)));
    await keep(texts, splitVectors(Float32Array.from(numbers), 26));
  },
};

const quiet = { before: () => undefined, onTexts: () => undefined };
const host = { processes: processTable(process), now: () => new Date() };

test.each(["lexical", "feedback", "dense", "hybrid"] as const)(
  "%s finds the passage that is meant",
  async (method) => {
    const corpus = await open();
    if (!corpus) throw new Error("no corpus");
    const vectors = /dense|hybrid/.test(method) ? await VectorCache.open(letters, corpus.folder) : null;
    await vectors?.embedMissing(passageTexts(corpus.index), quiet, host);
    const find = createFinder(corpus, { ...defaultRetrieval, method }, vectors);
    const [best] = await find("A refund takes five days after we have the parcel", 1);
    expect(corpus.index.passages[best ?? -1]?.document).toBe("docs/refunds.md");
  },
);

test("the first passages are put in order anew, and the others stay behind them", async () => {
  const corpus = await open();
  if (!corpus) throw new Error("no corpus");
  const settings = { ...defaultRetrieval, rerank: { model: "m", passages: 2 } };
  const question = "parcel parcels refund days";
  const before = await lexicalFinder(corpus, settings)(question, 3);
  const byLength = {
    score: async (_: string, texts: readonly string[]) => Float32Array.from(texts, (_one, at) => at),
  };
  const find = createFinder(corpus, settings, null, byLength);
  expect(before.length).toBeGreaterThan(1);
  expect(await find(question, 3)).toEqual([before[1], before[0], ...before.slice(2)]);
  expect(await find(question, 1)).toEqual([before[1]]);
});

test("test rows that stand in a document with their answers are said; an answer alone is not", async () => {
  write("faq.md", "# FAQ\n\nHow long does my refund take this time? It takes five long days.\n");
  const row = (question: string, answer: string): Example => ({
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ],
    ...{ file: "t.jsonl", row: 1, line: 1 },
  });
  const corpus = await open();
  const leak = leakedRows(corpus, [
    row("How long does my refund take this time?", "It takes five long days."),
    row("When is the money back on my account?", "It takes five long days."),
  ]);
  expect(leak).toMatchObject([{ code: "ARM_CORPUS_LEAK", severity: "error", count: 1 }]);
});
