/** Traps on all that a rule could know of the world beside its arguments: clocks, randomness, environment, locale, I/O. */

/** What no rule may touch; what a platform does not have is left out. */
const FORBIDDEN = [
  "Date",
  "Date.now",
  "Math.random",
  "performance.now",
  "performance.timeOrigin",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "process.env",
  "process.argv",
  "process.cwd",
  "process.pid",
  "process.platform",
  "process.hrtime",
  "process.uptime",
  "process.cpuUsage",
  "process.memoryUsage",
  "fetch",
  "XMLHttpRequest",
  "WebSocket",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "requestAnimationFrame",
  "localStorage",
  "sessionStorage",
  "navigator",
  "location",
  "document",
  "Intl",
  "Intl.Collator.prototype.compare",
  "String.prototype.localeCompare",
  "String.prototype.toLocaleLowerCase",
  "String.prototype.toLocaleUpperCase",
  "Number.prototype.toLocaleString",
  "Date.prototype.toLocaleString",
  "Date.prototype.getTimezoneOffset",
] as const;

/** A global that a rule touched, by its name. */
export type TouchedGlobal = (typeof FORBIDDEN)[number];

/**
 * Runs `ask` in a world where touching any of the forbidden names throws, and gives what was touched first, or null. What
 * was captured before as a bare function, such as `const { random } = Math`, is out of reach.
 */
export function touchedBy(ask: () => void): TouchedGlobal | null {
  let touched: TouchedGlobal | null = null;
  const restores: (() => void)[] = [];
  const places = FORBIDDEN.map((path) => ({ path, ...placeOf(path) }));
  try {
    for (const { path, owner, key } of places) {
      const trap = (): never => {
        touched ??= path;
        throw new Error(`a rule may not touch ${path}`);
      };
      const restore = setTrap(owner, key, trap);
      if (restore !== null) restores.push(restore);
    }
    ask();
  } finally {
    for (const restore of restores.reverse()) restore();
  }
  return touched;
}

function placeOf(path: string): { readonly owner: object | undefined; readonly key: string } {
  const names = path.split(".");
  const key = names.pop() ?? path;
  let owner: object | undefined = globalThis;
  for (const name of names) {
    const next: unknown = owner === undefined ? undefined : Reflect.get(owner, name);
    const isOwner = (typeof next === "object" && next !== null) || typeof next === "function";
    owner = isOwner ? next : undefined;
  }
  return { owner, key };
}

/** Puts a trap in the place of one property; gives how to put back what was there, or null where there was nothing. */
function setTrap(owner: object | undefined, key: string, trap: () => never): (() => void) | null {
  if (owner === undefined || !(key in owner)) return null;
  const before = Reflect.getOwnPropertyDescriptor(owner, key);
  const isSet = Reflect.defineProperty(owner, key, { configurable: true, get: trap, set: trap });
  if (!isSet) return null;
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, key);
    else Reflect.defineProperty(owner, key, before);
  };
}
