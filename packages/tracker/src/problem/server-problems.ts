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
  MODEL_SOURCES_INVALID: {
    title: "This is no policy for sources of models",
    message:
      "--model-sources takes schemes and prefixes of addresses, such as s3:,https://models.example/; found {found}.",
    fix: "write --model-sources s3:,gs:,https://models.example/  or  --model-sources none",
    exitCode: 64,
    docs: "A version in the registry may name files that lie outside of the server. Its address is recorded and handed to clients, and never opened by the server. Paths of a disk cannot be allowed: they mean another file on each machine.",
  },
  ALERT_WEBHOOK_INVALID: {
    title: "The address for alerts is none",
    message: "{variable} is no http or https address.",
    fix: "set {variable} to a complete address, or unset it",
    exitCode: 64,
    docs: "Alerts that runs raise are posted as JSON to the address in TUNEWISE_ALERT_WEBHOOK, by the server alone and nowhere else.",
  },
  ALERT_NOT_SENT: {
    title: "An alert was not sent on",
    message: "The alert was kept with its run, and not sent to {host}: {reason}.",
    fix: "check the address in TUNEWISE_ALERT_WEBHOOK; tunewise runs show RUN lists the alert",
    docs: "An alert is posted up to three times, each with a deadline of 10 seconds. A refusal (a status of 4xx but for 408 and 429) is not repeated.",
  },
} as const;
