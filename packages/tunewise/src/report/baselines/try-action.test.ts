import { expect, test } from "vitest";
import { sampleDecision, sampleTry } from "../../../../../test/support/sample-try.ts";
import type { Decision } from "../../evaluate/index.ts";
import { documentHtml } from "../document/html.ts";
import { documentMarkdown } from "../document/markdown.ts";
import type { Action } from "../run/action.ts";
import { tryActionOf } from "./try-action.ts";
import type { TryDocument } from "./try-document.ts";
import { tryReport } from "./try-report.ts";

const act = (decision: Partial<Decision>, more: Partial<TryDocument> = {}): Action =>
  tryActionOf({ ...sampleTry, decision: { ...sampleDecision, ...decision }, ...more });
const rows = { kind: "test", atLeast: 450, high: null, chance: null } as const;

test("one action for each verdict, with its cost and a command", () => {
  expect(act({})).toEqual({
    kind: "ship",
    title: "Ship it",
    sentence: expect.stringMatching(/^It is worth what its training cost\. 1,000 answers cost \$0\.0/),
    command: "tunewise model serve r-1",
  });
  const arms = sampleTry.arms.map((arm) => ({ ...arm, forgot: true }));
  expect(act({}, { arms })).toMatchObject({ kind: "do-not-ship", title: "Do not ship it yet" });
  expect(act({ arm: "few" })).toMatchObject({ title: "First train it", command: "tunewise run" });
  expect(act({ verdict: "do-not-tune", arm: "few" })).toEqual({
    kind: "do-not-ship",
    title: "Do not ship a fine-tuned model",
    sentence: "Use few. 1,000 answers cost $0.500.",
    command: "tunewise runs show r-arms-1",
  });
  expect(act({ verdict: "undecided", rows })).toMatchObject({
    kind: "collect-rows",
    title: "Collect 250 more test rows",
    command: "tunewise try",
  });
  expect(act({ verdict: "collect-more-rows", rows: { ...rows, kind: "train", atLeast: 1000 } }).title).toBe(
    "Collect 100 more training rows",
  );
  expect(act({ verdict: "undecided", rows: null, wouldDecide: ["a price of the API"] })).toMatchObject({
    kind: "try-first",
    sentence: "A price of the API. Another try takes about 3.0 s and $0.000005.",
  });
  expect(act({ isInvalid: true })).toMatchObject({
    title: "First separate test rows from training rows",
    command: "tunewise check --fix",
  });
  expect(act({ verdict: "fix-retrieval-first" }, { took: { seconds: 3, micro_usd: 0 } }).sentence).toMatch(
    /Another try takes about 3.0 s\.$/,
  );
});

test("page and Markdown end in it as the terminal does", () => {
  expect(documentHtml(tryReport(sampleTry))).toContain('<pre class="command">tunewise model serve r-1</pre>');
  expect(documentMarkdown(tryReport(sampleTry))).toContain("```text\ntunewise model serve r-1\n```");
});
