/** One board at a relay that decides nothing: it keeps the document, forwards in order, and echoes markers. */
import * as Y from "yjs";
import { encodeNews } from "./document-state.ts";
import type { Channel } from "./medium.ts";
import type { DownMessage, Hello, UpMessage } from "./message.ts";

/** One board. A client is known to it by the channel that leads down to it. */
export interface RelayBoard {
  /** Processes one message of a client. */
  process(message: UpMessage, from: Channel<DownMessage>): void;
  /** Forwards nothing more to a client. */
  forget(client: Channel<DownMessage>): void;
  /** Starts anew without a record, a rule or a client. */
  clear(): void;
}

/** Makes a board without records. */
export function createRelayBoard(): RelayBoard {
  let doc = new Y.Doc({ guid: "relay" });
  const greeted = new Set<Channel<DownMessage>>();
  let boardRule: string | null = null;

  const forward = (message: DownMessage, sender: unknown): void => {
    for (const client of greeted) {
      if (client !== sender) {
        client.send(message);
      }
    }
  };
  const onUpdate = (update: Uint8Array, sender: unknown): void =>
    forward({ kind: "update", update }, sender);
  doc.on("update", onUpdate);

  const greet = ({ rule, vector }: Hello, client: Channel<DownMessage>): void => {
    boardRule ??= rule;
    if (rule !== boardRule) {
      client.send({ kind: "refusal", rule: boardRule });
    } else {
      const update = encodeNews(doc, vector);
      client.send({ kind: "welcome", update, vector: Y.encodeStateVector(doc) });
      greeted.add(client); // changes follow the welcome, so the client never sees a gap
    }
  };

  return {
    process(message, from) {
      if (message.kind === "hello") {
        greet(message, from);
      } else if (message.kind === "update") {
        Y.applyUpdate(doc, message.update, from);
      } else if (message.kind === "marker") {
        from.send(message);
      } else {
        forward(message, from);
      }
    },
    forget(client) {
      greeted.delete(client);
    },
    clear() {
      doc.destroy();
      doc = new Y.Doc({ guid: "relay" });
      doc.on("update", onUpdate);
      greeted.clear();
      boardRule = null;
    },
  };
}
