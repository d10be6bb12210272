/** The page's state in the hash of its address, which no server sees: a reload or a link brings it back. */

/** What the hash says, name by name. */
export type HashState = Readonly<Record<string, string>>;

/** Reads the hash. */
export function readHash(): HashState {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/** Changes some names, or takes them out where they are undefined; leaves no entry in the browser's history. */
export function writeHash(changes: Readonly<Record<string, string | undefined>>): void {
  const entries = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) entries.delete(name);
    else entries.set(name, value);
  history.replaceState(null, "", `#${entries}`);
}

/** Calls back when somebody edits the hash; returns the way to stop it. */
export function onHashChange(listener: (state: HashState) => void): () => void {
  const tell = (): void => listener(readHash());
  addEventListener("hashchange", tell);
  return () => removeEventListener("hashchange", tell);
}
