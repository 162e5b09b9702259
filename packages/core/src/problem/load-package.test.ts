import { expect, test } from "vitest";
import { problemCatalog } from "./catalog.ts";
import { loadPackage } from "./load-package.ts";

const { problem } = problemCatalog({
  OTHER_MISSING: {
    title: "Another package is missing",
    message: "{purpose} needs the package {package}, which cannot be loaded",
    fix: "npm install {package}",
    docs: "For this test.",
  },
});

test("a package that is there is handed over as it is", async () => {
  const found = { answer: 42 };
  expect(await loadPackage("some-package", "A test", async () => found)).toBe(found);
});

test("one that is missing is named with what needs it and with the line to paste", async () => {
  const name = "tunewise-has-no-such-package";
  await expect(loadPackage(name, "A test", () => import(name))).rejects.toMatchObject({
    code: "PACKAGE_MISSING",
    message: `A test needs the package ${name}, which cannot be loaded`,
    fix: `npm install ${name}`,
    cause: expect.any(Error),
  });
});

test("a place with a code of its own keeps it", async () => {
  const gone = (): Promise<never> => Promise.reject(new Error("gone\nRequire stack: ..."));
  await expect(
    loadPackage("aws4", "A bucket", gone, (...given) => problem("OTHER_MISSING", ...given)),
  ).rejects.toMatchObject({
    code: "OTHER_MISSING",
    message: "A bucket needs the package aws4, which cannot be loaded",
    fix: "npm install aws4",
  });
});
