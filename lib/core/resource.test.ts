import { expect, test } from "@jest/globals";
import { canonicalResource, canonicalResources, findOverlap, overlaps } from "./resource.ts";

test("[X1] a resource has one form, whatever the way in which it is written", () => {
  const forms = [
    ["port:8080", "port:8080"],
    ["section:a/../b//c:d*", "section:a/../b//c:d*"],
    ["path:./src//lib/./a.ts", "path:src/lib/a.ts"],
    ["path:src/", "path:src"],
    ["path:.github/.", "path:.github"],
    ["path:v1.2//", "path:v1.2/**"],
    ["path:src/*/", "path:src/*/**"],
    ["path:src/**/", "path:src/**"],
    ["path:a/**/**/***/b**c", "path:a/**/b*c"],
    ["path:a/b/**/**/", "path:a/b/**"],
    ["path:**/**/a/a/a.ts", "path:**/a/a/a.ts"],
    ["path:a**/**b/*", "path:a*/*b/*"],
    ["h2-c:x", "h2-c:x"],
    ["section:a:", "section:a:"],
    ["section:a: b", "section:a: b"],
    ["section:path:/a", "section:path:/a"],
    ["section:path:a\\b", "section:path:a\\b"],
    ["section:path:../a", "section:path:../a"],
    ["path:.", "path:**"],
    ["section:cafe\u0301", "section:caf\u00e9"],
  ];

  expect(forms.map(([text = ""]) => canonicalResource(text))).toEqual(forms.map(([, one]) => one));
});

test("[X1] a list of resources is sorted, each once", () => {
  expect(canonicalResources(["port:2", "path:src/", "port:10", "path:./src"])).toEqual([
    "path:src",
    "port:10",
    "port:2",
  ]);
});

test("[X1] a task may name 32 different resources, and no more", () => {
  const ports = Array.from({ length: 33 }, (_, i) => `port:${i}`);

  expect(canonicalResources([...ports.slice(1), "port:1"])).toHaveLength(32);
  expect(() => canonicalResources(ports)).toThrow(RangeError);
});

test("[X2] what is no resource is refused with its text, the cause and the remedy", () => {
  const refusals = [
    ["", "has no scheme"],
    ["src/a.ts", "has no scheme"],
    ["Path:src", "has no scheme"],
    ["1st:x", "has no scheme"],
    ["a_b:x", "has no scheme"],
    [":x", "has no scheme"],
    ["port:", "names nothing; write after the colon what is to be held"],
    ["port:  ", "names nothing"],
    ["path: src", "has space at an end of its name; leave it out"],
    ["path:src ", "has space at an end"],
    ["path:a /", "has space at an end"],
    ["section:a\nb", "has a control character; leave it out"],
    ["section:a\u0085b", "has a control character"],
    ["path:/etc", "is an absolute path"],
    ["path:~/a.ts", "is an absolute path"],
    ["path:C:/a.ts", "is an absolute path"],
    ["path:src\\a.ts", "has a backslash; write / between the segments"],
    ["path:../a.ts", "leads upwards; write the path from the root, without .."],
    ["path:a/..", "leads upwards"],
    ["path:a\u2028/../b", "leads upwards"],
    [`path:${"a".repeat(252)}`, "is longer than 256 characters; hold something wider"],
    [`path:${"a".repeat(247)}.b/`, "is longer than 256 characters"],
  ];

  for (const [text = "", why = ""] of refusals) {
    const refuse = (): string => canonicalResource(text);

    expect(refuse).toThrow(RangeError);
    expect(refuse).toThrow(`resource ${JSON.stringify(text.slice(0, 256))} ${why}`);
  }
  expect(canonicalResource(`path:${"a".repeat(251)}`)).toHaveLength(256);
  expect(() => canonicalResource("x".repeat(10_000))).toThrow(/^.{0,350}$/);
});

test("[X3] resources of other schemes than path overlap when they are equal", () => {
  expect(overlaps("port:8080", "port:8080")).toBe(true);
  expect(overlaps("port:8080", "port:80")).toBe(false);
  expect(overlaps("section:a*", "section:ab")).toBe(false);
  expect(overlaps("section:a", "path:a")).toBe(false);
});

test("[X3] two paths overlap when some path matches both", () => {
  const pairs: [string, string, boolean][] = [
    ["src/a.ts", "src/b.ts", false],
    ["src/*.ts", "src/a.ts", true],
    ["src/*.ts", "src/lib/a.ts", false],
    ["src/**/*.ts", "src/a.ts", true],
    ["src/**/*.ts", "src/lib/core/a.ts", true],
    ["src/**/*.ts", "src/a.md", false],
    ["src/**/*.test.ts", "src/**/a*.ts", true],
    ["src/**/*.ts", "src/**/*.md", false],
    ["a?.ts", "*b.ts", true],
    ["a?.ts", "a.ts", false],
    ["a?.ts", "a\u{1f600}.ts", true],
    ["**", "any/thing.at.all", true],
    ["**/a.ts/**", "a.ts", true],
    ["a*a.ts", "a.ts", false],
    ["SRC/a.ts", "src/a.ts", false],
  ];

  for (const [a, b, expected] of pairs) {
    expect([a, b, overlaps(`path:${a}`, `path:${b}`)]).toEqual([a, b, expected]);
    expect([b, a, overlaps(`path:${b}`, `path:${a}`)]).toEqual([b, a, expected]);
  }
});

test("[X4] a path is held with all that others name beneath it", () => {
  const pairs: [string, string, boolean][] = [
    ["src", "src/a.ts", true],
    ["src", "src/lib/*.ts", true],
    ["src", "srcs/a.ts", false],
    ["src/lib", "src/core/a.ts", false],
    ["v1.2", "v1.2/a.ts", true],
    ["packages/*/src", "packages/one/src/a.ts", true],
    ["packages/*", "packages/one/src/a.ts", true],
    ["src/*.ts", "src/lib/a.ts", false],
    ["**/lib", "src/lib/a.ts", true],
    ["**/lib/*.ts", "src/lib.x", false],
  ];

  for (const [a, b, expected] of pairs) {
    expect([a, b, overlaps(`path:${a}`, `path:${b}`)]).toEqual([a, b, expected]);
    expect([b, a, overlaps(`path:${b}`, `path:${a}`)]).toEqual([b, a, expected]);
  }
});

test("[X4] what looks like a directory is one for `**` too, and what looks like a file is none", () => {
  const isInTheWay = (path: string): boolean => overlaps("path:**/*.md", `path:${path}`);

  expect(["src", "src/lib", ".github", "v1.2/**"].map(isInTheWay)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["src/a.ts", "v1.2", ".a.ts", "src/*.ts", "a.path:b"].map(isInTheWay)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("[X3] the longest path overlaps as any other", () => {
  const longest = `path:${"a".repeat(248)}.ts`;

  expect(longest).toHaveLength(256);
  expect(overlaps(longest, "path:**/*.ts")).toBe(true);
});

test("[X5] a malformed path overlaps with nothing but itself, and nothing throws", () => {
  const malformed = ["path:", "path:/a", "path:a//b", "path:./a", "path:a/..", "path:a/"];
  const long = `path:${"*".repeat(300)}`;

  for (const text of [...malformed, long, "", "path", ":", "\ud800"]) {
    expect(overlaps(text, text)).toBe(true);
    expect(overlaps(text, "path:**")).toBe(false);
    expect(overlaps("path:a", text)).toBe(false);
  }
});

test("[X5] no globs make a comparison slow", () => {
  const fill = (text: string): string => `path:${text.repeat(300).slice(0, 250)}x`;
  const hostile = ["*a", "a*", "**/a/", "*/", "?*", "**/*a/", "*a*b", "a/**/*/"].map(fill);

  for (const a of hostile) for (const b of hostile) expect(typeof overlaps(a, b)).toBe("boolean");
});

test("[X3] of two lists the first resource of the one that overlaps one of the other is found", () => {
  const list = ["path:src/**", "port:1", "port:2"];

  expect(findOverlap(list, ["port:2", "port:1"])).toBe("port:1");
  expect(findOverlap(["port:2", "path:src/a.ts"], list)).toBe("port:2");
  expect(findOverlap(list, ["port:3", "path:lib"])).toBeNull();
  expect(findOverlap([], list)).toBeNull();
});
