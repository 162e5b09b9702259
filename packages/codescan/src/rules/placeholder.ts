/** @file Texts that stand where a secret will stand. */
import { anyOf } from "../engine/language.ts";

const hints = anyOf(
  /^(your|my|the|change|replace|insert|enter|put|todo|example|sample|dummy|fake|test|placeholder|xxx)([ _-]|$)/i,
  /^(none|null|undefined|true|false|secret|password|token|string|bearer|basic)([ _-]|$)/i,
  /^(unused|not[ _-]?(used|needed|set)|empty|n\/a)$/i,
  // names of variables: AWS_SECRET_ACCESS_KEY, aws_secret_access_key; an alphabet to choose from
  /^[A-Z]{2,40}(_[A-Z]{2,40}){1,8}$/,
  /^(aws|azure|gcp|google|github|gitlab|slack|stripe)(_[a-z]{2,40}){1,8}$/,
  /abcdefghij|ABCDEFGHIJ/,
);

/** Whether a text is no secret but a name, a hint or an example. */
export function isPlaceholder(text: string, name: string): boolean {
  if (hints.test(text)) return true;
  if (/[<>{}]|\$\(|%[sd(]|\*{3}|\.{3}|x{4}|_here$|-here$/i.test(text)) return true;
  if (/\s/.test(text.trim()) || /[:=]\s{0,3}$/.test(text)) return true;
  if (/^(https?:\/\/|\/|\.\/|[\w.-]{1,80}\.(json|pem|key|txt|ya?ml|env|html|py|js)$)/.test(text)) return true;
  const plain = (word: string): string => word.toLowerCase().replace(/[^a-z]/g, "");
  const word = plain(text);
  const of = plain(name);
  // a field's name: password = "password", csrf_token = "csrftoken", TOKEN = "access_token"
  return (
    word === of ||
    (word.length > 3 && of.includes(word) && !/\d/.test(text)) ||
    (of.length > 3 && word.includes(of) && /^[a-z_-]{1,40}$/i.test(text))
  );
}
