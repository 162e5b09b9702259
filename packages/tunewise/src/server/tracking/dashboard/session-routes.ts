/** @file Routes for signing in to the page and for the signed-in user. */
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { TrackingContext } from "@tunewise/tracker";
import {
  addToken,
  findToken,
  listProjects,
  recordAudit,
  revokeToken,
  silentAfterMs,
  tokenBytes,
  tokenDigest,
  tokenFrom,
} from "@tunewise/tracker";
import { fieldsRoute, HttpError, type Reply, type Route } from "@tunewise/tracker/http";
import { type Credentials, type IdentifyUsers, sessionCookie, sessionToken } from "@tunewise/tracker/server";
import { z } from "zod";
import { packageVersion } from "../../../catalog/index.ts";

/** How long a page stays signed in. */
const sessionDays = 14;
const dayMs = 86_400_000;
const maxBodyBytes = 4_096;
/** Maximum projects in a reply; nobody chooses from a longer list. */
const maxProjects = 1_000;

const text = z.string().min(1).max(1_000);
const signInBody: z.ZodType<SignIn> = z.union([
  z.strictObject({ token: text }),
  z.strictObject({ name: text, password: text }),
]);
type SignIn = { readonly token: string } | { readonly name: string; readonly password: string };

/**
 * Routes of a page's session.
 *
 * @param publicUrl the address under which people reach the page; if `null`, a proxy's `X-Forwarded-Proto` states
 *   whether it is encrypted. A caller that forges the header affects only its own cookie.
 */
export function sessionRoutes(
  context: TrackingContext,
  identify: IdentifyUsers,
  publicUrl: URL | null = null,
): Route[] {
  const { database, write, now } = context;
  const signIn = createSignIn(context, identify, publicUrl);
  const base = { path: "/api/tunewise/v1/session", policy: "open", about: "nothing" } as const;
  return [
    fieldsRoute({
      ...base,
      method: "POST",
      reads: signInBody,
      maxBodyBytes,
      status: 201,
      gives: "name!",
      summary:
        "Sign in with a user name and password, or with a token. The response sets an HttpOnly, same-site session cookie.",
      handle: (fields, { request }) => signIn(fields, request),
    }),
    {
      ...base,
      method: "DELETE",
      maxBodyBytes: 0,
      gives: "ok!:bool",
      summary: "Sign out. Invalidates the session cookie.",
      handle: async (_, { request }) => {
        const found = await findToken(database, tokenDigest(sessionToken(request.headers.cookie)) ?? "");
        if (found !== null && found.token.revokedMs === null) {
          const { prefix, owner } = found.token;
          await write(async (transaction) => {
            await revokeToken(transaction, prefix, now());
            const audit = { ms: now(), person: owner, action: "token-revoked", subject: owner } as const;
            await recordAudit(transaction, { ...audit, detail: `${prefix}..., the page signed out` });
          });
        }
        return { status: 200, headers: cookie("", 0, false), body: { ok: true } };
      },
    },
    {
      method: "GET",
      path: "/api/tunewise/v1/me",
      policy: "read",
      about: "readable",
      maxBodyBytes: 0,
      summary:
        "Get the caller, the projects the caller may read, and whether this server requires authentication.",
      gives: "name! isAdmin!:bool asksWho!:bool version! silent_after_ms!:int projects!:ReadableProject[]",
      handle: async (_, { caller, scope }) => {
        const found = await listProjects(database, {
          stages: ["active"],
          conditions: scope.readable === null ? [] : [scope.readable],
          order: [{ column: "changed_ms", ascending: false }],
          limit: maxProjects,
          offset: 0,
        });
        const roles = await caller.rights.rolesIn(found.map(({ number }) => number));
        const projects = found.map(({ number, name }) => ({
          number,
          name,
          role: roles.get(number) ?? "read",
        }));
        const { name, isAdmin } = caller;
        return {
          status: 200,
          body: {
            name,
            isAdmin,
            asksWho: name !== "",
            version: packageVersion(),
            silent_after_ms: silentAfterMs,
            projects,
          },
        };
      },
    },
  ];
}

/** Signs a page in, with a token of its own in a cookie. */
function createSignIn(
  { write, now }: TrackingContext,
  identify: IdentifyUsers,
  publicUrl: URL | null,
): (fields: SignIn, request: IncomingMessage) => Promise<Reply> {
  return async (fields, { headers, socket }) => {
    const user = await identify.userOf(credentialsIn(fields), socket.remoteAddress ?? "");
    const { secret, prefix, digest } = tokenFrom(randomBytes(tokenBytes));
    const ms = now();
    await write(async (transaction) => {
      const token = { owner: user.name, name: "page", prefix, digest };
      await addToken(transaction, { ...token, createdMs: ms, expiresMs: ms + sessionDays * dayMs });
      const detail = `${prefix}..., a page, for ${sessionDays} days`;
      await recordAudit(transaction, {
        ms,
        person: user.name,
        action: "token-created",
        subject: user.name,
        detail,
      });
    });
    const isSecure = (publicUrl?.protocol ?? `${forwardedProto(headers)}:`) === "https:";
    return {
      status: 201,
      headers: cookie(secret, sessionDays * 86_400, isSecure),
      body: { name: user.name },
    };
  };
}

/** Protocol of the request to the first proxy; each proxy appends its own after a comma. */
function forwardedProto(headers: IncomingHttpHeaders): string {
  return (
    String(headers["x-forwarded-proto"] ?? "")
      .split(",")[0]
      ?.trim()
      .toLowerCase() ?? ""
  );
}

/** @throws {HttpError} 401 for an invalid token */
function credentialsIn(fields: SignIn): Credentials {
  if (!("token" in fields)) return fields;
  const digest = tokenDigest(fields.token.trim());
  if (digest === null) throw new HttpError(401, "not_identified", "That is no token: one begins with tw-.");
  return { name: null, digest };
}

/** @source RFC 6265bis, section 4.1.2 */
function cookie(value: string, seconds: number, isSecure: boolean): Record<string, string> {
  const parts = [`${sessionCookie}=${value}`, "Path=/", `Max-Age=${seconds}`, "HttpOnly", "SameSite=Strict"];
  return { "set-cookie": [...parts, ...(isSecure ? ["Secure"] : [])].join("; ") };
}
