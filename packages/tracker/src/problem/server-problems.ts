/** @file Problems of servers and of what their clients send. Data only. */

export const serverEntries = {
  SERVER_ADDRESS_UNAVAILABLE: {
    title: "The address is not available",
    message: "Cannot listen on {host}, port {port}: {reason}.",
    fix: "--port 0 uses any free port",
    docs: "Another program uses the port, the port needs permissions that you do not have, or the host is not an address of this machine.",
  },
  SERVER_USERS_MISSING: {
    title: "The server has no users",
    message: "Other machines can reach {host}, but the store has no users to authenticate.",
    fix: "tunewise server user add NAME, then tunewise serve --host {host}",
    exitCode: 4,
    docs: "Without users, everyone who reaches the server can read, write and delete everything. That is acceptable on a loopback address, which only programs of this machine can reach. On any other address the server starts only if the store has users. With users, it requires a name with a password, or a token, from everyone.",
  },
  UPLOAD_CUT_OFF: {
    title: "An upload was interrupted",
    message:
      "The client disconnected after {bytes} bytes of {path}. They were discarded; the previous version is intact.",
    fix: "send the file again; if this persists, check for a proxy that limits the size or the duration of requests",
    docs: "A file that clients log is written under a temporary name and renamed when its last byte has arrived.",
  },
  MODEL_SOURCES_INVALID: {
    title: "The policy for model sources is not valid",
    message:
      "--model-sources must be a list of schemes and address prefixes, such as s3:,https://models.example/; found {found}.",
    fix: "write --model-sources s3:,gs:,https://models.example/  or  --model-sources none",
    exitCode: 64,
    docs: "A version in the registry may refer to files outside the server. The server records the address and returns it to clients, but never opens it. Local paths cannot be allowed: they mean a different file on each machine.",
  },
  ALERT_WEBHOOK_INVALID: {
    title: "The webhook address for alerts is not valid",
    message: "{variable} is not an http or https address.",
    fix: "set {variable} to a complete address, or unset it",
    exitCode: 64,
    docs: "The server posts alerts of runs as JSON to the address in TUNEWISE_ALERT_WEBHOOK, and to no other address.",
  },
  ALERT_NOT_SENT: {
    title: "An alert was not sent",
    message: "The alert was saved with its run but not sent to {host}: {reason}.",
    fix: "check the address in TUNEWISE_ALERT_WEBHOOK; tunewise runs show RUN lists the alert",
    docs: "The server posts an alert up to three times, each with a timeout of 10 seconds. It does not retry after a 4xx status other than 408 and 429.",
  },
} as const;
