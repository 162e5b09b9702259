/** @file A TLS proxy in front of an API server that injects the faults between client and server. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningServer } from "./api-stand-in.ts";
import type { Certificate } from "./certificate.ts";
import type { KubeFault, KubeFaults } from "./faults.ts";
import { forward, forwardUpgrade, headersOf, type Target } from "./forward.ts";
import { ApiError } from "./status.ts";

/** Starts the proxy on a free loopback port. */
export async function startFront(
  behind: RunningServer,
  { cert, key }: Certificate,
  faults: KubeFaults = () => null,
): Promise<RunningServer> {
  const faultOf = ({ method = "", url = "" }: IncomingMessage): KubeFault | null =>
    faults({ method, path: url });
  const targetOf = (request: IncomingMessage): Target => {
    const { url, ca } = behind.access;
    return { url, ca, path: request.url ?? "/", headers: headersOf(request) };
  };
  const server = createServer({ cert, key }, (request, response) => {
    passOn(request, response, faultOf(request), targetOf(request)).catch(() => response.destroy());
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (faultOf(request)?.kind === "lose-request") socket.destroy();
    else forwardUpgrade(request, socket, head, targetOf(request));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    ...behind,
    access: { url: `https://127.0.0.1:${port}`, ca: cert, token: behind.access.token },
    end: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  fault: KubeFault | null,
  target: Target,
): Promise<void> {
  if (fault?.kind === "lose-request") return void response.destroy();
  if (fault?.kind === "refuse") {
    const reasons: Readonly<Record<number, string>> = {
      403: "Forbidden",
      500: "InternalError",
      503: "ServiceUnavailable",
    };
    const error = new ApiError(fault.status, reasons[fault.status] ?? "Unknown", fault.message);
    request.resume();
    response.writeHead(fault.status, { "content-type": "application/json" });
    return void response.end(JSON.stringify(error.body()));
  }
  if (fault?.kind === "delay") await sleep(fault.ms);
  const isLost = fault?.kind === "lose-answer";
  await forward(request, response, target, (answer) => {
    if (isLost) answer.resume().once("end", () => response.destroy());
    return isLost;
  });
}
