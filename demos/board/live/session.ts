/** One open board with all that the page follows of it; opened once for each load of the page. */
import { createWebsocketTransport } from "../../../adapters/transport/websocket.ts";
import { type Board, openBoard } from "../../../lib/index.ts";
import type { Parameters } from "../connect/parameters.ts";
import { type CostSamples, sampleCost } from "../cost/cost-samples.ts";
import { type EventLog, keepLog } from "../log/event-log.ts";
import { followBoard, type LiveIndex } from "./live-index.ts";
import { createPerson, PERSON_LEASE_MS, type Person } from "./person.ts";
import { type Sightings, watchSightings } from "./sightings.ts";

/** What the page works with. */
export interface Session {
  readonly parameters: Parameters;
  readonly board: Board;
  readonly live: LiveIndex;
  readonly sightings: Sightings;
  readonly person: Person;
  readonly log: EventLog;
  readonly cost: CostSamples;
}

/** Opens the board; the person joins with the first action, and leaves when the page is closed. */
export async function openSession(
  parameters: Parameters,
  onFault: (fault: Error) => void,
): Promise<Session> {
  const { relay, token, rule, name } = parameters;
  const board = await openBoard({
    board: parameters.board,
    rule,
    transport: createWebsocketTransport({
      url: relay.replace(/\/+$/u, ""),
      longestLeaseMs: PERSON_LEASE_MS,
      ...(token === null ? {} : { token }),
    }),
    onFault,
  });
  const live = followBoard(board);
  addEventListener("pagehide", () => void board.close());
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload(); // the board was closed when the page went into the browser's store
  });
  return {
    parameters,
    board,
    live,
    sightings: watchSightings(live),
    person: createPerson(board, name),
    log: keepLog(board, live),
    cost: sampleCost(board),
  };
}
