/**
 * @file The parts taken from `@huggingface/tokenizers`, and the one file that imports it.
 *
 * Taken: normalizers, the translation of Oniguruma patterns, the Unigram and WordPiece models, and rare
 * pre-tokenizers and decoders. Not taken, since they differ from the Rust library that `transformers` runs
 * on: BPE (slow, byte fallback after instead of before the merges), ByteLevel and Digits splitting (ASCII
 * digits, JavaScript's white space), Split behaviors, Metaspace's `split`, byte fallback and Metaspace
 * decoding, and the search for added tokens (`single_word`, white space around them).
 */
import * as library from "@huggingface/tokenizers";
import { problem, type TunewiseError } from "../../problem/index.ts";

/** The classes used; the library's own types do not resolve under `nodenext`. */
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

/** `TOKENIZER_INVALID` with the reason, for whatever of the files cannot be understood. */
export function invalidTokenizer(reason: string, cause?: unknown): TunewiseError {
  return problem("TOKENIZER_INVALID", { reason }, cause === undefined ? {} : { cause });
}

/** A part of `tokenizer.json`: an object with a `type`. */
export interface PartConfig {
  readonly type?: string;
  readonly [key: string]: unknown;
}

/**
 * The function of a `normalizer` entry; `null` changes nothing.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for one the library does not know
 */
export function compileNormalizer(config: PartConfig | null): (text: string) => string {
  if (config === null) return (text) => text;
  const parts = config["normalizers"];
  if (config.type === "Sequence" && Array.isArray(parts)) {
    if (parts.length > MAX_NORMALIZERS) throw invalidTokenizer(`it has ${parts.length} normalizers`);
    const steps = parts.map((part: PartConfig) => compileNormalizer(part));
    return (text) => steps.reduce((current, step) => step(current), text);
  }
  const growth = growthOf(config);
  return wrapped(config, () => {
    const normalizer = new SequenceNormalizer({ normalizers: [config] });
    return (text: string): string => {
      const most = growth * (text.length + 1);
      if (most > MAX_NORMALIZED_LENGTH && growth > 1) {
        throw invalidTokenizer(`a normalizer makes ${text.length} characters into as many as ${most}`);
      }
      return normalizer.normalize(text);
    };
  });
}

/** Most normalizers of one sequence; those in use have below ten. */
const MAX_NORMALIZERS = 64;
/** Longest text that normalizers may make of one that they lengthen, in UTF-16 units. */
const MAX_NORMALIZED_LENGTH: number = 8 * 2 ** 20;

/** By how much a normalizer may lengthen a text, at most. What is put in by a `Replace` may stand at every place. */
function growthOf(config: PartConfig): number {
  const put = config["content"] ?? config["prepend"];
  return typeof put === "string" ? Math.max(1, put.length) : 1;
}

/**
 * The pattern of a `Split` entry as a global JavaScript expression.
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
 * A pre-tokenizer of the library, for entries that have no own implementation here.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for one the library does not know
 */
export function vendorPieces(config: PartConfig): (text: string) => string[] {
  return wrapped(config, () => {
    const tokenizer = new SequencePreTokenizer({ pretokenizers: [config] });
    return (text: string): string[] => tokenizer.pre_tokenize_text(text, {});
  });
}

/**
 * A decoder of the library, for entries that have no own implementation here.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for one the library does not know
 */
export function vendorDecoder(config: PartConfig): (tokens: string[]) => string[] {
  return wrapped(config, () => {
    const decoder = new SequenceDecoder({ decoders: [config] });
    return (tokens: string[]): string[] => decoder.decode_chain(tokens);
  });
}

/**
 * A Unigram or WordPiece model: pieces to token strings.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for another kind or broken data
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
