/** What a document holds, deletions included, in a form that two replicas can compare byte by byte. */
import * as Y from "yjs";

/** Encodes what a document holds; two documents that hold the same give the same bytes. */
export function encodeState(doc: Y.Doc): Uint8Array {
  return Y.encodeSnapshot(Y.snapshot(doc));
}

/** Encodes what a document holds and the given state lacks; null where that is nothing. */
export function encodeMissing(doc: Y.Doc, state: Uint8Array): Uint8Array | null {
  return encodeNews(doc, Y.encodeStateVector(Y.decodeSnapshot(state).sv));
}

/** Encodes what a document holds and the given state vector lacks; null where that is nothing. */
export function encodeNews(doc: Y.Doc, vector: Uint8Array): Uint8Array | null {
  const update = Y.encodeStateAsUpdate(doc, vector);
  return update.length > EMPTY_UPDATE_BYTES ? update : null;
}

/** Tells whether two encoded states are the same. */
export function isSameState(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Tells whether the encoded state `held` includes all of `goal`. */
export function includesState(held: Uint8Array, goal: Uint8Array): boolean {
  const [ours, theirs] = [Y.decodeSnapshot(held), Y.decodeSnapshot(goal)];
  const deletions = Y.mergeDeleteSets([ours.ds, theirs.ds]);
  return (
    Y.equalDeleteSets(deletions, ours.ds) &&
    [...theirs.sv].every(([client, clock]) => (ours.sv.get(client) ?? 0) >= clock)
  );
}

// An update without structs is two zeros: no clients with structs, none with deletions.
const EMPTY_UPDATE_BYTES = 2;
