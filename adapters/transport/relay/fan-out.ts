/** Sends what arrived in one turn of the event loop to everybody else, encoded as few times as possible. */
import { encodeFrame, encodeSync } from "../wire/traffic.ts";
import type { Client } from "./client.ts";

/** An update that was let in, and who sent it. */
export interface Arrival {
  readonly from: Client;
  readonly update: Uint8Array;
}

/** Gives a function that sends the arrivals, in order, to a subscribed client, but for those which it sent itself. */
export function createFanOut(arrivals: readonly Arrival[]): (client: Client) => void {
  const authors = new Set(arrivals.map(({ from }) => from));
  const encodeAll = once(() => encodeFrame(arrivals.map(({ update }) => update)));
  const encodeEach = once(() => arrivals.map(encodeArrival));

  return (client) => {
    if (arrivals.length === 0 || !client.isSubscribed) {
      return; // whoever is not subscribed finds them in its first answer
    }
    if (client.hello === undefined) {
      sendEach(client, arrivals, encodeEach());
    } else if (authors.has(client)) {
      sendOthers(client, arrivals);
    } else {
      client.send(encodeAll());
    }
  };
}

/** Plain y-websocket clients know no frames. */
function sendEach(client: Client, arrivals: readonly Arrival[], messages: Uint8Array[]): void {
  for (const [index, message] of messages.entries()) {
    if (arrivals[index]?.from !== client) {
      client.send(message);
    }
  }
}

function sendOthers(client: Client, arrivals: readonly Arrival[]): void {
  const others = arrivals.filter(({ from }) => from !== client);
  if (others.length > 0) {
    client.send(encodeFrame(others.map(({ update }) => update)));
  }
}

function encodeArrival({ update }: Arrival): Uint8Array {
  return encodeSync({ kind: "update", payload: update });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
