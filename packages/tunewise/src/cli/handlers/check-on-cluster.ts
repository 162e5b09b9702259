/** @file `tunewise check --on`: checks rows of a data set on a cluster's storage. */
import {
  blocks,
  type ClusterCheck,
  checkOnCluster,
  requireSeparateOutput,
  writeCheck,
} from "../../app/check/index.ts";
import { type LoadedRecipe, loadRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import { clusterEvidenceText, clusterText } from "../render/check-on-cluster.ts";
import { paint } from "../render/paint.ts";
import { overridesOf, runtimeOf } from "./context.ts";

/** Checks data on a cluster; exit codes as without `--on`. @throws {TunewiseError} `CHECK_NOT_ON_CLUSTER` */
export async function checkThere(call: Call, address: string, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const loaded = await loadRecipe(call.words[0] ?? "tunewise.yaml", runtime, overridesOf(call));
  const output = textFlag(call, "output");
  const show = textFlag(call, "show")?.toUpperCase() ?? null;
  requireFit(call, output, loaded);
  if (output !== null) await requireSeparateOutput(loaded, runtime, output);
  const place = { address, storage: storageOf(call, address), show };
  const check = await checkOnCluster(loaded, runtime, place, ({ step, tasks, done }) => {
    if (!console.json && (done === 0 || done === tasks)) console.info(`${step}: ${done} of ${tasks}`);
  });
  const blocked = blocks(check.findings, textFlag(call, "fail-on") === "warning" ? "warning" : "error");
  if (output !== null) await writeCheck(loaded, runtime, output, `${textOf(check, show, paint(false))}\n`);
  if (console.json) console.document({ ok: !blocked, ...documentOf(check, show) });
  else console.result(textOf(check, show, console.paint));
  return blocked ? CHECK_SAID_NO : DONE;
}

function storageOf(call: Call, address: string): string {
  const storage = textFlag(call, "storage");
  if (storage?.startsWith("/")) return storage;
  throw problem("CHECK_NOT_ON_CLUSTER", {
    what: "a check on a cluster needs a folder that all nodes see under the same path",
    fix: `tunewise check --on ${address} --storage /mnt/shared/tunewise`,
  });
}

/** Refuses options that need the rows on this machine. */
function requireFit(call: Call, output: string | null, { path }: LoadedRecipe): void {
  const asked = isOn(call, "fix")
    ? "--fix"
    : /\.(html|sarif)$/i.test(output ?? "") || (textFlag(call, "format") ?? "text") !== "text"
      ? "a page or SARIF"
      : null;
  if (asked === null) return;
  throw problem("CHECK_NOT_ON_CLUSTER", {
    what: `${asked} needs the rows, which stay on the cluster`,
    fix: `tunewise check ${path}, on a machine that has them`,
  });
}

function textOf(check: ClusterCheck, show: string | null, color: Console["paint"]): string {
  return show === null ? clusterText(check, color) : clusterEvidenceText(check, show);
}

/** The JSON document; with a code, it includes every row of that code's findings. */
function documentOf({ observations, ...check }: ClusterCheck, show: string | null): Record<string, unknown> {
  return show === null ? check : { ...check, observations };
}
