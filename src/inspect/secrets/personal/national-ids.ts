/** @file The table of national numbers; check digits as each country publishes them. */

import { isAlphanumeric } from "../alphabet.ts";
import { followsWord } from "../format.ts";
import type { Span } from "../rule.ts";
import { isMadeUp } from "./check-digits.ts";
import { furtherRows } from "./further-ids.ts";
import * as checks from "./national-checks.ts";

/** One country's number. */
interface NationalId {
  readonly id: string;
  readonly title: string;
  /** Letters before the first digit. */
  readonly lead: number;
  /** Lengths the first run of digits may have. */
  readonly firstRun: readonly number[];
  /** The number, from its first letter or digit on. */
  readonly shape: RegExp;
  /** A word that must stand before, in lower case; `null` where shape and check digits say enough. */
  readonly context: RegExp | null;
  /** Judges the letters and digits alone. */
  readonly accepts: (compact: string) => boolean;
}

/** A row of the table: what it is, and how it is written. */
export type Row = [
  [id: string, title: string, lead: number, firstRun: readonly number[]],
  [shape: RegExp, context: RegExp | null, accepts: (compact: string) => boolean],
];

const rows: readonly Row[] = [
  [
    ["us-ssn", "US social security number", 0, [3, 9]],
    [/^\d{3}(?:([- ])\d{2}\1\d{4}|\d{6})/, /\bssn\b|social security|social sec\b/, checks.isSsn],
  ],
  [
    ["us-ssn-dashed", "US social security number", 0, [3]],
    [/^\d{3}-\d{2}-\d{4}/, null, checks.isSsn],
  ],
  [
    ["uk-nino", "UK national insurance number", 3, [2]],
    [/^[A-Z]{2} \d\d \d\d \d\d [A-D]/, null, checks.isNino],
  ],
  [
    ["uk-nino-plain", "UK national insurance number", 2, [6]],
    [/^[A-Z]{2}\d{6} ?[A-D]/, /national insurance|\bnino\b|\bni (?:no|number)/, checks.isNino],
  ],
  [
    ["de-tax", "German tax id", 0, [2, 11]],
    [/^\d{2} ?\d{3} ?\d{3} ?\d{3}/, /steuer|\bidnr|\bid-nr|\btin\b|tax id/, checks.isGermanTaxId],
  ],
  [
    ["es-dni", "Spanish DNI", 0, [8]],
    [/^\d{8}[ -]?[A-Z]/, /\bdni\b|\bnif\b|documento|identidad/, checks.isSpanishId],
  ],
  [
    ["es-nie", "Spanish NIE", 1, [7]],
    [/^[XYZ]\d{7}[ -]?[A-Z]/, /\bnie\b|\bnif\b|extranjero|documento|identidad/, checks.isSpanishId],
  ],
  [
    ["fr-nir", "French NIR", 0, [1, 15]],
    [/^[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}/, null, checks.isFrenchNir],
  ],
  [
    ["it-fiscal", "Italian codice fiscale", 6, [2]],
    [/^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]/, null, checks.isItalianFiscalCode],
  ],
  [
    ["nl-bsn", "Dutch BSN", 0, [4, 9]],
    [/^\d{4}\.?\d{2}\.?\d{3}/, /\bbsn\b|burgerservice|sofi/, checks.isDutchBsn],
  ],
  [
    ["br-cpf", "Brazilian CPF", 0, [3]],
    [/^\d{3}\.\d{3}\.\d{3}-\d{2}/, null, checks.isCpf],
  ],
  [
    ["br-cpf-plain", "Brazilian CPF", 0, [11]],
    [/^\d{11}/, /\bcpf\b/, checks.isCpf],
  ],
  [
    ["in-aadhaar", "Indian Aadhaar number", 0, [4, 12]],
    [/^[2-9]\d{3}([ -]?)\d{4}\1\d{4}/, /aadh?aar|adhar|uidai|\buid\b/, checks.isAadhaar],
  ],
  [
    ["in-pan", "Indian PAN", 5, [4]],
    [/^[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]/, /\bpan\b|permanent account|income tax/, () => true],
  ],
  [
    ["pl-pesel", "Polish PESEL", 0, [11]],
    [/^\d{11}/, /pesel/, checks.isPesel],
  ],
  [
    ["se-person", "Swedish personnummer", 0, [8]],
    [/^(?:18|19|20)\d{6}[-+]\d{4}/, null, checks.isSwedishNumber],
  ],
  [
    ["se-person-short", "Swedish personnummer", 0, [6, 10, 12]],
    [/^(?:\d{2})?\d{6}[-+]?\d{4}/, /personn|\bpnr\b|swedish/, checks.isSwedishNumber],
  ],
  [
    ["be-national", "Belgian national number", 0, [2]],
    [/^\d\d\.\d\d\.\d\d-\d{3}\.\d\d/, null, checks.isBelgianNumber],
  ],
  [
    ["be-national-plain", "Belgian national number", 0, [11]],
    [/^\d{11}/, /rijksregister|registre national|\bniss\b|\binsz\b/, checks.isBelgianNumber],
  ],
  [
    ["fi-person", "Finnish henkilötunnus", 0, [6]],
    [/^\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]/, null, checks.isFinnishNumber],
  ],
  [
    ["no-person", "Norwegian fødselsnummer", 0, [6, 11]],
    [/^\d{6} ?\d{5}/, /fødsels|fodsels|personnummer|\bfnr\b/, checks.isNorwegianNumber],
  ],
  [
    ["dk-person", "Danish CPR number", 0, [6, 10]],
    [/^\d{6}-?\d{4}/, /\bcpr\b|personnummer/, checks.startsWithDayMonth],
  ],
  [
    ["pt-tax", "Portuguese NIF", 0, [3, 9]],
    [/^\d{3} ?\d{3} ?\d{3}/, /\bnif\b|contribuinte/, checks.isPortugueseNif],
  ],
  [
    ["tr-identity", "Turkish identity number", 0, [11]],
    [/^[1-9]\d{10}/, /\btc\b|t\.c\.|kimlik|tckn/, checks.isTurkishNumber],
  ],
  [
    ["cn-identity", "Chinese resident identity number", 0, [17, 18]],
    [/^[1-9]\d{5}(?:18|19|20)\d{9}[\dX]/, null, checks.isChineseNumber],
  ],
  [
    ["za-identity", "South African identity number", 0, [13]],
    [/^\d{13}/, /\bid\b|identity|south africa/, checks.isSouthAfricanNumber],
  ],
  [
    ["ca-sin", "Canadian social insurance number", 0, [3, 9]],
    [/^[1-79]\d{2}([ -]?)\d{3}\1\d{3}/, /\bsin\b|social insurance|\bnas\b/, checks.endsInLuhn],
  ],
  [
    ["il-identity", "Israeli identity number", 0, [9]],
    [/^\d{9}/, /teudat|israeli id/, checks.endsInLuhn],
  ],
  [
    ["au-tax", "Australian tax file number", 0, [3, 9]],
    [/^\d{3} ?\d{3} ?\d{3}/, /\btfn\b|tax file/, checks.isAustralianTfn],
  ],
  [
    ["kr-resident", "Korean resident registration number", 0, [6]],
    [/^\d{6}-[1-8]\d{6}/, null, checks.isKoreanNumber],
  ],
  [
    ["mx-curp", "Mexican CURP", 4, [6]],
    [/^[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d/, null, checks.isCurp],
  ],
  [
    ["ch-ahv", "Swiss AHV number", 0, [3]],
    [/^756\.\d{4}\.\d{4}\.\d{2}/, null, checks.isSwissAhv],
  ],
  [
    ["cz-birth", "Czech or Slovak birth number", 0, [6]],
    [/^\d{6}\/?\d{4}/, /rodn|\brč\b/, checks.isCzechNumber],
  ],
  [
    ["cl-rut", "Chilean RUT", 0, [1, 2]],
    [/^\d{1,2}\.\d{3}\.\d{3}-[\dkK]/, null, checks.isRut],
  ],
];

/** Numbers of persons, by country. */
const nationalIds: readonly NationalId[] = [...rows, ...furtherRows].map(
  ([[id, title, lead, firstRun], [shape, context, accepts]]) => ({
    id,
    title,
    lead,
    firstRun,
    shape,
    context,
    accepts,
  }),
);

/** A number and its kind. */
interface NationalMatch extends Span {
  readonly of: NationalId;
}

const longest = 26;
const byRun = new Map<number, NationalId[]>();
for (const one of nationalIds) {
  for (const length of one.firstRun) byRun.set(length, [...(byRun.get(length) ?? []), one]);
}

/** The number whose first run of digits is from `first` to `runEnd`. */
export function readNationalId(text: string, first: number, runEnd: number): NationalMatch | null {
  for (const one of byRun.get(runEnd - first) ?? []) {
    const start = first - one.lead;
    if (start < 0 || isJoined(text.charCodeAt(start - 1))) continue;
    const found = one.shape.exec(text.slice(start, start + longest));
    if (
      found === null ||
      /^(?:[\p{L}\d_]|-\d|\.\d)/u.test(text.slice(start + found[0].length, start + longest))
    )
      continue;
    const compact = found[0].replace(/[\s./-]/g, "");
    if (isMadeUp(compact.replace(/\D/g, "")) || !one.accepts(compact)) continue;
    if (one.context !== null && !followsWord(text, start, one.context)) continue;
    return { start, end: start + found[0].length, of: one };
  }
  return null;
}

/** Whether a character before makes it the middle of something: a letter, a digit, `_`, `-`, `.`, `/`. */
function isJoined(code: number): boolean {
  return isAlphanumeric(code) || code === 95 || (code >= 45 && code <= 47) || (code >= 0xc0 && code < 0x24f);
}
