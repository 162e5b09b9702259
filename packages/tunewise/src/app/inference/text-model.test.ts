import { expect, test } from "vitest";
import { createRequestQueue } from "./text-model.ts";

const never = new AbortController().signal;

test("first come, first served, one at a time", async () => {
  const turns = createRequestQueue(10);
  const order: string[] = [];
  const work = async (name: string): Promise<void> => {
    const end = await turns.take(never);
    order.push(`${name} begins`);
    await new Promise((next) => setImmediate(next));
    order.push(`${name} ends`);
    end();
  };
  await Promise.all(["a", "b", "c"].map(work));
  expect(order).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(turns.waiting).toBe(0);
});

test("several at a time, of which each that ends lets in one", async () => {
  const turns = createRequestQueue(1, 2);
  const [first, second] = [await turns.take(never), await turns.take(never)];
  const third = turns.take(never);
  await expect(turns.take(never)).rejects.toMatchObject({ code: "QUEUE_FULL" });
  second();
  const end = await third;
  expect(turns.waiting).toBe(0);
  first();
  end();
  for (let place = 0; place < 2; place++) await turns.take(never);
  expect(turns.waiting).toBe(0);
});

test("only so many wait", async () => {
  const turns = createRequestQueue(2);
  const end = await turns.take(never);
  const waiting = [turns.take(never), turns.take(never)];
  expect(turns.waiting).toBe(2);
  await expect(turns.take(never)).rejects.toMatchObject({ code: "QUEUE_FULL", params: { waiting: 2 } });
  end();
  (await waiting[0])?.();
  (await waiting[1])?.();
  (await turns.take(never))();
});

test("who leaves the line is not served, and the others are", async () => {
  const turns = createRequestQueue(5);
  const end = await turns.take(never);
  const controller = new AbortController();
  const leaving = turns.take(controller.signal);
  const staying = turns.take(never);
  controller.abort(new Error("gone"));
  await expect(leaving).rejects.toThrow("gone");
  expect(turns.waiting).toBe(1);
  end();
  (await staying)();
  await expect(turns.take(controller.signal)).rejects.toThrow("gone");
});
