/** @file Sources of a layer's matrices: all in memory, or streamed from disk layer by layer. */

import type { StoredWeight, WeightFiles } from "../../weights/index.ts";
import { type Architecture, projections } from "../models/architecture.ts";
import type { Workspace } from "./workspace.ts";

/** Float32 matrices of one layer, by name; valid until another layer is requested. */
export interface MatrixSource {
  layer(at: number, next?: number): Promise<Readonly<Record<string, Float32Array>>>;
}

/** Inputs of both sources. */
export interface MatrixFiles {
  /** Its projections are in a format that the workspace can widen. */
  readonly files: WeightFiles;
  readonly nameOf: (layer: number, path: string) => string;
  readonly model: Architecture;
  readonly workspace: Workspace;
}

type Stored = readonly (readonly [name: string, weight: StoredWeight])[];

/** Reads all layers once and keeps them in memory. */
export async function loadMatrices(source: MatrixFiles, isWide: boolean): Promise<MatrixSource> {
  const layers: Stored[] = [];
  for (let layer = 0; layer < source.model.layers; layer++) {
    layers.push(await (isWide ? readWide(source, layer) : readStored(source, layer)));
  }
  return once(async (at) => widen(source, layers[at] ?? []));
}

/**
 * Reads a layer on demand into one of two alternating buffers and prefetches the next one: the operating system reads
 * while the programs compute, and its page cache keeps what fits.
 */
export function streamMatrices(source: MatrixFiles): MatrixSource {
  const arenas = [new ByteArena(), new ByteArena()];
  let turn = 0;
  let ahead: { readonly at: number; readonly read: Promise<Stored> } | null = null;
  const start = (at: number): { readonly at: number; readonly read: Promise<Stored> } => {
    const arena = arenas[turn++ % 2] as ByteArena;
    arena.reset();
    const read = readStored(source, at, (bytes) => arena.take(bytes));
    // whoever awaits the read sees the failure; until then it must not count as an unhandled rejection
    read.catch(() => undefined);
    return { at, read };
  };
  return once(async (at, next) => {
    // a prefetch of another layer still writes into its arena and has to end before the arena is reused
    if (ahead !== null && ahead.at !== at) await ahead.read.catch(() => undefined);
    const stored = await (ahead?.at === at ? ahead : start(at)).read;
    ahead = next === undefined || next === at ? null : start(next);
    return widen(source, stored);
  });
}

/** Caches the layer that was requested last. */
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
  // sequential, so that the arena hands out its pieces in the same order every time
  for (const { path } of projections(model)) {
    const name = nameOf(layer, `${path}.weight`);
    const weight = await files.readStored(name, take);
    stored.push([`${path}.weight`, weight ?? { stored: "F32", values: await files.read(name) }]);
  }
  return stored;
}

/** Pieces are aligned to cache lines. */
const lineBytes = 64;

/** An arena allocator: after `reset` the same memory is handed out again, in the same order. */
class ByteArena {
  private readonly chunks: Uint8Array[] = [];
  private at = 0;

  /** A piece of memory with undefined content. */
  take(bytes: number): Uint8Array {
    const known = this.chunks[this.at];
    const chunk =
      known && known.byteLength >= bytes ? known : new Uint8Array(Math.ceil(bytes / lineBytes) * lineBytes);
    this.chunks[this.at++] = chunk;
    return chunk.subarray(0, bytes);
  }

  /** Frees all pieces for reuse. */
  reset(): void {
    this.at = 0;
  }
}
