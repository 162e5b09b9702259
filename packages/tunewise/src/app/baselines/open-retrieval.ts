/** @file Opens a recipe's embedder and reranker, and estimates the cost of retrieval. */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { dollars, type Usd, usd } from "@tunewise/core/quantity";
import { openEmbedder, openReranker } from "@tunewise/engine";
import { openDatabase, storePath } from "@tunewise/tracker";
import { needsVectors } from "../../baselines/index.ts";
import {
  type Embedder,
  type EmbeddingHooks,
  folderEmbedder,
  type Prepared,
  textsWithoutVectors,
  VectorCache,
} from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { leaseOwnerOf, type MeteredEmbedder, openMeteredEmbedder } from "../metered-client/index.ts";
import { resolveEndpoint } from "./api-answers.ts";
import type { Corpus } from "./corpus.ts";
import { apiEmbedder, hiddenStateEmbedder } from "./embedders.ts";
import { createFinder, type Find, passageTexts } from "./finder.ts";
import type { LocalModel } from "./local-answers.ts";

/** Retrieval with opened models. Makes no vectors before `openFinder`. */
export interface Retrieval {
  /** Identifies all settings and models that determine the results, except the documents. */
  readonly name: string;
  /** Expected and maximum cost in dollars to embed the missing passages once and the questions `times` times. */
  price(
    questions: readonly string[],
    times: number,
  ): Promise<{ readonly expected: number; readonly most: number }>;
  /** Expected cost in dollars to embed one question, averaged over these questions; 0 if nothing is paid. */
  priceOfQuestion(questions: readonly string[]): number;
  /** Embeds missing passages and returns the finder. */
  openFinder(local: LocalModel | null, making: EmbeddingHooks): Promise<Find>;
  /** Charges all later vectors to a run. */
  chargeTo(runId: string): void;
  /** Returns the amount paid for vectors since the last call. */
  takePaid(): Usd;
  close(): Promise<void>;
}

/**
 * Opens the models. The caller closes them.
 *
 * @throws {TunewiseError} those of `openEmbedder`, `openReranker` and `resolveEndpoint`
 */
export async function openRetrieval(
  corpus: Corpus,
  prepared: Prepared,
  output: string,
  runtime: Runtime,
): Promise<Retrieval> {
  const { recipe, model, tokenizer, loaded } = prepared;
  const { method, rerank } = recipe.retrieval;
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.reverse()) await one();
  };
  const threads = { threads: recipe.machine.threads ?? runtime.cores };
  try {
    const meteredEmbedder = await openMeteredEmbedderOf(prepared, output, runtime, closing);
    const given = await openGiven(prepared, meteredEmbedder, threads, runtime.signal, closing);
    const reranker = rerank && (await openReranker(resolve(loaded.folder, rerank.model), threads));
    if (reranker) closing.push(() => reranker.close());
    const own = `${recipe.model.source}@${model.revision}`;
    const made = given?.name ?? (needsVectors(method) ? own : "");
    const passages = passageTexts(corpus.index);
    return {
      name: JSON.stringify([
        method,
        made,
        given?.prefixes ?? null,
        reranker?.fingerprint ?? null,
        rerank?.passages ?? 0,
      ]),
      price: async (questions, times) => {
        if (meteredEmbedder === null || given === null) return { expected: 0, most: 0 };
        const once = meteredEmbedder.expectedPrice(await textsWithoutVectors(given, corpus.folder, passages));
        const each = meteredEmbedder.expectedPrice(questions.map((text) => given.prefixes.question + text));
        const sum = (part: "expected" | "most"): number => dollars(once[part]) + times * dollars(each[part]);
        return { expected: sum("expected"), most: sum("most") };
      },
      priceOfQuestion: (questions) => {
        if (meteredEmbedder === null || given === null || questions.length === 0) return 0;
        const { expected } = meteredEmbedder.expectedPrice(
          questions.map((text) => given.prefixes.question + text),
        );
        return dollars(expected) / questions.length;
      },
      openFinder: async (local, making) => {
        const embedder =
          given ??
          (needsVectors(method) && local
            ? hiddenStateEmbedder(local.model, tokenizer, own, runtime.signal)
            : null);
        const vectors = embedder && (await VectorCache.open(embedder, corpus.folder));
        await vectors?.embedMissing(passages, making, runtime);
        return createFinder(corpus, recipe.retrieval, vectors, reranker);
      },
      chargeTo: (runId) => meteredEmbedder?.chargeTo(runId),
      takePaid: () => meteredEmbedder?.takePaid() ?? usd(0),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens the embedder named in the recipe. */
async function openGiven(
  { recipe, loaded }: Prepared,
  meteredEmbedder: MeteredEmbedder | null,
  options: { readonly threads: number },
  signal: AbortSignal,
  closing: (() => Promise<unknown>)[],
): Promise<Embedder | null> {
  const { embedding, method } = recipe.retrieval;
  if (embedding === null || !needsVectors(method)) return null;
  if (meteredEmbedder !== null) return apiEmbedder(meteredEmbedder, embedding);
  const model = await openEmbedder(resolve(loaded.folder, embedding.model ?? ""), options);
  closing.push(() => model.close());
  return folderEmbedder(model, embedding, signal);
}

async function openMeteredEmbedderOf(
  { recipe, loaded }: Prepared,
  output: string,
  runtime: Runtime,
  closing: (() => Promise<unknown>)[],
): Promise<MeteredEmbedder | null> {
  const section = recipe.retrieval.embedding?.endpoint ?? null;
  if (section === null) return null;
  const asked = await resolveEndpoint(section, { recipe, folder: loaded.folder, runtime });
  await mkdir(output, { recursive: true });
  const database = await openDatabase(storePath(output));
  closing.push(() => database.close());
  return openMeteredEmbedder(asked, database, await leaseOwnerOf(runtime.processes, randomUUID()), runtime);
}
