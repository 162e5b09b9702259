import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { findDocuments, matches } from "./find-documents.ts";

test("folders give their documents, patterns what fits, files themselves; nothing hidden, no links", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "docs/deep/.hidden"), { recursive: true });
  for (const name of ["docs/a.md", "docs/b.exe", "docs/deep/c.html", "docs/deep/.hidden/d.md", "e.csv"])
    writeFileSync(join(folder, name), "x");
  symlinkSync("/etc", join(folder, "docs/link"));
  const names = async (...words: string[]) => (await findDocuments(words, folder)).map(({ name }) => name);
  expect(await names("docs")).toEqual(["docs/a.md", "docs/deep/c.html"]);
  expect(await names("docs/**/*.html", "e.csv")).toEqual(["docs/deep/c.html", "e.csv"]);
  expect(await names("docs/*.md", "docs/a.md")).toEqual(["docs/a.md"]);
  await expect(names("docs", "nothing/*.md")).rejects.toMatchObject({ code: "DOCUMENTS_NOT_FOUND" });
});

test.each([
  ["a/b/c.md", "**/*.md", true],
  ["c.md", "**/*.md", true],
  ["a/c.md", "*.md", false],
  ["abc", "a*c", true],
  ["a".repeat(300), `${"a*".repeat(100)}b`, false],
])("%s against %s: %s", (path, pattern, fits) => {
  expect(matches(path, pattern)).toBe(fits);
});
