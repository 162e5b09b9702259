/** Tests Prometheus's text format by parsing what was written. */
import { expect, test } from "vitest";
import { readPrometheus } from "../../../../../test/support/prometheus-text.ts";
import { counter, gaugeText, histogram } from "./text-format.ts";

test("counts, values and durations", () => {
  const asked = counter("asked_total", "How often.\nAnd \\ more.", ["who", "why"]);
  asked.add(1, "ada", 'a "quoted" \\ word\nof two lines');
  asked.add(2.5, "ada", 'a "quoted" \\ word\nof two lines');
  const plain = counter("plain_total", "None yet.");
  const took = histogram("took_seconds", "Time.", [0.1, 1], ["who"]);
  for (const seconds of [0.05, 0.1, 0.5, 7]) took.observe(seconds, "ada");
  const empty = histogram("empty_seconds", "Time.", [1]);
  const now = gaugeText(
    "now",
    "Odd ones.",
    [
      [["nan"], Number.NaN],
      [["up"], Number.POSITIVE_INFINITY],
      [["down"], Number.NEGATIVE_INFINITY],
      [["tiny"], 1e-9],
    ],
    ["at"],
  );
  const text = [asked.text(), plain.text(), took.text(), empty.text(), now].join("");
  expect(text).toMatchInlineSnapshot(`
    "# HELP asked_total How often.\\nAnd \\\\ more.
    # TYPE asked_total counter
    asked_total{who="ada",why="a \\"quoted\\" \\\\ word\\nof two lines"} 3.5
    # HELP plain_total None yet.
    # TYPE plain_total counter
    plain_total 0
    # HELP took_seconds Time.
    # TYPE took_seconds histogram
    took_seconds_bucket{who="ada",le="0.1"} 2
    took_seconds_bucket{who="ada",le="1"} 3
    took_seconds_bucket{who="ada",le="+Inf"} 4
    took_seconds_sum{who="ada"} 7.65
    took_seconds_count{who="ada"} 4
    # HELP empty_seconds Time.
    # TYPE empty_seconds histogram
    empty_seconds_bucket{le="1"} 0
    empty_seconds_bucket{le="+Inf"} 0
    empty_seconds_sum 0
    empty_seconds_count 0
    # HELP now Odd ones.
    # TYPE now gauge
    now{at="nan"} NaN
    now{at="up"} +Inf
    now{at="down"} -Inf
    now{at="tiny"} 1e-9
    "
  `);
  const read = readPrometheus(text);
  expect([...read.keys()]).toEqual(["asked_total", "plain_total", "took_seconds", "empty_seconds", "now"]);
  expect(read.get("took_seconds")?.series.get('took_seconds_sum{who="ada"}')).toBeCloseTo(7.65);
});

test("as many labels as names", () => {
  const asked = counter("asked_total", "How often.", ["who"]);
  expect(() => asked.add(1)).toThrow("Internal: 0 labels for who");
});
