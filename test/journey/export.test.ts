/** Exports of a finished run as a process, also on a full disk. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportRun } from "../../packages/tunewise/src/app/export/index.ts";
import { invoke } from "../../packages/tunewise/src/cli/index.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { program } from "../support/program.ts";

let root = "";
let folder = "";

const recipe = `name: small
model: ./model
data: { train: train.jsonl, rows: { train: 8 }, max_length: 128, bad_rows: skip, split: { validation: 0, test: 0 } }
method: { kind: lora, rank: 4 }
training: { steps: 2, batch_size: 4, checkpoint_selection: last, precision: fp32 }
machine: { threads: 1 }
budget: { minutes: 10 }
`;

function tunewise(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", HF_TOKEN: "" },
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

function runtime(changes: Partial<Runtime> = {}): Runtime {
  return { ...createRuntime(folder, new AbortController().signal, "test"), ...changes };
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tunewise-export-"));
  folder = join(root, "project");
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  cpSync(resolve("models/small"), join(folder, "model"), { recursive: true });
  writeFileSync(join(folder, "tunewise.yaml"), recipe);
  const { code, err } = tunewise("run", "--yes", "--json");
  expect([code, err]).toEqual([0, ""]);
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

describe("tunewise model export", () => {
  test.each([
    ["peft", ["README.md", "adapter_config.json", "adapter_model.safetensors"]],
    ["mlx", ["README.md", "adapter_config.json", "adapters.safetensors"]],
    ["gguf-adapter", ["README.md", "adapter.gguf"]],
    ["gguf", ["Modelfile", "README.md", "model-f16.gguf"]],
    [
      "merged",
      [
        "README.md",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
      ],
    ],
    [
      "onnx",
      [
        "README.md",
        "config.json",
        "generation_config.json",
        "onnx",
        "tokenizer.json",
        "tokenizer_config.json",
      ],
    ],
  ])("--format %s writes its files into the run's folder", (format, files) => {
    const { code, out, err } = tunewise("export", "latest", "--format", format);
    expect([code, err]).toEqual([0, expect.stringContaining("next: ")]);
    const [run = ""] = readdirSync(join(folder, ".tunewise/runs"));
    const place = join(folder, ".tunewise/runs", run, "export", format);
    expect(readdirSync(place).sort()).toEqual(files);
    expect(out).toContain(place);
  });

  test("-o, --dtype and --json say where, how and what", () => {
    const words = [
      "export",
      "latest",
      "--format",
      "gguf",
      "--dtype",
      "q8_0",
      "-o",
      "out/here",
      "--json",
      "--runs",
      ".tunewise",
    ];
    const { code, out, err } = tunewise(...words);
    expect([code, err]).toEqual([0, ""]);
    const document = JSON.parse(out) as { files: { path: string; bytes: number }[] };
    expect(document).toMatchObject({
      command: "export",
      format_version: 1,
      format: "gguf",
      dtype: "q8_0",
      folder: join(folder, "out/here"),
      notes: [],
    });
    const [file] = document.files;
    expect(readFileSync(join(folder, "out/here", file?.path ?? "")).length).toBe(file?.bytes);
  });

  test("a folder with something in it is left alone, unless forced", () => {
    const words = ["export", "latest", "--format", "peft", "-o", "taken"];
    expect(tunewise(...words).code).toBe(0);
    writeFileSync(join(folder, "taken/adapter_config.json"), "mine");
    const again = tunewise(...words);
    expect(again.code).toBe(1);
    expect(again.err).toContain("EXPORT_FOLDER_NOT_EMPTY");
    expect(readFileSync(join(folder, "taken/adapter_config.json"), "utf8")).toBe("mine");
    expect(tunewise(...words, "--force").code).toBe(0);
    expect(readFileSync(join(folder, "taken/adapter_config.json"), "utf8")).toContain("LORA");
  });

  test.each([
    [["export", "latest"], 64, "--format is needed"],
    [["export", "latest", "--format", "onnxx"], 64, "did you mean"],
    [["export", "latest", "--format", "merged", "--dtype", "q8_0"], 64, "EXPORT_TYPE_UNKNOWN"],
    [["export", "nothing", "--format", "peft"], 64, "RUN_NOT_FOUND"],
  ])("%j ends with %i", (words, code, text) => {
    const result = tunewise(...words);
    expect(result.err).toContain(text);
    expect(result.code).toBe(code);
  });
});

test("Ctrl-C leaves the folder as it was", async () => {
  const said: string[] = [];
  const stream = { write: (text: string) => said.push(text) };
  const code = await invoke(["export", "latest", "--format", "gguf", "-o", "stopped"], {
    stdout: stream,
    stderr: stream,
    stdin: {},
    env: {},
    cwd: folder,
    now: () => 0,
    signal: AbortSignal.abort(),
    takeOver: () => () => undefined,
    beginSaving: () => undefined,
  });
  expect([code, said]).toEqual([130, ["stopped; the folder is unchanged\n"]]);
  expect(readdirSync(folder).filter((name) => name.includes("stopped"))).toEqual([]);
});

describe("what is refused before a byte is written", () => {
  test.each([
    ["gguf", "add --dtype q8_0, or -o with a folder on another disk"],
    ["merged", "give -o a folder on another disk"],
    ["onnx", "add --dtype f16, or -o with a folder on another disk"],
    ["peft", "give -o a folder on another disk"],
  ] as const)("%s on a disk that is too small", async (format, fix) => {
    const full = runtime({ freeDiskBytes: async () => 1000 });
    const target = join(folder, "full");
    const exporting = exportRun("latest", full, { format, target });
    await expect(exporting).rejects.toMatchObject({ code: "EXPORT_DISK_FULL", fix });
    await expect(exporting).rejects.toThrow("has 1 kB free");
    expect(existsSync(target)).toBe(false);
  });

  test("a base that is no longer the one trained on", async () => {
    const path = join(folder, "model/model.safetensors");
    const before = readFileSync(path);
    const changed = Buffer.from(before);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    writeFileSync(path, changed);
    const merging = exportRun("latest", runtime(), { format: "merged", target: "other" });
    await expect(merging).rejects.toMatchObject({ code: "EXPORT_BASE_CHANGED" });
    const copied = await exportRun("latest", runtime(), { format: "peft", target: "other" });
    expect(copied.files).toHaveLength(3);
    writeFileSync(path, before);
  });

  test("a run without a result", async () => {
    const run = readdirSync(join(folder, ".tunewise/runs"))[0] ?? "";
    const adapter = join(folder, ".tunewise/runs", run, "adapter");
    cpSync(adapter, join(root, "adapter"), { recursive: true });
    rmSync(adapter, { recursive: true });
    const exporting = exportRun("latest", runtime(), { format: "peft", target: "none" });
    await expect(exporting).rejects.toMatchObject({ code: "RUN_WITHOUT_ADAPTER" });
    cpSync(join(root, "adapter"), adapter, { recursive: true });
  });

  test("a model the format cannot hold", async () => {
    const path = join(folder, "model/config.json");
    const before = readFileSync(path, "utf8");
    writeFileSync(path, before.replace('"silu"', '"gelu_pytorch_tanh"'));
    const exporting = exportRun("latest", runtime(), { format: "gguf", target: "unfit" });
    await expect(exporting).rejects.toMatchObject({ code: "EXPORT_UNSUPPORTED" });
    expect(existsSync(join(folder, "unfit"))).toBe(false);
    writeFileSync(path, before);
  });
});
