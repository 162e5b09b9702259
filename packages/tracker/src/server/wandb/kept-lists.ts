/**
 * @file Caches lists that were built for a first page, since building them again for each page would take quadratic
 * time.
 */

/** Maximum cached lists, and how long they are valid. */
const maxKept = 20;
const keptMs = 60_000;

type Lists = Map<string, { readonly ms: number; readonly items: readonly unknown[] }>;

const kept = new WeakMap<object, Lists>();

/**
 * Returns the cached list for a further page, and a new one for a first page.
 *
 * @param owner object that the list belongs to, such as a store; the cache does not outlive it
 * @param key identifies the query
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
