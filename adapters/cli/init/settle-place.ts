/** Settles with the project where its board is: what was said before stays, unless somebody insists. */
import { resolve } from "node:path";
import { refusedFault } from "../fault.ts";
import {
  boardFolderOf,
  configOf,
  makePlace,
  type ProjectPlace,
  replacePlace,
  type WantedPlace,
} from "../project/project-place.ts";

/** What somebody wants; a folder of the project where no relay is named. */
export interface PlaceToSettle {
  readonly relay?: string;
  readonly tokenFile?: string;
  readonly rule?: string;
  readonly force: boolean;
}

/** A broken configuration is to be written anew, or says itself what is wrong. */
export type Before = ProjectPlace | "broken" | null;

/**
 * Leaves the place as it is where that is what is meant, and says it where nothing is said yet.
 *
 * @throws CliFault `OTHER_PLACE` where another is said, unless `force`
 */
export async function settlePlace(
  directory: string,
  found: Before,
  options: PlaceToSettle,
): Promise<{ readonly place: ProjectPlace; readonly isNew: boolean }> {
  const before = found === "broken" ? null : found;
  if (before !== null && isMeant(before, directory, options))
    return { place: before, isNew: false };
  const wanted = wantedPlace(before, directory, options);
  if (options.force) return { place: await replacePlace(directory, wanted), isNew: true };
  if (before !== null && isMine(before, directory, options)) throw otherPlaceFault(before);
  const place = await makePlace(directory, wanted);
  if (isMeant(place, directory, options)) return { place, isNew: true };
  throw otherPlaceFault(place); // somebody else was faster
}

/** Whoever names no relay means the project's board, wherever it is; one who does, the directory's own. */
function isMine(place: ProjectPlace, directory: string, { relay }: PlaceToSettle): boolean {
  return relay === undefined || place.file === configOf(directory);
}

function isMeant(place: ProjectPlace, directory: string, options: PlaceToSettle): boolean {
  const { relay, tokenFile, rule = place.rule } = options;
  if (!isMine(place, directory, options) || place.rule !== rule) return false;
  const proof = tokenFile === undefined ? undefined : resolve(tokenFile);
  return relay === undefined || (place.relay === relay && place.tokenFile === proof);
}

function wantedPlace(
  before: ProjectPlace | null,
  directory: string,
  { relay, tokenFile, rule }: PlaceToSettle,
): WantedPlace {
  const played = rule === undefined ? {} : { rule };
  if (relay !== undefined)
    return { relay, ...(tokenFile === undefined ? {} : { tokenFile }), ...played };
  const { file: _, ...same } = before ?? { file: "", folder: boardFolderOf(directory) };
  return { ...same, ...played };
}

function otherPlaceFault(place: ProjectPlace): Error {
  return refusedFault(
    "other-place",
    `${place.file} says that the board is ${addressOf(place)}; it is kept, and only --force writes another there`,
  );
}

/** Where a board is, for people. */
export function addressOf({ relay, folder, rule }: ProjectPlace): string {
  const where = relay === undefined ? `in the folder ${folder}` : `behind the relay ${relay}`;
  return rule === undefined ? where : `${where}, by the rule ${rule}`;
}
