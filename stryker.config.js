/**
 * Mutation testing of what decides (`lib/core`) and of what lets foreign records into a replica: each change to that code
 * that no test notices is a gap. stryker.storage.config.js does the same for the stores, stryker.relay.config.js for the
 * relay's admission, each with its own tests. `npm run mutation` runs all three, docs/verification.md shows the figures.
 */
import { join } from "node:path";
import jestConfig from "./jest.config.js";

const CORE = ["lib/core/**/*.ts"];
const ADMISSION = ["record-check", "plain-json", "log", "log-reader", "quota"].map(
  (name) => `lib/replica/${name}.ts`,
);
/**
 * Words of error messages are free to improve (docs/errors.md) and no test should pin them, so emptying them proves nothing.
 * Every other string is mutated: kinds, reasons and states steer the code, explanations and briefs are what we hand out.
 */
const errorWords = {
  shouldIgnore(path) {
    return wordsOf(path.node).includes(" ") && path.findParent(isMessage) !== null
      ? "words of an error message"
      : undefined;
  },
};

function wordsOf(node) {
  if (node.type === "StringLiteral") return node.value;
  return node.type === "TemplateLiteral" ? node.quasis.map(({ value }) => value.raw).join("") : "";
}

/** Where the words of a message stand: in a new error, in what makes one, or in a variable of that name. */
function isMessage({ node }) {
  return (
    (node.type === "NewExpression" && /Error$/.test(node.callee.name)) ||
    (node.type === "CallExpression" && ["storageFailed", "missing"].includes(node.callee.name)) ||
    (node.type === "VariableDeclarator" && node.id.name === "message")
  );
}

export const strykerPlugins = [{ kind: "Ignore", name: "error-words", value: errorWords }];

/** The same for another part of the code, hunted by the tests that one file imports. */
export function huntIn(name, mutate) {
  const testMatch = [`<rootDir>/property-tests/mutation/${name}-tests.ts`];
  return {
    ...core,
    mutate: [...mutate, "!**/*.test.ts"],
    jest: { ...core.jest, config: { ...core.jest.config, testMatch } },
    jsonReporter: { fileName: `.cache/mutation/${name}.json` },
    tempDirName: `.cache/mutation/${name}-sandbox`,
  };
}

const core = {
  mutate: [...CORE, ...ADMISSION, "!**/*.test.ts"],
  ignorers: ["error-words"],
  plugins: ["@stryker-mutator/jest-runner", import.meta.filename],

  testRunner: "jest",
  testRunnerNodeArgs: ["--experimental-vm-modules", "--no-warnings"],
  // jest keeps the modules of every run alive: a process that has done a few hundred does little but collect garbage
  maxTestRunnerReuse: 40,
  coverageAnalysis: "perTest",
  jest: {
    projectType: "custom",
    // All tests are in one file, which is therefore related to every file.
    enableFindRelatedTests: false,
    config: {
      ...jestConfig,
      testMatch: ["<rootDir>/property-tests/mutation/core-tests.ts"],
      testEnvironment: join(import.meta.dirname, "property-tests/mutation/quick-environment.cjs"),
      // On a busy machine a test may be slow without being killed for it; what never ends, Stryker ends.
      testTimeout: 120_000,
    },
  },

  // A mutant that never ends is killed by the time-out, which must not hit a slow machine.
  timeoutMS: 8_000,
  timeoutFactor: 3,
  concurrency: 1,
  allowConsoleColors: false,

  // Not incremental: of tests that are imported into one file Stryker does not see which have changed.
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false, allowEmojis: false },
  jsonReporter: { fileName: ".cache/mutation/core.json" },
  tempDirName: ".cache/mutation/core-sandbox",
  ignorePatterns: [".cache", "dist", "coverage", "demos", "bench", "*.tgz"],
};

export default core;
