/**
 * @file The project that something is put into, made where there is none.
 */
import {
  findWandbProject,
  grantMaker,
  openWandbProject,
  type Project,
  type Transaction,
} from "../../../track/index.ts";
import { demandSubjects } from "../access/authorize.ts";
import type { WandbCall } from "./call.ts";
import type { ProjectPlace } from "./project-place.ts";

/**
 * Opens a project to write to. Whoever makes one is its admin; and somebody else may have made it since the caller's
 * rights were looked at, so that they are looked at again.
 *
 * @throws {Refused} 403
 */
export async function openProject(
  transaction: Transaction,
  place: ProjectPlace,
  { caller }: Pick<WandbCall, "caller">,
  nowMs: number,
): Promise<Project> {
  const found = await findWandbProject(transaction, place);
  if (found) {
    await demandSubjects(caller, "write", [{ project: found.number }], transaction);
    return found;
  }
  const made = await openWandbProject(transaction, place, nowMs);
  await grantMaker(transaction, made, { name: caller.name, ms: nowMs });
  return made;
}
