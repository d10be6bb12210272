/** What is asked of the thread that plays with a user's module, and what it answers. */
import type { Setup } from "../../../property-tests/kit/index.ts";
import type { CliFault, ExitCode } from "../fault.ts";

/** What `stigmergy verify` was asked for. */
export interface VerifyTrial {
  readonly kind: "verify";
  readonly module: string;
  readonly runs: number;
  readonly seed: number;
  readonly nodes: number;
  readonly topology: Setup["topology"] | undefined;
  /** Where a failure goes; a name of its own where left out. */
  readonly save: string | undefined;
  readonly ascii: boolean;
}

/** What `stigmergy replay` was asked for. */
export interface ReplayTrial {
  readonly kind: "replay";
  readonly file: string;
  /** In place of the module that the file names. */
  readonly module: string | undefined;
  readonly ascii: boolean;
}

/** One of both. */
export type Trial = VerifyTrial | ReplayTrial;

/** What came of it: data, as a value and as text. */
export interface Outcome {
  readonly exit: ExitCode;
  readonly value: unknown;
  readonly text: string;
}

/** What the thread says. */
export type TrialWord =
  | { readonly kind: "talk"; readonly line: string }
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  | ({ readonly kind: "fault" } & Pick<CliFault, "code" | "exitCode" | "message">);
