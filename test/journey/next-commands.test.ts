/**
 * Every command that is printed as a next step works as printed: the test runs it in the same folder and checks the
 * result. A hint fails if it stops again or names a run that cannot be found from this folder.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { serveFaults } from "../support/fault-endpoint.ts";
import { program } from "../support/program.ts";
import { type Outcome, smallModel } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

let root = "";
beforeAll(() => {
  root = temporaryFolder();
  cpSync(resolve("examples/tickets"), root, { recursive: true });
});

const recipe = ({ budget = "{ minutes: 10 }", usdPerHour = 0, more = "" } = {}): string => `name: small
model: ${smallModel}
data:
  { train: train.jsonl, validation: validation.jsonl, test: test.jsonl, max_length: 128, bad_rows: skip,
    rows: { train: 16, validation: 2, test: 6 } }
task: { kind: json, metrics: [json_match] }
method: { kind: lora, rank: 2 }
checks: { depth: exact }
training: { steps: 8, batch_size: 4, learning_rate: 2e-2, checkpoint_selection: last, seed: 3, precision: fp32 }
evaluation: { max_new_tokens: 4, rows: 2, base: false, memorization: 0 }
forgetting: { measure: false }
safety: { code: off, refusals: off }
machine: { usd_per_hour: ${usdPerHour}, threads: 1 }
budget: ${budget}
${more}`;

/** A new folder with the rows and a recipe. */
function place(name: string, text: string, file = "tunewise.yaml"): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  for (const rows of ["train", "validation", "test"])
    cpSync(join(root, `${rows}.jsonl`), join(folder, `${rows}.jsonl`));
  writeFileSync(join(folder, file), text);
  return folder;
}

/** Runs a command line as a shell would, with `tunewise` replaced by this program. */
function shell(folder: string, line: string): Promise<Outcome> {
  const own = `tunewise() { "${process.execPath}" "${program}" "$@"; }\n${line}`;
  const child = spawn("bash", ["-c", own], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", HF_HUB_OFFLINE: "1" },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (part) => (out += part));
  child.stderr.on("data", (part) => (err += part));
  child.stdin.end();
  return new Promise((done) => child.on("close", (code) => done({ code, out, err })));
}

/** The command after `next:` or `fix:`. Text after three spaces is a description. */
function hinted({ out, err }: Outcome, word: "next" | "fix" = "next"): string {
  const lines = [...`${out}\n${err}`.matchAll(new RegExp(`^ *${word}: (.*)$`, "gm"))].map(
    ([, line = ""]) => line,
  );
  const line = lines.at(-1) ?? "";
  expect(line, `${out}${err}`).not.toBe("");
  expect(line).not.toMatch(/MORE|\bN\b|\.\.\.$/);
  return /`(.+)`/.exec(line)?.[1] ?? (line.split(/ {3,}/)[0] as string);
}

/** Runs the hinted command and returns its outcome. If the hint opens a page, the file must exist. */
async function follow(
  folder: string,
  before: Outcome,
  codes: readonly number[] = [0],
  word: "next" | "fix" = "next",
): Promise<Outcome> {
  const line = hinted(before, word);
  const page = /^open (.*)$/.exec(line)?.[1];
  if (page !== undefined) {
    expect(existsSync(resolve(folder, page)), line).toBe(true);
    return before;
  }
  if (line.startsWith("tunewise model serve "))
    return shell(folder, line.replace("model serve", "runs show"));
  // training asks for confirmation in a terminal; there is none here
  const after = await shell(folder, /^tunewise (?:run|try|search)\b/.test(line) ? `${line} --yes` : line);
  expect(codes, `${line}\n${after.out}${after.err}`).toContain(after.code);
  return after;
}

test("from init to a run and its answers", { timeout: 120_000 }, async () => {
  const folder = place("first", "");
  const first = await shell(
    folder,
    `tunewise init --yes --force --data train.jsonl --model ${smallModel} --budget 5usd,10min`,
  );
  expect(first.code, first.err).toBe(0);
  const doctor = await follow(folder, first, [0]);
  const check = await follow(folder, doctor, [0, 2]);
  expect(`${check.out}${check.err}`).not.toContain("RECIPE_SETTING_DOUBTFUL");
  await follow(folder, check, [0, 2]);
  writeFileSync(join(folder, "tunewise.yaml"), recipe());
  const plan = await shell(folder, "tunewise plan");
  const run = await follow(folder, plan);
  expect(run.out).toContain("completed");
  expect((await follow(folder, run)).out.length).toBeGreaterThan(0);
  for (const line of ["tunewise runs list", "tunewise model export latest --format peft"]) {
    const listed = await shell(folder, line);
    expect(listed.code, listed.err).toBe(0);
    const next = hinted(listed);
    if (next.startsWith("tunewise")) await follow(folder, listed);
    else expect(existsSync(resolve(folder, next.slice(next.lastIndexOf("=") + 1))), next).toBe(true);
  }
  const backup = await shell(folder, "tunewise store backup kept.tunewise --store .tunewise");
  expect(backup.code, backup.err).toBe(0);
  await follow(folder, backup);
});

test("a recipe elsewhere is named again, and its runs are found from here", {
  timeout: 120_000,
}, async () => {
  place("far/sub", recipe(), "my recipe.yaml");
  const folder = join(root, "far");
  const check = await shell(folder, "tunewise check 'sub/my recipe.yaml'");
  await follow(folder, check, [0, 2]);
  const run = await shell(folder, "tunewise run 'sub/my recipe.yaml' --yes");
  expect(run.code, run.err).toBe(0);
  expect(hinted(run)).toContain("-o sub/.tunewise");
  await follow(folder, run);
});

test.each([
  ["dollars", { budget: "{ usd: 0.4, minutes: 10 }", usdPerHour: 3600 }, /--budget [\d.]+usd$/],
  ["minutes", { budget: "{ usd: 5, minutes: 0.005 }", usdPerHour: 0.01 }, /--budget \d+min$/],
  ["the only cap, in dollars", { budget: "{ usd: 0.4 }", usdPerHour: 3600 }, /--budget [\d.]+usd$/],
])("a run stopped by %s goes on to its end", { timeout: 120_000 }, async (name, about, flag) => {
  const folder = place(name.replaceAll(/\W/g, "-"), recipe(about));
  const stopped = await shell(folder, "tunewise run --yes");
  expect(stopped.code, stopped.err).toBe(2);
  expect(stopped.out).toContain("stopped");
  expect(hinted(stopped)).toMatch(flag);
  const resumed = await follow(folder, stopped);
  expect(resumed.out).toContain("completed");
});

test("a try, and one that its caps end", { timeout: 120_000 }, async () => {
  const server = await serveFaults({});
  onTestFinished(() => server.close());
  const arms = `comparison:\n  - { model: neighbours }\n  - { model: api, name: far, endpoint: { url: "${server.url}", model: m-1, usd_per_million: { input: 1000, output: 3000 } } }\n`;
  const budgets = { usd: "{ usd: 0.5 }", minutes: "{ usd: 50, minutes: 0.00001 }" };
  for (const [cap, budget] of Object.entries(budgets)) {
    const folder = place(`try-${cap}`, recipe({ budget, more: arms }));
    const stopped = await shell(folder, "tunewise try --yes");
    expect(stopped.code, stopped.err).toBe(2);
    expect(stopped.err).toContain("ARMS_BUDGET_SPENT");
    expect(hinted(stopped, "fix")).toMatch(
      cap === "usd" ? /^tunewise try --budget [\d.]+usd$/ : /^tunewise try --budget \d+min$/,
    );
    const whole = await follow(folder, stopped, [0], "fix");
    await follow(folder, whole);
    expect(readFileSync(join(folder, "tunewise.yaml"), "utf8")).toBe(recipe({ budget, more: arms }));
  }
});

test("a search whose budget is too small, and one that ends", { timeout: 120_000 }, async () => {
  const search = (minutes: number): string =>
    recipe({
      more: `search: { space: { training.learning_rate: [1e-3, 2e-2] }, trials: 2, final: false, budget: { minutes: ${minutes} } }\n`,
    });
  const folder = place("search", search(0.001));
  const refused = await shell(folder, "tunewise search --yes");
  expect(`${refused.err}`).toContain("SEARCH_BUDGET_TOO_SMALL");
  const unasked = await shell(folder, hinted(refused, "fix"));
  expect(unasked.err).toContain("RUN_NOT_APPROVED");
  const ended = await shell(folder, hinted(unasked, "fix"));
  expect(ended.code, ended.err).toBe(0);
  await follow(folder, ended);
});
