/**
 * @file Test tiers, named by what they need: `unit` nothing, `runtime` the native runtime, `journey` the same and some
 * minutes, `faults` the same on a disk that fails, `postgres` the server that `TUNEWISE_TEST_POSTGRES` names,
 * `buckets` the server of buckets that `TUNEWISE_MOTO_PYTHON` names, `python` the interpreter that `TUNEWISE_PYTHON`
 * names, `ray` the interpreter with Ray that `TUNEWISE_RAY_PYTHON` names, `kube` the same and `kubectl`, `clients`
 * the tracking clients that `TUNEWISE_MLFLOW3_PYTHON`, `TUNEWISE_WANDB_PYTHON` and their like name, `peers` the
 * programs of npm that `TUNEWISE_LLAMA_CPP` and `TUNEWISE_TRANSFORMERS_JS` name.
 */
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The journeys that `npm test` makes too: the command line, and one run from start to end. */
const mainJob = ["test/journey/cli.test.ts", "test/journey/run.test.ts"];

/**
 * Journeys by what they take, though they need less: writers that are killed again and again, deadlines that are waited
 * for, hundreds of curves replayed, a whole corpus searched, every route walked, texts that are made to take long,
 * additions that are compiled, and every executor started and stopped.
 */
const slow = [
  "packages/tracker/src/kill.test.ts",
  "packages/engine/src/tokenize/endless.test.ts",
  "packages/tunewise/src/encode/endless.test.ts",
  "packages/tunewise/src/app/train/replay.test.ts",
  "packages/tunewise/src/app/rented/lease-command.test.ts",
  "packages/tunewise/src/app/baselines/corpus.test.ts",
  "packages/tunewise/src/server/tracking/walk.test.ts",
  "packages/tracker/src/archive/hostile.test.ts",
  "packages/datacheck/src/codescan/languages/hostile.test.ts",
  "test/conformance/contract/**/*.test.ts",
  "test/tidy/how-to-add.test.ts",
];

/** Tests of the command line start what users start. */
const built = "test/support/build-program.ts";

/**
 * For tiers of many processes that wait for each other: what fails once is tried once more, and the report says so. A
 * machine that stands still for seconds fails a test of who comes first; a fault fails it twice.
 */
const restless = { retry: 1 };

/** The tiers; `npm test` runs the first two, in about five minutes on two cores. */
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts", "test/{tidy,planner}/**/*.test.ts"],
          exclude: [...slow, "packages/**/*.buckets.test.ts"],
          maxWorkers: "100%",
          isolate: false, // modules are loaded once per worker, which halves the time: tests leave no state behind
          testTimeout: 30_000, // far above what any test needs; a busy machine is no failure
        },
      },
      {
        test: {
          name: "runtime",
          globalSetup: built,
          include: ["packages/**/*.runtime.ts", "test/conformance/**/*.test.ts", ...mainJob],
          exclude: slow,
          testTimeout: 120_000, // a busy machine is no failure
          hookTimeout: 120_000, // a run is trained before some files' first test
          pool: "forks",
          maxWorkers: 2, // most of them compute on one thread
        },
      },
      {
        test: {
          name: "journey",
          globalSetup: built,
          include: ["test/journey/**/*.test.ts", ...slow],
          exclude: mainJob,
          testTimeout: 180_000, // a busy machine is no failure
          ...restless,
          hookTimeout: 120_000, // a run is trained before some files' first test
          pool: "forks",
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          setupFiles: "test/support/faulty-sqlite.ts",
          globalSetup: built,
          testTimeout: 300_000, // hundreds of small runs; a busy machine is no failure
          hookTimeout: 120_000,
          pool: "forks",
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "postgres",
          include: ["packages/**/*.stores.test.ts"],
          env: { TUNEWISE_TEST_STORE: "postgres" },
          testTimeout: 180_000, // a store of many rows is moved; a busy machine is no failure
          ...restless,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "buckets",
          include: ["packages/**/*.buckets.test.ts"],
          testTimeout: 120_000,
          ...restless,
          hookTimeout: 60_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "python",
          include: ["test/python/**/*.test.ts"],
          testTimeout: 600_000,
          pool: "forks",
          maxWorkers: 2, // most of them start one thread and wait for it
        },
      },
      {
        test: {
          name: "ray",
          globalSetup: "test/support/ray-cluster.ts",
          include: ["test/ray/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "kube",
          globalSetup: "test/support/ray-cluster.ts",
          include: ["test/kube/**/*.test.ts"],
          testTimeout: 300_000, // an operator that looks at its objects again and again, and a cluster that starts jobs
          hookTimeout: 300_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "page",
          globalSetup: "test/support/built-page.ts",
          include: ["test/page/**/*.test.ts"],
          testTimeout: 300_000, // a browser on a busy machine, and runs that it starts
          hookTimeout: 60_000,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "dstack",
          include: ["test/dstack/**/*.test.ts"],
          testTimeout: 300_000, // a server that looks at its machines every few seconds
          ...restless,
          hookTimeout: 180_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "clients",
          include: ["test/clients/**/*.test.ts"],
          testTimeout: 600_000,
          ...restless,
          hookTimeout: 60_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "peers",
          include: ["test/peers/**/*.test.ts"],
          testTimeout: 120_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
    ],
  },
});

export default config;
