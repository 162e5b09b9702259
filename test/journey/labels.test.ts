/** A classification task as a process: the name of the trivial baseline, and every answer is one of the labels. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { smallModel, tunewise } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const labels = ["billing", "delivery", "account", "other"];

/** Prompts that contain no information about their labels; half of the labels are `billing`. */
function rows(count: number, from: number): string {
  const lines = Array.from({ length: count }, (_, at) => {
    const number = from + at;
    const label = number % 2 === 0 ? "billing" : labels[1 + ((number * 7) % 3)];
    return JSON.stringify({ prompt: `case ${number * 7919} of ${number * 104_729}`, completion: label });
  });
  return `${lines.join("\n")}\n`;
}

const recipe = (decoding: string): string => `name: desks
model: ${smallModel}
data: { train: train.jsonl, validation: validation.jsonl, test: test.jsonl, max_length: 64 }
task: { kind: classify, labels: [${labels.join(", ")}] }
method: { kind: lora, rank: 2 }
training: { steps: 2, batch_size: 4, learning_rate: 1e-4, precision: fp32 }
evaluation: { memorization: 0, max_new_tokens: 4, decoding: ${decoding} }
forgetting: { measure: false }
checks: { depth: exact }
machine: { threads: 1 }
budget: { minutes: 5 }
`;

interface Result {
  judgement: { title: string; sentence: string };
  labels: { decoding: { kind: string }; tuned: { unknown: number; matrix: number[][] }; rows: number };
  scores: { metric: string; trivial: { kind: string; answer: string | null; value: number }[] }[];
}

const results = new Map<string, Result>();
let folder = "";
beforeAll(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder, "train.jsonl"), rows(40, 0));
  writeFileSync(join(folder, "validation.jsonl"), rows(6, 100));
  writeFileSync(join(folder, "test.jsonl"), rows(20, 200));
  for (const decoding of ["constrained", "free"]) {
    writeFileSync(join(folder, "tunewise.yaml"), recipe(decoding));
    const { code, out, err } = tunewise(folder, ["run", "--yes", "--json"]);
    if (code !== 0) throw new Error(`the run ended with ${code}: ${out.slice(-1500)}${err}`);
    results.set(decoding, JSON.parse(out.trim().split("\n").at(-1) ?? "{}"));
  }
});

test("chosen among labels, every answer is one; decoded freely, those that are none are counted", () => {
  expect(results.get("constrained")?.labels).toMatchObject({ decoding: { kind: "constrained" }, rows: 20 });
  expect(results.get("constrained")?.labels.tuned.unknown).toBe(0);
  expect(results.get("free")?.labels.tuned.unknown).toBeGreaterThan(10);
  const counted = results
    .get("free")
    ?.labels.tuned.matrix.flat()
    .reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(20);
});

test("answers without a model are scored on the same rows, and a useless model is called so in the first line", () => {
  const result = results.get("free");
  const accuracy = result?.scores.find(({ metric }) => metric === "accuracy");
  expect(accuracy?.trivial).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: "majority", answer: "billing", value: 0.5 }),
      expect.objectContaining({ kind: "chance", value: 0.25 }),
    ]),
  );
  const title = result?.judgement.title ?? "";
  expect(["This model is not useful", "No better than a constant answer"]).toContain(title);
  const shown = tunewise(folder, ["show", "latest"]).out;
  expect(shown.split("\n")[0]).toContain(title);
  const runs = join(folder, ".tunewise", "runs");
  const newest = readdirSync(runs).sort().at(-1) ?? "";
  expect(readFileSync(join(runs, newest, "report.md"), "utf8").split("\n")[0]).toBe(
    `# desks: ${title.toLowerCase()}`,
  );
  expect(tunewise(folder, ["compare"]).out).toContain(title);
});
