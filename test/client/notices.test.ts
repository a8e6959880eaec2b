import { describe, expect, test } from 'vitest';
import { Notices } from '../../src/client/notices.ts';
import type { Notice, NoticeType } from '../../src/port/notice.ts';

const notice = (type: NoticeType, message = ''): Notice => ({ type, message });

describe('notices', () => {
  test('reach those who listen for their type, until they stop', async () => {
    const notices = new Notices();
    const heard: string[] = [];
    const stop = notices.on('reconnected', ({ message }) => heard.push(`one ${message}`));
    notices.on('reconnected', ({ message }) => heard.push(`two ${message}`));
    notices.on('closed', () => heard.push('closed'));
    notices.tell(notice('reconnected', 'a'));
    await Promise.resolve();
    stop();
    notices.tell(notice('reconnected', 'b'));
    await Promise.resolve();
    expect(heard).toEqual(['one a', 'two a', 'two b']);
  });

  test('that nobody has heard wait for the first who listens, and for nobody else', async () => {
    const notices = new Notices();
    notices.tell(notice('data-loss', 'first'));
    notices.tell(notice('closed'));
    const heard: Notice[] = [];
    notices.on('data-loss', (one) => heard.push(one));
    notices.on('data-loss', (one) => heard.push(one));
    await Promise.resolve();
    expect(heard).toEqual([notice('data-loss', 'first')]);
  });

  test('are kept in a bounded number, the newest', async () => {
    const notices = new Notices();
    for (let at = 0; at < 100; at += 1) notices.tell(notice('background-error', String(at)));
    const heard: string[] = [];
    notices.on('background-error', ({ message }) => heard.push(message));
    await Promise.resolve();
    expect([heard.length, heard[0], heard.at(-1)]).toEqual([16, '84', '99']);
  });
});
