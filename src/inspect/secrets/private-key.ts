/** @file Private keys between their BEGIN and END lines, as files hold them or as one line with `\n` written out. */
import { alphabetBits, bitOf } from "./alphabet.ts";
import type { Span } from "./rule.ts";

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
export function privateKeyReader(label: string): (text: string, keyword: Span) => Span | null {
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
export function readPuttyKey(text: string, { start, end }: Span): Span | null {
  if (!/^\d: [a-z]/.test(text.slice(end, end + 4))) return null;
  const part = text.slice(end, end + longestBody);
  const lines = /Private-Lines: \d{1,3}\r?\n/.exec(part);
  if (lines === null) return null;
  const body = readBody(text, end + lines.index + lines[0].length);
  return body === null ? null : { start, end: body };
}
