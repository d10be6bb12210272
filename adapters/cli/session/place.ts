/** Where a command finds its board: as its options say, else where its session is, else where its project's is. */
import { chooseMedium, type Medium, type MediumOptions } from "../board/medium.ts";
import type { BoardOptions } from "../board/open-board.ts";
import { usageFault } from "../fault.ts";
import { findProjectPlace } from "../project/project-place.ts";
import { readSession, type Session, sessionPath } from "./session-file.ts";

/** Which board, where a session may say it. */
export interface PlaceOptions extends BoardOptions {
  readonly session?: string;
}

/** Adds the place of the session, else of the project, to options that name none; whoever only reads needs no more of it. */
export async function recallPlace<O extends PlaceOptions>(options: O): Promise<O> {
  if (isNamed(options)) return options;
  const session = await readSession(sessionPath(options.session));
  return session === null ? placeInProject(options) : { ...options, ...placeOf(session, options) };
}

/**
 * Adds the place of the project to options that name none; without either they stay as they are.
 *
 * @throws CliFault `USAGE` when its configuration is broken
 */
export function placeInProject<O extends BoardOptions>(options: O): O {
  const project = isNamed(options) ? null : findProjectPlace(process.cwd());
  return project === null ? options : { ...options, ...placeOf(project, options) };
}

/**
 * The board of a session, or of the options where there is none yet.
 *
 * @throws CliFault `USAGE` when the options name another board than the session
 */
export function mediumOf(options: PlaceOptions, session: Session | null): Medium {
  if (session === null) return chooseMedium(options);
  const medium = chooseMedium(placeOf(session, options));
  const [there, here] = [medium, isNamed(options) ? chooseMedium(options) : medium].map(addressOf);
  if (there !== here)
    throw usageFault(
      `the session is at ${there}, not at ${here}; leave out the place, or use another --session`,
    );
  return medium;
}

function isNamed({ relay, folder }: MediumOptions): boolean {
  return relay !== undefined || folder !== undefined;
}

function placeOf(
  { relay, folder, tokenFile, rule: usual }: MediumOptions & Pick<BoardOptions, "rule">,
  options: BoardOptions,
): MediumOptions & Pick<BoardOptions, "rule"> {
  const file = options.tokenFile ?? tokenFile;
  const rule = options.rule ?? usual;
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(file === undefined ? {} : { tokenFile: file }),
    ...(relay === undefined ? {} : { relay }),
    ...(folder === undefined ? {} : { folder }),
  };
}

function addressOf({ named }: Medium): string {
  return named.relay === undefined ? `--folder ${named.folder}` : `--relay ${named.relay}`;
}
