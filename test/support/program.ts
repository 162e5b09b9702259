/** @file The command line as a file that Node runs, and what lets Node run a script of the tests. */
import { resolve } from "node:path";

/** The built command line; see `build-program.ts`. */
export const program: string = resolve("dist/cli/main.js");
/** For scripts in TypeScript: `--import` it. */
export const loader: string = resolve("node_modules/tsx/dist/loader.mjs");
