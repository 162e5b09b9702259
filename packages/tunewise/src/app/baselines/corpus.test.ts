import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Example } from "@tunewise/core/rows";
import { processTable } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { inflatingPdf } from "../../../../../test/support/hostile-files.ts";
import { loader } from "../../../../../test/support/program.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { type Embedder, splitVectors, VectorCache } from "../../prepare/index.ts";
import { defaultRetrieval } from "../../recipe/index.ts";
import { findDocuments, leakedRows, matches, openCorpus, openDocumentReader } from "./corpus.ts";
import { createFinder, lexicalFinder, passageTexts } from "./finder.ts";

const folder = temporaryFolder();
mkdirSync(join(folder, "docs"));
const write = (name: string, text: string | Uint8Array): void =>
  writeFileSync(join(folder, "docs", name), text);
write("refunds.md", "# Refunds\n\nA refund takes five days after we have the parcel.\n");
write("shipping.md", "# Shipping\n\nParcels leave within two days.\n");
write("broken.pdf", "%PDF-1.7 nothing more");

/** The sources are TypeScript, so Node needs their loader. */
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

/** Embeds texts by letter counts. All vectors share one large component, so they need centering. */
const letters: Embedder = {
  name: "letters",
  needsCentering: true,
  batchTexts: 2,
  prefixes: { question: "", passage: "" },
  embed: async (texts, keep) => {
    const letter = (text: string, at: number): number =>
      100 + text.toLowerCase().split(String.fromCharCode(97 + at)).length;
    const numbers = texts.flatMap((text) => Array.from({ length: 26 }, (_, at) => letter(text, at)));
    await keep(texts, splitVectors(Float32Array.from(numbers), 26));
  },
};

const quiet = { before: () => undefined, onTexts: () => undefined };
const host = { processes: processTable(process), now: () => new Date(), random: Math.random };

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

test("hybrid and feedback find passages by words that the question does not have, lexical does not", async () => {
  const corpus = await open();
  if (!corpus) throw new Error("no corpus");
  const found = async (method: "lexical" | "feedback" | "hybrid"): Promise<readonly number[]> =>
    lexicalFinder(corpus, { method })("refund", 100);
  const plain = await found("lexical");
  expect((await found("hybrid")).length).toBeGreaterThan(plain.length);
  expect(await found("hybrid")).toEqual(await found("feedback"));
});

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
    file: "t.jsonl",
    row: 1,
    line: 1,
  });
  const corpus = await open();
  const leak = leakedRows(corpus, [
    row("How long does my refund take this time?", "It takes five long days."),
    row("When is the money back on my account?", "It takes five long days."),
  ]);
  expect(leak).toMatchObject([{ code: "ARM_CORPUS_LEAK", severity: "error", count: 1 }]);
});

test("folders give their documents, patterns what fits, files themselves; nothing hidden, no links", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "docs/deep/.hidden"), { recursive: true });
  for (const name of ["docs/a.md", "docs/b.exe", "docs/deep/c.html", "docs/deep/.hidden/d.md", "e.csv"])
    writeFileSync(join(folder, name), "x");
  symlinkSync("/etc", join(folder, "docs/link"));
  const names = async (...words: string[]) => (await findDocuments(words, folder)).map(({ name }) => name);
  expect(await names("docs")).toEqual(["docs/a.md", "docs/deep/c.html"]);
  expect(await names("docs/**/*.html", "e.csv")).toEqual(["docs/deep/c.html", "e.csv"]);
  expect(await names("docs/*.md", "docs/a.md")).toEqual(["docs/a.md"]);
  await expect(names("docs", "nothing/*.md")).rejects.toMatchObject({ code: "DOCUMENTS_NOT_FOUND" });
});

test.each([
  ["a/b/c.md", "**/*.md", true],
  ["c.md", "**/*.md", true],
  ["a/c.md", "*.md", false],
  ["abc", "a*c", true],
  ["a".repeat(300), `${"a*".repeat(100)}b`, false],
])("%s against %s: %s", (path, pattern, fits) => {
  expect(matches(path, pattern)).toBe(fits);
});

const openReader = () => {
  const reader = openDocumentReader([process.execPath, "--import", loader]);
  onTestFinished(() => reader.close());
  return reader;
};

test("a PDF that inflates without end is a finding, and the next document is read", {
  timeout: 90_000,
}, async () => {
  const reader = openReader();
  const bomb = await reader.read("bomb.pdf", inflatingPdf());
  expect(bomb).toMatchObject({
    document: null,
    findings: [{ code: "DOCUMENT_TOO_COSTLY", severity: "warning" }],
  });
  expect(bomb.findings[0]?.detail).toMatch(/after (5 s without finishing|512 MiB of memory)/);
  const page = await reader.read("a.html", new TextEncoder().encode("<h1>Start</h1><p>Plug it in."));
  expect(page.document?.sections.length).toBeGreaterThan(0);
});

test("kinds of our own are read right here, without a process", async () => {
  const reader = openDocumentReader(["/nowhere/node"]);
  const { document } = await reader.read("a.md", new TextEncoder().encode("# Start\n\nPlug it in."));
  expect(document?.kind).toBe("markdown");
  const { findings } = await reader.read("a.html", new TextEncoder().encode("<p>x"));
  expect(findings).toMatchObject([{ code: "DOCUMENT_UNREADABLE" }]);
});
