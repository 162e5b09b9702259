/** @file A cached answer is reused until the database changes, the answer expires, or another question is asked. */

import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../open-store.ts";
import { createKeptAnswers } from "./kept-answers.ts";

test("reads again only what may have changed", async () => {
  const database = await openDatabase(":memory:");
  onTestFinished(() => database.close());
  let [nowMs, reads] = [0, 0];
  const ask = createKeptAnswers({
    database,
    now: () => nowMs,
    isSmall: (answer: string) => answer.length < 20,
    read: async (question: { readonly by: string }) => `${question.by} ${++reads}`,
  });
  expect(await ask({ by: "a" })).toBe("a 1");
  expect(await ask({ by: "a" })).toBe("a 1");
  expect(await ask({ by: "b" })).toBe("b 2");
  await database.transaction((transaction) => transaction.run("UPDATE projects SET changed_ms = 1"));
  expect(await ask({ by: "a" })).toBe("a 3");
  nowMs = 60_000;
  expect(await ask({ by: "a" })).toBe("a 4");
  const large = { by: "x".repeat(30) };
  expect([await ask(large), await ask(large)]).toEqual([`${large.by} 5`, `${large.by} 6`]);
  for (let at = 0; at < 50; at++) await ask({ by: `other ${at}` });
  expect(await ask({ by: "a" })).toBe("a 57"); // the oldest answer was evicted
});
