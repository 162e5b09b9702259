/** What `model verify` needs before it compares: a runtime, an export, and a probe that ends well. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createRuntime } from "../../runtime/index.ts";
import type { ProbeReply } from "./probe.ts";
import { probeLocally } from "./program.ts";
import { verifyModel } from "./verify-model.ts";

const real = createRuntime(process.cwd(), new AbortController().signal, "test");
const runtime = {
  ...real,
  environment: { TUNEWISE_PYTHON: "/opt/python", TUNEWISE_LLAMA_CPP: "/opt/llama" },
};

test("a missing runtime is named with the command that installs it", async () => {
  const verifying = verifyModel("models/small", { ...runtime, environment: {} }, { in: "llama.cpp" });
  await expect(verifying).rejects.toMatchObject({
    code: "VERIFY_RUNTIME_MISSING",
    fix: expect.stringMatching(/^npm install .*node-llama-cpp.* export TUNEWISE_LLAMA_CPP=/),
  });
});

test("a folder without a file that the runtime loads", async () => {
  const verifying = verifyModel("models/small", runtime, { in: "llama.cpp" });
  await expect(verifying).rejects.toMatchObject({ code: "VERIFY_EXPORT_MISSING" });
  const other = verifyModel("models/small", runtime, { in: "transformers", export: "models/none" });
  await expect(other).rejects.toThrow("models/none");
});

const job = {
  path: "/exports/tickets",
  base: null,
  threads: 1,
  conversations: [],
  texts: [],
  rows: [],
  endIds: [],
  answerTokens: 1,
};

function withProgram(run: (parameters: readonly string[]) => { code: number; output: string }) {
  const execute = async (_: string, parameters: readonly string[]) => run(parameters);
  return { ...runtime, sources: { ...runtime.sources, execute } };
}

test("a probe gets its job as a file, and its reply is read", async () => {
  const reply: ProbeReply = {
    runtime: "transformers 5",
    prompts: [],
    texts: null,
    scores: null,
    ends: null,
    answers: null,
  };
  const given: unknown[] = [];
  const here = withProgram(([, jobPath = "", replyPath = ""]) => {
    given.push(JSON.parse(readFileSync(jobPath, "utf8")));
    writeFileSync(replyPath, JSON.stringify(reply));
    return { code: 0, output: "" };
  });
  expect(await probeLocally("transformers", job, here)).toEqual(reply);
  expect(given).toEqual([{ ...job, packages: "/opt/python" }]);
});

test("a probe that fails is reported with the runtime's own error", async () => {
  const output = "Traceback:\n  File x\nValueError: unknown architecture\nexiting\n";
  const here = withProgram(() => ({ code: 1, output }));
  await expect(probeLocally("transformers", job, here)).rejects.toMatchObject({
    code: "VERIFY_RUNTIME_FAILED",
    message: expect.stringContaining("ValueError: unknown architecture"),
  });
});
