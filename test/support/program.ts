/** @file Path of the command line as a file for Node, and of the loader for TypeScript scripts of tests. */
import { resolve } from "node:path";

/** The built command line; see `build-program.ts`. */
export const program: string = resolve("dist/cli/main.js");
/** Loader for scripts in TypeScript, passed with `--import`. */
export const loader: string = resolve("node_modules/tsx/dist/loader.mjs");
