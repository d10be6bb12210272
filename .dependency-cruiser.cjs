// The rooms of docs/architecture.md as an allow-list: an import that no line below permits is an error.

const npm = (...names) => `^node_modules/(${names.join("|")})/`;
const room = (...names) => `^lib/(${names.join("|")})/`;

const openRooms = "^(property-tests|bench)/";
const kit = "^property-tests/kit/index\\.ts$";
const publicNames = ["^lib/index\\.ts$", "^adapters/[^/]+/[^/]+\\.ts$"];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  allowedSeverity: "error",
  allowed: [
    { from: { path: "^lib/index\\.ts$" }, to: { path: ["^lib/", npm("yjs")] } },
    { from: { path: room("core") }, to: { path: [room("core"), npm("immer")] } },
    {
      from: { path: room("replica") },
      to: { path: [room("core", "replica"), npm("yjs", "y-protocols", "lib0", "immer")] },
    },
    {
      from: { path: room("agent", "text") },
      to: { path: [room("core", "replica", "agent"), npm("yjs", "lib0")] },
    },
    { from: { path: room("text") }, to: { path: room("text") } },

    {
      from: { path: "^adapters/" },
      to: { path: ["^lib/index\\.ts$", "^adapters/", "^node_modules/"] },
    },
    { from: { path: "^adapters/" }, to: { dependencyTypes: ["core"] } },
    // `stigmergy verify` is the kit's command line.
    { from: { path: "^adapters/cli/verify/" }, to: { path: kit } },

    {
      from: { path: openRooms },
      to: { path: [openRooms, "^lib/", "^adapters/", "^node_modules/"] },
    },
    { from: { path: openRooms }, to: { dependencyTypes: ["core"] } },

    {
      from: { path: "^demos/" },
      to: { path: [...publicNames, kit, "^demos/", npm("yjs", "preact", "uplot")] },
    },
    {
      from: { path: "^demos/([^/]+/test-stage|pictures)\\.ts$" },
      to: { path: npm("playwright-core") },
    },
    {
      from: { path: "^demos/[^/]+\\.js$" },
      to: { path: npm("vite", "vite-plugin-singlefile", "playwright-core") },
    },
    { from: { path: "^demos/" }, to: { dependencyTypes: ["core"] } },

    // Tests, and files outside the rooms, import what they need.
    { from: { path: "\\.test\\.ts$" }, to: {} },
    { from: { pathNot: "^(lib|adapters|property-tests|bench|demos)/" }, to: {} },
  ],
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "kit-knows-no-command-line",
      severity: "error",
      from: { path: "^property-tests/kit/" },
      to: { path: "^adapters/cli/" },
    },
  ],
  options: {
    doNotFollow: { path: "^node_modules/" },
    exclude: { path: "^(dist|\\.cache)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "import", "node", "default"],
    },
  },
};
