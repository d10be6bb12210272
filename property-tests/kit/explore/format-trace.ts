/** Tells a trace of the model checker as a story. */
import type { Trace } from "./explore.ts";

/** How to tell a trace. */
export interface FormatTraceOptions<State, Step> {
  /** A step in words; its JSON where left out. */
  readonly tellStep?: (step: Step, state: State, previous: State) => string;
  /** What to add about the state after it; nothing where left out. */
  readonly tellState?: (state: State) => string;
}

/** Writes a trace as text: one numbered line per step. */
export function formatTrace<State, Step>(
  trace: Trace<State, Step>,
  { tellStep = (step) => JSON.stringify(step), tellState }: FormatTraceOptions<State, Step> = {},
): string {
  const width = String(trace.length - 1).length;
  return trace
    .map(({ step, state }, i) => {
      const previous = trace[i - 1];
      const what =
        step === null || previous === undefined
          ? "at first"
          : tellStep(step, state, previous.state);
      const after = tellState === undefined ? "" : ` | ${tellState(state)}`;
      return `${String(i).padStart(width)}  ${what}${after}`;
    })
    .join("\n");
}
