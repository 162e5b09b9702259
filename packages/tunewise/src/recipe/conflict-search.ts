/** @file Conflicts in `search`: keys that cannot be searched, empty ranges, budgets without effect. */

import { countOf } from "@tunewise/core/quantity";
import { losses, optimizerNames, optimizers } from "@tunewise/core/run";
import { nearest } from "../problem/index.ts";
import { typesAt } from "./described.ts";
import { type RecipeDraft, snakeKeys } from "./draft.ts";
import type { Objection } from "./objection.ts";
import type { SearchedKey, SearchedRange } from "./recipe.ts";
import { shown } from "./wording.ts";

/** Finds conflicts in `search`, in the order of its keys. */
export function searchConflicts({ search, machine, training }: RecipeDraft): Objection[] {
  const space = Object.entries(snakeKeys(search.space));
  const objections = space.flatMap(([key, searched]) => keyConflict(key, searched) ?? []);
  const { usd } = search.budget;
  if (usd !== null && machine.usdPerHour === 0) {
    objections.push({
      path: ["search", "budget", "usd"],
      detail: "A search on a machine that costs $0 per hour never spends a dollar of its budget",
      fix: "write the price as `machine.usd_per_hour`, or `minutes` in place of `usd`",
    });
  }
  const rates = space.find(([key]) => key === "training.learning_rate")?.[1];
  if (
    search.rangeTest !== null &&
    space.length > 0 &&
    !(rates !== undefined && isRange(rates) && rates.from > 0)
  ) {
    objections.push({
      path: ["search", "range_test"],
      detail:
        "A range test goes from the lowest learning rate to the highest, and the space gives no such ends",
      fix: "write `training.learning_rate: { from: 1e-5, to: 1e-2 }` below `space`, or remove `range_test`",
    });
  }
  if (search.rangeTest !== null && !losses[training.loss].isLikelihood) {
    objections.push({
      path: ["search", "range_test"],
      detail: `A range test needs a training loss that falls as a model learns, and the loss is \`${training.loss}\``,
      fix: "remove `range_test`, or write `loss: nll` below `training:`",
    });
  }
  if (machine.threads !== null && search.parallel > machine.threads) {
    objections.push({
      path: ["search", "parallel"],
      detail: `${countOf(search.parallel, "trial")} at the same time need a thread each, and \`machine.threads\` is ${machine.threads}`,
      fix: `write \`parallel: ${machine.threads}\`, or more \`machine.threads\``,
    });
  }
  if (search.fidelity === "rows" && space.some(([key]) => key === "data.rows.train")) {
    objections.push({
      path: ["search", "space", "data.rows.train"],
      detail: "Rungs are slices of the rows already, so that their number is no setting to search",
      fix: "remove `data.rows.train` from the space, or write `fidelity: steps`",
    });
  }
  const computed = optimizerNames.filter((name) => optimizers[name].engine === name);
  const searched = space.find(([key]) => key === "training.optimizer")?.[1];
  if (Array.isArray(searched) && searched.some((one) => !computed.some((name) => name === one))) {
    objections.push({
      path: ["search", "space", "training.optimizer"],
      detail: "Trials are trained by the engine, whose moments are in 32 bits",
      fix: `list only ${computed.map((name) => `\`${name}\``).join(" and ")}`,
    });
  }
  if (training.steps !== null && space.some(([key]) => key === "training.epochs")) {
    objections.push({
      path: ["search", "space", "training.epochs"],
      detail: `Epochs do nothing where \`training.steps\` is given (${training.steps})`,
      fix: "remove `training.steps`, or search `training.steps` in place of epochs",
    });
  }
  return objections;
}

function keyConflict(key: string, searched: SearchedKey): Objection | null {
  const path = ["search", "space", key];
  if (!searchKeys.includes(key)) {
    const near = nearest(key, searchKeys) ?? searchKeys.find((one) => one.endsWith(`.${key}`));
    const fix = near ? `did you mean \`${near}\`?` : `remove it; a search turns ${searchKeys.join(", ")}`;
    return { path, detail: `\`${shown(key)}\` is no key that a search turns`, fix };
  }
  return isRange(searched) ? rangeConflict(path, key, searched) : listConflict(path, key, searched);
}

function rangeConflict(
  path: readonly string[],
  key: string,
  { from, to, scale }: SearchedRange,
): Objection | null {
  const kind = kindOfKey(key);
  if (kind === "words") {
    return {
      path,
      detail: `\`${key}\` takes no numbers, so that nothing lies between ${from} and ${to}`,
      fix: "list the values to try",
    };
  }
  if (from >= to) {
    return {
      path: [...path, "to"],
      detail: `The highest value of \`${key}\` (${to}) is not above the lowest (${from})`,
      fix: from === to ? "remove the key: one value is no search" : `write \`{ from: ${to}, to: ${from} }\``,
    };
  }
  if (scale === "log" && from <= 0) {
    return {
      path: [...path, "scale"],
      detail: `A logarithmic scale of \`${key}\` cannot begin at ${from}`,
      fix: "begin above 0, or write `scale: linear`",
    };
  }
  if (kind === "integer" && !(Number.isInteger(from) && Number.isInteger(to))) {
    return {
      path,
      detail: `\`${key}\` takes whole numbers, and its ends are ${from} and ${to}`,
      fix: `write \`{ from: ${Math.floor(from)}, to: ${Math.ceil(to)} }\``,
    };
  }
  return null;
}

function listConflict(
  path: readonly string[],
  key: string,
  values: Exclude<SearchedKey, SearchedRange>,
): Objection | null {
  const texts = values.map((value) => JSON.stringify(value));
  if (texts.length < 2) {
    return {
      path,
      detail: `\`${key}\` has ${texts.length === 0 ? "no value" : "one value"} to try, which is no search`,
      fix: "list two values or more, or remove the key",
    };
  }
  const twice = texts.find((text, at) => texts.indexOf(text) !== at);
  if (twice === undefined) return null;
  return { path, detail: `\`${key}\` lists ${shown(twice)} twice`, fix: "list each value once" };
}

/** Whether the key has a range rather than a list. */
function isRange(searched: SearchedKey): searched is SearchedRange {
  return !Array.isArray(searched);
}

/** Paths of the searchable keys. */
export const searchKeys: readonly string[] = [
  "training.learning_rate",
  "training.batch_size",
  "training.gradient_accumulation_steps",
  "training.epochs",
  "training.steps",
  "training.schedule",
  "training.warmup",
  "training.optimizer",
  "training.weight_decay",
  "training.beta1",
  "training.beta2",
  "training.max_grad_norm",
  "training.batching",
  "method.rank",
  "method.alpha",
  "method.rslora",
  "method.dropout",
  "method.targets",
  "regularization.lambda",
  "regularization.share",
  "data.rows.train",
];

/** Kind of values of a searchable key: any number, integers only, or words, booleans and lists. */
export function kindOfKey(path: string): "number" | "integer" | "words" {
  const types = typesAt(path.split("."));
  if (types.includes("integer")) return "integer";
  return types.includes("number") ? "number" : "words";
}
