/**
 * @file Wraps the parts of `@huggingface/tokenizers` that are used. The only file that imports it.
 *
 * Used: normalizers, the translation of Oniguruma patterns, the Unigram and WordPiece models, and rare pre-tokenizers
 * and decoders. Not used, since they differ from the Rust library behind `transformers`: BPE (slow, byte fallback after
 * instead of before the merges), ByteLevel and Digits splitting (ASCII digits, JavaScript's white space), Split
 * behaviors, Metaspace's `split`, byte fallback and Metaspace decoding, and the search for added tokens (`single_word`,
 * white space around them).
 */
import * as library from "@huggingface/tokenizers";
import { problem, type TunewiseError } from "../problem/index.ts";

/** The classes that are used; the library's own types do not resolve under `nodenext`. */
const { SequenceDecoder, SequenceNormalizer, SequencePreTokenizer, SplitPreTokenizer, Unigram, WordPiece } =
  library as unknown as {
    SequenceDecoder: new (config: object) => { decode_chain(tokens: string[]): string[] };
    SequenceNormalizer: new (config: object) => { normalize(text: string): string };
    SequencePreTokenizer: new (
      config: object,
    ) => { pre_tokenize_text(text: string, options: object): string[] };
    SplitPreTokenizer: new (config: object) => { readonly pattern: RegExp | null };
    Unigram: new (config: object, endToken: string | undefined) => { _call(pieces: string[]): string[] };
    WordPiece: new (config: object) => { _call(pieces: string[]): string[] };
  };

/** `TOKENIZER_INVALID` with a reason. */
export function invalidTokenizer(reason: string, cause?: unknown): TunewiseError {
  return problem("TOKENIZER_INVALID", { reason }, cause === undefined ? {} : { cause });
}

/** A part of `tokenizer.json`: an object with a `type`. */
export interface PartConfig {
  readonly type?: string;
  readonly [key: string]: unknown;
}

/**
 * Compiles a `normalizer` entry; `null` leaves text unchanged.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for a type that the library does not support
 */
export function compileNormalizer(config: PartConfig | null): (text: string) => string {
  if (config === null) return (text) => text;
  const parts = config["normalizers"];
  if (config.type === "Sequence" && Array.isArray(parts)) {
    if (parts.length > MAX_NORMALIZERS) throw invalidTokenizer(`it has ${parts.length} normalizers`);
    const steps = parts.map((part: PartConfig) => compileNormalizer(part));
    return (text) => steps.reduce((current, step) => step(current), text);
  }
  const growth = maxGrowthOf(config);
  return wrapped(config, () => {
    const normalizer = new SequenceNormalizer({ normalizers: [config] });
    return (text: string): string => {
      const maxLength = growth * (text.length + 1);
      if (maxLength > MAX_NORMALIZED_LENGTH && growth > 1) {
        throw invalidTokenizer(`a normalizer makes ${text.length} characters into as many as ${maxLength}`);
      }
      return normalizer.normalize(text);
    };
  });
}

/** Max. normalizers of a sequence; those in use have fewer than ten. */
const MAX_NORMALIZERS = 64;
/** Max. length of a lengthened text in UTF-16 units. */
const MAX_NORMALIZED_LENGTH: number = 8 * 2 ** 20;

/** Max. factor by which a normalizer lengthens a text: a `Replace` may match everywhere. */
function maxGrowthOf(config: PartConfig): number {
  const put = config["content"] ?? config["prepend"];
  return typeof put === "string" ? Math.max(1, put.length) : 1;
}

/**
 * Compiles the pattern of a `Split` entry to a global regular expression.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for a pattern that cannot be translated
 */
export function compilePattern(pattern: unknown): RegExp {
  return wrapped({ type: "Split" }, () => {
    const { pattern: compiled } = new SplitPreTokenizer({ pattern, invert: true });
    if (compiled === null) throw new Error("no pattern");
    return compiled;
  });
}

/**
 * Compiles a pre-tokenizer of the library, for types not implemented here.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for a type that the library does not support
 */
export function vendorPreTokenizer(config: PartConfig): (text: string) => string[] {
  return wrapped(config, () => {
    const tokenizer = new SequencePreTokenizer({ pretokenizers: [config] });
    return (text: string): string[] => tokenizer.pre_tokenize_text(text, {});
  });
}

/**
 * Compiles a decoder of the library, for types not implemented here.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for a type that the library does not support
 */
export function vendorDecoder(config: PartConfig): (tokens: string[]) => string[] {
  return wrapped(config, () => {
    const decoder = new SequenceDecoder({ decoders: [config] });
    return (tokens: string[]): string[] => decoder.decode_chain(tokens);
  });
}

/**
 * Compiles a Unigram or WordPiece model: pieces to token strings.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for another type or invalid data
 */
export function vendorModel(config: PartConfig, endToken: string | null): (pieces: string[]) => string[] {
  return wrapped(config, () => {
    const model =
      config.type === "Unigram" ? new Unigram(config as never, endToken ?? undefined) : new WordPiece(config);
    return (pieces: string[]): string[] => model._call(pieces);
  });
}

function wrapped<Result>(config: PartConfig, build: () => Result): Result {
  try {
    return build();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalidTokenizer(`${config.type ?? "a part"}: ${reason}`.slice(0, 300), cause);
  }
}
