import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { problemCatalog } from "./catalog.ts";
import type { TunewiseError } from "./problem.ts";
import { wordSystemError } from "./system-error.ts";
import { systemEntries } from "./system-problems.ts";

const folder = temporaryFolder();

const refused = (code: string, syscall = "open", path = "/data/rows.jsonl"): Error =>
  Object.assign(new Error(`${code}: what the system says, ${syscall} '${path}'`), { code, syscall, path });

test.each([
  ["EACCES", "FILE_ACCESS_DENIED"],
  ["EPERM", "FILE_ACCESS_DENIED"],
  ["ENOENT", "FILE_NOT_FOUND"],
  ["EISDIR", "FILE_WRONG_KIND"],
  ["ENOTDIR", "FILE_WRONG_KIND"],
  ["ELOOP", "FILE_WRONG_KIND"],
  ["ENAMETOOLONG", "FILE_NAME_REFUSED"],
  ["EEXIST", "FILE_EXISTS"],
  ["ENOSPC", "DISK_FULL"],
  ["EDQUOT", "DISK_FULL"],
  ["EROFS", "DISK_READ_ONLY"],
  ["EMFILE", "FILES_TOO_MANY_OPEN"],
  ["EIO", "SYSTEM_CALL_FAILED"],
])("%s is %s, with path, call and a fix without gaps", (code, wanted) => {
  const worded = wordSystemError(refused(code)) as TunewiseError;
  expect(worded.code).toBe(wanted);
  expect(worded.message).toContain("/data/rows.jsonl");
  expect(worded.message).toContain(`${code}: what the system says`);
  expect(worded.message).not.toContain(", open");
  expect(`${worded.message} ${worded.fix}`).not.toMatch(/[{}]/);
});

test("a real refusal of the system is known, also as the cause of another error", async () => {
  const error = await readFile(folder).catch((cause: unknown) => new Error("reading", { cause }));
  expect(wordSystemError(error)).toMatchObject({ code: "FILE_WRONG_KIND" });
  writeFileSync(join(folder, "file"), "");
  const below = await open(join(folder, "file/below")).catch((cause: unknown) => cause);
  expect(wordSystemError(below)).toMatchObject({ code: "FILE_WRONG_KIND" });
  const long = await open(join(folder, "a".repeat(300))).catch((cause: unknown) => cause);
  expect(wordSystemError(long)).toMatchObject({ code: "FILE_NAME_REFUSED" });
});

test.skipIf(process.getuid?.() === 0)("a file of somebody else", async () => {
  mkdirSync(join(folder, "closed"));
  chmodSync(join(folder, "closed"), 0);
  const error = await open(join(folder, "closed/file")).catch((cause: unknown) => cause);
  expect(wordSystemError(error)).toMatchObject({ code: "FILE_ACCESS_DENIED" });
});

test("a port in use is said with its address", async () => {
  const first = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => first.once("listening", done));
  const { port } = first.address() as { port: number };
  const error = await new Promise((done) => createServer().once("error", done).listen(port, "127.0.0.1"));
  first.close();
  expect(wordSystemError(error)).toMatchObject({
    code: "SYSTEM_CALL_FAILED",
    message: expect.stringContaining(`listen on 127.0.0.1:${port}`),
  });
});

test("what is too large is said with both sizes", () => {
  const error = Object.assign(new Error("it has 9 bytes"), {
    code: "FILE_TOO_LARGE",
    path: "a.yaml",
    bytes: 9,
    limitBytes: 4,
  });
  expect(wordSystemError(error)).toMatchObject({
    message: "a.yaml has 9 bytes; the limit for this kind of file is 4",
  });
});

test("faults of our own and errors of the catalog stay what they are", () => {
  const fault = new TypeError("Internal: x is undefined");
  expect(wordSystemError(fault)).toBe(fault);
  const own = problemCatalog(systemEntries).problem(
    "FILE_EXISTS",
    { path: "x" },
    { cause: refused("EACCES") },
  );
  expect(wordSystemError(own)).toBe(own);
  expect(wordSystemError("text")).toBe("text");
});
