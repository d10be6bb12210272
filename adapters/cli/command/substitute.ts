/** Puts a task into a command's arguments: each stays one argument, whatever the task's text holds. */

/** What may be put in. */
export interface Substitutes {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  /** What an agent that takes the task up has to know, with texts of others quoted as data. */
  readonly brief: string;
}

const PLACE = /\{(id|title|body|brief)\}/gu;

/** Replaces `{id}`, `{title}`, `{body}` and `{brief}`; what was put in is not looked at again. */
export function substitute(args: readonly string[], task: Substitutes): readonly string[] {
  return args.map((arg) => arg.replace(PLACE, (_, name: keyof Substitutes) => task[name]));
}

/** Says whether the text has a place to be filled. */
export function hasPlace(text: string): boolean {
  return text.search(PLACE) >= 0;
}
