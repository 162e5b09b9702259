import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { createRuntime } from "../../runtime/index.ts";
import { findServedModels, readAlias } from "./find-served-models.ts";

const folder = temporaryFolder();
const runtime = createRuntime(folder, new AbortController().signal, "1.0.0");
const copyOf = (name: string): string => {
  const path = join(folder, name);
  cpSync("models/small", path, { recursive: true });
  return path;
};
const [first, same, other, template] = ["first", "same", "other", "template"].map(copyOf) as [
  string,
  string,
  string,
  string,
];

/** Changes the last byte of a file. */
function change(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
change(join(other, "model.safetensors"));
const tokenizer = join(template, "tokenizer_config.json");
const settings = JSON.parse(readFileSync(tokenizer, "utf8")) as Record<string, unknown>;
writeFileSync(tokenizer, JSON.stringify({ ...settings, chat_template: "{{ messages[0].content }}" }));

const found = async (sources: readonly string[], aliases: readonly string[] = []) =>
  (await findServedModels(sources, aliases.map(readAlias), runtime, {})).variants.map(
    ({ name, aliases: own }) => [name, ...own].join(" "),
  );

describe("aliases", () => {
  test("name the first model, or the one after the last equals sign", () => {
    const text = "ft:gpt-4o-mini-2024-07-18:org::id";
    expect(readAlias(text)).toEqual({ alias: text, of: null });
    expect(readAlias("a=b=run")).toEqual({ alias: "a=b", of: "run" });
  });

  test.each(["", " ", "a b", "=run", "a=", "x".repeat(201), "a\u0007"])("%j is refused", (text) => {
    expect(() => readAlias(text)).toThrow(expect.objectContaining({ code: "SERVE_ALIAS_INVALID" }));
  });

  test("belong to their models, by source or by name", async () => {
    expect(await found([first, same], ["old", `x=${same}`, "y=first"])).toEqual(["first old y", "same x"]);
  });

  test.each([["first"], ["old", "old"], ["old=nobody"]])("%j is refused", async (...aliases) => {
    await expect(found([first, same], aliases)).rejects.toMatchObject({ code: "SERVE_ALIAS_INVALID" });
  });
});

describe("several models", () => {
  test("share a base with equal weights", async () => {
    expect(await found([first, same])).toEqual(["first", "same"]);
    expect(await found([first, first])).toEqual(["first"]);
  });

  test.each([
    [other, "weights"],
    [template, "tokenizers"],
  ])("%s is refused", async (source, what) => {
    await expect(found([first, source])).rejects.toMatchObject({
      code: "SERVE_BASE_DIFFERS",
      params: { first, other: source, reason: expect.stringContaining(what) },
    });
  });
});
