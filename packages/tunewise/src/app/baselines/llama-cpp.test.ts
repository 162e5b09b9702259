import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { openLlamaModel } from "./llama-cpp.ts";

const folder = temporaryFolder();
const file = join(folder, "m.gguf");
writeFileSync(file, "GGUF");
const at = (place: string) => ({ threads: 1, environment: { TUNEWISE_LLAMA_CPP: place } });

/** A stand-in for the package node-llama-cpp. */
function packageWith(name: string, source: string): string {
  const place = join(folder, name, "node_modules/node-llama-cpp");
  mkdirSync(join(place, "dist"), { recursive: true });
  writeFileSync(join(place, "package.json"), '{ "type": "module" }');
  writeFileSync(join(place, "dist/index.js"), source);
  return join(folder, name);
}

test("without the package it is said how to install it; without the file which one is missing", async () => {
  const opening = openLlamaModel(file, at(join(folder, "nothing")));
  await expect(opening).rejects.toMatchObject({ code: "LLAMA_CPP_MISSING" });
  await expect(opening).rejects.toMatchObject({ fix: expect.stringContaining("npm install node-llama-cpp") });
  await expect(openLlamaModel(join(folder, "no.gguf"), at(folder))).rejects.toMatchObject({
    code: "MODEL_FILE_MISSING",
  });
});

test("what llama.cpp says is told; a file without a chat template cannot be asked", async () => {
  const failing = packageWith(
    "failing",
    'export const getLlama = async () => { throw new Error("no binary") };',
  );
  await expect(openLlamaModel(file, at(failing))).rejects.toThrow("no binary");
  await expect(openLlamaModel(file, at(failing))).rejects.toMatchObject({ code: "LLAMA_CPP_FAILED" });
  const bare = packageWith(
    "bare",
    `const model = { trainContextSize: 64, tokens: {}, createContext: async () => ({ getSequence: () => ({}) }) };
     export const getLlama = async () => ({ loadModel: async () => model });`,
  );
  await expect(openLlamaModel(file, at(bare))).rejects.toMatchObject({ code: "TOKENIZER_TEMPLATE_MISSING" });
});
