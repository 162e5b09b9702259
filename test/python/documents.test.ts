/** @file Documents against TRL and transformers: the same tokens, the same losses, with and without packing. */
import { resolve } from "node:path";
import type { EncodedRow, Example } from "@tunewise/core/rows";
import { openModel } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { encodeExamples } from "../../packages/tunewise/src/encode/index.ts";
import { answersByExample } from "../../packages/tunewise/src/executors/index.ts";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { runPeer } from "../support/peer.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
const maxLength = 96;
const cat = "The cat sat on the mat. ";
const texts = [
  ...[1, 2, 3, 5, 8].map((times) => `${cat.repeat(times)}End ${times}.\n`),
  `${"Order 12 has not come.\nPlease help".repeat(30)}`,
  "Ünïcode, 42 \u{1f600} and <|im_end|>",
];
const examples = texts.map(
  (content, at): Example => ({
    messages: [{ role: "assistant", content }],
    isDocument: true,
    file: "d.txt",
    row: at + 1,
  }),
);

const offline = { cacheFolder: "", fetch: null, endpoint: "", token: null, execute: null };

/** What `documents-loss.py` computes. */
interface JudgedDocuments {
  readonly ids: readonly (readonly number[])[];
  readonly nll: readonly number[];
  readonly packing_off: number;
  readonly packing_on: number;
}

test.skipIf(!python)("documents have the tokens and the losses of TRL and transformers", async () => {
  const folder = resolve("models/small");
  const found = (await runPeer(python, "documents-loss.py", [
    { folder, texts, max_length: maxLength },
  ])) as JudgedDocuments[];
  const files = await resolveModel(folder, "main", offline);
  const tokenizer = createTokenizer(files.tokenizer);
  const options = { overflow: "truncate", loss: "completion", trainOn: "all", reasoning: "train" } as const;
  const { rows } = encodeExamples(examples, tokenizer, { ...options, maxLength });
  const [judged] = found;
  expect(examples.map((_, at) => wholeOf(rows.filter(({ example }) => example === at)))).toEqual(judged?.ids);
  const model = await openModel(files, { threads: 1 });
  try {
    const losses = await model.losses(null, rows);
    const own = answersByExample(
      rows,
      losses.map((loss) => ({ answer: null, loss })),
    );
    for (const [at, nll] of (judged?.nll ?? []).entries())
      expect(Math.abs((own[at]?.loss?.nll ?? 0) / nll - 1)).toBeLessThan(1e-5);
    const short = own.filter((_, at) => (judged?.ids[at]?.length ?? 0) <= maxLength);
    const sum = (of: "nll" | "labelledTokens"): number =>
      short.reduce((all, { loss }) => all + (loss?.[of] ?? 0), 0);
    const mean = sum("nll") / sum("labelledTokens");
    expect(judged?.packing_off).toBeCloseTo(mean, 3);
    expect(judged?.packing_on).toBeCloseTo(mean, 3);
  } finally {
    await model.close();
  }
});

/** The tokens of a document, from its blocks. */
function wholeOf(blocks: readonly EncodedRow[]): number[] {
  return blocks.flatMap(({ ids }, at) => [...ids].slice(at === 0 ? 0 : 1));
}
