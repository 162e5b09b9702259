import type { Placement } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { TunewiseError } from "../../problem/index.ts";
import type { WorkerSite } from "../plan/index.ts";
import { isTrainedAt, requireSiteCapacity, settleSite, storedSite } from "./search-site.ts";

const l4 = { name: "NVIDIA L4", memoryBytes: 24e9, usedBytes: 0, capability: 8.9 };

function siteOn(device: "cpu" | "cuda" | "mps", address = "here", cards = 0): WorkerSite {
  const dtype = device === "cuda" ? "bfloat16" : "float32";
  const placement = { kind: "torch", device, dtype, processes: Math.max(1, cards) } as const;
  return { address, cards: Array.from({ length: cards }, () => l4), placement };
}

const here = siteOn("cpu");
const box = siteOn("cuda", "ssh://box", 1);
const asked = (site: WorkerSite | null) => ({ site, choose: null });
const chosen = (site: WorkerSite | null, kind: Placement["kind"]) => ({
  site,
  choose: () => Promise.resolve(kind),
});
const begun = (site: WorkerSite | null) => ({ id: "s-1", site: site && storedSite(site) });

async function problemOf(work: Promise<unknown>): Promise<TunewiseError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!TunewiseError.is(error)) throw new Error("it was not refused");
  return error;
}

test("a new search trains where the call says, or where that is chosen", async () => {
  expect(await settleSite(null, asked(box), "a.yaml")).toBe(box);
  expect(await settleSite(null, asked(null), "a.yaml")).toBeNull();
  expect(await settleSite(null, chosen(here, "torch"), "a.yaml")).toBe(here);
  expect(await settleSite(null, chosen(here, "this-machine"), "a.yaml")).toBeNull();
});

test("an unfinished search goes on where it began, and nothing is chosen again", async () => {
  const never = { site: here, choose: () => Promise.reject(new Error("it was chosen again")) };
  expect(await settleSite(begun(here), asked(here), "a.yaml")).toBe(here);
  expect(await settleSite(begun(here), never, "a.yaml")).toBe(here);
  expect(await settleSite(begun(null), never, "a.yaml")).toBeNull();
  expect(await settleSite(begun(null), asked(null), "a.yaml")).toBeNull();
});

test.each([
  ["no flag", here, null, "tunewise search a.yaml --worker torch"],
  ["the worker for the engine", null, here, "`tunewise search a.yaml`"],
  ["another machine", box, here, "tunewise search a.yaml --on ssh://box"],
  ["another device", siteOn("cuda", "here", 1), here, "tunewise search a.yaml --worker torch"],
])("an unfinished search is refused elsewhere: %s", async (_, before, now, fix) => {
  const error = await problemOf(settleSite(begun(before), asked(now), "a.yaml"));
  expect(error.code).toBe("SEARCH_SITE_CHANGED");
  expect(error.fix).toContain(fix);
});

test("runs of another program or precision are no trials", () => {
  const engine: Placement = {
    kind: "this-machine",
    base: { format: "float32", place: "memory" },
    recompute: "none",
  };
  const torch: Placement = { ...here.placement, recompute: "none" };
  expect(isTrainedAt(null, null)).toBe(true); // the engine in tunewise's own process writes no specification
  expect(isTrainedAt(null, engine)).toBe(true);
  expect(isTrainedAt(null, torch)).toBe(false);
  expect(isTrainedAt(storedSite(here), null)).toBe(false);
  expect(isTrainedAt(storedSite(here), torch)).toBe(true);
  expect(isTrainedAt(storedSite(box), torch)).toBe(false);
});

test.each([
  ["ssh", box, 2, 1, "ssh://box runs one trial at a time"],
  [
    "cluster",
    siteOn("cpu", "ray+http://head:8265"),
    2,
    1,
    "each needs a process, and the cluster would run 1",
  ],
  ["Apple", siteOn("mps"), 2, 1, "an Apple GPU runs one trial at a time"],
  ["cards", siteOn("cuda", "here", 2), 3, 2, "each needs a GPU, and the machine has 2"],
  ["threads", here, 5, 4, "each needs a thread, and the machine has 4"],
])("more trials at once than a site computes are refused: %s", async (_, site, parallel, most, reason) => {
  const error = await problemOf(Promise.resolve().then(() => requireSiteCapacity(site, parallel, 4)));
  expect(error.params).toEqual({ parallel, most, reason });
  requireSiteCapacity(site, most, 4);
});
