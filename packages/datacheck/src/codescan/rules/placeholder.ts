/** @file Texts that stand where a secret will stand: what tells somebody to put one there, and names of one. */
import { anyOf } from "../engine/language.ts";
import { nameWords } from "./conditions.ts";

/** What a program fills in, whatever it is called: `<password 1>`, `${PASSWORD}`, `{{ password }}`, `%s`. */
const place = /^<[^<>]{0,80}>$|^\{[^{}]{0,80}\}$|\$[({]|\{\{|%[sdvq(]/;
/** Words that tell, and places that may stand in a password by chance: `<p>`, `{0}`, `$PASSWORD`. */
const tells = anyOf(
  /^(your|my|the|change|replace|insert|enter|put|todo|example|sample|dummy|fake|placeholder|xxx)[ _-]/i,
  /[ _-]here$/i,
  /<[a-z][\w .:-]{0,60}>|\{[a-z][\w .:-]{0,60}\}|\{\d{0,2}\}|^\$[a-z_]\w{0,60}$/i,
);
const blank = /^\*+$|\*{3}|\.{3}|^x{3}$|x{4}/i;

/** Whether a text tells what to put there: `your-key`, `<password>`, `****`; not `my-S3cret!9`. */
export function isHint(text: string): boolean {
  return blank.test(text) || place.test(text) || isToldInOne(text) || (tells.test(text) && !isRandom(text));
}

/** Words that tell what to put there, and those beside them where all are written as one: `yourapikeyhere`. */
const telling = /your|here|insert|enter|paste|put|replace|placeholder|goes/i;
const toldInOne =
  /^(?:yours?|here|insert|enter|paste|put|replace|placeholder|goes|my|own|real|actual|the|with|in|this|it|to|be|is|app|api|secret|access|auth|client|private|public|account|admin|db|database|root|user|email|smtp|server|bot|keys?|token|password|passwd|pass|pwd|passphrase|username|name|value|string|id|code){2,10}$/i;

function isToldInOne(text: string): boolean {
  return text.length <= 60 && /^[a-z]+$/i.test(text) && telling.test(text) && toldInOne.test(text);
}

const words = anyOf(
  /^(test|none|null|undefined|true|false|secret|pass|password|token|string|bearer|basic)([ _-]|$)/i,
  /^(your|my|the|change|replace|insert|enter|put|todo|example|sample|dummy|fake|placeholder|xxx)$/i,
  // types of fields
  /^(text|hidden|number|email|uuid|varchar)$/i,
  /^(unused|not[ _-]?(used|needed|set)|empty|n\/a)$/i,
  // names of variables: AWS_SECRET_ACCESS_KEY, aws_secret_access_key
  /^[A-Z]{2,40}(_[A-Z]{2,40}){1,8}$/,
  /^(aws|azure|gcp|google|github|gitlab|slack|stripe)(_[a-z]{2,40}){1,8}$/,
);
/** Examples of keys and alphabets to choose from, whatever stands around them. */
const example = /example|abcdefghij/i;
/** Sentences, prompts, addresses, names of files, regular expressions, and what is marked as encrypted: `{cipher}`. */
const others = anyOf(
  /\[[^\]]{1,60}\][{*+]|^\{[a-z][\w-]{0,20}\}/i,
  /\S\s+\S|^[a-z _-]{0,80}[:=]\s{0,3}$/i,
  /^(https?:\/\/|\/|\.\/|[\w.-]{1,80}\.(json|pem|key|txt|ya?ml|env|html|py|js)$)/,
);

/**
 * Whether a text is no secret but a hint, an example or a name.
 *
 * @param name what it is given to, if that has a name: `password = "password"` and `TOKEN = "access_token"` are fields
 */
export function isPlaceholder(text: string, name?: string): boolean {
  if (isHint(text) || others.test(text) || (!isRandom(text) && words.test(text))) return true;
  return example.test(text) || (name !== undefined && isNameOf(text, name));
}

/** Whether a part between blanks and dashes is of three kinds of characters, or long with letters and digits. */
function isRandom(text: string): boolean {
  return text.split(/[\s_-]/).some((part) => {
    const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(part)).length;
    return (kinds > 2 && part.length > 5) || (part.length > 15 && /\d/.test(part) && /[a-z]/i.test(part));
  });
}

/** Whether a text is the name, or whole words of it, or the name with a few words more: `password2`, `testpassword`. */
function isNameOf(text: string, name: string): boolean {
  const letters = (one: string): string => one.toLowerCase().replace(/[^a-z]/g, "");
  const [word, of] = [letters(text), letters(name)];
  if (word === of && of !== "") return true;
  if (!/^[\w./-]{1,80}$/.test(text) || /\d/.test(text)) return false;
  const isLonger = nameWords(text).length <= wordsOfNameMost && holdsWords(text, of);
  // short names are parts of many words: `compass`
  const hasEnd = of.length > 5 && /^[a-z]{1,40}$/.test(text) && (word.startsWith(of) || word.endsWith(of));
  return isLonger || hasEnd || holdsWords(name, word);
}

const wordsOfNameMost = 4;
const wordsMost = 8;

/** Whether words of a name that follow each other make these letters. */
function holdsWords(name: string, letters: string): boolean {
  const all = nameWords(name).slice(0, wordsMost);
  return letters.length > 3 && all.some((_, from) => joins(all.slice(from), letters));
}

function joins(all: readonly string[], letters: string): boolean {
  return all.some((_, last) => all.slice(0, last + 1).join("") === letters);
}
