/** @file Names and what is assigned to them, in whatever language: code, JSON, YAML, headers, flags, prose. */
import { alphabetBits, bitOf } from "./alphabet.ts";
import type { Span } from "./rule.ts";

/** A value and how it came to its name. */
export interface Assigned extends Span {
  /** The name in lower case: at most 40 characters before the keyword and 40 after. */
  readonly name: string;
  /** What the name goes on with after the keyword, as it is written. */
  readonly tail: string;
  readonly quoted: boolean;
  /** How a value without quotes came to its name. */
  readonly by: Relation;
}

/**
 * - `setting`: name and value fill a line, as in `.env` and YAML, or the name is a variable of the environment
 * - `flag`: an option of a command or a part of an address
 * - `element`: what is between two tags
 * - `prose`: people tell each other
 * - `code`: anything else
 */
export type Relation = "setting" | "flag" | "prose" | "element" | "code";

/** Where a value begins, and how it is joined to its name. */
interface Joint {
  readonly nameEnd: number;
  readonly start: number;
  readonly by?: Relation;
}

const longestName = 40;
const longestQuoted = 640;
const longestBare = 180;
const longestElement = 300;
/** More words between two tags are a sentence. */
const mostWords = 4;
const nameBits = bitOf("dotted");
const closers = "\"'`]*\\)";
const quotes = "\"'`";
/** 1 for characters that end a value without quotes: spaces, control characters, and what closes around it. */
const stops = new Uint8Array(128).fill(1, 0, 33);
for (const one of ",;)}]>\"'`&<|") stops[one.charCodeAt(0)] = 1;

/** What a name around a keyword is assigned, or `null`. Looks at some 900 characters at most. */
export function assignedValue(text: string, keyword: Span): Assigned | null {
  const nameStart = startOfName(text, keyword.start);
  const wordEnd = endOfWord(text, keyword.end);
  const joint = jointAfter(text, nameStart, wordEnd) ?? jointAfterPhrase(text, wordEnd);
  if (joint === null) return comparedValue(text, keyword, nameStart, wordEnd);
  const opened = skipOpening(text, skipToLiteral(text, skipSpaces(text, joint.start)));
  const before = text[opened - 1] ?? "";
  const quoted = before !== "" && quotes.includes(before);
  const by = joint.by ?? relationOf(text, nameStart, wordEnd, joint.start, opened);
  const ended = quoted ? endOfQuoted(text, opened, before) : endOf[by](text, opened, by);
  const tail = text.slice(keyword.end, joint.nameEnd);
  const name = text.slice(nameStart, joint.nameEnd).toLowerCase();
  // `"AWS::Config::Authorization": "..."`: a type, whose name stands in quotes as a whole
  if (text.startsWith("::", nameStart - 2) && /["']/.test(text[joint.nameEnd] ?? "")) return null;
  let { start, end } = by === "element" ? wordOfElement(text, opened, ended) : { start: opened, end: ended };
  if (end === -1) return null;
  const around = text[nameStart - 1] ?? " "; // "NAME=value" as a whole in quotes
  if (by === "setting" && end - start > 1 && quotes.includes(around) && text[end - 1] === around) end--;
  if (quoted) {
    while (start < end && text.charCodeAt(start) === 32) start++;
    while (start < end && text.charCodeAt(end - 1) === 32) end--;
  }
  return end === start ? null : { start, end, quoted, by, tail, name };
}

/** A literal in front of the name that it is compared with: `"..." == password`, `"...".equals(password)`. */
function comparedValue(text: string, keyword: Span, nameStart: number, nameEnd: number): Assigned | null {
  if (!"=( >$,".includes(text[nameStart - 1] ?? "\n")) return null;
  const found = compared.exec(text.slice(Math.max(0, nameStart - 130), nameStart));
  if (found === null) return null;
  const [whole, , value = ""] = found;
  const start = nameStart - whole.length + 1;
  const tail = text.slice(keyword.end, nameEnd);
  const name = text.slice(nameStart, nameEnd).toLowerCase();
  return { start, end: start + value.length, quoted: true, by: "code", tail, name };
}

const compared =
  /(["'])([^"'\n]{4,100})\1(?: ?(?:[!=]==?|<=>) ?|\.equals(?:IgnoreCase)?\(\s?|(?<=(?:cmp|equals?|digest|compare)\([^\n]{0,102}), ?)\$?$/;

/** What follows a name of one word: an option's value, an operator, the value of a pair, an argument. */
function jointAfter(text: string, nameStart: number, nameEnd: number): Joint | null {
  const after = text.slice(nameEnd, nameEnd + 110);
  const before = text.slice(Math.max(0, nameStart - 40), nameStart);
  if (text[nameStart] === "-" && /^ {1,2}[^\s-]/.test(after))
    return { nameEnd, start: nameEnd + 1, by: "flag" };
  const isSql = /^identified by$/i.test(text.slice(nameStart, nameEnd));
  if (
    isSql &&
    !/\b(?:user|role|alter|create|grant|login)\b/i.test(text.slice(Math.max(0, nameStart - 90), nameStart))
  )
    return null;
  if (isSql && /^ {1,2}[\w!#%]/.test(after)) return { nameEnd, start: nameEnd + 1, by: "flag" };
  if (wordBefore.test(before) && /^ \S/.test(after)) return { nameEnd, start: nameEnd + 1, by: "setting" };
  let at = nameEnd;
  for (let i = 0; i < 4 && at < text.length && closers.includes(text[at] ?? ""); i++) at++;
  const operator = skipOperator(text, at + (beforeOperator.exec(text.slice(at, at + 50))?.[0].length ?? 0));
  const joint = operator === -1 ? null : operatorJoint(text, { before, nameStart, nameEnd, at, operator });
  if (joint !== null) return joint;
  const found = (namedPair.test(before) ? pairValue.exec(after) : null) ?? argument.exec(after);
  const name = text.slice(nameStart, nameEnd);
  if (found !== null && !(after[0] === "(" && ownMethod.test(name))) {
    const start = nameEnd + found[0].length;
    return text[start - 1] === ">" ? { nameEnd, start, by: "element" } : { nameEnd, start };
  }
  const attributes = text[nameStart - 1] === "<" ? /^ [^<>\n]{3,80}>/.exec(after) : null;
  if (attributes !== null) return { nameEnd, start: nameEnd + attributes[0].length, by: "element" };
  const isLine = lineStart.test(before) && /^ [^\s"'`(]{6,64}\s{0,2}(?:\n|$)/.test(after);
  return isLine ? { nameEnd, start: nameEnd + 1, by: "setting" } : null;
}

/** What may stand between a name and its operator: spaces, or a line's end where `=` begins the next one. */
const beforeOperator = /^(?:[ \t]{0,24}\r?\n[ \t]{1,24}(?== ?["'])|[ \t]{0,24})/;

/** A name and an operator after it. */
interface Operation {
  readonly before: string;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Past what closes around the name. */
  readonly at: number;
  readonly operator: number;
}

/** What a value's operator says of it; `null` where it joins no value: the third part of `arn:aws:secret:name`. */
function operatorJoint(text: string, { before, nameStart, nameEnd, at, operator }: Operation): Joint | null {
  const sign = text[operator - 1];
  const joint = { nameEnd, start: operator };
  if (sign === ">" && at === operator - 1)
    return /<[^<>]{0,38}$/.test(before) && text[operator] !== "<" ? { ...joint, by: "element" } : null;
  if (sign === "," && !firstArgument.test(before)) return null;
  if (sign === ":" && isLabel(text, nameStart, operator)) return null;
  if (sign === ":" && ":!".includes(text[nameStart - 1] ?? " ")) return null; // or a list of ciphers
  const isPart =
    sign === "=" && operator === nameEnd + 1 && (text[nameStart] === "-" || /[?&;]$/.test(before));
  if (sign === ":" && /-pass(?:in|out)? $/.test(before)) return { ...joint, by: "flag" };
  return isPart ? { ...joint, by: "flag" } : joint;
}

/** What stands before a name whose value comes after a comma: `set("`, `fill("#`, `{ "`, `strcmp(`, Elixir's `{:`. */
const firstArgument =
  /(?<!hash|crypt|digest|verify)(?<=[\w\])])\(\s{0,2}["'][#.]?$|\{ ?["']$|(?:equals?|assert|expect|compare)\b[^\n]{0,36}\[["']$|(?:cmp|equals?|digest|compare)\(\s?$|\{:$/i;
/** A name that ends in what is done with it: `password.encode(`; what gives it a value or compares it is not meant. */
const ownMethod = /\.(?!set|equals|eq\b|fill|type|send|val|text|compare|include)[a-z]\w*$/;

/** Whether name and colon are all of a literal, as in `"Password:"`, so that the quote after it closes. */
function isLabel(text: string, nameStart: number, operator: number): boolean {
  const opened = /(["'`])[\w ]{0,20}$/.exec(text.slice(Math.max(0, nameStart - 21), nameStart))?.[1];
  return opened !== undefined && text[operator] === opened && !quotes.includes(text[operator - 2] ?? "");
}

/** Words after which a name and its value stand with a space between them. */
const wordBefore = /\b(?:ENV|ARG|setx|set -g?x|config(?:ure)? set) $/;
/** What stands before such a name in settings of lines: nothing, or the rest of a line of `.netrc`. */
const lineStart = /(?:^|\n)[ \t]{0,8}$|login \S{1,30} $|(?:,|and|with) $/;
/** A name in front of `DB_PASSWORD` of `name: DB_PASSWORD` or `<add key="Password"`. */
const namedPair = /(?:name|key|variable|id|option)["']?\s{0,2}[=:]?\s{0,2}["']?$/i;
/** What stands between the name of such a pair and its value. */
const pairValue =
  /^["']?[\s,;{/<>-]{0,12}(?:\w{1,12} {0,4}[:=] {0,2}\w{1,20}\s{1,12})?["']?(?:default_?value|value|default|content)["']?\s{0,8}[=:>]\s{0,3}/i;
/** What stands between a name and what it is given or gives back: `setPassword("`, `token() { return "`, `PASSWORD '`. */
const argument =
  /^(?:["'\]]{0,3}\)?\.(?:type|send_?keys|fill|set_?value|set_?text|val|equals)\(\s?(?=["'])|\(\s{0,2}(?=["'])|\{\s{0,24}(?=["'])|\([^()\n]{0,50}\)[^{}\n"']{0,24}\{\s{0,24}return (?=["'])| \{ get; (?:\w{1,9} )?(?:set|init); \} = | {1,2}(?:(?:to|by|=) {1,2})?(?=["']))/i;

/** What follows a name that goes on over spaces: "api key of the shop: ...", "the password for the door is ...". */
function jointAfterPhrase(text: string, wordEnd: number): Joint | null {
  const nameEnd = endOfPhrase(text, wordEnd);
  const at = skipSpaces(text, nameEnd, 80); // in a table's cell many
  const verb = /^(?:(?:is|lautet|ist|est|es|è|é):?|[-–|]) /.exec(text.slice(at, at + 8));
  // "the total number of passwords for 9 digits is 10!": what is said of several is the value of none
  if (verb?.[0] === "is " && isPlural.test(text.slice(wordEnd - 3, wordEnd))) return null;
  if (verb !== null) return { nameEnd, start: at + verb[0].length, by: "prose" };
  const operator = nameEnd === wordEnd ? -1 : skipOperator(text, at);
  return operator === -1 ? null : { nameEnd, start: operator };
}

const isPlural = /[a-z][^\Ws]s$/i;

/** What may stand before a setting's name on its line. */
const settingStart = /^[\s"'*-]{0,40}(?:(?:export|set|ENV|ARG) |Environment=)?["']?$/;

/** How a bare value came to its name, by what is before the name and after the value. */
function relationOf(
  text: string,
  nameStart: number,
  nameEnd: number,
  operator: number,
  start: number,
): Relation {
  const before = text.slice(Math.max(0, nameStart - 80), nameStart);
  const lead = before.slice(before.lastIndexOf("\n") + 1);
  if (operator === start && /[A-Z]/.test(text[nameEnd - 1] ?? "")) return "setting";
  if (/(?:-e|--set|--build-arg) ["']?$/.test(lead)) return "setting";
  const end = endOfLine(text, start);
  const isOnLine =
    /^\s{0,3}(?:\n|$|#|\/ |\r)/.test(text.slice(end, end + 5)) && !/[,;({[]$/.test(text.slice(start, end));
  const isSentence = /^ [(\w]/.test(text.slice(end, end + 2)) && !/^[\w.$]+$/.test(text.slice(start, end));
  if (!isOnLine && !isSentence) return "code";
  if (isOnLine && settingStart.test(lead)) return "setting";
  return text.slice(nameEnd, operator).includes(":") && /^[\w\s,.:/'-]*$/.test(lead) ? "prose" : "code";
}

function startOfName(text: string, at: number): number {
  let start = at;
  while (at - start < longestName && (alphabetBits(text.charCodeAt(start - 1)) & nameBits) !== 0) start--;
  return start;
}

function endOfWord(text: string, at: number): number {
  let end = at;
  while (end - at < longestName && isOfName(text.charCodeAt(end))) end++;
  return end;
}

/** Whether a character is one of names: as programs have them, or a letter with an accent. */
function isOfName(code: number): boolean {
  return (alphabetBits(code) & nameBits) !== 0 || (code >= 0xc0 && code <= 0x24f);
}

/** Where a name ends that goes on over single spaces; a verb ends it. */
function endOfPhrase(text: string, wordEnd: number): number {
  let end = wordEnd;
  while (
    end - wordEnd < longestName &&
    text[end] === " " &&
    !/^ (?:(?:is|lautet|ist|est|es|--?\w)\b|[-–|] )/.test(text.slice(end, end + 8))
  ) {
    const next = endOfWord(text, end + 1);
    if (next === end + 1 || /\d\.\d/.test(text.slice(end, next))) break;
    end = next;
  }
  return end;
}

/** The end of a line before one that begins with a literal, or with what a literal stands in for. */
const nextLine = /^\r?\n[ \t]{0,40}(?=["']|[\w.]{1,60} (?:\|\||\?\?)\s)/;

/** Past the end of a line where a literal begins the next one. */
function skipToLiteral(text: string, at: number): number {
  if (text[at] !== "\n" && text[at] !== "\r") return at;
  return at + (nextLine.exec(text.slice(at, at + 110))?.[0].length ?? 0);
}

function skipSpaces(text: string, at: number, most = 24): number {
  let end = at;
  while (end - at < most && (text[end] === " " || text[end] === "\t")) end++;
  return end;
}

/** Past `=`, `:`, `:=`, `=>`, `==`, `->`, a comma between arguments or a tag's `>`; -1 where nothing assigns. */
function skipOperator(text: string, at: number): number {
  const one = text[at];
  if (one === "=" || one === ":") {
    let end = at;
    while (end - at < 3 && "=:>".includes(text[end] ?? " ")) end++;
    return one === ":" ? skipType(text, end) : end;
  }
  if (/^(?:->|<-|!==?|~=)/.test(text.slice(at, at + 2))) return text[at + 2] === "=" ? at + 3 : at + 2;
  return one === ">" || one === "," ? at + 1 : -1;
}

/** Past a type between a name and its value: `key: string = `. */
function skipType(text: string, at: number): number {
  const typed = /^ ?[A-Za-z&][\w.<>]{0,24} ?= ?(?=["'`])/.exec(text.slice(at, at + 32));
  return typed === null ? at : at + typed[0].length;
}

/** Past what may come before a value: a default's own expression, a call, a quote, and a scheme of HTTP. */
function skipOpening(text: string, at: number): number {
  const opened = opening.exec(text.slice(at, at + 120))?.[0] ?? "";
  return at + opened.length;
}

/** A name or a call in front of a literal: `String::from(`, `process.env.KEY ||`, `os.getenv("KEY", `. */
const opening =
  /^(?:\*\*|__|`)?\s?(?:(?:new )?[\w.$:&]{1,60}(?:\((?:[\w.$:]{1,40}\()?\[?(?:["'][A-Z_\d]{1,40}["'], ?(?:default=)?)?(?=[brfu@]?["'])| ?(?:\|\||\?\?|or)\s{0,40}(?=["'])))?\[?(?:[brfuBRFU@L]{0,2}\\?["'`]|\\?["'`])?(?:(?:Bearer|Basic|Token|token|bearer|ApiKey) )?/;

/** The end of a literal: an escaped quote is a part of it, unless the one that opened it is escaped as well. */
function endOfQuoted(text: string, start: number, quote: string): number {
  const depth = text[start - 2] === "\\" ? 1 : 0;
  let slashes = 0;
  for (let end = start; end - start <= longestQuoted && end < text.length; end++) {
    const one = text[end];
    if (one === "\n" || one === "\r") return -1;
    if (one === quote && (depth === 0 ? slashes % 2 === 0 : slashes <= 1)) return end - depth * slashes;
    slashes = one === "\\" ? slashes + 1 : 0;
  }
  return -1;
}

/** The end of what stands between two tags. */
function endOfElement(text: string, start: number): number {
  const length = text.slice(start, start + longestElement).indexOf("<");
  return length === -1 || !/^<\\?\//.test(text.slice(start + length, start + length + 3))
    ? -1
    : start + length;
}

/** Of a few words between two tags the longest, without braces around them. */
function wordOfElement(text: string, start: number, end: number): Span {
  const none = { start, end: -1 };
  if (end === -1) return none;
  const words = [...text.slice(start, end).matchAll(/[^\s{}]+/g)];
  const [longest] = words.sort((a, b) => b[0].length - a[0].length);
  if (longest === undefined || words.length > mostWords) return none;
  return { start: start + longest.index, end: start + longest.index + longest[0].length };
}

/** The end of what stands on a line without a space: a value of a setting may have any mark. */
function endOfLine(text: string, start: number): number {
  let end = start;
  while (end - start <= longestBare && end < text.length && text.charCodeAt(end) > 32) end++;
  return end - start > longestBare ? -1 : end;
}

function endOfBare(text: string, start: number, by?: Relation): number {
  let end = start;
  while (end - start <= longestBare && end < text.length) {
    if (stops[text.charCodeAt(end)] === 1) break;
    end++;
  }
  if (end - start > longestBare) return -1;
  const marks = by === "flag" ? ".:\\" : ".:!?\\";
  while (end > start && marks.includes(text[end - 1] ?? "")) end--; // the sentence's own marks
  return end;
}

/** Where a bare value ends, by how it came to its name. */
const endOf: Readonly<Record<Relation, (text: string, start: number, by: Relation) => number>> = {
  setting: endOfLine,
  element: endOfElement,
  flag: endOfBare,
  prose: endOfBare,
  code: endOfBare,
};
