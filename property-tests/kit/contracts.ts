/** The contract suites of both ports and the damage suite of stores on disk, for adapters of others as for our own. */
export {
  describeStorageContract,
  describeStorageDamage,
  type RegisterTest,
  type StorageContractOptions,
  type StorageDamageOptions,
  type StorageHarness,
} from "../../adapters/contract/storage.ts";
export {
  describeTransportContract,
  type TransportContractOptions,
  type TransportHarness,
} from "../../adapters/contract/transport.ts";
