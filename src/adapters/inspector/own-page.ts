/**
 * What our own page looks like, after the reader's own setting. The frame lies over it, not to be seen until Stately's
 * inspector has come; were it hidden, a browser would not let it draw, and it might never say that it is there.
 */
export const style = `
:root { color-scheme: light dark; --ground: #fbfbfa; --box: #fff; --ink: #1c2430; --soft: #5c6675; --line: #d5dae1; --lit: #0b6b46; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181d; --box: #1f252d; --ink: #e8ecf1; --soft: #a3adba; --line: #39424d; --lit: #4cd39a; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; background: var(--ground); color: var(--ink); }
iframe { position: fixed; inset: 0; width: 100%; height: 100%; border: 0; opacity: 0; pointer-events: none; }
.stately iframe { opacity: 1; pointer-events: auto; } .stately main { display: none; }
main { padding: 12px 16px 56px; } h1 { font-size: 18px; margin: 0; } h2 { font-size: 14px; margin: 16px 0 6px; } p { margin: 4px 0; color: var(--soft); } code { font: 13px ui-monospace, Menlo, Consolas, monospace; color: var(--ink); }
.box { overflow: auto; max-height: 42vh; background: var(--box); border: 1px solid var(--line); border-radius: 8px; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: 4px 10px; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } th { position: sticky; top: 0; background: var(--box); color: var(--soft); font-weight: 600; }
td.active, td.done { color: var(--lit); } td.error, td.stopped { color: var(--bad); } td.at { width: 1%; white-space: nowrap; font-variant-numeric: tabular-nums; }
#state { position: fixed; right: 12px; bottom: 8px; padding: 4px 10px; border-radius: 6px; background: var(--box); color: var(--ink); border: 1px solid var(--soft); }
`;

/** Its markup: who there is, and what happens. */
export const markup = `<main>
<h1>Millrace: what the inspector is told</h1>
<p>Stately's inspector (stately.ai) has not answered yet; it takes this place when it does. Without internet it cannot: then this page shows the actors and their events, and <code>millrace console</code> the chart of each.</p>
<h2 id="who">Actors</h2>
<div class="box" tabindex="0" role="region" aria-labelledby="who"><table><thead><tr><th>Actor</th><th>State</th><th>Status</th><th>Last event</th><th>At</th></tr></thead><tbody id="actors"></tbody></table></div>
<p id="more"></p>
<h2 id="what">Events, the newest first</h2>
<div class="box" tabindex="0" role="region" aria-labelledby="what"><table><thead><tr><th>At</th><th>Actor</th><th>Event</th></tr></thead><tbody id="events"></tbody></table></div>
</main>`;

/** `own.take(message)` shows it, `own.forget()` begins anew. All text is set as text: names and events are not ours. */
export const script = `
const own = (() => {
  const [actorsShown, eventsShown] = [200, 300];
  const actors = new Map();
  let events = [];
  let planned = false;
  const byId = (id) => document.getElementById(id);
  const words = (value) => typeof value !== 'object' || value === null ? String(value)
    : Object.entries(value).map(([key, inner]) => words(inner) === '' ? key : key + '.' + words(inner)).join(' + ');
  const time = (at) => {
    const moment = new Date(at);
    return moment.toDateString() === new Date().toDateString() ? moment.toLocaleTimeString() : moment.toLocaleString();
  };
  const row = (...cells) => {
    const line = document.createElement('tr');
    for (const [text, look] of cells) {
      const cell = document.createElement('td');
      cell.textContent = text;
      if (look !== undefined) cell.className = look;
      line.append(cell);
    }
    return line;
  };
  const draw = () => {
    planned = false;
    const all = [...actors.values()].sort((a, b) => b.at - a.at);
    byId('actors').replaceChildren(...all.slice(0, actorsShown).map(({ name, value, status, last, at }) => row([name], [words(value)], [status, status], [last], [time(at), 'at'])));
    byId('more').textContent = all.length > actorsShown ? 'and ' + (all.length - actorsShown) + ' more, of which nothing has been heard for longer' : '';
    byId('events').replaceChildren(...events.map(({ at, name, type }) => row([time(at), 'at'], [name], [type])));
  };
  const soon = () => {
    if (!planned) requestAnimationFrame(draw);
    planned = true;
  };
  return {
    take({ type, sessionId, name, createdAt, event, snapshot }) {
      const before = actors.get(sessionId) ?? { name: sessionId, last: '' };
      const { value, status } = snapshot ?? before;
      actors.set(sessionId, { name: name ?? before.name, value, status, last: event?.type ?? before.last, at: Number(createdAt) });
      if (type === '@xstate.event') events = [{ at: Number(createdAt), name: before.name, type: event.type }, ...events].slice(0, eventsShown);
      soon();
    },
    forget() {
      actors.clear();
      events = [];
      soon();
    },
  };
})();
`;
