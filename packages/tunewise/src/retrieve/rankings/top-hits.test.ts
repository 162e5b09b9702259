import fc from "fast-check";
import { expect, test } from "vitest";
import { byScore, TopHits } from "./top-hits.ts";

test("keeps what sorting all would put first, whatever the order", () => {
  const offers = fc.uniqueArray(fc.record({ passage: fc.nat(200), score: fc.integer({ min: -5, max: 5 }) }), {
    selector: ({ passage }) => passage,
  });
  fc.assert(
    fc.property(offers, fc.integer({ min: 0, max: 12 }), (hits, most) => {
      const top = new TopHits(most);
      for (const { passage, score } of hits) top.offer(passage, score);
      const kept = [...hits].sort(byScore).slice(0, most);
      expect(top.hits()).toEqual(kept);
      const full = most > 0 && kept.length === most;
      const worst = full ? kept.at(-1)?.score : most === 0 ? Infinity : -Infinity;
      expect(top.threshold).toBe(worst);
    }),
  );
});
