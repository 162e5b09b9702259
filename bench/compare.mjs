/**
 * @file The engine beside PyTorch, interleaved: A B A B, medians and the ratio pair by pair.
 *
 *     sh bench/setup.sh VENV DOWNLOADS && npm run build
 *     npx tsx bench/compare.mjs --python VENV/bin/python --model DOWNLOADS/smollm2 --rows rows.jsonl \
 *       [--pairs 3] [--only PART_OF_TITLE]
 *
 * `rows.jsonl` holds {"prompt", "completion"} objects. Nothing else may run on the machine meanwhile.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./measured-run.mjs";

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    model: { type: "string" },
    rows: { type: "string" },
    pairs: { type: "string", default: "3" },
    only: { type: "string" },
    system: { type: "string", default: "Name the intent of the customer's message." },
  },
});
const here = fileURLToPath(new URL(".//", import.meta.url));
const { python = "python3", model = "", rows = "", system } = values;

/** Runs a program that prints one JSON object. */
function run(program, words) {
  const { stdout, stderr, status } = spawnSync(program, words, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

/** Rows per second of TRL after its first two steps, as ours are counted. */
function trlRowsPerSecond({ training }) {
  const timed = training.secondsPerPass.slice(2);
  const seconds = timed.reduce((sum, one) => sum + one, 0);
  return (training.rows / training.secondsPerPass.length) * (timed.length / seconds);
}

const steps = "16";
const works = {
  "one row of 512 tokens, loss on all": {
    ours: () => run("node", ["--import", "tsx", `${here}engine-step.mjs`, model, "--steps", "6"]),
    peer: () => run(python, [`${here}peers/torch-step.py`, model, "--length", "512", "--steps", "6"]),
    speed: { ours: ({ tokensPerSecond }) => tokensPerSecond, peer: ({ tokensPerSecond }) => tokensPerSecond },
  },
  "rows of 8 a batch, loss on the completion, TRL's defaults": {
    ours: () =>
      run("node", [
        "--import",
        "tsx",
        `${here}engine-rows.mjs`,
        model,
        rows,
        "--steps",
        steps,
        "--system",
        system,
      ]),
    peer: () =>
      run(python, [`${here}peers/trl-sft.py`, model, "--train", rows, "--steps", steps, "--system", system]),
    speed: { ours: ({ rowsPerSecond }) => rowsPerSecond, peer: trlRowsPerSecond },
  },
  "the same, TRL in fp32 without checkpointing": {
    ours: () =>
      run("node", [
        "--import",
        "tsx",
        `${here}engine-rows.mjs`,
        model,
        rows,
        "--steps",
        steps,
        "--system",
        system,
      ]),
    peer: () =>
      run(python, [
        `${here}peers/trl-sft.py`,
        model,
        "--train",
        rows,
        "--steps",
        steps,
        "--system",
        system,
        "--fp32",
        "--no-checkpointing",
      ]),
    speed: { ours: ({ rowsPerSecond }) => rowsPerSecond, peer: trlRowsPerSecond },
  },
};

for (const [title, { ours, peer, speed }] of Object.entries(works)) {
  if (values.only !== undefined && !title.includes(values.only)) continue;
  const pairs = Array.from({ length: Number(values.pairs) }, () => ({ ours: ours(), peer: peer() }));
  const of = (read) => median(pairs.map(read));
  console.log(
    JSON.stringify({
      title,
      oursPerSecond: of((pair) => speed.ours(pair.ours)),
      peerPerSecond: of((pair) => speed.peer(pair.peer)),
      speedRatio: of((pair) => speed.ours(pair.ours) / speed.peer(pair.peer)),
      speedRatios: pairs.map((pair) => speed.ours(pair.ours) / speed.peer(pair.peer)),
      oursPeakBytes: of((pair) => pair.ours.peakBytes),
      peerPeakBytes: of((pair) => pair.peer.peakBytes),
      peerImportBytes: of((pair) => pair.peer.importBytes),
      memoryRatio: of((pair) => pair.ours.peakBytes / pair.peer.peakBytes),
      shareOfMatrixRate:
        pairs[0].ours.shareOfMatrixRate === undefined ? null : of((pair) => pair.ours.shareOfMatrixRate),
    }),
  );
}
