/** @file A proxy whose connections a test can cut. */
import { connect, createServer, type Socket } from "node:net";

/** A local port that forwards to another one. */
export interface Proxy {
  readonly port: number;
  /** Closes all connections and refuses new ones until `mend`. Returns the number of connections. */
  cut(): number;
  mend(): void;
  close(): void;
}

/** Starts a proxy to a local port, listening on the given address. */
export async function startProxy(target: number, host: string = "127.0.0.1"): Promise<Proxy> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return socket.destroy();
    const behind = connect(target, "127.0.0.1");
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => undefined);
      one.once("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    return undefined;
  });
  await new Promise<void>((listening) => server.listen(0, host, listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    cut: () => {
      isCut = true;
      const count = open.size / 2;
      for (const socket of open) socket.destroy();
      return count;
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
