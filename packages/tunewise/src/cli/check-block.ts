/**
 * @file The program that nodes of a cluster run for part of a check: `check-block plan` splits the job on standard
 * input into tasks, and `check-block FOLDER STEP NUMBER` executes one. It is sent to the cluster as a single file.
 */
import { text } from "node:stream/consumers";
import { type BlockJob, planBlocks, workOnBlock } from "../app/check/index.ts";
import { TunewiseError } from "../problem/index.ts";

/** Exit code of a reported problem, which the driver accepts; it retries after any other failure. */
const saidNo = 3;

const [first = "", step = "", index = ""] = process.argv.slice(2);
try {
  if (first === "plan") {
    const planned = await planBlocks(JSON.parse(await text(process.stdin)) as BlockJob);
    process.stdout.write(JSON.stringify(planned));
  } else await workOnBlock(first, step, Number(index));
} catch (error) {
  if (!TunewiseError.is(error)) throw error;
  process.stdout.write(JSON.stringify({ code: error.code, params: error.params }));
  process.exitCode = saidNo;
}
