/** @file Encodes prompt/completion rows of a JSONL file with the model's own template. */
import { basename, dirname } from "node:path";
import { readSplits } from "@tunewise/datacheck/dataset";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { encodeExamples } from "../packages/tunewise/src/encode/index.ts";
import { resolveModel } from "../packages/tunewise/src/hub/index.ts";
import { createRuntime } from "../packages/tunewise/src/runtime/index.ts";

/** Reads and encodes the rows of `file` for the model in `folder`. */
export async function encodedRows(folder, file, system) {
  const host = createRuntime(process.cwd(), new AbortController().signal, "bench");
  const files = await resolveModel(folder, "main", host.sources);
  const { splits } = await readSplits({
    folder: dirname(file),
    train: basename(file),
    validation: null,
    test: null,
    split: { validation: 0, test: 0, seed: 17 },
    rows: { train: null, validation: null, test: null },
    format: "prompt-completion",
    columns: null,
    system,
    promptTemplate: "{prompt}",
    badRows: "skip",
  });
  const tokenizer = createTokenizer(files.tokenizer);
  const encoding = { maxLength: 1024, overflow: "truncate", loss: "completion" };
  const { rows } = encodeExamples(splits.train, tokenizer, encoding);
  await files.weights.close();
  return rows;
}
