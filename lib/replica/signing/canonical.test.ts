import { expect, test } from "@jest/globals";
import type { AgentId } from "../../core/record.ts";
import { fitsKey, openSigningKey, openVerifier, suffixOfKey } from "./agent-key.ts";
import { batchToBytes, canonicalJson, hashBytes } from "./canonical.ts";

// the first key pair of RFC 8032, section 7.1
const KEY = {
  publicKey: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  privateKey: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
};

test("[J19] canonical JSON has sorted keys, no white space, and one form for every number and text", () => {
  expect(
    canonicalJson({ b: [1, { d: null, c: true }], a: "é\n", "\u{1f600}": -0, "\uffff": 1e21 }),
  ).toBe('{"a":"é\\n","b":[1,{"c":true,"d":null}],"\u{1f600}":0,"\uffff":1e+21}');
});

test("[J19] the bytes, the hash and the signature of a batch are those of the protocol's example", async () => {
  const agent = `ann~${suffixOfKey(KEY.publicKey)}` as AgentId;
  const joined = {
    n: 0,
    at: 1,
    kind: "joined",
    v: 1,
    name: "ann",
    capabilities: [],
    rule: "earliest@1+signed",
    leaseMs: 30_000,
    key: KEY.publicKey,
  };
  const { sign } = await openSigningKey(KEY);

  const bytes = batchToBytes({ board: "docs#1", agent, from: 0, prev: "", records: [joined] });

  expect(agent).toBe("ann~47v33nt1");
  expect(new TextDecoder().decode(bytes)).toBe(
    '["docs#1","ann~47v33nt1",0,"",{"at":1,"capabilities":[],"key":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",' +
      '"kind":"joined","leaseMs":30000,"n":0,"name":"ann","rule":"earliest@1+signed","v":1}]',
  );
  expect(hashBytes(bytes)).toBe("a-qq4U2Dvg8SnEtoggPHBHBhhlMLabJRW0lDIWOXNQU");
  expect(await sign(bytes)).toBe(
    "rKoOHyvWljZi91jsK5HyAGWxXMsU7P7b_KucPDOlJlrM4oC_EBePw6vfNYJi1hl4XObxPqo0Rl4WViXf9DRPAA",
  );
});

test("[J18] a key belongs to the agent whose id it gives, and to no other", () => {
  const suffix = suffixOfKey(KEY.publicKey);

  expect(fitsKey(`ann~${suffix}` as AgentId, KEY.publicKey)).toBe(true);
  expect(fitsKey(`ann~${suffix}0` as AgentId, KEY.publicKey)).toBe(false);
  expect(fitsKey("ann~00000000" as AgentId, KEY.publicKey)).toBe(false);
});

test.each([
  ["half of it", { ...KEY, privateKey: "" }],
  ["halves of two pairs", { ...KEY, publicKey: "A".repeat(43) }],
])("[J18] a key pair of %s is refused with the remedy", async (_, key) => {
  await expect(openSigningKey(key)).rejects.toThrow(RangeError);
  await expect(openSigningKey(key)).rejects.toThrow("make one with createAgentKey()");
});

test.each([
  ["0", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
  ["the neutral point", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
  ["the neutral point, negated", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA"],
  ["order 2", "7P_______________________________________38"],
  ["order 4, not reduced", "7f_______________________________________38"],
  ["the neutral point, not reduced", "7v_______________________________________38"],
  ["order 8", "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU"],
  ["order 8, the other", "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA_o"],
])(
  "[J18] a public key of small order, %s, with which anybody can sign, is refused",
  async (_, key) => {
    await expect(openVerifier(key)).rejects.toThrow("small order");
  },
);

test("[J19] a signature over other bytes does not hold", async () => {
  const bytes = new TextEncoder().encode("one");
  const signature = await (await openSigningKey(KEY)).sign(bytes);
  const verify = await openVerifier(KEY.publicKey);

  expect(await verify(signature, bytes)).toBe(true);
  expect(await verify(signature, new TextEncoder().encode("two"))).toBe(false);
});
