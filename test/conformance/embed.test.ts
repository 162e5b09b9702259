/** Embedding models against PyTorch: small random ones of each kind, from safetensors and from ONNX. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEmbedder, openReranker } from "@tunewise/engine";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const golden = new URL("golden/embed/", import.meta.url).pathname;
const folder = temporaryFolder();
const options = { threads: 1 };

interface GoldenTexts {
  readonly texts: readonly string[];
  readonly vectors: readonly (readonly number[])[];
}

interface GoldenPairs {
  readonly pairs: readonly (readonly [string, string])[];
  readonly scores: readonly number[];
}

function goldenOf<Content>(name: string): Content {
  return JSON.parse(readFileSync(join(golden, name, "golden.json"), "utf8")) as Content;
}

/** A copy of a golden model that a test may modify. */
function copyOf(name: string, change: (place: string) => void): string {
  const place = join(folder, `${name}-${Math.random()}`);
  cpSync(join(golden, name), place, { recursive: true });
  change(place);
  return place;
}

function rewrite(place: string, file: string, change: (value: never) => unknown): void {
  const path = join(place, file);
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")) as never)));
}

describe("vectors of texts", () => {
  test.each(["bert-mean", "bert-mean-onnx", "roberta-joined"])("%s", async (name) => {
    const { texts, vectors } = goldenOf<GoldenTexts>(name);
    const embedder = await openEmbedder(join(golden, name), options);
    onTestFinished(() => embedder.close());
    const seen: number[] = [];
    const found = await embedder.embed(texts, { onTexts: (done) => seen.push(done) });
    expect(embedder.size).toBe(vectors[0]?.length);
    expect(seen.at(-1)).toBe(texts.length);
    for (const [at, expected] of vectors.entries()) {
      const own = found.subarray(at * embedder.size, (at + 1) * embedder.size);
      for (const [place, value] of expected.entries()) expect(own[place]).toBeCloseTo(value, 5);
    }
    // alone or next to longer texts: padding must not change the result
    for (const [at, text] of texts.entries()) {
      const alone = await embedder.embed([text]);
      for (const [place, value] of alone.entries())
        expect(found[at * embedder.size + place]).toBeCloseTo(value, 5);
    }
  });

  test("the folder says prompts and the longest text; another weight is another fingerprint", async () => {
    const one = await openEmbedder(join(golden, "bert-mean"), options);
    expect(one.prompts).toEqual({ question: "query: ", passage: "passage: " });
    expect(one.maxTokens).toBe(48);
    await one.close();
    const place = copyOf("bert-mean", (copy) => {
      const bytes = readFileSync(join(copy, "model.safetensors"));
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 4) ^ 1, bytes.length - 4);
      writeFileSync(join(copy, "model.safetensors"), bytes);
    });
    const other = await openEmbedder(place, options);
    expect(other.fingerprint).not.toBe(one.fingerprint);
    expect(await other.embed([])).toHaveLength(0);
    await other.close();
  });

  test("stops when it is told to", async () => {
    const embedder = await openEmbedder(join(golden, "bert-mean"), options);
    onTestFinished(() => embedder.close());
    await expect(embedder.embed(["a"], { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow(
      "stop",
    );
  });
});

test.each(["bert-pairs", "bert-pairs-onnx", "roberta-pairs"])("scores of pairs: %s", async (name) => {
  const { pairs, scores } = goldenOf<GoldenPairs>(name);
  const reranker = await openReranker(join(golden, name), options);
  onTestFinished(() => reranker.close());
  for (const [at, [question, passage]] of pairs.entries()) {
    const [alone, beside] = [[passage], [passage, "two words"]];
    expect((await reranker.score(question, alone))[0]).toBeCloseTo(scores[at] ?? Number.NaN, 4);
    expect((await reranker.score(question, beside))[0]).toBeCloseTo(scores[at] ?? Number.NaN, 4);
  }
});

describe("refused in words", () => {
  const modules = (change: (list: { type: string; path: string }[]) => unknown) => (place: string) =>
    rewrite(place, "modules.json", change);
  test.each<[string, string, (place: string) => void, string, string]>([
    [
      "no weights",
      "bert-mean",
      (place) => rmSync(join(place, "model.safetensors")),
      "MODEL_FILE_MISSING",
      "model.onnx",
    ],
    [
      "no tokenizer",
      "bert-mean",
      (place) => rmSync(join(place, "tokenizer.json")),
      "MODEL_FILE_MISSING",
      "tokenizer",
    ],
    [
      "a way out of the folder",
      "bert-mean",
      modules((list) => list.map((one) => ({ ...one, path: "../elsewhere" }))),
      "MODEL_FILE_DAMAGED",
      "../elsewhere",
    ],
    [
      "a layer behind the pooling",
      "bert-mean",
      modules((list) => [...list, { type: "sentence_transformers.models.Dense", path: "3_Dense" }]),
      "ENCODER_UNSUPPORTED",
      "Dense",
    ],
    [
      "another pooling",
      "bert-mean",
      (place) => rewrite(place, "1_Pooling/config.json", () => ({ pooling_mode_weightedmean_tokens: true })),
      "ENCODER_UNSUPPORTED",
      "weightedmean",
    ],
    [
      "another kind of model",
      "bert-mean",
      (place) => rewrite(place, "config.json", (config: object) => ({ ...config, model_type: "mpnet" })),
      "ENCODER_UNSUPPORTED",
      "mpnet",
    ],
    [
      "sizes that do not fit the weights",
      "bert-mean",
      (place) => rewrite(place, "config.json", (config: object) => ({ ...config, intermediate_size: 64 })),
      "MODEL_WEIGHT_MISMATCH",
      "intermediate",
    ],
    [
      "more layers than there are",
      "bert-mean",
      (place) => rewrite(place, "config.json", (config: object) => ({ ...config, num_hidden_layers: 3 })),
      "MODEL_WEIGHT_MISSING",
      "layer.2",
    ],
    [
      "an ONNX file that is cut off",
      "bert-mean-onnx",
      (place) => {
        const path = join(place, "model.onnx");
        writeFileSync(path, readFileSync(path).subarray(0, 5000));
      },
      "ENCODER_UNSUPPORTED",
      "is damaged",
    ],
    [
      "an ONNX file that is none",
      "bert-mean-onnx",
      (place) => writeFileSync(join(place, "model.onnx"), "not a model"),
      "ENCODER_UNSUPPORTED",
      "is damaged",
    ],
  ])("%s", async (_, name, change, code, words) => {
    const opening = openEmbedder(copyOf(name, change), options);
    await expect(opening).rejects.toMatchObject({ code });
    await expect(opening).rejects.toThrow(words);
  });

  test("a model of vectors makes no scores, and one of scores no vectors of tokens", async () => {
    await expect(openReranker(join(golden, "bert-mean-onnx"), options)).rejects.toMatchObject({
      code: "ENCODER_UNSUPPORTED",
    });
    await expect(openReranker(join(golden, "bert-mean"), options)).rejects.toMatchObject({
      code: "MODEL_WEIGHT_MISSING",
    });
    mkdirSync(join(folder, "empty"));
    await expect(openEmbedder(join(folder, "empty"), options)).rejects.toMatchObject({
      code: "MODEL_FILE_MISSING",
    });
  });
});
