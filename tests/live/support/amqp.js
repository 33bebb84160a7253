// Occupies queues of a broker and stays connected until it is killed: amqp.js PORT PLAN
// The plan, in JSON: { queue: { publish, take } }; what is taken is never confirmed.
'use strict';
const amqp = require('amqplib');
const [port, planText] = process.argv.slice(2);

async function occupy(connection, queue, { publish = 0, take = 0 }) {
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: false });
  for (let index = 0; index < publish; index += 1) channel.sendToQueue(queue, Buffer.from(`${index}`));
  await channel.waitForConfirms();
  if (take === 0) return;
  await channel.prefetch(take);
  await new Promise((resolve) => {
    let taken = 0;
    channel.consume(queue, () => { taken += 1; if (taken === take) resolve(); });
  });
}

async function main() {
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${port}`);
  for (const [queue, wishes] of Object.entries(JSON.parse(planText))) await occupy(connection, queue, wishes);
  console.log('settled');
}

main().catch((error) => { console.error(error); process.exit(1); });
