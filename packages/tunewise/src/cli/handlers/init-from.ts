/** @file `tunewise init --from` and `--job`: the job of a vendor as the origin of a recipe, and the list of jobs. */
import { dirname, relative } from "node:path";
import { countOf, countText } from "@tunewise/core/quantity";
import { loadPriceBook } from "../../app/prices/index.ts";
import {
  describeOrigin,
  fetchJob,
  findJob,
  type JobAtHome,
  openVendor,
  paidTraining,
  type RecipeOrigin,
  readJobAtHome,
  type VendorClient,
  type VendorJob,
  type VendorPlace,
} from "../../app/vendor-job/index.ts";
import { shutdownOf } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { fittedTable } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { vendorOf } from "./vendor.ts";

/** Rows at home and what the recipe says about them. */
export interface OriginOfData {
  /** Relative to the working directory. */
  readonly data: string;
  readonly test: string | null;
  readonly origin: RecipeOrigin;
}

/** Vendors by the word of `--from`. */
const vendors = { openai: "OpenAI", azure: "Azure OpenAI" } as const;

/**
 * Brings rows home from a vendor, or reads its job from files; `null`: neither `--from` nor `--job` was given.
 *
 * @throws {TunewiseError} `USAGE_VALUE_INVALID`, and those of `app/vendor-job`
 */
export async function originOf(
  call: Call,
  console: Console,
  runtime: Runtime,
  recipePath: string,
): Promise<OriginOfData | null> {
  const [from, job] = [textFlag(call, "from"), textFlag(call, "job")];
  if (from !== null) {
    const { client, url, vendor, name } = openNamed(from, call, console, runtime);
    const found = await findJob(client, name ?? "", new URL(url).host);
    const home = await fetchJob(client, found, {
      folder: dirname(recipePath),
      force: isOn(call, "force"),
      onFile: (file) => console.info(`downloading ${file}`),
    });
    return rowsOf(home, vendor, runtime);
  }
  if (job === null) return null;
  const file = textFlag(call, "file") ?? call.words[0] ?? null;
  if (file === null) {
    const expected = "the file of its training rows as well";
    const fix = `--job ${job} --file rows.jsonl`;
    throw problem("USAGE_VALUE_INVALID", { name: "--job", expected, found: job, fix });
  }
  const validation = textFlag(call, "validation-file");
  return rowsOf(await readJobAtHome({ job, file, validation }, runtime.cwd), "a vendor", runtime);
}

interface NamedVendor {
  readonly client: VendorClient;
  readonly url: string;
  /** For sentences. */
  readonly vendor: string;
  /** Job or model; `null`: all. */
  readonly name: string | null;
}

function openNamed(from: string, call: Call, console: Console, runtime: Runtime): NamedVendor {
  const [, word = "", name = null] = /^(openai|azure)(?::(.+))?$/.exec(from) ?? [];
  if (word === "") {
    const expected = "openai or azure, with a job or a model after a colon";
    throw problem("USAGE_VALUE_INVALID", { name: "--from", expected, found: from, fix: "--from openai" });
  }
  const style = word as keyof typeof vendors;
  const place = placeOf(call, console, style);
  const client = openVendor(place, runtime);
  const { host, hostname } = new URL(place.url);
  const isOwn = /(?:^|\.)openai(?:\.azure)?\.com$/.test(hostname);
  return { client, url: place.url, vendor: isOwn ? vendors[style] : host, name };
}

function placeOf(call: Call, console: Console, style: keyof typeof vendors): VendorPlace {
  const place = vendorOf(call, console.io.env, style);
  const isAzure = style === "azure" && textFlag(call, "url") === null;
  if (isAzure && !console.io.env["AZURE_OPENAI_ENDPOINT"]?.trim())
    throw problem("ASK_KEY_MISSING", { name: "AZURE_OPENAI_ENDPOINT" });
  // @source learn.microsoft.com/azure/ai-services/openai/api-version-lifecycle: the v1 API is under /openai/v1
  const isBare = style === "azure" && URL.canParse(place.url) && new URL(place.url).pathname === "/";
  return { ...place, url: isBare ? `${place.url.replace(/\/+$/, "")}/openai/v1` : place.url };
}

async function rowsOf(home: JobAtHome, vendor: string, runtime: Runtime): Promise<OriginOfData> {
  const { prices } = await loadPriceBook(runtime, null);
  const shown = (path: string): string => relative(runtime.cwd, path) || path;
  const today = runtime.now().toISOString().slice(0, 10);
  return {
    data: shown(home.train),
    test: home.test === null ? null : shown(home.test),
    origin: describeOrigin(home, paidTraining(home.job, prices.training), vendor, today),
  };
}

/**
 * Prints the jobs of a vendor, newest first, with the end of their models, if `--from` names a vendor alone.
 *
 * @returns whether it did
 */
export async function listJobs(call: Call, console: Console, runtime: Runtime): Promise<boolean> {
  const from = textFlag(call, "from");
  if (from === null) return false;
  const { client, name } = openNamed(from, call, console, runtime);
  if (name !== null) return false;
  const [jobs, models] = [await client.jobs(), await client.models().catch(() => [])];
  const ends = new Map(models.map(({ id, endsOn }) => [id, endsOn] as const));
  const today = runtime.now().toISOString().slice(0, 10);
  const rows = jobs.map((job) => ({ job, endsOn: endOf(job, ends) }));
  const made = rows.filter(({ job }) => job.status === "succeeded");
  const best = made.find(({ endsOn }) => endsOn === null || endsOn >= today) ?? made[0];
  const next = best === undefined ? null : `tunewise init --from ${from}:${best.job.id}`;
  if (console.json) console.document({ jobs: rows.map(({ job, endsOn }) => documentOf(job, endsOn)), next });
  else if (rows.length === 0) console.result("This key sees no fine-tuning jobs.");
  else console.result(jobsText(rows, today, console.columns));
  if (!console.json && next !== null) console.info(`next: ${next}`);
  return true;
}

interface ListedJob {
  readonly job: VendorJob;
  readonly endsOn: string | null;
}

function documentOf(job: VendorJob, endsOn: string | null): object {
  return {
    id: job.id,
    status: job.status,
    base: job.base,
    model: job.tuned,
    trained_tokens: job.trainedTokens,
    created: job.createdAt?.toISOString() ?? null,
    ends_on: endsOn,
  };
}

function jobsText(rows: readonly ListedJob[], today: string, columns: number): string {
  return fittedTable(
    ["job", ["status", 2], "model", ["#tokens", 3], ["created", 4], ["ends", 1]],
    rows.map(({ job, endsOn }) => [
      plain(job.id),
      plain(job.status),
      plain(job.tuned ?? `none, from ${job.base}`),
      job.trainedTokens === null ? "-" : countText(job.trainedTokens),
      job.createdAt?.toISOString().slice(0, 10) ?? "-",
      endText(endsOn, today),
    ]),
    columns,
  );
}

function endOf(job: VendorJob, ends: ReadonlyMap<string, string | null>): string | null {
  if (job.tuned === null) return null;
  return ends.get(job.tuned) ?? shutdownOf(job.tuned)?.on ?? null;
}

function endText(endsOn: string | null, today: string): string {
  if (endsOn === null) return "-";
  const days = Math.round((Date.parse(endsOn) - Date.parse(today)) / 86_400_000);
  return days >= 0 ? `${endsOn}, ${countOf(days, "day")} left` : `${endsOn}, over`;
}
