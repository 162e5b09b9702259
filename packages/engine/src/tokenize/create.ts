/** @file Creates a tokenizer from its files. */

import type { Conversation, JsonObject } from "@tunewise/core/rows";
import { problem } from "../problem/index.ts";
import { type AddedToken, addedToken, readAddedTokens } from "./added-tokens.ts";
import { createBpe, type PieceModel, readVocabulary } from "./bpe.ts";
import {
  type ChatTemplate,
  chooseTemplate,
  compileChatTemplate,
  configOf,
  type SpecialTokenName,
  specialTokens,
} from "./chat-template.ts";
import { compileDecoder } from "./decoder.ts";
import { cachedModel, createEncoder } from "./encoder.ts";
import { type PostProcessorIds, postProcessorIds } from "./post-processor.ts";
import { compilePreTokenizer } from "./pre-tokenizer.ts";
import { createTextStream } from "./text-stream.ts";
import { inTime, renderInTime } from "./time-limit.ts";
import { tokenBytes } from "./token-bytes.ts";
import type { Tokenizer, TokenizerFiles } from "./tokenizer.ts";
import { compileNormalizer, invalidTokenizer, type PartConfig, vendorModel } from "./vendor.ts";

/** Options of `createTokenizer`. */
export interface TokenizerOptions {
  /** Date for `strftime_now` in templates; the function is undefined by default. */
  readonly now?: Date;
}

/**
 * Creates a tokenizer with the same results as Python's `transformers`.
 *
 * `tokenizer.json` is authoritative, as for `PreTrainedTokenizerFast`; of the config only the special tokens, the
 * template, `added_tokens_decoder`, `add_bos_token` and `add_eos_token` are used. The template is compiled on first
 * use.
 *
 * Patterns and templates are untrusted and may never terminate, so each call has a time limit of some seconds.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID`, `TOKENIZER_TOO_SLOW` (also by its methods); `render` also throws
 *   `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_FAILED`, `TEMPLATE_LIMIT`
 */
export function createTokenizer(files: TokenizerFiles, options: TokenizerOptions = {}): Tokenizer {
  return inTime(MAX_COMPILED, () => compileTokenizer(files, options));
}

/** Compiling the largest tokenizer takes seconds, as long as encoding this many characters. */
const MAX_COMPILED = 4_000_000;

const noIds: ReadonlySet<number> = new Set();

function compileTokenizer(files: TokenizerFiles, options: TokenizerOptions): Tokenizer {
  const json = partOf(files.tokenizer, "tokenizer.json");
  const special = specialTokens(files);
  const preTokenizer = compilePreTokenizer(optionalPart(json["pre_tokenizer"]));
  const model = cachedModel(createModel(partOf(json["model"], "model"), special), preTokenizer.byteLevel);
  const added = allAddedTokens(json, files, special, model.vocabulary);
  const normalize = compileNormalizer(optionalPart(json["normalizer"]));
  const encoder = createEncoder({ added, normalize, preTokenizer, model });
  const names = tokenNames(model.vocabulary, added);
  const idOf = (name: SpecialTokenName): number | null => {
    const text = special.get(name);
    const known = added.find(({ content }) => content === text)?.id;
    return text === undefined ? null : (known ?? model.vocabulary.get(text) ?? null);
  };
  const surrounding = idsAround(json, files, idOf);
  const decodeTokens = compileDecoder(optionalPart(json["decoder"]));
  const skipped = new Map(
    added.flatMap(({ id, content, special: is }) => (is ? [[id, content] as const] : [])),
  );
  const choice = chooseTemplate(files);
  let template: ChatTemplate | null = null;
  const endId = idOf("eos_token");

  return {
    vocabularySize: names.length,
    endIds: [...new Set([...(endId === null ? [] : [endId]), ...files.endIds])],
    beginId: idOf("bos_token"),
    padId: idOf("pad_token"),
    hasChatTemplate: "template" in choice,
    specialTokens: skipped,
    encode(text, { addSpecialTokens = true } = {}): number[] {
      const ids = inTime(text.length, () => encoder.encode(wellFormed(text)));
      return addSpecialTokens ? [...surrounding.before, ...ids, ...surrounding.after] : ids;
    },
    encodeAt: (text, at) => inTime(text.length, () => encoder.encodeAt(wellFormed(text), at)),
    decode(ids, { skipSpecialTokens = false, keep = noIds } = {}): string {
      const tokens: string[] = [];
      for (const id of Array.from(ids)) {
        const token = names[id];
        const isSkipped = skipSpecialTokens && skipped.has(id) && !keep.has(id);
        if (token !== undefined && !isSkipped) tokens.push(token);
      }
      return decodeTokens(tokens);
    },
    tokenBytes: () => tokenBytes(names, (id) => !skipped.has(id), optionalPart(json["decoder"])),
    stream: ({ keep = noIds } = {}) =>
      createTextStream((id) => (skipped.has(id) && !keep.has(id) ? null : (names[id] ?? null)), decodeTokens),
    render(conversation, { addGenerationPrompt, variables }): string {
      if (!("template" in choice)) throw problem("TOKENIZER_TEMPLATE_MISSING", { detail: choice.missing });
      const source = choice.template;
      const given = { ...files.templateVariables, ...variables };
      return renderInTime(sizeOf(conversation, given), () => {
        template ??= compileChatTemplate(source, special, options.now ?? null);
        return template(conversation, addGenerationPrompt, given);
      });
    },
  };
}

/** Characters of the texts that a template may print. */
function sizeOf({ messages, tools = [] }: Conversation, variables: JsonObject): number {
  const calls = messages.filter(({ toolCalls }) => toolCalls).map(({ toolCalls }) => toolCalls);
  const count = tools.length + calls.length + Object.keys(variables).length;
  const json = count === 0 ? 0 : JSON.stringify([tools, calls, variables]).length;
  return messages.reduce((sum, { content }) => sum + content.length, json);
}

/** Replaces lone surrogates, which UTF-8 cannot encode, by U+FFFD; offsets stay the same. */
function wellFormed(text: string): string {
  return /[\ud800-\udfff]/u.test(text) ? text.replace(/[\ud800-\udfff]/gu, "\ufffd") : text;
}

function partOf(value: unknown, name: string): PartConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidTokenizer(`${name} is not an object`);
  }
  return value as PartConfig;
}

function optionalPart(value: unknown): PartConfig | null {
  return value === undefined || value === null ? null : partOf(value, "a part of tokenizer.json");
}

function createModel(config: PartConfig, special: ReadonlyMap<SpecialTokenName, string>): PieceModel {
  const type = config.type ?? (Array.isArray(config["merges"]) ? "BPE" : undefined);
  if (type === "BPE") return createBpe(config);
  if (type !== "Unigram" && type !== "WordPiece")
    throw invalidTokenizer(`model ${String(type)} is not known`);
  const vocabulary = type === "WordPiece" ? readVocabulary(config["vocab"]) : unigramVocabulary(config);
  const split = vendorModel(config, special.get("eos_token") ?? null);
  const unknown = type === "Unigram" ? config["unk_id"] : vocabulary.get(String(config["unk_token"]));
  return {
    vocabulary,
    encode: (piece) =>
      split([piece]).map((token) => {
        const id = vocabulary.get(token) ?? unknown;
        if (typeof id !== "number")
          throw invalidTokenizer(`no token for ${JSON.stringify(token.slice(0, 40))}`);
        return id;
      }),
    ends: () => null,
  };
}

function unigramVocabulary(config: PartConfig): Map<string, number> {
  const vocab = config["vocab"];
  if (!Array.isArray(vocab)) throw invalidTokenizer("model.vocab is missing");
  return new Map(vocab.map((entry: unknown, id) => [String((entry as readonly unknown[])[0]), id]));
}

/** Added tokens of `tokenizer.json`, then those only in `tokenizer_config.json`. */
function allAddedTokens(
  json: PartConfig,
  files: TokenizerFiles,
  special: ReadonlyMap<SpecialTokenName, string>,
  vocabulary: ReadonlyMap<string, number>,
): AddedToken[] {
  const tokens = readAddedTokens(json["added_tokens"]);
  const known = new Set(tokens.map(({ content }) => content));
  const add = (token: AddedToken): void => {
    if (known.has(token.content)) return;
    known.add(token.content);
    tokens.push(token);
  };
  const listed = configOf(files)["added_tokens_decoder"];
  for (const [id, token] of Object.entries((listed ?? {}) as Readonly<Record<string, unknown>>)) {
    add(addedToken(partOf(token, `added_tokens_decoder.${id}`), Number(id), `added_tokens_decoder.${id}`));
  }
  for (const content of special.values()) {
    const id = vocabulary.get(content);
    if (id !== undefined) add(addedToken({ content, special: true }, id, content));
  }
  return tokens;
}

function tokenNames(
  vocabulary: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  for (const [token, id] of vocabulary) names[id] = token;
  for (const { content, id } of added) names[id] = content;
  return names;
}

/** Ids of the post-processor, or of `add_bos_token` and `add_eos_token` if the config has either. */
function idsAround(
  json: PartConfig,
  files: TokenizerFiles,
  idOf: (name: SpecialTokenName) => number | null,
): PostProcessorIds {
  const config = configOf(files);
  if (config["add_bos_token"] === undefined && config["add_eos_token"] === undefined) {
    return postProcessorIds(optionalPart(json["post_processor"]));
  }
  const only = (wanted: unknown, name: SpecialTokenName): number[] => {
    const id = wanted === true ? idOf(name) : null;
    return id === null ? [] : [id];
  };
  return {
    before: only(config["add_bos_token"], "bos_token"),
    after: only(config["add_eos_token"], "eos_token"),
  };
}
