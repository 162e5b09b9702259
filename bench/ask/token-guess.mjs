/**
 * @file Accuracy of the token estimate behind price forecasts: a real tokenizer's count over the estimate, per file.
 *
 *     node bench/ask/token-guess.mjs MODEL_FOLDER FILE...
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tsImport } from "tsx/esm/api";

const source = (path) => tsImport(`../../${path}.ts`, import.meta.url);
const { estimateTokens } = await source("packages/tunewise/src/ask/count-tokens");
const { createTokenizer } = await source("packages/engine/src/tokenize/create");

const [folder = ".", ...files] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const tokenizer = createTokenizer({
  tokenizer: read("tokenizer.json"),
  config: read("tokenizer_config.json"),
  chatTemplate: null,
  endIds: [],
});
/** Characters read per file; the beginning is representative of its tokenization. */
const maxCharacters = 100_000;
const ratios = files.map((file) => {
  const text = readFileSync(file, "utf8").slice(0, maxCharacters);
  const ratio = tokenizer.encode(text, { addSpecialTokens: false }).length / estimateTokens(text);
  return { file, ratio };
});
ratios.sort((a, b) => a.ratio - b.ratio);
for (const { file, ratio } of ratios) console.log(`${ratio.toFixed(2)}  ${file}`);
