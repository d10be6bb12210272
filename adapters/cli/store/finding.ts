/** What a check of the doctor comes to. */

/** One check and its outcome. */
export interface Finding {
  readonly check: "node" | "yjs" | "clock" | "store" | "relay";
  readonly isOk: boolean;
  /** What was found, and the remedy where it is not in order. */
  readonly message: string;
  /** The file, offset or address that it is about. */
  readonly details?: Readonly<Record<string, string | number>>;
}
