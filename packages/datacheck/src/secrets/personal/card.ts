/** @file Payment card numbers: issuer, length and check digit must agree. */

import { followsWord } from "../format.ts";
import type { Span } from "../rule.ts";
import { digitsOf, passesLuhn } from "./check-digits.ts";

/** A card number, and whether a payment provider documents it as a test number. */
interface Card extends Span {
  readonly isTest: boolean;
}

/**
 * Issuers' prefixes and lengths.
 *
 * @source ISO/IEC 7812; the issuers' published ranges, as in Wikipedia, Payment card number, July 2025
 */
const issuers: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|64[4-9]|65)/, [16, 19]], // Discover
  [/^(?:30[0-5]|36|3[89])/, [14]], // Diners Club
  [/^35(?:2[89]|[3-8])/, [16]], // JCB
  [/^(?:2131|1800)/, [15]], // JCB, old numbers
  [/^62/, [16, 19]], // UnionPay
  [/^(?:50|5[6-8]|6[37])/, [16, 18, 19]], // Maestro
];

/** Documented test numbers without their check digit. Many end in zeros or one repeated digit. */
const testStarts = new Set(
  `424242424242424 411111111111111 555555555555444 222300312200322 520082828282821 510510510510510
  37828224631000 37144963539843 37873449367100 601111111111111 601100099013942 601198110111111
  305693090002000 3056930900020 3622720627166 3852000002323 356600202036050 353011133330000
  620000000000000 401288888888188 400005665566555 510000000000 222222222222222 501671809020000`.split(/\s+/),
);

const cardWord =
  /card|visa|master|amex|american express|credit|debit|\bcc\b|\bpan\b|payment|karte|tarjeta|carte|cartão|maestro/;

/**
 * A card number that starts at a digit: in groups, or ungrouped if context words precede it or no other number is
 * nearby.
 */
export function readCard(text: string, first: number): Card | null {
  const found =
    /^(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\w-]|\.\d)/.exec(
      text.slice(first, first + 26),
    );
  if (found === null || /[\w.\-/#+$]/.test(text[first - 1] ?? " ")) return null;
  const [written] = found;
  const number = written.replace(/[ -]/g, "");
  const isGrouped = number !== written;
  const usual = number.length === 16 || number.length === 15;
  if (!isCardNumber(number)) return null;
  if (/^(\d)\1+$/.test(number) || /0{9}/.test(number.slice(0, -1)))
    return { start: first, end: first + written.length, isTest: true };
  const isTest = testStarts.has(number.slice(0, -1)) || /^40000{2}\d{2}0{5}/.test(number);
  if (
    !isGrouped &&
    !isTest &&
    !followsWord(text, first, cardWord) &&
    !(usual && standsAlone(text, first, written.length))
  )
    return null;
  return { start: first, end: first + written.length, isTest };
}

/**
 * Whether digits are a number that an issuer could have given out. Around 1 in 50 ids of 16 digits are too, so a check
 * also weighs the text around it, and a mask need not.
 */
export function isCardNumber(number: string): boolean {
  const isIssued = issuers.some(([start, lengths]) => lengths.includes(number.length) && start.test(number));
  return isIssued && passesLuhn(digitsOf(number));
}

/** Whether there is no other number nearby, since ids and times occur in series. */
function standsAlone(text: string, first: number, length: number): boolean {
  const before = text.slice(Math.max(0, first - 24), first);
  const after = text.slice(first + length, first + length + 24);
  return !/\d{5}|["'=:,_[(]\s?$|\bid\b/i.test(before) && !/\d{5}/.test(after);
}
