/**
 * @file Ids and loss masks of conversations with tools and reasoning, in templates that mark generations themselves,
 * against the assistant masks of transformers.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { withReasoningBlock } from "@tunewise/core/rows";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { encodeExample, forTemplate } from "../../packages/tunewise/src/encode/index.ts";
import { endedProgram } from "../support/ended-program.ts";
import { randomConversation, transformersRow } from "../support/random-conversations.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
/** Conversations; with 200 the test takes minutes. */
const count = Number(process.env["TUNEWISE_TEST_CONVERSATIONS"] ?? 20);

interface Masked {
  readonly ids: readonly number[];
  readonly mask: readonly number[];
}
interface Template {
  readonly name: string;
  readonly source: string;
  readonly rows: readonly (Masked | null)[];
}

/** Tokens that end a turn in one of the families. */
const ends = [
  "<|im_end|>",
  "<|eot_id|>",
  "<|eot|>",
  "<|end|>",
  "<|return|>",
  "<|call|>",
  "<turn|>",
  "<end_of_turn>",
].concat("<｜end▁of▁sentence｜>", "<|END_OF_TURN_TOKEN|>", "<|user|>", "<|observation|>", "<|tool_response>");
const options = {
  maxLength: 1e6,
  overflow: "error",
  loss: "completion",
  trainOn: "all",
  reasoning: "train",
} as const;

/**
 * Differences that are intended. TRL's marks include text that the model does not generate: the beginning of a turn
 * that is part of its prompt, such as `<think>`, and line ends behind the end token. They lack an end token that the
 * template shares with results of tools, and the beginning of a turn that the prompt does not have (Gemma 4). A turn
 * that the template rewrites later (`DATA_TURN_CHANGED`) has no loss, and a row whose answer cannot be found
 * (`DATA_BOUNDARY_UNCLEAR`) is unusable.
 */
const named = new Set([
  "equal",
  "refused by both",
  "less of the template's own text",
  "more of the template's own text",
  "DATA_TURN_CHANGED",
  "DATA_BOUNDARY_UNCLEAR",
]);

/** How a row's ids and mask differ. */
function comparison(found: ReturnType<typeof encodeExample>, expected: Masked | null): string {
  if ("code" in found) return expected === null ? "refused by both" : found.code;
  if (expected === null) return "refused only by transformers";
  const { ids, mask } = expected;
  if (found.encoded.ids.join() !== ids.join()) return "other ids";
  const ours = found.rows[0]?.labelled ?? new Uint8Array();
  if (ours.join() === mask.join()) return "equal";
  const isShared = (at: number): boolean => ours[at] === 1 && mask[at] === 1;
  const isBeside = ({ from, to }: Run): boolean => isShared(from - 1) || isShared(to);
  const added = runsOf(ids.map((_, at) => ours[at] === 1 && mask[at] === 0));
  if (!added.every(isBeside)) return "trained only by tunewise";
  if (added.length > 0) return "more of the template's own text";
  if (found.encoded.uses.includes("changed")) return "DATA_TURN_CHANGED";
  const left = runsOf(ids.map((_, at) => mask[at] === 1 && ours[at] === 0));
  return left.every(isBeside) ? "less of the template's own text" : "other mask";
}

interface Run {
  readonly from: number;
  to: number;
}

function runsOf(values: readonly boolean[]): Run[] {
  const runs: Run[] = [];
  for (const [at, is] of values.entries()) {
    const last = runs.at(-1);
    if (is && last?.to === at) last.to = at + 1;
    else if (is) runs.push({ from: at, to: at + 1 });
  }
  return runs;
}

test.skipIf(python === "")(
  `${count} conversations: ids of transformers, and its masks but for named differences`,
  { timeout: 600_000 },
  async () => {
    const conversations = Array.from({ length: count }, (_, seed) => randomConversation(seed));
    const blocks = conversations.map((one) => ({ ...one, messages: one.messages.map(withReasoningBlock) }));
    const path = resolve("test/conformance/golden/tokenizer/smollm.json");
    const script = resolve("test/python/templates/masks.py");
    const rows = [...conversations, ...blocks].map(transformersRow);
    const input = JSON.stringify({ special: ends, conversations: rows });
    const { status, stdout, stderr } = await endedProgram(python, [script, path], input);
    expect(status, stderr).toBe(0);
    const { config } = JSON.parse(readFileSync(path, "utf8"));
    const [first = "", ...lines] = stdout.trim().split("\n");
    const { tokenizer: json } = JSON.parse(first);
    const create = (chatTemplate: string | null, endIds: number[]): Tokenizer =>
      createTokenizer({ tokenizer: json, config, chatTemplate, endIds }, { now: new Date() });
    const plain = create(null, []);
    const endIds = ends.flatMap((end) => plain.encode(end, { addSpecialTokens: false }));
    expect(endIds).toHaveLength(ends.length);
    expect(lines.length).toBeGreaterThan(25);
    const counts = new Map<string, number>();
    const unexplained: string[] = [];
    for (const line of lines) {
      const { name, source, rows: masked } = JSON.parse(line) as Template;
      const tokenizer = create(source, endIds);
      for (const [at, conversation] of conversations.entries()) {
        const isBlock = forTemplate(conversation, tokenizer) !== conversation;
        const row = { ...conversation, file: "rows.jsonl", row: at + 1 };
        const kind = comparison(
          encodeExample(row, at, tokenizer, options),
          masked[isBlock ? at + count : at] ?? null,
        );
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        if (!named.has(kind)) unexplained.push(`${name} row ${at}: ${kind}`);
      }
    }
    expect(unexplained).toEqual([]);
    expect(counts.get("equal")).toBeGreaterThan(4 * count);
    expect(counts.get("less of the template's own text")).toBeGreaterThan(0);
  },
);
