/**
 * @file Test tiers, named by what they need: `unit` nothing, `runtime` the native runtime, `python` the interpreter
 * that `TUNEWISE_PYTHON` names.
 */
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The tiers; `npm test` runs the first two. */
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/{smoke,tidy,planner}/**/*.test.ts"],
          testTimeout: 30_000, // far above what any test needs; a busy machine is no failure
        },
      },
      {
        test: {
          name: "runtime",
          include: ["src/**/*.runtime.ts", "test/conformance/**/*.test.ts", "test/journey/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000, // a run is trained before some files' first test
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
          maxWorkers: 1,
        },
      },
    ],
  },
});

export default config;
