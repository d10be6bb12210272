/**
 * The jest environment in which mutants are hunted. It skips what is left once a test has failed, since one failure kills
 * a mutant and jest's own `bail` counts files, of which there is one; and the sweeps, of which each takes a second or more.
 */
const { TestEnvironment } = require("jest-environment-node");

const SWEEP = /^\[(Z3[6-9]|P4)\]/;

module.exports = class extends TestEnvironment {
  #hasFailed = false;

  handleTestEvent({ name, test }) {
    if (name === "test_start" && (this.#hasFailed || SWEEP.test(test.name))) test.mode = "skip";
    if (name === "test_done" && test.errors.length > 0) this.#hasFailed = true;
  }
};
