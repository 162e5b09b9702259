/**
 * @file Compares a check of many rows by a Ray cluster with a check of some of them by this machine: rows, seconds, and
 *   whether the findings are equal.
 *
 *     TUNEWISE_RAY_PYTHON=/path/to/python node bench/inspect/scale.mjs --shared 1000000 --rows 10000000
 *
 * Starts a cluster of two nodes with one CPU each on this machine, unless `--address` names another one. The cluster
 * first checks only the shared rows, for which its findings must equal those of this machine, and then all rows. Word
 * frequencies and the number of rows affect which rows are near, so the findings on the shared rows among all rows are
 * compared one by one, and differences are counted. Needs about 3 kB of disk per row under `--folder`.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { makeRows } from "./rows.mjs";

const source = (path) => tsImport(`../../${path}.ts`, import.meta.url);
const { values } = parseArgs({
  options: {
    shared: { type: "string", default: "20000" },
    rows: { type: "string", default: "200000" },
    address: { type: "string" },
    folder: { type: "string", default: tmpdir() },
    "block-bytes": { type: "string", default: String(32 << 20) },
    local: { type: "string" },
  },
});

if (values.local !== undefined) await checkHere(values.local);
else await compare();

async function compare() {
  const [shared, rows] = [Number(values.shared), Number(values.rows)];
  const root = mkdtempSync(join(values.folder, "tw-scale-"));
  try {
    const [some, all] = [join(root, "some"), join(root, "all")];
    writeData(some, shared, shared);
    writeData(all, rows, shared);
    const words = ["--max-old-space-size=12288", fileURLToPath(import.meta.url), "--local", some];
    execFileSync(process.execPath, words, { stdio: "inherit" });
    const local = JSON.parse(readFileSync(join(some, "found.json"), "utf8"));
    console.log(`local    ${shared} rows  ${local.seconds.toFixed(1)} s`);
    const { address, runtime, stop } = await clusterOf(root);
    try {
      const program = join(root, "check-block.mjs");
      await (await source("tools/build-code")).buildBlockProgram(program);
      const there = {
        address,
        storage: join(root, "storage"),
        program,
        blockBytes: Number(values["block-bytes"]),
      };
      const small = await checkThere(some, { ...there, show: "*" }, runtime);
      console.log(`cluster  ${shared} rows  ${small.seconds.toFixed(1)} s`);
      const isEqual = JSON.stringify(small.observations) === JSON.stringify(local.observations);
      console.log(`findings of the cluster on the shared rows alone: ${isEqual ? "equal" : "DIFFERENT"}`);
      const large = await checkThere(all, { ...there, show: "*" }, runtime);
      const factor = large.seconds / (local.seconds * (rows / shared));
      console.log(
        `cluster  ${rows} rows  ${large.seconds.toFixed(1)} s  ${factor.toFixed(2)} x of linear in local`,
      );
      console.log(
        `         ${(large.seconds / small.seconds / (rows / shared)).toFixed(2)} x of linear in cluster`,
      );
      tellShared(local.observations, large.observations, shared);
    } finally {
      await stop();
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Writes chunks of rows, each with its own seed; the shared rows come first, and the test rows repeat some of them. */
function writeData(folder, rows, shared) {
  mkdirSync(folder);
  const lines = (texts) =>
    texts.map((prompt) => `${JSON.stringify({ prompt, completion: "yes" })}\n`).join("");
  const first = makeRows(shared, 1);
  writeFileSync(join(folder, "train.jsonl"), lines(first));
  for (let seed = 2, left = rows - shared; left > 0; seed++, left -= shared)
    appendFileSync(join(folder, "train.jsonl"), lines(makeRows(Math.min(left, shared), seed)));
  const fresh = makeRows(Math.ceil(shared / 200), 1_000_003);
  const held = fresh.flatMap((text, at) => [text, `${first[(at * 197) % first.length]} indeed`]);
  writeFileSync(join(folder, "test.jsonl"), lines(held));
}

/** Reads rows and searches for repetitions, the same work that the cluster does. */
async function checkHere(folder) {
  const { readSplits } = await source("packages/datacheck/src/dataset/splits");
  const { inspectOverlap } = await source("packages/datacheck/src/near/observations");
  const { rowsOf } = await source("packages/datacheck/src/row");
  const start = performance.now();
  const split = { validation: 0, test: 0, seed: 1, by: "rows" };
  const origin = { group: null, time: null, rows: { train: null, validation: null, test: null } };
  const form = { format: "auto", columns: null, system: null, promptTemplate: "{prompt}", badRows: "error" };
  const files = { train: "train.jsonl", validation: null, test: "test.jsonl" };
  const { splits } = await readSplits({ ...form, ...origin, ...files, folder, split });
  const { train, test } = rowsOf(splits);
  const observations = inspectOverlap([...train, ...test], false);
  const seconds = (performance.now() - start) / 1000;
  writeFileSync(join(folder, "found.json"), JSON.stringify({ seconds, observations }));
}

async function checkThere(folder, place, runtime) {
  const { checkOnCluster } = await source("packages/tunewise/src/app/check/on-cluster");
  const { recipeFromText } = await source("packages/tunewise/src/prepare/load-recipe");
  const text = `name: scale
model: some/model
data: { train: train.jsonl, test: test.jsonl, split: { validation: 0 } }
budget: { minutes: 5 }
`;
  const loaded = recipeFromText(text, join(folder, "tunewise.yaml"), "tunewise.yaml");
  const start = performance.now();
  let last = start;
  const { observations } = await checkOnCluster(loaded, runtime, place, ({ step, tasks, done }) => {
    if (done < tasks) return;
    const now = performance.now();
    console.error(`  ${step.padEnd(9)} ${tasks} tasks  ${((now - last) / 1000).toFixed(1)} s`);
    last = now;
  });
  return { seconds: (performance.now() - start) / 1000, observations };
}

async function clusterOf(cwd) {
  const { createRuntime } = await source("packages/tunewise/src/runtime/index");
  const real = createRuntime(cwd, new AbortController().signal, "bench");
  if (values.address !== undefined) return { address: values.address, runtime: real, stop: () => undefined };
  let cluster = null;
  const { default: setup } = await source("test/support/ray-cluster");
  const provide = (_, value) => {
    cluster = value;
  };
  const stop = await setup({ provide });
  if (cluster === null)
    throw new Error("TUNEWISE_RAY_PYTHON names a Python with Ray, or --address a cluster");
  const own = { RAY_AUTH_TOKEN: cluster.token, TUNEWISE_REMOTE_PYTHON: cluster.python };
  return {
    address: cluster.address,
    runtime: { ...real, environment: { ...real.environment, ...own } },
    stop,
  };
}

/** Counts pairs of shared rows found by both, only by this machine, and only by the cluster among all rows. */
function tellShared(local, all, shared) {
  const isShared = ({ file, row }) => file !== "train.jsonl" || row <= shared;
  const pairs = (observations) =>
    new Set(
      observations.flatMap(({ finding, evidence }) =>
        evidence
          .filter(({ place, other }) => isShared(place) && isShared(other))
          .map(({ place, other, reason }) =>
            [finding.code, place.file, place.row, other.row, reason].join(" "),
          ),
      ),
    );
  const [here, there] = [pairs(local), pairs(all)];
  const both = [...here].filter((one) => there.has(one)).length;
  console.log(
    `pairs of shared rows: ${both} in both, ${here.size - both} local alone, ${there.size - both} cluster alone`,
  );
}
