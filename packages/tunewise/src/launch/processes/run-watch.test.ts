import { describe, expect, it } from "vitest";
import { fromPs, listProcesses, type ProcessRow } from "./process-list.ts";
import { processesOf, type RunAnchors } from "./run-watch.ts";

/** Parses `pid parent group`, then `m` for marked, `z` for a zombie; the start of a process is its id. */
function rowsOf(...lines: string[]): ProcessRow[] {
  return lines.map((line) => {
    const [pid = 0, parent = 0, group = 0] = line.split(" ").map(Number);
    return {
      pid,
      parent,
      group,
      name: "",
      start: `at ${pid}`,
      isZombie: line.endsWith("z"),
      isMarked: line.endsWith("m"),
    };
  });
}

const leader = { pid: 10, start: "at 10" };
const anchors: RunAnchors = { leader, known: [], members: new Set(), reaper: null, outside: [5] };

describe("the processes of a run", () => {
  const cases: [name: string, rows: ProcessRow[], given: Partial<RunAnchors>, found: number[]][] = [
    [
      "are its group",
      rowsOf("1 0 1", "5 1 5", "10 5 10", "11 10 10", "12 1 10", "20 1 20"),
      {},
      [10, 11, 12],
    ],
    ["and descendants in groups of their own", rowsOf("10 5 10", "11 10 11", "12 11 12"), {}, [10, 11, 12]],
    ["and marked ones wherever they are", rowsOf("10 5 10", "30 1 30 m", "31 30 31"), {}, [10, 30, 31]],
    [
      "and orphans that came to the supervisor",
      rowsOf("5 1 5", "10 5 10", "40 5 40", "41 40 41"),
      { reaper: 5 },
      [10, 40, 41],
    ],
    ["and members of its control group", rowsOf("10 5 10", "60 1 60"), { members: new Set([60]) }, [10, 60]],
    [
      "and those seen before",
      rowsOf("10 5 10", "50 1 50"),
      { known: [{ pid: 50, start: "at 50" }] },
      [10, 50],
    ],
    ["but none whose number is used again", rowsOf("50 1 50"), { known: [{ pid: 50, start: "before" }] }, []],
    [
      "nor a group whose number is",
      rowsOf("10 1 10", "11 10 10"),
      { leader: { pid: 10, start: "before" } },
      [],
    ],
    ["nor one without a known member", rowsOf("11 1 10"), {}, []],
    [
      "but one with a known member",
      rowsOf("11 1 10", "12 1 10"),
      { known: [{ pid: 11, start: "at 11" }] },
      [11, 12],
    ],
    ["also behind a leader that is a zombie", rowsOf("10 5 10 z", "11 1 10"), {}, [11]],
    ["never the supervisor itself", rowsOf("5 11 5 m", "10 1 10", "11 10 10"), {}, [10, 11]],
    ["none before there is a leader", rowsOf("10 5 10"), { leader: null }, []],
    ["even in a circle", rowsOf("10 11 10", "11 10 11"), {}, [10, 11]],
  ];
  it.each(cases)("%s", (_, rows, given, found) => {
    expect(processesOf(rows, { ...anchors, ...given }).map(({ pid }) => pid)).toEqual(found);
  });
});

describe("the list of processes", () => {
  it("is read from ps where there is no /proc", () => {
    const text =
      "    1     0     1 Ss   Wed Nov 25 09:00:00 2026\n  501   1   501 Z+   Wed Nov 25 09:00:01 2026\nnoise\n";
    expect(fromPs(text)).toEqual([
      {
        pid: 1,
        parent: 0,
        group: 1,
        name: "",
        start: "Wed Nov 25 09:00:00 2026",
        isZombie: false,
        isMarked: false,
      },
      {
        pid: 501,
        parent: 1,
        group: 501,
        name: "",
        start: "Wed Nov 25 09:00:01 2026",
        isZombie: true,
        isMarked: false,
      },
    ]);
  });

  it.runIf(process.platform === "linux")(
    "holds this process once, with the start that the table gives",
    async () => {
      const rows = await listProcesses(process.platform, "TUNEWISE_RUN_ID=none");
      const own = rows.filter(({ pid }) => pid === process.pid);
      expect(own).toMatchObject([{ parent: process.ppid, isZombie: false, isMarked: false }]);
    },
  );
});
