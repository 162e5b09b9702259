/** @file Names of runs beside each other: where several have one name, the end of their ids tells them apart. */

/** The runs with names of their own. Order and all else stay. */
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

/** Ends are not shorter than this. */
const leastLetters = 4;

/** The shortest end of an id that no other id has. */
function endOf(id: string, ids: readonly string[]): string {
  for (let letters = leastLetters; letters < id.length; letters++) {
    const end = id.slice(-letters);
    if (ids.every((other) => other === id || !other.endsWith(end))) return end;
  }
  return id;
}
