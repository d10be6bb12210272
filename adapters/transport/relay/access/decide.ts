/** Decides, before a relay listens, whether it is open or closed; nobody gets an open one by leaving something out. */
import { type Access, type AccessKeys, createAccess, openAccess } from "./access.ts";
import { isLoopback } from "./origin.ts";

/** What was said about who may connect. */
export interface AccessOptions extends AccessKeys {
  /** The interface that the relay is to listen on. */
  readonly host: string;
  /** Whether everybody who reaches it may do everything. */
  readonly isOpen?: boolean;
}

/** The relay does not start, since what was said about who may connect is nothing, too much, or unsafe. */
export class AccessUndecidedError extends Error {
  override readonly name = "AccessUndecidedError";
}

/**
 * Gives the judge of the relay.
 *
 * @throws AccessUndecidedError that says why not, and what to do
 */
export function decideAccess({ host, isOpen = false, ...keys }: AccessOptions): Access {
  const { secret, publicKey = [] } = keys;
  const hasKeys = secret !== undefined || publicKey.length > 0;
  if (isOpen && hasKeys)
    throw new AccessUndecidedError(
      "The relay was given keys and told to be open, where no token is asked for: leave out one of both",
    );
  if (isOpen && !isLoopback(host))
    throw new AccessUndecidedError(
      `The relay will not be open at ${host || "every interface"}: whoever reaches it could write for every agent. Listen on 127.0.0.1, or give it a secret or a public key instead`,
    );
  if (isOpen) return openAccess();
  if (hasKeys) return createAccess(keys);
  throw new AccessUndecidedError(
    "The relay does not know whom to let in: give it a secret (`stigmergy token secret`) or a public key that tokens are signed for, or, on this machine only, open it to everybody (--open)",
  );
}
