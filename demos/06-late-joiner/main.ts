/** A fourth agent joins when three have worked for a while: the document is the context, and a brief of it is short. */
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { brief, openBoard } from "../../lib/index.ts";

const network = createMemoryNetwork();
const open = () => openBoard({ board: "parser", transport: network.createTransport() });
const board = await open();
const [ann, bob, cyd] = await Promise.all(
  ["ann", "bob", "cyd"].map((name) => board.join({ name })),
);
if (!ann || !bob || !cyd) throw new Error("three agents were to join");

const grammar = await ann.add({ title: "Write the grammar" });
const errors = await ann.add({
  title: "Report syntax errors with line and column",
  body: "Whoever reads a message must find the place at once.",
  needs: [grammar],
});

const first = await ann.claim(grammar);
if (first.ok) {
  await first.claim.note("Tabs count as one column, as editors show them.", "decision");
  await first.claim.complete({ rules: 41, file: "grammar.peg" });
}
const second = await bob.claim(errors);
if (second.ok) {
  await second.claim.note("Byte offsets go wrong after an emoji.", "dead-end");
  await second.claim.fail("two of nine tests fail");
}
await cyd.note(errors, { kind: "finding", text: "The lexer already keeps code points." });

const late = await open();
await late.sync();
const dee = await late.join({ name: "dee" });
const { markdown, omitted } = brief(late, { task: errors, maxTokens: 800 });
console.log(markdown);
console.log(
  `\n${Buffer.byteLength(markdown)} bytes; left out: ${omitted.length === 0 ? "nothing" : omitted.length}`,
);

const third = await dee.claim(errors);
if (third.ok) {
  console.log(`dee holds attempt ${third.claim.attempt}, with what it needs in hand:`);
  console.log(JSON.stringify(third.claim.inputs[0]?.result));
  await third.claim.complete("columns in code points");
}
await Promise.all([board.close(), late.close()]);
