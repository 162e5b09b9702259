import { expect, test } from "vitest";
import { loadPackage } from "./load-package.ts";

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
  await expect(loadPackage("aws4", "A bucket", gone, "BUCKET_SIGNER_MISSING")).rejects.toMatchObject({
    code: "BUCKET_SIGNER_MISSING",
    message: "A bucket needs the package aws4, which cannot be loaded",
    fix: "npm install aws4",
  });
});
