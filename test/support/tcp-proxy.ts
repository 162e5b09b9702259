/** @file A line to a server that can be cut. */
import { connect, createServer, type Socket } from "node:net";

/** A port of this machine that leads to another one. */
export interface Proxy {
  readonly port: number;
  /** Ends all connections, and takes no new one until `mend`. Returns how many there were. */
  cut(): number;
  mend(): void;
  close(): void;
}

/** Starts a proxy to a port of this machine, on one of its addresses. */
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
