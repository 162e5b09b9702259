/**
 * @file Decoders: token strings to text.
 *
 * @source huggingface/tokenizers tokenizers/src/decoders/*.rs
 */
import { byteToUnicode } from "./pre-tokenizer.ts";
import { inTime } from "./time-limit.ts";
import { compilePattern, invalidTokenizer, type PartConfig, vendorDecoder } from "./vendor.ts";

/** Max. length of a replacement; those in use have one character. */
const MAX_REPLACEMENT = 1_000;

/** A decoding step; the strings of the last step are joined. */
type DecodeStep = (tokens: string[]) => string[];

/**
 * Compiles a `decoder` entry; `null` joins tokens with spaces.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for an unknown type
 */
export function compileDecoder(config: PartConfig | null): (tokens: string[]) => string {
  if (config === null) return (tokens) => tokens.join(" ");
  const step = compileStep(config);
  const decode = (tokens: string[]): string => step(tokens).join("");
  // Only a pattern from the file can run forever; without one, skip the overhead of a time limit per token.
  const hasPattern = JSON.stringify(config).includes('"Regex"');
  return hasPattern ? (tokens) => inTime(4 * tokens.length, () => decode(tokens)) : decode;
}

function compileStep(config: PartConfig): DecodeStep {
  switch (config.type) {
    case "ByteLevel":
      return byteLevel;
    case "ByteFallback":
      return byteFallback;
    case "Fuse":
      return (tokens) => [tokens.join("")];
    case "Replace":
      return replaceStep(config);
    case "Strip":
      return stripStep(config);
    case "Metaspace":
      return metaspaceStep(config);
    case "Sequence": {
      const inner = config["decoders"];
      if (!Array.isArray(inner)) throw invalidTokenizer("decoder.decoders is missing");
      const steps = inner.map((part: PartConfig) => compileStep(part));
      return (tokens) => steps.reduce((current, step) => step(current), tokens);
    }
    default:
      return vendorDecoder(config);
  }
}

const unicodeToByte: ReadonlyMap<string, number> = new Map(
  byteToUnicode.map((character, byte) => [character, byte]),
);
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** Tokens of byte characters yield their bytes, others their text; invalid UTF-8 becomes U+FFFD. */
function byteLevel(tokens: string[]): string[] {
  const bytes: number[] = [];
  for (const token of tokens) {
    const own = bytesOfByteLevel(token);
    for (const byte of own ?? Buffer.from(token, "utf8")) bytes.push(byte);
  }
  return [lossy.decode(Uint8Array.from(bytes))];
}

/** Bytes of a token of byte characters; `null` if it has others. */
export function bytesOfByteLevel(token: string): number[] | null {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = unicodeToByte.get(character);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return bytes;
}

/** Runs of `<0xNN>` become text, or one U+FFFD per byte if they are not UTF-8. */
function byteFallback(tokens: string[]): string[] {
  const texts: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length === 0) return;
    const run = Buffer.from(bytes);
    const text = lossy.decode(run);
    // Lossless exactly if encoding the text yields the bytes again.
    texts.push(Buffer.from(text, "utf8").equals(run) ? text : "\ufffd".repeat(bytes.length));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) {
      bytes.push(Number.parseInt(byte, 16));
    } else {
      flush();
      texts.push(token);
    }
  }
  flush();
  return texts;
}

function replaceStep(config: PartConfig): DecodeStep {
  const pattern = compilePattern(config["pattern"]);
  const content = String(config["content"] ?? "");
  if (content.length > MAX_REPLACEMENT) throw invalidTokenizer("a decoder puts in more than it may");
  return (tokens) => tokens.map((token) => token.replaceAll(pattern, () => content));
}

/** Strips up to `start` leading and `stop` trailing copies of a character from each token. */
function stripStep(config: PartConfig): DecodeStep {
  const content = String(config["content"] ?? " ");
  const start = Number(config["start"] ?? 0);
  const stop = Number(config["stop"] ?? 0);
  return (tokens) =>
    tokens.map((token) => {
      const characters = [...token];
      let from = 0;
      while (from < start && characters[from] === content) from++;
      let to = characters.length;
      while (characters.length - to < stop && to > from && characters[to - 1] === content) to--;
      return characters.slice(from, to).join("");
    });
}

function metaspaceStep(config: PartConfig): DecodeStep {
  const mark = typeof config["replacement"] === "string" ? config["replacement"] : "\u2581";
  const scheme = config["prepend_scheme"] ?? (config["add_prefix_space"] === false ? "never" : "always");
  return (tokens) =>
    tokens.map((token, index) => token.replaceAll(mark, index === 0 && scheme !== "never" ? "" : " "));
}
