/**
 * @file Where the matrices of a layer come from: memory, or the file when their turn comes.
 */
import type { StoredWeight, WeightFiles } from "../../weights/index.ts";
import { type Architecture, projections } from "../models/architecture.ts";
import { ByteArena } from "./byte-arena.ts";
import type { Workspace } from "./workspace.ts";

/** Float32 matrices of one layer, by name; valid until another layer is asked for. */
export interface MatrixSource {
  layer(at: number, next?: number): Promise<Readonly<Record<string, Float32Array>>>;
}

/** What both sources are made from. */
export interface MatrixFiles {
  /** Its projections are in a format that the workspace takes. */
  readonly files: WeightFiles;
  readonly nameOf: (layer: number, path: string) => string;
  readonly model: Architecture;
  readonly workspace: Workspace;
}

type Stored = readonly (readonly [name: string, weight: StoredWeight])[];

/** Reads everything once. */
export async function holdMatrices(source: MatrixFiles, isWide: boolean): Promise<MatrixSource> {
  const layers: Stored[] = [];
  for (let layer = 0; layer < source.model.layers; layer++) {
    layers.push(await (isWide ? readWide(source, layer) : readStored(source, layer)));
  }
  return once(async (at) => widen(source, layers[at] ?? []));
}

/**
 * Reads a layer when it is asked for, into one of two places that are used in turn, and the next one meanwhile: the
 * system reads while the programs compute, and keeps what fits in its cache.
 */
export function streamMatrices(source: MatrixFiles): MatrixSource {
  const arenas = [new ByteArena(), new ByteArena()];
  let turn = 0;
  let ahead: { readonly at: number; readonly read: Promise<Stored> } | null = null;
  const start = (at: number): { readonly at: number; readonly read: Promise<Stored> } => {
    const arena = arenas[turn++ % 2] as ByteArena;
    arena.reset();
    const read = readStored(source, at, (bytes) => arena.take(bytes));
    // whoever awaits it sees the failure; until then it is not unhandled
    read.catch(() => undefined);
    return { at, read };
  };
  return once(async (at, next) => {
    // a read for another layer still writes into its arena: it has to end before that is used again
    if (ahead !== null && ahead.at !== at) await ahead.read.catch(() => undefined);
    const stored = await (ahead?.at === at ? ahead : start(at)).read;
    ahead = next === undefined || next === at ? null : start(next);
    return widen(source, stored);
  });
}

/** The layer asked for last is still there. */
function once(layer: MatrixSource["layer"]): MatrixSource {
  let last: { readonly at: number; readonly matrices: Awaited<ReturnType<MatrixSource["layer"]>> } | null =
    null;
  return {
    layer: async (at, next) => {
      if (last?.at !== at) last = { at, matrices: await layer(at, next) };
      return last.matrices;
    },
  };
}

function widen({ workspace }: MatrixFiles, stored: Stored): Readonly<Record<string, Float32Array>> {
  return Object.fromEntries(stored.map(([name, weight]) => [name, workspace.widen(name, weight)]));
}

async function readWide({ files, nameOf, model }: MatrixFiles, layer: number): Promise<Stored> {
  const stored: (readonly [string, StoredWeight])[] = [];
  for (const { path } of projections(model)) {
    const values = await files.read(nameOf(layer, `${path}.weight`));
    stored.push([`${path}.weight`, { stored: "F32", values }]);
  }
  return stored;
}

async function readStored(
  { files, nameOf, model }: MatrixFiles,
  layer: number,
  take?: (bytes: number) => Uint8Array,
): Promise<Stored> {
  const stored: (readonly [string, StoredWeight])[] = [];
  // one after the other, so that pieces of memory are always taken in the same order
  for (const { path } of projections(model)) {
    const name = nameOf(layer, `${path}.weight`);
    const weight = await files.readStored(name, take);
    stored.push([`${path}.weight`, weight ?? { stored: "F32", values: await files.read(name) }]);
  }
  return stored;
}
