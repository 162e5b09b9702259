/** @file Rules for private keys. Certificates and public keys are meant to be seen and have no rule. */

import { alphabetBits, bitOf, lot } from "../alphabet.ts";
import { reader, type SecretRule, type Span } from "../rule.ts";

const body = (lines: number): string =>
  Array.from({ length: lines }, (_, line) => lot(64, "base64", line * 64)).join("\n");

function rule(id: string, title: string, label: string): SecretRule {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  return reader(id, title, [begin.toLowerCase()], privateKeyReader(label), {
    kind: "PRIVATE_KEY",
    cases: () => [
      `${begin}\n${body(3)}\n${end}\n`,
      JSON.stringify({ key: `${begin}\n${body(2)}\n${end}\n` }),
      `${begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A1B\n\n${body(2)}\n${end}`,
      `key cut off: ${begin}\n${body(1)}`,
    ],
    lookAlikes: () => [
      `${begin}\n...\n${end}`,
      `${begin}\nYOUR KEY HERE\n${end}`,
      `if (text.startsWith("${begin}"))`,
    ],
  });
}

/** Private keys by label. */
export const privateKeyRules: readonly SecretRule[] = [
  rule("private-key", "Private key", "PRIVATE KEY"),
  rule("private-key-rsa", "RSA private key", "RSA PRIVATE KEY"),
  rule("private-key-ec", "Elliptic curve private key", "EC PRIVATE KEY"),
  rule("private-key-dsa", "DSA private key", "DSA PRIVATE KEY"),
  rule("private-key-openssh", "OpenSSH private key", "OPENSSH PRIVATE KEY"),
  rule("private-key-encrypted", "Private key under a passphrase", "ENCRYPTED PRIVATE KEY"),
  rule("private-key-pgp", "PGP private key", "PGP PRIVATE KEY BLOCK"),
  rule("private-key-any", "Private key of another kind", "ANY PRIVATE KEY"),
  reader("private-key-putty", "PuTTY private key", ["putty-user-key-file-"], readPuttyKey, {
    kind: "PRIVATE_KEY",
    cases: () => [
      `PuTTY-User-Key-File-${"3"}: ssh-ed25519\nEncryption: none\nPublic-Lines: 2\n${body(2)}\nPrivate-Lines: 1\n${body(1)}\n`,
    ],
    lookAlikes: () => ["PuTTY-User-Key-File-2: the first line of such a file"],
  }),
];

/** A key of 16,384 bits is 13,000 characters long. */
const longestBody = 16_000;
/** The shortest: Ed25519 in PKCS #8 has 64 characters. */
const shortestBody = 60;
const base64Bits = bitOf("base64");

/**
 * A reader of private keys of one label, such as `RSA PRIVATE KEY`. Begins at the BEGIN line and takes the END line
 * too where it is there; a key cut off is still a key.
 *
 * @source RFC 7468, section 2; RFC 4880, section 6.2; PROTOCOL.key of OpenSSH
 */
function privateKeyReader(label: string): (text: string, keyword: Span) => Span | null {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  return (text, { start }) => {
    if (!text.startsWith(begin, start) || text[start + begin.length] === "-") return null;
    const body = readBody(text, start + begin.length);
    if (body === null) return null;
    return { start, end: text.startsWith(end, body) ? body + end.length : body };
  };
}

/** Past base64 and what holds its lines together: line breaks, `\n`, quotes, `+`, and headers as `Proc-Type: ...`. */
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

/** A reader of PuTTY's private keys, from their first line to the last of the private part. */
function readPuttyKey(text: string, { start, end }: Span): Span | null {
  if (!/^\d: [a-z]/.test(text.slice(end, end + 4))) return null;
  const part = text.slice(end, end + longestBody);
  const lines = /Private-Lines: \d{1,3}\r?\n/.exec(part);
  if (lines === null) return null;
  const body = readBody(text, end + lines.index + lines[0].length);
  return body === null ? null : { start, end: body };
}
