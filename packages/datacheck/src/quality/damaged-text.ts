/** @file Damaged text (mojibake): decoded or escaped once too often, or once too rarely. */
import { messageText } from "@tunewise/core/rows";
import { hitsIn, type Observation, observeHits } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import { looksLikeCode, quoted } from "./text-patterns.ts";

/** Windows-1252 characters at 0x80 to 0x9f, in order; a full stop for undefined ones. */
const windows = "€.‚ƒ„…†‡ˆ‰Š‹Œ.Ž..‘’“”•–—˜™š›œ.žŸ";
const byteOf = new Map(
  [...windows].flatMap((sign, index) => (sign === "." ? [] : [[sign, 0x80 + index] as const])),
);

/** Runs that could be UTF-8 bytes decoded one by one: the character of a lead byte and possible continuations. */
const suspicious = /[\u00c2-\u00f4][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{1,3}/g;

const entity = /&(?:amp|lt|gt|quot|apos|nbsp|[lr]squo|[lr]dquo|hellip|[mn]dash|#\d{2,5}|#x[0-9a-f]{2,4});/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern searches for these characters
const control = /[\u0001-\u0008\u000b\u000e-\u001f\u007f]/;
const escapedBreak = /[.!?,;)]\\n(?=[A-Z\\*\-\d])|\\n\\n/;

/** Only this many characters of a text are read. */
const readCharacters = 100_000;

/** `DATA_TEXT_DAMAGED`. */
export function damagedText(part: Part, rows: readonly Row[]): Observation[] {
  const hits = hitsIn(rows, ({ messages }) => {
    for (const message of messages) {
      const damage = damageOf(messageText(message).slice(0, readCharacters));
      if (damage !== null) return damage;
    }
    return null;
  });
  return observeHits("DATA_TEXT_DAMAGED", "warning", part, hits, rows.length);
}

/** A description of the damage, or `null`. */
export function damageOf(text: string): string | null {
  if (text.includes("\ufffd")) return "a replacement character (U+FFFD)";
  for (const [run] of text.matchAll(suspicious)) {
    if (isMisread(run)) return `${quoted(run)}: UTF-8 read as Windows-1252`;
  }
  const found = control.exec(text)?.[0];
  if (found !== undefined) return `a control character (${found.charCodeAt(0)})`;
  if (text.includes("&") && entity.test(text) && !looksLikeCode(text)) {
    return `${quoted(entity.exec(text)?.[0] ?? "")}: an HTML entity`;
  }
  if (!text.includes("\n") && escapedBreak.test(text) && !looksLikeCode(text)) {
    return "\\n written out: a line break escaped twice";
  }
  return null;
}

/** Whether the characters, taken as bytes, are one UTF-8 character. */
function isMisread(run: string): boolean {
  const bytes = [...run].map((sign) => byteOf.get(sign) ?? sign.charCodeAt(0));
  const lead = bytes[0] ?? 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return bytes.length >= length && bytes.slice(1, length).every((byte) => byte >= 0x80 && byte <= 0xbf);
}
