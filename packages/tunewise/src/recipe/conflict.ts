/** @file Conflicts between settings that are each valid. One rule per row, checked on a draft with valid keys. */

import { countOf } from "@tunewise/core/quantity";
import { optimizers } from "@tunewise/core/run";
import { type Finding, nearest, problemCodes } from "../problem/index.ts";
import { hasValidation } from "./complete.ts";
import { armConflicts } from "./conflict-arms.ts";
import { documentConflicts } from "./conflict-documents.ts";
import { modelConflicts } from "./conflict-model.ts";
import { scoringConflicts } from "./conflict-scoring.ts";
import { searchConflicts } from "./conflict-search.ts";
import type { RecipeDraft } from "./draft.ts";
import { taskOfMetric } from "./metrics.ts";
import type { Objection } from "./objection.ts";
import { idleCap } from "./spending.ts";
import { keyName, recipeFinding, shown } from "./wording.ts";
import { adapterKeys } from "./worker-keys.ts";
import type { YamlReading } from "./yaml.ts";

type Rule = (draft: RecipeDraft) => Objection | null;

/**
 * Finds all conflicts, in the order of the rules.
 *
 * @returns errors `RECIPE_CONFLICT`, warnings `RECIPE_SETTING_DOUBTFUL`
 */
export function findConflicts(draft: RecipeDraft, yaml: YamlReading): Finding[] {
  const objections = [
    ...RULES.flatMap((rule) => rule(draft) ?? []),
    ...[idleCap(draft, yaml.value)].filter((objection) => objection !== null),
    ...modelConflicts(draft),
    ...scoringConflicts(draft),
    ...armConflicts(draft),
    ...searchConflicts(draft),
    ...documentConflicts(draft),
  ];
  return objections.map(({ path, detail, fix, doubt }) => {
    const place = yaml.placeOfValue(path);
    return doubt
      ? recipeFinding("RECIPE_SETTING_DOUBTFUL", { detail, fix }, place, "warning")
      : recipeFinding("RECIPE_CONFLICT", { detail, fix }, place);
  });
}

const RULES: readonly Rule[] = [
  ({ data }) => {
    const [validation, test] = [data.split.validation ?? 0, data.split.test ?? 0];
    if (validation + test < 1) return null;
    return {
      path: ["data", "split"],
      detail: `The shares of validation (${validation}) and test (${test}) leave no row to train on`,
      fix: "write shares whose sum is below 1, such as 0.1 and 0.1",
    };
  },
  trainAndMix,
  emptyMix,
  someWeights,
  (draft) => fileAndShare(draft, "validation"),
  (draft) => fileAndShare(draft, "test"),
  (draft) => sameFile(draft, "validation"),
  (draft) => sameFile(draft, "test"),
  ({ data }) =>
    data.format === "table" && data.columns === null
      ? {
          path: ["data", "format"],
          detail: "The format `table` needs to know which columns hold prompt and answer",
          fix: "add below `data:` the line `columns: { prompt: NAME, completion: NAME }`",
        }
      : null,
  ({ data }) =>
    data.columns !== null && data.format !== "table" && data.format !== "auto"
      ? {
          path: ["data", "columns"],
          detail: `Columns are read from tables, and the format is \`${data.format}\``,
          fix: "remove `columns`, or write `format: table`",
        }
      : null,
  ({ data }) =>
    /\{[^{}\n]{1,100}\}/.test(data.promptTemplate)
      ? null
      : {
          path: ["data", "prompt_template"],
          detail: "The prompt template has no {prompt} or {column} in it, so every row would ask the same",
          fix: "put {prompt} where the row's prompt belongs",
        },
  groupWithoutColumn,
  timeWithoutColumn,
  unknownCode,
  codeTwice,
  labelsWithoutClassify,
  tooFewLabels,
  metricOfAnotherKind,
  ({ task }) => {
    const twice = task.metrics?.find((metric, at) => task.metrics?.indexOf(metric) !== at);
    return twice === undefined
      ? null
      : {
          path: ["task", "metrics"],
          detail: `The metric \`${twice}\` is listed twice`,
          fix: "keep one of them",
        };
  },
  ({ task }) =>
    task.metrics?.length === 0
      ? {
          path: ["task", "metrics"],
          detail: "No metric is left",
          fix: "remove the line for the defaults",
        }
      : null,
  ({ method }) =>
    method.targets.length === 0
      ? {
          path: ["method", "targets"],
          detail: "No layer is left to train",
          fix: "write `targets: all-linear`",
        }
      : null,
  warmupBeyondSteps,
  ({ training }) =>
    training.warmup > 1 && !Number.isInteger(training.warmup)
      ? {
          path: ["training", "warmup"],
          detail: `A warm-up above 1 counts steps, and ${training.warmup} is not a whole number of them`,
          fix: `write \`warmup: ${Math.round(training.warmup)}\``,
        }
      : null,
  (draft) =>
    draft.training.checkpointSelection === "best" && !hasValidation(draft)
      ? {
          path: ["training", "checkpoint_selection"],
          detail: "The best checkpoint is found by validation loss, and no rows are set aside for it",
          fix: "write `checkpoint_selection: last`, or give `data.split.validation` a share above 0",
        }
      : null,
  tradeoffWithoutBoth,
  ({ forgetting: { measure, gate } }) =>
    !measure && (gate === "fail" || gate === "strict")
      ? {
          path: ["forgetting", "gate"],
          detail: `The gate \`${gate}\` never acts where forgetting is not measured`,
          fix: "remove `measure: false`, or write `gate: off`",
          doubt: true,
        }
      : null,
  (draft) =>
    draft.training.evaluateEvery !== null && !hasValidation(draft)
      ? {
          path: ["training", "evaluate_every"],
          detail: "There are no validation rows to evaluate on",
          fix: "give `data.split.validation` a share above 0, or remove the line",
        }
      : null,
  ({ training }) =>
    (training.learningRate ?? 0) >
    (optimizers[training.optimizer].maxLearningRate ?? Number.POSITIVE_INFINITY)
      ? {
          path: ["training", "learning_rate"],
          detail: `A learning rate of ${training.learningRate} nearly always makes ${optimizers[training.optimizer].title} diverge`,
          fix: "write `learning_rate: 0.0002`; LoRA likes 1e-4 to 5e-4",
          doubt: true,
        }
      : null,
  ({ method }) =>
    method.freeze.length > 0 && method.kind !== "full"
      ? {
          path: ["method", "freeze"],
          detail: `Beside ${method.kind} all weights are frozen anyway`,
          fix: "remove `freeze`, or write `kind: full`",
        }
      : null,
  ({ method }) => {
    const key = adapterKeys(method)[0];
    return key !== undefined && method.kind === "full"
      ? {
          path: ["method", key],
          detail: `\`${key}\` is about adapters, and full fine-tuning has none`,
          fix: `remove \`${key}\`, or write \`kind: lora\``,
        }
      : null;
  },
  ({ method, regularization }) => {
    const kept = typeof regularization === "string" ? regularization : regularization.method;
    return method.dora && (kept === "ewc" || kept === "l2-sp")
      ? {
          path: ["method", "dora"],
          detail: `The penalty of \`${kept}\` is on B A, which is not all that DoRA changes`,
          fix: "remove `dora`, or write `regularization: replay`",
        }
      : null;
  },
  ({ method, training }) =>
    training.masterDtype === "bfloat16" && method.kind !== "full"
      ? {
          path: ["training", "master_dtype"],
          detail: `\`master_dtype\` is about trained weights of the model, and ${method.kind} trains an adapter`,
          fix: "remove `master_dtype`, or write `kind: full` below `method:`",
        }
      : null,
  ({ training }) =>
    training.masterDtype === "bfloat16" && training.precision === "fp32"
      ? {
          path: ["training", "master_dtype"],
          detail: "Weights in bfloat16 are multiplied in bfloat16, and `precision` is `fp32`",
          fix: "write `precision: bf16`, or `master_dtype: float32`",
        }
      : null,
  ({ method }) =>
    method.calibrate && method.kind !== "qlora"
      ? {
          path: ["method", "calibrate"],
          detail: `Beside ${method.kind} nothing is in 4 bits`,
          fix: "remove `calibrate`, or write `kind: qlora`",
        }
      : null,
  ({ evaluation, task }) =>
    evaluation.decoding === "constrained" && task.kind === "text"
      ? {
          path: ["evaluation", "decoding"],
          detail: `Constrained decoding chooses among labels, or keeps to JSON or offered tools, and the kind is \`${task.kind}\``,
          fix: "write `kind: classify`, `kind: json` or `kind: tools` below `task:`, or remove `decoding`",
        }
      : null,
  ({ evaluation, task }) =>
    evaluation.decoding === "constrained" && task.kind === "classify" && evaluation.temperature > 0
      ? {
          path: ["evaluation", "temperature"],
          detail:
            "`temperature` has no effect on constrained decoding, which always takes the likeliest label",
          fix: "remove the line, or write `decoding: free`",
          doubt: true,
        }
      : null,
  ({ evaluation }) =>
    evaluation.temperature === 0 && evaluation.topP < 1
      ? {
          path: ["evaluation", "top_p"],
          detail: "`top_p` has no effect at temperature 0, which always takes the likeliest token",
          fix: "remove the line, or write `temperature: 0.7`",
          doubt: true,
        }
      : null,
];

function fileAndShare({ data }: RecipeDraft, part: "validation" | "test"): Objection | null {
  const share = data.split[part];
  if (data[part] === null || share === null || share === 0) return null;
  return {
    path: ["data", "split", part],
    detail: `The ${part} rows come from ${shown(data[part])} and, by a share of ${share}, also from the training rows`,
    fix: `remove \`data.split.${part}\`, or remove \`data.${part}\``,
  };
}

function trainAndMix({ data }: RecipeDraft): Objection | null {
  if (data.train === null || data.mix === null) return null;
  return {
    path: ["data", "train"],
    detail: "`train` and `mix` both name training rows",
    fix: `write \`train\` as a source of \`mix\`: { file: ${shown(data.train)} }`,
  };
}

function emptyMix({ data }: RecipeDraft): Objection | null {
  if (data.mix?.length !== 0) return null;
  return {
    path: ["data", "mix"],
    detail: "No source is left",
    fix: "add { file: FILE }, or write `train: FILE`",
  };
}

function someWeights({ data }: RecipeDraft): Objection | null {
  const bare = data.mix?.findIndex(({ weight }) => weight === null) ?? -1;
  if (bare < 0 || data.mix?.every(({ weight }) => weight === null)) return null;
  return {
    path: ["data", "mix", bare],
    detail: "Some sources have a weight, and this one has none",
    fix: "give each source a weight, such as `weight: 1`, or remove all weights",
  };
}

function sameFile({ data }: RecipeDraft, part: "validation" | "test"): Objection | null {
  const isTrained = data[part] === data.train || data.mix?.some(({ file }) => file === data[part]);
  if (data[part] === null || !isTrained) return null;
  return {
    path: ["data", part],
    detail: `The ${part} rows are the training rows: memorized rows would count as learned`,
    fix: `remove the line; a share of \`train\` is then set aside (\`data.split.${part}\`)`,
  };
}

function labelsWithoutClassify({ task }: RecipeDraft): Objection | null {
  if (task.labels.length === 0 || task.kind === "classify") return null;
  return {
    path: ["task", "labels"],
    detail: `Labels belong to the kind \`classify\`, and the kind is \`${task.kind}\``,
    fix: "write `kind: classify`, or remove `labels`",
  };
}

function tooFewLabels({ task }: RecipeDraft): Objection | null {
  const twice = task.labels.findIndex((label, at) => task.labels.indexOf(label) !== at);
  if (twice !== -1) {
    const name = shown(task.labels[twice] ?? "");
    return {
      path: ["task", "labels", twice],
      detail: `The label ${JSON.stringify(name)} is listed twice`,
      fix: "keep one of them",
    };
  }
  if (task.labels.length !== 1) return null;
  return {
    path: ["task", "labels"],
    detail: "With one label there is nothing to classify",
    fix: "list every label, or remove the line to take those of the training rows",
  };
}

function metricOfAnotherKind({ task }: RecipeDraft): Objection | null {
  const at = task.metrics?.findIndex((metric) => (taskOfMetric[metric] ?? task.kind) !== task.kind) ?? -1;
  const metric = task.metrics?.[at];
  if (metric === undefined) return null;
  return {
    path: ["task", "metrics", at],
    detail: `\`${metric}\` judges the kind \`${taskOfMetric[metric]}\`, and the kind is \`${task.kind}\``,
    fix: `write \`kind: ${taskOfMetric[metric]}\`, or remove \`${metric}\` from \`${keyName(["task", "metrics"])}\``,
  };
}

function tradeoffWithoutBoth(draft: RecipeDraft): Objection | null {
  const { training, forgetting } = draft;
  if (training.checkpointSelection !== "best-tradeoff") return null;
  const path = ["training", "checkpoint_selection"];
  if (!hasValidation(draft)) {
    const fix = "write `checkpoint_selection: last`, or give `data.split.validation` a share above 0";
    return { path, detail: "The best trade-off needs validation rows to know the gain", fix };
  }
  if (forgetting.measure && forgetting.everyCheckpoint) return null;
  const fix =
    "remove `forgetting.measure: false` and `forgetting.every_checkpoint: false`, or write `checkpoint_selection: best`";
  return { path, detail: "The best trade-off needs forgetting to be measured at each checkpoint", fix };
}

function warmupBeyondSteps({ training }: RecipeDraft): Objection | null {
  if (training.steps === null || training.warmup < 1 || training.warmup < training.steps) return null;
  return {
    path: ["training", "warmup"],
    detail: `The warm-up of ${countOf(training.warmup, "step")} does not end within the run's ${training.steps}`,
    fix: "write `warmup: 0.05` for a twentieth of the run",
  };
}

function groupWithoutColumn({ data }: RecipeDraft): Objection | null {
  if (data.split.by !== "group" || data.group !== null) return null;
  return {
    path: ["data", "split", "by"],
    detail: "The split keeps groups together, and no column says which rows belong to one",
    fix: "add below `data:` the line `group: COLUMN`",
  };
}

function timeWithoutColumn({ data }: RecipeDraft): Objection | null {
  if (data.split.by !== "time" || data.time !== null) return null;
  return {
    path: ["data", "split", "by"],
    detail: "The split puts the latest rows into the test set, and no column says when a row was written",
    fix: "add below `data:` the line `time: COLUMN`",
  };
}

const severities = ["error", "warning", "ignore"] as const;

function unknownCode({ checks }: RecipeDraft): Objection | null {
  const known = problemCodes();
  for (const key of severities) {
    const code = checks[key].find((one) => !known.includes(one));
    if (code === undefined) continue;
    const near = nearest(code, known);
    const fix = near === undefined ? "see the codes that `tunewise check` prints" : `did you mean ${near}?`;
    return { path: ["checks", key], detail: `No finding has the code ${shown(code)}`, fix };
  }
  return null;
}

function codeTwice({ checks }: RecipeDraft): Objection | null {
  const all = severities.flatMap((key) => checks[key].map((code) => ({ key, code })));
  const twice = all.find(({ code }, at) => all.findIndex((one) => one.code === code) !== at);
  if (twice === undefined) return null;
  return {
    path: ["checks", twice.key],
    detail: `The code ${twice.code} is listed twice`,
    fix: "keep one of them",
  };
}
