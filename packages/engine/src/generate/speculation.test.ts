import { describe, expect, test } from "vitest";
import { PromptLookup } from "./prompt-lookup.ts";
import { Speculation } from "./speculation.ts";

describe("prompt look-up", () => {
  test("drafts what followed the last tokens before, the latest and the longest match first", () => {
    const lookup = new PromptLookup([1, 2, 3, 4, 5, 9, 2, 3, 7, 8, 1, 2, 3]);
    expect(lookup.draft(2)).toEqual([4, 5]); // 1 2 3 was followed by 4, although 2 3 was last followed by 7
    lookup.add(7);
    expect(lookup.draft(5)).toEqual([8, 1, 2, 3, 7]);
    expect(lookup.draft(0)).toEqual([]);
  });

  test("drafts nothing where nothing was said before", () => {
    expect(new PromptLookup([]).draft(4)).toEqual([]);
    expect(new PromptLookup([1]).draft(4)).toEqual([]);
    expect(new PromptLookup([1, 2, 3, 4]).draft(4)).toEqual([]);
  });

  test("a repeated token is drafted from itself", () => {
    expect(new PromptLookup([5, 5, 5, 5]).draft(3)).toEqual([5]);
  });
});

describe("whether drafts pay", () => {
  /** Runs 200 passes that could all have drafts; returns how many of the last 100 used one. */
  function draftedOf100(passSeconds: (drafted: boolean) => number, right: number): number {
    let now = 0;
    const speculation = new Speculation(() => now);
    const kinds: boolean[] = [];
    for (let pass = 0; pass < 200; pass++) {
      const drafts = speculation.begin();
      now += passSeconds(drafts > 0);
      speculation.end();
      now += 5; // a slow reader
      speculation.note(drafts, drafts > 0 ? 1 + right : 1);
      kinds.push(drafts > 0);
    }
    return kinds.slice(-100).filter(Boolean).length;
  }

  test.each<[string, number, number, boolean]>([
    ["twice the time for three tokens", 2, 2, true],
    ["the same time for what a draft never gets right", 1.1, 0, false],
    ["three times the time for two tokens", 3, 1, false],
    ["hardly more time for two tokens", 1.2, 1, true],
  ])("%s", (_, times, right, pays) => {
    const drafted = draftedOf100((isDrafted) => (isDrafted ? times : 1), right);
    expect(pays ? drafted : 100 - drafted).toBeGreaterThan(90);
    expect(drafted).toBeGreaterThan(0); // the slower kind is retried periodically
    expect(drafted).toBeLessThan(100);
  });

  test("a pass that was not begun, as that over the prompt, counts for neither kind", () => {
    const kindsOf = (isNotedFirst: boolean): boolean[] => {
      let now = 0;
      const speculation = new Speculation(() => now);
      if (isNotedFirst) speculation.note(0, 1);
      return Array.from({ length: 20 }, () => {
        const drafts = speculation.begin();
        now++;
        speculation.end();
        speculation.note(drafts, 1 + drafts);
        return drafts > 0;
      });
    };
    expect(kindsOf(true)).toEqual(kindsOf(false));
    // four passes of each kind, of which three are measured, then the faster kind
    expect(kindsOf(true)).toEqual(Array.from({ length: 20 }, (_, pass) => pass < 4 || pass >= 8));
  });
});
