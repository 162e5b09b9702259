import { bytes, bytesText, range } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import {
  differenceText,
  instantText,
  intervalText,
  lossText,
  rangeText,
  rowsText,
  scoreText,
  shortCountText,
  wholeText,
} from "./figure-text.ts";

const cases: [string, string, string][] = [
  ["a share", scoreText("accuracy", 0.874), "87.4 %"],
  ["all of them", scoreText("accuracy", 1), "100.0 %"],
  ["a perplexity", scoreText("perplexity", 1.27184), "1.272"],
  ["nothing judged", scoreText("rouge_l", Number.NaN), "not evaluated"],
  ["a gain", differenceText("accuracy", 0.842), "+84.2 points"],
  ["a loss", differenceText("accuracy", -0.0123), "-1.2 points"],
  ["hardly a loss", differenceText("accuracy", -0.0001), "0.0 points"],
  ["no change", differenceText("accuracy", 0), "0.0 points"],
  ["a lower perplexity", differenceText("perplexity", -7.8516), "-7.852"],
  ["no difference to tell", differenceText("accuracy", Number.NaN), "not evaluated"],
  ["an interval", intervalText("accuracy", { low: 0.809, high: 0.874 }), "80.9-87.4"],
  ["an interval around zero", intervalText("accuracy", { low: -0.012, high: 0.034 }), "-1.2 to 3.4"],
  ["an interval of perplexities", intervalText("perplexity", { low: -8, high: -7.5 }), "-8.000 to -7.500"],
  ["no interval", intervalText("accuracy", null), "none"],
  ["a loss", lossText(1.23456), "1.235"],
  ["no loss", lossText(Number.NaN), "NaN"],
  ["a thousand", wholeText(1204), "1,204"],
  ["a million", wholeText(1234567.4), "1,234,567"],
  ["a hundred", wholeText(999), "999"],
  ["a short count", shortCountText(5100), "5,100"],
  ["a long count", shortCountText(611872), "612 k"],
  ["a range", rangeText(range(bytes(1e9), bytes(2e9), bytes(3e9)), bytesText), "2 GB (1 GB to 3 GB)"],
  ["a certain range", rangeText(range(300, 300, 300), wholeText), "300"],
  ["an instant", instantText("2026-11-24T20:45:12.000Z"), "2026-11-24 20:45 UTC"],
  ["no instant", instantText("yesterday"), "yesterday"],
  ["one row", rowsText(1), "1 row"],
  ["rows", rowsText(1500), "1,500 rows"],
];

describe("figures as text", () => {
  it.each(cases)("%s", (_, text, expected) => {
    expect(text).toBe(expected);
  });
});
