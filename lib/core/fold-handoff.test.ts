import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook, PACKET } from "../../property-tests/kit/log-book.ts";
import { formatRef, type RecordRef } from "./record.ts";

test("[H1] while a task is offered its holder keeps it", () => {
  const { book, claim, offer } = offered();

  expect(book.task()).toMatchObject({ state: "working", winner: claim, nextAttempt: 1 });
  expect(book.task().thread.offers).toEqual([
    {
      ...offer,
      claim: claim.n,
      attempt: 1,
      to: { agent: "cyd" },
      status: "open",
      isWithdrawn: false,
      acceptedBy: null,
      declined: [],
    },
  ]);
});

test("[H2] a claim of the next attempt by somebody addressed that names the offer accepts it", () => {
  const { book, claim, offer } = offered();
  const accepted = book.accept("cyd", offer);

  expect(book.task()).toMatchObject({ attempt: 2, nextAttempt: 2, winner: accepted });
  expect(book.seen(claim).status).toBe("handed-off");
  expect(statusOf(book, offer)).toBe("accepted");
  expect(book.task().thread.offers[0]?.acceptedBy).toBe("cyd");
  expect(book.task().thread.spent).toBe(0);
});

test("[H2] under settled an acceptance opens the attempt before it is confirmed", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  const claim = book.hold("bob");
  const accepted = book.accept("cyd", book.offer(claim, "cyd"), { guarantee: "settled" });

  expect(book.seen(claim).status).toBe("handed-off");
  expect(book.seen(accepted).status).toBe("pending");
  expect(book.task()).toMatchObject({ state: "submitted", winner: accepted });
});

test("[H2] of several who accept the first in the order is named, and the rule decides who holds the task", () => {
  const book = openLogBook({ capabilities: { cyd: ["ts"], dan: ["ts"] } });
  book.add("ana");
  const offer = book.offer(book.claim("bob"), { capability: "ts" });
  const second = book.accept("dan", offer, { attempt: 2, at: 9 });
  const first = book.accept("cyd", offer, { attempt: 2, at: 8 });

  expect(book.task().thread.offers[0]?.acceptedBy).toBe("cyd");
  expect(book.task().winner).toEqual(book.seen(first));
  expect(book.seen(second).status).toBe("held");
});

test("[H2] a claim of another attempt, or one that names another record, accepts nothing", () => {
  const { book, claim, offer } = offered();
  book.accept("cyd", offer, { attempt: 1 });
  book.accept("cyd", offer, { attempt: 3 });
  book.accept("cyd", offer, { offer: formatRef(claim) });

  expect(book.task()).toMatchObject({ nextAttempt: 1, winner: claim });
  expect(statusOf(book, offer)).toBe("open");
});

test("[H2] somebody addressed who is not able to take the task does not accept it", () => {
  const book = openLogBook({ capabilities: { bob: ["ts"] } });
  const version = formatRef(book.add("ana", { requires: ["ts"] }));
  const offer = book.offer(book.claim("bob", { version }), "cyd");
  book.accept("cyd", offer, { version });

  expect(statusOf(book, offer)).toBe("open");
  expect(book.task().nextAttempt).toBe(1);
});

test("[H2] an offer by a claim that does not count is accepted by nobody", () => {
  const book = openLogBook({ capabilities: { cyd: ["ts"] } });
  const version = formatRef(book.add("ana", { requires: ["ts"] }));
  const offer = book.offer(book.claim("bob", { version }), "cyd");
  book.accept("cyd", offer, { attempt: 2, version });

  expect(book.task()).toMatchObject({ nextAttempt: 1, thread: { offers: [{ acceptedBy: null }] } });
});

test("[H3] nobody else can accept, nor can the holder", () => {
  const book = openLogBook({ capabilities: { bob: ["ts"], cyd: ["ts"] } });
  book.add("ana");
  const claim = book.claim("bob");
  const offer = book.offer(claim, { capability: "ts" });
  const stranger = book.accept("dan", offer);
  const own = book.accept("bob", offer);

  expect(book.task()).toMatchObject({ nextAttempt: 1, winner: claim });
  expect([stranger, own].map((one) => book.seen(one).status)).toEqual(["unable", "unable"]);
  expect(statusOf(book, offer)).toBe("open");
});

test("[H3] whoever is addressed may decline, nobody else and not the holder", () => {
  const book = openLogBook({ capabilities: { bob: ["ts"], cyd: ["ts"] } });
  book.add("ana");
  const offer = book.offer(book.claim("bob"), { capability: "ts" });
  const declined = book.decline("cyd", offer, "no time");
  book.decline("dan", offer);
  book.decline("bob", offer);

  expect(book.task().thread.offers).toMatchObject([
    { status: "open", declined: [{ ...declined, reason: "no time" }] },
  ]);
  expect(book.ignored()).toEqual(["declined: not-addressed", "declined: not-addressed"]);
});

test("[H3] a decline is about the one offer that it names, by holder and position", () => {
  const book = openLogBook();
  book.add("ana");
  const [claim, rival] = [book.claim("bob"), book.claim("cyd")];
  const offers = [claim, rival, claim, rival].map((one) => book.offer(one, "dan"));
  for (const offer of offers) book.decline("dan", offer, formatRef(offer));
  book.decline("dan", { ...claim, n: 99 });

  expect(book.task().thread.offers.map(({ declined }) => declined)).toMatchObject(
    offers.map((offer) => [{ reason: formatRef(offer) }]),
  );
});

test("[H3] whoever declined may still accept, as long as the offer is open", () => {
  const { book, offer } = offered();
  book.decline("cyd", offer);
  book.accept("cyd", offer);

  expect(statusOf(book, offer)).toBe("accepted");
  expect(book.task().thread.offers[0]?.declined[0]?.reason).toBeNull();
});

test("[H4] a withdrawn offer is open no more, and one that is accepted across that is accepted", () => {
  const { book, claim, offer } = offered();
  book.withdraw(claim, offer);
  const withdrawn = statusOf(book, offer);
  book.accept("cyd", offer);

  expect(withdrawn).toBe("withdrawn");
  expect(book.task().thread.offers).toMatchObject([{ status: "accepted", isWithdrawn: true }]);
  expect(book.task()).toMatchObject({ attempt: 2, winner: { agent: "cyd" } });
});

test("[H4] only an offer of the same claim is withdrawn", () => {
  const { book, claim, offer } = offered();
  const other = book.claim("dan");
  book.withdraw(other, offer);
  book.withdraw(claim, claim);

  expect(statusOf(book, offer)).toBe("open");
  expect(book.ignored()).toEqual(["withdrawn: not-asked-for", "withdrawn: not-asked-for"]);
});

test("[H5] packets of offers and releases are kept in the order", () => {
  const { book, claim, offer } = offered();
  const packet = { ...PACKET, summary: "given back" };
  const released = book.write("bob", { kind: "released", claim: claim.n, packet });

  expect(book.task().thread.packets).toEqual([
    { ...offer, attempt: 1, packet: PACKET },
    { ...released, attempt: 1, packet },
  ]);
});

test("[H5] the packet of a release is kept though nothing was offered before", () => {
  const book = openLogBook();
  book.add("ana");
  const { n } = book.claim("bob");
  const released = book.write("bob", { kind: "released", claim: n, packet: PACKET });

  expect(book.task().thread.packets).toEqual([{ ...released, attempt: 1, packet: PACKET }]);
});

test("[H5] why a holder gave the task back, or rejected it, is kept, and nothing else for a reason", () => {
  const book = openLogBook();
  book.add("ana");
  const reason = "a field of another version";
  book.release(book.claim("bob"));
  const released = book.release(book.claim("bob", { attempt: 2 }), "no time");
  const failed = book.claim("bob", { attempt: 3 });
  book.write("bob", { kind: "failed", claim: failed.n, error: "", ...{ reason } });
  const yielded = book.claim("bob", { attempt: 4 });
  book.write("bob", { kind: "yielded", claim: yielded.n, ...{ reason } });
  const rejected = book.reject(book.claim("bob", { attempt: 4 }), "against the rules");

  expect(book.task().thread.reasons).toEqual([
    { ...released, attempt: 2, reason: "no time" },
    { ...rejected, attempt: 4, reason: "against the rules" },
  ]);
});

test("[H7] an offer lapses when its claim ends otherwise", () => {
  const ends: readonly ((book: LogBook, claim: RecordRef) => void)[] = [
    (book, claim) => book.release(claim),
    (book, claim) => book.complete(claim, "done"),
    (book, claim) => book.expire("ana", claim),
    (book, claim) => book.yield(claim),
    (book) => book.cancel("ana"),
    (book) => [book.cancel("ana"), book.reopen("ana")],
  ];

  const statuses = ends.map((end) => {
    const { book, claim, offer } = offered();
    end(book, claim);
    return statusOf(book, offer);
  });

  expect(statuses).toEqual(ends.map(() => "lapsed"));
});

test("[H7] a later claim of its holder does not open a lapsed offer again", () => {
  const { book, claim, offer } = offered();
  book.release(claim);
  book.claim("bob", { attempt: 2 });

  expect(statusOf(book, offer)).toBe("lapsed");
});

test("[H7] an offer stands while its claim does, though a rival has given the attempt up", () => {
  const { book, claim, offer } = offered();
  book.release(book.claim("dan"));
  const status = statusOf(book, offer);
  book.claim("eve", { attempt: 2 });

  expect(status).toBe("open");
  expect(book.seen(claim).status).toBe("superseded");
  expect(statusOf(book, offer)).toBe("lapsed");
});

test("[H7] an offer by a claim that does not count is none", () => {
  const book = openLogBook();
  book.add("ana");
  const offer = book.offer(book.claim("bob", { attempt: 7 }), "cyd");

  expect(statusOf(book, offer)).toBe("lapsed");
});

test("[M2] a claim that is not confirmed, or closed, offers nothing", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  const claim = book.claim("bob", { guarantee: "settled" });
  book.offer(claim, "cyd");
  book.yield(claim);
  book.offer(claim, "cyd");

  expect(book.task().thread).toMatchObject({ offers: [], packets: [] });
  expect(book.ignored()).toEqual(["offered: not-confirmed", "offered: claim-closed"]);
});

/** A task that bob holds and offers to cyd. */
function offered(): { book: LogBook; claim: RecordRef; offer: RecordRef } {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  return { book, claim, offer: book.offer(claim, "cyd") };
}

function statusOf(book: LogBook, offer: RecordRef): string | undefined {
  return book.task().thread.offers.find((one) => one.n === offer.n && one.agent === offer.agent)
    ?.status;
}
