/**
 * @file Constants of BM25 and RM3 over several collections: the best constants for each collection, and the results of
 *   constants chosen on the others.
 *
 *     npx tsx bench/retrieve/constants.mjs FOLDER FOLDER ...
 *
 * Folders are as in `smart-collections.mjs`. First tunes k1 and b without expansion, then the expansion's settings with
 * the default k1 and b. A setting is chosen by its mean share of the best average precision over the other collections.
 */
import {
  buildLexicalIndex,
  defaultFeedback,
  defaultSettings,
  measureRankings,
  searchLexical,
} from "../../packages/tunewise/src/retrieve/index.ts";
import { readCollection } from "./smart-collections.mjs";

const collections = process.argv.slice(2).map(readCollection);

const grid = (axes) =>
  Object.entries(axes).reduce(
    (points, [name, values]) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
const scoring = grid({ k1: [0.6, 0.9, 1.2, 1.6, 2, 2.4, 3], b: [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8] });
const expansion = grid({
  passages: [5, 10, 20, 30],
  terms: [10, 20, 40],
  weight: [0.3, 0.4, 0.5, 0.6, 0.7],
});

// compared with the current default k1 and b
report("BM25", scoring, { k1: defaultSettings.k1, b: defaultSettings.b }, (collection) => {
  return (point) => precisionOf(collection, indexOf(collection, point), {});
});
report("BM25 + RM3", expansion, defaultFeedback, (collection) => {
  const index = indexOf(collection, {});
  return (feedback) => precisionOf(collection, index, { feedback });
});

function indexOf({ documents }, settings) {
  const passages = documents.map(({ id, text }) => ({ document: id, title: "", place: null, text }));
  return buildLexicalIndex(passages, settings);
}

function precisionOf({ queries, judgements }, index, wanted) {
  const found = queries
    .filter(({ id }) => judgements.has(id))
    .map(({ id, text }) => [
      id,
      searchLexical(index, text, { most: 1000, ...wanted }).map(
        ({ passage }) => index.passages[passage].document,
      ),
    ]);
  return measureRankings(new Map(found), judgements, [10]).averagePrecision;
}

function report(title, points, standard, scorerOf) {
  const scores = collections.map((collection) => points.map(scorerOf(collection)));
  const standardScores = collections.map((collection) => scorerOf(collection)(standard));
  const best = scores.map((row) => Math.max(...row));
  console.log(`${title}: MAP; ${points.length} settings`);
  console.log("| left out | best on it | chosen on the others | share of best | default | share of best |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  collections.forEach(({ name }, out) => {
    const chosen = bestOf(points, (at) => meanShare(scores, best, at, out));
    const row = [
      name,
      `${best[out].toFixed(4)} (${shown(points[scores[out].indexOf(best[out])])})`,
      `${scores[out][chosen].toFixed(4)} (${shown(points[chosen])})`,
      (scores[out][chosen] / best[out]).toFixed(3),
      standardScores[out].toFixed(4),
      (standardScores[out] / best[out]).toFixed(3),
    ];
    console.log(`| ${row.join(" | ")} |`);
  });
  const all = bestOf(points, (at) => meanShare(scores, best, at, -1));
  const least = bestOf(points, (at) => Math.min(...scores.map((row, one) => row[at] / best[one])));
  console.log(`chosen on all: ${shown(points[all])}, ${sharesAt(scores, best, all)}`);
  console.log(`least loss on any: ${shown(points[least])}, ${sharesAt(scores, best, least)}\n`);
}

function shown(point) {
  return Object.entries(point)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function sharesAt(scores, best, at) {
  return scores.map((row, one) => (row[at] / best[one]).toFixed(3)).join(" ");
}

function meanShare(scores, best, at, out) {
  const others = scores.map((row, one) => row[at] / best[one]).filter((_, one) => one !== out);
  return others.reduce((sum, one) => sum + one, 0) / others.length;
}

function bestOf(points, value) {
  let found = 0;
  for (let at = 1; at < points.length; at++) if (value(at) > value(found)) found = at;
  return found;
}
