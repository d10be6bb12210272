/** The hunt for every bug of the zoo: as long as all other tests together, and of no use to them, so it runs by itself. */
import base, { ZOO } from "./jest.config.js";

/** @type {import("jest").Config} */
export default { ...base, testMatch: [ZOO], testPathIgnorePatterns: [] };
