import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { openRegularFile, readRegularFile, readTextFile } from "./regular-file.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
writeFileSync(at("plain"), "text");
symlinkSync(at("plain"), at("link"));

test("a file is read, through a link too, and not beyond its limit", async () => {
  expect(await readTextFile(at("plain"))).toBe("text");
  expect(await readTextFile(at("link"))).toBe("text");
  await expect(readRegularFile(at("plain"), 3)).rejects.toMatchObject({
    code: "FILE_TOO_LARGE",
    path: at("plain"),
    bytes: 4,
    limitBytes: 3,
  });
  expect((await readRegularFile(at("plain"), 4)).length).toBe(4);
});

test("a link is refused where it is not to be followed, and what is not there is the system's to say", async () => {
  await expect(openRegularFile(at("link"), { followLinks: false })).rejects.toMatchObject({ code: "ELOOP" });
  await expect(openRegularFile(at("gone"))).rejects.toMatchObject({ code: "ENOENT" });
});

test.skipIf(process.platform === "win32")("whatever is no file is refused at once, by its kind", async () => {
  mkdirSync(at("folder"));
  execFileSync("mkfifo", [at("pipe")]);
  symlinkSync(at("pipe"), at("link to a pipe"));
  const server = createServer().listen(at("socket"));
  await new Promise((done) => server.once("listening", done));
  const found = async (path: string): Promise<unknown> =>
    openRegularFile(path).then(
      () => "opened",
      (error: { code: string; found: string }) => [error.code, error.found],
    );
  expect(await found(at("folder"))).toEqual(["NOT_REGULAR_FILE", "a folder"]);
  expect(await found(at("pipe"))).toEqual(["NOT_REGULAR_FILE", "a named pipe"]);
  expect(await found(at("link to a pipe"))).toEqual(["NOT_REGULAR_FILE", "a named pipe"]);
  expect(await found("/dev/zero")).toEqual(["NOT_REGULAR_FILE", "a device"]);
  expect(await found(at("socket"))).toEqual(["NOT_REGULAR_FILE", "a socket"]);
  server.close();
});
