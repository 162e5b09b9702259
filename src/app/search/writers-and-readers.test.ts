/**
 * Whatever a writer of a run may write, its reader accepts: a million steps, a hundred thousand trials. A million rows
 * and events take longer: `test/journey/limits.test.ts`.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { runFolderAt } from "../../track/index.ts";
import { findState, keepState, readCurves, writeCurves } from "../train/index.ts";
import { openLineLog } from "./line-log.ts";

const folder = temporaryFolder();

/** A list of `length` items that no memory holds. */
function* counted<Item>(length: number, item: (at: number) => Item): Generator<Item> {
  for (let at = 0; at < length; at++) yield item(at);
}

test("a checkpoint after a million steps, looked at each tenth, is read back", async () => {
  const place = runFolderAt(join(folder, "20261124-204512-tickets-7f3a"));
  mkdirSync(place.checkpoints, { recursive: true });
  const point = (at: number): [number, number] => [at + 1, 2 + Math.sin(at) / 3];
  const curves = {
    train: Array.from({ length: 1_000_000 }, (_, at) => point(at)),
    validation: Array.from({ length: 100_000 }, (_, at) => point(10 * at)),
  };
  const owner = { run: "one", model: "m", data: "d", recipe: "r" };
  const trainer = { step: 1_000_000, save: async () => undefined } as unknown as Parameters<
    typeof keepState
  >[2];
  const about = { best: null, forgetting: [], tokens: 1, trainSeconds: 1, sessions: 1 };
  await keepState(place, owner, trainer, { step: 1_000_000, curves, ...about }, null);
  const found = await findState(place, { owner });
  expect(found?.info.curves.train.length).toBe(1_000_000);
  expect(found?.info.curves.train.at(-1)).toEqual(curves.train.at(-1));
  expect(found?.info.curves.validation).toEqual(curves.validation);
});

test("curves of any numbers are read back as they were", async () => {
  const path = join(folder, "curves.jsonl");
  const curve = fc.array(fc.tuple(fc.nat(), fc.double()), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(curve, curve, async (train, validation) => {
      await writeCurves(path, { train, validation });
      const plain = (list: readonly (readonly [number, number])[]) =>
        list.map(([step, loss]) => [step, loss === 0 ? 0 : loss]);
      expect(await readCurves(path)).toEqual({ train: plain(train), validation: plain(validation) });
    }),
    { numRuns: 30 },
  );
});

test("records of a hundred thousand trials are read back", async () => {
  const path = join(folder, "records.jsonl");
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
