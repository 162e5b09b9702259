/** @file Users, tokens and roles as values. Times are milliseconds since 1970. */

/** An `admin` runs the server and may do everything; a `member` may do what projects allow. */
export type UserRole = "admin" | "member";

/** A user's role in a project; each role includes the ones before it. */
export type ProjectRole = (typeof projectRoles)[number];

/** Project roles, weakest first. */
export const projectRoles = ["read", "write", "admin"] as const;

/** What members may do in projects where they have no role of their own. */
export type MemberDefault = (typeof memberDefaults)[number];

/** Member defaults, weakest first. */
export const memberDefaults = ["none", "read", "write"] as const;

/** A user. */
export interface User {
  readonly number: number;
  readonly name: string;
  readonly role: UserRole;
  /** A hash, see `hashPassword`; `null`: the user signs in with tokens only. */
  readonly password: string | null;
  readonly createdMs: number;
}

/** A user's token, without its secret, which is not stored. */
export interface Token {
  readonly number: number;
  /** Name of the user. */
  readonly owner: string;
  readonly name: string;
  /** The part of the secret that may be displayed. */
  readonly prefix: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  /** Time of last use, accurate to about a quarter of an hour. */
  readonly usedMs: number | null;
}

/** A user's role in a project. */
export interface Grant {
  readonly project: { readonly number: number; readonly name: string };
  readonly user: string;
  readonly role: ProjectRole;
}
