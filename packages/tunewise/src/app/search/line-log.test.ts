/** @file Whatever a search may write to its log can be read back. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { openLineLog } from "./line-log.ts";

/** Generates `length` items, more than fit into memory at once. */
function* counted<Item>(length: number, item: (at: number) => Item): Generator<Item> {
  for (let at = 0; at < length; at++) yield item(at);
}

test("records of a hundred thousand trials are read back", async () => {
  const path = join(temporaryFolder(), "records.jsonl");
  const log = await openLineLog(path);
  const record = (trial: number) => ({
    kind: "told",
    trial,
    value: trial / 7,
    point: { "training.epochs": 3 },
  });
  await log.add([...counted(100_000, record)]);
  await log.close();
  const again = await openLineLog(path);
  await again.close();
  expect(again.known.length).toBe(100_000);
  expect(again.known.at(-1)).toEqual(record(99_999));
  expect(statSync(path).size).toBeGreaterThan(5_000_000);
});
