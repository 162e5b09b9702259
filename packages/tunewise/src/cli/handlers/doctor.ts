/** @file `tunewise doctor`: checks whether this machine has everything that a run needs. */

import { shellWord } from "@tunewise/core/format";
import { precisionHere } from "../../app/plan/index.ts";
import { storedPricesAge } from "../../app/prices/index.ts";
import { inspectWorker } from "../../app/worker/index.ts";
import { findScanners, readMachinePrice, recordMachinePrice, whyNotBf16 } from "../../prepare/index.ts";
import { type Call, numberFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { type Check, type Environment, type Health, inspectEnvironment } from "../doctor/check.ts";
import { checkInputs } from "../doctor/inputs.ts";
import {
  checkCredentials,
  checkDatabase,
  checkGpu,
  checkLoad,
  checkMachinePrice,
  checkMemory,
  checkNode,
  checkPrecision,
  checkPrices,
  checkRuntime,
  checkScanners,
  checkWorker,
} from "../doctor/machine.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import type { Paint } from "../render/paint.ts";
import { tableText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { runtimeOf } from "./context.ts";

/** Runs and shows all checks; exit code 2 if something prevents a run from starting. */
export async function handle(call: Call, console: Console): Promise<number> {
  const [recipe] = call.words;
  const runtime = runtimeOf(console);
  const rate = numberFlag(call, "rate");
  if (rate !== null) await recordMachinePrice(rate, runtime);
  const checks = await examine(
    recipe,
    console.io.cwd,
    inspectEnvironment(console.io.env, {
      ...(await inspectWorker(runtime)),
      whyNotBf16: () => whyNotBf16(runtime.cores),
      precision: () => precisionHere(recipe ?? "tunewise.yaml", runtime),
      scanners: await findScanners(runtime),
      machinePrice: await readMachinePrice(runtime),
      priceAgeDays: await storedPricesAge(runtime),
    }),
  );
  const failed = checks.some(({ health }) => health === "fail");
  console.output({ ok: !failed, checks }, () => checksText(checks, console.paint));
  console.info(`\n${nextLine(checks, failed, recipe)}`);
  return failed ? CHECK_SAID_NO : DONE;
}

/** Runs all checks, in the order in which they are shown. */
export async function examine(
  recipe: string | undefined,
  cwd: string,
  around: Environment,
): Promise<Check[]> {
  return [
    checkNode(around),
    await checkRuntime(around),
    ...(await checkPrecision(around)),
    await checkDatabase(around),
    ...checkLoad(around),
    checkMemory(around),
    checkGpu(around),
    checkWorker(around),
    checkScanners(around),
    checkCredentials(around),
    checkMachinePrice(around),
    checkPrices(around),
    ...(await checkInputs(recipe ?? "tunewise.yaml", recipe !== undefined, cwd, around)),
  ];
}

/** The checks as a table, each fix below its check. */
export function checksText(checks: readonly Check[], paint: Paint): string {
  const word: Readonly<Record<Health, string>> = {
    ok: paint.green("ok"),
    warn: paint.yellow("warn"),
    fail: paint.bold("fail"),
  };
  const rows = checks.flatMap(({ name, health, detail, fix }) => [
    [word[health], name, plain(detail)],
    ...(fix === null ? [] : [["", "", `fix: ${plain(fix)}`]]),
  ]);
  return tableText(["", "", ""], rows);
}

function nextLine(checks: readonly Check[], failed: boolean, recipe: string | undefined): string {
  const named = recipe === undefined ? "" : ` ${shellWord(recipe)}`;
  if (failed) return `next: fix what failed, then tunewise doctor${named}`;
  const noRecipe = checks.some(({ name, health }) => name === "recipe" && health === "warn");
  return noRecipe ? "next: tunewise init" : `next: tunewise check${named}`;
}
