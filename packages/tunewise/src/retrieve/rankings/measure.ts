/** @file Retrieval metrics of rankings, given relevance judgments: precision, recall, MAP, nDCG. */

/** Relevance grades by question and document id; an unjudged document is not relevant. */
export type Judgments = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Means over all questions with at least one relevant document; a question without a ranking counts as 0. */
export interface RankingScores {
  readonly queries: number;
  /** Mean average precision (MAP). */
  readonly averagePrecision: number;
  readonly reciprocalRank: number;
  /** By cutoff. */
  readonly precision: Readonly<Record<number, number>>;
  readonly recall: Readonly<Record<number, number>>;
  /** Normalized discounted cumulative gain (nDCG). */
  readonly gain: Readonly<Record<number, number>>;
}

/** Grades in ranking order; a grade above 0 is relevant. */
type Grades = readonly number[];

/**
 * Scores rankings as trec_eval does with `-c`.
 *
 * @param rankings document ids by question, best first; repeated ids are ignored
 * @param cutoffs values of k for precision, recall and nDCG
 * @source usnistgov/trec_eval m_map.c, m_P.c, m_recall.c, m_recip_rank.c, m_ndcg_cut.c, version 9.0.8: precision
 *   divides by k even where fewer are ranked; gain is the grade over log2(rank + 1), and ideal is the best order of all
 *   judged documents
 */
export function measureRankings(
  rankings: ReadonlyMap<string, readonly string[]>,
  judgements: Judgments,
  cutoffs: readonly number[] = [1, 5, 10, 30, 100],
): RankingScores {
  const judged = [...judgements].filter(([, grades]) => [...grades.values()].some((grade) => grade > 0));
  const scored = judged.map(([query, grades]) => {
    const ranked = [...new Set(rankings.get(query) ?? [])].map((id) => grades.get(id) ?? 0);
    const ideal = [...grades.values()].filter((grade) => grade > 0).sort((a, b) => b - a);
    return { ranked, ideal };
  });
  const mean = (of: (ranked: Grades, ideal: Grades) => number): number =>
    scored.reduce((sum, { ranked, ideal }) => sum + of(ranked, ideal), 0) / Math.max(1, scored.length);
  const atEach = (of: (ranked: Grades, ideal: Grades, k: number) => number): Record<number, number> =>
    Object.fromEntries(cutoffs.map((k) => [k, mean((ranked, ideal) => of(ranked, ideal, k))]));
  return {
    queries: scored.length,
    averagePrecision: mean(averagePrecision),
    reciprocalRank: mean(
      (ranked) => 1 / (ranked.findIndex((grade) => grade > 0) + 1 || Number.POSITIVE_INFINITY),
    ),
    precision: atEach((ranked, _, k) => found(ranked, k) / k),
    recall: atEach((ranked, ideal, k) => found(ranked, k) / ideal.length),
    gain: atEach((ranked, ideal, k) => discounted(ranked, k) / discounted(ideal, k)),
  };
}

function found(ranked: Grades, k: number): number {
  return ranked.slice(0, k).filter((grade) => grade > 0).length;
}

/** @source see `measureRankings` */
function averagePrecision(ranked: Grades, ideal: Grades): number {
  let relevant = 0;
  let sum = 0;
  ranked.forEach((grade, at) => {
    if (grade <= 0) return;
    relevant++;
    sum += relevant / (at + 1);
  });
  return sum / ideal.length;
}

/** @source Järvelin and Kekäläinen 2002, "Cumulated Gain-Based Evaluation of IR Techniques", as trec_eval has it */
function discounted(ranked: Grades, k: number): number {
  return ranked.slice(0, k).reduce((sum, grade, at) => sum + Math.max(0, grade) / Math.log2(at + 2), 0);
}
