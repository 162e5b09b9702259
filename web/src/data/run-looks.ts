/**
 * @file How runs are drawn: a color each, and dashes or squares for those beyond the tenth. A run keeps its look while
 * the page is open, and no two runs that are drawn together have the same one.
 */

/** Colors of runs; `--run-0` and so on in the tokens. */
const colors = 20;
/** Those of solid lines and round dots. */
const solid = 10;
/** Runs whose look is remembered. */
const keptMost = 5_000;

/** Runs that are drawn together at most: more could not be told apart. */
export const drawnMost: number = colors;

/** How a run is drawn. */
export interface RunLook {
  /** A color of CSS. */
  readonly color: string;
  /** Dashed lines, square dots. */
  readonly isDashed: boolean;
}

const kept = new Map<string, number>();

/** Looks of runs that are drawn together, the most important first; those beyond `drawnMost` have none. */
export function looksOf(ids: readonly string[]): ReadonlyMap<string, RunLook> {
  const drawn = [...new Set(ids)].slice(0, drawnMost);
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

/** The look of a run that is drawn alone. */
export function lookOf(id: string): RunLook {
  return looksOf([id]).get(id) ?? noLook;
}

/** The look of runs that are too many to be told apart. */
export const noLook: RunLook = { color: "var(--quiet)", isDashed: false };

/** Attributes of an element with a run's swatch before it. */
export function swatchOf(
  { color, isDashed }: RunLook,
  name = "run-name",
): { readonly class: string; readonly style: Readonly<Record<string, string>> } {
  return { class: isDashed ? `${name} dashed` : name, style: { "--swatch": color } };
}

/** A place by the run's id, or one beside it; solid ones first. */
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
    if (kept.size <= keptMost) break;
    kept.delete(oldest);
  }
}
