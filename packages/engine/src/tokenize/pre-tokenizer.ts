/**
 * @file Pre-tokenizers: split text into the pieces that the model encodes one by one.
 *
 * @source huggingface/tokenizers tokenizers/src/pre_tokenizers/*.rs and tokenizer/normalizer.rs (split behaviors)
 */
import { compilePattern, invalidTokenizer, type PartConfig, vendorPreTokenizer } from "./vendor.ts";

/** Splits text into pieces; `isStart`: the text is at the start of the input. */
type PreTokenizeStep = (text: string, isStart: boolean) => string[];

/** A compiled `pre_tokenizer`. */
export interface PreTokenizer {
  readonly split: PreTokenizeStep;
  /** Whether pieces must be converted to GPT-2's byte characters for the model. */
  readonly byteLevel: boolean;
}

/** GPT-2's pattern with Unicode white space instead of JavaScript's. */
const gpt2Pattern =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{space}\p{L}\p{N}]+|\p{space}+(?!\P{space})|\p{space}+/gu;
const punctuation = /[\p{P}!-/:-@[-`{-~]/gu;

/**
 * Compiles a `pre_tokenizer` entry; `null` leaves the text in one piece.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for an unknown type
 */
export function compilePreTokenizer(config: PartConfig | null): PreTokenizer {
  if (config === null) return { split: (text) => [text], byteLevel: false };
  const parts = flatten(config);
  const byteLevel = parts.at(-1)?.type === "ByteLevel";
  const steps = parts.map((part, index) => compileStep(part, byteLevel && index === parts.length - 1));
  if (steps.length === 1) return { split: steps[0] as PreTokenizeStep, byteLevel };
  const split: PreTokenizeStep = (text, isStart) => {
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

function compileStep(config: PartConfig, isLast: boolean): PreTokenizeStep {
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
      return vendorPreTokenizer(config);
  }
}

function byteLevelStep(config: PartConfig, isLast: boolean): PreTokenizeStep {
  const prefix = config["add_prefix_space"] === true;
  const useRegex = config["use_regex"] !== false;
  return (text) => {
    const spaced = prefix && !text.startsWith(" ") ? ` ${text}` : text;
    const pieces = useRegex ? (spaced.match(gpt2Pattern) ?? []) : [spaced];
    return isLast ? pieces : pieces.map(toByteCharacters);
  };
}

function metaspaceStep(config: PartConfig): PreTokenizeStep {
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

/** Splits at a pattern; `behavior` determines how matches are joined, `invert` swaps matches and the rest. */
function splitStep(pattern: RegExp, config: PartConfig): PreTokenizeStep {
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
        // A match is joined to the following part unless that is a match too.
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

/** Joins each part to the previous one if `belongs` holds for the original parts. */
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

/** GPT-2's `bytes_to_unicode`: printable bytes map to themselves, others to U+0100 and up. */
export const byteToUnicode: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte).map(
  ((): ((byte: number) => string) => {
    let next = 256;
    return (byte) => {
      const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
      return String.fromCharCode(printable ? byte : next++);
    };
  })(),
);

/** Converts the UTF-8 bytes of a text to GPT-2's byte characters. */
export function toByteCharacters(text: string): string {
  let characters = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 128) {
      for (const byte of Buffer.from(text.slice(i), "utf8")) characters += byteToUnicode[byte];
      return characters;
    }
    characters += byteToUnicode[unit];
  }
  return characters;
}
