/** The laws of knowing nothing but the question: no look at the world, no trace left, no memory of other questions. */
import type { TaskId } from "../../../lib/core/record.ts";
import type { ClaimFacts, RuleContext } from "../../../lib/core/rule.ts";
import { anyCase, withNewNames } from "./arbitrary-case.ts";
import type { Judge } from "./judge.ts";
import type { Law, RuleCase } from "./law.ts";
import { pairsOf } from "./order-law.ts";
import { describeValue, nameClaim, refOf, sayOrder } from "./wording.ts";
import { touchedBy } from "./world-traps.ts";

/** Asked twice, with all the world out of reach, a rule says the same twice and leaves what it was handed as it was. */
export const purity: Law = {
  name: "purity",
  cases: () => anyCase([2, 3]),
  breach(judge, one) {
    const said: { breach: string | null } = { breach: null };
    let fault: unknown = null;
    const touched = touchedBy(() => {
      try {
        said.breach = findChange(judge, one);
      } catch (cause) {
        fault = cause;
      }
    });
    if (touched !== null)
      return `asked for ${one.claims.map(nameClaim).join(" and ")}, it should use nothing but its arguments and touched ${touched}`;
    if (fault !== null) throw fault;
    return said.breach;
  },
};

/**
 * The order of two claims is the same before and after any other question, about other claims or other tasks. What a rule
 * remembers for ever from the very first question on, such as who was seen first, is seen only by a second process.
 */
export const locality: Law = {
  name: "locality",
  cases: () => withNewNames(anyCase([2, 4])),
  breach(judge, { claims, context }) {
    const [a, b] = claims;
    if (a === undefined || b === undefined) return null;
    const { task, attempt } = context;
    const elsewhere = [
      { task: `${task}'` as TaskId, attempt },
      { task, attempt: attempt + 1 },
    ].map((one) => Object.freeze(one));
    const before = judge.order(a, b, context);
    for (const [one, other] of pairsOf(claims).reverse()) {
      for (const place of [context, ...elsewhere]) {
        judge.order(other, one, place);
        judge.order(one, other, place);
      }
      const after = judge.order(a, b, context);
      if (after !== before)
        return `of ${nameClaim(a)} and ${nameClaim(b)}, ${sayOrder(a, b, before)}; that should not change by a question about ${refOf(one)} and ${refOf(other)}, here or in another task, but then ${sayOrder(a, b, after)}`;
    }
    return null;
  },
};

/** Asks with copies that can be written to, so that a rule in sloppy code, which frozen ones do not stop, is seen. */
function findChange(judge: Judge, { claims, context }: RuleCase): string | null {
  const [copies, place] = [claims.map((one) => ({ ...one })), { ...context }];
  for (const [a, b] of pairsOf(copies)) {
    const answers = [1, 2, 3].map(() => judge.rule.compare(a, b, place));
    const changed =
      findWrite(claims, copies) ?? (isSame(context, place) ? null : "the task or the attempt");
    if (changed !== null)
      return `it should leave what it is handed as it was, and changed ${changed}`;
    const other = answers.find((one) => !Object.is(one, answers[0]));
    if (other !== undefined)
      return `asked for ${nameClaim(a)} and ${nameClaim(b)} three times, it should answer the same each time, and answered ${answers.map(describeValue).join(", ")}`;
  }
  return null;
}

function findWrite(claims: readonly ClaimFacts[], copies: readonly ClaimFacts[]): string | null {
  const written = claims.findIndex((one, i) => !isSame(one, copies[i] ?? {}));
  const [before, after] = [claims[written], copies[written]];
  return before === undefined || after === undefined
    ? null
    : `${nameClaim(before)} to ${nameClaim(after)}`;
}

function isSame(before: ClaimFacts | RuleContext, after: object): boolean {
  const [was, is] = [Object.entries(before), Object.entries(after)];
  return (
    was.length === is.length &&
    was.every(([name, value]) => Object.is(value, Reflect.get(after, name)))
  );
}
