/**
 * @file Brings a job home: its files next to the recipe, and what the vendor did as sentences.
 *
 *     job or model ─► job ─► training, validation and result files ─► origin of a recipe
 */
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import { shutdownOf } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import { readVendorJob, type VendorJob } from "./job.ts";
import { decodeResults, type JobLosses, lossesOf } from "./result-file.ts";
import type { VendorClient } from "./vendor-client.ts";

/** A job and where its rows are. */
export interface JobAtHome {
  readonly job: VendorJob;
  /** Training rows, and rows that the vendor's model was not trained on; absolute paths. */
  readonly train: string;
  readonly test: string | null;
  readonly losses: JobLosses | null;
  /** Day on which the tuned model stops answering; `null`: none is known. */
  readonly endsOn: string | null;
}

/** Where files go. */
export interface HomeFolder {
  /** Absolute path of the recipe's folder. */
  readonly folder: string;
  /** Replaces files that exist. */
  readonly force: boolean;
  readonly onFile?: (name: string) => void;
}

/** Names of the files at home: `init` takes test rows from a file of this name. */
const names = { job: "job.json", train: "train.jsonl", test: "test.jsonl", results: "results.csv" } as const;

const maxJobBytes = 2 ** 20;
const maxResultBytes = 16 * 2 ** 20;

/**
 * Finds a job by its ID, or by the model that it made.
 *
 * @throws {TunewiseError} `VENDOR_JOB_NOT_FOUND`, `VENDOR_MODEL_NOT_FOUND`, and those of the client
 */
export async function findJob(client: VendorClient, name: string, host: string): Promise<VendorJob> {
  if (!name.startsWith("ft:")) return client.job(name);
  const jobs = await client.jobs();
  const found = jobs.find(({ tuned }) => tuned === name);
  if (found !== undefined) return found;
  const made = jobs.flatMap(({ tuned }) => tuned ?? []);
  throw problem("VENDOR_MODEL_NOT_FOUND", {
    model: name,
    host,
    found: made.length === 0 ? "no job that made a model" : made.slice(0, 5).join(", "),
  });
}

/**
 * Downloads the files of a job. The vendor's validation file becomes the test rows, because its model was not trained
 * on them.
 *
 * @throws {TunewiseError} `VENDOR_JOB_UNFINISHED`, `VENDOR_FILE_EXISTS`, and those of the client
 */
export async function fetchJob(client: VendorClient, job: VendorJob, home: HomeFolder): Promise<JobAtHome> {
  if (job.status !== "succeeded") {
    const reason = job.failure === null ? "" : `: ${job.failure}`;
    throw problem("VENDOR_JOB_UNFINISHED", { id: job.id, status: `${job.status}${reason}` });
  }
  const wanted = [
    names.job,
    names.train,
    ...(job.validationFile === null ? [] : [names.test]),
    ...(job.resultFiles.length === 0 ? [] : [names.results]),
  ];
  const taken = wanted.filter((name) => existsSync(join(home.folder, name)));
  if (taken.length > 0 && !home.force) throw problem("VENDOR_FILE_EXISTS", { files: taken.join(", ") });
  const download = async (id: string, name: string): Promise<string> => {
    home.onFile?.(name);
    const path = join(home.folder, name);
    await client.download(await client.file(id), path);
    return path;
  };
  // before the rows: a run that is cut off leaves what a later `--job job.json` needs
  await writeFile(join(home.folder, names.job), `${JSON.stringify(storedJob(job), null, 2)}\n`);
  const train = await download(job.trainingFile, names.train);
  const test = job.validationFile === null ? null : await download(job.validationFile, names.test);
  if (test === null && home.force) await rm(join(home.folder, names.test), { force: true });
  return { job, train, test, losses: await fetchLosses(client, job, home), endsOn: await endOf(client, job) };
}

/**
 * Reads a job from files, without the vendor.
 *
 * @param file training rows, and `validation` those that the vendor did not train on, as typed
 * @throws {TunewiseError} `VENDOR_JOB_INVALID`, `INIT_DATA_NOT_FOUND`
 */
export async function readJobAtHome(
  {
    job: path,
    file,
    validation,
  }: { readonly job: string; readonly file: string; readonly validation: string | null },
  cwd: string,
): Promise<JobAtHome> {
  const job = await jobIn(path, cwd);
  for (const one of [file, validation])
    if (one !== null && !existsSync(resolve(cwd, one)))
      throw problem("INIT_DATA_NOT_FOUND", { path: one, near: `it was named for the job ${job.id}` });
  return {
    job,
    train: resolve(cwd, file),
    test: validation === null ? null : resolve(cwd, validation),
    losses: null,
    endsOn: endOfName(job),
  };
}

async function jobIn(path: string, cwd: string): Promise<VendorJob> {
  const refuse = (reason: string): Error => problem("VENDOR_JOB_INVALID", { path, reason });
  const text = await readTextFile(resolve(cwd, path), maxJobBytes).catch((error: Error) => {
    throw refuse(error.message);
  });
  const job = readVendorJob(parseJson(text));
  if (job !== null) return job;
  throw refuse("it lacks id, status, model or training_file as OpenAI's API writes them");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The job in the vendor's own form, so that `--job` reads it again. */
function storedJob(job: VendorJob): object {
  const hyperparameters = {
    n_epochs: job.epochs,
    batch_size: job.batchSize,
    learning_rate_multiplier: job.learningRateMultiplier,
  };
  return {
    object: "fine_tuning.job",
    id: job.id,
    status: job.status,
    model: job.base,
    fine_tuned_model: job.tuned,
    training_file: job.trainingFile,
    validation_file: job.validationFile,
    result_files: job.resultFiles,
    trained_tokens: job.trainedTokens,
    seed: job.seed,
    created_at: job.createdAt === null ? null : job.createdAt.getTime() / 1000,
    method: { type: job.method, [job.method]: { hyperparameters } },
  };
}

/** The losses are a remark: a result file that is gone or unreadable stops nothing. */
async function fetchLosses(
  client: VendorClient,
  job: VendorJob,
  home: HomeFolder,
): Promise<JobLosses | null> {
  const [id] = job.resultFiles;
  if (id === undefined) return null;
  const path = join(home.folder, names.results);
  try {
    home.onFile?.(names.results);
    // its stated size may be that of another encoding
    await client.download({ ...(await client.file(id)), bytes: null }, path);
    const text = decodeResults(await readTextFile(path, maxResultBytes));
    await writeFile(path, text);
    return lossesOf(text);
  } catch {
    return null;
  }
}

async function endOf(client: VendorClient, job: VendorJob): Promise<string | null> {
  const models = await client.models().catch(() => []);
  return models.find(({ id }) => id === job.tuned)?.endsOn ?? endOfName(job);
}

function endOfName({ tuned, base }: VendorJob): string | null {
  return shutdownOf(tuned ?? base)?.on ?? null;
}
