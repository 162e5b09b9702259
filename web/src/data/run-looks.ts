/**
 * @file The appearance of runs in charts: a color each, and dashed lines or squares beyond the tenth. A run keeps its
 * appearance while the page is open, unless another run in the same chart has the same one.
 */

/** Number of run colors; `--run-0` and so on in the design tokens. */
const colors = 20;
/** Number of colors used for solid lines and round dots. */
const solid = 10;
/** Maximum runs whose appearance is remembered. */
const maxKept = 5_000;

/** Maximum runs in one chart; more could not be distinguished. */
export const maxDrawn: number = colors;

/** Appearance of a run. */
export interface RunLook {
  /** A CSS color. */
  readonly color: string;
  /** Dashed lines and square dots. */
  readonly isDashed: boolean;
}

const kept = new Map<string, number>();

/** Appearances for runs in one chart, most important first; runs beyond `maxDrawn` have none. */
export function looksOf(ids: readonly string[]): ReadonlyMap<string, RunLook> {
  const drawn = [...new Set(ids)].slice(0, maxDrawn);
  const taken = new Map<number, string>();
  for (const id of drawn) {
    const place = kept.get(id);
    if (place !== undefined && !taken.has(place)) taken.set(place, id);
  }
  const settled = new Set(taken.values());
  for (const id of drawn) {
    if (!settled.has(id)) taken.set(freePlace(id, taken), id);
  }
  const places = new Map([...taken].map(([place, id]) => [id, place]));
  for (const [id, place] of places) keep(id, place);
  return new Map(
    drawn.map((id) => {
      const place = places.get(id) ?? 0;
      return [id, { color: `var(--run-${place})`, isDashed: place >= solid }];
    }),
  );
}

/** The appearance of a run that is drawn alone. */
export function lookOf(id: string): RunLook {
  return looksOf([id]).get(id) ?? noLook;
}

/** The appearance of runs that are too many to distinguish. */
export const noLook: RunLook = { color: "var(--quiet)", isDashed: false };

/** Attributes for an element with a run's color swatch. */
export function swatchOf(
  { color, isDashed }: RunLook,
  name = "run-name",
): { readonly class: string; readonly style: Readonly<Record<string, string>> } {
  return { class: isDashed ? `${name} dashed` : name, style: { "--swatch": color } };
}

/** A free index derived from the run's id, or the next free one; solid styles first. */
function freePlace(id: string, taken: ReadonlyMap<number, string>): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  for (let step = 0; step < colors; step++) {
    const place = step < solid ? (sum + step) % solid : solid + ((sum + step) % (colors - solid));
    if (!taken.has(place)) return place;
  }
  return 0;
}

function keep(id: string, place: number): void {
  kept.delete(id);
  kept.set(id, place);
  for (const oldest of kept.keys()) {
    if (kept.size <= maxKept) break;
    kept.delete(oldest);
  }
}
