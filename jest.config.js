/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/{lib,adapters,property-tests,docs,demos}/**/*.test.ts"],
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
  cacheDirectory: "<rootDir>/.cache/jest",
};
