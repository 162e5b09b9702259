/**
 * @file Lists as tracking servers give them: in pages, with facts as pairs.
 */
import type { Fact } from "../../tracking/nouns.ts";
import { type Loose, looseList, textIn } from "../read-row.ts";
import type { Rest } from "./rest.ts";

/** Items of a list that comes in pages; none where the server does not know the route. */
export async function* pages(
  rest: Rest,
  method: "GET" | "POST",
  path: string,
  fields: Loose,
  list: string,
): AsyncGenerator<Loose> {
  for (let token = ""; ; ) {
    const answer = await rest.ask(method, path, token === "" ? fields : { ...fields, page_token: token });
    if (answer === null) return;
    yield* looseList(answer[list]);
    const next = textIn(answer, "next_page_token");
    if (next === "" || next === token) return;
    token = next;
  }
}

/** Facts as servers give them. */
export function factsOf(list: unknown): Fact[] {
  return looseList(list).map((item) => ({ key: textIn(item, "key"), value: textIn(item, "value") }));
}
