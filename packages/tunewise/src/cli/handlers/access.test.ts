/** @file Tests `tunewise server user`, `token`, `role` and `audit`, from the command line to the store. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { addProject, findToken, findUser, fitsPassword, openDatabase, tokenDigest } from "@tunewise/tracker";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeIo } from "../../../../../test/journey/fake-io.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { invoke } from "../invoke.ts";

const root = temporaryFolder();
let folder = root;

beforeEach(() => {
  folder = mkdtempSync(join(root, "store-"));
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function tunewise(...words: string[]): Promise<Said> {
  const { io, stdout, stderr } = fakeIo({ cwd: folder });
  const env = { SECRET: "correct horse", SHORT: "short" };
  const code = await invoke(words, { ...io, env: { ...io.env, ...env } });
  return { code, out: stdout(), err: stderr() };
}

async function look<Result>(
  work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(join(folder, ".tunewise", "tunewise.db"));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function fails(words: readonly string[], problem: string, exitCode: number): Promise<void> {
  const { code, err, out } = await tunewise(...words);
  expect([words, code, err]).toEqual([words, exitCode, expect.stringContaining(`error ${problem}: `)]);
  expect(out).toBe("");
}

describe("users", () => {
  it("are added, the first one as an admin, with passwords that no command line holds", async () => {
    await fails(["users", "list"], "STORE_ABSENT", 1);
    await fails(["users", "add", "ada"], "PASSWORD_MISSING", 4);
    await fails(["users", "add", "ada", "--password-env", "NOTHING"], "PASSWORD_MISSING", 4);
    await fails(["users", "add", "ada", "--password-env", "SHORT"], "PASSWORD_INVALID", 64);
    await fails(["users", "add", "ada", "--role", "member", "--no-password"], "ADMIN_NEEDED", 1);
    expect((await tunewise("users", "add", "ada", "--password-env", "SECRET")).out).toBe(
      "added ada as an admin\n",
    );
    expect((await tunewise("users", "add", "bob", "--no-password")).out).toBe("added bob as a member\n");
    const ada = await look((database) => findUser(database, "ada"));
    expect(await fitsPassword("correct horse", ada?.password ?? "")).toBe(true);
    await fails(["users", "add", "ada", "--no-password"], "USER_EXISTS", 1);
    await fails(["users", "add", "a:b", "--no-password"], "USER_NAME_INVALID", 64);
    await fails(["users", "add", "x", "--no-password", "--password-env", "SECRET"], "USAGE_INVALID", 64);
    const { out } = await tunewise("users");
    expect(out).toMatch(/^ada +admin +yes +0 +all +\d{4}-\d\d-\d\d$/m);
    expect(out).toMatch(/^bob +member +no +0 +0 /m);
    expect(out).not.toContain("scrypt");
  }, 60_000);

  it("are changed and removed, but for the last admin", async () => {
    await tunewise("users", "add", "ada", "--no-password");
    await tunewise("users", "add", "bob", "--no-password");
    await fails(["users", "remove", "ada"], "ADMIN_NEEDED", 1);
    await fails(["users", "role", "ada", "member"], "ADMIN_NEEDED", 1);
    await fails(["users", "role", "bob"], "USAGE_INVALID", 64);
    await fails(["users", "remove", "eve"], "USER_NOT_FOUND", 1);
    expect((await tunewise("users", "role", "bob", "admin")).out).toBe("bob is an admin now\n");
    expect((await tunewise("users", "password", "bob", "--password-env", "SECRET")).out).toContain(
      "a new password",
    );
    expect((await tunewise("users", "password", "bob", "--no-password")).out).toContain(
      "no password any more",
    );
    expect((await tunewise("users", "remove", "ada", "--json")).out).toContain('"removed": "ada"');
    const { users } = JSON.parse((await tunewise("users", "--json")).out);
    expect(users).toMatchObject([
      { name: "bob", role: "admin", has_password: false, tokens: 0, projects: 0 },
    ]);
    await fails(["users", "list", "bob"], "USAGE_INVALID", 64);
  }, 60_000);
});

it("tokens are shown once, listed by their first letters, and revoked", async () => {
  await tunewise("users", "add", "ada", "--no-password");
  const made = await tunewise("tokens", "create", "ada", "--name", "laptop", "--days", "2");
  const secret = made.out.trim();
  expect(secret).toMatch(/^tw-[a-z2-9]{40}$/);
  expect(made.err).not.toContain(secret);
  const found = await look((database) => findToken(database, tokenDigest(secret) ?? ""));
  expect((found?.token.expiresMs ?? 0) - (found?.token.createdMs ?? 0)).toBe(2 * 86_400_000);
  const prefix = secret.slice(0, 11);
  const listed = (await tunewise("tokens")).out;
  expect(listed).toMatch(new RegExp(`^${prefix} +ada +laptop `, "m"));
  expect(listed).not.toContain(secret);
  await fails(["tokens", "create", "eve"], "USER_NOT_FOUND", 1);
  await fails(["tokens", "create"], "USAGE_INVALID", 64);
  await fails(["tokens", "list", "eve"], "USER_NOT_FOUND", 1);
  await fails(["tokens", "revoke", "tw-nothing"], "TOKEN_NOT_FOUND", 1);
  expect((await tunewise("tokens", "revoke", prefix)).out).toBe(`revoked ${prefix}... of ada\n`);
  const { tokens } = JSON.parse((await tunewise("tokens", "list", "ada", "--json")).out);
  expect(tokens).toMatchObject([
    { prefix, user: "ada", name: "laptop", revoked_ms: expect.any(Number), used_ms: null },
  ]);
});

it("roles are given and taken back, by a project's name or its number", async () => {
  await tunewise("users", "add", "ada", "--no-password");
  await tunewise("users", "add", "bob", "--no-password");
  for (const name of ["tickets", "0"]) {
    await look((database) =>
      database.transaction((transaction) =>
        addProject(transaction, { name, artifactRoot: null, tags: [], nowMs: 1 }),
      ),
    );
  }
  expect((await tunewise("projects", "grant", "tickets", "bob", "write")).out).toBe(
    "bob has the role write in tickets\n",
  );
  expect((await tunewise("projects", "grant", "1", "ada", "read")).out).toBe(
    "ada has the role read in tickets\n",
  );
  // a name takes precedence over a number
  expect((await tunewise("projects", "grant", "0", "bob", "admin")).out).toBe(
    "bob has the role admin in 0\n",
  );
  const { out } = await tunewise("projects");
  expect(out).toMatch(/^ +1 +tickets +ada read, bob write$/m);
  expect(out).toContain("members without a role in a project: none");
  expect((await tunewise("projects", "revoke", "tickets", "bob")).code).toBe(0);
  await fails(["projects", "revoke", "tickets", "bob"], "GRANT_NOT_FOUND", 1);
  await fails(["projects", "grant", "nothing", "bob", "read"], "PROJECT_NOT_FOUND", 1);
  await fails(["projects", "grant", "tickets", "eve", "read"], "USER_NOT_FOUND", 1);
  await fails(["projects", "grant", "tickets", "bob", "owner"], "USAGE_VALUE_INVALID", 64);
  await fails(["projects", "default", "admin"], "USAGE_VALUE_INVALID", 64);
  await fails(["projects", "list", "tickets", "bob"], "USAGE_INVALID", 64);
  expect((await tunewise("projects", "default", "read", "--json")).out).toContain('"member_default": "read"');
  const listed = JSON.parse((await tunewise("projects", "list", "tickets", "--json")).out);
  expect(listed).toMatchObject({
    member_default: "read",
    projects: [{ number: 1, name: "tickets", roles: [{ user: "ada", role: "read" }] }],
  });
});

it("every change is a line of the audit, and no secret is in one", async () => {
  await tunewise("users", "add", "ada", "--password-env", "SECRET");
  await tunewise("users", "add", "bob", "--no-password");
  await fails(["users", "remove", "ada"], "ADMIN_NEEDED", 1);
  const secret = (await tunewise("tokens", "create", "bob")).out.trim();
  await tunewise("projects", "grant", "Default", "bob", "read");
  await tunewise("projects", "revoke", "Default", "bob");
  await tunewise("projects", "default", "write");
  await tunewise("tokens", "revoke", secret.slice(0, 11));
  await tunewise("users", "role", "bob", "admin");
  await tunewise("users", "password", "bob", "--password-env", "SECRET");
  await tunewise("users", "remove", "bob");
  const said = await tunewise("audit", "--json");
  const { lines } = JSON.parse(said.out);
  expect(
    lines.map(({ action, subject }: Record<string, string>) => `${action} ${subject}`).reverse(),
  ).toEqual([
    ...["user-added ada", "user-added bob", "token-created bob", "project-granted Default"],
    ...["project-revoked Default", "member-default-changed all projects", "token-revoked bob"],
    ...["user-role-changed bob", "password-changed bob", "user-removed bob"],
  ]);
  for (const { person, ms } of lines)
    expect([person, ms > 0]).toEqual([expect.stringMatching(/^cli:./), true]);
  for (const hidden of [secret, "correct horse", "scrypt"]) expect(said.out).not.toContain(hidden);
  const some = await tunewise("audit", "--subject", "bob", "--action", "token-revoked", "--since", "2020-01");
  expect(some.out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +cli:\S+ +token-revoked +bob +tw-/m);
  expect((await tunewise("audit", "--until", "2020-01")).out).toBe("no entries\n");
  await fails(["audit", "--since", "yesterday"], "SPEND_DAY_INVALID", 64);
}, 60_000);

it("a server on an address that others reach is refused without users", async () => {
  await fails(["serve", "--host", "0.0.0.0", "--port", "0"], "SERVER_USERS_MISSING", 4);
});
