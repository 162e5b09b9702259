/**
 * @file Evaluates the paraphrase stage: rephrased HumanEval, planted leaks, BANKING77 and GSM8K, and speed.
 *
 * `npx tsx bench/inspect/paraphrase.mjs DATA [humaneval] [planted] [known]`, or `speed ROWS` under
 * `node --expose-gc --import tsx`, where DATA is the folder with
 * paraphrase-humaneval, banking77, gsm8k, shakespeare and cacm. Without names, runs all except speed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Agreements } from "../../packages/datacheck/src/paraphrase/agreement.ts";
import { findParaphrases } from "../../packages/datacheck/src/paraphrase/find-paraphrases.ts";
import { LetterVectors, weighLetters } from "../../packages/datacheck/src/paraphrase/letter-vectors.ts";
import { cosineOf } from "../../packages/datacheck/src/paraphrase/sparse-vector.ts";
import { TopMatches } from "../../packages/datacheck/src/paraphrase/top-match.ts";
import { indexWords } from "../../packages/datacheck/src/paraphrase/word-index.ts";
import { WordQuery } from "../../packages/datacheck/src/paraphrase/word-query.ts";
import { WordReader } from "../../packages/datacheck/src/paraphrase/word-reader.ts";
import { WordTrails } from "../../packages/datacheck/src/paraphrase/word-trail.ts";
import { WordVectors } from "../../packages/datacheck/src/paraphrase/word-vectors.ts";
import { plantedRows, randomFrom, scoreDetector } from "./planted.mjs";
import { reworded } from "./reworded.mjs";

const [data, ...names] = process.argv.slice(2);
const isOn = (name) => (names.length === 0 ? name !== "speed" : names.includes(name));

if (isOn("humaneval")) humanEval();
if (isOn("planted")) planted();
if (isOn("known")) knownSets();
if (isOn("speed")) speed();

/** The stage as a detector of test rows. */
export function detectParaphrases(train, test) {
  const heldOut = new Uint8Array(train.length + test.length).fill(1, train.length);
  const found = findParaphrases([...train, ...test], heldOut);
  console.log(`  threshold: ${found.threshold.how} (standing ${found.threshold.standing.toFixed(3)})`);
  return found.pairs.map(({ row, kind }) => ({ row: row - train.length, kind }));
}

function humanEval() {
  const rows = readFileSync(join(data, "paraphrase-humaneval/pairs.jsonl"), "utf8").trim().split("\n");
  const pairs = rows.map((line) => JSON.parse(line));
  const originals = pairs.map(({ original }) => original);
  const index = indexWords(originals, new WordReader());
  const letters = new LetterVectors(weighLetters(originals));
  const words = new WordVectors(index);
  const languages = ["python", "c", "js"];
  const rephrased = languages.flatMap((language) =>
    pairs.flatMap((pair, own) => {
      const text = pair[`rephrased_${language}`];
      return text === null || text.trim() === "" ? [] : [{ language, own, text }];
    }),
  );
  balanced(languages, rephrased, originals, words, letters);
  const known = originals.map((prompt) => ({ prompt, answer: "" }));
  const trails = new WordTrails(index);
  const matches = new TopMatches(known, {
    query: new WordQuery(index, { minCosine: 0.02, entriesAtMost: 1e9 }),
    letters,
    trails,
    agreements: new Agreements(known, trails),
    near: null,
  });
  const weighed = (text, self) => {
    const { compared, weights, best, next } = matches.of({ prompt: text, answer: "" }, self);
    return { other: compared[best] ?? -1, weight: weights[best] ?? 0, next };
  };
  for (const part of [0, 0.6]) {
    const standing = ({ weight, next }) => weight - part * next;
    const leaks = rephrased.map(({ text, own }) => {
      const match = weighed(text, -1);
      return match.other === own ? standing(match) : 0;
    });
    const clean = rephrased.map(({ text, own }) => standing(weighed(text, own))).sort((a, b) => b - a);
    const recall = (alarms) => {
      const threshold = clean[Math.floor(alarms * clean.length)];
      return (leaks.filter((leak) => leak > threshold).length / leaks.length).toFixed(3);
    };
    const figures = [0.05, 0.01, 0.001].map((alarms) => `${recall(alarms)} at ${100 * alarms} %`);
    console.log(
      `HumanEval, ${rephrased.length} rephrasings together, ${part} of the next off: recall ${figures.join(", ")}`,
    );
  }
}

/** Threshold from the Python pairs only; negatives are pairs of different tasks, weighted 1:1. */
function balanced(languages, rephrased, originals, words, letters) {
  const known = originals.map((text) => ({ words: words.of(text), letters: letters.of(text, 0) }));
  const scores = Object.fromEntries(languages.map((language) => [language, { same: [], different: [] }]));
  for (const { language, own, text } of rephrased) {
    const mine = { words: words.of(text), letters: letters.of(text, 0) };
    for (const [row, theirs] of known.entries()) {
      const score = Math.sqrt(cosineOf(mine.words, theirs.words) * cosineOf(mine.letters, theirs.letters));
      scores[language][row === own ? "same" : "different"].push(score);
    }
  }
  const share = (list, threshold) => list.filter((score) => score >= threshold).length / list.length;
  const f1 = (language, threshold) => {
    const [hits, alarms] = [
      share(scores[language].same, threshold),
      share(scores[language].different, threshold),
    ];
    return (2 * hits) / (hits + alarms + 1);
  };
  const steps = Array.from({ length: 400 }, (_, step) => step / 400);
  const best = steps.reduce((a, b) => (f1("python", b) > f1("python", a) ? b : a));
  const figures = languages.map((language) => `${language} ${f1(language, best).toFixed(3)}`);
  console.log(`HumanEval, threshold ${best} from the Python pairs: F1 ${figures.join(", ")}`);
}

function planted() {
  const rows = { train: 90_000, test: 10_000, perKind: 250 };
  for (const [name, options] of [
    ["planted leaks", { ...rows, seed: 11 }],
    ["planted leaks, another seed", { ...rows, seed: 12 }],
    ["planted leaks, harder paraphrases", { ...rows, seed: 13, strength: 0.9 }],
    ["planted leaks, few rows", { train: 3_000, test: 500, perKind: 20, seed: 14 }],
    ["nothing planted", { ...rows, perKind: 0, seed: 15 }],
  ]) {
    scoreDetector(name, detectParaphrases, plantedRows(data, options));
  }
  for (const [name, options] of [
    ["planted leaks, reworded in another way", { ...rows, seed: 31 }],
    ["planted leaks, reworded in another way, harder", { ...rows, seed: 34, strength: 0.9 }],
  ]) {
    scoreDetector(name, detectParaphrases, otherwise(plantedRows(data, options), options));
  }
}

/** The same rows, with paraphrases from the second generator. */
function otherwise(planted, { seed, strength }) {
  const random = randomFrom(seed + 1000);
  const test = planted.test.map((text, row) =>
    planted.kinds[row] === "paraphrase"
      ? reworded(planted.train[planted.sources[row]], random, strength)
      : text,
  );
  return { ...planted, test };
}

function knownSets() {
  const rowsOf = (path, read) =>
    readFileSync(join(data, path), "utf8")
      .trim()
      .split("\n")
      .flatMap((line, at) => read(line, at));
  const label = /,[A-Za-z_?]+\r?$/;
  const banking = (line, at) =>
    at > 0 && label.test(line) ? [line.replace(label, "").replaceAll('"', "")] : [];
  const question = (line) => [JSON.parse(line).question];
  show("BANKING77", rowsOf("banking77/train.csv", banking), rowsOf("banking77/test.csv", banking));
  show("GSM8K", rowsOf("gsm8k/train.jsonl", question), rowsOf("gsm8k/test.jsonl", question));
}

function show(name, train, test) {
  const heldOut = new Uint8Array(train.length + test.length).fill(1, train.length);
  const texts = [...train, ...test];
  const { pairs, threshold } = findParaphrases(texts, heldOut);
  const count = (kind) => pairs.filter((pair) => pair.kind === kind).length;
  console.log(
    `${name}: ${test.length} test rows, ${count("paraphrase")} paraphrases, ${count("twin")} twins`,
  );
  console.log(`  threshold: ${threshold.how}`);
  const step = Math.max(1, Math.floor(pairs.length / 20));
  for (const { row, other, kind, score, maskedScore } of pairs
    .filter((_, at) => at % step === 0)
    .slice(0, 20)) {
    console.log(`  ${kind} ${score.toFixed(2)} (masked ${maskedScore.toFixed(2)})`);
    for (const text of [texts[row], texts[other]])
      console.log(`    ${text.replaceAll(/\s+/g, " ").slice(0, 160)}`);
  }
}

/** Runs one size per process, so that the peak memory is that of this size. */
function speed() {
  const size = Number(names[1] ?? 100_000);
  const options = { train: 0.9 * size, test: 0.1 * size, perKind: size / 400, seed: 3, checked: false };
  const { train, test } = plantedRows(data, options);
  const texts = [...train, ...test];
  const heldOut = new Uint8Array(size).fill(1, train.length);
  globalThis.gc?.();
  const idle = process.memoryUsage().rss;
  const before = process.cpuUsage();
  const { pairs, cutShort } = findParaphrases(texts, heldOut);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  const megabytes = (1024 * process.resourceUsage().maxRSS - idle) / 1e6;
  console.log(
    `${size} rows: ${seconds.toFixed(1)} s CPU, ${((1e6 * seconds) / size).toFixed(0)} us a row, at most ` +
      `${megabytes.toFixed(0)} MB beside the rows; ${pairs.length} pairs, ${cutShort} queries cut short`,
  );
}
