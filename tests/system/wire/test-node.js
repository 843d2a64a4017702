// agent/wire against node's ws (Debian's node-ws): both roles, messages of all sizes, pings, close codes; and node's own
// HTTP client with requests that do not become WebSockets.
//
//   test-node.js PEER
'use strict';

const { spawn } = require('child_process');
const http = require('http');
const assert = require('assert');
let WebSocket;
try {
	WebSocket = require('ws');
} catch {
	console.log('node has no ws (Debian: node-ws)');
	process.exit(77);
}

const SIZES = [0, 1, 125, 126, 127, 1000, 65535, 65536, 300000];
const peer = process.argv[2];

const once = (what, name) => new Promise((resolve, reject) => {
	what.once(name, (...values) => resolve(values));
	what.once('error', reject);
});

async function echo(ws, data) {
	const coming = once(ws, 'message');

	if (data.length > 1000) { // in three fragments
		ws.send(data.subarray(0, 1), { fin: false, binary: true });
		ws.send(data.subarray(1, 700), { fin: false, binary: true });
		ws.send(data.subarray(700), { fin: true, binary: true });
	} else {
		ws.send(data);
	}
	const [got, binary] = await coming;
	assert(binary && got.equals(data), `${got.length} instead of ${data.length} bytes`);
}

async function everything(ws, code) {
	for (const size of SIZES)
		await echo(ws, Buffer.from(Array.from({ length: size }, (_, i) => i * 31 & 255)));
	const text = once(ws, 'message');
	ws.send('aä€𤭢');
	assert.equal((await text)[0].toString(), 'aä€𤭢');
	const pong = once(ws, 'pong');
	ws.ping('still there?');
	assert.equal((await pong)[0].toString(), 'still there?');
	const closed = once(ws, 'close');
	ws.close(code, 'done');
	assert.equal((await closed)[0], code);
}

function request(port, method, path, body) {
	return new Promise((resolve, reject) => {
		const headers = method === 'PUT' ? { 'Transfer-Encoding': 'chunked' } : {};
		const r = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, answer => {
			let text = '';
			answer.on('data', piece => { text += piece; });
			answer.on('end', () => resolve([answer.statusCode, text]));
		});
		r.on('error', reject);
		r.end(body);
	});
}

async function asClient() {
	const serving = spawn(peer, ['serve'], { stdio: ['ignore', 'pipe', 'inherit'] });
	try {
		const port = Number((await once(serving.stdout, 'data'))[0]);

		for (const code of [1000, 4000]) {
			const ws = new WebSocket(`ws://127.0.0.1:${port}/echo`, { perMessageDeflate: true });
			await once(ws, 'open');
			assert.equal(ws.extensions, '');
			await everything(ws, code);
		}
		assert.deepEqual(await request(port, 'GET', '/status'), [200, 'ok\n']);
		assert.deepEqual(await request(port, 'GET', '/none'), [404, '']);
		assert.deepEqual(await request(port, 'POST', '/up', 'x'.repeat(50000)), [200, 'x'.repeat(50000)]);
		assert.deepEqual(await request(port, 'PUT', '/up', 'y'.repeat(50000)), [200, 'y'.repeat(50000)]);
		assert.equal((await request(port, 'DELETE', '/up'))[0], 501);
	} finally {
		serving.kill('SIGKILL');
	}
}

async function asServer() {
	const server = new WebSocket.Server({ host: '127.0.0.1', port: 0 });
	await once(server, 'listening');
	const dialling = spawn(peer, ['dial', String(server.address().port)], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [ws] = await once(server, 'connection');
	const printed = once(dialling.stdout, 'data'), ended = once(dialling, 'exit');
	await everything(ws, 1001);
	assert.equal((await printed)[0].toString(), '1001\n');
	assert.equal((await ended)[0], 0);
	server.close();
}

asClient().then(asServer).then(() => console.log("node's ws as client and as server agrees"), error => {
	console.error(error);
	process.exit(1);
});
