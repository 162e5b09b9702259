/**
 * @file Suggests next commands to paste, with the folder of runs if it is not the default one, and with caps high
 * enough to complete the run.
 */
import { relative, resolve } from "node:path";
import { shellWord } from "@tunewise/core/format";
import { dollars } from "@tunewise/core/quantity";
import type { RunReport } from "../../report/index.ts";
import { budgetText } from "../budget-text.ts";
import { type Call, type FlagValue, isTexts } from "../command.ts";

/** The command line as called, without `--yes`, which the user adds deliberately. */
export function calledText({ command, words, flags }: Call): string {
  const given = [...flags].flatMap(([name, value]) => {
    if (name === "yes" || value === false) return [];
    if (value === true) return [`--${name}`];
    return (isTexts(value) ? value : [valueText(value)]).map((text) => `--${name} ${shellWord(text)}`);
  });
  return ["tunewise", command.name, ...words.map(shellWord), ...given].join(" ");
}

function valueText(value: Exclude<FlagValue, readonly string[]>): string {
  return typeof value === "object" ? budgetText(value) : String(value);
}

/** ` -o FOLDER` if the runs are not in the default folder, otherwise `""`. */
export function outputFlag(output: string, cwd: string): string {
  const folder = otherFolder(output, cwd);
  return folder === null ? "" : ` -o ${shellWord(folder)}`;
}

/** ` --store FOLDER` if the runs are not in the default folder, otherwise `""`. */
export function storeFlag(output: string, cwd: string): string {
  const folder = otherFolder(output, cwd);
  return folder === null ? "" : ` --store ${shellWord(folder)}`;
}

function otherFolder(output: string, cwd: string): string | null {
  const absolute = resolve(cwd, output);
  if (absolute === resolve(cwd, ".tunewise")) return null;
  const near = relative(cwd, absolute);
  return near.startsWith("..") || near === "" ? absolute : near;
}

/** The output folder of a run's folder. */
export function outputOfRun(folder: string): string {
  return folder.replace(/[\\/]runs[\\/][^\\/]+$/, "");
}

/** A stopped run beyond this share of a cap counts as having reached it, if its guard does not name the cap. */
const nearShare = 0.8;

/** ` --budget 2.4usd`, ` --budget 90min`, or both: the caps that stopped a run or would stop it again, raised. */
export function raisedCaps({
  budget,
  figures,
  guards,
}: Pick<RunReport, "budget" | "figures" | "guards">): string {
  const stop = guards.findLast(({ verdict }) => verdict.act === "stop")?.verdict;
  const done = (figures.steps.actual ?? 0) / Math.max(1, figures.steps.planned?.expected ?? 1);
  const { cost, wall } = figures;
  const caps = [
    {
      kind: "dollars",
      cap: budget.capUsd,
      spent: budget.spentUsd as number,
      planned: cost.planned?.high ?? 0,
    },
    { kind: "minutes", cap: budget.cap, spent: budget.spent as number, planned: wall.planned?.high ?? 0 },
  ] as const;
  const set = caps.flatMap(({ kind, cap, spent, planned }) => {
    if (cap === null) return [];
    // extrapolated from the pace so far, or a full plan more; resuming starts up and loads again
    const whole = Math.max(2 * spent + planned, done > 0 ? spent / done : 0);
    const isReached = stop?.cap === kind || (stop?.cap === undefined && spent >= nearShare * cap);
    return [{ kind, isNeeded: isReached || 1.5 * whole > cap, enough: Math.max(2 * cap, 1.5 * whole) }];
  });
  const needed = set.filter(({ isNeeded }) => isNeeded);
  const raised = (needed.length > 0 ? needed : set).map(({ kind, enough }) =>
    kind === "dollars"
      ? `${roundedUp(dollars(enough as Parameters<typeof dollars>[0]))}usd`
      : `${Math.max(1, Math.ceil(enough / 60))}min`,
  );
  return raised.length === 0 ? "" : ` --budget ${raised.join(",")}`;
}

/** Rounds an amount up to two significant digits, without an exponent. */
export function roundedUp(amount: number): string {
  const size = 10 ** (Math.floor(Math.log10(Math.max(1e-6, amount))) - 1);
  const rounded = Math.ceil(amount / size - 1e-9) * size;
  return rounded
    .toFixed(Math.max(0, -Math.floor(Math.log10(size))))
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}
