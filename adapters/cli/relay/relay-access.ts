/** Reads from the options of `stigmergy relay` who may connect, and refuses what would surprise. */
import { AccessUndecidedError, decideAccess } from "../../transport/relay/access/decide.ts";
import { readKey } from "../../transport/relay/access/key-file.ts";
import { createOriginCheck } from "../../transport/relay/access/origin.ts";
import type { RelayOptions } from "../../transport/relay.ts";
import { usageFault } from "../fault.ts";
import type { AccessFlags } from "./relay-flags.ts";

/** What a relay is told of who may connect. */
export type RelayAccess = Required<Pick<RelayOptions, "access" | "hostNames" | "allowedOrigins">>;

/**
 * Reads the keys.
 *
 * @throws CliFault `USAGE` when the options say too little, too much, or what is unsafe
 */
export async function readRelayAccess(
  flags: AccessFlags,
  talk: (line: string) => void,
): Promise<RelayAccess> {
  const { host, open, secretFile, publicKey = [], hostName = [], allowOrigin = [] } = flags;
  const read = (path: string): Promise<string> => readKeyText(path, talk);
  try {
    const secret = secretFile === undefined ? secretOfEnvironment(flags) : await read(secretFile);
    const publicKeys = await Promise.all(publicKey.map(read));
    const keys = { ...(secret === undefined ? {} : { secret }), publicKey: publicKeys };
    decideAccess({ host, isOpen: open, ...keys });
    createOriginCheck({ host, hostNames: hostName, allowedOrigins: allowOrigin });
    return { access: open ? "open" : keys, hostNames: hostName, allowedOrigins: allowOrigin };
  } catch (error) {
    const isUsage = error instanceof AccessUndecidedError || error instanceof TypeError;
    throw isUsage ? usageFault(error.message) : error;
  }
}

/** Only where the options say nothing: a secret that happens to be around, for making tokens, opens no second door. */
function secretOfEnvironment({ open, publicKey = [] }: AccessFlags): string | undefined {
  const isSaid = open || publicKey.length > 0;
  return isSaid ? undefined : process.env["STIGMERGY_SECRET"] || undefined;
}

async function readKeyText(path: string, talk: (line: string) => void): Promise<string> {
  const { text, warning } = await readKey(path);
  if (warning !== null) talk(`warning: ${warning}`);
  return text;
}
