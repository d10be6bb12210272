/** Where a command finds its board: as its options say, else where its session is. */
import { chooseMedium, type Medium, type MediumOptions } from "../board/medium.ts";
import type { BoardOptions } from "../board/open-board.ts";
import { usageFault } from "../fault.ts";
import { readSession, type Session, sessionPath } from "./session-file.ts";

/** Which board, where a session may say it. */
export interface PlaceOptions extends BoardOptions {
  readonly session?: string;
}

/** Adds the place of the session to options that name none; whoever only reads needs no more of it. */
export async function recallPlace<O extends PlaceOptions>(options: O): Promise<O> {
  if (options.relay !== undefined || options.folder !== undefined) return options;
  const session = await readSession(sessionPath(options.session));
  return session === null ? options : { ...options, ...placeOf(session, options) };
}

/**
 * The board of a session, or of the options where there is none yet.
 *
 * @throws CliFault `USAGE` when the options name another board than the session
 */
export function mediumOf(options: PlaceOptions, session: Session | null): Medium {
  if (session === null) return chooseMedium(options);
  const medium = chooseMedium(placeOf(session, options));
  const isNamed = options.relay !== undefined || options.folder !== undefined;
  const [there, here] = [medium, isNamed ? chooseMedium(options) : medium].map(addressOf);
  if (there !== here)
    throw usageFault(
      `the session is at ${there}, not at ${here}; leave out the place, or use another --session`,
    );
  return medium;
}

function placeOf(
  { relay, folder, tokenFile, rule }: Session,
  options: PlaceOptions,
): MediumOptions & Pick<BoardOptions, "rule"> {
  const file = options.tokenFile ?? tokenFile;
  return {
    rule: options.rule ?? rule,
    ...(file === undefined ? {} : { tokenFile: file }),
    ...(relay === undefined ? {} : { relay }),
    ...(folder === undefined ? {} : { folder }),
  };
}

function addressOf({ named }: Medium): string {
  return named.relay === undefined ? `--folder ${named.folder}` : `--relay ${named.relay}`;
}
