/** @file The alphabets of tokens, as one table of bits per character, so that a lookup is a single array access. */

/** Characters of each alphabet; ranges as in a character class. */
const characters = {
  digit: "0-9",
  hex: "0-9a-f",
  anyHex: "0-9a-fA-F",
  upperHex: "0-9A-F",
  letter: "a-zA-Z",
  upper: "A-Z",
  lower36: "a-z0-9",
  upper36: "A-Z0-9",
  base32: "A-Z2-7",
  base58: "1-9A-HJ-NP-Za-km-z",
  base62: "0-9A-Za-z",
  word: "0-9A-Za-z_",
  base64: "0-9A-Za-z+/",
  base64url: "0-9A-Za-z_\\-",
  dotted: "0-9A-Za-z_\\-.",
  padding: "=",
  padded: "0-9A-Za-z_=\\-",
  dottedPadded: "0-9A-Za-z_=\\-.",
  dashed: "0-9A-Za-z\\-",
  anyBase64: "0-9A-Za-z+/_=\\-",
  percent: "0-9A-Za-z%",
  tilde: "0-9A-Za-z_~\\-.",
} as const;

/** Name of an alphabet. */
export type Alphabet = keyof typeof characters;

/** The names of all alphabets. */
const alphabets = Object.keys(characters) as readonly Alphabet[];

const bits = new Map(alphabets.map((name, index) => [name, 1 << index]));
const table = new Uint32Array(128);

/** The characters of an alphabet, in order of their codes. */
export function charactersOf(alphabet: Alphabet): string {
  const ranges = characters[alphabet].replaceAll("\\-", "\u0000");
  let all = "";
  for (let i = 0; i < ranges.length; i++) {
    const first = ranges.charCodeAt(i);
    const last = ranges[i + 1] === "-" ? ranges.charCodeAt(i + 2) : first;
    if (last !== first) i += 2;
    for (let code = first; code <= last; code++) all += code === 0 ? "-" : String.fromCharCode(code);
  }
  return all;
}

for (const name of alphabets) {
  const bit = bits.get(name) ?? 0;
  for (const one of charactersOf(name)) table[one.charCodeAt(0)] = (table[one.charCodeAt(0)] ?? 0) | bit;
}

/** The bit of an alphabet in `alphabetBits`. */
export function bitOf(alphabet: Alphabet): number {
  return bits.get(alphabet) ?? 0;
}

/** The alphabets that contain a character code, as bits; 0 beyond ASCII and for NaN, the code past the end. */
export function alphabetBits(code: number): number {
  return code < 128 ? (table[code] ?? 0) : 0;
}

const wordBits = bitOf("base62");

/** Whether a character code is an ASCII letter or digit. */
export function isAlphanumeric(code: number): boolean {
  return (alphabetBits(code) & wordBits) !== 0;
}

/** Whether a character code is an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** This many characters of an alphabet, chosen so that no filter takes them for a placeholder. */
export function lot(length: number, alphabet: Alphabet = "base62", start = 0): string {
  const characters = charactersOf(alphabet);
  return Array.from({ length }, (_, index) => {
    const i = index + start;
    return characters[(i * i * 7 + i * 13 + Math.floor(i / 61) * 31) % characters.length];
  }).join("");
}
