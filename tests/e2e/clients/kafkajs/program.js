// KafkaJS as tests/e2e/clients/python/speech.py tells of all these programs; defaults but where a
// line says why.
//
//     node program.js BOOTSTRAP VERB ARGS...
'use strict'

// The library's word about its partitioner of version 2, said to everybody at every start.
process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'

const assert = require('node:assert/strict')
const { CompressionTypes, CompressionCodecs, ConfigResourceTypes, Kafka, logLevel } =
  require('kafkajs')
const lz4 = require('lz4-napi')
const snappy = require('kafkajs-snappy')
const zstd = require('@bokuweb/zstd-wasm')

CompressionCodecs[CompressionTypes.Snappy] = snappy
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from(zstd.compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from(zstd.decompress(buffer)),
})

const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}
// The shortest session that a broker takes by default: the test waits for it after a kill.
const SESSION = { sessionTimeout: 6000, heartbeatInterval: 500 }
const ADMIN_RECORDS = 30

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function text(bytes) {
  return bytes == null ? null : bytes.toString()
}

function sayRecord(partition, record) {
  const headers = Object.entries(record.headers ?? {}).map(([name, held]) => [name, text(held)])
  say({
    partition,
    offset: Number(record.offset),
    key: text(record.key),
    value: text(record.value),
    headers: Object.fromEntries(headers),
    timestamp: Number(record.timestamp),
  })
}

async function until(what, ask) {
  const end = Date.now() + 20_000
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    assert.ok(Date.now() < end, `not within 20 s: ${what}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}

async function produce(kafka, topic, codec, count, prefix) {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: Number(count) }, (_, number) => {
    const key = `${prefix}-${number}`
    return { key, value: `${key}:${'x'.repeat(100)}`, headers: { by: prefix } }
  })
  let produced = 0
  while (messages.length > 0) {
    const some = messages.splice(0, 500)
    const answers = await producer.send({ topic, compression: CODECS[codec], messages: some })
    for (const answer of answers) assert.equal(answer.errorCode, 0)
    produced += some.length
  }
  await producer.disconnect()
  say({ produced })
}

// The library reads in groups only: one of its own that commits nothing.
async function read(kafka, topic, count) {
  const groupId = `read-${process.pid}-${Date.now()}`
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  let left = Number(count)
  await new Promise((done, failed) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error))
    const eachMessage = async ({ partition, message }) => {
      if (left === 0) return
      sayRecord(partition, message)
      left -= 1
      if (left === 0) done()
    }
    consumer.run({ autoCommit: false, eachMessage }).catch(failed)
  })
  await consumer.disconnect()
}

async function member(kafka, topic, groupId) {
  const consumer = kafka.consumer({ groupId, ...SESSION })
  const crashed = new Promise((_, failed) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error))
  })
  let held = []
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    if (held.length > 0) say({ revoked: held })
    held = payload.memberAssignment[topic] ?? []
    say({ assigned: held })
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const eachBatch = async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
    if (!isRunning() || isStale() || batch.messages.length === 0) return
    for (const message of batch.messages) {
      sayRecord(batch.partition, message)
      resolveOffset(message.offset)
    }
    await heartbeat()
    const offset = String(BigInt(batch.lastOffset()) + 1n)
    await consumer.commitOffsets([{ topic, partition: batch.partition, offset }])
    say({ committed: { [batch.partition]: Number(offset) } })
  }
  await consumer.run({ autoCommit: false, eachBatch })
  process.stdin.resume()
  await Promise.race([crashed, new Promise((done) => process.stdin.once('end', done))])
  await consumer.disconnect()
}

async function times(kafka, topic, timestamp) {
  const admin = kafka.admin()
  await admin.connect()
  const ends = new Map()
  for (const { partition, high } of await admin.fetchTopicOffsets(topic)) ends.set(partition, high)
  for (const found of await admin.fetchTopicOffsetsByTimestamp(topic, Number(timestamp))) {
    // Where no record is as late, the library answers the end.
    const none = found.offset === ends.get(found.partition)
    say({ partition: found.partition, offset: none ? null : Number(found.offset) })
  }
  await admin.disconnect()
}

async function admin(kafka, prefix) {
  const client = kafka.admin()
  await client.connect()
  const [topic, group] = [`${prefix}-topic`, `${prefix}-group`]
  const done = (step, facts) => say({ step, ok: true, ...facts })
  const partitions = async () => {
    const { topics } = await client.fetchTopicMetadata({ topics: [topic] })
    return topics[0].partitions.length
  }
  const made = await client.createTopics({ topics: [{ topic, numPartitions: 3 }] })
  assert.equal(made, true)
  done('create_topic', { topic })
  assert.ok((await client.listTopics()).includes(topic))
  done('list_topics')
  assert.equal(await partitions(), 3)
  done('describe_topic')
  await configs(client, topic, done)
  await client.createPartitions({ topicPartitions: [{ topic, count: 6 }] })
  await until('partitions', async () => (await partitions()) === 6)
  done('create_partitions', { partitions: 6 })
  await groups(kafka, client, topic, group, done)
  await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] })
  const lows = await client.fetchTopicOffsets(topic)
  assert.equal(lows.find((one) => one.partition === 0).low, '5')
  done('delete_records', { low_watermark: 5 })
  const [deleted] = await client.deleteGroups([group])
  assert.equal(deleted.errorCode ?? 0, 0)
  done('delete_group')
  await client.deleteTopics({ topics: [topic] })
  assert.ok(!(await client.listTopics()).includes(topic), 'a deleted topic is listed')
  done('delete_topic')
  await client.disconnect()
}

async function configs(client, topic, done) {
  const type = ConfigResourceTypes.TOPIC
  const retention = async () => {
    const asked = { type, name: topic, configNames: ['retention.ms'] }
    const { resources } = await client.describeConfigs({ resources: [asked] })
    return resources[0].configEntries[0].configValue
  }
  const value = await retention()
  assert.equal(value, '604800000')
  done('describe_config', { value })
  const configEntries = [{ name: 'retention.ms', value: '3600000' }]
  await client.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] })
  await until('the new value', async () => (await retention()) === '3600000')
  done('alter_config', { value: '3600000' })
}

async function groups(kafka, client, topic, groupId, done) {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: ADMIN_RECORDS }, (_, n) => ({ value: `${n}`, partition: 0 }))
  await producer.send({ topic, messages })
  await producer.disconnect()
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  let got = 0
  await consumer.run({ eachMessage: async () => void (got += 1) })
  await until('all records', async () => got === ADMIN_RECORDS)
  assert.ok((await client.listGroups()).groups.some((one) => one.groupId === groupId))
  done('list_groups')
  const described = (await client.describeGroups([groupId])).groups[0]
  assert.deepEqual([described.state, described.members.length], ['Stable', 1])
  done('describe_group', { state: described.state })
  await consumer.disconnect()
  const [found] = await client.fetchOffsets({ groupId, topics: [topic] })
  const offset = found.partitions.find((one) => one.partition === 0).offset
  assert.equal(offset, String(ADMIN_RECORDS))
  done('group_offsets', { offset: Number(offset) })
}

async function codecs() {
  say({ codecs: Object.keys(CODECS) })
}

async function main() {
  const [bootstrap, verb, ...rest] = process.argv.slice(2)
  const verbs = { produce, read, member, times, admin, codecs }
  await zstd.init()
  await verbs[verb](new Kafka({ brokers: [bootstrap], logLevel: logLevel.WARN }), ...rest)
  process.exit(0)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
