/** @file Every public price list: its address and its reader of `catalog/prices/lists/`. */
import {
  emptyPrices,
  gpuhuntDate,
  mergePrices,
  type PriceBook,
  readGpuhuntTable,
  readLlmPrices,
  readSkypilotCatalog,
  readZipTexts,
  type SkypilotCloud,
  skypilotClouds,
} from "../../catalog/index.ts";
import { type Finding, TunewiseError } from "../../problem/index.ts";

/** Rows of one list. */
export interface FetchedList {
  readonly prices: PriceBook;
  readonly findings: readonly Finding[];
}

/** Downloads a file of a list. The address is relative to the list's root. */
export type FetchFile = (address: string, maxBytes: number) => Promise<Uint8Array>;

/** A public price list. */
export interface PublicList {
  /** Prefix for the source names of the list's rows. */
  readonly name: string;
  /** Default base address of the list's files, and their path on a mirror. */
  readonly root: string;
  readonly mirror: string;
  /**
   * Downloads and parses the list.
   *
   * @param today ISO date for rows of a list without a date
   */
  readonly read: (root: string, fetchFile: FetchFile, today: string) => Promise<FetchedList>;
}

const mebibyte = 2 ** 20;

/** All lists in order of increasing precedence. If rows are equal, the later list's row is used. */
export const publicLists: readonly PublicList[] = [
  ...Object.entries(skypilotClouds).map(([cloud, version]) => skypilotList(cloud as SkypilotCloud, version)),
  {
    name: "gpuhunt",
    root: "https://dstack-gpu-pricing.s3.eu-west-1.amazonaws.com/v2",
    mirror: "gpuhunt",
    read: readGpuhunt,
  },
  { name: "simonw/llm-prices", root: "https://www.llm-prices.com", mirror: "llm-prices", read: readAnswers },
];

function skypilotList(cloud: SkypilotCloud, version: string): PublicList {
  const name = `skypilot-catalog ${version}/${cloud}`;
  return {
    name,
    root: "https://raw.githubusercontent.com/skypilot-org/skypilot-catalog/master/catalogs",
    mirror: "skypilot",
    read: async (root, fetchFile, today) => {
      const text = decode(await fetchFile(`${root}/${version}/${cloud}/vms.csv`, 64 * mebibyte));
      const { machines, findings } = readSkypilotCatalog(text, cloud, { name, asOf: today });
      return { prices: { ...emptyPrices, machines }, findings };
    },
  };
}

/**
 * Reads the version file, then the archive of that version, which has one table per provider.
 *
 * @source dstackai/gpuhunt src/gpuhunt/_internal/catalog.py (VERSION_URL, CATALOG_URL)
 */
async function readGpuhunt(root: string, fetchFile: FetchFile, today: string): Promise<FetchedList> {
  const version = decode(await fetchFile(`${root}/version`, 100)).trim();
  if (!/^[\w.-]{1,40}$/.test(version)) throw new Error("its version is no version");
  const archive = await fetchFile(`${root}/${version}/catalog.zip`, 64 * mebibyte);
  const name = `gpuhunt ${version}`;
  const asOf = earlier(gpuhuntDate(version), today);
  const lists: FetchedList[] = [];
  for (const [file, text] of readZipTexts(archive, ".csv", name)) {
    lists.push(readTable(text, file, name, asOf));
  }
  if (lists.length === 0) throw new Error("its archive holds no tables");
  return {
    prices: mergePrices(...lists.map(({ prices }) => prices)),
    findings: lists.flatMap(({ findings }) => findings),
  };
}

/** Parses a table. An unreadable table becomes a finding and does not affect the others. */
function readTable(text: string, file: string, name: string, asOf: string): FetchedList {
  try {
    const { machines, findings } = readGpuhuntTable(text, file, { name, asOf });
    return { prices: { ...emptyPrices, machines }, findings };
  } catch (error) {
    if (!TunewiseError.is(error)) throw error;
    const { code, kind, message, fix } = error;
    const finding: Finding = {
      code,
      severity: "warning",
      title: kind.title,
      detail: message,
      where: [],
      count: 1,
      fix,
    };
    return { prices: emptyPrices, findings: [finding] };
  }
}

/**
 * Reads the prices of inference APIs.
 *
 * @source simonw/llm-prices README.md and scripts/build.py
 */
async function readAnswers(root: string, fetchFile: FetchFile, today: string): Promise<FetchedList> {
  const text = decode(await fetchFile(`${root}/current-v1.json`, 8 * mebibyte));
  const { inference, findings } = readLlmPrices(text, { name: "simonw/llm-prices", asOf: today });
  return { prices: { ...emptyPrices, inference }, findings };
}

/** Replaces a future date with today's, since a list cannot come from the future. */
function earlier(date: string | null, today: string): string {
  return date !== null && date < today ? date : today;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
