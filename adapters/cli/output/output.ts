/** What a command says: data on stdout, talk on stderr, colours only where a person sees them. */
import type { WriteStream } from "node:tty";
import picocolors from "picocolors";
import { createLiveRegion, type LiveRegion } from "./live-region.ts";

/** The two streams of a command. */
export interface Output {
  /** Whether data goes out as JSON, in its envelope. */
  readonly isJson: boolean;
  /** Whether talk is read by a person at a terminal. */
  readonly isTalkLive: boolean;
  /** Whether data is read by a person at a terminal. */
  readonly isDataLive: boolean;
  /** Colours for data, and for talk. */
  readonly dataColors: Colors;
  readonly talkColors: Colors;
  /** Writes data: as JSON in its envelope, or as the text. */
  data(value: unknown, text: () => string): void;
  /** Writes a line of talk; left out where stderr is read by a program, which is told of errors only. */
  talk(line: string): void;
  /** Takes the foot of a terminal; until the region is closed, talk goes above it. */
  openRegion(stream: WriteStream): LiveRegion;
  /** Writes the error that ends the command. */
  error(fault: { readonly code: string; readonly message: string }): void;
}

/** Colour functions; they do nothing where colours are off. */
export type Colors = ReturnType<typeof picocolors.createColors>;

const SCHEMA_VERSION = 1;

/** Makes the output of this process. */
export function createOutput({ isJson }: { readonly isJson: boolean }): Output {
  const isTalkLive = process.stderr.isTTY === true;
  const isDataLive = process.stdout.isTTY === true && !isJson;
  const talkColors = picocolors.createColors(isTalkLive && areColorsWanted());
  let region: LiveRegion | null = null;
  return {
    isJson,
    isTalkLive,
    isDataLive,
    dataColors: picocolors.createColors(isDataLive && areColorsWanted()),
    talkColors,
    data(value, text) {
      process.stdout.write(`${isJson ? envelope({ data: value }) : text()}\n`);
    },
    talk(line) {
      if (region !== null) region.log(line);
      else if (!isJson || isTalkLive) process.stderr.write(`${line}\n`);
    },
    openRegion(stream) {
      const opened = createLiveRegion(stream);
      region = opened;
      return {
        ...opened,
        close(how) {
          region = null;
          opened.close(how);
        },
      };
    },
    error({ code, message }) {
      const text = isJson
        ? envelope({ error: { code, message } })
        : `${talkColors.red("error:")} ${message}`;
      process.stderr.write(`${text}\n`);
    },
  };
}

/** One line of JSON with the version of its shape. */
export function envelope(content: object): string {
  return JSON.stringify({ schema_version: SCHEMA_VERSION, ...content });
}

function areColorsWanted(): boolean {
  return !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}
