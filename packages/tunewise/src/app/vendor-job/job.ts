/** @file A fine-tuning job of a vendor, as OpenAI's API describes it. */
import { z } from "zod";

/** How a vendor trained, and on what. */
export interface VendorJob {
  readonly id: string;
  /** Such as `succeeded`, `running`, `failed` or `cancelled`. */
  readonly status: string;
  /** The model that was tuned, and the result; `null`: none yet. */
  readonly base: string;
  readonly tuned: string | null;
  readonly method: "supervised" | "dpo" | "reinforcement";
  /** `auto`: the vendor chose and does not say what; `null`: not stated. */
  readonly epochs: Setting;
  readonly batchSize: Setting;
  readonly learningRateMultiplier: Setting;
  readonly seed: number | null;
  /** Tokens that were billed. */
  readonly trainedTokens: number | null;
  readonly trainingFile: string;
  readonly validationFile: string | null;
  readonly resultFiles: readonly string[];
  readonly createdAt: Date | null;
  /** Why it failed; `null`: it did not, or nothing is stated. */
  readonly failure: string | null;
}

/** A hyperparameter of a job. */
export type Setting = number | "auto" | null;

/** A model of the vendor. */
export interface VendorModel {
  readonly id: string;
  /** ISO date on which it stops answering; `null`: none is announced. */
  readonly endsOn: string | null;
}

/** A stored file of the vendor. */
export interface VendorFile {
  readonly id: string;
  readonly name: string;
  /** `null`: not stated. */
  readonly bytes: number | null;
}

/** A page of a list. */
export interface VendorPage<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
}

/** IDs become parts of addresses. */
const id = z.string().regex(/^[\w.:-]{1,200}$/);
const text = z.string().max(2000);
const setting = z.union([z.number().finite(), z.literal("auto")]).nullish();
const hyperparameters = z
  .looseObject({ n_epochs: setting, batch_size: setting, learning_rate_multiplier: setting })
  .nullish();
const ofMethod = z.looseObject({ hyperparameters }).nullish();

/** @source openai/openai-node src/resources/fine-tuning/jobs/jobs.ts, FineTuningJob */
const jobShape = z.looseObject({
  id,
  status: text,
  model: text,
  fine_tuned_model: text.nullish(),
  training_file: id,
  validation_file: id.nullish(),
  result_files: z.array(id).max(100).nullish(),
  trained_tokens: z.int().nonnegative().nullish(),
  seed: z.int().nullish(),
  created_at: z.number().nonnegative().max(1e11).nullish(),
  error: z.looseObject({ message: text.nullish() }).nullish(),
  hyperparameters,
  method: z
    .looseObject({ type: text, supervised: ofMethod, dpo: ofMethod, reinforcement: ofMethod })
    .nullish(),
});

/** @source openai/openai-node src/resources/models.ts and src/resources/files.ts */
const modelShape = z.looseObject({ id: text, shutdown_date: z.union([text, z.number()]).nullish() });
const fileShape = z.looseObject({ id, filename: text.nullish(), bytes: z.int().nonnegative().nullish() });

/** Reads a job; `null`: the value has another shape. */
export function readVendorJob(value: unknown): VendorJob | null {
  const { data } = jobShape.safeParse(value);
  if (data === undefined) return null;
  const method =
    data.method?.type === "dpo" || data.method?.type === "reinforcement" ? data.method.type : "supervised";
  const own = data.method?.[method]?.hyperparameters ?? data.hyperparameters;
  return {
    id: data.id,
    status: data.status,
    base: data.model,
    tuned: data.fine_tuned_model ?? null,
    method,
    epochs: own?.n_epochs ?? null,
    batchSize: own?.batch_size ?? null,
    learningRateMultiplier: own?.learning_rate_multiplier ?? null,
    seed: data.seed ?? null,
    trainedTokens: data.trained_tokens ?? null,
    trainingFile: data.training_file,
    validationFile: data.validation_file ?? null,
    resultFiles: data.result_files ?? [],
    createdAt: data.created_at ? new Date(data.created_at * 1000) : null,
    failure: data.error?.message || null,
  };
}

/** Reads a page of jobs; jobs of another shape are left out. `null`: it is no page. */
export function readJobs(value: unknown): VendorPage<VendorJob> | null {
  return readPage(value, readVendorJob);
}

/** Reads a page of models; `null`: it is no page. */
export function readModels(value: unknown): VendorPage<VendorModel> | null {
  return readPage(value, (one) => {
    const { data } = modelShape.safeParse(one);
    return data === undefined ? null : { id: data.id, endsOn: dayOf(data.shutdown_date) };
  });
}

/** Reads what the vendor says about a file; `null`: the value has another shape. */
export function readFile(value: unknown): VendorFile | null {
  const { data } = fileShape.safeParse(value);
  return data === undefined
    ? null
    : { id: data.id, name: data.filename ?? data.id, bytes: data.bytes ?? null };
}

function readPage<Item>(value: unknown, read: (one: unknown) => Item | null): VendorPage<Item> | null {
  const { data } = z
    .looseObject({ data: z.array(z.unknown()), has_more: z.boolean().nullish() })
    .safeParse(value);
  if (data === undefined) return null;
  return { items: data.data.map(read).filter((one) => one !== null), hasMore: data.has_more ?? false };
}

/** A day from a date or from seconds since 1970. */
function dayOf(value: string | number | null | undefined): string | null {
  const date = typeof value === "number" ? new Date(value * 1000) : new Date(value ?? "");
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10);
}
