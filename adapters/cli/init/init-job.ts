/** `stigmergy init`: gives a project a board, and its clients the way to it. Done again, it changes nothing. */
import { relative } from "node:path";
import { chooseMedium } from "../board/medium.ts";
import { findRule } from "../board/open-board.ts";
import { type ExitCode, exitCode, usageFault } from "../fault.ts";
import type { Output } from "../output/output.ts";
import { findProjectPlace, type ProjectPlace } from "../project/project-place.ts";
import { askPerson } from "./ask.ts";
import { type Client, type ClientFile, planClient } from "./client-files.ts";
import { addressOf, type Before, type PlaceToSettle, settlePlace } from "./settle-place.ts";

/** What is to be set up. */
export interface InitOptions extends PlaceToSettle {
  readonly client?: readonly Client[];
}

/** Sets up; nothing is written where anything is in the way. */
export async function initJob(given: InitOptions, output: Output): Promise<ExitCode> {
  const directory = process.cwd();
  const before = findBefore(directory, given);
  const options = await askForRest(given, before, output);
  check(options);
  const plans = await Promise.all(
    [...new Set(options.client)].map((client) => planClient(directory, client, options.force)),
  );
  const { place, isNew } = await settlePlace(directory, before, options);
  for (const plan of plans) await plan.write();
  say({ place, isNew, plans }, output);
  return exitCode.ok;
}

function check({ relay, tokenFile, rule }: InitOptions): void {
  if (rule !== undefined) findRule(rule);
  if (relay === undefined && tokenFile !== undefined)
    throw usageFault("a folder asks for no token; leave out --token-file, or add --relay");
  if (relay !== undefined)
    chooseMedium({ relay, ...(tokenFile === undefined ? {} : { tokenFile }) });
}

function findBefore(directory: string, { force }: InitOptions): Before {
  try {
    return findProjectPlace(directory);
  } catch (error) {
    if (force) return "broken";
    throw error;
  }
}

/** Asks a person what the options leave open, at most twice; a program gets what is usual. */
async function askForRest(
  options: InitOptions,
  before: Before,
  { isJson }: Output,
): Promise<InitOptions> {
  if (isJson || !process.stdin.isTTY || !process.stderr.isTTY) return options;
  const person = askPerson(process.stdin, process.stderr);
  try {
    const isOpen = before === null && options.relay === undefined;
    const relay = isOpen ? await person.askRelay() : options.relay;
    const client = options.client ?? (await person.askClients());
    return { ...options, client, ...(relay === undefined ? {} : { relay }) };
  } finally {
    person.close();
  }
}

interface Setup {
  readonly place: ProjectPlace;
  readonly isNew: boolean;
  readonly plans: readonly ClientFile[];
}

function say({ place, isNew, plans }: Setup, output: Output): void {
  const { file: path, ...where } = place;
  const file = relative(process.cwd(), path);
  const outcome: ClientFile["outcome"] = isNew ? "written" : "unchanged";
  const files = [
    { file, client: null, outcome },
    ...plans.map((plan) => ({ file: plan.file, client: plan.client, outcome: plan.outcome })),
  ];
  output.data({ place: where, files }, () =>
    [
      `${outcome.padEnd(WIDTH)}  ${file}: the board is ${addressOf(place)}`,
      ...plans.map(lineOf),
    ].join("\n"),
  );
  const isChanged = files.some((one) => one.outcome === "written");
  output.talk(
    isChanged
      ? "start your agents here; `stigmergy prime` prints what each should read first"
      : "nothing was changed",
  );
}

const WIDTH = "unchanged".length;

function lineOf({ client, file, outcome }: ClientFile): string {
  const why =
    outcome === "kept" ? "; it has another entry of this name, which --force replaces" : "";
  return `${outcome.padEnd(WIDTH)}  ${file}: for ${client}${why}`;
}
