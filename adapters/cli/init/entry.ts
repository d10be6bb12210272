/** What is written into a client's configuration: how to start our server, and what came of putting it there. */

/** How clients start our server. */
export const SERVER: { readonly command: string; readonly args: readonly string[] } = {
  command: "npx",
  args: ["stigmergy", "mcp"],
};

/** Under which name. */
export const SERVER_NAME = "stigmergy";

/** What came of it: `kept` is another entry of that name, which only `force` replaces. */
export type Edit =
  | { readonly outcome: "written"; readonly text: string }
  | { readonly outcome: "unchanged" | "kept" };

/** The text is not what an entry can be put into; the message says why. */
export class UnfitText extends Error {}
