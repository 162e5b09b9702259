/** @file Tokenizers rebuilt from GGUF files against Rust `tokenizers` and sentencepiece, on 200 texts. */
import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { openGguf } from "../../packages/engine/src/weights/gguf/gguf.ts";
import { golden, goldenPath, goldenTexts } from "./golden-files.ts";

interface Golden {
  readonly texts?: readonly string[];
  readonly ids: readonly (readonly number[])[];
}

async function tokenizerOf(path: string): Promise<Tokenizer> {
  const model = await openGguf(path);
  await model.weights.close();
  return new Tokenizer(model.tokenizer.tokenizer as object, model.tokenizer.config as object);
}

/** Texts whose IDs differ, so that a failure shows what differs and where. */
function differences(tokenizer: Tokenizer, texts: readonly string[], ids: Golden["ids"]): unknown[] {
  return texts.flatMap((text, i) => {
    const found = tokenizer.encode(text).ids;
    return JSON.stringify(found) === JSON.stringify(ids[i]) ? [] : [{ text, found, expected: ids[i] }];
  });
}

describe("ids equal the reference's", () => {
  const all = golden<Record<string, Golden>>("tokenizers.json");
  it.each(Object.keys(all))("%s", async (name) => {
    const { texts = goldenTexts(), ids } = all[name] as Golden;
    expect(texts.length).toBeGreaterThan(180);
    const tokenizer = await tokenizerOf(goldenPath(`tokenizer-${name}.gguf`));
    expect(differences(tokenizer, texts, ids)).toEqual([]);
  });
});

describe("decoding gives the text back", () => {
  const all = golden<Record<string, Golden>>("tokenizers.json");
  // Qwen normalizes its input, so decoding need not return the same text.
  it.each(Object.keys(all).filter((name) => name !== "qwen2"))("%s", async (name) => {
    const { texts = goldenTexts(), ids } = all[name] as Golden;
    const tokenizer = await tokenizerOf(goldenPath(`tokenizer-${name}.gguf`));
    // The library drops a byte order mark that is encoded as byte tokens.
    const isExact = (text: string): boolean =>
      !(name.startsWith("sentencepiece") && text.startsWith("\ufeff"));
    const wrong = texts.filter(isExact).filter((text) => {
      const i = texts.indexOf(text);
      const own = (ids[i] ?? []).slice(name.startsWith("sentencepiece") ? 1 : 0);
      return own.length > 0 && tokenizer.decode(own, { skip_special_tokens: false }) !== text;
    });
    expect(wrong).toEqual([]);
  });
});

const demoModel = process.env["TUNEWISE_TEST_SMOLLM2"] ?? "";

describe.skipIf(demoModel === "")("the demo's model (TUNEWISE_TEST_SMOLLM2 names its .gguf)", () => {
  it("gives the ids of SmolLM2's published tokenizer", async () => {
    const { ids } = golden<Golden>("smollm2.json");
    expect(differences(await tokenizerOf(demoModel), goldenTexts(), ids)).toEqual([]);
  });
});
