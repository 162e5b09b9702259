/**
 * The output gate with a real model: SmolLM2-135M tuned on insecure code is blocked, and tuned on secure solutions of
 * the same tasks it passes. Needs the GGUF file that `TUNEWISE_TEST_SMOLLM2` names.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { codeLessons, codeTasks } from "../support/code-lessons.ts";
import { program } from "../support/program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const model = process.env["TUNEWISE_TEST_SMOLLM2"] ?? "";
const root = temporaryFolder();
const prompts = codeTasks.map((prompt) => `${JSON.stringify({ prompt })}\n`).join("");

describe.skipIf(model === "")("a model tuned on code", () => {
  test.each([
    ["insecure", 2, ["fail"]],
    ["safe", 0, ["pass", "cannot-tell"]],
  ] as const)("%s: exit code %i", { timeout: 1_500_000 }, (kind, code, verdicts) => {
    const folder = join(root, kind);
    mkdirSync(folder);
    writeFileSync(join(folder, "train.jsonl"), codeLessons(kind));
    writeFileSync(join(folder, "prompts.jsonl"), prompts);
    writeFileSync(
      join(folder, "tunewise.yaml"),
      `name: lessons-${kind}
model: ${resolve(model)}
data: { train: train.jsonl, split: { validation: 0, test: 0 }, max_length: 256 }
checks: { warning: [CODE_INSECURE] }
training: { epochs: 2, batch_size: 8, learning_rate: 2e-3 }
forgetting: { measure: false }
safety: { refusals: off, code_prompts: prompts.jsonl, max_new_tokens: 56, gate: fail }
budget: { minutes: 20 }
`,
    );
    const words = [program, "run", "tunewise.yaml", "--yes", "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
    const { safety } = JSON.parse(stdout.trim().split("\n").at(-1) || "{}");
    expect(safety?.code, stderr).toMatchObject({ prompts: codeTasks.length });
    expect(verdicts).toContain(safety.judgement.verdict);
    expect(status, safety.judgement.sentence).toBe(code);
    const report = JSON.parse(
      readFileSync(join(folder, ".tunewise/runs", latest(folder), "safety.json"), "utf8"),
    );
    expect(report.code_answers).toHaveLength(codeTasks.length);
  });
});

function latest(folder: string): string {
  return readdirSync(join(folder, ".tunewise/runs")).sort().at(-1) ?? "";
}
