/**
 * Planning from the command line: models that are not downloaded, devices, prices, limits. Needs no model and no
 * network.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planByProbe } from "../../packages/tunewise/src/app/plan/index.ts";
import { loadRecipe } from "../../packages/tunewise/src/prepare/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { program } from "../support/program.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tunewise-plan-"));
  const rows = Array.from({ length: 400 }, (_, at) => ({
    prompt: `Ticket ${at}: ${"the device does not start and the light blinks ".repeat(1 + (at % 4))}`,
    completion: `category-${at % 7}, because the light blinks ${at % 5} times`,
  }));
  writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function tunewise(words: readonly string[], cwd = folder): Outcome {
  const env = { ...process.env, NO_COLOR: "1", HF_HUB_OFFLINE: "1", TUNEWISE_CACHE: join(folder, "cache") };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd,
    env,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

/** Plans a recipe with the given lines. */
function plan(recipe: string, flags: readonly string[] = []): Outcome {
  const model = /^model:/m.test(recipe) ? "" : "model: meta-llama/Llama-3.1-8B\n";
  writeFileSync(join(folder, "tunewise.yaml"), `${model}data: { train: rows.jsonl }\n${recipe}\n`);
  return tunewise(["plan", ...flags]);
}

interface PlanDocument {
  readonly plan: {
    readonly best: number;
    readonly places: readonly { readonly name: string; readonly fits: string; readonly device: string }[];
  };
  readonly findings: readonly { readonly code: string; readonly detail: string; readonly fix: string }[];
  readonly methods?: readonly { readonly method: string; readonly run_saving: number }[];
}

const read = (outcome: Outcome): PlanDocument => JSON.parse(outcome.out) as PlanDocument;

it("says what it is doing before it does it", () => {
  const { err } = plan("plan: { spot: false }", ["--no-trace"]);
  expect(err).toContain("checking 400 rows");
  expect(plan("plan: { spot: false }", ["--no-trace", "--json"]).err).toBe("");
});

describe("a model that is not here", () => {
  it("is planned from the table of well-known ones, tokens estimated, on one screen", () => {
    // the deadline is too short for any machine that runs this test
    const { code, out } = plan("method: { kind: qlora }\nplan: { deadline_hours: 0.4 }");
    expect(code).toBe(0);
    expect(out).toContain("meta-llama/Llama-3.1-8B (llama), QLoRA rank 16, 41.9 M of 8.03 B parameters");
    expect(out).toMatch(/^> +1x \S.* yes .* of .* GB /m);
    expect(out).toContain("the rule of 12 GB per billion says 96.4 GB");
    expect(out).toContain("warning TOKENS_ESTIMATED");
    // 44 lines on an idle machine; on a busy one, longer times wrap into two more lines
    expect(out.split("\nwarning")[0]?.split("\n").length).toBeLessThan(48);
    for (const line of out.split("\n").slice(6, 20)) expect(line.length).toBeLessThan(145);
  });

  it("may be described by hand", () => {
    const architecture =
      "hidden_size: 1024, num_hidden_layers: 8, num_attention_heads: 8, intermediate_size: 4096, vocab_size: 1000";
    const { code, out } = plan(`model: { source: ours/secret, architecture: { ${architecture} } }`);
    expect(code).toBe(0);
    expect(out).toContain("ours/secret (llama)");
  });

  it("that nobody knows is refused with the fields that are missing", () => {
    const unknown = plan("model: nobody/knows-this");
    expect(unknown.code).not.toBe(0);
    expect(unknown.err).toMatch(/architecture: \{\s+hidden_size: 4096/);
    const lacking = plan("model: { source: ours/secret, architecture: { hidden_size: 1024 } }");
    expect(lacking.code).not.toBe(0);
    expect(lacking.err).toMatch(/num_attention_heads\s+\(missing\),\s+num_hidden_layers/);
  });
});

describe("places", () => {
  it("are narrowed by device, and a typo gets the nearest name", () => {
    const { plan: made } = read(plan("plan: { gpus: [A100 80GB, h200] }", ["--json"]));
    const devices = new Set(made.places.slice(1).map(({ device }) => device));
    expect([...devices].sort()).toEqual(["A100-80GB", "H200"]);
    const typo = plan("plan: { gpus: [A100-80BG] }");
    expect(typo.code).toBe(2);
    expect(typo.out).toContain("error DEVICE_UNKNOWN");
    expect(typo.out).toMatch(/Did\s+you\s+mean\s+A100-80GB/);
    const program = plan("plan: { stack: axolotle }").out;
    expect(program).toMatch(/Did\s+you\s+mean\s+axolotl\?/);
    expect(program).toContain("error STACK_UNKNOWN");
  });

  it("come from a price file of one's own, in another currency, and bad prices are refused with their line", () => {
    const machine = (price: string) =>
      `currency: EUR\nusd_per_eur: 1.1\nas_of: 2026-11-20\nmachines:\n  - { gpu: A100-80GB, provider: ours, instance: lab, region: cellar, price_per_hour: ${price} }\n`;
    writeFileSync(join(folder, "prices.yaml"), machine("0.10"));
    const { plan: made } = read(plan("plan: { gpus: [A100-80GB], deadline_hours: 0.4 }", ["--json"]));
    expect(made.places[made.best]).toMatchObject({ provider: "ours", usd_per_hour: 110_000 });
    writeFileSync(join(folder, "prices.yaml"), machine("-3"));
    const refused = plan("plan: { gpus: [A100-80GB] }");
    expect(refused.code).toBe(2);
    expect(refused.out).toContain("prices.yaml:5");
    rmSync(join(folder, "prices.yaml"));
  });

  it("all stand in the long table", () => {
    const few = plan("").out.split("\n").length;
    expect(plan("", ["--all"]).out.split("\n").length).toBeGreaterThan(few + 20);
  });
});

describe("limits and forms", () => {
  it("--fail-over ends with 2 where nine of ten outcomes cost more", () => {
    expect(plan("", ["--fail-over", "5000usd"]).code).toBe(0);
    const over = plan("", ["--fail-over", "$0.01"]);
    expect(over.code).toBe(2);
    expect(over.err).toContain("over the limit: nine of ten outcomes cost up to $");
    expect(plan("", ["--fail-over", "a lot"]).code).toBe(64);
  });

  it("--format markdown is a table for a pull request", () => {
    const { code, out } = plan("plan: { deadline_hours: 0.4 }", ["--format", "markdown"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^### Plan for /);
    expect(out).toContain("| --- | --- |");
    expect(out).toContain("| best | 1x ");
    expect(out).toContain("- **money** ");
  });

  it("--compare says what adapters save", () => {
    const { methods = [] } = read(plan("", ["--compare", "--json"]));
    expect(methods.map(({ method }) => method)).toEqual(["full", "lora", "qlora"]);
    expect(methods[1]?.run_saving).toBeGreaterThan(0);
    expect(plan("", ["--compare"]).out).toContain(
      "Adapters are said to save up to 90 %; for these rows they save",
    );
  });

  it("prices older than 30 days are flagged", () => {
    expect(plan("").out).toContain("warning PRICES_STALE");
  });

  it("the assumptions can be set, and the total follows", () => {
    const total = (recipe: string): number => {
      const { plan: made } = read(plan(`${recipe}`, ["--json"])) as unknown as {
        plan: { best: number; places: { total: { p50: number } }[] };
      };
      return made.places[made.best]?.total.p50 ?? 0;
    };
    const usual = total("");
    expect(total("plan: { trials: 40 }")).toBeGreaterThan(usual);
    expect(total("plan: { hosting_months: 2, hosting_usd_per_hour: 1 }")).toBeGreaterThan(usual + 1_400e6);
  });

  it("a data set without a usable row is an error with a way on", () => {
    writeFileSync(join(folder, "empty.jsonl"), '{"prompt": "", "completion": ""}\n');
    const recipe = "model: meta-llama/Llama-3.1-8B\ndata: { train: empty.jsonl, bad_rows: skip }\n";
    writeFileSync(join(folder, "empty.yaml"), recipe);
    const { code, out, err } = tunewise(["plan", "empty.yaml"]);
    expect(code).not.toBe(0);
    expect(out + err).toMatch(/0 usable rows/);
  });
});

describe("a saved plan", () => {
  it("is stale once a price has changed, and says so", () => {
    const project = join(folder, "project");
    mkdirSync(project);
    const model = resolve("models/small");
    const recipe = `model: ${model}\ndata: { train: ../rows.jsonl }\nbudget: { minutes: 5 }\nplan: { gpus: [L4] }\n`;
    writeFileSync(join(project, "tunewise.yaml"), recipe);
    const price = (usd: number) =>
      `as_of: 2026-11-20\nmachines:\n  - { gpu: L4, provider: ours, instance: lab, region: cellar, usd_per_hour: ${usd} }\n`;
    writeFileSync(join(project, "prices.yaml"), price(1));
    expect(tunewise(["plan", "-o", "plan.json"], project).code).toBe(0);
    const saved = JSON.parse(readFileSync(join(project, "plan.json"), "utf8")) as { recipe_path: string };
    expect(saved.recipe_path).toContain("tunewise.yaml");
    writeFileSync(join(project, "prices.yaml"), price(2));
    const stale = tunewise(["run", "plan.json"], project);
    expect(stale.code).not.toBe(0);
    expect(stale.err).toContain("prices or their dates");
  });
});

describe("this machine", () => {
  const recipe = `model: ${resolve("models/small")}
data: { train: rows.jsonl, max_length: 128 }
training: { epochs: 1, batch_size: 8 }
evaluation: { max_new_tokens: 8, rows: 16 }
budget: { minutes: 10 }
output: probed
`;

  it("is probed with a few real steps, and earlier plans are judged by what their runs took", () => {
    writeFileSync(join(folder, "probed.yaml"), recipe);
    const probed = tunewise(["plan", "probed.yaml", "--probe", "--json"]);
    expect(probed.code).toBe(0);
    const { plan: made } = JSON.parse(probed.out) as {
      plan: { time: { is_probed: boolean; parts: { name: string; reason: string }[] } };
    };
    expect(made.time.is_probed).toBe(true);
    expect(made.time.parts.find(({ name }) => name === "train")?.reason).toContain(
      "from a probe of 20 steps",
    );
    expect(tunewise(["plan", "probed.yaml", "--accuracy"]).code).not.toBe(0); // no run has been recorded yet

    expect(tunewise(["run", "probed.yaml", "--yes"]).code).toBe(0);
    const judged = tunewise(["plan", "probed.yaml", "--accuracy", "--json"]);
    const { accuracy } = JSON.parse(judged.out) as {
      accuracy: { runs: { wall: { error: number }; memory: { error: number } }[]; wall: { count: number } };
    };
    expect(accuracy.wall.count).toBe(1);
    expect(Math.abs(accuracy.runs[0]?.wall.error ?? 9)).toBeLessThan(5);
    expect(Math.abs(accuracy.runs[0]?.memory.error ?? 9)).toBeLessThan(1);
    expect(tunewise(["plan", "probed.yaml", "--accuracy"]).out).toMatch(/^time: median error \d+ %/m);
  });

  it("is not probed with a run that does not fit into it", async () => {
    writeFileSync(join(folder, "probed.yaml"), recipe);
    const runtime = { ...createRuntime(folder, new AbortController().signal, "0"), memoryBytes: 50e6 };
    const loaded = await loadRecipe("probed.yaml", runtime);
    await expect(planByProbe(loaded, runtime, () => undefined)).rejects.toMatchObject({
      code: "PROBE_IMPOSSIBLE",
    });
  });
});
