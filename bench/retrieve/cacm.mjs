/**
 * @file Ranking quality of BM25 and RM3 on the CACM collection.
 *
 *     node --import tsx bench/retrieve/cacm.mjs DATA
 *
 * DATA is a folder with docs.jsonl, queries.jsonl, qrels.tsv and qrels-padded.tsv (ids repaired). Nothing is tuned.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildLexicalIndex,
  defaultFeedback,
  measureRankings,
  searchLexical,
} from "../../packages/tunewise/src/retrieve/index.ts";

const [data] = process.argv.slice(2);
const linesOf = (name) => readFileSync(join(data, name), "utf8").trim().split("\n");
const rowsOf = (name) => linesOf(name).map((line) => JSON.parse(line));

const documents = rowsOf("docs.jsonl");
const queries = rowsOf("queries.jsonl");
const index = buildLexicalIndex(
  documents.map(({ id, text }) => ({ document: id, title: "", place: null, text })),
);

const ways = [
  ["BM25", { most: 1000 }],
  ["BM25 + RM3", { most: 1000, feedback: defaultFeedback }],
];
for (const name of ["qrels.tsv", "qrels-padded.tsv"].filter((one) => existsSync(join(data, one)))) {
  for (const [way, wanted] of ways) printScores(`${way}, ${name}`, scores(name, wanted));
}

function scores(name, wanted) {
  const began = performance.now();
  const found = queries.map(({ id, text }) => [
    id,
    searchLexical(index, text, wanted).map(({ passage }) => index.passages[passage].document),
  ]);
  const milliseconds = (performance.now() - began) / queries.length;
  return { ...measureRankings(new Map(found), judgementsIn(name), [10, 30, 100]), milliseconds };
}

function judgementsIn(name) {
  const judged = new Map();
  for (const line of linesOf(name).slice(1)) {
    const [query, id, grade] = line.split("\t");
    judged.set(query, (judged.get(query) ?? new Map()).set(id, Number(grade)));
  }
  return judged;
}

function printScores(way, { queries: count, averagePrecision, precision, gain, recall, milliseconds }) {
  const figures = [
    `MAP ${averagePrecision.toFixed(4)}`,
    `P@30 ${precision[30].toFixed(4)}`,
    `nDCG@10 ${gain[10].toFixed(4)}`,
    `R@100 ${recall[100].toFixed(4)}`,
    `${milliseconds.toFixed(2)} ms a query`,
  ];
  console.log(`${way} (${count} queries): ${figures.join(", ")}`);
}
