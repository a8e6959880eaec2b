/** Entry `tidetable/aws`: the AWS SDK v3 over a database. */
export { clientConfig, type SdkDatabase, shortCircuit } from './client/sdk.ts';
export type { SdkPlugin } from './client/sdk-short-circuit.ts';
