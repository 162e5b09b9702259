/** The stand-in for a vendor of fine-tuned models, read with OpenAI's own client for Python. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startVendor } from "../support/fine-tuning-vendor.ts";

const python = process.env["TUNEWISE_OPENAI_PYTHON"];
const model = "ft:gpt-4o-mini-2024-07-18:org::id";

test.skipIf(python === undefined)(
  "jobs, files, models, answers, calls and streams are understood",
  async () => {
    const text = '{"messages":[]}\n{"messages":[]}\n';
    const vendor = await startVendor({
      key: "sk-test",
      jobs: [
        { id: "ftjob-1", fine_tuned_model: model, method: { type: "supervised" } },
        { id: "ftjob-2", status: "failed" },
      ],
      files: { "file-train": { text } },
      models: { [model]: "2027-01-14" },
      answer: ({ tools }) =>
        tools === undefined
          ? { content: "It is in Graz." }
          : { content: "", call: { name: "track", arguments: '{"id":7}' } },
    });
    onTestFinished(() => vendor.close());
    const child = spawn(python ?? "", [join(import.meta.dirname, "openai_vendor.py"), model, "ftjob-1"], {
      env: { PATH: process.env["PATH"], OPENAI_BASE_URL: vendor.url, OPENAI_API_KEY: "sk-test" },
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    expect(await new Promise((end) => child.once("close", end)), err).toBe(0);
    expect(JSON.parse(out)).toEqual({
      jobs: ["ftjob-1", "ftjob-2"],
      job: ["succeeded", model, 1_000_000, 3],
      method: "supervised",
      file: [text.length, "file-train.jsonl"],
      rows: 2,
      models: [model],
      answer: "It is in Graz.",
      logprobs: 4,
      usage: [true, true],
      calls: [["track", { id: 7 }]],
      stream: "It is in Graz.",
      stream_usage: true,
      foreign: "404",
    });
  },
);
