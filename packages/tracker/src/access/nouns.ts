/** @file Who may do what, as values. Times are milliseconds since 1970. */

/** An `admin` runs the server and may do everything; a `member` may do what projects allow. */
export type UserRole = "admin" | "member";

/** What a person may do in a project; each includes the ones before it. */
export type ProjectRole = (typeof projectRoles)[number];

/** Roles in projects, the least first. */
export const projectRoles = ["read", "write", "admin"] as const;

/** What members may do in projects in which they have no role of their own. */
export type MemberDefault = (typeof memberDefaults)[number];

/** Defaults of members, the least first. */
export const memberDefaults = ["none", "read", "write"] as const;

/** A user. */
export interface User {
  readonly number: number;
  readonly name: string;
  readonly role: UserRole;
  /** A hash, see `hashPassword`; `null`: only tokens let this one in. */
  readonly password: string | null;
  readonly createdMs: number;
}

/** A token of a user's, without its secret, which nobody keeps. */
export interface Token {
  readonly number: number;
  /** Name of the user. */
  readonly owner: string;
  readonly name: string;
  /** The part of the secret that may be shown. */
  readonly prefix: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  /** When it was last used, a quarter of an hour more or less. */
  readonly usedMs: number | null;
}

/** A person's role in a project. */
export interface Grant {
  readonly project: { readonly number: number; readonly name: string };
  readonly user: string;
  readonly role: ProjectRole;
}
