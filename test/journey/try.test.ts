/**
 * Arms on the small model that ships: tuned, prompted, with examples, with passages, behind an API. Covers
 * interruption, reuse of answers, and the verdict.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { breakingProxy, serveSmall } from "../support/own-endpoint.ts";
import { program } from "../support/program.ts";
import { smallModel, tunewise } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();

const recipe = (arms: string): string => `name: tickets
model: ${smallModel}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 256
  rows: { train: 64, validation: 6, test: 24 }
  bad_rows: skip
task: { kind: json, metrics: [json_match] }
method: { kind: lora, rank: 4 }
training: { steps: 12, batch_size: 8, learning_rate: 2e-2, checkpoint_selection: last, seed: 3, precision: fp32 }
evaluation: { max_new_tokens: 24, rows: 20, base: false, memorization: 0 }
forgetting: { measure: false }
safety: { code: off, refusals: off }
machine: { usd_per_hour: 0.5, threads: 1 }
retrieval: { documents: [docs] }
decision: { judge_rows: 4, answers_per_month: [1000, 50000] }
budget: { minutes: 10 }
comparison:
${arms}
`;

const arms = `  - { model: base }
  - { model: base, examples: [1, 2] }
  - { model: base, passages: 1 }
  - { model: neighbours, examples: 3 }
  - { model: tuned }
`;

beforeAll(() => {
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  mkdirSync(join(folder, "docs"));
  writeFileSync(
    join(folder, "docs/refunds.md"),
    "# Refunds\n\nA refund takes five days.\n\n## Shipping\n\nTwo days.\n",
  );
  writeFileSync(join(folder, "tunewise.yaml"), recipe(arms));
});

const tries = (): string[] =>
  readdirSync(join(folder, ".tunewise/runs")).filter((id) => id.includes("-arms-"));

const namesOf = (document: { decision: { table: { name: string }[] } }): string[] =>
  document.decision.table.map(({ name }) => name);

describe("tunewise try", () => {
  test("says what is missing before a run is there, and what it would try", () => {
    const { code, out, err } = tunewise(folder, ["try", "--dry-run"]);
    expect(err).toContain("ARM_LEFT_OUT");
    expect(out).toContain("4 arms on 20 test rows");
    expect(code).toBe(0);
  });

  test("trains first where it is asked to, tries every arm, and its figures lead to runs", {
    timeout: 300_000,
  }, () => {
    const { code, out, err } = tunewise(folder, ["try", "--train", "--yes", "--json"]);
    expect(code, err).toBe(0);
    const document = JSON.parse(out.slice(out.lastIndexOf("\n{\n") + 1)); // after the run's events
    expect(document.arms.map(({ line }: { line: string }) => line)).toEqual([
      "prompt",
      "prompt + examples",
      "prompt + 1 passage",
      "3 neighbours",
      "tuned",
    ]);
    expect(document.arms.at(-1).run).toMatch(/^\d{8}-\d{6}-tickets-/);
    // plus two trivial baselines; nearest-neighbour is already an arm
    expect(namesOf(document)).toEqual([
      ...document.arms.map(({ line }: { line: string }) => line),
      expect.stringMatching(/^always answering /),
      "copying the prompt",
    ]);
    expect(document.test_rows).toBe(20);
    expect(document.looks_before).toMatchObject([{ count: 20 }]); // by the preceding training
    const [id] = tries();
    const place = join(folder, ".tunewise/runs", id ?? "");
    expect(readFileSync(join(place, "report.html"), "utf8")).toContain("Against each other");
    expect(readFileSync(join(place, "report.md"), "utf8")).toContain("## What was compared");
    expect(readFileSync(join(place, "arms/prompt-1-passage.jsonl"), "utf8")).toContain("docs/refunds.md");
    expect(readFileSync(join(folder, ".tunewise/unsealed.jsonl"), "utf8")).toContain(id);
  });

  test("the same try again is answered from its record; trainings are compared among themselves", () => {
    const { code, out, err } = tunewise(folder, ["try"]);
    expect(code, err).toBe(0);
    expect(err).toContain("this was tried before");
    expect(`${out}${err}`).toMatch(/^next: tunewise (?:model serve|runs show|try|check)/m);
    expect(err).not.toContain("report.html");
    expect(out).toContain("tickets:");
    expect(tries()).toHaveLength(1);
    const compared = tunewise(folder, ["compare"]).out;
    expect(compared.match(/-arms-/g)).toHaveLength(1); // the try that produced the decision
    expect(compared).toContain("3 neighbours");
    expect(compared).toContain("* best for its price");
  });

  test("a learning curve trains on fewer rows as well, and its points are no arms", {
    timeout: 300_000,
  }, () => {
    writeFileSync(
      join(folder, "tunewise.yaml"),
      recipe("  - { model: base }\n  - { model: tuned }\n").replace(
        "judge_rows: 4,",
        "judge_rows: 4, learning_curve: [0.25, 0.5],",
      ),
    );
    const { code, out, err } = tunewise(folder, ["try", "--train", "--yes", "--json"]);
    expect(code, err).toBe(0);
    const document = JSON.parse(out.slice(out.lastIndexOf("\n{\n") + 1));
    expect(namesOf(document).slice(0, 2)).toEqual(["prompt", "tuned"]);
    const curve: { rows: number; run: string }[] = document.learning_curve;
    expect(curve.map(({ rows }) => rows)).toEqual([16, 32, 64]);
    expect(new Set(curve.map(({ run }) => run)).size).toBe(3);
    expect(document.claims.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      "cannot-tell",
      "cannot-tell",
    ]);
    expect(readFileSync(join(document.folder, "report.md"), "utf8")).toContain("## More training rows");
    const tests = JSON.parse(readFileSync(join(document.folder, "promptfoo-tests.json"), "utf8")).tests;
    expect(tests).toHaveLength(20);
    rmSync(document.folder, { recursive: true });
  });

  test("an interrupted try goes on where it was", { timeout: 300_000 }, async () => {
    writeFileSync(
      join(folder, "tunewise.yaml"),
      recipe("  - { model: base, choose: fixed, examples: 1 }\n  - { model: base }\n"),
    );
    const child = spawn(process.execPath, [program, "try"], {
      cwd: folder,
      stdio: "ignore",
    });
    const answered = (): number => {
      const place = join(folder, ".tunewise/runs", tries()[1] ?? "", "arms");
      const files = existsSync(place) && tries()[1] !== undefined ? readdirSync(place) : [];
      return files.reduce(
        (sum, name) => sum + readFileSync(join(place, name), "utf8").split("\n").length - 1,
        0,
      );
    };
    const alone = 2 * 8; // rows of each arm that are asked one at a time for latency
    while (answered() === 0 && child.exitCode === null) await new Promise((done) => setTimeout(done, 50));
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
    const before = answered();
    const { code, out, err } = tunewise(folder, ["try", "--json"]);
    expect(code, err).toBe(0);
    expect(tries()).toHaveLength(2);
    expect(before).toBeGreaterThan(0);
    expect(answered()).toBe(40 + alone);
    const document = JSON.parse(out);
    // opened by the training, the first try, and the try with the learning curve
    expect(document.looks_before).toHaveLength(3);
  });

  test("an API is asked through failures and paid once; the same answers again cost nothing", {
    timeout: 300_000,
  }, async () => {
    const proxy = await breakingProxy(await serveSmall());
    const endpoint = `{ url: "${proxy.url}", model: base, usd_per_million: { input: 10, output: 100 } }`;
    const write = (lines: string, budget: string): void =>
      writeFileSync(join(folder, "tunewise.yaml"), recipe(lines).replace("{ minutes: 10 }", budget));
    write(`  - { model: api, endpoint: ${endpoint} }\n`, "{ minutes: 10 }");
    expect((await tunewiseLater(folder, ["try", "--yes"])).err).toContain("ARMS_WITHOUT_BUDGET");
    write(`  - { model: api, endpoint: ${endpoint} }\n  - { model: base }\n`, "{ usd: 1 }");
    const first = await tunewiseLater(folder, ["try", "--yes", "--json"]);
    expect(first.code, first.err).toBe(0);
    const asked = proxy.count();
    expect(asked).toBe(20 + 2); // two failures before the answers
    const { arms, took } = JSON.parse(first.out);
    expect(arms[0]).toMatchObject({ line: "base", failed: 0 }); // the name of the model on that server
    expect(took.micro_usd).toBeGreaterThan(arms[0].microUsd / 2);
    const again = await tunewiseLater(folder, ["try", "--yes", "--json", "--anew"]);
    expect(again.code, again.err).toBe(0);
    expect(proxy.count()).toBe(asked);
    const second = JSON.parse(again.out);
    expect(second.arms[0].microUsd).toBeGreaterThan(0); // the cost without stored answers
    expect(second.run).not.toBe(JSON.parse(first.out).run);
  });

  test("vectors of a folder's model, kept and reranked; vectors of an API, paid once", {
    timeout: 300_000,
  }, async () => {
    const golden = resolve("test/conformance/golden/embed");
    const write = (embedding: string, budget: string): void =>
      writeFileSync(
        join(folder, "tunewise.yaml"),
        recipe("  - { model: base, passages: 1 }\n")
          .replace("{ documents: [docs] }", `{ documents: [docs], method: hybrid, ${embedding} }`)
          .replace("{ minutes: 10 }", budget),
      );
    const kept = (): string[] =>
      readdirSync(join(folder, ".tunewise/retrieval")).filter((name) => name.startsWith("vectors-"));
    const rerank = `rerank: { model: ${golden}/bert-pairs, passages: 2 }`;
    write(`embedding: { model: ${golden}/bert-mean }, ${rerank}`, "{ minutes: 10 }");
    const local = await tunewiseLater(folder, ["try", "--yes", "--json"]);
    expect(local.code, local.err).toBe(0);
    expect(kept()).toHaveLength(1);
    const server = await serveVectors();
    const endpoint = `{ url: "${server.url}", model: v, usd_per_million: { input: 1000, output: 0 } }`;
    write(`embedding: { endpoint: ${endpoint} }`, "{ usd: 1 }");
    const paid = await tunewiseLater(folder, ["try", "--yes", "--json"]);
    expect(paid.code, paid.err).toBe(0);
    const asked = server.count();
    expect(asked).toBe(1 + 20); // all passages in one request, then each question
    expect(JSON.parse(paid.out).run).not.toBe(JSON.parse(local.out).run);
    expect(JSON.parse(paid.out).took.micro_usd).toBeGreaterThanOrEqual(1000 * asked);
    expect(kept()).toHaveLength(2);
    const again = await tunewiseLater(folder, ["try", "--yes", "--json", "--anew"]);
    expect(again.code, again.err).toBe(0);
    expect(server.count()).toBe(asked);
  });

  test("a judge is asked in both orders and paid once; one that prefers a place decides nothing", {
    timeout: 300_000,
  }, async () => {
    const judge = await serveJudge();
    const write = (more: string): void =>
      writeFileSync(
        join(folder, "tunewise.yaml"),
        recipe("  - { model: base }\n  - { model: neighbours }\n")
          .replace(
            "judge_rows: 4,",
            `judge_rows: 4, ${more}, judge: { decides: true, endpoint: ${judge.endpoint} },`,
          )
          .replace("{ minutes: 10 }", "{ usd: 1 }"),
      );
    write("months: 12");
    const blind = await tunewiseLater(folder, ["try", "--yes", "--json"]);
    expect(blind.code, blind.err).toBe(0);
    const first = JSON.parse(blind.out);
    expect(first.judge).toMatchObject({ model: "judge", decides: false });
    expect(first.judge.arms[0].warnings[0]).toContain("always preferred the first answer");
    expect(first.metric).toBe("JSON fields, F1");
    const asked = judge.count();
    expect(asked).toBeGreaterThan(20);
    judge.habit.wish = "longer";
    write("months: 6");
    const kept = JSON.parse((await tunewiseLater(folder, ["try", "--yes", "--json"])).out);
    expect(kept.run).not.toBe(first.run); // a new decision from the stored answers and verdicts
    expect(judge.count()).toBe(asked);
    expect(kept.arms[0].seconds).toBe(first.arms[0].seconds);
    judge.habit.model = "judge-2";
    write("months: 6");
    const fair = JSON.parse((await tunewiseLater(folder, ["try", "--yes", "--json"])).out);
    expect(fair.judge).toMatchObject({ model: "judge-2", decides: true });
    expect(fair.metric).toBe("preferred by the judge");
    expect(fair.judge.arms[0].kappa === null || fair.judge.arms[0].kappa > 0.9).toBe(true);
  });

  test("the cap acts in the middle, what was answered is kept, and a higher cap goes on with it", () => {
    const lines = "  - { model: base, choose: fixed, examples: 2 }\n  - { model: base, passages: 2 }\n";
    const before = tries().length;
    writeFileSync(
      join(folder, "tunewise.yaml"),
      recipe(lines).replace("{ minutes: 10 }", "{ minutes: 0.0005 }"),
    );
    const { code, err } = tunewise(folder, ["try"]);
    expect(err).toContain("ARMS_BUDGET_SPENT");
    expect(code).toBe(2);
    expect(tunewise(folder, ["runs"]).out).toContain("stopped");
    writeFileSync(join(folder, "tunewise.yaml"), recipe(lines));
    const later = tunewise(folder, ["try", "--json"]);
    expect(later.code, later.err).toBe(0);
    expect(tries()).toHaveLength(before + 1);
  });

  test("a recipe of which no arm can be tried says what the first one needs", () => {
    writeFileSync(
      join(folder, "tunewise.yaml"),
      recipe("  - { model: api, endpoint: { url: http://127.0.0.1:9/v1, model: m, key: NO_SUCH_KEY } }\n"),
    );
    const { code, err } = tunewise(folder, ["try"]);
    expect(code).toBe(2);
    expect(err).toContain("ARMS_NONE");
    expect(err).toContain("NO_SUCH_KEY");
  });
});

/** A judge that prefers the first or the longer answer; answers of equal length are a tie. */
async function serveJudge(): Promise<{
  readonly endpoint: string;
  count(): number;
  /** The judge's preference and model name; tests may change both. */
  readonly habit: { wish: "first" | "longer"; model: string };
}> {
  let count = 0;
  const habit: { wish: "first" | "longer"; model: string } = { wish: "first", model: "judge" };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { messages, stream } = JSON.parse(Buffer.concat(parts).toString());
    const { wish, model } = habit;
    const found = /<<<answer 1\n([\s\S]*?)\n>>>\n\n<<<answer 2\n([\s\S]*?)\n>>>/.exec(
      messages.at(-1).content,
    );
    const [one, two] = [found?.[1]?.length ?? 0, found?.[2]?.length ?? 0];
    const said = wish === "first" || one > two ? "1" : one < two ? "2" : "tie";
    count++;
    const content = `Both were read. VERDICT: ${said}`;
    const usage = { prompt_tokens: 100, completion_tokens: 10 };
    const choice = {
      index: 0,
      finish_reason: "stop",
      [stream ? "delta" : "message"]: { role: "assistant", content },
    };
    const body = JSON.stringify({ id: "1", object: "chat.completion", model, choices: [choice], usage });
    response.setHeader("content-type", stream ? "text/event-stream" : "application/json");
    response.end(stream ? `data: ${body}\n\ndata: [DONE]\n\n` : body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    get endpoint() {
      return `{ url: "http://127.0.0.1:${port}/v1", model: ${habit.model}, usd_per_million: { input: 10, output: 10 } }`;
    },
    count: () => count,
    habit,
  };
}

/** An embedding API that reports one token per text. */
async function serveVectors(): Promise<{ readonly url: string; count(): number }> {
  let count = 0;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { input } = JSON.parse(Buffer.concat(parts).toString()) as { input: string[] };
    count++;
    const data = input.map((text, index) => ({ index, embedding: [1, text.length % 7, text.length % 5] }));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ model: "v", data, usage: { prompt_tokens: input.length } }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, count: () => count };
}

/** Runs the command line asynchronously, because this process also serves requests. */
function tunewiseLater(
  cwd: string,
  words: readonly string[],
): Promise<{ code: number | null; out: string; err: string }> {
  const env = { ...process.env, NO_COLOR: "1", HF_HUB_OFFLINE: "1" };
  const child = spawn(process.execPath, [program, ...words], { cwd, env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((done) => child.once("close", (code) => done({ code, out, err })));
}
