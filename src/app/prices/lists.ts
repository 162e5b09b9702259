/**
 * @file The public price lists: where each lies, and how its bytes become rows.
 */
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

/** Fetches a file of a list: address below the list's root, largest size. */
export type FetchFile = (address: string, maxBytes: number) => Promise<Uint8Array>;

/** One public list. */
export interface PublicList {
  /** Rows of it have a source whose name starts so. */
  readonly name: string;
  /** Where its files lie, by default and below a mirror's address. */
  readonly root: string;
  readonly mirror: string;
  /**
   * @param today ISO date of rows whose list states none
   */
  readonly read: (root: string, fetchFile: FetchFile, today: string) => Promise<FetchedList>;
}

const mebibyte = 2 ** 20;

/** Every list, weakest first: where two have the same row, the later one counts. */
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
 * A file names the version; the archive of that version holds a table per provider.
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

/** A table that cannot be read does not take the others with it. */
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

/** @source simonw/llm-prices README.md and scripts/build.py */
async function readAnswers(root: string, fetchFile: FetchFile, today: string): Promise<FetchedList> {
  const text = decode(await fetchFile(`${root}/current-v1.json`, 8 * mebibyte));
  const { inference, findings } = readLlmPrices(text, { name: "simonw/llm-prices", asOf: today });
  return { prices: { ...emptyPrices, inference }, findings };
}

/** A list cannot be of tomorrow. */
function earlier(date: string | null, today: string): string {
  return date !== null && date < today ? date : today;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
