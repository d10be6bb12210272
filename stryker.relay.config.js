/** Mutation testing of the relay's admission, whose tests start a relay each; see stryker.config.js. */
import base from "./stryker.config.js";

export default {
  ...base,
  mutate: ["adapters/transport/relay/admission/*.ts", "!**/*.test.ts"],
  jest: {
    ...base.jest,
    config: {
      ...base.jest.config,
      testMatch: ["<rootDir>/property-tests/mutation/relay-tests.ts"],
    },
  },
  jsonReporter: { fileName: ".cache/mutation/relay-report.json" },
  tempDirName: ".cache/mutation/relay-sandbox",
};
