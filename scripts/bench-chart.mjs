/**
 * The chart page of a benchmark: what `npm run bench -- --json` wrote, as one HTML file without
 * any other resource. Every chart is a table with bars in it, so it reads without seeing it.
 *
 * `node scripts/bench-chart.mjs docs/bench/figures.json docs/bench/index.html`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const style = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5a6475; --line: #d8dde6; --ground: #fff;
  --ours: #0b62c4; --raw: #5d6b80; --peer: #9aa7ba; --good: #0a6b38; --bad: #a32018; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf3; --soft: #a4afc0; --line: #343c4a;
  --ground: #12161d; --ours: #5ca8ff; --raw: #93a1b8; --peer: #5f6c81; --good: #5fd492;
  --bad: #ff8f85; } }
body { background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
p.about, caption small { color: var(--soft); }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; }
caption { font-weight: 600; padding-bottom: .25rem; text-align: left; }
caption small { display: block; font-weight: 400; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; }
th[scope=row] { font-weight: 400; width: 14rem; }
.ours th[scope=row] { font-weight: 700; }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.bar { width: 40%; } .bar span { background: var(--peer); border-radius: 2px; display: block;
  height: .8rem; min-width: 2px; }
.ours .bar span { background: var(--ours); } .raw .bar span { background: var(--raw); }
.yes { color: var(--good); font-weight: 600; } .no { color: var(--bad); font-weight: 600; }
@media (max-width: 40rem) { .bar, .spread { display: none; } }
`;

const titles = {
  base: 'Writes and reads',
  updates: 'Updates',
  beyond: 'Beyond the cache',
  'beyond-full': 'Beyond the cache, full size',
  cold: 'In a new browser process',
  tabs: 'Tabs',
  large: 'A large database',
};

export function chartPage(result) {
  const { date, environment, contenders, lines, counts, simulation, failures } = result;
  const { browser, cores, processor, memoryGB, node } = environment;
  const parts = [...new Set(lines.map(({ part }) => part))];
  const measuredNames = Object.keys(contenders).filter((name) =>
    lines.some(({ figures }) => figures[name] !== undefined),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tidetable: benchmark</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Benchmark</h1>
<p>${text(new Date(date).toUTCString())}. ${text(browser ?? 'no browser')}, ${cores} cores
(${text(processor ?? 'unknown')}), ${memoryGB} GB, Node ${text(node)}. Items of 300 bytes with 8
attributes and an index by city and time; medians, with the least and the most of the rounds. A
ratio says how many times as good as raw IndexedDB: above 1 is better.</p>
${wantedTable(lines)}
${contendersTable(contenders, measuredNames)}
${parts.map((part) => section(part, lines, contenders)).join('\n')}
${counts === undefined ? '' : countsSection(counts)}
${simulation === undefined ? '' : simulationSection(simulation)}
${failuresSection(failures, contenders)}
</main>
</body>
</html>
`;
}

function wantedTable(lines) {
  const rows = lines
    .filter(({ reached }) => reached !== undefined)
    .map((line) => {
      const { name, wanted, atMost, atLeast, unit, ratios, figures, reached } = line;
      const [is, goal] =
        wanted === undefined
          ? [
              `${figure(figures.tidetable.median)} ${unit}`,
              atMost === undefined
                ? `at least ${figure(atLeast)} ${unit}`
                : `at most ${figure(atMost)} ${unit}`,
            ]
          : [ratios.tidetable.toFixed(2), wanted.toFixed(2)];
      const mark = reached ? '<td class="yes">yes</td>' : '<td class="no">no</td>';
      return `<tr><th scope="row">${text(name)}</th>${number(is)}${number(goal)}${mark}</tr>`;
    });
  if (rows.length === 0) return '';
  return table(
    'What is wanted, and what is',
    'ratios to raw IndexedDB, or figures',
    ['Workload', 'Is', 'Wanted', 'Reached'],
    rows,
  );
}

function contendersTable(contenders, names) {
  const rows = names.map((name) => {
    const { label, durability, how } = contenders[name];
    const cells = [durability, how].map((cell) => `<td>${text(cell)}</td>`).join('');
    return `<tr><th scope="row">${text(label)}</th>${cells}</tr>`;
  });
  if (rows.length === 0) return '';
  return table(
    'Who is measured',
    'relaxed: an answered write survives the death of the browser, not power loss',
    ['Database', 'Durability', 'How it runs and is used'],
    rows,
  );
}

function section(part, lines, contenders) {
  const own = lines.filter((line) => line.part === part);
  const tables = own.map((line) => workloadTable(line, contenders));
  return `<section><h2>${text(titles[part] ?? part)}</h2>\n${tables.join('\n')}</section>`;
}

function workloadTable({ name, unit, about, figures, ratios }, contenders) {
  const most = Math.max(...Object.values(figures).map(({ median }) => median));
  const rows = Object.entries(figures).map(([each, { median, min, max }]) => {
    const kind = each === 'tidetable' ? 'ours' : each.startsWith('raw') ? 'raw' : 'peer';
    const width = ((median / most) * 100).toFixed(1);
    const ratio = ratios[each] === undefined ? '' : ratios[each].toFixed(2);
    return (
      `<tr class="${kind}"><th scope="row">${text(contenders[each].label)}</th>` +
      `<td class="bar" aria-hidden="true"><span style="width:${width}%"></span></td>` +
      `${number(figure(median))}<td class="number spread">${figure(min)} – ${figure(max)}</td>` +
      `${number(ratio)}</tr>`
    );
  });
  const better = unit === '/s' ? 'more is better' : 'less is better';
  const head = ['Database', undefined, unit, 'least – most', 'to raw'];
  return table(name, `${about}; ${unit}, ${better}`, head, rows);
}

function countsSection({ counts, holds }) {
  const [few, many] = counts;
  const pair = (a, b) => number(`${a.toFixed(2)} → ${b.toFixed(2)}`);
  const rows = many.operations.map((after, at) => {
    const before = few.operations[at];
    const cells = ['requests', 'pagesRead', 'recordsRead', 'recordsWritten'].map((name) =>
      pair(before[name], after[name]),
    );
    return `<tr><th scope="row">${text(after.operation)}</th>${cells.join('')}</tr>`;
  });
  const about =
    `heights of table and index ${few.heights.join(', ')} → ${many.heights.join(', ')}; the ` +
    `cache holds little but inner pages; grown no faster than the height: ${holds ? 'yes' : 'no'}`;
  const caption = `For an operation, ${figure(few.items)} items → ${figure(many.items)} items`;
  const head = ['Operation', 'Store requests', 'Pages read', 'In records', 'Records written'];
  return `<section><h2>Counted</h2>\n${table(caption, about, head, rows)}</section>`;
}

function simulationSection({ operations, cpuSeconds, perSecond, violations }) {
  const spent = `${figure(cpuSeconds)} s of one core's time`;
  return `<section><h2>Simulation</h2>
<p>${figure(operations)} operations of simulated clients in ${spent}:
<strong>${figure(perSecond)} a second</strong> (wanted: 5,000), ${violations} violations.</p>
</section>`;
}

function failuresSection(failures, contenders) {
  if (failures.length === 0) return '';
  const rows = failures.map(({ part, contender, message }) => {
    const label = text(contenders[contender].label);
    return `<tr><th scope="row">${label}</th><td>${text(part)}</td><td>${text(message)}</td></tr>`;
  });
  return table('What failed', 'no figures', ['Database', 'Part', 'Why'], rows);
}

function table(caption, about, head, rows) {
  // The bars' column has no name: they say again what the figures say.
  const names = head.map((name, at) => {
    if (name === undefined) return '<td class="bar" aria-hidden="true"></td>';
    const numbers = at > 0 && rows[0]?.includes('number') ? ' class="number"' : '';
    return `<th scope="col"${numbers}>${text(name)}</th>`;
  });
  return `<table><caption>${text(caption)}<small>${text(about)}</small></caption>
<thead><tr>${names.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>`;
}

function number(value) {
  return `<td class="number">${text(value)}</td>`;
}

function figure(value) {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

function text(value) {
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) throw new Error('usage: bench-chart.mjs JSON HTML');
  writeFileSync(to, chartPage(JSON.parse(readFileSync(from, 'utf8'))));
}
