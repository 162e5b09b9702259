/** @file Street addresses: number, street, city and postal code together. */
import type { Span } from "../rule.ts";

const streets =
  "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Terrace|Ter|Circle|Cir|Parkway|Pkwy|Square|Sq|Close|Crescent";
const states =
  "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]";
const name = "(?:[NSEW]\\.? )?(?:[A-Z][a-z'.-]{1,18}|\\d{1,3}(?:st|nd|rd|th))(?: [A-Z][a-z'.-]{1,18}){0,3}";
const unit = "(?:,? (?:Apt|Apartment|Suite|Ste|Unit|#|Flat)\\.? ?[\\w-]{1,6})?";
const american = new RegExp(
  `^\\d{1,5}[A-Z]? ${name} (?:${streets})\\b\\.?${unit},?\\s{1,3}[A-Z][A-Za-z .'-]{2,24},?\\s{1,2}(?:${states})\\.?,? \\d{5}(?:-\\d{4})?(?!\\d)`,
);
const british = new RegExp(
  `^\\d{1,4}[A-Za-z]? ${name} (?:${streets})\\b\\.?,?\\s{1,3}[A-Z][A-Za-z .,'-]{2,40}?,?\\s{1,2}[A-Z]{1,2}\\d[A-Z\\d]? \\d[A-Z]{2}\\b`,
);
const germanCode = "(?:D-)?\\d{5} [A-ZÄÖÜ][a-zäöüß]{2,24}";
const german = new RegExp(
  `^(?:straße|strasse|str\\.|weg|platz|allee|gasse)\\s{1,2}\\d{1,4} ?[a-z]?,?\\s{1,3}${germanCode}`,
  "i",
);

/** Endings of German street names, in ASCII. */
export const germanStreetWords: readonly string[] = ["strasse", "str.", "weg", "platz", "allee", "gasse"];

/** Generic street names in examples. */
const anywhereWords =
  "Anytown|Springfield|Evergreen|Baker St|Privet|Pennsylvania Ave|Infinite Loop|Amphitheatre";
const anywhere = new RegExp(
  `^\\d{1,5} (?:Main|Elm|Any|Example|Sample|Fake|Test|Your|Some|First|Oak|Maple) |${anywhereWords}`,
);

/** An American or British address that starts with its house number. */
export function readStreet(text: string, first: number): Span | null {
  if (/[\w.,\-/]/.test(text[first - 1] ?? " ")) return null;
  const part = text.slice(first, first + 150);
  const found = american.exec(part) ?? british.exec(part);
  return found === null || anywhere.test(found[0]) ? null : { start: first, end: first + found[0].length };
}

/** A German address, found by the end of its street name. */
export function readGermanStreet(text: string, { start }: Span): Span | null {
  const found = german.exec(text.slice(start, start + 60));
  if (found === null) return null;
  const before = /[A-ZÄÖÜ][a-zäöüß-]{1,30}(?: [A-ZÄÖÜ]?[a-zäöüß-]{1,20})?[ -]?$/.exec(
    text.slice(Math.max(0, start - 54), start),
  );
  if (before === null || /muster|beispiel/i.test(before[0])) return null;
  return { start: start - before[0].length, end: start + found[0].length };
}
