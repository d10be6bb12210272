/**
 * The gate before one agent's log: holds back what came until a valid signature covers it, and sets the log aside for good
 * where one does not hold. What passes depends on the log alone, so replicas that hold the same log agree on it.
 */
import type { AgentId, Joined, Signed } from "../../core/record.ts";
import type { WrittenValue } from "../log.ts";
import { findFlaw } from "../record-check.ts";
import { fitsKey, openVerifier, type Verifier } from "./agent-key.ts";
import { batchToBytes, hashBytes, isSigned } from "./canonical.ts";
import { findSignedTwice, isPlain } from "./evidence.ts";
import { MAX_BATCH } from "./signer.ts";

/** How many records may stand between what is signed and the next signature; what they refer to is in the document anyway. */
const MAX_UNSIGNED = 100_000;

/** How many batches are let through at a time. */
const MAX_PASSAGES = 64;

/** How often a log that was set aside is searched for a proof of equivocation. */
const MAX_SEARCHES = 16;

/** What passes the gate. */
export interface Passage {
  /** Position of the first value. */
  readonly n: number;
  readonly values: readonly unknown[];
  /** What was set aside, and why, one sentence each. */
  readonly flaws: readonly string[];
}

/** The gate of one log. */
export interface Gate {
  /** Hash of the last batch that passed; empty before the first. */
  readonly head: string;
  /** How long the beginning of the log is that holds all that passed with its signatures. */
  readonly sealed: number;
  readonly isSetAside: boolean;
  /** Takes values that came from elsewhere. */
  hold(values: readonly unknown[]): void;
  /** Hears that this process goes on with the log, by the key of its agent. */
  own(publicKey: string): void;
  /** Lets through what this process wrote itself, up to position `end`. */
  skipTo(end: number): void;
  /** Hears that this process signed a batch with this hash. */
  seal(head: string): void;
  /** Resolves once all that was held at the call has been judged. */
  judged(): Promise<void>;
}

/**
 * Makes the gate of an agent's log.
 *
 * @param readAll - gives the whole log, in search of a proof against its author
 * @param pass - called outside every transaction, in the order of the log
 */
export function createGate(options: {
  readonly board: string;
  readonly agent: AgentId;
  readonly readAll: () => readonly WrittenValue[];
  readonly pass: (passage: Passage) => void;
}): Gate {
  const { board, agent, readAll, pass } = options;
  let held: unknown[] = [];
  let first = 0; // the position of held[0]
  let base = 0; // all before this position has passed
  let next = 0; // the first position that has not been looked at
  let head = "";
  let sealed = 0;
  let publicKey: string | null = null;
  let verify: Verifier | null = null;
  let passages: Passage[] = []; // judged to be good, and not let through yet
  let released = 0; // all before this position has been let through, so far as it will be
  let signatures = 0; // those held and not judged yet
  let step: Promise<void> | null = null;
  let isBusy = false;
  let isSetAside = false;
  let isProven = false;
  let searches = 0;

  const tell = (n: number, reason: string): void =>
    pass({ n, values: [], flaws: [`log ${agent}, record ${n}: ${reason}; ${SET_ASIDE}`] });

  const accuse = async (): Promise<void> => {
    if (isProven || verify === null || ++searches > MAX_SEARCHES) return;
    const twice = await findSignedTwice({ board, agent, verify }, readAll());
    if (twice === null || isProven) return;
    isProven = true;
    tell(twice, EQUIVOCATION);
  };
  const setAside = async (n: number, reason: string): Promise<void> => {
    release();
    isSetAside = true;
    held = [];
    isProven = reason === EQUIVOCATION;
    await accuse();
    if (!isProven || reason === EQUIVOCATION) tell(n, reason);
  };

  const openLogKey = async (): Promise<Verifier | null> => {
    const joined = held[0] as Joined; // the first batch is the first to need the key
    if (publicKey === null && findFlaw(joined, 0, 0) === null && joined.kind === "joined")
      publicKey = joined.key ?? null;
    if (publicKey === null || !fitsKey(agent, publicKey)) return null;
    return openVerifier(publicKey).catch(() => null);
  };

  const judge = async (value: unknown, n: number): Promise<void> => {
    const start = base;
    verify ??= await openLogKey();
    if (base !== start) return setAside(n, FOREIGN);
    if (verify === null) return setAside(0, WRONG_KEY);
    const flaw = findFlaw(value, n, 0);
    if (flaw !== null) return setAside(n, flaw);
    const { from, to, prev, sig } = value as Signed;
    if (from < base || from >= to || to > n || to - from > MAX_BATCH)
      return setAside(n, "its signature covers what it cannot");
    const records = held.slice(from - first, to - first);
    if (!records.every(isPlain)) return setAside(n, BAD_SIGNATURE);
    const bytes = batchToBytes({ board, agent, from, prev, records });
    const isValid = await verify(sig, bytes);
    if (base !== start) return setAside(n, FOREIGN);
    if (!isValid) return setAside(n, BAD_SIGNATURE);
    if (prev !== head) return setAside(n, from === base ? EQUIVOCATION : MISSING);
    head = hashBytes(bytes);
    sealed = n + 1;
    const gap = held.slice(base - first, from - first).findIndex((one) => !isSigned(one));
    const unsigned = `log ${agent}, record ${base + gap}: it was never signed, so it is left out`;
    base = to;
    if (base - first > held.length / 2) trim();
    passages.push({ n: from, values: records, flaws: gap === -1 ? [] : [unsigned] });
  };

  /** Lets through many batches at a time where many wait: what follows from each time costs more than they. */
  const release = (): void => {
    const good = passages;
    passages = [];
    for (const passage of good) pass(passage);
    released = next;
  };

  /** Lets go of what has passed; not each time, as what is left is copied. */
  const trim = (): void => {
    held = held.slice(base - first);
    first = base;
  };

  const advance = async (): Promise<void> => {
    while (!isSetAside && next < first + held.length) {
      const n = next;
      const value = held[n - first];
      if (isSigned(value)) {
        signatures--;
        step = judge(value, n);
      } else if (n - base >= MAX_UNSIGNED) step = setAside(n, TOO_MANY);
      if (step !== null) await step;
      step = null;
      next = Math.max(n + 1, base);
      if (signatures <= 0 || passages.length >= MAX_PASSAGES) release();
    }
    isBusy = false;
    release();
  };

  return {
    get head() {
      return head;
    },
    get sealed() {
      return sealed;
    },
    get isSetAside() {
      return isSetAside;
    },
    hold(values) {
      if (isSetAside) {
        if (values.some(isSigned)) step = (step ?? Promise.resolve()).then(accuse);
        return;
      }
      for (const value of values) {
        held.push(value);
        if (isSigned(value)) signatures++;
      }
      if (isBusy) return;
      isBusy = true;
      void advance();
    },
    own(key) {
      publicKey = key;
    },
    skipTo(end) {
      held = [];
      signatures = 0;
      first = end;
      base = end;
      if (!isBusy) next = end;
    },
    seal(hash) {
      head = hash;
    },
    async judged() {
      const end = first + held.length;
      while (step !== null && (isSetAside || released < end)) {
        const current: Promise<void> = step;
        await current;
        if (isSetAside && step === current) break;
      }
    },
  };
}

const BAD_SIGNATURE = "bad signature";
const WRONG_KEY = "its key is not the one that its agent's name is made of";
const FOREIGN = "another process writes it while this one does";
const MISSING = "what its author signed before it is missing here";
const TOO_MANY = `no signature follows within ${MAX_UNSIGNED} records`;
const EQUIVOCATION =
  "equivocation: its author has signed two things for one place, so replicas were told different ones";
const SET_ASIDE = "the rest of the log is set aside";
