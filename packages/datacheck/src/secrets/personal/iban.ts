/** @file International bank account numbers (IBAN). */
import { isDigit } from "../alphabet.ts";
import type { Span } from "../rule.ts";
import { modulo } from "./check-digits.ts";

/**
 * Length by country.
 *
 * @source ISO 13616, IBAN registry of SWIFT, release 99
 */
const lengths = new Map(
  "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
    .split(" ")
    .map((one): [string, number] => [one.slice(0, 2), Number(one.slice(2))]),
);

/** Account numbers after the check digits in examples of the registry and of manuals. */
const documented =
  `370400440532013000 NWBK60161331926819 WEST12345698765432 ABNA0417164300 200500013M02606 539007547034
  2004100500001 21000418450200051332 X0542811101000000123456 00762011623852957`.split(/\s+/);

/** An IBAN whose check digits start at `first`, ungrouped or in groups of four; `null` if mod 97 is not 1. */
export function readIban(text: string, first: number): Span | null {
  const start = first - 2;
  const length = lengths.get(text.slice(start, first));
  if (length === undefined || /\w/.test(text[start - 1] ?? " ")) return null;
  let compact = "";
  let at = start;
  while (compact.length < length) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || (code >= 65 && code <= 90)) compact += text[at];
    else if (code !== 32 || compact.length % 4 !== 0) return null;
    at++;
  }
  if (/\w/.test(text[at] ?? " ") || documented.some((body) => compact.includes(body, 4))) return null;
  if (/(\d)\1{7}/.test(compact)) return null;
  const moved = compact.slice(4) + compact.slice(0, 4);
  const number = moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return modulo(number, 97) === 1 ? { start, end: at } : null;
}
