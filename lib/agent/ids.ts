/** Ids of agents and tasks: random, or derived from a key so that adding twice adds one task. */
import { digest } from "lib0/hash/sha256";
import type { AgentId, TaskId } from "../core/record.ts";
import type { Random } from "../replica/clock.ts";
import { suffixOfKey } from "../replica/signing/agent-key.ts";

const CLIENT_ID_BYTES = 6;
const TASK_ID_LENGTH = 15;
const AGENT_SUFFIX_LENGTH = 8;
const ALPHABET = "0123456789abcdefghijklmnopqrstuv";
const NAME = /^[^/\s:~]{1,32}$/u;

/**
 * Makes an agent's id for one run: its name, `~`, and 40 random bits.
 *
 * @throws RangeError when the name is empty, longer than 32 characters, or holds a slash, colon, tilde or white space
 */
export function createAgentId(name: string, random: Random): AgentId {
  checkName(name);
  return `${name}~${encode(random(AGENT_SUFFIX_LENGTH))}` as AgentId;
}

/**
 * The id of the agent of this name with this public key: nobody has it who has not the key.
 *
 * @throws RangeError as {@link createAgentId}
 */
export function agentIdOfKey(name: string, publicKey: string): AgentId {
  checkName(name);
  return `${name}~${suffixOfKey(publicKey)}` as AgentId;
}

function checkName(name: string): void {
  if (!NAME.test(name) || !name.isWellFormed())
    throw new RangeError(
      `The agent name ${JSON.stringify(name)} does not fit: use 1 to 32 characters without / : ~ or spaces`,
    );
}

/** Makes a Yjs client id of 48 random bits; one used twice would split the replicas for ever. */
export function createClientId(random: Random): number {
  return random(CLIENT_ID_BYTES).reduce((id, byte) => id * 256 + byte, 0);
}

/** Makes a task id of 75 random bits. */
export function createTaskId(random: Random): TaskId {
  return encode(random(TASK_ID_LENGTH)) as TaskId;
}

/** The id of the task with this key, the same for everybody: 75 bits of the key's SHA-256. */
export function taskIdOfKey(key: string): TaskId {
  return encode(digest(new TextEncoder().encode(key)).subarray(0, TASK_ID_LENGTH)) as TaskId;
}

/** Five bits of each byte, as characters that need no quotes anywhere. */
function encode(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte & 31]).join("");
}
