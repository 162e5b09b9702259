/** @file Creates, lists and revokes tokens. Every change is audited. Only the owner sees a token's secret. */

import { countOf } from "@tunewise/core/quantity";
import { recordAudit } from "./audit.ts";
import {
  type AccessHost,
  type AccessRequest,
  changeAccess,
  readAccess,
  type SecretHost,
} from "./open-access.ts";
import { addToken, listTokens, revokeToken, tokenBytes, tokenFrom } from "./tokens.ts";
import type { Token } from "./types.ts";
import { neededUser } from "./users.ts";

const dayMs = 86_400_000;

/** A new token. */
export interface NewToken {
  /** Shown only once, and never stored. */
  readonly secret: string;
  readonly prefix: string;
  readonly owner: string;
  readonly expiresMs: number;
}

/** Creates a token. @throws {TunewiseError} `USER_NOT_FOUND`, `STORE_ABSENT` */
export async function makeToken(
  request: AccessRequest & { readonly owner: string; readonly name: string; readonly days: number },
  host: SecretHost,
): Promise<NewToken> {
  const { owner, name, days } = request;
  const { randomBytes } = host;
  const { secret, prefix, digest } = tokenFrom(randomBytes(tokenBytes));
  return changeAccess(request, host, async ({ transaction, audit }) => {
    const expiresMs = audit.ms + days * dayMs;
    await addToken(transaction, { owner, name, prefix, digest, createdMs: audit.ms, expiresMs });
    const detail = `${prefix}..., ${name === "" ? "" : `named ${name}, `}for ${countOf(days, "day")}`;
    await recordAudit(transaction, { ...audit, action: "token-created", subject: owner, detail });
    return { secret, prefix, owner, expiresMs };
  });
}

/** Returns tokens, newest first. @throws {TunewiseError} `USER_NOT_FOUND`, `STORE_ABSENT` */
export async function listAllTokens(
  request: AccessRequest & { readonly owner: string | null },
  host: AccessHost,
): Promise<Token[]> {
  const { owner } = request;
  return readAccess(request, host, async (database) => {
    if (owner !== null) await neededUser(database, owner);
    return listTokens(database, owner);
  });
}

/** Revokes a token permanently. @throws {TunewiseError} `TOKEN_NOT_FOUND`, `STORE_ABSENT` */
export async function dropToken(
  request: AccessRequest & { readonly prefix: string },
  host: AccessHost,
): Promise<Token> {
  return changeAccess(request, host, async ({ transaction, audit }) => {
    const token = await revokeToken(transaction, request.prefix, audit.ms);
    const detail = `${token.prefix}...`;
    await recordAudit(transaction, { ...audit, action: "token-revoked", subject: token.owner, detail });
    return token;
  });
}
