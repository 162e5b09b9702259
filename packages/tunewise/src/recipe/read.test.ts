import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TunewiseError } from "../problem/index.ts";
import { readRecipe, requireRecipe } from "./read.ts";
import type { Recipe } from "./recipe.ts";

const minimal = "model: owner/name\ndata:\n  train: rows.jsonl\n";

function good(text: string, folder = "tickets"): Recipe {
  const { recipe, problems } = readRecipe(text, "tunewise.yaml", folder);
  expect(problems).toEqual([]);
  if (recipe === null) throw new Error("no recipe");
  return recipe;
}

function codes(text: string): string[] {
  return readRecipe(text, "tunewise.yaml").problems.map(({ code }) => code);
}

describe("defaults", () => {
  it("fill a recipe of three lines", () => {
    const { guards: _, search, ...rest } = good(minimal);
    expect(search).toMatchObject({ space: {}, trials: null, factor: 3, final: true });
    expect(rest).toMatchInlineSnapshot(`
      {
        "budget": {
          "minutes": null,
          "usd": null,
        },
        "checks": {
          "benchmarks": [],
          "depth": "full",
          "error": [],
          "ignore": [],
          "warning": [],
        },
        "comparison": [],
        "data": {
          "answers": null,
          "badRows": "error",
          "columns": null,
          "format": "auto",
          "group": null,
          "loss": "completion",
          "maxLength": 1024,
          "mix": null,
          "overflow": "truncate",
          "promptTemplate": "{prompt}",
          "reasoning": "train",
          "rows": {
            "test": null,
            "train": null,
            "validation": null,
          },
          "sampleBy": "document",
          "split": {
            "by": "rows",
            "seed": 17,
            "test": 0.1,
            "validation": 0.1,
          },
          "system": null,
          "test": null,
          "textColumn": null,
          "time": null,
          "train": "rows.jsonl",
          "trainOn": "all",
          "validation": null,
        },
        "decision": {
          "answersPerMonth": null,
          "factsChange": false,
          "failing": [],
          "judge": null,
          "judgeRows": 100,
          "latencySeconds": null,
          "learningCurve": [],
          "margin": 0.02,
          "months": 12,
          "mustCite": false,
          "target": null,
          "tuningRounds": 1,
          "usdPerRightAnswer": 0.01,
        },
        "evaluation": {
          "base": true,
          "batchSize": 8,
          "decoding": "free",
          "maxNewTokens": 256,
          "memorization": 32,
          "rows": null,
          "temperature": 0,
          "topP": 1,
        },
        "forgetting": {
          "curveRows": {
            "prompts": 4,
            "tasks": 0,
            "text": 6,
          },
          "everyCheckpoint": true,
          "gate": "warn",
          "maxKl": null,
          "maxNewTokens": 64,
          "maxPerplexityRise": 0.05,
          "maxTaskDrop": 0.02,
          "measure": true,
          "prompts": "general",
          "regressionPrompts": null,
          "rows": {
            "prompts": 12,
            "regressionPrompts": 50,
            "tasks": 250,
            "text": 20,
          },
          "tasks": "general",
          "text": "general",
        },
        "machine": {
          "source": "",
          "threads": null,
          "usdPerHour": 0,
          "weights": "auto",
        },
        "method": {
          "alpha": 32,
          "alphaPattern": {},
          "calibrate": false,
          "dora": false,
          "doubleQuantization": true,
          "dropout": 0,
          "freeze": [],
          "kind": "lora",
          "rank": 16,
          "rankPattern": {},
          "rslora": false,
          "targets": "all-linear",
        },
        "model": {
          "architecture": null,
          "chatTemplate": null,
          "chatTemplateKwargs": null,
          "revision": "main",
          "source": "owner/name",
        },
        "name": "tickets",
        "output": ".tunewise",
        "plan": {
          "baselines": true,
          "compile": null,
          "costOfDelayUsdPerHour": 1,
          "dataUsd": 0,
          "deadlineHours": 72,
          "failureRate": 0.1,
          "fusedLoss": null,
          "gain": null,
          "gpus": [],
          "hostingMonths": 0,
          "hostingUsdPerHour": 0,
          "offload": "none",
          "optimizer": null,
          "outcomes": 10000,
          "prices": null,
          "providers": [],
          "regions": [],
          "retrainsPerYear": 0,
          "seed": 17,
          "seeds": 1,
          "sharding": "auto",
          "smokeSteps": 20,
          "spot": true,
          "stack": "worker",
          "storageMonths": 1,
          "storageUsdPerGbMonth": 0.023,
          "tokensPerSecond": null,
          "trialShare": 0.4,
          "trials": 0,
        },
        "regularization": {
          "earlier": [],
          "estimator": "empirical",
          "examples": 64,
          "fisher": "factored",
          "gamma": 0.9,
          "lambda": 100,
          "length": 128,
          "method": "none",
          "reference": "general",
          "share": 0.1,
        },
        "retrieval": {
          "documents": [],
          "embedding": null,
          "method": "lexical",
          "overlap": 20,
          "rerank": null,
          "words": 120,
        },
        "safety": {
          "code": "auto",
          "codePrompts": "general",
          "gate": "warn",
          "maxNewTokens": 192,
          "maxRise": 0.1,
          "refusalPrompts": "general",
          "refusals": "auto",
          "rows": {
            "code": 40,
            "refusals": 36,
          },
          "scanners": [
            "builtin",
          ],
        },
        "task": {
          "assertions": null,
          "database": null,
          "kind": "text",
          "labels": [],
          "metrics": [
            "rouge_l",
            "perplexity",
          ],
          "pattern": null,
          "schema": null,
        },
        "tracking": {
          "entity": null,
          "experiment": null,
          "mlflow": null,
          "wandb": null,
        },
        "training": {
          "batchSize": 8,
          "batching": "length",
          "beta1": 0.9,
          "beta2": 0.999,
          "checkpointEvery": null,
          "checkpointSelection": "best",
          "epochs": 3,
          "epsilon": 1e-8,
          "evaluateEvery": null,
          "gradientAccumulationSteps": 1,
          "gradientCheckpointing": "auto",
          "learningRate": 0.00052,
          "loss": "nll",
          "masterDtype": "auto",
          "maxGradNorm": 1,
          "optimizer": "adamw",
          "optimizerState": "memory",
          "precision": "auto",
          "schedule": "cosine",
          "seed": 17,
          "steps": null,
          "warmup": 0.05,
          "weightDecay": 0,
        },
      }
    `);
  });

  const kinds: [kind: string, metrics: string[], tokens: number][] = [
    ["classify", ["accuracy", "macro_f1"], 32],
    ["json", ["json_valid", "json_match"], 256],
    ["text", ["rouge_l", "perplexity"], 256],
  ];
  it.each(kinds)("suit a task of kind %s", (kind, metrics, tokens) => {
    const recipe = good(`${minimal}task: { kind: ${kind} }`);
    expect(recipe.task.metrics).toEqual(metrics);
    expect(recipe.evaluation.maxNewTokens).toBe(tokens);
  });

  const dependent: [text: string, pick: (recipe: Recipe) => unknown, value: unknown][] = [
    ["method: { rank: 64 }", (r) => r.method.alpha, 32],
    ["method: { rank: 64, rslora: true }", (r) => r.method.alpha, 8],
    ["method: { rank: 64, alpha: 16 }", (r) => r.method.alpha, 16],
    ["training: { checkpoint_selection: last }", (r) => r.training.checkpointSelection, "last"],
    ["training: { learning_rate: 1e-4 }", (r) => r.training.learningRate, 1e-4],
    ["training: { epochs: .5 }", (r) => r.training.epochs, 0.5],
    ["training: { seed: 0x10 }", (r) => r.training.seed, 16],
    ["task: { kind: json, metrics: [json_match] }", (r) => r.task.metrics, ["json_match"]],
    ["name: ticket-triage", (r) => r.name, "ticket-triage"],
    ["task: { kind: classify }", (r) => r.evaluation.decoding, "constrained"],
    ["task: { kind: classify }\nevaluation: { decoding: free }", (r) => r.evaluation.decoding, "free"],
    ["task: { kind: classify }\nevaluation: { temperature: 0.7 }", (r) => r.evaluation.decoding, "free"],
  ];
  it.each(dependent)("%s", (text, pick, value) => {
    expect(pick(good(`${minimal}${text}\n`))).toEqual(value);
  });

  it("set no rows aside for a part that has its own file", () => {
    const recipe = good(`${minimal}  validation: v.jsonl\n  test: t.csv\n`);
    expect(recipe.data.split).toEqual({ validation: 0, test: 0, seed: 17, by: "rows" });
  });

  it("keep the last checkpoint where nothing is set aside to choose by", () => {
    expect(good(`${minimal}  split: { validation: 0 }\n`).training.checkpointSelection).toBe("last");
  });

  const folders: [folder: string, name: string][] = [
    ["My Tickets_2", "my-tickets-2"],
    ["", "experiment"],
    ["///", "experiment"],
    ["Straße", "stra-e"],
  ];
  it.each(folders)("name the experiment after the folder %j", (folder, name) => {
    expect(good(minimal, folder).name).toBe(name);
  });
});

describe("forms", () => {
  const same: [string, string][] = [
    ["model: a/b", "model: { source: a/b }"],
    ["model: a/b", "model: &m a/b"],
    ["model: a/b", 'model: "a/b"'],
  ];
  it.each(same)("%s equals %s", (one, other) => {
    const data = "\ndata: { train: rows.csv }\n";
    expect(good(one + data)).toEqual(good(other + data));
  });

  it("takes anchors in moderation", () => {
    const recipe = good("model: a/b\ndata:\n  train: &file rows.csv\n  system: *file\n");
    expect(recipe.data.system).toBe("rows.csv");
  });

  it("takes Windows line ends and a byte order mark", () => {
    expect(good(`\uFEFF${minimal.replaceAll("\n", "\r\n")}`).model.source).toBe("owner/name");
  });
});

describe("problems", () => {
  it("are all found in one reading, in order of the file", () => {
    const text = `${minimal}lr: 1\ntraining:\n  epoch: 2\n  steps: 10\n  warmup: 20\nmethod: { rnk: 4 }\n`;
    const lines = readRecipe(text, "tunewise.yaml").problems.map(({ code, where }) => [code, where[0]?.line]);
    expect(lines).toEqual([
      ["RECIPE_KEY_UNKNOWN", 4],
      ["RECIPE_KEY_UNKNOWN", 6],
      ["RECIPE_CONFLICT", 8],
      ["RECIPE_KEY_UNKNOWN", 9],
    ]);
  });

  it("that are warnings leave the recipe usable", () => {
    const { recipe, problems } = readRecipe(`${minimal}budget: { usd: 2 }\n`, "tunewise.yaml");
    expect(recipe?.budget.usd).toBe(2);
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([
      ["RECIPE_SETTING_DOUBTFUL", "warning"],
    ]);
  });

  it.each([
    [
      "",
      "RECIPE_CONFLICT",
      "write `kind: classify`, `kind: json` or `kind: tools` below `task:`, or remove `decoding`",
    ],
    [", temperature: 0.5", "RECIPE_SETTING_DOUBTFUL", "remove the line, or write `decoding: free`"],
  ])("of constrained decoding%s", (more, code, fix) => {
    const kind = more === "" ? "text" : "classify";
    const text = `${minimal}task: { kind: ${kind} }\nevaluation: { decoding: constrained${more} }\n`;
    expect(readRecipe(text, "x").problems).toMatchObject([{ code, fix }]);
  });

  it("of JSON that is kept to a schema do not exist, drawn or not", () => {
    const text = `${minimal}task: { kind: json }\nevaluation: { decoding: constrained, temperature: 0.5 }\n`;
    expect(readRecipe(text, "x").problems).toEqual([]);
  });

  it("never show a credential", () => {
    const secrets = [
      "hf_token: hf_abcdefgh12345678",
      "api_key: 'sk-abcdefgh12345678'",
      "model: hf_abcdefgh12345678 : x",
    ];
    for (const secret of secrets) {
      expect(JSON.stringify(readRecipe(`${secret}\n`, "t.yaml").problems)).not.toMatch(/abcdefgh/);
    }
  });

  it("are summed up in one error", () => {
    const reading = readRecipe("model: 3\n", "tunewise.yaml");
    const thrown = caught(() => requireRecipe(reading, "tunewise.yaml"));
    expect(TunewiseError.is(thrown) && [thrown.code, thrown.message, thrown.kind.exitCode]).toEqual([
      "RECIPE_INVALID",
      "tunewise.yaml has 2 problems.",
      64,
    ]);
    expect((thrown as Error).cause).toBe(reading.problems);
  });

  it("are none in a good recipe", () => {
    expect(requireRecipe(readRecipe(minimal, "x"), "x").model.source).toBe("owner/name");
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe("properties", () => {
  it("reads any JSON-like value without crashing", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const { recipe, problems } = readRecipe(JSON.stringify(value), "x.yaml");
        expect(recipe).toBeNull();
        expect(problems.length).toBeGreaterThan(0);
        for (const { where } of problems) expect(where[0]?.line ?? 1).toBeGreaterThan(0);
      }),
      { numRuns: 400 },
    );
  });

  it.each(["model", "name", "output"])(
    "takes a map with a key `length` in place of %s for what it is",
    (key) => {
      const file = { model: "a/b", data: { train: "a.csv" }, [key]: { length: {} } };
      const { recipe, problems } = readRecipe(JSON.stringify(file), "x.yaml");
      expect(recipe).toBe(null);
      expect(problems.map(({ severity }) => severity)).toContain("error");
    },
  );

  it("reads any value in place of any key", () => {
    const keys = [
      "model",
      "data",
      "task",
      "method",
      "training",
      "evaluation",
      "budget",
      "machine",
      "output",
      "name",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }), (key, value) => {
        const file = { model: "a/b", data: { train: "a.csv" }, [key]: value };
        const { recipe, problems } = readRecipe(JSON.stringify(file), "x.yaml");
        expect(recipe === null).toBe(problems.some(({ severity }) => severity === "error"));
      }),
      { numRuns: 400 },
    );
  });

  it("reads any text without crashing", () => {
    const yamlish = fc.string({ unit: fc.constantFrom(..."ab: \n\t-[]{}&*!|>'\"%@`#?,1.e"), maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string({ unit: "binary" })), (text) => {
        expect(readRecipe(text, "x.yaml").problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 600 },
    );
  });

  it("counts the lines that follow a mistake", () => {
    const [, , third] = readRecipe("{}[a\na[", "x.yaml").problems;
    expect(third?.where[0]).toMatchObject({ line: 2, column: 2, text: "a[" });
  });

  it("points inside the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab: \n\r-[]{}1"), maxLength: 80 }), (text) => {
        for (const { where } of readRecipe(text, "x.yaml").problems) {
          const { line = 1, column = 1, text: shown = "" } = where[0] ?? {};
          expect(line).toBeLessThanOrEqual(text.split("\n").length);
          expect(column).toBeLessThanOrEqual(shown.length + 2);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("knows the codes it lists", () => {
    expect(codes("a: 1\na: 2")).toEqual(["RECIPE_KEY_DUPLICATE"]);
    expect(codes("a: 'x")).toEqual(["RECIPE_SYNTAX"]);
  });
});
