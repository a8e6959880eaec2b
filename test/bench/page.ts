/** The page of `npm run bench`: does one step of one contender when the runner asks for it. */
import {
  coldReads,
  coldScan,
  fill,
  fillLog,
  firstGet,
  firstGetInlined,
  openLarge,
} from './cold.ts';
import type { Contender } from './contender.ts';
import { loadContender } from './contenders.ts';
import { imports } from './import.ts';
import { besideLive, heard, listen, speak } from './live.ts';
import type { Figures, Task } from './measure.ts';
import { checkTab, openTab, tabGets, tabPuts } from './tabs.ts';
import { besideStream } from './streams.ts';
import {
  syncBootstrap,
  syncHeard,
  syncIdle,
  syncJoin,
  syncListen,
  syncPush,
  syncSpeak,
} from './sync.ts';
import { beyondCache, updates } from './updates.ts';
import { reads, reopened, writes } from './workloads.ts';

type Step = (contender: Contender, task: Task) => Promise<Figures>;

const steps: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['writes', writes],
  ['reads', reads],
  ['close', async (contender) => contender.close().then(() => ({}))],
  ['reopened', reopened],
  ['imports', imports],
  ['updates', updates],
  ['beyond-cache', beyondCache],
  ['fill', fill],
  ['first-get', firstGet],
  ['first-get-inlined', firstGetInlined],
  ['cold-scan', coldScan],
  ['cold-reads', coldReads],
  ['open-large', openLarge],
  ['fill-log', fillLog],
  ['open-tab', openTab],
  ['tab-puts', tabPuts],
  ['tab-gets', tabGets],
  ['check-tab', checkTab],
  ['beside-live', besideLive],
  ['beside-stream', besideStream],
  ['listen', listen],
  ['speak', speak],
  ['heard', heard],
  ['sync-join', syncJoin],
  ['sync-bootstrap', syncBootstrap],
  ['sync-push', syncPush],
  ['sync-listen', syncListen],
  ['sync-speak', syncSpeak],
  ['sync-heard', syncHeard],
  ['sync-idle', syncIdle],
]);

declare global {
  interface Window {
    bench(task: Task): Promise<Figures>;
  }
}

/** A contender lives as long as its page: the steps of a part go on with what the last one left. */
const living = new Map<string, Promise<Contender>>();

async function run(task: Task): Promise<Figures> {
  const step = steps.get(task.step);
  if (step === undefined) throw new Error(`no step ${task.step}`);
  let contender = living.get(task.contender);
  if (contender === undefined) {
    contender = loadContender(task.contender);
    living.set(task.contender, contender);
  }
  return step(await contender, task);
}

/** Of an error whose class has lost its name in a peer's build, what it says of itself. */
function told(error: unknown): Error {
  const { stack, message, reason, status } = error as Partial<Record<string, unknown>>;
  if (typeof stack === 'string' && stack.includes(String(message))) return error as Error;
  const text = [message, reason, status].filter((part) => part !== undefined);
  return new Error(text.length > 0 ? text.join(', ') : String(error), { cause: error });
}

window.bench = (task) => {
  return run(task).catch((error: unknown) => {
    throw told(error);
  });
};

// A page that is to be measured from its first moment on is told what to do in its address.
const asked = new URLSearchParams(location.search).get('task');
if (asked !== null) {
  void run(JSON.parse(asked) as Task).then(
    (figures) => {
      document.title = JSON.stringify({ figures });
    },
    (error: unknown) => {
      document.title = JSON.stringify({ error: String(error) });
    },
  );
} else {
  document.title = 'ready';
}
