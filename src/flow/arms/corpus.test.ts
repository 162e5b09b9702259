import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { Example } from "../../dataset/index.ts";
import { usualRetrieval } from "../../recipe/index.ts";
import { openCorpus } from "./corpus.ts";
import { leakedRows } from "./corpus-leak.ts";
import { createFinder, type Embedder } from "./finder.ts";

const folder = temporaryFolder();
mkdirSync(join(folder, "docs"));
const write = (name: string, text: string | Uint8Array): void =>
  writeFileSync(join(folder, "docs", name), text);
write("refunds.md", "# Refunds\n\nA refund takes five days after we have the parcel.\n");
write("shipping.md", "# Shipping\n\nParcels leave within two days.\n");
write("broken.pdf", "%PDF-1.7 nothing more");

const open = () =>
  openCorpus({ ...usualRetrieval, documents: ["docs"] }, { folder, output: join(folder, "out") });

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
  expect(await openCorpus(usualRetrieval, { folder, output: folder })).toBeNull();
});

/** Vectors of letters, all of them far from the origin in one direction. */
const letters: Embedder = {
  ...{ name: "letters", size: 26 },
  embed: async (texts) =>
    Float32Array.from(
      texts.flatMap((text) =>
        Array.from(
          { length: 26 },
          (_, at) => 100 + text.toLowerCase().split(String.fromCharCode(97 + at)).length,
        ),
      ),
    ),
};

test.each(["lexical", "feedback", "dense", "hybrid"] as const)(
  "%s finds the passage that is meant",
  async (method) => {
    const corpus = await open();
    if (!corpus) throw new Error("no corpus");
    const find = await createFinder(corpus, { ...usualRetrieval, method }, letters);
    const [best] = await find("A refund takes five days after we have the parcel", 1);
    expect(corpus.index.passages[best ?? -1]?.document).toBe("docs/refunds.md");
  },
);

test("test rows that stand in a document with their answers are said; an answer alone is not", async () => {
  write("faq.md", "# FAQ\n\nHow long does my refund take this time? It takes five long days.\n");
  const row = (question: string, answer: string): Example => ({
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ],
    ...{ file: "t.jsonl", line: 1 },
  });
  const corpus = await open();
  const leak = leakedRows(corpus, [
    row("How long does my refund take this time?", "It takes five long days."),
    row("When is the money back on my account?", "It takes five long days."),
  ]);
  expect(leak).toMatchObject([{ code: "ARM_CORPUS_LEAK", severity: "error", count: 1 }]);
});
