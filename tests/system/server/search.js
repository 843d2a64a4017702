// A client of spoor-server in another language, written from agent/wire/wire.h alone: logs in, lists computers, opens one,
// searches it page by page.
//
//   search.js PORT CA NAME USER PASSWORD HOST EXPRESSION     prints one JSON object
'use strict';

const fs = require('fs');
let WebSocket;
try {
	WebSocket = require('ws');
} catch {
	console.error('node has no ws (Debian: node-ws)');
	process.exit(77);
}

const [port, ca, name, user, password, host, expression] = process.argv.slice(2);

class Connection {
	constructor(target) {
		this.calls = new Map();
		this.lastId = 0;
		this.news = () => {};
		this.socket = new WebSocket(`wss://127.0.0.1:${port}${target}`, {
			ca: fs.readFileSync(ca), servername: name, perMessageDeflate: false,
		});
		this.socket.on('message', (data, binary) => this.take(JSON.parse(data)));
	}

	static async open(target) {
		const c = new Connection(target);

		await new Promise((resolve, reject) => {
			c.socket.once('open', resolve);
			c.socket.once('error', reject);
		});
		const welcome = await c.call('hello', { protocol_min: 1, protocol_max: 1, program: 'node', version: '1', host: 'here' });
		if (welcome.type !== 'welcome')
			throw new Error(welcome.text);
		return c;
	}

	take(message) {
		const waiting = this.calls.get(message.id);

		if (!waiting)
			return this.news(message);
		if (message.type === 'alive' || message.type === 'progress')
			return undefined;
		this.calls.delete(message.id);
		return waiting(message);
	}

	call(type, members) {
		const id = ++this.lastId;

		this.socket.send(JSON.stringify({ v: 1, id, type, ...members }));
		return new Promise((resolve, reject) => {
			this.calls.set(id, (m) => m.type === 'error' ? reject(new Error(`${m.error}: ${m.text}`)) : resolve(m));
		});
	}
}

async function find(app) {
	for (let after = null; ;) {
		const page = await app.call('endpoint.list', { match: host, after, n: 2 });
		const found = page.endpoints.find((row) => row[1] === host && row[5] === 'here');

		if (found || !page.more)
			return found;
		after = page.endpoints.at(-1)[0];
	}
}

async function search(reader) {
	const everything = { where: expression, from: -62167219200000, to: 253402300800000 };
	const count = await reader.call('reader.count', { ...everything, step: 100 });
	const rows = [];

	for (let at = 0, skip = 0, more = true; more;) {
		const page = await reader.call('reader.page', { ...everything, newest: true, at, skip, n: 40 });

		rows.push(...page.rows);
		skip += page.rows.length;
		more = page.more;
	}
	return { total: count.total, rows: rows.map((row) => ({ id: row[0], time: row[1], executable: row[18], command: row[19] })) };
}

async function main() {
	const app = await Connection.open('/app');
	const { role } = await app.call('app.login', { user, password });
	const endpoint = await find(app);
	const { session, ticket } = await app.call('live.open', { endpoint: endpoint[0] });
	const reader = new Promise((resolve) => {
		Connection.open(`/data/${ticket}`).then((c) => {
			c.news = (m) => m.type === 'data.ready' && resolve(c);
		});
	});
	const found = await search(await reader);

	await app.call('live.close', { session });
	await app.call('app.logout', {});
	console.log(JSON.stringify({ role, host: endpoint[1], ...found }));
}

main().then(() => process.exit(0), (e) => {
	console.error(e.message);
	process.exit(1);
});
