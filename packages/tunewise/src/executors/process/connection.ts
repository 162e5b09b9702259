/** @file A connection to a worker: one that ends with its socket, or one that outlives what carries it. */
import type { Socket } from "node:net";
import { type FromWorker, fromWorkerSchema, readMessages, sendMessage, type ToWorker } from "./protocol.ts";

/** Messages to and from a worker. */
export interface Connection {
  /** Starts reading; called once. */
  open(handlers: ConnectionHandlers): void;
  send(message: ToWorker): void;
  /** Ends the execution: nobody is going to control it. */
  leave(): void;
  /** Whether something can come: not while what carried the messages is replaced. */
  isUp(): boolean;
  /** Ends the worker at once. */
  end(): void;
}

/** What a controller does with what comes. */
export interface ConnectionHandlers {
  readonly onMessage: (message: FromWorker) => void;
  /** What carried the messages was lost and replaced: the last ones, in either direction, may not have arrived. */
  readonly onReplaced: () => void;
  /** Nothing comes any more. */
  readonly onClose: () => void;
}

/**
 * The connection to a worker on this machine. It ends with the worker, and the worker ends with it.
 *
 * @param end ends the worker at once
 */
export function socketConnection(socket: Socket, end: () => void): Connection {
  return {
    ...{ isUp: () => true, end },
    open: ({ onMessage, onClose }) => {
      readMessages(socket, fromWorkerSchema, onMessage);
      socket.on("error", () => undefined); // `close` follows
      socket.once("close", onClose);
    },
    send: (message) => void sendMessage(socket, message),
    leave: () => void socket.destroy(),
  };
}
