/**
 * Tests that readers accept everything that a run's writers may write: a million steps here, a hundred thousand trials
 * in `app/search/line-log.test.ts`, a million rows and events in `test/journey/limits.test.ts`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runFolderAt } from "@tunewise/tracker";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { findState, keepState } from "./checkpoints.ts";
import { readCurves, writeCurves } from "./curves-file.ts";

const folder = temporaryFolder();

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
