/** @file Stored names map to client names one to one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { artifactKey } from "./artifact-store.ts";
import { caselessName, clientName, clientPath, isContinued, storedKey, storedNames } from "./stored-name.ts";

describe("a stored name", () => {
  test.each([
    ["model.safetensors", "model.safetensors"],
    ["Größe & co.txt", "Größe & co.txt"],
    [".gitignore", ".gitignore"],
    ["dog%step%3.png", "dog%25step%253.png"],
    ['a:b*c"d<e>f|g?h#i', "a%3Ab%2Ac%22d%3Ce%3Ef%7Cg%3Fh%23i"],
    [" a. ", "%20a.%20"],
    ["a..", "a.%2E"],
    ["a\nb\u0085", "a%0Ab%C2%85"],
    ["con", "%63on"],
    ["NUL.txt", "%4EUL.txt"],
    ["console", "console"],
    [".tunewise-draft-7", "%2Etunewise-draft-7"],
    ["\u3000", "%E3%80%80"],
  ])("of %j is %j", (name, stored) => {
    expect(storedNames(name)).toEqual([stored]);
    expect(clientName([stored])).toBe(name);
    expect(clientPath(`r/${stored}`)).toBe(`r/${name}`);
  });

  test.each(["a%20b", "100%", "a%zz", "%ff", "%FF", "a:b", "a "])("%j was not written here", (stored) => {
    expect(clientName([stored])).toBe(stored);
    expect(clientPath(stored)).toBeNull();
  });

  test("of a long name is cut into folders, between letters", () => {
    const name = `${"ü".repeat(200)}${"?".repeat(100)} `;
    const pieces = storedNames(name);
    expect(pieces.map(isContinued)).toEqual([true, true, true, false]);
    expect(Math.max(...pieces.map((piece) => Buffer.byteLength(piece)))).toBeLessThanOrEqual(255);
    expect(clientName(pieces)).toBe(name);
  });

  test("without capitals is read back as the same name", () => {
    expect(caselessName("Größe%3AÄ.TXT")).toBe("%47röße%3A%C3%84.%54%58%54");
    expect([caselessName("a.txt"), caselessName("1")]).toEqual(["%61.txt", "1"]);
    expect(clientName([caselessName("a.txt")])).toBe("a.txt");
    expect(clientName([caselessName("Größe%3AÄ.TXT")])).toBe("Größe:Ä.TXT");
  });

  test("is read back for any path, differs for any two, and fits any file system", () => {
    const part = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(..."%2EeF. :aA\u0001ü?-"), minLength: 1, maxLength: 500 }),
    );
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(
        path.filter((one) => artifactKey(one) !== null),
        (key) => {
          const stored = storedKey(key);
          expect(clientPath(stored)).toBe(key);
          expect(seen.get(stored) ?? key).toBe(key);
          seen.set(stored, key);
          for (const name of stored.split("/")) {
            expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
            expect(name).not.toMatch(/[:*"<>|?#\\]|^\s|[\s.]$|^\.tunewise-draft-/);
          }
        },
      ),
    );
  });
});
