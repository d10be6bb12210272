import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook } from "../../property-tests/kit/log-book.ts";
import { formatRef, type RecordRef } from "./record.ts";

test("[I1] a question makes its task input-required until the first answer", () => {
  const { book, claim } = held();
  const asked = book.ask(claim);
  const asking = book.task();
  const answered = book.answer("cyd", asked, "the second");
  book.answer("dan", asked, "the first");

  expect(asking).toMatchObject({ state: "input-required", winner: claim, nextAttempt: 1 });
  expect(book.task().state).toBe("working");
  expect(book.task().thread.questions).toEqual([
    {
      ...asked,
      claim: claim.n,
      attempt: 1,
      question: "which one?",
      of: null,
      answers: [
        { ...answered, answer: "the second" },
        { agent: "dan", n: 1, answer: "the first" },
      ],
    },
  ]);
});

test("[I1] a task is input-required until every question of its holder is answered", () => {
  const { book, claim } = held();
  const questions = [book.ask(claim), book.ask(claim)];

  const states = questions.map((question) => {
    book.answer("cyd", question);
    return book.task().state;
  });

  expect(states).toEqual(["input-required", "working"]);
});

test("[I1] the question of a claim that does not win leaves its task working", () => {
  const { book } = held();
  book.ask(book.claim("cyd"));

  expect(book.task()).toMatchObject({ state: "working", winner: { agent: "bob" } });
});

test("[I2] nobody answers for whom it was not meant, and nobody answers their own question", () => {
  const book = openLogBook({ capabilities: { bob: ["design"], dan: ["design"] } });
  book.add("ana");
  const asked = book.ask(book.claim("bob"), { capability: "design" });
  book.answer("cyd", asked);
  book.answer("bob", asked);
  const before = book.task().state;
  book.answer("dan", asked);

  expect(before).toBe("input-required");
  expect(book.task().state).toBe("working");
  expect(book.ignored()).toEqual(["answered: not-addressed", "answered: own-work"]);
});

test("[I2] an answer is to the one question that it names, by holder and position", () => {
  const book = openLogBook();
  book.add("ana");
  const [claim, rival] = [book.claim("bob"), book.claim("cyd")];
  const questions = [claim, rival, claim, rival].map((one) => book.ask(one));
  for (const question of questions) book.answer("dan", question, formatRef(question));

  expect(book.task().thread.questions.map(({ answers }) => answers)).toMatchObject(
    questions.map((question) => [{ answer: formatRef(question) }]),
  );
});

test("[I2] an answer to a question that is not there changes nothing until it is", () => {
  const { book, claim } = held();
  const asked = { ...claim, n: claim.n + 1 };
  book.answer("cyd", asked);
  const before = book.task();
  book.write("bob", { kind: "asked", claim: claim.n, question: "which one?", at: claim.n + 1 });

  expect(before.thread).toMatchObject({ questions: [], ignored: [] });
  expect(book.task().thread.questions[0]?.answers).toHaveLength(1);
});

test("[I3] a question ends with its claim", () => {
  const ends: readonly ((book: LogBook, claim: RecordRef) => void)[] = [
    (book, claim) => book.release(claim),
    (book, claim) => book.expire("ana", claim),
    (book, claim) => book.complete(claim, "done"),
    (book, claim) => book.accept("cyd", book.offer(claim, "cyd")),
  ];

  const states = ends.map((end) => {
    const { book, claim } = held();
    book.ask(claim);
    end(book, claim);
    return book.task().state;
  });

  expect(states).toEqual(["submitted", "submitted", "completed", "working"]);
});

test("[I3] what its holder asked under an earlier claim leaves the task working", () => {
  const { book, claim } = held();
  book.ask(claim);
  book.release(claim);
  book.claim("bob", { attempt: 2 });

  expect(book.task().state).toBe("working");
});

test("[M2] a claim that is not confirmed, or closed, asks nothing", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  const claim = book.claim("bob", { guarantee: "settled" });
  book.ask(claim);
  book.confirm(claim);
  book.release(claim);
  book.ask(claim);

  expect(book.task().thread.questions).toEqual([]);
  expect(book.ignored()).toEqual(["asked: not-confirmed", "asked: claim-closed"]);
});

/** A task that bob holds. */
function held(): { book: LogBook; claim: RecordRef } {
  const book = openLogBook();
  book.add("ana");
  return { book, claim: book.claim("bob") };
}
