/** @file What both servers share: an address is opened in one way, and a client that left has one status. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { problem } from "../problem/index.ts";

/** Status of a request whose client left before its answer. @source nginx, ngx_http_request.h: 499 */
export const clientLeft = 499;

/**
 * Opens an address.
 *
 * @param port 0: any free one
 * @returns the port, and the address with it as clients write it
 * @throws {TunewiseError} `SERVER_ADDRESS_UNAVAILABLE`
 */
export async function listen(
  server: Server,
  host: string,
  port: number,
): Promise<{ readonly port: number; readonly url: string }> {
  const bare = host.replace(/[[\]]/g, "");
  await new Promise<void>((done, failed) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = cause.code ?? cause.message;
      failed(problem("SERVER_ADDRESS_UNAVAILABLE", { host, port, reason }, { cause }));
    });
    server.listen(port, bare, done);
  });
  const bound = (server.address() as AddressInfo).port;
  return { port: bound, url: `http://${host.includes(":") ? `[${bare}]` : host}:${bound}` };
}
