/** The options that say what a task is and how it is to be carried out. */
import { type Command, Option } from "commander";
import type { Guarantee, NeedPolicy, NewTask, TaskId, TaskPolicy } from "../../../lib/index.ts";
import { usageFault } from "../fault.ts";
import { audienceOf, finite, MAX_MS, option, repeatable, whole, withAudience } from "../flags.ts";

/** What a task is; `edit` changes it. */
export interface FieldFlags {
  readonly body?: string;
  readonly need?: readonly string[];
  readonly require?: readonly string[];
  readonly priority?: number;
}

/** How a task is to be carried out; set when it is added. */
export interface PolicyFlags {
  readonly guarantee?: Guarantee;
  readonly parent?: string;
  readonly maxAttempts?: number;
  readonly retryDelayMs?: number;
  readonly timeoutMs?: number;
  readonly reviewBy?: string;
  readonly reviewCapability?: string;
  readonly approvals?: number;
  readonly ifNeedFails?: NeedPolicy;
  readonly resource?: readonly string[];
}

const MAX_COUNT = 1000;

/** Adds the options of what a task is. */
export function withFields(command: Command): Command {
  return command
    .option("--body <text>", "what is to be done, at length")
    .addOption(repeatable("--need <id>", "a task to be completed before", String))
    .addOption(repeatable("--require <tag>", "a capability that an agent must have", String))
    .addOption(option("--priority <n>", "higher goes first", finite));
}

/** Adds the options of how it is to be carried out. */
export function withPolicy(command: Command): Command {
  command
    .addOption(
      new Option("--guarantee <level>", "the least of its claims").choices([
        "settled",
        "optimistic",
      ]),
    )
    .option("--parent <id>", "the task that waits for this one")
    .addOption(option("--max-attempts <n>", "then it is a dead letter", whole(1, MAX_COUNT)))
    .addOption(
      option("--retry-delay-ms <n>", "before a second try; doubles each time", whole(0, MAX_MS)),
    )
    .addOption(option("--timeout-ms <n>", "how long an attempt may take", whole(1, MAX_MS)))
    .addOption(option("--approvals <n>", "how many reviewers", whole(1, MAX_COUNT)))
    .addOption(
      new Option("--if-need-fails <policy>", "when a need ends without a result").choices([
        "block",
        "fail",
        "ignore",
      ]),
    )
    .addOption(repeatable("--resource <name>", "what its holder has alone: path:src/**", String));
  return withAudience(
    command,
    { agent: "review-by", capability: "review-capability" },
    "who approves its result",
  );
}

/** The fields that the options give. */
export function fieldsOf({ body, need, require, priority }: FieldFlags): Omit<NewTask, "title"> {
  return {
    ...(body === undefined ? {} : { body }),
    ...(need === undefined ? {} : { needs: need as readonly TaskId[] }),
    ...(require === undefined ? {} : { requires: require }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/**
 * The policy that the options give.
 *
 * @throws CliFault `USAGE` for approvals by nobody
 */
export function policyOf(flags: PolicyFlags): Omit<NewTask, "title"> {
  const { guarantee, parent, maxAttempts, retryDelayMs, timeoutMs, ifNeedFails, resource } = flags;
  return {
    ...reviewOf(flags),
    ...(guarantee === undefined ? {} : { guarantee }),
    ...(parent === undefined ? {} : { parent: parent as TaskId }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(retryDelayMs === undefined ? {} : { retry: { delayMs: retryDelayMs } }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(ifNeedFails === undefined ? {} : { ifNeedFails }),
    ...(resource === undefined ? {} : { resources: resource }),
  };
}

function reviewOf({
  reviewBy,
  reviewCapability,
  approvals,
}: PolicyFlags): Pick<TaskPolicy, "review"> {
  const by = audienceOf(reviewBy, reviewCapability);
  if (by === undefined && approvals !== undefined)
    throw usageFault("say who approves: --review-by AGENT, or --review-capability TAG");
  if (by === undefined) return {};
  return { review: { by, ...(approvals === undefined ? {} : { approvals }) } };
}
