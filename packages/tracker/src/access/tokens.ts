/** @file Tokens: random texts that their owners alone have. The store keeps their hashes and their first characters. */
import { createHash } from "node:crypto";
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { numberOrNull, textOrNull } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import type { Token, User } from "./nouns.ts";
import { neededUser } from "./users.ts";

/** A token and the user whom it lets in. */
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

/** The token of a digest with its user, also where it is revoked or has expired; or `null`. */
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

/** Tokens, newest first; of one user where one is named. */
export async function listTokens(reader: Reader, owner: string | null): Promise<Token[]> {
  const [where, values] = owner === null ? ["", []] : ["WHERE users.name = ? ", [owner]];
  const rows = await reader.all(`${select} ${where}ORDER BY tokens.number DESC`, ...values);
  return rows.map(tokenFromRow);
}

/**
 * Revokes a token, for good; one that is revoked stays so.
 *
 * @param prefix the part that lists show
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

/** Records that a token was used; not at every use, as that would be a write for each read. */
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

/** Letters and digits of the random part that are not mixed up in print; 32 of them, so that five bits choose one without bias. */
const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** How many: W&B's older clients want 40 of them behind a dash, neither more nor less. */
const secretLetters = 40;
const shownLetters = 8;
const mark = "tw-";

/** Random bytes that a token is made of. */
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
 * A token from chance: 200 bits, of which 40 are shown in lists.
 *
 * @param random `tokenBytes` bytes
 */
export function tokenFrom(random: Uint8Array): TokenSecret {
  if (random.length !== tokenBytes) throw new Error("Internal: a token takes other bytes");
  const secret = mark + Array.from(random, (byte) => letters[byte & 31]).join("");
  return { secret, prefix: secret.slice(0, mark.length + shownLetters), digest: digestOf(secret) };
}

/** The hash by which a token is found, or `null` for a text that is none. */
export function tokenDigest(text: string): string | null {
  return pattern.test(text) ? digestOf(text) : null;
}

/** A secret of so many random bits needs no slow hash. */
function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** The secret of a name; `fresh` becomes it where there is none. */
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
