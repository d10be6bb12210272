/**
 * Node's test environment with a global object as in any program. By default each look-up of a global goes through an
 * interceptor of `node:vm`, which makes `Array`, `Map` and the like sixty times as dear, and property tests half as slow again.
 */
const vm = require("node:vm");
const { TestEnvironment } = require("jest-environment-node");

module.exports = class extends TestEnvironment {
  constructor(...args) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...args);
    } finally {
      vm.createContext = createContext;
    }
  }
};
