/**
 * @file Proposes the next point to try with the requested proposer, and never one that was effectively tried
 *   before.
 */
import { mulberry32For, type Random } from "@tunewise/core/math";
import type { ProposerName } from "../settings.ts";
import { type Axis, pointCount, settled } from "../space/axis.ts";
import { isNearAny } from "../space/distance.ts";
import type { PointOrigin } from "../state/record.ts";
import { improvementCandidates } from "./expected-improvement.ts";
import { haltonPlace } from "./halton.ts";
import type { Seen } from "./observation.ts";
import { tpeCandidates } from "./tpe.ts";

/** A proposed point and its proposer. */
interface Proposal {
  readonly place: Float64Array;
  readonly origin: PointOrigin;
}

/** Input of a proposal. */
interface ProposalInput {
  readonly axes: readonly Axis[];
  readonly proposer: ProposerName;
  readonly seed: number;
  /** Number of points proposed before; the same number yields the same draw. */
  readonly index: number;
  readonly seen: Seen;
  /** All points tried or known, at any amount of training. */
  readonly tried: readonly Float64Array[];
}

/** Minimum number of trials before a model of them beats a low-discrepancy sequence. */
export function warmUp(axes: readonly Axis[]): number {
  return Math.max(4, Math.min(12, axes.length + 2));
}

/** Maximum number of random draws before a space counts as exhausted; a small space is enumerated instead. */
const evenDraws = 500;
const smallSpace = 20_000;

/**
 * Returns the next point, or `null` if every point is within noise of one that was tried.
 *
 * Models propose once enough trials have a result; before that, and if all their proposals are effectively tried,
 * points come from a low-discrepancy sequence.
 */
export function propose(input: ProposalInput): Proposal | null {
  const { axes, tried } = input;
  const random = mulberry32For(input.seed, 1, input.index);
  const isNew = (place: Float64Array) => !isNearAny(axes, place, tried);
  const modelled = modelCandidates(input, random).find(isNew);
  if (modelled !== undefined) return { place: modelled, origin: input.proposer };
  const even = evenPlace(input, random, isNew);
  return even === null ? null : { place: even, origin: input.proposer === "random" ? "random" : "halton" };
}

function modelCandidates({ axes, proposer, seen }: ProposalInput, random: Random): Float64Array[] {
  const finite = seen.done.filter(({ loss }) => Number.isFinite(loss)).length;
  if (proposer === "random" || proposer === "halton" || finite < warmUp(axes)) return [];
  return proposer === "tpe" ? tpeCandidates(axes, seen, random) : improvementCandidates(axes, seen, random);
}

function evenPlace(
  { axes, proposer, seed, index }: ProposalInput,
  random: Random,
  isNew: (place: Float64Array) => boolean,
): Float64Array | null {
  for (let draw = 0; draw < evenDraws; draw++) {
    const place =
      proposer === "random"
        ? Float64Array.from(axes, random)
        : haltonPlace(index + draw * 7919, axes.length, seed);
    const cell = settled(axes, place);
    if (isNew(cell)) return cell;
  }
  return pointCount(axes) <= smallSpace ? firstUntried(axes, random, isNew) : null;
}

/** The first untried point in an enumeration with a random start. */
function firstUntried(
  axes: readonly Axis[],
  random: Random,
  isNew: (place: Float64Array) => boolean,
): Float64Array | null {
  const count = pointCount(axes);
  const start = Math.floor(random() * count);
  for (let step = 0; step < count; step++) {
    const place = placeAtIndex(axes, (start + step) % count);
    if (isNew(place)) return place;
  }
  return null;
}

/** The cell with an index, reading hyperparameters as digits. */
function placeAtIndex(axes: readonly Axis[], number: number): Float64Array {
  let rest = number;
  return Float64Array.from(axes, ({ count, cell }) => {
    const digit = rest % count;
    rest = Math.floor(rest / count);
    return cell(digit);
  });
}
