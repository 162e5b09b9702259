/** @file Distinguishes runs with the same name by the end of their ids. */

/** Returns the runs with distinct names; order and other fields are unchanged. */
export function withOwnNames<Run extends { readonly id: string; readonly name: string }>(
  runs: readonly Run[],
): Run[] {
  const byName = new Map<string, string[]>();
  for (const { id, name } of runs) byName.set(name, [...(byName.get(name) ?? []), id]);
  return runs.map((run) => {
    const same = byName.get(run.name) ?? [];
    if (run.name === "" || same.length < 2) return run;
    return { ...run, name: `${run.name} …${endOf(run.id, same)}` };
  });
}

/** Minimum length of an id's end. */
const minCharacters = 4;

/** The shortest end of an id that is unique among the ids. */
function endOf(id: string, ids: readonly string[]): string {
  for (let letters = minCharacters; letters < id.length; letters++) {
    const end = id.slice(-letters);
    if (ids.every((other) => other === id || !other.endsWith(end))) return end;
  }
  return id;
}
