/**
 * @file The program that nodes of a cluster run for a part of a check: `check-block plan` divides what comes on
 * standard input, and `check-block FOLDER STEP NUMBER` does one task. Its file is sent to the cluster alone.
 */
import { text } from "node:stream/consumers";
import { type BlockJob, planBlocks, workOnBlock } from "../app/check/index.ts";
import { TunewiseError } from "../problem/index.ts";

/** What the driver takes for an answer; any other end is tried again. */
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
