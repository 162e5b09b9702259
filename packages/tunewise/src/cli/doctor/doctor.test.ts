import { describe, expect, it } from "vitest";
import { checksText, examine } from "../handlers/doctor.ts";
import { paint } from "../render/paint.ts";
import type { Check, Environment } from "./check.ts";

const recipe = "model: a/b\ndata:\n  train: rows.jsonl\n";

/** A processor that supports bfloat16 but is faster without it. */
const slowBf16 = {
  compute: "fp32",
  reason: "measured here",
  rates: { fp32: 245.4, bf16: 209.6 },
} as const;

/** A machine on which all checks pass, with changes. */
function around(changes: Partial<Environment> = {}): Environment {
  return {
    nodeVersion: "v22.20.0",
    platform: "linux",
    architecture: "x64",
    cores: 2,
    load: 0.3,
    memoryBytesTotal: 16e9,
    memoryBytesFree: 8e9,
    env: {},
    whyNotBf16: async () => null,
    precision: async () => ({ ...slowBf16, model: "a/b" }),
    machinePrice: null,
    priceAgeDays: 3,
    whyNotImport: async () => null,
    cards: { kind: "none" },
    worker: null,
    scanners: { found: [], isCutOff: true },
    hasProgram: async () => false,
    diskBytesFree: () => 50e9,
    canWrite: () => true,
    fileBytes: () => 1234,
    readText: (path) => (path === "/project/tunewise.yaml" ? recipe : null),
    ...changes,
  };
}

async function named(name: string, changes: Partial<Environment>, path?: string): Promise<Check | undefined> {
  const checks = await examine(path, "/project", around(changes));
  return checks.find((check) => check.name === name);
}

describe("doctor", () => {
  it("says in which numbers the engine multiplies, and whether its runtime starts", async () => {
    expect(await named("runtime", {})).toMatchObject({
      health: "ok",
      detail: expect.stringContaining("bfloat16"),
    });
    const plain = await named("runtime", { whyNotBf16: async () => "this processor lacks AVX512-BF16" });
    const detail = "ONNX Runtime starts, products in float32: this processor lacks AVX512-BF16";
    expect(plain).toMatchObject({ health: "ok", detail });
    const broken = await named("runtime", {
      whyNotBf16: async () => Promise.reject(new Error("no library")),
    });
    expect(broken).toMatchObject({ health: "fail", fix: "npm ci" });
  });

  it("shows the rates of both precisions where there are two", async () => {
    expect((await named("precision", {}))?.detail).toBe(
      "a/b: auto takes float32 at 250 tokens/s, bfloat16 at 210: measured here",
    );
    const one = {
      model: "a/b",
      compute: "fp32",
      reason: "this processor lacks AVX512-BF16",
      rates: null,
    } as const;
    expect(await named("precision", { precision: async () => one })).toBe(undefined);
  });

  it("finds nothing to mend on a good machine", async () => {
    const checks = await examine(undefined, "/project", around());
    expect(checksText(checks, paint(false))).toMatchInlineSnapshot(`
      "ok  node         v22.20.0 on linux x64, 2 cores
      ok  runtime      ONNX Runtime starts, products in float32 and bfloat16 (AVX512-BF16), tested
      ok  precision    a/b: auto takes float32 at 250 tokens/s, bfloat16 at 210: measured here
      ok  database     node:sqlite
      ok  load         2 cores, load 0.3
      ok  memory       8 GB free of 16 GB
      ok  gpu          none seen; the CPU is used
      ok  worker       not installed; runs are computed by the engine
      ok  scanners     the built-in one; no other scanner of code that is known by name
      ok  credentials  HF_TOKEN is not set: public models only; hub at its usual address
      ok  rate         not said yet: time is shown in place of money; tunewise doctor --rate 2.49/h sets it
      ok  prices       fetched 3 days ago
      ok  recipe       tunewise.yaml: a/b on rows.jsonl
      ok  data train   rows.jsonl, 1.23 kB
      ok  disk         50 GB free for /project/.tunewise"
    `);
  });

  it("says how much longer a busy machine takes (A10), and nothing where the system does not say", async () => {
    expect((await named("load", { load: 30 }))?.detail).toBe(
      "2 cores, load 30: times measured now are about 16 times as long as on a quiet machine",
    );
    expect(await named("load", { load: null })).toBeUndefined();
  });

  const h100 = { name: "NVIDIA H100", memoryBytes: 85e9, usedBytes: 2e9, capability: 9 };
  const missing = (...names: string[]): Partial<Environment> => ({
    whyNotImport: async (name) => (names.includes(name) ? `Cannot find package '${name}'` : null),
  });
  const text = (of: string): Partial<Environment> => ({ readText: () => of });
  const cases: [name: string, changes: Partial<Environment>, health: string, fix: string | null][] = [
    ["node", { nodeVersion: "v20.19.4" }, "fail", "install Node 20.20"],
    ["node", { nodeVersion: "v20.20.0" }, "ok", null],
    ["prices", { priceAgeDays: 31 }, "warn", "tunewise prices update"],
    ["prices", { priceAgeDays: null }, "warn", "tunewise prices update"],
    ["node", { nodeVersion: "v18.99.0" }, "fail", "install Node 20.20"],
    ["runtime", missing("koffi"), "fail", "npm install koffi"],
    ["database", missing("node:sqlite"), "ok", null],
    [
      "database",
      missing("node:sqlite", "@photostructure/sqlite"),
      "fail",
      "npm install @photostructure/sqlite",
    ],
    ["memory", { memoryBytesFree: 0.5e9 }, "fail", "larger machine"],
    ["memory", { memoryBytesFree: 2e9 }, "warn", "gradient_checkpointing: layer"],
    ["load", { load: 0.9 }, "ok", null],
    ["load", { load: 30 }, "warn", "other programs are done"],
    ["gpu", { cards: { kind: "cuda", driver: "580.95.05", cards: [h100] } }, "ok", null],
    [
      "worker",
      { cards: { kind: "cuda", driver: "580.95.05", cards: [h100] } },
      "warn",
      "tunewise worker install",
    ],
    ["worker", { worker: { torch: "2.15.0", environment: "/cache/worker/0123" } }, "ok", null],
    [
      "scanner",
      text(`${recipe}safety: { scanners: [builtin, { sarif: "semgrep --sarif" }] }`),
      "fail",
      "install semgrep",
    ],
    ["gpu", { cards: { kind: "unknown", vendor: "NVIDIA", reason: "no answer" } }, "warn", "nvidia-smi"],
    ["recipe", { readText: () => null }, "warn", "tunewise init"],
    ["recipe", text(`${recipe}taks: x`), "fail", "did you mean `task`?"],
    ["recipe", text(`${recipe}budget: { usd: 1 }`), "warn", "machine.usd_per_hour"],
    ["data train", { fileBytes: () => null }, "fail", "correct `data.train`"],
    ["data train", { fileBytes: () => 0 }, "fail", "put rows into it"],
    ["data train", { ...text("model: a/b\ndata: { train: hub:o/n }"), fileBytes: () => null }, "ok", null],
    [
      "data test",
      { ...text(`${recipe}  test: t.csv`), fileBytes: () => null },
      "fail",
      "correct `data.test`",
    ],
    ["data train", text("model: a/b\ndata: { train: missing/ }"), "fail", "Correct the folder"],
    ["disk", { canWrite: () => false }, "fail", "set `output:`"],
    ["disk", { diskBytesFree: () => 2e8 }, "fail", "free some space"],
    ["disk", { diskBytesFree: () => 2e9 }, "warn", "free some space"],
    ["disk", { diskBytesFree: () => null }, "warn", "5 GB"],
  ];
  it.each(cases)("%s, %o: %s", async (name, changes, health, fix) => {
    const check = await named(name, changes);
    expect(check?.health).toBe(health);
    if (fix === null) expect(check?.fix).toBeNull();
    else expect(check?.fix).toContain(fix);
  });

  it("says which scanners are here, and what to write", async () => {
    const found = [{ program: "bandit", version: "1.9.4", sarif: "bandit -q -r -f sarif" }];
    expect((await named("scanners", { scanners: { found, isCutOff: false } }))?.detail).toBe(
      "bandit 1.9.4; they run with the network in reach; in a recipe: safety: { scanners: [builtin, { sarif: " +
        '"bandit -q -r -f sarif" }] }',
    );
  });

  it("holds a recipe that was asked for to be missing, not absent", async () => {
    expect((await named("recipe", { readText: () => null }, "other.yaml"))?.health).toBe("fail");
  });

  it("looks for the disk of the output folder", async () => {
    const check = await named("disk", text(`${recipe}output: /data/runs`));
    expect(check?.detail).toBe("50 GB free for /data/runs");
  });

  it("never shows a credential", async () => {
    const env = { HF_TOKEN: "hf_secretsecret", HF_ENDPOINT: "https://user:hunter2@hub.example/path" };
    const checks = await examine(undefined, "/project", around({ env }));
    expect(JSON.stringify(checks)).not.toMatch(/secretsecret|hunter2|user:/);
    expect(checks.find(({ name }) => name === "credentials")?.detail).toBe(
      "HF_TOKEN is set; hub at hub.example",
    );
    const odd = await named("credentials", { env: { HF_ENDPOINT: "hunter2" } });
    expect(odd?.detail).not.toContain("hunter2");
  });
});
