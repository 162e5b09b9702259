/** @file Interface of a connection to a worker, and the implementation over a local socket. */
import type { Socket } from "node:net";
import { type FromWorker, fromWorkerSchema, readMessages, sendMessage, type ToWorker } from "./protocol.ts";

/** Messages to and from a worker. */
export interface Connection {
  /** Starts reading. Must be called once. */
  open(handlers: ConnectionHandlers): void;
  send(message: ToWorker): void;
  /** Ends the execution, since it has no controller any more. */
  leave(): void;
  /** Whether messages can arrive; `false` while a lost transport is being replaced. */
  isUp(): boolean;
  /** Ends the worker at once. */
  end(): void;
}

/** Callbacks of a controller. */
export interface ConnectionHandlers {
  readonly onMessage: (message: FromWorker) => void;
  /** The transport was lost and replaced; the last messages in either direction may be lost. */
  readonly onReplaced: () => void;
  /** No more messages will arrive. */
  readonly onClose: () => void;
}

/**
 * Connection to a worker on this machine. Each ends with the other.
 *
 * @param end ends the worker at once
 */
export function socketConnection(socket: Socket, end: () => void): Connection {
  return {
    isUp: () => true,
    end,
    open: ({ onMessage, onClose }) => {
      readMessages(socket, fromWorkerSchema, onMessage);
      socket.on("error", () => undefined); // `close` follows
      if (socket.closed)
        queueMicrotask(onClose); // the worker refused it before anybody listened
      else socket.once("close", onClose);
    },
    send: (message) => void sendMessage(socket, message),
    leave: () => void socket.destroy(),
  };
}
