/**
 * @file What a plan should make somebody change before the run: findings with numbers and one fix each.
 */
import type { Finding, Severity } from "../problem/index.ts";
import { bytesText, secondsText, usdText } from "../quantity/index.ts";
import { adviceConstants as k } from "./constants.ts";
import type { PlanInput } from "./input.ts";
import { memorySentence } from "./local/memory.ts";
import type { Plan } from "./plan.ts";

/** A plan before its advice. */
export type BarePlan = Omit<Plan, "findings" | "fingerprint">;

/**
 * Advice on a plan, errors first.
 *
 * Codes: `TRAIN_EMPTY`, `MEMORY_TOO_SMALL`, `MEMORY_TIGHT`, `BUDGET_TOO_SMALL`, `BUDGET_TIGHT`,
 * `LENGTH_OVER_CONTEXT`, `TARGETS_UNKNOWN`, `VALIDATION_TOO_SMALL`, `TEST_TOO_SMALL`, `PADDING_WASTEFUL`,
 * `RATE_NOT_MEASURED`.
 */
export function advise(plan: BarePlan, input: PlanInput): Finding[] {
  const order: readonly Severity[] = ["error", "warning", "note"];
  return [
    ...dataAdvice(plan, input),
    ...memoryAdvice(plan),
    ...budgetAdvice(plan),
    ...rowAdvice(plan, input),
    ...speedAdvice(plan, input),
  ].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function dataAdvice({ data, model }: BarePlan, { recipe, model: shape }: PlanInput): Finding[] {
  const found: Finding[] = [];
  if (data.trainRows === 0) {
    found.push(
      finding(
        "error",
        "TRAIN_EMPTY",
        "no training rows",
        "There is not one row to train on.",
        "Check data.train.",
      ),
    );
  }
  if (model.targets.length === 0) {
    const known = shape.projections.map(({ name }) => name).join(", ");
    const detail = `method.targets names none of ${known}.`;
    found.push(
      finding("error", "TARGETS_UNKNOWN", "nothing to train", detail, "Set method.targets to all-linear."),
    );
  }
  if (data.longestTokens > shape.contextLength) {
    const detail = `The longest row has ${data.longestTokens} tokens, the context ${shape.contextLength}.`;
    const fix = `Set data.max_length to ${Math.min(shape.contextLength, recipe.data.maxLength)}.`;
    found.push(
      finding("warning", "LENGTH_OVER_CONTEXT", "rows longer than the model's context", detail, fix),
    );
  }
  return found;
}

function memoryAdvice({ memory, schedule }: BarePlan): Finding[] {
  if (memory.fits === "yes") return [];
  const { peakBytes, usableBytes } = memory;
  const fix =
    schedule.recompute === "none"
      ? "Set training.recompute to layer."
      : "Lower training.batch_size or data.max_length.";
  const detail =
    `${memorySentence(memory)}; up to ${bytesText(peakBytes.high)}. ` +
    `${bytesText(usableBytes)} are usable.`;
  return memory.fits === "no"
    ? [finding("error", "MEMORY_TOO_SMALL", "the run does not fit into memory", detail, fix)]
    : [finding("warning", "MEMORY_TIGHT", "the run may not fit into memory", detail, fix)];
}

function budgetAdvice({ budget, time, schedule }: BarePlan): Finding[] {
  const { covers, allowedSeconds, expectedShare, enoughSeconds, enoughUsd } = budget;
  if (allowedSeconds === null || covers === "high") return [];
  const cap =
    budget.capUsd !== null && allowedSeconds !== budget.capSeconds
      ? `budget.usd to ${(enoughUsd / 1e6).toFixed(2)}`
      : `budget.minutes to ${enoughSeconds / 60}`;
  const { expected, high } = time.seconds;
  const caps = [secondsText(allowedSeconds), ...(budget.capUsd === null ? [] : [usdText(budget.capUsd)])];
  const detail =
    `The run takes ${secondsText(expected)}, at most ${secondsText(high)}; ` +
    `the cap allows ${caps.join(" or ")}.`;
  if (covers === "expected") {
    const severity = (expectedShare ?? 0) > k.tightShare ? "warning" : "note";
    return [finding(severity, "BUDGET_TIGHT", "a slow run would be cut", detail, `Set ${cap}.`)];
  }
  const steps = stepsWithin(allowedSeconds, time, schedule.steps);
  const fix = steps > 0 ? `Set ${cap}, or training.steps to ${steps}.` : `Set ${cap}.`;
  return [finding("warning", "BUDGET_TOO_SMALL", "the cap stops the run before its end", detail, fix)];
}

/** Steps whose expected time fits beside everything that is not training. */
function stepsWithin(allowed: number, time: BarePlan["time"], steps: number): number {
  const training = time.parts.find(({ name }) => name === "train")?.seconds.expected ?? 0;
  const rest = time.seconds.expected - training;
  return training > 0 ? Math.max(0, Math.floor((steps * (allowed - rest)) / training)) : 0;
}

function rowAdvice({ data }: BarePlan, { judging, recipe }: PlanInput): Finding[] {
  const found: Finding[] = [];
  const { validationRows, testRows } = data;
  if (validationRows > 0 && validationRows < k.fewValidationRows && recipe.training.keep === "best") {
    const detail = `${validationRows} rows choose the best checkpoint; the choice will be largely chance.`;
    const fix = `Give at least ${k.fewValidationRows} validation rows, or set training.keep to last.`;
    found.push(finding("warning", "VALIDATION_TOO_SMALL", "few validation rows", detail, fix));
  }
  const effect = judging.detectableEffect;
  if (effect !== null && testRows > 0) {
    const severity = effect > k.coarseEffect ? "warning" : "note";
    const points = (effect * 100).toFixed(effect < 0.1 ? 1 : 0);
    const detail = `${testRows} test rows show a gain of ${points} points or more in four cases of five.`;
    const fix = "Give more test rows to see smaller gains.";
    found.push(finding(severity, "TEST_TOO_SMALL", "what the test rows can show", detail, fix));
  }
  return found;
}

function speedAdvice({ work, time }: BarePlan, { recipe }: PlanInput): Finding[] {
  const found: Finding[] = [];
  if (work.paddedShare > k.wastefulPadding && recipe.training.batching === "shuffle") {
    const detail = `${Math.round(work.paddedShare * 100)} % of the attention grid is padding.`;
    const fix = "Set training.batching to length.";
    found.push(finding("note", "PADDING_WASTEFUL", "rows of unlike length share batches", detail, fix));
  }
  if (!time.isRateMeasured) {
    const detail = "Time is a guess from the number of threads; a measured rate narrows it.";
    found.push(finding("note", "RATE_NOT_MEASURED", "speed not measured", detail, "Run: tunewise doctor"));
  }
  return found;
}

function finding(severity: Severity, code: string, title: string, detail: string, fix: string): Finding {
  return { code, severity, title, detail, where: [], count: 1, fix };
}
