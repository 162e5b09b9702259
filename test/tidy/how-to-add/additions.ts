/** @file One addition of each kind, as edits of the files that its entry in CONTRIBUTING.md names. */

/** Replaces `at`, which occurs exactly once in a file. */
export interface Edit {
  readonly file: string;
  readonly at: string;
  readonly by: string;
}

/** An addition to a set of names or functions. */
export interface Addition {
  /** Heading of its entry. */
  readonly kind: string;
  readonly name: string;
  /** Words in capitals of the entry's paths besides `NAME`. */
  readonly places?: Readonly<Record<string, string>>;
  /** Extends the set of names alone: the compiler then reports every place that needs a row. Empty if none needs one. */
  readonly naming: readonly Edit[];
  /** Completes the addition. */
  readonly rest: readonly Edit[];
  readonly created?: Readonly<Record<string, string>>;
  /** Identifiers of the set: files that contain one may be affected. */
  readonly words: readonly string[];
}

const dataset = "packages/datacheck/src/dataset";
const product = "packages/tunewise/src";

/** Cases of the added scanner rule. */
export const exampleCases = `## python/example

### Found

\`\`\`python
example_danger(1)
\`\`\`

### Not found

\`\`\`python
example_safe(1)
\`\`\`
`;

/** Additions in the order of the entries. */
export const additions: readonly Addition[] = [
  {
    kind: "Optimizer",
    name: "lion",
    naming: [
      edit("packages/core/src/run/optimizers.ts", "OptimizerName = ", 'OptimizerName = "lion" | '),
      edit("packages/core/src/run/optimizers.ts", "readonly engine: ", 'readonly engine: "lion" | '),
    ],
    rest: [
      edit(
        "packages/core/src/run/optimizers.ts",
        "  adamw: {\n",
        `  lion: { title: "Lion", moments: 1, momentFormat: "parameter", isPaged: false, engine: "lion",
            maxLearningRate: null },
          adamw: {\n`,
      ),
      edit(
        "packages/engine/src/optimizers/optimizer.ts",
        "= { adamw: updateAdamW,",
        `= {
          lion: ({ weightDecay, beta1, beta2 }, values, gradient, { first }, { learningRate, gradientScale }) => {
            let [sum, changed] = [0, 0];
            for (const [at, value] of values.entries()) {
              const [m, g] = [first[at] as number, (gradient[at] as number) * gradientScale];
              const change = learningRate * (Math.sign(beta1 * m + (1 - beta1) * g) + weightDecay * value);
              first[at] = beta2 * m + (1 - beta2) * g;
              values[at] = value - change;
              sum += value * value;
              changed += change * change;
            }
            return { values: sum, changes: changed };
          },
          adamw: updateAdamW,`,
      ),
      edit(
        "worker/tunewise_worker/trainer.py",
        '    "adamw": OptimizerRow(',
        '    "lion": OptimizerRow(_lion, ("exp_avg",), False),\n    "adamw": OptimizerRow(',
      ),
    ],
    words: ["OptimizerName", "EngineOptimizer", "optimizers", "optimizerNames"],
  },
  {
    kind: "Loss",
    name: "squared",
    naming: [edit("packages/core/src/run/losses.ts", "LossName = ", 'LossName = "squared" | ')],
    rest: [
      edit(
        "packages/core/src/run/losses.ts",
        "  nll: {\n",
        `  squared: {
            title: "squared log-probability",
            isLikelihood: false,
            compute: perToken((logProbability) => ({
              value: logProbability ** 2,
              derivative: 2 * logProbability,
            })),
          },
          nll: {\n`,
      ),
      edit(
        "worker/tunewise_worker/losses.py",
        '    "nll": negative_log_likelihood,\n',
        '    "squared": squared,\n    "nll": negative_log_likelihood,\n',
      ),
    ],
    words: ["LossName", "losses", "lossNames"],
  },
  {
    kind: "Metric",
    name: "bleu",
    naming: [edit(`${product}/recipe/metrics.ts`, "MetricName =\n", 'MetricName =\n  | "bleu"\n')],
    rest: [
      edit(`${product}/recipe/metrics.ts`, "  perplexity: null,\n", "  bleu: null,\n  perplexity: null,\n"),
      edit(
        `${product}/evaluate/metrics.ts`,
        "  exact_match: {\n",
        `  bleu: {
          ...graded,
          title: "BLEU",
          phrase: (score, rows) => \`reaches \${score} BLEU on \${rows}\`,
          compute: ({ answers, references }) => ({
            outcomes: references.map((one, row) => {
              return { value: rougeL(answers[row] ?? "", one, { stem: false }), weight: 1 };
            }),
          }),
        },
        exact_match: {\n`,
      ),
      edit("docs/recipes.md", "| `rouge_l` |", "| `bleu` | `text` | n-grams |\n| `rouge_l` |"),
    ],
    words: ["MetricName", "metricKinds", "metricNames", "taskOfMetric"],
  },
  {
    kind: "Data format",
    name: "avro",
    naming: [
      edit("packages/core/src/format/data-files.ts", 'DataFileFormat = "', 'DataFileFormat = "avro" | "'),
    ],
    rest: [
      edit(
        "packages/core/src/format/data-files.ts",
        "  parquet: {",
        '  avro: { endings: ["avro"], rows: "whole", isFound: true, isText: false },\n  parquet: {',
      ),
      edit(
        `${dataset}/container.ts`,
        "  readonly parquet: object;",
        "  readonly avro: object;\n  readonly parquet: object;",
      ),
      edit(
        `${dataset}/container.ts`,
        "  parquet: {\n",
        `  avro: { title: "Avro", hasColumns: true, mayLackHeader: false, magic: ["Obj\\x01"], isUnicode: false,
            recognize: () => ({ kind: "avro" }), read: readAvro },
          parquet: {\n`,
      ),
      edit(`${dataset}/container.ts`, '  parquet: "parquet",\n', '  avro: "avro",\n  parquet: "parquet",\n'),
      edit(
        `${dataset}/container.ts`,
        "import { hasEvenColumns",
        'import { readAvro } from "./avro.ts";\nimport { hasEvenColumns',
      ),
      edit(
        `${product}/retrieve/documents/read-document.ts`,
        "  parquet: null,\n",
        "  avro: null,\n  parquet: null,\n",
      ),
    ],
    created: {
      [`${dataset}/avro.ts`]: `import { type RawRow, rowOf } from "./record.ts";
        export async function* readAvro(path: string, shown: string): AsyncGenerator<RawRow[]> {
          yield [rowOf({ row: 1 }, { path, shown })];
        }`,
    },
    words: ["DataFileFormat", "dataFormats", "containers", "ContainerKind", "Container"],
  },
  {
    kind: "Model family",
    name: "cohere",
    naming: [edit("packages/engine/src/families/families.ts", '  "llama",\n', '  "cohere",\n  "llama",\n')],
    rest: [
      edit(
        "packages/engine/src/families/families.ts",
        "  qwen2: {\n",
        '  cohere: { ...llama, className: "CohereForCausalLM", engine: null, gguf: null },\n  qwen2: {\n',
      ),
    ],
    words: ["FamilyName", "families", "computedFamilies"],
  },
  {
    kind: "Price list",
    name: "openrouter",
    naming: [],
    rest: [
      edit(
        `${product}/catalog/index.ts`,
        "export { readLlmPrices }",
        'export { readOpenrouter } from "./prices/lists/openrouter.ts";\nexport { readLlmPrices }',
      ),
      edit(
        `${product}/app/prices/lists.ts`,
        '  { name: "simonw/llm-prices",',
        `  {
          name: "openrouter",
          root: "https://openrouter.ai/api/v1",
          mirror: "openrouter",
          read: async (root, fetchFile, today) => {
            const text = decode(await fetchFile(\`\${root}/models\`, 8 * mebibyte));
            const { inference, findings } = readOpenrouter(text, { name: "openrouter", asOf: today });
            return { prices: { ...emptyPrices, inference }, findings };
          },
        },
        { name: "simonw/llm-prices",`,
      ),
      edit(`${product}/app/prices/lists.ts`, "  readLlmPrices,\n", "  readLlmPrices,\n  readOpenrouter,\n"),
    ],
    created: {
      [`${product}/catalog/prices/lists/openrouter.ts`]: `import type { PriceSource } from "../book.ts";
        import { type InferenceList, readLlmPrices } from "./llm-prices.ts";
        export function readOpenrouter(text: string, source: PriceSource): InferenceList {
          return readLlmPrices(text, source);
        }`,
    },
    words: ["publicLists"],
  },
  {
    kind: "Chart",
    name: "guard",
    naming: [],
    rest: [
      edit(
        `${product}/report/run/run-report.ts`,
        "import { lossChart }",
        'import { guardChart } from "../charts/guard-chart.ts";\nimport { lossChart }',
      ),
      edit(
        `${product}/report/run/run-report.ts`,
        "      lossSection(report),\n",
        `      section("Guards", figure(guardChart(report.guards), "", { columns: [], rows: [] })),
      lossSection(report),\n`,
      ),
    ],
    created: {
      [`${product}/report/charts/guard-chart.ts`]: `import { html, type Markup } from "../document/markup.ts";
        import type { RunReport } from "../run/report.ts";
        export function guardChart(guards: RunReport["guards"]): Markup | null {
          if (guards.length === 0) return null;
          return html\`<svg role="img" aria-label="\${guards.length} verdicts"></svg>\`;
        }`,
    },
    words: ["lossSection"],
  },
  {
    kind: "Route",
    name: "clock",
    naming: [],
    rest: [
      edit(
        `${product}/server/tracking/dashboard/dashboard-protocol.ts`,
        "import { compareRoutes,",
        'import { clockRoutes } from "./clock-routes.ts";\nimport { compareRoutes,',
      ),
      edit(
        `${product}/server/tracking/dashboard/dashboard-protocol.ts`,
        "      ...auditRoutes(context),\n",
        "      ...auditRoutes(context),\n      ...clockRoutes(),\n",
      ),
    ],
    created: {
      [`${product}/server/tracking/dashboard/clock-routes.ts`]: `import type { Route } from "@tunewise/tracker/http";
        import { int, record } from "./schema.ts";
        export function clockRoutes(): Route[] {
          return [{
            method: "GET", path: "/api/tunewise/v1/clock", policy: "open", about: "nothing", maxBodyBytes: 0,
            gives: record({ ms: int }), summary: "Get the server's time.",
            handle: async () => ({ status: 200, body: { ms: Date.now() } }),
          }];
        }`,
    },
    words: ["dashboardProtocol"],
  },
  {
    kind: "Secret kind",
    name: "example",
    places: { GROUP: "services" },
    naming: [],
    rest: [
      edit(
        "packages/datacheck/src/secrets/rules/services.ts",
        '  token("newrelic-user",',
        '  token("example", "Example key", "exmpl_<base62:24>"),\n  token("newrelic-user",',
      ),
    ],
    words: ["secretRules"],
  },
  {
    kind: "Scanner rule",
    name: "example",
    places: { LANGUAGE: "python", GROUP: "data" },
    naming: [],
    rest: [
      edit(
        "packages/datacheck/src/codescan/rules/python/data.ts",
        "readonly Rule[] = [\n",
        `readonly Rule[] = [
        {
          id: "python/example", cwe: 676, title: "Example", severity: "low", why: "It is an example.", fix: "Remove it",
          literals: ["example_danger"], match: [calls("example_danger")],
        },\n`,
      ),
      edit(
        "packages/datacheck/test/cases/python/data.md",
        "## python/pickle\n",
        `${exampleCases}\n## python/pickle\n`,
      ),
    ],
    words: ["pythonDataRules"],
  },
  {
    kind: "CLI flag",
    name: "cheapest",
    places: { GROUP: "cost", HANDLER: "prices" },
    naming: [],
    rest: [
      edit(
        `${product}/cli/commands/cost.ts`,
        '  { name: "spot", summary: "only spot prices" },\n',
        '  { name: "spot", summary: "only spot prices" },\n  { name: "cheapest", summary: "only the cheapest" },\n',
      ),
      edit(
        `${product}/cli/handlers/prices.ts`,
        "limit: limit ?? usualLimit",
        'limit: isOn(call, "cheapest") ? 1 : (limit ?? usualLimit)',
      ),
    ],
    words: ["listFlags"],
  },
  {
    kind: "Rank rule",
    name: "region",
    naming: [],
    rest: [
      edit(
        `${product}/plan/place/rank.ts`,
        "  (a, b) => fitOrder[a.fits] - fitOrder[b.fits],\n",
        "  (a, b) => fitOrder[a.fits] - fitOrder[b.fits],\n  (a, b) => a.deviceCount - b.deviceCount,\n",
      ),
    ],
    words: ["rankRules"],
  },
];

function edit(file: string, at: string, by: string): Edit {
  return { file, at, by };
}
