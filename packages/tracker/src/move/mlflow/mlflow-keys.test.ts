/** @file Names that MLflow accepts, for arbitrary keys. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { mlflowKeys } from "./mlflow-keys.ts";

test("names that will do stay, others get the nearest free one", () => {
  expect(
    Object.fromEntries(
      mlflowKeys(["loss", "loss(%)", "loss_%_", "a/b", "a", "../up", "/abs", "A", "", "a//b"], true),
    ),
  ).toEqual({
    loss: "loss",
    "a/b": "a_b_2",
    a: "a",
    A: "A",
    "loss(%)": "loss___",
    "loss_%_": "loss____2",
    "../up": "__up",
    "/abs": "_abs",
    "": "_",
    "a//b": "a__b",
  });
});

test("no two names are alike, none is another one's folder, none leaves its folder", () => {
  const part = fc.constantFrom("a", "b", "A", "..", ".", "", "ü", "%", ":", " ", "a b", "x".repeat(120));
  const key = fc.array(part, { maxLength: 4 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 12 }), (keys) => {
      const names = [...mlflowKeys(keys, false).values()];
      expect(names).toHaveLength(keys.length);
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
      for (const name of names) {
        expect(name.length).toBeLessThanOrEqual(250);
        expect(name).toMatch(/^[\p{L}\p{N}_.\- :/]+$/u);
        expect(name.split("/").every((item) => item !== "" && item !== "." && item !== "..")).toBe(true);
        expect(names.some((other) => other.toLowerCase().startsWith(`${name.toLowerCase()}/`))).toBe(false);
      }
    }),
  );
});
