/**
 * @file Tokenizers and chat templates against Python's transformers; `make.py` in `golden/tokenizer` made the golden
 * files.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Message } from "@tunewise/core/rows";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import { describe, expect, test } from "vitest";
import { encodeExamples } from "../../packages/tunewise/src/encode/index.ts";

interface Golden {
  readonly tokenizer: unknown;
  readonly config: unknown;
  readonly vocabulary: number;
  /** Text, IDs with and without special tokens, decoded text with and without special tokens. */
  readonly texts: readonly [string, number[], number[], string, string][];
  readonly decoded: readonly [number[], string, string][];
  readonly chats: readonly Chat[];
}

type Chat =
  | { readonly conversation: number; readonly refused: string }
  | {
      readonly conversation: number;
      readonly prompt: string;
      readonly full: string;
      readonly ids: number[];
      readonly loss: [number, number] | null;
    };

const folder = new URL("golden/tokenizer/", import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), "utf8"));
const conversations = read("conversations.json") as readonly (readonly Message[])[];
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".json") && file !== "conversations.json")
  .map((file) => file.slice(0, -".json".length));

/** Tokens that end a turn, as a generation config would name them. */
const ends: Readonly<Record<string, string>> = { gemma: "<end_of_turn>" };

test("there are golden files", () => {
  expect(names.length).toBeGreaterThanOrEqual(7);
});

describe.each(names)("%s", (name) => {
  const golden = read(`${name}.json`) as Golden;
  const files = { tokenizer: golden.tokenizer, config: golden.config, chatTemplate: null };
  const plain: Tokenizer = createTokenizer({ ...files, endIds: [] });
  const end = ends[name];
  const tokenizer = createTokenizer({
    ...files,
    endIds: end === undefined ? [] : plain.encode(end).slice(-1),
  });

  test("vocabulary", () => {
    expect(tokenizer.vocabularySize).toBe(golden.vocabulary);
  });

  test.each(golden.texts.map((row) => [JSON.stringify(row[0]).slice(0, 50), row] as const))(
    "text %s",
    (_, [text, ids, bare, decoded, decodedBare]) => {
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(tokenizer.encode(text, { addSpecialTokens: false })).toEqual(bare);
      expect(tokenizer.decode(ids)).toBe(decoded);
      expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(decodedBare);
    },
  );

  test.each(golden.decoded.map((row) => [row[0].join(" ").slice(0, 30), row] as const))(
    "ids %s",
    (_, [ids, all, bare]) => {
      expect(tokenizer.decode(ids)).toBe(all);
      expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(bare);
    },
  );

  test.each(golden.chats.map((chat) => [chat.conversation, chat] as const))(
    "conversation %i",
    (index, chat) => {
      const messages = conversations[index] as readonly Message[];
      const full = (): string => tokenizer.render({ messages }, { addGenerationPrompt: false });
      if ("refused" in chat) {
        expect(full).toThrow(expect.objectContaining({ code: "TEMPLATE_FAILED" }));
        return;
      }
      expect(full()).toBe(chat.full);
      expect(tokenizer.render({ messages: messages.slice(0, -1) }, { addGenerationPrompt: true })).toBe(
        chat.prompt,
      );
      expect(tokenizer.encode(chat.full, { addSpecialTokens: false })).toEqual(chat.ids);
      if (chat.loss === null) return;
      const encoded = encodeExamples(
        [{ messages, file: "golden", row: index + 1, line: index + 1 }],
        tokenizer,
        { maxLength: 100_000, overflow: "error", loss: "completion", trainOn: "last", reasoning: "train" },
      );
      const row = encoded.rows[0];
      expect([...(row?.ids ?? [])]).toEqual(chat.ids);
      const [first, behind] = chat.loss;
      const labelled = chat.ids.map((_, at) => (at >= first && at < behind ? 1 : 0));
      expect([...(row?.labelled ?? [])]).toEqual(labelled);
      expect(row?.promptLength).toBe(first);
    },
  );
});
