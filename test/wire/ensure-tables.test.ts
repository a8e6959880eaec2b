import { describe, expect, test } from 'vitest';
import { DynamoError, resourceInUse, resourceNotFound } from '../../src/base/errors.ts';
import type { Request } from '../../src/operation/request.ts';
import { ensureTables } from '../../src/wire/ensure-tables.ts';

const scheduler = { delay: () => Promise.resolve(), breathe: () => Promise.resolve() };
const input = { TableName: 'Notes' };

/** An engine that answers in turn, and remembers what it was asked. */
function answering(...answers: readonly (object | Error)[]) {
  const asked: string[] = [];
  const call = async ({ operation }: Request): Promise<object> => {
    const answer = answers[asked.length] ?? answers.at(-1) ?? {};
    asked.push(operation);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, call };
}

const created = (TableStatus: string) => ({ TableDescription: { TableStatus } });
const described = (TableStatus: string) => ({ Table: { TableStatus } });
const absent = resourceNotFound();
const inUse = resourceInUse('Table already exists: Notes');

describe('tables a database is opened with', () => {
  test.each([
    ['left alone when they are there', [described('ACTIVE')], ['DescribeTable']],
    ['left alone while they are imported', [described('CREATING')], ['DescribeTable']],
    ['made when they are not', [absent, created('ACTIVE')], ['DescribeTable', 'CreateTable']],
    [
      'waited for when they are being made',
      [absent, created('CREATING'), described('UPDATING'), described('ACTIVE')],
      ['DescribeTable', 'CreateTable', 'DescribeTable', 'DescribeTable'],
    ],
    [
      'waited for when another was quicker',
      [absent, inUse, described('ACTIVE')],
      ['DescribeTable', 'CreateTable', 'DescribeTable'],
    ],
  ])('are %s', async (_name, answers, expected) => {
    const { asked, call } = answering(...answers);
    await ensureTables({ call }, [input], scheduler);
    expect(asked).toEqual(expected);
  });

  test('that are refused end the opening', async () => {
    const { call } = answering(new DynamoError('ValidationException', 'no'));
    await expect(ensureTables({ call }, [input], scheduler)).rejects.toThrow('no');
  });

  test('that cannot be read end the opening', async () => {
    const { asked, call } = answering(new Error('lost'));
    await expect(ensureTables({ call }, [input], scheduler)).rejects.toThrow('lost');
    expect(asked).toEqual(['DescribeTable']);
  });

  test('that never become active end the opening', async () => {
    const { call } = answering(absent, inUse, described('UPDATING'));
    await expect(ensureTables({ call }, [input], scheduler)).rejects.toThrow(
      'The table Notes did not become active',
    );
  });
});
