/** The reasons for which a claim is lost. */

/** Why a claim's work is to stop; the `reason` of its aborted signal. */
export type LossReason =
  | "lost"
  | "resource"
  | "expired"
  | "superseded"
  | "handed-off"
  | "completed"
  | "canceled"
  | "unable"
  | "cut-off"
  | "timeout"
  | "closed";
