/** What of a foreign update is new to a document, found without touching the document. */
import { type Doc, decodeUpdate, diffUpdate, encodeStateVector } from "yjs";
import { encodeMissing } from "../memory/document-state.ts";

/**
 * Gives what of an update is new to the document; null where nothing is. In a mesh everything arrives more than once, also
 * what oneself wrote.
 *
 * @throws Error for an update that cannot be decoded
 */
export function findNews(doc: Doc, update: Uint8Array): Uint8Array | null {
  const { structs, ds } = decodeUpdate(update);
  const known = structs.filter(({ id, length }) => id.clock + length <= clockOf(doc, id.client));
  if (known.length === structs.length && ds.clients.size === 0) {
    return null;
  }
  const isCutting = structs.some(({ id }) => id.clock < clockOf(doc, id.client));
  return isCutting ? diffUpdate(update, encodeStateVector(doc)) : update;
}

/** Encodes what the document holds and the given state lacks, without what waits in it for something that is missing. */
export function encodeWhole(doc: Doc, state: Uint8Array): Uint8Array {
  const { store } = doc;
  const { pendingStructs, pendingDs } = store;
  store.pendingStructs = null; // Yjs would write it too, and the peer would have the same gap
  store.pendingDs = null;
  try {
    return encodeMissing(doc, state) ?? NOTHING;
  } finally {
    store.pendingStructs = pendingStructs;
    store.pendingDs = pendingDs;
  }
}

const NOTHING = new Uint8Array(0);

function clockOf(doc: Doc, client: number): number {
  const last = doc.store.clients.get(client)?.at(-1);
  return last === undefined ? 0 : last.id.clock + last.length;
}
