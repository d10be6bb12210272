/** A small deterministic hash: equal on every machine, fit for spreading, not for secrets. */

/** Hashes text to an unsigned 32-bit number (FNV-1a over UTF-16 code units, then murmur3's finalizer). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return finalize(hash);
}

/** Mixes two hashes to a third; what an agent scores on a subject, without hashing either text again. */
export function mixHashes(a: number, b: number): number {
  return finalize(Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ b);
}

function finalize(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
