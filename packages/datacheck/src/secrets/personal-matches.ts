/**
 * @file Personal data around the digits, `@` signs and words of a text. Names of people are out of scope, since without
 * a model they cannot be distinguished from other words.
 */
import { isDigit } from "./alphabet.ts";
import { birthWords, readBirthDate } from "./personal/birth-date.ts";
import { readCard } from "./personal/card.ts";
import { readEmail } from "./personal/email.ts";
import { readIban } from "./personal/iban.ts";
import { readIpv4, readIpv6 } from "./personal/internet-address.ts";
import { readNationalId } from "./personal/national-ids.ts";
import { readInternational, readNational } from "./personal/phone.ts";
import { germanStreetWords, readGermanStreet, readStreet } from "./personal/street.ts";
import type { Found, Kind, Span } from "./rule.ts";

/** Secrets take precedence over personal data if both match. */
const firstRank = 10_000;

/** Words next to which personal data occurs. */
export const personalWords: readonly string[] = ["@", ...birthWords, ...germanStreetWords];

/** Finds personal data at a keyword of `personalWords`. */
export function findAtWord(text: string, word: string, keyword: Span, found: Found[]): void {
  if (word === "@") {
    const span = readEmail(text, keyword.start);
    if (span === null) return;
    const first = /^[A-Za-z]/.exec(text.slice(span.start, span.end))?.[0] ?? "";
    found.push({
      ...match("email", "E-mail address", "EMAIL", span),
      severity: "note",
      masked: `${first}…@…`,
    });
    return;
  }
  const isBirth = birthWords.includes(word);
  const span = isBirth ? readBirthDate(text, keyword) : readGermanStreet(text, keyword);
  if (span === null) return;
  const named = isBirth
    ? match("birth-date", "Date of birth", "BIRTH_DATE", span)
    : match("street-address", "Street address", "ADDRESS", span);
  found.push(named);
}

/** Finds personal data that starts with a run of digits or with a few letters before digits. */
export function findNumbers(text: string, from: number, to: number, found: Found[]): void {
  for (let first = from; first < to; first++) {
    if (!isDigit(text.charCodeAt(first)) || isDigit(text.charCodeAt(first - 1))) continue;
    let end = first + 1;
    while (end - first < 40 && isDigit(text.charCodeAt(end))) end++;
    readNumber(text, first, end, found);
    first = end - 1;
  }
}

function readNumber(text: string, first: number, end: number, found: Found[]): void {
  const length = end - first;
  const next = text.charCodeAt(end);
  const before = text.charCodeAt(first - 1);
  const goesOn = joins(next) && isDigit(text.charCodeAt(end + 1));
  if (next === 46 && goesOn && length <= 3)
    add(found, "ipv4", "Internet address", "IP", readIpv4(text, first));
  if (before === 43) add(found, "phone", "Telephone number", "PHONE", readInternational(text, first));
  else if (length >= 7 || goesOn || before === 40) {
    add(
      found,
      "phone-national",
      "Telephone number",
      "PHONE",
      length <= 12 ? readNational(text, first) : null,
    );
  }
  if ((length >= 13 || (length === 4 && goesOn)) && isIssued(text.charCodeAt(first)))
    addCard(text, first, found);
  if (length >= 2 && isUpper(before))
    add(found, "iban", "Bank account (IBAN)", "IBAN", readIban(text, first));
  if (length <= 4 && mayBeIpv6(text, first, end))
    add(found, "ipv6", "Internet address", "IP", readIpv6(text, first));
  if (length <= 5 && next === 32 && mayBeStreet(text, end + 1)) {
    add(found, "street-address", "Street address", "ADDRESS", readStreet(text, first));
  }
  if (length >= 8 || goesOn || isUpper(before) || isUpper(next) || next === 43) {
    const national = readNationalId(text, first, end);
    if (national !== null) add(found, national.of.id, national.of.title, "NATIONAL_ID", national);
  }
}

function add(found: Found[], id: string, title: string, kind: Kind, span: Span | null): void {
  if (span !== null) found.push(match(id, title, kind, span));
}

function addCard(text: string, first: number, found: Found[]): void {
  const card = readCard(text, first);
  if (card === null) return;
  const title = card.isTest ? "Payment card number for tests" : "Payment card number";
  const severity = card.isTest ? "note" : "warning";
  found.push({ ...match(card.isTest ? "card-test" : "card", title, "CARD", card), severity });
}

function match(id: string, title: string, kind: Kind, { start, end }: Span): Found {
  const masked = `…(${end - start})`;
  return { rule: id, title, kind, personal: true, severity: "warning", masked, start, end, rank: firstRank };
}

/** Space, `-`, `.`, `/`, `)`. */
function joins(code: number): boolean {
  return code === 32 || code === 45 || code === 46 || code === 47 || code === 41;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** Whether the first group may start an IPv6 address: four hexadecimal digits from 2000 on. */
function mayBeIpv6(text: string, first: number, end: number): boolean {
  const digit = text[first];
  return (digit === "2" || digit === "3") && /^[0-9a-fA-F]{0,3}:/.test(text.slice(end, first + 5));
}

function mayBeStreet(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return isUpper(code) || isDigit(code);
}

/** Whether a digit may start a card number: 2 to 6 for all issuers. */
function isIssued(code: number): boolean {
  return code >= 50 && code <= 54;
}
