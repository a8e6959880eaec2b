/** DescribeEndpoints: where this engine is served; SDKs with endpoint discovery ask it first. */
import { endpointCacheMinutes } from '../../base/limits.ts';
import { struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';

export const DescribeEndpoints: Operation = operation({
  name: 'DescribeEndpoints',
  kind: 'read',
  input: struct({}),
  check: (input) => input,
  plan: (input) => input,
  decide: (_input, { endpoint }) => ({
    output: { Endpoints: [{ Address: endpoint, CachePeriodInMinutes: endpointCacheMinutes }] },
  }),
});
