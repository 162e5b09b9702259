/** Readers of run files accept everything that writers may produce, in chunks: a million rows, a million events. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eachEvent, openEventLog, runFolderAt } from "@tunewise/tracker";
import { expect, test } from "vitest";
import {
  type Judgement,
  readJudgedRows,
  writeAnswers,
} from "../../packages/tunewise/src/scoring/answers-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const time = "2026-11-24T20:45:12.000Z";

/** Generates `length` items without holding them in memory. */
function* counted<Item>(length: number, item: (at: number) => Item): Generator<Item> {
  for (let at = 0; at < length; at++) yield item(at);
}

test("answers to a million rows are written and read in pieces", async () => {
  const place = runFolderAt(join(folder, "rows"));
  mkdirSync(place.path);
  const rows = 1_000_000;
  const list = (item: (at: number) => unknown): unknown =>
    new Proxy([], {
      get: (_, key) => {
        if (key === "length") return rows;
        if (key === "entries") return () => counted(rows, (at) => [at, item(at)]);
        return typeof key === "string" && /^\d+$/.test(key) ? item(Number(key)) : undefined;
      },
    });
  const outcomes = list((at) => ({ value: at % 2, weight: 1 }));
  const arm = { arm: "tuned", answers: list(() => "a"), scores: [{ metric: "accuracy", outcomes }] };
  const decoding = { kind: "free" };
  const [asked, prompts] = [list(String), list(String)];
  const judgement = { decoding, asked, prompts, references: list(() => "b"), tuned: arm, base: null };
  await writeAnswers(place, judgement as unknown as Judgement);
  const read = await readJudgedRows(place);
  expect(read?.questions.length).toBe(rows);
  expect(read?.outcomes["accuracy"]?.at(-1)).toEqual({ value: 1, weight: 1 });
});

test("an event log of a million steps is read one event at a time", async () => {
  const path = join(folder, "events.jsonl");
  const log = await openEventLog(path);
  const step = (at: number) =>
    ({ v: 1, run: "a", seq: at + 1, time, kind: "phase", name: "p", done: at, total: at }) as const;
  for (const at of counted(100, (one) => one)) {
    await log.add([...counted(10_000, (one) => step(at * 10_000 + one))]);
  }
  await log.close();
  let [events, last] = [0, -1];
  const rest = await eachEvent(path, (event) => {
    events++;
    last = event.kind === "phase" ? event.done : -1;
  });
  expect({ events, last, ...rest }).toEqual({ events: 1e6, last: 999_999, torn: false, unreadableLines: 0 });
});
