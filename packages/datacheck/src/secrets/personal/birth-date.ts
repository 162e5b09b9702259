/** @file Dates of birth: a date after a word such as "born". */
import type { Span } from "../rule.ts";

/** Words before the date. A biography's "born in 1879" does not count. */
export const birthWords: readonly string[] =
  `date of birth | birth date | birthdate | birth_date | date_of_birth | dateofbirth | birthday | born on |
  d.o.b | dob | geburtsdatum | geboren am | date de naissance | fecha de nacimiento | data di nascita |
  data de nascimento | geboortedatum`.split(/ \|\s+/);

const months =
  "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const year = "(?:18|19|20)\\d{2}";
const between = "(?:[\"'`)*\\s:=>,.(]|\\bis\\b|\\bwas\\b){0,10}?";
const numeric = `${year}[-./]\\d{1,2}[-./]\\d{1,2}|\\d{1,2}[-./]\\d{1,2}[-./](?:${year}|\\d{2})`;
const dayFirst = `\\d{1,2}(?:st|nd|rd|th)?\\.? (?:${months}),? ${year}`;
const monthFirst = `(?:${months})\\.? \\d{1,2}(?:st|nd|rd|th)?,? ${year}`;
const date = `(?:${numeric}|${dayFirst}|${monthFirst})(?!\\d)`;
const after = new RegExp(`^${between}(${date})`, "i");

/** The date after a birth word. */
export function readBirthDate(text: string, { start, end }: Span): Span | null {
  if (/[A-Za-z]/.test(text[start - 1] ?? " ")) return null;
  const found = after.exec(text.slice(end, end + 48));
  const [whole = "", written = ""] = found ?? [];
  if (found === null || /^(?:1970-01-01|2000-01-01|01[/.-]01[/.-](?:1970|2000|1990|1900))$/.test(written))
    return null;
  return { start: end + whole.length - written.length, end: end + whole.length };
}
