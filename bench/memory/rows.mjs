/**
 * @file Rows of given lengths: parts of the example tickets' text, cut by tokens.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTokenizer } from "@tunewise/engine/tokenize";

const project = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, project), "utf8");

/** Approximate number of tokens that the chat template adds around prompt and answer. */
const aroundTokens = 14;

const tokenizer = createTokenizer({
  tokenizer: JSON.parse(read("models/small/tokenizer.json")),
  config: JSON.parse(read("models/small/tokenizer_config.json")),
  chatTemplate: null,
  endIds: [2],
});
const corpus = tokenizer.encode(
  read("examples/tickets/train.jsonl")
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .flatMap((line) => JSON.parse(line).messages ?? [])
    .filter(({ role }) => role === "user")
    .map(({ content }) => content)
    .join(" "),
);

/** Text of about the given number of tokens, different for each `at`. */
function textOf(tokens, at) {
  const from = (at * 7919) % Math.max(1, corpus.length - tokens);
  return tokenizer.decode([...corpus.slice(from, from + tokens)], { skipSpecialTokens: true });
}

/** Writes the files of a setting; returns the shared beginning as a system message, or `null`. */
export function writeRows(folder, { rows: [count, shortest, longest], answer, shared, judged }) {
  const row = (at, of, seed) => {
    const length = Math.round(shortest + ((longest - shortest) * at) / Math.max(1, of - 1));
    const prompt = Math.max(1, length - answer - shared - aroundTokens);
    return JSON.stringify({ prompt: textOf(prompt, seed + at), completion: textOf(answer, 3 * seed + at) });
  };
  const write = (name, many, seed) => {
    const lines = Array.from({ length: many }, (_, at) => row(at, many, seed));
    writeFileSync(join(folder, `${name}.jsonl`), `${lines.join("\n")}\n`);
  };
  write("train", count, 1);
  if (judged > 0) {
    write("validation", judged, 1_000);
    write("test", judged, 2_000);
  }
  return shared > 0 ? textOf(shared, 0) : null;
}
