/** @file Phone numbers: international ones, and national ones if the context identifies them. */
import { isAlphanumeric, isDigit } from "../alphabet.ts";
import { followsWord } from "../format.ts";
import type { Span } from "../rule.ts";
import { digitsOf, isMadeUp } from "./check-digits.ts";

/**
 * Country codes.
 *
 * @source ITU-T E.164, list of assigned country codes
 */
const countryCodes =
  "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 850 852 853 855 856 880 886 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 992 993 994 995 996 998";
const countries = new Set(countryCodes.split(" "));

const words =
  "(?:my|his|her|their|our)(?: [a-z]{2,12}){0,2} number(?: is)?|answer(?:ing|s)? at|reached at|contact me at|(?:messages?|sms) to|desk|ring me|hotline|telefone|numéro|phone|mobile|cell|tel|call|fax|whatsapp|sms|dial|handy|mobil|telefon|telefono|téléphone|teléfono|celular|móvil|portable|text me|reach (?:me|him|her|us|them)(?: at)?";
const word = new RegExp(`(?:(?:${words})\\b|тел\\.?)(?:[^\\n]{0,20}|:?\\s{0,3})$`);

/** Words that may directly follow a national number and identify it: `262-9147 office`. */
const wordAfter = /^(?:x\d{1,6})?[ ,(-]{1,3}(?:office|fax|mobile|cell|home|work|phone|tel|direct|pager)\b/i;

/** An international number: `+`, a country code, 8 to 15 digits in total, grouped or not. */
export function readInternational(text: string, first: number): Span | null {
  if (/[\w)\]+]/.test(text[first - 2] ?? " ")) return null; // `a+12345678` is an addition
  const end = endOfNumber(text, first);
  const number = digitsOf(text.slice(first, end));
  if (number.length < 8 || number.length > 15) return null;
  const all = number.join("");
  const country = [1, 2, 3].map((length) => all.slice(0, length)).find((code) => countries.has(code));
  if (country === undefined || isMadeUp(all.slice(country.length))) return null;
  const rest = all.slice(country.length);
  if (country === "1") return isNorthAmerican(rest) ? { start: first - 1, end } : null;
  return rest.length >= 7 && !/^0{2}/.test(rest) ? { start: first - 1, end } : null;
}

/** A national number: `(415) 262-0147` by its shape, others near a word such as "phone". */
export function readNational(text: string, first: number): Span | null {
  const bracketed = text[first - 1] === "(";
  const start = bracketed ? first - 1 : first;
  const before = text.charCodeAt(start - 1);
  if (isAlphanumeric(before) || "_.+@/#-".includes(text[start - 1] ?? " ")) return null;
  if (isDigit(text.charCodeAt(start - 2)) && isMark(before)) return null; // within a series of numbers
  const end = endOfNumber(text, first);
  if (end - first < 7) return null;
  const written = text.slice(start, end);
  const number = digitsOf(written).join("");
  if (number.length < 7 || number.length > 12 || isMadeUp(number)) return null;
  if (bracketed && /^\(\d{3}\) ?\d{3}[-. ]\d{4}$/.test(written))
    return isNorthAmerican(number) ? { start, end } : null;
  const isShaped =
    /^\(0\d{1,4}\) ?\d{3,4}[- ]?\d{3,5}$/.test(written) || /^[2-9]\d{2}-\d{3}-\d{4}$/.test(written);
  if (isShaped && (bracketed || isNorthAmerican(number)) && !/^[-\w]/.test(text[end] ?? " "))
    return { start, end };
  if (/^\d{4}[-./]\d\d[-./]\d\d$|^\d\d[-./]\d\d[-./]\d{4}$|^\d+\.\d+$/.test(written)) return null; // a date, a decimal
  if (!followsWord(text, start, word, 40) && !wordAfter.test(text.slice(end, end + 20))) return null;
  const plain = number.length === 11 && number.startsWith("1") ? number.slice(1) : number;
  if (plain.length === 10 && !number.startsWith("0"))
    return isNorthAmerican(plain) || !/^\d{3}[-. ]\d{3}/.test(written) ? { start, end } : null;
  return number.length >= 8 || /[-. ]/.test(written) ? { start, end } : null;
}

/** Area code and exchange start with 2 to 9. Excludes 555 numbers, which are often fictional, and codes such as 911. */
function isNorthAmerican(number: string): boolean {
  return /^[2-9]\d{2}[2-9]\d{6}$/.test(number) && !/^\d{3}555|^555/.test(number) && !/^[2-9]11/.test(number);
}

/** The end of a number, with at most two separators between digits. */
function endOfNumber(text: string, first: number): number {
  let end = first;
  let last = first;
  while (end - first < 26) {
    const code = text.charCodeAt(end);
    if (isDigit(code)) last = end + 1;
    else if (!isMark(code) || end - last >= 2) break;
    end++;
  }
  return last;
}

/** Space, no-break space, parentheses, `-`, `.`, `/`. */
function isMark(code: number): boolean {
  return code === 32 || code === 160 || code === 40 || code === 41 || (code >= 45 && code <= 47);
}
