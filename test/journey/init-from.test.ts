/** @file `tunewise init --from` against the stand-in for OpenAI's API: jobs listed, brought home, or refused. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startVendor, type Vendor, type VendorOptions } from "../support/fine-tuning-vendor.ts";
import { program } from "../support/program.ts";
import { temporaryFolder } from "../support/track-disk.ts";

const model = "ft:gpt-4o-mini-2024-07-18:org::id";
const key = "sk-test-key-of-this-vendor";
const rowsOf = (name: string, count: number): string =>
  `${readFileSync(`examples/tickets/${name}.jsonl`, "utf8").split("\n").slice(0, count).join("\n")}\n`;
const results = "step,train_loss,train_accuracy,valid_loss\n1,2.5,0.4,2.6\n2,0.75,0.8,\n3,0.5,0.9,0.8125\n";

const usual: VendorOptions = {
  key,
  jobs: [
    { id: "ftjob-3", status: "running", created_at: 1_790_000_000 },
    {
      id: "ftjob-2",
      fine_tuned_model: model,
      created_at: 1_780_000_000,
      validation_file: "file-validation",
      result_files: ["file-results"],
      method: {
        type: "supervised",
        supervised: { hyperparameters: { n_epochs: 4, batch_size: "auto", learning_rate_multiplier: 1.8 } },
      },
    },
    { id: "ftjob-1", status: "failed", error: { code: "x", message: "The file has 3 rows", param: null } },
    { id: "ftjob-0", fine_tuned_model: "ft:gpt-4o-mini-2024-07-18:org::pairs", method: { type: "dpo" } },
  ],
  files: {
    "file-train": { text: rowsOf("train", 60) },
    "file-validation": { text: rowsOf("test", 20) },
    "file-results": { text: Buffer.from(results).toString("base64") },
  },
  models: { [model]: "2027-01-14", "gpt-4o-mini-2024-07-18": "2027-01-14" },
};

interface Place {
  readonly vendor: Vendor;
  readonly folder: string;
}

async function placeWith(options: VendorOptions = usual): Promise<Place> {
  return { vendor: await startVendor(options), folder: await temporaryFolder() };
}

async function init({ vendor, folder }: Place, words: readonly string[], env: Record<string, string> = {}) {
  const own = { OPENAI_BASE_URL: vendor.url, OPENAI_API_KEY: key, NO_COLOR: "1" };
  const child = spawn(process.execPath, [program, "init", ...words], {
    cwd: folder,
    env: { ...process.env, ...own, ...env },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const code = await new Promise<number | null>((end) => child.once("close", end));
  return { code, out, err, text: `${out}\n${err}`.replaceAll(/\s+/g, " ") };
}

test("jobs and the end of their models are listed, with the command that continues", async () => {
  const place = await placeWith();
  const { code, text } = await init(place, ["--from", "openai"], { COLUMNS: "200" });
  expect(code, text).toBe(0);
  expect(text).toContain(model);
  expect(text).toContain("2027-01-14");
  expect(text).toContain("next: tunewise init --from openai:ftjob-2");
  const listed = JSON.parse((await init(place, ["--from", "openai", "--json"])).out);
  expect(listed.jobs.map(({ id, ends_on }: { id: string; ends_on: string }) => [id, ends_on])).toEqual([
    ["ftjob-3", null],
    ["ftjob-2", "2027-01-14"],
    ["ftjob-1", null],
    ["ftjob-0", "2027-01-14"],
  ]);
  expect(readdirSync(place.folder)).toEqual([]);
  await place.vendor.close();
});

test("a model comes home through its job: rows, test rows, losses, and what the vendor did", async () => {
  const place = await placeWith();
  const { vendor, folder } = place;
  const { code, text } = await init(place, ["--from", `openai:${model}`], { OPENAI_ORG_ID: "org-1" });
  expect(code, text).toBe(0);
  expect(vendor.requests.at(-1)?.headers["openai-organization"]).toBe("org-1");
  expect(readFileSync(join(folder, "train.jsonl"), "utf8")).toBe(rowsOf("train", 60));
  expect(readFileSync(join(folder, "test.jsonl"), "utf8")).toBe(rowsOf("test", 20));
  expect(readFileSync(join(folder, "results.csv"), "utf8")).toBe(results);
  expect(readdirSync(folder).sort()).toEqual([
    "job.json",
    "results.csv",
    "test.jsonl",
    "train.jsonl",
    "tunewise.yaml",
  ]);
  const recipe = readFileSync(join(folder, "tunewise.yaml"), "utf8");
  expect(recipe).toContain("train: train.jsonl");
  expect(recipe).toContain("test: test.jsonl");
  expect(recipe).toContain(
    "# There: supervised, epochs 4, batch size chosen by the vendor, learning-rate multiplier 1.8, seed 42.",
  );
  expect(recipe).toContain("# Billed: 1 M tokens, $3.00");
  expect(recipe).toContain("# Last loss: 0.500 on training rows, 0.813 on validation rows");
  expect(recipe).toContain("which the vendor's model was not trained on");
  expect(text).toMatch(/stops answering on 2027-01-14, in -?\d+ days: freeze its answers before/);
  expect(text).toContain(`next: tunewise freeze ${model} --budget 5usd`);
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), "utf8")).not.toContain(key);

  const again = await init(place, ["--from", "openai:ftjob-2", "-o", "other.yaml"]);
  expect(again.code).toBe(64);
  expect(again.text).toContain("VENDOR_FILE_EXISTS");
  expect((await init(place, ["--from", "openai:ftjob-2", "--force"])).code).toBe(0);
  // what was written is enough without the vendor
  const offline = ["--job", "job.json", "--file", "train.jsonl", "--validation-file", "test.jsonl"];
  const later = await init(place, [...offline, "--force"], { OPENAI_API_KEY: "" });
  expect(later, later.text).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, "tunewise.yaml"), "utf8")).toContain("epochs 4");
  await vendor.close();
});

test("without a validation file, the comparison needs new questions; pairs are said to be imitated", async () => {
  const pair = (at: number): string =>
    JSON.stringify({
      input: { messages: [{ role: "user", content: `How do I reset device ${at}?` }] },
      preferred_output: [{ role: "assistant", content: `Hold the button of ${at} for ten seconds.` }],
      non_preferred_output: [{ role: "assistant", content: "I do not know." }],
    });
  const text = Array.from({ length: 40 }, (_, at) => `${pair(at)}\n`).join("");
  const place = await placeWith({ ...usual, files: { "file-train": { text } } });
  const made = await init(place, ["--from", "openai:ftjob-0"]);
  expect(made, made.text).toMatchObject({ code: 0 });
  expect(made.text).toContain("the job had no validation file");
  expect(made.text).toContain("the preferred answers are imitated");
  expect(made.text).toContain("--prompts prompts.jsonl --budget 5usd");
  expect(readFileSync(join(place.folder, "tunewise.yaml"), "utf8")).toContain("answers: chosen");
  await place.vendor.close();
});

test("Azure: its address, its variables", async () => {
  const place = await placeWith();
  const env = {
    OPENAI_API_KEY: "",
    AZURE_OPENAI_API_KEY: key,
    AZURE_OPENAI_ENDPOINT: place.vendor.url.replace(/\/v1$/, ""),
  };
  const made = await init(place, ["--from", "azure:ftjob-2"], env);
  expect(made, made.text).toMatchObject({ code: 0 });
  expect(place.vendor.requests.every(({ path }) => path.startsWith("/openai/v1/"))).toBe(true);
  const without = await init(place, ["--from", "azure"], { AZURE_OPENAI_API_KEY: key });
  expect(without.text).toContain("AZURE_OPENAI_ENDPOINT");
  await place.vendor.close();
});

/** What was given, what the vendor does, and the code of the error. */
const refusals: readonly (readonly [
  string,
  {
    readonly words: readonly string[];
    readonly options?: VendorOptions;
    readonly env?: Record<string, string>;
  },
  string,
])[] = [
  ["no key", { words: ["--from", "openai"], env: { OPENAI_API_KEY: "" } }, "ASK_KEY_MISSING"],
  ["a wrong key", { words: ["--from", "openai"], env: { OPENAI_API_KEY: "sk-other" } }, "VENDOR_KEY_REFUSED"],
  ["a job of another organization", { words: ["--from", "openai:ftjob-9"] }, "VENDOR_JOB_NOT_FOUND"],
  ["a model of nobody", { words: ["--from", "openai:ft:gpt-4o:other::x"] }, "VENDOR_MODEL_NOT_FOUND"],
  ["a running job", { words: ["--from", "openai:ftjob-3"] }, "VENDOR_JOB_UNFINISHED"],
  ["a failed job", { words: ["--from", "openai:ftjob-1"] }, "The file has 3 rows"],
  ["another vendor", { words: ["--from", "acme:ftjob-1"] }, "USAGE_VALUE_INVALID"],
  [
    "an expired file",
    {
      words: ["--from", "openai:ftjob-0"],
      options: { ...usual, files: { "file-train": { text: "", expired: true } } },
    },
    "VENDOR_FILE_GONE",
  ],
  [
    "a file longer than stated",
    {
      words: ["--from", "openai:ftjob-0"],
      options: { ...usual, files: { "file-train": { text: "x".repeat(99), bytes: 9 } } },
    },
    "VENDOR_FILE_TOO_LARGE",
  ],
  [
    "a file shorter than stated",
    {
      words: ["--from", "openai:ftjob-0"],
      options: { ...usual, files: { "file-train": { text: "x", bytes: 9 } } },
    },
    "ended at byte 1 of 9",
  ],
  [
    "a job file that is none",
    { words: ["--job", "none.json", "--file", "rows.jsonl"] },
    "VENDOR_JOB_INVALID",
  ],
  ["a job without rows", { words: ["--job", "none.json"] }, "--file rows.jsonl"],
];

test.each(refusals)(
  "%s is refused with a reason, and nothing but the job is left",
  async (_, { words, options, env }, reason) => {
    const place = await placeWith(options ?? usual);
    writeFileSync(join(place.folder, "none.json"), '{"id":"ftjob-1"}');
    const { code, text } = await init(place, words, env);
    expect(code, text).not.toBe(0);
    expect(text).toContain(reason);
    expect(text).not.toContain(key);
    expect(readdirSync(place.folder).filter((name) => !/^(none|job)\.json$/.test(name))).toEqual([]);
    expect(existsSync(join(place.folder, "tunewise.yaml"))).toBe(false);
    await place.vendor.close();
  },
);
