/** Has a run of its own, see jest.zoo.config.js. */
export const ZOO = "<rootDir>/property-tests/zoo.test.ts";

/** @type {import("jest").Config} */
export default {
  testEnvironment: "<rootDir>/jest.environment.cjs",
  testMatch: ["<rootDir>/{lib,adapters,property-tests,docs,demos}/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", ZOO],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.cache/"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          target: "es2023",
          parser: { syntax: "typescript" },
          transform: { verbatimModuleSyntax: true },
        },
      },
    ],
  },
  maxWorkers: 2,
  // modules of each test stay in its worker for good, and in a heap of some hundred MB everything after them is slow
  workerIdleMemoryLimit: "300MB",
  cacheDirectory: "<rootDir>/.cache/jest",
};
