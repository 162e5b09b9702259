/** @file Rules for private keys. Certificates and public keys are meant to be seen and have no rule. */
import { privateKeyReader, readPuttyKey } from "../private-key.ts";
import { reader, type SecretRule } from "../rule.ts";
import { lot } from "./lot.ts";

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
