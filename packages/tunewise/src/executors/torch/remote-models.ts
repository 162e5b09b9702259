/** @file The base and tuned model of a worker, queried over its connection. */

import type { EncodedRow } from "@tunewise/core/rows";
import { z } from "zod";
import type { MeasuredModel, ModelPair } from "../../scoring/index.ts";
import type { ProcessExecution } from "../process/execution.ts";

/** Numbers that JSON cannot represent are strings, as everywhere in the contract. */
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)]);
const lossSchema = z.array(z.object({ nll: number, labelledTokens: z.int().min(0) }));
const answersSchema = z.array(z.array(z.int().min(0)));
const choicesSchema = z.array(z.object({ choice: z.int().min(0), logProbability: number }));
const divergenceSchema = z.array(z.object({ sum: number, positions: z.int().min(0) }));

/** Maximum rows per message. */
const rowsAtOnce = 256;

/** The base and the tuned model of a worker that is pausing. */
export function remoteModels(worker: Pick<ProcessExecution, "query">): ModelPair {
  return {
    base: remoteModel(worker, false),
    tuned: remoteModel(worker, true),
    divergence: async (prompts, signal) => {
      const asked = { prompts: prompts.map(({ ids }) => [...ids]) };
      return sized(divergenceSchema, await worker.query("divergence", asked, { signal }), prompts.length);
    },
  };
}

function remoteModel(worker: Pick<ProcessExecution, "query">, tuned: boolean): MeasuredModel {
  return {
    losses: async (rows, { signal, onRows } = {}) => {
      const found: z.infer<typeof lossSchema> = [];
      for (let first = 0; first < rows.length; first += rowsAtOnce) {
        const part = rows.slice(first, first + rowsAtOnce);
        const onProgress = (done: number): void => onRows?.(first + done);
        const asked = { tuned, rows: part.map(sentRow) };
        found.push(
          ...sized(lossSchema, await worker.query("losses", asked, { signal, onProgress }), part.length),
        );
      }
      return found;
    },
    generate: async (prompts, { onAnswer, onToken: _, signal, ...how }) => {
      let reported = 0;
      const onProgress = (done: number): void => {
        for (; reported < Math.min(done, prompts.length); reported++) onAnswer?.(reported, []);
      };
      const asked = { tuned, prompts: prompts.map((prompt) => [...prompt]), ...how };
      const answers = sized(
        answersSchema,
        await worker.query("generate", asked, { signal, onProgress }),
        prompts.length,
      );
      onProgress(prompts.length);
      return answers;
    },
    choose: async (prompts, choices, { endIds, signal, onAnswer }) => {
      const best: z.infer<typeof choicesSchema> = [];
      let reported = 0;
      const asked = {
        tuned,
        endIds,
        prompts: prompts.map((prompt) => [...prompt]),
        choices: choices.map((choice) => Array.from(choice)),
      };
      const onProgress = (done: number): void => {
        for (; reported < Math.min(done, prompts.length); reported++)
          onAnswer?.(reported, { choice: 0, logProbability: 0 });
      };
      best.push(
        ...sized(choicesSchema, await worker.query("choose", asked, { signal, onProgress }), prompts.length),
      );
      return best;
    },
  };
}

function sentRow({ ids, labelled }: EncodedRow): { ids: number[]; labelled: number[] } {
  return { ids: [...ids], labelled: [...labelled] };
}

/** Validates a worker's reply, which must have one item per requested item. */
function sized<Item>(schema: z.ZodType<Item[]>, reply: unknown, count: number): Item[] {
  const items = schema.parse(reply);
  if (items.length !== count)
    throw new Error(`Internal: the worker replied with ${items.length} items, not ${count}`);
  return items;
}
