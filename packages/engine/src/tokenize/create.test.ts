/** @file Tokenizers from their files: templates, special tokens, broken files, speed on long text. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createTokenizer } from "./create.ts";
import type { Tokenizer, TokenizerFiles } from "./tokenizer.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/", import.meta.url);
const load = (name: string): TokenizerFiles => {
  const { tokenizer, config } = JSON.parse(readFileSync(new URL(`${name}.json`, golden), "utf8"));
  return { tokenizer, config, chatTemplate: null, endIds: [] };
};
const smollm = load("smollm");
const changed = (part: object): TokenizerFiles => ({
  ...smollm,
  tokenizer: { ...(smollm.tokenizer as object), ...part },
});
const configured = (part: object): TokenizerFiles => ({
  ...smollm,
  config: { ...(smollm.config as object), ...part },
});
const hello = [{ role: "user", content: "Hi" }] as const;
const rendered = (files: TokenizerFiles): string =>
  createTokenizer(files).render({ messages: hello }, { addGenerationPrompt: true });

describe("templates", () => {
  test.each<[string, TokenizerFiles, string]>([
    ["of the config", configured({ chat_template: "C{{ messages[0].content }}" }), "CHi"],
    [
      "of its own file first",
      { ...configured({ chat_template: "C" }), chatTemplate: "F{{ eos_token }}" },
      "F<|im_end|>",
    ],
    [
      "the default of a list",
      configured({
        chat_template: [
          { name: "x", template: "X" },
          { name: "default", template: "D" },
        ],
      }),
      "D",
    ],
  ])("%s", (_, files, text) => {
    expect(rendered(files)).toBe(text);
  });

  test.each<[string, TokenizerFiles, RegExp]>([
    ["none", configured({ chat_template: undefined }), /no chat template$/],
    ["an empty list", configured({ chat_template: [] }), /no chat template$/],
    [
      "a list without default",
      configured({ chat_template: [{ name: "rag", template: "X" }] }),
      /named default; it has rag/,
    ],
    ["no config at all", { ...smollm, config: null }, /no chat template$/],
  ])("%s: an error with one fix", (_, files, message) => {
    expect(createTokenizer(files).hasChatTemplate).toBe(false);
    expect(() => rendered(files)).toThrow(message);
    expect(() => rendered(files)).toThrow(expect.objectContaining({ code: "TOKENIZER_TEMPLATE_MISSING" }));
  });
});

describe("special tokens", () => {
  test("ends are the tokenizer's own and those named", () => {
    const { endIds, beginId, padId } = createTokenizer({ ...smollm, endIds: [0, 2, 7] });
    expect({ endIds, beginId, padId }).toEqual({ endIds: [2, 0, 7], beginId: 1, padId: 2 });
  });

  test.each<[object, number[]]>([
    [{}, [0]],
    [{ add_bos_token: true }, [1, 0]],
    [{ add_eos_token: true }, [0, 2]],
    [{ add_bos_token: true, add_eos_token: true, eos_token: { content: "<|im_end|>" } }, [1, 0, 2]],
  ])("%j", (config, ids) => {
    expect(createTokenizer(configured(config)).encode("<|endoftext|>")).toEqual(ids);
    expect(createTokenizer(configured(config)).encode("<|endoftext|>", { addSpecialTokens: false })).toEqual([
      0,
    ]);
  });

  test("tokens that only the config knows are found", () => {
    const listed = {
      "900": { content: "<tool>", special: false },
      "901": { content: "<|im_end|>", special: true },
    };
    const tokenizer = createTokenizer(configured({ added_tokens_decoder: listed }));
    expect(tokenizer.encode("<tool><|im_end|>")).toEqual([900, 2]);
    expect(tokenizer.vocabularySize).toBe(901);
  });

  test("ids outside the vocabulary decode to nothing", () => {
    expect(createTokenizer(smollm).decode([1, 99_999, -1, 2])).toBe("<|im_start|><|im_end|>");
  });
});

describe("broken files", () => {
  const model = (smollm.tokenizer as { model: object }).model;
  test.each<[string, TokenizerFiles, RegExp]>([
    ["no object", { ...smollm, tokenizer: "x" }, /tokenizer.json is not an object/],
    ["no model", changed({ model: undefined }), /model is not an object/],
    ["an unknown model", changed({ model: { type: "Markov" } }), /model Markov is not known/],
    ["no vocabulary", changed({ model: { ...model, vocab: null } }), /model.vocab is missing/],
    ["an id that is none", changed({ model: { ...model, vocab: { a: -1 } } }), /gives "a" no valid id/],
    ["no merges", changed({ model: { ...model, merges: undefined } }), /model.merges is missing/],
    [
      "a merge of nothing known",
      changed({ model: { ...model, merges: [["qqq", "zzz"]] } }),
      /merges\[0\] names a token/,
    ],
    [
      "a merge that is no pair",
      changed({ model: { ...model, merges: [[1, 2]] } }),
      /merges\[0\] is not a pair/,
    ],
    [
      "an unknown post-processor",
      changed({ post_processor: { type: "X" } }),
      /post_processor X is not known/,
    ],
    [
      "a post-processor without ids",
      changed({ post_processor: { type: "TemplateProcessing", single: [{ SpecialToken: { id: "<s>" } }] } }),
      /names <s> without ids/,
    ],
    ["an unknown normalizer", changed({ normalizer: { type: "X" } }), /X/],
    [
      "a pattern that is none",
      changed({ pre_tokenizer: { type: "Split", pattern: { Regex: "(" }, behavior: "Isolated" } }),
      /Split/,
    ],
  ])("%s", (_, files, message) => {
    expect(() => createTokenizer(files)).toThrow(message);
    expect(() => createTokenizer(files)).toThrow(expect.objectContaining({ code: "TOKENIZER_INVALID" }));
  });
});

test("halves of surrogate pairs are taken as U+FFFD", () => {
  const tokenizer = createTokenizer(smollm);
  expect(tokenizer.encode("a\ud83d b")).toEqual(tokenizer.encode("a\ufffd b"));
});

test("WordPiece and Unigram models come from the library", () => {
  const vocab = { "[UNK]": 0, hello: 1, wor: 2, "##ld": 3 };
  const wordPiece = createTokenizer({
    ...smollm,
    config: {},
    tokenizer: {
      model: {
        type: "WordPiece",
        vocab,
        unk_token: "[UNK]",
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
      },
      pre_tokenizer: { type: "BertPreTokenizer" },
      decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    },
  });
  expect(wordPiece.encode("hello world xx")).toEqual([1, 2, 3, 0]);
  expect(wordPiece.decode([1, 2, 3])).toBe("hello world");
  expect(wordPiece.encodeAt("hello world", 6)).toEqual({ ids: [1, 2, 3], index: 1 });
  const unigram = createTokenizer({
    ...smollm,
    config: {},
    tokenizer: {
      model: {
        type: "Unigram",
        unk_id: 0,
        vocab: [
          ["<unk>", 0],
          ["▁", -2],
          ["▁a", -1],
          ["b", -1.5],
        ],
      },
      pre_tokenizer: { type: "Metaspace", prepend_scheme: "always" },
      decoder: { type: "Metaspace" },
    },
  });
  expect(unigram.encode("ab b")).toEqual([2, 3, 1, 3]);
  expect(unigram.decode([2, 3, 1, 3])).toBe("ab b");
});

describe("encodeAt", () => {
  const cases: [string, Tokenizer][] = ["smollm", "llama3", "qwen", "llama2", "mistral", "gemma"].map(
    (name) => [name, createTokenizer(load(name))],
  );
  test.each(cases)("%s: ids before the index are those of the text before the place", (_, tokenizer) => {
    const text = "<s>The ticket 12 é😀 你\n  says<|im_end|> it's on\tthe way </s>done";
    const { ids: whole } = tokenizer.encodeAt(text, 0);
    let before = 0;
    for (let at = 0; at <= text.length; at++) {
      const { ids, index } = tokenizer.encodeAt(text, at);
      expect(ids).toEqual(whole);
      expect(index).toBeGreaterThanOrEqual(before);
      before = index;
      // If the text before the offset has the same leading ids, the index is their number.
      const alone = tokenizer.encode(text.slice(0, at), { addSpecialTokens: false });
      if (alone.length <= ids.length && alone.every((id, i) => id === ids[i]))
        expect(index).toBe(alone.length);
    }
    expect(before).toBe(whole.length);
  });

  test.each(cases)("%s: a megabyte without a break takes seconds at most", (_, tokenizer) => {
    const text = "the ticket says that the printer on the third floor stopped ".repeat(8_000);
    const started = performance.now();
    expect(tokenizer.encode(text).length).toBeGreaterThan(1_000);
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});
