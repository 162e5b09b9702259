/**
 * @file Compares the engine with PyTorch, interleaved (A B A B): medians, and the ratio of each pair.
 *
 *     sh bench/setup.sh VENV DOWNLOADS && npm run build
 *     npx tsx bench/compare.mjs --python VENV/bin/python --model DOWNLOADS/smollm2 --rows rows.jsonl \
 *       [--pairs 3] [--only PART_OF_TITLE]
 *
 * `rows.jsonl` contains {"prompt", "completion"} objects. Run nothing else on the machine meanwhile.
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

/** Rows per second of TRL without its first two steps, as in our measurement. */
function trlRowsPerSecond({ training }) {
  const timed = training.secondsPerPass.slice(2);
  const seconds = timed.reduce((sum, one) => sum + one, 0);
  return (training.rows / training.secondsPerPass.length) * (timed.length / seconds);
}

const steps = "16";
const step = (...flags) =>
  run(python, [`${here}peers/torch-step.py`, model, "--length", "512", "--steps", "6", ...flags]);
const trl = (...flags) =>
  run(python, [
    `${here}peers/trl-sft.py`,
    model,
    "--train",
    rows,
    "--steps",
    steps,
    "--system",
    system,
    ...flags,
  ]);
const tsx = ["--import", "tsx"];

/**
 * The peer with each setting that an experienced user would try; the best one counts. TRL's packing is not included:
 * on a CPU, without flash attention, packed rows attend to each other.
 */
const works = {
  "one row of 512 tokens, loss on all": {
    ours: () => run("node", [...tsx, `${here}engine-step.mjs`, model, "--steps", "6"]),
    peers: {
      float32: () => step(),
      bfloat16: () => step("--bf16"),
      "bfloat16, compiled": () => step("--bf16", "--compile"),
    },
    speed: { ours: ({ tokensPerSecond }) => tokensPerSecond, peer: ({ tokensPerSecond }) => tokensPerSecond },
  },
  "rows of 8 a batch, loss on the completion": {
    ours: () =>
      run("node", [...tsx, `${here}engine-rows.mjs`, model, rows, "--steps", steps, "--system", system]),
    peers: {
      "TRL's defaults": () => trl(),
      "bfloat16 without checkpointing": () => trl("--no-checkpointing"),
      "float32 without checkpointing": () => trl("--fp32", "--no-checkpointing"),
    },
    speed: { ours: ({ rowsPerSecond }) => rowsPerSecond, peer: trlRowsPerSecond },
  },
};

for (const [title, { ours, peers, speed }] of Object.entries(works)) {
  if (values.only !== undefined && !title.includes(values.only)) continue;
  const rounds = Array.from({ length: Number(values.pairs) }, () => ({
    ours: ours(),
    peers: Object.fromEntries(Object.entries(peers).map(([name, peer]) => [name, peer()])),
  }));
  const of = (read) => median(rounds.map(read));
  const speeds = Object.fromEntries(
    Object.keys(peers).map((name) => [name, of((round) => speed.peer(round.peers[name]))]),
  );
  const best = Object.keys(speeds).reduce((one, other) => (speeds[other] > speeds[one] ? other : one));
  const ratios = rounds.map((round) => speed.ours(round.ours) / speed.peer(round.peers[best]));
  console.log(
    JSON.stringify({
      title,
      oursPerSecond: of((round) => speed.ours(round.ours)),
      peersPerSecond: speeds,
      best,
      speedRatio: median(ratios),
      speedRatios: ratios,
      oursPeakBytes: of((round) => round.ours.peakBytes),
      peersPeakBytes: Object.fromEntries(
        Object.keys(peers).map((name) => [name, of((round) => round.peers[name].peakBytes)]),
      ),
      memoryRatio: of((round) => round.ours.peakBytes / round.peers[best].peakBytes),
      shareOfMatrixRate:
        rounds[0].ours.shareOfMatrixRate === undefined ? null : of((round) => round.ours.shareOfMatrixRate),
    }),
  );
}
