import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';

describe('of the service', () => {
  test('DescribeEndpoints tells where the request came to', () => {
    expect(new World().run('DescribeEndpoints', {})).toEqual({
      Endpoints: [{ Address: 'localhost:8000', CachePeriodInMinutes: 1440 }],
    });
  });
});
