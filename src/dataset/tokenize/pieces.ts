/**
 * @file Pre-tokenizers: text into the pieces that the model encodes one by one.
 *
 * @source huggingface/tokenizers tokenizers/src/pre_tokenizers/*.rs and tokenizer/normalizer.rs (split
 * behaviors)
 */
import { compilePattern, invalidTokenizer, type PartConfig, vendorPieces } from "./vendor.ts";

/** Cuts text into pieces; `isStart` says that it stands at the very start of the input. */
export type Splitter = (text: string, isStart: boolean) => string[];

/** A compiled `pre_tokenizer`. */
export interface PieceSplitter {
  readonly split: Splitter;
  /** Whether each piece is to be spelled in GPT-2's byte letters before it reaches the model. */
  readonly byteLevel: boolean;
}

/** GPT-2's pattern with the white space that Unicode means, not JavaScript's. */
const gpt2Pattern =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{space}\p{L}\p{N}]+|\p{space}+(?!\P{space})|\p{space}+/gu;
const punctuation = /[\p{P}!-/:-@[-`{-~]/gu;

/**
 * The function of a `pre_tokenizer` entry; `null` leaves the text in one piece.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for an unknown one
 */
export function compilePieces(config: PartConfig | null): PieceSplitter {
  if (config === null) return { split: (text) => [text], byteLevel: false };
  const parts = flatten(config);
  const byteLevel = parts.at(-1)?.type === "ByteLevel";
  const steps = parts.map((part, index) => compileStep(part, byteLevel && index === parts.length - 1));
  if (steps.length === 1) return { split: steps[0] as Splitter, byteLevel };
  const split: Splitter = (text, isStart) => {
    let pieces = [text];
    for (const step of steps) {
      pieces = pieces.flatMap((piece, index) => step(piece, isStart && index === 0));
    }
    return pieces;
  };
  return { split, byteLevel };
}

function flatten(config: PartConfig): PartConfig[] {
  if (config.type !== "Sequence") return [config];
  const inner = config["pretokenizers"];
  if (!Array.isArray(inner)) throw invalidTokenizer("pre_tokenizer.pretokenizers is missing");
  return inner.flatMap((part: PartConfig) => flatten(part));
}

function compileStep(config: PartConfig, isLast: boolean): Splitter {
  switch (config.type) {
    case "ByteLevel":
      return byteLevelStep(config, isLast);
    case "Split":
      return splitStep(compilePattern(config["pattern"]), config);
    case "Digits":
      return config["individual_digits"] === true
        ? splitStep(/\p{N}/gu, { behavior: "Isolated" })
        : splitStep(/\p{N}/gu, { behavior: "Contiguous" });
    case "Punctuation":
      return splitStep(punctuation, { behavior: config["behavior"] ?? "Isolated" });
    case "Metaspace":
      return metaspaceStep(config);
    default:
      return vendorPieces(config);
  }
}

function byteLevelStep(config: PartConfig, isLast: boolean): Splitter {
  const prefix = config["add_prefix_space"] === true;
  const useRegex = config["use_regex"] !== false;
  return (text) => {
    const spaced = prefix && !text.startsWith(" ") ? ` ${text}` : text;
    const pieces = useRegex ? (spaced.match(gpt2Pattern) ?? []) : [spaced];
    return isLast ? pieces : pieces.map(byteLetters);
  };
}

function metaspaceStep(config: PartConfig): Splitter {
  const mark = typeof config["replacement"] === "string" ? config["replacement"] : "\u2581";
  const scheme = config["prepend_scheme"] ?? (config["add_prefix_space"] === false ? "never" : "always");
  const pattern = new RegExp(mark.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gu");
  const split = config["split"] === false ? null : splitStep(pattern, { behavior: "MergedWithNext" });
  return (text, isStart) => {
    const marked = text.replaceAll(" ", mark);
    const prepend = scheme === "always" || (scheme === "first" && isStart);
    const whole = prepend && !marked.startsWith(mark) ? mark + marked : marked;
    return split === null ? [whole] : split(whole, isStart);
  };
}

interface Part {
  text: string;
  isMatch: boolean;
}

/** Splits at a pattern; `behavior` says what becomes of the matches, `invert` swaps matches and the rest. */
function splitStep(pattern: RegExp, config: PartConfig): Splitter {
  const invert = config["invert"] === true;
  const behavior = String(config["behavior"] ?? "Isolated")
    .toLowerCase()
    .replaceAll("_", "");
  return (text) => {
    const parts = partsOf(text, pattern, invert);
    switch (behavior) {
      case "removed":
        return parts.filter(({ isMatch }) => !isMatch).map((part) => part.text);
      case "contiguous":
        return joinParts(parts, (part, before) => part.isMatch === before.isMatch);
      case "mergedwithprevious":
        return joinParts(parts, (part, before) => part.isMatch && !before.isMatch);
      case "mergedwithnext":
        // A match is joined to what follows, unless that is a match itself.
        return joinParts(parts, (part, before) => before.isMatch && !part.isMatch);
      default:
        return parts.map((part) => part.text);
    }
  };
}

function partsOf(text: string, pattern: RegExp, invert: boolean): Part[] {
  const parts: Part[] = [];
  let from = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const found = match[0];
    if (match.index > from) parts.push({ text: text.slice(from, match.index), isMatch: invert });
    if (found.length > 0) parts.push({ text: found, isMatch: !invert });
    else pattern.lastIndex += (text.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1;
    from = match.index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isMatch: invert });
  return parts;
}

/**
 * Joins each part to the one before it where `belongs` says so; kinds are those of the parts, not of the
 * joined.
 */
function joinParts(parts: readonly Part[], belongs: (part: Part, before: Part) => boolean): string[] {
  const joined: string[] = [];
  let before: Part | null = null;
  for (const part of parts) {
    if (before !== null && belongs(part, before)) joined[joined.length - 1] += part.text;
    else joined.push(part.text);
    before = part;
  }
  return joined;
}

/** GPT-2's letters for the 256 bytes: printable ones stand for themselves, the others for U+0100 and on. */
export const letterOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte).map(
  ((): ((byte: number) => string) => {
    let next = 256;
    return (byte) => {
      const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
      return String.fromCharCode(printable ? byte : next++);
    };
  })(),
);

/** The text's UTF-8 bytes, each as its letter. */
export function byteLetters(text: string): string {
  let letters = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 128) {
      for (const byte of Buffer.from(text.slice(i), "utf8")) letters += letterOfByte[byte];
      return letters;
    }
    letters += letterOfByte[unit];
  }
  return letters;
}
