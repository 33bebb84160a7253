// A small shop: an HTTP service on a pool of database connections, with a queue of mails and a worker.
// shop.js HTTP_PORT POSTGRES_PORT REDIS_PORT — states are caused over HTTP, see `causes`.
'use strict';
const http = require('http');
const { Client, Pool } = require('pg');
const { Queue, Worker } = require('bullmq');
const IORedis = require('ioredis');
const prometheus = require('prom-client');

const [port, postgresPort, redisPort] = process.argv.slice(2).map(Number);
const database = { host: '127.0.0.1', port: postgresPort, user: 'shop', database: 'postgres' };
const redisAddress = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null };
const pool = new Pool({ ...database, max: 5 });
const queue = new Queue('mail', { connection: redisAddress });
const redis = new IORedis(redisAddress);
for (const source of [pool, queue, redis]) source.on('error', () => {});

prometheus.collectDefaultMetrics();
const users = new prometheus.Gauge({ name: 'websocket_active_connections', help: 'Users on line' });
const seconds = new prometheus.Histogram({
  name: 'http_request_duration_seconds', help: 'Time to answer', labelNames: ['status_code'],
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});
users.set(40);

// Each job takes a quarter of a second; a worker takes two at a time: eight a second.
const worker = new Worker('mail', () => pause(250), { connection: redisAddress, concurrency: 2 });
worker.on('error', () => {});

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const held = [];
let jobs = null;
let burning = false;
let slow = null;

async function hold(count) {
  while (held.length > count) await held.pop().end().catch(() => {});
  while (held.length < count) {
    const client = new Client(database);
    client.on('error', () => {});
    try { await client.connect(); } catch { return; }
    held.push(client);
  }
}

function burn() {
  if (!burning) return;
  const until = Date.now() + 190;
  while (Date.now() < until);
  setTimeout(burn, 2);
}

async function lock(waiters) {
  const owner = new Client({ ...database, user: 'postgres' });
  owner.on('error', () => {});
  await owner.connect();
  await owner.query('BEGIN; UPDATE stock SET pieces = pieces WHERE id = 1');
  held.owner = owner;
  await hold(waiters);
  for (const client of held) client.query('UPDATE stock SET pieces = pieces WHERE id = 1').catch(() => {});
}

async function fill(megabytes) {
  for (let index = 0; index < megabytes; index += 1) await redis.set(`fill:${index}`, 'x'.repeat(1_000_000));
}

const causes = {
  users: async (count) => users.set(count),
  hold,
  burn: async (on) => { burning = on > 0; burn(); },
  jobs: async (rate) => {
    clearInterval(jobs);
    jobs = rate > 0 ? setInterval(() => queue.add('mail', {}).catch(() => {}), 1000 / rate) : null;
  },
  lock,
  unlock: async () => {
    if (held.owner) await held.owner.end();
    held.owner = null;
    await hold(0);
  },
  fill,
  empty: async () => { await redis.eval("for _, key in ipairs(redis.call('keys', 'fill:*')) do redis.call('del', key) end", 0); },
  slow: async (on) => {
    clearInterval(slow);
    slow = on > 0
      ? setInterval(() => pool.query('SELECT count(*), pg_sleep(1.5) FROM stock').catch(() => {}), 700)
      : null;
  },
};

// What users do all the time: five requests a second, each with a look into the stock.
setInterval(async () => {
  const end = seconds.startTimer();
  try {
    await pool.query('SELECT pieces FROM stock WHERE id = $1', [1 + Math.floor(Math.random() * 100)]);
    end({ status_code: 200 });
  } catch {
    end({ status_code: 500 });
  }
}, 200);

http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://shop');
  try {
    if (url.pathname === '/metrics') {
      const own = await prometheus.register.metrics();
      const mails = await Promise.race([queue.exportPrometheusMetrics(), pause(500).then(() => '')]).catch(() => '');
      response.end(own + mails);
    } else {
      await causes[url.pathname.slice(1)](Number(url.searchParams.get('n') || 0));
      response.end('done');
    }
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}).listen(port, '127.0.0.1');
