/** @file Users as rows. */

import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { textOrNull } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import type { User, UserRole } from "./types.ts";

/**
 * Names appear in headers before a colon, and in sentences. `api` is reserved: W&B clients send it as the user name.
 */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
const takenNames: ReadonlySet<string> = new Set(["api"]);

/** Whether the store has any users. Once it has one, anonymous access ends. */
export async function hasUsers(reader: Reader): Promise<boolean> {
  return (await reader.all("SELECT 1 FROM users LIMIT 1")).length > 0;
}

/** The user with a name, or `null`. */
export async function findUser(reader: Reader, name: string): Promise<User | null> {
  const [row] = await reader.all("SELECT * FROM users WHERE name = ?", name);
  return row ? userFrom(row) : null;
}

/**
 * The user with a name.
 *
 * @throws {TunewiseError} `USER_NOT_FOUND`
 */
export async function neededUser(reader: Reader, name: string): Promise<User> {
  const user = await findUser(reader, name);
  if (!user) throw problem("USER_NOT_FOUND", { name: name.slice(0, 100) });
  return user;
}

/** All users, by name. */
export async function listUsers(reader: Reader): Promise<User[]> {
  return (await reader.all("SELECT * FROM users ORDER BY name")).map(userFrom);
}

/**
 * Adds a user.
 *
 * @throws {TunewiseError} `USER_EXISTS`; `USER_NAME_INVALID`; `ADMIN_NEEDED` if the first user is not an admin
 */
export async function addUser(
  transaction: Transaction,
  user: Pick<User, "name" | "role" | "password" | "createdMs">,
): Promise<User> {
  const { name, role, password, createdMs } = user;
  if (!namePattern.test(name) || takenNames.has(name.toLowerCase())) {
    throw problem("USER_NAME_INVALID", { name: name.slice(0, 100) });
  }
  const [row] = await transaction.all(
    `INSERT INTO users (name, role, password, created_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO NOTHING RETURNING *`,
    ...[name, role, password, createdMs],
  );
  if (!row) throw problem("USER_EXISTS", { name });
  await requireAdmin(transaction, `adding ${name} as ${role}`);
  return userFrom(row);
}

/**
 * Removes a user with all tokens and roles. The user's audit entries remain.
 *
 * @throws {TunewiseError} `USER_NOT_FOUND`; `ADMIN_NEEDED` for the last admin
 */
export async function removeUser(transaction: Transaction, name: string): Promise<void> {
  const { number } = await neededUser(transaction, name);
  await holdAdmins(transaction);
  for (const sql of [
    "DELETE FROM grants WHERE person = ?",
    "DELETE FROM tokens WHERE owner = ?",
    "DELETE FROM users WHERE number = ?",
  ])
    await transaction.run(sql, number);
  await requireAdmin(transaction, `removing ${name}`);
}

/**
 * Changes a user's role.
 *
 * @throws {TunewiseError} `USER_NOT_FOUND`; `ADMIN_NEEDED` for the last admin
 */
export async function changeUserRole(transaction: Transaction, name: string, role: UserRole): Promise<void> {
  const { number } = await neededUser(transaction, name);
  await holdAdmins(transaction);
  await transaction.run("UPDATE users SET role = ? WHERE number = ?", role, number);
  await requireAdmin(transaction, `making ${name} a ${role}`);
}

/**
 * Changes a user's password.
 *
 * @param password a hash, see `hashPassword`; `null`: the user signs in with tokens only
 * @throws {TunewiseError} `USER_NOT_FOUND`
 */
export async function changeUserPassword(
  transaction: Transaction,
  name: string,
  password: string | null,
): Promise<void> {
  const { number } = await neededUser(transaction, name);
  await transaction.run("UPDATE users SET password = ? WHERE number = ?", password, number);
}

/** Locks the admin rows. Otherwise two concurrent transactions could each remove one of the last two admins. */
async function holdAdmins(transaction: Transaction): Promise<void> {
  await transaction.run("UPDATE users SET role = role WHERE role = 'admin'");
}

async function requireAdmin(transaction: Transaction, doing: string): Promise<void> {
  const admins = await transaction.all("SELECT 1 FROM users WHERE role = 'admin' LIMIT 1");
  if (admins.length === 0) throw problem("ADMIN_NEEDED", { doing });
}

function userFrom(row: SqlRow): User {
  return {
    number: Number(row["number"]),
    name: String(row["name"]),
    role: row["role"] === "admin" ? "admin" : "member",
    password: textOrNull(row, "password"),
    createdMs: Number(row["created_ms"]),
  };
}
