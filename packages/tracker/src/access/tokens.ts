/** @file Access tokens. The store keeps only a token's hash and its first characters. */
import { createHash } from "node:crypto";
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { numberOrNull, textOrNull } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import type { Token, User } from "./types.ts";
import { neededUser } from "./users.ts";

/** A token and the user it authenticates. */
export interface KnownToken {
  readonly token: Token;
  readonly user: User;
}

const select = `SELECT tokens.*, users.name AS owner_name FROM tokens JOIN users ON users.number = tokens.owner`;

/**
 * Adds a token.
 *
 * @throws {TunewiseError} `USER_NOT_FOUND`
 */
export async function addToken(
  transaction: Transaction,
  token: Pick<Token, "owner" | "name" | "createdMs" | "expiresMs"> & Pick<TokenSecret, "prefix" | "digest">,
): Promise<void> {
  const { owner, name, prefix, digest, createdMs, expiresMs } = token;
  const user = await neededUser(transaction, owner);
  await transaction.run(
    "INSERT INTO tokens (owner, name, prefix, digest, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
    ...[user.number, name, prefix, digest, createdMs, expiresMs],
  );
}

/** The token with a digest and its user, even if it is revoked or expired; `null` if there is none. */
export async function findToken(reader: Reader, digest: string): Promise<KnownToken | null> {
  const [row] = await reader.all(
    `SELECT tokens.*, users.name AS owner_name, users.role AS owner_role, users.password AS owner_password,
       users.created_ms AS owner_created_ms
     FROM tokens JOIN users ON users.number = tokens.owner WHERE tokens.digest = ?`,
    digest,
  );
  if (!row) return null;
  return {
    token: tokenFromRow(row),
    user: {
      number: Number(row["owner"]),
      name: String(row["owner_name"]),
      role: row["owner_role"] === "admin" ? "admin" : "member",
      password: textOrNull(row, "owner_password"),
      createdMs: Number(row["owner_created_ms"]),
    },
  };
}

/** Tokens, newest first; `owner` limits them to one user. */
export async function listTokens(reader: Reader, owner: string | null): Promise<Token[]> {
  const [where, values] = owner === null ? ["", []] : ["WHERE users.name = ? ", [owner]];
  const rows = await reader.all(`${select} ${where}ORDER BY tokens.number DESC`, ...values);
  return rows.map(tokenFromRow);
}

/**
 * Revokes a token permanently. Revoking it again changes nothing.
 *
 * @param prefix the part of the token shown in lists
 * @throws {TunewiseError} `TOKEN_NOT_FOUND`
 */
export async function revokeToken(transaction: Transaction, prefix: string, nowMs: number): Promise<Token> {
  await transaction.run(
    "UPDATE tokens SET revoked_ms = ? WHERE prefix = ? AND revoked_ms IS NULL",
    nowMs,
    prefix,
  );
  const [row] = await transaction.all(`${select} WHERE tokens.prefix = ?`, prefix);
  if (!row) throw problem("TOKEN_NOT_FOUND", { prefix: prefix.slice(0, 20) });
  return tokenFromRow(row);
}

/** Records that a token was used. Callers skip most uses, since each call is a write. */
export async function noteTokenUse(transaction: Transaction, number: number, nowMs: number): Promise<void> {
  await transaction.run("UPDATE tokens SET used_ms = ? WHERE number = ?", nowMs, number);
}

function tokenFromRow(row: SqlRow): Token {
  return {
    number: Number(row["number"]),
    owner: String(row["owner_name"]),
    name: String(row["name"]),
    prefix: String(row["prefix"]),
    createdMs: Number(row["created_ms"]),
    expiresMs: numberOrNull(row, "expires_ms"),
    revokedMs: numberOrNull(row, "revoked_ms"),
    usedMs: numberOrNull(row, "used_ms"),
  };
}

/**
 * The alphabet of the random part, without characters that look alike. It has 32 of them, so that 5 bits select one
 * without bias.
 */
const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** Length of the random part. Older W&B clients require exactly 40 characters after a dash. */
const secretLetters = 40;
const shownLetters = 8;
const mark = "tw-";

/** Number of random bytes that a token is made from. */
export const tokenBytes: number = secretLetters;

const pattern = /^tw-[a-km-np-z2-9]{40}$/;

/** A new token. */
export interface TokenSecret {
  /** Shown to its owner once. */
  readonly secret: string;
  readonly prefix: string;
  readonly digest: string;
}

/**
 * Creates a token from random bytes: 200 bits, of which 40 are shown in lists.
 *
 * @param random `tokenBytes` bytes
 */
export function tokenFrom(random: Uint8Array): TokenSecret {
  if (random.length !== tokenBytes) throw new Error("Internal: a token takes other bytes");
  const secret = mark + Array.from(random, (byte) => letters[byte & 31]).join("");
  return { secret, prefix: secret.slice(0, mark.length + shownLetters), digest: digestOf(secret) };
}

/** The digest by which a token is looked up, or `null` if the text is not a token. */
export function tokenDigest(text: string): string | null {
  return pattern.test(text) ? digestOf(text) : null;
}

/** A secret with 200 random bits needs no slow hash. */
function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** The server secret of a name. If there is none yet, `fresh` is stored and returned. */
export async function keepServerSecret(
  transaction: Transaction,
  name: string,
  fresh: string,
): Promise<string> {
  await transaction.run(
    "INSERT INTO server_secrets (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
    name,
    fresh,
  );
  const [row] = await transaction.all("SELECT secret FROM server_secrets WHERE name = ?", name);
  return String(row?.["secret"]);
}
