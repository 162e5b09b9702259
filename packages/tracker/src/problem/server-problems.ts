/** @file Problems of servers and of what their clients send. Data only. */

export const serverEntries = {
  SERVER_ADDRESS_UNAVAILABLE: {
    title: "The address is not available",
    message: "Cannot listen on {host}, port {port}: {reason}.",
    fix: "--port 0 takes any free port",
    docs: "Another program has the port, the port needs rights that you do not have, or the host is none of this machine's addresses.",
  },
  SERVER_USERS_MISSING: {
    title: "The server has no users",
    message: "Other machines can reach {host}, and the store has no users to ask for.",
    fix: "tunewise server user add NAME, then tunewise serve --host {host}",
    exitCode: 4,
    docs: "Without users everybody who reaches the server may read, write and delete everything. That is fine on a loopback address, which only programs of this machine reach. On any other address the server starts once the store has users; from the first one on it asks everybody for a name with a password or a token.",
  },
  UPLOAD_CUT_OFF: {
    title: "An upload was cut off",
    message:
      "The client left after {bytes} bytes of {path}. Nothing of it was kept; what was there before is whole.",
    fix: "send the file again; if this persists, look for a proxy that limits the size or the time of requests",
    docs: "A file that clients log is written beside its place and takes it only when its last byte has come.",
  },
} as const;
