/** The law of cost: sorting n claims takes n log n comparisons, so each of these may do a bounded amount of work. */
import type { ClaimFacts } from "../../../lib/core/rule.ts";
import { anyCase } from "./arbitrary-case.ts";
import { RuleFault } from "./judge.ts";
import type { Law } from "./law.ts";
import { nameClaim } from "./wording.ts";

/** Reads of claims' fields that one comparison may take, beside some for every character of the ids. */
const FEW = 64;
const FOR_EACH_CHARACTER = 4;

/**
 * Work is counted in reads, not in time, so that the same rule always gets the same verdict: a rule that goes through all
 * it has seen, or counts up to a number in a claim, reads more and more. Work that reads no claim is not seen.
 */
export const cost: Law = {
  name: "cost",
  cases: () => anyCase([10, 12]),
  breach(judge, { claims, context }) {
    const meter = { reads: 0, limit: 0 };
    const watched = claims.map((one) => countReads(one, meter));
    for (const [i, a] of watched.entries()) {
      for (const [j, b] of watched.entries()) {
        const [claim, rival] = [claims[i], claims[j]];
        if (i === j || claim === undefined || rival === undefined) continue;
        const characters = claim.agent.length + rival.agent.length + context.task.length;
        const limit = FEW + FOR_EACH_CHARACTER * characters;
        if (countOne(() => judge.rule.compare(a, b, context), meter, limit) > limit)
          return `asked for ${nameClaim(claim)} and ${nameClaim(rival)}, after ${i * (claims.length - 1) + j} questions about others, it should read at most ${limit} fields and read more`;
      }
    }
    return null;
  },
};

interface Meter {
  reads: number;
  limit: number;
}

function countOne(ask: () => void, meter: Meter, limit: number): number {
  meter.reads = 0;
  meter.limit = limit;
  try {
    ask();
  } catch (fault) {
    if (!(fault instanceof RuleFault)) throw fault; // what else it does wrong is for the other laws
  }
  meter.limit = Infinity; // what a report reads does not count
  return meter.reads;
}

/** Stops a rule that reads more than it may, so that one which would not end does. */
function countReads(claim: ClaimFacts, meter: Meter): ClaimFacts {
  const count = (): void => {
    if (++meter.reads > meter.limit) throw new RuleFault("it reads too much");
  };
  return new Proxy(claim, {
    get(target, name) {
      count();
      return Reflect.get(target, name);
    },
    has(target, name) {
      count();
      return Reflect.has(target, name);
    },
    ownKeys(target) {
      count();
      return Reflect.ownKeys(target);
    },
  });
}
