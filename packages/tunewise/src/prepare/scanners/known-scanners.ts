/** @file Known code scanners: whether they are installed, and their entries for a recipe. */
import { findProgram, networkCutter, type Runtime } from "../../runtime/index.ts";

/** A scanner that writes SARIF. */
interface KnownScanner {
  readonly program: string;
  /** Arguments that print its version. */
  readonly version: readonly string[];
  /** Its command for `safety.scanners`. */
  readonly sarif: string;
}

/**
 * Known scanners.
 *
 * @source their documentation: bandit.readthedocs.io (formatters/sarif), semgrep.dev/docs/cli-reference,
 * github.com/opengrep/opengrep, github.com/securego/gosec, github.com/ajinabraham/njsscan, flawfinder(1)
 */
const known: readonly KnownScanner[] = [
  { program: "bandit", version: ["--version"], sarif: "bandit -q -r -f sarif" },
  {
    program: "semgrep",
    version: ["--version"],
    sarif: "semgrep scan --quiet --sarif --metrics=off --config {recipe}/rules",
  },
  {
    program: "opengrep",
    version: ["--version"],
    sarif: "opengrep scan --quiet --sarif --config {recipe}/rules",
  },
  { program: "gosec", version: ["--version"], sarif: "gosec -fmt sarif {folder}/..." },
  { program: "njsscan", version: ["--version"], sarif: "njsscan --sarif -o {output}" },
  { program: "flawfinder", version: ["--version"], sarif: "flawfinder --sarif" },
];

/** A scanner installed on this machine. */
export interface FoundScanner {
  readonly program: string;
  readonly version: string;
  /** Its command for `safety.scanners`. */
  readonly sarif: string;
}

/** Installed scanners, and whether they can be run without network access. */
export interface ScannersHere {
  readonly found: readonly FoundScanner[];
  readonly isCutOff: boolean;
}

const maxSeconds = 20;

/** Looks for known scanners on the search path. */
export async function findScanners(runtime: Runtime): Promise<ScannersHere> {
  const found = await Promise.all(known.map((scanner) => findOne(scanner, runtime)));
  return {
    found: found.filter((one) => one !== null),
    isCutOff: (await networkCutter(runtime)) !== null,
  };
}

async function findOne(
  { program, version, sarif }: KnownScanner,
  { cwd, environment, sources }: Runtime,
): Promise<FoundScanner | null> {
  const path = await findProgram(program, cwd, environment);
  if (path === null) return null;
  const said = await sources.execute?.(path, version, maxSeconds);
  const number = /\d{1,5}(\.\d{1,5}){1,3}/.exec(said?.output ?? "")?.[0];
  return { program, version: number ?? "of an unknown version", sarif };
}
