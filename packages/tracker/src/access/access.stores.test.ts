/** @file Users, tokens and roles, on both databases. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { addProject } from "../tracking/projects.ts";
import { readAudit } from "./audit.ts";
import {
  dropGrant,
  grantMaker,
  includesRole,
  keepMemberDefault,
  listGrants,
  putGrant,
  readableProjects,
  readMemberDefault,
  readRoles,
  writesSomewhere,
} from "./grants.ts";
import { addToken, findToken, listTokens, noteTokenUse, revokeToken } from "./tokens.ts";
import {
  addUser,
  changeUserPassword,
  changeUserRole,
  findUser,
  hasUsers,
  listUsers,
  neededUser,
  removeUser,
} from "./users.ts";

const ada = { name: "ada", role: "admin", password: null, createdMs: 1 } as const;
const bob = { name: "bob", role: "member", password: "x", createdMs: 2 } as const;

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<Database> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    return database;
  }

  async function team(): Promise<Database> {
    const database = await store();
    await database.transaction(async (transaction) => {
      await addUser(transaction, ada);
      await addUser(transaction, bob);
      for (const name of ["a", "b"])
        await addProject(transaction, { name, artifactRoot: null, tags: [], nowMs: 1 });
    });
    return database;
  }

  it("keeps users, each name once", async () => {
    const database = await store();
    expect(await hasUsers(database)).toBe(false);
    await database.transaction((transaction) => addUser(transaction, ada));
    expect(await hasUsers(database)).toBe(true);
    await database.transaction((transaction) => addUser(transaction, bob));
    expect((await listUsers(database)).map(({ name, role }) => [name, role])).toEqual([
      ["ada", "admin"],
      ["bob", "member"],
    ]);
    expect(await findUser(database, "Ada")).toBe(null);
    await database.transaction((transaction) => changeUserPassword(transaction, "bob", "y"));
    expect(await neededUser(database, "bob")).toMatchObject({ password: "y", createdMs: 2 });
    await expect(neededUser(database, "eve")).rejects.toMatchObject({ code: "USER_NOT_FOUND" });
    await expect(database.transaction((transaction) => addUser(transaction, bob))).rejects.toMatchObject({
      code: "USER_EXISTS",
    });
    for (const name of ["", "api", "API", "a:b", "-a", "a b", "a/b", "é", "a".repeat(65), "a\n"]) {
      const adding = database.transaction((transaction) => addUser(transaction, { ...bob, name }));
      await expect(adding).rejects.toMatchObject({ code: "USER_NAME_INVALID" });
    }
  });

  it("never is without an admin once it has users", async () => {
    const database = await store();
    const change = (work: Parameters<Database["transaction"]>[0]): Promise<unknown> =>
      database.transaction(work);
    const needed = { code: "ADMIN_NEEDED" };
    await expect(change((transaction) => addUser(transaction, bob))).rejects.toMatchObject(needed);
    expect(await hasUsers(database)).toBe(false);
    await change((transaction) => addUser(transaction, ada));
    await change((transaction) => addUser(transaction, bob));
    await expect(change((transaction) => removeUser(transaction, "ada"))).rejects.toMatchObject(needed);
    await expect(change((transaction) => changeUserRole(transaction, "ada", "member"))).rejects.toMatchObject(
      needed,
    );
    await change((transaction) => changeUserRole(transaction, "bob", "admin"));
    await change((transaction) => removeUser(transaction, "ada"));
    expect((await listUsers(database)).map(({ name }) => name)).toEqual(["bob"]);
  });

  it("has one admin left where two are taken away at once", async () => {
    const place = await make();
    const [one, other] = [await openDatabase(place), await openDatabase(place)];
    if (place === ":memory:") return Promise.all([one.close(), other.close()]);
    await one.transaction(async (transaction) => {
      await addUser(transaction, ada);
      await addUser(transaction, { ...ada, name: "eve" });
    });
    const results = await Promise.allSettled([
      one.transaction((transaction) => removeUser(transaction, "ada")),
      other.transaction((transaction) => removeUser(transaction, "eve")),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await listUsers(one)).toHaveLength(1);
    await Promise.all([one.close(), other.close()]);
  });

  it("finds tokens by their hash, revoked and expired ones too, and forgets them with their user", async () => {
    const database = await team();
    const token = {
      owner: "bob",
      name: "laptop",
      prefix: "tw-abc",
      digest: "d1",
      createdMs: 5,
      expiresMs: null,
    };
    await database.transaction(async (transaction) => {
      await addToken(transaction, token);
      await addToken(transaction, { ...token, owner: "ada", prefix: "tw-def", digest: "d2", expiresMs: 9 });
    });
    expect(await findToken(database, "d1")).toMatchObject({
      token: { owner: "bob", name: "laptop", expiresMs: null, revokedMs: null, usedMs: null },
      user: { name: "bob", role: "member", password: "x" },
    });
    expect(await findToken(database, "tw-abc")).toBe(null);
    expect((await listTokens(database, null)).map(({ prefix }) => prefix)).toEqual(["tw-def", "tw-abc"]);
    expect((await listTokens(database, "ada")).map(({ expiresMs }) => expiresMs)).toEqual([9]);
    await database.transaction(async (transaction) => {
      await noteTokenUse(transaction, (await listTokens(transaction, "bob"))[0]?.number ?? 0, 20);
      expect(await revokeToken(transaction, "tw-abc", 30)).toMatchObject({ revokedMs: 30, usedMs: 20 });
      expect(await revokeToken(transaction, "tw-abc", 40)).toMatchObject({ revokedMs: 30 });
      await expect(revokeToken(transaction, "tw-no", 40)).rejects.toMatchObject({ code: "TOKEN_NOT_FOUND" });
    });
    await database.transaction((transaction) => removeUser(transaction, "bob"));
    expect(await findToken(database, "d1")).toBe(null);
  });

  it("gives roles in projects, and takes them back", async () => {
    const database = await team();
    await database.transaction((transaction) =>
      putGrant(transaction, { project: 1, user: "bob", role: "read" }),
    );
    await database.transaction((transaction) =>
      putGrant(transaction, { project: 1, user: "bob", role: "write" }),
    );
    expect(await listGrants(database, null)).toEqual([
      { project: { number: 1, name: "a" }, user: "bob", role: "write" },
    ]);
    expect(await listGrants(database, 2)).toEqual([]);
    const drop = (user: string): Promise<void> =>
      database.transaction((transaction) => dropGrant(transaction, { project: 1, user }));
    await drop("bob");
    await expect(drop("bob")).rejects.toMatchObject({
      code: "GRANT_NOT_FOUND",
      params: { user: "bob", project: "a" },
    });
    await expect(drop("eve")).rejects.toMatchObject({ code: "USER_NOT_FOUND" });
  });

  it("makes the maker of a project its admin, on record", async () => {
    const database = await team();
    await database.transaction(async (transaction) => {
      await grantMaker(transaction, { number: 2, name: "b" }, { name: "bob", ms: 7 });
      await grantMaker(transaction, { number: 1, name: "a" }, { name: "", ms: 7 });
    });
    expect(await listGrants(database, null)).toMatchObject([{ user: "bob", role: "admin" }]);
    expect(await readAudit(database, { limit: 9 })).toMatchObject([
      { action: "project-granted", person: "bob", subject: "b", ms: 7 },
    ]);
  });

  it("says what members may do: their role, else the default, which is nothing at first", async () => {
    const database = await team();
    const { number } = await neededUser(database, "bob");
    await database.transaction((transaction) =>
      putGrant(transaction, { project: 1, user: "bob", role: "read" }),
    );
    const roles = async (): Promise<unknown> =>
      Object.fromEntries(await readRoles(database, number, [0, 1, 2, 99]));
    const readable = async (): Promise<unknown> => {
      const part = await readableProjects(database, number, "number");
      const where = part === null ? "" : ` WHERE ${part.sql}`;
      const rows = await database.all(
        `SELECT number FROM projects${where} ORDER BY number`,
        ...(part?.values ?? []),
      );
      return rows.map((row) => Number(row["number"]));
    };
    expect(await readMemberDefault(database)).toBe("none");
    expect(await roles()).toEqual({ 0: "none", 1: "read", 2: "none" });
    expect(await readable()).toEqual([1]);
    expect(await writesSomewhere(database, number)).toBe(false);
    await database.transaction((transaction) => keepMemberDefault(transaction, "write"));
    expect(await roles()).toEqual({ 0: "write", 1: "read", 2: "write" });
    expect(await readable()).toEqual([0, 1, 2]);
    expect(await writesSomewhere(database, number)).toBe(true);
    await database.transaction(async (transaction) => {
      await keepMemberDefault(transaction, "none");
      await putGrant(transaction, { project: 2, user: "bob", role: "admin" });
    });
    expect(await writesSomewhere(database, number)).toBe(true);
    expect(await readRoles(database, number, [])).toEqual(new Map());
  });
});

test.each([
  ["none", "read", false],
  ["read", "read", true],
  ["read", "write", false],
  ["write", "admin", false],
  ["admin", "read", true],
] as const)("%s includes %s: %s", (role, needed, expected) => {
  expect(includesRole(role, needed)).toBe(expected);
});
