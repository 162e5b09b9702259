/** @file The signed-in user, and what they may read. */
import { signal } from "@preact/signals";
import { ask, isSignInNeeded, type Reply } from "./api.ts";

/** The user; `null` until the server has responded. */
export const me = signal<Reply<"/api/tunewise/v1/me", "get"> | null>(null);

/** Loads the user. A 401 response shows the sign-in form. */
export async function loadMe(): Promise<void> {
  me.value = await ask("get", "/api/tunewise/v1/me").catch(() => null);
}

/** Signs in with a name and password, or with a token. @throws {ApiError} if they are invalid */
export async function signIn(
  fields: { readonly token: string } | { readonly name: string; readonly password: string },
): Promise<void> {
  await ask("post", "/api/tunewise/v1/session", { body: fields });
  await loadMe();
}

/** Signs out, which invalidates the cookie. */
export async function signOut(): Promise<void> {
  await ask("delete", "/api/tunewise/v1/session").catch(() => null);
  me.value = null;
  isSignInNeeded.value = true;
}
