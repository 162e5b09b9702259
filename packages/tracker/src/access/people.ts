/** @file Adds, lists, changes and removes users. Every change is audited. */

import { problem } from "../problem/index.ts";
import { recordAudit } from "./audit.ts";
import { listGrants } from "./grants.ts";
import {
  type AccessHost,
  type AccessRequest,
  changeAccess,
  makeStore,
  readAccess,
  type SecretHost,
} from "./open-access.ts";
import { hashPassword, passwordLetters, saltBytes } from "./password.ts";
import { listTokens } from "./tokens.ts";
import type { UserRole } from "./types.ts";
import { addUser, changeUserPassword, changeUserRole, hasUsers, listUsers, removeUser } from "./users.ts";

/** A user in a list. */
export interface ListedUser {
  readonly name: string;
  readonly role: UserRole;
  readonly hasPassword: boolean;
  /** Number of valid tokens. */
  readonly tokens: number;
  /** Number of projects in which the user has a role. */
  readonly projects: number;
  readonly createdMs: number;
}

/**
 * Adds a user. The first user of a store is an admin by default. Creates the store if it is missing.
 *
 * @param password in plain text; `null` to allow only tokens
 * @throws {TunewiseError} `PASSWORD_INVALID`, `USER_EXISTS`, `USER_NAME_INVALID`, `ADMIN_NEEDED`
 */
export async function addPerson(
  request: AccessRequest & {
    readonly name: string;
    readonly role: UserRole | null;
    readonly password: string | null;
  },
  host: SecretHost,
): Promise<{ readonly name: string; readonly role: UserRole }> {
  const { name } = request;
  const password = await hashOf(request.password, host);
  await makeStore(request, host);
  return changeAccess(request, host, async ({ transaction, audit }) => {
    const role = request.role ?? ((await hasUsers(transaction)) ? "member" : "admin");
    await addUser(transaction, { name, role, password, createdMs: audit.ms });
    const detail = `${role}, ${password === null ? "without a password" : "with a password"}`;
    await recordAudit(transaction, { ...audit, action: "user-added", subject: name, detail });
    return { name, role };
  });
}

/** Returns all users. @throws {TunewiseError} `STORE_ABSENT` */
export async function listPeople(request: AccessRequest, host: AccessHost): Promise<ListedUser[]> {
  const nowMs = host.now().getTime();
  return readAccess(request, host, async (database) => {
    const tokens = (await listTokens(database, null)).filter(
      ({ revokedMs, expiresMs }) => revokedMs === null && (expiresMs === null || expiresMs > nowMs),
    );
    const grants = await listGrants(database, null);
    return (await listUsers(database)).map(({ name, role, password, createdMs }) => ({
      name,
      role,
      hasPassword: password !== null,
      tokens: tokens.filter(({ owner }) => owner === name).length,
      projects: grants.filter(({ user }) => user === name).length,
      createdMs,
    }));
  });
}

/** Removes a user with all tokens and roles. @throws {TunewiseError} `USER_NOT_FOUND`, `ADMIN_NEEDED` */
export async function removePerson(
  request: AccessRequest & { readonly name: string },
  host: AccessHost,
): Promise<void> {
  const { name } = request;
  await changeAccess(request, host, async ({ transaction, audit }) => {
    await removeUser(transaction, name);
    const detail = "with all tokens and roles";
    await recordAudit(transaction, { ...audit, action: "user-removed", subject: name, detail });
  });
}

/** Makes a user an admin or a member. @throws {TunewiseError} `USER_NOT_FOUND`, `ADMIN_NEEDED` */
export async function changePersonRole(
  request: AccessRequest & { readonly name: string; readonly role: UserRole },
  host: AccessHost,
): Promise<void> {
  const { name, role } = request;
  await changeAccess(request, host, async ({ transaction, audit }) => {
    await changeUserRole(transaction, name, role);
    await recordAudit(transaction, { ...audit, action: "user-role-changed", subject: name, detail: role });
  });
}

/**
 * Changes a user's password.
 *
 * @param password in plain text; `null` to allow only tokens
 * @throws {TunewiseError} `PASSWORD_INVALID`, `USER_NOT_FOUND`
 */
export async function changePersonPassword(
  request: AccessRequest & { readonly name: string; readonly password: string | null },
  host: SecretHost,
): Promise<void> {
  const { name } = request;
  const password = await hashOf(request.password, host);
  await changeAccess(request, host, async ({ transaction, audit }) => {
    await changeUserPassword(transaction, name, password);
    const detail = password === null ? "removed" : "set";
    await recordAudit(transaction, { ...audit, action: "password-changed", subject: name, detail });
  });
}

async function hashOf(password: string | null, { randomBytes }: SecretHost): Promise<string | null> {
  if (password === null) return null;
  const { least, most } = passwordLetters;
  if (password.length < least || password.length > most) {
    throw problem("PASSWORD_INVALID", { least, most, found: password.length });
  }
  return hashPassword(password, randomBytes(saltBytes));
}
