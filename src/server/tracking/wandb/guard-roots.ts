/**
 * @file Root fields behind their guard: each says what it is about, and nothing is answered before the caller's rights
 * were looked at, under whatever other names and however often a query asks for it.
 */
import type { ProjectRole } from "../../../track/index.ts";
import { demandSubjects } from "../access/authorize.ts";
import { Refused, type Subjects } from "../route.ts";
import type { WandbCall } from "./call.ts";
import type { Fields } from "./fields.ts";
import type { Roots } from "./graphql.ts";
import { WandbRefusal } from "./refuse.ts";
import type { RootAbout } from "./subjects.ts";

/** A root field. One that does not say what it is about does not compile. */
export interface Root {
  /** What it takes in the projects that it is about. */
  readonly policy: ProjectRole;
  /** `nothing`: no project at all. */
  readonly about: "nothing" | RootAbout;
  readonly answer: (args: Fields, call: WandbCall) => unknown;
}

/** Root fields as GraphQL takes them. */
export function guardRoots(roots: Readonly<Record<string, Root>>): Roots<WandbCall> {
  return Object.fromEntries(
    Object.entries(roots).map(([name, root]) => [
      name,
      async (args: Fields, call: WandbCall) =>
        (await isThere(root, args, call)) ? root.answer(args, call) : null,
    ]),
  );
}

/** Whether there is something to answer about. @throws {WandbRefusal} where the caller may not */
async function isThere({ policy, about }: Root, args: Fields, call: WandbCall): Promise<boolean> {
  if (about === "nothing" || call.caller.isAdmin) return true;
  const subjects = await about(args, call);
  if (subjects === null) return false;
  await demandInWords(call, policy, subjects);
  return true;
}

/** These clients show their users what comes as an error of GraphQL's, and not what comes with a status. */
async function demandInWords({ caller }: WandbCall, policy: ProjectRole, subjects: Subjects): Promise<void> {
  try {
    await demandSubjects(caller, policy, subjects);
  } catch (error) {
    throw error instanceof Refused ? new WandbRefusal(error.message) : error;
  }
}
