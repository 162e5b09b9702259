/**
 * @file Lists that were made for a first page, kept a while for those who go on to the next ones: making them anew for
 * each page would take the square of their length.
 */

/** Lists that are kept, and for how long. */
const maxKept = 20;
const keptMs = 60_000;

type Lists = Map<string, { readonly ms: number; readonly items: readonly unknown[] }>;

const kept = new WeakMap<object, Lists>();

/**
 * A list: the kept one where somebody goes on with it, otherwise a new one.
 *
 * @param owner what the list is of, such as a store; it is forgotten with it
 * @param key names the question
 */
export async function keptList<Item>(
  owner: object,
  key: string,
  { goesOn, nowMs }: { readonly goesOn: boolean; readonly nowMs: number },
  make: () => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const lists: Lists = kept.get(owner) ?? new Map();
  kept.set(owner, lists);
  const known = lists.get(key);
  if (goesOn && known && nowMs - known.ms < keptMs) return known.items as readonly Item[];
  const items = await make();
  lists.delete(key);
  lists.set(key, { ms: nowMs, items });
  for (const oldest of lists.keys()) {
    if (lists.size <= maxKept) break;
    lists.delete(oldest);
  }
  return items;
}
