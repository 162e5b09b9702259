/**
 * @file What guards do on the recorded runs of one seed, thresholds were chosen on seeds 1 and 2, and 3 is held out.
 *
 *     node bench/guards/thresholds.mjs [runs.jsonl] [--seed 1] [--verbose]
 *
 * One line a run: what it came to, and the first step at which each guard would have spoken. Then what stops of the
 * guards that may stop come to.
 */
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, verbose: { type: "boolean", default: false } },
});
const { accountOf, readRecordings, replay, courseOf, firstStop, bestOf } = await tsImport(
  "../../test/support/replay.ts",
  import.meta.url,
);
const path = positionals[0] ?? "bench/guards/runs.jsonl";
const stopping = ["divergence", "learning", "overfitting", "doomed"];
const guards = [...stopping, "plateau", "too-good", "gradients"];
const runs = readRecordings(path).filter(({ seed }) => seed === Number(values.seed));

for (const run of runs) {
  const found = replay(run);
  const said = guards.map((guard) => {
    const first = firstStop(found, [guard]);
    return first ? `${guard} ${first.step}` : null;
  });
  const hint = found.find(({ isHint }) => isHint);
  const best = bestOf(run);
  console.log(
    `${courseOf(run).padEnd(9)} ${run.task.padEnd(8)} ${run.setting.padEnd(26)} ${best.loss}@${best.step}`.padEnd(
      70,
    ),
    [...said, hint ? `(spike ${hint.step})` : null].filter(Boolean).join(", "),
  );
  if (values.verbose)
    for (const guard of guards) console.log(`    ${firstStop(found, [guard])?.sentence ?? ""}`);
}

console.log(accountOf(runs, stopping));
