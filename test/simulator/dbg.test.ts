import { test } from 'vitest';
import { planOf } from './random-plan.ts';
import { simulate } from './simulate.ts';
test('dbg', async () => {
  const want = process.env.WANT ?? '', out: string[] = []; const start = Date.UTC(2026, 0, 1);
  await simulate(planOf(Number(process.env.SEED)), { sabotage: { parts: (p) => ({ ...p,
    log: { ...p.log, append: async (r, a) => { try { const x = await p.log.append(r, a); if (r.actor === want) out.push(`${p.clock.now()-start} appended ${r.seq} ${r.type} ${r.cause}`); return x; } catch (e) { if (r.actor === want) out.push(`${p.clock.now()-start} append failed ${r.seq} ${r.type} ${e}`); throw e; } } },
    queue: { ...p.queue, consume: (t, on) => p.queue.consume(t, (d) => { if (`${d.type}/${d.actorId}` !== want) return on(d); const now = () => p.clock.now() - start; out.push(`${now()} got ${d.command} ${d.id} #${d.deliveries}`); on({ ...d, ack: async () => { out.push(`${now()} ack ${d.command} ${d.id}`); try { await d.ack(); out.push(`${now()} acked ${d.command}`); } catch (e) { out.push(`${now()} ack failed ${d.command} ${e}`); throw e; } }, retry: (ms) => { out.push(`${now()} retry ${d.command} ${ms}`); d.retry(ms); } }); }) } as typeof p.queue,
    logger: { debug() {}, info() {}, warn: (f, m) => { if (JSON.stringify(f).includes(want)) out.push(`${p.clock.now()-start} warn ${m} ${JSON.stringify(f)}`); }, error: (f, m) => { if (JSON.stringify(f).includes(want)) out.push(`${p.clock.now()-start} error ${m} ${JSON.stringify(f)}`); } } }) } });
  console.log(out.slice(Number(process.env.A ?? 0), Number(process.env.B ?? 120)).join('\n'));
}, 100_000);
