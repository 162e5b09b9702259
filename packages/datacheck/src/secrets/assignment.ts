/** @file Names and their assigned values in any language: code, JSON, YAML, headers, flags, prose. */
import { alphabetBits, bitOf } from "./alphabet.ts";
import type { Span } from "./rule.ts";

/** A value and its relation to its name. */
export interface Assigned extends Span {
  /** The name in lower case: at most 40 characters before the keyword and 40 after. */
  readonly name: string;
  /** The rest of the name after the keyword, in its original case. */
  readonly tail: string;
  readonly quoted: boolean;
  /** How an unquoted value is related to its name. */
  readonly by: Relation;
}

/**
 * - `setting`: name and value fill a line, as in `.env` and YAML, or the name is an environment variable
 * - `flag`: a command-line option or a part of an address
 * - `element`: text between two tags
 * - `prose`: a sentence of natural language
 * - `code`: anything else
 */
export type Relation = "setting" | "flag" | "prose" | "element" | "code";

/** Where a value starts, and how it is joined to its name. */
interface Joint {
  readonly nameEnd: number;
  readonly start: number;
  readonly by?: Relation;
}

const longestName = 40;
const longestQuoted = 640;
const longestBare = 180;
const longestElement = 300;
/** Max words between two tags; more form a sentence. */
const maxWords = 4;
const nameBits = bitOf("dotted");
const closers = "\"'`]*\\)";
const quotes = "\"'`";
/** 1 for characters that end an unquoted value: spaces, control characters, and closing delimiters. */
const stops = new Uint8Array(128).fill(1, 0, 33);
for (const one of ",;)}]>\"'`&<|") stops[one.charCodeAt(0)] = 1;

/** The value assigned to the name around a keyword, or `null`. Reads at most about 900 characters. */
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
  // `"AWS::Config::Authorization": "..."`: a quoted type name
  if (text.startsWith("::", nameStart - 2) && /["']/.test(text[joint.nameEnd] ?? "")) return null;
  let { start, end } = by === "element" ? wordOfElement(text, opened, ended) : { start: opened, end: ended };
  if (end === -1) return null;
  const around = text[nameStart - 1] ?? " "; // "NAME=value" quoted as a whole
  if (by === "setting" && end - start > 1 && quotes.includes(around) && text[end - 1] === around) end--;
  if (quoted) {
    while (start < end && text.charCodeAt(start) === 32) start++;
    while (start < end && text.charCodeAt(end - 1) === 32) end--;
  }
  return end === start ? null : { start, end, quoted, by, tail, name };
}

/** A literal compared with a name that follows it: `"..." == password`, `"...".equals(password)`. */
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

/** The joint after a single-word name: an option's value, an operator, the value of a pair, an argument. */
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

/** Text allowed between a name and its operator: spaces, or a line break if `=` starts the next line. */
const beforeOperator = /^(?:[ \t]{0,24}\r?\n[ \t]{1,24}(?== ?["'])|[ \t]{0,24})/;

/** A name and an operator after it. */
interface Operation {
  readonly before: string;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** After the delimiters that close the name. */
  readonly at: number;
  readonly operator: number;
}

/** The joint of an operator; `null` if it assigns no value, as in the third part of `arn:aws:secret:name`. */
function operatorJoint(text: string, { before, nameStart, nameEnd, at, operator }: Operation): Joint | null {
  const sign = text[operator - 1];
  const joint = { nameEnd, start: operator };
  if (sign === ">" && at === operator - 1)
    return /<[^<>]{0,38}$/.test(before) && text[operator] !== "<" ? { ...joint, by: "element" } : null;
  if (sign === "," && !firstArgument.test(before)) return null;
  if (sign === ":" && isLabel(text, nameStart, operator)) return null;
  if (sign === ":" && ":!".includes(text[nameStart - 1] ?? " ")) return null; // or a cipher list
  const isPart =
    sign === "=" && operator === nameEnd + 1 && (text[nameStart] === "-" || /[?&;]$/.test(before));
  if (sign === ":" && /-pass(?:in|out)? $/.test(before)) return { ...joint, by: "flag" };
  return isPart ? { ...joint, by: "flag" } : joint;
}

/** Text before a name whose value follows a comma: `set("`, `fill("#`, `{ "`, `strcmp(`, Elixir's `{:`. */
const firstArgument =
  /(?<!hash|crypt|digest|verify)(?<=[\w\])])\(\s{0,2}["'][#.]?$|\{ ?["']$|(?:equals?|assert|expect|compare)\b[^\n]{0,36}\[["']$|(?:cmp|equals?|digest|compare)\(\s?$|\{:$/i;
/** A name that ends in a method call: `password.encode(`. Excludes methods that set or compare the value. */
const ownMethod = /\.(?!set|equals|eq\b|fill|type|send|val|text|compare|include)[a-z]\w*$/;

/** Whether name and colon form a complete literal, as in `"Password:"`, so that the following quote closes it. */
function isLabel(text: string, nameStart: number, operator: number): boolean {
  const opened = /(["'`])[\w ]{0,20}$/.exec(text.slice(Math.max(0, nameStart - 21), nameStart))?.[1];
  return opened !== undefined && text[operator] === opened && !quotes.includes(text[operator - 2] ?? "");
}

/** Words after which a space separates a name from its value. */
const wordBefore = /\b(?:ENV|ARG|setx|set -g?x|config(?:ure)? set) $/;
/** Text before such a name in line-based settings: nothing, or the rest of a line in `.netrc`. */
const lineStart = /(?:^|\n)[ \t]{0,8}$|login \S{1,30} $|(?:,|and|with) $/;
/** The start of a pair before its name: `name: DB_PASSWORD`, `<add key="Password"`. */
const namedPair = /(?:name|key|variable|id|option)["']?\s{0,2}[=:]?\s{0,2}["']?$/i;
/** Text between the name of such a pair and its value. */
const pairValue =
  /^["']?[\s,;{/<>-]{0,12}(?:\w{1,12} {0,4}[:=] {0,2}\w{1,20}\s{1,12})?["']?(?:default_?value|value|default|content)["']?\s{0,8}[=:>]\s{0,3}/i;
/** Text between a name and its argument or result: `setPassword("`, `token() { return "`, `PASSWORD '`. */
const argument =
  /^(?:["'\]]{0,3}\)?\.(?:type|send_?keys|fill|set_?value|set_?text|val|equals)\(\s?(?=["'])|\(\s{0,2}(?=["'])|\{\s{0,24}(?=["'])|\([^()\n]{0,50}\)[^{}\n"']{0,24}\{\s{0,24}return (?=["'])| \{ get; (?:\w{1,9} )?(?:set|init); \} = | {1,2}(?:(?:to|by|=) {1,2})?(?=["']))/i;

/** The joint after a name of several words: "api key of the shop: ...", "the password for the door is ...". */
function jointAfterPhrase(text: string, wordEnd: number): Joint | null {
  const nameEnd = endOfPhrase(text, wordEnd);
  const at = skipSpaces(text, nameEnd, 80); // table cells may contain many spaces
  const verb = /^(?:(?:is|lautet|ist|est|es|è|é):?|[-–|]) /.exec(text.slice(at, at + 8));
  // "the total number of passwords for 9 digits is 10!": a statement about several passwords gives no value
  if (verb?.[0] === "is " && isPlural.test(text.slice(wordEnd - 3, wordEnd))) return null;
  if (verb !== null) return { nameEnd, start: at + verb[0].length, by: "prose" };
  const operator = nameEnd === wordEnd ? -1 : skipOperator(text, at);
  return operator === -1 ? null : { nameEnd, start: operator };
}

const isPlural = /[a-z][^\Ws]s$/i;

/** Text allowed before a setting's name on its line. */
const settingStart = /^[\s"'*-]{0,40}(?:(?:export|set|ENV|ARG) |Environment=)?["']?$/;

/** The relation of an unquoted value to its name, judged by the text before the name and after the value. */
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

/** Whether a character can be part of a name: an identifier character or an accented letter. */
function isOfName(code: number): boolean {
  return (alphabetBits(code) & nameBits) !== 0 || (code >= 0xc0 && code <= 0x24f);
}

/** The end of a name that continues over single spaces. A verb ends it. */
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

/** A line break before a literal, or before an expression with a literal as its default. */
const nextLine = /^\r?\n[ \t]{0,40}(?=["']|[\w.]{1,60} (?:\|\||\?\?)\s)/;

/** Skips a line break if the next line starts with a literal. */
function skipToLiteral(text: string, at: number): number {
  if (text[at] !== "\n" && text[at] !== "\r") return at;
  return at + (nextLine.exec(text.slice(at, at + 110))?.[0].length ?? 0);
}

function skipSpaces(text: string, at: number, most = 24): number {
  let end = at;
  while (end - at < most && (text[end] === " " || text[end] === "\t")) end++;
  return end;
}

/** Skips `=`, `:`, `:=`, `=>`, `==`, `->`, a comma between arguments or a tag's `>`; -1 if there is no operator. */
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

/** Skips a type between a name and its value: `key: string = `. */
function skipType(text: string, at: number): number {
  const typed = /^ ?[A-Za-z&][\w.<>]{0,24} ?= ?(?=["'`])/.exec(text.slice(at, at + 32));
  return typed === null ? at : at + typed[0].length;
}

/** Skips text before a value: an expression with a default, a call, a quote, and an HTTP authentication scheme. */
function skipOpening(text: string, at: number): number {
  const opened = opening.exec(text.slice(at, at + 120))?.[0] ?? "";
  return at + opened.length;
}

/** A name or call before a literal: `String::from(`, `process.env.KEY ||`, `os.getenv("KEY", `. */
const opening =
  /^(?:\*\*|__|`)?\s?(?:(?:new )?[\w.$:&]{1,60}(?:\((?:[\w.$:]{1,40}\()?\[?(?:["'][A-Z_\d]{1,40}["'], ?(?:default=)?)?(?=[brfu@]?["'])| ?(?:\|\||\?\?|or)\s{0,40}(?=["'])))?\[?(?:[brfuBRFU@L]{0,2}\\?["'`]|\\?["'`])?(?:(?:Bearer|Basic|Token|token|bearer|ApiKey) )?/;

/** The end of a literal. An escaped quote does not end it, unless the opening quote is escaped as well. */
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

/** The end of the text between two tags. */
function endOfElement(text: string, start: number): number {
  const length = text.slice(start, start + longestElement).indexOf("<");
  return length === -1 || !/^<\\?\//.test(text.slice(start + length, start + length + 3))
    ? -1
    : start + length;
}

/** The longest of a few words between two tags, without braces around it. */
function wordOfElement(text: string, start: number, end: number): Span {
  const none = { start, end: -1 };
  if (end === -1) return none;
  const words = [...text.slice(start, end).matchAll(/[^\s{}]+/g)];
  const [longest] = words.sort((a, b) => b[0].length - a[0].length);
  if (longest === undefined || words.length > maxWords) return none;
  return { start: start + longest.index, end: start + longest.index + longest[0].length };
}

/** The end of a setting's value, which runs to the next space and may contain any character. */
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
  while (end > start && marks.includes(text[end - 1] ?? "")) end--; // punctuation of the sentence
  return end;
}

/** Finds the end of an unquoted value, by its relation to its name. */
const endOf: Readonly<Record<Relation, (text: string, start: number, by: Relation) => number>> = {
  setting: endOfLine,
  element: endOfElement,
  flag: endOfBare,
  prose: endOfBare,
  code: endOfBare,
};
