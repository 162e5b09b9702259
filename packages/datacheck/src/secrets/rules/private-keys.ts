/** @file Rules for private keys. Certificates and public keys are public and have no rule. */

import { alphabetBits, bitOf, lot } from "../alphabet.ts";
import { decodeBase64 } from "../proofs.ts";
import { reader, type SecretRule, type Span } from "../rule.ts";

const body = (lines: number): string =>
  Array.from({ length: lines }, (_, line) => lot(64, "base64", line * 64)).join("\n");

const labels = [
  "PRIVATE KEY",
  "RSA PRIVATE KEY",
  "OPENSSH PRIVATE KEY",
  "PGP PRIVATE KEY BLOCK",
  "X9.42 DH PRIVATE KEY",
];

function casesOf(label: string): string[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  return [
    `${begin}\n${body(3)}\n${end}\n`,
    JSON.stringify({ key: `${begin}\n${body(2)}\n${end}\n` }),
    `${begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A1B\n\n${body(2)}\n${end}`,
    `key cut off: ${begin}\n${body(1)}`,
    `key: |\n  ${begin}\n  ${body(2).replace("\n", "\n  ")}\n  ${end}\n`,
  ];
}

/** Private keys with any label. */
export const privateKeyRules: readonly SecretRule[] = [
  reader("private-key", "Private key", ["-----begin ", "---- begin "], readPrivateKey, {
    kind: "PRIVATE_KEY",
    cases: () => [
      ...labels.flatMap(casesOf),
      `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: "me"\n${body(2)}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----`,
    ],
    lookAlikes: () =>
      labels.flatMap((label) => [
        `-----BEGIN ${label}-----\n...\n-----END ${label}-----`,
        `-----BEGIN ${label}-----\nYOUR KEY HERE\n-----END ${label}-----`,
        `if (text.startsWith("-----BEGIN ${label}-----"))`,
      ]),
  }),
  reader("private-key-base64", "Private key in base64", ["ls0tls1crudjti"], readEncodedKey, {
    kind: "PRIVATE_KEY",
    cases: () => labels.map((label) => `tls.key: ${btoa(`-----BEGIN ${label}-----\n${body(3)}\n`)}`),
    lookAlikes: () => [`tls.crt: ${btoa(`-----BEGIN CERTIFICATE-----\n${body(3)}\n`)}`],
  }),
  reader("private-key-json", "Private key as JSON Web Key", ['"kty"'], readJsonKey, {
    kind: "PRIVATE_KEY",
    cases: () => [
      `{"kty": "EC", "crv": "P-256", "x": "${lot(43)}", "y": "${lot(43, "base64url", 5)}", "d": "${lot(43, "base64url", 9)}"}`,
    ],
    lookAlikes: () => [`{"kty": "EC", "crv": "P-256", "x": "${lot(43)}", "y": "${lot(43, "base64url", 5)}"}`],
  }),
  reader("private-key-putty", "PuTTY private key", ["putty-user-key-file-"], readPuttyKey, {
    kind: "PRIVATE_KEY",
    cases: () => [
      `PuTTY-User-Key-File-${"3"}: ssh-ed25519\nEncryption: none\nPublic-Lines: 2\n${body(2)}\nPrivate-Lines: 1\n${body(1)}\n`,
    ],
    lookAlikes: () => ["PuTTY-User-Key-File-2: the first line of such a file"],
  }),
];

/** Max length of a key's body. A key of 16,384 bits has 13,000 characters. */
const longestBody = 16_000;
/** Min length of a key's body. Ed25519 in PKCS #8 has 64 characters. */
const shortestBody = 60;
const base64Bits = bitOf("base64");

const beginning = /^(-{4,5} ?)BEGIN ([A-Z\d. ]{0,40}PRIVATE KEY(?: BLOCK)?) ?-{4,5}(?!-)/;

/**
 * A private key from its first line to its last line, if that is present. A truncated key still counts.
 *
 * @source RFC 7468, section 2; RFC 4880, section 6.2; RFC 4716, section 3; PROTOCOL.key of OpenSSH
 */
function readPrivateKey(text: string, { start }: Span): Span | null {
  const [begin = "", dashes = "", label = ""] = beginning.exec(text.slice(start, start + 80)) ?? [];
  if (begin === "") return null;
  const body = readBody(text, start + begin.length);
  if (body === null) return null;
  const end = `${dashes}END ${label}${[...dashes].reverse().join("")}`;
  return { start, end: text.startsWith(end, body) ? body + end.length : body };
}

/** Skips base64 and its line separators: line breaks, `\n`, quotes, `+`, and headers such as `Proc-Type: ...`. */
function readBody(text: string, start: number): number | null {
  let at = skipHeaders(text, start);
  let size = 0;
  let last = at;
  while (at - start < longestBody && at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 92) at += 2;
    else if ((alphabetBits(code) & base64Bits) !== 0) {
      at++;
      size++;
      last = at;
    } else if (code <= 32 || "\"'+,=".includes(text[at] ?? "-")) at++;
    else break;
  }
  if (size < shortestBody) return null;
  return text[at] === "-" ? at : last;
}

function skipHeaders(text: string, start: number): number {
  const head = /^(?:\s|\\[nr]|"|'){0,8}(?:[A-Z][\w-]{2,20}: [^\n\\]{1,120}(?:\s|\\[nr]){1,8}){0,4}/;
  const [skipped = ""] = head.exec(text.slice(start, start + 700)) ?? [];
  return start + skipped.length;
}

/** A PuTTY private key, from its first line to the last one of the private part. */
function readPuttyKey(text: string, { start, end }: Span): Span | null {
  if (!/^\d: [a-z]/.test(text.slice(end, end + 4))) return null;
  const part = text.slice(end, end + longestBody);
  const lines = /Private-Lines: \d{1,3}\r?\n/.exec(part);
  if (lines === null) return null;
  const body = readBody(text, end + lines.index + lines[0].length);
  return body === null ? null : { start, end: body };
}

/** A PEM key that is base64-encoded as a whole, as in Kubernetes secrets. */
function readEncodedKey(text: string, { start }: Span): Span | null {
  if (!/^.{0,30}PRIVATE KEY/.test(decodeBase64(text.slice(start, start + 64)).slice(11))) return null;
  let end = start;
  while (end - start < longestBody && (alphabetBits(text.charCodeAt(end)) & base64Bits) !== 0) end++;
  return end - start < shortestBody ? null : { start, end };
}

/** The private number of a JSON Web Key. */
function readJsonKey(text: string, { end }: Span): Span | null {
  const found = /"d"\s{0,2}:\s{0,2}"([\w-]{40,700})"/.exec(text.slice(end, end + 3_000));
  const [whole = "", number = ""] = found ?? [];
  if (found === null || /"kty"/.test(text.slice(end, end + found.index))) return null;
  const start = end + found.index + whole.length - 1 - number.length;
  return { start, end: start + number.length };
}
