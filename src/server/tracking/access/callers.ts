/**
 * @file Callers with their rights: everybody of this machine where there are no users, else a user.
 */
import {
  type Reader,
  readableProjects,
  readRoles,
  type User,
  writesSomewhere,
} from "../../../track/index.ts";
import type { Caller } from "../route.ts";

/** Everybody on this machine, who may do everything; and the rights of those who run the server. */
export const nobody: Caller = {
  name: "",
  isAdmin: true,
  rights: {
    rolesIn: async (projects) => new Map(projects.map((project) => [project, "admin"])),
    readable: async () => null,
    writesSomewhere: async () => true,
  },
};

/** A user as a caller. */
export function callerOf({ name, number, role }: User, database: Reader): Caller {
  if (role === "admin") return { ...nobody, name };
  return {
    name,
    isAdmin: false,
    rights: {
      rolesIn: (projects, reader = database) => readRoles(reader, number, projects),
      readable: () => readableProjects(database, number, "projects.number"),
      writesSomewhere: () => writesSomewhere(database, number),
    },
  };
}
