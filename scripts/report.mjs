/**
 * The line that test programs end with, read and written: `N passed, N failed, N skipped`.
 */
import { relative } from 'node:path';

export const nothing = { passed: 0, failed: 0, skipped: 0 };

export function add(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

export function lineOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The counts in the last line of `output`; undefined when it has another form. */
export function countsIn(output) {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const match = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(last.trim());
  if (match === null) return undefined;
  const [passed, failed, skipped] = match.slice(1).map(Number);
  return { passed, failed, skipped };
}

/** What vitest's JSON report counts; a file that could not be loaded is one failure. */
export function countsOfVitest(report, exitCode) {
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    // An error outside of every test shows in the exit code alone.
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The names of what failed in vitest's JSON report, with the first line of why. */
export function failuresOfVitest(report) {
  return report.testResults.flatMap(({ name: path, status, message, assertionResults }) => {
    const name = relative('.', path);
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (status === 'failed' && assertionResults.length === 0) return [`${name}: ${first(message)}`];
    return failed.map((one) => `${name}: ${one.fullName}: ${first(one.failureMessages?.[0])}`);
  });
}

/** The lines of a test program's output that begin with `FAIL`, and the one after each. */
export function failuresIn(output) {
  const lines = output.split('\n');
  return lines.flatMap((line, at) => {
    return line.startsWith('FAIL') ? [`${line} ${(lines[at + 1] ?? '').trim()}`] : [];
  });
}

function first(text = '') {
  return text.split('\n')[0].slice(0, 300);
}
