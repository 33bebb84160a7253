// Fills one queue through the real package: bullmq.js PACKAGE PORT QUEUE PLAN
// The plan, in JSON: { complete, fail, waiting, delayed, prioritized, age (milliseconds), paused }.
'use strict';
const [name, port, queueName, planText] = process.argv.slice(2);
const plan = JSON.parse(planText);
const library = require(name);
const address = { host: '127.0.0.1', port: Number(port) };

const work = async (job) => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (job.name === 'fail') throw new Error('as planned');
};

// Bull's class is the module itself; BullMQ exports Queue and Worker.
function open() {
  if (typeof library === 'function') {
    const queue = new library(queueName, { redis: address });
    const worker = () => {
      queue.process('complete', work);
      queue.process('fail', work);
      return { close: () => queue.pause(true) };
    };
    return { queue, worker };
  }
  const queue = new library.Queue(queueName, { connection: address });
  const worker = () => {
    const worker = new library.Worker(queueName, work, { connection: address });
    worker.on('error', (error) => { console.error(error); process.exit(1); });
    return worker;
  };
  return { queue, worker };
}

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function addMany(queue, count, jobName, options) {
  for (let index = 0; index < count; index += 1) await queue.add(jobName, { index }, options);
}

async function main() {
  const { queue, worker } = open();
  const complete = plan.complete || 0;
  const fail = plan.fail || 0;
  if (complete + fail > 0) {
    const running = worker();
    await addMany(queue, complete, 'complete', {});
    await addMany(queue, fail, 'fail', {});
    await until(async () => {
      const counts = await queue.getJobCounts('completed', 'failed');
      return counts.completed === complete && counts.failed === fail;
    });
    await running.close();
  }
  if (plan.paused) await queue.pause();
  const age = plan.age || 0;
  const timestamp = Date.now() - age;
  await addMany(queue, plan.waiting || 0, 'wait', { timestamp });
  await addMany(queue, plan.prioritized || 0, 'wait', { timestamp, priority: 3 });
  await addMany(queue, plan.delayed || 0, 'wait', { delay: 3600000 });
  process.exit(0);
}

main().catch((error) => { console.error(error); process.exit(1); });
