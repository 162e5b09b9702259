/**
 * @file Replays the guards on recorded runs of some seeds: thresholds were chosen on 1 and 2; 3 and 4 are held out.
 *
 *     node bench/guards/thresholds.mjs [runs.jsonl] [--seeds 1,2] [--target baseline|usual] [--looks-every 8]
 *       [--verbose]
 *
 * Prints one line per run: its outcome, and the first step at which each guard would have reported. Then summarizes the
 * stops of the guards that may stop a run. `--target usual` sets the loss to beat to that of the task's usual setting,
 * and `--looks-every` skips evaluations; good and bad runs are judged with the same target and evaluations.
 */
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: text("1,2"),
    target: text("baseline"),
    "looks-every": text("8"),
    verbose: { type: "boolean", default: false },
  },
});
const { accountOf, againstUsual, readRecordings, replay, courseOf, firstStop, bestOf, withLooksEvery } =
  await tsImport("../../test/support/replay.ts", import.meta.url);
const path = positionals[0] ?? "bench/guards/runs.jsonl";
const stopping = ["divergence", "learning", "overfitting", "futility"];
const guards = [...stopping, "plateau", "leakage-suspected", "gradients"];
const all = readRecordings(path);
const seeds = values.seeds.split(",").map(Number);
const chosen = withLooksEvery(
  all.filter(({ seed }) => seeds.includes(seed)),
  Number(values["looks-every"]),
);
const runs = values.target === "usual" ? againstUsual(chosen, all) : chosen;

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
