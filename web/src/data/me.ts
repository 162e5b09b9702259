/** @file Who uses the page, and what they may read. */
import { signal } from "@preact/signals";
import { ask, isSignInNeeded, type Reply } from "./api.ts";

/** Who it is; `null` until the server has said. */
export const me = signal<Reply<"/api/tunewise/v1/me", "get"> | null>(null);

/** Asks who it is. A refusal shows the form to sign in. */
export async function loadMe(): Promise<void> {
  me.value = await ask("get", "/api/tunewise/v1/me").catch(() => null);
}

/** Signs in by a name with a password, or by a token. @throws {ApiError} where they are not known */
export async function signIn(
  fields: { readonly token: string } | { readonly name: string; readonly password: string },
): Promise<void> {
  await ask("post", "/api/tunewise/v1/session", { body: fields });
  await loadMe();
}

/** Signs out: the cookie is worth nothing any more. */
export async function signOut(): Promise<void> {
  await ask("delete", "/api/tunewise/v1/session").catch(() => null);
  me.value = null;
  isSignInNeeded.value = true;
}
