/** @file Recognizes placeholders for a secret: instructions to insert one, and names of one. */
import { anyOf } from "../engine/language.ts";
import { nameWords } from "./conditions.ts";

/** Template variables, whatever their name: `<password 1>`, `${PASSWORD}`, `{{ password }}`, `%s`. */
const place = /^<[^<>]{0,80}>$|^\{[^{}]{0,80}\}$|\$[({]|\{\{|%[sdvq(]/;
/** Instructions, and template variables that a password may contain by chance: `<p>`, `{0}`, `$PASSWORD`. */
const tells = anyOf(
  /^(your|my|the|change|replace|insert|enter|put|todo|example|sample|dummy|fake|placeholder|xxx)[ _-]/i,
  /[ _-]here$/i,
  /<[a-z][\w .:-]{0,60}>|\{[a-z][\w .:-]{0,60}\}|\{\d{0,2}\}|^\$[a-z_]\w{0,60}$/i,
);
const blank = /^\*+$|\*{3}|\.{3}|^x{3}$|x{4}/i;

/** Whether a text says what to insert: `your-key`, `<password>`, `****`; not `my-S3cret!9`. */
export function isHint(text: string): boolean {
  return blank.test(text) || place.test(text) || isToldInOne(text) || (tells.test(text) && !isRandom(text));
}

/** Words of instructions, and the words that surround them if all are joined: `yourapikeyhere`. */
const telling = /your|here|insert|enter|paste|put|replace|placeholder|goes/i;
const toldInOne =
  /^(?:yours?|here|insert|enter|paste|put|replace|placeholder|goes|my|own|real|actual|the|with|in|this|it|to|be|is|app|api|secret|access|auth|client|private|public|account|admin|db|database|root|user|email|smtp|server|bot|keys?|token|password|passwd|pass|pwd|passphrase|username|name|value|string|id|code){2,10}$/i;

function isToldInOne(text: string): boolean {
  return text.length <= 60 && /^[a-z]+$/i.test(text) && telling.test(text) && toldInOne.test(text);
}

const words = anyOf(
  /^(test|none|null|undefined|true|false|secret|pass|password|token|string|bearer|basic)([ _-]|$)/i,
  /^(your|my|the|change|replace|insert|enter|put|todo|example|sample|dummy|fake|placeholder|xxx)$/i,
  // field types
  /^(text|hidden|number|email|uuid|varchar)$/i,
  /^(unused|not[ _-]?(used|needed|set)|empty|n\/a)$/i,
  // names of environment variables: AWS_SECRET_ACCESS_KEY, aws_secret_access_key
  /^[A-Z]{2,40}(_[A-Z]{2,40}){1,8}$/,
  /^(aws|azure|gcp|google|github|gitlab|slack|stripe)(_[a-z]{2,40}){1,8}$/,
);
/** Parts of example keys and of alphabets, in any context. */
const example = /example|abcdefghij/i;
/** Sentences, prompts, addresses, file names, regular expressions, and values marked as encrypted: `{cipher}`. */
const others = anyOf(
  /\[[^\]]{1,60}\][{*+]|^\{[a-z][\w-]{0,20}\}/i,
  /\S\s+\S|^[a-z _-]{0,80}[:=]\s{0,3}$/i,
  /^(https?:\/\/|\/|\.\/|[\w.-]{1,80}\.(json|pem|key|txt|ya?ml|env|html|py|js)$)/,
);

/**
 * Whether a text is a hint, an example or a name rather than a secret.
 *
 * @param name the name that the text is assigned to, if any: `password = "password"` and `TOKEN = "access_token"` are
 * field names
 */
export function isPlaceholder(text: string, name?: string): boolean {
  if (isHint(text) || others.test(text) || (!isRandom(text) && words.test(text))) return true;
  return example.test(text) || (name !== undefined && isNameOf(text, name));
}

/**
 * Whether a part between spaces, dashes or underscores has three kinds of characters, or is long with letters and
 * digits.
 */
function isRandom(text: string): boolean {
  return text.split(/[\s_-]/).some((part) => {
    const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(part)).length;
    return (kinds > 2 && part.length > 5) || (part.length > 15 && /\d/.test(part) && /[a-z]/i.test(part));
  });
}

/** Whether a text is the name, whole words of it, or the name with a few more words: `password2`, `testpassword`. */
function isNameOf(text: string, name: string): boolean {
  const letters = (one: string): string => one.toLowerCase().replace(/[^a-z]/g, "");
  const [word, of] = [letters(text), letters(name)];
  if (word === of && of !== "") return true;
  if (!/^[\w./-]{1,80}$/.test(text) || /\d/.test(text)) return false;
  const isLonger = nameWords(text).length <= maxWordsOfName && holdsWords(text, of);
  // short names occur within many words: `compass`
  const hasEnd = of.length > 5 && /^[a-z]{1,40}$/.test(text) && (word.startsWith(of) || word.endsWith(of));
  return isLonger || hasEnd || holdsWords(name, word);
}

const maxWordsOfName = 4;
const maxWords = 8;

/** Whether consecutive words of a name form these letters. */
function holdsWords(name: string, letters: string): boolean {
  const all = nameWords(name).slice(0, maxWords);
  return letters.length > 3 && all.some((_, from) => joins(all.slice(from), letters));
}

function joins(all: readonly string[], letters: string): boolean {
  return all.some((_, last) => all.slice(0, last + 1).join("") === letters);
}
