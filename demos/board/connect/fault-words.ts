/** Faults of the connection in words: what happened, and what to do about it. */
import { CoordinationError } from "../../../lib/index.ts";

/** A fault as the page tells it. */
export interface FaultWords {
  readonly title: string;
  readonly remedy: string;
  /** The rule that the board is played by, where that is the trouble and is known. */
  readonly rule?: string;
}

/** Tells a fault, without a word of the token. */
export function faultWords(fault: unknown): FaultWords {
  if (!(fault instanceof CoordinationError))
    return {
      title: sayPlain(fault),
      remedy: "Load the page again; if it comes back, please report it.",
    };
  const [title, remedy] = WORDS[fault.code] ?? ["The connection has ended.", RELOAD];
  if (fault.details["mismatch"] === "lease")
    return {
      title: fault.message,
      remedy: "Run the relay with a longer longest lease (`--max-hold-ms`).",
    };
  const other = fault.details["other"] ?? fault.details["expected"];
  const said = { title: `${title} ${fault.message}`, remedy };
  return fault.code === "RULE_MISMATCH" && typeof other === "string"
    ? { ...said, rule: other }
    : said;
}

/** What to say while nobody answers: browsers do not tell why a socket did not open. */
export function unreachableWords(relay: string): FaultWords {
  const origin =
    location.origin === "null" || location.protocol === "file:" ? "null" : location.origin;
  return {
    title: `No relay answers at ${relay}.`,
    remedy: `Start one there (\`stigmergy relay\`), correct the address, or, where it runs, let it take pages of this origin: --allow-origin ${origin}. The page goes on trying.`,
  };
}

const RELOAD = "Load the page again to connect anew.";

const WORDS: Partial<Record<CoordinationError["code"], readonly [title: string, remedy: string]>> =
  {
    ACCESS_DENIED: [
      "The relay does not let this page in.",
      "Put another token into the form, or have one made with `stigmergy token create`.",
    ],
    RULE_MISMATCH: [
      "The board is played by another rule.",
      "Choose the board's rule in the form: claims are decided alike only where everybody uses the same one.",
    ],
    BOARD_MISMATCH: [
      "The relay holds this board in another way than this page.",
      "Check the board's name; a page of the same version as the relay can open it.",
    ],
    GUARANTEE_UNAVAILABLE: [
      "What answers there is no relay of stigmergy.",
      "Check the address; `stigmergy relay` prints the right one.",
    ],
    STORAGE_FAILED: [
      "The relay cannot keep this board now.",
      "The page goes on trying; whoever runs the relay should look at its disk (`stigmergy doctor`).",
    ],
    CONNECTION_CLOSED: ["The connection has ended.", RELOAD],
    AGENT_LEFT: ["You have left the board.", RELOAD],
    RECORD_TOO_LARGE: [
      "The text is too long for the board.",
      "Shorten it; one record holds 16 kB.",
    ],
  };

function sayPlain(fault: unknown): string {
  return fault instanceof Error ? fault.message : "Something went wrong.";
}
